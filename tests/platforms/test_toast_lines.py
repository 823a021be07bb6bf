"""Toast: the lines of its orders, with modifiers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderhub.errors import Quarantine
from tests.platforms.test_toast_mapping import Json, mapped, one_check, with_line


def test_a_modifier_is_told_for_all_and_kept_for_one() -> None:
    cream = {"guid": "m", "displayName": "Cream", "quantity": 5, "receiptLinePrice": 0.5, "preDiscountPrice": 2.5}
    order = with_line(displayName="Pie", quantity=5, receiptLinePrice=4, preDiscountPrice=22.5, modifiers=[cream])

    (pie,) = order.items
    assert (pie.quantity, pie.unit_price, pie.total) == (Decimal(5), 400, 2250)
    assert [(one.quantity, one.unit_price, one.total) for one in pie.modifiers] == [(Decimal(1), 50, 50)]


def test_half_as_many_modifiers_as_lines_are_half_of_one() -> None:
    order = with_line(quantity=2, modifiers=[{"guid": "m", "displayName": "Bread", "quantity": 1}])

    assert order.items[0].modifiers[0].quantity == Decimal("0.5")


def test_a_wish_is_a_note_of_its_line() -> None:
    wishes = [
        {"guid": "w1", "displayName": "Cut in four", "selectionType": "SPECIAL_REQUEST", "preDiscountPrice": 0},
        {"guid": "w2", "displayName": "No napkins", "selectionType": "SPECIAL_REQUEST"},
    ]
    order = with_line(modifiers=wishes)

    assert (order.items[0].notes, order.items[0].modifiers) == ("Cut in four; No napkins", [])


def test_a_wish_that_costs_something_is_a_modifier() -> None:
    wish = {"guid": "w", "displayName": "Gold leaf", "selectionType": "SPECIAL_REQUEST", "preDiscountPrice": 9}

    assert [one.name for one in with_line(modifiers=[wish]).items[0].modifiers] == ["Gold leaf"]


def test_a_wish_on_the_check_is_a_note_of_the_order() -> None:
    told = one_check()
    wish = {"guid": "w", "displayName": "Happy birthday", "selectionType": "SPECIAL_REQUEST", "preDiscountPrice": 0}
    told["checks"][0]["selections"].append(wish)

    assert (mapped(told).notes, len(mapped(told).items)) == ("Happy birthday", 1)


@pytest.mark.parametrize("kind", [None, "NONE", "OPEN_ITEM", "PORTION"])
def test_other_lines_are_items(kind: str | None) -> None:
    assert len(with_line(selectionType=kind).items) == 1


@pytest.mark.parametrize(
    "line",
    [
        {"selectionType": "HOUSE_ACCOUNT_PAY_BALANCE"},
        {"selectionType": "TOAST_CARD_SELL"},
        {"selectionType": "TOAST_CARD_RELOAD"},
        {"displayName": "Gift Card"},
    ],
)
def test_what_nobody_has_to_make_is_no_item_and_its_price_a_fee(line: Json) -> None:
    order = with_line(**line)

    assert (order.items, order.amounts.other_fees, order.amounts.subtotal) == ([], 450, None)


@pytest.mark.parametrize(
    ("line", "external_id", "sku"),
    [
        ({"item": {"guid": "i-1", "multiLocationId": "1001"}, "plu": "77"}, "i-1", "77"),
        ({"item": {"guid": "i-1", "multiLocationId": "1001"}, "plu": None}, "i-1", "1001"),
        ({"item": None, "plu": None}, None, None),
    ],
)
def test_a_line_names_its_item(line: Json, external_id: str | None, sku: str | None) -> None:
    (item,) = with_line(**line).items

    assert (item.external_id, item.sku) == (external_id, sku)


def test_a_pre_modifier_that_is_not_known_is_not_kept_from_the_kitchen() -> None:
    onion = {"guid": "o", "displayName": "Onion", "quantity": 1, "preModifier": {"guid": "p-no"}}
    (item,) = with_line(modifiers=[onion]).items

    assert item.modifiers[0].name == "Onion"
    assert item.modifiers[0].notes == "a word such as NO or EXTRA belongs to this: see the POS"


def test_two_lines_with_one_id_are_two_items() -> None:
    told = one_check()
    told["checks"][0]["selections"] *= 2

    first, second = mapped(told).items
    assert first.id != second.id


def test_modifiers_without_end_go_to_quarantine() -> None:
    line: Json = {"guid": "m", "displayName": "More", "quantity": 1}
    for _ in range(30):
        line = {**line, "modifiers": [line]}

    with pytest.raises(Quarantine, match="nested"):
        with_line(modifiers=[line])
