"""How long a message waits for its next attempt."""

from __future__ import annotations

import pytest

from orderhub.actions.worker import backoff
from orderhub.errors import Misconfigured, Quarantine, Retry

SAMPLES = 200


def waits(attempt: int, error: Exception) -> tuple[float, float]:
    """The shortest and the longest of many."""
    found = [backoff(attempt, error) for _ in range(SAMPLES)]
    return min(found), max(found)


@pytest.mark.parametrize(
    ("attempt", "longest"), [(1, 2), (2, 4), (3, 8), (5, 32), (10, 1024), (11, 2048), (12, 3600), (50, 3600)]
)
def test_the_wait_doubles_up_to_an_hour_and_is_never_less_than_half_of_that(attempt: int, longest: float) -> None:
    least, most = waits(attempt, Retry("busy"))

    assert longest / 2 <= least < most <= longest


def test_two_messages_that_fail_together_do_not_come_back_together() -> None:
    assert len({backoff(3, Retry("busy")) for _ in range(SAMPLES)}) > SAMPLES / 2


@pytest.mark.parametrize(("attempt", "after"), [(1, 30.0), (1, 7200.0), (5, 33.0)])
def test_a_platform_s_retry_after_is_honoured(attempt: int, after: float) -> None:
    least, most = waits(attempt, Retry("busy", after=after))

    assert after <= least < most <= after + 1


def test_a_retry_after_shorter_than_our_own_wait_does_not_shorten_it() -> None:
    least, _ = waits(5, Retry("busy", after=1))

    assert least >= 16


def test_refused_credentials_are_tried_again_slowly() -> None:
    assert waits(1, Misconfigured("no")) == (300, 300)
    assert waits(12, Misconfigured("no"))[0] >= 1800


@pytest.mark.parametrize("error", [KeyError("bug"), Quarantine("odd")])
def test_any_other_error_waits_as_long_as_a_busy_platform(error: Exception) -> None:
    least, most = waits(1, error)

    assert 1 <= least < most <= 2
