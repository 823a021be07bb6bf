"""OpenTable: reservations. A reservation is an order to dine in: guests and a time, no items and no money.

They come in one of two ways. In sync mode the hub reads them from OpenTable and can tell it nothing. In push mode the
hub is the restaurant's book: OpenTable asks it for each table, and the answer is the booking.
https://docs.opentable.com , https://github.com/opentable/slate (the guide for those who keep the book)
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, Operation, Platform, Reading, TokenRequest
from orderhub.platforms.http_types import Answer, Reply, Request
from orderhub.platforms.opentable import booking, mapper, proof, sync
from orderhub.platforms.opentable.settings import OpenTableCredentials, OpenTableSettings
from orderhub.platforms.opentable.statuses import SYNC, why_untold

# "Obtaining an Access Token": the answer says how long a token lives, four weeks in the guide.
_TOKEN_LIFETIME = timedelta(hours=1)

# "Authorizing Requests": `error` of an answer -> what a person has to do about it.
_OUR_FAULT: Mapping[str, str] = {
    "invalid_request": "OpenTable got no access token: check client_id, client_secret and token_url",
    "invalid_token": "OpenTable does not take the access token: check client_id, client_secret and token_url",
    "unknown_client_id": "OpenTable does not know client_id; production is granted to each id by itself",
}
_NOT_THEIRS = "no_rid_routing"


class OpenTable(Platform[OpenTableCredentials, OpenTableSettings]):
    """The adapter."""

    slug = "opentable"
    name = "OpenTable"
    docs_url = "https://docs.opentable.com"
    poll_every = timedelta(minutes=5)
    why: ClassVar[Mapping[str, str]] = {
        Operation.FETCH: "its calls carry the whole reservation, and so do the rows of Sync",
        Operation.DENY: "a table is refused in the answer to OpenTable itself; what is booked can only be cancelled",
        Operation.BAGGING: "its updates know no step between booked and seated",
        Operation.READY: "its updates know no step between booked and seated",
        Operation.COMPLETE: "its updates end with seated; they have no word for guests who have left",
        Operation.EDIT_CART: "a reservation has no items",
        Operation.REFUND: "a reservation has no money in it",
        Operation.SET_ITEM_AVAILABILITY: "a restaurant's tables are no items",
        Operation.SET_STORE_STATUS: "in push mode the hub's own settings say when tables are given out",
        Operation.ADD_TRACKING: "nothing is sent to guests",
        Operation.SET_STOCK: "a restaurant's tables are no items",
    }
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.POLL: "polling.poll",
        Operation.VERIFY_CONNECTION: "client.verify_connection",
        Operation.ACCEPT: "client.accept",
        Operation.CANCEL: "client.cancel",
        Operation.PICKED_UP: "client.picked_up",
        Operation.SET_READY_TIME: "client.set_ready_time",
    }
    Credentials = OpenTableCredentials
    Settings = OpenTableSettings

    def credentials_for(self, secret: str) -> OpenTableCredentials:
        """Credentials that know nothing but a secret of OpenTable's calls."""
        return OpenTableCredentials(webhook_secrets=(SecretStr(secret),))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """A secret where the settings say, from an address that they allow. Raises NotAuthentic."""
        proof.verify(request, connection)

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the newest secret where the settings say. Raises Misconfigured without one."""
        return proof.sign(request, connection)

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """What OpenTable asks for, to be decided; or the reservations of a kept page of Sync. Raises Quarantine."""
        if request.method != "GET" and proof.call_in_path(request, connection) is None:
            body = request.json()
            if sync.is_page(body):
                return sync.read(body, connection)
        return booking.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps a row of Sync. Raises Quarantine, and Ignore for a state nobody knows."""
        return mapper.to_order(payload, connection)

    def quarantine_answer(self, request: Request) -> Answer:
        """A refusal: what nobody could read must not count as booked."""
        return booking.refusal(request)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest:
        """Client credentials, in a Basic header."""
        client = f"{connection.credentials.client_id}:{connection.credentials.client_secret.get_secret_value()}"
        return TokenRequest(
            url=connection.settings.token_url,
            form={"grant_type": "client_credentials"},
            headers={"Authorization": "Basic " + b64encode(client.encode()).decode()},
            lifetime=_TOKEN_LIFETIME,
        )

    def refusal(self, reply: Reply) -> HubError:
        """Reads `error` of the body: Misconfigured, or Reject NO_RID_ROUTING for a restaurant that is not ours."""
        error, message = _error_in(reply)
        if reply.status in (400, 401, 403) and error in _OUR_FAULT:
            return Misconfigured(_OUR_FAULT[error])
        if error == _NOT_THEIRS:
            return Reject(_NOT_THEIRS.upper(), "OpenTable gives this client no right to the restaurant")
        found = super().refusal(reply)
        return Reject(found.code, f"{found}: {message}") if isinstance(found, Reject) and message else found

    # --- reads -----------------------------------------------------------------------------------------------------

    def poll_interval(self, settings: Any) -> timedelta | None:
        """Five minutes, unless no restaurant is in sync mode."""
        modes = {settings.mode, *(settings.restaurant(rid).mode for rid in settings.restaurants)}
        return self.poll_every if SYNC in modes else None

    # --- about the adapter itself -------------------------------------------------------------------------------------

    def why_not(self, operation: Operation, order: Order) -> str | None:
        """Why OpenTable is not told: what is read from it is changed in Guest Center."""
        return why_untold(order) or super().why_not(operation, order)


def _error_in(reply: Reply) -> tuple[str, str]:
    """`error` of the body, and what it says in words."""
    try:
        body = reply.json()
    except Quarantine:
        return "", ""
    told = body if isinstance(body, dict) else {}
    return str(told.get("error", "")), str(told.get("message") or told.get("error") or "")[:200]


PLATFORM = OpenTable()
