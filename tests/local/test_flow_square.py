"""Square, where a webhook, a poll, a replay, a tablet and our staff may all speak of one order at the same moment."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from local.standins.samples import square
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect, demo_line


def taken_on_the_tablet(line: Line, made: Json) -> Json:
    """Somebody takes an order on Square's own device; the order as it then is there."""
    fulfillments = [{**one, "state": "RESERVED"} for one in line.held(made)["fulfillments"]]
    changed = line.change(made, fulfillments=fulfillments)
    return dict(changed["order"])


def created(hub: RunningHub, order_id: str) -> int:
    return sum(kind == "order.created" for _, kind, _ in hub.told(order_id))


def keys(hub: RunningHub, order_id: str, kind: str) -> list[str]:
    return [one["key"] for one in hub.timeline(order_id) if one["type"] == kind]


def test_a_webhook_a_poll_and_a_replay_that_meet_make_one_order(hub: RunningHub) -> None:
    line = connect(hub, "square")
    orders = [line.hold(line.new_order()) for _ in range(3)]
    with ThreadPoolExecutor(4) as speakers:
        polled = speakers.submit(line.ask_for_a_poll)
        told = speakers.map(lambda made: line.tell("order.created", made).status_code, orders)
        assert set(told) == {200}
        polled.result()
    wanted = {line.order_id(made) for made in orders}
    eventually(lambda: {one["id"] for one in hub.open_orders(line.store_id)}, lambda ids: ids == wanted)
    for order_id in wanted:
        assert hub.orderhub("replay", order_id, "--event", keys(hub, order_id, "order.referenced")[0]).returncode == 0
    last = line.poll_to_the_end()
    assert {order_id: created(hub, order_id) for order_id in wanted} == dict.fromkeys(wanted, 1)

    first = next(iter(wanted))
    for one in hub.timeline(first):
        if one["cause"]["actor"] in ("fetch", "poll"):
            assert hub.orderhub("replay", first, "--event", one["key"]).returncode == 0
    assert {one["id"] for one in hub.open_orders(line.store_id)} == wanted | {last}
    assert created(hub, first) == 1


def test_an_older_version_after_a_newer_one_changes_nothing_and_is_stale(hub: RunningHub) -> None:
    line = demo_line(hub, "square")
    made = line.hold(line.new_order())
    older = line.held(made)
    newer = taken_on_the_tablet(line, made)
    assert line.tell("order.updated", newer).status_code == 200
    order_id = line.order_id(made)
    before = hub.wait_for(order_id, lambda order: order["status"] == "accepted")

    late = datetime.now(UTC) + timedelta(seconds=1)
    assert line.tell("order.created", {"order": older}, at=late).status_code == 200
    lines = eventually(lambda: hub.told(order_id), lambda told: "stale" in {effect for _, _, effect in told})
    assert created(hub, order_id) == 1
    after = hub.order(order_id)
    assert after == before, lines


def test_an_older_copy_of_the_order_changes_nothing_and_is_stale(hub: RunningHub) -> None:
    line = demo_line(hub, "square")
    made = line.receive()
    order_id = line.order_id(made)
    read_first = eventually(lambda: [one["key"] for one in hub.timeline(order_id) if one["type"] == "order.created"])
    line.tell("order.updated", taken_on_the_tablet(line, made))
    before = hub.wait_for(order_id, lambda order: order["status"] == "accepted")
    replayed = hub.orderhub("replay", order_id, "--event", read_first[0])
    assert (replayed.returncode, replayed.stdout.split()[1:2]) == (0, ["stale"])
    assert hub.order(order_id) == before
    assert "stale" in {effect for _, _, effect in hub.told(order_id)}


