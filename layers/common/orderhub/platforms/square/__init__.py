"""Square: online orders, orders of apps, and the sales of the Point of Sale app, all behind one Orders API.

https://developer.squareup.com/docs/orders-api/what-it-does
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured, NotAuthentic
from orderhub.order.models import Order
from orderhub.platforms.base import (
    Connection,
    Operation,
    Platform,
    Reading,
    TokenRequest,
)
from orderhub.platforms.http_types import Call, Reply, Request
from orderhub.platforms.signing import Hmac
from orderhub.platforms.square import events, versions
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
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.FETCH: "reading.fetch",
        Operation.POLL: "polling.poll",
        Operation.VERIFY_CONNECTION: "reading.verify_connection",
        Operation.ACCEPT: "client.accept",
        Operation.DENY: "client.deny",
        Operation.CANCEL: "client.cancel",
        Operation.READY: "client.ready",
        Operation.PICKED_UP: "client.picked_up",
        Operation.COMPLETE: "client.complete",
        Operation.SET_READY_TIME: "client.set_ready_time",
        Operation.ADD_TRACKING: "client.add_tracking",
        Operation.EDIT_CART: "cart.edit_cart",
        Operation.REFUND: "refunds.refund",
        Operation.SET_ITEM_AVAILABILITY: "stock.set_item_availability",
        Operation.SET_STOCK: "stock.set_stock",
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

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with Square's signature. Raises Misconfigured without a signature key."""
        keys = connection.credentials.signature_keys
        if not keys:
            raise Misconfigured("this connection to Square has no signature key")
        return request.with_headers(SIGNATURE.sign(_signed(request, connection), keys[0].get_secret_value()))

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

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """The token, and the version of the API that these calls are written for."""
        own = connection.credentials.access_token
        versioned = call.with_headers({"Square-Version": connection.settings.api_version})
        return super().authorize(versioned, connection, token or (own.get_secret_value() if own else None))

    def refusal(self, reply: Reply) -> HubError:
        """The error in Square's error body."""
        from orderhub.platforms.square import refusals  # noqa: PLC0415

        return refusals.error_of(reply) or super().refusal(reply)

    def why_not(self, operation: Operation, order: Order) -> str | None:
        """Orders of the Point of Sale app cannot be changed from outside."""
        return versions.WHY_POS if versions.is_of_point_of_sale(order) else super().why_not(operation, order)


def _signed(request: Request, connection: Connection[Any, Any]) -> bytes:
    return str(connection.settings.notification_url).encode() + request.body


PLATFORM = Square()
