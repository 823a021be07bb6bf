"""What usage costs, as the benchmarks reckon it."""

import json
from typing import Any

import pytest

from benchmarks.costs import (
    ORDERS,
    PRICES,
    Call,
    Price,
    PriceList,
    Usage,
    gb_seconds,
    idle_counts,
    load_prices,
    per_million,
    standing,
    traces,
)

KNOWN = {
    "open_hours_a_day": 10.0,
    "cold_starts": 0.0,
    "full_cpu_memory_mb": 1024.0,
    "cpu_factor": 1.0,
    "platform_log_bytes": 500.0,
    "access_log_bytes": 400.0,
    "log_compression": 0.1,
    "log_months": 1.0,
    "storage_months": 1.0,
    "secret_seconds": 300.0,
    "idle_polls_a_minute": 15.0,
    "connections": 3.0,
}
SECONDS = 30 * 10 * 3600


def call(
    function: str = "Api",
    memory_mb: int = 512,
    cpu_ms: float = 10.0,
    cold_cpu_ms: float = 0.0,
    waits_ms: float = 0.0,
    *,
    traced: bool = False,
    reported: bool = False,
) -> Call:
    return Call(function, memory_mb, cpu_ms, cold_cpu_ms, waits_ms, traced, reported)


def usage(**changes: Any) -> Usage:
    nothing: dict[str, Any] = {
        "http_requests": 0,
        "calls": [],
        "write_units": 0,
        "read_units": 0,
        "stream_records": 0,
        "stored_bytes": 0,
        "queue_requests": 0,
        "log_bytes": 0,
        "data_out_bytes": 0,
        "large_bodies": 0,
    }
    return Usage(**{**nothing, **changes})


def price_list(**assumptions: float) -> PriceList:
    """Every price that the hub needs, at one dollar for each unit."""
    names = load_prices().prices
    prices = {name: Price(1.0, 1.0, "units", "https://example.com", confirmed=True) for name in names}
    return PriceList("here", "2026-01-01", prices, {**KNOWN, **assumptions})


def quantities(used: Usage, **assumptions: float) -> dict[str, float]:
    lines = per_million(used, price_list(**assumptions))
    return {line.name: line.quantity for line in lines if line.quantity}


def test_a_price_is_for_so_many_units() -> None:
    prices = PriceList("here", "2026-01-01", {"x": Price(0.40, 1e6, "requests", "", confirmed=True)}, {})
    assert prices.cost("x", 2_500_000) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("changes", "name", "quantity"),
    [
        ({"write_units": 67}, "dynamodb_write_units", 67e6),
        ({"read_units": 20.5}, "dynamodb_read_units", 20.5e6),
        ({"stream_records": 27}, "dynamodb_stream_reads", 27e6),
        ({"large_bodies": 1}, "s3_puts", 1e6),
        ({"data_out_bytes": 2000}, "data_out", 2.0),
    ],
)
def test_a_million_orders_take_a_million_times_as_much(changes: dict[str, Any], name: str, quantity: float) -> None:
    assert quantities(usage(**changes)) == {name: quantity}


def test_what_is_stored_is_backed_up_too() -> None:
    assert quantities(usage(stored_bytes=9000)) == {"dynamodb_storage": 9.0, "dynamodb_backup": 9.0}


def test_requests_to_fair_queues_are_charged_twice_over() -> None:
    assert quantities(usage(queue_requests=3)) == {"sqs_requests": 3e6, "sqs_fair_queues": 3e6}


def test_a_request_is_logged_by_the_api_and_what_is_logged_is_kept_compressed() -> None:
    assert quantities(usage(http_requests=1, log_bytes=600)) == {
        "http_api_requests": 1e6,
        "logs_ingested": 1.0,
        "logs_stored": pytest.approx(0.1),
    }


