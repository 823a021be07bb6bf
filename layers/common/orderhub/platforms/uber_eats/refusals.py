"""What Uber's errors mean for us: `{code, message, metadata{should_retry, recommended_retry_interval_secs}}`.

https://developer.uber.com/docs/eats/guides/errors
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Reply
from orderhub.platforms.payload import Payload, Text
from orderhub.platforms.uber_eats.models import AsList, Number

_BUSY = frozenset({408, 425, 429})
_REFUSED = frozenset({401, 403})
_LONGEST_WAIT = 3600.0  # seconds


def _or_none(value: Any) -> Any:
    return value if isinstance(value, dict) else None


class Metadata(Payload):
    """field_violations: names of fields, or sentences about them."""

    should_retry: bool | None = None
    recommended_retry_interval_secs: Number | None = None
    field_violations: Annotated[list[Any], AsList] = []


class ErrorBody(Payload):
    """The body of an answer of status 400 and above."""

    code: Text = None
    message: Text = None
    metadata: Annotated[Metadata | None, BeforeValidator(_or_none)] = None


def read(reply: Reply) -> HubError | None:
    """The error that an answer of status 400 or above stands for; None when its body is not Uber's."""
    try:
        body = parse_as(ErrorBody, reply.json())
    except (Quarantine, ValidationError):
        return None
    if body.code is None and body.message is None:
        return None
    metadata = body.metadata or Metadata()
    message = f"Uber Eats answered {reply.status} {body.code or ''}: {body.message or 'no message'}"
    if reply.status in _BUSY or reply.status >= 500 or metadata.should_retry:
        return Retry(message, after=_after(reply, metadata))
    if reply.status in _REFUSED:
        return Misconfigured(f"{message}; check the app's credentials and the scopes approved for it")
    details = {"status": reply.status, "field_violations": [str(one)[:200] for one in metadata.field_violations[:10]]}
    return Reject((body.code or f"HTTP_{reply.status}").upper(), message, details=details)


def _after(reply: Reply, metadata: Metadata) -> float | None:
    """Seconds Uber recommends to wait; None leaves it to the Retry-After header, if there is one."""
    seconds = metadata.recommended_retry_interval_secs
    if seconds is None or seconds < 0 or "retry-after" in reply.headers:
        return None
    return min(float(seconds), _LONGEST_WAIT)
