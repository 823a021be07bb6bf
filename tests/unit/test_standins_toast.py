"""The stand-in for Toast: logins, lists, voids, deliveries, stock; and the adapter's own calls against it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from local.standins.samples import toast as samples
from local.standins.samples.toast_parts import item_guid
from local.standins.toast import CLIENT_SECRET, PLAYED
from orderhub.errors import Misconfigured, NotAuthentic, Reject, Retry, Unsupported
from orderhub.order.messages import OrderReference, OrderSnapshot
from orderhub.order.models import Fulfillment, Order
from orderhub.order.pricing import check_sums
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, Fetched, ItemAvailability, StockLevel, StoreRef
from orderhub.platforms.http_types import Request, parse_json
from orderhub.platforms.toast import PLATFORM
from tests.unit.standins_client import START, Caller, VendorHttp

STORE, OTHER = samples.STORE_ID, "0f2d9d0e-5d7d-4a30-9d3a-1c5e0b8a9e02"
LOGIN = {
    "clientId": samples.CLIENT_ID,
    "clientSecret": CLIENT_SECRET,
    "userAccessType": "TOAST_MACHINE_CLIENT",
}
VOID_ALL = {"selections": {"voidAll": True}, "payments": {"voidAll": True}}


class Pos(Caller, VendorHttp):
    """A caller with a token, and the Http of the adapter's calls."""

    def __init__(self) -> None:
        super().__init__()
        VendorHttp.__init__(self, self, connected(), self.log_in().get_json()["token"]["accessToken"])

    def log_in(self, **changes: str) -> TestResponse:
        return self.call("POST", "/toast/authentication/v1/authentication/login", {**LOGIN, **changes})

    def api(self, method: str, path: str, body: Any = None, restaurant: str = STORE, **headers: str) -> TestResponse:
        proof = {"Authorization": f"Bearer {self.token}", "Toast-Restaurant-External-ID": restaurant}
        return self.call(method, f"/toast{path}", body, **{**proof, **headers})

    def bulk(self, start: timedelta, end: timedelta, size: int = 100, page: int = 1) -> TestResponse:
        """The orders changed in a span of time about the start of the test."""
        span = {"startDate": samples_time(start), "endDate": samples_time(end)}
        query = "&".join(f"{name}={text.replace('+', '%2B')}" for name, text in span.items())
        return self.api("GET", f"/orders/v2/ordersBulk?{query}&pageSize={size}&page={page}")

    def hold(self, n: int, restaurant: str = STORE, **fields: Any) -> dict[str, Any]:
        order = samples.order(n, **{"placed_at": START, **fields})
        PLAYED.at_store(order, restaurant)
        self.put("toast", order)
        return order

    def settle(self, **settings: Any) -> None:
        self.control("PATCH", "toast/settings", settings)


def samples_time(from_start: timedelta) -> str:
    return (START + from_start).isoformat()


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def pos() -> Pos:
    return Pos()


def guid_of(order: Mapping[str, Any]) -> str:
    return str(order["order"]["guid"])


def path_of(order: Mapping[str, Any], part: str = "") -> str:
    return f"/orders/v2/orders/{guid_of(order)}{part}"


# --- logins and the rules of every call ------------------------------------------------------------------------------


def test_two_logins_an_hour_and_no_more(pos: Pos) -> None:
    assert [pos.log_in().status_code for _ in range(2)] == [200, 429]
    assert pos.log_in().headers["Retry-After"] == "1800"
    pos.wait(hours=1, seconds=1)
    assert pos.log_in().status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "status"), [("clientSecret", "guess", 401), ("clientId", "x", 401), ("userAccessType", "x", 400)]
)
def test_a_login_needs_the_right_words(pos: Pos, field: str, value: str, status: int) -> None:
    assert pos.log_in(**{field: value}).status_code == status


def test_a_token_lives_a_day(pos: Pos) -> None:
    order = pos.hold(1)
    pos.wait(hours=23)
    assert pos.api("GET", path_of(order)).status_code == 200
    pos.wait(hours=2)
    refused = pos.api("GET", path_of(order))
    assert (refused.status_code, refused.get_json()["requestId"][:4]) == (401, "req-")


