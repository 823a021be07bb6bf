"""What somebody at the store wants of an order that is there, and whether it may be so. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import singledispatch
from typing import Any

from orderhub.errors import Reject
from orderhub.order import cart, undo
from orderhub.order.erasure import needs_its_customer
from orderhub.order.lines import rewritten
from orderhub.order.merge import Effect, Outcome, moved
from orderhub.order.messages import CartChange, Enter, ItemChange, StaffChange, StaffErase, StaffMessage, StaffUndo
from orderhub.order.models import Order, Sync, SyncState
from orderhub.order.status import CLOSED, STAFF_MOVES, Status

UNSEEN_FOR = timedelta(seconds=30)
"""Screens show at the latest after this long what others have done."""


@singledispatch
def decide(message: StaffMessage, current: Order, now: datetime) -> Outcome:
    """What somebody at the store wants of an order that is there. Raises Reject for what it does not allow."""
    raise TypeError(f"{type(message).__name__} is nothing that staff may want")


@decide.register
def _status_or_time(message: StaffChange, current: Order, now: datetime) -> Outcome:
    update = _promise(message, now)
    said = {"note": message.note} if message.note else {}
    if message.status is None:
        if current.status in CLOSED:
            raise _is_over(current)
        told = {**update, **said}
        return Outcome(Effect.APPLIED, "order.ready_time_changed", current.model_copy(update=update), told)
    if message.handed_to is not None:
        update["handed_to"] = message.handed_to
    kind, summary = f"order.{message.status}", {**moved(current.status, message.status), **said}
    if message.status == current.status:
        if _was_another(message, current):
            raise _is_so_by_another(current)
        if not update or message.usual or not current.is_open:
            return Outcome(Effect.UNCHANGED, kind, None, summary)
        return Outcome(Effect.APPLIED, kind, current.model_copy(update=update), summary)
    if message.status not in STAFF_MOVES[current.status]:
        raise _not_allowed(current, message.status, now)
    if message.status is Status.CANCELLED and _is_unseen(message, current, now):
        raise _is_so_by_another(current)
    update["status"] = message.status
    if message.reason is not None:
        update["status_reason"] = message.reason
    return Outcome(Effect.APPLIED, kind, current.model_copy(update=update), summary)


def _is_over(current: Order) -> Reject:
    return Reject("ORDER_NOT_MODIFIABLE", f"the order is {current.status}", details={"status": current.status})


def _was_another(message: StaffChange, current: Order) -> bool:
    """Whether it was another person who brought the order to its status."""
    return bool(message.by) and current.status_by not in (None, message.by)


def _is_unseen(message: StaffChange, current: Order, now: datetime) -> bool:
    """Whether another person has just moved the order, and who asks for this does not say that they know."""
    at = current.times.get(current.status)
    is_news = at is not None and now - at < UNSEEN_FOR
    return is_news and message.expected_version is None and _was_another(message, current)


def _is_so_by_another(current: Order) -> Reject:
    """Of two people the first was faster; the second has to know that it was not their doing."""
    return Reject(
        "ORDER_ALREADY_PROCESSED",
        f"the order is {current.status} already, by {current.status_by}; say with If-Match that you know",
        details={"status": current.status, "status_by": current.status_by},
    )


def _not_allowed(current: Order, wanted: Status, now: datetime) -> Reject:
    too_late = wanted is Status.ACCEPTED and current.accept_by is not None and now > current.accept_by
    if current.status not in CLOSED:
        code = "ORDER_NOT_MODIFIABLE"
    elif too_late and Status.ACCEPTED not in current.times:
        code = "ACCEPTANCE_WINDOW_EXPIRED"
    else:
        code = "ORDER_ALREADY_PROCESSED"
    return Reject(
        code,
        f"an order that is {current.status} cannot become {wanted}",
        details={
            "status": current.status,
            "status_by": current.status_by,
            "allowed": sorted(STAFF_MOVES[current.status]),
        },
    )


@decide.register
def _enter(message: Enter, current: Order, now: datetime) -> Outcome:
    if not current.is_waiting or current.enters_at is None or current.enters_at > now:
        raise Reject("ORDER_NOT_MODIFIABLE", "it does not wait, or not until now", details={"status": current.status})
    return Outcome(Effect.APPLIED, "order.entered", current.model_copy(update={"enters_at": None}))


@decide.register
def _undo(message: StaffUndo, current: Order, now: datetime) -> Outcome:
    status = undo.before(current, now)
    if status is None:
        raise Reject("ORDER_NOT_MODIFIABLE", "its last step cannot be taken back", details={"status": current.status})
    # That it had ended once stays known: it is in the figures, and has to be taken out of them.
    times = {known: at for known, at in current.times.items() if known is not current.status or known in CLOSED}
    update = {"status": status, "times": times, "sync": Sync()}
    return Outcome(Effect.APPLIED, "order.undone", current.model_copy(update=update), moved(current.status, status))


@decide.register
def _erase(message: StaffErase, current: Order, now: datetime) -> Outcome:
    if needs_its_customer(current, now):
        raise Reject(
            "ORDER_NOT_MODIFIABLE",
            "somebody has work with the order and needs to know whose it is: erase it when it has ended",
            details={"status": current.status},
        )
    erased_at = current.erased_at or now
    return Outcome(Effect.APPLIED, "order.erased", current.model_copy(update={"erased_at": erased_at}))


@decide.register
def _line(message: ItemChange, current: Order, now: datetime) -> Outcome:
    if current.status in CLOSED:
        raise _is_over(current)
    order, told = rewritten(current, message.item_id, message.changes)
    effect = Effect.APPLIED if order else Effect.UNCHANGED
    return Outcome(effect, "item.changed", order, {"item": message.item_id, "changes": told})


@decide.register
def _cart(message: CartChange, current: Order, now: datetime) -> Outcome:
    order, told = cart.changed(message, current, now)
    asked = message.state in (SyncState.NOT_NEEDED, SyncState.PENDING)
    return Outcome(Effect.APPLIED, "cart.changed" if asked else f"cart.{message.state}", order, told)


def _promise(message: StaffChange, now: datetime) -> dict[str, Any]:
    if message.ready_at is not None:
        minutes = max(0, round((message.ready_at - now) / timedelta(minutes=1)))
        return {"ready_at": message.ready_at, "prep_minutes": minutes, "promised_at": now}
    if message.prep_minutes is not None:
        ready_at = now + timedelta(minutes=message.prep_minutes)
        return {"ready_at": ready_at, "prep_minutes": message.prep_minutes, "promised_at": now}
    return {}
