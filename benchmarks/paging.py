"""What staff ask most, with few orders and with many: the first page of the open ones, and a month of history."""

from __future__ import annotations

import json
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
_DAYS = 31
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


@dataclass(frozen=True, slots=True)
class Month:
    """What a month of history took. orders: in the month, by its answer."""

    orders: int
    requests: int
    read_units: float
    cpu_ms: float


def measure_months(hub: Hub, life: Life) -> list[Month]:
    """Asks for a month of a store's figures in which few, then many orders ended, and of which nobody is open."""
    model = next(
        write.after for write in life.trail.writes if write.after and write.after["sk"]["S"].startswith("DAY#")
    )
    days = [(_FIRST + timedelta(days=number)).date().isoformat() for number in range(_DAYS)]
    months = []
    for count in (FEW, MANY):
        for day in days:
            hub.put_item(ORDERS, _of_day(model, day, count // _DAYS + 1))
        asked = hub.history(days[0], days[-1])
        summary = json.loads(asked.result["body"])["period_summary"]
        months.append(
            Month(
                orders=summary["orders"] - summary["open"],
                requests=len(asked.exchanges),
                read_units=sum(read.units for read in asked.reads),
                cpu_ms=warm.measure_invocations(Trail([asked]), life.first)[0],
            )
        )
    return months


def _of_day(model: Mapping[str, Any], day: str, times: int) -> dict[str, Any]:
    """Another day's sums, of so many orders like the one that was counted."""
    sums = {name: {"N": str(int(value["N"]) * times)} if "N" in value else value for name, value in model.items()}
    return {**sums, "sk": {"S": f"DAY#{day}"}}


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
