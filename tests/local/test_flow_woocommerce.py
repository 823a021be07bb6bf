"""WooCommerce, whose webhooks are never sent again: what they bring, what the poll finds, and what the shop is told."""

from typing import Any

import pytest

from local.standins.samples import woocommerce as samples
from local.standins.woocommerce_auth import CONSUMER_KEY, CONSUMER_SECRET
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect, demo_line

PING = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def line(hub: RunningHub) -> Line:
    return demo_line(hub, "woocommerce")


def notes(line: Line, made: Json) -> list[str]:
    """What the shop's staff read about an order, without our marks."""
    return [note["note"].partition(" [ref")[0] for note in line.held(made)["notes"]]


def created(hub: RunningHub, order_id: str) -> int:
    return sum(kind == "order.created" for _, kind, _ in hub.told(order_id))


def effects(hub: RunningHub, order_id: str) -> list[str]:
    """What became of each message of the platform."""
    return [effect for actor, _, effect in hub.told(order_id) if actor == "platform"]


# --- from the shop ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("connection", ["of the demo", "of nobody"])
def test_the_unsigned_ping_of_a_new_webhook_gets_200(hub: RunningHub, line: Line, connection: str) -> None:
    url = line.url if connection == "of the demo" else line.url.replace(line.id, "con_nobody")

    reply = line.post(b"webhook_id=42", PING, url=url)

    assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize("body", [b"webhook_id=42&id=1", b'{"id":1001,"status":"processing"}', b""])
def test_whatever_else_is_unsigned_gets_401(line: Line, body: bytes) -> None:
    assert line.post(body, PING).status_code == 401


def test_a_signed_order_is_in_the_api(hub: RunningHub, line: Line) -> None:
    made = line.receive(line.new_order(method="local_pickup"))

    order = hub.wait_for(line.order_id(made))

    assert (order["status"], order["fulfillment"], order["sync"]["state"]) == ("incoming", "pickup", "not_needed")
    assert (order["external_id"], order["display_id"]) == (str(made["id"]), made["number"])
    assert order["amounts"]["total"] == round(float(made["total"]) * 100)
    assert order["checks"] == []


def test_two_deliveries_of_one_second_under_one_delivery_id_are_two_orders(hub: RunningHub, line: Line) -> None:
    first, second = (line.hold(line.new_order()) for _ in range(2))

    answers = [line.tell("order.created", made, key="c" * 32).status_code for made in (first, second)]

    assert answers == [200, 200]
    for made in (first, second):
        assert hub.wait_for(line.order_id(made))["external_id"] == str(made["id"])


def test_a_draft_is_no_order_and_the_first_body_in_process_is(hub: RunningHub, line: Line) -> None:
    draft = line.hold(line.new_order(status="checkout-draft"))
    assert line.tell("order.created", draft).status_code == 200
    assert line.tell("order.updated", line.change(draft, customer_note="Still typing")).status_code == 200
    assert hub.order(line.order_id(draft)) is None

    assert line.tell("order.updated", line.change(draft, status="processing")).status_code == 200

    order = hub.wait_for(line.order_id(draft))
    assert (order["status"], order["notes"], created(hub, order["id"])) == ("incoming", "Still typing", 1)


@pytest.mark.parametrize("topic", ["order.deleted", "order.updated"])
def test_an_end_is_taken_in_for_orders_that_we_had_and_no_others(hub: RunningHub, line: Line, topic: str) -> None:
    known, unknown = line.receive(), line.hold(line.new_order())
    for made in (known, unknown):
        failed = line.change(made, status="failed")
        assert line.tell(topic, failed).status_code == 200

    order = hub.wait_for(line.order_id(known), lambda order: order["status"] == "cancelled")
    words = {"order.deleted": "order.deleted", "order.updated": "failed"}
    assert order["status_reason"]["source_code"] == words[topic]
    assert hub.order(line.order_id(unknown)) is None


def test_twenty_orders_of_which_five_were_never_told_are_all_there_once_after_a_poll(hub: RunningHub) -> None:
    line = connect(hub, "woocommerce")
    orders = [line.hold(line.new_order()) for _ in range(20)]
    lost = orders[3::4]
    for made in orders:
        if made not in lost:
            assert line.tell("order.created", made).status_code == 200
    wanted = {line.order_id(made) for made in orders}
    missing = {line.order_id(made) for made in lost}
    eventually(lambda: sum(hub.order(one) is not None for one in wanted), lambda count: count == 15)
    assert len(missing) == 5

    line.ask_for_a_poll()

    eventually(lambda: {one for one in wanted if hub.order(one) is not None}, lambda there: there == wanted)
    line.poll_to_the_end()
    assert {one: created(hub, one) for one in wanted} == dict.fromkeys(wanted, 1)
    assert {one for one in wanted if hub.told(one) == [("poll", "order.created", "applied")]} == missing
    listed = [one["id"] for one in hub.open_orders(line.store_id) if one["id"] in wanted]
    assert sorted(listed) == sorted(wanted)


def test_the_webhook_of_an_order_that_the_poll_found_changes_nothing(hub: RunningHub) -> None:
    line = connect(hub, "woocommerce")
    made = line.hold(line.new_order())
    line.ask_for_a_poll()
    order = hub.wait_for(line.order_id(made))

    assert line.tell("order.created", made).status_code == 200

    eventually(lambda: effects(hub, order["id"]), lambda seen: seen == ["unchanged"])
    assert hub.order(order["id"]) == order


