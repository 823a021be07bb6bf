"""What OpenTable is told of a reservation, what it is not told, and why."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.models import Order
from orderhub.platforms.base import Operation
from orderhub.platforms.opentable import PLATFORM
from tests.platforms.answers import Answers
from tests.platforms.conformance import MAIN_STORE, connection_for
from tests.platforms.exchange import minimal_order

CONNECTION = connection_for(
    "opentable", {"client_id": "client_id", "client_secret": "client_secret"}, {}, stores={"888": MAIN_STORE}
)
TOLD = [Operation.ACCEPT, Operation.CANCEL, Operation.PICKED_UP, Operation.SET_READY_TIME]


def booked(**fields: Any) -> Order:
    least = {"external_id": "556", "store_external_id": "888", "source": {"mode": "push"}}
    return minimal_order(CONNECTION, {**least, **fields})


@pytest.mark.parametrize("operation", list(Operation))
def test_of_what_was_read_from_sync_nothing_is_told(operation: Operation) -> None:
    assert "Guest Center" in (PLATFORM.why_not(operation, booked(source={"mode": "sync"})) or "")


@pytest.mark.parametrize(
    "operation", [Operation.ACCEPT, Operation.CANCEL, Operation.PICKED_UP, Operation.SET_READY_TIME]
)
def test_of_what_the_hub_has_booked_the_rest_is_told(operation: Operation) -> None:
    assert PLATFORM.why_not(operation, booked()) is None


@pytest.mark.parametrize("operation", [Operation.DENY, Operation.BAGGING, Operation.READY, Operation.COMPLETE])
def test_of_what_opentable_has_no_word_for_nothing_is_told(operation: Operation) -> None:
    assert PLATFORM.why_not(operation, booked()) == PLATFORM.why[operation]


def test_of_what_was_refused_nothing_is_told() -> None:
    assert "never booked" in (PLATFORM.why_not(Operation.CANCEL, booked(external_id="refused-1")) or "")


def sent(order: Order, operation: str) -> tuple[dict[str, Any], str]:
    http = _Headers()
    getattr(PLATFORM, operation)(order, CONNECTION, http)
    (body,) = http.bodies
    return body, http.request_ids[0]


class _Headers(Answers):
    """Keeps the request ids as well."""

    def __init__(self) -> None:
        super().__init__(always=b"")
        self.request_ids: list[str] = []

    def request(self, *arguments: Any, **named: Any) -> Any:
        self.request_ids.append(named["headers"]["X-Request-Id"])
        return super().request(*arguments, **named)


def test_an_update_that_is_tried_again_is_the_same_to_the_letter() -> None:
    order = booked(version=3, updated_at="2026-10-05T14:42:00Z", scheduled_for="2026-10-09T22:15:00Z")

    assert sent(order, "accept") == sent(order, "accept")
    assert sent(order, "accept")[1] != sent(order, "picked_up")[1]
    assert sent(order, "accept")[1] != sent(order.model_copy(update={"version": 4}), "accept")[1]


def test_the_time_of_an_update_is_local_and_that_of_its_change_utc() -> None:
    body, _ = sent(booked(scheduled_for="2026-12-01T00:30:00Z", updated_at="2026-11-30T23:59:59Z"), "picked_up")

    assert (body["DateTime"], body["UpdateDT_UTC"]) == ("2026-11-30 19:30", "2026-11-30 23:59")


def test_a_promise_of_staff_moves_the_time_and_an_estimate_does_not() -> None:
    times = {"scheduled_for": "2026-10-09T22:15:00Z", "ready_at": "2026-10-09T23:00:00Z"}

    promised, _ = sent(booked(**times, promised_at="2026-10-05T14:42:00Z"), "set_ready_time")
    estimated, _ = sent(booked(**times), "accept")

    assert (promised["DateTime"], estimated["DateTime"]) == ("2026-10-09 19:00", "2026-10-09 18:15")


# https://github.com/opentable/slate (OpenTable Developer's Guide, "Obtaining an Access Token")
def test_a_token_is_asked_for_with_the_client_in_a_header() -> None:
    asked = PLATFORM.token_request(
        connection_for("opentable", {"client_id": "client_id", "client_secret": "client_secret"})
    )

    assert asked.url == "https://oauth.opentable.com/api/v2/oauth/token"
    assert asked.headers == {"Authorization": "Basic Y2xpZW50X2lkOmNsaWVudF9zZWNyZXQ="}
    assert (dict(asked.form), asked.as_json, asked.lifetime_at) == (
        {"grant_type": "client_credentials"},
        False,
        ("expires_in",),
    )
