"""Settings, metrics, the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from pydantic import ValidationError

from orderhub import runtime
from orderhub.runtime import Metric, Settings, count, measured, now, settings


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def emitted(capsys: pytest.CaptureFixture[str]) -> Any:
    """What was printed since it was asked last, line by line."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


# --- settings ---------------------------------------------------------------------------------------------------------


def test_a_setting_is_the_variable_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_TABLE", "table-1")
    monkeypatch.setenv("OIDC_ISSUER", "https://login.example.com")

    assert settings() == Settings(orders_table="table-1", oidc_issuer="https://login.example.com")


@pytest.mark.parametrize(("text", "allowed"), [("true", True), ("false", False)])
def test_private_addresses_are_let_through_only_when_the_stack_says_so(
    monkeypatch: pytest.MonkeyPatch, text: str, allowed: bool
) -> None:
    assert Settings().allow_private_addresses is False

    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", text)

    assert settings().allow_private_addresses is allowed


def test_a_setting_that_makes_no_sense_is_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "perhaps")

    with pytest.raises(ValidationError):
        settings()


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings()
    monkeypatch.setenv("ORDERS_TABLE", "another")

    assert settings() is first


# --- metrics ----------------------------------------------------------------------------------------------------------


def dimensions(line: dict[str, Any]) -> list[list[str]]:
    found: list[list[str]] = line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    return found


def test_what_is_counted_goes_out_at_the_end_of_the_work(emitted: Any) -> None:
    with measured("square"):
        count(Metric.ORDERS_RECEIVED)
        count(Metric.ORDERS_RECEIVED)
        count(Metric.ORDER_LATENCY_MS, 12.5)
        assert emitted() == []

    (line,) = emitted()
    told = line["_aws"]["CloudWatchMetrics"][0]
    assert (line["OrdersReceived"], line["OrderLatencyMs"]) == ([1, 1], [12.5])
    assert (line["service"], line["platform"], told["Namespace"]) == (runtime.SERVICE, "square", "Orderhub")
    assert told["Metrics"] == [
        {"Name": "OrdersReceived", "Unit": "Count"},
        {"Name": "OrderLatencyMs", "Unit": "Milliseconds"},
    ]


def test_metrics_add_up_over_all_platforms_and_for_each(emitted: Any) -> None:
    with measured("square"):
        count(Metric.QUARANTINED)

    (line,) = emitted()
    assert sorted(map(sorted, dimensions(line))) == [["platform", "service"], ["service"]]


def test_work_that_is_about_no_platform_has_none(emitted: Any) -> None:
    with measured():
        count(Metric.UNACCEPTED_ORDERS, 3)

    (line,) = emitted()
    assert (dimensions(line), line["UnacceptedOrders"]) == ([["service"]], [3])


def test_work_in_which_nothing_is_counted_says_nothing(emitted: Any) -> None:
    with measured("square"):
        pass

    assert emitted() == []


def test_what_was_counted_before_an_error_goes_out(emitted: Any) -> None:
    def fail() -> None:
        with measured("square"):
            count(Metric.ACTION_FAILED)
            raise KeyError("bug")

    with pytest.raises(KeyError):
        fail()

    assert [line["ActionFailed"] for line in emitted()] == [[1]]


def test_one_piece_of_work_does_not_count_for_the_next(emitted: Any) -> None:
    with measured("square"):
        count(Metric.QUARANTINED)
    emitted()
    with measured("shopify"):
        count(Metric.ORDERS_RECEIVED)

    (line,) = emitted()
    assert (line["platform"], "Quarantined" in line) == ("shopify", False)


@pytest.mark.parametrize("metric", Metric)
def test_each_metric_can_be_counted(metric: Metric, emitted: Any) -> None:
    with measured():
        count(metric, 0)

    assert [line[metric] for line in emitted()] == [[0]]


# --- the clock --------------------------------------------------------------------------------------------------------


def test_the_time_is_utc() -> None:
    at = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)

    with time_machine.travel(at, tick=False):
        assert (now(), now().tzinfo) == (at, UTC)
