"""Uber Eats: from the orders of both generations to ours."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.merge import Effect, Identity, apply
from orderhub.order.messages import OrderSnapshot, StaffChange
from orderhub.order.models import (
    Address,
    Amounts,
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
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.uber_eats import PLATFORM
from tests.platforms.test_uber_eats import LARKSPUR, ORDER, connect, notification, read
from tests.platforms.uber_eats_orders import CRISPY, LINE, OPTION, Json, at, flags, mapped, sample, v1, v2

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
