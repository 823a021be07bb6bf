"""GloriaFood's money: fees, tip and promotions are lines among the dishes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderhub.order.models import (
    Amounts,
    DeliveredBy,
    Discount,
    Order,
    Payment,
    PaymentMethod,
)
from orderhub.order.pricing import check_sums
from orderhub.platforms.gloriafood import PLATFORM
from tests.platforms.conformance import connection_for

CONNECTION = connection_for("gloriafood", {"master_keys": ["k"]})


def order_of(**fields: object) -> Order:
    """The order of a payload that has nothing but what it must have, and these fields."""
    return PLATFORM.to_order({"id": 1, "status": "accepted", "type": "pickup", **fields}, CONNECTION)


def line(**fields: object) -> dict[str, object]:
    return {"id": 7, "type": "item", "name": "Soup", "quantity": 1, **fields}


@pytest.mark.parametrize(
    ("word", "method"),
    [
        ("CASH", PaymentMethod.CASH),
        ("CARD", PaymentMethod.CARD),
        ("CARD_PHONE", PaymentMethod.CARD),
        ("ONLINE", PaymentMethod.ONLINE),
        ("Bit", PaymentMethod.WALLET),
        ("PayLah", PaymentMethod.WALLET),
        ("Paynow", PaymentMethod.WALLET),
        ("Picpay", PaymentMethod.WALLET),
        ("SnapScan", PaymentMethod.WALLET),
        ("Zapper", PaymentMethod.WALLET),
        ("Cartão refeição/alimentação", PaymentMethod.WALLET),
        ("Seashells", PaymentMethod.OTHER),
    ],
)
def test_only_what_is_paid_online_is_paid_already(word: str, method: PaymentMethod) -> None:
    online = word == "ONLINE"

    order = order_of(payment=word, used_payment_methods=[word], total_price=12.5)

    assert order.payment == Payment(method=method, prepaid=online, amount_due=0 if online else 1250)
    assert order.source["payment"] == word


@pytest.mark.parametrize(
    ("fields", "payment"),
    [
        ({"payment": None}, None),
        ({"used_payment_methods": ["CASH", "CARD"]}, Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=900)),
        ({"payment": "ONLINE"}, Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0)),
        ({"payment": "CASH", "used_payment_methods": ["CASH", "ONLINE"]}, Payment(method=PaymentMethod.CASH)),
    ],
)
def test_two_ways_of_paying_leave_open_what_is_due_only_if_one_is_online(
    fields: dict[str, object], payment: Payment | None
) -> None:
    assert order_of(total_price=9, **fields).payment == payment


@pytest.mark.parametrize(
    ("kind", "amount", "field", "minor"),
    [
        ("delivery_fee", 4.5, "delivery_fee", 450),
        ("tip", 6.88, "tip", 688),
        ("service_fee_subtotal", 5, "service_fee", 500),
        ("service_fee_total", 20, "service_fee", 2000),
        ("cash_discount", -5, "service_fee", -500),
        ("surcharge", 3, "other_fees", 300),
    ],
)
def test_a_fee_is_an_amount_and_no_line(kind: str, amount: float, field: str, minor: int) -> None:
    order = order_of(items=[line(type=kind, total_item_price=amount)])

    assert (getattr(order.amounts, field), order.items, order.discounts) == (minor, [], [])


def test_fees_of_a_kind_add_up_and_a_cash_discount_takes_back() -> None:
    kinds = {"service_fee_subtotal": 5, "service_fee_total": 20, "cash_discount": -5}

    order = order_of(
        items=[line(id=n, type=kind, total_item_price=total) for n, (kind, total) in enumerate(kinds.items())]
    )

    assert (order.amounts.service_fee, order.amounts.discount) == (2000, None)


@pytest.mark.parametrize("kind", ["promo_cart", "promo_item", "promo_cart_item"])
def test_a_promotion_is_a_discount_that_the_restaurant_gives(kind: str) -> None:
    promotion = line(
        id=8, type=kind, name="Two for one", coupon="TWO", item_discount=5, cart_discount=-5, total_item_price=24
    )

    order = order_of(sub_total_price=19, total_price=19, items=[promotion, line(parent_id=8, total_item_price=24)])

    assert order.discounts == [Discount(code="TWO", name="Two for one", amount=500, funded_by=DeliveredBy.STORE)]
    assert order.amounts == Amounts(currency="USD", subtotal=2400, discount=500, total=1900, computed=["subtotal"])
    assert [one.name for one in order.items] == ["Soup"]


def test_a_subtotal_that_nothing_was_taken_off_is_the_vendors_own() -> None:
    amounts = order_of(sub_total_price=24, total_price=24, items=[line(total_item_price=24)]).amounts

    assert amounts == Amounts(currency="USD", subtotal=2400, total=2400)


@pytest.mark.parametrize(
    ("tax_type", "taxes", "included", "inside"),
    [
        ("NET", [{"type": "tip", "rate": 0.19, "value": 1.1}], False, 110),
        ("NET", [{"type": "item", "rate": 0.19, "value": 9.08}], False, 110),
        ("GROSS", [{"type": "tip", "rate": 0.19, "value": 1.1}], True, None),
        (None, [], None, None),
    ],
)
def test_the_tip_holds_its_tax_also_where_taxes_come_on_top(
    tax_type: str | None, taxes: list[object], included: bool | None, inside: int | None
) -> None:
    tip = line(type="tip", total_item_price=6.88, tax_value=1.0985)

    amounts = order_of(tax_type=tax_type, tax_list=taxes, tax_value=12.08, items=[tip]).amounts

    assert (amounts.tax, amounts.tax_included, amounts.tax_in_prices) == (1208, included, inside)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("6.1923", "USD", 619),
        ("0.005", "USD", 1),
        ("75.66", "usd", 7566),
        ("1200", "JPY", 1200),
        ("1.2345", "KWD", 1235),
    ],
)
def test_amounts_are_major_units_rounded_half_up(amount: str, currency: str, minor: int) -> None:
    assert order_of(total_price=Decimal(amount), currency=currency).amounts.total == minor


def test_options_are_for_one_unit_of_their_line() -> None:
    options = [{"id": 1, "name": "Large", "price": 2}, {"id": 2, "name": "Cheese", "price": 0.6, "quantity": 2}]

    order = order_of(items=[line(price=7, quantity=4, total_item_price=40.8, options=options)])

    assert [(int(one.quantity), one.total) for one in order.items[0].modifiers] == [(1, 200), (2, 120)]
    assert check_sums(order) == []
