"""CPU of warm functions: each webhook beside its floor, and every invocation of an order's life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import blueprint, processes
from benchmarks.life import Life, Trail
from benchmarks.wire import to_json

BUDGET = 2.0
"""A warm webhook may take this many times its floor."""

ROUNDS = 500
_LIFE_ROUNDS = 15


@dataclass(frozen=True, slots=True)
class WarmWebhook:
    """Microseconds of CPU a call. body: bytes received; sent: bytes of the write. ratio: to the floor.

    as_sent: the floor with the write as the webhook sends it, where that is no transaction.
    """

    slug: str
    webhook: float
    floor: float
    ratio: float
    body: int
    sent: int
    as_sent: float | None


def measure_webhook(life: Life) -> WarmWebhook:
    """One platform's webhook, as it came in an order's life."""
    warm = life.trail.invocations[0]
    task = {
        "kind": "webhook",
        "function": str(blueprint.functions()[warm.function].folder),
        "event": warm.event,
        "exchanges": to_json(warm.exchanges),
        "other": to_json(life.first.invocations[0].exchanges),
        "rounds": ROUNDS,
    }
    answer, _ = processes.run("benchmarks.warm_child", task)
    micros: Mapping[str, float] = answer["micros"]
    return WarmWebhook(
        life.slug,
        webhook=micros["webhook"],
        floor=micros["floor"],
        ratio=answer["ratio"],
        body=answer["body"],
        sent=answer["sent"],
        as_sent=micros.get("as_sent"),
    )


def measure_invocations(trail: Trail, before: Trail) -> list[float]:
    """Milliseconds of CPU of each invocation, once everything is in memory. before: knows what these did not ask."""
    names = {invocation.function for invocation in trail.invocations}
    task: dict[str, Any] = {
        "kind": "life",
        "functions": {name: str(blueprint.functions()[name].folder) for name in names},
        "life": [
            {"function": one.function, "event": one.event, "exchanges": to_json(one.exchanges)}
            for one in trail.invocations
        ],
        "other": to_json(before.exchanges),
        "rounds": _LIFE_ROUNDS,
    }
    answer, _ = processes.run("benchmarks.warm_child", task)
    return [micros / 1000 for micros in answer["micros"]]
