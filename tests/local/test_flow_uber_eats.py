"""Uber Eats, both ways: thin notifications in, staff's decisions out, and what becomes of them when Uber stumbles."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.standins.samples import uber_eats
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect, demo_line

ACCEPT_WITHIN = timedelta(minutes=11, seconds=30)
ACCEPTS = {"v1": "/accept", "v2": "/accept_pos_order"}
SAMPLES: dict[str, Callable[..., Json]] = {"v1": uber_eats.order, "v2": uber_eats.order_v2}
# Once we have accepted, Uber calls an order one in preparation, whenever it is read again.
IN_THE_KITCHEN = ("accepted", "bagging")
NOT_FOUND = {"code": "resource_not_found", "message": "Order not found", "metadata": {}}
EXPIRED = {
    "state": "FAILED",
    "status": "COMPLETED",
    "failure_info": {"reason": "ACCEPT_TIMED_OUT", "failure_attributed_to_party": "MERCHANT"},
}


@pytest.fixture
def line(hub: RunningHub) -> Line:
    return demo_line(hub, "uber_eats")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def accept_body(generation: str, order: Json) -> Json:
    """What Uber has to be told of an order that the store has taken."""
    ready = at(order["ready_at"]).replace(microsecond=0)
    told: Json
    if generation == "v1":
        told = {"ready_for_pickup_time": ready.strftime("%Y-%m-%dT%H:%M:%SZ")}
    else:
        told = {"reason": "Accepted by the store", "pickup_time": int(ready.timestamp())}
    return {**told, "external_reference_id": order["id"]}


def results(hub: RunningHub, order_id: str) -> list[str]:
    """What the timeline says of the calls to Uber."""
    return [kind for _, kind, _ in hub.told(order_id) if kind.startswith("push.")]


@pytest.mark.parametrize("generation", ["v1", "v2"])
def test_an_order_is_fetched_accepted_and_confirmed(hub: RunningHub, line: Line, generation: str) -> None:
    made = line.hold(line.new_order(SAMPLES[generation]))
    reply = line.tell("orders.notification", made)
    assert (reply.status_code, reply.content) == (200, b"")
    order = hub.wait_for(line.order_id(made))
    assert (order["status"], order["sync"]["state"]) == ("incoming", "not_needed")
    assert at(order["accept_by"]) == at(order["placed_at"]) + ACCEPT_WITHIN
    assert order["items"] != []

    taken = line.act(made, "accept", {"prep_minutes": 20})
    assert (taken["status"], taken["sync"]["state"], taken["prep_minutes"]) == ("accepted", "pending", 20)
    told = hub.wait_told(taken["id"])
    assert told["status"] in IN_THE_KITCHEN
    assert (told["sync"]["state"], told["sync"]["attempts"]) == ("confirmed", 1)
    assert [call["body"] for call in line.calls(made, path=ACCEPTS[generation])] == [accept_body(generation, taken)]
    assert line.held(made)["state" if generation == "v1" else "current_state"] == "ACCEPTED"
    assert [told for told in hub.told(taken["id"]) if told[0] in ("staff", "system")] == [
        ("staff", "order.accepted", "applied"),
        ("system", "push.confirmed", "applied"),
    ]


@pytest.mark.parametrize(
    ("action", "path", "field"), [("deny", "/deny", "deny_reason"), ("cancel", "/cancel", "cancellation_reason")]
)
def test_a_refusal_reaches_uber_with_its_reason(
    hub: RunningHub, line: Line, action: str, path: str, field: str
) -> None:
    made = line.receive()
    if action == "cancel":
        line.act(made, "accept")
        hub.wait_told(line.order_id(made))
    line.act(made, action, {"reason": "KITCHEN_CLOSED", "details": "The oven is cold"})
    told = hub.wait_told(line.order_id(made))
    assert (told["sync"]["state"], told["allowed_actions"]) == ("confirmed", [])
    bodies = [call["body"] for call in line.calls(made, path=path)]
    assert [(body[field]["type"], body[field]["info"]) for body in bodies] == [("KITCHEN_CLOSED", "The oven is cold")]
    assert line.held(made)["state"] == "FAILED"


def test_three_errors_of_uber_end_confirmed(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.fault(made, "/accept", status=500, times=3)
    line.act(made, "accept")
    told = hub.wait_told(line.order_id(made))
    assert told["status"] in IN_THE_KITCHEN
    assert (told["sync"]["state"], told["sync"]["attempts"]) == ("confirmed", 4)
    calls = line.calls(made, path="/accept")
    assert [call["status"] for call in calls] == [500, 500, 500, 200]
    assert [call["body"] for call in calls] == [calls[0]["body"]] * 4
    assert results(hub, told["id"]) == ["push.retrying"] * 3 + ["push.confirmed"]


def test_the_wait_that_uber_asks_for_is_kept(hub: RunningHub, line: Line, measured: Callable[[str], None]) -> None:
    made = line.receive()
    line.fault(made, "/accept", status=429, times=1, headers={"Retry-After": "6"})
    line.act(made, "accept")
    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    first, second = line.calls(made, path="/accept")
    gap = at(second["at"]) - at(first["answered_at"])
    measured(f"asked to wait 6 s, Uber was called again after {gap.total_seconds():.1f} s")
    assert (first["status"], second["status"]) == (429, 200)
    assert gap >= timedelta(seconds=6)


def unknown_to_uber(line: Line, made: Json) -> None:
    line.fault(made, "", status=404, times=100, body=NOT_FOUND)


def out_of_time(line: Line, made: Json) -> None:
    line.change(made, **EXPIRED)


@pytest.mark.parametrize(("happens", "refused"), [(unknown_to_uber, 404), (out_of_time, 400)])
def test_an_acceptance_that_uber_refuses_is_a_failure_for_all_to_see(
    hub: RunningHub, line: Line, happens: Callable[[Line, Json], None], refused: int
) -> None:
    made = line.receive()
    happens(line, made)
    line.act(made, "accept")
    told = hub.wait_told(line.order_id(made))
    assert told["sync"]["state"] == "failed"
    assert str(refused) in told["sync"]["detail"]
    assert {call["status"] for call in line.calls(made, path="/accept")} == {refused}
    failures = [one for one in hub.timeline(told["id"]) if one["type"] == "push.failed"]
    assert [(one["effect"], one["cause"]["actor"]) for one in failures] == [("failed", "system")]
    assert failures[0]["summary"]["reason"] == told["sync"]["detail"]
    if happens is out_of_time:
        assert told["status"] == "cancelled", "the food must not be made for an order that is over"


def test_an_error_after_the_effect_is_found_out_and_confirmed(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.fault(made, "/accept", status=500, times=1, after_effect=True)
    line.act(made, "accept")
    told = hub.wait_told(line.order_id(made))
    assert told["status"] in IN_THE_KITCHEN
    assert told["sync"]["state"] == "confirmed"
    calls = line.calls(made, path="/accept")
    assert (calls[0]["status"], calls[0]["fault"]) == (500, "after_effect")
    assert 200 not in {call["status"] for call in calls}
    assert line.held(made)["state"] == "ACCEPTED"


def test_a_scheduled_order_is_accepted_twice(hub: RunningHub, line: Line) -> None:
    made = line.hold(line.new_order(uber_eats.scheduled_order))
    assert line.tell("orders.scheduled.notification", made).status_code == 200
    order = hub.wait_for(line.order_id(made))
    assert (order["status"], order["scheduled_for"] is None) == ("incoming", False)
    line.act(made, "accept")
    assert hub.wait_told(order["id"])["sync"]["state"] == "confirmed"
    assert [call["status"] for call in line.calls(made, path="/accept")] == [200]

    line.change(made, state="OFFERED", status="ACTIVE")
    assert line.tell("orders.notification", made).status_code == 200
    eventually(lambda: line.held(made)["state"], lambda state: state == "ACCEPTED")
    assert [call["status"] for call in line.calls(made, path="/accept")] == [200, 200]
    assert hub.wait_told(order["id"])["status"] in IN_THE_KITCHEN
    assert ("fetch", "order.offered", "applied") in hub.told(order["id"])


def test_a_cancellation_needs_nothing_but_its_notification(hub: RunningHub, line: Line) -> None:
    known = line.receive(line.new_order(uber_eats.order_v2))
    reads = line.calls(known, "GET")
    never_seen = line.new_order(uber_eats.order_v2)
    for made in (known, never_seen):
        assert line.tell("orders.cancel", made).status_code == 200
        order = hub.wait_for(line.order_id(made), lambda order: order["status"] == "cancelled")
        assert order["allowed_actions"] == []
    assert line.calls(known, "GET") == reads
    assert line.calls(never_seen, "GET") == []


def test_many_orders_at_once_use_one_token(hub: RunningHub, measured: Callable[[str], None]) -> None:
    scope = "eats.order eats.store one-token"
    line = connect(hub, "uber_eats", settings={"scopes": scope})
    orders = [line.hold(line.new_order(SAMPLES[generation])) for generation in ("v1", "v2") for _ in range(8)]
    with ThreadPoolExecutor(8) as senders:
        told = senders.map(lambda made: line.tell("orders.notification", made).status_code, orders)
        assert set(told) == {200}
    wanted = {line.order_id(made) for made in orders}
    listed = eventually(lambda: {one["id"] for one in hub.open_orders(line.store_id)}, lambda ids: ids == wanted)
    assert len(listed) == 16
    calls: list[dict[str, Any]] = hub.vendor("uber_eats", "GET", "calls")["calls"]
    asked = [call for call in calls if call["path"].endswith("/token") and call["body"]["scope"] == scope]
    measured(f"16 orders at once, {len(asked)} request for a token")
    assert len(asked) == 1
