"""What is left to tell a platform about an order, step by step. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderhub.order.dominance import Owner
from orderhub.order.models import Order
from orderhub.order.status import PROGRESS, Status, rank
from orderhub.order.times import sortable
from orderhub.platforms.base import Operation
from orderhub.platforms.telling import STEPS


@dataclass(frozen=True, slots=True)
class Step:
    """One call to make, and what the link knows once it is made."""

    operation: Operation
    state: Mapping[str, Any]


def told(order: Order, state: Mapping[str, Any]) -> Status:
    """How far the platform knows: by its own word, or by what we have told it of this offer."""
    by_itself = order.source_status or Status.INCOMING
    by_us = Status(state.get("status", Status.INCOMING)) if state.get("offer", "") == order.offer else Status.INCOMING
    if by_us in (Status.CANCELLED, Status.DENIED):
        return by_us
    return max(by_itself, by_us, key=rank) if by_itself in PROGRESS else by_itself


def plan(order: Order, state: Mapping[str, Any]) -> list[Step]:
    """The steps from what the platform knows (state: of the link) to what the order is."""
    known = told(order, state)
    base = {"offer": order.offer}
    if known in (Status.CANCELLED, Status.DENIED, Status.COMPLETED):
        return []
    if order.status in (Status.CANCELLED, Status.DENIED):
        refuse = known is Status.INCOMING
        return [Step(Operation.DENY if refuse else Operation.CANCEL, {**base, "status": order.status.value})]
    steps = [
        Step(STEPS[status], {**base, "status": status.value, **_promise(order, status)})
        for status in PROGRESS[rank(known) + 1 : rank(order.status) + 1]
    ]
    if not steps and _promise_changed(order, state):
        steps.append(Step(Operation.SET_READY_TIME, {**state, **_ready(order)}))
    parcels = _parcels(order)
    if parcels and parcels != state.get("parcels"):
        steps.append(Step(Operation.ADD_TRACKING, {"parcels": parcels}))
    return steps


def _parcels(order: Order) -> list[str]:
    """The parcels of whoever ships the order for the store; its platform knows its own."""
    if Owner.WAREHOUSE.value not in order.hand_overs:
        return []
    return [parcel.code or parcel.url or "" for parcel in order.tracking]


def _promise(order: Order, status: Status) -> dict[str, str]:
    """Accepting tells the time as well."""
    return _ready(order) if status is Status.ACCEPTED and order.promised_at else {}


def _ready(order: Order) -> dict[str, str]:
    return {"ready_at": sortable(order.ready_at)} if order.ready_at else {}


def _promise_changed(order: Order, state: Mapping[str, Any]) -> bool:
    before_ready = rank(Status.ACCEPTED) <= rank(order.status) < rank(Status.READY)
    ours = order.promised_at is not None and order.ready_at is not None
    return before_ready and ours and _ready(order).get("ready_at") != state.get("ready_at")
