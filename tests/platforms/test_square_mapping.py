"""Square: its orders as ours."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Ignore, Quarantine
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
    StatusReason,
    Tracking,
)
from orderhub.order.pricing import check_sums
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.http_types import parse_json
from orderhub.platforms.square import PLATFORM
from orderhub.platforms.square.statuses import (
    FULFILLMENT_STATUSES,
    FULFILLMENT_TYPES,
    REASONS,
    TENDER_METHODS,
)
from tests.platforms.samples import MAIN_STORE, load_sample
from tests.platforms.test_square import LOCATION, connected

Json = dict[str, Any]


def fetched(sample: str) -> Json:
    whole: Json = json.loads(load_sample("square", sample).fetched or b"")
    return whole


def mapped(payload: Any, **settings: Any) -> Order:
    return PLATFORM.to_order(parse_json(json.dumps(payload).encode()), connected(settings))


def money(amount: int) -> Json:
    return {"amount": amount, "currency": "USD"}


def an_order(**fields: Any) -> Json:
    return {
        "id": "ORD1",
        "location_id": LOCATION,
        "state": "OPEN",
        "version": 1,
        "created_at": "2026-10-05T14:30:00Z",
    } | fields


def utc(hour: int, minute: int, second: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 10, day, hour, minute, second, tzinfo=UTC)


# --- whole orders --------------------------------------------------------------------------------------------------


def test_a_pickup_as_a_whole() -> None:
    assert mapped(fetched("order_created__pickup")) == Order(
        id=connected().order_id("ORDPICKUP0001"),
        platform="square",
        connection_id="con_test",
        channel="online_store",
        external_id="ORDPICKUP0001",
        display_id="H17",
        store_id=MAIN_STORE.id,
        store_external_id=LOCATION,
        status=Status.INCOMING,
        fulfillment=Fulfillment.PICKUP,
        placed_at=utc(14, 30),
        accept_by=utc(15, 0),
        ready_at=utc(14, 55),
        prep_minutes=25,
        customer=Customer(
            name="Rosa Delgado", phone="+15555550111", email="rosa.delgado@example.com", external_id="CUSROSA0001"
        ),
        items=[
            Item(
                id=item_id("ln-burger"),
                external_id="ln-burger",
                sku="VARBURGERL",
                name="Harbor burger (Large)",
                quantity=Decimal(2),
                unit_price=1150,
                total=2660,
                tax=204,
                notes="well done, please",
                modifiers=[
                    Item(
                        id=item_id("ln-burger", "md-cheese"),
                        external_id="md-cheese",
                        sku="MODCHEDDAR",
                        name="Extra cheddar",
                        quantity=Decimal(2),
                        unit_price=90,
                        total=180,
                    ),
                    Item(
                        id=item_id("ln-burger", "md-onion"),
                        external_id="md-onion",
                        sku="MODNOONION",
                        name="No onion",
                        quantity=Decimal(1),
                        unit_price=0,
                        total=0,
                    ),
                ],
            ),
            Item(
                id=item_id("ln-soda"),
                external_id="ln-soda",
                sku="VARSODA",
                name="Ginger soda (Regular)",
                quantity=Decimal(1),
                unit_price=325,
                total=325,
                tax=25,
            ),
        ],
        amounts=Amounts(
            currency="USD",
            subtotal=2985,
            tax=229,
            tax_included=False,
            service_fee=0,
            tip=0,
            discount=300,
            total=2914,
            computed=["subtotal"],
        ),
        discounts=[Discount(code="DISCWELCOME", name="Welcome 10%", amount=300, funded_by=DeliveredBy.STORE)],
        payment=Payment(method=PaymentMethod.CARD, prepaid=True, amount_due=0),
        notes="Ring the bell",
        source={
            "creation_source": "ONLINE_STORE",
            "source_name": "Square Online",
            "reference_id": "web-90017",
            "pickup_window": "PT15M",
            "line_discounts": "ln-burger=267 ln-soda=33",
            "metadata.campaign": "autumn",
        },
    )


def test_a_delivery_by_a_courier_of_squares() -> None:
    order = mapped(fetched("order_created__delivery"))

    told = order.model_dump(
        exclude_defaults=True,
        include={
            *("fulfillment", "delivered_by", "scheduled_for", "delivery_at", "ready_at", "prep_minutes", "address"),
            *("amounts", "notes", "courier", "source"),
        },
    )

    assert told == {
        "fulfillment": Fulfillment.DELIVERY,
        "delivered_by": DeliveredBy.PLATFORM,
        "scheduled_for": utc(18, 30),
        "delivery_at": utc(18, 30),
        "ready_at": utc(18, 5),
        "prep_minutes": 40,
        "address": Address(
            line1="48 Pier Road",
            line2="Flat 2B, Rear building",
            city="Portsmouth",
            region="NH",
            postal_code="03801",
            country="US",
            instructions="Blue door, third floor\nNo-contact delivery",
        ).model_dump(exclude_defaults=True),
        "amounts": {
            "currency": "USD",
            "subtotal": 2985,
            "tax": 239,
            "tax_included": False,
            "delivery_fee": 450,
            "service_fee": 275,
            "tip": 400,
            "discount": 0,
            "total": 4349,
            "computed": ["subtotal"],
        },
        "notes": "Birthday: add a candle\nBlue door, third floor\nNo-contact delivery",
        "courier": Courier(name="Quickwheels", phone="+15555550190", delivered_by=DeliveredBy.PLATFORM).model_dump(
            exclude_defaults=True
        ),
        "source": {
            "creation_source": "ONLINE_STORE",
            "source_name": "Square Online",
            "delivery_window": "PT30M",
            "square_delivery_id": "sqd-771",
            "external_delivery_id": "qw-20442",
        },
    }


def test_a_shipment_is_being_packed_and_has_its_tracking_code() -> None:
    order = mapped(fetched("order_updated__shipment"))

    assert (order.fulfillment, order.status, order.scheduled_for) == (
        Fulfillment.SHIPPING,
        Status.BAGGING,
        utc(16, 0, day=7),
    )
    assert order.tracking == [
        Tracking(
            carrier="USPS",
            code="9400100000000000000001",
            url="https://tools.example.com/track/9400100000000000000001",
        )
    ]
    assert (order.notes, order.source["shipping_type"]) == ("Glass", "First class")


def test_a_curbside_pickup_tells_the_car_the_units_and_both_payments() -> None:
    order = mapped(fetched("order_created__curbside"))

    assert (order.fulfillment, order.notes) == (Fulfillment.CURBSIDE, "Grey van, bay 4")
    assert [(item.name, item.quantity, item.total, item.notes) for item in order.items] == [
        ("Haddock (Fillet) [lb]", Decimal("1.25"), 1850, None),
        ("Gift card", Decimal(1), 2500, None),
        ("Custom amount", Decimal(1), 340, "corkage"),
    ]
    assert order.payment == Payment(method=PaymentMethod.VOUCHER, prepaid=True, amount_due=0)
    assert order.source["tenders"] == "SQUARE_GIFT_CARD 3000, CASH 1690"
    assert order.channel == "external_api"


def test_a_counter_sale_is_complete_paid_in_cash_and_cannot_be_changed_from_outside() -> None:
    order = mapped(fetched("payment_created__counter_sale"))

    assert (order.status, order.fulfillment, order.display_id) == (Status.COMPLETED, None, "Counter 8")
    assert order.payment == Payment(method=PaymentMethod.CASH, prepaid=True, amount_due=0)
    assert order.source["pos"] == "true"


def test_an_order_may_come_without_its_wrapper_as_search_gives_it() -> None:
    whole = fetched("order_created__pickup")

    assert mapped(whole["order"]) == mapped(whole)


def test_the_profile_of_the_customer_fills_what_the_order_does_not_say() -> None:
    recipient = {"customer_id": "CUS1", "phone_number": "+15555550123"}
    payload = {
        "order": an_order(fulfillments=[{"type": "PICKUP", "pickup_details": {"recipient": recipient}}]),
        "customer": {"given_name": "Ada", "family_name": "Reyes", "phone_number": "+15555550199"},
    }

    assert mapped(payload).customer == Customer(name="Ada Reyes", phone="+15555550123", external_id="CUS1")


def test_a_customer_of_a_counter_sale_is_known_by_the_payment() -> None:
    assert mapped(an_order(tenders=[{"customer_id": "CUS9"}])).customer == Customer(external_id="CUS9")


def test_an_unknown_location_belongs_to_the_default_store() -> None:
    order = mapped(an_order(location_id="LNEW"))

    assert (order.store_id, order.store_external_id) == (MAIN_STORE.id, "LNEW")


def test_a_time_without_a_zone_is_of_the_store() -> None:
    assert mapped(an_order(created_at="2026-10-05T10:30:00")).placed_at == utc(14, 30)


def test_orders_of_the_sandbox_are_tests() -> None:
    sandbox = mapped(an_order(), base_url="https://connect.squareupsandbox.com")

    assert (sandbox.is_test, mapped(an_order()).is_test) == (True, False)


# --- where an order stands -----------------------------------------------------------------------------------------


def fulfillment(state: str, kind: str = "PICKUP", **details: Any) -> Json:
    field = {"PICKUP": "pickup_details", "DELIVERY": "delivery_details", "SHIPMENT": "shipment_details"}[kind]
    return {"uid": f"ff-{state}", "type": kind, "state": state, field: details}


AT = "2026-10-05T14:40:00Z"
ROWS = [
    ("OPEN", [fulfillment("PROPOSED")], Status.INCOMING),
    ("OPEN", [fulfillment("RESERVED", accepted_at=AT)], Status.ACCEPTED),
    ("OPEN", [fulfillment("RESERVED", "DELIVERY", in_progress_at=AT)], Status.ACCEPTED),
    ("OPEN", [fulfillment("RESERVED", "SHIPMENT", in_progress_at=AT)], Status.BAGGING),
    ("OPEN", [fulfillment("PREPARED", ready_at=AT)], Status.READY),
    ("OPEN", [fulfillment("PREPARED", "SHIPMENT", packaged_at=AT)], Status.READY),
    ("OPEN", [fulfillment("COMPLETED", picked_up_at=AT)], Status.PICKED_UP),
    ("OPEN", [fulfillment("COMPLETED", "SHIPMENT", shipped_at=AT)], Status.PICKED_UP),
    ("OPEN", [fulfillment("CANCELED", rejected_at=AT)], Status.DENIED),
    ("OPEN", [fulfillment("CANCELED")], Status.CANCELLED),
    ("OPEN", [fulfillment("FAILED")], Status.CANCELLED),
    ("OPEN", [fulfillment("FAILED", "DELIVERY", rejected_at=AT)], Status.CANCELLED),
    ("OPEN", [], Status.INCOMING),
    ("COMPLETED", [], Status.COMPLETED),
    ("COMPLETED", [fulfillment("COMPLETED")], Status.COMPLETED),
    ("CANCELED", [], Status.CANCELLED),
    ("CANCELED", [fulfillment("CANCELED", accepted_at=AT)], Status.CANCELLED),
    ("CANCELED", [fulfillment("CANCELED", "SHIPMENT", packaged_at=AT)], Status.CANCELLED),
    ("CANCELED", [fulfillment("CANCELED")], Status.DENIED),
    ("OPEN", [fulfillment("PREPARED"), fulfillment("RESERVED")], Status.ACCEPTED),
    ("OPEN", [fulfillment("COMPLETED"), fulfillment("CANCELED"), fulfillment("PREPARED")], Status.READY),
    ("OPEN", [fulfillment("CANCELED", rejected_at=AT), fulfillment("FAILED")], Status.CANCELLED),
]


@pytest.mark.parametrize(("state", "fulfillments", "status"), ROWS)
def test_a_state_of_squares_is_a_status_of_ours(state: str, fulfillments: list[Json], status: Status) -> None:
    order = mapped(an_order(state=state, fulfillments=fulfillments, net_amount_due_money={"currency": "USD"}))

    assert (order.status, order.checks) == (status, [])


def test_every_fulfillment_state_is_in_the_rows() -> None:
    shown = {one["state"] for _, fulfillments, _ in ROWS for one in fulfillments}

    assert shown == {*FULFILLMENT_STATUSES, "CANCELED", "FAILED"}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"state": "DRAFT"}, id="a draft"),
        pytest.param({"state": "DRAFT", "fulfillments": [fulfillment("RESERVED")]}, id="a draft with a fulfillment"),
        pytest.param({"net_amount_due_money": money(1)}, id="an open ticket that is not paid"),
        pytest.param({"returns": [{"source_order_id": "ORD0"}]}, id="a return"),
        pytest.param({"state": "COMPLETED", "returns": [{}], "line_items": []}, id="a return of nothing known"),
    ],
)
def test_what_is_no_order_to_make_is_ignored(fields: Json) -> None:
    with pytest.raises(Ignore):
        mapped(an_order(**fields))


def test_open_tickets_are_taken_when_that_is_chosen() -> None:
    order = mapped(an_order(net_amount_due_money=money(500)), take_unpaid_tickets=True)

    assert (order.status, order.payment) == (Status.INCOMING, Payment(prepaid=False, amount_due=500))


def test_the_meaning_of_a_fulfillment_state_can_be_chosen() -> None:
    order = mapped(an_order(fulfillments=[fulfillment("RESERVED")]), fulfillment_statuses={"RESERVED": "bagging"})

    assert order.status is Status.BAGGING


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "PAUSED"}, ["order state 'PAUSED'"]),
        ({"state": None}, ["order state None"]),
        ({"fulfillments": [fulfillment("PROPOSED") | {"state": "SHELVED"}]}, ["fulfillment state 'SHELVED'"]),
    ],
)
def test_a_state_we_do_not_know_is_flagged_and_shown_to_staff(fields: Json, words: list[str]) -> None:
    order = mapped(an_order(**fields))

    assert order.status is Status.INCOMING
    assert order.checks == [
        Check(code="UNKNOWN_STATUS", message=f"Square says {word}, which is new to us") for word in words
    ]


def test_the_reason_for_an_end_is_squares_own_text() -> None:
    ended = fulfillment("CANCELED", rejected_at=AT, cancel_reason="No buns left")
    failed = fulfillment("FAILED", "SHIPMENT", failure_reason="Lost on the way")

    assert mapped(an_order(fulfillments=[ended])).status_reason == StatusReason(details="No buns left")
    assert mapped(an_order(fulfillments=[failed])).status_reason == StatusReason(details="Lost on the way")
    assert mapped(an_order(fulfillments=[fulfillment("CANCELED")])).status_reason is None


def test_every_reason_of_ours_has_words_that_fit() -> None:
    assert set(REASONS) == set(CancelReason)
    assert max(map(len, REASONS.values())) < 60


# --- how it goes out, where it comes from --------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "expected"), [*FULFILLMENT_TYPES.items(), ("DIGITAL", None), (None, None)])
def test_a_kind_of_fulfillment(kind: str | None, expected: Fulfillment | None) -> None:
    order = mapped(an_order(fulfillments=[{"type": kind, "state": "PROPOSED"}]))

    assert order.fulfillment is expected
    assert order.source.get("fulfillment_type") == (kind if expected is None else None)


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"managed_delivery": True}, DeliveredBy.PLATFORM),
        ({"managed_delivery": False}, DeliveredBy.STORE),
        ({"managed_delivery": False, "courier_provider_name": "Quickwheels"}, DeliveredBy.PLATFORM),
        ({}, None),
    ],
)
def test_whose_courier_brings_it(details: Json, expected: DeliveredBy | None) -> None:
    order = mapped(an_order(fulfillments=[fulfillment("PROPOSED", "DELIVERY", **details)]))

    assert order.delivered_by is expected


@pytest.mark.parametrize(
    ("fields", "channel"),
    [
        ({"creation_source": {"product": "SQUARE_POS"}, "source": {"name": "Terminal"}}, "square_pos"),
        ({"creation_source": {"name": "x"}, "source": {"name": "DoorDash"}}, "doordash"),
        ({"source": {"name": " Square Online! "}}, "square_online"),
        ({"source": {"name": "寿司"}}, "square"),
        ({}, "square"),
    ],
)
def test_the_channel_is_where_it_was_created(fields: Json, channel: str) -> None:
    assert mapped(an_order(**fields)).channel == channel


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"ticket_name": "Table 4", "reference_id": "r-1"}, "Table 4"),
        ({"ticket_name": "", "reference_id": "r-1"}, "r-1"),
        ({}, None),
    ],
)
def test_the_number_shown_is_the_ticket_else_the_reference(fields: Json, shown: str | None) -> None:
    assert mapped(an_order(**fields)).display_id == shown


@pytest.mark.parametrize(
    ("details", "scheduled_for", "ready_at"),
    [
        ({"schedule_type": "ASAP", "pickup_at": AT}, None, utc(14, 40)),
        ({"schedule_type": "SCHEDULED", "pickup_at": AT}, utc(14, 40), utc(14, 40)),
        ({"pickup_at": AT}, utc(14, 40), utc(14, 40)),
        ({"schedule_type": "ASAP", "pickup_at": AT, "ready_at": "2026-10-05T14:37:00Z"}, None, utc(14, 37)),
    ],
)
def test_only_what_the_customer_chose_is_a_schedule(
    details: Json, scheduled_for: datetime | None, ready_at: datetime
) -> None:
    order = mapped(an_order(fulfillments=[fulfillment("PROPOSED", **details)]))

    assert (order.scheduled_for, order.ready_at) == (scheduled_for, ready_at)


@pytest.mark.parametrize(("duration", "minutes"), [("PT20M", 20), ("P1W3D", 14400), ("PT90S", 2), ("PT0S", 0)])
def test_a_duration_is_minutes_and_never_too_few(duration: str, minutes: int) -> None:
    assert mapped(an_order(fulfillments=[fulfillment("PROPOSED", prep_time_duration=duration)])).prep_minutes == minutes


def test_notes_of_all_fulfillments_are_told_once_each() -> None:
    parts = [
        fulfillment("PROPOSED", note="Ring"),
        fulfillment("RESERVED", note="Ring"),
        fulfillment("PREPARED", note="Bag"),
    ]

    assert mapped(an_order(fulfillments=parts)).notes == "Ring\nBag"


# --- lines ---------------------------------------------------------------------------------------------------------


def line(**fields: Any) -> Json:
    return {"uid": "l1", "name": "Stew", "quantity": "2", "base_price_money": money(1000)} | fields


def the_item(**fields: Any) -> Item:
    [item] = mapped(an_order(line_items=[line(**fields)])).items
    return item


@pytest.mark.parametrize(
    ("modifier", "pieces", "expected"),
    [
        pytest.param({"quantity": "2", "base": 100, "total": 400}, "2", (2, 100, 200), id="its own quantity counted"),
        pytest.param(
            {"quantity": "2", "base": 100, "total": 200}, "2", (2, 50, 100), id="its own quantity not counted"
        ),
        pytest.param({"base": 50, "total": 100}, "2", (1, 50, 50), id="no quantity is one"),
        pytest.param({"total": 150}, "3", (1, 50, 50), id="no base price"),
        pytest.param({"base": 50}, "3", (1, 50, 50), id="no total"),
        pytest.param({"quantity": "0", "base": 50, "total": 0}, "2", (0, 50, 0), id="without it"),
        pytest.param({"base": 33, "total": 50}, "1.5", (1, 33, 33), id="rounded over a weight"),
        pytest.param({"base": 50, "total": 0}, "0", (1, 50, 50), id="a line of none"),
        pytest.param({}, "2", (1, None, None), id="no price at all"),
    ],
)
def test_a_modifier_is_priced_for_one_piece_of_its_line(
    modifier: Json, pieces: str, expected: tuple[int, int | None, int | None]
) -> None:
    given: Json = {"uid": "m", "name": "Dumpling"}
    given |= {"quantity": modifier["quantity"]} if "quantity" in modifier else {}
    given |= {"base_price_money": money(modifier["base"])} if "base" in modifier else {}
    given |= {"total_price_money": money(modifier["total"])} if "total" in modifier else {}

    [found] = the_item(quantity=pieces, modifiers=[given]).modifiers

    assert (int(found.quantity), found.unit_price, found.total) == expected


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Tea", "variation_name": "Pot"}, "Tea (Pot)"),
        ({"name": "Tea", "variation_name": "Tea"}, "Tea"),
        ({"name": None, "variation_name": "Pot"}, "Pot"),
        ({"name": None, "item_type": "CUSTOM_AMOUNT"}, "Custom amount"),
        ({"name": None, "item_type": "GIFT_CARD"}, "Gift card"),
        ({"name": None}, "Item"),
        ({"quantity_unit": {"measurement_unit": {"volume_unit": "METRIC_LITER"}}}, "Stew [l]"),
        ({"quantity_unit": {"measurement_unit": {"length_unit": "IMPERIAL_MILE"}}}, "Stew [imperial mile]"),
        (
            {"quantity_unit": {"measurement_unit": {"custom_unit": {"name": "ladle", "abbreviation": "ldl"}}}},
            "Stew [ldl]",
        ),
        ({"quantity_unit": {"measurement_unit": {"type": "TYPE_GENERIC", "generic_unit": "UNIT"}}}, "Stew"),
        ({"quantity_unit": {}}, "Stew"),
    ],
)
def test_a_line_is_named_with_its_variation_and_unit(fields: Json, name: str) -> None:
    assert the_item(**fields).name == name


def test_an_amount_that_is_left_out_is_zero_and_a_price_that_is_left_out_is_unknown() -> None:
    free = the_item(base_price_money={"currency": "USD"}, gross_sales_money={})
    unknown = the_item(base_price_money=None)

    assert (free.unit_price, free.total, unknown.unit_price, unknown.total) == (0, 0, None, None)


def test_lines_and_modifiers_without_ids_have_ids_of_ours() -> None:
    lines = [{"name": "A", "modifiers": [{"name": "x"}, {"name": "y"}]}, {"name": "A"}]
    items = mapped(an_order(line_items=lines)).items

    assert len({items[0].id, items[1].id, *(one.id for one in items[0].modifiers)}) == 4


# --- money ---------------------------------------------------------------------------------------------------------


def test_a_tax_inside_the_prices_is_not_added_to_them() -> None:
    order = mapped(fetched("order_updated__inclusive_tax"))

    assert order.amounts == Amounts(
        currency="GBP",
        subtotal=1440,
        tax=240,
        tax_included=True,
        service_fee=0,
        tip=0,
        discount=0,
        total=1440,
        computed=["subtotal"],
    )


def test_a_tax_that_square_takes_out_of_the_gross_is_put_back_into_the_line() -> None:
    order = mapped(fetched("order_updated__tax_out_of_gross"))

    assert (order.items[0].unit_price, order.items[0].total, order.items[0].tax) == (1100, 1100, 100)
    assert (order.amounts.subtotal, order.amounts.tax_included, order.amounts.total) == (1100, True, 1100)


@pytest.mark.parametrize(
    ("taxes", "included"),
    [
        ([], None),
        ([{"type": "ADDITIVE"}], False),
        ([{"type": "INCLUSIVE"}], True),
        ([{"type": "INCLUSIVE", "applied_money": money(1)}, {"type": "ADDITIVE", "applied_money": money(1)}], None),
        ([{"type": "INCLUSIVE", "applied_money": money(0)}, {"type": "ADDITIVE", "applied_money": money(1)}], False),
    ],
)
def test_whether_prices_hold_the_tax(taxes: list[Json], included: bool | None) -> None:
    assert mapped(an_order(taxes=taxes)).amounts.tax_included is included


@pytest.mark.parametrize(
    ("charges", "total", "fees"),
    [
        ([("Delivery Fee", 450), ("Packaging", 75)], 525, (450, 75)),
        ([("Delivery Fee", 450), ("Packaging", 75)], None, (450, 75)),
        ([("Zustellung", 450)], 450, (None, 450)),
        ([("Local delivery", 300), ("Delivery, late", 100)], 400, (400, 0)),
        ([], None, (None, None)),
        ([], 0, (None, 0)),
    ],
)
def test_service_charges_are_for_the_delivery_when_their_name_says_so(
    charges: list[tuple[str, int]], total: int | None, fees: tuple[int | None, int | None]
) -> None:
    given = [{"name": name, "applied_money": money(amount), "type": "CUSTOM"} for name, amount in charges]
    sums = {} if total is None else {"total_service_charge_money": money(total)}

    amounts = mapped(an_order(service_charges=given, **sums)).amounts

    assert (amounts.delivery_fee, amounts.service_fee) == fees


def test_the_words_for_delivery_can_be_chosen() -> None:
    charges = [{"name": "ZUSTELLUNG Mitte", "amount_money": money(450)}]

    amounts = mapped(an_order(service_charges=charges), delivery_charge_words=["zustell"]).amounts

    assert (amounts.delivery_fee, amounts.service_fee) == (450, None)


def test_cash_rounding_is_part_of_the_total() -> None:
    order = mapped(fetched("payment_created__rounded_cash"))

    assert (order.amounts.subtotal, order.amounts.other_fees, order.amounts.total) == (433, 2, 435)


def test_sums_that_square_leaves_out_are_worked_out_and_said_to_be() -> None:
    lines = [line(gross_sales_money=money(2000)), line(uid="l2", quantity="1")]
    order = mapped(
        an_order(line_items=lines, discounts=[{"amount_money": money(500)}], tenders=[{"tip_money": money(70)}])
    )

    assert (order.amounts.subtotal, order.amounts.discount, order.amounts.tip, order.amounts.total) == (
        3000,
        500,
        70,
        2570,
    )
    assert order.amounts.computed == ["subtotal", "total"]


def test_a_sum_that_does_not_agree_is_flagged() -> None:
    payload = deepcopy(fetched("order_created__pickup"))
    payload["order"]["total_money"]["amount"] += 1

    assert [check.code for check in check_sums(mapped(payload))] == ["TOTAL_MISMATCH"]


@pytest.mark.parametrize(
    ("kind", "method"), [*TENDER_METHODS.items(), ("CRYPTO", PaymentMethod.OTHER), (None, PaymentMethod.OTHER)]
)
def test_a_kind_of_payment(kind: str | None, method: PaymentMethod) -> None:
    payment = mapped(an_order(tenders=[{"type": kind, "amount_money": money(5)}])).payment

    assert payment is not None
    assert payment.method is method


@pytest.mark.parametrize(
    ("fields", "payment"),
    [
        ({}, None),
        ({"net_amount_due_money": money(0)}, Payment(prepaid=True, amount_due=0)),
        (
            {"total_money": money(900), "tenders": [{"type": "CARD", "amount_money": money(400)}]},
            Payment(method=PaymentMethod.CARD, prepaid=False, amount_due=500),
        ),
        (
            {
                "net_amount_due_money": money(0),
                "tenders": [{"type": "CARD", "amount_money": money(100)}, {"type": "CASH", "amount_money": money(300)}],
            },
            Payment(method=PaymentMethod.CASH, prepaid=True, amount_due=0),
        ),
    ],
)
def test_what_is_paid_and_what_is_due(fields: Json, payment: Payment | None) -> None:
    assert mapped(an_order(**fields)).payment == payment


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"name": None, "percentage": "15"}, Discount(name="15%", amount=200, funded_by=DeliveredBy.STORE)),
        (
            {"name": "Loyal", "reward_ids": ["RW1"], "catalog_object_id": "D1"},
            Discount(code="RW1", name="Loyal", amount=200, funded_by=DeliveredBy.STORE),
        ),
    ],
)
def test_a_discount_is_the_merchants(fields: Json, shown: Discount) -> None:
    assert mapped(an_order(discounts=[{"applied_money": money(200), **fields}])).discounts == [shown]


def test_money_given_back_is_flagged_with_what_is_left() -> None:
    order = mapped(fetched("refund_updated__partly_refunded"))

    assert order.checks == [Check(code="REFUNDED", message="money has been given back", expected=2914, actual=2589)]
    assert (order.source["refunded"], order.amounts.total) == ("325", 2914)


def test_an_exchange_tells_what_came_back_and_keeps_what_is_to_make() -> None:
    back = {"returns": [{"source_order_id": "ORD0"}], "return_amounts": {"total_money": money(150)}}
    order = mapped(an_order(line_items=[line(gross_sales_money=money(2000))], **back))

    assert (order.source["returns_of"], order.source["refunded"], len(order.items)) == ("ORD0", "150", 1)


def test_the_currency_is_the_first_that_is_named_else_the_stores() -> None:
    named = mapped(an_order(line_items=[line(base_price_money={"amount": 1, "currency": "CAD"})]))

    assert (named.amounts.currency, mapped(an_order()).amounts.currency) == ("CAD", "USD")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"total_money": {"amount": 1, "currency": "UNKNOWN_CURRENCY"}}, id="no currency"),
        pytest.param({"total_money": {"amount": 1.5, "currency": "USD"}}, id="a fraction of a cent"),
        pytest.param({"total_money": {"amount": "1", "currency": "USD"}}, id="an amount as text"),
        pytest.param({"total_money": {"amount": 10**16, "currency": "USD"}}, id="too much money"),
        pytest.param({"line_items": [line(quantity="-1")]}, id="a negative quantity"),
        pytest.param({"line_items": [line(quantity="1e-900")]}, id="next to nothing"),
        pytest.param({"line_items": [line(quantity="many")]}, id="a quantity in words"),
        pytest.param(
            {"line_items": [line(modifiers=[{"quantity": "99", "base_price_money": money(10**15)}])]},
            id="a product beyond all money",
        ),
        pytest.param({"created_at": "yesterday"}, id="a time in words"),
        pytest.param({"version": "7"}, id="a version as text"),
        pytest.param({"id": None}, id="no id"),
        pytest.param({"metadata": {"note": "\ud800"}}, id="half a character"),
    ],
)
def test_what_is_not_of_the_documented_shape_goes_to_quarantine(fields: Json) -> None:
    with pytest.raises(Quarantine):
        mapped(an_order(**fields))
