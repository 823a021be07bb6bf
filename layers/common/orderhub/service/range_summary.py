"""What the orders of a list of days come to, without reading them: from rollups, and the open ones among them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from pydantic import BaseModel

from orderhub.order.facts import Name, contribution
from orderhub.order.listing import Wanted
from orderhub.order.models import Order
from orderhub.order.status import CLOSED, Status
from orderhub.order.times import business_date, zone
from orderhub.runtime import now
from orderhub.service.access import Caller
from orderhub.service.listing import Days, span
from orderhub.service.stores import get_store
from orderhub.storage import rollups
from orderhub.storage.rollups import Kind

MOST_OPEN = 1000
"""Open orders of a range that are read to sum them up."""
_CLOSED = frozenset(status.value for status in CLOSED)


class RangeSummary(BaseModel):
    """What all orders of the days come to, without copies and test orders. Money by currency, in minor units.

    revenue: of those that were not cancelled or denied; average_order_value: that by those of them that have a total.
    """

    orders: int
    statuses: dict[Status, int]
    platforms: dict[str, int]
    revenue: dict[str, int]
    average_order_value: dict[str, int]


@dataclass(slots=True)
class _Sums:
    statuses: Counter[Status] = field(default_factory=lambda: Counter(dict.fromkeys(Status, 0)))
    platforms: Counter[str] = field(default_factory=Counter)
    revenue: Counter[str] = field(default_factory=Counter)
    valued: Counter[str] = field(default_factory=Counter)


def summarise(caller: Caller, store_id: str, days: Days, wanted: Wanted) -> RangeSummary | str:
    """The sums of a store's days, of the statuses, platforms and channels that are wanted; or why there are none.

    Two queries, and one more for each megabyte. Raises Reject INVALID_STORE, INVALID_FIELD_VALUE; Retry.
    """
    store = get_store(caller, store_id)
    first, last = span(days, business_date(now(), store.time_zone))
    if wanted != Wanted(statuses=wanted.statuses, platforms=wanted.platforms, channels=wanted.channels):
        return "only orders by status, platform and channel are summed up"
    here = zone(store.time_zone)
    since, until = (datetime.combine(day, time(), here) for day in (first, last + timedelta(1)))
    still_open = rollups.open_orders(store.id, since, until, limit=MOST_OPEN + 1)
    if len(still_open) > MOST_OPEN:
        return f"more than {MOST_OPEN} orders of these days are open"
    sums = _Sums()
    for rollup in rollups.read(store.id, Kind.DAY, first, last):
        for text, number in rollup.numbers.items():
            _add_ended(sums, Name.parse(text), number, wanted)
    for order in still_open:
        if wanted.fits(order) and contribution(order, store.time_zone) is not None:
            _add_open(sums, order)
    return _summary(sums)


def _add_ended(sums: _Sums, name: Name, number: int, wanted: Wanted) -> None:
    if wanted.platforms and name.platform not in wanted.platforms:
        return
    if wanted.channels and name.channel not in wanted.channels:
        return
    # Money that is in the rollups is of orders that were completed.
    status = Status(name.figure) if name.figure in _CLOSED else Status.COMPLETED
    if wanted.statuses and status not in wanted.statuses:
        return
    if name.figure in _CLOSED:
        sums.statuses[status] += number
        sums.platforms[name.platform] += number
    elif name.figure == "revenue":
        sums.revenue[name.currency] += number
    elif name.figure == "valued":
        sums.valued[name.currency] += number


def _add_open(sums: _Sums, order: Order) -> None:
    sums.statuses[order.status] += 1
    sums.platforms[order.platform] += 1
    if order.amounts.total is not None:
        sums.revenue[order.amounts.currency] += order.amounts.total
        sums.valued[order.amounts.currency] += 1


def _summary(sums: _Sums) -> RangeSummary:
    valued = {currency: number for currency, number in sorted(sums.valued.items()) if number > 0}
    return RangeSummary(
        orders=sums.statuses.total(),
        statuses=dict(sums.statuses),
        platforms={platform: number for platform, number in sorted(sums.platforms.items()) if number},
        revenue={currency: sums.revenue[currency] for currency in valued},
        average_order_value={
            currency: round(Decimal(sums.revenue[currency]) / number) for currency, number in valued.items()
        },
    )
