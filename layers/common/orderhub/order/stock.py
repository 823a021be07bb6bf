"""How many of an item a store has, what its orders hold of that, and what others have to hear of it. Pure.

Quantities are whole numbers of thousandths (`UNIT` is one piece), as goods are sold by weight, too. What is available
is what is on the shelf less what is reserved. It may be less than nothing: what was sold was sold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from orderhub.order.models import Item, Order
from orderhub.order.status import OPEN, Status

UNIT = 1000
LONGEST_SKU = 100
"""Characters; an item with a longer SKU cannot be kept."""

_LARGEST = 10**15  # thousandths; an order of more is a mistake, and no number to count with


class Phase(StrEnum):
    """What an order does with its goods."""

    RESERVES = "reserves"
    TAKES = "takes"
    LEAVES = "leaves"


PHASES: dict[Status, Phase] = {
    **dict.fromkeys(OPEN, Phase.RESERVES),
    Status.COMPLETED: Phase.TAKES,
    Status.CANCELLED: Phase.LEAVES,
    Status.DENIED: Phase.LEAVES,
}


class Level(StrEnum):
    """How much is left. LOW: as much as the threshold, or less; OUT: none, or less than none."""

    OK = "ok"
    LOW = "low"
    OUT = "out"


class Kind(StrEnum):
    """What moved the stock."""

    COUNTED = "counted"  # somebody said how many there are
    ADJUSTED = "adjusted"  # somebody said how many more or fewer there are
    CHANGED = "changed"  # a threshold, an id: not a number
    REMOVED = "removed"  # it is no longer kept
    RESERVED = "reserved"  # an order holds more of it
    RELEASED = "released"  # an order holds less of it, before it took any
    TAKEN = "taken"  # an order took it
    RETURNED = "returned"  # an order brought it back


# From one level to another -> what happened. A new item falls from nowhere.
CROSSINGS: dict[tuple[Level, Level], tuple[str, ...]] = {
    (Level.OK, Level.LOW): ("stock.low",),
    (Level.OK, Level.OUT): ("stock.low", "stock.out"),
    (Level.LOW, Level.OUT): ("stock.out",),
    (Level.LOW, Level.OK): ("stock.ok",),
    (Level.OUT, Level.OK): ("stock.ok",),
}


class Held(NamedTuple):
    """What an order holds of one item."""

    reserved: int = 0
    taken: int = 0


NOTHING = Held()


class Place(NamedTuple):
    """Which stock: an item of a store."""

    store_id: str
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """An item that a store keeps stock of.

    since: from when on, which tells it from one that was kept under the same SKU before; counted_at: when somebody last
    said how many there are; version: grows by one with each change; moved: the version that last gave platforms
    something to hear; asked: how often staff asked that they hear it; sold: what the orders of each connection hold;
    external_ids: connection or platform -> its id of the item, where it is not the SKU.
    """

    place: Place
    since: datetime
    counted_at: datetime
    on_hand: int = 0
    reserved: int = 0
    low_threshold: int | None = None
    version: int = 0
    moved: int = 0
    asked: int = 0
    sold: Mapping[str, int] = field(default_factory=dict)
    external_ids: Mapping[str, str] = field(default_factory=dict)
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def available(self) -> int:
        """What can still be sold; negative when more was sold than there is."""
        return self.on_hand - self.reserved

    @property
    def level(self) -> Level:
        """How much is left."""
        if self.available <= 0:
            return Level.OUT
        low = self.low_threshold is not None and self.available <= self.low_threshold
        return Level.LOW if low else Level.OK


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of a stock. stock: after it; by: who; events: what it let happen (`CROSSINGS`)."""

    stock: Stock
    kind: Kind
    at: datetime
    on_hand: int
    reserved: int
    by: str = ""
    order_id: str | None = None
    reason: str | None = None
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What is booked of an order in one stock. since: of that stock."""

    held: Held
    since: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked of an order. version: of the order; revision: grows by one with each booking; 0 for none yet."""

    order_id: str
    version: int = 0
    revision: int = 0
    shares: Mapping[Place, Share] = field(default_factory=dict)


# --- what an order holds ----------------------------------------------------------------------------------------------


def holds(order: Order) -> dict[Place, Held]:
    """What an order holds of each SKU as it is now.

    While it is open, what was ordered, or what was picked where that is more; once it is completed, what was picked,
    or what was ordered where nobody said. Copies of an order, test orders, and those that wait for their time hold
    nothing.
    """
    phase = PHASES[order.status]
    if phase is Phase.LEAVES or order.is_waiting or order.duplicate_of is not None or order.is_test:
        return {}
    sums: dict[str, Decimal] = {}
    for item in order.items:
        _add(sums, item, _units(item, phase), "")
    return {
        Place(order.store_id, sku): Held(reserved=number) if phase is Phase.RESERVES else Held(taken=number)
        for sku, quantity in sums.items()
        if 0 < (number := thousandths(quantity)) <= _LARGEST
    }


