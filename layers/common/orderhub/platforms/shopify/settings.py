"""What a connection to a Shopify shop needs, and what can be chosen for it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from orderhub.order.models import Fulfillment
from orderhub.platforms import base

_DOMAIN = ".myshopify.com"


def _full_domain(shop: str) -> str:
    return shop if not shop or shop.endswith(_DOMAIN) else shop + _DOMAIN


Shop = Annotated[
    str, Field(pattern=r"^([a-z0-9][a-z0-9-]*(\.myshopify\.com)?)?$", max_length=80), AfterValidator(_full_domain)
]


class Credentials(base.Credentials):
    """Proof in both directions.

    client_secret: of the app; signs its webhooks, and with client_id gets access tokens. previous_client_secret: the
    one before, while webhooks may still be signed with it. notification_secret: of webhooks made by hand in the shop's
    admin (Settings, Notifications). access_token: the fixed token (`shpat_...`) of an app made in the shop's admin; it
    takes the place of client_id.
    """

    client_secret: SecretStr = Field(min_length=1)
    client_id: str = ""
    previous_client_secret: SecretStr | None = None
    notification_secret: SecretStr | None = None
    access_token: SecretStr | None = None

    @property
    def webhook_secrets(self) -> list[str]:
        """Every secret that may have signed a webhook, the current one first."""
        given = (self.client_secret, self.previous_client_secret, self.notification_secret)
        return [secret.get_secret_value() for secret in given if secret is not None and secret.get_secret_value()]


class Settings(base.Settings):
    """Choices for one shop; what is not documented, or differs from shop to shop, is here."""

    shop: Shop = Field("", description="The shop's myshopify.com domain, or its first part")
    api_version: str = Field("2026-10", pattern=r"^(\d{4}-\d{2}|unstable)$", description="Admin API version to call")

    fulfillment_with_address: Fulfillment = Field(
        Fulfillment.DELIVERY,
        description="How an order with a shipping address travels, where only a webhook is known: they do not say",
    )
    fulfillment_without_address: Fulfillment = Field(
        Fulfillment.PICKUP, description="The same for an order without a shipping address"
    )
    read_through_api: bool = Field(
        default=False,
        description="Take order webhooks as hints and read each order through the API, which alone knows the delivery "
        "method, its time window and the location that has to make it",
    )
    delivered_ends_delivery: bool = Field(
        default=False,
        description="A local delivery is completed when Shopify says it is delivered, not when it is fulfilled",
    )
    split_shipments: bool = Field(
        default=False,
        description="Orders may leave in several parcels: news of one parcel does not move the order, which is read "
        "through the API instead",
    )
    test_orders: Literal["keep", "drop"] = Field("keep", description="What becomes of orders marked as tests")
    manual_gateways: tuple[str, ...] = Field(
        ("Cash on Delivery (COD)", "Money Order", "Bank Deposit", "Manual", "Cash"),
        description="Payment methods that are collected by hand, as Shopify names them; add your own ones",
    )
    date_attributes: tuple[str, ...] = Field(
        ("Delivery-Date", "Pickup-Date"), description="Order attributes that hold the day the customer asked for"
    )
    time_attributes: tuple[str, ...] = Field(
        ("Delivery-Time", "Pickup-Time"), description="Order attributes that hold the time of that day"
    )
    date_formats: tuple[str, ...] = Field(
        ("%Y-%m-%d", "%Y/%m/%d"), description="How the day is written, as strptime formats; the first that fits"
    )
    time_formats: tuple[str, ...] = Field(
        ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"), description="How the time is written"
    )

    accepted_tag: str = Field("accepted", max_length=40, description="Tag that tells in Shopify that staff took it")
    notify_customer: bool = Field(default=True, description="Shopify writes to the customer when we act on an order")
    restock_on_cancel: bool = Field(
        default=True, description="A cancelled order's goods are for sale again, unless they were out of stock"
    )
    refund_on_cancel: bool = Field(default=True, description="A cancelled order's payment is given back")
    location_id: str = Field(
        "", pattern=r"^\d*$", description="Shopify location whose stock is set, unless one is named"
    )
    stock_name: Literal["available", "on_hand"] = Field("available", description="Which of its quantities stock sets")
    back_in_stock_quantity: int | None = Field(
        None, gt=0, lt=10**9, description="How many there are when an item is said to be available again"
    )
    page_size: int = Field(100, ge=1, le=250, description="Orders on one page of the poll")
    first_poll_hours: int = Field(24, ge=1, le=24 * 60, description="How far back the first poll looks")
