"""The lines of an order: what they come to, and what staff write on them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.order.edits import ReduceQuantity
from orderhub.order.lines import LineStatus, Share, Summary, is_about, summary
from orderhub.order.merge import Effect, Outcome
from orderhub.order.messages import CartChange, ItemChange
from orderhub.order.models import Item, Order, SyncState
from orderhub.order.status import CLOSED, OPEN, Status
from tests.unit.made import a_report, a_snapshot, after, an_item, an_order, changed, then, told

PIZZA = an_item(category="mains", unit_price=900, total=1800, quantity=Decimal(2), notes="no olives")
COLA = an_item(id="itm_2", name="Cola", unit_price=250, quantity=Decimal("1.5"))


def ordered(version: str = "1", *items: Item, **more: Any) -> Order:
    return told(a_snapshot(version, items=list(items or (PIZZA, COLA)), **more))


def written(item_id: str = "itm_1", **changes: Any) -> ItemChange:
    return ItemChange(delivery_key="staff", item_id=item_id, changes=changes)


def line(order: Order | None, item_id: str = "itm_1") -> Item:
    assert order is not None
    return next(item for item in order.items if item.id == item_id)


# --- what they come to ------------------------------------------------------------------------------------------------


def test_lines_are_summed_by_category_and_status() -> None:
    ready = an_item(id="itm_3", category="mains", total=0, status="ready")

    assert summary([PIZZA, COLA, ready]) == Summary(
        total_items=3,
        total_quantity=Decimal("4.5"),
        subtotal=1800 + 375,
        categories={"mains": Share(2, Decimal(3)), "": Share(1, Decimal("1.5"))},
        statuses={"pending": Share(2, Decimal("3.5")), "ready": Share(1, Decimal(1))},
    )


def test_without_every_price_there_is_no_subtotal() -> None:
    assert summary([PIZZA, an_item(id="itm_3"), COLA]).subtotal is None


def test_no_lines_come_to_nothing() -> None:
    assert summary([]) == Summary(subtotal=0)


# --- what staff write -------------------------------------------------------------------------------------------------


def test_a_line_is_rewritten_and_the_platform_is_asked_nothing() -> None:
    current = ordered()

    outcome = then(current, written(name="Pizza Bianca", status=LineStatus.PREPARING))

    expected = PIZZA.model_copy(update={"name": "Pizza Bianca", "status": "preparing", "edited": ["name"]})
    assert outcome == Outcome(
        Effect.APPLIED,
        "item.changed",
        changed(current, items=[expected, COLA]),
        {
            "item": "itm_1",
            "changes": {
                "name": {"from": "Pizza", "to": "Pizza Bianca"},
                "status": {"from": None, "to": "preparing"},
            },
        },
    )


def test_what_it_says_already_changes_nothing() -> None:
    outcome = then(ordered(), written(name="Pizza", notes="no olives"))

    assert outcome == Outcome(Effect.UNCHANGED, "item.changed", None, {"item": "itm_1", "changes": {}})


def test_the_request_that_asked_is_kept_with_the_event() -> None:
    message = ItemChange(delivery_key="staff", item_id="itm_1", changes={"name": "x"}, request="r-1")

    assert then(ordered(), message).summary["request"] == "r-1"


@pytest.mark.parametrize("status", sorted(OPEN))
def test_lines_of_open_orders_may_change(status: Status) -> None:
    assert then(ordered(status=status), written(notes="x")).effect is Effect.APPLIED


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_lines_of_orders_that_are_over_may_not(status: Status) -> None:
    with pytest.raises(Reject) as refused:
        then(ordered(status=status), written(notes="x"))

    assert (refused.value.code, refused.value.details) == ("ORDER_NOT_MODIFIABLE", {"status": status})


def test_a_line_that_is_not_there_is_not_found() -> None:
    with pytest.raises(Reject) as refused:
        then(ordered(), written("itm_9", notes="x"))

    assert (refused.value.code, refused.value.details) == ("ITEM_NOT_FOUND", {"order_item_id": "itm_9"})


@pytest.mark.parametrize("version", [1, 3])
def test_a_change_of_another_version_than_the_one_looked_at_is_refused(version: int) -> None:
    current = after(ordered(), written(notes="first"))
    message = ItemChange(delivery_key="staff", item_id="itm_1", changes={"notes": "x"}, expected_version=version)

    with pytest.raises(Reject) as refused:
        then(current, message)

    assert (refused.value.code, refused.value.details) == (
        "VERSION_CONFLICT",
        {"version": 2, "status": "incoming"},
    )


# --- the platform sends the order again -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrote",
    [
        {"name": "Pizza Bianca"},
        {"notes": "extra olives"},
        {"notes": None},
        {"category": "specials"},
        {"status": LineStatus.READY},
        {"picked_quantity": Decimal("1.5")},
        {"name": "Pizza Bianca", "notes": None, "category": None, "status": LineStatus.COMPLETED},
    ],
)
def test_what_staff_wrote_stays_and_the_rest_is_the_platform_s(wrote: dict[str, Any]) -> None:
    theirs = {"name": "Pizza!", "notes": "theirs", "category": "new", "status": None, "picked_quantity": None}
    order = after(ordered(), written(**wrote))

    for version, price in (("2", 950), ("3", 1000)):
        sent = PIZZA.model_copy(update={**theirs, "unit_price": price})
        order = after(order, a_snapshot(version, items=[sent, COLA]))
        expected = {**theirs, "unit_price": price, **wrote}
        assert {name: getattr(line(order), name) for name in expected} == expected


def test_texts_that_nobody_wrote_are_the_platform_s() -> None:
    current = after(ordered(), written("itm_2", name="Cola Zero"))

    again = after(current, a_snapshot("2", items=[an_item(name="Pizza Rossa", notes=None), COLA]))

    assert (line(again).name, line(again).notes, line(again, "itm_2").name) == ("Pizza Rossa", None, "Cola Zero")


def test_what_staff_wrote_stays_through_a_report() -> None:
    current = after(ordered(), written(notes="ours"))

    assert line(after(current, a_report(Status.READY, "2"))).notes == "ours"


def test_a_line_that_the_platform_takes_away_is_gone() -> None:
    current = after(ordered(), written(notes="ours"))

    assert after(current, a_snapshot("2", items=[COLA])).items == [COLA]


# --- history ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told_of", "about"),
    [
        ({"item": "itm_1"}, True),
        ({"item": "itm_2"}, False),
        ({"edits": [{"action": "remove_item", "item_id": "itm_1"}]}, True),
        ({"edits": [{"action": "remove_item", "item_id": "itm_2"}], "difference": {"lines": []}}, False),
        ({"edits": [], "difference": {"lines": [{"item_id": "itm_2"}, {"item_id": "itm_1"}]}}, True),
        ({"edits": [{"action": "add_item"}], "difference": {"lines": [{"item_id": "itm_3"}]}}, False),
        ({"from": "incoming", "to": "ready"}, False),
        ({}, False),
    ],
)
def test_an_event_says_which_lines_it_is_about(told_of: dict[str, Any], about: bool) -> None:
    assert is_about(told_of, "itm_1") is about


def test_a_change_of_the_cart_is_about_the_lines_it_changes() -> None:
    fewer = ReduceQuantity(action="reduce_quantity", item_id="itm_1", quantity=Decimal(1))
    asked = CartChange(delivery_key="staff", edits=(fewer,), state=SyncState.NOT_NEEDED)

    summary_of_it = then(ordered(status=Status.ACCEPTED), asked).summary

    assert (is_about(summary_of_it, "itm_1"), is_about(summary_of_it, "itm_2")) == (True, False)


def test_an_order_without_lines_has_none_to_write_on() -> None:
    with pytest.raises(Reject, match="no line"):
        then(an_order(version=1), written(notes="x"))
