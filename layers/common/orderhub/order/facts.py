"""What an order adds to the history of its store. Pure: an order in, whole numbers out, which are only ever added up.

A number's name is `platform|channel|currency|figure`; channel is empty where it is the platform itself. The figures:

orders              1
open, completed, cancelled, denied     1 under the one that the order is now
sold                1 unless it was cancelled or denied; the money is that of such orders
valued              1 where the platform told a total
revenue, subtotal, discount, tax, tip     minor units; revenue is the total
reason:<code>       1, of an order that was cancelled or denied; NOT_SAID when nobody told a code of ours
hour:<hour>         1, the hour of the day it was placed in
refunds             minor units that were given back, whatever became of the order
accept:<seconds>    1, from placed (or entered, where it waited) to accepted; seconds: where the bucket begins that the
                    time falls in (`BOUNDS`)
ready:<seconds>     1, from accepted to ready

and of each line of an order that is sold: quantity|<sku>|<name> (thousandths), amount|<sku>|<name> (minor units).

Copies of an order that its marketplace tells of as well, and test orders, add nothing.

An issue adds, on the day it was opened, without a currency:

issues:<type>, priority:<priority>    1
done:<type>         1 once it is resolved or closed
late:<type>         1 when that was later than it should have been
resolve:<type>:<seconds>    1, from opened to resolved, by bucket
satisfied:<type>, unsatisfied:<type>    1 when the customer said so
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import sqrt
from typing import NamedTuple

from orderhub.order.issues import Issue
from orderhub.order.models import Item, Order
from orderhub.order.refunds import given_back
from orderhub.order.status import Status
from orderhub.order.times import business_date, zone

Figures = Mapping[str, int]

BOUNDS: tuple[int, ...] = tuple(sorted({0, *(round(2 ** (step / 4)) for step in range(92))}))
"""Where the buckets of seconds begin: each begins about a fifth later than the one before, up to 81 days.

A median out of them is right within a tenth, or a second where that is more.
"""
THOUSANDTHS = 1000
NOT_SAID = "NOT_SAID"
OTHERS = "(others)"
MOST_ITEMS = 500
"""Different items of one order; what goes beyond is counted together, as `OTHERS`."""
_LONGEST = 120
_MONEY = ("subtotal", "discount", "tax", "tip")
_LOST = (Status.CANCELLED, Status.DENIED)


class Name(NamedTuple):
    """The name of a number, in its parts."""

    platform: str
    channel: str
    currency: str
    figure: str

    @classmethod
    def parse(cls, text: str) -> Name:
        """The parts of a name."""
        platform, channel, currency, figure = text.split("|", 3)
        return cls(platform, channel or platform, currency, figure)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one order or issue adds, by name. day, hour: when it was placed or opened, in the store's time zone.

    hour: 0 to 23.
    """

    store_id: str
    day: date
    hour: int
    figures: Figures = field(default_factory=dict)
    items: Figures = field(default_factory=dict)
    issues: Figures = field(default_factory=dict)


def contribution(order: Order, time_zone: str, day: date | None = None) -> Contribution | None:
    """What an order adds as it is now; None when it is not counted.

    time_zone: of the store. day: the day it is listed under, which stays when the store moves to another zone.
    """
    placed = order.placed_at or order.created_at
    if order.duplicate_of is not None or order.is_test or placed is None:
        return None
    hour = placed.astimezone(zone(time_zone)).hour
    figures = {**_figures(order, placed), f"hour:{hour:02}": 1}
    items = {} if order.status in _LOST else _items(order)
    head = _head(order)
    return Contribution(
        order.store_id,
        day or business_date(placed, time_zone),
        hour,
        {head + figure: number for figure, number in figures.items()},
        {head + figure: number for figure, number in items.items()},
    )


def issue_contribution(issue: Issue, time_zone: str) -> Contribution:
    """What an issue adds as it is now. time_zone: of the store."""
    kind = issue.type.value
    figures = {f"issues:{kind}": 1, f"priority:{issue.priority}": 1}
    if issue.resolved_at is not None:
        took = (issue.resolved_at - issue.opened_at).total_seconds()
        figures |= {f"done:{kind}": 1, f"resolve:{kind}:{bucket(took)}": 1}
        figures |= {f"late:{kind}": 1} if issue.resolved_at > issue.due_at else {}
    if issue.customer_satisfied is not None:
        figures[f"{'satisfied' if issue.customer_satisfied else 'unsatisfied'}:{kind}"] = 1
    return Contribution(
        issue.store_id,
        business_date(issue.opened_at, time_zone),
        issue.opened_at.astimezone(zone(time_zone)).hour,
        issues={f"{issue.platform}|||{figure}": number for figure, number in figures.items()},
    )


