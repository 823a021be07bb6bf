"""Telling a platform what staff decided: step by step, once each, until it has confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhub.order.models import Sync, SyncState
from orderhub.order.status import Status
from orderhub.platforms.base import Done
from orderhub.platforms.registry import load
from orderhub.storage import links
from orderhub.storage.links import SOURCE
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import Hub, Reply
from tests.functional.vendors import PLATFORMS

PROMISE = {"prep_minutes": 20}


@pytest.fixture
def order_id(hub: Hub, uber: str, clock: Clock) -> str:
    """An order of Uber Eats that waits for an answer. Nothing has been called since it came."""
    received = hub.receive(uber)
    hub.vendors.control("DELETE", "uber_eats/calls")
    clock.wait(60)
    return received


def act(hub: Hub, order_id: str, action: str, body: Any = None) -> Reply:
    reply = hub.api("POST", f"/v1/orders/{order_id}/{action}", body)
    assert reply.status == 200, reply
    return reply


def tell(hub: Hub, order_id: str, action: str, body: Any = None) -> int:
    """Staff act, and the hub does what follows; how many messages come back."""
    act(hub, order_id, action, body)
    return hub.run()


def paths(hub: Hub, slug: str = "uber_eats") -> list[tuple[str, int]]:
    """The last part of the path and the status of each call that changes something."""
    return [
        (path.rsplit("/", 1)[1], status) for method, path, status in hub.vendors.made(slug) if method in ("POST", "PUT")
    ]


def pushes(hub: Hub, order_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The lines of the timeline that tell what came of telling."""
    return [
        (event.type, event.effect, dict(event.summary))
        for event in hub.timeline(order_id)
        if event.type.startswith("push.")
    ]


def synced(hub: Hub, order_id: str) -> tuple[SyncState, str | None, int]:
    sync = hub.order(order_id).sync
    return sync.state, sync.detail, sync.attempts


# --- confirmed --------------------------------------------------------------------------------------------------------


def test_before_anybody_was_told_a_decision_is_pending(hub: Hub, order_id: str, clock: Clock) -> None:
    act(hub, order_id, "accept", PROMISE)

    assert hub.order(order_id).sync == Sync(
        state=SyncState.PENDING, version=2, status=Status.ACCEPTED, attempts=0, at=clock.now
    )


def test_an_order_that_staff_accept_is_accepted_at_the_platform(hub: Hub, order_id: str, clock: Clock) -> None:
    assert tell(hub, order_id, "accept", PROMISE) == 0

    (call,) = hub.vendors.calls("uber_eats")
    assert (call["method"], call["path"].rsplit("/", 1)[1], call["status"]) == ("POST", "accept", 200)
    assert call["body"] == {"ready_for_pickup_time": "2026-10-05T15:21:00Z", "external_reference_id": order_id}
    assert hub.order(order_id).sync == Sync(
        state=SyncState.CONFIRMED, version=2, status=Status.ACCEPTED, detail="accepted", attempts=1, at=clock.now
    )


def test_the_timeline_says_that_it_was_confirmed(hub: Hub, order_id: str) -> None:
    tell(hub, order_id, "accept", PROMISE)

    assert pushes(hub, order_id) == [("push.confirmed", "applied", {"status": "accepted", "attempt": 1})]


def test_a_message_that_comes_again_calls_nobody(hub: Hub, order_id: str) -> None:
    tell(hub, order_id, "accept", PROMISE)
    before = hub.timeline(order_id)
    hub.dispatched = {key for key in hub.dispatched if not key[1].startswith("E#staff")}

    assert hub.run() == 0

    assert paths(hub) == [("accept", 200)]
    assert hub.timeline(order_id) == before


def test_each_step_is_told_as_it_is_made(hub: Hub, order_id: str, clock: Clock) -> None:
    for action in ("accept", "ready"):
        clock.wait(1)
        tell(hub, order_id, action)

    assert paths(hub) == [("accept", 200), ("ready", 200)]
    assert synced(hub, order_id) == (SyncState.CONFIRMED, "ready", 1)


