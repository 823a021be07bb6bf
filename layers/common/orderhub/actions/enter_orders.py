"""Orders for later: when it is time to prepare one, it enters the open orders of its store."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderhub.errors import HubError, Reject, Retry
from orderhub.intake.record import record_staff
from orderhub.order.events import Actor, Cause
from orderhub.order.merge import Effect
from orderhub.order.messages import Enter
from orderhub.runtime import logger, now
from orderhub.storage import orders

_BY_SCHEDULE = Cause(Actor.SYSTEM, "schedule")
_LONGEST = timedelta(seconds=20)  # the function may run for 30
# An order enters once: its event has the same key whoever records it.
_KEY = "enter"


def enter_due() -> None:
    """Lets the orders enter whose time has come. Raises Retry when there were more than it had time for, or can do."""
    began, entered, failed = now(), 0, 0
    for order_id in orders.to_enter(began):
        try:
            entered += _enter(order_id, began)
        except HubError as error:
            failed += 1
            logger.warning("an order does not enter", extra={"order_id": order_id, "reason": str(error)})
        if now() - began > _LONGEST:
            raise Retry("more orders are due than a minute has room for")
    logger.info("entered", extra={"orders": entered, "failed": failed})
    if failed:
        raise Retry(f"{failed} orders could not enter")


def _enter(order_id: str, at: datetime) -> bool:
    """Whether it was this call that let the order in."""
    order = orders.get(order_id)
    if order is None:
        return False
    try:
        recorded = record_staff(order, Enter(delivery_key=_KEY), _BY_SCHEDULE, at)
    except Reject:
        return False  # it is in already, for the index is a moment behind; or somebody has answered it meanwhile
    return recorded.effect == Effect.APPLIED