class Tally:
    """Numbers of many orders, added up."""

    def __init__(self) -> None:
        self._sums: dict[str, Counter[str]] = {}

    def add(self, name: Name, number: int) -> None:
        """One number more."""
        self._sums.setdefault(name.figure, Counter())[name.currency] += number

    def total(self, figure: str) -> int:
        """The sum of a figure, whatever its currency; of what is counted, not of money."""
        return sum(self._sums.get(figure, {}).values())

    def money(self, figure: str) -> dict[str, int]:
        """The sum of a figure in each currency that has one, in minor units."""
        return {currency: number for currency, number in sorted(self._sums.get(figure, {}).items()) if number}

    def by(self, head: str) -> dict[str, int]:
        """The sums of all figures `head:...`, by what follows the colon; none that is 0."""
        found = {figure[len(head) + 1 :]: self.total(figure) for figure in self._sums if figure.startswith(f"{head}:")}
        return {what: number for what, number in sorted(found.items()) if number}

    def median(self, head: str) -> int | None:
        """The median of the seconds that are counted as `head:...`; None of none."""
        return median({int(begins): number for begins, number in self.by(head).items()})


def median(buckets: Mapping[int, int]) -> int | None:
    """The median of seconds, of how many fell in each bucket (by where it begins); None of none."""
    left = (sum(buckets.values()) + 1) // 2
    if left <= 0:
        return None
    for begins in sorted(buckets):
        left -= buckets[begins]
        if left <= 0:
            return _middle(begins)
    raise AssertionError("no bucket holds the middle")  # pragma: no cover


def bucket(seconds: float) -> int:
    """Where the bucket begins that a time falls in."""
    return BOUNDS[bisect_right(BOUNDS, max(0, int(seconds))) - 1]


def _middle(begins: int) -> int:
    after = bisect_right(BOUNDS, begins)
    last = BOUNDS[after] - 1 if after < len(BOUNDS) else begins
    return round(sqrt(begins * last))


def _head(order: Order) -> str:
    channel = "" if order.channel == order.platform else _plain(order.channel)
    return f"{order.platform}|{channel}|{_plain(order.amounts.currency)}|"


def _plain(text: str) -> str:
    """Text as part of a name."""
    return text.replace("|", "/").strip()[:_LONGEST]


def _figures(order: Order, placed: datetime) -> dict[str, int]:
    figures = {"orders": 1, "open" if order.is_open else order.status.value: 1, **_times(order, placed)}
    if back := given_back(order):
        figures["refunds"] = back
    if order.status in _LOST:
        code = order.status_reason.code if order.status_reason else None
        return {**figures, f"reason:{code or NOT_SAID}": 1}
    return {**figures, **_sold(order)}


def _sold(order: Order) -> dict[str, int]:
    amounts = order.amounts
    told = {name: getattr(amounts, name) for name in _MONEY} | {"revenue": amounts.total}
    known = {name: amount for name, amount in told.items() if amount}
    return {"sold": 1, **({"valued": 1} if amounts.total is not None else {}), **known}


def _times(order: Order, placed: datetime) -> dict[str, int]:
    """How long it took; not of orders that came accepted, and to ready not of those for a later time."""
    accepted, ready = order.times.get(Status.ACCEPTED), order.times.get(Status.READY)
    figures: dict[str, int] = {}
    if accepted is not None and Status.INCOMING in order.times:
        since = order.answerable_since or placed
        figures[f"accept:{bucket((accepted - since).total_seconds())}"] = 1
    if accepted is not None and ready is not None and order.scheduled_for is None:
        figures[f"ready:{bucket((ready - accepted).total_seconds())}"] = 1
    return figures


def _items(order: Order) -> dict[str, int]:
    kinds = sorted({_kind(item) for item in order.items})
    named = set(kinds[:MOST_ITEMS])
    figures = Counter[str]()
    for item in order.items:
        kind = _kind(item) if _kind(item) in named else f"|{OTHERS}"
        figures[f"quantity|{kind}"] += round(item.quantity * THOUSANDTHS)
        figures[f"amount|{kind}"] += _amount(item)
    return {figure: number for figure, number in figures.items() if number}


def _kind(item: Item) -> str:
    return f"{_plain(item.sku or '')}|{_plain(item.name)}"


def _amount(item: Item) -> int:
    if item.total is not None:
        return item.total
    return round(item.quantity * item.unit_price) if item.unit_price is not None else 0