def test_a_call_names_its_restaurant(pos: Pos) -> None:
    order = pos.hold(1)
    assert pos.api("GET", path_of(order), restaurant="").status_code == 400
    assert pos.api("GET", path_of(order), restaurant=OTHER).status_code == 404
    assert pos.api("GET", path_of(order)).get_json() == order["order"]


def test_restaurants_scopes_and_limits_can_be_set(pos: Pos) -> None:
    order = pos.hold(1)
    pos.settle(not_connected=[STORE])
    assert pos.api("GET", path_of(order)).status_code == 403
    pos.settle(not_connected=[], no_scope=["/config/"])
    assert [pos.api("GET", path).status_code for path in (path_of(order), "/config/v2/diningOptions")] == [200, 403]
    pos.settle(retry_after=7)
    busy = pos.api("GET", path_of(order))
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "7")


def test_there_is_nothing_at_another_path(pos: Pos) -> None:
    assert (pos.api("GET", "/orders/v3/x").status_code, pos.api("DELETE", "/orders/v2/orders/x").status_code) == (
        404,
        404,
    )


# --- lists -----------------------------------------------------------------------------------------------------------


def test_orders_are_listed_by_the_time_they_were_changed(pos: Pos) -> None:
    early, late = pos.hold(1), pos.hold(2, placed_at=START + minutes(10))
    pos.hold(3, OTHER)
    assert pos.bulk(minutes(0), minutes(10)).get_json() == [early["order"]], "the start is in it, the end is not"
    assert pos.bulk(minutes(0), minutes(11)).get_json() == [early["order"], late["order"]]
    pos.wait(minutes=20)
    pos.control("PATCH", f"toast/orders/{guid_of(early)}", {"approvalStatus": "APPROVED"})
    assert [row["guid"] for row in pos.bulk(minutes(15), minutes(30)).get_json()] == [guid_of(early)]


def test_a_list_comes_in_pages_with_links(pos: Pos) -> None:
    for n in range(5):
        pos.hold(n)
    pages = [pos.bulk(minutes(-1), minutes(1), size=2, page=page) for page in (1, 2, 3)]
    assert [len(page.get_json()) for page in pages] == [2, 2, 1]
    relations = [[link.partition('rel="')[2][:-1] for link in page.headers["Link"].split(", ")] for page in pages]
    assert relations == [["first", "self", "next"], ["first", "self", "prev", "next"], ["first", "self", "prev"]]


@pytest.mark.parametrize(
    ("start", "end", "size", "page"),
    [
        (minutes(0), minutes(0), 100, 1),
        (minutes(0), timedelta(days=32), 100, 1),
        (minutes(0), minutes(1), 101, 1),
        (minutes(0), minutes(1), 0, 1),
        (minutes(0), minutes(1), 10, 0),
    ],
)
def test_a_list_that_cannot_be_made_is_refused(
    pos: Pos, start: timedelta, end: timedelta, size: int, page: int
) -> None:
    assert pos.bulk(start, end, size, page).status_code == 400


def test_a_list_needs_times_with_an_offset(pos: Pos) -> None:
    query = "startDate=2026-10-05T17:00:00&endDate=soon&pageSize=10&page=1"
    assert pos.api("GET", f"/orders/v2/ordersBulk?{query}").status_code == 400


# --- voids and deliveries --------------------------------------------------------------------------------------------


def test_an_order_of_the_client_is_voided_once_and_for_good(pos: Pos) -> None:
    order = pos.hold(1, own=True)
    assert [pos.api("POST", path_of(order, "/void"), VOID_ALL).status_code for _ in range(2)] == [200, 400]
    held = pos.held("toast", guid_of(order))["order"]
    (check,) = held["checks"]
    assert (held["voided"], check["voided"], check["totalAmount"], check["payments"][0]["paymentStatus"]) == (
        True,
        True,
        0,
        "VOIDED",
    )
    assert {line["voided"] for line in check["selections"]} == {True}


