from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orderhub.order.models import Amounts, Check, Item
from orderhub.order.money import LARGEST
from orderhub.order.pricing import check_sums, complete, expected_total, line_total, unit_total
from tests.unit.made import an_item, an_order

CHEESE = an_item(id="itm_2", name="Cheese", quantity=Decimal(2), unit_price=150)


@pytest.mark.parametrize(
    ("item", "one", "line"),
    [
        pytest.param(an_item(unit_price=900), 900, 900, id="one unit"),
        pytest.param(an_item(unit_price=900, quantity=Decimal(3)), 900, 2700, id="three units"),
        pytest.param(an_item(unit_price=0), 0, 0, id="for free"),
        pytest.param(an_item(), None, None, id="price not known"),
        pytest.param(an_item(unit_price=900, modifiers=[CHEESE]), 1200, 1200, id="modifier twice per unit"),
        pytest.param(
            an_item(unit_price=900, quantity=Decimal(3), modifiers=[CHEESE]), 1200, 3600, id="modifier of three units"
        ),
        pytest.param(
            an_item(unit_price=900, modifiers=[an_item(unit_price=100, quantity=Decimal(2), modifiers=[CHEESE])]),
            1700,
            1700,
            id="modifier of a modifier",
        ),
        pytest.param(an_item(unit_price=900, modifiers=[an_item()]), None, None, id="price of a modifier not known"),
        pytest.param(an_item(unit_price=333, quantity=Decimal("1.5")), 333, 500, id="a half rounds up"),
        pytest.param(an_item(unit_price=999, quantity=Decimal("2.250")), 999, 2248, id="by weight"),
        pytest.param(an_item(unit_price=900, quantity=Decimal(0)), 900, 0, id="none of it"),
        pytest.param(an_item(unit_price=-100), -100, -100, id="a voucher"),
    ],
)
def test_a_line_is_its_quantity_times_one_unit_with_its_modifiers(
    item: Item, one: int | None, line: int | None
) -> None:
    assert (unit_total(item), line_total(item)) == (one, line)


def test_a_line_of_more_than_any_sane_amount_is_not_known() -> None:
    huge = an_item(unit_price=LARGEST, quantity=Decimal(999_999_999))

    assert line_total(huge) is None
    assert line_total(an_item(unit_price=1, quantity=Decimal(999_999_999), modifiers=[huge])) is None
    assert line_total(an_item(unit_price=LARGEST, modifiers=[an_item(unit_price=LARGEST)])) is None


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        ({}, None),
        ({"tax": 100, "delivery_fee": 300}, None),
        ({"subtotal": 1000}, 1000),
        ({"subtotal": 1000, "tax": 80}, 1080),
        ({"subtotal": 1000, "tax": 80, "tax_included": False}, 1080),
        ({"subtotal": 1000, "tax": 80, "tax_included": True}, 1000),
        ({"subtotal": 1000, "discount": 250}, 750),
        ({"subtotal": 1000, "delivery_fee": 1, "service_fee": 2, "bag_fee": 4, "deposit": 8, "other_fees": 16}, 1031),
        ({"subtotal": 1000, "tip": 200, "driver_tip": 50}, 1250),
        ({"subtotal": 1000, "tax_remitted_by_platform": 80}, 1000),
        ({"subtotal": 1000, "tax": 80, "tax_in_prices": 30}, 1050),
        ({"subtotal": 1000, "tax": 80, "tax_included": False, "tax_in_prices": 80}, 1000),
        ({"subtotal": 1000, "tax": 80, "tax_included": False, "tax_in_prices": 0}, 1080),
        ({"subtotal": 1000, "tax": 80, "tax_included": True, "tax_in_prices": 30}, 1000),
        ({"subtotal": 1000, "tip": 200, "tax": 100, "tax_included": False, "tax_in_prices": 20}, 1280),
    ],
)
def test_a_total_is_what_its_parts_add_up_to(amounts: dict[str, Any], total: int | None) -> None:
    assert expected_total(Amounts(currency="USD", **amounts)) == total


@pytest.mark.parametrize(
    ("amounts", "items", "completed"),
    [
        pytest.param(
            {"tax": 100},
            [an_item(unit_price=900), an_item(unit_price=100, quantity=Decimal(2))],
            {"tax": 100, "subtotal": 1100, "total": 1200, "computed": ["subtotal", "total"]},
            id="both from the prices of the lines",
        ),
        pytest.param(
            {},
            [an_item(unit_price=900, total=850)],
            {"subtotal": 850, "total": 850, "computed": ["subtotal", "total"]},
            id="a line's own total counts before its price",
        ),
        pytest.param({"subtotal": 500}, [], {"subtotal": 500, "total": 500, "computed": ["total"]}, id="the total"),
        pytest.param(
            {"total": 990},
            [an_item(unit_price=900)],
            {"subtotal": 900, "total": 990, "computed": ["subtotal"]},
            id="the subtotal",
        ),
        pytest.param({"subtotal": 500, "total": 1}, [], {"subtotal": 500, "total": 1}, id="what was told is kept"),
        pytest.param({"subtotal": 0, "total": 0}, [an_item(unit_price=9)], {"subtotal": 0, "total": 0}, id="zero too"),
        pytest.param({}, [an_item(unit_price=900), an_item()], {}, id="a price not known leaves all unknown"),
        pytest.param({"tax": 100}, [], {"tax": 100}, id="no lines, nothing to work with"),
    ],
)
def test_missing_sums_are_worked_out_and_named(
    amounts: dict[str, Any], items: list[Item], completed: dict[str, Any]
) -> None:
    assert complete(Amounts(currency="USD", **amounts), items) == Amounts(currency="USD", **completed)


