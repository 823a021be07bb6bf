"""The whole stack on the local engine, over HTTP: how long OpenTable waits for a table, webhooks and orders a second.

Not a claim about AWS: the engine is one process on this machine.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

import requests

from benchmarks.blueprint import ROOT
from local import demo, hubfile
from local.hubfile import Hub
from local.standins.played import played

CLIENTS = 4
GUESTS_AT_ONCE = 8
TABLES = 400
_WARM_UP = 48
WEBHOOKS = 200
ORDERS = 24
_START_SECONDS = 120.0
_LIMIT_SECONDS = 60.0
_STOP_SECONDS = 60.0
_HUB = ROOT / ".local" / "hub.json"


@dataclass(frozen=True, slots=True)
class Throughput:
    """How many were done in how many seconds, by CLIENTS at a time."""

    name: str
    done: int
    asked: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answers:
    """How long a platform waited for an answer that decides: milliseconds by percentile, GUESTS_AT_ONCE at a time."""

    name: str
    asked: int
    granted: int
    failed: int
    p50: float
    p95: float
    p99: float
    slowest: float


def measure(*, throughput: bool) -> tuple[Answers, list[Throughput]]:
    """Measures on the hub that is running, else on one started for this. Raises RuntimeError when none starts."""
    with _hub() as hub:
        first = int(time.time()) % 1_000_000 * 1000
        answers = _tables(hub, first)
        if not throughput:
            return answers, []
        webhooks = _webhooks(hub, range(first, first + WEBHOOKS))
        return answers, [webhooks, _confirmed_orders(hub, range(first + WEBHOOKS, first + WEBHOOKS + ORDERS))]


def _tables(hub: Hub, first: int) -> Answers:
    """OpenTable's calls for a table, by guests who come on many days; the functions are warm by then."""
    with ThreadPoolExecutor(GUESTS_AT_ONCE) as pool:
        list(pool.map(partial(_ask_for_a_table, hub), range(first, first + _WARM_UP)))
        begin = first + _WARM_UP
        asked = list(pool.map(partial(_ask_for_a_table, hub), range(begin, begin + TABLES)))
    waited = sorted(1000 * seconds for _, seconds in asked)
    cuts = quantiles(waited, n=100, method="inclusive")
    statuses = [status for status, _ in asked]
    granted = statuses.count(requests.codes.ok)
    refused = statuses.count(requests.codes.conflict)
    return Answers("make", TABLES, granted, TABLES - granted - refused, cuts[49], cuts[94], cuts[98], waited[-1])


def _ask_for_a_table(hub: Hub, number: int) -> tuple[int, float]:
    """The status of the answer and the seconds it took; 0 for none."""
    order = played()["opentable"].order(number)
    request = demo.webhook("opentable", hub.connections["opentable"], "make", order, f"bench-{number}")
    with requests.Session() as session:
        started = time.monotonic()
        try:
            status = session.send(request, timeout=demo.TIMEOUT).status_code
        except requests.RequestException:
            status = 0
        return status, time.monotonic() - started


def _webhooks(hub: Hub, numbers: Sequence[int]) -> Throughput:
    """Shopify's webhooks, each a new order."""
    return _timed("webhooks", lambda number: _announce(hub, "shopify", number), numbers)


def _confirmed_orders(hub: Hub, numbers: Sequence[int]) -> Throughput:
    """Uber Eats orders: announced, fetched, accepted by staff, and confirmed by the platform.

    Each client sees one order through before it takes the next: the engine starts a process for every call at once.
    """
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {hub.api_key}"
    sample = demo.Sample(hub, api, "uber_eats", 0)
    platform = played()["uber_eats"]
    connection = demo.load_connection("uber_eats", hub.connections["uber_eats"])

    def see_through(number: int) -> bool:
        order = platform.order(number)
        order_id = connection.order_id(*platform.identity_of(order))
        demo.hold(hub, "uber_eats", order)
        _announce(hub, "uber_eats", number)
        sample.see(order_id, "there", lambda _: True)
        return bool(sample.act(order_id, "accept")["sync"]["state"] == "confirmed")

    return _timed("orders to confirmed", see_through, numbers)


def _announce(hub: Hub, slug: str, number: int) -> bool:
    platform = played()[slug]
    order = platform.order(number)
    return demo.tell(slug, hub.connections[slug], platform.first, order, f"bench-{number}").ok


def _timed(name: str, work: Callable[[int], bool], numbers: Sequence[int]) -> Throughput:
    """Does the work with CLIENTS at a time, and stops starting more of it after a while."""
    started = time.monotonic()

    def in_time(number: int) -> bool:
        try:
            return time.monotonic() - started < _LIMIT_SECONDS and work(number)
        except (requests.RequestException, TimeoutError):
            return False  # counted as not done

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(in_time, numbers))
    return Throughput(name, done, len(numbers), time.monotonic() - started)


@contextmanager
def _hub() -> Iterator[Hub]:
    if _HUB.exists():
        yield hubfile.read(_HUB)
        return
    environment: dict[str, Any] = {**os.environ, "PORT": str(_free_port()), "KEEP": "", "DEMO": "0"}
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
    with subprocess.Popen([sys.executable, "-m", "local"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as run:
        try:
            yield _wait_for_hub(run, _HUB)
        finally:
            run.send_signal(signal.SIGTERM)
            run.wait(_STOP_SECONDS)


def _wait_for_hub(run: subprocess.Popen[bytes], file: Path) -> Hub:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and run.poll() is None:
        if file.exists():
            return hubfile.read(file)
        time.sleep(0.2)
    raise RuntimeError("the local engine did not start; `make run` tells why")


def _free_port() -> int:
    """A port that is free together with the next one, which the stand-ins take."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