def test_steps_that_were_made_before_anybody_was_told_are_told_in_their_order(hub: Hub, order_id: str) -> None:
    act(hub, order_id, "accept", PROMISE)
    act(hub, order_id, "ready")

    assert hub.run() == 0

    assert paths(hub) == [("accept", 200), ("ready", 200)]


@pytest.mark.parametrize(
    ("action", "first", "call"), [("deny", None, "deny"), ("cancel", "accept", "cancel"), ("cancel", None, "deny")]
)
def test_a_refusal_is_told_with_its_reason(hub: Hub, order_id: str, action: str, first: str | None, call: str) -> None:
    if first:
        tell(hub, order_id, first)

    tell(hub, order_id, action, {"reason": "KITCHEN_CLOSED", "details": "the oven is off"})

    made = hub.vendors.calls("uber_eats")[-1]
    assert made["path"].endswith(f"/{call}")
    assert "the oven is off" in str(made["body"])
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_another_ready_time_is_told(hub: Hub, order_id: str, clock: Clock) -> None:
    tell(hub, order_id, "accept", PROMISE)
    clock.wait(60)

    assert hub.api("PATCH", f"/v1/orders/{order_id}/ready-time", {"prep_minutes": 40}).status == 200
    hub.run()

    made = hub.vendors.calls("uber_eats")[-1]
    assert (made["path"].rsplit("/", 1)[1], made["body"]) == (
        "update-ready-time",
        {"ready_for_pickup_time": "2026-10-05T15:42:00Z"},
    )
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_another_ready_time_is_told_after_a_step_that_the_platform_does_not_know(hub: Hub, order_id: str) -> None:
    for action in ("accept", "bagging"):
        tell(hub, order_id, action)

    assert hub.api("PATCH", f"/v1/orders/{order_id}/ready-time", {"prep_minutes": 40}).status == 200
    hub.run()

    assert paths(hub) == [("accept", 200), ("update-ready-time", 200)]


@pytest.mark.parametrize("slug", PLATFORMS)
def test_every_platform_is_told_of_an_order_s_whole_way(hub: Hub, slug: str, clock: Clock) -> None:
    order_id = hub.receive(hub.connect(slug))

    for action in ("accept", "bagging", "ready", "picked_up", "complete"):
        clock.wait(60)
        assert tell(hub, order_id, action) == 0
        assert hub.order(order_id).sync.state in (SyncState.CONFIRMED, SyncState.UNSUPPORTED)

    assert hub.order(order_id).status is Status.COMPLETED
    assert all(status < 300 for _, _, status in hub.vendors.made(slug))


# --- not needed, not possible -----------------------------------------------------------------------------------------


def test_what_a_platform_has_no_call_for_is_said_so(hub: Hub, order_id: str) -> None:
    tell(hub, order_id, "accept")
    tell(hub, order_id, "bagging")

    state, detail, attempts = synced(hub, order_id)

    why = load("uber_eats").why["bagging"]
    assert (state, detail, attempts) == (SyncState.UNSUPPORTED, f"Uber Eats is not told of 'bagging': {why}", 1)
    assert pushes(hub, order_id)[-1][:2] == ("push.unsupported", "failed")
    assert paths(hub) == [("accept", 200)]


def test_a_step_without_a_call_does_not_keep_the_next_one_from_being_told(hub: Hub, order_id: str) -> None:
    for action in ("accept", "bagging", "ready"):
        tell(hub, order_id, action)

    assert paths(hub) == [("accept", 200), ("ready", 200)]
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_a_platform_that_said_it_first_is_not_told(hub: Hub, clock: Clock) -> None:
    hub.add_store("sto_plain", prep_minutes=None)
    square = hub.connect("square", store="sto_plain")
    order_id = hub.receive(square)
    order = PLATFORMS["square"].order(1)["order"]
    (fulfillment,) = order["fulfillments"]
    clock.wait(60)
    hub.vendors.control(
        "PATCH", f"square/orders/{order['id']}", {"fulfillments": [{**fulfillment, "state": "RESERVED"}]}
    )
    hub.tell(square, "order.updated", {**order, "version": 2}, "delivery-2")
    hub.run()
    assert hub.order(order_id).status is Status.ACCEPTED

    tell(hub, order_id, "accept")

    assert paths(hub, "square") == []
    assert hub.order(order_id).sync.state is not SyncState.PENDING


