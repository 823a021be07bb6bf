"""Orders that the store makes itself: what is asked for in, the order with its sums out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orderhub.errors import Reject
from orderhub.order import native, pricing
from orderhub.order.models import DeliveredBy, Fulfillment, Order, PaymentMethod
from orderhub.order.native import NewOrder
from orderhub.order.status import Status
from tests.unit.made import NOW, an_order

TEA = {"name": "Tea", "unit_price": 300}
HOME = {"line1": "1 Main Street", "city": "Springfield"}


def new(**told: Any) -> NewOrder:
    return NewOrder.model_validate({"store_id": "sto_1", "items": [TEA], **told})


def made(at_store: str = "USD", **told: Any) -> Order:
    return native.make(
        new(**told), order_id="ord_00abcdef", external_id="dir_1", currency=at_store, request="r", at=NOW
    )


def refused(**told: Any) -> tuple[str, Any]:
    with pytest.raises(Reject) as caught:
        made(**told)
    return caught.value.code, caught.value.details.get("field")


# --- what an order is -------------------------------------------------------------------------------------------------


def test_the_least_that_can_be_asked_for_is_an_order_to_be_picked_up_and_paid() -> None:
    order = made()

    assert (order.platform, order.connection_id, order.channel) == ("direct", "direct", "LulaDirect")
    assert (order.id, order.external_id, order.display_id) == ("ord_00abcdef", "dir_1", "ABCDEF")
    assert (order.status, order.fulfillment, order.placed_at) == (Status.INCOMING, Fulfillment.PICKUP, NOW)
    assert (order.accept_by, order.scheduled_for, order.ready_at) == (None, None, None)
    assert order.payment is not None
    assert (order.payment.prepaid, order.payment.amount_due) == (False, 300)
    assert order.source == {"request": "r"}
    assert order.is_native
    assert not an_order().is_native


def test_sums_are_worked_out_and_named_as_such() -> None:
    sauce = {"name": "Sauce", "unit_price": 50, "quantity": 2, "modifiers": [{"name": "Hot", "unit_price": 10}]}
    order = made(
        items=[{"name": "Wings", "unit_price": 900, "quantity": 3, "modifiers": [sauce]}, TEA],
        tax=200,
        delivery_fee=300,
        tip=150,
        discounts=[{"code": "TEN", "amount": 100}, {"amount": 25}],
    )

    wings, tea = order.items
    assert (wings.total, wings.modifiers[0].total, wings.modifiers[0].modifiers[0].total) == (3060, 120, 10)
    assert (tea.total, tea.quantity) == (300, Decimal(1))
    assert (order.amounts.subtotal, order.amounts.discount) == (3360, 125)
    assert order.amounts.total == 3360 + 200 + 300 + 150 - 125
    assert order.amounts.computed == ["subtotal", "total"]
    assert [one.code for one in order.discounts] == ["TEN", None]


def test_a_tax_that_is_in_the_prices_is_not_added() -> None:
    assert made(tax=50, tax_included=True).amounts.total == 300
    assert made(tax=50).amounts.total == 350
    assert made().amounts.tax == 0


def test_what_is_paid_already_is_not_due() -> None:
    payment = made(payment={"method": "card", "prepaid": True}).payment

    assert payment is not None
    assert (payment.method, payment.prepaid, payment.amount_due) == (PaymentMethod.CARD, True, 0)


def test_each_line_and_modifier_has_an_id_of_its_own() -> None:
    line = {**TEA, "modifiers": [TEA, TEA]}
    order = made(items=[line, line])

    ids = [one.id for item in order.items for one in (item, *item.modifiers)]
    assert len(set(ids)) == 6
    assert made(items=[line, line]).items == order.items


def test_the_store_s_own_courier_brings_it() -> None:
    assert made(fulfillment="delivery", address=HOME).delivered_by is DeliveredBy.STORE
    assert made(fulfillment="shipping", address=HOME).delivered_by is None
    assert made().delivered_by is None


def test_minutes_of_preparation_are_when_it_will_be_ready() -> None:
    assert made(prep_minutes=20).ready_at == NOW + timedelta(minutes=20)
    later = made(prep_minutes=20, scheduled_for=NOW + timedelta(hours=3))
    assert (later.ready_at, later.prep_minutes, later.scheduled_for) == (None, 20, NOW + timedelta(hours=3))


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["delivery", "shipping"])
@pytest.mark.parametrize("address", [None, {}, {"city": "Springfield"}, {"line1": "  "}, {"lat": 1.0}])
def test_what_is_brought_needs_an_address(kind: str, address: Any) -> None:
    assert refused(fulfillment=kind, address=address) == ("INVALID_FIELD_VALUE", "address")


def test_a_place_on_the_map_is_an_address() -> None:
    address = made(fulfillment="delivery", address={"lat": 0.0, "lng": 0.0}).address

    assert address is not None
    assert (address.lat, address.lng) == (0.0, 0.0)


def test_another_currency_than_the_store_s_is_refused() -> None:
    assert refused(currency="EUR") == ("INVALID_FIELD_VALUE", "currency")
    assert made("JPY", currency="JPY").amounts.currency == "JPY"


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(days=365, seconds=1)])
def test_it_cannot_be_for_the_past_or_for_some_other_year(ahead: timedelta) -> None:
    assert refused(scheduled_for=NOW + ahead) == ("INVALID_FIELD_VALUE", "scheduled_for")


def test_discounts_cannot_be_more_than_the_order_comes_to() -> None:
    assert made(discounts=[{"amount": 300}]).amounts.total == 0
    assert refused(discounts=[{"amount": 301}]) == ("INVALID_FIELD_VALUE", "discounts")


def nested(levels: int) -> dict[str, Any]:
    return {**TEA, "modifiers": [nested(levels - 1)]} if levels > 1 else TEA


def test_modifiers_are_nested_so_deep_and_no_deeper() -> None:
    assert made(items=[nested(native.DEEPEST)]).amounts.total == 300 * native.DEEPEST
    assert refused(items=[nested(native.DEEPEST + 1)]) == ("INVALID_FIELD_VALUE", "items")


@pytest.mark.parametrize(
    "items",
    [
        [{"name": "Gold", "unit_price": 10**12, "quantity": 10**5}],
        [{"name": "Gold", "unit_price": 10**12, "quantity": 900}] * 2,
    ],
)
def test_more_than_there_is_money_is_refused(items: Any) -> None:
    assert refused(items=items) == ("INVALID_FIELD_VALUE", "items")


@pytest.mark.parametrize(
    "told",
    [
        {"items": []},
        {"items": [{"name": "Tea"}]},
        {"items": [{**TEA, "name": ""}]},
        {"items": [{**TEA, "unit_price": -1}]},
        {"items": [{**TEA, "quantity": 0}]},
        {"items": [{**TEA, "quantity": -2}]},
        {"items": [{**TEA, "quantity": "NaN"}]},
        {"items": [{**TEA, "quantity": "0.0001"}]},
        {"items": [{**TEA, "modifiers": [{**TEA, "unit_price": -1}]}]},
        {"items": [{**TEA, "total": 300}]},
        {"tax": -1},
        {"tip": -1},
        {"delivery_fee": -1},
        {"discounts": [{"amount": -1}]},
        {"fulfillment": "catapult"},
        {"payment": {"amount_due": 0}},
        {"scheduled_for": "2026-10-05T15:00:00"},
        {"status": "completed"},
        {"created_by": "somebody else"},
    ],
)
def test_what_makes_no_sense_does_not_fit(told: Any) -> None:
    with pytest.raises(ValidationError):
        new(**told)


_PRICE = st.integers(0, 10**6)
_ITEM = st.fixed_dictionaries(
    {
        "name": st.just("x"),
        "unit_price": _PRICE,
        "quantity": st.decimals(min_value=Decimal("0.001"), max_value=999, places=3),
    }
)


@given(items=st.lists(_ITEM, min_size=1, max_size=5), tax=_PRICE, tip=_PRICE, fee=_PRICE)
def test_the_sums_always_agree_and_survive_storage(items: Any, tax: int, tip: int, fee: int) -> None:
    order = made(items=items, tax=tax, tip=tip, service_fee=fee)

    assert pricing.check_sums(order) == []
    assert order.amounts.total == sum(item.total or 0 for item in order.items) + tax + tip + fee
    assert Order.model_validate_json(order.model_dump_json()) == order
