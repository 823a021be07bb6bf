"""What staff do with orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderhub.errors import Reject
from orderhub.order.events import Event
from orderhub.order.messages import StaffChange, StaffUndo
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import STAFF_MOVES, CancelReason, Status
from orderhub.order.undo import before
from orderhub.platforms import telling
from orderhub.platforms.registry import SLUGS, load
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.changes import change_key, record_change, request_digest
from orderhub.storage import config, orders, timelines
from orderhub.storage.config import Collection

# The word in the path of the API -> the status it leads to.
ACTIONS: dict[str, Status] = {
    "accept": Status.ACCEPTED,
    "deny": Status.DENIED,
    "cancel": Status.CANCELLED,
    "bagging": Status.BAGGING,
    "ready": Status.READY,
    "picked_up": Status.PICKED_UP,
    "complete": Status.COMPLETED,
}
UNDO = "undo"
_LONGEST_PREPARATION = timedelta(days=30)


def allowed_actions(order: Order) -> list[str]:
    """The actions that staff may take on an order as it is."""
    return [*_steps(order), *([UNDO] if before(order, now()) is not None else [])]


def _steps(order: Order) -> list[str]:
    moves = STAFF_MOVES[order.status]
    return [action for action, status in ACTIONS.items() if status in moves]


@dataclass(frozen=True, slots=True)
class Advice:
    """What staff should know before they take an action. reason: it is so with this reason only."""

    action: str
    text: str
    reason: CancelReason | None = None


def advice(order: Order) -> list[Advice]:
    """For each action allowed: that the platform will not be told, and what it would do besides."""
    if order.platform not in SLUGS:
        return []
    platform, found = load(order.platform), []
    for action in _steps(order):
        why = telling.untold(platform, order, ACTIONS[action])
        if why is not None:
            found.append(Advice(action, why))
        for reason in CancelReason:
            effect = telling.side_effect(platform, order, ACTIONS[action], reason)
            if effect is not None:
                found.append(Advice(action, effect, reason))
    return found


def get_order(caller: Caller, order_id: str) -> Order:
    """An order. Raises Reject ORDER_NOT_FOUND when there is none at the caller's stores."""
    order = orders.view(order_id)
    if order is None or not caller.sees(order.store_id):
        raise Reject("ORDER_NOT_FOUND", f"there is no order {order_id}")
    return order


def timeline(caller: Caller, order_id: str) -> list[Event]:
    """All that happened to an order, oldest first. Raises Reject ORDER_NOT_FOUND."""
    get_order(caller, order_id)
    return timelines.timeline(order_id)


def change_status(
    caller: Caller,
    order_id: str,
    action: str,
    *,
    ready_at: datetime | None = None,
    prep_minutes: int | None = None,
    reason: StatusReason | None = None,
    note: str | None = None,
    handed_to: str | None = None,
    confirmed: bool = False,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
) -> Order:
    """Does one of ACTIONS to an order and returns it as it then is.

    confirmed: the person knows what the platform does besides (`advice`). Raises Reject CONFIRMATION_REQUIRED when
    there is such a thing and they have not said so; ORDER_NOT_FOUND, ORDER_NOT_MODIFIABLE, ORDER_ALREADY_PROCESSED,
    VERSION_CONFLICT, INVALID_FIELD_VALUE, PERMISSION_DENIED; Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    order = get_order(caller, order_id)
    _check_reason(reason)
    _check_ready_at(ready_at, order)
    if not confirmed:
        _check_side_effect(order, action, reason)
    promises_nothing = action == "accept" and ready_at is None and prep_minutes is None
    change = StaffChange(
        delivery_key=change_key(caller, order_id, action, idempotency_key),
        request=request_digest(idempotency_key, ready_at, prep_minutes, reason, note, handed_to),
        status=ACTIONS[action],
        reason=reason,
        note=note,
        handed_to=handed_to,
        ready_at=ready_at,
        prep_minutes=_usual_minutes(order) if promises_nothing else prep_minutes,
        expected_version=expected_version,
        untold=_untold(order, ACTIONS[action]),
        by=caller.cause_name,
        usual=promises_nothing,
    )
    return record_change(caller, order, change)


def change_ready_time(
    caller: Caller,
    order_id: str,
    *,
    ready_at: datetime | None,
    prep_minutes: int | None,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
) -> Order:
    """Promises another time. Raises as `change_status`."""
    caller.require(Role.STORE_EMPLOYEE)
    order = get_order(caller, order_id)
    if (ready_at is None) == (prep_minutes is None):
        raise Reject("INVALID_FIELD_VALUE", "give either ready_at or prep_minutes")
    _check_ready_at(ready_at, order)
    change = StaffChange(
        delivery_key=change_key(caller, order_id, "ready-time", idempotency_key),
        request=request_digest(idempotency_key, ready_at, prep_minutes, None),
        ready_at=ready_at,
        prep_minutes=prep_minutes,
        expected_version=expected_version,
    )
    return record_change(caller, order, change)


def undo(
    caller: Caller, order_id: str, *, expected_version: int | None = None, idempotency_key: str | None = None
) -> Order:
    """Takes the last step back. Raises Reject ORDER_NOT_MODIFIABLE when it is too late, or its platform was told."""
    caller.require(Role.STORE_EMPLOYEE)
    order = get_order(caller, order_id)
    change = StaffUndo(
        delivery_key=change_key(caller, order_id, UNDO, idempotency_key),
        request=request_digest(idempotency_key, UNDO),
        expected_version=expected_version,
    )
    return record_change(caller, order, change)


def _check_side_effect(order: Order, action: str, reason: StatusReason | None) -> None:
    moves = ACTIONS[action] in STAFF_MOVES[order.status]
    if reason is None or not moves or order.platform not in SLUGS:
        return
    effect = telling.side_effect(load(order.platform), order, ACTIONS[action], reason.code)
    if effect is not None:
        message = f"{effect}; say `confirmed` if that is what you want, or give another reason"
        raise Reject("CONFIRMATION_REQUIRED", message, details={"side_effect": effect, "reason": reason.code})


def _untold(order: Order, target: Status) -> str | None:
    return telling.untold(load(order.platform), order, target) if order.platform in SLUGS else None


def _check_reason(reason: StatusReason | None) -> None:
    if reason is not None and reason.code is CancelReason.OTHER and not reason.details:
        raise Reject("INVALID_FIELD_VALUE", "the reason OTHER needs details")


def _check_ready_at(ready_at: datetime | None, order: Order) -> None:
    """A table may be booked for months ahead: the 30 days begin when the order is for."""
    at = now()
    latest = max(at, order.scheduled_for or at) + _LONGEST_PREPARATION
    if ready_at is not None and not at - timedelta(minutes=1) <= ready_at <= latest:
        raise Reject("INVALID_FIELD_VALUE", "ready_at is in the past or more than 30 days away")


def _usual_minutes(order: Order) -> int | None:
    """What the store promises when nobody says a time; a scheduled order has its time already."""
    if order.scheduled_for is not None:
        return None
    if order.is_native and order.prep_minutes is not None:
        return order.prep_minutes  # said when the order was made
    store = config.get(Collection.STORES, order.store_id)
    minutes: int | None = store.document.get("prep_minutes") if store else None
    return minutes
