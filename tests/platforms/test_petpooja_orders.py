"""Petpooja: orders of ordering apps, from their JSON to ours."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.merge import Identity, apply
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import (
    Address,
    Amounts,
    Check,
    Customer,
    DeliveredBy,
    Discount,
    Fulfillment,
    Item,
    Order,
    Payment,
    PaymentMethod,
    Reservation,
)
from orderhub.order.pricing import check_sums
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef
from orderhub.platforms.petpooja import PLATFORM
from tests.platforms.conformance import load_sample, request_for
from tests.platforms.petpooja_messages import (
    KOLKATA,
    RESTAURANT,
    connected,
    line,
    message_in,
    messages_of,
    ordered,
    save_order,
)


def order_of(sample: str) -> Order:
    (message,) = messages_of(sample)
    assert isinstance(message, OrderSnapshot)
    return message.order


def test_a_delivery_is_mapped_whole() -> None:
    connection = connected()

    (message,) = messages_of("save_order__delivery")

    assert isinstance(message, OrderSnapshot)
    assert (message.is_new, message.source_version) == (True, None)
    assert message.order == Order(
        id=connection.order_id("PP-1001", RESTAURANT),
        platform="petpooja",
        connection_id="con_test",
        channel="petpooja",
        external_id="PP-1001",
        store_id="sto_india",
        store_external_id=RESTAURANT,
        status=Status.INCOMING,
        fulfillment=Fulfillment.DELIVERY,
        delivered_by=DeliveredBy.STORE,
        placed_at=datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC),
        prep_minutes=25,
        customer=Customer(name="Robin Ashdown", phone="+1 555 0142", email="robin@example.com"),
        address=Address(line1="12 Sample Street, Sample City", lat=12.9716, lng=77.5946),
        items=[
            Item(
                id=item_id("880001", "6601"),
                external_id="880001",
                sku="880001",
                name="Paneer Wrap (Large)",
                quantity=Decimal(2),
                unit_price=12000,
                total=28000,
                tax=1400,
                notes="Cut in half",
                modifiers=[
                    Item(
                        id=item_id("880001", "6601", "7701", "990001"),
                        external_id="990001",
                        sku="990001",
                        name="Extra Cheese",
                        quantity=Decimal(2),
                        unit_price=1000,
                        total=2000,
                        category="Toppings",
                    ),
                    Item(
                        id=item_id("880001", "6601", "7702", "990002"),
                        external_id="990002",
                        sku="990002",
                        name="Green Chutney",
                        quantity=Decimal(1),
                        unit_price=0,
                        total=0,
                        category="Dips",
                    ),
                ],
            ),
            Item(
                id=item_id("880002", "6602"),
                external_id="880002",
                sku="880002",
                name="Masala Fries (Regular)",
                quantity=Decimal(2),
                unit_price=18000,
                total=36000,
                tax=1400,
            ),
        ],
        amounts=Amounts(
            currency="INR",
            subtotal=64000,
            tax=3138,
            delivery_fee=4000,
            service_fee=1200,
            bag_fee=1550,
            discount=5000,
            total=68888,
            computed=["subtotal"],
        ),
        discounts=[Discount(code="362", name="Festival", amount=5000)],
        payment=Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=68888),
        notes="No onions, please",
        source={
            "dialect": "order",
            "callback_url": "https://app.example.com/petpooja/callback",
            "courier_code": "4711",
            "payment_type": "COD",
            "discount_type": "F",
            "min_prep_minutes": "25",
            "delivery_tax": "2.00",
            "delivery_tax_owed_by": "vendor 2.00, restaurant 0",
            "packing_tax": "0.78",
            "packing_tax_owed_by": "vendor 0.78, restaurant 0",
            "service_tax": "0.60",
            "service_tax_owed_by": "restaurant 0.60",
            "item_discounts": "880001 30, 880002 20",
            "final_prices": "880001 250, 880002 340",
            "variations": "880001 6601, 880002 6602",
            "line_taxes": "880001 CGST 7.00, 880001 SGST 7.00, 880002 CGST 7.00, 880002 SGST 7.00",
            "line_taxes_owed_by": "880001 vendor, 880002 vendor",
            "buyer_app": "sample-buyer-app",
        },
    )
    assert check_sums(message.order) == []


def test_a_pickup_without_anything_that_it_can_do_without() -> None:
    order = order_of("save_order__pickup")

    assert (order.external_id, order.fulfillment, order.delivered_by) == (
        "1002",
        Fulfillment.PICKUP,
        DeliveredBy.PLATFORM,
    )
    assert (order.customer, order.address, order.reservation, order.notes) == (Customer(name="Sam"), None, None, None)
    assert order.payment == Payment(method=PaymentMethod.ONLINE, prepaid=True)
    assert order.amounts == Amounts(currency="INR", subtotal=18000, tax=900, total=18900, computed=["subtotal"])
    assert order.discounts == []
    assert (order.items[0].external_id, order.items[0].modifiers) == ("880002", [])


def test_a_table_ordered_in_advance() -> None:
    order = order_of("save_order__dine_in_advance")

    assert (order.fulfillment, order.reservation) == (Fulfillment.DINE_IN, Reservation(party_size=4, table="T4"))
    assert order.scheduled_for == datetime(2026, 10, 6, 14, 0, tzinfo=UTC)
    assert order.payment == Payment(method=PaymentMethod.CARD, prepaid=True)


def test_the_total_is_kept_as_it_was_sent_beside_what_it_should_be() -> None:
    order = order_of("save_order__total_before_discount")

    assert order.amounts.total == 36000
    assert [(check.code, check.expected, check.actual) for check in check_sums(order)] == [
        ("TOTAL_MISMATCH", 36120, 36000)
    ]


def test_an_urgent_order_says_in_how_many_minutes() -> None:
    order = order_of("save_order__total_before_discount")

    assert order.prep_minutes == 10
    assert (order.source["urgent"], order.source["urgent_minutes"], order.source["min_prep_minutes"]) == (
        "yes",
        "10",
        "20",
    )


# --- money -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "quantity", "addons", "unit", "total"),
    [
        ("140.00", "1", [], 14000, 14000),
        ("110.00", "1", [("10", "1"), ("0", "1")], 10000, 11000),
        ("140.00", "3", [("10", "2")], 12000, 42000),
        ("99.995", "2", [], 10000, 20000),
        (140, 2, [(10.5, 1)], 12950, 28000),
        ("", "2", [], None, None),
    ],
)
def test_a_unit_price_is_the_price_less_the_add_ons(
    price: Any, quantity: Any, addons: list[Any], unit: int | None, total: int | None
) -> None:
    told = [{"id": f"9{n}", "name": "x", "price": one, "quantity": many} for n, (one, many) in enumerate(addons)]

    order = ordered(line(price, quantity, *told))

    assert (order.items[0].unit_price, order.items[0].total) == (unit, total)


def test_senders_whose_prices_are_without_add_ons_have_a_setting() -> None:
    cheese = {"id": "9", "name": "Cheese", "price": "10", "quantity": "1"}

    order = ordered(line("100", "2", cheese), connection=connected(price_includes_addons=False))

    assert (order.items[0].unit_price, order.items[0].total) == (10000, 22000)


def test_add_ons_dearer_than_the_whole_are_flagged() -> None:
    order = ordered(line("10", "1", {"id": "9", "name": "Cheese", "price": "25", "quantity": "1"}))

    message = "the add-ons of 'Wrap' cost more than it does with them"
    assert (order.items[0].unit_price, order.items[0].total) == (-1500, 1000)
    assert order.checks == [Check(code="ADDONS_EXCEED_PRICE", message=message)]


def test_the_final_price_changes_nothing() -> None:
    orders = [ordered(line("100", "3", final_price=final)) for final in ("100", "300", "90", "")]

    assert {(order.items[0].unit_price, order.items[0].total) for order in orders} == {(10000, 30000)}


def test_amounts_follow_the_currency_that_was_chosen() -> None:
    order = ordered(line("500", "1"), total="500", connection=connected(currency="JPY"))

    assert (order.amounts.currency, order.amounts.total, order.items[0].unit_price) == ("JPY", 500, 500)


def test_nothing_is_not_zero() -> None:
    order = ordered(delivery_charges="", packing_charges="0", tax_total=None)

    assert (order.amounts.delivery_fee, order.amounts.bag_fee, order.amounts.tax) == (None, 0, None)


@pytest.mark.parametrize(
    ("told", "discounts"),
    [
        ([], [Discount(amount=4500)]),
        ([{"id": "1", "title": "A", "type": "F", "price": "45"}], [Discount(code="1", name="A", amount=4500)]),
        ([{"id": "1", "title": "A", "type": "P", "price": "10"}], [Discount(code="1", name="A", amount=4500)]),
        (
            [{"title": "A", "type": "P", "price": "10"}, {"title": "B", "type": "F", "price": "5"}],
            [Discount(name="A"), Discount(name="B", amount=500)],
        ),
    ],
)
def test_discounts_are_amounts_where_they_can_be_told(told: list[Any], discounts: list[Discount]) -> None:
    order = PLATFORM.to_order(save_order(discounts=told, discount_total="45"), connected())

    assert (order.discounts, order.amounts.discount) == (discounts, 4500)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "method", "prepaid", "due"),
    [
        ("COD", PaymentMethod.CASH, False, 56000),
        ("CARD", PaymentMethod.CARD, True, None),
        ("CREDIT", PaymentMethod.OTHER, None, None),
        ("ONLINE", PaymentMethod.ONLINE, True, None),
        ("OTHER", PaymentMethod.OTHER, None, None),
        ("BARTER", PaymentMethod.OTHER, None, None),
    ],
)
def test_a_payment_is_read(word: str, method: PaymentMethod, prepaid: bool | None, due: int | None) -> None:
    order = ordered(payment_type=word, total="560")

    assert order.payment == Payment(method=method, prepaid=prepaid, amount_due=due)
    assert order.source["payment_type"] == word


def test_what_is_to_be_collected_may_be_less_than_the_total() -> None:
    assert ordered(payment_type="COD", total="560", collect_cash="480").payment == Payment(
        method=PaymentMethod.CASH, prepaid=False, amount_due=48000
    )


@pytest.mark.parametrize(
    ("word", "fulfillment"),
    [("H", Fulfillment.DELIVERY), ("P", Fulfillment.PICKUP), ("D", Fulfillment.DINE_IN)],
)
def test_an_order_type_is_read(word: str, fulfillment: Fulfillment) -> None:
    assert ordered(order_type=word).fulfillment is fulfillment


def test_an_unknown_order_type_is_flagged() -> None:
    order = ordered(order_type="X")

    assert (order.fulfillment, order.checks) == (
        None,
        [Check(code="UNKNOWN_TYPE", message="the order is of type X")],
    )


@pytest.mark.parametrize(
    ("told", "by"),
    [
        (0, DeliveredBy.PLATFORM),
        ("0", DeliveredBy.PLATFORM),
        (1, DeliveredBy.STORE),
        ("1", DeliveredBy.STORE),
        ("", None),
        (None, None),
    ],
)
def test_whose_rider_it_is_comes_as_a_number_or_text(told: object, by: DeliveredBy | None) -> None:
    assert ordered(enable_delivery=told).delivered_by is by


@pytest.mark.parametrize(
    ("name", "variation", "called"),
    [
        ("Garlic Bread", "3Pieces", "Garlic Bread (3Pieces)"),
        ("Garlic Bread (3Pieces)", "3Pieces", "Garlic Bread (3Pieces)"),
        ("Garlic Bread", "", "Garlic Bread"),
        ("", "", "1"),
    ],
)
def test_a_line_is_called_by_its_variation_too(name: str, variation: str, called: str) -> None:
    assert ordered(line("1", name=name, variation_name=variation)).items[0].name == called


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_an_empty_list_may_come_in_another_form(nothing: object) -> None:
    told = line("10", AddonItem={"details": nothing}, item_tax=nothing)

    order = ordered(told, dc_gst_details=nothing, pc_gst_details=nothing, sc_gst_details=nothing)

    assert (order.items[0].modifiers, order.items[0].tax) == ([], None)
    assert ordered(line("10", AddonItem=nothing)).items[0].modifiers == []


def test_the_same_item_twice_is_two_lines_and_so_are_its_variations() -> None:
    order = ordered(line("1"), line("1"), line("1", variation_id="5"), line("1", variation_id="6"))

    assert len({item.id for item in order.items}) == 4


# --- times and places ------------------------------------------------------------------------------------------------


def test_times_are_those_of_the_restaurant() -> None:
    elsewhere = connected(stores={RESTAURANT: StoreRef("sto_dubai", "Asia/Dubai", "AED")})

    assert ordered(connection=elsewhere).placed_at == datetime(2026, 10, 5, 16, 12, 11, tzinfo=UTC)


@pytest.mark.parametrize("advanced", ["N", "", None, False])
def test_the_times_of_an_order_for_now_are_when_it_was_placed(advanced: object) -> None:
    order = ordered(advanced_order=advanced, preorder_date="2026-10-05", preorder_time="20:12:11")

    assert (order.scheduled_for, order.checks) == (None, [])


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"created_on": "yesterday"}, "UNREADABLE_TIME"),
        ({"advanced_order": "Y", "preorder_date": "2026-02-30", "preorder_time": "10:00:00"}, "UNREADABLE_TIME"),
        ({"advanced_order": "Y"}, "SCHEDULE_MISSING"),
    ],
)
def test_a_time_that_cannot_be_read_does_not_lose_the_order(told: dict[str, Any], code: str) -> None:
    assert [check.code for check in ordered(**told).checks] == [code]


@pytest.mark.parametrize("latitude", ["", "north", "91000", [], "NaN", "1e400"])
def test_a_place_that_is_none_is_left_out(latitude: object) -> None:
    order = ordered(customer={"address": "Somewhere", "latitude": latitude, "longitude": "77.5"})

    assert order.address == Address(line1="Somewhere", lng=77.5)


# --- whose order it is -----------------------------------------------------------------------------------------------


def test_two_restaurants_may_give_orders_the_same_number() -> None:
    both = connected(stores={RESTAURANT: KOLKATA, "other": StoreRef("sto_other", "Asia/Kolkata", "INR")})
    body = save_order()
    body["orderinfo"]["OrderInfo"]["Restaurant"]["details"]["restID"] = "other"

    orders = [PLATFORM.to_order(one, both) for one in (save_order(), body)]

    assert len({order.id for order in orders}) == 2
    assert [order.store_id for order in orders] == ["sto_india", "sto_other"]


def test_an_order_of_a_restaurant_that_is_not_on_the_map_waits_for_a_person() -> None:
    elsewhere = {"other": KOLKATA}

    with pytest.raises(Quarantine, match="'ck4c0rner1' is not on the connection's map"):
        ordered(connection=connected(stores=elsewhere))
    assert ordered(connection=connected(stores=elsewhere, check_restaurant=False)).store_id == "sto_india"
    assert ordered(connection=connected(stores={})).store_id == "sto_india"


def test_an_order_sent_again_with_another_content_is_an_update() -> None:
    first, again = (message_in(save_order(line("10", many))) for many in ("1", "2"))
    assert isinstance(first, OrderSnapshot)
    assert isinstance(again, OrderSnapshot)

    known = apply(None, first, first.order.placed_at or datetime.now(UTC), _identity(first.order)).order
    assert known is not None
    after = apply(known, again, datetime(2026, 10, 5, 15, tzinfo=UTC), _identity(first.order)).order

    assert first.delivery_key != again.delivery_key
    assert after is not None
    assert (after.id, after.items[0].quantity) == (known.id, Decimal(2))


def _identity(order: Order) -> Identity:
    return Identity(order.id, "petpooja", "con_test", order.external_id, order.store_id, "INR")


def test_an_app_with_one_url_for_all_orders_has_it_in_the_settings() -> None:
    one_for_all = connected(callback_url="https://partner.example.com/pos")

    named = ordered(callback_url="https://app.example.com/x", connection=one_for_all)
    unnamed = ordered(callback_url="", connection=one_for_all)

    assert named.source["callback_url"] == "https://app.example.com/x"
    assert unnamed.source["callback_url"] == "https://partner.example.com/pos"


def test_the_answer_names_our_id_of_the_order() -> None:
    connection = connected()
    request = request_for(load_sample("petpooja", "save_order__delivery"), connection)

    reading = PLATFORM.read(request, connection)

    assert connection.order_id("PP-1001", RESTAURANT) in reading.answer.body
