"""How OpenTable's calls are answered: our answer is the booking, or says why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orderhub.order.messages import Decision, Ignored
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.opentable import PLATFORM
from tests.platforms.conformance import MAIN_STORE, NOW, connection_for

CONNECTION = connection_for("opentable", {"webhook_secrets": ["the-secret-of-today"]}, {}, stores={"888": MAIN_STORE})
GRANTED = Decision(granted=True, number=12)
LOCK: dict[str, Any] = {"rid": 888, "date": "2026-10-09T18:15", "party_size": 2}
MAKE: dict[str, Any] = {"rid": 888, "date_time": "2026-10-09T18:15", "party_size": 2}
CANCEL: dict[str, Any] = {"rid": 888, "confirmation_number": 12}
BODIES = {"lock": LOCK, "make": MAKE, "update": {**MAKE, **CANCEL}, "cancel": CANCEL}


def call(name: str, body: Mapping[str, Any] | None, *, method: str = "POST") -> Request:
    path = f"/webhooks/opentable/con_test/***/{name}"
    return Request(method, path, {}, {}, b"" if body is None else json.dumps(body).encode(), NOW)


def answered(request: Request, decision: Decision) -> tuple[int, Any]:
    decided = PLATFORM.read(request, CONNECTION).decided
    assert decided is not None
    answer = decided(decision)
    assert answer.headers == {"content-type": "application/json"}
    return answer.status, json.loads(answer.body)


def test_a_table_that_is_held_is_answered_with_the_lock() -> None:
    held = Decision(granted=True, number=965665360, expires_in=timedelta(seconds=180))

    assert answered(call("lock", LOCK), held) == (
        200,
        {"lock_id": 965665360, "rid": 888, "date": "2026-10-09T18:15", "party_size": 2, "expiration_seconds": 180},
    )


@pytest.mark.parametrize("name", ["make", "update"])
def test_a_table_that_is_booked_is_answered_with_its_number(name: str) -> None:
    booked = {"confirmation_number": 12, "rid": 888, "date_time": "2026-10-09T18:15", "party_size": 2}

    assert answered(call(name, BODIES[name]), GRANTED) == (200, booked)


def test_a_cancellation_is_answered_with_what_it_names() -> None:
    assert answered(call("cancel", CANCEL), GRANTED) == (200, {"rid": 888, "confirmation_number": 12})


@pytest.mark.parametrize("name", ["lock", "make", "update", "cancel"])
@pytest.mark.parametrize(
    ("why", "error"),
    [
        ("full", "no_table"),
        ("too_large", "party_too_large"),
        ("closed", "closed"),
        ("unknown", "unknown_reservation"),
        ("of a new kind", "no_table"),
    ],
)
def test_a_refusal_is_a_conflict_that_says_why(name: str, why: str, error: str) -> None:
    status, told = answered(call(name, BODIES[name]), Decision(granted=False, why=why))

    assert (status, told["error"], set(told)) == (409, error, {"error", "error_description"})


def test_a_call_that_was_not_understood_is_refused() -> None:
    pushed = PLATFORM.quarantine_answer(call("make", {}))
    checked = PLATFORM.quarantine_answer(call("frn", None, method="GET"))

    assert (pushed.status, set(json.loads(pushed.body))) == (409, {"error", "error_description"})
    assert (checked.status, json.loads(checked.body)) == (400, {"error": "not_understood"})


def test_a_call_of_an_unknown_name_books_nothing() -> None:
    reading = PLATFORM.read(call("seat", MAKE), CONNECTION)

    assert [type(message) for message in reading.messages] == [Ignored]
    assert reading.answer.status == 404


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        ({"rid": "888"}, 200, '{"rid":888,"online":true}'),
        ({"rid": "12"}, 400, '{"error":"ECannotFindRestaurant"}'),
        ({}, 400, '{"error":"ECannotFindRestaurant"}'),
    ],
)
def test_the_check_after_failures_knows_the_restaurants_on_the_map(
    query: dict[str, str], status: int, body: str
) -> None:
    reading = PLATFORM.read(replace(call("frn", None, method="GET"), query=query), CONNECTION)

    answer = Answer(status, body, {"content-type": "application/json"})
    assert (reading.answer, reading.messages) == (answer, [])
