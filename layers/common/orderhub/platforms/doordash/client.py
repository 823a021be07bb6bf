"""What the store tells DoorDash about an order.

https://developer.doordash.com/en-US/docs/marketplace/how_to/order_integration
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from orderhub.order.models import Item, Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import Connection, Done
from orderhub.platforms.doordash import READY_PATH
from orderhub.platforms.doordash.statuses import CANCEL_OTHER, CANCELS, DENIALS, SWITCHES_OFF
from orderhub.platforms.http_types import Http
from orderhub.platforms.pieces import path_part, rfc3339

Body = dict[str, Any]


def order_path(order: Order, action: str = "") -> str:
    """The path of an order, by DoorDash's own id of it."""
    return f"/api/v1/orders/{path_part(order.external_id)}{action}"


def accept(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Takes the order. DoorDash keeps our id of it, and sends it back when the order is cancelled."""
    body: Body = {"merchant_supplied_id": order.id, "order_status": "success"}
    # Until the store promises a time, ready_at is DoorDash's own estimate: told back, it would inflate the next ones.
    # Scheduled orders take none.
    if order.promised_at is not None and order.ready_at is not None and order.scheduled_for is None:
        body["prep_time"] = rfc3339(order.ready_at)
    if connection.settings.pickup_instructions:
        body["pickup_instructions"] = connection.settings.pickup_instructions
    http.request("PATCH", order_path(order), json=body)
    return Done(note="accepted", ids={"client_order_id": order.id})


def deny(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Turns the order down, in the words that DoorDash asks for, and with its code."""
    reason = order.status_reason or StatusReason()
    code, wording = DENIALS[reason.code or CancelReason.OTHER]
    missing = list(_missing(order.items, reason)) if reason.code is CancelReason.OUT_OF_STOCK else []
    errors = [_error(code, item.sku or "", _unavailable(item)) for item in missing]
    failure = "; ".join(error["message"] for error in errors) or wording or _words(reason)
    body = {
        "merchant_supplied_id": order.id,
        "order_status": "fail",
        "failure_reason": failure,
        # An error has to name what it is about: the store, where it is no item.
        "errors": errors or [_error(code, order.store_external_id or "", _words(reason))],
    }
    http.request("PATCH", order_path(order), json=body)
    return Done(note="denied")


def cancel(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Gives up an order that was accepted. With two of the reasons DoorDash switches the store off for a while."""
    reason = order.status_reason or StatusReason()
    code = reason.code or CancelReason.OTHER
    body = {"cancel_reason": CANCELS.get(code, CANCEL_OTHER), "cancel_details": _words(reason)}
    http.request("PATCH", order_path(order, "/cancellation"), json=body)
    return Done(note="; ".join(["cancelled", *([SWITCHES_OFF[code]] if code in SWITCHES_OFF else [])]))


def ready(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the order waits for the Dasher."""
    http.request("PATCH", order_path(order, READY_PATH), json={"merchant_supplied_id": order.id})
    return Done(note="ready")


def _missing(items: Sequence[Item], reason: StatusReason) -> Iterator[Item]:
    """The lines and options that the reason names."""
    for item in items:
        if item.id in reason.items:
            yield item
        yield from _missing(item.modifiers, reason)


def _unavailable(item: Item) -> str:
    return f"Item Unavailable - {item.name} - {item.sku or ''} - Out of stock"


def _error(code: str, about: str, message: str) -> dict[str, str]:
    return {"code": code, "merchant_supplied_id": about, "message": message}


def _words(reason: StatusReason) -> str:
    return reason.details or (reason.code or CancelReason.OTHER).replace("_", " ").capitalize()