# --- to the shop --------------------------------------------------------------------------------------------------


def test_staff_take_an_order_to_its_end(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    steps: list[tuple[str, Any, str]] = [
        ("accept", {"prep_minutes": 20}, "processing"),
        ("ready", None, "processing"),
        ("picked_up", None, "processing"),
        ("complete", None, "completed"),
    ]
    for action, body, status in steps:
        line.act(made, action, body)
        told = hub.wait_told(line.order_id(made))
        assert (told["sync"]["state"], line.held(made)["status"]) == ("confirmed", status)

    said = notes(line, made)
    assert said[0].startswith("Accepted by the store, ready at ")
    assert said[-2:] == ["Ready", "Left the store"]


@pytest.mark.parametrize(
    ("action", "note"),
    [
        ("deny", "Denied by the store (KITCHEN_CLOSED: The oven is cold)"),
        ("cancel", "Cancelled by the store (KITCHEN_CLOSED: The oven is cold)"),
    ],
)
def test_a_refusal_reaches_the_shop_with_its_reason(hub: RunningHub, line: Line, action: str, note: str) -> None:
    made = line.receive()
    if action == "cancel":
        line.act(made, "accept")
        hub.wait_told(line.order_id(made))

    line.act(made, action, {"reason": "KITCHEN_CLOSED", "details": "The oven is cold"})

    told = hub.wait_told(line.order_id(made))
    assert (told["sync"]["state"], told["allowed_actions"]) == ("confirmed", [])
    assert [call["body"] for call in line.calls(made, "PUT")] == [{"status": "cancelled"}]
    assert (line.held(made)["status"], notes(line, made)[-1]) == ("cancelled", note)


def test_our_own_change_that_comes_back_changes_nothing_and_tells_the_shop_nothing(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.act(made, "accept")
    before = hub.wait_told(line.order_id(made))
    calls = len(line.calls(made, "POST"))

    saved = line.change(made, meta_data=[{"id": 1, "key": "_edit_lock", "value": "1790000000:1"}])
    assert line.tell("order.updated", saved).status_code == 200

    eventually(lambda: effects(hub, before["id"]), lambda seen: seen == ["applied", "unchanged"])
    after = hub.order(before["id"])
    assert after == before
    assert (len(line.calls(made, "POST")), line.calls(made, "PUT")) == (calls, [])


def test_over_plain_http_every_call_is_signed_and_the_key_never_shown(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.act(made, "accept")
    hub.wait_told(line.order_id(made))

    calls = [call for method in ("GET", "POST") for call in line.calls(made, method)]

    assert [call["status"] for call in calls] == [200, 200, 201]
    for call in calls:
        shown = (call["query"]["oauth_consumer_key"], call["query"]["oauth_signature_method"])
        assert shown == (CONSUMER_KEY, "HMAC-SHA256")
        assert "Authorization" not in call["headers"]
        assert CONSUMER_SECRET not in str(call)
    assert len({call["query"]["oauth_nonce"] for call in calls}) == len(calls)


def test_a_wrong_secret_is_refused_over_plain_http_and_people_are_told(hub: RunningHub) -> None:
    line = connect(hub, "woocommerce", consumer_secret="cs_guess")
    made = line.receive()

    line.act(made, "accept")

    told = hub.wait_told(line.order_id(made))
    assert told["sync"]["state"] == "failed"
    assert "signature does not match" in told["sync"]["detail"]


def test_a_note_whose_answer_got_lost_is_not_added_twice(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.fault(made, "/notes", match={"method": "POST"}, status=502, times=1, after_effect=True)

    line.act(made, "accept")

    told = hub.wait_told(line.order_id(made))
    assert (told["sync"]["state"], told["sync"]["attempts"]) == ("confirmed", 2)
    assert len(notes(line, made)) == 1


def test_an_order_that_the_shop_has_cancelled_meanwhile_is_not_brought_back(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.change(made, status="cancelled")

    line.act(made, "accept")

    told = hub.wait_told(line.order_id(made))
    assert told["sync"]["state"] == "failed"
    assert "cancelled" in told["sync"]["detail"]
    assert (line.held(made)["status"], notes(line, made)) == ("cancelled", [])


def test_a_shop_s_own_status_for_ready_orders_is_used_and_understood(hub: RunningHub) -> None:
    line = connect(hub, "woocommerce", settings={"ready_status": "on-the-counter"})
    hub.vendor("woocommerce", "PATCH", "settings", {"own_statuses": ["on-the-counter"]})
    made = line.receive()
    for action in ("accept", "ready"):
        line.act(made, action)
        hub.wait_told(line.order_id(made))
    assert line.held(made)["status"] == "on-the-counter"

    assert line.tell("order.updated", {**made, **line.change(made)}).status_code == 200

    eventually(lambda: len(effects(hub, line.order_id(made))), lambda count: count == 2)
    order = hub.wait_for(line.order_id(made))
    assert (order["status"], order["sync"]["state"]) == ("ready", "confirmed")


def test_the_shop_names_itself_and_its_orders_are_of_the_store_on_the_map(hub: RunningHub) -> None:
    line = connect(hub, "woocommerce")
    made = line.receive()

    order = hub.wait_for(line.order_id(made))

    assert order["store_id"] == line.store_id
    assert order["store_external_id"] == samples.SHOP_URL