@pytest.mark.parametrize(
    ("own", "fields", "body"),
    [
        (False, {}, VOID_ALL),
        (True, {"deleted": True}, VOID_ALL),
        (True, {}, {"selections": {"voidAll": True}}),
        (True, {}, {}),
    ],
    ids=["somebody else's", "deleted", "lines alone", "nothing"],
)
def test_no_other_order_is_voided(pos: Pos, own: bool, fields: dict[str, Any], body: dict[str, Any]) -> None:
    order = pos.hold(1, own=own, **fields)
    assert pos.api("POST", path_of(order, "/void"), body).status_code == 400


def test_an_order_paid_by_card_is_not_voided(pos: Pos) -> None:
    order = samples.order(1, own=True)
    order["order"]["checks"][0]["payments"][0]["type"] = "CREDIT"
    pos.put("toast", order)
    assert "OTHER" in pos.api("POST", path_of(order, "/void"), VOID_ALL).get_json()["message"]


def test_a_delivery_goes_on_until_it_has_arrived(pos: Pos) -> None:
    order = pos.hold(1)
    states = ["PICKED_UP", "IN_PROGRESS", "DELIVERED", "IN_PROGRESS"]
    answers = [pos.api("PATCH", path_of(order, "/deliveryInfo"), {"deliveryState": state}) for state in states]
    assert [answered.status_code for answered in answers] == [200, 200, 200, 400]


@pytest.mark.parametrize("body", [{}, {"deliveryState": "LOST"}, {"address1": "Elsewhere"}])
def test_nothing_else_of_a_delivery_changes(pos: Pos, body: dict[str, str]) -> None:
    order = pos.hold(1)
    assert pos.api("PATCH", path_of(order, "/deliveryInfo"), body).status_code == 400


def test_what_is_taken_out_has_no_delivery(pos: Pos) -> None:
    order = pos.hold(1, kind="TAKE_OUT")
    assert pos.api("PATCH", path_of(order, "/deliveryInfo"), {"deliveryState": "PICKED_UP"}).status_code == 400


# --- stock -----------------------------------------------------------------------------------------------------------


def test_stock_answers_whether_it_knows_the_item(pos: Pos) -> None:
    pos.settle(unknown_items=["gone"])
    rows = [{"guid": "fries", "status": "QUANTITY", "quantity": 7}, {"guid": "gone", "status": "IN_STOCK"}]
    answered = pos.api("PUT", "/stock/v1/inventory/update", rows).get_json()
    assert [(row["itemGuidValidity"], row["status"]) for row in answered] == [
        ("VALID", "QUANTITY"),
        ("INVALID", "OUT_OF_STOCK"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [{"status": "IN_STOCK"}],
        [{"guid": "x", "status": "GONE"}],
        [{"guid": "x", "status": "QUANTITY"}],
        [{"guid": "x", "status": "QUANTITY", "quantity": 0}],
        [{"guid": "x", "status": "IN_STOCK", "quantity": 3}],
    ],
)
def test_stock_that_makes_no_sense_is_refused(pos: Pos, body: Any) -> None:
    assert pos.api("PUT", "/stock/v1/inventory/update", body).status_code == 400


# --- what it holds ---------------------------------------------------------------------------------------------------


def test_an_order_is_held_with_its_restaurant_or_for_all(pos: Pos) -> None:
    bare = samples.order(4)["order"]
    pos.put("toast", bare)
    path = f"/orders/v2/orders/{bare['guid']}"
    assert [pos.api("GET", path, restaurant=one).status_code for one in (STORE, OTHER)] == [200, 200]


@pytest.mark.parametrize("category", ["order_updated", "channel_order_updated"])
def test_a_webhook_leaves_the_guest_out(category: str) -> None:
    order = samples.order(1, own=True)
    told = samples.notification(category, order)["details"]["order"]
    assert set(told["checks"][0]["customer"]) == {"guid", "entityType"}
    assert "address1" not in told["deliveryInfo"]
    assert (told["externalId"], order["order"]["externalId"]) == (None, "hub-1")


