"""Recording what staff want of an order, once for each Idempotency-Key."""

from __future__ import annotations

from uuid import uuid4

from orderhub.errors import Reject
from orderhub.intake.record import Recorded, record_staff, staff_key
from orderhub.order.events import Actor, Cause
from orderhub.order.ids import digest
from orderhub.order.merge import Effect
from orderhub.order.messages import StaffMessage
from orderhub.order.models import Order
from orderhub.runtime import now
from orderhub.service.access import Caller
from orderhub.storage import orders, timelines


def cause_of(caller: Caller) -> Cause:
    """Who did it, for the timeline."""
    return Cause(Actor.STAFF, caller.cause_name)


def change_key(caller: Caller, order_id: str, action: str, idempotency_key: str | None) -> str:
    """The delivery key of a change: the same for the same caller, order, action and key, else drawn."""
    return staff_key(order_id, caller.id, action, idempotency_key or uuid4().hex)


def request_digest(idempotency_key: str | None, *asked: object) -> str:
    """Stands for all that was asked, to tell a repeat from another request; empty without an Idempotency-Key."""
    return digest(*map(repr, asked)) if idempotency_key else ""


def record_change(caller: Caller, order: Order, change: StaffMessage) -> Order:
    """Records the change and returns the order as it then is.

    A repeat of one that was recorded is answered as that was, though the order has moved on. Raises Reject for what
    the order does not allow, IDEMPOTENCY_KEY_REUSED; Retry.
    """
    try:
        recorded = record_staff(order, change, cause_of(caller), now())
    except Reject:
        if not change.request or timelines.get_event(order.id, change.delivery_key) is None:
            raise
        recorded = Recorded("duplicate", order.id)
    if recorded.effect == "duplicate":
        _check_same_request(order.id, change)
    return recorded.order if recorded.effect == Effect.APPLIED and recorded.order else orders.view(order.id) or order


def _check_same_request(order_id: str, change: StaffMessage) -> None:
    known = timelines.get_event(order_id, change.delivery_key)
    if known is not None and known.summary.get("request") != change.request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")
