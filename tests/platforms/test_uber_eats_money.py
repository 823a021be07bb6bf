"""Uber Eats: what the orders of both generations cost."""

from collections.abc import Callable

import pytest

from orderhub.errors import Quarantine
from orderhub.order.models import (
    Amounts,
    Check,
    Discount,
    Order,
    Payment,
    PaymentMethod,
)
from orderhub.order.pricing import check_sums
from tests.platforms.uber_eats_orders import LINE, OPTION, Json, flags, mapped, sample, v1, v2

# --- money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "currency", "subtotal", "total"),
    [
        ("orders_notification__v1_byoc_cash", "EUR", 1790, 2380),
        ("orders_notification__v1_pickup_group", "KWD", 5625, 5625),
        ("orders_scheduled_notification__v1", "JPY", 1200, 1200),
    ],
)
def test_amounts_are_in_the_minor_units_of_their_currency(name: str, currency: str, subtotal: int, total: int) -> None:
    amounts = mapped(sample(name)).amounts

    assert (amounts.currency, amounts.subtotal, amounts.total) == (currency, subtotal, total)


def test_an_order_with_prices_including_tax_and_cash_to_collect() -> None:
    order = mapped(sample("orders_notification__v1_byoc_cash"))

    assert order.amounts == Amounts(
        currency="EUR",
        subtotal=1790,
        tax=198,
        tax_included=True,
        delivery_fee=290,
        other_fees=100,
        tip=200,
        total=2380,
    )
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=2380)
    assert check_sums(order) == []


def test_a_classic_order_for_cash() -> None:
    order = mapped(sample("orders_notification__v2_byoc_cash"))

    assert order.amounts == Amounts(currency="GBP", subtotal=1050, tax=0, delivery_fee=350, tip=300, total=1700)
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=1820)
    assert [(item.unit_price, item.total) for item in order.items] == [(900, 1050)]


def test_a_unit_price_that_includes_options_leaves_what_they_do_not_cost() -> None:
    payload = v2()
    payload["cart"]["items"][0]["price"] = {"total_price": {"amount": 2700, "currency_code": "USD"}}

    assert mapped(payload).items[0].unit_price == 1100


def test_a_currency_that_does_not_exist_goes_to_quarantine() -> None:
    payload = v1()
    payload["payment"]["payment_detail"]["currency_code"] = "ZZZ"

    with pytest.raises(Quarantine, match="ISO 4217"):
        mapped(payload)


def test_an_amount_that_is_no_number_goes_to_quarantine() -> None:
    payload = v1()
    payload["payment"]["payment_detail"]["order_total"]["gross"]["amount_e5"] = "a lot"

    with pytest.raises(Quarantine):
        mapped(payload)


@pytest.mark.parametrize(("currency", "amount"), [("USD", 10**18), ("KWD", 2 * 10**17), ("USD", -(10**18))])
def test_an_amount_beyond_all_prices_goes_to_quarantine(currency: str, amount: int) -> None:
    payload = v1()
    payload["payment"]["payment_detail"]["currency_code"] = currency
    payload["payment"]["payment_detail"]["order_total"]["tax"]["amount_e5"] = amount

    with pytest.raises(Quarantine):
        mapped(payload)


def money(minor: int) -> Json:
    part = {"amount_e5": minor * 1000, "currency_code": "USD"}
    return {"net": part, "tax": None, "gross": None, "is_tax_inclusive": False}


def breakdown(change: Callable[[list[Json]], list[Json]]) -> Order:
    payload = v1()
    charges = payload["payment"]["payment_detail"]["item_charges"]
    charges["price_breakdown"] = change(charges["price_breakdown"])
    return mapped(payload)


def entry(key: str, kind: str, minor: int) -> Json:
    return {"cart_item_id": key, "price_type": kind, "unit": money(minor), "total": money(minor)}


def test_money_that_belongs_to_no_line_is_flagged() -> None:
    order = breakdown(lambda prices: [*prices, entry("nowhere", "SURCHARGE", 75), entry("nothing", "OPTION", 0)])

    assert order.checks == [
        Check(
            code="AMOUNT_UNPLACED",
            message="a price of type SURCHARGE belongs to no line",
            expected=0,
            actual=75,
        )
    ]


def test_a_second_price_for_a_line_is_flagged_and_a_zero_is_not() -> None:
    order = breakdown(lambda prices: [entry(LINE["tea"], "OTHER", 0), *prices, entry(LINE["dandan"], "DISCOUNT", -100)])

    assert [(check.code, check.actual) for check in order.checks] == [("AMOUNT_UNPLACED", -100)]
    assert [item.total for item in order.items] == [3700, 320]


