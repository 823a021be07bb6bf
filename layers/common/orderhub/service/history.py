"""What stores' orders and issues come to: by period, platform, store, hour, item. From rollups and open orders alone.

An order counts for the day it was placed on, in the time zone of its store. For a second or so after its end it may be
missing: it is open no more, and not in the rollups yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from orderhub.errors import Reject
from orderhub.order.facts import THOUSANDTHS, Figures, Name, Tally, contribution
from orderhub.order.issues import IssueType, Priority
from orderhub.order.times import business_date, zone
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.stores import Store, get_store, list_stores
from orderhub.service.summaries import (
    BusyHours,
    Granularity,
    HourFigures,
    IssueDayFigures,
    IssueFigures,
    IssueHistory,
    IssuePlatformFigures,
    IssueStoreFigures,
    IssueTypeFigures,
    OrderFigures,
    OrderHistory,
    PeriodComparison,
    PeriodFigures,
    PlatformFigures,
    SoldItem,
    SoldItems,
    StoreFigures,
    WeekdayFigures,
    compared,
    fields,
    issue_fields,
    summarised,
)
from orderhub.storage import rollups
from orderhub.storage.rollups import Kind

_USUAL_DAYS = 7
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
_DAY = timedelta(days=1)
K = TypeVar("K", int, str, date, tuple[str, str])


class ItemOrder(StrEnum):
    """What items are put in order by, the largest first."""

    AMOUNT = "amount"
    QUANTITY = "quantity"


# The longest range of days, by what is read of each.
LONGEST: dict[Kind, int] = {Kind.DAY: 366, Kind.HOUR: 31, Kind.ITEMS: 92, Kind.ISSUES: 366}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. store_id: None for all of the caller's; date_from, date_to: None for the last seven days."""

    store_id: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    platform: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class _Range:
    """Days, both ends included."""

    first: date
    last: date

    @property
    def previous(self) -> _Range:
        """As many days, just before."""
        days = self.last - self.first + _DAY
        return _Range(self.first - days, self.first - _DAY)

    def __iter__(self) -> Iterator[date]:
        return (self.first + number * _DAY for number in range((self.last - self.first).days + 1))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class _Number:
    """One number of a rollup or an open order, and what it is of."""

    store_id: str
    day: date
    hour: int
    name: Name
    value: int


def history(caller: Caller, asked: Asked, granularity: Granularity, *, compare: bool) -> OrderHistory:
    """The figures of a range of days, and of the days before when `compare`.

    Two queries for each store. Raises Reject INVALID_STORE, INVALID_FIELD_VALUE; Retry.
    """
    kind = Kind.HOUR if granularity is Granularity.HOUR else Kind.DAY
    stores, days = _chosen(caller, asked, kind)
    found = list(_numbers(stores, asked, kind, _Range(days.previous.first, days.last) if compare else days))
    here = [one for one in found if one.day in days]
    summary = summarised(_tally(here))
    series = _grouped(here, lambda one: _label(one.day, one.hour, granularity), _labels(days, granularity))
    platforms = _grouped(here, lambda one: (one.name.platform, one.name.channel), ())
    by_store = _grouped(here, lambda one: one.store_id, [store.id for store in stores])
    return OrderHistory(
        date_from=days.first,
        date_to=days.last,
        granularity=granularity,
        period_summary=summary,
        series=[PeriodFigures(period=label, **fields(tally)) for label, tally in series.items()],
        by_platform=[PlatformFigures(platform=key[0], channel=key[1], **fields(one)) for key, one in platforms.items()],
        by_store=[StoreFigures(store_id=store_id, **fields(tally)) for store_id, tally in by_store.items()],
        comparison=_compared(summary, found, days.previous) if compare else None,
    )


def hours(caller: Caller, asked: Asked) -> BusyHours:
    """The figures of a range of days by hour of the day and by day of the week. Raises as `history`."""
    stores, days = _chosen(caller, asked, Kind.HOUR)
    found = list(_numbers(stores, asked, Kind.HOUR, days))
    by_hour = _grouped(found, lambda one: one.hour, range(24))
    by_weekday = _grouped(found, lambda one: one.day.isoweekday(), range(1, 8))
    return BusyHours(
        date_from=days.first,
        date_to=days.last,
        hours=[HourFigures(hour=hour, **fields(tally)) for hour, tally in by_hour.items()],
        weekdays=[WeekdayFigures(weekday=weekday, **fields(tally)) for weekday, tally in by_weekday.items()],
    )


def items(caller: Caller, asked: Asked, order: ItemOrder, *, limit: int) -> SoldItems:
    """The items that were sold most in a range of days. Raises as `history`."""
    stores, days = _chosen(caller, asked, Kind.ITEMS)
    sums: dict[tuple[str, str], Counter[str]] = {}
    names: dict[tuple[str, str], Counter[str]] = {}
    for one in _numbers(stores, asked, Kind.ITEMS, days):
        what, sku, name = one.name.figure.split("|", 2)
        key = (one.name.currency, f"{sku}|" if sku else f"|{name}")
        sums.setdefault(key, Counter())[what] += one.value
        names.setdefault(key, Counter())[name] += one.value if what == ItemOrder.QUANTITY else 0
    found = [_sold(key, sums[key], names[key]) for key in sorted(names) if any(sums[key].values())]
    found.sort(key=lambda one: one.amount if order is ItemOrder.AMOUNT else one.quantity, reverse=True)
    return SoldItems(date_from=days.first, date_to=days.last, items=found[:limit])


