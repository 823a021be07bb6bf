"""Shipday: an order as it is told there, field by field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orderhub.errors import Misconfigured, Reject
from orderhub.order.models import Address, Amounts, Customer, Item, Order, Payment, PaymentMethod
from orderhub.platforms.shipday import mapper
from orderhub.platforms.shipday.plain import plain
from orderhub.platforms.targets import Delivery, Pickup
from tests.platforms.exchange import minimal_order
from tests.platforms.test_shipday import connected

KITCHEN = Pickup(
    name="Corner Kitchen",
    phone="+1 555 555 0190",
    address=Address(
        line1="1 Kitchen Row", city="Chicago", region="IL", postal_code="60601", country="US", lat=41.8841, lng=-87.6301
    ),
    time_zone="America/Chicago",
)
HOME = Address(
    line1="14 Sample Street",
    line2="Apt 2B",
    city="Chicago",
    region="IL",
    postal_code="60601",
    country="US",
    lat=41.8853,
    lng=-87.6216,
    instructions="Ring twice",
)
BURGER = Item(
    id="itm_1",
    name="Smash burger",
    quantity=Decimal(2),
    unit_price=1195,
    total=2870,
    notes="Well done",
    modifiers=[
        Item(id="itm_1a", name="Cheddar", quantity=Decimal(2), unit_price=120, total=240),
        Item(id="itm_1b", name="No onion", quantity=Decimal(1), unit_price=0, total=0),
    ],
)
FULL: dict[str, Any] = {
    "channel": "glovo",
    "status": "accepted",
    "customer": Customer(name="Robin Ashdown", phone="+1 (555) 555-0101", email="robin@example.com"),
    "address": HOME,
    "items": [BURGER, Item(id="itm_2", name="Fries", quantity=Decimal(1), unit_price=450, total=450)],
    "amounts": {"delivery_fee": 350, "driver_tip": 250, "tip": 100, "tax": 274, "discount": 300, "total": 3894},
    "payment": Payment(method=PaymentMethod.ONLINE, prepaid=True),
    "ready_at": datetime(2026, 10, 5, 15, 20, tzinfo=UTC),
    "delivery_at": datetime(2026, 10, 5, 15, 45, tzinfo=UTC),
}
INSERT = {
    "orderNumber": "CK-1042",
    "additionalId": "<id>",
    "orderSource": "orderhub:glovo",
    "customerName": "Robin Ashdown",
    "customerPhoneNumber": "+15555550101",
    "customerEmail": "robin@example.com",
    "customerAddress": "14 Sample Street, Apt 2B, Chicago, IL, 60601, US",
    "dropoff": {
        "address": {
            "unit": "Apt 2B",
            "street": "14 Sample Street",
            "city": "Chicago",
            "state": "IL",
            "zip": "60601",
            "country": "US",
        }
    },
    "deliveryLatitude": 41.8853,
    "deliveryLongitude": -87.6216,
    "deliveryInstruction": "Apt 2B. Ring twice",
    "restaurantName": "Corner Kitchen",
    "restaurantPhoneNumber": "+15555550190",
    "restaurantAddress": "1 Kitchen Row, Chicago, IL, 60601, US",
    "pickup": {
        "address": {"street": "1 Kitchen Row", "city": "Chicago", "state": "IL", "zip": "60601", "country": "US"}
    },
    "pickupLatitude": 41.8841,
    "pickupLongitude": -87.6301,
    "orderItem": [
        {
            "name": "Smash burger",
            "quantity": 2,
            "unitPrice": 14.35,
            "addOns": ["2 x Cheddar (+2.40)", "No onion"],
            "detail": "Well done",
        },
        {"name": "Fries", "quantity": 1, "unitPrice": 4.5},
    ],
    "totalOrderCost": 38.94,
    "deliveryFee": 3.5,
    "tips": 2.5,
    "tax": 2.74,
    "discountAmount": 3.0,
    "expectedDeliveryDate": "2026-10-05",
    "expectedPickupTime": "15:20:00",
    "expectedDeliveryTime": "15:45:00",
    "paymentMethod": "credit_card",
}


def a_delivery(pickup: Pickup = KITCHEN, number: str = "CK-1042", **changes: Any) -> Delivery:
    """The delivery of the full order, but for these changes."""
    order = minimal_order(connected(), json.loads(_json({**FULL, **changes})))
    return Delivery(order=order, number=number, pickup=pickup)


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, default=lambda one: one.model_dump(mode="json") if hasattr(one, "model_dump") else str(one))


def inserted(*, settings: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return mapper.insert(a_delivery(**changes), connected(**(settings or {})))


def edited(**changes: Any) -> dict[str, Any]:
    return mapper.edit(a_delivery(**changes), connected(), 51007301)


def an_item(**told: Any) -> Item:
    return Item(**{"id": "itm", "name": "Thing", "quantity": Decimal(1), **told})


# --- whole -----------------------------------------------------------------------------------------------------------


def test_an_order_is_inserted_with_every_field_there_is() -> None:
    order = a_delivery().order

    assert inserted() == {**INSERT, "additionalId": order.id}


def test_an_edit_has_the_names_of_both() -> None:
    body = edited()

    own = {
        "orderId": 51007301,
        "orderNo": "CK-1042",
        "orderItems": INSERT["orderItem"],
        "tip": 2.5,
        "totalCost": "38.94",
    }
    assert body == {**inserted(), **own}
    assert "orderId" not in inserted()


def test_settings_of_the_merchant_are_told() -> None:
    settings = {
        "source_name": "kitchenhub",
        "pickup_instructions": "Side door",
        "branches": {"sto_main": 12, "sto_other": 13},
        "catering": True,
    }
    body = inserted(settings=settings)

    assert {name: body[name] for name in set(body) - set(INSERT) | {"orderSource"}} == {
        "orderSource": "kitchenhub:glovo",
        "pickupInstruction": "Side door",
        "clientRestaurantId": 12,
        "isCatering": True,
    }


def test_what_is_not_known_is_left_out() -> None:
    body = inserted(
        customer=None,
        address=Address(line1="14 Sample Street"),
        items=[],
        amounts={},
        payment=None,
        ready_at=None,
        delivery_at=None,
        pickup=Pickup(
            name="Corner Kitchen", phone="+15555550190", address=Address(line1="1 Kitchen Row"), time_zone="UTC"
        ),
    )

    assert body == {
        "orderNumber": "CK-1042",
        "additionalId": body["additionalId"],
        "orderSource": "orderhub:glovo",
        "customerName": "Customer",
        "customerPhoneNumber": "+15555550190",
        "customerAddress": "14 Sample Street",
        "dropoff": {"address": {"street": "14 Sample Street"}},
        "restaurantName": "Corner Kitchen",
        "restaurantPhoneNumber": "+15555550190",
        "restaurantAddress": "1 Kitchen Row",
        "pickup": {"address": {"street": "1 Kitchen Row"}},
    }


def test_an_edit_wants_the_address_for_mail_even_where_there_is_none() -> None:
    customer = Customer(name="Robin", phone="+15555550101")

    assert edited(customer=customer)["customerEmail"] == ""
    assert "customerEmail" not in inserted(customer=customer)


def test_nothing_is_said_of_cards() -> None:
    assert not {"creditCardType", "creditCardId"} & {*inserted(), *edited()}


# --- the customer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, "", "   ", "🍕", "🍕 🎉"])
def test_a_customer_without_a_name_is_a_customer(name: str | None) -> None:
    assert inserted(customer=Customer(name=name, phone="+15555550101"))["customerName"] == "Customer"


@pytest.mark.parametrize(
    ("phone", "calling_code", "told"),
    [
        ("+1 (555) 555-0101", "", "+15555550101"),
        ("+358 40 1234567", "1", "+358401234567"),
        ("00358401234567", "", "+358401234567"),
        ("555-555-0101", "", "5555550101"),
        ("555-555-0101", "1", "+15555550101"),
        ("1 555 555 0101", "1", "+15555550101"),
        ("040 1234567", "358", "+358401234567"),
        ("358401234567", "358", "+358401234567"),
    ],
)
def test_a_telephone_number_is_told_with_its_calling_code(phone: str, calling_code: str, told: str) -> None:
    body = inserted(customer=Customer(phone=phone), settings={"calling_code": calling_code})

    assert body["customerPhoneNumber"] == told


@pytest.mark.parametrize("phone", [None, "", "unknown", "+"])
def test_a_customer_without_a_telephone_is_reached_through_the_store(phone: str | None) -> None:
    assert inserted(customer=Customer(phone=phone))["customerPhoneNumber"] == "+15555550190"


def test_without_any_telephone_an_order_is_not_told() -> None:
    nobody = Pickup(KITCHEN.name, None, KITCHEN.address, KITCHEN.time_zone)

    with pytest.raises(Reject) as refused:
        inserted(customer=None, pickup=nobody)

    assert refused.value.code == "PHONE_MISSING"


@pytest.mark.parametrize("address", [None, Address(), Address(line1=" "), Address(lat=1.0, lng=2.0)])
def test_without_an_address_an_order_is_not_told(address: Address | None) -> None:
    with pytest.raises(Reject) as refused:
        inserted(address=address)

    assert refused.value.code == "ADDRESS_MISSING"


@pytest.mark.parametrize(
    "pickup",
    [
        Pickup("Corner Kitchen", "+1", None, "UTC"),
        Pickup("Corner Kitchen", "+1", Address(), "UTC"),
        Pickup(" ", "+1", KITCHEN.address, "UTC"),
    ],
)
def test_a_store_without_a_name_or_address_has_to_be_set_up_first(pickup: Pickup) -> None:
    with pytest.raises(Misconfigured):
        inserted(pickup=pickup)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (Address(line1="1 A St", lat=1.5, lng=2.5), {"deliveryLatitude": 1.5, "deliveryLongitude": 2.5}),
        (Address(line1="1 A St", lat=0.0, lng=0.0), {"deliveryLatitude": 0.0, "deliveryLongitude": 0.0}),
        (Address(line1="1 A St", lat=1.5), {}),
        (Address(line1="1 A St", lng=2.5), {}),
    ],
)
def test_of_coordinates_both_are_told_or_none(address: Address, told: dict[str, float]) -> None:
    body = inserted(address=address)

    assert {name: value for name, value in body.items() if name.startswith("deliveryL")} == told


@pytest.mark.parametrize(
    ("unit", "instructions", "code", "told"),
    [
        ("Apt 2B", "Ring twice.", "1234", "Apt 2B. Ring twice. Phone code: 1234"),
        ("Apt 2B", None, None, "Apt 2B"),
        (None, "Door code 77", None, "Door code 77"),
        (None, None, "1234", "Phone code: 1234"),
        (None, None, None, None),
        (None, "🙂", None, None),
    ],
)
def test_the_driver_reads_what_is_needed_at_the_door(
    unit: str | None, instructions: str | None, code: str | None, told: str | None
) -> None:
    body = inserted(
        address=Address(line1="1 A St", line2=unit, instructions=instructions),
        customer=Customer(phone="+15555550101", phone_code=code),
    )

    assert body.get("deliveryInstruction") == told


# --- lines -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (an_item(quantity=Decimal(3), unit_price=100), {"name": "Thing", "quantity": 3, "unitPrice": 1.0}),
        (an_item(quantity=Decimal(3), total=1000), {"name": "Thing", "quantity": 3, "unitPrice": 3.33}),
        (an_item(unit_price=0), {"name": "Thing", "quantity": 1, "unitPrice": 0.0}),
        (an_item(), {"name": "Thing", "quantity": 1}),
        (an_item(name="🍕", unit_price=100), {"name": "Item", "quantity": 1, "unitPrice": 1.0}),
        (
            an_item(name="Cheese", quantity=Decimal("0.5"), unit_price=1900),
            {"name": "0.5 x Cheese", "quantity": 1, "unitPrice": 9.5},
        ),
        (
            an_item(name="Cheese", quantity=Decimal("1.25"), total=2375),
            {"name": "1.25 x Cheese", "quantity": 1, "unitPrice": 23.75},
        ),
        (an_item(notes="No salt 🙏"), {"name": "Thing", "quantity": 1, "detail": "No salt"}),
    ],
)
def test_a_line_is_told_as_a_whole_number_of_things(item: Item, told: dict[str, Any]) -> None:
    assert inserted(items=[item])["orderItem"] == [told]


def test_a_line_of_which_nothing_is_left_is_not_told() -> None:
    assert "orderItem" not in inserted(items=[an_item(quantity=Decimal(0), unit_price=100)])


@pytest.mark.parametrize(
    ("modifiers", "add_ons", "unit_price"),
    [
        ([an_item(name="Cheese", quantity=Decimal(2), unit_price=75, total=150)], ["2 x Cheese (+1.50)"], 11.5),
        ([an_item(name="Cheese", quantity=Decimal(2), unit_price=75)], ["2 x Cheese (+1.50)"], 11.5),
        ([an_item(name="Cheese", quantity=Decimal(2), total=150)], ["2 x Cheese (+1.50)"], 11.5),
        ([an_item(name="No basil")], ["No basil"], 10.0),
        ([an_item(name="Napkin", quantity=Decimal(3))], ["3 x Napkin"], 10.0),
        ([an_item(name="Own cup", unit_price=-50, total=-50)], ["1 x Own cup (-0.50)"], 9.5),
        (
            [
                an_item(
                    name="Side salad",
                    quantity=Decimal(2),
                    unit_price=300,
                    total=680,
                    modifiers=[an_item(name="Dressing", unit_price=40, total=40)],
                )
            ],
            ["2 x Side salad (+6.00)", "2 x Dressing (+0.80)"],
            16.8,
        ),
        ([an_item(name="🧀", unit_price=50)], ["1 x Extra (+0.50)"], 10.5),
    ],
)
def test_choices_are_texts_and_their_price_is_in_the_price_of_the_line(
    modifiers: list[Item], add_ons: list[str], unit_price: float
) -> None:
    line = inserted(items=[an_item(unit_price=1000, modifiers=modifiers)])["orderItem"][0]

    assert (line["addOns"], line["unitPrice"]) == (add_ons, unit_price)


def test_lines_add_up_to_what_they_cost() -> None:
    lines = inserted()["orderItem"]

    assert round(sum(line["quantity"] * line["unitPrice"] for line in lines) * 100) == 2870 + 450


# --- money -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "minor", "major", "text"),
    [
        ("USD", 1999, 19.99, "19.99"),
        ("EUR", 5, 0.05, "0.05"),
        ("JPY", 1999, 1999.0, "1999.00"),
        ("KWD", 1255, 1.26, "1.26"),
        ("USD", 0, 0.0, "0.00"),
    ],
)
def test_amounts_are_in_major_units_of_the_order_with_two_decimals(
    currency: str, minor: int, major: float, text: str
) -> None:
    amounts = Amounts(currency=currency, total=minor, discount=minor).model_dump()
    body = edited(amounts=amounts)

    assert (body["totalOrderCost"], body["discountAmount"], body["totalCost"]) == (major, major, text)


@pytest.mark.parametrize(
    ("amounts", "tips"),
    [
        ({"driver_tip": 250, "tip": 100}, 2.5),
        ({"tip": 100}, 1.0),
        ({"driver_tip": 0, "tip": 100}, 0.0),
        ({}, None),
    ],
)
def test_the_driver_gets_the_drivers_tip(amounts: dict[str, int], tips: float | None) -> None:
    body = edited(amounts=amounts)

    assert (body.get("tips"), body.get("tip")) == (tips, tips)


@pytest.mark.parametrize(
    ("payment", "told"),
    [
        (Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=1000), "cash"),
        (Payment(method=PaymentMethod.CASH), "cash"),
        (Payment(method=PaymentMethod.CASH, prepaid=True), "credit_card"),
        (Payment(method=PaymentMethod.CASH, amount_due=0), "credit_card"),
        (Payment(method=PaymentMethod.CARD, prepaid=False), "credit_card"),
        (Payment(method=PaymentMethod.WALLET, prepaid=True), "credit_card"),
        (Payment(prepaid=True), "credit_card"),
        (Payment(), None),
        (None, None),
    ],
)
def test_cash_is_what_the_driver_has_to_collect(payment: Payment | None, told: str | None) -> None:
    assert inserted(payment=payment).get("paymentMethod") == told


# --- times -----------------------------------------------------------------------------------------------------------


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("ready", "brought", "told"),
    [
        (at("2026-10-05T15:20"), at("2026-10-05T15:45"), ("2026-10-05", "15:20:00", "15:45:00")),
        # an evening in Chicago is the next day in UTC
        (
            at("2026-10-05T19:30", "America/Chicago"),
            at("2026-10-05T20:05", "America/Chicago"),
            ("2026-10-06", "00:30:00", "01:05:00"),
        ),
        # one date for two times: across midnight the pickup cannot be told
        (at("2026-10-05T23:50"), at("2026-10-06T00:20"), ("2026-10-06", None, "00:20:00")),
        (
            at("2026-10-05T18:50", "America/Chicago"),
            at("2026-10-05T19:20", "America/Chicago"),
            ("2026-10-06", None, "00:20:00"),
        ),
        # the night that clocks go back in New York
        (
            at("2026-10-31T23:30", "America/New_York"),
            at("2026-11-01T00:10", "America/New_York"),
            ("2026-11-01", "03:30:00", "04:10:00"),
        ),
        (None, at("2026-10-05T15:45"), ("2026-10-05", None, "15:45:00")),
        (at("2026-10-05T15:20"), None, ("2026-10-05", "15:20:00", None)),
        (None, None, (None, None, None)),
    ],
)
def test_times_are_in_utc_and_share_one_date(
    ready: datetime | None, brought: datetime | None, told: tuple[str | None, str | None, str | None]
) -> None:
    body = inserted(ready_at=ready.isoformat() if ready else None, delivery_at=brought.isoformat() if brought else None)

    names = ("expectedDeliveryDate", "expectedPickupTime", "expectedDeliveryTime")
    assert tuple(body.get(name) for name in names) == told


def test_the_time_that_the_customer_chose_is_the_time_of_delivery() -> None:
    body = inserted(delivery_at=None, scheduled_for="2026-10-05T18:00:00Z")

    assert body["expectedDeliveryTime"] == "18:00:00"


@pytest.mark.parametrize(
    ("minutes", "ready", "told"),
    [(25, "2026-10-05T15:20:00Z", "15:45:00"), (None, "2026-10-05T15:20:00Z", None), (25, None, None)],
)
def test_an_order_without_a_time_of_delivery_is_brought_in_the_usual_time(
    minutes: int | None, ready: str | None, told: str | None
) -> None:
    body = inserted(delivery_at=None, ready_at=ready, settings={"delivery_minutes": minutes})

    assert body.get("expectedDeliveryTime") == told


# --- emoji -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Pizza 🍕", "Pizza"),
        ("Taco 🌮🌮 & 🥤 cola", "Taco & cola"),
        ("Thanks ❤️!", "Thanks !"),
        ("👩‍🍳 Chef's", "Chef's"),
        ("👍🏽 ok", "ok"),
        ("🇫🇮 sauna", "sauna"),
        ("Table 1️⃣", "Table 1"),
        ("⭐⏰☎️✂", ""),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", ""),
        ("Crème brûlée, 20 °C, ½ · №5 © ™", "Crème brûlée, 20 °C, ½ · №5 © ™"),
        ("क्‍ष चाय", "क्‍ष चाय"),
        ("пицца 披萨 ピザ", "пицца 披萨 ピザ"),
        ("C# is * 5", "C# is * 5"),
        (None, ""),
    ],
)
def test_pictures_are_taken_out_and_letters_of_all_scripts_stay(text: str | None, told: str) -> None:
    assert plain(text) == told


def test_there_is_no_picture_anywhere_in_what_is_told() -> None:
    body = edited(
        customer=Customer(name="Robin 🙂", phone="+15555550101", email="robin@example.com"),
        address=Address(line1="14 Sample Street 🏠", line2="2B 🚪", city="Chicago 🌆", instructions="🔔 Ring"),
        items=[an_item(name="Pizza 🍕", notes="hot 🔥", modifiers=[an_item(name="Cheese 🧀")])],
        pickup=Pickup("Corner 🍔 Kitchen", "+1", Address(line1="1 Kitchen Row 🛵"), "UTC"),
        number="CK-1042🎉",
    )

    written = json.dumps(body, ensure_ascii=False)
    assert written == written.encode("ascii", "ignore").decode()
    assert (body["orderNo"], body["orderNumber"]) == ("CK-1042", "CK-1042")
    assert body["restaurantName"] == "Corner Kitchen"


def test_an_order_as_it_is_can_be_told_from_every_kind_of_order() -> None:
    least: Order = minimal_order(connected(), {"address": {"line1": "1 A St"}})

    body = mapper.insert(Delivery(order=least, number="1", pickup=KITCHEN), connected())

    assert json.loads(json.dumps(body)) == body
