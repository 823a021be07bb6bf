"""DoorDash: which webhook is which, what it says, and how it is answered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderhub.errors import NotAuthentic, Quarantine
from orderhub.order import merge
from orderhub.order.ids import digest
from orderhub.order.merge import Effect, Identity
from orderhub.order.messages import CourierReport, Ignored, InboundMessage, OrderMessage, OrderSnapshot, StatusReport
from orderhub.order.models import Check, Courier, DeliveredBy, Order
from orderhub.order.status import Status
from orderhub.platforms.base import Reading
from orderhub.platforms.doordash import PLATFORM
from orderhub.platforms.http_types import Answer, Request
from tests.platforms.conformance import NOW, load_sample, request_for
from tests.platforms.samples import samples_of
from tests.platforms.test_doordash_mapping import connect

DASHER, SELF, PICKUP = (
    "3f0c7a52-8a1e-4b6d-9a35-5d1f0c2e7b11",
    "8b5e2d14-60af-4f0b-b1a7-7c9d40e3aa52",
    "e20d9c6b-3c58-4d77-8e14-95b0f1c6d903",
)


def read(body: object, **request: Any) -> Reading:
    sent = Request("POST", "/webhooks/doordash/con_test", {}, {}, json.dumps(body).encode(), NOW)
    return PLATFORM.read(replace(sent, **request), connect())


def body_of(sample: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(load_sample("doordash", sample).body)
    return body


def message_in(sample: str) -> InboundMessage:
    (message,) = read(body_of(sample)).messages
    return message


def order_message(body: dict[str, Any]) -> OrderSnapshot | StatusReport | CourierReport:
    (message,) = read(body).messages
    assert isinstance(message, OrderSnapshot | StatusReport | CourierReport)
    return message


def tell(current: Order | None, message: OrderMessage) -> merge.Outcome:
    connection = connect()
    external_id = message.order.external_id if isinstance(message, OrderSnapshot) else message.external_id  # type: ignore[union-attr]
    identity = Identity(connection.order_id(external_id), "doordash", connection.id, external_id, "sto_lake", "USD")
    return merge.apply(current, message, NOW, identity)


def told_of(message: OrderMessage) -> Order:
    """The order of a message that is the first about it."""
    order = tell(None, message).order
    assert order is not None
    return order


# --- who sent it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["dd-hook-token", "Bearer dd-hook-token"])
def test_the_configured_token_is_accepted_bare_and_as_a_bearer_token(value: str) -> None:
    connection = replace(connect(), credentials=PLATFORM.credentials_for("dd-hook-token"))

    PLATFORM.authenticate(Request("POST", "/", {"authorization": value}, {}, b"{}", NOW), connection)


@pytest.mark.parametrize(
    "value", ["", "dd-hook-toke", "dd-hook-token ", "Basic dd-hook-token", "Bearer  dd-hook-token", "Bearer ", "Bearer"]
)
def test_anything_else_is_refused(value: str) -> None:
    connection = replace(connect(), credentials=PLATFORM.credentials_for("dd-hook-token"))

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(Request("POST", "/", {"authorization": value}, {}, b"{}", NOW), connection)


# --- how it is answered ---------------------------------------------------------------------------------------------


def test_orders_are_taken_in_and_not_yet_accepted_and_everything_else_is_done() -> None:
    answers = {sample.name: read(json.loads(sample.body)).answer for sample in samples_of("doordash")}

    orders = {name for name in answers if name.startswith("order_create__")}
    assert {name for name, answer in answers.items() if answer == Answer(202)} == orders
    assert {name for name, answer in answers.items() if answer == Answer(200)} == set(answers) - orders


def test_what_cannot_be_read_may_be_an_order_and_is_taken_in() -> None:
    request = request_for(load_sample("doordash", "order_create__dasher"), connect(), body=b'{"order": 1')

    with pytest.raises(Quarantine):
        PLATFORM.read(request, connect())
    assert PLATFORM.quarantine_answer(request) == Answer(202)


def test_doordash_does_not_send_again() -> None:
    assert not PLATFORM.sends_again


# --- which is which -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"event": {"type": "OrderCreate"}, "order": {"id": "1"}}, OrderSnapshot, Status.INCOMING),
        ({"order": {"id": "1"}}, OrderSnapshot, Status.INCOMING),
        ({"event": None, "order": {"id": "1"}}, OrderSnapshot, Status.INCOMING),
        ({"id": "1", "categories": None}, OrderSnapshot, Status.INCOMING),
        ({"event": {"type": "OrderAdjust"}, "order": {"id": "1"}}, OrderSnapshot, Status.ACCEPTED),
        ({"event": {"type": "OrderAdjustment"}, "order": {"id": "1"}}, OrderSnapshot, Status.ACCEPTED),
        ({"order": {"id": "1"}, "order_adjustment_metadata": {}}, OrderSnapshot, Status.ACCEPTED),
        ({"external_order_id": "1", "store": None}, StatusReport, Status.CANCELLED),
        ({"external_order_id": "1", "store": {}, "client_order_id": None, "is_asap": True}, StatusReport, "cancelled"),
        ({"external_order_id": "1", "store": {}, "dasher": {}}, CourierReport, Status.BAGGING),
        ({"external_order_id": "1", "distance_from_store": 4}, CourierReport, Status.BAGGING),
        ({"delivery": {"external_order_id": "1", "dasher_status": "dropoff"}}, CourierReport, Status.COMPLETED),
    ],
)
def test_a_webhook_is_known_by_its_keys(body: dict[str, Any], kind: type, status: str) -> None:
    message = order_message(body)

    assert isinstance(message, kind)
    assert (message.order.status if isinstance(message, OrderSnapshot) else message.status) == status


@pytest.mark.parametrize(
    "body",
    [
        {"event": {"type": "OrderSomething"}, "order": {"id": "1"}},
        {"event": "OrderCreate2", "order": {"id": "1"}},
        {"event": {"type": ["OrderCreate"]}, "order": {"id": "1"}},
        {"event": {"type": "OrderCreate"}},
        {"event": {"type": "OrderCreate"}, "order": {"subtotal": 1}},
        {"external_order_id": "1"},
        {"client_order_id": "ord_1", "store": {}},
        {"external_order_id": None, "store": {}},
        {"id": "1", "delivery_short_code": "51c80e"},
        [],
    ],
)
def test_what_may_be_about_an_order_and_is_not_understood_goes_to_quarantine(body: object) -> None:
    with pytest.raises(Quarantine):
        read(body)


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ("menu_status__updated", "'MenuUpdate': about no order"),
        ("menu_request__pull", "about no order"),
        ("store_deactivated__hours", "'Store Temporarily Deactivated': about no order"),
        ("store_onboarding__requested", "'StoreOnboardingRequested': about no order"),
        ("report_ready__link", "about no order"),
        ("order_cart_validation__cart", "about no order"),
        ("drive__picked_up", "'DASHER_PICKED_UP': about no order"),
        ("unknown__new_event", "'LoyaltyTierChanged': about no order"),
    ],
)
def test_what_is_about_no_order_is_ignored(sample: str, reason: str) -> None:
    message = message_in(sample)

    assert isinstance(message, Ignored)
    assert message.reason == reason


# --- what it says ---------------------------------------------------------------------------------------------------


def test_a_new_order_waits_from_its_arrival_and_a_later_copy_does_not_move_that() -> None:
    body = body_of("order_create__dasher")
    first, copy = read(body), read(body, received_at=NOW + timedelta(hours=1))

    (message,), (again,) = first.messages, copy.messages
    assert isinstance(message, OrderSnapshot)
    assert isinstance(again, OrderSnapshot)
    assert message.delivery_key == again.delivery_key == digest("order", DASHER)
    assert message.guessed == again.guessed == frozenset({"placed_at", "accept_by"})
    known = told_of(message)
    assert (known.placed_at, known.accept_by) == (NOW, NOW + timedelta(minutes=3))
    assert tell(known, again).effect is Effect.UNCHANGED


def test_a_time_of_creation_is_no_guess() -> None:
    message = order_message({"order": {"id": "1", "created_at": "2026-10-05T14:59:30Z"}})

    assert isinstance(message, OrderSnapshot)
    assert (message.order.placed_at, message.guessed, message.source_version) == (
        datetime(2026, 10, 5, 14, 59, 30, tzinfo=UTC),
        frozenset({"accept_by"}),
        "2026-10-05T14:59:30.000000Z",
    )


@pytest.mark.parametrize(("word", "checks"), [("NEW", []), (None, []), ("HELD", ["UNKNOWN_STATUS"])])
def test_a_new_order_is_incoming_whatever_its_event_calls_it(word: str | None, checks: list[str]) -> None:
    message = order_message({"event": {"type": "OrderCreate", "status": word}, "order": {"id": "1"}})

    assert isinstance(message, OrderSnapshot)
    assert (message.order.status, [check.code for check in message.order.checks]) == (Status.INCOMING, checks)


def test_an_unknown_status_is_named() -> None:
    message = order_message({"event": {"type": "OrderCreate", "status": "HELD"}, "order": {"id": "1"}})

    assert isinstance(message, OrderSnapshot)
    assert message.order.checks == [Check(code="UNKNOWN_STATUS", message="DoorDash says that it is 'HELD'")]


def test_an_adjustment_replaces_the_lines_and_the_money_and_keeps_what_staff_has_done() -> None:
    known = told_of(order_message(body_of("order_create__self_delivery")))
    in_work = known.model_copy(update={"status": Status.BAGGING})

    outcome = tell(in_work, order_message(body_of("order_adjustment__line_removed")))

    assert outcome.order is not None
    assert [item.name for item in outcome.order.items] == ["Falafel wrap"]
    assert (outcome.order.status, outcome.order.placed_at) == (Status.BAGGING, NOW)
    assert (outcome.order.amounts.subtotal, outcome.order.amounts.discount) == (1300, 250)
    assert outcome.order.source["adjustment_source"] == "MERCHANT"


def test_an_adjusted_line_has_doordash_s_new_key() -> None:
    known = told_of(order_message(body_of("order_create__dasher")))

    changed = tell(known, order_message(body_of("order_adjustment__substituted"))).order

    assert changed is not None
    assert [(item.name, (item.external_id or "")[-2:]) for item in changed.items] == [
        ("Smash burger", "01"),
        ("Onion rings", "03"),
    ]


def test_an_adjustment_is_of_its_own_time_and_that_is_in_its_key() -> None:
    adjusted, substituted = message_in("order_adjustment__line_removed"), message_in("order_adjustment__substituted")

    assert (adjusted.source_version, substituted.source_version) == (
        "2026-10-05T15:06:10.000000Z",
        "2026-10-05T15:08:00.000000Z",
    )
    assert adjusted.delivery_key == digest("adjustment", SELF, "2026-10-05T15:06:10.000000Z")


def test_an_adjustment_without_a_readable_time_is_known_by_its_content() -> None:
    body = {"event": {"type": "OrderAdjust", "event_time": "just now"}, "order": {"id": "1"}}

    first, other = (order_message({**body, "order": {"id": "1", "tax": tax}}) for tax in (1, 2))

    assert (first.source_version, first.delivery_key != other.delivery_key) == (None, True)


def test_an_order_that_comes_after_its_adjustment_is_old_news() -> None:
    adjusted = told_of(order_message(body_of("order_adjustment__line_removed")))

    assert tell(adjusted, order_message(body_of("order_create__self_delivery"))).effect is Effect.STALE


def test_a_cancellation_is_the_last_word() -> None:
    cancelled = told_of(order_message({"external_order_id": SELF, "store": {}}))

    filled = tell(cancelled, order_message(body_of("order_create__self_delivery"))).order

    assert filled is not None
    assert (cancelled.status, filled.status, len(filled.items)) == (Status.CANCELLED, Status.CANCELLED, 2)
    assert tell(filled, order_message(body_of("order_adjustment__line_removed"))).effect is Effect.STALE


def test_a_cancellation_is_matched_by_doordash_s_own_id() -> None:
    message = message_in("order_canceled__after_acceptance")

    assert message == StatusReport(
        delivery_key=digest("cancelled", PICKUP),
        source_version="9999-12-31T23:59:59.999999Z",
        external_id=PICKUP,
        store_external_id="CK-014",
        status=Status.CANCELLED,
    )


def test_a_release_says_to_pack_and_who_comes() -> None:
    message = message_in("order_release__dasher_near")

    assert message == CourierReport(
        delivery_key=message.delivery_key,
        external_id=DASHER,
        store_external_id="CK-014",
        courier=Courier(
            name="Jude",
            phone="+15555550177",
            vehicle="blue Honda Fit",
            lat=41.8861,
            lng=-87.6201,
            delivered_by=DeliveredBy.PLATFORM,
        ),
        status=Status.BAGGING,
    )


def test_where_the_dasher_is_is_news_of_the_courier() -> None:
    message = message_in("dasher_status__arrived_at_store")

    assert message == CourierReport(
        delivery_key=digest("dasher", DASHER, "arrived_at_store", "2026-10-05T15:20:02.996321Z"),
        source_version="2026-10-05T15:20:02.996321Z",
        external_id=DASHER,
        store_external_id="CK-014",
        courier=Courier(
            name="Jude D.",
            phone="+15555550177",
            vehicle="Honda Fit",
            status="arrived_at_store",
            delivered_by=DeliveredBy.PLATFORM,
        ),
        status=None,
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("dasher_confirmed", None),
        ("arriving_at_store", None),
        ("arrived_at_store", None),
        ("dasher_out_for_delivery", Status.PICKED_UP),
        ("dropoff", Status.COMPLETED),
        ("on_the_moon", None),
        (None, None),
    ],
)
def test_a_dasher_status_moves_the_order_or_not(word: str | None, status: Status | None) -> None:
    message = order_message({"delivery": {"external_order_id": "1", "dasher_status": word}})

    assert isinstance(message, CourierReport)
    assert (message.status, message.courier.status) == (status, word)


def test_another_dasher_who_confirms_is_another_message() -> None:
    body = body_of("dasher_status__dasher_confirmed")

    later = order_message({**body, "created_at": "2026-10-05T15:14:00Z"})

    assert later.delivery_key != message_in("dasher_status__dasher_confirmed").delivery_key
