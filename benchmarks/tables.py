"""What was measured, as tables for people."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table

from benchmarks import cold, costs, warm
from benchmarks.costs import PriceList
from benchmarks.engine import CLIENTS, GUESTS_AT_ONCE, Answers
from benchmarks.report import LifeCount, Report, machine
from benchmarks.reports import Sending


def show(report: Report, prices: PriceList, console: Console) -> None:
    """Prints the tables of what was measured."""
    facts = machine()
    where = f"{facts['system']} {facts['architecture']}, {facts['cpus']} CPUs, load {facts['load']}"
    console.print(f"Python {facts['python']}, {where}")
    figures = (_warm(report), _cold(report), _units(report), _counts(report), _bill(report, prices))
    for table in (*figures, _pages(report), _months(report)):
        if table is not None:
            console.print()
            console.print(table)
    if report.sending is not None:
        console.print()
        console.print(_sending(report.sending))
    if report.answers is not None:
        console.print()
        console.print(_answers(report.answers))
    for one in report.engine:
        rate = one.done / one.seconds
        console.print(f"Local engine: {rate:.1f} {one.name} a second ({one.done} of {one.asked}, {CLIENTS} clients)")


def _sending(told: Sending) -> Table:
    caption = (
        "Floor: HMAC-SHA256 of the same body, and requests posting it to the same receiver over a connection that is "
        "kept. A delivery besides reads the message and its subscription, and notes what came of it: two calls of AWS, "
        "answered at the socket. CPU of the process, in turns, median; the receiver is another process."
    )
    columns = ("", "body bytes", "delivery µs", "floor µs", "ratio", "deliveries a second and core", "floor")
    table = _table("Sending a report to a receiver", caption, *columns)
    micros = (f"{told.delivery:.0f}", f"{told.floor:.0f}", f"{told.ratio:.2f}")
    table.add_row("warm", f"{told.body}", *micros, f"{told.per_second:.0f}", f"{told.floor_per_second:.0f}")
    return table


def _answers(told: Answers) -> Table:
    title = f"OpenTable's wait for our answer, {GUESTS_AT_ONCE} guests at once, warm, on the local engine"
    caption = "OpenTable's limit is not public; the hub means to answer within 2 seconds. Milliseconds."
    table = _table(title, caption, "call", "asked", "granted", "failed", "p50", "p95", "p99", "slowest")
    waits = (f"{one:.0f}" for one in (told.p50, told.p95, told.p99, told.slowest))
    table.add_row(told.name, str(told.asked), str(told.granted), str(told.failed), *waits)
    return table


def _verdict(value: float, budget: float) -> str:
    return "[green]within[/]" if value <= budget else "[bold red]OVER[/]"


def _table(title: str, caption: str, *columns: str) -> Table:
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table


def _warm(report: Report) -> Table | None:
    if not report.warm:
        return None
    caption = (
        "Floor: HMAC-SHA256 of the same body, json.loads of it, and one botocore TransactWriteItems of the items the "
        "webhook wrote, by a client of botocore's as it comes. CPU of the process, calls in turns, median; answers at "
        "the socket."
    )
    columns = ("platform", "body bytes", "webhook µs", "floor µs", "ratio", f"budget {warm.BUDGET}")
    table = _table("CPU of one warm webhook", caption, *columns)
    for one in report.warm:
        verdict = _verdict(one.ratio, warm.BUDGET)
        table.add_row(one.slug, f"{one.body}", f"{one.webhook:.0f}", f"{one.floor:.0f}", f"{one.ratio:.2f}", verdict)
    return table


def _cold(report: Report) -> Table | None:
    if report.floor is None:
        return None
    caption = (
        "Floor: import boto3 and a DynamoDB client. Fresh processes in turns, median; the ratio is of CPU time, which"
        " other programs disturb less. In no ratio: loading the certificate authorities, once for each AWS service; and"
        " compiling the layer's modules, on each cold start if the layer ships without bytecode."
    )
    columns = ("function", "CPU ms", "wall ms", "import ms", "ratio", f"budget {cold.BUDGET}", "CA ms", "compiling ms")
    table = _table("Cold start: import and first request", caption, *columns)
    table.add_row("floor", f"{report.floor.cpu:.0f}", f"{report.floor.wall:.0f}", "", "1.00", "", "", "")
    for one in report.cold:
        tls = f"{one.services} x {one.tls:.0f}"
        figures = (f"{one.cpu:.0f}", f"{one.wall:.0f}", f"{one.imported:.0f}", f"{one.ratio:.2f}")
        table.add_row(one.name, *figures, _verdict(one.ratio, cold.BUDGET), tls, f"{one.compiling:.0f}")
    return table


def _units(report: Report) -> Table | None:
    if not report.lives:
        return None
    steps = list(report.lives[0].units)
    caption = "Of real item sizes: transactions twice, each KB begun, each index whose entry changes."
    columns = ("platform", *steps, "whole life", "by place", "read units")
    table = _table("DynamoDB write units of one order", caption, *columns)
    for life in report.lives:
        each = [str(sum(life.units[step].values())) for step in steps]
        places = sum((Counter(spent) for spent in life.units.values()), Counter())
        by_place = ", ".join(f"{place} {units}" for place, units in places.items())
        table.add_row(life.slug, *each, f"[bold]{life.write_units}[/]", by_place, f"{life.read_units:g}")
    return table


def _counts(report: Report) -> Table | None:
    if not report.lives:
        return None
    told = [_told(life) for life in report.lives]
    table = _table("What else one order takes", "", "", *(life.slug for life in report.lives))
    names = dict.fromkeys(name for one in told for name in one)
    for name in sorted(names, key=lambda name: name.startswith("requests") - (not name.startswith("invocations"))):
        table.add_row(name, *(one.get(name, "") for one in told))
    return table


def _told(life: LifeCount) -> dict[str, str]:
    return {
        "told the platform": life.outcome.replace(", ", "\n"),
        "bytes stored": f"{life.stored_bytes}",
        "stream records": f"{life.stream_records}",
        "bytes logged by our code": f"{life.log_bytes}",
        "GB-seconds": f"{life.gb_seconds:.3f}",
        "besides, write units for echoes of our changes": f"{life.echo_write_units}",
        "besides, invocations for echoes": f"{sum(life.echo_invocations.values())}",
        **{f"invocations of {name}": str(count) for name, count in sorted(life.invocations.items())},
        **{f"requests: {name}": str(count) for name, count in sorted(life.requests.items())},
    }


def _bill(report: Report, prices: PriceList) -> Table | None:
    if not report.bills:
        return None
    caption = (
        f"List prices of {prices.region}, {prices.date}, without free tiers; sources and assumptions in prices.json. "
        "Prices marked ? could not be confirmed."
    )
    slugs = (bill.slug for bill in report.bills)
    table = _table(f"AWS list cost of {costs.ORDERS:,} ordinary orders", caption, "US dollars", *slugs)
    for lines in zip(*(bill.lines for bill in report.bills), strict=True):
        mark = "" if lines[0].confirmed else " ?"
        table.add_row(f"{lines[0].name.replace('_', ' ')}{mark}", *(f"{line.usd:.2f}" for line in lines))
    table.add_section()
    table.add_row("[bold]all orders[/]", *(f"[bold]{bill.total:.2f}[/]" for bill in report.bills))
    table.add_row(f"goal {costs.GOAL:.0f}", *(_verdict(bill.total, costs.GOAL) for bill in report.bills))
    table.add_section()
    table.add_row("besides, echoes of our changes", *(f"{bill.echoes:.2f}" for bill in report.bills))
    for line in report.standing:
        mark = "" if line.confirmed else " ?"
        name = f"a month, idle: {line.name.replace('_', ' ')}{mark}"
        table.add_row(name, *(f"{line.usd:.2f}" for _ in report.bills))
    standing = sum(line.usd for line in report.standing)
    everything = (bill.total + bill.echoes + standing for bill in report.bills)
    table.add_row("[bold]everything in that month[/]", *(f"[bold]{usd:.2f}[/]" for usd in everything))
    return table


def _pages(report: Report) -> Table | None:
    if not report.pages:
        return None
    caption = "The staff API's first page of one store's open orders."
    columns = ("open orders", "on the page", "requests", "read units", "CPU ms")
    table = _table("Listing the first page", caption, *columns)
    for page in report.pages:
        figures = (str(page.orders), str(page.requests), f"{page.read_units:g}", f"{page.cpu_ms:.1f}")
        table.add_row(f"{page.open_orders:,}", *figures)
    first, last = report.pages[0], report.pages[-1]
    same = (first.requests, first.read_units) == (last.requests, last.read_units)
    table.add_row("the same?", "", "", "[green]yes[/]" if same else "[bold red]NO, OVER[/]", "")
    return table


# Numbers of hundreds of times as many orders have two or three digits more.
_DIGITS = 1.5


def _months(report: Report) -> Table | None:
    if not report.months:
        return None
    caption = (
        "GET /v1/orders/history of one store, 31 days by day, none of its orders open. The same: as many requests, "
        "and sums that only have more digits."
    )
    table = _table("A month of history", caption, "orders ended", "requests", "read units", "CPU ms")
    for month in report.months:
        table.add_row(f"{month.orders:,}", str(month.requests), f"{month.read_units:g}", f"{month.cpu_ms:.1f}")
    first, last = report.months[0], report.months[-1]
    same = first.requests == last.requests and last.read_units <= _DIGITS * first.read_units
    table.add_row("the same?", "", "[green]yes[/]" if same else "[bold red]NO, OVER[/]", "")
    return table
