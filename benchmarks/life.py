"""An ordinary order's whole life, driven through the real functions and counted on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from benchmarks import blueprint, merchants, units
from benchmarks.hub import Hub, Invocation
from benchmarks.merchants import NUMBER
from benchmarks.settings import CONFIG, ORDERS
from benchmarks.units import Table, Write
from benchmarks.wire import Exchange

ACTIONS = ("accept", "bagging", "ready", "picked_up", "complete")
"""What staff do, each followed by telling the platform."""

TABLES: Mapping[str, Table] = {ORDERS: blueprint.table("OrdersTable"), CONFIG: blueprint.table("ConfigTable")}


@dataclass(frozen=True)
class Trail:
    """Invocations that belong together, in order, and what they add up to."""

    invocations: list[Invocation]

    @cached_property
    def writes(self) -> list[Write]:
        """All items written, in order."""
        return [write for invocation in self.invocations for write in invocation.writes]

    @property
    def write_units(self) -> Counter[str]:
        """Write units by place: `table`, or the index."""
        spent: Counter[str] = Counter()
        for write in self.writes:
            spent.update(units.units_by_place(write, TABLES[write.table]))
        return spent

    @property
    def read_units(self) -> float:
        """Read units of all requests."""
        return sum(read.units for invocation in self.invocations for read in invocation.reads)

    @property
    def exchanges(self) -> list[Exchange]:
        """All requests that went out, with their answers."""
        return [exchange for invocation in self.invocations for exchange in invocation.exchanges]

    @property
    def requests(self) -> Counter[str]:
        """Requests by service and operation."""
        calls = (exchange.call for exchange in self.exchanges)
        return Counter(f"{call.service} {call.operation}" for call in calls)

    @property
    def functions(self) -> Counter[str]:
        """Invocations by function."""
        return Counter(invocation.function for invocation in self.invocations)

    @property
    def stored(self) -> int:
        """Bytes that are billed as stored of what was written, indexes included."""
        last = {(write.table, _key(write)): write.after for write in self.writes}
        return sum(units.stored_bytes(item, TABLES[table]) for (table, _), item in last.items() if item is not None)

    @property
    def log(self) -> int:
        """Bytes the functions logged, metrics included."""
        return sum(len(invocation.log.encode()) for invocation in self.invocations)


@dataclass(frozen=True)
class Life:
    """The life of one order. steps: what followed from each thing that happened to it; outcome: what became of each.

    first: the invocations of an order before it, when nothing was in memory. echoes: what followed from the webhooks
    that the platform sent of the changes we made ourselves; not part of the steps.
    """

    slug: str
    steps: dict[str, Trail]
    first: Trail
    echoes: Trail
    outcome: str

    @cached_property
    def trail(self) -> Trail:
        """All steps together."""
        return Trail([invocation for step in self.steps.values() for invocation in step.invocations])


def live(hub: Hub, slug: str) -> Life:
    """Takes an order of a platform from its announcement to its end; another one before it, to fill the memories."""
    hub.forgetful = True
    first = _run(hub, slug, NUMBER + 100)
    hub.forgetful = False
    hub.announce(slug, NUMBER + 200)  # from here on the connection is in memory
    life = _run(hub, slug, NUMBER)
    return replace(life, first=first.trail, echoes=_run(hub, slug, NUMBER + 300, echoing=True).echoes)


def _run(hub: Hub, slug: str, number: int, *, echoing: bool = False) -> Life:
    order_id, webhook = hub.announce(slug, number)
    steps = {"created": Trail([webhook, *hub.settle([webhook])])}
    echoes, told = list[Invocation](), list[str]()
    for action in ACTIONS:
        before = hub.held(slug, order_id)
        asked = hub.act(order_id, action)
        steps[action] = Trail([*asked, *hub.settle(asked)])
        if echoing:
            sent = [hub.notify(slug, *echo) for echo in merchants.echoes(slug, before, hub.held(slug, order_id))]
            echoes += [*sent, *hub.settle(sent)]
        order = hub.show(order_id)
        told.append(f"{order['status']} {order['sync']['state']}")
    return Life(slug, steps, Trail([]), Trail(echoes), ", ".join(told))


def _key(write: Write) -> tuple[str, ...]:
    image: Mapping[str, Any] = write.after or write.before or {}
    return tuple(image.get(name, {}).get("S", "") for name in TABLES[write.table].keys)
