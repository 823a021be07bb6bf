"""What staff do to orders: each action, its guards, and what the timeline says of it."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.events import Actor, Cause
from orderhub.order.models import StatusReason, Sync, SyncState
from orderhub.order.status import CLOSED, STAFF_MOVES, CancelReason, Status
from orderhub.platforms.base import NO_SUCH_CALL, Operation
from orderhub.platforms.registry import load
from orderhub.service.access import Caller, Role
from orderhub.service.orders import ACTIONS
from orderhub.storage import timelines
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
        assert reply.json["details"] == {"status": status, "status_by": None, "allowed": sorted(STAFF_MOVES[status])}


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("action", ["accept", "deny", "cancel"])
def test_an_action_can_be_posted_or_put(hub: Hub, method: str, action: str) -> None:
    here()

    assert act(hub, action, method=method).status == 200


def test_the_answer_is_the_order_as_it_then_is(hub: Hub) -> None:
    here()

    reply = act(hub, "accept")

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    alone = hub.api("GET", "/v1/orders/ord_1").json
    assert {name: alone[name] for name in reply.json} == reply.json
    assert reply.json["sync"]["state"] == "pending"


def test_the_actor_of_a_change_is_the_caller(hub: Hub) -> None:
    here()

    act(hub, "accept", caller=ROBIN)

    (event,) = (event for event in timelines.timeline("ord_1") if event.type == "order.accepted")
    assert (event.cause, event.effect, event.version) == (Cause(Actor.STAFF, "Robin (key_robin)"), "applied", 2)
    assert event.summary == {"from": "incoming", "to": "accepted"}


@pytest.mark.parametrize("field", ["actor", "caller", "name", "cause"])
def test_the_body_cannot_name_another_actor(hub: Hub, field: str) -> None:
    here()

    assert act(hub, "accept", {field: "somebody else"}).error == (422, "VALIDATION_ERROR")
    assert timelines.timeline("ord_1")[1:] == []


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

    assert (reply.error, reply.json["details"]) == (
        (412, "VERSION_CONFLICT"),
        {"version": 2, "status": "accepted"},
    )
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


# --- what the platform hears, and does besides ------------------------------------------------------------------------

EFFECT = "it pauses the store"
TOO_LATE = "it takes nothing back"


def untold(words: str, why: str = NO_SUCH_CALL) -> str:
    return f"Square is not told of {words!r}: {why}"


@pytest.fixture
def told_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that can be told that an order is accepted, refused or ready, and pauses stores that are closed."""
    square = load("square")
    monkeypatch.setattr(square, "capabilities", frozenset({Operation.ACCEPT, Operation.DENY, Operation.READY}))
    monkeypatch.setattr(type(square), "why", {Operation.CANCEL: TOO_LATE})
    effects = {operation: {CancelReason.KITCHEN_CLOSED: EFFECT} for operation in (Operation.DENY, Operation.CANCEL)}
    monkeypatch.setattr(type(square), "side_effects", effects)


def advice(action: str, text: str, reason: str | None = None) -> dict[str, str | None]:
    return {"action": action, "text": text, "reason": reason}


def synced(reply: Reply) -> tuple[str, str | None]:
    """What the answer says of the platform."""
    return reply.json["sync"]["state"], reply.json["sync"]["detail"]


@pytest.mark.usefixtures("told_little")
@pytest.mark.parametrize(
    ("status", "given"),
    [
        (
            Status.INCOMING,
            [advice("deny", EFFECT, "KITCHEN_CLOSED"), advice("cancel", EFFECT, "KITCHEN_CLOSED")],
        ),
        (
            Status.BAGGING,
            [
                advice("cancel", untold("cancel", TOO_LATE)),
                advice("cancel", EFFECT, "KITCHEN_CLOSED"),
            ],
        ),
        (
            Status.READY,
            [
                advice("cancel", untold("cancel", TOO_LATE)),
                advice("cancel", EFFECT, "KITCHEN_CLOSED"),
                advice("picked_up", untold("picked up")),
                advice("complete", untold("complete")),
            ],
        ),
        *((status, []) for status in sorted(CLOSED)),
    ],
)
def test_an_order_says_what_to_know_before_an_action_is_taken(
    hub: Hub, status: Status, given: list[dict[str, str | None]]
) -> None:
    here(platform="square", status=status)

    shown = hub.api("GET", "/v1/orders/ord_1").json

    assert sorted(shown["advice"], key=str) == sorted(given, key=str)
    assert {row["action"] for row in shown["advice"]} <= set(shown["allowed_actions"])


@pytest.mark.usefixtures("told_little")
def test_a_list_and_the_answer_to_a_change_give_the_same_advice(hub: Hub) -> None:
    here(platform="square")

    (listed,) = hub.api("GET", "/v1/orders", query={"store_id": STORE}).json["orders"]
    changed = act(hub, "accept").json

    assert listed["advice"] == [advice("deny", EFFECT, "KITCHEN_CLOSED"), advice("cancel", EFFECT, "KITCHEN_CLOSED")]
    assert changed["advice"] == hub.api("GET", "/v1/orders/ord_1").json["advice"] != []


