"""What staff do with orders."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from orderhub.errors import Reject
from orderhub.intake.record import Recorded, record_staff, staff_key
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.ids import digest
from orderhub.order.merge import Effect
from orderhub.order.messages import StaffChange
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import STAFF_MOVES, CancelReason, Status
from orderhub.order.times import business_date
from orderhub.platforms import telling
from orderhub.platforms.registry import SLUGS, load
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.stores import get_store, store_ids
from orderhub.storage import config, orders
from orderhub.storage.config import Collection
from orderhub.storage.orders import OrderPage

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
_LONGEST_PREPARATION = timedelta(days=30)


def allowed_actions(order: Order) -> list[str]:
    """The actions that staff may take on an order as it is."""
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
    for action in allowed_actions(order):
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
    return orders.timeline(order_id)


def list_open(
    caller: Caller, store_id: str | None, statuses: Sequence[Status], *, limit: int, cursor: str | None
) -> OrderPage:
    """Open orders, oldest first within each store; of all the caller's stores when none is named.

    A page may hold fewer than `limit` orders, or none, and still go on. Raises Reject INVALID_STORE, INVALID_CURSOR.
    """
    if store_id is not None:
        caller.require_store(store_id)
        return _only(orders.list_open(store_id, limit=limit, cursor=cursor), statuses)
    start, inner = _split(cursor)
    stores = [one for one in sorted(store_ids(caller)) if one >= start]
    found: list[Order] = []
    for number, store in enumerate(stores):
        page = orders.list_open(store, limit=limit - len(found), cursor=inner if store == start else None)
        found += _only(page, statuses).orders
        if page.next_cursor is not None:
            return OrderPage(found, _joined(store, page.next_cursor))
        if len(found) >= limit and number + 1 < len(stores):
            return OrderPage(found, _joined(stores[number + 1], None))
    return OrderPage(found, None)


def list_day(
    caller: Caller, store_id: str, day: date | None, statuses: Sequence[Status], *, limit: int, cursor: str | None
) -> OrderPage:
    """All orders of a store's day (today there, when none is named), newest first. Raises as `list_open`."""
    store = get_store(caller, store_id)
    chosen = day or business_date(now(), store.time_zone)
    return _only(orders.list_day(store_id, chosen, limit=limit, cursor=cursor), statuses)


def change_status(
    caller: Caller,
    order_id: str,
    action: str,
    *,
    ready_at: datetime | None = None,
    prep_minutes: int | None = None,
    reason: StatusReason | None = None,
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
        delivery_key=_key(caller, order_id, action, idempotency_key),
        request=_request(idempotency_key, ready_at, prep_minutes, reason),
        status=ACTIONS[action],
        reason=reason,
        ready_at=ready_at,
        prep_minutes=_usual_minutes(order) if promises_nothing else prep_minutes,
        expected_version=expected_version,
        untold=_untold(order, ACTIONS[action]),
    )
    return _record(caller, order, change)


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
        delivery_key=_key(caller, order_id, "ready-time", idempotency_key),
        request=_request(idempotency_key, ready_at, prep_minutes, None),
        ready_at=ready_at,
        prep_minutes=prep_minutes,
        expected_version=expected_version,
    )
    return _record(caller, order, change)


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


def _record(caller: Caller, order: Order, change: StaffChange) -> Order:
    """Records the change. A repeat of one that was recorded is answered as that was, though the order has moved on."""
    try:
        recorded = record_staff(order, change, Cause(Actor.STAFF, f"{caller.name} ({caller.id})"), now())
    except Reject:
        if not change.request or orders.get_event(order.id, change.delivery_key) is None:
            raise
        recorded = Recorded("duplicate", order.id)
    if recorded.effect == "duplicate":
        _check_same_request(order.id, change)
    return recorded.order if recorded.effect == Effect.APPLIED and recorded.order else orders.view(order.id) or order


def _check_same_request(order_id: str, change: StaffChange) -> None:
    known = orders.get_event(order_id, change.delivery_key)
    if known is not None and known.summary.get("request") != change.request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")


def _key(caller: Caller, order_id: str, action: str, idempotency_key: str | None) -> str:
    return staff_key(order_id, caller.id, action, idempotency_key or uuid4().hex)


def _request(idempotency_key: str | None, *asked: object) -> str:
    return digest(*map(repr, asked)) if idempotency_key else ""


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
    store = config.get(Collection.STORES, order.store_id)
    minutes: int | None = store.document.get("prep_minutes") if store else None
    return minutes


def _only(page: OrderPage, statuses: Sequence[Status]) -> OrderPage:
    if not statuses:
        return page
    return OrderPage([order for order in page.orders if order.status in statuses], page.next_cursor)


def _joined(store: str, inner: str | None) -> str:
    """A cursor over several stores: where to go on, and in which of them."""
    return urlsafe_b64encode(json.dumps([store, inner]).encode()).decode().rstrip("=")


def _split(cursor: str | None) -> tuple[str, str | None]:
    if cursor is None:
        return "", None
    try:
        store, inner = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        store, inner = None, None
    if not isinstance(store, str) or not isinstance(inner, str | None):
        raise Reject("INVALID_CURSOR", "the cursor is not one of ours")
    return store, inner
