"""The acceptance clock: which incoming orders wait too long for an answer."""

from __future__ import annotations

from datetime import timedelta

from orderhub.platforms.registry import SLUGS, load
from orderhub.runtime import Metric, count, logger, measured, now
from orderhub.storage import orders

_LOOK_AHEAD = timedelta(hours=1)


def sweep(_event: object, _context: object) -> None:
    """Counts the incoming orders that are past half their time, and those past all of it. Raises Retry."""
    at = now()
    waiting = [
        (platform, accept_by)
        for platform, accept_by in orders.waiting(at + _LOOK_AHEAD)
        if accept_by - at <= _accept_within(platform) / 2
    ]
    overdue = sum(accept_by < at for _, accept_by in waiting)
    with measured():
        count(Metric.UNACCEPTED_ORDERS, len(waiting))
        count(Metric.OVERDUE_ORDERS, overdue)
    if overdue:
        logger.error("orders were not answered in time", extra={"orders": overdue})


def _accept_within(slug: str) -> timedelta:
    return (load(slug).accept_within if slug in SLUGS else None) or _LOOK_AHEAD
