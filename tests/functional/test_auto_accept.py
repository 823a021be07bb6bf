"""Orders that nobody has to accept: taken as they come, by platform and hour, exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhub.intake import record as recording
from orderhub.intake.acceptance import acceptance_of
from orderhub.intake.connections import forget_connections
from orderhub.order.events import Actor
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub
from tests.functional.vendors import PLATFORMS

PATH = f"/v1/stores/{STORE}"
ALWAYS: dict[str, Any] = {}
LUNCH = {"hours": [{"days": ["mon"], "opens": "11:00", "closes": "14:00"}]}  # now it is Monday, 11:00


def decide(hub: Hub, policy: dict[str, Any] | None) -> None:
    """The store decides; processes that know the connections learn of it within minutes, here at once."""
    reply = hub.api("PATCH", PATH, {"auto_accept": policy})
    assert reply.status == 200, reply
    forget_connections()


def accepted(hub: Hub, order_id: str) -> list[tuple[Actor, str]]:
    """Who accepted an order, each time."""
    return [(e.cause.actor, e.cause.name) for e in hub.timeline(order_id) if e.type == "order.accepted"]


@pytest.mark.parametrize("slug", ["shopify", "square", "uber_eats"])
@pytest.mark.parametrize("policy", [ALWAYS, LUNCH, {"platforms": ["shopify", "square", "uber_eats"]}])
def test_an_order_is_accepted_as_it_comes(hub: Hub, slug: str, policy: dict[str, Any]) -> None:
    connection_id = hub.connect(slug)
    decide(hub, policy)

    order_id = hub.receive(connection_id)

    assert hub.order(order_id).status == "accepted"
    assert accepted(hub, order_id) == [(Actor.SYSTEM, "auto-accept")]


def test_the_platform_is_told_with_the_usual_minutes(hub: Hub, uber: str) -> None:
    decide(hub, ALWAYS)

    order = hub.order(hub.receive(uber))

    assert (order.prep_minutes, order.sync.state) == (15, "confirmed")
    (call,) = [one for one in hub.vendors.calls("uber_eats") if one["path"].endswith("/accept")]
    assert call["body"]["ready_for_pickup_time"] == "2026-10-05T15:15:00Z"


def test_the_policy_may_promise_minutes_of_its_own(hub: Hub, uber: str) -> None:
    decide(hub, {"prep_minutes": 40})

    assert hub.order(hub.receive(uber)).prep_minutes == 40


def test_a_connection_made_after_the_decision_knows_it(hub: Hub) -> None:
    decide(hub, ALWAYS)

    assert hub.order(hub.receive(hub.connect("shopify"))).status == "accepted"


def test_other_minutes_of_the_store_are_promised_from_then_on(hub: Hub, shopify: str) -> None:
    decide(hub, ALWAYS)
    hub.api("PATCH", PATH, {"prep_minutes": 25})
    forget_connections()

    assert hub.order(hub.receive(shopify)).prep_minutes == 25


@pytest.mark.parametrize(
    "policy",
    [
        None,
        {"platforms": ["doordash"]},
        {"hours": [{"days": ["tue"], "opens": "11:00", "closes": "14:00"}]},
        {"hours": [{"days": ["mon"], "opens": "12:00", "closes": "14:00"}]},
    ],
)
def test_outside_of_the_policy_a_person_accepts(hub: Hub, uber: str, policy: dict[str, Any] | None) -> None:
    decide(hub, ALWAYS)
    decide(hub, policy)

    assert hub.order(hub.receive(uber)).status == "incoming"


def test_another_store_s_orders_wait(hub: Hub) -> None:
    hub.add_store("sto_other")
    other = hub.connect("shopify", store="sto_other")
    decide(hub, ALWAYS)

    assert hub.order(hub.receive(other)).status == "incoming"


def test_a_repeat_accepts_nothing_twice(hub: Hub, shopify: str) -> None:
    decide(hub, ALWAYS)
    order = PLATFORMS["shopify"].order(1)
    for _ in range(3):
        hub.tell(shopify, "orders/create", order, "delivery-1")
        hub.run()

    (order_id,) = [one["id"] for one in hub.api("GET", "/v1/orders").json["orders"]]
    assert hub.told(order_id)[:2] == [("order.created", "applied"), ("order.accepted", "applied")]
    assert len(accepted(hub, order_id)) == 1


def test_a_repeat_accepts_what_a_process_that_died_left_open(
    hub: Hub, shopify: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(hub, ALWAYS)
    order = PLATFORMS["shopify"].order(1)
    with monkeypatch.context() as broken:
        broken.setattr(recording, "accept_by_itself", lambda recorded, *_: recorded)
        hub.tell(shopify, "orders/create", order, "delivery-1")
    (order_id,) = [one["id"] for one in hub.api("GET", "/v1/orders").json["orders"]]
    assert hub.order(order_id).status == "incoming"

    hub.tell(shopify, "orders/create", order, "delivery-1")

    assert hub.order(order_id).status == "accepted"


def test_what_staff_have_answered_stays_answered(hub: Hub, shopify: str) -> None:
    order = PLATFORMS["shopify"].order(1)
    order_id = hub.receive(shopify, order=order)
    hub.api("PUT", f"/v1/orders/{order_id}/deny", {"reason": "OUT_OF_STOCK"})
    decide(hub, ALWAYS)

    hub.tell(shopify, "orders/updated", {**order, "note": "please hurry"}, "delivery-2")

    assert hub.order(order_id).status == "denied"


def test_who_answers_first_counts(hub: Hub, shopify: str, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(hub, ALWAYS)
    order = PLATFORMS["shopify"].order(1)

    def be_slow(found: Any, *rest: Any) -> Any:
        change = acceptance_of(found, *rest)
        if change is not None:
            hub.api("PUT", f"/v1/orders/{found.id}/deny", {"reason": "OUT_OF_STOCK"})
        return change

    monkeypatch.setattr("orderhub.intake.acceptance.acceptance_of", be_slow)

    order_id = hub.receive(shopify, order=order)

    assert hub.order(order_id).status == "denied"
    assert accepted(hub, order_id) == []


def test_the_metric_of_how_long_staff_take_does_not_count_it(hub: Hub, shopify: str, metrics: Any) -> None:
    decide(hub, ALWAYS)
    metrics()

    hub.receive(shopify)

    assert not [name for name in metrics() if name.startswith("AcceptanceSeconds")]


def test_an_order_that_came_before_the_hours_is_accepted_with_its_next_word(
    hub: Hub, shopify: str, clock: Clock
) -> None:
    decide(hub, {"hours": [{"days": ["mon"], "opens": "12:00", "closes": "14:00"}]})
    order = PLATFORMS["shopify"].order(1, placed_at=NOW)
    order_id = hub.receive(shopify, order=order)
    assert hub.order(order_id).status == "incoming"

    clock.wait(hours=1)
    later = (NOW + timedelta(hours=1)).isoformat()
    hub.tell(shopify, "orders/updated", {**order, "note": "please hurry", "updated_at": later}, "delivery-2")

    assert hub.order(order_id).status == "accepted"


# --- what a store decides ---------------------------------------------------------------------------------------------


def test_what_a_store_decides_is_shown_steps_in_their_order(hub: Hub) -> None:
    steps = [
        {"at_percent": 80, "action": "deny", "reason": "STAFF_SHORTAGE"},
        {"at_percent": 50, "action": "event", "platforms": ["uber_eats"]},
    ]
    hub.api("PATCH", PATH, {"acceptance_escalation": steps, "auto_accept": LUNCH})

    shown = hub.api("GET", PATH).json
    assert shown["auto_accept"] == {"platforms": [], **LUNCH, "prep_minutes": None}
    assert shown["acceptance_escalation"] == [
        {"at_percent": 50, "action": "event", "platforms": ["uber_eats"], "reason": None},
        {"at_percent": 80, "action": "deny", "platforms": [], "reason": "STAFF_SHORTAGE"},
    ]
    assert hub.api("PATCH", PATH, {"auto_accept": None}).json["auto_accept"] is None


@pytest.mark.parametrize(
    "told",
    [
        {"auto_accept": {"platforms": ["pigeon"]}},
        {"auto_accept": {"hours": [{"days": [], "opens": "11:00", "closes": "14:00"}]}},
        {"auto_accept": {"hours": [{"days": ["monday"], "opens": "11:00", "closes": "14:00"}]}},
        {"auto_accept": {"hours": [{"days": ["mon"], "opens": "11", "closes": "14:00"}]}},
        {"auto_accept": {"prep_minutes": -1}},
        {"auto_accept": {"until": "tomorrow"}},
        {"acceptance_escalation": None},
        {"acceptance_escalation": [{"at_percent": 101, "action": "event"}]},
        {"acceptance_escalation": [{"at_percent": 50, "action": "shout"}]},
        {"acceptance_escalation": [{"at_percent": 50, "action": "deny"}]},
        {"acceptance_escalation": [{"at_percent": 50, "action": "event", "reason": "OTHER"}]},
        {"acceptance_escalation": [{"at_percent": 50, "action": "event", "platforms": ["pigeon"]}]},
        {"acceptance_escalation": [{"at_percent": 1, "action": "event"}] * 21},
    ],
)
def test_a_decision_that_does_not_fit_is_refused(hub: Hub, told: Any) -> None:
    assert hub.api("PATCH", PATH, told).error == (422, "VALIDATION_ERROR")
    assert hub.api("GET", PATH).json["version"] == 1


def test_a_decision_that_changes_nothing_for_connections_leaves_them_alone(hub: Hub, square: str) -> None:
    hub.api("PATCH", PATH, {"acceptance_escalation": [{"at_percent": 50, "action": "event"}]})

    assert hub.api("GET", f"/v1/connections/{square}").json["version"] == 1
