"""What the store tells Uber about an order, in both generations, as a table of calls.

v1: https://developer.uber.com/docs/eats/api/v1/post-delivery-order-orderid-accept and its neighbours.
v2: https://developer.uber.com/docs/eats/references/api/v1/post-eats-order-orderid-acceptposorder and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from orderhub.errors import Reject, Unsupported
from orderhub.order.models import DeliveredBy, Item, Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import Connection, Done, Operation
from orderhub.platforms.http_types import Http
from orderhub.platforms.pieces import path_part, rfc3339
from orderhub.platforms.uber_eats.client import generation_of
from orderhub.platforms.uber_eats.statuses import CANCEL_V2, DENY_V2, OTHER_SPELLING, REASONS_V1

_NAME = "Uber Eats"
_V1 = "/v1/delivery/order/{order_id}"
_CLASSIC = "/v1/eats/orders/{order_id}"
_COURIER = _CLASSIC + "/restaurantdelivery/status"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Call:
    """bodies: what to send, and what to try next when Uber answers 400 to it. note: a sentence for staff."""

    path: str
    bodies: Callable[[Order], Sequence[Body]]
    note: str
    ids: Callable[[Order], Mapping[str, str]] = lambda _: {}


def _perform(operation: Operation, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Makes the call. Raises Unsupported when Uber has none for this order, Reject, Retry, Misconfigured."""
    generation = generation_of(order.source, connection)
    why = why_not(operation, order, generation)
    if operation is Operation.READY and generation == "v2" and not connection.settings.classic_ready:
        why = "its classic API has no such call, and `classic_ready` is off"
    if why is not None:
        raise Unsupported(operation, _NAME, why)
    call = _CALLS[operation, generation]
    path = call.path.format(order_id=path_part(order.external_id))
    *first, last = call.bodies(order)
    for body in first:
        try:
            http.request("POST", path, json=body)
        except Reject as refusal:
            if refusal.details.get("status") != 400:
                raise
        else:
            return Done(note=call.note, ids=call.ids(order))
    http.request("POST", path, json=last)
    return Done(note=call.note, ids=call.ids(order))


accept = partial(_perform, Operation.ACCEPT)
deny = partial(_perform, Operation.DENY)
cancel = partial(_perform, Operation.CANCEL)
ready = partial(_perform, Operation.READY)
picked_up = partial(_perform, Operation.PICKED_UP)
complete = partial(_perform, Operation.COMPLETE)
set_ready_time = partial(_perform, Operation.SET_READY_TIME)


def why_not(operation: Operation, order: Order, generation: str | None) -> str | None:
    """Why Uber cannot be told this of the order; None when it can. generation: None when it is not known."""
    if operation in (Operation.PICKED_UP, Operation.COMPLETE) and order.delivered_by is not DeliveredBy.STORE:
        return "it sees to that itself unless the store's own courier delivers"
    told_in = {there for one, there in _CALLS if one is operation}
    return "its classic API has no such call" if generation and told_in and generation not in told_in else None


# --- bodies ---------------------------------------------------------------------------------------------------------


def _accept_v1(order: Order) -> Sequence[Body]:
    """With the time the store has promised; without it when Uber does not want it, or it has passed by now."""
    body = {"external_reference_id": order.id}
    promised = _promised(order)
    if promised is None or order.source.get("can_adjust_ready_time") == "no":
        return [body]
    return [{"ready_for_pickup_time": rfc3339(promised), **body}, body]


def _accept_v2(order: Order) -> Sequence[Body]:
    body = {"reason": "Accepted by the store", "external_reference_id": order.id}
    promised = _promised(order)
    return [body] if promised is None else [{**body, "pickup_time": int(promised.timestamp())}, body]


def _promised(order: Order) -> datetime | None:
    """The time the store itself has promised; until it does, `ready_at` is Uber's own estimate."""
    return order.ready_at if order.promised_at is not None else None


def _deny_v1(order: Order) -> Sequence[Body]:
    return [{"deny_reason": reason} for reason in _reasons_v1(order)]


def _cancel_v1(order: Order) -> Sequence[Body]:
    return [{"cancellation_reason": reason} for reason in _reasons_v1(order)]


