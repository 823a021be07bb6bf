"""Uber Eats: from the orders of both generations to ours."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.merge import Effect, Identity, apply
from orderhub.order.messages import OrderSnapshot, StaffChange
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
    StatusReason,
)
from orderhub.order.pricing import check_sums
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.uber_eats import PLATFORM
from tests.platforms.conformance import load_sample
from tests.platforms.test_uber_eats import LARKSPUR, ORDER, connect, notification, read

FIXTURES = Path(__file__).parent / "fixtures" / "uber_eats"
Json = dict[str, Any]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def v1() -> Json:
    """The v1 order with every field that Uber documents, without its wrapper."""
    order: Json = json.loads((FIXTURES / "order_v1.json").read_text())["order"]
    return order


def v2() -> Json:
    order: Json = json.loads((FIXTURES / "order_v2.json").read_text())
    return order


def sample(name: str) -> Json:
    fetched = load_sample("uber_eats", name).fetched
    assert fetched is not None
    order: Json = json.loads(fetched)
    inner: Json = order.get("order", order)
    return inner


def mapped(payload: Mapping[str, Any], **settings: object) -> Order:
    return PLATFORM.to_order(payload, connect(**settings))


def flags(order: Order) -> list[str]:
    return [check.code for check in order.checks]


LINE = dict(zip(("dandan", "tea"), (item["cart_item_id"] for item in v1()["carts"][0]["items"]), strict=True))
OPTION = {
    option["id"]: option["cart_item_id"]
    for item in v1()["carts"][0]["items"]
    for group in item["selected_modifier_groups"]
    for option in group["selected_items"]
}
CRISPY = v1()["carts"][0]["items"][0]["selected_modifier_groups"][0]["selected_items"][0]["selected_modifier_groups"][
    0
]["selected_items"][0]["cart_item_id"]


# --- whole orders --------------------------------------------------------------------------------------------------


def test_a_v1_order_is_mapped_whole() -> None:
    connection = connect()

    assert PLATFORM.to_order({"order": v1()}, connection) == Order(
        id=connection.order_id(ORDER),
        platform="uber_eats",
        connection_id="con_test",
        channel="uber_eats",
        external_id=ORDER,
        display_id="A40DA",
        store_id="sto_larkspur",
        store_external_id=LARKSPUR,
        status=Status.INCOMING,
        fulfillment=Fulfillment.DELIVERY,
        delivered_by=DeliveredBy.PLATFORM,
        placed_at=at("2026-10-05T14:42:08.250"),
        accept_by=at("2026-10-05T14:53:38.250"),
        ready_at=at("2026-10-05T14:58:11"),
        delivery_at=at("2026-10-05T15:15:00"),
        customer=Customer(
            name="Robin M",
            phone="+1 312-555-0142",
            phone_code="204 77 318",
            external_id=v1()["customers"][0]["id"],
        ),
        address=Address(instructions="Leave at the door"),
        items=[
            Item(
                id=item_id(LINE["dandan"]),
                external_id="dandan",
                sku="NDL-DAN",
                name="Dan dan noodles",
                quantity=Decimal(2),
                unit_price=1300,
                total=3700,
                notes="Extra chili oil\nALLERGY: SESAME, SHELLFISH; Even traces are too much",
                allergens=["SESAME", "SHELLFISH"],
                modifiers=[
                    Item(
                        id=item_id(LINE["dandan"], "protein", OPTION["tofu"]),
                        external_id="tofu",
                        sku="ADD-TOFU",
                        name="Crispy tofu",
                        quantity=Decimal(1),
                        unit_price=250,
                        total=300,
                        category="Protein",
                        modifiers=[
                            Item(
                                id=item_id(LINE["dandan"], "protein", OPTION["tofu"], "tofu_style", CRISPY),
                                external_id="extra_crispy",
                                sku="TOFU-XC",
                                name="Extra crispy",
                                quantity=Decimal(1),
                                unit_price=50,
                                total=50,
                                category="Tofu style",
                            )
                        ],
                    ),
                    Item(
                        id=item_id(LINE["dandan"], "toppings", OPTION["soft_egg"]),
                        external_id="soft_egg",
                        sku="ADD-EGG",
                        name="Soft egg",
                        quantity=Decimal(2),
                        unit_price=125,
                        total=250,
                        category="Toppings",
                    ),
                    Item(
                        id=item_id(LINE["dandan"], "toppings", "removed", "coriander"),
                        external_id="coriander",
                        sku="TOP-COR",
                        name="No Coriander",
                        quantity=Decimal(1),
                        unit_price=0,
                        total=0,
                        category="Toppings",
                    ),
                ],
            ),
            Item(
                id=item_id(LINE["tea"]),
                external_id="jasmine_tea",
                sku="TEA-JAS",
                name="Jasmine tea",
                quantity=Decimal(1),
                unit_price=320,
                total=320,
                modifiers=[
                    Item(
                        id=item_id(LINE["tea"], "sugar", OPTION["half_sweet"]),
                        external_id="half_sweet",
                        sku="TEA-50",
                        name="Half sweet",
                        quantity=Decimal(1),
                        unit_price=0,
                        total=0,
                        category="Sugar",
                    )
                ],
            ),
        ],
        amounts=Amounts(
            currency="USD",
            subtotal=4020,
            tax=313,
            tax_included=False,
            tax_remitted_by_platform=313,
            bag_fee=25,
            discount=400,
            total=3958,
        ),
        discounts=[
            Discount(code="AUTUMN10", name="PERCENT", amount=300, funded_by=DeliveredBy.STORE),
            Discount(code="AUTUMN10", name="PERCENT", amount=100, funded_by=DeliveredBy.PLATFORM),
        ],
        payment=Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0),
        notes="Pack the soup upright\nSauce on the side",
        include_cutlery=False,
        courier=Courier(
            name="Sam",
            phone="+1 312-555-0177",
            vehicle="blue Toyota Prius, TST 042",
            status="EN_ROUTE_TO_PICKUP",
            eta=at("2026-10-05T14:58:00"),
            lat=41.8837,
            lng=-87.6289,
            delivered_by=DeliveredBy.PLATFORM,
        ),
        brand="POSTMATES",
        offer="active",
        source={
            "merchant_store_id": "LNB-7",
            "integrator_store_id": "larkspur-7",
            "generation": "v1",
            "merchant_type": "MERCHANT_TYPE_RESTAURANT",
            "cart_revision": "rev-3",
            "can_adjust_ready_time": "yes",
            "can_mark_out_of_item": "yes",
            "can_cancel": "yes",
            "courier_phone_code": "8841 02",
        },
    )


def test_a_v2_order_is_mapped_whole() -> None:
    connection, payload = connect(), v2()
    wrap, juice = (item["instance_id"] for item in payload["cart"]["items"])

    assert PLATFORM.to_order(payload, connection) == Order(
        id=connection.order_id(payload["id"]),
        platform="uber_eats",
        connection_id="con_test",
        channel="uber_eats",
        external_id=payload["id"],
        display_id="EE199",
        store_id="sto_larkspur",
        store_external_id=LARKSPUR,
        status=Status.INCOMING,
        fulfillment=Fulfillment.DELIVERY,
        delivered_by=DeliveredBy.PLATFORM,
        placed_at=at("2026-10-05T14:46:54"),
        accept_by=at("2026-10-05T14:58:24"),
        ready_at=at("2026-10-05T15:06:54"),
        customer=Customer(
            name="Alex P.",
            phone="+1 312-555-0131",
            phone_code="555 01 310",
            external_id=payload["eaters"][0]["id"],
        ),
        items=[
            Item(
                id=item_id(wrap),
                external_id="satay_wrap",
                sku="WRP-SAT",
                name="Satay wrap",
                quantity=Decimal(2),
                unit_price=1100,
                total=2700,
                notes="Cut in half\nALLERGY: DAIRY, Kiwi; Please change gloves\nFor Alex",
                allergens=["DAIRY", "Kiwi"],
                modifiers=[
                    Item(
                        id=item_id(wrap, "size", "large"),
                        external_id="large",
                        sku="SZ-L",
                        name="Large",
                        quantity=Decimal(1),
                        unit_price=150,
                        total=200,
                        category="Size",
                        modifiers=[
                            Item(
                                id=item_id(wrap, "size", "large", "bread", "rye"),
                                external_id="rye",
                                sku="BR-RYE",
                                name="Rye",
                                quantity=Decimal(1),
                                unit_price=50,
                                total=50,
                                category="Bread",
                            )
                        ],
                    ),
                    Item(
                        id=item_id(wrap, "sauce", "sambal"),
                        external_id="sambal",
                        sku="SC-SAM",
                        name="Sambal",
                        quantity=Decimal(2),
                        unit_price=25,
                        total=50,
                        category="Sauce",
                    ),
                    Item(
                        id=item_id(wrap, "sauce", "removed", "mayo"),
                        external_id="mayo",
                        sku="SC-MAY",
                        name="No Mayonnaise",
                        quantity=Decimal(1),
                        unit_price=0,
                        total=0,
                        category="Sauce",
                    ),
                ],
            ),
            Item(
                id=item_id(juice),
                external_id="carrot_juice",
                sku="JUI-CAR",
                name="Carrot juice",
                quantity=Decimal(1),
                unit_price=450,
                total=450,
                notes="For Jo",
            ),
        ],
        amounts=Amounts(
            currency="USD",
            subtotal=3150,
            tax=236,
            tax_included=False,
            tax_remitted_by_platform=240,
            bag_fee=10,
            service_fee=35,
            other_fees=30,
            discount=300,
            total=2925,
        ),
        discounts=[Discount(code="WRAP3", name="FLATOFF", amount=300, funded_by=DeliveredBy.STORE)],
        payment=Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0),
        notes="Ring when ready",
        courier=Courier(
            name="Max",
            phone="+1 312-555-0188",
            vehicle="Uber Bicycle, BICYCLE",
            status="SCHEDULED",
            eta=at("2026-10-05T15:08:00"),
            delivered_by=DeliveredBy.PLATFORM,
        ),
        brand="UBER_EATS",
        offer="active",
        source={
            "generation": "v2",
            "merchant_store_id": "LNB-7",
            "integrator_store_id": "larkspur-7",
            "integrator_brand_id": "larkspur",
            "courier_phone_code": "310 23",
        },
    )


def test_a_v1_order_may_come_without_its_wrapper() -> None:
    assert mapped(v1()) == mapped({"order": v1()})


@pytest.mark.parametrize("payload", [None, [], "order", {}, {"order": {}}, {"order": {"id": "1"}}, {"id": "1"}])
def test_what_is_an_order_of_neither_generation_goes_to_quarantine(payload: Any) -> None:
    with pytest.raises(Quarantine):
        PLATFORM.to_order(payload, connect())


# --- where it stands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"state": "CREATED"}, Status.INCOMING),
        ({"state": "OFFERED"}, Status.INCOMING),
        ({"state": "OFFERED", "preparation_status": "READY_FOR_HANDOFF"}, Status.INCOMING),
        ({"state": "ACCEPTED"}, Status.ACCEPTED),
        ({"state": "ACCEPTED", "preparation_status": None}, Status.ACCEPTED),
        ({"state": "ACCEPTED", "preparation_status": "READY_FOR_HANDOFF"}, Status.READY),
        ({"state": "ACCEPTED", "preparation_status": "READY_TO_HANDOFF"}, Status.READY),
        ({"state": "HANDED_OFF"}, Status.PICKED_UP),
        ({"state": "SUCCEEDED"}, Status.COMPLETED),
        ({"state": "FAILED"}, Status.CANCELLED),
        ({"state": "FAILED", "failure_info": {"reason": "POS_DENIED"}}, Status.DENIED),
        ({"state": "FAILED", "failure_info": {"reason": "ACCEPT_TIMED_OUT"}}, Status.CANCELLED),
        ({"state": "FAILED", "failure_info": {"reason": "CANCELED"}}, Status.CANCELLED),
        ({"state": "FAILED", "failure_info": {"reason": "DELIVERY_FAILED"}}, Status.CANCELLED),
        ({"state": "FAILED", "failure_info": {"reason": "UNKNOWN"}}, Status.CANCELLED),
    ],
)
def test_a_state_of_v1_is_the_status_of_the_table(told: Json, status: Status) -> None:
    order = mapped({**v1(), **told})

    assert (order.status, flags(order)) == (status, [])


def test_an_order_in_preparation_is_bagging_once_it_carries_our_reference() -> None:
    ours = {"state": "ACCEPTED", "preparation_status": "PREPARING", "external_id": connect().order_id(ORDER)}

    assert mapped({**v1(), **ours}).status is Status.BAGGING
    assert mapped({**v1(), **ours, "external_id": "somebody else's"}).status is Status.ACCEPTED


def test_an_order_that_waits_for_its_customer_says_so() -> None:
    waiting = mapped({**v1(), "state": "ACCEPTED", "preparation_status": "OUT_OF_ITEM_PENDING_CUSTOMER_RESPONSE"})

    assert (waiting.status, flags(waiting)) == (Status.ACCEPTED, ["WAITING_FOR_CUSTOMER"])


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"state": "UNKNOWN"}, Status.INCOMING),
        ({"state": "ON_THE_MOON"}, Status.INCOMING),
        ({"state": None}, Status.INCOMING),
        ({"state": "UNKNOWN", "status": "COMPLETED"}, Status.COMPLETED),
        ({"state": "FAILED", "failure_info": {"reason": "METEORITE"}}, Status.CANCELLED),
    ],
)
def test_a_state_of_v1_that_is_in_no_table_is_flagged(told: Json, status: Status) -> None:
    order = mapped({**v1(), **told})

    assert (order.status, flags(order)) == (status, ["UNKNOWN_STATUS"])


@pytest.mark.parametrize(
    ("state", "status", "flagged"),
    [
        ("CREATED", Status.INCOMING, []),
        ("ACCEPTED", Status.ACCEPTED, []),
        ("FINISHED", Status.COMPLETED, []),
        ("CANCELED", Status.CANCELLED, []),
        ("DENIED", Status.DENIED, []),
        ("UNKNOWN", Status.INCOMING, ["UNKNOWN_STATUS"]),
        (None, Status.INCOMING, ["UNKNOWN_STATUS"]),
    ],
)
def test_a_state_of_v2_is_the_status_of_the_table(state: str | None, status: Status, flagged: list[str]) -> None:
    order = mapped({**v2(), "current_state": state})

    assert (order.status, flags(order)) == (status, flagged)


@pytest.mark.parametrize(
    ("couriers", "status"),
    [
        ([], Status.ACCEPTED),
        (["SCHEDULED"], Status.ACCEPTED),
        (["EN_ROUTE_TO_PICKUP"], Status.ACCEPTED),
        (["ARRIVED_AT_PICKUP"], Status.ACCEPTED),
        (["EN_ROUTE_TO_DROPOFF"], Status.PICKED_UP),
        (["ARRIVED_AT_DROPOFF"], Status.PICKED_UP),
        (["COMPLETED"], Status.COMPLETED),
        (["FAILED"], Status.ACCEPTED),
        (["FAILED", "EN_ROUTE_TO_DROPOFF"], Status.PICKED_UP),
        (["EN_ROUTE_TO_DROPOFF", "ARRIVED_AT_PICKUP"], Status.ACCEPTED),
        (["COMPLETED", "EN_ROUTE_TO_DROPOFF"], Status.PICKED_UP),
    ],
)
def test_an_accepted_order_is_as_far_as_the_last_of_its_couriers(couriers: list[str], status: Status) -> None:
    of_v1 = mapped({**v1(), "state": "ACCEPTED", "deliveries": [{"status": state} for state in couriers]})
    of_v2 = mapped({**v2(), "current_state": "ACCEPTED", "deliveries": [{"current_state": one} for one in couriers]})

    assert (of_v1.status, of_v2.status) == (status, status)


def test_a_courier_does_not_move_an_order_that_nobody_has_accepted() -> None:
    assert mapped({**v1(), "deliveries": [{"status": "EN_ROUTE_TO_DROPOFF"}]}).status is Status.INCOMING


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (
            {"reason": "CANCELED", "failure_attributed_to_party": "CUSTOMER", "will_merchant_be_paid": True},
            StatusReason(
                code=CancelReason.CUSTOMER_REQUEST, source_code="CANCELED", details="by CUSTOMER; the store is paid"
            ),
        ),
        (
            {
                "reason": "DELIVERY_FAILED",
                "failure_attributed_to_party": "DELIVERY_PARTNER",
                "will_merchant_be_paid": False,
                "description": "Could not find the customer",
            },
            StatusReason(
                source_code="DELIVERY_FAILED",
                details="Could not find the customer; by DELIVERY_PARTNER; the store is not paid",
            ),
        ),
        ({"reason": "UNKNOWN"}, StatusReason(source_code="UNKNOWN")),
    ],
)
def test_why_an_order_failed_is_kept(info: Json, reason: StatusReason) -> None:
    order = mapped({**v1(), "state": "FAILED", "failure_info": info})

    assert (order.status_reason, order.source.get("failure_party")) == (
        reason,
        info.get("failure_attributed_to_party"),
    )


@pytest.mark.parametrize(
    ("told", "fulfillment", "delivered_by"),
    [
        ("DELIVERY_BY_UBER", Fulfillment.DELIVERY, DeliveredBy.PLATFORM),
        ("DELIVERY_BY_MERCHANT", Fulfillment.DELIVERY, DeliveredBy.STORE),
        ("PICKUP", Fulfillment.PICKUP, None),
        ("DINE_IN", Fulfillment.DINE_IN, None),
        ("BY_DRONE", None, None),
    ],
)
def test_the_type_of_v1_says_who_delivers(
    told: str, fulfillment: Fulfillment | None, delivered_by: DeliveredBy | None
) -> None:
    order = mapped({**v1(), "fulfillment_type": told, "deliveries": []})

    assert (order.fulfillment, order.delivered_by) == (fulfillment, delivered_by)
    assert flags(order) == ([] if fulfillment else ["UNKNOWN_TYPE"])


@pytest.mark.parametrize(
    ("told", "fulfillment", "delivered_by"),
    [
        ("DELIVERY_BY_UBER", Fulfillment.DELIVERY, DeliveredBy.PLATFORM),
        ("DELIVERY_BY_RESTAURANT", Fulfillment.DELIVERY, DeliveredBy.STORE),
        ("PICK_UP", Fulfillment.PICKUP, None),
        ("DINE_IN", Fulfillment.DINE_IN, None),
    ],
)
def test_the_type_of_v2_says_who_delivers(
    told: str, fulfillment: Fulfillment, delivered_by: DeliveredBy | None
) -> None:
    order = mapped({**v2(), "type": told})

    assert (order.fulfillment, order.delivered_by) == (fulfillment, delivered_by)


# --- when ----------------------------------------------------------------------------------------------------------


def test_a_scheduled_order_waits_and_is_to_be_accepted_within_ten_minutes() -> None:
    order = mapped(sample("orders_scheduled_notification__v1"))

    assert (order.offer, order.scheduled_for, order.delivery_at, order.accept_by) == (
        "scheduled",
        at("2026-10-06T03:00:00"),
        at("2026-10-06T03:30:00"),
        at("2026-10-05T14:40:00"),
    )


def test_a_scheduled_order_that_became_active_is_offered_when_uber_expects_it_to_be_accepted() -> None:
    order = mapped(sample("orders_notification__v1_activated"))

    assert (order.offer, order.scheduled_for, order.accept_by) == ("active", None, at("2026-10-06T02:40:00"))


def activated(**changes: object) -> Order:
    return mapped({**sample("orders_notification__v1_activated"), **changes})


@pytest.mark.parametrize(
    "preparation",
    [
        None,
        {},
        {"ready_for_pickup_time": "2026-10-06T02:45:00Z"},
        {"ready_for_pickup_time_secs": 900},
        {"ready_for_pickup_time": "2026-10-06T02:45:00Z", "ready_for_pickup_time_secs": -1},
        {"ready_for_pickup_time": "2026-10-06T02:45:00Z", "ready_for_pickup_time_secs": 10**9},
    ],
)
def test_without_an_estimate_the_second_offer_has_no_end_that_we_know(preparation: Json | None) -> None:
    assert activated(preparation_time=preparation).accept_by is None


def test_the_second_offer_is_not_thought_older_than_the_order() -> None:
    early = {"ready_for_pickup_time": "2026-10-05T14:35:00Z", "ready_for_pickup_time_secs": 900}

    assert activated(preparation_time=early).accept_by == at("2026-10-05T14:40:00")


def test_an_accepted_order_has_no_offer_to_answer() -> None:
    assert mapped({**v1(), "state": "ACCEPTED"}).accept_by is None
    assert mapped({**v2(), "current_state": "ACCEPTED"}).accept_by is None


def test_a_window_does_not_make_an_active_order_wait() -> None:
    window = {"start_time": "2026-10-06T12:00:00Z", "end_time": "2026-10-06T12:30:00Z"}

    assert mapped({**v1(), "scheduled_order_target_delivery_time_range": window}).scheduled_for is None


@pytest.mark.parametrize("window", [None, {}, {"start_time": "tomorrow at noon"}])
def test_a_scheduled_order_without_a_time_is_flagged(window: Json | None) -> None:
    order = mapped({**v1(), "status": "SCHEDULED", "scheduled_order_target_delivery_time_range": window})

    assert (order.offer, order.scheduled_for) == ("scheduled", None)
    assert "SCHEDULE_MISSING" in flags(order)


def test_times_without_a_colon_in_the_offset_are_read() -> None:
    order = mapped(sample("orders_notification__v1_byoc_cash"))

    assert (order.placed_at, order.ready_at) == (at("2026-10-05T14:45:00.123456"), at("2026-10-05T15:05:00.123456"))


def test_a_time_without_an_offset_is_the_store_s() -> None:
    assert mapped({**v2(), "placed_at": "2026-10-05T09:46:54"}).placed_at == at("2026-10-05T14:46:54")


def test_a_time_that_cannot_be_read_is_flagged_and_left_out() -> None:
    order = mapped({**v1(), "created_time": "just now"})

    assert (order.placed_at, order.accept_by, flags(order)) == (None, None, ["UNREADABLE_TIME"])


def test_the_end_of_time_is_no_reason_to_fail() -> None:
    assert mapped({**v1(), "created_time": "9999-12-31T23:59:00Z"}).accept_by is None


# --- money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "currency", "subtotal", "total"),
    [
        ("orders_notification__v1_byoc_cash", "EUR", 1790, 2380),
        ("orders_notification__v1_pickup_group", "KWD", 5625, 5625),
        ("orders_scheduled_notification__v1", "JPY", 1200, 1200),
    ],
)
def test_amounts_are_in_the_minor_units_of_their_currency(name: str, currency: str, subtotal: int, total: int) -> None:
    amounts = mapped(sample(name)).amounts

    assert (amounts.currency, amounts.subtotal, amounts.total) == (currency, subtotal, total)


def test_an_order_with_prices_including_tax_and_cash_to_collect() -> None:
    order = mapped(sample("orders_notification__v1_byoc_cash"))

    assert order.amounts == Amounts(
        currency="EUR",
        subtotal=1790,
        tax=198,
        tax_included=True,
        delivery_fee=290,
        other_fees=100,
        tip=200,
        total=2380,
    )
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=2380)
    assert check_sums(order) == []


def test_a_classic_order_for_cash() -> None:
    order = mapped(sample("orders_notification__v2_byoc_cash"))

    assert order.amounts == Amounts(currency="GBP", subtotal=1050, tax=0, delivery_fee=350, tip=300, total=1700)
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=1820)
    assert [(item.unit_price, item.total) for item in order.items] == [(900, 1050)]


def test_a_unit_price_that_includes_options_leaves_what_they_do_not_cost() -> None:
    payload = v2()
    payload["cart"]["items"][0]["price"] = {"total_price": {"amount": 2700, "currency_code": "USD"}}

    assert mapped(payload).items[0].unit_price == 1100


def test_a_currency_that_does_not_exist_goes_to_quarantine() -> None:
    payload = v1()
    payload["payment"]["payment_detail"]["currency_code"] = "ZZZ"

    with pytest.raises(Quarantine, match="ISO 4217"):
        mapped(payload)


def test_an_amount_that_is_no_number_goes_to_quarantine() -> None:
    payload = v1()
    payload["payment"]["payment_detail"]["order_total"]["gross"]["amount_e5"] = "a lot"

    with pytest.raises(Quarantine):
        mapped(payload)


@pytest.mark.parametrize(("currency", "amount"), [("USD", 10**18), ("KWD", 2 * 10**17), ("USD", -(10**18))])
def test_an_amount_beyond_all_prices_goes_to_quarantine(currency: str, amount: int) -> None:
    payload = v1()
    payload["payment"]["payment_detail"]["currency_code"] = currency
    payload["payment"]["payment_detail"]["order_total"]["tax"]["amount_e5"] = amount

    with pytest.raises(Quarantine):
        mapped(payload)


def money(minor: int) -> Json:
    part = {"amount_e5": minor * 1000, "currency_code": "USD"}
    return {"net": part, "tax": None, "gross": None, "is_tax_inclusive": False}


def breakdown(change: Callable[[list[Json]], list[Json]]) -> Order:
    payload = v1()
    charges = payload["payment"]["payment_detail"]["item_charges"]
    charges["price_breakdown"] = change(charges["price_breakdown"])
    return mapped(payload)


def entry(key: str, kind: str, minor: int) -> Json:
    return {"cart_item_id": key, "price_type": kind, "unit": money(minor), "total": money(minor)}


def test_money_that_belongs_to_no_line_is_flagged() -> None:
    order = breakdown(lambda prices: [*prices, entry("nowhere", "SURCHARGE", 75), entry("nothing", "OPTION", 0)])

    assert order.checks == [
        Check(
            code="AMOUNT_UNPLACED",
            message="a price of type SURCHARGE belongs to no line",
            expected=0,
            actual=75,
        )
    ]


def test_a_second_price_for_a_line_is_flagged_and_a_zero_is_not() -> None:
    order = breakdown(lambda prices: [entry(LINE["tea"], "OTHER", 0), *prices, entry(LINE["dandan"], "DISCOUNT", -100)])

    assert [(check.code, check.actual) for check in order.checks] == [("AMOUNT_UNPLACED", -100)]
    assert [item.total for item in order.items] == [3700, 320]


def test_a_line_without_a_price_is_flagged_an_option_without_one_is_free() -> None:
    gone = {LINE["tea"], OPTION["soft_egg"]}
    order = breakdown(lambda prices: [price for price in prices if price["cart_item_id"] not in gone])

    assert flags(order) == ["PRICE_MISSING"]
    assert [(item.unit_price, item.total) for item in order.items] == [(1300, 3200), (None, None)]


def test_an_order_without_a_breakdown_tells_no_prices_of_lines() -> None:
    order = breakdown(lambda _: [])

    assert [(item.unit_price, item.total) for item in order.items] == [(None, None), (None, None)]
    assert (order.amounts.subtotal, flags(order)) == (4020, [])


def test_a_unit_price_that_is_missing_is_worked_out_of_the_total() -> None:
    order = breakdown(lambda prices: [{**price, "unit": None} for price in prices])

    assert [item.unit_price for item in order.items] == [1300, 320]


def test_a_total_that_is_missing_is_worked_out_of_the_unit_price() -> None:
    order = breakdown(lambda prices: [{**price, "total": None} for price in prices])

    assert [item.total for item in order.items] == [3700, 320]


def detail(**changes: object) -> Order:
    payload = v1()
    payload["payment"]["payment_detail"].update(changes)
    return mapped(payload)


def test_a_discount_told_as_negative_is_positive_here() -> None:
    promotions = v1()["payment"]["payment_detail"]["promotions"]
    negative = {**promotions["details"][0], "promo_funding_splits": None}
    order = detail(promotions={"total": money(-400), "details": [negative]})

    assert order.amounts.discount == 400
    assert order.discounts == [Discount(code="AUTUMN10", name="PERCENT", amount=400)]


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ({"discount_items": [{"discount_amount_applied": -250}, {"discount_amount_applied": -50}]}, 300),
        ({"discount_value": "150", "discount_delivery_fee_value": "100"}, 250),
        ({"discount_value": "10%", "discount_delivery_fee_value": ""}, None),
        ({"promo_funding_splits": [{"funding_source": "SOMEBODY"}]}, None),
    ],
)
def test_what_a_promotion_saved_is_found_where_uber_put_it(told: Json, amount: int | None) -> None:
    one = {"promotion_uuid": "p-1", "type": "BOGO", **told}
    order = detail(promotions={"total": money(900), "details": [one, one]})

    assert order.discounts == [Discount(code="p-1", name="BOGO", amount=amount)] * 2


def test_a_classic_promotion_without_funding_is_worth_what_it_saved() -> None:
    payload = v2()
    payload["payment"]["promotions"]["promotions"] = [
        {"promotion_uuid": "p-2", "promo_type": "BOGO", "discount_items": [{"discount_amount_applied": -450}]},
        {"promotion_uuid": "p-3", "promo_type": "FREEDELIVERY", "promo_delivery_fee_value": 199},
    ]
    del payload["payment"]["charges"]["sub_total_promo_applied"]
    order = mapped(payload)

    assert order.discounts == [
        Discount(code="p-2", name="BOGO", amount=450),
        Discount(code="p-3", name="FREEDELIVERY", amount=199),
    ]
    assert order.amounts.discount == 649


def test_fees_go_where_they_belong_and_none_is_lost() -> None:
    told = {
        "DELIVERY_FEE": 199,
        "PICK_AND_PACK_FEE": 50,
        "BAG_FEE": 10,
        "SMALL_ORDER_FEE": 200,
        "MOON_FEE": 5,
    }
    details = [{"id": name, "amount": money(minor)} for name, minor in told.items()]
    amounts = detail(fees={"total": money(470), "details": details}).amounts

    assert (amounts.delivery_fee, amounts.service_fee, amounts.bag_fee, amounts.other_fees) == (199, 50, 10, 211)


def test_fees_of_a_classic_order_that_nobody_itemises_are_other_fees() -> None:
    payload = v2()
    payload["payment"]["charges"] = {"total_fee": {"amount": 697, "currency_code": "USD"}}

    assert mapped(payload).amounts.other_fees == 697


def test_money_may_be_missing_in_part() -> None:
    order = detail(tips=None, fees=None, promotions=None, cash_amount_due=None, order_total=None)

    assert order.amounts == Amounts(
        currency="USD",
        subtotal=4020,
        tax_included=False,
        tax_remitted_by_platform=313,
        total=4020,
        computed=["total"],
    )


def test_a_classic_total_is_the_one_after_promotions_where_that_is_told() -> None:
    payload = v2()
    for name in ("total_promo_applied", "sub_total_promo_applied", "tax_promo_applied"):
        payload["payment"]["charges"][name] = None
    payload["payment"]["promotions"] = None
    amounts = mapped(payload).amounts

    assert (amounts.total, amounts.tax, amounts.discount) == (3225, 252, None)


# --- who and where -------------------------------------------------------------------------------------------------


def test_the_customer_of_a_group_order_is_the_one_who_made_it_and_lines_say_for_whom_they_are() -> None:
    order = mapped(sample("orders_notification__v1_pickup_group"))

    assert order.customer is not None
    assert order.customer.name == "Dana K"
    assert [(item.name, item.notes) for item in order.items] == [
        ("Falafel box", "For Noor A"),
        ("Cherry tomatoes", "Weight: 0.75 kg\nFor Dana K"),
        ("Laban", "For Dana K"),
    ]


def test_carts_are_put_together_and_notes_told_once() -> None:
    order = mapped(sample("orders_notification__v1_pickup_group"))

    assert (len(order.items), order.notes, order.include_cutlery) == (3, "One bag, please", True)


@pytest.mark.parametrize(("told", "wanted"), [(True, True), (False, False), (None, None)])
def test_cutlery_is_as_the_customer_chose_if_they_did(told: bool | None, wanted: bool | None) -> None:
    payload = v1()
    payload["carts"][0]["include_single_use_items"] = told

    assert mapped(payload).include_cutlery is wanted
    assert mapped({**v2(), "packaging": {"disposable_items": {"should_include": told}}}).include_cutlery is wanted


@pytest.mark.parametrize(
    ("quantity", "read_as", "note"),
    [
        ({"amount": 3, "unit": "PIECE"}, 3, None),
        ({"amount": 2, "unit": "POUND"}, 2, "Weight: 2 lb"),
        (None, 1, None),
        ({}, 1, None),
        ({"in_sellable_unit": {"amount_e5": 150000}}, Decimal("1.5"), None),
        ({"in_sellable_unit": {}}, 1, None),
        (
            {
                "amount": 1,
                "in_sellable_unit": {
                    "amount_e5": 210000,
                    "measurement_unit": {
                        "measurement_type": "MEASUREMENT_TYPE_WEIGHT",
                        "weight": {"unit_type": "WEIGHT_UNIT_TYPE_IMPERIAL_POUND"},
                    },
                },
            },
            1,
            "Weight: 2.1 lb",
        ),
    ],
)
def test_quantities_are_what_the_price_is_for_and_weights_are_notes(
    quantity: Json | None, read_as: int | Decimal, note: str | None
) -> None:
    payload = v1()
    payload["carts"][0]["items"][1]["quantity"] = quantity
    tea = mapped(payload).items[1]

    assert (tea.quantity, tea.notes) == (Decimal(read_as), note)


def test_the_customer_s_name_is_put_together_where_uber_does_not() -> None:
    payload = v1()
    payload["customers"][0]["name"] = {"first_name": "Robin", "last_name": "M"}
    customer = mapped(payload).customer

    assert customer is not None
    assert customer.name == "Robin M"


def test_an_order_without_customers_has_none() -> None:
    assert (mapped({**v1(), "customers": None}).customer, mapped({**v2(), "eater": None}).customer) == (None, None)


def test_the_store_s_courier_is_told_where_to_go() -> None:
    order = mapped(sample("orders_notification__v1_byoc_cash"))

    assert order.address == Address(
        line1="12 Harbour Lane",
        line2="Rear building, B 7",
        city="Helsinki",
        postal_code="00160",
        country="FI",
        lat=60.1699,
        lng=24.9384,
        company="Quay Studio",
        instructions="Door to door; Second staircase",
    )
    assert order.source["courier_link"] == "https://example.com/byoc/7"
    assert order.customer is not None
    assert order.customer.tax_number == "T-4410-9"


def test_a_classic_address_may_be_a_google_place() -> None:
    order = mapped(sample("orders_notification__v2_byoc_cash"))

    assert order.address == Address(
        line1="4 Mill Yard", line2="Studio 3", company="Mill Yard Works", instructions="Meet at the curb; Grey van"
    )
    assert order.source["google_place_id"] == "made-up-place-91"


def test_an_address_without_a_street_is_flagged_where_the_store_delivers() -> None:
    payload = sample("orders_notification__v1_byoc_cash")
    payload["deliveries"][0]["location"] = {"type": "GOOGLE_PLACE", "location_type_value": "place-1"}
    order = mapped(payload)
    classic = sample("orders_notification__v2_byoc_cash")
    classic["eater"]["delivery"]["location"] = {"type": "GOOGLE_PLACE", "google_place_id": "place-1"}

    assert flags(order) == flags(mapped(classic)) == ["ADDRESS_INCOMPLETE"]
    assert order.source["google_place_id"] == mapped(classic).source["google_place_id"] == "place-1"


@pytest.mark.parametrize("junk", ["north", "", None, "NaN", "1e400", 181, [], True, {}])
def test_what_is_no_coordinate_is_left_out(junk: object) -> None:
    payload = sample("orders_notification__v1_byoc_cash")
    payload["deliveries"][0]["location"]["latitude"] = junk
    address = mapped(payload).address

    assert address is not None
    assert address.lat is None
    assert address.lng == 24.9384


def test_an_interaction_that_is_new_is_told_in_uber_s_words() -> None:
    payload = v1()
    payload["deliveries"][0]["interaction_type"] = "THROUGH_THE_WINDOW"
    address = mapped(payload).address

    assert address is not None
    assert address.instructions == "THROUGH_THE_WINDOW"


def test_of_several_couriers_the_one_with_a_name_is_shown() -> None:
    named = v1()["deliveries"][0]
    order = mapped({**v1(), "deliveries": [{"status": "SCHEDULED"}, named]})
    classic = mapped({**v2(), "deliveries": [{"current_state": "SCHEDULED"}, *v2()["deliveries"]]})

    assert order.courier is not None
    assert classic.courier is not None
    assert (order.courier.name, classic.courier.name) == ("Sam", "Max")


def test_a_courier_on_foot_has_a_vehicle_all_the_same() -> None:
    payload = v1()
    payload["deliveries"][0]["delivery_partner"]["vehicle"] = {"type": "PEDESTRIAN"}
    courier = mapped(payload).courier

    assert courier is not None
    assert courier.vehicle == "PEDESTRIAN"


# --- other spellings, and what is missing ---------------------------------------------------------------------------


def test_older_names_of_fields_are_read_too() -> None:
    payload = v1()
    item = payload["carts"][0]["items"][0]
    item["customer_requests"] = item.pop("customer_request")
    for identifier in payload["store"]["partner_identifiers"]:
        identifier["id"] = identifier.pop("value")

    assert mapped(payload) == mapped(v1())


@pytest.mark.parametrize(
    ("requests", "allergens"),
    [
        ({"allergy": {"allergens_to_exclude": ["PEANUTS", "SOY"]}}, ["PEANUTS", "SOY"]),
        ([{"allergy": {"allergens_to_exclude": [{"type": "FISH"}]}}], ["FISH"]),
        ([{"allergy": {"allergens_to_exclude": [{"type": "OTHER", "freeform_text": "Kiwi"}]}}], ["Kiwi"]),
        ([{"allergy": {"allergens_to_exclude": [{"type": "OTHER"}]}}], ["OTHER"]),
        ([{"allergy": {"allergens_to_exclude": None}}], []),
        (None, []),
    ],
)
def test_allergens_of_a_classic_order_are_read_in_each_of_their_forms(requests: object, allergens: list[str]) -> None:
    payload = v2()
    payload["cart"]["items"][0]["special_requests"] = requests

    assert mapped(payload).items[0].allergens == allergens


def test_issues_with_lines_are_flagged() -> None:
    payload = v2()
    payload["cart"]["fulfillment_issues"] = [
        {
            "fulfillment_issue_type": "OUT_OF_ITEM",
            "fulfillment_action_type": "REMOVE_ITEM",
            "root_item": {"title": "Muffin"},
        }
    ]
    of_v1 = mapped(sample("orders_fulfillment_issues_resolved__v1"))

    assert mapped(payload).checks == [Check(code="FULFILLMENT_ISSUE", message="OUT_OF_ITEM, REMOVE_ITEM, Muffin")]
    assert of_v1.checks == [Check(code="FULFILLMENT_ISSUE", message="OUT_OF_ITEM, ASK_CUSTOMER, Jasmine tea")]


@pytest.mark.parametrize("missing", ["carts", "payment"])
def test_parts_that_were_not_asked_for_are_flagged(missing: str) -> None:
    payload = v1()
    del payload[missing]

    assert "PARTS_MISSING" in flags(mapped(payload))


def test_a_classic_order_without_its_cart_is_flagged() -> None:
    assert flags(mapped({**v2(), "cart": None})) == ["PARTS_MISSING"]


def test_the_least_of_an_order_is_an_order() -> None:
    order = mapped({"id": "o-1", "state": "OFFERED"})

    assert (order.external_id, order.store_id, order.amounts) == ("o-1", "sto_main", Amounts(currency="USD"))
    assert mapped({"id": "o-1", "current_state": "CREATED"}).amounts == Amounts(currency="USD")


def nested(levels: int) -> Json:
    payload = v1()
    item: Json = {"id": "deepest", "title": "Deepest"}
    for _ in range(levels):
        item = {"id": "level", "title": "Level", "selected_modifier_groups": [{"id": "g", "selected_items": [item]}]}
    payload["carts"][0]["items"] = [item]
    return payload


def test_options_may_be_nested() -> None:
    deepest = mapped(nested(20)).items[0]
    for _ in range(20):
        (deepest,) = deepest.modifiers

    assert deepest.name == "Deepest"


@pytest.mark.parametrize("levels", [21, 60, 200])
def test_options_nested_without_end_go_to_quarantine(levels: int) -> None:
    with pytest.raises(Quarantine):
        mapped(nested(levels))


@pytest.mark.parametrize("amount", [-1, 10**9, "many"])
def test_a_quantity_that_cannot_be_goes_to_quarantine(amount: object) -> None:
    payload = v1()
    payload["carts"][0]["items"][0]["quantity"] = {"amount": amount}

    with pytest.raises(Quarantine):
        mapped(payload)


def test_lines_that_add_up_to_more_than_any_price_go_to_quarantine() -> None:
    payload = v2()
    dear = {"instance_id": "dear", "price": {"total_price": {"amount": 10**15, "currency_code": "USD"}}}
    payload["cart"]["items"], payload["payment"] = [dear, {**dear, "instance_id": "dearer"}], None

    with pytest.raises(Quarantine):
        mapped(payload)


def test_what_the_store_may_do_is_kept_where_uber_says_it() -> None:
    payload = {**v1(), "eligible_actions": {"cancel": {}, "mark_out_of_item": {"is_eligible": False}}}
    source = mapped(payload).source

    assert {name: source.get(name) for name in ("can_cancel", "can_mark_out_of_item", "can_adjust_ready_time")} == {
        "can_cancel": None,
        "can_mark_out_of_item": "no",
        "can_adjust_ready_time": None,
    }


def test_a_line_without_any_price_has_none() -> None:
    payload = v2()
    payload["cart"]["items"][1]["price"] = None
    juice = mapped(payload).items[1]

    assert (juice.unit_price, juice.total) == (None, None)


def test_lines_that_uber_does_not_tell_apart_still_have_ids_of_their_own() -> None:
    payload = v1()
    payload["carts"][0]["items"] = [{"title": "Water"}, {"title": "Water"}]

    assert len({item.id for item in mapped(payload).items}) == 2


def test_lines_keep_their_ids_when_their_order_changes() -> None:
    payload = v1()
    payload["carts"][0]["items"].reverse()

    assert {item.id for item in mapped(payload).items} == {item.id for item in mapped(v1()).items}


def test_orders_of_a_sandbox_connection_are_tests() -> None:
    assert [mapped(payload, environment="sandbox").is_test for payload in (v1(), v2())] == [True, True]
    assert [mapped(payload).is_test for payload in (v1(), v2())] == [False, False]


# --- together with what is known ------------------------------------------------------------------------------------

NOW = at("2026-10-06T02:31:00")


def told(current: Order | None, message: Any) -> Order:
    identity = Identity("ord", "uber_eats", "con_test", ORDER, "sto_larkspur", "USD")
    outcome = apply(current, message, NOW, identity)
    assert outcome.effect is Effect.APPLIED
    assert outcome.order is not None
    return outcome.order


def snapshot(payload: Json, version: str) -> OrderSnapshot:
    return OrderSnapshot(delivery_key=version, source_version=version, order=mapped(payload))


def test_a_scheduled_order_is_accepted_and_offered_once_more() -> None:
    placed = told(None, snapshot(sample("orders_scheduled_notification__v1"), "2026-10-05T14:31:00.000000Z"))
    accepted = told(placed, StaffChange(delivery_key="staff", status=Status.ACCEPTED))

    offered_again = apply(
        accepted,
        snapshot(sample("orders_notification__v1_activated"), "2026-10-06T02:31:00.000000Z"),
        NOW,
        Identity("ord", "uber_eats", "con_test", ORDER, "sto_larkspur", "USD"),
    )

    assert offered_again.type == "order.offered"
    assert offered_again.order is not None
    assert (offered_again.order.status, offered_again.order.offer, offered_again.order.source_status) == (
        Status.ACCEPTED,
        "active",
        Status.INCOMING,
    )
    assert offered_again.order.scheduled_for == placed.scheduled_for


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("orders_failure__v1_denied", Status.DENIED, "POS_DENIED"),
        ("orders_failure__v1_cancelled", Status.CANCELLED, "CANCELED"),
        ("orders_failure__v1_timed_out", Status.CANCELLED, "ACCEPT_TIMED_OUT"),
    ],
)
def test_a_failed_order_ends_at_once_and_learns_why_later(name: str, status: Status, code: str) -> None:
    placed = told(None, snapshot(v1(), "2026-10-05T14:42:20.000000Z"))
    ended, _ = read(notification(event_type="orders.failure", event_time=1791211931000))
    cancelled = told(placed, ended)
    explained = told(cancelled, snapshot(sample(name), "2026-10-05T14:52:20.000000Z"))

    assert (cancelled.status, explained.status) == (Status.CANCELLED, status)
    assert explained.status_reason is not None
    assert explained.status_reason.source_code == code


def test_the_time_to_accept_is_eleven_and_a_half_minutes() -> None:
    assert PLATFORM.accept_within == timedelta(minutes=11, seconds=30)
