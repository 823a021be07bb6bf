"""A hub that is stopped in the middle of its work, and started again."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
import requests

from tests.local.hub import Json, RunningHub, copy_project, eventually
from tests.local.line import Line, demo_line
from tests.local.shop import free_port

ORDERS = 500
CLIENTS = 6
# Every fifth order is one of Uber Eats, and is accepted as soon as it is there; the others are Shopify's.
ACCEPTED = 100
STOPPED_AFTER = 200
PATIENCE_SECONDS = 180.0
PAUSE_SECONDS = 0.3
UNAVAILABLE = 503


@dataclass
class Clients:
    """What all clients have in common: when they lose their patience, and a count of what they were answered."""

    deadline: float = field(default_factory=lambda: time.monotonic() + PATIENCE_SECONDS)
    answers: Counter[str] = field(default_factory=Counter)

    def persist(self, send: Callable[[], requests.Response], again: tuple[int, ...] = ()) -> None:
        """Send as platforms do, again and again until it is taken; `again` are further answers to that end."""
        pause = threading.Event()
        while (status := self._status(send)) != requests.codes.ok:
            assert status in (0, UNAVAILABLE, *again), f"answered {status}"
            assert time.monotonic() < self.deadline, f"not taken in time: {self.answers}"
            pause.wait(PAUSE_SECONDS)

    def _status(self, send: Callable[[], requests.Response]) -> int:
        """The status of the answer; 0 for none."""
        try:
            status = send().status_code
        except (requests.ConnectionError, requests.Timeout):
            status = 0
        self.answers[str(status or "none")] += 1
        return status

    def place(self, line: Line, made: Json) -> None:
        """A customer orders, and where that is at Uber Eats the store accepts."""
        first, key = {"shopify": "orders/create", "uber_eats": "orders.notification"}[line.slug], line.external_id(made)
        self.persist(lambda: line.tell(first, made, key=key))
        if line.slug == "uber_eats":
            path = f"/orders/{line.order_id(made)}/accept"
            # 404 until the order has been fetched
            self.persist(lambda: line.hub.api("PUT", path, idempotency_key=key), again=(404,))


@pytest.mark.timeout(400)
def test_a_stop_in_the_middle_of_500_orders_loses_none_and_does_nothing_twice(
    tmp_path: Path, measured: Callable[[str], None]
) -> None:
    hub = RunningHub(copy_project(tmp_path), free_port(), KEEP="1")
    try:
        shop, uber = demo_line(hub, "shopify"), demo_line(hub, "uber_eats")
        work = [(uber, uber.hold(uber.new_order())) if n % 5 == 0 else (shop, shop.new_order()) for n in range(ORDERS)]
        before, clients, began = hub.file, Clients(), time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as threads:
            placed = [threads.submit(clients.place, line, made) for line, made in work]
            by_then = restart(hub, placed)
        seconds = time.perf_counter() - began
        measured(f"{ORDERS} orders, stopped after {by_then}: {seconds:.0f} s, answers {dict(clients.answers)}")
        assert [error for done in placed if (error := done.exception())] == []
        assert hub.file == before

        ids = {line.order_id(made): line for line, made in work}
        listed = eventually(hub.open_orders, lambda found: {one["id"] for one in found} == set(ids))
        assert Counter(one["id"] for one in listed) == dict.fromkeys(ids, 1)
        assert_each_was_made_once(hub, list(ids))

        taken = [made for line, made in work if line is uber]
        assert len(taken) == ACCEPTED
        for made in taken:
            assert hub.wait_told(uber.order_id(made))["sync"]["state"] == "confirmed"
        measured(f"all confirmed after {time.perf_counter() - began:.0f} s")
        calls: list[Json] = hub.vendor("uber_eats", "GET", "calls")["calls"]
        told = Counter(call["path"] for call in calls if call["path"].endswith("/accept"))
        assert told == {f"/v1/delivery/order/{uber.external_id(made)}/accept": 1 for made in taken}
        assert {uber.held(made)["state"] for made in taken} == {"ACCEPTED"}

        visit = hub.orderhub("doctor", "--json")
        assert visit.returncode == 0, visit.stdout
        assert [one for one in json.loads(visit.stdout) if not one["ok"]] == []
    finally:
        hub.close()


def restart(hub: RunningHub, placed: list[Future[None]]) -> int:
    """Stop the hub when some orders are placed, and start it again; how many were placed by then."""
    for done in islice(as_completed(placed), STOPPED_AFTER):
        done.result()
    assert hub.stop() == 0
    by_then = sum(done.done() for done in placed)
    assert by_then < ORDERS
    hub.start()
    return by_then


def assert_each_was_made_once(hub: RunningHub, order_ids: list[str]) -> None:
    with ThreadPoolExecutor(CLIENTS) as readers:
        timelines = list(readers.map(hub.told, order_ids))
    counts = {
        order_id: [kind for _, kind, _ in told].count("order.created")
        for order_id, told in zip(order_ids, timelines, strict=True)
    }
    assert counts == dict.fromkeys(order_ids, 1)
