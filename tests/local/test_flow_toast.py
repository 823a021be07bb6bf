"""Toast, both ways: whole orders without their guest in, the guest fetched, and little that Toast can be told."""

import copy
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from local.standins.samples import toast
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

LARGE = 700_000  # bytes
RESTAURANT = "toast-restaurant-external-id"
AT_ONCE, WEBHOOKS = 12, 200
NOBODY_ELSE_S = "it lets nobody void an order but the client that placed it; turn it down or void it on the POS"


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "toast")


def guest_of(order: Mapping[str, Any]) -> str:
    customer = order["order"]["checks"][0]["customer"]
    return f"{customer['firstName']} {customer['lastName']}"


def received(hub: RunningHub, line: Line, made: Json) -> Json:
    """The platform tells of an order that its stand-in holds; the hub's order, its guest fetched."""
    assert line.tell("order_updated", made).status_code == 200
    return hub.wait_for(line.order_id(made), lambda order: order["customer"] is not None)


def arrived(hub: RunningHub, line: Line, **more: Any) -> tuple[Json, Json]:
    """A new order, at Toast and in the hub."""
    made = line.hold(line.new_order(**more))
    return made, received(hub, line, made)


def read_again(hub: RunningHub, line: Line, made: Json, status: str) -> Json:
    """The order, once a webhook has told where it stands at Toast."""
    held = {"restaurantGuid": line.theirs, "order": line.held(made)}
    assert line.tell("order_updated", held).status_code == 200
    return hub.wait_for(line.order_id(made), lambda order: order["status"] == status)


# --- in ---------------------------------------------------------------------------------------------------------------


def test_an_order_is_there_at_once_and_its_guest_a_moment_later(hub: RunningHub, line: Line) -> None:
    made = line.hold(line.new_order())
    reply = line.tell("order_updated", made)
    assert (reply.status_code, reply.content) == (200, b"")
    order = hub.wait_for(line.order_id(made), lambda order: order["customer"] is not None)
    assert (order["status"], order["store_id"], order["customer"]["name"]) == (
        "incoming",
        line.store_id,
        guest_of(made),
    )
    assert order["address"]["line1"] == made["order"]["deliveryInfo"]["address1"]
    assert order["fulfillment"] == "delivery"
    assert [flag["code"] for flag in order["checks"]] == []
    (asked,) = line.calls(made, "GET")
    assert {name.lower(): text for name, text in asked["headers"].items()}[RESTAURANT] == line.theirs
    kinds = [(actor, kind) for actor, kind, _ in hub.told(order["id"])]
    assert sorted(kinds) == [("fetch", "order.updated"), ("platform", "order.created")]


@pytest.mark.parametrize("spoil", ["signature", "body", "body_only"])
def test_what_is_not_signed_as_toast_signs_is_refused(hub: RunningHub, line: Line, spoil: str) -> None:
    made = line.new_order()
    body = toast.wire(toast.notification("order_updated", made))
    proof = line.proof(body)
    if spoil == "signature":
        proof = {name: "A" + text[1:] for name, text in proof.items()}
    if spoil == "body":
        body += b" "
    if spoil == "body_only":
        proof = line.proof(b'{"timestamp":""}')
    assert line.post(body, proof).status_code == 401
    assert hub.order(line.order_id(made)) is None


def test_a_webhook_of_the_day_before_yesterday_is_refused(line: Line) -> None:
    told = {**toast.notification("order_updated", line.new_order()), "timestamp": "2024-03-28T15:11:01.050Z"}
    body = toast.wire(told)
    assert line.post(body, line.proof(body)).status_code == 401


def test_a_check_that_was_only_opened_is_answered_and_ignored(hub: RunningHub, line: Line) -> None:
    made = line.new_order()
    for check in made["order"]["checks"]:
        check.update(selections=[], customer=None, amount=0, taxAmount=0, totalAmount=0)
    line.hold(made)
    assert line.tell("order_updated", made).status_code == 200
    made_later, _ = arrived(hub, line)
    assert line.calls(made, "GET") == [], "nobody asked for it"
    assert line.calls(made_later, "GET") != []
    assert hub.order(line.order_id(made)) is None