def test_a_version_that_moves_on_between_read_and_write_is_met_again(hub: RunningHub) -> None:
    line = demo_line(hub, "square")
    made = line.receive()
    line.fault(made, "", match={"method": "PUT"}, status=None, delay_seconds=2.0)
    line.act(made, "accept")
    eventually(lambda: hub.vendor("square", "GET", "stats")["in_flight"])
    line.change(made, ticket_name="Table 4")  # while our change is on its way
    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    writes = line.calls(made, "PUT")
    assert [call["status"] for call in writes] == [400, 200]
    assert [call["body"]["order"]["version"] for call in writes] == [1, 2]
    held = line.held(made)
    assert (held["fulfillments"][0]["state"], held["ticket_name"]) == ("RESERVED", "Table 4")


def test_a_mismatch_that_square_tells_once_is_no_failure(hub: RunningHub) -> None:
    line = demo_line(hub, "square")
    made = line.receive()
    error = {"category": "INVALID_REQUEST_ERROR", "code": "VERSION_MISMATCH", "field": "order.version"}
    line.fault(made, "", match={"method": "PUT"}, status=400, body={"errors": [error]})
    line.act(made, "accept")
    told = hub.wait_told(line.order_id(made))
    assert (told["sync"]["state"], told["sync"]["attempts"]) == ("confirmed", 2)


def test_a_sale_at_the_till_is_found_by_its_payment(hub: RunningHub) -> None:
    line = connect(hub, "square")
    sale = line.hold(line.new_order(square.pos_order))
    assert line.tell("payment.updated", sale).status_code == 200
    order = hub.wait_for(line.order_id(sale))
    assert (order["status"], order["payment"]["method"]) == ("completed", "cash")
    assert created(hub, order["id"]) == 1


def test_a_sale_at_the_till_that_nobody_told_of_is_found_by_the_poll(hub: RunningHub) -> None:
    line = connect(hub, "square")
    sale = line.hold(line.new_order(square.pos_order, placed_at=datetime.now(UTC) - timedelta(minutes=2)))
    hub.invoke("poll")  # as the schedule does every minute
    order = hub.wait_for(line.order_id(sale))
    assert (order["status"], order["payment"]["method"]) == ("completed", "cash")
    line.poll_to_the_end()
    assert hub.told(order["id"]) == [("poll", "order.created", "applied")]


def test_a_tablet_and_our_staff_at_the_same_moment_end_in_one_state(
    hub: RunningHub, measured: Callable[[str], None]
) -> None:
    line = demo_line(hub, "square")
    orders = [line.receive() for _ in range(4)]

    def by_tablet(made: Json) -> None:
        assert line.tell("order.fulfillment.updated", taken_on_the_tablet(line, made)).status_code == 200

    with ThreadPoolExecutor(8) as people:
        tablets = [people.submit(by_tablet, made) for made in orders]
        staff = [people.submit(line.act, made, "accept", {"prep_minutes": 12}) for made in orders]
        at_work: list[Future[Any]] = [*tablets, *staff]
        for done in at_work:
            done.result()
    first = []
    for made in orders:
        order_id = line.order_id(made)
        eventually(partial(hub.told, order_id), heard_of_the_tablet)
        order = hub.wait_told(order_id)
        assert (order["status"], order["sync"]["state"]) == ("accepted", "confirmed")
        told = hub.told(order_id)
        assert [effect for actor, kind, effect in told if (actor, kind) == ("staff", "order.accepted")] == ["applied"]
        assert line.held(made)["fulfillments"][0]["state"] == "RESERVED"
        first.append(next(actor for actor, kind, effect in told if kind == "order.accepted" and effect == "applied"))
    measured(f"who was first to accept, tablet (fetch) or staff: {', '.join(first)}")


def heard_of_the_tablet(told: list[tuple[str, str, str]]) -> bool:
    """Whether the tablet's word was received and read: after the notification there is a second read of the order."""
    notified = sum(line[:2] == ("platform", "order.referenced") for line in told)
    return notified == 2 and sum(actor == "fetch" for actor, _, _ in told) == 2
