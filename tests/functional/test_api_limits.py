"""Nobody may ask too much of the staff API: neither at once nor in a row."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest

from orderhub.errors import Retry
from orderhub.runtime import settings
from orderhub.service.access import Caller, Role
from orderhub.service.limits import LARGEST_BODY
from tests.functional.cloud import items
from tests.functional.conftest import Clock
from tests.functional.hub import STORE, Hub

KEY = Caller("key_one", "a till", Role.STORE_EMPLOYEE, frozenset({STORE}))
OTHER = Caller("key_two", "another till", Role.STORE_EMPLOYEE, frozenset({STORE}))


@pytest.fixture
def limited(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Twelve requests a minute, which are two in ten seconds."""
    monkeypatch.setenv("API_REQUESTS_PER_MINUTE", "12")
    settings.cache_clear()
    hub.add_store()
    return hub


def test_a_key_that_calls_too_often_is_told_how_long_to_wait(limited: Hub, clock: Clock) -> None:
    clock.wait(4)
    assert [limited.api("GET", "/v1/stores", caller=KEY).status for _ in range(2)] == [200, 200]

    refused = limited.api("GET", "/v1/stores", caller=KEY)

    assert refused.error == (429, "RATE_LIMITED")
    assert refused.headers["retry-after"] == "6"
    assert refused.json["details"] == {"retry_after": 6}
    clock.wait(5)
    assert limited.api("GET", "/v1/stores", caller=KEY).status == 429
    clock.wait(1)
    assert limited.api("GET", "/v1/stores", caller=KEY).status == 200


def test_a_request_that_is_turned_away_changes_nothing(limited: Hub) -> None:
    admin = Caller("key_admin_2", "an admin", Role.ADMIN, frozenset({"*"}))
    for _ in range(2):
        limited.api("GET", "/v1/stores", caller=admin)

    assert limited.api("POST", "/v1/stores", {"id": "sto_new", "name": "New"}, caller=admin).status == 429

    assert [row["sk"] for row in items("ConfigTable") if row["pk"] == "stores"] == [STORE]


def test_each_key_has_a_limit_of_its_own(limited: Hub) -> None:
    for _ in range(3):
        limited.api("GET", "/v1/stores", caller=KEY)

    assert limited.api("GET", "/v1/stores", caller=OTHER).status == 200


def test_counters_are_forgotten_by_themselves(limited: Hub, clock: Clock) -> None:
    limited.api("GET", "/v1/stores", caller=KEY)

    (counter,) = (row for row in items("ConfigTable") if row["pk"] == "R#key_one")
    assert counter["expires_at"] == int(clock.now.timestamp()) + 3600


def test_a_limit_of_none_counts_nothing(hub: Hub) -> None:
    for _ in range(3):
        assert hub.api("GET", "/v1/stores", caller=KEY).status == 200

    assert not [row for row in items("ConfigTable") if row["pk"].startswith("R#")]


def test_when_nobody_can_count_the_store_stays_open(limited: Hub) -> None:
    with patch("orderhub.service.limits.spend", side_effect=Retry("DynamoDB is away")):
        assert [limited.api("GET", "/v1/stores", caller=KEY).status for _ in range(5)] == [200] * 5


def test_the_description_is_open_and_without_a_limit(limited: Hub) -> None:
    assert [limited.api("GET", "/v1/openapi.json", caller=None).status for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(("more", "answer"), [(0, 422), (1, 413)])
def test_a_body_that_is_too_large_is_not_read(hub: Hub, more: int, answer: int) -> None:
    frame = len(json.dumps({"name": ""}))
    body: dict[str, Any] = {"name": "x" * (LARGEST_BODY - frame + more)}

    reply = hub.api("POST", "/v1/stores", body)

    assert reply.status == answer
    assert reply.error[1] == ("VALIDATION_ERROR" if answer == 422 else "REQUEST_TOO_LARGE")
