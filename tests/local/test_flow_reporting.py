"""Reporting over HTTP: events of orders reach receivers, which prove them, fail, are gone, or are slow."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect
from tests.local.receivers import OK, Answer, DeliverectReceiver, Message, Receivers, receivers, verified

MANY = 50
ROUNDS = 3
LONGEST_SECONDS = 14.0  # the hub waits a second longer

# Beside the hub's start a receiver has to become known, which takes up to fifteen seconds.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "square")


@pytest.fixture(scope="module")
def ours() -> Iterator[Receivers]:
    with receivers() as made:
        yield made


@pytest.fixture
def subscribe(hub: RunningHub, line: Line) -> Iterator[Callable[..., Json]]:
    """Makes subscriptions to the line's store, and removes them again."""
    made: list[str] = []

    def make(url: str, **fields: Any) -> Json:
        one = hub.ask("POST", "/subscriptions", {"url": url, "store_ids": [line.store_id], **fields})
        made.append(one["id"])
        return one

    yield make
    for one in made:
        hub.api("DELETE", f"/subscriptions/{one}")


def heard(ours: Receivers, name: str, number: int) -> list[Message]:
    """What came to a receiver, once that many have."""
    return eventually(lambda: ours.of(name), lambda found: len(found) >= number)


def known(hub: RunningHub, line: Line, made: Json, ours: Receivers, name: str) -> None:
    """Returns once the hub's processes know of a subscription: they look every fifteen seconds."""

    def told() -> bool:
        line.order_id(line.receive())
        return bool(ours.of(name))

    eventually(told, seconds=90)
    eventually(lambda: settled(hub, made))
    with ours.lock:
        ours.got.clear()


def settled(hub: RunningHub, made: Json) -> bool:
    found = deliveries(hub, made)
    return bool(found) and all(one["state"] != "pending" for one in found)


def deliveries(hub: RunningHub, made: Json, query: str = "") -> list[Json]:
    found: list[Json] = hub.ask("GET", f"/subscriptions/{made['id']}/deliveries{query}")["deliveries"]
    return found


def tried(hub: RunningHub, made: Json, query: str) -> list[Json]:
    """Deliveries that were tried."""
    return [one for one in deliveries(hub, made, query) if one["last"]]


def test_a_receiver_with_the_library_hears_of_an_order_s_whole_life(
    hub: RunningHub, line: Line, ours: Receivers, subscribe: Callable[..., Json]
) -> None:
    made = subscribe(ours.url("library"))
    known(hub, line, made, ours, "library")
    order_id = line.order_id(line.receive())
    hub.ask("PUT", f"/orders/{order_id}/accept")
    hub.ask("PUT", f"/orders/{order_id}/ready")

    def mine() -> dict[str, Any]:
        read = [verified(one, made["secret"]) for one in ours.of("library")]
        return {f"{one['type']} {one['data']['status']}": one for one in read if one["data"]["order_id"] == order_id}

    life = {"order.created incoming", "order.status_changed accepted", "order.status_changed ready"}
    read = eventually(mine, lambda found: life <= found.keys())
    assert read["order.status_changed accepted"]["data"]["previous_status"] == "incoming"
    assert read["order.created incoming"]["data"]["order"]["items"]


def test_a_receiver_written_for_deliverect_reads_all_four_kinds(
    hub: RunningHub, ours: Receivers, subscribe: Callable[..., Json]
) -> None:
    line = connect(hub, "doordash")
    options = {"account": "acc-1", "channel": 12}
    made = subscribe(ours.url("deliverect"), format="deliverect", deliverect=options, store_ids=[line.store_id])
    known(hub, line, made, ours, "deliverect")
    reader = DeliverectReceiver(made["secret"])

    def read(order_id: str) -> list[tuple[str, int]]:
        """All that came of an order, as such a receiver reads it."""
        of_it = [one for one in ours.of("deliverect") if order_id in (one.json.get("_id"), one.json.get("orderId"))]
        return [reader.read(one) for one in sorted(of_it, key=lambda one: "_id" not in one.json)]

    order = line.receive()
    order_id = line.order_id(order)
    eventually(lambda: read(order_id), lambda found: ("new order", 2) in found)
    line.act(order, "accept")
    line.tell("dasher_status_update", order, status="arrived_at_store")
    eventually(lambda: read(order_id), lambda found: {("status", 20), ("courier", 85)} <= set(found))
    line.tell("dasher_status_update", order, status="dasher_out_for_delivery")
    eventually(lambda: read(order_id), lambda found: {("status", 80), ("courier", 80)} <= set(found))
    assert reader.orders[order_id]["courier"] == "Jude"
    assert reader.orders[order_id]["total"] > 0

    cancelled_there, cancelled_here = line.receive(), line.receive()
    line.tell("OrderCanceled", cancelled_there)
    eventually(lambda: read(line.order_id(cancelled_there)), lambda found: ("new order", 100) in found)
    line.act(cancelled_here, "accept")
    line.act(cancelled_here, "cancel", {"reason": "EQUIPMENT_FAILURE", "details": "The oven is cold"})
    eventually(lambda: read(line.order_id(cancelled_here)), lambda found: ("status", 110) in found)


