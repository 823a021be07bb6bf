"""Toast: what its orders hold, apart from money."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderhub.order.ids import item_id
from orderhub.order.models import (
    Address,
    Amounts,
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
from orderhub.order.status import Status
from orderhub.platforms.http_types import parse_json
from orderhub.platforms.toast import PLATFORM
from tests.platforms.conformance import connection_for, load_sample
from tests.platforms.samples import AnyConnection
from tests.platforms.test_toast import LARKSPUR, connect, credentials, sample_body

Json = dict[str, Any]


def payload(name: str) -> Json:
    """The order of a sample, as it would be fetched or as it was sent."""
    fetched = load_sample("toast", name).fetched
    told: Json = parse_json(fetched) if fetched else sample_body(name)["details"]
    return told


def bare(name: str) -> Json:
    """The same without what comes around it."""
    told = payload(name)
    order: Json = told.get("order", told)
    return order


def mapped(told: Json, connection: AnyConnection | None = None) -> Order:
    return PLATFORM.to_order(told, connection or connect())


def one_check(**order: object) -> Json:
    """An order of one check with one line, and these fields."""
    return {**copy.deepcopy(bare("order_updated__not_approved")), "approvalStatus": "APPROVED", **order}


def with_line(**line: object) -> Order:
    """An order whose only line has these fields."""
    told = one_check()
    told["checks"][0]["selections"][0] |= line
    return mapped(told)


def of_check(**check: object) -> Order:
    """An order whose only check has these fields."""
    told = one_check()
    told["checks"][0] |= check
    return mapped(told)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- whole --------------------------------------------------------------------------------------


def _modifier(guid: str, item: str, name: str, quantity: int, price: int, *inner: Item, **more: Any) -> Item:
    total = quantity * (price + sum(one.total or 0 for one in inner))
    return Item(
        id=item_id(guid),
        external_id=item,
        name=name,
        quantity=Decimal(quantity),
        unit_price=price,
        total=total,
        tax=0,
        modifiers=list(inner),
        **more,
    )


def test_a_fetched_delivery_is_mapped_whole() -> None:
    told = payload("order_updated__delivery")
    burger, lemonade = told["order"]["checks"][0]["selections"]
    cheddar, onion, salad, _ = burger["modifiers"]
    dressing, walnuts = salad["modifiers"]

    def option(line: Json, name: str, quantity: int, price: int, *inner: Item, **more: Any) -> Item:
        return _modifier(line["guid"], line["item"]["guid"], name, quantity, price, *inner, **more)

    assert mapped(told) == Order(
        id=connect().order_id(told["order"]["guid"]),
        platform="toast",
        connection_id="con_test",
        channel="online",
        external_id=told["order"]["guid"],
        display_id="51",
        store_id="sto_larkspur",
        store_external_id=LARKSPUR,
        status=Status.INCOMING,
        fulfillment=Fulfillment.DELIVERY,
        placed_at=at("2026-10-05T14:41:58.120"),
        ready_at=at("2026-10-05T15:15:00"),
        prep_minutes=25,
        customer=Customer(
            name="Robin Park",
            phone="5550100142",
            email="robin.park@example.com",
            external_id=told["order"]["checks"][0]["customer"]["guid"],
        ),
        address=Address(
            line1="12 Sample Street",
            line2="Apt 3",
            city="Springfield",
            region="MA",
            postal_code="01101",
            lat=42.1015,
            lng=-72.5898,
        ),
        items=[
            Item(
                id=item_id(burger["guid"]),
                external_id=burger["item"]["guid"],
                sku="2001",
                name="Smash burger",
                quantity=Decimal(2),
                unit_price=1195,
                total=3010,
                tax=206,
                notes="Well done, please",
                modifiers=[
                    option(cheddar, "EXTRA Cheddar", 2, 120, sku="3001"),
                    option(onion, "NO Onion", 1, 0),
                    option(
                        salad,
                        "Side salad",
                        1,
                        0,
                        option(dressing, "Mustard dressing ON THE SIDE", 1, 0),
                        option(walnuts, "Walnuts", 2, 35),
                    ),
                ],
            ),
            Item(
                id=item_id(lemonade["guid"]),
                external_id=lemonade["item"]["guid"],
                sku="2004",
                name="House lemonade",
                quantity=Decimal(1),
                unit_price=375,
                total=375,
                tax=31,
            ),
        ],
        amounts=Amounts(
            currency="USD",
            subtotal=3385,
            tax=237,
            tax_included=False,
            delivery_fee=349,
            service_fee=60,
            tip=400,
            discount=430,
            total=4001,
        ),
        discounts=[
            Discount(code="WELCOME3", name="Welcome", amount=300, funded_by=DeliveredBy.STORE),
            Discount(name="Burger Monday", amount=130, funded_by=DeliveredBy.STORE),
        ],
        payment=Payment(method=PaymentMethod.CARD, prepaid=True, amount_due=0),
        notes="Ring twice",
        source={
            "restaurant": LARKSPUR,
            "dining_option": told["order"]["diningOption"]["guid"],
            "source": "Online",
            "approval": "NEEDS_APPROVAL",
            "guests": "1",
            "payments": "CREDIT 36.01 AUTHORIZED; CREDIT 36.01 DENIED",
            "charges": "Delivery Fee 3.49 SERVICE_CHARGE; Card surcharge 0.6 CREDIT_CARD_SURCHARGE",
            "multi_location_ids": "2001=100000000000002001",
        },
    )


def test_bare_wrapped_and_sent_orders_are_one_order() -> None:
    fetched = payload("channel_order_updated__own")
    sent = sample_body("channel_order_updated__own")["details"]

    ids = {mapped(told).id for told in (fetched, {"order": fetched, "restaurantGuid": LARKSPUR}, sent)}

    assert ids == {connect().order_id(fetched["guid"])}


def test_guests_at_a_table_with_two_checks() -> None:
    told = payload("order_updated__dine_in")
    order = mapped(told)

    assert (order.display_id, order.fulfillment, order.status) == ("8", Fulfillment.DINE_IN, Status.ACCEPTED)
    assert order.reservation == Reservation(party_size=6, table=told["order"]["table"]["guid"])
    assert order.source["guests"] == "6"
    assert [(item.name, item.quantity) for item in order.items] == [
        ("Ribeye by weight", Decimal("0.45")),
        ("Chef's extra", Decimal(1)),
        ("Espresso", Decimal(2)),
    ]


def test_voided_lines_and_deleted_checks_are_left_out() -> None:
    order = mapped(payload("order_updated__takeout_split"))

    assert [item.name for item in order.items] == ["Falafel wrap", "Fries"]
    assert order.customer is not None
    assert (order.customer.name, order.display_id) == ("Sam Lee", "18")


# --- how, where from, when --------------------------------------------------------------------------------------

OPTIONS = [
    {"guid": "dine", "behavior": "DINE_IN", "curbside": False},
    {"guid": "take", "behavior": "TAKE_OUT", "curbside": False},
    {"guid": "curb", "behavior": "TAKE_OUT", "curbside": True},
    {"guid": "bring", "behavior": "DELIVERY", "curbside": None},
    {"guid": "fly", "behavior": "DRONE"},
]
CAR = {"curbsidePickupInfo": {"transportDescription": "Hatchback", "transportColor": "red", "notes": "Bay 4"}}
TABLE = {"table": {"guid": "t-12"}}
ADDRESS = {"deliveryInfo": {"address1": "12 Sample Street"}}


@pytest.mark.parametrize(
    ("option", "fields", "fulfillment"),
    [
        ("dine", {}, Fulfillment.DINE_IN),
        ("take", {}, Fulfillment.PICKUP),
        ("curb", {}, Fulfillment.CURBSIDE),
        ("bring", {}, Fulfillment.DELIVERY),
        ("take", {**ADDRESS, **CAR}, Fulfillment.PICKUP),
        ("fly", ADDRESS, Fulfillment.DELIVERY),
        ("gone", {**ADDRESS, **CAR, **TABLE}, Fulfillment.DELIVERY),
        ("gone", {**CAR, **TABLE}, Fulfillment.PICKUP),
        ("gone", TABLE, Fulfillment.DINE_IN),
        ("gone", {}, None),
        (None, {}, None),
    ],
)
def test_the_dining_option_says_how_and_what_is_filled_in_where_it_is_not_known(
    option: str | None, fields: Json, fulfillment: Fulfillment | None
) -> None:
    order = one_check(diningOption=option and {"guid": option}, **fields)

    assert mapped({"order": order, "diningOptions": OPTIONS}).fulfillment is fulfillment


@pytest.mark.parametrize(("behavior", "fulfillment"), [("CURBSIDE", "curbside"), ("TAKE_OUT", "pickup")])
def test_the_settings_may_know_a_dining_option(behavior: str, fulfillment: str) -> None:
    order = mapped(one_check(diningOption={"guid": "mine"}), connect(dining_options={"mine": behavior}))

    assert order.fulfillment == fulfillment


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("In Store", "in_store"),
        ("Online", "online"),
        ("Order-and-Pay-at-Table", "order_and_pay_at_table"),
        ("API", "api"),
        ("Kiosk", "kiosk"),
        ("Caller Id", "caller_id"),
        ("Google", "google"),
        ("Invoice", "invoice"),
        ("Toast Pickup App", "toast_pickup_app"),
        ("Toast Local", "toast_local"),
        ("Toast Pay", "toast_pay"),
        ("Branded Online Ordering", "branded_online_ordering"),
        ("Catering", "catering"),
        ("Catering Online Ordering", "catering_online_ordering"),
        ("Toast Tables", "toast_tables"),
        ("eCommerce Online ordering", "ecommerce_online_ordering"),
        ("Branded Mobile App", "branded_mobile_app"),
        ("Grubhub", "grubhub"),
        ("", "toast"),
        (None, "toast"),
    ],
)
def test_the_source_is_the_channel(source: str | None, channel: str) -> None:
    order = mapped(one_check(source=source))

    assert (order.channel, order.source.get("source")) == (channel, source or None)


def test_a_scheduled_order_of_a_restaurant_in_test_mode() -> None:
    order = mapped(payload("order_updated__scheduled"))

    assert (order.scheduled_for, order.placed_at, order.is_test, order.status) == (
        at("2026-10-07T16:30:00"),
        at("2026-10-05T14:41:58.120"),
        True,
        Status.ACCEPTED,
    )


@pytest.mark.parametrize(
    "text", ["2026-10-05T14:41:58.120+0000", "2026-10-05T09:41:58.120-05:00", "2026-10-05T14:41:58.120Z"]
)
def test_times_come_in_three_forms(text: str) -> None:
    assert mapped(one_check(createdDate=text)).placed_at == at("2026-10-05T14:41:58.120")


def test_a_time_without_an_offset_is_the_store_s() -> None:
    assert mapped(one_check(createdDate="2026-10-05T09:41:58")).placed_at == at("2026-10-05T14:41:58")


def test_an_order_without_its_creation_was_placed_when_it_was_opened() -> None:
    told = one_check(createdDate=None, openedDate="2026-10-05T14:00:00.000+0000")

    assert mapped(told).placed_at == at("2026-10-05T14:00:00")


def test_a_date_of_deletion_says_nothing() -> None:
    told = one_check(deletedDate="1970-01-01T00:00:00.000+0000", deleted=False)

    assert mapped(told).status is Status.ACCEPTED


@pytest.mark.parametrize("field", ["createdDate", "promisedDate", "estimatedFulfillmentDate", "requiredPrepTime"])
def test_a_time_that_cannot_be_read_is_flagged_and_left_out(field: str) -> None:
    order = mapped(one_check(**{field: "soon"}))

    assert [flag.code for flag in order.checks] == ["UNREADABLE_TIME"]


@pytest.mark.parametrize(("text", "minutes"), [("PT15M", 15), ("PT0S", 0), ("PT1H30M", 90), (None, None)])
def test_the_time_of_preparation_is_in_minutes(text: str | None, minutes: int | None) -> None:
    assert mapped(one_check(requiredPrepTime=text)).prep_minutes == minutes


@pytest.mark.parametrize(
    ("fields", "notes"),
    [
        ({"deliveryInfo": {"notes": "Ring twice"}, **CAR}, "Ring twice"),
        ({"deliveryInfo": {"notes": ""}, **CAR}, "Bay 4; red Hatchback"),
        ({"curbsidePickupInfo": {"transportColor": "red"}}, "red"),
        ({}, None),
    ],
)
def test_notes_are_of_the_delivery_or_of_the_car(fields: Json, notes: str | None) -> None:
    assert mapped(one_check(**fields)).notes == notes


def test_the_channel_s_own_reference_is_kept() -> None:
    assert mapped(one_check(externalId="partner-7781")).source["reference"] == "partner-7781"


def test_the_display_number_may_be_any_text() -> None:
    assert mapped(one_check(displayNumber="Table by the window")).display_id == "Table by the window"
    assert mapped(one_check(displayNumber=None)).display_id == "41"


def test_currency_and_time_zone_are_the_store_s() -> None:
    two = connection_for("toast", credentials("s"), {}, stores={})

    assert mapped(one_check(), two).amounts.currency == "USD"
    assert mapped(one_check(), two).store_external_id is None


def test_the_only_restaurant_on_the_map_is_the_one() -> None:
    order = mapped(one_check())

    assert (order.store_id, order.store_external_id) == ("sto_larkspur", LARKSPUR)
