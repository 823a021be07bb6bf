"""What staff do around an order without changing it: telling its platform again, printing its ticket."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from orderhub.errors import Reject
from orderhub.order.events import Event
from orderhub.order.hand_overs import wanted
from orderhub.order.models import Order
from orderhub.order.times import sortable
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.changes import cause_of, change_key, request_digest
from orderhub.service.orders import get_order
from orderhub.storage import prints, timelines
from orderhub.storage.prints import PrintJob, PrintPage


def resend(caller: Caller, order_id: str, idempotency_key: str | None) -> Order:
    """Has its platform, and whoever it is handed to, told again of what they have not confirmed; nothing is told twice.

    Returns the order. Raises Reject ORDER_NOT_FOUND, PERMISSION_DENIED, NOTHING_CONNECTED when there is nobody to tell.
    """
    caller.require(Role.STORE_EMPLOYEE)
    order = get_order(caller, order_id)
    target = wanted(order)
    if order.is_native and target is None:
        raise Reject("NOTHING_CONNECTED", "the order was made here: there is no platform to tell")
    about = {"hand_over": target, "store_id": order.store_id} if target is not None else {}
    timelines.add_event(_event(caller, order, "order.resend_asked", idempotency_key, about))
    return order


def reprint(caller: Caller, order_id: str, copies: int, idempotency_key: str | None) -> PrintJob:
    """Puts an order's ticket among what waits to be printed at its store.

    Raises Reject ORDER_NOT_FOUND, PERMISSION_DENIED, IDEMPOTENCY_KEY_REUSED.
    """
    caller.require(Role.STORE_EMPLOYEE)
    order, at = get_order(caller, order_id), now()
    job = PrintJob(
        id=f"prt_{sortable(at)}_{uuid4().hex[:8]}",
        order_id=order.id,
        display_id=order.display_id,
        copies=copies,
        at=at,
        asked_by=caller.cause_name,
    )
    request = request_digest(idempotency_key, copies)
    event = _event(
        caller, order, "order.print_asked", idempotency_key, {"job": job.model_dump(mode="json"), "request": request}
    )
    if prints.add(order.store_id, job, event):
        return job
    known = timelines.get_event(order.id, event.key)
    if known is None or known.summary.get("request") != request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")
    return PrintJob.model_validate(known.summary["job"])


def list_prints(caller: Caller, store_id: str, *, limit: int, cursor: str | None) -> PrintPage:
    """What waits to be printed at a store, oldest first. Raises Reject INVALID_STORE, INVALID_CURSOR."""
    caller.require_store(store_id)
    return prints.page(store_id, now(), limit=limit, cursor=cursor)


def printed(caller: Caller, store_id: str, job_id: str) -> None:
    """Takes a ticket off the list: it is printed, or not wanted. Raises Reject INVALID_STORE, PERMISSION_DENIED."""
    caller.require(Role.STORE_EMPLOYEE)
    caller.require_store(store_id)
    prints.remove(store_id, job_id)


def _event(caller: Caller, order: Order, kind: str, idempotency_key: str | None, summary: dict[str, Any]) -> Event:
    return Event(
        order_id=order.id,
        key=change_key(caller, order.id, kind, idempotency_key),
        type=kind,
        effect="applied",
        at=now(),
        cause=cause_of(caller),
        platform=order.platform,
        connection_id=order.connection_id,
        version=order.version,
        summary=summary,
    )
