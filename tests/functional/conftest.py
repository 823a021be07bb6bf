"""Each test has an AWS account of its own in memory, a clock that stands still, and platforms without sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import responses
import time_machine
from moto import mock_aws

from orderhub.dispatch.hand_over import forget_served
from orderhub.intake.connections import forget_connections
from orderhub.outbound import http, oidc, tokens, webhooks
from orderhub.runtime import logger, settings
from orderhub.storage.subscriptions import forget_subscriptions
from tests.functional.cloud import Cloud
from tests.functional.hub import HUB_URL, Hub
from tests.functional.vendors import BASE_URL, Vendors

NOW = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)


class Clock:
    """The only time there is. It moves when a test says so, or when the hub sleeps."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.slept: list[float] = []

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float = 0, **units: float) -> None:
        self._traveller.shift(timedelta(seconds=seconds, **units))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.wait(seconds)

    def monotonic(self) -> float:
        return self.now.timestamp()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with time_machine.travel(NOW, tick=False) as traveller, pytest.MonkeyPatch.context() as patch:
        moving = Clock(traveller)
        played = SimpleNamespace(sleep=moving.sleep, monotonic=moving.monotonic)
        for module in (
            "intake.connections",
            "outbound.tokens",
            "storage.bulk",
            "storage.subscriptions",
            "actions.poll_connection",
        ):
            patch.setattr(f"orderhub.{module}.time", played)
        yield moving


@pytest.fixture(autouse=True)
def cloud(clock: Clock) -> Iterator[Cloud]:
    with mock_aws(), pytest.MonkeyPatch.context() as environment:
        made = Cloud()
        here = {"PUBLIC_URL": HUB_URL, "ALLOW_PRIVATE_ADDRESSES": "true", "API_REQUESTS_PER_MINUTE": "0"}
        for name, value in {**made.environment, **here}.items():
            environment.setenv(name, value)
        _forget()
        yield made
    _forget()


def _forget() -> None:
    """What the hub keeps in memory between calls."""
    settings.cache_clear()
    forget_connections()
    forget_served()
    forget_subscriptions()
    tokens._memory.clear()
    for module in (http, tokens, webhooks):
        module._session.cache_clear()
    http.forget_remembered()
    oidc.signing_keys.cache_clear()


@pytest.fixture(autouse=True)
def internet(cloud: Cloud) -> Iterator[responses.RequestsMock]:
    """All that can be reached: nothing, until a test says what."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as reachable:
        yield reachable


@pytest.fixture
def vendors(internet: responses.RequestsMock) -> Vendors:
    played = Vendors()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        internet.add_callback(method, re.compile(re.escape(BASE_URL)), played.answer, content_type=None)
    return played


@pytest.fixture
def hub(vendors: Vendors) -> Hub:
    made = Hub(vendors)
    made.add_store()
    return made


@pytest.fixture
def uber(hub: Hub) -> str:
    return hub.connect("uber_eats")


@pytest.fixture
def square(hub: Hub) -> str:
    return hub.connect("square")


@pytest.fixture
def shopify(hub: Hub) -> str:
    return hub.connect("shopify")


Metrics = Callable[[], dict[str, list[float]]]


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Metrics:
    """What was measured since it was asked last: by metric, and platform where there is one (`Quarantined square`)."""

    def read() -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for line in capsys.readouterr().out.splitlines():
            row: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
            for directive in row.get("_aws", {}).get("CloudWatchMetrics", []):
                for metric in directive["Metrics"]:
                    name = " ".join(filter(None, (metric["Name"], row.get("platform"))))
                    found.setdefault(name, []).extend(row[metric["Name"]])
        return found

    return read


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that was logged so far, as it would be written."""
    caplog.set_level("DEBUG", logger.name)
    return lambda: "\n".join(str(logger.registered_formatter.format(record)) for record in caplog.records)