def test_a_platform_without_a_denial_is_sent_a_cancellation(hub: Hub, shopify: str) -> None:
    order_id = hub.receive(shopify)

    tell(hub, order_id, "deny", {"reason": "OUT_OF_STOCK"})

    (call,) = hub.vendors.calls("shopify")[1:]
    assert call["body"]["operationName"] == "OrderCancel"
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


# --- offers -----------------------------------------------------------------------------------------------------------


def test_a_scheduled_order_is_accepted_when_it_is_placed_and_again_when_it_becomes_active(
    hub: Hub, uber: str, clock: Clock
) -> None:
    order = PLATFORMS["uber_eats"].order(1, scheduled_for=NOW.replace(hour=18))
    order_id = hub.receive(uber, order=order)
    tell(hub, order_id, "accept")
    assert paths(hub) == [("accept", 200)]

    clock.wait(hours=2)
    hub.vendors.control("PATCH", f"uber_eats/orders/{order['order']['id']}", {"state": "OFFERED", "status": "ACTIVE"})
    hub.tell(uber, "orders.notification", order, "delivery-2")
    hub.run()

    assert paths(hub) == [("accept", 200), ("accept", 200)]
    assert hub.order(order_id).status is Status.ACCEPTED
    assert hub.told(order_id)[-2:] == [("order.offered", "applied"), ("push.confirmed", "applied")]


# --- one at a time ----------------------------------------------------------------------------------------------------


def test_while_another_worker_holds_the_order_nobody_else_acts(hub: Hub, order_id: str, clock: Clock) -> None:
    links.claim(order_id, SOURCE, clock.now, timedelta(seconds=75))

    assert tell(hub, order_id, "accept") == 1
    assert (paths(hub), synced(hub, order_id)[0]) == ([], SyncState.PENDING)

    clock.wait(80)
    assert hub.run() == 0
    assert paths(hub) == [("accept", 200)]


def test_a_worker_that_is_done_lets_the_next_one_act_at_once(hub: Hub, order_id: str) -> None:
    tell(hub, order_id, "accept")

    assert tell(hub, order_id, "ready") == 0
    assert paths(hub) == [("accept", 200), ("ready", 200)]


def test_after_a_crash_between_two_steps_only_the_second_is_made_again(
    hub: Hub, order_id: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> Done:
        raise MemoryError

    act(hub, order_id, "accept")
    act(hub, order_id, "ready")
    with monkeypatch.context() as broken:
        broken.setattr(type(load("uber_eats")), "ready", crash)
        assert hub.run() == 2
    clock.wait(120)

    assert hub.run() == 0

    assert paths(hub) == [("accept", 200), ("ready", 200)]
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_what_staff_decide_while_the_platform_is_told_is_told_right_after(
    hub: Hub, order_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(load("uber_eats")).accept

    def accept(*given: Any) -> Done:
        monkeypatch.undo()
        act(hub, order_id, "ready")
        return real(*given)

    act(hub, order_id, "accept")
    monkeypatch.setattr(type(load("uber_eats")), "accept", accept)

    hub.run()

    assert paths(hub) == [("accept", 200), ("ready", 200)]
    assert hub.order(order_id).sync.status is Status.READY
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_each_order_told_is_counted(hub: Hub, order_id: str, metrics: Metrics) -> None:
    metrics()
    tell(hub, order_id, "accept")

    assert metrics() == {"AcceptanceSeconds": [60], "ActionSucceeded uber_eats": [1]}