def test_a_webhook_as_it_is_played_is_authentic() -> None:
    headers, body = PLAYED.told("order_updated", samples.order(1), "e-1")
    connection = connected()
    request = Request("POST", "/", {name.lower(): text for name, text in headers.items()}, {}, body, START)
    signed = PLATFORM.sign(request, connection)

    PLATFORM.authenticate(signed, connection)
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request, connection)


# --- the adapter's own calls -----------------------------------------------------------------------------------------


def connected(*restaurants: str) -> Connection[Any, Any]:
    credentials = PLATFORM.Credentials.model_validate(PLAYED.credentials(PLAYED.secret))
    settings = PLATFORM.Settings.model_validate(PLAYED.settings("http://vendors.test/toast"))
    stores = {one: StoreRef(f"sto_{n}", "America/New_York") for n, one in enumerate(restaurants or (STORE,))}
    return Connection("con_1", "toast", credentials, settings, StoreRef("sto_default"), stores)


def fetched(pos: Pos, order: Mapping[str, Any], restaurant: str = STORE) -> Fetched:
    reference = OrderReference(delivery_key="d", external_id=guid_of(order), ref={"restaurant": restaurant})
    return PLATFORM.fetch(reference, connected(STORE, OTHER), pos, pos.now)


def order_of(pos: Pos, order: Mapping[str, Any]) -> Order:
    return PLATFORM.to_order(fetched(pos, order).payload, connected())


def test_the_token_request_is_a_login(pos: Pos) -> None:
    pos.wait(hours=2)
    request = PLATFORM.token_request(connected())
    assert request is not None
    answered = pos.call("POST", request.url.removeprefix("http://vendors.test"), dict(request.form)).get_json()
    outer, inner = request.token_at
    assert answered[outer][inner].startswith("toast-")
    assert answered[request.lifetime_at[0]][request.lifetime_at[1]] == 86_400


@pytest.mark.parametrize(
    ("kind", "fulfillment"),
    [
        ("DELIVERY", Fulfillment.DELIVERY),
        ("TAKE_OUT", Fulfillment.PICKUP),
        ("CURBSIDE", Fulfillment.CURBSIDE),
        ("DINE_IN", Fulfillment.DINE_IN),
    ],
)
@pytest.mark.parametrize("n", range(6))
def test_a_fetched_order_has_its_guest_and_its_sums_agree(
    pos: Pos, n: int, kind: str, fulfillment: Fulfillment
) -> None:
    order = order_of(pos, pos.hold(n, kind=kind))
    assert (order.fulfillment, order.status, check_sums(order), order.checks) == (
        fulfillment,
        Status.INCOMING,
        [],
        [],
    )
    assert order.customer is not None
    assert order.customer.name
    assert (order.address is not None) == (kind == "DELIVERY")


def test_what_is_kept_of_a_fetch_holds_what_came(pos: Pos) -> None:
    order = pos.hold(1)
    assert parse_json(fetched(pos, order).raw)["order"] == parse_json(pos.api("GET", path_of(order)).data)


def test_the_configuration_may_be_closed_to_us(pos: Pos) -> None:
    pos.settle(no_scope=["/config/"])
    assert order_of(pos, pos.hold(1)).fulfillment is Fulfillment.DELIVERY, "by its address"


def test_a_delivery_is_told_how_it_goes(pos: Pos) -> None:
    order = pos.hold(1)
    PLATFORM.picked_up(order_of(pos, order), connected(), pos)
    assert order_of(pos, order).status is Status.PICKED_UP
    PLATFORM.complete(order_of(pos, order), connected(), pos)
    delivered = order_of(pos, order)
    assert delivered.status is Status.COMPLETED
    with pytest.raises(Reject) as refused:
        PLATFORM.complete(delivered, connected(), pos)
    assert refused.value.details["request_id"].startswith("req-")


def test_an_order_of_our_own_is_voided(pos: Pos) -> None:
    order = pos.hold(1, own=True)
    PLATFORM.cancel(order_of(pos, order), connected(), pos)
    assert order_of(pos, order).status is Status.CANCELLED