def thousandths(quantity: Decimal) -> int:
    """A quantity as it is counted here."""
    return round(quantity * UNIT)


def units(number: int) -> Decimal:
    """A number of thousandths as a quantity."""
    return Decimal(f"{(Decimal(number) / UNIT).normalize():f}")


def _units(item: Item, phase: Phase) -> Decimal:
    picked = item.picked_quantity
    if picked is None:
        return item.quantity
    return max(item.quantity, picked) if phase is Phase.RESERVES else picked


def _add(sums: dict[str, Decimal], item: Item, quantity: Decimal, parent: str) -> None:
    """Adds a line and its modifiers, which are so many for each one of their parent.

    A modifier with the SKU of its parent is the same piece: the variant that was chosen.
    """
    sku = item.sku or ""
    if 0 < len(sku) <= LONGEST_SKU and sku != parent:
        sums[sku] = sums.get(sku, Decimal(0)) + quantity
    for one in item.modifiers:
        _add(sums, one, quantity * one.quantity, sku)


# --- how stock moves --------------------------------------------------------------------------------------------------


def is_booked(order: Order, booked: Booked) -> bool:
    """Whether what is booked of an order is what it holds; stocks that were kept anew since are not looked at."""
    return {place: share.held for place, share in booked.shares.items()} == holds(order)


def bookings(order: Order, booked: Booked, stocks: Mapping[Place, Stock], at: datetime) -> list[Movement]:
    """What has to move so that the stocks hold what the order holds now, by what was booked of it before.

    What was completed before somebody counted the item is part of that count, unless it was booked as open.
    """
    wanted = holds(order)
    found: list[Movement] = []
    for place in {**wanted, **booked.shares}:
        stock = stocks.get(place)
        if stock is None:
            continue
        share, new = booked.shares.get(place), wanted.get(place, NOTHING)
        known = share is not None and share.since == stock.since
        old = share.held if share is not None and known else NOTHING
        if new == old or (not known and new.taken and _ended_at(order, at) < stock.counted_at):
            continue
        found.append(_booking(stock, order, old, new, at))
    return found


def booked_after(order: Order, booked: Booked, movements: Iterable[Movement]) -> Booked:
    """What is booked of the order once these have been written."""
    wanted, shares = holds(order), dict(booked.shares)
    for movement in movements:
        place = movement.stock.place
        held = wanted.get(place, NOTHING)
        shares.pop(place, None)
        if held != NOTHING:
            shares[place] = Share(held, movement.stock.since)
    return Booked(order.id, order.version, booked.revision + 1, shares)


def _ended_at(order: Order, at: datetime) -> datetime:
    return order.times.get(order.status) or order.updated_at or at


def _booking(stock: Stock, order: Order, old: Held, new: Held, at: datetime) -> Movement:
    more = sum(new) - sum(old)
    sold = {**stock.sold, order.connection_id: stock.sold.get(order.connection_id, 0) + more}
    after = replace(
        stock,
        on_hand=stock.on_hand - (new.taken - old.taken),
        reserved=stock.reserved + new.reserved - old.reserved,
        sold={connection_id: number for connection_id, number in sold.items() if number},
    )
    return moved(stock, after, _kind(old, new), at, by="keep_stock", order_id=order.id)


def _kind(old: Held, new: Held) -> Kind:
    if new.taken != old.taken:
        return Kind.TAKEN if new.taken > old.taken else Kind.RETURNED
    return Kind.RESERVED if new.reserved > old.reserved else Kind.RELEASED


def moved(before: Stock | None, after: Stock, kind: Kind, at: datetime, **told: Any) -> Movement:
    """The movement from one stock (None: it was not kept) to the next, which it gives its version.

    told: who and why, as of Movement.
    """
    was = before or replace(after, on_hand=0, reserved=0, version=0)
    version = was.version + 1
    worth_telling = before is None or after.available != was.available or after.asked != was.asked
    stamped = replace(after, version=version, moved=version if worth_telling else was.moved)
    events = CROSSINGS.get((before.level, after.level), ()) if before is not None else ()
    return Movement(
        stamped, kind, at, after.on_hand - was.on_hand, after.reserved - was.reserved, events=events, **told
    )
