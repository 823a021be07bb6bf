"""Orders for later: they wait, enter the open orders at their time, once, and staff may do with them what they want."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from orderhub.errors import Retry
from orderhub.order.events import Actor, Cause
from orderhub.order.models import Order
from orderhub.order.status import Status
from orderhub.service.access import Caller, Role
from orderhub.storage import orders
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import STORE, Hub, function
from tests.functional.made import stored

LATER = "2026-10-05T18:00:00Z"
ROBIN = Caller("key_robin", "Robin", Role.STORE_EMPLOYEE, frozenset({STORE}))


def made(hub: Hub, **told: Any) -> dict[str, Any]:
    """An order for 18:00; it is 15:00, and the store usually takes 15 minutes."""
    items = [{"name": "Tea", "sku": "TEA", "unit_price": 300, "quantity": 2}]
    reply = hub.api("POST", "/v1/orders", {"store_id": STORE, "items": items, "scheduled_for": LATER, **told})
    assert reply.status == 201, reply
    return dict(reply.json)


def listed(hub: Hub, *, waiting: bool = False, caller: Caller = ROBIN, **query: Any) -> list[str]:
    asked = {**query, **({"waiting": "true"} if waiting else {})}
    return [one["id"] for one in hub.api("GET", "/v1/orders", caller=caller, query=asked).json["orders"]]


def due() -> None:
    """The schedule, as each minute."""
    function("schedules.due")({}, None)


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_an_order_for_later_is_there_at_once_and_not_among_the_open_ones(hub: Hub) -> None:
    order = made(hub)

    assert (order["status"], order["enters_at"]) == ("incoming", "2026-10-05T17:45:00Z")
    assert order["amounts"]["total"] == 600
    assert hub.api("GET", f"/v1/orders/{order['id']}").json["enters_at"] == order["enters_at"]
    assert (listed(hub), listed(hub, waiting=True)) == ([], [order["id"]])
    counts = hub.api("GET", "/v1/orders/counts").json
    assert (counts["open"], counts["unacknowledged"]) == (0, 0)
    day = hub.api("GET", f"/v1/stores/{STORE}/orders").json["orders"]
    assert [one["id"] for one in day] == [order["id"]]


@pytest.mark.parametrize(
    ("told", "enters_at"),
    [
        ({}, "2026-10-05T17:45:00Z"),
        ({"prep_minutes": 90}, "2026-10-05T16:30:00Z"),
        ({"prep_minutes": 0}, LATER),
        ({"store_id": "sto_slow"}, "2026-10-05T17:30:00Z"),
        ({"prep_minutes": 180}, None),
        ({"prep_minutes": 240}, None),
        ({"scheduled_for": "2026-10-05T15:15:00Z"}, None),
        ({"scheduled_for": "2026-10-05T15:15:01Z"}, "2026-10-05T15:00:01Z"),
        ({"scheduled_for": None}, None),
    ],
)
def test_it_enters_as_long_before_as_it_takes_to_prepare(hub: Hub, told: dict[str, Any], enters_at: str | None) -> None:
    hub.add_store("sto_slow", prep_minutes=None)

    order = made(hub, **told)

    assert order["enters_at"] == enters_at
    everybody = Caller("key_a", "all", Role.ADMIN, frozenset({"*"}))
    assert listed(hub, waiting=enters_at is not None, caller=everybody) == [order["id"]]
    assert listed(hub, waiting=enters_at is None, caller=everybody) == []


def test_a_trial_says_when_it_would_enter(hub: Hub) -> None:
    new = {"store_id": STORE, "items": [{"name": "Tea", "unit_price": 300}], "scheduled_for": LATER}

    tried = hub.api("POST", "/v1/orders", new, query={"dry_run": "true"})

    assert (tried.status, tried.json["enters_at"]) == (200, "2026-10-05T17:45:00Z")


def test_those_that_wait_are_listed_by_their_time_page_by_page(hub: Hub) -> None:
    times = [f"2026-10-{day:02}T12:00:00Z" for day in (9, 7, 8, 6)]
    ids = {at: made(hub, scheduled_for=at)["id"] for at in times}
    hub.add_store("sto_2")
    elsewhere = made(hub, store_id="sto_2")["id"]

    first = hub.api("GET", "/v1/orders", query={"waiting": "true", "limit": 3, "store_id": STORE}).json
    rest = hub.api(
        "GET",
        "/v1/orders",
        query={"waiting": "true", "limit": 3, "store_id": STORE, "cursor": first["next_cursor"]},
    ).json

    found = [one["id"] for page in (first, rest) for one in page["orders"]]
    assert found == [ids[at] for at in sorted(times)]
    assert rest["next_cursor"] is None
    everybody = Caller("key_a", "all", Role.ADMIN, frozenset({"*"}))
    assert listed(hub, waiting=True, caller=everybody) == [elsewhere, *found]
    assert elsewhere not in listed(hub, waiting=True)
    foreign = hub.api("GET", "/v1/orders", query={"limit": 3, "store_id": STORE, "cursor": first["next_cursor"]})
    assert foreign.error == (400, "INVALID_CURSOR")


def test_the_acceptance_clock_does_not_tick_for_it(hub: Hub, metrics: Metrics) -> None:
    soon = NOW + timedelta(minutes=1)
    waiting = {"scheduled_for": NOW + timedelta(hours=3), "enters_at": NOW + timedelta(hours=2), "accept_by": soon}
    stored("ord_waits", store_id=STORE, placed_at=NOW, **waiting)
    stored("ord_counts", store_id=STORE, placed_at=NOW, accept_by=soon)
    metrics()

    function("schedules.sweep")({}, None)

    assert metrics() == {"UnacceptedOrders": [1], "OverdueOrders": [0]}
    assert orders.waiting(NOW + timedelta(days=1)) == [("toy", soon)]


# --- entering ---------------------------------------------------------------------------------------------------------


def test_it_enters_at_its_time_once_however_often_the_schedule_runs(hub: Hub, clock: Clock) -> None:
    order_id = made(hub)["id"]
    clock.wait(hours=2, minutes=44)
    due()
    assert (listed(hub), hub.order(order_id).version) == ([], 1)

    clock.wait(minutes=1, seconds=1)
    for _ in range(3):
        due()

    order = hub.order(order_id)
    assert (listed(hub), listed(hub, waiting=True)) == ([order_id], [])
    assert (order.status, order.enters_at, order.version, order.updated_at) == ("incoming", None, 2, clock.now)
    assert hub.told(order_id) == [("order.created", "applied"), ("order.entered", "applied")]
    assert hub.timeline(order_id)[1].cause == Cause(Actor.SYSTEM, "schedule")
    assert hub.api("GET", "/v1/orders/counts").json["unacknowledged"] == 1
    assert hub.run() == 0


def test_two_schedules_at_once_let_it_in_once(hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = made(hub)["id"]
    clock.wait(hours=4)
    before = orders.get(order_id)
    monkeypatch.setattr(orders, "to_enter", lambda _: iter([order_id, order_id]))
    due()  # the index shows it a moment too long
    monkeypatch.setattr(orders, "get", lambda _: before)  # and the other schedule has read it before this one wrote
    due()

    assert [kind for kind, _ in hub.told(order_id)] == ["order.created", "order.entered"]
    assert hub.order(order_id).version == 2


def test_all_that_are_due_enter(hub: Hub, clock: Clock) -> None:
    ids = {made(hub, display_id=f"T-{number}")["id"] for number in range(30)}
    late = made(hub, scheduled_for="2026-10-06T18:00:00Z")["id"]
    clock.wait(hours=4)

    due()

    assert set(listed(hub)) == ids
    assert listed(hub, waiting=True) == [late]


def test_one_that_cannot_enter_now_keeps_no_other_from_it(
    hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [made(hub, display_id=f"T-{number}")["id"] for number in range(3)]
    clock.wait(hours=4)
    get, busy = orders.get, [ids[1]]

    def read(order_id: str) -> Order | None:
        if order_id in busy:
            raise Retry("too busy")
        return get(order_id)

    monkeypatch.setattr(orders, "get", read)
    with pytest.raises(Retry, match="1 orders could not enter"):
        due()
    assert set(listed(hub)) == {ids[0], ids[2]}

    busy.clear()
    due()
    assert set(listed(hub)) == set(ids)


def test_what_a_minute_has_no_room_for_enters_in_the_next(
    hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {made(hub, display_id=f"T-{number}")["id"] for number in range(4)}
    clock.wait(hours=4)
    to_enter = orders.to_enter

    def slowly(before: datetime) -> Iterator[str]:
        for order_id in to_enter(before):
            clock.wait(seconds=11)
            yield order_id

    monkeypatch.setattr(orders, "to_enter", slowly)
    with pytest.raises(Retry, match="more orders are due"):
        due()
    assert len(listed(hub)) == 2

    monkeypatch.setattr(orders, "to_enter", to_enter)
    due()
    assert set(listed(hub)) == ids


# --- what staff do meanwhile ------------------------------------------------------------------------------------------


def test_an_order_that_is_accepted_early_enters(hub: Hub, clock: Clock) -> None:
    order_id = made(hub)["id"]
    clock.wait(hours=1)

    accepted = hub.api("PUT", f"/v1/orders/{order_id}/accept", caller=ROBIN)

    assert (accepted.status, accepted.json["status"], accepted.json["enters_at"]) == (200, "accepted", None)
    assert (listed(hub), listed(hub, waiting=True)) == ([order_id], [])
    clock.wait(hours=3)
    due()
    assert [kind for kind, _ in hub.told(order_id)] == ["order.created", "order.accepted"]


@pytest.mark.parametrize("action", ["deny", "cancel"])
def test_an_order_that_ends_while_it_waits_never_enters(hub: Hub, clock: Clock, action: str) -> None:
    order_id = made(hub)["id"]
    reply = hub.api("PUT", f"/v1/orders/{order_id}/{action}", {"reason": "KITCHEN_CLOSED"}, caller=ROBIN)
    assert (reply.status, reply.json["enters_at"]) == (200, None)

    clock.wait(hours=4)
    due()

    assert (listed(hub), listed(hub, waiting=True)) == ([], [])
    assert not hub.order(order_id).is_open
    assert "order.entered" not in dict(hub.told(order_id))


def test_its_cart_and_ready_time_may_change_while_it_waits(hub: Hub, clock: Clock) -> None:
    order = made(hub)
    edits = [{"action": "reduce_quantity", "item_id": order["items"][0]["id"], "quantity": 1}]
    assert hub.api("PATCH", f"/v1/orders/{order['id']}/cart", {"edits": edits}).status == 200
    assert hub.api("PATCH", f"/v1/orders/{order['id']}/ready-time", {"ready_at": LATER}).status == 200
    assert listed(hub, waiting=True) == [order["id"]]

    clock.wait(hours=4)
    due()

    entered = hub.order(order["id"])
    assert (entered.amounts.total, listed(hub)) == (300, [order["id"]])


def test_the_time_to_accept_runs_from_when_it_entered(hub: Hub, clock: Clock, metrics: Metrics) -> None:
    order_id = made(hub)["id"]
    clock.wait(hours=3)
    due()
    clock.wait(seconds=40)
    metrics()

    hub.api("PUT", f"/v1/orders/{order_id}/accept", caller=ROBIN)

    assert metrics()["AcceptanceSeconds"] == [40]
    order = hub.order(order_id)
    assert (order.answerable_since, order.times[Status.INCOMING]) == (
        order.times[Status.INCOMING],
        NOW.replace(hour=18),
    )
