"""Cold starts: import and first request in a fresh process, in turns with the floor."""

from __future__ import annotations

import json
import re
import sysconfig
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks import blueprint, processes
from benchmarks.hub import Invocation
from benchmarks.life import Life
from benchmarks.wire import Exchange, to_json

BUDGET = 1.5
"""A cold webhook may take this many times `import boto3` and a DynamoDB client."""

Runs = Sequence[Mapping[str, Any]]

_CHILD = "benchmarks.cold_child"
# Not of our layer but of the Lambda runtime, which ships them compiled.
_RUNTIME = ("boto3", "botocore", "jmespath", "s3transfer", "urllib3", "dateutil", "six.py")


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Milliseconds, each the median of the runs. imported: the import alone. ratio: to the floor, in CPU time.

    tls: CPU of loading the certificate authorities, for each AWS service on its first connection; compiling: CPU of
    compiling the layer's modules, spent on every cold start when the layer ships without bytecode. Neither is in total.
    """

    name: str
    wall: float
    cpu: float
    ratio: float
    imported: float = 0.0
    services: int = 0
    tls: float = 0.0
    compiling: float = 0.0


def measure(lives: Sequence[Life], runs: int) -> tuple[ColdStart, list[ColdStart]]:
    """The floor, and the webhook of each life."""
    tasks: dict[str, dict[str, Any]] = {"floor": {"function": None}}
    tasks |= {life.slug: task_of(life, life.first.invocations[0]) for life in lives}
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in tasks}
    for task in tasks.values():
        processes.run(_CHILD, task)  # so that all bytecode is there and all files are in the machine's memory
    for _ in range(runs):
        for name, task in tasks.items():
            found[name].append(processes.run(_CHILD, task)[0])
    asides = {name: processes.run(_CHILD, {**tasks[name], **_ASIDE})[0]["aside"] for name in tasks if name != "floor"}
    services = {life.slug: len(_services(life.first.invocations[0])) for life in lives}
    floor = found["floor"]
    cold = [_summed(slug, found[slug], floor, services[slug], asides[slug]) for slug in services]
    return _summed("floor", floor, floor, 0, {"tls": 0.0, "compile": 0.0}), cold


def cpu_of_all(life: Life, runs: int) -> dict[str, float]:
    """CPU milliseconds of the cold start of each function in a life."""
    firsts = {invocation.function: invocation for invocation in reversed(life.first.invocations)}
    return {
        function: median(processes.run(_CHILD, task_of(life, first))[0]["total"]["cpu"] for _ in range(runs))
        for function, first in firsts.items()
    }


def task_of(life: Life, invocation: Invocation) -> dict[str, Any]:
    """A first request, as it really went when nothing was in memory. Answers of the whole life, should it ask more."""
    asked = [*invocation.exchanges, *life.first.exchanges]
    return {
        "function": str(blueprint.functions()[invocation.function].folder),
        "event": invocation.event,
        "answers": [_answer(exchange, plain) for exchange, plain in zip(asked, to_json(asked), strict=True)],
    }


def _answer(exchange: Exchange, plain: Mapping[str, Any]) -> dict[str, Any]:
    call = exchange.call
    table = json.loads(call.body).get("TableName", "") if call.target else ""
    known = {"host": call.host, "target": call.target or call.path, "table": table, "sent": call.body.decode()}
    return {**known, **plain["answer"]}


def breakdown(life: Life, top: int = 25) -> list[tuple[str, float]]:
    """Where the import of a webhook goes: milliseconds by package, without what it imports from others."""
    _, told = processes.run(_CHILD, task_of(life, life.first.invocations[0]), options=("-X", "importtime"))
    spent: Counter[str] = Counter()
    for own, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", told):
        package = ".".join(name.split(".")[: 2 if name.startswith(("orderhub", "botocore", "aws_lambda")) else 1])
        spent[package] += int(own)
    return [(name, micros / 1000) for name, micros in spent.most_common(top)]


def _services(invocation: Invocation) -> set[str]:
    return {exchange.call.service for exchange in invocation.exchanges}


def _summed(name: str, runs: Runs, floor: Runs, services: int, aside: Mapping[str, float]) -> ColdStart:
    return ColdStart(
        name,
        wall=median(run["total"]["wall"] for run in runs),
        cpu=median(run["total"]["cpu"] for run in runs),
        # Of runs that were neighbours in time, as the machine is not equally fast all the while.
        ratio=median(run["total"]["cpu"] / base["total"]["cpu"] for run, base in zip(runs, floor, strict=True)),
        imported=median(run["import"]["wall"] for run in runs),
        services=services,
        tls=aside["tls"],
        compiling=aside["compile"],
    )


def _layer_folders() -> list[str]:
    site = sysconfig.get_path("purelib")
    return [str(processes.LAYER), site]


_ASIDE = {"aside": True, "layer": _layer_folders(), "runtime": list(_RUNTIME)}
