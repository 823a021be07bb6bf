"""Shipday: every call against recorded exchanges (`exchanges/shipday`), and what they do not show.

An exchange is as one of any platform (docs/adding-a-platform.md, step 8); `order` changes the full order of
test_shipday_mapping, `ids` and `number` are of its delivery, and a body `<insert>` or `<edit>` is that of the mapping.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.order.messages import Unreadable
from orderhub.order.models import Courier
from orderhub.order.times import parse_time
from orderhub.platforms.base import Done, Operation, Page
from orderhub.platforms.http_types import Call, Reply
from orderhub.platforms.shipday import PLATFORM, mapper
from orderhub.platforms.targets import Delivery, DeliveryReport, TargetOperation
from tests.platforms.answers import Answers
from tests.platforms.exchange import RecordedHttp, with_wildcards
from tests.platforms.samples import NOW, AnyConnection
from tests.platforms.test_shipday import connected
from tests.platforms.test_shipday_mapping import a_delivery

FOLDER = Path(__file__).parent / "exchanges" / "shipday"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
OF_DELIVERIES = [operation for operation in PLATFORM.calls if isinstance(operation, TargetOperation)]


def load(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return told


def delivery_of(told: Mapping[str, Any]) -> Delivery:
    made = a_delivery(number=told.get("number", "CK-1042"), **told.get("order", {}))
    return Delivery(order=made.order, number=made.number, pickup=made.pickup, ids=told.get("ids", {}))


def filled(calls: list[dict[str, Any]], delivery: Delivery, connection: AnyConnection) -> list[dict[str, Any]]:
    """The calls with the bodies that the mapping makes, where they are only named."""
    made = []
    for call in calls:
        body = call["request"].get("json")
        if body == "<insert>":
            body = mapper.insert(delivery, connection)
        elif body == "<edit>":
            body = mapper.edit(delivery, connection, 51007301)
        made.append({**call, "request": {**call["request"], "json": body}})
    return made


def attempt(told: Mapping[str, Any]) -> tuple[Any, RecordedHttp]:
    connection = connected(**told.get("settings", {}))
    delivery, operation = delivery_of(told), told["operation"]
    http = RecordedHttp(PLATFORM, filled(told["calls"], delivery, connection))
    given: dict[str, tuple[Any, ...]] = {
        Operation.POLL: (told.get("cursor"), connection, http, NOW),
        Operation.VERIFY_CONNECTION: (connection, http),
    }
    try:
        return getattr(PLATFORM, operation)(*given.get(operation, (delivery, connection, http))), http
    except HubError as error:
        return error, http


def described(ended: Any) -> Any:
    match ended:
        case HubError():
            return {"type": type(ended).__name__, **vars(ended)}
        case Done():
            return {"note": ended.note, "ids": dict(ended.ids)}
        case Page():
            messages = [{"type": type(one).__name__, **asdict(one)} for one in ended.messages]
            return {"messages": messages, "cursor": dict(ended.cursor), "more": ended.more}
    return ended


def only(told: Any, wanted: Any) -> Any:
    """What was told of the things that were wanted."""
    if isinstance(told, dict) and isinstance(wanted, dict):
        return {name: only(value, wanted[name]) for name, value in told.items() if name in wanted}
    if isinstance(told, list) and isinstance(wanted, list) and len(told) == len(wanted):
        return [only(one, other) for one, other in zip(told, wanted, strict=True)]
    return told


@pytest.mark.parametrize("name", NAMES)
def test_an_exchange_plays_back_as_recorded(name: str) -> None:
    told = load(name)
    assert told["says"]
    assert name.partition("__")[0] == told["operation"]

    ended, http = attempt(told)

    wanted = told["raises"] if "raises" in told else told["result"]
    if isinstance(ended, Done):
        wanted = {"note": None, "ids": {}, **wanted}
    assert isinstance(ended, HubError) == ("raises" in told), described(ended)
    assert only(described(ended), wanted) == with_wildcards(wanted, described(ended))
    assert http.expected == [], "calls that were recorded and not made"


@pytest.mark.parametrize("operation", sorted(PLATFORM.calls))
def test_every_call_has_an_exchange_and_one_that_ends_badly(operation: str) -> None:
    own = [load(name) for name in NAMES if name.partition("__")[0] == operation]

    assert [one for one in own if "raises" not in one]
    assert [one for one in own if "raises" in one]


@pytest.mark.parametrize("operation", sorted(PLATFORM.calls))
def test_a_call_takes_what_its_operation_takes(operation: str) -> None:
    module, _, function = PLATFORM.calls[operation].rpartition(".")
    called = getattr(import_module(f"orderhub.platforms.shipday.{module}"), function)

    assert list(signature(called).parameters) == list(signature(getattr(PLATFORM, operation)).parameters)


def test_it_has_every_operation_of_a_fleet() -> None:
    assert set(OF_DELIVERIES) == {
        TargetOperation.FIND_DELIVERY,
        TargetOperation.CREATE_DELIVERY,
        TargetOperation.CHANGE_DELIVERY,
        TargetOperation.REMOVE_DELIVERY,
        TargetOperation.MOVE_DELIVERY,
        TargetOperation.FIND_COURIER,
        TargetOperation.ASSIGN_COURIER,
    }


# --- how calls are made ----------------------------------------------------------------------------------------------


def test_a_call_carries_the_key_as_it_is() -> None:
    call = PLATFORM.authorize(Call("GET", "https://api.shipday.com/carriers"), connected(), None)

    assert dict(call.headers) == {
        "Authorization": "Basic key-of-the-dashboard",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }


def test_the_key_may_go_in_another_header_as_well() -> None:
    call = PLATFORM.authorize(Call("GET", "https://api.shipday.com/carriers"), connected(api_key_header=True), None)

    assert call.headers["x-api-key"] == "key-of-the-dashboard"


def test_the_api_is_where_shipday_has_it() -> None:
    assert PLATFORM.base_url(connected()) == "https://api.shipday.com"
    assert PLATFORM.token_request(connected()) is None


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (200, b'{"success": true, "orderId": 1}', False),
        (200, b'{"success": false}', True),
        (200, b"[]", False),
        (200, b'[{"success": false}]', False),
        (200, b'"success"', False),
        (200, b'{"success": false', False),
        (204, b"", False),
        (202, b"", False),
        (400, b"{}", True),
        (500, b"", True),
    ],
)
def test_no_is_said_by_status_or_by_success(status: int, body: bytes, refused: bool) -> None:
    assert PLATFORM.is_refusal(Reply(status, {}, body)) is refused


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (200, b'{"success": false, "response": "Bad"}', Reject, "NOT_TAKEN"),
        (400, b"{}", Reject, "HTTP_400"),
        (400, b"", Reject, "HTTP_400"),
        (400, b"<html>", Reject, "HTTP_400"),
        (400, b"[1]", Reject, "HTTP_400"),
        (400, b'{"errorCode": "invalid phone", "errorMessage": "Bad"}', Reject, "INVALID_PHONE"),
        (400, b'{"errorCode": 1004}', Reject, "1004"),
        (400, b'{"errorCode": null}', Reject, "HTTP_400"),
        (400, b'{"errorCode": "--"}', Reject, "HTTP_400"),
        (400, b'{"errorCode": {"a": 1}, "errorMessage": ["x"]}', Reject, "HTTP_400"),
        (404, b"", Reject, "HTTP_404"),
        (409, b"{}", Reject, "HTTP_409"),
        (422, b"{}", Reject, "HTTP_422"),
        (401, b"{}", Misconfigured, None),
        (403, b"", Misconfigured, None),
        (408, b"", Retry, None),
        (425, b"", Retry, None),
        (429, b"", Retry, None),
        (500, b"{}", Retry, None),
        (503, b'{"success": false}', Retry, None),
    ],
)
def test_a_refusal_is_an_error_by_what_to_do_about_it(
    status: int, body: bytes, error: type[HubError], code: str | None
) -> None:
    refusal = PLATFORM.refusal(Reply(status, {}, body))

    assert type(refusal) is error
    assert getattr(refusal, "code", None) == code
    assert "key-of-the-dashboard" not in str(refusal)


def test_their_words_are_told_to_staff() -> None:
    refusal = PLATFORM.refusal(Reply(400, {}, b'{"errorMessage": "Phone is not valid"}'))

    assert str(refusal) == "Shipday answered 400: Phone is not valid"


# --- lost answers ----------------------------------------------------------------------------------------------------

ROW = {"orderId": 51007301, "orderNumber": "CK-1042"}


def test_what_an_insert_made_before_its_answer_was_lost_is_found() -> None:
    delivery, connection = delivery_of({}), connected()
    with pytest.raises(Retry):
        PLATFORM.create_delivery(delivery, connection, Answers(Retry("timed out")))

    found = PLATFORM.find_delivery(delivery, connection, Answers([ROW]))

    assert found == Done(ids={"delivery": "51007301"})


def test_whom_an_assignment_booked_before_its_answer_was_lost_is_found() -> None:
    delivery, connection = delivery_of({"ids": {"delivery": "51007301"}}), connected(courier="cheapest")
    quotes = [{"id": "1", "name": "Uber", "fee": 5, "error": False}]
    with pytest.raises(Retry):
        PLATFORM.assign_courier(delivery, connection, Answers(quotes, Retry("timed out")))

    found = PLATFORM.find_courier(delivery, connection, Answers({"thirdPartyName": "Uber", "status": "REQUESTED"}))

    assert found == Done(ids={"service": "Uber"})


def test_a_removal_that_is_repeated_is_done() -> None:
    delivery, connection = delivery_of({"ids": {"delivery": "51007301"}}), connected()
    not_there = Reject("HTTP_404", "gone", details={"status": 404})

    again = PLATFORM.remove_delivery(delivery, connection, Answers(not_there, not_there, not_there))

    assert again == Done(note="Shipday does not have it any more")


@pytest.mark.parametrize("operation", ["change_delivery", "move_delivery", "find_courier", "assign_courier"])
@pytest.mark.parametrize("known", ["", "51x", "../orders"])
def test_nothing_is_asked_about_a_delivery_without_an_id_of_theirs(operation: str, known: str) -> None:
    delivery = delivery_of({"ids": {"delivery": known}, "order": {"status": "ready"}})
    connection = connected(courier="cheapest")

    with pytest.raises(Reject) as refused:
        getattr(PLATFORM, operation)(delivery, connection, Answers())

    assert refused.value.code == "NOT_HANDED_OVER"


# --- the poll --------------------------------------------------------------------------------------------------------


def rows_told(*rows: Any, cursor: Mapping[str, str] | None = None, **settings: Any) -> Page:
    return PLATFORM.poll(cursor or {}, connected(**settings), Answers(list(rows)), NOW)


def a_row(**told: Any) -> dict[str, Any]:
    return {"orderId": 1, "orderNumber": "A1", "status": "STARTED", "placementTime": "2026-10-05T14:30:00Z", **told}


def reported(**told: Any) -> DeliveryReport:
    (message,) = rows_told(a_row(**told)).messages
    assert isinstance(message, DeliveryReport)
    return message


@pytest.mark.parametrize(
    "step", ["assignedTime", "startTime", "pickedupTime", "arrivedTime", "deliveryTime", "failedDeliveryTime"]
)
def test_a_row_is_as_of_its_last_step(step: str) -> None:
    assert reported(**{step: "2026-10-05T14:44:00Z"}).at == parse_time("2026-10-05T14:44:00Z")


@pytest.mark.parametrize("step", [None, "", "soon", 0])
def test_a_step_that_was_not_made_has_no_time(step: object) -> None:
    assert reported(assignedTime=step).at == parse_time("2026-10-05T14:30:00Z")


def test_a_driver_is_told() -> None:
    driver = {"name": "Dana", "phone": "+1", "vehiclePlateNumber": "HUB 417", "vehicleDescription": "", "status": "0"}

    assert reported(carrier=driver).courier == Courier(name="Dana", phone="+1", vehicle="HUB 417", status="STARTED")


@pytest.mark.parametrize("carrier", [None, "", {}, {"id": 0, "name": "", "phone": None}, []])
def test_nobody_is_no_news_of_the_courier(carrier: object) -> None:
    report = reported(carrier=carrier)

    assert (report.courier, report.no_courier) == (None, False)


def test_a_row_that_stays_as_it_is_has_the_same_key() -> None:
    assert reported(orderTotal=5).delivery_key == reported().delivery_key


@pytest.mark.parametrize(
    "other", [{"orderId": 2}, {"status": "PICKED_UP"}, {"startTime": "2026-10-05T14:45:00Z"}, {"carrier": {"id": 7}}]
)
def test_a_row_that_has_changed_has_another_key(other: dict[str, Any]) -> None:
    assert reported(**other).delivery_key != reported().delivery_key


def test_a_row_that_cannot_be_read_is_kept_whole() -> None:
    (message,) = rows_told({"orderNumber": "A1"}).messages

    assert isinstance(message, Unreadable)
    assert json.loads(message.raw or b"") == {"orderNumber": "A1"}


def test_all_pages_are_of_one_window_and_the_next_run_goes_on_from_there() -> None:
    connection = connected(poll_page_size=2)
    rows = [a_row(orderId=number) for number in range(5)]
    http = Answers(rows[:2], rows[2:4], rows[4:])
    cursor: Mapping[str, str] = {"since": "2026-10-05T14:20:00Z"}
    seen, more = [], []
    for minutes in range(3):
        page = PLATFORM.poll(cursor, connection, http, NOW + timedelta(minutes=minutes))
        cursor = page.cursor
        more.append(page.more)
        seen += [message.external_id for message in page.messages if isinstance(message, DeliveryReport)]

    assert seen == ["0", "1", "2", "3", "4"]
    assert {(body["startTime"], body["endTime"]) for body in http.bodies} == {
        ("2026-10-04T14:20:00Z", "2026-10-05T15:00:00Z")
    }
    assert [(body["startCursor"], body["endCursor"]) for body in http.bodies] == [(1, 2), (3, 4), (5, 6)]
    assert (more, dict(cursor)) == ([True, True, False], {"since": "2026-10-05T15:00:00Z"})
