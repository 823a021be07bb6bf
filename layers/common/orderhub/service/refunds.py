"""Giving customers their money back."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from orderhub.errors import Reject, Retry, Unsupported
from orderhub.order import refunds as rules
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.ids import digest
from orderhub.order.merge import Effect
from orderhub.order.models import Order, Refund, SyncState
from orderhub.platforms.base import Operation
from orderhub.platforms.registry import SLUGS, load
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.orders import get_order
from orderhub.storage import orders, timelines

_TRIES = 8
_NOBODY = "no platform holds this payment: give it back where it was paid"


class NewRefund(BaseModel):
    """What is to be given back: an amount in minor units, or what some lines came to; all that is left otherwise.

    items: ids of order lines.
    """

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(strict=True, ge=1, le=10**15)] | None = None
    items: list[str] = Field(default_factory=list, max_length=500)
    reason: str = Field(min_length=1, max_length=500)


def ask_refund(
    caller: Caller, order_id: str, new: NewRefund, *, expected_version: int | None, idempotency_key: str | None
) -> tuple[Refund, Order]:
    """Notes money to be given back, which the platform is then told of; returns it and the order as it then is.

    Where it is known beforehand that the platform cannot, the refund is `unsupported` at once. Raises Reject
    PERMISSION_DENIED, ORDER_NOT_FOUND, REFUND_FAILED, INVALID_FIELD_VALUE, VERSION_CONFLICT, IDEMPOTENCY_KEY_REUSED;
    Retry.
    """
    caller.require(Role.STORE_MANAGER)
    order: Order | None = get_order(caller, order_id)
    refund_id = "ref_" + digest(order_id, caller.id, idempotency_key or uuid4().hex)
    request = digest(repr(new.amount), repr(new.items), new.reason)
    for _ in range(_TRIES):
        if order is None:
            raise Reject("ORDER_NOT_FOUND", f"there is no order {order_id}")
        known = rules.find(order, refund_id)
        if known is not None:
            _check_same(order_id, refund_id, request)
            return known, order
        _check_version(order, expected_version)
        refund = _refund(caller, order, refund_id, new)
        stamp = {"version": order.version + 1, "updated_at": refund.at}
        after = rules.put(order, refund).model_copy(update=stamp)
        match orders.write(after, _event(after, refund, request)):
            case timelines.Written():
                return refund, after
            case timelines.Duplicate():
                order = orders.get(order_id)
            case orders.Conflict(current=newer):
                order = newer
    raise Retry("the order is being changed by many at once")


def list_refunds(caller: Caller, order_id: str) -> tuple[list[Refund], rules.Balance | None]:
    """The refunds of an order, oldest first, and what is left. Raises Reject ORDER_NOT_FOUND."""
    order = get_order(caller, order_id)
    return order.refunds, rules.balance(order)


def _refund(caller: Caller, order: Order, refund_id: str, new: NewRefund) -> Refund:
    if new.amount is not None and new.items:
        raise Reject("INVALID_FIELD_VALUE", "give either amount or items")
    why = _why_not(order)
    return Refund(
        id=refund_id,
        amount=rules.amount_of(order, new.amount, new.items),
        items=new.items,
        reason=new.reason,
        state=SyncState.PENDING if why is None else SyncState.UNSUPPORTED,
        detail=why,
        asked_by=caller.cause_name,
        at=now(),
    )


def _why_not(order: Order) -> str | None:
    """Why the platform cannot give the money back, as a whole sentence; None when it is to be asked."""
    if order.platform not in SLUGS:
        return _NOBODY
    platform = load(order.platform)
    why = platform.why_not(Operation.REFUND, order)
    return None if why is None else str(Unsupported(Operation.REFUND, platform.name, why))


def _check_same(order_id: str, refund_id: str, request: str) -> None:
    event = timelines.get_event(order_id, refund_id)
    if event is not None and event.summary.get("request") != request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")


def _check_version(order: Order, expected: int | None) -> None:
    if expected is not None and expected != order.version:
        raise Reject(
            "VERSION_CONFLICT",
            f"the order has changed since: it is at version {order.version} now",
            details={"version": order.version, "status": order.status},
        )


def _event(order: Order, refund: Refund, request: str) -> Event:
    """Its key is the refund's id: that is how the worker knows which refund is asked for."""
    return Event(
        order_id=order.id,
        key=refund.id,
        type="refund.asked",
        effect=Effect.APPLIED,
        at=refund.at,
        cause=Cause(Actor.STAFF, refund.asked_by),
        platform=order.platform,
        connection_id=order.connection_id,
        version=order.version,
        summary={"refund": refund.id, "amount": refund.amount, "state": refund.state, "request": request},
    )
