"""`make bench`: measures everything against its floor or budget, prints it, and writes benchmarks/latest.json.

Ends with 0 also when something is over budget: it says so in the tables.
"""

from __future__ import annotations

import argparse
import os
import time

from rich.console import Console

COLD_RUNS = 11
_OTHER_COLD_RUNS = 3
_PARTS = ("warm", "cold", "life", "page", "reports", "answers")
_FLAGS = {
    "--breakdown": "also where the import time of each webhook goes",
    "--engine": "also throughput on the local engine; one is started if none runs",
}


def main() -> None:
    """Runs the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    for name, explained in _FLAGS.items():
        parser.add_argument(name, action="store_true", help=explained)
    parser.add_argument("--only", choices=_PARTS, action="append", help="only this part; then nothing is saved")
    parser.add_argument("--runs", type=int, default=COLD_RUNS, help="cold starts of each webhook (default %(default)s)")
    run(parser.parse_args())


def run(options: argparse.Namespace) -> None:
    """Measures, prints and saves."""
    _prepare_environment()
    from benchmarks import costs, report, tables
    from benchmarks.parts import Parts

    console = Console(width=None if Console().is_terminal else 160, highlight=False)
    prices = costs.load_prices()
    parts = Parts(prices, options.runs, _OTHER_COLD_RUNS, lambda text: console.print(f"[dim]{text}[/]"))
    wanted = options.only or _PARTS
    started = time.monotonic()
    done = parts.measure(wanted, with_engine=options.engine)
    tables.show(done, prices, console)
    if options.breakdown:
        parts.show_breakdown(console)
    if options.only is None:
        report.save(done, prices)
    console.print(f"\n{time.monotonic() - started:.0f} seconds")


def _prepare_environment() -> None:
    """Nothing of the machine's AWS settings is looked at, and nothing is sent anywhere."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    from benchmarks.settings import ENVIRONMENT

    os.environ.update(ENVIRONMENT)


if __name__ == "__main__":
    main()
