"""Taking back the last step of an order: for a moment, and only where nobody else has been told of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderhub.order.models import Order, SyncState
from orderhub.order.status import PROGRESS, Status, rank

UNDO_WITHIN = timedelta(minutes=2)
"""As long as it takes to notice that one touched the wrong line."""

_STEPS = frozenset({Status.BAGGING, Status.READY, Status.PICKED_UP, Status.COMPLETED})


def before(order: Order, now: datetime) -> Status | None:
    """The status that an undo brings the order back to; None when the last step cannot be taken back.

    It can when staff made it less than UNDO_WITHIN ago and its platform does not hear of it. An acceptance, a refusal
    and what a platform has been told are final.
    """
    at = order.times.get(order.status)
    if order.status not in _STEPS or at is None or now - at > UNDO_WITHIN or not _is_ours_alone(order):
        return None
    passed = [status for status in PROGRESS if status in order.times and rank(status) < rank(order.status)]
    return passed[-1] if passed else None


def _is_ours_alone(order: Order) -> bool:
    kept_here = order.sync.state is SyncState.UNSUPPORTED and order.sync.status is order.status
    return kept_here or order.is_native
