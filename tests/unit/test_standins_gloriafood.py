"""The stand-in for GloriaFood: its queues, its keys, its menu; and the adapter's own calls against it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr
from werkzeug.test import TestResponse

from local.standins.gloriafood import MASTER_KEY, PLAYED
from local.standins.samples import gloriafood as samples
from orderhub.errors import Misconfigured, Reject, Retry
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import Fulfillment
from orderhub.order.pricing import check_sums
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, StoreRef
from orderhub.platforms.gloriafood import PLATFORM
from orderhub.platforms.http_types import Request
from tests.unit.standins_client import START, Caller, VendorHttp

STORE, OTHER = samples.STORE_ID, "20999"
POP, MENU = "/pos/order/pop", "/pos/menu"


class Restaurant(Caller, VendorHttp):
    """A caller of a stand-in that polls two restaurants, and the Http of the adapter's calls to it."""

    def __init__(self) -> None:
        super().__init__()
        VendorHttp.__init__(self, self, connected())
        self.control("PATCH", "gloriafood/settings", {"polled_restaurants": [STORE, OTHER]})

    def pop(self, key: str, version: str = "2") -> TestResponse:
        return self.call("POST", f"/gloriafood{POP}", **{"Authorization": key, "Glf-Api-Version": version})

    def waiting(self, restaurant: str = STORE) -> list[int]:
        """Takes what waits for a restaurant: the ids."""
        answered = self.pop(samples.poll_key(restaurant)).get_json()
        ids = [order["id"] for order in answered["orders"]]
        assert answered["count"] == len(ids)
        return ids

    def hold(self, n: int, restaurant: str = STORE, **fields: Any) -> dict[str, Any]:
        order = samples.order(n, placed_at=START, **fields)
        samples.at_store(order, restaurant)
        self.put("gloriafood", order)
        return order


@pytest.fixture
def theirs() -> Restaurant:
    return Restaurant()


def connected(*keys: str, menu_key: str | None = None) -> Connection[Any, Any]:
    credentials = PLATFORM.Credentials(
        restaurant_keys=tuple(SecretStr(key) for key in keys), menu_key=SecretStr(menu_key) if menu_key else None
    )
    return Connection(
        "con_1",
        "gloriafood",
        credentials,
        PLATFORM.Settings(mode="poll", base_url="http://vendors.test/gloriafood"),
        StoreRef("sto_1"),
        {},
    )


# --- its rules --------------------------------------------------------------------------------------------------------


def test_an_order_waits_as_long_as_it_takes_and_is_handed_out_once(theirs: Restaurant) -> None:
    orders = [theirs.hold(n) for n in (1, 2)]
    theirs.wait(days=400)

    assert theirs.waiting() == [order["id"] for order in orders]
    assert theirs.waiting() == []


def test_a_pop_takes_the_orders_of_its_restaurant_and_leaves_the_others(theirs: Restaurant) -> None:
    ours, others = theirs.hold(1), theirs.hold(2, OTHER)

    assert (theirs.waiting(), theirs.waiting(OTHER)) == ([ours["id"]], [others["id"]])


def test_the_answer_is_the_document_that_would_be_pushed(theirs: Restaurant) -> None:
    order = theirs.hold(1)

    assert theirs.pop(samples.poll_key(STORE)).get_json() == samples.document(order)


def test_an_empty_queue_is_a_document_without_orders(theirs: Restaurant) -> None:
    assert theirs.pop(samples.poll_key(STORE)).get_json() == {"count": 0, "orders": []}


def test_a_change_makes_the_order_wait_once_more_as_it_then_is(theirs: Restaurant) -> None:
    order = theirs.hold(1)
    theirs.waiting()
    theirs.wait(minutes=9)

    theirs.control("PATCH", f"gloriafood/orders/{order['id']}", {"ready": True})

    (changed,) = theirs.pop(samples.poll_key(STORE)).get_json()["orders"]
    assert changed == {**order, "ready": True, "updated_at": "2026-10-05T17:09:00.000Z"}


def test_two_changes_before_a_pop_are_one_order(theirs: Restaurant) -> None:
    order = theirs.hold(1)
    for change in ({"ready": True}, {"status": "canceled"}):
        theirs.control("PATCH", f"gloriafood/orders/{order['id']}", change)

    assert theirs.waiting() == [order["id"]]


def test_the_orders_of_a_restaurant_that_is_not_polled_are_held_and_do_not_wait(theirs: Restaurant) -> None:
    order = theirs.hold(1, "20500")

    assert theirs.pop(samples.poll_key("20500")).status_code == 401
    assert theirs.held("gloriafood", str(order["id"])) == order


@pytest.mark.parametrize(
    "key",
    [
        "",
        "guess",
        f"Bearer {samples.poll_key(STORE)}",
        samples.poll_key(STORE).upper(),
        samples.menu_key(STORE),
        MASTER_KEY,
    ],
)
def test_a_pop_needs_the_bare_key_of_a_polled_restaurant(theirs: Restaurant, key: str) -> None:
    order = theirs.hold(1)

    assert theirs.pop(key).status_code == 401
    assert theirs.waiting() == [order["id"]]


def test_without_the_version_orders_are_those_of_version_1(theirs: Restaurant) -> None:
    theirs.hold(1)

    answered = theirs.call("POST", f"/gloriafood{POP}", Authorization=samples.poll_key(STORE)).get_json()

    assert [order["api_version"] for order in answered["orders"]] == [1]


