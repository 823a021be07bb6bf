"""When a message is tried again, and when a receiver is given up: figures of the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

# The first try is at once; after each that failed this long passes until the next.
WAITS: tuple[timedelta, ...] = (
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
_JITTER = 0.2
LONGEST_WAIT = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(days=5)
"""How long a receiver may fail without one success until nothing is sent to it any more."""

_TOO_MANY_TIMEOUTS = 3
_PAUSE = timedelta(minutes=1)
_SPREAD = 20.0  # seconds


def next_try(failed: int, at: datetime, retry_after: float | None) -> datetime | None:
    """When to try again after so many failures in a row of one message; None when it was tried often enough.

    retry_after: seconds that the receiver asked for; never sooner than the step, and no more than a day.
    """
    if failed > len(WAITS):
        return None
    wait = WAITS[failed - 1] * random.uniform(1, 1 + _JITTER)  # noqa: S311
    if retry_after is not None:
        wait = max(wait, min(timedelta(seconds=min(retry_after, LONGEST_WAIT.total_seconds())), LONGEST_WAIT))
    return at + wait


def pause_until(timeouts: int, at: datetime) -> datetime | None:
    """Until when a receiver is left alone that let so many requests in a row time out; None for not at all.

    Each of them keeps a worker for long, and others wait for workers.
    """
    return at + _PAUSE if timeouts >= _TOO_MANY_TIMEOUTS else None


def after_pause(until: datetime) -> datetime:
    """When a message that met a pause is sent: not all of them in the same moment."""
    return until + timedelta(seconds=random.uniform(0, _SPREAD))  # noqa: S311
