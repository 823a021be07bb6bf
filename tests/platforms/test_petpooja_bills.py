"""Petpooja: printed bills, from their JSON to orders that are over."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Ignore, Quarantine
from orderhub.order.ids import item_id, order_id
from orderhub.order.merge import Identity, apply
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import (
    Address,
    Amounts,
    Check,
    Customer,
    Discount,
    Fulfillment,
    Item,
    Order,
    Payment,
    PaymentMethod,
    Reservation,
)
from orderhub.order.status import Status
from orderhub.platforms.petpooja import PLATFORM
from tests.platforms.conformance import NOW
from tests.platforms.petpooja_messages import (
    RESTAURANT,
    bill,
    bill_line,
    billed,
    connected,
    message_in,
    messages_of,
)


def order_of(sample: str) -> Order:
    (message,) = messages_of(sample)
    assert isinstance(message, OrderSnapshot)
    return message.order


def told_twice(first: dict[str, Any], second: dict[str, Any]) -> tuple[Order, Order | None]:
    """The order after the first of two bills, and after the second; None when that changes nothing."""
    after: list[Order | None] = []
    for one in (first, second):
        message = message_in(one)
        assert isinstance(message, OrderSnapshot)
        order = message.order
        identity = Identity(order.id, "petpooja", "con_test", order.external_id, order.store_id, "INR")
        after.append(apply(after[-1] if after else None, message, NOW, identity).order)
    assert after[0] is not None
    return after[0], after[1]


def test_a_dine_in_bill_is_mapped_whole() -> None:
    connection = connected()

    (message,) = messages_of("orderdetails__dine_in")

    assert isinstance(message, OrderSnapshot)
    assert (message.is_new, message.source_version) == (True, "00000000000000000001")
    assert message.order == Order(
        id=connection.order_id("41", RESTAURANT, "2026-10-05"),
        platform="petpooja",
        connection_id="con_test",
        channel="petpooja",
        external_id="41",
        display_id="CK-41",
        store_id="sto_india",
        store_external_id=RESTAURANT,
        status=Status.COMPLETED,
        fulfillment=Fulfillment.DINE_IN,
        placed_at=datetime(2026, 10, 5, 15, 35, tzinfo=UTC),
        customer=Customer(name="Robin Ashdown", phone="+1 555 0142", tax_number="29ABCDE1234F1Z5"),
        items=[
            Item(
                id=item_id("770001", "WRAP"),
                external_id="770001",
                sku="WRAP",
                name="Paneer Wrap",
                quantity=Decimal(2),
                unit_price=13000,
                total=30000,
                tax=1350,
                notes="One without onions",
                category="Mains",
                modifiers=[
                    Item(
                        id=item_id("770001", "WRAP", "Toppings", "660001"),
                        external_id="660001",
                        name="Extra Cheese",
                        quantity=Decimal(1),
                        unit_price=2000,
                        total=2000,
                        category="Toppings",
                    )
                ],
            ),
            Item(
                id=item_id("770002", "THALI"),
                external_id="770002",
                sku="THALI",
                name="Thali",
                quantity=Decimal("1.5"),
                unit_price=20000,
                total=30000,
                tax=1350,
                category="Mains",
            ),
        ],
        amounts=Amounts(
            currency="INR",
            subtotal=60000,
            tax=2700,
            delivery_fee=0,
            service_fee=3000,
            bag_fee=0,
            other_fees=0,
            discount=6000,
            total=59700,
        ),
        discounts=[Discount(name="Regulars", amount=6000)],
        payment=Payment(method=PaymentMethod.OTHER),
        notes="A birthday",
        reservation=Reservation(party_size=2, table="T9"),
        source={
            "dialect": "bill",
            "order_from": "POS",
            "sub_order_type": "AC",
            "bill_status": "Success",
            "round_off": "0.00",
            "payment_type": "Part Payment",
            "custom_payment_type": "UPI",
            "part_payments": "Cash 300, Card 297",
            "taxes": "CGST@2.5 P 2.5 13.5, SGST@2.5 P 2.5 13.5",
            "discounts": "Regulars percentage 10 60",
            "item_discounts": "770001 30, 770002 30",
            "sap_codes": "770001 SAP-1",
            "token_no": "17",
            "biller": "till",
            "assignee": "Kim",
        },
    )


# --- marketplaces ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "channel", "origin"),
    [
        ("orderdetails__zomato", "zomato", "6054000042"),
        ("bill__bare_swiggy", "swiggy", "180000043"),
    ],
)
def test_a_bill_of_a_marketplace_names_the_order_there(sample: str, channel: str, origin: str) -> None:
    linked = connected(direct_connections={"zomato": "con_zomato", "swiggy": "con_swiggy"})

    order = order_of(sample)
    (message,) = messages_of(sample, linked)

    assert isinstance(message, OrderSnapshot)
    assert (order.channel, order.duplicate_of, order.source["order_from_id"]) == (channel, None, origin)
    assert message.order.duplicate_of == order_id(channel, f"con_{channel}", origin)
    assert message.order.source["order_from_id"] == origin


@pytest.mark.parametrize("told", [{"order_from": "POS", "order_from_id": "9"}, {"order_from": "", "order_from_id": ""}])
def test_a_bill_of_the_till_repeats_nothing(told: dict[str, str]) -> None:
    linked = connected(direct_connections={"petpooja": "con_x", "zomato": "con_zomato"})

    order = billed(connection=connected(), **told)

    assert (order.channel, order.duplicate_of) == ("petpooja", None)
    assert billed(order_from="Zomato", connection=linked).duplicate_of is None


def test_the_till_is_no_marketplace_even_when_somebody_links_it() -> None:
    linked = connected(direct_connections={"pos": "con_x"})

    assert billed(order_from="POS", order_from_id="9", connection=linked).duplicate_of is None


def test_a_marketplace_that_nobody_has_met_is_a_channel_of_its_own() -> None:
    assert billed(order_from="Some New App!").channel == "some_new_app"


def test_what_a_marketplace_keeps_to_itself_is_left_out() -> None:
    order = order_of("orderdetails__zomato")

    assert order.customer == Customer(name="Guest Seven")
    assert order.address == Address(line1="Sector 1, Sample City")
    assert order.payment == Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0)


# --- statuses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status", "checks"),
    [
        ("Success", Status.COMPLETED, []),
        (None, Status.COMPLETED, []),
        ("", Status.COMPLETED, []),
        ("Cancelled", Status.CANCELLED, []),
        ("Complimentary", Status.COMPLETED, ["COMPLIMENTARY"]),
        ("SUCCESS", Status.COMPLETED, []),
    ],
)
def test_a_status_is_read(word: str | None, status: Status, checks: list[str]) -> None:
    order = billed(status=word)

    assert (order.status, [check.code for check in order.checks]) == (status, checks)


@pytest.mark.parametrize("word", ["Saved", "Printed", "5", "Success?"])
def test_any_other_status_is_no_sale_and_is_said_aloud(word: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Ignore, match="which is none we know"):
        billed(status=word)

    message = message_in(bill(status=word))

    assert type(message).__name__ == "Ignored"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_what_is_given_away_brings_in_nothing() -> None:
    order = order_of("orderdetails__complimentary")

    message = "the bill was given away: it brings in nothing"
    assert order.checks == [Check(code="COMPLIMENTARY", message=message, expected=0, actual=0)]
    assert order.external_id == "C45"


def test_a_bill_that_is_cancelled_later_ends_cancelled_and_stays_so() -> None:
    sold, cancelled = bill(status="Success"), bill(status="Cancelled")

    assert [getattr(one, "status", None) for one in told_twice(sold, cancelled)] == ["completed", "cancelled"]
    assert told_twice(cancelled, sold)[1] is None


def test_a_bill_that_was_edited_changes_its_order() -> None:
    before, after = told_twice(bill(total=210), bill(total=190))

    assert after is not None
    assert (before.id, before.amounts.total) == (after.id, 21000)
    assert after.amounts.total == 19000


# --- which bill it is ------------------------------------------------------------------------------------------------


def test_the_same_number_on_two_days_is_two_orders() -> None:
    days = [billed(created_on=f"2026-10-0{day} 21:05:00") for day in (5, 6)]

    assert len({order.id for order in days}) == 2
    assert {order.external_id for order in days} == {"41"}


def test_the_day_is_that_of_the_restaurants_clock() -> None:
    late, early = billed(created_on="2026-10-05 23:59:59"), billed(created_on="2026-10-06 00:00:00")

    assert late.id == connected().order_id("41", RESTAURANT, "2026-10-05")
    assert early.id == connected().order_id("41", RESTAURANT, "2026-10-06")


def test_where_numbers_restart_in_the_morning_the_night_belongs_to_the_day_before() -> None:
    until_four = connected(day_starts_at="04:30")

    ids = [billed(created_on=at, connection=until_four).id for at in ("2026-10-05 23:00:00", "2026-10-06 04:29:00")]

    assert ids == [until_four.order_id("41", RESTAURANT, "2026-10-05")] * 2
    assert billed(created_on="2026-10-06 04:30:00", connection=until_four).id not in ids


def test_where_numbers_go_on_the_day_does_not_count() -> None:
    going_on = connected(bill_numbers_restart=False)

    ids = {billed(created_on=at, connection=going_on).id for at in ("2026-10-05 21:05:00", "2026-10-06 21:05:00", None)}

    assert ids == {going_on.order_id("41", RESTAURANT)}


@pytest.mark.parametrize("at", [None, "", "soon", "0001-01-01 00:00:00", "9999-12-31 23:59:59+00:00"])
def test_a_bill_whose_day_cannot_be_told_waits_for_a_person(at: str | None) -> None:
    early = connected(day_starts_at="04:30")

    with pytest.raises(Quarantine):
        billed(created_on=at, connection=early)


def test_a_number_and_its_text_are_the_same_bill() -> None:
    assert billed(orderID=41).id == billed(orderID="41").id


# --- money and words -------------------------------------------------------------------------------------------------


def test_the_amounts_of_a_real_bill_add_up() -> None:
    order = billed(
        core_total=1440.0,
        discount_total=100.0,
        tax_total=241.2,
        packaging_charge=80.0,
        delivery_charges=0.0,
        service_charge=0,
        round_off="-0.20",
        totalCharges=80,
        total=1661.0,
    )

    assert order.amounts == Amounts(
        currency="INR",
        subtotal=144000,
        discount=10000,
        tax=24120,
        bag_fee=8000,
        delivery_fee=0,
        service_fee=0,
        other_fees=-20,
        total=166100,
    )
    assert (order.source["round_off"], order.source["total_charges"]) == ("-0.20", "80")


ADDON = {"addonid": "1", "name": "Cheese", "price": 20, "quantity": "1"}


@pytest.mark.parametrize(
    ("price", "total", "quantity", "addons", "unit", "included"),
    [
        (150, 300, 2, [ADDON], 13000, True),
        (130, 300, 2, [ADDON], 13000, True),
        (130, 300, 2, [ADDON], 13000, False),
        (150, 300, 2, [ADDON], 13000, False),
        (150, None, 2, [ADDON], 13000, True),
        (150, None, 2, [ADDON], 15000, False),
        (150, 7, 2, [ADDON], 13000, True),
        (360.0, 360.0, 1, [{**ADDON, "price": 0}], 36000, True),
        (0.1, 0.3, 3, [], 10, True),
        (None, 300, 2, [], None, True),
    ],
)
def test_the_total_of_a_line_tells_whether_its_price_holds_the_add_ons(
    price: Any, total: Any, quantity: Any, addons: list[Any], unit: int | None, included: bool
) -> None:
    setting = connected(price_includes_addons=included)

    order = billed(bill_line(price, total, quantity, *addons), connection=setting)

    assert order.items[0].unit_price == unit


def test_add_ons_spell_their_id_in_two_ways() -> None:
    order = billed(bill_line(100, 100, 1, ADDON, {"addon_id": "2", "name": "Dip", "price": 0, "quantity": ""}))

    assert [(one.external_id, str(one.quantity)) for one in order.items[0].modifiers] == [("1", "1"), ("2", "1")]


def test_a_line_without_names_is_still_a_line() -> None:
    order = billed({"quantity": 1}, {"quantity": "2", "itemcode": "TEA"})

    assert [(item.name, item.sku) for item in order.items] == [("(no name)", None), ("TEA", "TEA")]


@pytest.mark.parametrize(
    ("word", "fulfillment"),
    [
        ("Delivery", Fulfillment.DELIVERY),
        ("Dine In", Fulfillment.DINE_IN),
        ("Pick Up", Fulfillment.PICKUP),
        ("Takeaway", Fulfillment.PICKUP),
    ],
)
def test_an_order_type_is_read(word: str, fulfillment: Fulfillment) -> None:
    assert (billed(order_type=word).fulfillment, billed(order_type=word).checks) == (fulfillment, [])


def test_an_unknown_order_type_is_flagged() -> None:
    assert billed(order_type="Drone").checks == [Check(code="UNKNOWN_TYPE", message="the bill is of type Drone")]


@pytest.mark.parametrize(
    ("word", "payment"),
    [
        ("Cash", Payment(method=PaymentMethod.CASH)),
        ("Card", Payment(method=PaymentMethod.CARD)),
        ("Online", Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0)),
        ("Other", Payment(method=PaymentMethod.OTHER)),
        ("Part Payment", Payment(method=PaymentMethod.OTHER)),
        ("Due Payment", Payment(method=PaymentMethod.OTHER)),
        ("", None),
    ],
)
def test_a_payment_is_read(word: str, payment: Payment | None) -> None:
    assert billed(payment_type=word).payment == payment


@pytest.mark.parametrize("customer", [None, [], "", {}, {"name": "", "phone": "", "address": "", "gstin": ""}])
def test_a_customer_may_be_nobody(customer: Any) -> None:
    order = PLATFORM.to_order(bill(customer=customer), connected())

    assert (order.customer, order.address) == (None, None)


def test_a_row_of_a_list_says_its_business_day() -> None:
    assert billed(order_date="2026-10-04").source["order_date"] == "2026-10-04"
