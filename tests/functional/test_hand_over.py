"""Orders handed to a fleet: once, however often it is tried; kept up to what they are; moved by what the fleet says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderhub.order.models import SyncState
from orderhub.storage import links
from tests.functional.conftest import Clock
from tests.functional.hub import STORE, Hub

KITCHEN = {"line1": "1 Kitchen Row", "city": "Chicago", "region": "IL", "postal_code": "60601", "country": "US"}
NEW: dict[str, Any] = {
    "store_id": "sto_main",
    "fulfillment": "delivery",
    "customer": {"name": "Lena Brook", "phone": "+1 312 555 0103"},
    "address": {"line1": "9 Elm Street", "city": "Springfield", "postal_code": "62701", "country": "US"},
    "items": [{"name": "Veggie Burger", "sku": "BURGER", "unit_price": 1050, "quantity": 2}],
}


@pytest.fixture
def fleet(hub: Hub) -> str:
    hub.api("PATCH", f"/v1/stores/{STORE}", {"phone": "+13125550100", "address": KITCHEN})
    return hub.serve("shipday")


def made(hub: Hub, **told: Any) -> str:
    """An order that the store makes itself, and has to deliver."""
    reply = hub.api("POST", "/v1/orders", {**NEW, **told})
    assert reply.status == 201, reply
    hub.run()
    return str(reply.json["id"])


def accepted(hub: Hub, **told: Any) -> str:
    order_id = made(hub, **told)
    act(hub, order_id, "accept")
    return order_id


def act(hub: Hub, order_id: str, action: str, body: Any = None) -> None:
    reply = hub.api("PUT", f"/v1/orders/{order_id}/{action}", body)
    assert reply.status == 200, reply
    hub.run()


def deliveries(hub: Hub) -> list[dict[str, Any]]:
    """All that the fleet ever had."""
    standin = hub.vendors.app.vendors["shipday"]
    return [standin.view(one) for one in standin.order_ids()]


def say(hub: Hub, fleet: str, order_id: str, **changes: Any) -> None:
    """Something happens to the delivery of an order, and the fleet tells of all that has."""
    theirs = hub.order(order_id).hand_overs["delivery"].id
    told = hub.vendors.app.vendors["shipday"].change_order(str(theirs), changes)
    for event in told["events"]:
        assert hub.send(fleet, json.dumps(event).encode()).status == 200
    hub.run()


# --- there and back ---------------------------------------------------------------------------------------------------


def test_an_accepted_order_goes_to_the_fleet_once(hub: Hub, fleet: str) -> None:
    order_id = made(hub)
    assert deliveries(hub) == []

    act(hub, order_id, "accept")

    (delivery,) = deliveries(hub)
    order = hub.order(order_id)
    assert delivery["body"]["orderNumber"].endswith(order_id[-8:])
    assert delivery["body"]["customerName"] == "Lena Brook"
    has_it = order.hand_overs["delivery"]
    assert (has_it.platform, has_it.connection_id, has_it.id) == ("shipday", fleet, str(delivery["orderId"]))
    (shown,) = hub.api("GET", f"/v1/orders/{order_id}").json["handed_over"]
    assert (shown["target"], shown["id"], shown["state"]) == ("delivery", has_it.id, "confirmed")
    assert ("delivery.created", "applied") in hub.told(order_id)


@pytest.mark.parametrize("told", [{"fulfillment": "pickup", "address": None}])
def test_what_nobody_has_to_bring_stays_here(hub: Hub, fleet: str, told: dict[str, Any]) -> None:
    accepted(hub, **told)

    assert deliveries(hub) == []


def test_a_store_without_a_fleet_brings_its_orders_itself(hub: Hub) -> None:
    order_id = accepted(hub)

    assert hub.order(order_id).hand_overs == {}
    assert hub.api("GET", f"/v1/orders/{order_id}").json["handed_over"] == []


def test_what_changes_is_told(hub: Hub, fleet: str) -> None:
    order_id = accepted(hub)
    hub.api("PATCH", f"/v1/orders/{order_id}/ready-time", {"prep_minutes": 50})
    hub.run()

    (delivery,) = deliveries(hub)
    assert ("PUT", f"/order/edit/{delivery['orderId']}", 200) in hub.vendors.made("shipday")


def test_a_cancelled_order_is_taken_back(hub: Hub, fleet: str) -> None:
    order_id = accepted(hub)

    act(hub, order_id, "cancel", {"reason": "KITCHEN_CLOSED"})

    (delivery,) = deliveries(hub)
    assert delivery["deleted"]
    assert hub.order(order_id).hand_overs == {}
    assert ("delivery.removed", "applied") in hub.told(order_id)


def test_its_news_move_the_order_to_its_end(hub: Hub, fleet: str) -> None:
    order_id = accepted(hub)

    say(hub, fleet, order_id, event="ORDER_PIKEDUP")
    picked_up = hub.order(order_id)
    say(hub, fleet, order_id, event="ORDER_COMPLETED")

    assert picked_up.status == "picked_up"
    assert hub.order(order_id).status == "completed"
    assert hub.order(order_id).hand_overs["delivery"].state == "ALREADY_DELIVERED"
    calls = [method for method, path, _ in hub.vendors.made("shipday") if path.endswith("/status")]
    assert calls == [], "what it said is not said back"


def test_news_of_what_others_handed_to_it_are_none_of_ours(hub: Hub, fleet: str) -> None:
    order_id = accepted(hub)
    standin = hub.vendors.app.vendors["shipday"]
    event = standin.change_order(str(deliveries(hub)[0]["orderId"]), {"event": "ORDER_PIKEDUP"})["events"][-1]
    event["order"] |= {"order_number": "of-somebody-else", "id": 99}

    assert hub.send(fleet, json.dumps(event).encode()).status == 200

    assert hub.order(order_id).status == "accepted"


# --- when something goes wrong ----------------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_delivery(hub: Hub, fleet: str, clock: Clock) -> None:
    order_id = made(hub)
    hub.vendors.fault("shipday", status=503, after_effect=True, match={"method": "POST", "path_contains": "/orders"})
    hub.api("PUT", f"/v1/orders/{order_id}/accept")
    assert hub.run() == 1
    assert hub.api("GET", f"/v1/orders/{order_id}").json["handed_over"][0]["state"] == "retrying"

    clock.wait(minutes=30)
    assert hub.run() == 0

    (delivery,) = deliveries(hub)
    assert hub.order(order_id).hand_overs["delivery"].id == str(delivery["orderId"])


def test_a_worker_that_dies_after_the_call_makes_no_second_delivery(
    hub: Hub, fleet: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = made(hub)
    save, release = links.save, links.release

    def dies_at_the_second(link: links.Link) -> None:
        if "made" in link.state:
            raise SystemExit
        save(link)

    monkeypatch.setattr(links, "save", dies_at_the_second)
    monkeypatch.setattr(links, "release", lambda _: None)  # the dead let go of nothing
    with pytest.raises(SystemExit):
        act(hub, order_id, "accept")
    assert len(deliveries(hub)) == 1
    monkeypatch.setattr(links, "save", save)
    monkeypatch.setattr(links, "release", release)

    clock.wait(minutes=7)
    hub.run()

    (delivery,) = deliveries(hub)
    assert hub.order(order_id).hand_overs["delivery"].id == str(delivery["orderId"])


def test_twenty_times_is_once(hub: Hub, fleet: str) -> None:
    order_id = accepted(hub)

    for number in range(20):
        again = hub.api("POST", f"/v1/orders/{order_id}/resend", idempotency_key=f"k-{number}")
        assert again.status == 202, again
        hub.run()

    assert len(deliveries(hub)) == 1


def test_a_refusal_is_shown_and_tried_again_when_staff_ask(hub: Hub, fleet: str) -> None:
    hub.vendors.control("PATCH", "shipday/settings", {"refuses_inserts": "The address is too far away"})
    order_id = accepted(hub)
    (shown,) = hub.api("GET", f"/v1/orders/{order_id}").json["handed_over"]
    assert (shown["state"], "too far away" in shown["detail"]) == ("failed", True)
    tried = len(hub.vendors.made("shipday"))
    act(hub, order_id, "bagging")
    assert len(hub.vendors.made("shipday")) > tried, "another status is another try"

    hub.vendors.control("PATCH", "shipday/settings", {"refuses_inserts": ""})
    hub.api("POST", f"/v1/orders/{order_id}/resend")
    hub.run()

    assert len([one for one in deliveries(hub) if not one.get("deleted")]) == 1
    link = next(link for link in links.of_order(order_id) if link.target == "delivery")
    assert link.sync is not None
    assert link.sync.state is SyncState.CONFIRMED
