"""Changing the lines of an order: the price first, the customer's word where it costs more, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from orderhub.errors import Reject, Retry, Unsupported
from orderhub.intake.record import record_staff
from orderhub.order import cart
from orderhub.order.cart import Difference
from orderhub.order.edits import Edit, untellable
from orderhub.order.events import Event
from orderhub.order.merge import Effect
from orderhub.order.messages import CartChange
from orderhub.order.models import Order, SyncState
from orderhub.platforms.base import Operation
from orderhub.platforms.registry import load
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.changes import cause_of, change_key, request_digest
from orderhub.service.orders import get_order
from orderhub.storage import timelines

_TRIES = 4


@dataclass(frozen=True, slots=True)
class Changed:
    """order: as it is now; cost: what the edits do to its price; approval_needed: only with the customer's word."""

    order: Order
    cost: Difference
    approval_needed: bool


def change_cart(
    caller: Caller,
    order_id: str,
    edits: Sequence[Edit],
    *,
    approved: bool = False,
    dry_run: bool = False,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
) -> Changed:
    """Makes all of the edits, or asks the order's platform to; its lines stay until that has taken them.

    approved: the customer agrees. dry_run: says what it would cost and stores nothing. Raises Reject PERMISSION_DENIED,
    ORDER_NOT_FOUND, ORDER_NOT_MODIFIABLE, CART_CHANGE_PENDING, VERSION_CONFLICT, ITEM_NOT_FOUND, INVALID_FIELD_VALUE,
    CONFIRMATION_REQUIRED, IDEMPOTENCY_KEY_REUSED; Unsupported where the platform cannot be told; Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    change = CartChange(
        delivery_key=change_key(caller, order_id, "cart", idempotency_key),
        request=request_digest(idempotency_key, *edits, approved),
        edits=tuple(edits),
        state=SyncState.NOT_NEEDED,
        approved=approved,
    )
    for _ in range(_TRIES):
        order = get_order(caller, order_id)
        if change.request and not dry_run and (known := timelines.get_event(order_id, change.delivery_key)) is not None:
            return _again(order, known, change)
        waits_for = _platform_to_ask(order, edits)
        _check_version(order, expected_version)
        proposed = _proposed(order, change, now())
        if dry_run:
            return proposed
        if proposed.approval_needed and not approved:
            raise _ask_the_customer(proposed.cost)
        made = _record(caller, order, replace(change, **waits_for))
        if made is not None:
            return replace(proposed, order=made)
        # Somebody was faster: what this costs is worked out anew.
    raise Retry("the order is being changed by many at once")


def _platform_to_ask(order: Order, edits: Sequence[Edit]) -> dict[str, Any]:
    """What the change waits for: nothing on an order of our own, else its platform. Raises Unsupported."""
    if order.is_native:
        return {}
    platform = load(order.platform)
    why = platform.why_not(Operation.EDIT_CART, order) or untellable(edits)
    if why is not None:
        raise Unsupported(Operation.EDIT_CART, platform.name, why)
    return {"state": SyncState.PENDING, "detail": f"waiting for {platform.name} to take the change"}


def _check_version(order: Order, expected: int | None) -> None:
    if expected not in (None, order.version):
        message = f"the order has changed since: it is at version {order.version} now"
        raise Reject("VERSION_CONFLICT", message, details={"version": order.version})


def _proposed(order: Order, change: CartChange, at: datetime) -> Changed:
    after, _ = cart.changed(change, order, at)
    cost = cart.difference(order, after)
    return Changed(order, cost, cart.needs_approval(change.edits, cost))


def _ask_the_customer(cost: Difference) -> Reject:
    message = "the customer has to agree: it costs more, or another article comes; then say `customer_approved`"
    return Reject("CONFIRMATION_REQUIRED", message, details={"difference": cost.model_dump(mode="json")})


def _record(caller: Caller, order: Order, change: CartChange) -> Order | None:
    """The order with the change; None when it is not what it was when the change was priced, or has it already."""
    try:
        recorded = record_staff(order, replace(change, expected_version=order.version), cause_of(caller), now())
    except Reject as refusal:
        if refusal.code != "VERSION_CONFLICT":
            raise
        return None
    return recorded.order if recorded.effect in (Effect.APPLIED, Effect.UNCHANGED) else None


def _again(order: Order, known: Event, change: CartChange) -> Changed:
    """The answer to a request that was made before; the order may have moved on."""
    if known.summary.get("request") != change.request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")
    cost = Difference.model_validate(known.summary["difference"])
    return Changed(order, cost, cart.needs_approval(change.edits, cost))