def test_a_line_without_a_price_is_flagged_an_option_without_one_is_free() -> None:
    gone = {LINE["tea"], OPTION["soft_egg"]}
    order = breakdown(lambda prices: [price for price in prices if price["cart_item_id"] not in gone])

    assert flags(order) == ["PRICE_MISSING"]
    assert [(item.unit_price, item.total) for item in order.items] == [(1300, 3200), (None, None)]


def test_an_order_without_a_breakdown_tells_no_prices_of_lines() -> None:
    order = breakdown(lambda _: [])

    assert [(item.unit_price, item.total) for item in order.items] == [(None, None), (None, None)]
    assert (order.amounts.subtotal, flags(order)) == (4020, [])


def test_a_unit_price_that_is_missing_is_worked_out_of_the_total() -> None:
    order = breakdown(lambda prices: [{**price, "unit": None} for price in prices])

    assert [item.unit_price for item in order.items] == [1300, 320]


def test_a_total_that_is_missing_is_worked_out_of_the_unit_price() -> None:
    order = breakdown(lambda prices: [{**price, "total": None} for price in prices])

    assert [item.total for item in order.items] == [3700, 320]


def detail(**changes: object) -> Order:
    payload = v1()
    payload["payment"]["payment_detail"].update(changes)
    return mapped(payload)


def test_a_discount_told_as_negative_is_positive_here() -> None:
    promotions = v1()["payment"]["payment_detail"]["promotions"]
    negative = {**promotions["details"][0], "promo_funding_splits": None}
    order = detail(promotions={"total": money(-400), "details": [negative]})

    assert order.amounts.discount == 400
    assert order.discounts == [Discount(code="AUTUMN10", name="PERCENT", amount=400)]


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ({"discount_items": [{"discount_amount_applied": -250}, {"discount_amount_applied": -50}]}, 300),
        ({"discount_value": "150", "discount_delivery_fee_value": "100"}, 250),
        ({"discount_value": "10%", "discount_delivery_fee_value": ""}, None),
        ({"promo_funding_splits": [{"funding_source": "SOMEBODY"}]}, None),
    ],
)
def test_what_a_promotion_saved_is_found_where_uber_put_it(told: Json, amount: int | None) -> None:
    one = {"promotion_uuid": "p-1", "type": "BOGO", **told}
    order = detail(promotions={"total": money(900), "details": [one, one]})

    assert order.discounts == [Discount(code="p-1", name="BOGO", amount=amount)] * 2


def test_a_classic_promotion_without_funding_is_worth_what_it_saved() -> None:
    payload = v2()
    payload["payment"]["promotions"]["promotions"] = [
        {"promotion_uuid": "p-2", "promo_type": "BOGO", "discount_items": [{"discount_amount_applied": -450}]},
        {"promotion_uuid": "p-3", "promo_type": "FREEDELIVERY", "promo_delivery_fee_value": 199},
    ]
    del payload["payment"]["charges"]["sub_total_promo_applied"]
    order = mapped(payload)

    assert order.discounts == [
        Discount(code="p-2", name="BOGO", amount=450),
        Discount(code="p-3", name="FREEDELIVERY", amount=199),
    ]
    assert order.amounts.discount == 649


def test_fees_go_where_they_belong_and_none_is_lost() -> None:
    told = {
        "DELIVERY_FEE": 199,
        "PICK_AND_PACK_FEE": 50,
        "BAG_FEE": 10,
        "SMALL_ORDER_FEE": 200,
        "MOON_FEE": 5,
    }
    details = [{"id": name, "amount": money(minor)} for name, minor in told.items()]
    amounts = detail(fees={"total": money(470), "details": details}).amounts

    assert (amounts.delivery_fee, amounts.service_fee, amounts.bag_fee, amounts.other_fees) == (199, 50, 10, 211)


def test_fees_of_a_classic_order_that_nobody_itemises_are_other_fees() -> None:
    payload = v2()
    payload["payment"]["charges"] = {"total_fee": {"amount": 697, "currency_code": "USD"}}

    assert mapped(payload).amounts.other_fees == 697


def test_money_may_be_missing_in_part() -> None:
    order = detail(tips=None, fees=None, promotions=None, cash_amount_due=None, order_total=None)

    assert order.amounts == Amounts(
        currency="USD",
        subtotal=4020,
        tax_included=False,
        tax_remitted_by_platform=313,
        total=4020,
        computed=["total"],
    )


def test_a_classic_total_is_the_one_after_promotions_where_that_is_told() -> None:
    payload = v2()
    for name in ("total_promo_applied", "sub_total_promo_applied", "tax_promo_applied"):
        payload["payment"]["charges"][name] = None
    payload["payment"]["promotions"] = None
    amounts = mapped(payload).amounts

    assert (amounts.total, amounts.tax, amounts.discount) == (3225, 252, None)
