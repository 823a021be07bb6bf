"""What an order holds of a store's goods, how that moves the stock, and what platforms hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from orderhub.order.models import Item, Order
from orderhub.order.status import OPEN, Status
from orderhub.order.stock import (
    CROSSINGS,
    NOTHING,
    PHASES,
    Booked,
    Held,
    Kind,
    Level,
    Movement,
    Place,
    Share,
    Stock,
    booked_after,
    bookings,
    holds,
    is_booked,
    moved,
    thousandths,
    units,
)
from orderhub.order.stock_telling import COUNT_THEMSELVES, Telling, refused_state, telling, told_state
from tests.unit.made import LATER, NOW, an_item, an_order

A, B = Place("sto_1", "A"), Place("sto_1", "B")


def a_stock(on_hand: int = 10_000, place: Place = A, **told: Any) -> Stock:
    return Stock(**{"place": place, "since": NOW, "counted_at": NOW, "on_hand": on_hand, "version": 1, **told})


def of(sku: str | None = "A", quantity: float | str = 1, **told: Any) -> Item:
    return an_item(sku=sku, quantity=Decimal(str(quantity)), **told)


def holding(*items: Item, status: Status = Status.INCOMING, **told: Any) -> dict[str, Held]:
    return {place.sku: held for place, held in holds(an_order(items=list(items), status=status, **told)).items()}


# --- what an order holds ----------------------------------------------------------------------------------------------


def test_every_status_has_its_phase() -> None:
    assert set(PHASES) == set(Status)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_order_reserves(status: Status) -> None:
    assert holding(of(quantity=2), status=status) == {"A": Held(reserved=2000)}


def test_a_completed_order_takes() -> None:
    assert holding(of(quantity=2), status=Status.COMPLETED) == {"A": Held(taken=2000)}


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.DENIED])
def test_an_order_that_ends_early_holds_nothing(status: Status) -> None:
    assert holding(of(), status=status) == {}


@pytest.mark.parametrize("told", [{"duplicate_of": "ord_0"}, {"is_test": True}], ids=str)
def test_copies_and_trials_hold_nothing(told: dict[str, Any]) -> None:
    assert holding(of(), **told) == {}
    assert holding(of(), status=Status.COMPLETED, **told) == {}


def test_an_order_that_waits_for_its_time_holds_nothing_until_then() -> None:
    assert holding(of(), enters_at=LATER) == {}
    assert holding(of(), enters_at=LATER, status=Status.ACCEPTED) == {"A": Held(1000)}
    assert holding(of()) == {"A": Held(1000)}


def test_a_booking_is_known_by_what_it_holds() -> None:
    order, booked = steps(Status.ACCEPTED)[0], Booked("ord_1", 1, 1, {A: Share(Held(2000), NOW)})
    assert is_booked(order, booked)
    assert not is_booked(order, Booked("ord_1"))
    assert not is_booked(order.model_copy(update={"status": Status.COMPLETED}), booked)
    assert is_booked(order.model_copy(update={"status": Status.CANCELLED}), Booked("ord_1"))


@pytest.mark.parametrize("sku", [None, "", "x" * 101], ids=["none", "empty", "too long"])
def test_goods_without_a_sku_are_not_counted(sku: str | None) -> None:
    assert holding(of(sku)) == {}


def test_lines_with_the_same_sku_add_up() -> None:
    assert holding(of(quantity=2), of("B"), of(quantity="0.5")) == {"A": Held(2500), "B": Held(1000)}


def test_goods_by_weight_are_counted_in_thousandths() -> None:
    assert holding(of(quantity="1.2345")) == {"A": Held(1234)}


def test_a_modifier_is_so_many_for_each_of_its_parent() -> None:
    sauce = of("S", 2, modifiers=[of("P", 3)])
    assert holding(of(quantity=2, modifiers=[sauce])) == {"A": Held(2000), "S": Held(4000), "P": Held(12_000)}


def test_a_modifier_with_the_sku_of_its_parent_is_the_same_piece() -> None:
    assert holding(of(modifiers=[of("A")])) == {"A": Held(1000)}


def test_modifiers_of_goods_without_a_sku_are_counted() -> None:
    assert holding(of(None, 2, modifiers=[of("S")])) == {"S": Held(2000)}


@pytest.mark.parametrize(("picked", "open_", "completed"), [(1, 3, 1), (4, 4, 4), (0, 3, None), (None, 3, 3)], ids=str)
def test_what_was_picked_counts(picked: int | None, open_: int, completed: int | None) -> None:
    line = of(quantity=3, picked_quantity=None if picked is None else Decimal(picked))
    assert holding(line) == {"A": Held(reserved=open_ * 1000)}
    assert holding(line, status=Status.COMPLETED) == ({"A": Held(taken=completed * 1000)} if completed else {})


def test_a_number_beyond_reason_is_not_counted_with() -> None:
    assert holding(of(quantity=10**9 - 1, modifiers=[of("S", 10**9 - 1)])) == {"A": Held((10**9 - 1) * 1000)}


@pytest.mark.parametrize(("number", "shown"), [(0, "0"), (10_000, "10"), (-1500, "-1.5"), (1, "0.001")], ids=str)
def test_thousandths_are_shown_as_pieces(number: int, shown: str) -> None:
    assert str(units(number)) == shown
    assert thousandths(units(number)) == number


# --- how stock moves --------------------------------------------------------------------------------------------------


class Shelf:
    """Stocks and what is booked of one order, as storage would hold them."""

    def __init__(self, *stocks: Stock) -> None:
        self.stocks = {stock.place: stock for stock in stocks}
        self.booked = Booked("ord_1")

    def book(self, order: Order) -> list[Movement]:
        movements = bookings(order, self.booked, self.stocks, LATER)
        if movements:
            self.booked = booked_after(order, self.booked, movements)
            self.stocks |= {movement.stock.place: movement.stock for movement in movements}
        return movements

    def numbers(self, place: Place = A) -> tuple[int, int]:
        return self.stocks[place].on_hand, self.stocks[place].reserved


def steps(*statuses: Status, items: Sequence[Item] = ()) -> list[Order]:
    return [
        an_order(items=list(items) or [of(quantity=2)], status=status, version=number, updated_at=LATER)
        for number, status in enumerate(statuses, start=1)
    ]


def kinds(shelf: Shelf, orders: Sequence[Order]) -> list[tuple[Kind, int, int]]:
    return [(one.kind, one.on_hand, one.reserved) for order in orders for one in shelf.book(order)]


def test_the_goods_of_an_order_are_reserved_then_taken() -> None:
    shelf = Shelf(a_stock())
    life = steps(Status.INCOMING, Status.ACCEPTED, Status.READY, Status.PICKED_UP, Status.COMPLETED)
    assert kinds(shelf, life) == [(Kind.RESERVED, 0, 2000), (Kind.TAKEN, -2000, -2000)]
    assert shelf.numbers() == (8000, 0)


def test_the_goods_of_a_cancelled_order_are_released() -> None:
    shelf = Shelf(a_stock())
    assert kinds(shelf, steps(Status.INCOMING, Status.CANCELLED)) == [
        (Kind.RESERVED, 0, 2000),
        (Kind.RELEASED, 0, -2000),
    ]
    assert (shelf.numbers(), shelf.booked.shares) == ((10_000, 0), {})


def test_what_was_taken_is_returned() -> None:
    shelf = Shelf(a_stock())
    assert kinds(shelf, steps(Status.COMPLETED, Status.CANCELLED)) == [(Kind.TAKEN, -2000, 0), (Kind.RETURNED, 2000, 0)]


def test_an_order_that_is_opened_again_reserves_again() -> None:
    shelf = Shelf(a_stock())
    assert kinds(shelf, steps(Status.COMPLETED, Status.ACCEPTED)) == [
        (Kind.TAKEN, -2000, 0),
        (Kind.RETURNED, 2000, 2000),
    ]
    assert shelf.numbers() == (10_000, 2000)


def test_another_item_in_place_of_the_first() -> None:
    shelf = Shelf(a_stock(), a_stock(place=B))
    shelf.book(steps(Status.ACCEPTED)[0])
    shelf.book(an_order(items=[of("B", 3)], status=Status.ACCEPTED, version=2))
    assert (shelf.numbers(A), shelf.numbers(B)) == ((10_000, 0), (10_000, 3000))


def test_an_order_that_moves_to_another_store_frees_the_goods_of_the_first() -> None:
    other = Place("sto_2", "A")
    shelf = Shelf(a_stock(), a_stock(place=other))
    order = steps(Status.ACCEPTED)[0]
    shelf.book(order)
    shelf.book(order.model_copy(update={"store_id": "sto_2", "version": 2}))
    assert (shelf.numbers(A), shelf.numbers(other)) == ((10_000, 0), (10_000, 2000))


def test_items_that_nobody_keeps_are_left_alone() -> None:
    shelf = Shelf(a_stock(place=B))
    assert shelf.book(steps(Status.ACCEPTED)[0]) == []


def test_stock_may_fall_below_nothing() -> None:
    shelf = Shelf(a_stock(1000))
    shelf.book(steps(Status.INCOMING)[0])
    assert (shelf.stocks[A].available, shelf.stocks[A].level) == (-1000, Level.OUT)


def test_what_was_completed_before_the_count_is_part_of_it() -> None:
    order = steps(Status.COMPLETED)[0].model_copy(update={"times": {Status.COMPLETED: NOW}})
    assert Shelf(a_stock(counted_at=LATER)).book(order) == []
    assert kinds(Shelf(a_stock(counted_at=NOW)), [order]) == [(Kind.TAKEN, -2000, 0)]


def test_an_order_that_was_booked_as_open_takes_its_goods_whatever_was_counted_meanwhile() -> None:
    shelf = Shelf(a_stock())
    reserved, completed = steps(Status.ACCEPTED, Status.COMPLETED)
    shelf.book(reserved)
    shelf.stocks[A] = replace(shelf.stocks[A], counted_at=LATER + timedelta(hours=1))
    assert kinds(shelf, [completed]) == [(Kind.TAKEN, -2000, -2000)]


def test_what_was_booked_of_an_item_that_was_kept_before_is_forgotten() -> None:
    shelf = Shelf(a_stock())
    shelf.booked = Booked("ord_1", 1, 1, {A: Share(Held(reserved=2000), NOW - timedelta(days=1))})
    assert kinds(shelf, steps(Status.CANCELLED)) == []
    assert kinds(shelf, steps(Status.ACCEPTED)) == [(Kind.RESERVED, 0, 2000)]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_to_an_order_the_stock_is_what_its_last_state_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    shelf = Shelf(a_stock(), a_stock(place=B))
    for version in range(1, 30):
        lines = [of(sku, random.randint(1, 5)) for sku in random.sample(["A", "B", "C"], random.randint(0, 3))]
        order = an_order(items=lines, status=random.choice(list(Status)), version=version, updated_at=LATER)
        for _ in range(random.randint(1, 3)):
            shelf.book(order)
        for place in (A, B):
            held = holds(order).get(place, NOTHING)
            assert shelf.numbers(place) == (10_000 - held.taken, held.reserved)
            assert shelf.stocks[place].sold == ({"con_1": sum(held)} if sum(held) else {})


# --- levels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("available", "threshold", "level"),
    [
        (6, 5, Level.OK),
        (5, 5, Level.LOW),
        (1, 5, Level.LOW),
        (0, 5, Level.OUT),
        (-1, 5, Level.OUT),
        (1, None, Level.OK),
        (0, None, Level.OUT),
        (1, 0, Level.OK),
    ],
    ids=str,
)
def test_how_much_is_left(available: int, threshold: int | None, level: Level) -> None:
    assert a_stock(available + 3, reserved=3, low_threshold=threshold).level is level


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (6, 5, ("stock.low",)),
        (6, 0, ("stock.low", "stock.out")),
        (5, 4, ()),
        (5, 0, ("stock.out",)),
        (0, -1, ()),
        (0, 3, ()),
        (3, 6, ("stock.ok",)),
        (0, 6, ("stock.ok",)),
        (6, 7, ()),
    ],
    ids=str,
)
def test_an_event_for_each_crossing(before: int, after: int, events: tuple[str, ...]) -> None:
    stock = a_stock(before, low_threshold=5)
    assert moved(stock, replace(stock, on_hand=after), Kind.ADJUSTED, LATER).events == events


def test_a_new_item_falls_from_nowhere() -> None:
    assert moved(None, a_stock(0, version=0, low_threshold=5), Kind.COUNTED, LATER).events == ()


def test_no_crossing_is_of_a_level_to_itself() -> None:
    assert all(before is not after for before, after in CROSSINGS)


def test_a_movement_that_changes_what_is_available_is_worth_telling() -> None:
    stock = a_stock(reserved=2000, version=4, moved=3)
    taken = replace(stock, on_hand=8000, reserved=0)
    assert moved(stock, taken, Kind.TAKEN, LATER).stock == replace(taken, version=5, moved=3)
    assert moved(stock, replace(stock, reserved=0), Kind.RELEASED, LATER).stock.moved == 5
    assert moved(stock, replace(stock, asked=1), Kind.COUNTED, LATER).stock.moved == 5


# --- what platforms are told ------------------------------------------------------------------------------------------


def test_a_platform_that_was_never_told_is_told() -> None:
    assert telling(a_stock(7900), "con_1", "toast", {}) == Telling(7, None)


def test_a_platform_is_told_once() -> None:
    stock = a_stock(7000)
    state = told_state(stock, "con_1", 7)
    assert telling(stock, "con_1", "toast", state) is None
    assert telling(replace(stock, on_hand=6000), "con_1", "toast", state) == Telling(6, 7)


def test_a_platform_is_never_told_less_than_nothing() -> None:
    stock = a_stock(-3000)
    assert telling(stock, "con_1", "toast", {}) == Telling(0, None)
    assert telling(replace(stock, on_hand=-5000), "con_1", "toast", told_state(stock, "con_1", 0)) is None


@pytest.mark.parametrize("platform", sorted(COUNT_THEMSELVES))
def test_a_platform_that_counts_by_itself_is_not_told_of_its_own_sales(platform: str) -> None:
    stock = a_stock(10_000)
    state = told_state(stock, "con_1", 10)
    sold = replace(stock, reserved=2000, sold={"con_1": 2000})
    assert telling(sold, "con_1", platform, state) is None
    assert telling(sold, "con_2", platform, state) == Telling(8, 10)
    assert telling(sold, "con_1", "toast", state) == Telling(8, 10)


def test_what_a_platform_holds_is_what_it_was_told_less_what_it_sold() -> None:
    stock = a_stock(10_000, sold={"con_1": 1000})
    state = told_state(stock, "con_1", 10)
    sold = replace(stock, reserved=5000, sold={"con_1": 3000, "con_2": 3000})
    assert telling(sold, "con_1", "shopify", state) == Telling(5, 8)
    cancelled = replace(stock, reserved=0, sold={})
    assert telling(replace(cancelled, on_hand=11_000), "con_1", "shopify", state) is None


def test_a_count_by_staff_is_told_though_it_be_the_same() -> None:
    stock = a_stock(7000)
    assert telling(replace(stock, asked=1), "con_1", "toast", told_state(stock, "con_1", 7)) == Telling(7, 7)


def test_what_was_told_of_an_item_kept_before_is_worth_nothing() -> None:
    before = a_stock(7000, since=NOW - timedelta(days=1))
    assert telling(a_stock(7000), "con_1", "toast", told_state(before, "con_1", 7)) == Telling(7, None)


def test_a_platform_that_refused_is_told_again_though_it_be_the_same() -> None:
    stock = a_stock(7000)
    state = refused_state(stock, told_state(stock, "con_1", 7), lacks=False)
    assert telling(stock, "con_1", "toast", state) == Telling(7, 7)
    assert telling(stock, "con_1", "toast", refused_state(stock, {}, lacks=False)) == Telling(7, None)


def test_a_platform_without_the_item_is_asked_again_when_staff_say_so() -> None:
    stock = a_stock(7000)
    state = refused_state(stock, {}, lacks=True)
    assert telling(replace(stock, on_hand=6000), "con_1", "toast", state) is None
    assert telling(replace(stock, asked=1), "con_1", "toast", state) == Telling(7, None)


def test_a_number_that_is_no_whole_one_is_nothing_to_compare_with() -> None:
    stock = a_stock(10_000)
    sold = replace(stock, reserved=3500, sold={"con_1": 1500})
    assert telling(sold, "con_1", "shopify", told_state(stock, "con_1", 10)) == Telling(6, None)
