"""What is reported of a timeline, how messages are proved, and the shape that receivers of Deliverect's know."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from orderhub.order.events import Actor, Cause
from orderhub.order.models import (
    Address,
    Amounts,
    Courier,
    DeliveredBy,
    Discount,
    Item,
    Payment,
    PaymentMethod,
    StatusReason,
)
from orderhub.order.status import CancelReason, Status
from orderhub.reporting import schedule, signing
from orderhub.reporting.catalogue import LINES, MEANINGS, EventType, reported
from orderhub.reporting.deliverect import CODES, ORDER_TYPES, PAYMENTS, courier_code
from orderhub.reporting.examples import PLACED, example
from orderhub.reporting.messages import News, body_of, ids_of
from orderhub.reporting.signing import Secrets
from orderhub.reporting.subscription import IN_DELIVERECT, DeliverectOptions, MessageFormat, Subscription

AT = datetime(2025, 3, 1, 18, 5, tzinfo=UTC)
A = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
B = "whsec_ZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCg4Q="
BODY = (
    b'{"type":"order.status_changed","timestamp":"2025-03-01T18:05:00Z","data":{"order_id":"ord_123","status":"ready"}}'
)
SIGNED_A = "v1,6zLhrs6fxaneIlO33YL+4VKBmiFlJOiWt4x5LL/vXfc="
SIGNED_B = "v1,RO8S+ofvattp4SIqu9pu5yCUWcqDg85kIFzGO/04ZHQ="
MESSAGE = "msg_2Zq8k3Vt1"

# What receivers calculate with, or read without asking whether it is there.
RELIED_ON = {
    "discountTotal",
    "serviceCharge",
    "deliveryCost",
    "tip",
    "bagFee",
    "driverTip",
    "taxTotal",
    "orderIsAlreadyPaid",
    "channel",
    "decimalDigits",
}


def subscription(shape: MessageFormat = MessageFormat.ORDERHUB, **fields: Any) -> Subscription:
    return Subscription(id="sub_1", url="https://pos.example.com", since=PLACED, format=shape, **fields)


def deliverect(news: News, **options: Any) -> dict[str, Any]:
    """A message in the shape of Deliverect's."""
    body = body_of(news, subscription(MessageFormat.DELIVERECT, deliverect=DeliverectOptions(**options)))
    assert body is not None
    told: dict[str, Any] = json.loads(body)
    return told


def changed(news: News, **fields: Any) -> News:
    """The same news of an order that is otherwise."""
    assert news.order is not None
    return replace(news, order=news.order.model_copy(update=fields))


def moved(status: Status, actor: Actor = Actor.STAFF, **fields: Any) -> News:
    """An order that somebody moved."""
    news = example(EventType.ORDER_STATUS_CHANGED)
    event = replace(news.event, cause=Cause(actor), summary={"from": "accepted", "to": status})
    return changed(replace(news, event=event), status=status, **fields)


# --- proofs -----------------------------------------------------------------------------------------------------------


def test_a_message_is_signed_as_the_published_vector() -> None:
    told = signing.headers(MessageFormat.ORDERHUB, MESSAGE, "order.status_changed", BODY, Secrets(A), AT)

    assert told == {
        "Content-Type": "application/json",
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1740852300",
        "webhook-signature": SIGNED_A,
    }


def test_while_a_secret_is_rotated_both_sign_the_newest_first() -> None:
    secrets = Secrets(A, B, AT + timedelta(seconds=1))

    def signatures(at: datetime) -> str:
        return signing.headers(MessageFormat.ORDERHUB, MESSAGE, "x", BODY, secrets, at)["webhook-signature"]

    assert signatures(AT) == f"{SIGNED_A} {SIGNED_B}"
    assert " " not in signatures(AT + timedelta(seconds=1))


