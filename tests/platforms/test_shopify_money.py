"""Shopify: money."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.errors import Ignore, Quarantine
from orderhub.order.models import (
    Check,
    Payment,
    PaymentMethod,
)
from orderhub.platforms.shopify.amounts import METHODS as PAYMENT_METHODS
from tests.platforms.test_shopify import body_of
from tests.platforms.test_shopify_mapping import Json, delivery, mapped


def test_taxes_fees_and_tips_are_worked_out_where_the_sum_is_not_said() -> None:
    body = delivery(total_tax=None, total_shipping_price_set=None, total_line_items_price=None)

    amounts = mapped(body).amounts

    assert (amounts.tax, amounts.delivery_fee, amounts.subtotal) == (305, 390, 2990)
    assert amounts.computed == ["subtotal"]


@pytest.mark.parametrize(
    ("changes", "fee"),
    [
        ({"total_shipping_price_set": None, "shipping_lines": None}, None),
        ({"total_shipping_price_set": None, "shipping_lines": []}, 0),
        ({"total_shipping_price_set": {"shop_money": {"amount": "0.0"}}}, 0),
        (
            {"total_shipping_price_set": None, "shipping_lines": [{"price": "3"}, {"price": "2", "is_removed": True}]},
            300,
        ),
    ],
)
def test_the_delivery_fee_is_none_when_nobody_says_and_zero_when_it_is_zero(changes: Json, fee: int | None) -> None:
    assert mapped(delivery(**changes)).amounts.delivery_fee == fee


def test_a_tip_line_is_the_tip_where_no_sum_is_said() -> None:
    body = {**body_of("orders_create__till"), "total_tip_received": None}

    assert mapped(body).amounts.tip == 100


def test_tax_that_the_channel_pays_is_told_apart() -> None:
    body = body_of("orders_create__local_delivery")
    body["tax_lines"][0]["channel_liable"] = True

    assert mapped(body).amounts.tax_remitted_by_platform == 230


@pytest.mark.parametrize(
    ("applications", "codes", "discounts"),
    [
        ([{"title": "Regulars"}], [], [(None, "Regulars", 400)]),
        ([{"title": "FRIENDS"}], [{"code": "FRIENDS", "amount": "4.00"}], [("FRIENDS", "FRIENDS", 400)]),
        ([], [{"code": "BIENVENUE", "amount": "4.00"}], [("BIENVENUE", "BIENVENUE", 400)]),
        (
            [{"code": "A"}, {"title": "B"}],
            [{"code": "A", "amount": "1.50"}],
            [("A", "A", 150), (None, "B", 250)],
        ),
        ([{"title": "A"}, {"title": "B"}], [], [(None, "A", None), (None, "B", None)]),
        ([], [], []),
    ],
)
def test_a_discount_has_its_code_and_what_it_took_off(
    applications: list[Json], codes: list[Json], discounts: list[tuple[str | None, str, int | None]]
) -> None:
    lines = [{**line, "discount_allocations": []} for line in body_of("orders_create__local_delivery")["line_items"]]

    order = mapped(delivery(line_items=lines, discount_applications=applications, discount_codes=codes))

    assert order.amounts.discount == 400
    assert [(one.code, one.name, one.amount) for one in order.discounts] == discounts


@pytest.mark.parametrize(
    ("financial", "outstanding", "prepaid", "due"),
    [
        ("paid", "0.00", True, 0),
        ("authorized", "32.30", True, 0),
        ("partially_refunded", "0.00", True, 0),
        ("refunded", "0.00", True, 0),
        ("partially_paid", "12.30", False, 1230),
        ("partially_paid", None, False, 3230),
        ("on_credit", "32.30", None, 3230),
    ],
)
def test_what_is_left_to_collect(financial: str, outstanding: str | None, prepaid: bool | None, due: int) -> None:
    payment = mapped(delivery(financial_status=financial, total_outstanding=outstanding)).payment

    assert payment == Payment(method=PaymentMethod.CARD, prepaid=prepaid, amount_due=due)


def test_a_contradiction_in_the_payment_is_flagged_and_nothing_collected_twice() -> None:
    order = mapped(delivery(total_outstanding="32.30"))

    assert order.payment == Payment(method=PaymentMethod.CARD, prepaid=True, amount_due=0)
    assert order.checks == [
        Check(
            code="PAYMENT_MISMATCH",
            message="Shopify says that it is paid, and that something is outstanding: nothing is collected",
            expected=0,
            actual=3230,
        )
    ]


@pytest.mark.parametrize(
    ("gateways", "method"),
    [
        *(([name], method) for name, method in PAYMENT_METHODS.items()),
        (["Shopify_Payments"], PaymentMethod.CARD),
        (["Bank Deposit"], PaymentMethod.OTHER),
        (["klarna"], PaymentMethod.ONLINE),
        (["gift_card", "shopify_payments"], PaymentMethod.CARD),
        ([""], None),
        ([], None),
    ],
)
def test_each_gateway_is_a_way_of_paying(gateways: list[str], method: PaymentMethod | None) -> None:
    payment = mapped(delivery(payment_gateway_names=gateways)).payment

    assert payment is not None
    assert payment.method is method


def test_a_way_of_paying_of_the_merchants_own_is_collected_when_it_is_named_in_the_settings() -> None:
    body = delivery(financial_status="pending", payment_gateway_names=["Monthly bill"], total_outstanding="32.30")

    order = mapped(body, {"manual_gateways": ["monthly BILL"]})

    assert order.payment == Payment(method=PaymentMethod.OTHER, prepaid=False, amount_due=3230)
    with pytest.raises(Ignore):
        mapped(body)


def test_the_customers_own_currency_is_kept_besides_the_shops() -> None:
    order = mapped(delivery(presentment_currency="GBP"))

    assert (order.amounts.currency, order.source["presentment_currency"]) == ("EUR", "GBP")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("total_price", "many"),
        ("total_price", "1e99"),
        ("currency", "EURO"),
        ("created_at", "yesterday"),
        ("updated_at", []),
        ("id", None),
        ("line_items", [{"id": 1, "quantity": -1}]),
        ("line_items", {}),
    ],
)
def test_an_order_that_makes_no_sense_goes_to_quarantine(path: str, value: Any) -> None:
    with pytest.raises(Quarantine):
        mapped(delivery(**{path: value}))
