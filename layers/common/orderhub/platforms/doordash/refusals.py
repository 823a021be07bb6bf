"""What DoorDash's errors mean for us. Only returns have a documented body: `{code, message, field_errors[]}`.

https://developer.doordash.com/en-US/api/marketplace
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Reply
from orderhub.platforms.payload import NullAsEmpty, Payload, Text

_A_MINUTE = 60.0  # seconds; DoorDash publishes no limits

# What else there is to say of a status.
_HINTS: Mapping[int, str] = {
    400: "it says that of an order that is answered already, has expired or was not confirmed",
    401: "check developer id, key id and signing secret",
    403: "DoorDash has to put the integration on its list for this call",
    404: "it knows no such order, item or store",
    409: "it was returned before, and DoorDash takes one return of an order",
}


class FieldError(Payload):
    """One field that is wrong."""

    field: Text = None
    error: Text = None


class ErrorBody(Payload):
    """The body of an answer of status 400 and above, as far as it is known."""

    code: Annotated[str | None, BeforeValidator(lambda value: value if isinstance(value, str) else None)] = None
    message: Text = None
    field_errors: Annotated[list[FieldError], NullAsEmpty] = []


def read(reply: Reply) -> HubError | None:
    """The error that an answer of status 400 or above stands for; None for what passes."""
    body = _body(reply)
    words = [body.message, *(f"{one.field}: {one.error}" for one in body.field_errors[:5]), _HINTS.get(reply.status)]
    told = "; ".join(word[:200] for word in words if word)
    message = f"DoorDash answered {reply.status}" + (f": {told}" if told else "")
    if reply.status == 429:
        return Retry(message, after=None if "retry-after" in reply.headers else _A_MINUTE)
    if reply.status in (401, 403):
        return Misconfigured(message)
    if reply.status >= 500 or reply.status in (408, 425):
        return None
    return Reject((body.code or f"HTTP_{reply.status}").upper(), message, details={"status": reply.status})


def _body(reply: Reply) -> ErrorBody:
    try:
        return parse_as(ErrorBody, reply.json())
    except Quarantine:
        return ErrorBody()
