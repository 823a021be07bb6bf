"""Shopify: online shops and their tills. Orders come whole as webhooks; all we tell goes through the GraphQL Admin API.

https://shopify.dev/docs/apps/build/webhooks, https://shopify.dev/docs/api/admin-graphql
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured
from orderhub.order.models import Order
from orderhub.platforms.base import (
    Connection,
    Operation,
    Platform,
    Reading,
    TokenRequest,
)
from orderhub.platforms.http_types import Call, Reply, Request
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
    # Shopify does not tell denying from cancelling.
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.FETCH: "reads.fetch",
        Operation.POLL: "reads.poll",
        Operation.VERIFY_CONNECTION: "reads.verify_connection",
        Operation.ACCEPT: "client.accept",
        Operation.DENY: "client.cancel",
        Operation.CANCEL: "client.cancel",
        Operation.READY: "fulfilment.ready",
        Operation.PICKED_UP: "fulfilment.picked_up",
        Operation.COMPLETE: "fulfilment.complete",
        Operation.ADD_TRACKING: "fulfilment.add_tracking",
        Operation.EDIT_CART: "client.edit_cart",
        Operation.REFUND: "refunds.refund",
        Operation.SET_ITEM_AVAILABILITY: "inventory.set_item_availability",
        Operation.SET_STOCK: "inventory.set_stock",
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

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the signature as the app's current secret makes it."""
        secret = connection.credentials.client_secret.get_secret_value()
        return request.with_headers(_SIGNATURE.sign(request.body, secret))

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

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """The access token, in a header of Shopify's own."""
        fixed = connection.credentials.access_token
        value = fixed.get_secret_value() if fixed is not None else token
        return call.with_headers({"X-Shopify-Access-Token": value}) if value else call

    def refusal(self, reply: Reply) -> HubError:
        """A shop that is closed, unpaid or unknown is for people to settle; the rest as everywhere."""
        from orderhub.platforms.shopify import graphql  # noqa: PLC0415

        return graphql.refusal(reply) or super().refusal(reply)


PLATFORM = Shopify()