def test_a_receiver_that_fails_is_tried_again_and_one_that_is_gone_is_not(
    hub: RunningHub, line: Line, ours: Receivers, subscribe: Callable[..., Json]
) -> None:
    seen: set[str] = set()

    def fails_first(message: Message) -> Answer:
        """Each message is taken the second time it comes."""
        known_before = message.headers["webhook-id"] in seen
        seen.add(message.headers["webhook-id"])
        return OK if known_before else (503, {}, b"not now")

    ours.answers |= {"fails": fails_first, "gone": lambda _: (410, {}, b"")}
    fails = subscribe(ours.url("fails"), events=["order.created"])
    gone = subscribe(ours.url("gone"), events=["order.created"])
    known(hub, line, fails, ours, "fails")
    order_id = line.order_id(line.receive())

    query = f"?order_id={order_id}"
    (told,) = eventually(lambda: [one for one in deliveries(hub, fails, query) if one["state"] == "delivered"])
    assert told["attempts"] == 2
    first, second = (one for one in ours.of("fails") if one.headers["webhook-id"] == told["id"])
    assert first.body == second.body
    assert second.came - first.came >= 5
    for one in (first, second):
        verified(one, fails["secret"])
    assert hub.ask("GET", f"/subscriptions/{gone['id']}")["state"] == "auto_disabled"
    (kept,) = deliveries(hub, gone, query)
    assert (kept["state"], kept["attempts"]) == ("held", 0)


def test_a_redirect_is_not_followed(hub: RunningHub, ours: Receivers, subscribe: Callable[..., Json]) -> None:
    ours.answers["redirects"] = lambda _: (302, {"location": ours.url("elsewhere")}, b"")
    made = subscribe(ours.url("redirects"))
    hub.ask("POST", f"/subscriptions/{made['id']}/test")

    (told,) = eventually(lambda: [one for one in deliveries(hub, made) if one["state"] == "failed"])
    assert (told["last"]["status"], told["last"]["error"]) == (302, "http")
    assert ours.of("elsewhere") == []


def test_a_slow_receiver_among_many_delays_none_of_the_others(
    hub: RunningHub,
    line: Line,
    ours: Receivers,
    subscribe: Callable[..., Json],
    measured: Callable[[str], None],
) -> None:
    names = [f"many-{number}" for number in range(MANY)]
    made = [subscribe(ours.url(name), events=["order.created"]) for name in names]
    known(hub, line, made[-1], ours, names[-1])
    eventually(lambda: all(settled(hub, one) for one in made))

    def round_of(slow: str | None) -> tuple[str, list[float]]:
        """An order, and the seconds until each of the quick receivers has it."""
        with ours.lock:
            ours.got.clear()
        began = time.monotonic()
        order_id = line.order_id(line.receive())

        def come() -> dict[str, float]:
            found: dict[str, float] = {}
            for name in names:
                for one in ours.of(name):
                    if one.json["data"]["order_id"] == order_id:
                        found.setdefault(name, one.came - began)
            return found

        took = eventually(come, lambda found: len(found) == MANY)
        return order_id, sorted(seconds for name, seconds in took.items() if name != slow)

    quick, beside = [], []
    for _ in range(ROUNDS):
        quick.append(round_of(None)[1])
        all_have_it = threading.Event()

        def slowly(_: Message, until: threading.Event = all_have_it) -> Answer:
            until.wait(LONGEST_SECONDS)
            return OK

        ours.answers[names[0]] = slowly
        order_id, took = round_of(names[0])  # while the slow one has not answered
        beside.append(took)
        all_have_it.set()
        query = f"?order_id={order_id}"
        (told,) = eventually(partial(tried, hub, made[0], query))
        assert (told["state"], told["attempts"]) == ("delivered", 1)
        del ours.answers[names[0]]

    def line_of(rounds: list[list[float]]) -> str:
        """Of the rounds that the machine disturbed least."""
        best = min(rounds, key=lambda took: took[-1])
        return f"median {statistics.median(best):.2f} s, last {best[-1]:.2f} s"

    measured(f"{MANY} receivers, none slow: {line_of(quick)} (best of {ROUNDS})")
    measured(f"{MANY} receivers, one that answers only when the others have it: {line_of(beside)} for those")
