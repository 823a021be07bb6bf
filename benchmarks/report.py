"""What was measured, as tables for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import cold, costs, warm
from benchmarks.cold import ColdStart
from benchmarks.costs import Line, PriceList
from benchmarks.engine import Answers, Throughput
from benchmarks.paging import Month, Page
from benchmarks.reports import Sending
from benchmarks.warm import WarmWebhook

LATEST = Path(__file__).with_name("latest.json")


@dataclass(frozen=True)
class LifeCount:
    """One order's life, counted. units: write units by step and place; requests: by `service operation`.

    echo_...: on top of it, what follows from the webhooks that the platform sends of our own changes.
    """

    slug: str
    outcome: str
    units: Mapping[str, Mapping[str, int]]
    read_units: float
    requests: Mapping[str, int]
    invocations: Mapping[str, int]
    stream_records: int
    stored_bytes: int
    log_bytes: int
    gb_seconds: float
    echo_invocations: Mapping[str, int]
    echo_write_units: int

    @property
    def write_units(self) -> int:
        """Of the whole life."""
        return sum(sum(places.values()) for places in self.units.values())


@dataclass(frozen=True)
class Bill:
    """What a million orders of one platform cost in US dollars. echoes: on top of it, see LifeCount."""

    slug: str
    lines: Sequence[Line]
    echoes: float

    @property
    def total(self) -> float:
        """US dollars."""
        return sum(line.usd for line in self.lines)


@dataclass
class Report:
    """Everything that was measured in one run."""

    warm: list[WarmWebhook] = field(default_factory=list)
    floor: ColdStart | None = None
    cold: list[ColdStart] = field(default_factory=list)
    lives: list[LifeCount] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    standing: list[Line] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    answers: Answers | None = None
    sending: Sending | None = None
    engine: list[Throughput] = field(default_factory=list)


def machine() -> dict[str, Any]:
    """Facts about where this ran: no names, no paths."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def save(report: Report, prices: PriceList) -> None:
    """Writes latest.json."""
    told = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "warm_webhook_cpu": [{**asdict(one), "budget": warm.BUDGET} for one in report.warm],
        "cold_start": {
            "budget": cold.BUDGET,
            "floor": asdict(report.floor) if report.floor else None,
            "webhooks": [asdict(one) for one in report.cold],
        },
        "order_life": [{**asdict(one), "write_units": one.write_units} for one in report.lives],
        "million_orders_usd": {
            "goal": costs.GOAL,
            "prices": {"region": prices.region, "date": prices.date},
            "assumptions": dict(prices.assumptions),
            "platforms": [{**asdict(one), "total": one.total} for one in report.bills],
            "standing": [asdict(line) for line in report.standing],
        },
        "first_page": [asdict(one) for one in report.pages],
        "month_of_history": [asdict(one) for one in report.months],
        "answers_that_decide": asdict(report.answers) if report.answers else None,
        "reports": _sending(report.sending) if report.sending else None,
        "local_engine": [asdict(one) for one in report.engine],
    }
    LATEST.write_text(json.dumps(_rounded(told), indent=2) + "\n", encoding="utf-8")


def _sending(told: Sending) -> dict[str, Any]:
    return {**asdict(told), "per_second": told.per_second, "floor_per_second": told.floor_per_second}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value
