"""Orders that staff make: stored as all others, priced by the hub, made once, and nobody to tell of them."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.events import Actor, Cause
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.storage import orders, timelines
from tests.functional import cloud
from tests.functional.conftest import Clock
from tests.functional.hub import STORE, Hub, Reply

ROBIN = Caller("key_robin", "Robin", Role.STORE_EMPLOYEE, frozenset({STORE}))
KIM = Caller("key_kim", "Kim", Role.STORE_EMPLOYEE, frozenset({STORE}))
NEW: dict[str, Any] = {
    "store_id": STORE,
    "fulfillment": "delivery",
    "customer": {"name": "Sam Doe", "phone": "+1 555 0142"},
    "address": {"line1": "1 Main Street", "city": "Springfield", "lat": 42.1, "lng": -72.5},
    "items": [
        {
            "name": "Veggie Burger",
            "sku": "BURGER-V",
            "quantity": 2,
            "unit_price": 950,
            "notes": "no onions",
            "modifiers": [{"name": "Extra cheese", "sku": "CHEESE", "unit_price": 100}],
        },
        {"name": "Lemonade", "unit_price": 300},
    ],
    "tax": 216,
    "delivery_fee": 399,
    "tip": 200,
    "payment": {"method": "cash"},
    "notes": "ring twice",
    "prep_minutes": 25,
}


def make(hub: Hub, caller: Caller = ROBIN, *, key: str | None = None, dry_run: bool = False, **changes: Any) -> Reply:
    headers = {"idempotency_key": key} if key else {}
    query = {"dry_run": "true"} if dry_run else None
    return hub.api("POST", "/v1/orders", {**NEW, **changes}, caller=caller, query=query, **headers)


def made(hub: Hub, **changes: Any) -> str:
    reply = make(hub, **changes)
    assert reply.status == 201, reply
    return str(reply.json["id"])


# --- made -------------------------------------------------------------------------------------------------------------


def test_an_order_is_made_with_its_sums(hub: Hub) -> None:
    reply = make(hub)

    assert (reply.status, reply.headers["etag"]) == (201, '"1"')
    order = reply.json
    assert (order["platform"], order["channel"], order["status"]) == ("direct", "LulaDirect", "incoming")
    assert [item["total"] for item in order["items"]] == [2100, 300]
    assert {name: order["amounts"][name] for name in ("currency", "subtotal", "tax", "total")} == {
        "currency": "USD",
        "subtotal": 2400,
        "tax": 216,
        "total": 3215,
    }
    assert order["payment"] == {"method": "cash", "prepaid": False, "amount_due": 3215}
    assert (order["accept_by"], order["ready_at"], order["checks"]) == (None, "2026-10-05T15:25:00Z", [])
    assert (order["customer"]["name"], order["address"]["lat"], order["notes"]) == ("Sam Doe", 42.1, "ring twice")
    assert order["allowed_actions"] == ["accept", "deny", "cancel"]
    assert order["advice"] == []
    assert order["sync"]["state"] == "not_needed"


def test_it_is_stored_and_listed_like_any_other(hub: Hub) -> None:
    order = make(hub).json

    alone = hub.api("GET", f"/v1/orders/{order['id']}").json
    assert {name: alone[name] for name in order} == order
    assert hub.api("GET", "/v1/orders", caller=ROBIN).json["orders"] == [order]
    assert hub.api("GET", f"/v1/stores/{STORE}/orders").json["orders"] == [order]


def test_the_timeline_says_who_made_it_and_keeps_what_was_asked(hub: Hub) -> None:
    order_id = made(hub)

    (event,) = hub.timeline(order_id)
    assert (event.type, event.effect, event.version) == ("order.created", "applied", 1)
    assert event.cause == Cause(Actor.STAFF, "Robin (key_robin)")
    raw = timelines.received(order_id, event.key)
    assert raw is not None
    assert b"ring twice" in raw.body


def test_a_channel_and_a_number_of_one_s_own_are_kept(hub: Hub) -> None:
    order = make(hub, channel="Telephone", display_id="T-17").json

    assert (order["channel"], order["display_id"]) == ("Telephone", "T-17")


def test_prices_are_in_the_currency_of_the_store(hub: Hub) -> None:
    hub.add_store("sto_tokyo", currency="JPY", time_zone="Asia/Tokyo")
    order = make(hub, Caller("key_all", "all", Role.ADMIN, frozenset({EVERY_STORE})), store_id="sto_tokyo").json

    assert order["amounts"]["currency"] == "JPY"
    refused = make(hub, currency="EUR")
    assert refused.error == (422, "INVALID_FIELD_VALUE")
    assert refused.json["details"] == {"field": "currency"}


# --- nobody to tell ---------------------------------------------------------------------------------------------------


def test_staff_take_it_to_its_end_and_nobody_is_told(hub: Hub) -> None:
    order_id = made(hub)

    for action in ("accept", "bagging", "ready", "picked_up", "complete"):
        reply = hub.api("PUT", f"/v1/orders/{order_id}/{action}", caller=ROBIN)
        assert (reply.status, reply.json["sync"]["state"], reply.json["advice"]) == (200, "not_needed", [])
        assert hub.run() == 0

    order = hub.order(order_id)
    assert (order.status, order.sync.state, order.version) == ("completed", "not_needed", 6)
    assert {event.type.split(".")[0] for event in hub.timeline(order_id)} == {"order"}


def test_the_minutes_said_when_it_was_made_are_promised(hub: Hub, clock: Clock) -> None:
    order_id = made(hub)
    clock.wait(minutes=2)

    accepted = hub.api("PUT", f"/v1/orders/{order_id}/accept").json

    assert (accepted["prep_minutes"], accepted["ready_at"]) == (25, "2026-10-05T15:27:00Z")


@pytest.mark.parametrize("action", ["deny", "cancel"])
def test_it_may_end_early_and_get_another_time(hub: Hub, action: str) -> None:
    order_id = made(hub)

    assert hub.api("PATCH", f"/v1/orders/{order_id}/ready-time", {"prep_minutes": 50}).status == 200
    reply = hub.api("PUT", f"/v1/orders/{order_id}/{action}", {"reason": "KITCHEN_CLOSED"})

    assert (reply.status, reply.json["sync"]["state"]) == (200, "not_needed")
    assert hub.run() == 0


# --- once -------------------------------------------------------------------------------------------------------------


def test_a_request_sent_again_gives_the_first_order(hub: Hub, clock: Clock) -> None:
    first = make(hub, key="k1")
    clock.wait(minutes=5)

    again = make(hub, key="k1")

    assert (again.status, again.json) == (201, first.json)
    assert len(cloud.events()) == 1


def test_a_repeat_is_answered_though_its_time_has_passed_and_the_order_moved_on(hub: Hub, clock: Clock) -> None:
    told: dict[str, Any] = {"scheduled_for": "2026-10-05T16:00:00Z"}
    first = make(hub, key="k1", **told).json
    hub.api("PUT", f"/v1/orders/{first['id']}/accept")
    clock.wait(hours=2)

    again = make(hub, key="k1", **told)

    assert (again.status, again.json["id"], again.json["status"]) == (201, first["id"], "accepted")


@pytest.mark.parametrize(("changes", "status"), [({}, 201), ({"notes": "other"}, 409)])
def test_two_at_the_same_moment_make_one(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], status: int
) -> None:
    make(hub, key="k1")
    view, looks = orders.view, iter([True])  # the first look comes before the other has written
    monkeypatch.setattr(orders, "view", lambda order_id: None if next(looks, False) else view(order_id))

    assert make(hub, key="k1", **changes).status == status
    assert len(cloud.events()) == 1


def test_a_key_is_for_one_request_of_one_caller(hub: Hub) -> None:
    first = make(hub, key="k1").json

    assert make(hub, key="k1", notes="something else").error == (409, "IDEMPOTENCY_KEY_REUSED")
    assert make(hub, KIM, key="k1").json["id"] != first["id"]


def test_without_a_key_each_request_makes_an_order(hub: Hub) -> None:
    assert made(hub) != made(hub)


# --- a trial ----------------------------------------------------------------------------------------------------------


def test_a_dry_run_prices_and_stores_nothing(hub: Hub) -> None:
    reply = make(hub, key="k1", dry_run=True)

    assert (reply.status, reply.json["version"], reply.json["amounts"]["total"]) == (200, 0, 3215)
    assert cloud.items() == []
    assert hub.api("GET", f"/v1/orders/{reply.json['id']}").error == (404, "ORDER_NOT_FOUND")
    assert make(hub, key="k1", notes="changed our mind").status == 201


def test_a_dry_run_refuses_what_the_order_would_be_refused_for(hub: Hub) -> None:
    assert make(hub, dry_run=True, address=None).error == (422, "INVALID_FIELD_VALUE")


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"items": []},
        {"items": [{"name": "Tea", "unit_price": -1}]},
        {"tip": -5},
        {"created_by": "somebody else"},
        {"status": "completed"},
        {"scheduled_for": "tomorrow"},
    ],
)
def test_what_does_not_fit_is_refused(hub: Hub, changes: Any) -> None:
    assert make(hub, **changes).error == (422, "VALIDATION_ERROR")
    assert cloud.items() == []


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_times_beyond_all_years_do_not_fit(hub: Hub, at: str) -> None:
    assert make(hub, scheduled_for=at).error == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": None}, "address"),
        ({"scheduled_for": "2026-10-05T14:59:59Z"}, "scheduled_for"),
        ({"discounts": [{"amount": 10**6}]}, "discounts"),
        ({"items": [{"name": "Gold", "unit_price": 10**12, "quantity": 10**5}]}, "items"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(hub: Hub, changes: Any, field: str) -> None:
    reply = make(hub, **changes)

    assert reply.error == (422, "INVALID_FIELD_VALUE")
    assert reply.json["details"] == {"field": field}
    assert cloud.items() == []


def test_deeply_nested_modifiers_are_refused(hub: Hub) -> None:
    item: dict[str, Any] = {"name": "x", "unit_price": 1}
    for _ in range(200):
        item = {"name": "x", "unit_price": 1, "modifiers": [item]}

    assert make(hub, items=[item]).status == 422
    assert cloud.items() == []


def test_a_store_that_is_not_the_caller_s_is_not_there(hub: Hub) -> None:
    hub.add_store("sto_other")

    assert make(hub, store_id="sto_other").error == (404, "INVALID_STORE")
    assert make(hub, store_id="sto_none").error == (404, "INVALID_STORE")
    assert cloud.items() == []


def test_a_viewer_makes_none(hub: Hub) -> None:
    viewer = Caller("key_v", "a viewer", Role.VIEWER, frozenset({STORE}))

    assert make(hub, viewer).error == (403, "PERMISSION_DENIED")
    assert make(hub, viewer, dry_run=True).error == (403, "PERMISSION_DENIED")
