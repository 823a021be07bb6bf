"""The parts of a run, one after the other, and what they have in common: the life of an order of each platform."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property

from rich.console import Console
from rich.table import Table

from benchmarks import bill, cold, costs, engine, paging, reports, warm
from benchmarks.costs import PriceList, Usage
from benchmarks.hub import Hub
from benchmarks.life import Life, Trail, live
from benchmarks.report import Bill, LifeCount, Report
from local.standins.played import played


class Parts:
    """Measures what is wanted. runs: cold starts of each webhook; other_runs: of each other function."""

    def __init__(self, prices: PriceList, runs: int, other_runs: int, say: Callable[[str], None]) -> None:
        self._prices = prices
        self._runs = runs
        self._other_runs = other_runs
        self._say = say
        self._hub = Hub()

    def measure(self, wanted: Collection[str], *, with_engine: bool) -> Report:
        """Everything that is wanted: `warm`, `cold`, `life`, `page`, `reports`, `answers`."""
        report = Report()
        with self._hub.running():
            self._say("living the life of an order of each platform")
            lives = self.lives
            if "page" in wanted:
                report.months = paging.measure_months(self._hub, lives[0])
                self._say(f"listing {paging.MANY:,} open orders")
                report.pages = paging.measure(self._hub, lives[0])
        if "cold" in wanted:
            self._say(f"starting each webhook {self._runs} times")
            report.floor, report.cold = cold.measure(lives, self._runs)
        if "warm" in wanted:
            self._say("calling warm webhooks")
            report.warm = [warm.measure_webhook(life) for life in lives]
        if "life" in wanted:
            self._say("measuring the CPU of every function")
            self._add_costs(report)
        if "reports" in wanted:
            self._say("sending reports to a receiver")
            report.sending = reports.measure()
        if with_engine or "answers" in wanted:
            self._say("asking for tables on the local engine")
            report.answers, report.engine = engine.measure(throughput=with_engine)
        return report

    @cached_property
    def lives(self) -> list[Life]:
        """One order of each platform."""
        return [live(self._hub, slug) for slug in played()]

    def show_breakdown(self, console: Console) -> None:
        """Prints where the import of each webhook goes."""
        for life in self.lives:
            table = Table(title=f"Import time of {life.slug}, by package", title_justify="left")
            table.add_column("package")
            table.add_column("ms", justify="right")
            for name, milliseconds in cold.breakdown(life):
                table.add_row(name, f"{milliseconds:.1f}")
            console.print(table)

    def _add_costs(self, report: Report) -> None:
        cold_ms: dict[str, float] = {one.name: one.cpu for one in report.cold}
        others = cold.cpu_of_all(self.lives[-1], self._other_runs)
        for life in self.lives:
            webhook = life.trail.invocations[0].function
            starts = {**others, webhook: cold_ms.get(life.slug, max(others.values()))}
            usage, echoes = (self._usage(trail, life, starts) for trail in (life.trail, life.echoes))
            report.lives.append(_count(life, usage, self._prices.assumptions))
            lines = costs.per_million(usage, self._prices)
            echoed = sum(line.usd for line in costs.per_million(echoes, self._prices))
            report.bills.append(Bill(life.slug, lines, echoed))
        report.standing = costs.standing(bill.idle(self.lives, self._prices), self._prices)

    def _usage(self, trail: Trail, life: Life, starts: Mapping[str, float]) -> Usage:
        cpu_ms = warm.measure_invocations(trail, life.first) if trail.invocations else []
        return bill.usage_of(trail, cpu_ms, starts, self._prices)


def _by_kind(functions: Mapping[str, int]) -> dict[str, int]:
    """Invocations by function, each platform's webhook under one name."""
    return {"Webhook" if name.startswith("Webhook") else name: count for name, count in functions.items()}


def _count(life: Life, usage: Usage, assumptions: Mapping[str, float]) -> LifeCount:
    return LifeCount(
        slug=life.slug,
        outcome=life.outcome,
        units={name: dict(step.write_units) for name, step in life.steps.items()},
        read_units=usage.read_units,
        requests=dict(life.trail.requests),
        invocations=_by_kind(life.trail.functions),
        stream_records=usage.stream_records,
        stored_bytes=usage.stored_bytes,
        log_bytes=usage.log_bytes,
        gb_seconds=sum(costs.gb_seconds(call, assumptions) for call in usage.calls),
        echo_invocations=dict(life.echoes.functions),
        echo_write_units=life.echoes.write_units.total(),
    )