def _reasons_v1(order: Order) -> Sequence[Body]:
    reason = _reason(order)
    kind = REASONS_V1[reason.code or CancelReason.OTHER]
    body: Body = {"type": kind, "info": _words(reason)}
    items = _missing_items(order)
    if items:
        body["item_metadata"] = {"invalid_item": [_invalid_item(item) for item in items]}
    spelled = [kind, OTHER_SPELLING[kind]] if kind in OTHER_SPELLING else [kind]
    return [{**body, "type": spelling} for spelling in spelled]


def _invalid_item(item: Item) -> Body:
    told = {"id": item.external_id, "type": "OUT_OF_ITEM", "info": item.name, "external_id": item.sku}
    return {name: value for name, value in told.items() if value}


def _deny_v2(order: Order) -> Sequence[Body]:
    reason = _reason(order)
    body: Body = {"code": DENY_V2[reason.code or CancelReason.OTHER], "explanation": _words(reason)}
    missing = [item.external_id for item in _missing_items(order) if item.external_id]
    return [{"reason": {**body, **({"out_of_stock_items": missing} if missing else {})}}]


def _cancel_v2(order: Order) -> Sequence[Body]:
    reason = _reason(order)
    return [{"reason": CANCEL_V2[reason.code or CancelReason.OTHER], "details": _words(reason)}]


def _reason(order: Order) -> StatusReason:
    return order.status_reason or StatusReason(code=CancelReason.OTHER)


def _words(reason: StatusReason) -> str:
    code = reason.code or CancelReason.OTHER
    return reason.details or code.replace("_", " ").capitalize()


def _missing_items(order: Order) -> Sequence[Item]:
    """The lines and options that the reason names, for an order denied because they are out of stock."""
    reason = _reason(order)
    if reason.code is not CancelReason.OUT_OF_STOCK:
        return []
    return [item for item in _with_options(order.items) if item.id in reason.items]


def _with_options(items: Sequence[Item]) -> list[Item]:
    return [one for item in items for one in (item, *_with_options(item.modifiers))]


def _ready_time(order: Order) -> Sequence[Body]:
    if order.ready_at is None:
        raise Reject("NO_READY_TIME", "the order has no time at which it will be ready")
    return [{"ready_for_pickup_time": rfc3339(order.ready_at)}]


def _reference(order: Order) -> Mapping[str, str]:
    return {"external_reference_id": order.id}


# https://developer.uber.com/docs/eats/references/api/v1/post-eats-orders-orderid-restaurantdelivery-status
_STARTED = _Call(_COURIER, lambda _: [{"status": "started"}], "on the way")
_DELIVERED = _Call(_COURIER, lambda _: [{"status": "delivered"}], "delivered")

_CALLS: Mapping[tuple[Operation, str], _Call] = {
    (Operation.ACCEPT, "v1"): _Call(f"{_V1}/accept", _accept_v1, "accepted", _reference),
    (Operation.ACCEPT, "v2"): _Call(f"{_CLASSIC}/accept_pos_order", _accept_v2, "accepted", _reference),
    (Operation.DENY, "v1"): _Call(f"{_V1}/deny", _deny_v1, "denied"),
    (Operation.DENY, "v2"): _Call(
        f"{_CLASSIC}/deny_pos_order", _deny_v2, "denied; the order may stay open on the store's tablet"
    ),
    (Operation.CANCEL, "v1"): _Call(f"{_V1}/cancel", _cancel_v1, "cancelled"),
    (Operation.CANCEL, "v2"): _Call(f"{_CLASSIC}/cancel", _cancel_v2, "cancelled"),
    (Operation.READY, "v1"): _Call(f"{_V1}/ready", lambda _: [{}], "ready"),
    # No classic call is documented; the v1 call is used for both.
    (Operation.READY, "v2"): _Call(f"{_V1}/ready", lambda _: [{}], "ready"),
    (Operation.SET_READY_TIME, "v1"): _Call(f"{_V1}/update-ready-time", _ready_time, "new ready time"),
    (Operation.PICKED_UP, "v1"): _STARTED,
    (Operation.PICKED_UP, "v2"): _STARTED,
    (Operation.COMPLETE, "v1"): _DELIVERED,
    (Operation.COMPLETE, "v2"): _DELIVERED,
}
