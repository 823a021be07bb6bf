"""The times of a v1 order, and until when its present offer stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderhub.order.models import Check
from orderhub.order.status import Status
from orderhub.platforms.pieces import optional_time
from orderhub.platforms.uber_eats.models_v1 import OrderV1, TimeRange
from orderhub.platforms.uber_eats.pieces import later
from orderhub.platforms.uber_eats.statuses import ACCEPT_SCHEDULED_WITHIN, ACCEPT_WITHIN, STATES_V1

SCHEDULE_MISSING = "SCHEDULE_MISSING"

_LONGEST_PREPARATION = 7 * 24 * 3600  # seconds; more is no preparation time


def is_scheduled(order: OrderV1) -> bool:
    """Whether the order waits for a later time. Its window alone does not say so: it stays when the order is active."""
    return order.status == "SCHEDULED"


@dataclass(frozen=True, slots=True)
class Times:
    """Fields of Order of the same names."""

    placed_at: datetime | None
    scheduled_for: datetime | None
    accept_by: datetime | None
    ready_at: datetime | None
    delivery_at: datetime | None


def times_of(order: OrderV1, zone: str, checks: list[Check]) -> Times:
    """All of its times. zone: of the store, for times without an offset. checks: where flags go."""
    preparation = order.preparation_time
    placed = optional_time(order.created_time, zone, "created_time", checks)
    ready = optional_time(
        preparation.ready_for_pickup_time if preparation else None, zone, "ready_for_pickup_time", checks
    )
    drop = order.deliveries[0].estimated_dropoff_time if order.deliveries else None
    start, end = None, optional_time(drop, zone, "estimated_dropoff_time", checks)
    if is_scheduled(order):
        window = order.scheduled_order_target_delivery_time_range or TimeRange()
        start = optional_time(window.start_time, zone, "scheduled start_time", checks)
        end = optional_time(window.end_time, zone, "scheduled end_time", checks) or end
        if start is None:
            checks.append(
                Check(code=SCHEDULE_MISSING, message="the order is scheduled, and Uber does not say for when")
            )
    return Times(placed, start, _accept_by(order, placed, ready), ready, end)


def _accept_by(order: OrderV1, placed: datetime | None, ready: datetime | None) -> datetime | None:
    """Until when the present offer stands.

    When a scheduled order becomes active it is offered anew, and its payload does not say when that was. What it says
    is when the order will be ready and how long that is after its acceptance: the difference is the nearest thing.
    """
    if STATES_V1.get(order.state or "", Status.INCOMING) is not Status.INCOMING:
        return None
    if is_scheduled(order):
        return later(placed, ACCEPT_SCHEDULED_WITHIN)
    if order.scheduled_order_target_delivery_time_range is None:
        return later(placed, ACCEPT_WITHIN)
    offered = _expected_acceptance(order, ready)
    return later(max(offered, placed) if offered and placed else offered, ACCEPT_SCHEDULED_WITHIN)


def _expected_acceptance(order: OrderV1, ready: datetime | None) -> datetime | None:
    seconds = order.preparation_time.ready_for_pickup_time_secs if order.preparation_time else None
    if seconds is None or not 0 <= seconds <= _LONGEST_PREPARATION:
        return None
    return later(ready, -timedelta(seconds=float(seconds)))
