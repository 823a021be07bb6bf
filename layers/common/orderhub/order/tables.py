"""A restaurant's book of one day: who sits at its tables when, and whether there is room for more. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orderhub.order.messages import TableRules

# A day of the book begins when nobody sits at a table any more: who comes at 23:30 and leaves at 1:00 is on one page.
_DAY_BEGINS = timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Seating:
    """Guests at a table. number: of the reservation or lock; at: when they come, UTC; held_until: of a lock only."""

    number: int
    at: datetime
    size: int
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """The seatings of one day. version: 0 for a page that is not stored yet."""

    day: date
    seatings: tuple[Seating, ...] = ()
    version: int = 0

    def having(self, seating: Seating) -> Book:
        """The book with one seating more."""
        return replace(self, seatings=(*self.seatings, seating))

    def without(self, *numbers: int | None) -> Book:
        """The book without these reservations or locks."""
        return replace(self, seatings=tuple(one for one in self.seatings if one.number not in numbers))

    def without_lock(self, number: int | None) -> Book:
        """The book without a lock; a reservation of that number stays."""
        kept = (one for one in self.seatings if one.held_until is None or one.number != number)
        return replace(self, seatings=tuple(kept))

    def at(self, now: datetime) -> Book:
        """The book without the locks that have run out."""
        live = (one for one in self.seatings if one.held_until is None or one.held_until > now)
        return replace(self, seatings=tuple(live))

    def beside(self, at: datetime, turn: timedelta) -> tuple[Seating, ...]:
        """Who sits there at some time of a turn that begins at `at`."""
        return tuple(one for one in self.seatings if at - turn < one.at < at + turn)


def day_of(at: datetime, time_zone: str) -> date:
    """The day of the book that a time belongs to, on the restaurant's clock."""
    return (at.astimezone(ZoneInfo(time_zone)) - _DAY_BEGINS).date()


def refusal(book: Book, at: datetime, size: int, rules: TableRules, time_zone: str) -> str:
    """Why so many guests cannot come at that time: `closed`, `too_large`, `full`; nothing when they can."""
    local = at.astimezone(ZoneInfo(time_zone)).time()
    if rules.service and not any(_is_within(local, first, last) for first, last in rules.service):
        return "closed"
    if not 0 < size <= rules.largest:
        return "too_large"
    return "full" if _most_at_once(book, at, rules.turn) + size > rules.seats else ""


def _is_within(local: time, first: time, last: time) -> bool:
    """Whether a time lies in a span, which may reach over midnight."""
    return first <= local <= last if first <= last else local >= first or local <= last


def _most_at_once(book: Book, at: datetime, turn: timedelta) -> int:
    """The most guests there at one moment of a turn; it can only be when one begins or somebody comes."""
    there = book.beside(at, turn)
    moments = {at, *(one.at for one in there if one.at > at)}
    return max(sum(one.size for one in there if one.at <= moment < one.at + turn) for moment in moments)