def test_a_menu_is_read_with_a_key_of_its_own_as_often_as_one_likes(theirs: Restaurant) -> None:
    headers = {"Authorization": samples.menu_key(STORE), "Glf-Api-Version": "2"}

    for _ in range(2):
        answered = theirs.call("GET", f"/gloriafood{MENU}", **headers)
        assert (answered.status_code, answered.get_json()["restaurant_id"]) == (200, int(STORE))
    assert theirs.call("GET", f"/gloriafood{MENU}", Authorization=samples.poll_key(STORE)).status_code == 401
    assert theirs.call("GET", f"/gloriafood{MENU}", Authorization=samples.menu_key(STORE)).status_code == 400


def test_there_is_nothing_else(theirs: Restaurant) -> None:
    for method, path in (("GET", POP), ("POST", MENU), ("PUT", "/pos/order/1/accept"), ("GET", "/pos/order/1")):
        assert theirs.call(method, f"/gloriafood{path}", Authorization=samples.poll_key(STORE)).status_code == 404


def test_what_is_no_order_is_not_held(theirs: Restaurant) -> None:
    answered = theirs.call("POST", "/_control/gloriafood/orders", {"id": 1})

    assert answered.status_code == 400
    assert answered.get_json() == {"error": "this is no order of gloriafood: it has no 'status'"}


def test_keys_are_not_in_the_list_of_calls(theirs: Restaurant) -> None:
    theirs.waiting()

    assert [call for call in theirs.calls("gloriafood") if samples.poll_key(STORE) in str(call)] == []


# --- the adapter's calls against it -----------------------------------------------------------------------------------


def orders_in(body: bytes | None, connection: Connection[Any, Any]) -> list[OrderSnapshot]:
    request = Request("POST", "/", {}, {}, body or b"", START)
    messages = PLATFORM.read(request, connection).messages
    return [message for message in messages if isinstance(message, OrderSnapshot)]


def test_a_round_of_polls_gets_what_waits_for_each_restaurant(theirs: Restaurant) -> None:
    connection = connected(samples.poll_key(STORE), samples.poll_key(OTHER))
    held = [theirs.hold(1), theirs.hold(2), theirs.hold(3, OTHER)]

    first = PLATFORM.poll({}, connection, theirs, START)
    second = PLATFORM.poll(first.cursor, connection, theirs, START)
    third = PLATFORM.poll(second.cursor, connection, theirs, START)

    found = [message.order.external_id for page in (first, second) for message in orders_in(page.body, connection)]
    assert found == [str(order["id"]) for order in held]
    assert [page.more for page in (first, second, third)] == [True, False, True]
    assert third.body is None


def test_a_revoked_key_is_told_and_the_other_restaurant_is_polled(theirs: Restaurant) -> None:
    connection = connected("revoked", samples.poll_key(STORE))
    order = theirs.hold(1)

    first = PLATFORM.poll({}, connection, theirs, START)
    second = PLATFORM.poll(first.cursor, connection, theirs, START)

    refused = "GloriaFood answered 401: the credentials of this connection are refused"
    assert first.trouble == f"restaurant key 1 of 2: {refused}"
    assert [message.order.external_id for message in orders_in(second.body, connection)] == [str(order["id"])]


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Misconfigured), (403, Misconfigured), (404, Reject), (429, Retry), (500, Retry), (503, Retry)],
)
def test_a_refusal_is_told_by_what_to_do_about_it(theirs: Restaurant, status: int, error: type[Exception]) -> None:
    connection = connected(samples.poll_key(STORE), menu_key=samples.menu_key(STORE))
    order = theirs.hold(1)
    theirs.fault("gloriafood", status=status, times=2)

    with pytest.raises(error):
        PLATFORM.poll({}, connection, theirs, START)
    with pytest.raises(error):
        PLATFORM.verify_connection(connection, theirs)

    assert theirs.waiting() == [order["id"]]


def test_a_connection_is_tried_by_the_menu_and_no_order_is_lost_by_it(theirs: Restaurant) -> None:
    connection = connected(samples.poll_key(STORE), menu_key=samples.menu_key(STORE))
    order = theirs.hold(1)

    assert PLATFORM.verify_connection(connection, theirs).note == f"the menu of restaurant {STORE} can be read"
    assert theirs.waiting() == [order["id"]]


# --- the samples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(60))
def test_sums_of_the_samples_agree_and_nothing_in_them_is_strange(n: int) -> None:
    order = PLATFORM.to_order(samples.order(n, placed_at=START), connected())

    assert [*order.checks, *check_sums(order)] == []
    assert order.items


def test_the_samples_go_every_way_that_there_is() -> None:
    orders = [PLATFORM.to_order(samples.order(n), connected()) for n in range(30)]

    ways = {Fulfillment.DELIVERY, Fulfillment.PICKUP, Fulfillment.DINE_IN}
    assert {order.fulfillment for order in orders} == ways
    assert {order.amounts.tax_included for order in orders} == {True, False}
    assert {bool(order.discounts) for order in orders} == {True, False}
    assert len({order.id for order in orders}) == len(orders)


@pytest.mark.parametrize(
    ("event", "status"),
    [("order.accepted", Status.ACCEPTED), ("order.ready", Status.READY), ("order.canceled", Status.CANCELLED)],
)
def test_each_event_tells_what_has_come_of_the_order(event: str, status: Status) -> None:
    connection = connected()

    headers, body = PLAYED.told(event, samples.order(1), "any")

    (message,) = orders_in(body, connection)
    assert (headers["Content-Type"], message.order.status) == ("application/json", status)