def test_of_a_platform_that_this_version_does_not_have_there_is_no_advice(hub: Hub) -> None:
    here(platform="long_gone")

    assert (hub.api("GET", "/v1/orders/ord_1").json["advice"], act(hub, "accept").status) == ([], 200)


@pytest.mark.usefixtures("told_little")
@pytest.mark.parametrize("action", ["deny", "cancel"])
@pytest.mark.parametrize("body", [REASON, {**REASON, "confirmed": False}])
def test_what_the_platform_does_besides_has_to_be_confirmed(hub: Hub, action: str, body: dict[str, Any]) -> None:
    here(platform="square")

    reply = act(hub, action, body)

    assert reply.error == (409, "CONFIRMATION_REQUIRED")
    assert reply.json["details"] == {"side_effect": EFFECT, "reason": "KITCHEN_CLOSED"}
    assert reply.json["message"].startswith(EFFECT)
    assert (hub.order("ord_1").version, hub.told("ord_1")[1:]) == (1, [])


@pytest.mark.usefixtures("told_little")
@pytest.mark.parametrize(
    "body", [{**REASON, "confirmed": True}, {"reason": "OUT_OF_STOCK"}, {"reason": "OUT_OF_STOCK", "confirmed": True}]
)
def test_what_is_confirmed_or_has_no_such_effect_is_done(hub: Hub, body: dict[str, Any]) -> None:
    here(platform="square")

    reply = act(hub, "deny", body)

    assert (reply.status, reply.json["status"]) == (200, "denied")


@pytest.mark.usefixtures("told_little")
def test_a_key_that_was_refused_for_want_of_confirmation_can_be_used_with_it(hub: Hub) -> None:
    here(platform="square")
    refused = act(hub, "deny", idempotency_key="k-1")
    first = act(hub, "deny", {**REASON, "confirmed": True}, idempotency_key="k-1")

    again = act(hub, "deny", {**REASON, "confirmed": True}, idempotency_key="k-1")

    assert [refused.status, first.status, again.status] == [409, 200, 200]
    assert again.json == first.json


@pytest.mark.usefixtures("told_little")
@pytest.mark.parametrize(
    ("status", "action", "answered"),
    [
        (Status.CANCELLED, "cancel", 200),
        (Status.DENIED, "deny", 200),
        (Status.COMPLETED, "cancel", (409, "ORDER_ALREADY_PROCESSED")),
        (Status.ACCEPTED, "deny", (409, "ORDER_NOT_MODIFIABLE")),
    ],
)
def test_nobody_has_to_confirm_what_will_not_happen(hub: Hub, status: Status, action: str, answered: Any) -> None:
    here(platform="square", status=status)

    reply = act(hub, action)

    assert (reply.status if reply.status == 200 else reply.error) == answered


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", sorted(CLOSED))
def test_an_order_that_is_over_moves_nowhere_whatever_its_platform(hub: Hub, status: Status, action: str) -> None:
    here(platform="square", status=status)

    reply = act(hub, action)

    if ACTIONS[action] == status:
        assert (reply.status, reply.json["version"]) == (200, 1)
    else:
        assert reply.error == (409, "ORDER_ALREADY_PROCESSED")


@pytest.mark.usefixtures("told_little")
@pytest.mark.parametrize(
    ("status", "action", "answered"),
    [
        (Status.INCOMING, "accept", ("pending", None)),
        (Status.READY, "picked_up", ("unsupported", untold("picked up"))),
        (Status.READY, "complete", ("unsupported", untold("complete"))),
        (Status.READY, "cancel", ("unsupported", untold("cancel", TOO_LATE))),
        (Status.ACCEPTED, "complete", ("pending", None)),  # that it is ready is told
    ],
)
def test_the_answer_says_at_once_that_the_platform_will_not_hear_of_it(
    hub: Hub, status: Status, action: str, answered: tuple[str, str | None]
) -> None:
    here(platform="square", status=status)

    assert synced(act(hub, action, {"reason": "OUT_OF_STOCK"} if action == "cancel" else None)) == answered


@pytest.mark.usefixtures("told_little")
@pytest.mark.parametrize("state", [SyncState.PENDING, SyncState.RETRYING, SyncState.FAILED])
def test_while_something_before_has_to_be_told_the_answer_is_that_it_will_be(hub: Hub, state: SyncState) -> None:
    here(platform="square", status=Status.READY, sync=Sync(state=state, version=1))

    assert synced(act(hub, "picked_up")) == ("pending", None)


def test_what_the_platform_does_not_hear_of_stays_so_and_the_next_step_is_told(hub: Hub, square: str) -> None:
    order_id = hub.receive(square)
    hub.api("POST", f"/v1/orders/{order_id}/accept")
    hub.run()
    bagged = hub.api("POST", f"/v1/orders/{order_id}/bagging")
    hub.run()
    unheard, why = hub.order(order_id).sync, untold("bagging", load("square").why[Operation.BAGGING])

    told = hub.api("POST", f"/v1/orders/{order_id}/ready")
    hub.run()

    assert synced(bagged) == (unheard.state, unheard.detail) == ("unsupported", why)
    assert (synced(told), hub.order(order_id).sync.state) == (("pending", None), SyncState.CONFIRMED)
