"""DoorDash, both ways: 202 and a confirmation within minutes; nothing authentic is ever answered with an error."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.standins.samples import doordash
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

ACCEPT_WITHIN = timedelta(minutes=3)
READY = "/events/order_ready_for_pickup"


@pytest.fixture
def line(hub: RunningHub) -> Line:
    return connect(hub, "doordash")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def post(line: Line, body: bytes, token: str | None = None) -> int:
    """Sends a body with a token, ours when none is given; the status of the answer."""
    return line.post(body, {"Authorization": line.secret if token is None else token}).status_code


def patches(line: Line, made: Json, action: str = "") -> list[Any]:
    """The bodies of the calls to one path of an order."""
    path = f"/orders/{line.external_id(made)}{action}"
    return [call["body"] for call in line.calls(made, "PATCH", path)]


def in_quarantine(hub: RunningHub, line: Line) -> list[Json]:
    listed = hub.orderhub("quarantine", "list", "--limit", "1000", "--json")
    assert listed.returncode == 0, listed.stderr
    return [one for one in json.loads(listed.stdout) if one["connection_id"] == line.id]


def accepted(hub: RunningHub, line: Line) -> Json:
    made = line.receive()
    line.act(made, "accept")
    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    return made


def test_an_order_is_taken_in_and_confirmed_by_a_call(hub: RunningHub, line: Line) -> None:
    made = line.hold(line.new_order())
    reply = line.tell("OrderCreate", made)
    assert (reply.status_code, reply.content) == (202, b"")
    order = hub.wait_for(line.order_id(made))
    assert (order["status"], order["external_id"], order["store_id"]) == (
        "incoming",
        made["order"]["id"],
        line.store_id,
    )
    assert at(order["accept_by"]) == at(order["placed_at"]) + ACCEPT_WITHIN
    assert patches(line, made) == []

    taken = line.act(made, "accept", {"prep_minutes": 20})
    told = hub.wait_told(taken["id"])
    assert (told["status"], told["sync"]["state"]) == ("accepted", "confirmed")
    assert patches(line, made) == [
        {
            "merchant_supplied_id": order["id"],
            "order_status": "success",
            "prep_time": at(taken["ready_at"]).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    ]
    held = line.held(made)
    assert (held["phase"], held["client_order_id"]) == ("confirmed", order["id"])

    line.act(made, "ready")
    assert hub.wait_told(order["id"])["sync"]["state"] == "confirmed"
    assert patches(line, made, READY) == [{"merchant_supplied_id": order["id"]}]


def test_a_scheduled_order_is_accepted_without_a_time(hub: RunningHub, line: Line) -> None:
    later = datetime.now().astimezone() + timedelta(hours=3)
    made = line.receive(line.new_order(scheduled_for=later))
    order = hub.wait_for(line.order_id(made))
    assert order["scheduled_for"] == order["ready_at"]

    line.act(made, "accept", {"prep_minutes": 20})
    hub.wait_told(order["id"])
    assert patches(line, made) == [{"merchant_supplied_id": order["id"], "order_status": "success"}]


def test_what_doordash_has_no_call_for_says_so(hub: RunningHub, line: Line) -> None:
    made = accepted(hub, line)
    line.act(made, "ready")
    hub.wait_told(line.order_id(made))
    shown = line.act(made, "complete")
    assert (shown["status"], shown["sync"]["state"]) == ("completed", "unsupported")
    assert "Dashers" in shown["sync"]["detail"]
    assert hub.wait_told(shown["id"])["sync"]["state"] == "unsupported"


def test_a_denial_has_doordash_s_words(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.act(made, "deny", {"reason": "KITCHEN_CLOSED", "details": "The oven is cold"})
    told = hub.wait_told(line.order_id(made))
    assert (told["status"], told["sync"]["state"]) == ("denied", "confirmed")
    assert patches(line, made) == [
        {
            "merchant_supplied_id": told["id"],
            "order_status": "fail",
            "failure_reason": "Store Unavailable - Closed or Remodel",
            "errors": [{"code": "STORE_CLOSED", "merchant_supplied_id": line.theirs, "message": "The oven is cold"}],
        }
    ]
    assert line.held(made)["phase"] == "failed"


def test_a_cancellation_that_switches_the_store_off_has_to_be_meant(hub: RunningHub, line: Line) -> None:
    made = accepted(hub, line)
    order_id = line.order_id(made)
    warned = {one["reason"]: one["text"] for one in hub.ask("GET", f"/orders/{order_id}")["advice"] if one["reason"]}
    assert "12 hours" in warned["KITCHEN_CLOSED"]
    assert "15 minutes" in warned["STAFF_SHORTAGE"]

    body = {"reason": "KITCHEN_CLOSED", "details": "The oven is cold"}
    refused = hub.api("PUT", f"/orders/{order_id}/cancel", body)
    assert (refused.status_code, refused.json()["error"]) == (409, "CONFIRMATION_REQUIRED")
    assert patches(line, made, "/cancellation") == []

    line.act(made, "cancel", {**body, "confirmed": True})
    told = hub.wait_told(order_id)
    assert (told["status"], told["sync"]["state"]) == ("cancelled", "confirmed")
    assert "12 hours" in told["sync"]["detail"]
    assert patches(line, made, "/cancellation") == [
        {"cancel_reason": "STORE_CLOSED", "cancel_details": "The oven is cold"}
    ]
    assert line.held(made)["phase"] == "cancelled"


def test_any_other_cancellation_leaves_the_store_on(hub: RunningHub, line: Line) -> None:
    made = accepted(hub, line)
    line.act(made, "cancel", {"reason": "EQUIPMENT_FAILURE", "details": "The oven is cold"})
    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    assert patches(line, made, "/cancellation") == [{"cancel_reason": "OTHER", "cancel_details": "The oven is cold"}]


def test_an_acceptance_that_comes_too_late_is_a_failure_for_all_to_see(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.change(made, phase="failed")
    line.act(made, "accept")
    told = hub.wait_told(line.order_id(made))
    assert told["sync"]["state"] == "failed"
    assert "has expired" in told["sync"]["detail"]


def test_the_dasher_is_followed_to_the_door(hub: RunningHub, line: Line) -> None:
    made = accepted(hub, line)
    order_id = line.order_id(made)
    for word, status in (
        ("dasher_confirmed", "accepted"),
        ("arriving_at_store", "accepted"),
        ("arrived_at_store", "accepted"),
        ("dasher_out_for_delivery", "picked_up"),
        ("dropoff", "completed"),
    ):
        assert line.tell("dasher_status_update", made, status=word).status_code == 200
        order = hub.wait_for(order_id)
        assert (order["status"], order["courier"]["name"], order["courier"]["status"]) == (status, "Jude D.", word)
    assert [told[1] for told in hub.told(order_id) if told[0] == "platform"] == [
        "order.created",
        *["courier.updated"] * 5,
    ]


def test_a_release_starts_the_packing(hub: RunningHub, line: Line) -> None:
    made = accepted(hub, line)
    assert line.tell("OrderRelease", made).status_code == 200
    order = hub.wait_for(line.order_id(made), lambda order: order["status"] == "bagging")
    assert (order["courier"]["name"], order["courier"]["lat"]) == ("Jude D.", 41.8861)


def test_an_adjustment_replaces_the_lines(hub: RunningHub, line: Line) -> None:
    made = accepted(hub, line)
    order = hub.wait_for(line.order_id(made))
    first, *_ = held = line.held(made)["categories"]
    assert len(order["items"]) > len(first["items"])

    line.change(made, categories=held[:1], subtotal=order["items"][0]["total"])
    assert line.tell("OrderAdjustment", line.held(made)).status_code == 200
    changed = hub.wait_for(order["id"], lambda one: len(one["items"]) == 1)
    assert changed["items"][0]["id"] == order["items"][0]["id"]
    assert changed["amounts"]["subtotal"] == order["items"][0]["total"]
    assert (changed["status"], changed["placed_at"], changed["checks"]) == ("accepted", order["placed_at"], [])
    # The order as it first was, told again, changes nothing.
    assert line.tell("OrderCreate", made).status_code == 202
    assert len(hub.wait_for(order["id"])["items"]) == 1


def test_a_cancellation_ends_the_order_even_if_it_comes_first(hub: RunningHub, line: Line) -> None:
    known, never_seen = accepted(hub, line), line.new_order()
    for made in (known, never_seen):
        assert line.tell("OrderCanceled", made).status_code == 200
        order = hub.wait_for(line.order_id(made), lambda order: order["status"] == "cancelled")
        assert order["allowed_actions"] == []
    assert line.tell("OrderCreate", never_seen).status_code == 202
    filled = hub.wait_for(line.order_id(never_seen), lambda order: order["items"])
    assert filled["status"] == "cancelled"
    assert patches(line, known, "/cancellation") == []


def test_an_order_told_ten_times_is_one_order(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    placed_at = hub.wait_for(line.order_id(made))["placed_at"]
    assert {line.tell("OrderCreate", made).status_code for _ in range(9)} == {202}
    assert hub.told(line.order_id(made)) == [("platform", "order.created", "applied")]
    assert hub.wait_for(line.order_id(made))["placed_at"] == placed_at


def test_an_order_that_cannot_be_read_is_answered_202_and_waits_whole(hub: RunningHub, line: Line) -> None:
    made = line.new_order()
    made["order"]["subtotal"] = "about twenty dollars"
    body = doordash.wire(made)

    assert post(line, body) == 202
    (held,) = in_quarantine(hub, line)
    assert "order.subtotal" in held["reason"]
    assert hub.order(line.order_id(made)) is None
    whole = hub.orderhub("quarantine", "show", held["id"]).stdout
    assert json.loads(json.loads(whole)["body"]) == made
    assert line.secret not in whole


def test_nothing_authentic_is_answered_with_an_error(hub: RunningHub, line: Line) -> None:
    whole = doordash.wire(line.new_order())
    unreadable = [
        whole[: len(whole) // 2],
        whole[:-1],
        b"",
        b"{}",
        b"[]",
        b'"text"',
        b"null",
        b"<html>502 Bad Gateway</html>",
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b'{"event": {"type": "OrderCreate"}}',
        b'{"event": {"type": "OrderCreate"}, "order": null}',
        b'{"event": {"type": "OrderRethought"}, "order": {"id": "1"}}',
        b'{"external_order_id": null, "store": {}}',
        b'{"client_order_id": "ord_1", "store": {}}',
        b'{"delivery": {"dasher_status": "dropoff"}}',
        b'{"order": {"id": "1", "subtotal": 1e400}}',
        b'{"order": {"id": "1", "order_special_instructions": "\\ud800"}}',
    ]
    elsewhere = [
        b'{"event": {"type": "MenuUpdate", "status": "SUCCESS"}, "store": {}, "menu": {"id": "1"}}',
        b'{"cart_id": "1", "categories": []}',
        b'{"something": "new"}',
    ]

    assert [post(line, body) for body in unreadable] == [202] * len(unreadable)
    assert [post(line, body) for body in elsewhere] == [200] * len(elsewhere)
    assert len(in_quarantine(hub, line)) == len(unreadable)


def test_a_token_is_good_bare_and_as_a_bearer_token_and_while_it_changes(hub: RunningHub) -> None:
    line = connect(hub, "doordash", webhook_tokens=["the-token-of-tomorrow", "the-token-of-today"])
    orders = [line.new_order() for _ in range(4)]
    tokens = [
        "the-token-of-tomorrow",
        "Bearer the-token-of-tomorrow",
        "the-token-of-today",
        "Bearer the-token-of-today",
    ]

    statuses = [post(line, doordash.wire(made), token) for made, token in zip(orders, tokens, strict=True)]

    assert statuses == [202] * 4
    wanted = {line.order_id(made) for made in orders}
    eventually(lambda: {one["id"] for one in hub.open_orders(line.store_id)}, lambda ids: ids == wanted)


def test_another_token_is_refused_and_leaves_no_trace(hub: RunningHub, line: Line) -> None:
    made = line.new_order()

    assert [post(line, doordash.wire(made), token) for token in ("", "another", "Bearer another")] == [401] * 3
    assert hub.order(line.order_id(made)) is None
    assert in_quarantine(hub, line) == []


def test_a_connection_is_looked_at_by_its_store(hub: RunningHub, line: Line) -> None:
    line.hold(line.new_order())

    checked = hub.ask("POST", f"/connections/{line.id}/verify")

    assert checked == {"ok": True, "message": f"DoorDash knows store {line.theirs}"}