def test_the_same_webhook_twice_is_one(hub: RunningHub, line: Line) -> None:
    made, key = line.hold(line.new_order()), str(uuid4())
    assert [line.tell("order_updated", made, key=key).status_code for _ in range(2)] == [200, 200]
    order = hub.wait_for(line.order_id(made), lambda order: order["customer"] is not None)
    assert [kind for actor, kind, _ in hub.told(order["id"]) if actor == "platform"].count("order.created") == 1
    assert len(line.calls(made, "GET")) == 1


def test_an_older_webhook_changes_nothing(hub: RunningHub, line: Line) -> None:
    made, order = arrived(hub, line)
    line.change(made, approvalStatus="APPROVED")
    assert read_again(hub, line, made, "accepted")["customer"]["name"] == guest_of(made)
    assert line.tell("order_updated", made).status_code == 200
    eventually(lambda: hub.told(order["id"]), lambda told: ("platform", "order.updated", "stale") in told)
    assert hub.wait_for(order["id"])["status"] == "accepted"


def test_an_order_that_is_voided_on_the_pos_is_cancelled_with_its_guest_still_known(
    hub: RunningHub, line: Line
) -> None:
    made, _ = arrived(hub, line)
    line.change(made, voided=True)
    order = read_again(hub, line, made, "cancelled")
    assert (order["status_reason"]["source_code"], order["customer"]["name"]) == ("voided", guest_of(made))


def test_what_the_guest_is_told_is_where_the_order_stands(hub: RunningHub, line: Line) -> None:
    made, _ = arrived(hub, line, own=True)
    for word, status in (("IN_PREPARATION", "accepted"), ("READY_FOR_PICKUP", "ready"), ("CLOSED", "completed")):
        assert line.tell("guest_order_status", made, status=word).status_code == 200
        hub.wait_for(line.order_id(made), lambda order, wanted=status: order["status"] == wanted)  # type: ignore[misc]


def test_a_poll_finds_what_no_webhook_told(hub: RunningHub, line: Line) -> None:
    missed = [line.hold(line.new_order(kind=kind)) for kind in ("DELIVERY", "TAKE_OUT", "CURBSIDE", "DINE_IN")]
    line.poll_to_the_end()
    found = [hub.wait_for(line.order_id(made)) for made in missed]
    assert [order["fulfillment"] for order in found] == ["delivery", "pickup", "curbside", "dine_in"]
    assert [order["customer"]["name"] for order in found] == list(map(guest_of, missed))
    assert {order["store_id"] for order in found} == {line.store_id}


# --- out --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "body", "why"),
    [
        ("accept", {"prep_minutes": 20}, "its API has no such call; approve the order on the POS"),
        ("deny", {"reason": "OUT_OF_STOCK"}, NOBODY_ELSE_S),
    ],
)
def test_what_toast_cannot_be_told_is_said_in_the_answer_and_on_the_order(
    hub: RunningHub, line: Line, action: str, body: Json, why: str
) -> None:
    made, _ = arrived(hub, line)
    taken = line.act(made, action, body)
    told = hub.wait_told(line.order_id(made))
    for order in (taken, told):
        assert (order["sync"]["state"], why in order["sync"]["detail"]) == ("unsupported", True), order["sync"]
    assert told["status"] == {"accept": "accepted", "deny": "denied"}[action]
    assert [call for method in ("POST", "PATCH", "PUT") for call in line.calls(made, method)] == []


def test_a_delivery_is_told_how_it_goes_and_nothing_before(hub: RunningHub, line: Line) -> None:
    made, order = arrived(hub, line)
    line.act(made, "accept")
    assert hub.wait_told(order["id"])["sync"]["state"] == "unsupported"
    line.act(made, "ready")
    ready = hub.wait_told(order["id"])
    assert (ready["status"], ready["sync"]["state"]) == ("ready", "unsupported")
    for action, state in (("picked_up", "PICKED_UP"), ("complete", "DELIVERED")):
        line.act(made, action)
        assert hub.wait_told(order["id"])["sync"]["state"] == "confirmed"
        assert line.held(made)["deliveryInfo"]["deliveryState"] == state
    assert [call["body"]["deliveryState"] for call in line.calls(made, "PATCH")] == ["PICKED_UP", "DELIVERED"]


def test_what_is_taken_out_is_closed_on_the_pos(hub: RunningHub, line: Line) -> None:
    made, order = arrived(hub, line, kind="TAKE_OUT")
    why = {"accept": "approve the order", "ready": "mark the order as fulfilled", "picked_up": "close the check"}
    for action, words in why.items():
        line.act(made, action)
        sync = hub.wait_told(order["id"])["sync"]
        assert (sync["state"], words in sync["detail"]) == ("unsupported", True), sync
    assert line.calls(made, "PATCH") == []


