"""Petpooja: what a request says, and what it is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.merge import Identity, apply
from orderhub.order.messages import CourierReport, Ignored, OrderSnapshot, StatusReport, StockReport
from orderhub.order.models import Courier, StatusReason
from orderhub.order.status import Status
from orderhub.platforms.http_types import Answer
from orderhub.platforms.petpooja import PLATFORM
from tests.platforms.conformance import NOW
from tests.platforms.petpooja_messages import (
    KOLKATA,
    RESTAURANT,
    bill,
    connected,
    line,
    message_in,
    messages_of,
    read,
    save_order,
    sent,
)

ABOUT: dict[str, Any] = {"external_id": "PP-1001", "identity": ("PP-1001", RESTAURANT), "store_external_id": RESTAURANT}


def change(**fields: Any) -> dict[str, Any]:
    return {"restID": RESTAURANT, "orderID": "", "clientorderID": "A-1", "status": "-1", "cancelReason": "", **fields}


def callback(**fields: Any) -> dict[str, Any]:
    return {"restID": RESTAURANT, "orderID": "A-1", "status": "1", **fields}


def body_of(answer: Answer) -> Any:
    return json.loads(answer.body)


# --- ordering apps ---------------------------------------------------------------------------------------------------


def test_a_cancellation_by_the_app() -> None:
    (message,) = messages_of("update_order_status__cancelled")

    assert message == StatusReport(
        delivery_key=message.delivery_key,
        **ABOUT,
        status=Status.CANCELLED,
        reason=StatusReason(details="The customer has changed their mind", source_code="-1"),
    )


def test_an_order_cancelled_before_it_came_is_cancelled_when_it_comes() -> None:
    connection = connected()
    order_id = connection.order_id("A-1", RESTAURANT)
    identity = Identity(order_id, "petpooja", "con_test", "A-1", "sto_india", "INR")
    cancelled, snapshot = message_in(change()), message_in(save_order(line("10")))
    assert isinstance(cancelled, StatusReport)
    assert isinstance(snapshot, OrderSnapshot)

    first = apply(None, cancelled, NOW, identity).order
    then = apply(first, snapshot, NOW, identity).order

    assert connection.order_id(*cancelled.identity) == snapshot.order.id
    assert then is not None
    assert (then.status, then.items != []) == (Status.CANCELLED, True)


@pytest.mark.parametrize("status", ["0", "1", "11", "", None, "cancelled"])
def test_an_app_can_say_nothing_but_that_it_cancels(status: object, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(message_in(change(status=status)), Ignored)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize("status", [-1, "-1", " -1 "])
def test_a_status_may_be_a_number(status: object) -> None:
    message = message_in(change(status=status))

    assert isinstance(message, StatusReport)
    assert message.status is Status.CANCELLED


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("rider-assigned", None),
        ("rider-arrived", None),
        ("pickedup", Status.PICKED_UP),
        ("delivered", Status.COMPLETED),
        ("on the moon", None),
    ],
)
def test_news_of_the_rider(word: str, status: Status | None) -> None:
    rider = {"rider_name": "Eli Watts", "rider_phone_number": "+1 555 0145"}
    body = {"order_id": "PP-1001", "outlet_id": RESTAURANT, "status": word, "rider_data": rider}

    message = message_in(body)

    assert message == CourierReport(
        delivery_key=message.delivery_key,
        **ABOUT,
        only_if_known=True,
        courier=Courier(name="Eli Watts", phone="+1 555 0145", status=word),
        status=status,
    )


def test_some_senders_name_the_rider_otherwise() -> None:
    message = message_in({"order_id": "A-1", "status": "pickedup", "rider_data": {"name": "Eli", "contact": "5550145"}})

    assert isinstance(message, CourierReport)
    assert message.courier == Courier(name="Eli", phone="5550145", status="pickedup")


def test_a_rider_whose_restaurant_is_not_named_is_of_the_only_one() -> None:
    body = {"order_id": "A-1", "status": "pickedup", "rider_data": {}}

    message = message_in(body)

    assert isinstance(message, CourierReport)
    assert message.identity == ("A-1", RESTAURANT)
    for stores in ({}, {RESTAURANT: KOLKATA, "other": KOLKATA}):
        with pytest.raises(Quarantine, match="which restaurant"):
            read(body, connected(stores=stores))


# --- the POS of an ordering app --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("1", Status.ACCEPTED),
        ("2", Status.ACCEPTED),
        ("3", Status.ACCEPTED),
        ("5", Status.READY),
        ("4", Status.PICKED_UP),
        ("10", Status.COMPLETED),
        ("-1", Status.CANCELLED),
        (5, Status.READY),
    ],
)
def test_a_code_of_a_callback_is_read(code: object, status: Status) -> None:
    message = message_in(callback(status=code, cancel_reason="Out of paneer" if code == "-1" else ""))

    reason = StatusReason(details="Out of paneer", source_code="-1") if code == "-1" else None
    assert message == StatusReport(
        delivery_key=message.delivery_key,
        external_id="A-1",
        identity=("A-1", RESTAURANT),
        store_external_id=RESTAURANT,
        only_if_known=True,
        status=status,
        reason=reason,
    )


@pytest.mark.parametrize("code", ["0", "6", "7", "11", "", None, "accepted"])
def test_an_unknown_code_changes_nothing_and_is_said_aloud(code: object, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(message_in(callback(status=code)), Ignored)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_callback_may_name_the_rider_as_well() -> None:
    status, courier = messages_of("callback__dispatched")

    assert isinstance(status, StatusReport)
    assert isinstance(courier, CourierReport)
    assert (status.status, courier.courier) == (
        Status.PICKED_UP,
        Courier(name="Sam Okafor", phone="+1 555 0146"),
    )
    assert status.delivery_key != courier.delivery_key


def test_items_that_are_out_or_back() -> None:
    out, back = messages_of("stock__out"), messages_of("stock__back")

    assert [
        (one.external_item_id, one.store_external_id, one.quantity)
        for one in (*out, *back)
        if isinstance(one, StockReport)
    ] == [("880001", RESTAURANT, 0), ("880002", RESTAURANT, 0), ("990001", RESTAURANT, None)]


# --- bills -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["orderdetails", "OrderDetails", None, ""])
def test_the_event_of_a_bill_may_be_spelled_otherwise_or_not_at_all(event: str | None) -> None:
    assert isinstance(message_in({"event": event, "properties": bill()}), OrderSnapshot)
    assert isinstance(message_in({"properties": bill()}), OrderSnapshot)


def test_a_bill_is_the_same_order_with_and_without_its_envelope() -> None:
    bare, wrapped = message_in(bill()), message_in({"event": "orderdetails", "properties": bill()})

    assert isinstance(bare, OrderSnapshot)
    assert isinstance(wrapped, OrderSnapshot)
    assert bare.order == wrapped.order


@pytest.mark.parametrize("properties", [None, {}, [], "bill", {"Order": {}}])
def test_an_event_without_its_bill_waits_for_a_person(properties: object) -> None:
    with pytest.raises(Quarantine):
        read({"event": "orderdetails", "properties": properties})


def test_a_bill_of_a_restaurant_that_is_not_on_the_map_waits_for_a_person() -> None:
    with pytest.raises(Quarantine, match="not on the connection's map"):
        read(bill(), connected(stores={"other": KOLKATA}))


# --- modes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "taken"),
    [
        ("ordering_api", [True, True, True, True, False, False]),
        ("bill_push", [False, False, False, False, True, True]),
        ("bill_pull", [False] * 6),
    ],
)
def test_what_is_not_among_the_modes_waits_for_a_person(mode: str, taken: list[bool]) -> None:
    rider = {"order_id": "A-1", "status": "pickedup", "rider_data": {}}
    bodies = [save_order(), change(), rider, callback(), bill(), {"event": "other"}]

    for body, is_taken in zip(bodies, taken, strict=True):
        if is_taken:
            assert read(body, connected(modes=[mode])).messages
            continue
        with pytest.raises(Quarantine, match="is not among the connection's modes"):
            read(body, connected(modes=[mode]))


# --- answers to what we cannot read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "success", "code"),
    [
        (save_order(), "0", "SO_105"),
        (change(), "0", "UOS_105"),
        ({"rider_data": {}}, "0", "UOS_105"),
        (bill(), "1", None),
        ({"event": "orderdetails"}, "1", None),
        (callback(), "1", None),
        (b"no JSON", "1", None),
    ],
)
def test_an_app_hears_that_its_order_was_not_taken_and_others_that_it_was(
    body: Any, success: str, code: str | None
) -> None:
    answer = PLATFORM.quarantine_answer(sent(body))

    told = body_of(answer)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert (told["success"], told.get("errorCode")) == (success, code)


def test_success_is_text() -> None:
    assert {type(body_of(read(body).answer)["success"]) for body in (save_order(), change(), bill())} == {str}


def test_two_spellings_of_the_id_of_an_order() -> None:
    assert body_of(read(save_order()).answer)["clientOrderID"] == "A-1"
    assert isinstance(message_in(change(clientorderID="A-2")), StatusReport)
    with pytest.raises(Quarantine):
        read({"restID": RESTAURANT, "clientOrderID": "A-2"})
