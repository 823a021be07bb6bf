"""How much anybody may ask of the staff API."""

from __future__ import annotations

import math
from datetime import timedelta

from orderhub.errors import Reject, Retry
from orderhub.runtime import logger, now, settings
from orderhub.service.access import Caller
from orderhub.storage.limits import spend

LARGEST_BODY = 1024 * 1024
"""Bytes. Lists of a thousand lines are far below it; photos go to S3 by a link."""

SPAN = timedelta(seconds=10)


def check_size(size: int) -> None:
    """Raises Reject REQUEST_TOO_LARGE for a body above LARGEST_BODY."""
    if size > LARGEST_BODY:
        raise Reject("REQUEST_TOO_LARGE", f"a request's body has at most {LARGEST_BODY} bytes")


def check_rate(caller: Caller) -> None:
    """Raises Reject RATE_LIMITED when a key or person calls more often than the stack allows.

    The limit is `api_requests_per_minute`, counted in spans of ten seconds; 0 is none. When the counter cannot be
    reached the call goes on: a limit that fails shut would close the store.
    """
    allowed = settings().api_requests_per_minute * SPAN / timedelta(minutes=1)
    if not allowed:
        return
    try:
        wait = spend(caller.id, now(), math.ceil(allowed), SPAN)
    except Retry as error:
        logger.warning("calls are not counted", extra={"reason": str(error)})
        return
    if wait is not None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        message = f"more than {settings().api_requests_per_minute} requests a minute; wait {seconds} s"
        raise Reject("RATE_LIMITED", message, details={"retry_after": seconds})
