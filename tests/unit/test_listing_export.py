"""Orders as CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orderhub.order.export import COLUMNS, to_csv, to_jsonl
from orderhub.order.models import Amounts, Customer, Fulfillment, Order, Payment, PaymentMethod, StatusReason
from orderhub.order.status import CancelReason, Status
from tests.unit.made import NOW, an_item, an_order

FULL = an_order(
    id="ord_7",
    display_id="#7",
    status=Status.CANCELLED,
    status_reason=StatusReason(code=CancelReason.OTHER, details="the oven, again"),
    fulfillment=Fulfillment.DELIVERY,
    placed_at=NOW,
    customer=Customer(name='Robin "Rob" Ashdown', phone="555-0100"),
    items=[an_item(quantity=Decimal("1.5")), an_item(id="itm_2", name="Cola", quantity=Decimal(2))],
    amounts=Amounts(currency="JPY", subtotal=1350, discount=-50, total=0),
    payment=Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=1350),
    notes="ring\ntwice; please",
    version=3,
)
# Programs out there read these by name and maybe by number: they are not to be moved.
NAMES = [
    *("id", "store_id", "platform", "channel", "external_id", "display_id", "status", "reason", "reason_details"),
    *("fulfillment", "delivered_by", "placed_at", "scheduled_for", "accept_by", "ready_at"),
    *("customer_name", "customer_phone", "customer_email", "items", "notes"),
    *("currency", "subtotal", "tax", "tax_remitted_by_platform", "delivery_fee", "service_fee", "bag_fee", "deposit"),
    *("other_fees", "tip", "driver_tip", "discount", "total"),
    *("payment_method", "prepaid", "amount_due", "is_test", "duplicate_of", "version", "created_at", "updated_at"),
]


def read(*orders: Order) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(orders, head=True), newline="")))


def named(name: str) -> Order:
    return an_order(customer=Customer(name=name))


def test_the_columns_are_these() -> None:
    assert list(COLUMNS) == NAMES


def test_an_order_is_a_row() -> None:
    (row,) = read(FULL)

    assert {name: value for name, value in row.items() if value} == {
        "id": "ord_7",
        "store_id": "sto_1",
        "platform": "toy",
        "channel": "toy",
        "external_id": "A1",
        "display_id": "#7",
        "status": "cancelled",
        "reason": "OTHER",
        "reason_details": "the oven, again",
        "fulfillment": "delivery",
        "placed_at": "2026-10-05T15:00:00.000000Z",
        "customer_name": 'Robin "Rob" Ashdown',
        "customer_phone": "555-0100",
        "items": "1.5 x Pizza; 2 x Cola",
        "notes": "ring\ntwice; please",
        "currency": "JPY",
        "subtotal": "1350",
        "discount": "-50",
        "total": "0",
        "payment_method": "cash",
        "prepaid": "false",
        "amount_due": "1350",
        "is_test": "false",
        "version": "3",
    }


def test_an_order_that_says_nothing_has_empty_cells() -> None:
    (row,) = read(an_order())

    assert (row["customer_name"], row["total"], row["prepaid"], row["items"]) == ("", "", "", "")


def test_only_a_page_with_a_head_names_the_columns() -> None:
    whole = to_csv([FULL, an_order()], head=True)

    assert whole == to_csv([FULL], head=True) + to_csv([an_order()], head=False)
    assert whole.startswith(",".join(NAMES) + "\r\n")
    assert to_csv([], head=False) == ""


@pytest.mark.parametrize("text", ["=1+1", "+1 555 0100", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_no_text_of_others_is_a_formula(text: str) -> None:
    assert read(named(text))[0]["customer_name"] == f"'{text}"


@pytest.mark.parametrize("text", ["1=1", "a+b", "'=1", " =1", "", "Ødegård"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert read(named(text))[0]["customer_name"] == text


@given(some.text(alphabet=some.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_comes_back_as_it_was_but_for_the_guard(text: str) -> None:
    (row,) = read(an_order(customer=Customer(name=text), notes=text, external_id=text))

    assert {row["customer_name"], row["notes"], row["external_id"]} <= {text, f"'{text}"}
    assert not row["customer_name"].startswith(("=", "+", "-", "@"))


def test_a_line_of_json_is_a_whole_order() -> None:
    orders: list[Any] = [FULL, an_order()]

    lines = to_jsonl(orders).split("\n")

    assert lines.pop() == ""
    assert [Order.model_validate_json(line) for line in lines] == orders
    assert json.loads(lines[0])["amounts"]["total"] == 0
