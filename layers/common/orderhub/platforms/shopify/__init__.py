"""Shopify: online shops and their tills. Orders come whole as webhooks; all we tell goes through the GraphQL Admin API.

https://shopify.dev/docs/apps/build/webhooks, https://shopify.dev/docs/api/admin-graphql
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured
from orderhub.order.messages import OrderReference
from orderhub.order.models import Order
from orderhub.platforms.base import (
    CartEdit,
    Connection,
    Done,
    Fetched,
    ItemAvailability,
    Operation,
    Page,
    Platform,
    Reading,
    RefundRequest,
    StockLevel,
    TokenRequest,
)
from orderhub.platforms.http_types import Http, Reply, Request
from orderhub.platforms.shopify import mapper, topics
from orderhub.platforms.shopify.settings import Credentials as ShopifyCredentials
from orderhub.platforms.shopify.settings import Settings as ShopifySettings
from orderhub.platforms.signing import Hmac

# https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
_SIGNATURE = Hmac(headers=("x-shopify-hmac-sha256", "shopify-hmac-sha256"), encoding="base64")


class Shopify(Platform[ShopifyCredentials, ShopifySettings]):
    """One shop. Nobody waits for its orders to be accepted, so there is no deadline."""

    slug = "shopify"
    name = "Shopify"
    docs_url = "https://shopify.dev/docs/api/admin-graphql"
    poll_every = timedelta(minutes=15)
    exact_versions = True
    why: ClassVar[Mapping[str, str]] = {
        Operation.BAGGING: "it has no step between taken and ready",
        Operation.SET_READY_TIME: "an order has no field for the time it is ready",
        Operation.SET_STORE_STATUS: "a shop cannot be paused through the API; take its locations or products off sale",
    }
    Credentials = ShopifyCredentials
    Settings = ShopifySettings

    def credentials_for(self, secret: str) -> ShopifyCredentials:
        """Credentials of an app with this client secret, which cannot call."""
        return ShopifyCredentials(client_secret=SecretStr(secret))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """Compares the signature of the raw body. Raises NotAuthentic."""
        _SIGNATURE.verify(request, request.body, connection.credentials.webhook_secrets)

    def sign(self, request: Request, connection: Connection[Any, Any]) -> dict[str, str]:
        """The signature as the app's current secret makes it."""
        return _SIGNATURE.sign(request.body, connection.credentials.client_secret.get_secret_value())

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The messages of one webhook. Raises Quarantine."""
        return topics.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps an order of a webhook or of the GraphQL API. Raises Quarantine, Ignore when it is not to be made."""
        return mapper.to_order(mapper.read_order(payload), connection)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def base_url(self, connection: Connection[Any, Any]) -> str:
        """The shop's own host. Raises Misconfigured when no shop is set."""
        settings: ShopifySettings = connection.settings
        if not settings.base_url and not settings.shop:
            raise Misconfigured("set the shop's myshopify.com domain")
        return settings.base_url.rstrip("/") or f"https://{settings.shop}"

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest | None:
        """Client credentials, unless a fixed token is given. Tokens live for 24 hours."""
        # https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
        credentials: ShopifyCredentials = connection.credentials
        if credentials.access_token is not None:
            return None
        if not credentials.client_id:
            raise Misconfigured("set the app's client_id, or a fixed access_token")
        return TokenRequest(
            url=f"{self.base_url(connection)}/admin/oauth/access_token",
            form={
                "grant_type": "client_credentials",
                "client_id": credentials.client_id,
                "client_secret": credentials.client_secret.get_secret_value(),
            },
            lifetime=timedelta(seconds=86_399),
        )

    def authorization(self, connection: Connection[Any, Any], token: str | None) -> Mapping[str, str]:
        """The header with the access token."""
        fixed = connection.credentials.access_token
        if fixed is not None:
            return {"X-Shopify-Access-Token": fixed.get_secret_value()}
        return {"X-Shopify-Access-Token": token} if token else {}

    def refusal(self, reply: Reply) -> HubError:
        """A shop that is closed, unpaid or unknown is for people to settle; the rest as everywhere."""
        from orderhub.platforms.shopify import graphql  # noqa: PLC0415

        return graphql.refusal(reply) or super().refusal(reply)

    # --- reads -----------------------------------------------------------------------------------------------------

    def fetch(self, reference: OrderReference, connection: Connection[Any, Any], http: Http, now: datetime) -> Fetched:
        """Reads one order with its fulfillment orders. Raises Reject ORDER_NOT_FOUND."""
        from orderhub.platforms.shopify import reads  # noqa: PLC0415

        return reads.fetch(reference, connection, http)

    def poll(self, cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
        """References to the orders that changed since the cursor, with their version, oldest first."""
        from orderhub.platforms.shopify import reads  # noqa: PLC0415

        return reads.poll(cursor, connection, http, now)

    def verify_connection(self, connection: Connection[Any, Any], http: Http) -> Done:
        """Reads the shop's name."""
        from orderhub.platforms.shopify import reads  # noqa: PLC0415

        return reads.verify_connection(connection, http)

    # --- what the store tells the shop ------------------------------------------------------------------------------

    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tags the order: Shopify has no step for it. Raises Unsupported when no tag is set."""
        from orderhub.platforms.shopify import client  # noqa: PLC0415

        return client.accept(order, connection, http)

    def deny(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Cancels the order: Shopify does not tell the two apart."""
        from orderhub.platforms.shopify import client  # noqa: PLC0415

        return client.cancel(order, connection, http)

    def cancel(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Cancels the order, gives the payment back and restocks, as the settings say. It cannot be undone."""
        from orderhub.platforms.shopify import client  # noqa: PLC0415

        return client.cancel(order, connection, http)

    def ready(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells the customer that the goods wait. Raises Unsupported for an order that is not picked up."""
        from orderhub.platforms.shopify import fulfilment  # noqa: PLC0415

        return fulfilment.ready(order, connection, http)

    def picked_up(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Fulfills what is open, with the parcels known by then."""
        from orderhub.platforms.shopify import fulfilment  # noqa: PLC0415

        return fulfilment.picked_up(order, connection, http)

    def complete(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Fulfills what is open, and tells that what was brought has arrived."""
        from orderhub.platforms.shopify import fulfilment  # noqa: PLC0415

        return fulfilment.complete(order, connection, http)

    def add_tracking(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Puts the order's parcels on its fulfillment, which is made when there is none."""
        from orderhub.platforms.shopify import fulfilment  # noqa: PLC0415

        return fulfilment.add_tracking(order, connection, http)

    def edit_cart(self, order: Order, edits: Sequence[CartEdit], connection: Connection[Any, Any], http: Http) -> Done:
        """Removes lines or lowers their quantity, all in one edit. Raises Unsupported for a substitute."""
        from orderhub.platforms.shopify import client  # noqa: PLC0415

        return client.edit_cart(order, edits, connection, http)

    def refund(self, order: Order, refund: RefundRequest, connection: Connection[Any, Any], http: Http) -> Done:
        """Gives money back by the way it came; the same `key` never does it twice."""
        from orderhub.platforms.shopify import refunds  # noqa: PLC0415

        return refunds.refund(order, refund, connection, http)

    def set_item_availability(self, change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
        """Sets the stock of an item to 0, or back to the number in the settings."""
        from orderhub.platforms.shopify import inventory  # noqa: PLC0415

        return inventory.set_item_availability(change, connection, http)

    def set_stock(self, level: StockLevel, connection: Connection[Any, Any], http: Http) -> Done:
        """Sets how many of an item a location has."""
        from orderhub.platforms.shopify import inventory  # noqa: PLC0415

        return inventory.set_stock(level, connection, http)


PLATFORM = Shopify()
