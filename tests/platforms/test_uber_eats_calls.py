"""Uber Eats: the calls we make, beyond what the recorded exchanges show."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.order.messages import InboundMessage, OrderSnapshot, Unreadable
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import Page, TokenRequest
from orderhub.platforms.http_types import Reply, parse_json
from orderhub.platforms.uber_eats import PLATFORM
from orderhub.platforms.uber_eats.statuses import CANCEL_V2, DENY_V2, REASONS_V1
from tests.platforms.answers import Answers
from tests.platforms.conformance import NOW, connection_for
from tests.platforms.exchange import RecordedHttp, minimal_order
from tests.platforms.samples import AnyConnection
from tests.platforms.test_uber_eats import LARKSPUR, ORDER, SECOND, STORES, connect, credentials
from tests.platforms.uber_eats_orders import v1

Json = dict[str, Any]


# --- why we deny and cancel ------------------------------------------------------------------------------------------

# https://developer.uber.com/docs/eats: what each call takes
TAKEN_V1 = {
    *("ITEM_ISSUE", "KITCHEN_CLOSED", "CUSTOMER_CALLED_TO_CANCEL", "RESTAURANT_TOO_BUSY", "ORDER_VALIDATION"),
    *("STORE_CLOSED", "TECHNICAL_FAILURE", "POS_NOT_READY", "POS_OFFLINE", "CAPACITY", "ADDRESS"),
    *("SPECIAL_INSTRUCTIONS", "PRICING", "UNKNOWN", "OTHER"),
}
TAKEN_BY_CLASSIC_DENY = {
    *("STORE_CLOSED", "POS_NOT_READY", "POS_OFFLINE", "ITEM_AVAILABILITY", "MISSING_ITEM", "MISSING_INFO"),
    *("PRICING", "CAPACITY", "ADDRESS", "SPECIAL_INSTRUCTIONS", "OTHER"),
}
TAKEN_BY_CLASSIC_CANCEL = {
    *("OUT_OF_ITEMS", "KITCHEN_CLOSED", "CUSTOMER_CALLED_TO_CANCEL", "RESTAURANT_TOO_BUSY"),
    *("CANNOT_COMPLETE_CUSTOMER_NOTE", "OTHER"),
}


@pytest.mark.parametrize(
    ("table", "taken"),
    [(REASONS_V1, TAKEN_V1), (DENY_V2, TAKEN_BY_CLASSIC_DENY), (CANCEL_V2, TAKEN_BY_CLASSIC_CANCEL)],
    ids=["v1", "v2 deny", "v2 cancel"],
)
def test_each_of_our_reasons_has_one_that_uber_takes(table: Mapping[CancelReason, str], taken: set[str]) -> None:
    assert set(table) == set(CancelReason)
    assert set(table.values()) <= taken


WHY = {
    CancelReason.OUT_OF_STOCK: ("ITEM_ISSUE", "ITEM_AVAILABILITY", "OUT_OF_ITEMS"),
    CancelReason.KITCHEN_CLOSED: ("KITCHEN_CLOSED", "STORE_CLOSED", "KITCHEN_CLOSED"),
    CancelReason.EQUIPMENT_FAILURE: ("TECHNICAL_FAILURE", "CAPACITY", "OTHER"),
    CancelReason.STAFF_SHORTAGE: ("RESTAURANT_TOO_BUSY", "CAPACITY", "RESTAURANT_TOO_BUSY"),
    CancelReason.STORE_EMERGENCY: ("STORE_CLOSED", "STORE_CLOSED", "KITCHEN_CLOSED"),
    CancelReason.CUSTOMER_REQUEST: ("CUSTOMER_CALLED_TO_CANCEL", "OTHER", "CUSTOMER_CALLED_TO_CANCEL"),
    CancelReason.PAYMENT_ISSUE: ("OTHER", "OTHER", "OTHER"),
    CancelReason.DELIVERY_ADDRESS_ISSUE: ("ADDRESS", "ADDRESS", "OTHER"),
    CancelReason.PLATFORM_ERROR: ("TECHNICAL_FAILURE", "OTHER", "OTHER"),
    CancelReason.DUPLICATE_ORDER: ("ORDER_VALIDATION", "OTHER", "OTHER"),
    CancelReason.FRAUD_SUSPECTED: ("ORDER_VALIDATION", "OTHER", "OTHER"),
    CancelReason.WEATHER_RELATED: ("OTHER", "OTHER", "OTHER"),
    CancelReason.OTHER: ("OTHER", "OTHER", "OTHER"),
}


def an_order(generation: str, reason: CancelReason | None) -> Order:
    order = minimal_order(connect(), {"external_id": ORDER, "source": {"generation": generation}})
    return order.model_copy(update={"status_reason": StatusReason(code=reason, details="So it is")})


@pytest.mark.parametrize(("reason", "words"), list(WHY.items()), ids=[str(reason) for reason in WHY])
def test_a_reason_is_told_in_uber_s_words(reason: CancelReason, words: tuple[str, str, str]) -> None:
    http, (of_v1, denied, cancelled) = Answers(always=b""), words
    for generation in ("v1", "v2"):
        order = an_order(generation, reason)
        PLATFORM.deny(order, connect(), http)
        PLATFORM.cancel(order, connect(), http)

    assert http.bodies == [
        {"deny_reason": {"type": of_v1, "info": "So it is"}},
        {"cancellation_reason": {"type": of_v1, "info": "So it is"}},
        {"reason": {"code": denied, "explanation": "So it is"}},
        {"reason": cancelled, "details": "So it is"},
    ]


def test_a_reason_of_the_platform_s_own_is_told_as_other() -> None:
    http = Answers(always=b"")
    PLATFORM.deny(an_order("v1", None), connect(), http)

    assert http.bodies == [{"deny_reason": {"type": "OTHER", "info": "So it is"}}]


def test_an_id_stays_one_part_of_a_path() -> None:
    order = minimal_order(connect(), {"external_id": "../a?b", "source": {"generation": "v1"}})
    exchange = {"request": {"method": "POST", "path": "/v1/delivery/order/..%2Fa%3Fb/ready"}, "reply": {"status": 200}}

    PLATFORM.ready(order, connect(), RecordedHttp(PLATFORM, [exchange]))


def test_an_order_that_does_not_tell_its_generation_is_of_the_one_in_the_settings() -> None:
    order = minimal_order(connect(), {"external_id": ORDER})
    exchange = {
        "request": {
            "method": "POST",
            "path": f"/v1/eats/orders/{ORDER}/accept_pos_order",
            "json": {"reason": "Accepted by the store", "external_reference_id": order.id},
        },
        "reply": {"status": 204},
    }

    PLATFORM.accept(order, connect(generation="v2"), RecordedHttp(PLATFORM, [exchange]))


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_is_asked_for_with_client_credentials_and_lives_for_thirty_days() -> None:
    assert PLATFORM.token_request(connect()) == TokenRequest(
        url="https://auth.uber.com/oauth/v2/token",
        form={
            "client_id": "larkspur-app",
            "client_secret": "secret",
            "grant_type": "client_credentials",
            "scope": (
                "eats.order eats.store eats.store.orders.read eats.store.status.write "
                "eats.store.orders.restaurantdelivery.status"
            ),
        },
        lifetime=timedelta(days=30),
    )


def test_where_tokens_come_from_and_what_they_are_for_are_settings() -> None:
    request = PLATFORM.token_request(connect(token_url="https://login.example.com/token", scopes="eats.order"))

    assert (request.url, request.form["scope"]) == ("https://login.example.com/token", "eats.order")


# --- polling ---------------------------------------------------------------------------------------------------------


def polled(*rows: Any, connection: AnyConnection | None = None) -> list[InboundMessage]:
    http = Answers(always=json.dumps({"data": list(rows)}).encode())

    return list(PLATFORM.poll({"store": LARKSPUR}, connection or connect(), http, NOW).messages)


def key_of(order: Json) -> str:
    (message,) = polled(order)
    assert isinstance(message, OrderSnapshot)
    return message.delivery_key


def test_an_order_that_has_not_changed_is_one_message_however_often_it_is_listed() -> None:
    moved = v1()
    moved["deliveries"][0]["delivery_partner"]["current_location"]["latitude"] = "41.9"
    moved["deliveries"][0]["estimated_pick_up_time"] = "2026-10-05T15:01:00Z"

    assert key_of(v1()) == key_of({"order": v1()}) == key_of(moved)


@pytest.mark.parametrize("change", [{"state": "ACCEPTED"}, {"store_instructions": "Two forks"}, {"carts": []}])
def test_an_order_that_has_changed_is_another_message(change: Json) -> None:
    assert key_of({**v1(), **change}) != key_of(v1())


def test_what_was_listed_is_kept_and_can_be_mapped_again() -> None:
    (message,) = polled({"order": v1()})

    assert isinstance(message, OrderSnapshot)
    assert message.raw is not None
    assert PLATFORM.to_order(parse_json(message.raw), connect()) == message.order


def test_an_order_that_cannot_be_mapped_is_kept_by_itself() -> None:
    broken = {**v1(), "customers": "none"}
    first, again = polled(broken)[0], polled(broken)[0]

    assert isinstance(first, Unreadable)
    assert first == again
    assert json.loads(first.raw or b"") == broken
    assert "customers" in first.reason


@pytest.mark.parametrize("row", [None, 7, [], {}, {"order": []}, {"id": 12}, {"order": {"id": ""}}])
def test_a_row_that_is_no_order_does_not_spoil_the_others(row: Any) -> None:
    assert [type(message).__name__ for message in polled(row, v1())] == ["Unreadable", "OrderSnapshot"]


def test_a_connection_without_stores_has_nothing_to_poll() -> None:
    unmapped = connection_for("uber_eats", credentials("secret"))

    assert PLATFORM.poll({}, unmapped, RecordedHttp(PLATFORM, []), NOW) == Page([], {})


def test_a_store_that_left_the_map_is_passed_over() -> None:
    assert PLATFORM.poll({"store": "zzz", "page": "2"}, connect(), RecordedHttp(PLATFORM, []), NOW) == Page([], {})


def test_the_page_of_a_store_that_left_the_map_is_not_asked_of_another() -> None:
    http = Answers(always=b"{}")

    page = PLATFORM.poll({"store": "0", "page": "2"}, connect(), http, NOW)

    assert page == Page([], {"store": LARKSPUR}, more=True)
    assert ["next_page_token" in params for params in http.params] == [False]


def test_the_only_store_that_uber_does_not_list_is_an_error() -> None:
    alone = connection_for("uber_eats", credentials("secret"), stores={SECOND: STORES[SECOND]})

    with pytest.raises(Reject):
        PLATFORM.poll({}, alone, Answers(always=Reject("NOT_FOUND", "Store not found")), NOW)


def test_a_listing_of_another_shape_is_an_error() -> None:
    with pytest.raises(Quarantine):
        PLATFORM.poll({}, connect(), Answers(always=b'{"data": 5}'), NOW)


def test_a_connection_without_stores_cannot_be_verified() -> None:
    with pytest.raises(Misconfigured, match="map"):
        PLATFORM.verify_connection(connection_for("uber_eats", credentials("secret")), RecordedHttp(PLATFORM, []))


# --- refusals --------------------------------------------------------------------------------------------------------


def refusal(status: int, body: object, **headers: str) -> HubError:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return PLATFORM.refusal(Reply(status, headers, sent))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>", {"code": "x", "message": "y"}], ids=["empty", "html", "uber"])
def test_a_passing_failure_is_tried_again(status: int, body: object) -> None:
    assert isinstance(refusal(status, body), Retry)


def test_a_server_error_is_passing_even_if_its_body_says_otherwise() -> None:
    assert isinstance(refusal(500, {"code": "x", "metadata": {"should_retry": False}}), Retry)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b"", {"code": "unauthorized", "message": "Invalid"}], ids=["empty", "uber"])
def test_refused_credentials_are_for_people_to_mend(status: int, body: object) -> None:
    assert isinstance(refusal(status, body), Misconfigured)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"code": "bad_request", "message": "No"}, "BAD_REQUEST"),
        (404, {"code": "not_found", "message": "Order not found"}, "NOT_FOUND"),
        (409, {"code": "resource_status_conflict"}, "RESOURCE_STATUS_CONFLICT"),
        (400, {"message": "No"}, "HTTP_400"),
        (400, {"code": "bad_request", "metadata": None}, "BAD_REQUEST"),
        (400, {"code": "bad_request", "metadata": "none"}, "BAD_REQUEST"),
        (400, {"code": "bad_request", "metadata": {"field_violations": "order_id"}}, "BAD_REQUEST"),
        (400, {"code": "bad_request", "metadata": {"should_retry": False}}, "BAD_REQUEST"),
        (400, {"code": {"x": 1}}, "HTTP_400"),
        (400, [], "HTTP_400"),
        (400, {}, "HTTP_400"),
        (410, b"gone", "HTTP_410"),
    ],
)
def test_a_final_refusal_has_uber_s_code(status: int, body: object, code: str) -> None:
    error = refusal(status, body)

    assert isinstance(error, Reject)
    assert error.code == code


@pytest.mark.parametrize(
    ("seconds", "headers", "after"),
    [
        (60, {}, 60.0),
        (10**6, {}, 3600.0),
        (-1, {}, None),
        (None, {}, None),
        (60, {"retry-after": "5"}, None),
    ],
    ids=["as recommended", "an hour at most", "negative", "not told", "left to Retry-After"],
)
def test_a_retry_waits_as_long_as_uber_recommends(
    seconds: int | None, headers: dict[str, str], after: float | None
) -> None:
    error = refusal(503, {"code": "x", "metadata": {"recommended_retry_interval_secs": seconds}}, **headers)

    assert isinstance(error, Retry)
    assert error.after == after


def test_the_fields_that_uber_objects_to_are_told() -> None:
    error = refusal(400, {"code": "bad_request", "message": "No", "metadata": {"field_violations": ["order_id"]}})

    assert isinstance(error, Reject)
    assert error.details == {"status": 400, "field_violations": ["order_id"]}
