"""What a connection to a WooCommerce shop needs, and what can be chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from orderhub.order.status import Status
from orderhub.platforms import base
from orderhub.platforms.base import Connection


def _without_slash(url: str) -> str:
    return url.rstrip("/")


Url = Annotated[str, Field(max_length=500), AfterValidator(_without_slash)]
Slug = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_-]*)?$", max_length=40)]


class WooCommerceCredentials(base.Credentials):
    """consumer_key, consumer_secret: the REST API key, with Read/Write. webhook_secrets: any proves, newest first."""

    consumer_key: SecretStr
    consumer_secret: SecretStr
    webhook_secrets: tuple[SecretStr, ...] = Field(min_length=1)


class WooCommerceSettings(base.Settings):
    """Choices for one shop: every merchant hosts their own, with plugins of their own."""

    base_url: Url = Field("", description="The shop's home URL, https://shop.example.com")
    shop_url: Url = Field("", description="Its home URL as its webhooks name it, if that is another one")
    pretty_permalinks: bool = Field(
        default=True, description="Off for a shop with plain permalinks, whose API answers only under ?rest_route="
    )
    key_in_query: bool = Field(
        default=False, description="Send the API key in the query: some hosts drop the Authorization header"
    )

    statuses: Mapping[Slug, Status] = Field({}, description="What the shop's own statuses mean here, by slug")
    on_hold_is_incoming: bool = Field(
        default=False, description="Orders that wait for a bank transfer or a review come in, too"
    )
    accepted_status: Slug = Field("processing", description="The status an order gets when staff accept it")
    bagging_status: Slug = Field("", description="The same when it is being prepared; empty for a note alone")
    ready_status: Slug = Field("", description="The same when it is ready; empty for a note alone")

    pickup_methods: tuple[str, ...] = Field(
        ("local_pickup", "pickup_location"), description="Shipping methods by which customers come themselves"
    )
    brought_as: Literal["delivery", "shipping"] = Field(
        "delivery", description="What all other shipping methods mean: the shop's own courier, or parcels"
    )
    tip_words: tuple[str, ...] = Field(
        ("tip", "gratuity", "juomaraha"), description="A fee with one of these words in its name is a tip"
    )
    collect_methods: tuple[str, ...] = Field(("cod",), description="Payment methods collected when it is handed over")

    schedule_keys: tuple[str, ...] = Field(
        (), description="Meta keys in which a plugin keeps when the order is wanted, the day first"
    )
    schedule_formats: tuple[str, ...] = Field(
        ("%Y-%m-%d %H:%M", "%Y-%m-%d"), description="How their values read together, as strptime formats"
    )
    kept_meta: tuple[str, ...] = Field(
        ("_delivery_date", "_delivery_time", "pickup_date"), description="Meta keys whose values are kept as they are"
    )
    pickup_point_keys: tuple[str, ...] = Field(
        ("_woo_carrier_agent_id", "_wc_posti_pickup_id", "_wc_schenker_pickup_id", "_budbee_locker"),
        description="Meta keys in which a carrier's plugin keeps the pickup point",
    )

    ready_time_meta: str = Field("", max_length=100, description="Meta key that is given the ready time, if any")
    tracking_meta: str = Field(
        "_wc_shipment_tracking_items", max_length=100, description="Meta key of the Shipment Tracking extension"
    )
    api_refund: bool = Field(default=True, description="Refunds go through the payment gateway; off: only booked")
    restock_on_refund: bool = Field(default=True, description="Refunded lines are for sale again")
    first_poll_hours: int = Field(24, ge=1, le=24 * 60, description="How far back the first poll looks")

    @property
    def own_statuses(self) -> Mapping[str, Status]:
        """What the statuses mean that we give orders ourselves."""
        ours = {
            self.ready_status: Status.READY,
            self.bagging_status: Status.BAGGING,
            self.accepted_status: Status.ACCEPTED,
        }
        return {slug: status for slug, status in ours.items() if slug}


ShopConnection = Connection[WooCommerceCredentials, WooCommerceSettings]
