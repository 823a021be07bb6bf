"""The first page of a store's open orders, with few and with many of them open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import warm
from benchmarks.hub import Hub, Invocation
from benchmarks.life import Life, Trail
from benchmarks.settings import ORDERS
from orderhub.order.times import sortable

FEW, MANY, PAGE = 10, 10_000, 10
_FIRST = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """What one listing took. orders: on the page; cpu_ms: of the function, warm."""

    open_orders: int
    orders: int
    requests: int
    read_units: float
    cpu_ms: float


def measure(hub: Hub, life: Life) -> list[Page]:
    """Lists the first page of a store with few, then with many open orders: copies of one that was just announced."""
    model = next(write.after for write in life.trail.writes if write.after is not None and "open_pk" in write.after)
    pages, made = [], 0
    for count in (FEW, MANY):
        for number in range(made, count):
            hub.put_item(ORDERS, _copy(model, number))
        made = count
        pages.append(_listed(count, hub.list_open(PAGE), life))
    return pages


def _copy(model: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Another open order of the same size, placed a little later. What its document says does not matter here."""
    order_id = f"ord_{number:026d}"
    since = f"{sortable(_FIRST + timedelta(seconds=number))}#{order_id}"
    return {**model, "pk": {"S": f"O#{order_id}"}, "open_sk": {"S": since}}


def _listed(count: int, listing: Invocation, life: Life) -> Page:
    body = listing.result["body"]
    return Page(
        open_orders=count,
        orders=body.count('"store_id"'),
        requests=len(listing.exchanges),
        read_units=sum(read.units for read in listing.reads),
        cpu_ms=warm.measure_invocations(Trail([listing]), life.first)[0],
    )
