"""What AWS charges for usage, line by line. Pure: prices are data, usage is counted elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ORDERS = 1_000_000
GOAL = 100.0
"""US dollars for a million ordinary orders."""

PRICES = Path(__file__).with_name("prices.json")

_GB = 1e9
_MINUTES_A_MONTH = 30 * 24 * 60


@dataclass(frozen=True, slots=True)
class Price:
    """usd: for `per` units. confirmed: whether it could be read at its source, or of it, when it was written down."""

    usd: float
    per: float
    unit: str
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by name, and what had to be assumed, by name."""

    region: str
    date: str
    prices: Mapping[str, Price]
    assumptions: Mapping[str, float]

    def cost(self, name: str, quantity: float) -> float:
        """US dollars."""
        price = self.prices[name]
        return quantity * price.usd / price.per


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill."""

    name: str
    quantity: float
    unit: str
    usd: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation. cpu_ms: warm; cold_cpu_ms: of a cold start; waits_ms: milliseconds spent waiting for others.

    traced: whether X-Ray may record it; reported: whether Lambda itself logs its start and end.
    """

    function: str
    memory_mb: int
    cpu_ms: float
    cold_cpu_ms: float
    waits_ms: float
    traced: bool
    reported: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """What one order takes, from its announcement to its end. Bytes are bytes, units are DynamoDB's."""

    http_requests: int
    calls: Sequence[Call]
    write_units: float
    read_units: float
    stream_records: int
    stored_bytes: int
    queue_requests: int
    log_bytes: int
    data_out_bytes: int
    large_bodies: int


def load_prices(file: Path = PRICES) -> PriceList:
    """The prices in a file."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return PriceList(
        region=told["region"],
        date=told["date"],
        prices={name: Price(**price) for name, price in told["prices"].items()},
        assumptions={name: float(one["value"]) for name, one in told["assumptions"].items()},
    )


def per_million(usage: Usage, prices: PriceList) -> list[Line]:
    """The lines that grow with orders, for a million of them within a month."""
    known = prices.assumptions
    gb_stored = usage.stored_bytes * ORDERS / _GB * known["storage_months"]
    gb_logged = _logged_bytes(usage, known) * ORDERS / _GB
    quantities = {
        "http_api_requests": usage.http_requests * ORDERS,
        "lambda_requests": len(usage.calls) * ORDERS,
        "lambda_gb_seconds_arm64": sum(gb_seconds(call, known) for call in usage.calls) * ORDERS,
        "dynamodb_write_units": usage.write_units * ORDERS,
        "dynamodb_read_units": usage.read_units * ORDERS,
        "dynamodb_stream_reads": usage.stream_records * ORDERS,
        "dynamodb_storage": gb_stored,
        "dynamodb_backup": gb_stored,
        "sqs_requests": usage.queue_requests * ORDERS,
        "sqs_fair_queues": usage.queue_requests * ORDERS,
        "logs_ingested": gb_logged,
        "logs_stored": gb_logged * known["log_compression"] * known["log_months"],
        "traces": traces(usage.calls, known),
        "kms_requests": _secret_reads(usage.calls, known),
        "parameter_reads": _secret_reads(usage.calls, known),
        "s3_puts": usage.large_bodies * ORDERS,
        "data_out": usage.data_out_bytes * ORDERS / _GB,
    }
    return [_line(name, quantity, prices) for name, quantity in quantities.items()]


def standing(counts: Mapping[str, float], prices: PriceList) -> list[Line]:
    """The lines of a month in which nothing happens. counts: alarms, metrics, ... by the name of their price."""
    return [_line(name, quantity, prices) for name, quantity in counts.items()]


def idle_counts(
    *, alarms: int, dashboards: int, keys: int, metrics: int, queues: int, scheduled: int, known: Mapping[str, float]
) -> dict[str, float]:
    """What a hub takes in a month by being there. scheduled: functions that run every minute."""
    polls = queues * known["idle_polls_a_minute"] * _MINUTES_A_MONTH
    runs = scheduled * _MINUTES_A_MONTH
    return {
        "alarms": alarms,
        "dashboards": dashboards,
        "metrics": metrics,
        "kms_keys": keys,
        "sqs_requests": polls,
        "scheduled_events": runs,
        "lambda_requests": runs,
    }


def gb_seconds(call: Call, known: Mapping[str, float]) -> float:
    """What Lambda bills of one invocation: CPU time at the function's share of a vCPU, waiting, and cold starts."""
    share = min(1.0, call.memory_mb / known["full_cpu_memory_mb"])
    cold = known["cold_starts"] * call.cold_cpu_ms
    milliseconds = (call.cpu_ms + cold) * known["cpu_factor"] / share + call.waits_ms
    return milliseconds / 1000 * call.memory_mb / 1024


def traces(calls: Sequence[Call], known: Mapping[str, float]) -> float:
    """Traces that X-Ray records of a million orders: one a second and function, and a twentieth of the others.

    https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    """
    recorded = 0.0
    seconds = _open_seconds(known)
    for function in {call.function for call in calls if call.traced}:
        rate = ORDERS * sum(call.function == function for call in calls) / seconds
        recorded += (min(rate, 1.0) + 0.05 * max(rate - 1.0, 0.0)) * seconds
    return recorded


def _open_seconds(known: Mapping[str, float]) -> float:
    return 30 * known["open_hours_a_day"] * 3600


def _secret_reads(calls: Sequence[Call], known: Mapping[str, float]) -> float:
    """Reads of secrets in a month: each function that needs them, for each connection, whenever its memory is over."""
    functions = {call.function for call in calls if call.function.startswith(("Webhook", "Fetch", "Push"))}
    return len(functions) * known["connections"] * _open_seconds(known) / known["secret_seconds"]


def _logged_bytes(usage: Usage, known: Mapping[str, float]) -> float:
    by_lambda = sum(call.reported for call in usage.calls) * known["platform_log_bytes"]
    return usage.log_bytes + by_lambda + usage.http_requests * known["access_log_bytes"]


def _line(name: str, quantity: float, prices: PriceList) -> Line:
    price = prices.prices[name]
    return Line(name, quantity, price.unit, prices.cost(name, quantity), price.confirmed)
