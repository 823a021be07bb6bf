"""Uber Eats Marketplace (and Postmates, one of its brands): food and grocery orders.

Webhooks carry ids only; the order is fetched. Two generations of the API are in use at once, and the link in each
webhook tells which one an order belongs to: "v1" is the Order Fulfillment API 1.0.0 (`/v1/delivery/...`), "v2" the
classic one (`/v2/eats/order/...` to read, `/v1/eats/orders/...` to act). https://developer.uber.com/docs/eats
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from orderhub.errors import HubError
from orderhub.order.messages import OrderReference
from orderhub.order.models import Order
from orderhub.platforms.base import (
    CartEdit,
    Connection,
    Credentials,
    Done,
    Fetched,
    ItemAvailability,
    Operation,
    Page,
    Platform,
    Reading,
    Settings,
    TokenRequest,
)
from orderhub.platforms.http_types import Http, Reply, Request
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
    Credentials = UberEatsCredentials
    Settings = UberEatsSettings

    def credentials_for(self, secret: str) -> UberEatsCredentials:
        """Credentials that know nothing but the client secret, which signs webhooks."""
        return UberEatsCredentials(client_id="", client_secret=SecretStr(secret))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """HMAC-SHA256 of the raw body with a client secret, in hex of either case. Raises NotAuthentic."""
        _SIGNATURE.verify(request, request.body, _secrets(connection))

    def sign(self, request: Request, connection: Connection[Any, Any]) -> dict[str, str]:
        """The signature header that Uber would send with this body."""
        return _SIGNATURE.sign(request.body, _secrets(connection)[0])

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

    # --- reads -----------------------------------------------------------------------------------------------------

    def fetch(self, reference: OrderReference, connection: Connection[Any, Any], http: Http, now: datetime) -> Fetched:
        """Reads one whole order. Uber gives orders no version: that of what is read is the moment of asking."""
        from orderhub.platforms.uber_eats import client  # noqa: PLC0415

        return client.fetch(reference, connection, http, now)

    def poll(self, cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
        """Reads a page of the open v1 orders of one store after the other, for webhooks that got lost."""
        from orderhub.platforms.uber_eats import client  # noqa: PLC0415

        return client.poll(cursor, connection, http, now)

    def verify_connection(self, connection: Connection[Any, Any], http: Http) -> Done:
        """Reads one order of the first store on the map. Raises Misconfigured when there is no store."""
        from orderhub.platforms.uber_eats import client  # noqa: PLC0415

        return client.verify(connection, http)

    # --- what the store tells ----------------------------------------------------------------------------------------

    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Takes the order. The ready time goes along when the store has promised one and Uber lets it be set."""
        return self._act(Operation.ACCEPT, order, connection, http)

    def deny(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Turns the order down with Uber's word for `order.status_reason`."""
        return self._act(Operation.DENY, order, connection, http)

    def cancel(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Cancels an accepted order with Uber's word for `order.status_reason`."""
        return self._act(Operation.CANCEL, order, connection, http)

    def ready(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the order can be handed off."""
        return self._act(Operation.READY, order, connection, http)

    def set_ready_time(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells a new `order.ready_at`; v1 orders only, accepted and not yet ready."""
        return self._act(Operation.SET_READY_TIME, order, connection, http)

    def picked_up(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the store's own courier is on the way. Raises Unsupported for orders that Uber delivers."""
        return self._act(Operation.PICKED_UP, order, connection, http)

    def complete(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the store's own courier has delivered. Raises Unsupported for orders that Uber delivers."""
        return self._act(Operation.COMPLETE, order, connection, http)

    def edit_cart(self, order: Order, edits: Sequence[CartEdit], connection: Connection[Any, Any], http: Http) -> Done:
        """Reports lines that cannot be had. At a restaurant the customer then decides what becomes of them."""
        from orderhub.platforms.uber_eats import edits as cart_edits  # noqa: PLC0415

        return cart_edits.edit_cart(order, edits, connection, http)

    def set_item_availability(self, change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
        """Suspends a menu item at one store, or ends that. Raises Reject while no menu was uploaded."""
        from orderhub.platforms.uber_eats import client  # noqa: PLC0415

        return client.set_item_availability(change, http)

    def set_store_status(
        self,
        store_external_id: str,
        *,
        is_open: bool,
        until: datetime | None,
        connection: Connection[Any, Any],
        http: Http,
    ) -> Done:
        """Puts a store online or offline."""
        from orderhub.platforms.uber_eats import client  # noqa: PLC0415

        return client.set_store_status(store_external_id, http, is_open=is_open, until=until)

    def _act(self, operation: Operation, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        from orderhub.platforms.uber_eats import actions  # noqa: PLC0415

        return actions.perform(operation, order, connection, http)


def _secrets(connection: Connection[Any, Any]) -> list[str]:
    credentials = connection.credentials
    return [secret.get_secret_value() for secret in (credentials.client_secret, *credentials.old_client_secrets)]


PLATFORM = UberEats()