def test_an_order_of_somebody_else_is_not(pos: Pos) -> None:
    order = order_of(pos, pos.hold(1))
    with pytest.raises(Unsupported):
        PLATFORM.cancel(order, connected(), pos)
    assert [call["method"] for call in pos.calls("toast", order_id=order.external_id)] == ["GET"]


def test_stock_is_set(pos: Pos) -> None:
    fries = item_guid("FRIES-L")
    PLATFORM.set_item_availability(ItemAvailability(STORE, fries, available=False), connected(), pos)
    PLATFORM.set_stock(StockLevel(STORE, fries, 5), connected(), pos)
    PLATFORM.set_stock(StockLevel(STORE, fries, 0), connected(), pos)
    PLATFORM.set_item_availability(ItemAvailability(STORE, fries, available=True), connected(), pos)
    sent = [json.loads(call["body"]) for call in pos.calls("toast") if call["method"] == "PUT"]
    assert sent == [
        [{"guid": fries, "status": "OUT_OF_STOCK"}],
        [{"guid": fries, "status": "QUANTITY", "quantity": 5}],
        [{"guid": fries, "status": "OUT_OF_STOCK"}],
        [{"guid": fries, "status": "IN_STOCK"}],
    ]


def test_an_item_that_is_not_on_the_menu_is_refused(pos: Pos) -> None:
    pos.settle(unknown_items=["gone"])
    with pytest.raises(Reject, match="gone"):
        PLATFORM.set_stock(StockLevel(STORE, "gone", 5), connected(), pos)


def test_a_connection_is_verified_by_its_restaurant(pos: Pos) -> None:
    assert PLATFORM.verify_connection(connected(), pos).note == "Toast knows Corner Kitchen"


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"not_connected": [STORE]}, Misconfigured),
        ({"no_scope": ["/orders/"]}, Misconfigured),
        ({"retry_after": 9}, Retry),
    ],
)
def test_refusals_are_what_they_are(pos: Pos, settings: dict[str, Any], error: type[Exception]) -> None:
    order = pos.hold(1)
    pos.settle(**settings)
    with pytest.raises(error):
        fetched(pos, order)


def test_a_revoked_token_is_refused(pos: Pos) -> None:
    order = pos.hold(1)
    pos.control("DELETE", "toast/tokens")
    with pytest.raises(Misconfigured):
        fetched(pos, order)


def test_an_order_of_another_restaurant_is_not_there(pos: Pos) -> None:
    with pytest.raises(Reject, match="no such order"):
        fetched(pos, pos.hold(1), OTHER)


def test_a_poll_finds_what_was_changed_at_every_restaurant(pos: Pos) -> None:
    connection = connected(STORE, OTHER)
    made = [pos.hold(n, STORE if n % 2 else OTHER) for n in range(203)]
    pos.wait(minutes=10)
    cursor: Mapping[str, str] = {}
    found, pages, more = [], 0, True
    while more:
        page = PLATFORM.poll(cursor, connection, pos, pos.now)
        cursor, more, pages = page.cursor, page.more, pages + 1
        found += [message.order for message in page.messages if isinstance(message, OrderSnapshot)]

    assert pages == 4
    assert sorted(order.external_id for order in found) == sorted(map(guid_of, made))
    assert {order.store_id for order in found} == {"sto_0", "sto_1"}
    assert {order.fulfillment for order in found} == {Fulfillment.DELIVERY}

    pos.wait(minutes=30)
    assert PLATFORM.poll(cursor, connection, pos, pos.now).messages == []
    pos.control("PATCH", f"toast/orders/{guid_of(made[7])}", {"voided": True})
    pos.wait(minutes=1)
    (voided,) = PLATFORM.poll(cursor, connected(STORE), pos, pos.now).messages
    assert isinstance(voided, OrderSnapshot)
    assert (voided.order.external_id, voided.order.status) == (guid_of(made[7]), Status.CANCELLED)