def test_an_invocation_is_a_request_and_gigabyte_seconds_and_log_lines_of_lambda() -> None:
    assert quantities(usage(calls=[call(memory_mb=1024, cpu_ms=20.0, reported=True)])) == {
        "lambda_requests": 1e6,
        "lambda_gb_seconds_arm64": pytest.approx(20_000),
        "logs_ingested": pytest.approx(0.5),
        "logs_stored": pytest.approx(0.05),
    }


@pytest.mark.parametrize(
    ("made", "assumed", "expected"),
    [
        pytest.param(call(memory_mb=1024, cpu_ms=100), {}, 0.1, id="a whole vCPU"),
        pytest.param(call(memory_mb=512, cpu_ms=100), {}, 0.1, id="half the memory, half the CPU, twice the time"),
        pytest.param(call(memory_mb=2048, cpu_ms=100), {}, 0.2, id="no more than one vCPU for one thread"),
        pytest.param(call(memory_mb=512, cpu_ms=0, waits_ms=100), {}, 0.05, id="waiting takes as long at any memory"),
        pytest.param(call(memory_mb=1024, cpu_ms=0, cold_cpu_ms=300), {"cold_starts": 0.01}, 0.003, id="cold starts"),
        pytest.param(call(memory_mb=1024, cpu_ms=100), {"cpu_factor": 2.0}, 0.2, id="a slower processor"),
    ],
)
def test_lambda_bills_cpu_by_its_share_and_waiting(made: Call, assumed: dict[str, float], expected: float) -> None:
    assert gb_seconds(made, {**KNOWN, **assumed}) == pytest.approx(expected)


def test_an_invocation_that_lambda_does_not_report_logs_nothing_of_its_own() -> None:
    assert "logs_ingested" not in quantities(usage(calls=[call()]))


def test_without_tracing_nothing_is_traced() -> None:
    assert traces([call(), call()], KNOWN) == 0


def test_a_function_called_less_than_once_a_second_is_always_traced() -> None:
    assert traces([call(traced=True)], KNOWN) == pytest.approx(ORDERS)


def test_beyond_one_call_a_second_a_twentieth_is_traced() -> None:
    ten = [call(traced=True) for _ in range(10)]
    assert traces(ten, KNOWN) == pytest.approx(SECONDS + 0.05 * (10 * ORDERS - SECONDS))


def test_each_function_is_traced_on_its_own() -> None:
    assert traces([call("Api", traced=True), call("Dispatch", traced=True)], KNOWN) == pytest.approx(2 * ORDERS)


def test_secrets_are_read_again_when_memory_is_over() -> None:
    found = quantities(usage(calls=[call("WebhookSquare"), call("Api"), call("PushStatus")]))
    assert (found["parameter_reads"], found["kms_requests"]) == (2 * 3 * SECONDS / 300,) * 2


def test_an_idle_month_is_polled_and_scheduled_by_the_minute() -> None:
    counts = idle_counts(alarms=3, dashboards=1, keys=1, metrics=20, queues=2, scheduled=2, known=KNOWN)
    assert counts == {
        "alarms": 3,
        "dashboards": 1,
        "metrics": 20,
        "kms_keys": 1,
        "sqs_requests": 2 * 15 * 43_200,
        "scheduled_events": 86_400,
        "lambda_requests": 86_400,
    }


def test_standing_lines_are_priced_like_all_others() -> None:
    (line,) = standing({"alarms": 31}, load_prices())
    assert (line.name, line.unit, line.confirmed) == ("alarms", "alarms a month", False)
    assert line.usd == pytest.approx(3.1)


def test_every_price_names_its_unit_and_a_page_of_the_vendor() -> None:
    wrong = [
        name
        for name, price in load_prices().prices.items()
        if not price.unit or price.usd < 0 or price.per <= 0 or ".aws.amazon.com/" not in f".{price.source[8:]}"
    ]
    assert wrong == []


def test_every_assumption_says_why() -> None:
    told = json.loads(PRICES.read_text(encoding="utf-8"))["assumptions"]
    assert [name for name, one in told.items() if not one["why"]] == []
