"""What the store tells OpenTable about a reservation that the hub has booked.

https://github.com/opentable/slate (OpenTable Developer's Guide, "Sending Updates to OpenTable", "Echo backs")
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.errors import Misconfigured, Reject, Retry, Unsupported
from orderhub.order.ids import digest
from orderhub.order.models import Order
from orderhub.order.times import zone
from orderhub.platforms.base import Connection, Done, Operation
from orderhub.platforms.http_types import Http
from orderhub.platforms.opentable import polling
from orderhub.platforms.opentable.settings import NO_RESTAURANT, OpenTableConnection, restaurants
from orderhub.platforms.opentable.statuses import CANCELLED, NOT_SHOWN_UP, PUSH, SEATED, SYNC, plain, why_untold
from orderhub.runtime import now

_NAME = "OpenTable"
_UPDATE = "/resoupdate/resoupdate"


def accept(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the table is booked: the echo by which OpenTable finds bookings that it knows nothing of."""
    return _update(Operation.ACCEPT, order, connection.settings.booked_state, connection, http)


def cancel(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the restaurant has cancelled, or that the guests did not come."""
    said = plain((order.status_reason.details if order.status_reason else None) or "")
    absent = any(plain(word) in said for word in connection.settings.no_show_words if plain(word))
    return _update(Operation.CANCEL, order, NOT_SHOWN_UP if absent else CANCELLED, connection, http)


def picked_up(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the guests have been seated."""
    return _update(Operation.PICKED_UP, order, SEATED, connection, http)


def set_ready_time(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the guests are expected at another time."""
    return _update(Operation.SET_READY_TIME, order, connection.settings.booked_state, connection, http)


def verify_connection(connection: Connection[Any, Any], http: Http) -> Done:
    """Reads one reservation of a restaurant in sync mode. Raises Unsupported when there is none.

    Raises Misconfigured as well when no restaurant is on the map, or one of those in push mode has no seats to give.
    """
    if not connection.stores:
        raise Misconfigured(NO_RESTAURANT)
    full = [rid for rid in restaurants(connection, PUSH) if not connection.settings.restaurant(rid).seats]
    if full:
        raise Misconfigured(f"restaurant {full[0]} has no seats to give: set `seats`")
    read = restaurants(connection, SYNC)
    if read:
        return polling.read_one(read[0], http)
    raise Unsupported(
        Operation.VERIFY_CONNECTION, _NAME, "it has no read for restaurants in push mode; the first booking shows it"
    )


def _update(operation: Operation, order: Order, state: str, connection: OpenTableConnection, http: Http) -> Done:
    """One update of a reservation, with all that may have changed of it."""
    why = why_untold(order)
    if why is not None:
        raise Unsupported(operation, _NAME, why)
    at = order.ready_at if order.promised_at else order.scheduled_for
    size = order.reservation.party_size if order.reservation else None
    changed_at = order.updated_at or now()
    body = {
        "ConfirmationNumber": int(order.external_id),
        "DateTime": _minute(at, connection.store(order.store_external_id).time_zone) if at else None,
        "PartySize": size,
        "ReservationState": state,
        "RID": int(order.store_external_id or 0),
        "SequenceNumber": 0,
        connection.settings.update_time_field: _minute(changed_at, "UTC"),
    }
    try:
        http.request(
            "POST",
            connection.settings.update_url + _UPDATE,
            json={name: value for name, value in body.items() if value is not None},
            headers={"X-Request-Id": digest(order.id, state, str(order.version))},  # the same when it is tried again
        )
    except Reject as refusal:
        if refusal.code == "HTTP_404":  # no such path or booking elsewhere; here their database is down
            raise Retry("OpenTable cannot reach its database") from refusal
        raise
    return Done()


def _minute(at: datetime, time_zone: str) -> str:
    """`2015-07-03 19:00` on the clock of a zone."""
    return at.astimezone(zone(time_zone)).replace(tzinfo=None).isoformat(" ", "minutes")