def issues(caller: Caller, asked: Asked) -> IssueHistory:
    """The figures of the issues that were opened in a range of days. One query for each store. Raises as `history`."""
    stores, days = _chosen(caller, asked, Kind.ISSUES)
    found = list(_numbers(stores, asked, Kind.ISSUES, days))
    whole = _tally(found)
    platforms = _grouped(found, lambda one: one.name.platform, ())
    by_store = _grouped(found, lambda one: one.store_id, [store.id for store in stores])
    by_day = _grouped(found, lambda one: one.day, days)
    return IssueHistory(
        date_from=days.first,
        date_to=days.last,
        period_summary=IssueFigures(**issue_fields(whole)),
        by_type=[IssueTypeFigures(type=kind, **issue_fields(whole, kind)) for kind in IssueType],
        by_priority={priority: whole.total(f"priority:{priority}") for priority in Priority},
        by_platform=[
            IssuePlatformFigures(platform=platform, **issue_fields(one)) for platform, one in platforms.items()
        ],
        by_store=[IssueStoreFigures(store_id=store_id, **issue_fields(one)) for store_id, one in by_store.items()],
        series=[IssueDayFigures(day=day, **issue_fields(one)) for day, one in by_day.items()],
    )


def _sold(key: tuple[str, str], sums: Mapping[str, int], names: Mapping[str, int]) -> SoldItem:
    currency, kind = key
    return SoldItem(
        sku=kind.partition("|")[0] or None,
        name=max(sorted(names), key=lambda name: names[name]),  # platforms name the same SKU differently
        currency=currency,
        quantity=max(Decimal(sums["quantity"]) / THOUSANDTHS, Decimal(0)),
        amount=sums["amount"],
    )


# --- what is asked for -----------------------------------------------------------------------------------------------


def _chosen(caller: Caller, asked: Asked, kind: Kind) -> tuple[list[Store], _Range]:
    caller.require(Role.VIEWER)
    stores = [get_store(caller, asked.store_id)] if asked.store_id is not None else _every_store(caller)
    for day in filter(None, (asked.date_from, asked.date_to)):
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise Reject("INVALID_FIELD_VALUE", f"{day} is not between {_FIRST_DAY} and {_LAST_DAY}")
    today = max((business_date(now(), store.time_zone) for store in stores), default=now().date())
    last = asked.date_to or max(today, asked.date_from or today)
    first = asked.date_from or last - (_USUAL_DAYS - 1) * _DAY
    if first > last:
        raise Reject("INVALID_FIELD_VALUE", "date_from is after date_to")
    if (last - first).days >= LONGEST[kind]:
        raise Reject("INVALID_FIELD_VALUE", f"this looks at {LONGEST[kind]} days at most")
    return stores, _Range(first, last)


def _every_store(caller: Caller) -> list[Store]:
    found, cursor = list_stores(caller, limit=1000, cursor=None)
    while cursor is not None:
        more, cursor = list_stores(caller, limit=1000, cursor=cursor)
        found += more
    return found


def _numbers(stores: Iterable[Store], asked: Asked, kind: Kind, days: _Range) -> Iterator[_Number]:
    for store in stores:
        still_open = () if kind is Kind.ISSUES else _open(store, kind, days)
        for day, hour, numbers in (*_ended(store, kind, days), *still_open):
            for text, value in numbers.items():
                name = Name.parse(text)
                if asked.platform in (None, name.platform) and asked.channel in (None, name.channel):
                    yield _Number(store.id, day, hour, name, value)


def _ended(store: Store, kind: Kind, days: _Range) -> Iterator[tuple[date, int, Figures]]:
    for rollup in rollups.read(store.id, kind, days.first, days.last):
        yield rollup.day, rollup.hour, rollup.numbers


def _open(store: Store, kind: Kind, days: _Range) -> Iterator[tuple[date, int, Figures]]:
    here = zone(store.time_zone)
    since, until = (datetime.combine(day, time(), here) for day in (days.first, days.last + _DAY))
    for order in rollups.open_orders(store.id, since, until):
        adds = contribution(order, store.time_zone)
        if adds is not None:
            yield adds.day, adds.hour, adds.items if kind is Kind.ITEMS else adds.figures


def _label(day: date, hour: int, granularity: Granularity) -> str:
    match granularity:
        case Granularity.HOUR:
            return f"{day}T{hour:02}"
        case Granularity.DAY:
            return f"{day}"
        case Granularity.WEEK:
            return f"{day:%G-W%V}"
        case Granularity.MONTH:
            return f"{day:%Y-%m}"


def _labels(days: _Range, granularity: Granularity) -> Iterable[str]:
    each = range(24) if granularity is Granularity.HOUR else (0,)
    return (_label(day, hour, granularity) for day in days for hour in each)


# --- what comes of it ------------------------------------------------------------------------------------------------


def _tally(numbers: Iterable[_Number]) -> Tally:
    tally = Tally()
    for one in numbers:
        tally.add(one.name, one.value)
    return tally


def _grouped(numbers: Iterable[_Number], key: Callable[[_Number], K], keys: Iterable[K]) -> dict[K, Tally]:
    """Tallies by key. keys: those that there are in any case, in their order; further ones follow in theirs."""
    groups: dict[K, list[_Number]] = {one: [] for one in keys}
    fixed = bool(groups)
    for number in numbers:
        groups.setdefault(key(number), []).append(number)
    order = groups if fixed else sorted(groups)
    return {one: _tally(groups[one]) for one in order}


def _compared(summary: OrderFigures, numbers: Iterable[_Number], days: _Range) -> PeriodComparison:
    before = summarised(_tally(one for one in numbers if one.day in days))
    return compared(summary, before, days.first, days.last)
