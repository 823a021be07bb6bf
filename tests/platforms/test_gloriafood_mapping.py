"""GloriaFood's orders as orders of ours: whole samples."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from orderhub.order.ids import item_id
from orderhub.order.merge import Effect, Identity, apply
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
from orderhub.platforms.gloriafood import PLATFORM
from tests.platforms.conformance import NOW, connection_for, load_sample, request_for

CONNECTION = connection_for("gloriafood", {"master_keys": ["k"]})
PLACED = datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)


def message_in(sample: str) -> OrderSnapshot:
    (message,) = PLATFORM.read(request_for(load_sample("gloriafood", sample), CONNECTION), CONNECTION).messages
    assert isinstance(message, OrderSnapshot)
    return message


def item(line_id: str, sku: str, name: str, total: int, tax: int, **more: Any) -> Item:
    """A line of one unit without options, and what differs."""
    told = {"unit_price": total, "quantity": Decimal(1), **more}
    return Item(id=item_id(line_id), external_id=line_id, sku=sku, name=name, total=total, tax=tax, **told)


def option(line_id: str, option_id: str, sku: str, name: str, group: str, price: int, quantity: int = 1) -> Item:
    return Item(
        id=item_id(line_id, option_id),
        external_id=option_id,
        sku=sku,
        name=name,
        category=group,
        quantity=Decimal(quantity),
        unit_price=price,
        total=price * quantity,
    )


def test_a_delivery_with_taxes_on_top_promotions_fees_and_tip_is_mapped_whole() -> None:
    message = message_in("accepted__delivery_net")

    assert message.source_version == "2026-10-05T14:42:11.000000Z"
    assert message.order == Order(
        id=CONNECTION.order_id("710001"),
        platform="gloriafood",
        connection_id="con_test",
        channel="gloriafood",
        external_id="710001",
        display_id="710001",
        store_id="sto_main",
        store_external_id="20417",
        status=Status.ACCEPTED,
        fulfillment=Fulfillment.DELIVERY,
        placed_at=PLACED,
        delivery_at=datetime(2026, 10, 5, 15, 20, tzinfo=UTC),
        customer=Customer(name="Iris Calder", phone="+15550123", email="iris.calder@example.com", external_id="88012"),
        address=Address(
            line1="12 Sample Street",
            line2="B, 3, 3C, 17, behind the bakery",
            city="Springfield",
            postal_code="01101",
            lat=42.1123,
            lng=-72.5511,
            instructions="Leave it without contact",
        ),
        items=[
            item(
                "810003",
                "3301",
                "Margherita",
                2600,
                223,
                unit_price=900,
                quantity=Decimal(2),
                notes="Well done",
                modifiers=[
                    option("810003", "820001", "3401", "Large", "Size", 250),
                    option("810003", "820002", "3402", "Olives", "Toppings", 75, 2),
                ],
            ),
            item("810004", "3302", "Tiramisu", 600, 0),
            item("810006", "3302", "Tiramisu", 600, 57),
            item(
                "810008",
                "3303",
                "Lemonade",
                350,
                0,
                modifiers=[option("810008", "820003", "3403", "With mint", "Which lemonade", 0)],
            ),
        ],
        amounts=Amounts(
            currency="USD",
            subtotal=4150,
            tax=377,
            tax_included=False,
            tax_in_prices=45,
            delivery_fee=400,
            service_fee=120,
            tip=500,
            discount=1350,
            total=4152,
            computed=["subtotal"],
        ),
        discounts=[
            Discount(code="SWEET2", name="Buy one dessert, get one free", amount=600, funded_by=DeliveredBy.STORE),
            Discount(name="Free lemonade from $25", amount=350, funded_by=DeliveredBy.STORE),
            Discount(code="JUNIPER4", name="$4 off your first order", amount=400, funded_by=DeliveredBy.STORE),
        ],
        payment=Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0),
        notes="The bell is broken, please knock",
        source={
            "type": "delivery",
            "pos_system_id": "41",
            "restaurant_token": "JUNIPER",
            "ordered_with": "website",
            "client_address": "12 Sample Street, Springfield",
            "pin_skipped": "true",
            "fulfillment_option": "no_contact",
            "payment": "ONLINE",
            "used_payment_methods": "ONLINE",
            "gateway_type": "stripe",
            "gateway_transaction_id": "pi_sample_710001",
            "card_type": "visa",
            "coupons": "9021, 9022",
            "fees": "Packaging (77): 1.2",
            "taxes": "item 0.1: 2.8; delivery_fee 0.1: 0.4; tip 0.1: 0.45; fees_discounts_subtotal 0.1: 0.12",
        },
    )
    assert check_sums(message.order) == []


def test_a_curbside_pickup_for_later_with_taxes_in_the_prices_is_mapped_whole() -> None:
    order = message_in("accepted__pickup_gross_cash").order

    assert order == Order(
        id=CONNECTION.order_id("710002"),
        platform="gloriafood",
        connection_id="con_test",
        channel="gloriafood",
        external_id="710002",
        display_id="710002",
        store_id="sto_main",
        store_external_id="20417",
        status=Status.ACCEPTED,
        fulfillment=Fulfillment.CURBSIDE,
        placed_at=PLACED,
        scheduled_for=datetime(2026, 10, 5, 18, 30, tzinfo=UTC),
        customer=Customer(name="Iris Calder", phone="+15550123", email="iris.calder@example.com", external_id="88012"),
        items=[
            item(
                "810021",
                "3310",
                "Pulled beef bun",
                2280,
                364,
                unit_price=720,
                quantity=Decimal(3),
                modifiers=[option("810021", "820021", "3410", "Gherkins", "Extras", 40)],
            ),
            item("810022", "3311", "Still water", 190, 30),
        ],
        amounts=Amounts(currency="EUR", subtotal=2470, tax=394, tax_included=True, service_fee=0, total=2470),
        payment=Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=2470),
        notes="Blue car\nBring it to the customer's car",
        source={
            "type": "pickup",
            "pos_system_id": "41",
            "restaurant_token": "JUNIPER",
            "ordered_with": "website",
            "fulfillment_option": "curbside_pickup",
            "payment": "CASH",
            "used_payment_methods": "CASH",
            "fees": "Card handling (88): 1; Card handling, paid in cash (88): -1",
            "taxes": "item 0.19: 3.94",
        },
    )


def test_guests_at_a_table_say_where_they_sit() -> None:
    order = message_in("accepted__dine_in").order

    assert (order.fulfillment, order.reservation) == (
        Fulfillment.DINE_IN,
        Reservation(table="P4", seating="Poolside"),
    )
    assert order.payment == Payment(method=PaymentMethod.WALLET, prepaid=False, amount_due=14500)


def test_a_meal_ordered_ahead_says_for_how_many_and_that_nobody_knows_what_is_left_to_pay() -> None:
    order = message_in("accepted__order_ahead_split_payment").order

    assert (order.fulfillment, order.reservation) == (Fulfillment.DINE_IN, Reservation(party_size=4))
    assert order.scheduled_for == datetime(2026, 10, 6, 23, tzinfo=UTC)
    assert order.payment == Payment(method=PaymentMethod.ONLINE, prepaid=None, amount_due=None)
    assert order.checks == [
        Check(
            code="SPLIT_PAYMENT",
            message="paid by ONLINE and CASH: GloriaFood does not say how much is left to collect",
        )
    ]


def test_an_order_of_old_lacks_what_came_later_and_its_coordinates_are_not_the_customers() -> None:
    order = message_in("accepted__of_old").order

    assert (order.status, order.address, order.reservation, order.notes) == (Status.ACCEPTED, None, None, None)
    assert order.payment == Payment(method=PaymentMethod.CARD, prepaid=False, amount_due=1150)
    assert order.ready_at == datetime(2026, 10, 5, 15, 20, tzinfo=UTC)


def test_a_currency_without_cents_has_none_and_an_order_of_the_menu_editor_is_a_test() -> None:
    order = message_in("accepted__test_in_yen").order

    assert order.amounts == Amounts(currency="JPY", subtotal=2500, tax=250, tax_included=False, total=2750)
    assert order.is_test


def test_sums_that_do_not_agree_are_flagged_and_no_reason_to_refuse() -> None:
    order = message_in("accepted__sums_that_do_not_agree").order

    assert (order.amounts.service_fee, order.amounts.total) == (2000, 1000)
    assert [(flag.code, flag.expected, flag.actual) for flag in check_sums(order)] == [("TOTAL_MISMATCH", 3000, 1000)]


def test_what_nobody_told_us_of_is_kept_and_flagged() -> None:
    order = message_in("accepted__unknown_type_and_line").order

    assert (order.fulfillment, order.amounts.other_fees, order.source["type"]) == (None, 300, "catering")
    assert order.checks == [
        Check(code="UNKNOWN_TYPE", message="GloriaFood says that the order is of the type 'catering'"),
        Check(code="UNKNOWN_LINE", message="a line of the kind 'surcharge', taken for a fee: 'Bottle deposit'"),
    ]


def test_an_order_goes_on_to_ready_and_canceled_and_not_back() -> None:
    steps = [message_in(f"{name}__pickup_gross_cash") for name in ("accepted", "ready", "canceled", "ready")]
    identity = Identity(steps[0].order.id, "gloriafood", "con_test", "710002", "sto_main", "EUR")
    known, seen = None, []

    for step in steps:
        outcome = apply(known, step, NOW, identity)
        known = outcome.order or known
        seen.append((outcome.effect, known.status if known else None))

    assert seen == [
        (Effect.APPLIED, Status.ACCEPTED),
        (Effect.APPLIED, Status.READY),
        (Effect.APPLIED, Status.CANCELLED),
        (Effect.STALE, Status.CANCELLED),
    ]