def test_sums_that_agree_are_not_flagged() -> None:
    order = an_order(
        items=[an_item(unit_price=900, total=1200, modifiers=[CHEESE]), an_item(unit_price=300, total=300)],
        amounts=Amounts(currency="USD", subtotal=1500, tax=120, tip=100, discount=200, total=1520),
    )

    assert check_sums(order) == []


def test_a_line_that_does_not_agree_is_flagged_with_both_sums() -> None:
    order = an_order(items=[an_item(unit_price=900, total=1000)])

    assert check_sums(order) == [
        Check(code="ITEM_TOTAL_MISMATCH", message="line 'Pizza'", expected=900, actual=1000),
    ]


def test_lines_that_do_not_add_up_are_flagged_with_both_sums() -> None:
    order = an_order(items=[an_item(total=900)], amounts=Amounts(currency="USD", subtotal=950))

    assert check_sums(order) == [
        Check(
            code="SUBTOTAL_MISMATCH",
            message="the lines do not add up to the subtotal",
            expected=900,
            actual=950,
        )
    ]


def test_an_order_that_does_not_add_up_is_flagged_with_both_sums() -> None:
    order = an_order(amounts=Amounts(currency="USD", subtotal=900, tax=90, total=900))

    assert check_sums(order) == [
        Check(
            code="TOTAL_MISMATCH",
            message="subtotal, tax, fees, tips and discount do not add up to the total",
            expected=990,
            actual=900,
        )
    ]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"items": [an_item(total=900)]}, id="no price"),
        pytest.param({"items": [an_item(unit_price=900)]}, id="no line total"),
        pytest.param(
            {"items": [an_item(total=900), an_item()], "amounts": Amounts(currency="USD", subtotal=1)},
            id="not every line total",
        ),
        pytest.param({"amounts": Amounts(currency="USD", subtotal=1)}, id="no lines and no total"),
        pytest.param({"amounts": Amounts(currency="USD", total=1)}, id="no subtotal"),
    ],
)
def test_what_is_not_known_is_not_flagged(told: dict[str, Any]) -> None:
    assert check_sums(an_order(**told)) == []


def test_every_wrong_line_and_every_wrong_sum_has_a_flag_of_its_own() -> None:
    order = an_order(
        items=[an_item(unit_price=1, total=2), an_item(unit_price=3, total=4), an_item(unit_price=5, total=5)],
        amounts=Amounts(currency="USD", subtotal=100, total=200),
    )

    assert [check.code for check in check_sums(order)] == [
        *("ITEM_TOTAL_MISMATCH", "ITEM_TOTAL_MISMATCH", "SUBTOTAL_MISMATCH", "TOTAL_MISMATCH")
    ]


def test_an_order_whose_tip_holds_some_of_the_tax_adds_up() -> None:
    amounts = Amounts(currency="USD", subtotal=1000, tax=110, tax_included=False, tax_in_prices=10, tip=110, total=1210)
    order = an_order(amounts=amounts)

    assert check_sums(order) == []


# --- lines of which the platform tells the whole, and we have the unit by dividing ---------------------------------


@pytest.mark.parametrize(
    ("quantity", "price", "total", "agrees"),
    [
        pytest.param("3", 263, 790, True, id="three for 7.90"),
        pytest.param("3", 263, 788, True, id="half a cent less for each"),
        pytest.param("3", 263, 791, False, id="two cents of three pieces"),
        pytest.param("3", 263, 787, False, id="two cents less"),
        pytest.param("2", 150, 301, True, id="half a cent of each of two"),
        pytest.param("2", 150, 302, False, id="a whole cent of each of two"),
        pytest.param("1", 150, 151, False, id="one piece is not divided"),
        pytest.param("0.5", 301, 150, False, id="nor less than one"),
        pytest.param("1.5", 333, 500, True, id="by weight"),
        pytest.param("1.5", 333, 501, False, id="by weight, a cent more"),
        pytest.param("100", 33, 3350, True, id="many pieces"),
        pytest.param("100", 33, 3351, False, id="many pieces, a cent more"),
        pytest.param("3", -263, -790, True, id="given back"),
    ],
)
def test_a_line_may_differ_by_half_a_cent_for_each_piece(quantity: str, price: int, total: int, agrees: bool) -> None:
    order = an_order(items=[an_item(quantity=Decimal(quantity), unit_price=price, total=total)])

    assert [check.code for check in check_sums(order)] == ([] if agrees else ["ITEM_TOTAL_MISMATCH"])


@given(
    st.integers(-(10**6), 10**6),
    st.integers(1, 10**4).map(Decimal) | st.decimals(Decimal("0.001"), Decimal(100), places=3),
)
@example(1000, Decimal("1.9"))
def test_a_unit_price_made_by_dividing_a_line_raises_no_flag(total: int, quantity: Decimal) -> None:
    unit = int((total / quantity).to_integral_value(rounding=ROUND_HALF_UP))
    order = an_order(items=[an_item(quantity=quantity, unit_price=unit, total=total)])

    assert check_sums(order) == []
