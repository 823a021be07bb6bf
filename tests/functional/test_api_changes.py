"""What staff do to orders: each action, its guards, and what the timeline says of it."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.events import Actor, Cause
from orderhub.order.models import StatusReason
from orderhub.order.status import STAFF_MOVES, CancelReason, Status
from orderhub.service.access import Caller, Role
from orderhub.service.orders import ACTIONS
from orderhub.storage import orders
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import ADMIN, STORE, Hub, Reply
from tests.functional.made import stored

REASON = {"reason": "KITCHEN_CLOSED"}
ROBIN = Caller("key_robin", "Robin", Role.STORE_EMPLOYEE, frozenset({STORE}))


def here(**told: Any) -> None:
    """An order of the main store."""
    stored(**{"store_id": STORE, "placed_at": NOW, **told})


def act(hub: Hub, action: str, body: Any = None, *, method: str = "POST", **more: Any) -> Reply:
    if body is None and action in ("deny", "cancel"):
        body = REASON
    return hub.api(method, f"/v1/orders/ord_1/{action}", body, **more)


# --- moves ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", Status)
def test_staff_may_make_the_moves_of_the_table_and_no_others(hub: Hub, status: Status, action: str) -> None:
    here(status=status)
    target = ACTIONS[action]

    reply = act(hub, action)

    if target in STAFF_MOVES[status] or target == status:
        assert (reply.status, reply.json["status"]) == (200, target)
    else:
        ended = status in (Status.COMPLETED, Status.CANCELLED, Status.DENIED)
        assert reply.error == (409, "ORDER_ALREADY_PROCESSED" if ended else "ORDER_NOT_MODIFIABLE")
        assert reply.json["details"] == {"status": status, "allowed": sorted(STAFF_MOVES[status])}


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("action", ["accept", "deny", "cancel"])
def test_an_action_can_be_posted_or_put(hub: Hub, method: str, action: str) -> None:
    here()

    assert act(hub, action, method=method).status == 200


def test_the_answer_is_the_order_as_it_then_is(hub: Hub) -> None:
    here()

    reply = act(hub, "accept")

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert reply.json == hub.api("GET", "/v1/orders/ord_1").json
    assert reply.json["sync"]["state"] == "pending"


def test_the_actor_of_a_change_is_the_caller(hub: Hub) -> None:
    here()

    act(hub, "accept", caller=ROBIN)

    (event,) = (event for event in orders.timeline("ord_1") if event.type == "order.accepted")
    assert (event.cause, event.effect, event.version) == (Cause(Actor.STAFF, "Robin (key_robin)"), "applied", 2)
    assert event.summary == {"from": "incoming", "to": "accepted"}


@pytest.mark.parametrize("field", ["actor", "caller", "name", "cause"])
def test_the_body_cannot_name_another_actor(hub: Hub, field: str) -> None:
    here()

    assert act(hub, "accept", {field: "somebody else"}).error == (422, "VALIDATION_ERROR")
    assert orders.timeline("ord_1")[1:] == []


def test_doing_what_is_done_already_changes_nothing_and_is_no_error(hub: Hub) -> None:
    here(status=Status.READY)

    reply = act(hub, "ready")

    assert (reply.status, reply.json["version"], reply.headers["etag"]) == (200, 1, '"1"')


def test_an_order_that_is_not_there_cannot_be_changed(hub: Hub) -> None:
    assert hub.api("POST", "/v1/orders/ord_none/accept").error == (404, "ORDER_NOT_FOUND")


# --- promises ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "ready_at", "minutes"),
    [
        ({"prep_minutes": 25}, "2026-10-05T15:25:00Z", 25),
        ({"prep_minutes": 0}, "2026-10-05T15:00:00Z", 0),
        ({"ready_at": "2026-10-05T15:40:00Z"}, "2026-10-05T15:40:00Z", 40),
        ({"ready_at": "2026-10-05T17:40:00+02:00"}, "2026-10-05T15:40:00Z", 40),
        ({}, "2026-10-05T15:15:00Z", 15),
        (None, "2026-10-05T15:15:00Z", 15),
    ],
)
def test_accepting_promises_a_time_or_the_store_s_usual_one(hub: Hub, body: Any, ready_at: str, minutes: int) -> None:
    here()

    shown = act(hub, "accept", body).json

    assert (shown["ready_at"], shown["prep_minutes"]) == (ready_at, minutes)


def test_an_order_for_later_has_its_time_already(hub: Hub) -> None:
    here(scheduled_for=NOW.replace(hour=20), ready_at=NOW.replace(hour=19))

    shown = act(hub, "accept").json

    assert (shown["status"], shown["ready_at"], shown["prep_minutes"]) == ("accepted", "2026-10-05T19:00:00Z", None)


def test_a_store_that_says_no_usual_time_promises_none(hub: Hub) -> None:
    hub.add_store("sto_plain", prep_minutes=None)
    stored(store_id="sto_plain")

    assert act(hub, "accept").json["ready_at"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"prep_minutes": 5, "ready_at": "2026-10-05T15:40:00Z"},
        {"ready_at": "2026-10-05T14:00:00Z"},
        {"ready_at": "2026-12-05T15:00:00Z"},
    ],
)
def test_a_promise_that_makes_no_sense_is_refused(hub: Hub, body: Any) -> None:
    here()

    assert act(hub, "accept", body).error == (422, "INVALID_FIELD_VALUE")
    assert hub.order("ord_1").status is Status.INCOMING


@pytest.mark.parametrize(
    "body",
    [
        {"prep_minutes": -1},
        {"prep_minutes": 43201},
        {"prep_minutes": 1.5},
        {"prep_minutes": "many"},
        {"ready_at": "2026-10-05T15:40:00"},
        {"ready_at": "soon"},
        {"extra": 1},
        [],
        "text",
    ],
)
def test_a_promise_that_does_not_fit_is_refused_with_the_field_that_does_not(hub: Hub, body: Any) -> None:
    here()

    reply = act(hub, "accept", body)

    assert reply.error == (422, "VALIDATION_ERROR")
    assert all(set(field) == {"field", "problem"} for field in reply.json["details"]["fields"])
    assert reply.json["details"]["fields"] != []


def test_a_body_that_is_not_json_is_refused(hub: Hub) -> None:
    here()

    assert act(hub, "accept", "{not json").error[0] in (400, 422)
    assert hub.order("ord_1").version == 1


def test_another_ready_time_is_promised(hub: Hub) -> None:
    here(status=Status.ACCEPTED)

    reply = hub.api("PATCH", "/v1/orders/ord_1/ready-time", {"prep_minutes": 30})

    assert (reply.status, reply.json["ready_at"], reply.headers["etag"]) == (200, "2026-10-05T15:30:00Z", '"2"')
    assert reply.json["status"] == "accepted"
    assert hub.told("ord_1")[-1] == ("order.ready_time_changed", "applied")


@pytest.mark.parametrize("body", [{}, {"prep_minutes": 5, "ready_at": "2026-10-05T15:40:00Z"}])
def test_another_ready_time_is_one_time(hub: Hub, body: Any) -> None:
    here(status=Status.ACCEPTED)

    assert hub.api("PATCH", "/v1/orders/ord_1/ready-time", body).error == (422, "INVALID_FIELD_VALUE")


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.DENIED])
def test_what_has_ended_gets_no_other_ready_time(hub: Hub, status: Status) -> None:
    here(status=status)

    reply = hub.api("PATCH", "/v1/orders/ord_1/ready-time", {"prep_minutes": 5})

    assert reply.error == (409, "ORDER_NOT_MODIFIABLE")


# --- reasons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["deny", "cancel"])
@pytest.mark.parametrize("code", CancelReason)
def test_every_reason_is_kept_with_the_order(hub: Hub, action: str, code: CancelReason) -> None:
    here()

    act(hub, action, {"reason": code, "details": "why", "items": ["itm_1"]})

    assert hub.order("ord_1").status_reason == StatusReason(code=code, details="why", items=["itm_1"])


@pytest.mark.parametrize("body", [{}, {"reason": "BORED"}, {"details": "why"}, {"reason": None}, None])
def test_a_refusal_needs_a_reason_of_the_list(hub: Hub, body: Any) -> None:
    here()

    reply = hub.api("POST", "/v1/orders/ord_1/deny", body)

    assert reply.error == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("details", [None, ""])
def test_the_reason_other_needs_details(hub: Hub, details: str | None) -> None:
    here()

    assert act(hub, "deny", {"reason": "OTHER", "details": details}).error == (422, "INVALID_FIELD_VALUE")


# --- If-Match ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "1", "*"])
def test_a_change_of_the_version_that_was_looked_at_is_made(hub: Hub, etag: str) -> None:
    here()

    assert act(hub, "accept", if_match=etag).status == 200


def test_a_change_of_a_version_that_is_no_more_is_refused_with_the_one_that_is(hub: Hub) -> None:
    here()
    act(hub, "accept")

    reply = act(hub, "ready", if_match='"1"')

    assert (reply.error, reply.json["details"]) == ((412, "VERSION_CONFLICT"), {"version": 2})
    assert hub.order("ord_1").status is Status.ACCEPTED


@pytest.mark.parametrize("etag", ["x", '"-1"', '"1", "2"x', "²"])
def test_an_if_match_that_is_no_etag_of_ours_is_refused(hub: Hub, etag: str) -> None:
    here()

    reply = act(hub, "accept", if_match=etag)

    assert reply.error[0] in (412, 422), reply
    assert hub.order("ord_1").version == 1


# --- Idempotency-Key --------------------------------------------------------------------------------------------------


def test_a_repeat_with_the_same_key_is_answered_as_the_first(hub: Hub, clock: Clock) -> None:
    here()
    first = act(hub, "accept", {"prep_minutes": 20}, idempotency_key="k-1")
    clock.wait(60)

    again = act(hub, "accept", {"prep_minutes": 20}, idempotency_key="k-1")

    assert (again.status, again.json, again.headers) == (first.status, first.json, first.headers)
    assert [kind for kind, _ in hub.told("ord_1")].count("order.accepted") == 1


def test_a_repeat_is_no_error_although_the_order_has_moved_on(hub: Hub) -> None:
    here()
    act(hub, "accept", idempotency_key="k-1")
    act(hub, "cancel")

    assert act(hub, "accept", idempotency_key="k-1").status == 200
    assert hub.order("ord_1").status is Status.CANCELLED


def test_the_same_key_for_something_else_is_refused(hub: Hub) -> None:
    here()
    act(hub, "accept", {"prep_minutes": 20}, idempotency_key="k-1")

    reply = act(hub, "accept", {"prep_minutes": 45}, idempotency_key="k-1")

    assert reply.error[0] == 409
    assert hub.order("ord_1").prep_minutes == 20


def test_a_key_is_a_caller_s_own(hub: Hub, clock: Clock) -> None:
    here(status=Status.ACCEPTED)
    hub.api("PATCH", "/v1/orders/ord_1/ready-time", {"prep_minutes": 20}, caller=ROBIN, idempotency_key="k-1")

    reply = hub.api("PATCH", "/v1/orders/ord_1/ready-time", {"prep_minutes": 45}, caller=ADMIN, idempotency_key="k-1")

    assert (reply.status, reply.json["prep_minutes"]) == (200, 45)


def test_a_key_counts_for_one_action_of_one_order(hub: Hub) -> None:
    here()
    act(hub, "accept", idempotency_key="k-1")

    assert act(hub, "ready", idempotency_key="k-1").json["status"] == "ready"


def test_without_a_key_each_press_of_a_button_is_its_own(hub: Hub) -> None:
    here()
    for _ in range(2):
        act(hub, "accept")

    assert [kind for kind, _ in hub.told("ord_1")].count("order.accepted") == 2


def test_a_key_that_is_too_long_is_refused(hub: Hub) -> None:
    here()

    assert act(hub, "accept", idempotency_key="k" * 256).error == (422, "INVALID_FIELD_VALUE")
    assert act(hub, "accept", idempotency_key="k" * 255).status == 200
