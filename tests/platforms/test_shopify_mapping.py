"""Shopify: its orders as ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderhub.order.ids import item_id
from orderhub.order.models import (
    Address,
    Amounts,
    Check,
    Courier,
    Customer,
    DeliveredBy,
    Discount,
    Fulfillment,
    Item,
    Order,
    Payment,
    PaymentMethod,
    Tracking,
)
from orderhub.order.pricing import check_sums
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef
from orderhub.platforms.http_types import parse_json
from orderhub.platforms.shopify import PLATFORM
from tests.platforms.samples import connection_for
from tests.platforms.test_shopify import LOCATION, OLD_MILL, SHOP, body_of, connected

Json = dict[str, Any]


def mapped(payload: Any, settings: Mapping[str, Any] | None = None) -> Order:
    return PLATFORM.to_order(payload, connected(settings))


def delivery(**changes: Any) -> Json:
    """The webhook body of the order for local delivery, with other values at its top."""
    return {**body_of("orders_create__local_delivery"), **changes}


def parcel_order(**changes: Any) -> Json:
    """The webhook body of the order that is shipped, in a currency of three decimals."""
    return {**body_of("orders_paid__gift_card_and_parcel"), **changes}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- whole orders --------------------------------------------------------------------------------------------------


def test_an_order_for_local_delivery_is_mapped_whole() -> None:
    connection = connected()

    assert PLATFORM.to_order(delivery(), connection) == Order(
        id=connection.order_id("6200000001101"),
        platform="shopify",
        connection_id="con_test",
        channel="shopify",
        external_id="6200000001101",
        display_id="#HK1101",
        store_id="sto_main",
        store_external_id=SHOP,
        status=Status.INCOMING,
        fulfillment=Fulfillment.DELIVERY,
        delivered_by=DeliveredBy.STORE,
        placed_at=at("2026-10-05T12:02:10Z"),
        scheduled_for=at("2026-10-05T19:30:00-04:00"),  # the store of the test is in New York
        customer=Customer(name="Ines Moreau", phone="+15550101", email="ines@example.com", external_id="7410000000001"),
        address=Address(
            line1="12 Rue du Test",
            line2="3e étage",
            city="Lyon",
            postal_code="69002",
            country="FR",
            lat=45.757,
            lng=4.834,
        ),
        items=[
            Item(
                id=item_id("15300000011011"),
                external_id="15300000011011",
                sku="GAL-COMP",
                name="Galette - Complète",
                quantity=Decimal(2),
                unit_price=1150,
                total=2300,
                tax=173,
                modifiers=[
                    Item(
                        id=item_id("15300000011011", "property", "0", "Egg"),
                        name="Egg: Well done",
                        quantity=Decimal(1),
                        unit_price=0,
                        total=0,
                    )
                ],
            ),
            Item(
                id=item_id("15300000011012"),
                external_id="15300000011012",
                sku="EXTRA-CHEESE",
                name="Extra cheese",
                quantity=Decimal(2),
                unit_price=120,
                total=240,
                tax=22,
            ),
            Item(
                id=item_id("15300000011013"),
                external_id="15300000011013",
                sku="CIDRE-33",
                name="Cidre brut - 33 cl",
                quantity=Decimal(1),
                unit_price=450,
                total=450,
                tax=75,
            ),
        ],
        amounts=Amounts(
            currency="EUR",
            subtotal=2990,
            tax=305,
            tax_included=True,
            delivery_fee=390,
            tip=250,
            discount=400,
            total=3230,
        ),
        discounts=[Discount(code="BIENVENUE", name="BIENVENUE", amount=400, funded_by=DeliveredBy.STORE)],
        payment=Payment(method=PaymentMethod.CARD, prepaid=True, amount_due=0),
        notes="Second courtyard, blue door\nCutlery: no",
        source={
            "gid": "gid://shopify/Order/6200000001101",
            "source_name": "web",
            "financial_status": "paid",
            "payment_gateways": "shopify_payments",
            "current_total_price": "32.30",
            "total_outstanding": "0.00",
            "line_discounts": "15300000011011=400",
        },
    )


def test_a_parcel_for_somebody_else_with_a_gift_card_is_mapped_whole() -> None:
    connection = connected({"fulfillment_with_address": "shipping"})

    assert PLATFORM.to_order(parcel_order(), connection) == Order(
        id=connection.order_id("6200000001105"),
        platform="shopify",
        connection_id="con_test",
        channel="shopify",
        external_id="6200000001105",
        display_id="#HK1105",
        store_id="sto_main",
        store_external_id=SHOP,
        status=Status.INCOMING,
        fulfillment=Fulfillment.SHIPPING,
        delivered_by=DeliveredBy.STORE,
        placed_at=at("2026-10-05T12:30:00Z"),
        customer=Customer(name="Dana Saleh", phone="+15550105", email="dana@example.com", external_id="7410000000005"),
        address=Address(
            line1="Block 4, Sample Street",
            city="Kuwait City",
            postal_code="15000",
            country="KW",
            company="Sample Trading",
            instructions="For Noura Saleh",
        ),
        items=[
            Item(
                id=item_id("15300000011051"),
                external_id="15300000011051",
                sku="SYRUP",
                name="Date syrup",
                quantity=Decimal(4),
                unit_price=2750,
                total=11000,
            ),
            Item(
                id=item_id("15300000011052"),
                external_id="15300000011052",
                sku="44100000000052",
                name="Gift card - 10",
                quantity=Decimal(1),
                unit_price=10000,
                total=10000,
                category="gift_card",
            ),
            Item(
                id=item_id("15300000011053"),
                external_id="15300000011053",
                sku="PDF-RECIPES",
                name="Recipe booklet (PDF)",
                quantity=Decimal(1),
                unit_price=1500,
                total=1500,
                category="no_shipping",
            ),
        ],
        amounts=Amounts(
            currency="KWD",
            subtotal=22500,
            tax=0,
            tax_included=False,
            delivery_fee=3000,
            tip=0,
            discount=2100,
            total=23400,
        ),
        discounts=[
            Discount(name="Syrup week", amount=1100, funded_by=DeliveredBy.STORE),
            Discount(code="SHIP1", name="SHIP1", amount=1000, funded_by=DeliveredBy.STORE),
        ],
        payment=Payment(method=PaymentMethod.WALLET, prepaid=True, amount_due=0),
        source={
            "gid": "gid://shopify/Order/6200000001105",
            "source_name": "web",
            "financial_status": "paid",
            "payment_gateways": "gift_card, paypal",
            "current_total_price": "23.400",
            "total_outstanding": "0.000",
            "line_discounts": "15300000011051=1100",
        },
    )


def test_cash_on_delivery_in_yen_of_nobody_we_know() -> None:
    order = mapped(body_of("orders_create__cash_on_delivery"))

    assert order.status is Status.INCOMING
    assert order.customer == Customer(name="Aoi Mori", phone="+15550103")
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=2700)
    assert order.amounts == Amounts(
        currency="JPY", subtotal=2400, tax=200, tax_included=True, delivery_fee=300, tip=0, discount=0, total=2700
    )
    assert order.address is not None
    assert (order.address.region, order.address.lat, order.address.lng) == ("JP-14", 35.45, 139.63)


def test_a_sale_at_the_till_has_its_location_and_no_tip_among_its_items() -> None:
    order = mapped(body_of("orders_create__till"))

    assert (order.store_id, order.store_external_id) == (OLD_MILL.id, LOCATION)
    assert [(item.name, item.quantity) for item in order.items] == [("Filter coffee", Decimal(2))]
    assert (order.amounts.subtotal, order.amounts.tip, order.amounts.total) == (640, 100, 740)
    assert (order.status, order.customer, order.fulfillment) == (Status.COMPLETED, None, Fulfillment.PICKUP)
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=True, amount_due=0)


def test_an_order_keeps_its_sums_as_sold_and_shows_what_is_left_of_it() -> None:
    order = mapped(body_of("orders_updated__partly_refunded"))

    assert [(int(item.quantity), item.total) for item in order.items] == [(1, 1150), (2, 240), (1, 450)]
    assert (order.amounts.subtotal, order.amounts.total) == (2990, 3230)
    assert order.checks == [
        Check(code="QUANTITY_CHANGED", message="'Galette - Complète': 2 sold, 1 wanted now"),
        Check(
            code="TOTAL_CHANGED",
            message="edits or refunds changed the order after it was sold: expected as sold, actual now",
            expected=3230,
            actual=2681,
        ),
        Check(code="REFUNDED", message="Shopify says partially_refunded: actual is what was given back", actual=950),
    ]
    assert [check.code for check in check_sums(order)] == ["SUBTOTAL_MISMATCH"]
    assert order.source["current_total_price"] == "26.81"


def test_a_line_that_was_removed_stays_with_nothing_of_it() -> None:
    lines = body_of("orders_create__local_delivery")["line_items"]
    lines[2]["current_quantity"] = 0

    order = mapped(delivery(line_items=lines))

    assert [(int(item.quantity), item.total) for item in order.items] == [(2, 2300), (2, 240), (0, 0)]


def test_parcels_and_the_news_of_the_last_of_them() -> None:
    order = mapped(body_of("orders_fulfilled__parcel_on_its_way"))

    url = "https://tracking.example.com/AWB900100"
    assert order.tracking == [Tracking(carrier="Aramex", code="AWB900100", url=url)]
    assert order.courier == Courier(status="in_transit", tracking_url=url, delivered_by=DeliveredBy.STORE)


# --- lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "wishes"),
    [
        ([{"name": "Size", "value": "L"}, {"name": "_id", "value": "1"}], ["Size: L"]),
        ({"Size": "L", "_id": "1"}, ["Size: L"]),
        ([{"name": "Gift wrap", "value": ""}, {"name": "", "value": "x"}], ["Gift wrap"]),
        ([{"name": "Layers", "value": 2}, {"name": "Weight", "value": 1.5}], ["Layers: 2", "Weight: 1.5"]),
        ([{"name": "Vegan", "value": True}, {"name": "Nuts", "value": False}], ["Vegan: yes", "Nuts: no"]),
        ([{"name": "Files", "value": [{"url": "x"}]}], ["Files"]),
        (None, []),
    ],
)
def test_properties_are_wishes_but_for_those_of_apps(properties: Any, wishes: list[str]) -> None:
    line = {"id": 1, "name": "Cake", "quantity": 1, "price": "5.00", "properties": properties}

    (item,) = mapped(delivery(line_items=[line])).items

    assert [modifier.name for modifier in item.modifiers] == wishes
    assert {(one.quantity, one.unit_price, one.total) for one in item.modifiers} <= {(Decimal(1), 0, 0)}


@pytest.mark.parametrize(
    ("line", "name", "sku"),
    [
        ({"name": "Cake - Large", "title": "Cake", "sku": "C-L", "variant_id": 7}, "Cake - Large", "C-L"),
        ({"title": "Cake", "sku": "", "variant_id": 7}, "Cake", "7"),
        ({"sku": None, "variant_id": None}, "line 1", None),
    ],
)
def test_a_line_has_the_best_name_and_number_there_are(line: Json, name: str, sku: str | None) -> None:
    (item,) = mapped(delivery(line_items=[{"id": 1, "quantity": 1, "price": "5.00", **line}])).items

    assert (item.name, item.sku) == (name, sku)


def test_large_numbers_keep_all_their_digits() -> None:
    order = mapped(parse_json(json.dumps({"id": 820982911946154508, "financial_status": "paid"}).encode()))

    assert order.external_id == "820982911946154508"


# --- times and notes -----------------------------------------------------------------------------------------------


def attributes(**named: str) -> list[Json]:
    return [{"name": name, "value": value} for name, value in named.items()]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"Delivery-Date": "2026-12-24", "Delivery-Time": "18:30"}, "2026-12-24T18:30:00+01:00"),
        ({"pickup_date": "2026/12/24", "Pickup Time": "6:30 PM - 7:00 PM"}, "2026-12-24T18:30:00+01:00"),
        ({"Delivery-Date": "2026-07-01", "Delivery-Time": "5 PM to 6 PM"}, "2026-07-01T17:00:00+02:00"),
        ({"Delivery-Date": "2026-07-01", "Delivery-Time": "17:00\u201317:30"}, "2026-07-01T17:00:00+02:00"),
        ({"Delivery-Date": "2026-07-01", "Delivery-Time": "17:00-17:30"}, "2026-07-01T17:00:00+02:00"),
        ({"Delivery-Date": "2026-07-01"}, "2026-07-01T00:00:00+02:00"),
        ({"Delivery-Date": "2026-07-01T17:00:00-04:00"}, "2026-07-01T17:00:00-04:00"),
        ({"Delivery-Time": "19:15"}, "2026-10-05T19:15:00+02:00"),
        ({"Something": "else"}, None),
    ],
)
def test_the_customers_time_is_read_in_the_stores_zone(given: dict[str, str], wanted: str | None) -> None:
    connection = connection_for(
        "shopify", {"client_secret": "s"}, {"shop": SHOP}, store=StoreRef("sto_paris", "Europe/Paris", "EUR")
    )

    order = PLATFORM.to_order(delivery(note_attributes=attributes(**given)), connection)

    assert order.scheduled_for == (at(wanted) if wanted else None)


def test_names_and_forms_of_the_customers_time_are_settings() -> None:
    settings = {"date_attributes": ["Wunschtag"], "time_attributes": ["Uhr"], "date_formats": ["%d.%m.%Y"]}
    named = attributes(Wunschtag="24.12.2026", Uhr="18:30")

    order = mapped(delivery(note_attributes=named, note=None), settings)

    assert order.scheduled_for == at("2026-12-24T18:30:00-05:00")
    assert order.notes is None


def test_a_time_that_cannot_be_read_is_shown_as_it_is() -> None:
    order = mapped(delivery(note_attributes=attributes(**{"Delivery-Date": "next Tuesday", "Delivery-Time": "noon"})))

    assert order.scheduled_for is None
    assert order.checks == [Check(code="SCHEDULE_UNREADABLE", message="the customer asks for 'next Tuesday noon'")]


@pytest.mark.parametrize(
    ("note", "given", "notes"),
    [
        ("Ring twice", {}, "Ring twice"),
        (None, {"Gift message": "Happy birthday"}, "Gift message: Happy birthday"),
        ("Ring twice", {"Cutlery": "no", "_app": "x", "Empty": ""}, "Ring twice\nCutlery: no"),
        ("", {"Delivery-Date": "2026-10-05"}, None),
    ],
)
def test_what_the_customer_wrote_is_in_the_notes(note: str | None, given: dict[str, str], notes: str | None) -> None:
    assert mapped(delivery(note=note, note_attributes=attributes(**given))).notes == notes


@pytest.mark.parametrize(
    ("latitude", "found"),
    [(45.7, 45.7), ("45.7", 45.7), (None, None), ("", None), ("north", None), (1e400, None), (-200, None), ([], None)],
)
def test_a_place_that_is_none_does_not_stop_an_order(latitude: Any, found: float | None) -> None:
    address = {**body_of("orders_create__local_delivery")["shipping_address"], "latitude": latitude}

    order = mapped(delivery(shipping_address=address))

    assert order.address is not None
    assert order.address.lat == found


@pytest.mark.parametrize(
    ("changes", "customer"),
    [
        ({}, Customer(name="Ines Moreau", phone="+15550101", email="ines@example.com", external_id="7410000000001")),
        (
            {"customer": None, "email": "", "contact_email": "desk@example.com", "phone": "+15550199"},
            Customer(name="Ines Moreau", phone="+15550199", email="desk@example.com"),
        ),
        ({"customer": None, "email": "", "contact_email": "", "shipping_address": None, "billing_address": None}, None),
        (
            {"email": None, "contact_email": None, "customer": {"first_name": "Ada", "email": "ada@example.com"}},
            Customer(name="Ada", phone="+15550101", email="ada@example.com"),
        ),
    ],
)
def test_a_customer_is_put_together_from_what_there_is(changes: Json, customer: Customer | None) -> None:
    assert mapped(delivery(**changes)).customer == customer


@pytest.mark.parametrize(("name", "shown"), [("#1042", "#1042"), (None, "#1101"), ("", "#1101")])
def test_an_order_is_called_by_its_name(name: str | None, shown: str) -> None:
    assert mapped(delivery(name=name)).display_id == shown
