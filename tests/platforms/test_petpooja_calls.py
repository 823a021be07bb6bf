"""Petpooja: the calls, beyond what the recorded exchanges show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderhub.errors import Misconfigured, Quarantine, Reject, Retry, Unsupported
from orderhub.order.messages import OrderSnapshot, Unreadable
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import CartEdit, Operation, RefundRequest
from orderhub.platforms.http_types import Call, Reply
from orderhub.platforms.petpooja import PLATFORM
from orderhub.platforms.petpooja.client import reason_text
from orderhub.platforms.petpooja.statuses import REASONS
from tests.platforms.answers import Answers
from tests.platforms.conformance import NOW
from tests.platforms.petpooja_messages import (
    CREDENTIALS,
    KEYS,
    KOLKATA,
    RESTAURANT,
    bill,
    bill_line,
    billed,
    connected,
    line,
    ordered,
)

URL = "https://app.example.com/petpooja/callback"
TELLING = ("accept", "deny", "cancel", "ready", "picked_up", "complete")
Json = dict[str, Any]


def an_order(url: str = URL, **fields: Any) -> Order:
    return ordered(line("10"), callback_url=url).model_copy(update=fields)


def row(number: int, day: str | None, **details: Any) -> Json:
    return bill(bill_line(100, 100), orderID=number, created_on="2026-10-05 13:00:00", order_date=day, **details)


def listing(*rows: Any) -> Json:
    return {"code": "200", "success": "1", "message": "", "order_json": list(rows)}


def reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


# --- telling an ordering app -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "code"),
    [("accept", "1"), ("ready", "5"), ("picked_up", "4"), ("complete", "10"), ("deny", "-1"), ("cancel", "-1")],
)
def test_a_status_is_told_by_its_code_under_the_senders_own_id(operation: str, code: str) -> None:
    http = Answers({"success": "1"})

    getattr(PLATFORM, operation)(an_order(), connected(callback_hosts=["app.example.com"]), http)

    ((method, url, body),) = http.calls
    assert (method, url, body["status"], body["orderID"], body["restID"]) == ("POST", URL, code, "A-1", RESTAURANT)
    assert (body["cancel_reason"] != "") == (code == "-1")


@pytest.mark.parametrize(
    ("url", "hosts", "is_called"),
    [
        (URL, ["app.example.com"], True),
        (URL, ["APP.example.com"], True),
        ("https://App.Example.com/x", ["app.example.com"], True),
        ("https://app.example.com:8443/x", ["app.example.com:8443"], True),
        ("http://127.0.0.1:4566/x", ["127.0.0.1:4566"], True),
        ("http://localhost/x", ["localhost"], True),
        (URL, [], False),
        (URL, ["example.com"], False),
        ("https://app.example.com:8443/x", ["app.example.com"], False),
        ("https://app.example.com@evil.example.com/x", ["app.example.com"], False),
        ("https://app.example.com.evil.example.com/x", ["app.example.com"], False),
        ("https://evil.example.com/?app.example.com", ["app.example.com"], False),
        ("http://app.example.com/x", ["app.example.com"], False),
        ("ftp://127.0.0.1/x", ["127.0.0.1"], False),
        ("https://[app.example.com/x", ["app.example.com"], False),
        ("app.example.com/x", ["app.example.com"], False),
    ],
)
def test_only_listed_hosts_are_called_and_only_over_https(url: str, hosts: list[str], is_called: bool) -> None:
    http, connection = Answers(always=b"{}"), connected(callback_hosts=hosts)

    if is_called:
        PLATFORM.accept(an_order(url), connection, http)
        assert [called for _, called, _ in http.calls] == [url]
        return
    with pytest.raises(Misconfigured):
        PLATFORM.accept(an_order(url), connection, http)
    assert http.calls == []


@pytest.mark.parametrize("operation", TELLING)
def test_about_a_bill_nobody_is_told_and_staff_know_it_before(operation: str) -> None:
    printed, nowhere = billed(), an_order("")

    for order, why in ((printed, "a printed bill is finished"), (nowhere, "no address to be called back at")):
        assert why in (PLATFORM.why_not(Operation(operation), order) or "")
        with pytest.raises(Unsupported, match=why):
            getattr(PLATFORM, operation)(order, connected(), Answers())
    assert PLATFORM.why_not(Operation(operation), an_order()) is None


@pytest.mark.parametrize("operation", [Operation.BAGGING, Operation.SET_READY_TIME])
def test_what_the_callback_has_no_word_for_is_kept_in_the_hub(operation: Operation) -> None:
    assert PLATFORM.why_not(operation, an_order())
    with pytest.raises(Unsupported):
        getattr(PLATFORM, operation)(an_order(), connected(), Answers())


def test_orders_are_neither_edited_nor_refunded() -> None:
    with pytest.raises(Unsupported, match="not public"):
        PLATFORM.edit_cart(an_order(), [CartEdit("remove", "x")], connected(), Answers())
    with pytest.raises(Unsupported, match="gives money back itself"):
        PLATFORM.refund(an_order(), RefundRequest(100), connected(), Answers())


@pytest.mark.parametrize("code", CancelReason)
def test_a_reason_is_told_in_words_with_its_details(code: CancelReason) -> None:
    assert reason_text(StatusReason(code=code)) == REASONS[code]
    assert reason_text(StatusReason(code=code, details="sorry")) == f"{REASONS[code]}: sorry"


def test_without_a_reason_something_is_said() -> None:
    assert {reason_text(None), reason_text(StatusReason())} == {"Cancelled by the restaurant"}
    assert reason_text(StatusReason(details="closed early")) == "closed early"


# --- keys ------------------------------------------------------------------------------------------------------------

PULL = "https://api.petpooja.com/V1/thirdparty/generic_get_orders/"


def test_petpooja_gets_the_keys_in_the_body_and_a_cookie() -> None:
    call = PLATFORM.authorize(Call("POST", PULL, json={"restID": RESTAURANT}), connected(), None)

    assert call.json == {**KEYS, "restID": RESTAURANT}
    assert call.headers == {"Cookie": "PETPOOJA_API=cookie-value"}


def test_a_cookie_may_be_given_with_its_name() -> None:
    connection = connected({**CREDENTIALS, "pull_cookie": " PETPOOJA_API=other-value\n"})

    assert PLATFORM.authorize(Call("POST", PULL, json={}), connection, None).headers == {
        "Cookie": "PETPOOJA_API=other-value"
    }


@pytest.mark.parametrize("url", [URL, "https://api.petpooja.com.evil.example.com/V1/thirdparty/generic_get_orders/"])
def test_nobody_else_gets_a_key(url: str) -> None:
    call = Call("POST", url, json={"status": "1"})

    assert PLATFORM.authorize(call, connected(), None) == call


@pytest.mark.parametrize("lacks", ["keys", "pull_cookie"])
def test_without_keys_and_cookie_bills_cannot_be_asked_for(lacks: str) -> None:
    poor = connected({name: value for name, value in CREDENTIALS.items() if name != lacks}, modes=["bill_pull"])

    with pytest.raises(Misconfigured):
        PLATFORM.authorize(Call("POST", PULL, json={}), poor, None)


@pytest.mark.parametrize(("name", "value"), [("app_key", "a" * 31), ("app_secret", "b" * 41), ("access_token", "")])
def test_a_key_of_another_length_was_not_copied_whole(name: str, value: str) -> None:
    connection = connected({**CREDENTIALS, "keys": [{**KEYS, name: value}]}, modes=["bill_pull"])

    with pytest.raises(Misconfigured, match=f"{name} has {len(value)} characters"):
        PLATFORM.verify_connection(connection, Answers())


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "error", "code"),
    [
        ({"code": "100", "success": "0", "message": "Please provide a valid date"}, Reject, "100"),
        ({"code": 101, "success": "0", "message": "No"}, Reject, "101"),
        ({"code": "103", "success": "0", "message": "restaurant mapping"}, Reject, "103"),
        ({"success": "0", "message": "restaurant mapping", "errorCode": "GN_105"}, Reject, "GN_105"),
        ({"success": "0", "message": "Invalid client credentials.", "errorCode": "GN_105"}, Misconfigured, None),
        ({"code": "101", "success": "0", "message": "Invalid Token."}, Misconfigured, None),
        ({"success": "0", "message": "no", "errorCode": "SO_105", "validation_errors": {}}, Reject, "SO_105"),
        ({"success": "0", "message": "changed already", "errorCode": "UOS_105"}, Reject, "UOS_105"),
        ({"success": False}, Reject, "REFUSED"),
        ({"success": 0, "message": " Invalid order relay payload "}, Reject, "REFUSED"),
        ({"http_code": 400, "status": "failed"}, Reject, "400"),
        ({"status": "failed", "message": "x"}, Reject, "REFUSED"),
    ],
)
def test_a_refusal_with_status_200(told: Json, error: type[Exception], code: str | None) -> None:
    refusal = PLATFORM.refusal(reply(told))

    assert PLATFORM.is_refusal(reply(told))
    assert (type(refusal), getattr(refusal, "code", None)) == (error, code)


@pytest.mark.parametrize(
    "told",
    [
        {"success": "1", "code": "200"},
        {"code": "200", "success": "success", "message": "Rider status saved"},
        {"http_code": 200, "status": "success"},
        {"code": 200, "status": "success"},
        {"status": "1", "orderID": "26"},
        {},
        [],
        "ok",
        b"",
        b"<html>thanks</html>",
    ],
)
def test_what_is_no_refusal(told: Any) -> None:
    assert not PLATFORM.is_refusal(reply(told))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, {"success": "0"}, Retry),
        (429, b"", Retry),
        (302, b"", Reject),
        (401, b"", Misconfigured),
        (404, b"gone", Reject),
        (400, {"success": "0", "errorCode": "SO_105"}, Reject),
    ],
)
def test_a_refusal_by_status(status: int, body: Any, error: type[Exception]) -> None:
    assert PLATFORM.is_refusal(reply(body, status))
    assert type(PLATFORM.refusal(reply(body, status))) is error


def test_a_page_of_the_cdn_is_not_taken_for_wrong_keys() -> None:
    refusal = PLATFORM.refusal(reply(b"<!DOCTYPE HTML><HTML>Bad request</HTML>", 403))

    assert "did not reach Petpooja" in str(refusal)


# --- asking for bills ------------------------------------------------------------------------------------------------


def polled(*answers: Any, cursor: Mapping[str, str] | None = None, now: datetime = NOW, **settings: Any) -> Any:
    http = Answers(*answers)
    page = PLATFORM.poll(cursor or {}, connected(modes=["bill_pull"], **settings), http, now)
    return page, http


def test_only_who_asks_for_bills_is_polled() -> None:
    every = [PLATFORM.poll_interval(connected(modes=modes).settings) for modes in ([], ["ordering_api", "bill_push"])]

    assert every == [None, None]
    assert PLATFORM.poll_interval(connected(modes=["bill_push", "bill_pull"]).settings) == timedelta(minutes=15)
    assert PLATFORM.poll_interval(connected(modes=["bill_pull"], poll_minutes=5).settings) == timedelta(minutes=5)


def test_each_restaurant_is_asked_for_each_day_in_turn() -> None:
    http, cursor, asked = Answers(always=json.dumps(listing()).encode()), dict[str, str](), 0
    connection = connected(stores={"b": KOLKATA, "a": KOLKATA}, modes=["bill_pull"])

    while True:
        page = PLATFORM.poll(cursor, connection, http, NOW)
        cursor, asked = dict(page.cursor), asked + 1
        if not page.more:
            break

    assert [(body["restID"], body["order_date"]) for body in http.bodies] == [
        ("a", "2026-10-05"),
        ("a", "2026-10-04"),
        ("b", "2026-10-05"),
        ("b", "2026-10-04"),
    ]
    assert (asked, cursor) == (4, {})


@pytest.mark.parametrize(
    ("now", "starts_at", "day"),
    [
        (datetime(2026, 10, 5, 18, 29, tzinfo=UTC), "00:00", "2026-10-05"),
        (datetime(2026, 10, 5, 18, 30, tzinfo=UTC), "00:00", "2026-10-06"),
        (datetime(2026, 10, 5, 18, 30, tzinfo=UTC), "04:00", "2026-10-05"),
    ],
)
def test_today_is_the_restaurants_business_day(now: datetime, starts_at: str, day: str) -> None:
    _, http = polled(listing(), now=now, day_starts_at=starts_at)

    assert http.bodies[0]["order_date"] == day


@pytest.mark.parametrize(
    ("day", "is_taken"),
    [
        ("2026-10-05", True),
        ("2026-10-04", True),
        ("2026-10-03", False),
        ("2026-10-06", False),
        ("2026-10-05 00:00:00", True),
        ("", True),
        (None, True),
    ],
)
def test_bills_of_other_business_days_are_left_out(day: str | None, is_taken: bool) -> None:
    page, _ = polled(listing(row(1, day)))

    assert bool(page.messages) == is_taken


def test_a_bill_listed_again_is_one_message_until_it_changes() -> None:
    keys = []
    for told in (row(1, "2026-10-05"), row(1, "2026-10-05"), row(1, "2026-10-05", status="Cancelled")):
        page, _ = polled(listing(told))
        keys += [message.delivery_key for message in page.messages]

    assert keys[0] == keys[1] != keys[2]


def test_a_bill_that_was_pushed_and_is_listed_is_one_order() -> None:
    page, _ = polled(listing(row(41, "2026-10-05")))

    (message,) = page.messages
    assert isinstance(message, OrderSnapshot)
    assert message.order.id == billed(created_on="2026-10-05 13:00:00").id


def test_one_bill_that_cannot_be_read_does_not_take_the_others_along() -> None:
    broken = {"Restaurant": {"restID": RESTAURANT}, "Order": {"order_date": "2026-10-05"}, "OrderItem": []}

    page, _ = polled(listing(row(1, "2026-10-05"), broken, "junk", row(2, "2026-10-05")))

    assert [type(message) for message in page.messages] == [OrderSnapshot, Unreadable, Unreadable, OrderSnapshot]
    kept = page.messages[1]
    assert isinstance(kept, Unreadable)
    assert json.loads(kept.raw or b"") == broken
    assert "orderID" in kept.reason


def test_a_restaurant_that_is_refused_is_told_of_and_the_next_one_asked_for() -> None:
    page, _ = polled(Reject("GN_105", "not mapped"))

    assert (page.messages, page.more, page.trouble) == ((), True, f"restaurant {RESTAURANT}: not mapped")


def test_a_restaurant_that_has_left_the_map_since_is_passed_over() -> None:
    page, http = polled(cursor={"restaurant": "zzz", "days_back": "1"})

    assert (page.cursor, page.more, http.calls) == ({}, False, [])


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", json.dumps({"order_json": "none"}).encode()])
def test_an_answer_that_is_no_list_is_not_taken_for_an_empty_one(body: bytes) -> None:
    with pytest.raises(Quarantine):
        polled(body)


def test_without_restaurants_and_keys_there_is_nothing_to_ask_for() -> None:
    with pytest.raises(Misconfigured, match="no restaurant"):
        PLATFORM.poll({}, connected(stores={}, modes=["bill_pull"]), Answers(), NOW)
    with pytest.raises(Misconfigured, match="keys"):
        PLATFORM.verify_connection(connected({}, modes=["bill_pull"]), Answers())