def test_an_order_of_our_own_is_voided(hub: RunningHub, line: Line) -> None:
    made, order = arrived(hub, line, own=True)
    line.act(made, "accept")
    hub.wait_told(order["id"])
    line.act(made, "cancel", {"reason": "OUT_OF_STOCK"})
    told = hub.wait_told(order["id"])
    assert (told["status"], told["sync"]["state"]) == ("cancelled", "confirmed")
    assert line.held(made)["voided"] is True
    (void,) = line.calls(made, path="/void")
    assert void["body"] == {"selections": {"voidAll": True}, "payments": {"voidAll": True}}


def test_an_order_of_somebody_else_is_not(hub: RunningHub, line: Line) -> None:
    made, order = arrived(hub, line)
    line.act(made, "accept")
    hub.wait_told(order["id"])
    line.act(made, "cancel", {"reason": "OUT_OF_STOCK"})
    told = hub.wait_told(order["id"])
    assert (told["sync"]["state"], NOBODY_ELSE_S in told["sync"]["detail"]) == ("unsupported", True)
    assert line.held(made)["voided"] is False


def test_a_wait_that_toast_asks_for_ends_confirmed(hub: RunningHub, line: Line) -> None:
    made, order = arrived(hub, line)
    for action in ("accept", "ready"):
        line.act(made, action)
        hub.wait_told(order["id"])
    line.fault(made, "/deliveryInfo", status=429, times=1, headers={"Retry-After": "1"})
    line.act(made, "picked_up")
    assert hub.wait_told(order["id"])["sync"]["state"] == "confirmed"
    assert [call["status"] for call in line.calls(made, "PATCH")] == [429, 200]


# --- large, and many --------------------------------------------------------------------------------------------------


def large(line: Line) -> Json:
    """An order whose webhook has more than 700 KB."""
    made = line.new_order()
    (check,) = made["order"]["checks"]
    pattern = copy.deepcopy(check["selections"])
    numbers = iter(range(10_000))
    while len(toast.wire(made)) < LARGE:
        for one in copy.deepcopy(pattern) * 20:
            for part in (one, *one["modifiers"]):
                part["guid"] = str(uuid4())
            one["displayName"] = f"Dish {next(numbers)}"
            check["selections"].append(one)
    return made


def test_a_body_of_700_kb_is_answered_stored_and_mapped_within_two_seconds(
    hub: RunningHub, line: Line, measured: Callable[[str], None]
) -> None:
    arrived(hub, line)  # the functions are up
    made = line.hold(large(line))
    body = toast.wire(toast.notification("order_updated", made))
    assert len(body) >= LARGE
    lines = len(made["order"]["checks"][0]["selections"])
    proof = line.proof(body)

    started = time.monotonic()
    reply = line.post(body, proof)
    answered = time.monotonic() - started
    order = hub.wait_for(line.order_id(made))
    there = time.monotonic() - started
    eventually(lambda: (hub.order(order["id"]) or {})["customer"])

    measured(f"{len(body)} bytes, {lines} lines: answered in {answered:.2f} s, in the API after {there:.2f} s")
    assert reply.status_code == 200
    assert len(order["items"]) == lines
    assert there < 2


def test_two_hundred_webhooks_at_once_use_one_login(
    hub: RunningHub, line: Line, measured: Callable[[str], None]
) -> None:
    orders = [line.hold(line.new_order()) for _ in range(WEBHOOKS)]
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as senders:
        told = list(senders.map(lambda made: line.tell("order_updated", made).status_code, orders))
    answered = time.monotonic() - started
    wanted = {line.order_id(made): guest_of(made) for made in orders}

    def guests() -> dict[str, str]:
        listed = hub.open_orders(line.store_id)
        return {one["id"]: one["customer"]["name"] for one in listed if one["id"] in wanted and one["customer"]}

    found = eventually(guests, lambda seen: len(seen) == WEBHOOKS, seconds=180)
    fetched = time.monotonic() - started
    logins = hub.vendor("toast", "GET", "stats")["token_requests"]
    measured(
        f"{WEBHOOKS} webhooks, {AT_ONCE} at a time: answered in {answered:.1f} s, fetched in {fetched:.1f} s, "
        f"{logins} login"
    )
    assert (set(told), found, logins) == ({200}, wanted, 1)
