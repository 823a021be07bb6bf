"""Toast: what its orders cost."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.models import Amounts, DeliveredBy, Discount, Order, Payment, PaymentMethod
from orderhub.order.pricing import check_sums
from orderhub.platforms.base import StoreRef
from orderhub.platforms.http_types import parse_json
from orderhub.platforms.toast import PLATFORM
from tests.platforms.conformance import connection_for
from tests.platforms.test_toast import credentials
from tests.platforms.test_toast_mapping import mapped, of_check, one_check, payload, with_line

Json = dict[str, Any]


def test_checks_add_up_and_what_is_left_is_to_be_collected() -> None:
    order = mapped(payload("order_updated__takeout_split"))

    assert order.amounts == Amounts(
        currency="USD", subtotal=2400, tax=189, tax_included=False, service_fee=25, tip=0, discount=100, total=2514
    )
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=1461)


def test_a_gratuity_is_a_tip_and_no_fee() -> None:
    order = mapped(payload("order_updated__dine_in"))

    assert (order.amounts.tip, order.amounts.service_fee, order.amounts.total) == (460, None, 3600)
    assert order.payment == Payment(prepaid=False, amount_due=3140)
    assert order.source["charges"] == "Large party gratuity 4.6 SERVICE_CHARGE"


def test_what_is_sold_on_the_side_is_no_food_and_a_refund_lowers_no_sum() -> None:
    order = mapped(payload("order_updated__closed"))

    assert order.amounts == Amounts(
        currency="USD", subtotal=1195, tax=99, tax_included=False, other_fees=3500, tip=300, total=5094
    )
    assert (order.source["refunded"], order.source["payments"]) == ("250", "CREDIT 47.94 CAPTURED PARTIAL")
    assert check_sums(order) == []


def test_food_that_nobody_pays_for_is_let_off() -> None:
    order = mapped(payload("order_updated__excess_food"))

    assert order.amounts == Amounts(
        currency="USD", subtotal=2940, tax=0, tax_included=False, discount=2940, total=0, computed=["discount"]
    )
    assert order.discounts == []


def test_a_price_with_its_tax_in_it_is_told_without() -> None:
    order = mapped(payload("order_updated__tax_included"))

    (pie,) = order.items
    assert (pie.unit_price, pie.total, pie.modifiers[0].unit_price) == (400, 1000, 100)
    assert (order.amounts.subtotal, order.amounts.tax, order.amounts.total) == (1000, 200, 1200)
    assert check_sums(order) == []


def test_an_old_order_does_not_tell_the_price_of_one() -> None:
    cheese = {"guid": "m", "displayName": "Cheese", "quantity": 2, "preDiscountPrice": 3}
    order = with_line(quantity=2, receiptLinePrice=None, preDiscountPrice=19, modifiers=[cheese])

    assert (order.items[0].unit_price, order.items[0].modifiers[0].unit_price) == (800, 150)


def test_a_line_of_none_has_the_price_it_is_told() -> None:
    assert with_line(quantity=0, receiptLinePrice=None, preDiscountPrice=0).items[0].unit_price is None


def test_a_line_that_does_not_tell_its_gross_price_is_worked_out() -> None:
    order = with_line(receiptLinePrice=4.5, preDiscountPrice=None)

    assert (order.amounts.subtotal, order.amounts.computed) == (450, ["subtotal"])


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "minor"), [("111", 11100), ("9.99", 999), ("8.995", 900), ("1.6199999999999999", 162), ("0.1", 10)]
)
def test_amounts_are_read_as_they_are_written(text: str, minor: int) -> None:
    told = parse_json(f'{{"receiptLinePrice": {text}, "preDiscountPrice": {text}}}'.encode())

    assert with_line(**told).items[0].unit_price == minor


@pytest.mark.parametrize(("currency", "minor"), [("USD", 450), ("JPY", 5), ("KWD", 4500)])
def test_amounts_are_in_the_minor_units_of_the_store_s_currency(currency: str, minor: int) -> None:
    store = StoreRef("sto_main", "UTC", currency)
    order = PLATFORM.to_order(one_check(), connection_for("toast", credentials("s"), store=store))

    assert (order.amounts.currency, order.amounts.subtotal) == (currency, minor)


@pytest.mark.parametrize("amount", [10**12, -(10**12), "NaN", "a lot", []])
def test_an_amount_beyond_all_prices_goes_to_quarantine(amount: object) -> None:
    with pytest.raises(Quarantine):
        with_line(preDiscountPrice=amount)


def test_a_store_with_a_currency_that_does_not_exist_goes_to_quarantine() -> None:
    store = StoreRef("sto_main", "UTC", "ZZZ")

    with pytest.raises(Quarantine, match="ISO 4217"):
        PLATFORM.to_order(one_check(), connection_for("toast", credentials("s"), store=store))


# --- discounts --------------------------------------------------------------------------------------------------------


def discounted(**discount: object) -> Order:
    return of_check(appliedDiscounts=[{"name": "Ten off", "discountAmount": 0.45, **discount}])


@pytest.mark.parametrize("state", ["APPLIED", "PENDING_APPLIED", None])
def test_a_discount_counts(state: str | None) -> None:
    order = discounted(processingState=state)

    assert order.discounts == [Discount(name="Ten off", amount=45, funded_by=DeliveredBy.STORE)]
    assert order.amounts.discount == 45


@pytest.mark.parametrize("state", ["VOID", "PENDING_VOID"])
def test_a_void_discount_does_not(state: str) -> None:
    order = discounted(processingState=state)

    assert (order.discounts, order.amounts.discount) == ([], None)


def test_nobody_says_who_pays_for_a_loyalty_vendor_s_discount() -> None:
    (discount,) = discounted(loyaltyDetails={"vendor": "PUNCHH"}).discounts

    assert discount.funded_by is None


def test_discounts_of_modifiers_count() -> None:
    cheese = {"guid": "m", "displayName": "Cheese", "appliedDiscounts": [{"name": "Cheese day", "discountAmount": 1}]}

    assert [one.name for one in with_line(modifiers=[cheese]).discounts] == ["Cheese day"]


def test_discounts_of_voided_lines_do_not() -> None:
    told = one_check()
    line = told["checks"][0]["selections"][0]
    gone = {**line, "guid": "gone", "voided": True, "appliedDiscounts": [{"name": "Gone", "discountAmount": 1}]}
    told["checks"][0]["selections"] = [line, gone]

    assert mapped(told).discounts == []


# --- charges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "field"),
    [
        ({"delivery": True}, "delivery_fee"),
        ({"delivery": True, "takeout": True}, "service_fee"),
        ({"delivery": True, "dineIn": True}, "service_fee"),
        ({"takeout": True}, "service_fee"),
        ({}, "service_fee"),
        ({"serviceChargeCategory": "CREDIT_CARD_SURCHARGE"}, "service_fee"),
        ({"serviceChargeCategory": "FUNDRAISING_CAMPAIGN"}, "service_fee"),
        ({"serviceChargeCategory": "CASH_ROUNDING"}, "service_fee"),
        ({"gratuity": True, "delivery": True}, "tip"),
    ],
)
def test_a_charge_is_a_fee_or_a_tip(flags: Json, field: str) -> None:
    amounts = of_check(appliedServiceCharges=[{"name": "Charge", "chargeAmount": 2, **flags}]).amounts

    told = {name: getattr(amounts, name) for name in ("delivery_fee", "service_fee", "tip")}
    assert {name: value for name, value in told.items() if value is not None} == {field: 200}


# --- payments ---------------------------------------------------------------------------------------------------------


def paid(*payments: Json) -> Order:
    """An order of 4.87 with these payments."""
    return of_check(payments=list(payments))


# https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Payment
@pytest.mark.parametrize(
    ("word", "method"),
    [
        ("CASH", PaymentMethod.CASH),
        ("CREDIT", PaymentMethod.CARD),
        ("GIFTCARD", PaymentMethod.VOUCHER),
        ("HOUSE_ACCOUNT", PaymentMethod.OTHER),
        ("REWARDCARD", PaymentMethod.VOUCHER),
        ("LEVELUP", PaymentMethod.WALLET),
        ("TOAST_SV", PaymentMethod.VOUCHER),
        ("OTHER", PaymentMethod.OTHER),
        ("UNDETERMINED", PaymentMethod.OTHER),
        ("SHELLS", PaymentMethod.OTHER),
    ],
)
def test_the_type_of_a_payment_is_a_method(word: str, method: PaymentMethod) -> None:
    assert paid({"type": word, "amount": 4.87}).payment == Payment(method=method, prepaid=True, amount_due=0)


@pytest.mark.parametrize(
    ("status", "counts", "tip"),
    [
        ("OPEN", False, 100),
        ("PROCESSING", False, 100),
        ("AUTHORIZED_AT_RISK", True, 100),
        ("AUTHORIZED", True, 100),
        ("ERROR", False, None),
        ("ERROR_NETWORK", False, None),
        ("DENIED", False, None),
        ("PROCESSING_VOID", False, None),
        ("VOIDED_AT_RISK", False, None),
        ("CANCELLED", False, None),
        ("CAPTURE_IN_PROGRESS", True, 100),
        ("CAPTURED", True, 100),
        ("VOIDED", False, None),
        (None, True, 100),
    ],
)
def test_the_status_of_a_payment_says_whether_it_counts(status: str | None, counts: bool, tip: int | None) -> None:
    order = paid({"type": "CREDIT", "paymentStatus": status, "amount": 4.87, "tipAmount": 1})

    assert order.payment is not None
    assert (order.payment.prepaid, order.payment.amount_due, order.amounts.tip) == (
        counts,
        0 if counts else 487,
        tip,
    )


def test_an_order_with_nothing_paid_is_to_be_collected() -> None:
    assert paid().payment == Payment(prepaid=False, amount_due=487)


def test_more_than_enough_leaves_nothing_to_collect() -> None:
    assert paid({"type": "OTHER", "amount": 8.5}).payment == Payment(
        method=PaymentMethod.OTHER, prepaid=True, amount_due=0
    )


@pytest.mark.parametrize(("status", "words"), [("PARTIAL", "PARTIAL"), ("FULL", "FULL")])
def test_a_refund_is_told_and_lowers_nothing(status: str, words: str) -> None:
    refund = {"refundAmount": 2, "tipRefundAmount": 0.5}
    order = paid({"type": "CASH", "amount": 4.87, "refundStatus": status, "refund": refund})

    assert (order.source["refunded"], order.source["payments"]) == ("250", f"CASH 4.87 {words}")
    assert order.amounts.total == 487
