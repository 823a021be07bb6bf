"""Square: online orders, orders of apps, and the sales of the Point of Sale app, all behind one Orders API.

https://developer.squareup.com/docs/orders-api/what-it-does
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured, NotAuthentic
from orderhub.order.messages import OrderReference
from orderhub.order.models import Order
from orderhub.platforms.base import (
    CartEdit,
    Connection,
    Done,
    Fetched,
    ItemAvailability,
    Page,
    Platform,
    Reading,
    RefundRequest,
    StockLevel,
    TokenRequest,
)
from orderhub.platforms.http_types import Http, Reply, Request
from orderhub.platforms.signing import Hmac
from orderhub.platforms.square import events
from orderhub.platforms.square.config import SquareCredentials, SquareSettings

# https://developer.squareup.com/docs/webhooks/step3validate ; the older SHA-1 header that may come with it proves less
# and is not looked at.
SIGNATURE = Hmac(("x-square-hmacsha256-signature",), encoding="base64")


class Square(Platform[SquareCredentials, SquareSettings]):
    """Square and Square Point of Sale."""

    slug: ClassVar[str] = "square"
    name: ClassVar[str] = "Square"
    docs_url: ClassVar[str] = "https://developer.squareup.com/docs/orders-api/what-it-does"
    poll_every: ClassVar[timedelta | None] = timedelta(minutes=5)
    exact_versions = True
    why: ClassVar[Mapping[str, str]] = {
        "bagging": "between in progress and ready it has no further step",
        "set_store_status": "its API cannot pause a location; opening hours are kept in the Dashboard",
    }
    Credentials = SquareCredentials
    Settings = SquareSettings

    def credentials_for(self, secret: str) -> SquareCredentials:
        """Credentials with this signature key and nothing else."""
        return SquareCredentials(signature_keys=(SecretStr(secret),))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """Checks the signature over the notification URL and the raw body. Raises NotAuthentic."""
        if not request.body:
            raise NotAuthentic("no body")
        if not connection.settings.notification_url:
            raise NotAuthentic("the connection has no notification_url to check against")
        keys = (key.get_secret_value() for key in connection.credentials.signature_keys)
        SIGNATURE.verify(request, _signed(request, connection), keys)

    def sign(self, request: Request, connection: Connection[Any, Any]) -> dict[str, str]:
        """The signature Square would send with this body. Raises Misconfigured without a signature key."""
        keys = connection.credentials.signature_keys
        if not keys:
            raise Misconfigured("this connection to Square has no signature key")
        return SIGNATURE.sign(_signed(request, connection), keys[0].get_secret_value())

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The messages in an authentic request. Raises Quarantine."""
        return events.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps what GET /v2/orders/{id} answers. Raises Quarantine, Ignore (drafts, open tickets, returns)."""
        from orderhub.platforms.square import mapper  # noqa: PLC0415  (webhooks carry no orders)

        return mapper.to_order(payload, connection)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest | None:
        """A refresh of the OAuth token, unless there is a personal one. Raises Misconfigured when there is neither.

        https://developer.squareup.com/reference/square/o-auth-api/obtain-token
        """
        known = connection.credentials
        if known.access_token is not None:
            return None
        if not (known.client_id and known.client_secret and known.refresh_token):
            raise Misconfigured("Square needs an access_token, or client_id, client_secret and refresh_token")
        form = {
            "client_id": known.client_id,
            "client_secret": known.client_secret.get_secret_value(),
            "grant_type": "refresh_token",
            "refresh_token": known.refresh_token.get_secret_value(),
        }
        return TokenRequest(f"{self.base_url(connection)}/oauth2/token", form, as_json=True, lifetime=timedelta(days=7))

    def authorization(self, connection: Connection[Any, Any], token: str | None) -> Mapping[str, str]:
        """The token, and the version of the API that these calls are written for."""
        own = connection.credentials.access_token
        bearer = token or (own.get_secret_value() if own else None)
        proof = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return {**proof, "Square-Version": connection.settings.api_version}

    def refusal(self, reply: Reply) -> HubError:
        """The error in Square's error body."""
        from orderhub.platforms.square import refusals  # noqa: PLC0415

        return refusals.error_of(reply) or super().refusal(reply)

    # --- reads -----------------------------------------------------------------------------------------------------

    def fetch(self, reference: OrderReference, connection: Connection[Any, Any], http: Http, now: datetime) -> Fetched:
        """Reads an order, and its customer where the order only names one. Raises Ignore when there is none."""
        from orderhub.platforms.square import reading  # noqa: PLC0415

        return reading.fetch(reference, connection, http)

    def poll(self, cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
        """Reads the orders updated since the last poll, one page a call."""
        from orderhub.platforms.square import polling  # noqa: PLC0415

        return polling.poll(cursor, connection, http, now)

    def verify_connection(self, connection: Connection[Any, Any], http: Http) -> Done:
        """Reads the merchant's locations."""
        from orderhub.platforms.square import reading  # noqa: PLC0415

        return reading.verify(connection, http)

    # --- what the store tells Square -------------------------------------------------------------------------------

    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Puts the fulfillment in progress."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.accept(order, http)

    def deny(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Cancels what nobody has begun."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.cancel(order, http, "deny")

    def cancel(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Cancels the fulfillment, and the order where it is not paid."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.cancel(order, http, "cancel")

    def ready(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Marks the fulfillment as prepared."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.ready(order, http)

    def picked_up(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Marks the fulfillment as completed."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.picked_up(order, http)

    def complete(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Completes the order, once it is paid."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.complete(order, http)

    def set_ready_time(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Moves the time of pickup, or of the delivery where it would come too early."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.set_ready_time(order, http)

    def add_tracking(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Writes carrier and tracking code into the shipment."""
        from orderhub.platforms.square import client  # noqa: PLC0415

        return client.add_tracking(order, http)

    def edit_cart(self, order: Order, edits: Sequence[CartEdit], connection: Connection[Any, Any], http: Http) -> Done:
        """Changes lines of an order that is not paid."""
        from orderhub.platforms.square import cart  # noqa: PLC0415

        return cart.edit(order, edits, http)

    def refund(self, order: Order, refund: RefundRequest, connection: Connection[Any, Any], http: Http) -> Done:
        """Gives money back on the payments it was paid with."""
        from orderhub.platforms.square import refunds  # noqa: PLC0415

        return refunds.refund(order, refund, http)

    def set_item_availability(self, change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
        """Counts an item as none left, or as back."""
        from orderhub.platforms.square import stock  # noqa: PLC0415

        return stock.set_item_availability(change, connection, http)

    def set_stock(self, level: StockLevel, connection: Connection[Any, Any], http: Http) -> Done:
        """Counts an item."""
        from orderhub.platforms.square import stock  # noqa: PLC0415

        return stock.set_stock(level, http)


def _signed(request: Request, connection: Connection[Any, Any]) -> bytes:
    return str(connection.settings.notification_url).encode() + request.body


PLATFORM = Square()
