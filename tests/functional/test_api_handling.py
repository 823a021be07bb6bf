"""What staff do around an order: a slip taken back, a handover, a ticket, telling its platform again."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.models import Courier, DeliveredBy, Fulfillment, Sync, SyncState, Tracking
from orderhub.order.status import Status
from orderhub.service.access import Caller, Role
from orderhub.storage import links, timelines
from orderhub.storage.links import SOURCE
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, Reply
from tests.functional.made import stored
from tests.functional.vendors import Vendors

ORDER = "ord_1"
EMPLOYEE = Caller("key_till", "Sam", Role.STORE_EMPLOYEE, frozenset({STORE}))


def act(hub: Hub, action: str, body: Any = None, **more: Any) -> Reply:
    return hub.api("POST", f"/v1/orders/{ORDER}/{action}", body, caller=EMPLOYEE, **more)


@pytest.fixture
def made_here(hub: Hub) -> str:
    """An accepted order that the store made itself."""
    hub.add_store()
    new = {"store_id": STORE, "items": [{"name": "Tea", "unit_price": 300}]}
    order_id: str = hub.api("POST", "/v1/orders", new).json["id"]
    assert hub.api("POST", f"/v1/orders/{order_id}/accept").status == 200
    return order_id


# --- taking a step back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["bagging", "ready", "picked_up", "complete"])
def test_a_slip_is_taken_back(hub: Hub, made_here: str, step: str) -> None:
    path = f"/v1/orders/{made_here}"
    slipped = hub.api("POST", f"{path}/{step}")
    assert "undo" in slipped.json["allowed_actions"]

    undone = hub.api("POST", f"{path}/undo")

    assert (undone.status, undone.json["status"]) == (200, "accepted")
    assert "undo" not in undone.json["allowed_actions"]
    assert hub.told(made_here)[-1] == ("order.undone", "applied")
    assert hub.api("POST", f"{path}/{step}").status == 200, "and may be made again"


def test_the_time_of_a_step_that_was_taken_back_is_forgotten(hub: Hub, made_here: str, clock: Clock) -> None:
    hub.api("POST", f"/v1/orders/{made_here}/ready")
    hub.api("POST", f"/v1/orders/{made_here}/undo")
    clock.wait(minutes=9)

    ready = hub.api("POST", f"/v1/orders/{made_here}/ready")

    assert ready.json["times"]["ready"] == "2026-10-05T15:09:00Z"


def test_after_two_minutes_it_is_too_late(hub: Hub, made_here: str, clock: Clock) -> None:
    hub.api("POST", f"/v1/orders/{made_here}/ready")
    clock.wait(121)

    assert "undo" not in hub.api("GET", f"/v1/orders/{made_here}").json["allowed_actions"]
    assert hub.api("POST", f"/v1/orders/{made_here}/undo").error == (409, "ORDER_NOT_MODIFIABLE")
    assert hub.order(made_here).status is Status.READY


def test_an_acceptance_is_not_taken_back(hub: Hub, made_here: str) -> None:
    assert hub.api("POST", f"/v1/orders/{made_here}/undo").error == (409, "ORDER_NOT_MODIFIABLE")


def test_what_a_platform_is_told_is_not_taken_back(hub: Hub) -> None:
    hub.add_store()
    order_id = hub.receive(hub.connect("square"))
    hub.api("POST", f"/v1/orders/{order_id}/accept")
    hub.api("POST", f"/v1/orders/{order_id}/ready")

    assert hub.api("POST", f"/v1/orders/{order_id}/undo").error == (409, "ORDER_NOT_MODIFIABLE")


def test_what_a_platform_does_not_hear_of_is(hub: Hub) -> None:
    hub.add_store()
    order_id = hub.receive(hub.connect("square"))
    hub.api("POST", f"/v1/orders/{order_id}/accept")
    hub.run()
    hub.api("POST", f"/v1/orders/{order_id}/bagging")
    hub.run()

    undone = hub.api("POST", f"/v1/orders/{order_id}/undo")
    hub.run()

    assert (undone.status, undone.json["status"]) == (200, "accepted")
    assert hub.api("POST", f"/v1/orders/{order_id}/ready").status == 200
    hub.run()
    assert hub.order(order_id).sync.state is SyncState.CONFIRMED


def test_a_stale_undo_is_refused(hub: Hub, made_here: str) -> None:
    hub.api("POST", f"/v1/orders/{made_here}/ready")

    assert hub.api("POST", f"/v1/orders/{made_here}/undo", if_match='"1"').error == (412, "VERSION_CONFLICT")


# --- what staff say of a step ----------------------------------------------------------------------------------------


def test_a_note_stays_in_the_timeline(hub: Hub) -> None:
    stored(ORDER, store_id=STORE)

    assert act(hub, "accept", {"prep_minutes": 20, "note": "asked for extra napkins"}).status == 200

    assert hub.timeline(ORDER)[-1].summary["note"] == "asked for extra napkins"


def test_who_took_the_goods_is_on_the_order(hub: Hub) -> None:
    stored(ORDER, store_id=STORE, status=Status.READY)

    taken = act(hub, "picked_up", {"handed_to": "Alex, blue jacket"})

    assert (taken.json["status"], taken.json["handed_to"]) == ("picked_up", "Alex, blue jacket")
    assert hub.api("GET", f"/v1/orders/{ORDER}/delivery").json["handed_to"] == "Alex, blue jacket"


def test_an_acceptance_that_comes_too_late_is_told_so(hub: Hub, clock: Clock) -> None:
    stored(ORDER, store_id=STORE, status=Status.CANCELLED, accept_by=NOW)
    clock.wait(1)

    assert act(hub, "accept").error == (409, "ACCEPTANCE_WINDOW_EXPIRED")


# --- the delivery ----------------------------------------------------------------------------------------------------


def test_the_delivery_shows_courier_parcels_and_times(hub: Hub) -> None:
    stored(
        ORDER,
        store_id=STORE,
        fulfillment=Fulfillment.DELIVERY,
        delivered_by=DeliveredBy.PLATFORM,
        ready_at=NOW,
        courier=Courier(name="Alex", status="en_route", lat=40.7, lng=-74.0, eta=NOW),
        tracking=[Tracking(carrier="DHL", code="JD1")],
    )

    reply = hub.api("GET", f"/v1/orders/{ORDER}/delivery")

    shown = reply.json
    assert (shown["order_id"], shown["fulfillment"], shown["delivered_by"]) == (ORDER, "delivery", "platform")
    assert (shown["courier"]["name"], shown["courier"]["eta"]) == ("Alex", "2026-10-05T15:00:00Z")
    assert (shown["tracking"][0]["code"], shown["ready_at"]) == ("JD1", "2026-10-05T15:00:00Z")


# --- telling the platform again --------------------------------------------------------------------------------------


def test_what_failed_is_tried_again_and_what_is_known_is_not(hub: Hub, vendors: Vendors) -> None:
    hub.add_store()
    order_id = hub.receive(hub.connect("square"))
    hub.api("POST", f"/v1/orders/{order_id}/accept")
    link = links.Link(order_id, SOURCE, sync=Sync(state=SyncState.FAILED, version=2, status=Status.ACCEPTED))
    links.save(link)
    assert hub.order(order_id).sync.state is SyncState.FAILED
    hub.dispatched |= {(f"O#{order_id}", sk) for pk, sk in _events(order_id)}

    first = hub.api("POST", f"/v1/orders/{order_id}/resend")
    hub.run()
    calls = len(vendors.calls("square"))
    hub.api("POST", f"/v1/orders/{order_id}/resend")
    hub.run()

    assert first.status == 202
    assert hub.order(order_id).sync.state is SyncState.CONFIRMED
    assert len(vendors.calls("square")) == calls, "the platform knows it"
    assert [kind for kind, _ in hub.told(order_id)].count("order.resend_asked") == 2


def _events(order_id: str) -> list[tuple[str, str]]:
    return [(order_id, f"E#{timelines.event_key(event.key)}") for event in timelines.timeline(order_id)]


def test_an_order_made_here_has_nobody_to_tell(hub: Hub, made_here: str) -> None:
    assert hub.api("POST", f"/v1/orders/{made_here}/resend").error == (409, "NOTHING_CONNECTED")


# --- tickets ---------------------------------------------------------------------------------------------------------


def waiting(hub: Hub) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = hub.api("GET", f"/v1/stores/{STORE}/prints").json["jobs"]
    return jobs


def test_a_ticket_waits_until_it_is_printed(hub: Hub, clock: Clock) -> None:
    stored(ORDER, store_id=STORE, display_id="#7")
    stored("ord_2", store_id=STORE)
    asked = act(hub, "reprint", {"copies": 2})
    clock.wait(1)
    hub.api("POST", "/v1/orders/ord_2/reprint")

    assert asked.status == 201
    assert [(job["order_id"], job["copies"]) for job in waiting(hub)] == [(ORDER, 2), ("ord_2", 1)]
    assert waiting(hub)[0] == asked.json
    assert (asked.json["display_id"], asked.json["asked_by"]) == ("#7", "Sam (key_till)")

    path = f"/v1/stores/{STORE}/prints/{asked.json['id']}"
    assert [hub.api("DELETE", path).status for _ in range(2)] == [204, 204]
    assert [job["order_id"] for job in waiting(hub)] == ["ord_2"]


def test_a_repeated_request_prints_once(hub: Hub) -> None:
    stored(ORDER, store_id=STORE)

    first, second = (act(hub, "reprint", idempotency_key="k-1") for _ in range(2))
    other = act(hub, "reprint", {"copies": 3}, idempotency_key="k-1")

    assert first.json == second.json
    assert other.error == (409, "IDEMPOTENCY_KEY_REUSED")
    assert len(waiting(hub)) == 1


def test_a_ticket_that_nobody_took_is_dropped_after_a_day(hub: Hub, clock: Clock) -> None:
    stored(ORDER, store_id=STORE)
    act(hub, "reprint")
    clock.wait(days=1)

    assert waiting(hub) == []


@pytest.mark.parametrize("copies", [0, 6])
def test_nobody_prints_that_many(hub: Hub, copies: int) -> None:
    stored(ORDER, store_id=STORE)

    assert act(hub, "reprint", {"copies": copies}).error == (422, "VALIDATION_ERROR")
