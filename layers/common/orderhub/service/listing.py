"""Lists of orders, what they count to, and their export."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from orderhub.errors import Reject
from orderhub.order.events import Event, Raw
from orderhub.order.export import Format, to_csv, to_jsonl
from orderhub.order.facts import Name
from orderhub.order.listing import Wanted
from orderhub.order.models import Order
from orderhub.order.status import CLOSED, OPEN, Status
from orderhub.order.times import business_date
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.orders import get_order
from orderhub.service.stores import get_store, store_ids, stores_of
from orderhub.storage import orders, rollups, timelines
from orderhub.storage.codec import to_json
from orderhub.storage.lists import open_marks
from orderhub.storage.orders import OrderPage

EVERYTHING = Wanted()
LONGEST_SPAN = 31
"""Days of one list."""
_CLOSED = frozenset(status.value for status in CLOSED)
# Open orders that are read to count them; their index entries are some 2 KB each.
_MOST_COUNTED = 10_000
# Lambda's answers end at 6 MB, and the text is quoted once more on its way.
_LARGEST_EXPORT = 5_000_000


@dataclass(frozen=True, slots=True)
class Days:
    """Which days of a store, both included; None where the caller did not say."""

    first: date | None = None
    last: date | None = None


@dataclass(slots=True)
class Counts:
    """Open orders, and those of today that are over; without the copies of what its marketplace tells of as well.

    today: of the store's day, by when they were placed. platforms: platform -> status -> orders. late: past the time to
    answer, or to be ready. unacknowledged: nobody has answered yet. complete: whether all open orders were counted.
    """

    statuses: Counter[Status] = field(default_factory=Counter)
    platforms: dict[str, Counter[Status]] = field(default_factory=dict)
    late: int = 0
    complete: bool = True

    @property
    def open(self) -> int:
        """Orders that are open."""
        return sum(self.statuses[status] for status in OPEN)

    @property
    def unacknowledged(self) -> int:
        """Orders that wait for an answer of the store."""
        return self.statuses[Status.INCOMING]


def list_open(
    caller: Caller,
    store_id: str | None,
    wanted: Wanted = EVERYTHING,
    *,
    waiting: bool = False,
    limit: int,
    cursor: str | None = None,
) -> OrderPage:
    """Open orders, oldest first within each store; of all the caller's stores when none is named.

    waiting: in place of them those that wait for their time, by that time. A page may hold fewer than `limit` orders,
    or none, and still go on. Raises Reject INVALID_STORE, INVALID_CURSOR.
    """
    listed = orders.list_waiting if waiting else orders.list_open
    if store_id is not None:
        caller.require_store(store_id)
        return _only(listed(store_id, limit=limit, cursor=cursor), wanted)
    start, inner = _split(cursor)
    stores = [one for one in sorted(store_ids(caller)) if one >= start]
    found: list[Order] = []
    for number, store in enumerate(stores):
        page = listed(store, limit=limit - len(found), cursor=inner if store == start else None)
        found += _only(page, wanted).orders
        if page.next_cursor is not None:
            return OrderPage(found, _joined(store, page.next_cursor))
        if len(found) >= limit and number + 1 < len(stores):
            return OrderPage(found, _joined(stores[number + 1], None))
    return OrderPage(found, None)


def list_days(
    caller: Caller,
    store_id: str,
    days: Days,
    wanted: Wanted = EVERYTHING,
    *,
    newest_first: bool = True,
    limit: int,
    cursor: str | None = None,
) -> OrderPage:
    """All orders of a store's days (today there, when none is named), by the time they were placed.

    At most `limit` orders are looked at, so that a page may be short. Raises Reject INVALID_STORE, INVALID_CURSOR,
    INVALID_FIELD_VALUE for days that are none or too many.
    """
    store = get_store(caller, store_id)
    start, inner = _split(cursor)
    today = business_date(now(), store.time_zone)
    # A list of today goes on with the day it began with, though it is midnight meanwhile.
    first, last = span(days, (_day(start) if days == Days() else None) or today)
    chosen = [first + timedelta(number) for number in range((last - first).days + 1)]
    if newest_first:
        chosen.reverse()
    if cursor is not None:
        chosen = chosen[_position(chosen, _day(start)) :]
    found: list[Order] = []
    for number, day in enumerate(chosen):
        page = orders.list_day(
            store_id, day, limit=limit - len(found), cursor=None if number else inner, newest_first=newest_first
        )
        found += page.orders
        if page.next_cursor is not None:
            return _only(OrderPage(found, _joined(day.isoformat(), page.next_cursor)), wanted)
        if len(found) >= limit and number + 1 < len(chosen):
            return _only(OrderPage(found, _joined(chosen[number + 1].isoformat(), None)), wanted)
    return _only(OrderPage(found, None), wanted)


def export(
    caller: Caller, store_id: str, days: Days, wanted: Wanted, written: Format, *, limit: int, cursor: str | None
) -> tuple[str, str | None]:
    """Orders of a store's days as text, oldest first, and where it goes on. Raises as `list_days`.

    A page that would be too large for an answer holds fewer orders. Only the first page of a CSV names the columns.
    """
    while True:
        page = list_days(caller, store_id, days, wanted, newest_first=False, limit=limit, cursor=cursor)
        text = to_csv(page.orders, head=cursor is None) if written is Format.CSV else to_jsonl(page.orders)
        if len(to_json(text)) <= _LARGEST_EXPORT or limit == 1:
            return text, page.next_cursor
        limit = max(1, limit // 2)


def count_open(caller: Caller, store_id: str | None) -> Counts:
    """The orders of a store, or of all the caller's stores, counted. Raises Reject INVALID_STORE.

    One query for each store, and one request for the orders of today of each hundred of them.
    """
    stores = stores_of(caller, store_id)
    counts, left, at = Counts(Counter(dict.fromkeys(Status, 0))), _MOST_COUNTED, now()
    for store in stores:
        marks, all_of_them = open_marks(store.id, limit=left) if left else ([], False)
        left -= len(marks)
        counts.complete = counts.complete and all_of_them
        for mark in marks:
            if not mark.is_copy:
                _count(counts, mark.platform, mark.status, 1)
                counts.late += mark.late_from is not None and mark.late_from < at
    for rollup in rollups.of_days({store.id: business_date(at, store.time_zone) for store in stores}):
        for text, number in rollup.numbers.items():
            name = Name.parse(text)
            if name.figure in _CLOSED and number:
                _count(counts, name.platform, Status(name.figure), number)
    return counts


def last_received(caller: Caller, order_id: str) -> tuple[Event, Raw] | None:
    """What the platform last sent of an order, and the event that came of it; None when nothing was received.

    Raises Reject PERMISSION_DENIED, ORDER_NOT_FOUND.
    """
    caller.require(Role.ADMIN)
    get_order(caller, order_id)
    for event in reversed(timelines.timeline(order_id)):
        raw = timelines.received(order_id, event.key)
        if raw is not None:
            return event, raw
    return None


def _count(counts: Counts, platform: str, status: Status, number: int) -> None:
    counts.statuses[status] += number
    counts.platforms.setdefault(platform, Counter(dict.fromkeys(Status, 0)))[status] += number


def _only(page: OrderPage, wanted: Wanted) -> OrderPage:
    return OrderPage([order for order in page.orders if wanted.fits(order)], page.next_cursor)


def span(days: Days, today: date) -> tuple[date, date]:
    """The first and last day. From a day on means up to today; up to a day means that day alone."""
    first = days.first or days.last or today
    last = days.last or max(first, today)
    if not 0 <= (last - first).days < LONGEST_SPAN:
        raise Reject("INVALID_FIELD_VALUE", f"give days in their order, {LONGEST_SPAN} at most")
    return first, last


def _day(text: str) -> date | None:
    """The day in a cursor, None for an empty one. Raises Reject INVALID_CURSOR."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Reject("INVALID_CURSOR", "the cursor is not one of ours") from None


def _position(days: Sequence[date], day: date | None) -> int:
    if day is None or day not in days:
        raise Reject("INVALID_CURSOR", "the cursor is of other days")
    return days.index(day)


def _joined(part: str, inner: str | None) -> str:
    """A cursor over several lists: where to go on, and in which of them (a store or a day)."""
    return urlsafe_b64encode(json.dumps([part, inner]).encode()).decode().rstrip("=")


def _split(cursor: str | None) -> tuple[str, str | None]:
    if cursor is None:
        return "", None
    try:
        part, inner = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        part, inner = None, None
    if not isinstance(part, str) or not isinstance(inner, str | None):
        raise Reject("INVALID_CURSOR", "the cursor is not one of ours")
    return part, inner