@given(st.dictionaries(st.text(), st.text()))
def test_whatever_is_in_a_body_the_library_verifies_it(body: dict[str, str]) -> None:
    at = datetime.now(UTC)
    secret = signing.new_secret()
    sent = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    told = signing.headers(MessageFormat.ORDERHUB, MESSAGE, "x", sent, Secrets(secret), at)

    Webhook(secret).verify(sent, told, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(sent + b" ", told, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(sent, {**told, "webhook-id": "msg_other"}, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(sent, {**told, "webhook-timestamp": str(int(at.timestamp()) + 1)}, json_parse=False)


def test_a_message_to_a_receiver_of_deliverect_s_is_signed_as_the_published_vector_under_both_names() -> None:
    body = (
        b'{"orderId":"651142e93c54c5405abcd6a3","status":70,"timeStamp":"2026-03-15T14:30:00.000000Z","reason":"",'
        b'"channelOrderId":"UE-1234-5678","location":"61aabbccddeeff0011223344"}'
    )
    told = signing.headers(MessageFormat.DELIVERECT, "msg_1", "order.x", body, Secrets("reporting_secret_123"), AT)
    later = signing.headers(
        MessageFormat.DELIVERECT, "msg_1", "order.x", body, Secrets("reporting_secret_123"), AT + timedelta(hours=1)
    )

    signature = "b6cb7ecf8ac250a482a76b49532df8da97da5ccf9ac840ed76f2a27b9987f729"
    assert told == later  # the same on each attempt
    assert told == {
        "Content-Type": "application/json",
        "X-Server-Authorization-HMAC-SHA256": signature,
        "X-Deliverect-Signature": signature,
        "X-Orderhub-Delivery-Id": "msg_1",
        "X-Orderhub-Event": "order.x",
    }


def test_secrets_are_32_random_bytes() -> None:
    secrets = {signing.new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert {len(Webhook(one)._whsecret) for one in secrets} == {32}


# --- the catalogue ----------------------------------------------------------------------------------------------------


def test_every_type_has_a_meaning_an_example_and_a_line_that_it_comes_from() -> None:
    assert set(MEANINGS) == set(EventType)
    assert {*LINES.values(), EventType.ORDER_STATUS_CHANGED} == set(EventType)
    for kind in EventType:
        told = example(kind).shown()
        assert (told["type"], list(told)) == (kind, ["type", "timestamp", "data"])
        assert len(json.dumps(told)) < 20_000


@pytest.mark.parametrize(
    ("kind", "effect", "summary", "told"),
    [
        ("order.created", "applied", {"to": "incoming"}, ["order.created"]),
        ("order.accepted", "applied", {"from": "incoming", "to": "accepted"}, ["order.status_changed"]),
        ("order.accepted", "applied", {}, ["order.updated"]),
        ("order.undone", "applied", {"from": "ready", "to": "bagging"}, ["order.status_changed"]),
        ("order.updated", "applied", {}, ["order.updated"]),
        ("order.updated", "stale", {}, []),
        ("order.accepted", "unchanged", {}, []),
        ("courier.updated", "applied", {}, ["order.courier_updated"]),
        (
            "courier.updated",
            "applied",
            {"from": "ready", "to": "picked_up"},
            ["order.courier_updated", "order.status_changed"],
        ),
        ("refund.failed", "failed", {}, ["refund.failed"]),
        ("cart.confirmed", "applied", {}, ["order.updated"]),
        ("push.confirmed", "applied", {}, []),
        ("stock.reported", "dropped", {}, []),
        ("delivery.created", "applied", {}, ["delivery.updated"]),
        ("delivery.failed", "failed", {}, ["delivery.updated"]),
        ("delivery.retrying", "failed", {}, []),
        ("warehouse.trouble", "applied", {}, ["warehouse.updated"]),
        ("stock.low", "applied", {}, ["stock.low"]),
    ],
)
def test_what_is_reported_of_a_line(kind: str, effect: str, summary: dict[str, str], told: list[str]) -> None:
    event = replace(example(EventType.ORDER_UPDATED).event, type=kind, effect=effect, summary=summary)

    assert list(reported(event)) == told


@pytest.mark.parametrize(("line", "kind"), LINES.items())
def test_the_id_of_a_message_is_computed_and_still_found_when_the_line_was_blanked(line: str, kind: EventType) -> None:
    event = replace(example(kind, key="1").event, type=line)
    news = News(kind=kind, event=event, order=None)

    assert news.id in ids_of(replace(event, summary={}))
    assert News(kind=EventType.ORDER_STATUS_CHANGED, event=event, order=None).id in ids_of(event)
    assert news.id != example(kind, key="2").id
    assert "." not in news.id
    assert news.id.startswith("msg_20261005T150400000000Z_")


# --- the deliverect format --------------------------------------------------------------------------------------------


def test_a_new_order_has_all_that_receivers_rely_on_and_adds_up() -> None:
    told = deliverect(example(EventType.ORDER_CREATED), account="acc-1", channel=12)

    assert {"_id", "items", "_created", "_updated", "account", "location", "channelLink", *RELIED_ON} <= told.keys()
    assert not [name for name in RELIED_ON if told[name] is None]
    assert (told["status"], told["orderType"], told["account"], told["channel"]) == (2, 2, "acc-1", 12)
    assert told["channelName"] == "uber_eats"
    assert told["payment"] == {"amount": 2700, "type": 3, "due": 0, "rebate": 0, "commissionType": ""}
    assert told["discountTotal"] == -200
    assert told["discounts"][0]["amount"] == 200
    assert told["discounts"][0]["provider"] == "channel"
    assert told["deliveryAddress"]["coordinates"] == {"coordinates": [-89.5, 40.5]}
    lines = sum(
        item["quantity"] * (item["price"] + sum(part["quantity"] * part["price"] for part in item["subItems"]))
        for item in told["items"]
    )
    extras = sum(told[name] for name in ("deliveryCost", "serviceCharge", "bagFee", "tip", "driverTip"))
    assert lines + extras + told["taxTotal"] + told["discountTotal"] == told["payment"]["amount"]


def test_a_new_order_of_which_little_is_known_has_zeros_and_empty_texts_and_no_null() -> None:
    news = changed(
        example(EventType.ORDER_CREATED),
        amounts=Amounts(currency="JPY"),
        payment=None,
        customer=None,
        address=None,
        courier=None,
        items=[],
        discounts=[],
        fulfillment=None,
        display_id=None,
        ready_at=None,
        delivery_at=None,
    )
    told = deliverect(news)

    assert told["items"] == []
    assert told["decimalDigits"] == 0
    assert "null" not in json.dumps(told)
    assert "deliveryAddress" not in told


@pytest.mark.parametrize(
    ("status", "actor", "code"),
    [
        *((status, Actor.STAFF, code) for status, code in CODES.items() if status is not Status.INCOMING),
        (Status.READY, Actor.PLATFORM, 70),
        (Status.DENIED, Actor.PLATFORM, 35),
    ],
)
def test_an_update_of_the_status_cannot_be_taken_for_a_new_order(status: Status, actor: Actor, code: int) -> None:
    told = deliverect(moved(status, actor))

    assert told["status"] == code
    assert {"orderId", "status", "timeStamp"} <= told.keys()
    assert not {"_id", "items", "courier"} & told.keys()
    assert told["timeStamp"] == "2026-10-05T15:04:00.000000Z"


@pytest.mark.parametrize("actor", [Actor.PLATFORM, Actor.POLL, Actor.FETCH])
def test_an_order_that_its_platform_cancels_comes_as_a_new_one_once_more(actor: Actor) -> None:
    told = deliverect(moved(Status.CANCELLED, actor))

    assert (told["_id"], told["status"], bool(told["items"])) == ("ord_example", 100, True)
    assert told["statusHistory"][-1]["status"] == 100


def test_an_order_that_the_store_cancels_says_why() -> None:
    reason = StatusReason(code=CancelReason.OTHER, details="the roof leaks")

    assert deliverect(moved(Status.CANCELLED, Actor.STAFF, status_reason=reason))["reason"] == "the roof leaks"
    assert deliverect(moved(Status.READY, Actor.STAFF, status_reason=reason))["reason"] == ""


def test_news_of_a_courier_cannot_be_taken_for_anything_else() -> None:
    told = deliverect(example(EventType.ORDER_COURIER_UPDATED))

    assert {"orderId", "courier", "received"} <= told.keys()
    assert not {"_id", "items", "status", "timeStamp"} & told.keys()
    assert told["courier"] == {
        "firstName": "Alex",
        "lastName": "Rider",
        "phoneNumber": "",
        "deliveryBy": "uber_eats",
        "status": 83,
    }
    assert told["rawDriverUpdate"] == []
    assert told["updatedOrigin"] == 2


def test_a_courier_of_the_store_s_own_delivery_is_said_to_be_that() -> None:
    ours = changed(example(EventType.ORDER_COURIER_UPDATED), courier=Courier(delivered_by=DeliveredBy.STORE))
    told = deliverect(ours)

    assert (told["updatedOrigin"], told["courier"]["deliveryBy"]) == (6, "restaurant")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("driver_cancelled", 115),
        ("delivery_failed", 115),
        ("undelivered", 115),
        ("DELIVERED", 90),
        ("arriving_at_store", 84),
        ("dasher_confirmed", 81),
        ("EN_ROUTE_TO_PICKUP", 83),
        ("en route to dropoff", 87),
        ("arrived_at_pickup", 85),
        ("ARRIVED-AT-DROPOFF", 89),
        ("picked_up", 80),
        ("assigned", 81),
        ("in_transit", 80),
        (None, 81),
        ("quite something else", 81),
    ],
)
def test_a_courier_s_word_becomes_a_number(word: str | None, code: int) -> None:
    assert courier_code(word, Status.READY) == code


def test_where_a_courier_s_word_says_nothing_the_order_does() -> None:
    assert courier_code(None, Status.PICKED_UP) == 80
    assert courier_code("", Status.COMPLETED) == 90


def test_an_order_for_later_is_told_as_scheduled() -> None:
    later = changed(example(EventType.ORDER_CREATED), scheduled_for=PLACED + timedelta(hours=3))
    told = deliverect(later)

    assert (told["status"], told["deliveryIsAsap"]) == (25, False)


def test_an_order_may_be_told_as_new_when_it_is_accepted() -> None:
    options = DeliverectOptions(new_order_at="accepted")
    late = subscription(MessageFormat.DELIVERECT, deliverect=options, events=[EventType.ORDER_CREATED])

    assert body_of(example(EventType.ORDER_CREATED), late) is None
    assert late.wants(EventType.ORDER_STATUS_CHANGED)
    told = deliverect(moved(Status.ACCEPTED), new_order_at="accepted")
    assert (told["_id"], told["status"]) == ("ord_example", 20)


def test_a_copy_of_an_order_is_not_told() -> None:
    copy = changed(example(EventType.ORDER_CREATED), duplicate_of="ord_0")

    assert body_of(copy, subscription(MessageFormat.DELIVERECT)) is None
    assert body_of(copy, subscription()) is not None


@pytest.mark.parametrize("kind", sorted(set(EventType) - IN_DELIVERECT))
def test_what_deliverect_has_no_message_for_is_not_told_in_its_format(kind: EventType) -> None:
    assert body_of(example(kind), subscription(MessageFormat.DELIVERECT)) is None
    assert not subscription(MessageFormat.DELIVERECT).wants(kind)


def test_amounts_of_a_line_are_for_one_and_quantities_of_parts_for_one_of_their_parent() -> None:
    burger = Item(
        id="1",
        name="Burger",
        quantity=Decimal(2),
        unit_price=1000,
        modifiers=[Item(id="2", name="Cheese", quantity=Decimal(1), unit_price=50)],
    )
    weighed = Item(id="3", name="Cherries", quantity=Decimal("0.5"), unit_price=800)
    told = deliverect(changed(example(EventType.ORDER_CREATED), items=[burger, weighed]))

    assert [(one["quantity"], one["price"]) for one in told["items"]] == [(2, 1000), (0.5, 800)]
    assert told["items"][0]["subItems"][0]["quantity"] == 1


def test_every_status_way_and_method_has_a_number() -> None:
    assert set(CODES) == set(Status)
    assert len(ORDER_TYPES) == 5
    assert set(PAYMENTS) == {(method, paid) for method in PaymentMethod for paid in (True, False)}
    assert deliverect(changed(example(EventType.ORDER_CREATED), payment=Payment(prepaid=False)))["payment"]["type"] == 2


def test_what_nobody_says_of_a_discount_or_an_address_is_empty() -> None:
    told = deliverect(
        changed(example(EventType.ORDER_CREATED), discounts=[Discount(amount=5)], address=Address(city="Springfield"))
    )

    assert told["discounts"][0]["provider"] == "restaurant"
    assert told["deliveryAddress"]["street"] == ""
    assert "coordinates" not in told["deliveryAddress"]


# --- when -------------------------------------------------------------------------------------------------------------


def test_the_schedule_is_the_specification_s_ten_attempts_in_75_hours() -> None:
    assert sum(schedule.WAITS, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)
    assert schedule.next_try(len(schedule.WAITS) + 1, AT, None) is None


@given(st.integers(1, 9), st.none() | st.floats(0, 10**9))
def test_nobody_is_asked_sooner_than_the_step_nor_later_than_a_day_and_its_jitter(
    failed: int, asked: float | None
) -> None:
    at = schedule.next_try(failed, AT, asked)

    assert at is not None
    wait = at - AT
    assert schedule.WAITS[failed - 1] <= wait <= schedule.LONGEST_WAIT * 1.2
    if asked is not None and asked <= 86_400:
        assert wait >= timedelta(seconds=asked) - timedelta(milliseconds=1)
