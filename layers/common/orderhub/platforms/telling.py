"""What a platform is told of a change by staff, and what staff should know before they make it. Pure."""

from __future__ import annotations

from typing import Any

from orderhub.errors import Unsupported
from orderhub.order.models import Order, SyncState
from orderhub.order.status import CLOSED, PROGRESS, CancelReason, Status, rank
from orderhub.platforms.base import Operation, Platform

STEPS: dict[Status, Operation] = {
    Status.ACCEPTED: Operation.ACCEPT,
    Status.BAGGING: Operation.BAGGING,
    Status.READY: Operation.READY,
    Status.PICKED_UP: Operation.PICKED_UP,
    Status.COMPLETED: Operation.COMPLETE,
}
_NOT_TOLD_YET = (SyncState.PENDING, SyncState.RETRYING, SyncState.FAILED)


def operations(platform: Platform[Any, Any], order: Order, target: Status) -> list[Operation]:
    """What a platform that knows the order as it is has to be told, for it to become `target`."""
    if order.status in CLOSED:
        return []
    if target in STEPS:
        return [STEPS[status] for status in PROGRESS[rank(order.status) + 1 : rank(target) + 1]]
    refuse = order.status is Status.INCOMING and Operation.DENY in platform.capabilities
    return [Operation.DENY if refuse else Operation.CANCEL]


def untold(platform: Platform[Any, Any], order: Order, target: Status) -> str | None:
    """Why the platform will learn nothing when staff bring an order to `target`; None when it will learn something.

    A whole sentence, the one that the order shows when it was tried.
    """
    asked = operations(platform, order, target)
    whys = [why for operation in asked if (why := platform.why_not(operation, order)) is not None]
    if order.sync.state in _NOT_TOLD_YET or not whys or len(whys) < len(asked):
        return None
    return str(Unsupported(asked[-1], platform.name, whys[-1]))


def side_effect(platform: Platform[Any, Any], order: Order, target: Status, reason: CancelReason | None) -> str | None:
    """What the platform does besides when it is told, for that reason; None when there is nothing to warn of."""
    if reason is None or target in STEPS:
        return None
    effects = (platform.side_effects.get(one, {}).get(reason) for one in operations(platform, order, target))
    return next((effect for effect in effects if effect is not None), None)
