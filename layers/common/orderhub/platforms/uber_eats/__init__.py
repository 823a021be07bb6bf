"""Uber Eats Marketplace (and Postmates, one of its brands): food and grocery orders.

Webhooks carry ids only; the order is fetched. Two generations of the API are in use at once, and the link in each
webhook tells which one an order belongs to: "v1" is the Order Fulfillment API 1.0.0 (`/v1/delivery/...`), "v2" the
classic one (`/v2/eats/order/...` to read, `/v1/eats/orders/...` to act). https://developer.uber.com/docs/eats
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from orderhub.errors import HubError
from orderhub.order.models import Order
from orderhub.platforms.base import (
    Connection,
    Credentials,
    Operation,
    Platform,
    Reading,
    Settings,
    TokenRequest,
)
from orderhub.platforms.http_types import Reply, Request
from orderhub.platforms.signing import Hmac
from orderhub.platforms.uber_eats import webhook
from orderhub.platforms.uber_eats.statuses import ACCEPT_WITHIN

# https://developer.uber.com/docs/eats/guides/webhooks: the key is the client secret, the message the raw body.
_SIGNATURE = Hmac(headers=("x-uber-signature",), digest="sha256", encoding="hex", key="text")

# https://developer.uber.com/docs/eats/guides/authentication
_TOKEN_LIFETIME = timedelta(days=30)
_SCOPES = (
    "eats.order eats.store eats.store.orders.read eats.store.status.write eats.store.orders.restaurantdelivery.status"
)


class UberEatsCredentials(Credentials):
    """The app's credentials. client_secret signs webhooks, too; old_client_secrets: still valid while it rotates."""

    client_id: str
    client_secret: SecretStr
    old_client_secrets: list[SecretStr] = []


class UberEatsSettings(Settings):
    """What can be chosen for a connection.

    environment: whose events are taken; the orders of a sandbox connection are marked as tests. hosts: domains that
    `resource_href` may point to, apart from base_url's. generation: of an order whose webhook does not tell.
    classic_ready: tell readiness of v2 orders by the v1 call, as the classic API has none. poll_states: v1 states that
    the poll asks for. poll_days: how long ago an order may have been placed to be polled, at most 60.
    """

    base_url: str = "https://api.uber.com"
    token_url: str = "https://auth.uber.com/oauth/v2/token"  # noqa: S105  (an address)
    scopes: str = _SCOPES
    environment: Literal["production", "sandbox"] = "production"
    hosts: tuple[str, ...] = ("uber.com",)
    generation: Literal["v1", "v2"] = "v1"
    classic_ready: bool = True
    poll_states: str = "OFFERED,ACCEPTED"
    poll_days: int = Field(default=14, ge=1, le=60)


class UberEats(Platform[UberEatsCredentials, UberEatsSettings]):
    """The adapter."""

    slug = "uber_eats"
    name = "Uber Eats"
    docs_url = "https://developer.uber.com/docs/eats/introduction"
    accept_within = ACCEPT_WITHIN
    poll_every = timedelta(minutes=5)
    why: ClassVar[Mapping[str, str]] = {
        Operation.BAGGING: "to Uber an accepted order is one in preparation; it has no step in between",
        Operation.REFUND: "Uber decides on refunds itself and offers no call for them",
        Operation.ADD_TRACKING: "its orders travel with couriers, not as parcels",
        Operation.SET_STOCK: "its menu knows items on sale and items suspended, not how many there are",
    }
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.FETCH: "client.fetch",
        Operation.POLL: "client.poll",
        Operation.VERIFY_CONNECTION: "client.verify_connection",
        Operation.ACCEPT: "actions.accept",
        Operation.DENY: "actions.deny",
        Operation.CANCEL: "actions.cancel",
        Operation.READY: "actions.ready",
        Operation.PICKED_UP: "actions.picked_up",
        Operation.COMPLETE: "actions.complete",
        Operation.SET_READY_TIME: "actions.set_ready_time",
        Operation.EDIT_CART: "edits.edit_cart",
        Operation.SET_ITEM_AVAILABILITY: "client.set_item_availability",
        Operation.SET_STORE_STATUS: "client.set_store_status",
    }
    Credentials = UberEatsCredentials
    Settings = UberEatsSettings

    def credentials_for(self, secret: str) -> UberEatsCredentials:
        """Credentials that know nothing but the client secret, which signs webhooks."""
        return UberEatsCredentials(client_id="", client_secret=SecretStr(secret))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """HMAC-SHA256 of the raw body with a client secret, in hex of either case. Raises NotAuthentic."""
        _SIGNATURE.verify(request, request.body, _secrets(connection))

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the signature header that Uber would send with this body."""
        return request.with_headers(_SIGNATURE.sign(request.body, _secrets(connection)[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The messages in a notification; the answer is 200 with an empty body. Raises Quarantine."""
        return webhook.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps an order of either generation, v1 in its wrapper or bare. Raises Quarantine."""
        from orderhub.platforms.uber_eats import mapper  # noqa: PLC0415  (webhooks carry no orders)

        return mapper.to_order(payload, connection)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest:
        """Client credentials; tokens live 30 days, and Uber allows 100 requests for them an hour."""
        return TokenRequest(
            url=connection.settings.token_url,
            form={
                "client_id": connection.credentials.client_id,
                "client_secret": connection.credentials.client_secret.get_secret_value(),
                "grant_type": "client_credentials",
                "scope": connection.settings.scopes,
            },
            lifetime=_TOKEN_LIFETIME,
        )

    def refusal(self, reply: Reply) -> HubError:
        """Reads Uber's error body: Retry with the interval it recommends, Misconfigured, or Reject with its code."""
        from orderhub.platforms.uber_eats import refusals  # noqa: PLC0415

        return refusals.read(reply) or super().refusal(reply)

    # --- about orders ------------------------------------------------------------------------------------------------

    def why_not(self, operation: Operation, order: Order) -> str | None:
        """Also what the API that this order belongs to does not have."""
        from orderhub.platforms.uber_eats import actions  # noqa: PLC0415  (webhooks tell nothing)

        return super().why_not(operation, order) or actions.why_not(operation, order, order.source.get("generation"))


def _secrets(connection: Connection[Any, Any]) -> list[str]:
    credentials = connection.credentials
    return [secret.get_secret_value() for secret in (credentials.client_secret, *credentials.old_client_secrets)]


PLATFORM = UberEats()
