"""Toast: the calls we make and those we cannot, beyond what the recorded exchanges show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orderhub.errors import HubError, Misconfigured, Reject, Retry, Unsupported
from orderhub.order.ids import digest
from orderhub.order.messages import OrderReference, OrderSnapshot
from orderhub.order.models import Fulfillment, Order
from orderhub.platforms.base import Operation, Page, StoreRef, TokenRequest
from orderhub.platforms.http_types import Call, Reply, parse_json
from orderhub.platforms.toast import PLATFORM
from tests.platforms.conformance import NOW, connection_for, load_sample
from tests.platforms.exchange import RecordedHttp, minimal_order
from tests.platforms.samples import AnyConnection
from tests.platforms.test_toast import LARKSPUR, connect, credentials
from tests.platforms.test_toast_mapping import bare, mapped, one_check

Json = dict[str, Any]

SECOND = "f0000000-0000-4000-8000-000000000002"
TWO = {LARKSPUR: StoreRef("sto_larkspur"), SECOND: StoreRef("sto_second")}


def two_restaurants() -> AnyConnection:
    return replace(connect(), stores=TWO)


# --- what Toast cannot be told ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "where"),
    [
        (Operation.ACCEPT, "on the POS"),
        (Operation.DENY, "on the POS"),
        (Operation.BAGGING, "kitchen display"),
        (Operation.READY, "on the POS"),
        (Operation.SET_READY_TIME, "on the POS"),
        (Operation.EDIT_CART, "on the POS"),
        (Operation.REFUND, "on the POS"),
        (Operation.SET_STORE_STATUS, "on the POS"),
    ],
)
def test_staff_are_told_where_to_do_what_toast_cannot_be_told(operation: Operation, where: str) -> None:
    why = PLATFORM.why_not(operation, minimal_order(connect(), {}))

    assert why is not None
    assert where in why


@pytest.mark.parametrize("operation", [Operation.PICKED_UP, Operation.COMPLETE])
@pytest.mark.parametrize("how", [*Fulfillment, None])
def test_progress_is_told_of_deliveries_only(operation: Operation, how: Fulfillment | None) -> None:
    order = minimal_order(connect(), {"fulfillment": how})

    assert (PLATFORM.why_not(operation, order) is None) == (how is Fulfillment.DELIVERY)


def own_order(**settings: object) -> Order:
    return mapped(one_check(externalId="hub-7"), connect(**settings))


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"own_prefix": "hub-", "may_void": True}, True),
        ({"own_prefix": "hub-"}, False),
        ({"own_prefix": "other-", "may_void": True}, False),
        ({"may_void": True}, False),
        ({}, False),
    ],
)
def test_only_orders_of_our_own_client_can_be_voided_and_only_where_a_setting_says_so(
    settings: Json, allowed: bool
) -> None:
    why = PLATFORM.why_not(Operation.CANCEL, own_order(**settings))

    assert (why is None) == allowed
    assert allowed or "void it on the POS" in str(why)


def test_an_operation_that_is_not_for_this_order_makes_no_call() -> None:
    order, nobody = minimal_order(connect(), {"fulfillment": "pickup"}), RecordedHttp(PLATFORM, [])

    for tell in (PLATFORM.picked_up, PLATFORM.complete, PLATFORM.cancel):
        with pytest.raises(Unsupported):
            tell(order, connect(), nobody)


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_a_login_is_shared_by_all_connections_of_a_client() -> None:
    connection = connect(base_url="https://toast.test")

    assert PLATFORM.token_request(connection) == TokenRequest(
        url="https://toast.test/authentication/v1/authentication/login",
        form={"clientId": "larkspur-client", "clientSecret": "shh", "userAccessType": "TOAST_MACHINE_CLIENT"},
        as_json=True,
        lifetime=timedelta(days=1),
        account=digest("https://toast.test", "larkspur-client"),
        token_at=("token", "accessToken"),
        lifetime_at=("token", "expiresIn"),
        min_age=timedelta(minutes=30),
    )
    assert PLATFORM.token_request(replace(connection, id="con_other")) == PLATFORM.token_request(connection)


def test_a_call_carries_the_token() -> None:
    call = PLATFORM.authorize(Call("GET", "https://toast.test/x", headers={"A": "b"}), connect(), "t-1")

    assert call.headers == {"A": "b", "Authorization": "Bearer t-1"}


# --- refusals --------------------------------------------------------------------------------------------------------

BODY = b'{"status":%d,"code":10020,"message":"No","requestId":"req-7"}'


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, Reject, "TOAST_10020"),
        (401, Misconfigured, None),
        (403, Misconfigured, None),
        (404, Reject, "TOAST_10020"),
        (408, Retry, None),
        (409, Reject, "TOAST_10020"),
        (429, Retry, None),
        (500, Retry, None),
        (503, Retry, None),
    ],
)
def test_a_refusal_says_what_to_do_and_names_the_request(status: int, error: type[HubError], code: str | None) -> None:
    found = PLATFORM.refusal(Reply(status, {}, BODY % status))

    assert type(found) is error
    assert "No (request req-7)" in str(found)
    assert getattr(found, "code", None) == code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"code": []}'])
@pytest.mark.parametrize(("status", "error"), [(400, Reject), (403, Misconfigured), (502, Retry)])
def test_a_refusal_in_other_words_is_read_by_its_status(body: bytes, status: int, error: type[HubError]) -> None:
    assert type(PLATFORM.refusal(Reply(status, {}, body))) is error


# --- reads -----------------------------------------------------------------------------------------------------------


def call(path: str, reply: object, restaurant: str = LARKSPUR, status: int = 200, **params: str) -> Json:
    request = {"method": "GET", "path": path, "params": params, "headers": {"Toast-Restaurant-External-ID": restaurant}}
    return {"request": request, "reply": {"status": status, "json": reply}}


def test_an_id_stays_one_part_of_a_path() -> None:
    odd = call("/orders/v2/orders/..%2Fa%3Fb", {"guid": "../a?b", "diningOption": None})
    options = call("/config/v2/diningOptions", [])
    reference = OrderReference(delivery_key="d", external_id="../a?b")

    assert PLATFORM.fetch(reference, connect(), RecordedHttp(PLATFORM, [odd, options]), NOW).source_version is None


def test_what_is_fetched_is_the_order_with_what_it_takes_to_understand_it() -> None:
    order = bare("order_updated__delivery")
    told = {"guid": order["guid"], "modifiedDate": order["modifiedDate"], "diningOption": order["diningOption"]}
    http = RecordedHttp(
        PLATFORM,
        [call(f"/orders/v2/orders/{order['guid']}", told), call("/config/v2/diningOptions", [{"guid": "take"}])],
    )
    reference = OrderReference(delivery_key="d", external_id=order["guid"], ref={"restaurant": LARKSPUR})

    fetched = PLATFORM.fetch(reference, connect(), http, NOW)

    assert fetched.payload == {"order": told, "restaurantGuid": LARKSPUR, "diningOptions": [{"guid": "take"}]}
    assert fetched.source_version == "2026-10-05T14:42:01.004000Z"
    assert parse_json(fetched.raw) == fetched.payload, "so that a replay maps it to the same restaurant"


def test_an_order_of_one_of_two_restaurants_that_nobody_names_cannot_be_fetched() -> None:
    reference = OrderReference(delivery_key="d", external_id="x")

    with pytest.raises(Misconfigured, match="which restaurant"):
        PLATFORM.fetch(reference, two_restaurants(), RecordedHttp(PLATFORM, []), NOW)


def test_a_connection_without_a_restaurant_cannot_be_verified() -> None:
    with pytest.raises(Misconfigured, match="map"):
        PLATFORM.verify_connection(connection_for("toast", credentials("s")), RecordedHttp(PLATFORM, []))


# --- polling ---------------------------------------------------------------------------------------------------------


def plain(name: str) -> Json:
    """The order of a sample, its numbers as JSON has them."""
    order: Json = json.loads(load_sample("toast", name).fetched or b"")
    return order


AN_HOUR_AGO, NOW_TEXT = "2026-10-05T14:00:00.000000Z", "2026-10-05T15:00:00.000000Z"


def listed(rows: object, restaurant: str = LARKSPUR, page: int = 1, status: int = 200) -> Json:
    return call(
        "/orders/v2/ordersBulk",
        rows,
        restaurant,
        status,
        startDate="2026-10-05T13:55:00.000+0000",
        endDate="2026-10-05T15:00:00.000+0000",
        pageSize="100",
        page=str(page),
    )


def poll(cursor: Mapping[str, str], *calls: Json) -> Page:
    http = RecordedHttp(PLATFORM, calls)
    page = PLATFORM.poll(cursor, two_restaurants(), http, NOW)
    assert http.expected == []
    return page


BEFORE = {f"since {LARKSPUR}": AN_HOUR_AGO, f"since {SECOND}": AN_HOUR_AGO}
HALF = {f"since {LARKSPUR}": NOW_TEXT, f"since {SECOND}": AN_HOUR_AGO}


def test_one_restaurant_comes_after_the_other() -> None:
    first = poll(BEFORE, listed([]))
    second = poll(first.cursor, listed([], SECOND))

    assert first == Page([], {**HALF, "store": SECOND}, more=True)
    assert second == Page([], dict.fromkeys(BEFORE, NOW_TEXT), more=False)


def test_a_full_page_is_followed_by_the_next_and_a_short_one_by_the_next_restaurant() -> None:
    row = plain("order_updated__takeout_split")
    options = call("/config/v2/diningOptions", [])
    full = poll(BEFORE, listed([{**row, "guid": f"o-{n}"} for n in range(100)]), options)
    short = poll(full.cursor, listed([row], page=2), options)

    assert full.cursor == {**BEFORE, "store": LARKSPUR, "until": NOW_TEXT, "page": "2"}
    assert (full.more, len(full.messages)) == (True, 100)
    assert (short.cursor, short.more, len(short.messages)) == ({**HALF, "store": SECOND}, True, 1)


@pytest.mark.parametrize("status", [400, 403])
def test_a_restaurant_that_cannot_be_listed_stays_where_it_is_and_keeps_nobody_waiting(status: int) -> None:
    page = poll(BEFORE, listed({"status": status, "message": "No"}, status=status))

    assert (page.messages, page.cursor, page.more) == ((), {**BEFORE, "store": SECOND}, True)
    assert page.trouble is not None
    assert LARKSPUR in page.trouble


def test_the_last_restaurant_may_be_in_trouble_too() -> None:
    page = poll({**HALF, "store": SECOND}, listed({"status": 403, "message": "No"}, SECOND, status=403))

    assert (page.cursor, page.more) == (HALF, False)


def test_a_restaurant_that_is_off_the_map_is_forgotten() -> None:
    page = poll({**BEFORE, "since gone": AN_HOUR_AGO, "store": "zzz"})

    assert (page.cursor, page.more) == (BEFORE, False)


def test_an_order_that_has_not_changed_is_one_message() -> None:
    options = call("/config/v2/diningOptions", [])
    row = plain("order_updated__takeout_split")
    one, again = (poll(BEFORE, listed([row]), options).messages[0] for _ in range(2))
    other = poll(BEFORE, listed([{**row, "numberOfGuests": 3}]), options).messages[0]

    assert isinstance(one, OrderSnapshot)
    assert one.delivery_key == again.delivery_key != other.delivery_key
    assert (one.guessed, one.order.customer is not None) == (frozenset(), True)


def test_what_is_kept_of_a_listed_order_can_be_mapped_again() -> None:
    row = plain("order_updated__takeout_split")
    (message,) = poll(BEFORE, listed([row]), call("/config/v2/diningOptions", [])).messages

    assert isinstance(message, OrderSnapshot)
    assert PLATFORM.to_order(parse_json(message.raw or b""), two_restaurants()) == message.order


def test_without_a_restaurant_there_is_nothing_to_poll() -> None:
    page = PLATFORM.poll({}, connection_for("toast", credentials("s")), RecordedHttp(PLATFORM, []), NOW)

    assert page == Page((), {}, more=False)
