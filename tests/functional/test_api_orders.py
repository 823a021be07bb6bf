"""Reading orders: lists, single ones, timelines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderhub.order.events import Actor, Cause
from orderhub.order.models import Address, Amounts, Customer
from orderhub.order.status import STAFF_MOVES, Status
from orderhub.storage import timelines
from tests.functional.conftest import NOW
from tests.functional.hub import STORE, Hub
from tests.functional.made import an_event, changed, store, stored
from tests.unit.made import an_item, an_order

MINUTE = timedelta(minutes=1)


def here(order_id: str = "ord_1", minutes: float = 0, **told: Any) -> None:
    """An order of the main store."""
    stored(order_id, **{"store_id": STORE, "placed_at": NOW + minutes * MINUTE, **told})


def listed(hub: Hub, path: str = "/v1/orders", **query: Any) -> list[str]:
    reply = hub.api("GET", path, query=query)
    assert reply.status == 200, reply
    assert set(reply.json) - {"summary", "no_summary"} == {"orders", "next_cursor"}
    return [order["id"] for order in reply.json["orders"]]


def pages(hub: Hub, path: str = "/v1/orders", **query: Any) -> list[list[str]]:
    """All pages of a list."""
    found: list[list[str]] = []
    while True:
        reply = hub.api("GET", path, query=query)
        assert reply.status == 200, reply
        found.append([order["id"] for order in reply.json["orders"]])
        if reply.json["next_cursor"] is None:
            return found
        query["cursor"] = reply.json["next_cursor"]
        assert len(found) < 20, "the list does not end"


# --- one order --------------------------------------------------------------------------------------------------------


def test_an_order_is_shown_whole(hub: Hub) -> None:
    order = stored(
        store_id=STORE,
        placed_at=NOW,
        customer=Customer(name="Robin Ashdown", phone="+15550100"),
        address=Address(line1="14 Sample Street", lat=41.8853),
        items=[an_item(quantity=Decimal("1.5"), unit_price=900, total=1350, modifiers=[an_item(id="itm_2")])],
        amounts=Amounts(currency="USD", subtotal=1350, total=1350, computed=["subtotal"]),
        source={"generation": "v1"},
    )

    reply = hub.api("GET", "/v1/orders/ord_1")

    shown = {**order.model_dump(mode="json"), "allowed_actions": ["accept", "deny", "cancel"], "advice": []}
    assert (reply.status, reply.json) == (200, {**shown, "tickets": [], "deliveries": [], "handed_over": []})


@pytest.mark.parametrize("status", Status)
def test_an_order_says_what_staff_may_do_with_it(hub: Hub, status: Status) -> None:
    here(status=status)
    words = {"accept": "accepted", "deny": "denied", "cancel": "cancelled", "complete": "completed"}

    allowed = hub.api("GET", "/v1/orders/ord_1").json["allowed_actions"]

    assert {words.get(action, action) for action in allowed} == STAFF_MOVES[status]


def test_an_order_carries_its_version_as_etag(hub: Hub) -> None:
    store(changed(stored(store_id=STORE)))

    assert hub.api("GET", "/v1/orders/ord_1").headers["etag"] == '"2"'


@pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"7", "1"', "*"])
def test_an_order_that_the_caller_knows_in_this_version_is_not_sent_again(hub: Hub, known: str) -> None:
    here()

    reply = hub.api("GET", "/v1/orders/ord_1", if_none_match=known)

    assert (reply.status, reply.body, reply.headers["etag"]) == (304, "", '"1"')


@pytest.mark.parametrize("known", ['"0"', '"11"', "", "nonsense"])
def test_an_order_that_has_changed_is_sent_whole(hub: Hub, known: str) -> None:
    here()

    assert hub.api("GET", "/v1/orders/ord_1", if_none_match=known).json["id"] == "ord_1"


def test_an_order_that_is_not_there_is_not_found(hub: Hub) -> None:
    assert hub.api("GET", "/v1/orders/ord_none").error == (404, "ORDER_NOT_FOUND")
    assert hub.api("GET", "/v1/orders/ord_none/timeline").error == (404, "ORDER_NOT_FOUND")


# --- timelines --------------------------------------------------------------------------------------------------------


def test_a_timeline_tells_who_did_what_when_and_to_what_effect(hub: Hub) -> None:
    here()
    timelines.add_event(
        an_event(
            key="staff-1",
            type="order.accepted",
            at=NOW + MINUTE,
            cause=Cause(Actor.STAFF, "Robin (key_1)"),
            version=2,
            source_version="7",
            summary={"from": "incoming", "to": "accepted"},
        )
    )

    reply = hub.api("GET", "/v1/orders/ord_1/timeline")

    assert reply.status == 200
    assert [event["key"] for event in reply.json["events"]] == ["v1", "staff-1"]
    assert reply.json["next_cursor"] is None
    assert reply.json["events"][1] == {
        "key": "staff-1",
        "type": "order.accepted",
        "effect": "applied",
        "at": "2026-10-05T15:01:00Z",
        "cause": {"actor": "staff", "name": "Robin (key_1)"},
        "version": 2,
        "source_version": "7",
        "summary": {"from": "incoming", "to": "accepted"},
    }


# --- open orders ------------------------------------------------------------------------------------------------------


def test_open_orders_are_listed_oldest_first(hub: Hub) -> None:
    here("b", 2)
    here("a", 3)
    here("c", 1)
    here("gone", 0, status=Status.COMPLETED)

    assert listed(hub) == listed(hub, store_id=STORE) == ["c", "b", "a"]


def test_a_list_shows_orders_as_they_are_shown_alone(hub: Hub) -> None:
    here(items=[an_item()])

    (order,) = hub.api("GET", "/v1/orders").json["orders"]

    assert {**order, "tickets": [], "deliveries": [], "handed_over": []} == hub.api("GET", "/v1/orders/ord_1").json


def test_only_the_statuses_asked_for_are_listed(hub: Hub) -> None:
    for status in (Status.INCOMING, Status.ACCEPTED, Status.READY):
        here(status.value, status=status)

    assert listed(hub, status="ready") == ["ready"]
    assert sorted(listed(hub, status="ready,incoming")) == ["incoming", "ready"]
    assert listed(hub, status="ready", store_id=STORE) == ["ready"]


def test_an_empty_hub_lists_nothing(hub: Hub) -> None:
    assert hub.api("GET", "/v1/orders").json == {"orders": [], "next_cursor": None}


def test_pages_go_through_all_stores(hub: Hub) -> None:
    for number, name in enumerate(("sto_a", "sto_b", "sto_c", "sto_d")):
        hub.add_store(name)
        for order in range(0 if name == "sto_b" else 3):
            stored(f"{name}-{order}", store_id=name, placed_at=NOW + (order - number) * MINUTE)

    found = pages(hub, limit=2)

    assert [one for page in found for one in page] == [
        f"{name}-{order}" for name in ("sto_a", "sto_c", "sto_d") for order in range(3)
    ]
    assert max(len(page) for page in found) == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_no_page_size_loses_or_repeats_an_order(hub: Hub, limit: int) -> None:
    hub.add_store("sto_other")
    for number in range(4):
        here(f"a{number}", number)
        stored(f"b{number}", store_id="sto_other", placed_at=NOW + number * MINUTE)

    found = [one for page in pages(hub, limit=limit) for one in page]

    assert found == [f"a{number}" for number in range(4)] + [f"b{number}" for number in range(4)]


def test_pages_with_a_filter_may_be_short_and_still_go_on(hub: Hub) -> None:
    for number in range(6):
        here(f"o{number}", number, status=Status.READY if number == 5 else Status.INCOMING)

    assert [one for page in pages(hub, limit=2, status="ready") for one in page] == ["o5"]


def test_a_store_that_is_added_between_two_pages_repeats_and_loses_nothing(hub: Hub) -> None:
    for number in range(3):
        here(f"o{number}", number)
    first = hub.api("GET", "/v1/orders", query={"limit": 2}).json

    hub.add_store("sto_a")  # sorts before the main store
    rest = listed(hub, limit=2, cursor=first["next_cursor"])

    assert [order["id"] for order in first["orders"]] + rest == ["o0", "o1", "o2"]


# --- a day ------------------------------------------------------------------------------------------------------------


def test_a_day_is_that_of_the_store(hub: Hub) -> None:
    late = NOW.replace(hour=3)  # the evening before in New York
    store(an_order(id="late", store_id=STORE, version=1, placed_at=late), time_zone="America/New_York")
    store(an_order(id="today", store_id=STORE, version=1, placed_at=NOW), time_zone="America/New_York")

    assert listed(hub, f"/v1/stores/{STORE}/orders") == ["today"]
    assert listed(hub, f"/v1/stores/{STORE}/orders", date="2026-10-05") == ["today"]
    assert listed(hub, f"/v1/stores/{STORE}/orders", date="2026-10-04") == ["late"]
    assert listed(hub, f"/v1/stores/{STORE}/orders", date="2026-10-03") == []


def test_a_day_lists_open_and_closed_orders_newest_first_in_pages(hub: Hub) -> None:
    for number in range(5):
        here(f"o{number}", number, status=Status.COMPLETED if number % 2 else Status.READY)

    assert [one for page in pages(hub, f"/v1/stores/{STORE}/orders", limit=2) for one in page] == [
        "o4",
        "o3",
        "o2",
        "o1",
        "o0",
    ]
    assert listed(hub, f"/v1/stores/{STORE}/orders", status="completed") == ["o3", "o1"]


# --- what does not fit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1.5", ""])
def test_a_page_has_1_to_100_orders(hub: Hub, limit: str) -> None:
    assert hub.api("GET", "/v1/orders", query={"limit": limit}).error == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("path", ["/v1/orders", f"/v1/stores/{STORE}/orders"])
@pytest.mark.parametrize("cursor", ["x", "W10", "e30", "Wy0xLCBudWxsXQ", "WzAsICJ4Il0", "WzAsIDdd"])
def test_a_cursor_that_is_not_ours_is_refused(hub: Hub, path: str, cursor: str) -> None:
    here()
    reply = hub.api("GET", path, query={"cursor": cursor})

    assert reply.error == (400, "INVALID_CURSOR")


def test_an_unknown_status_is_refused(hub: Hub) -> None:
    reply = hub.api("GET", "/v1/orders", query={"status": "lost"})

    assert reply.error == (422, "VALIDATION_ERROR")
    assert reply.json["details"]["fields"][0]["field"].startswith("query.status")


@pytest.mark.parametrize("day", ["today", "2026-13-01", "2026-10-05T12:00:00Z"])
def test_a_day_that_is_none_is_refused(hub: Hub, day: str) -> None:
    assert hub.api("GET", f"/v1/stores/{STORE}/orders", query={"date": day}).error == (422, "VALIDATION_ERROR")


def test_a_store_that_is_not_there_is_not_found(hub: Hub) -> None:
    assert hub.api("GET", "/v1/stores/sto_none/orders").error == (404, "INVALID_STORE")
