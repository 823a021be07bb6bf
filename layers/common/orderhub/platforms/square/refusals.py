"""Square's error answers as errors.

https://developer.squareup.com/docs/build-basics/general-considerations/handling-errors
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Reply
from orderhub.platforms.payload import NullAsEmpty, Payload, Text


class _Error(Payload):
    code: Text = None
    detail: Text = None
    field: Text = None


class _Errors(Payload):
    errors: Annotated[list[_Error], NullAsEmpty] = []


def _again_at_once(message: str) -> HubError:
    return Retry(message, after=0)


# https://developer.squareup.com/reference/square/enums/ErrorCode
# What the order is now is read anew with each try, so a version that has moved on costs one more read.
ERRORS: dict[str, Callable[[str], HubError]] = {
    "VERSION_MISMATCH": _again_at_once,
    "CONFLICT": _again_at_once,
    "RATE_LIMITED": Retry,
    "REQUEST_TIMEOUT": Retry,
    "INTERNAL_SERVER_ERROR": Retry,
    "SERVICE_UNAVAILABLE": Retry,
    "GATEWAY_TIMEOUT": Retry,
    "UNAUTHORIZED": Misconfigured,
    "ACCESS_TOKEN_EXPIRED": Misconfigured,
    "ACCESS_TOKEN_REVOKED": Misconfigured,
    "FORBIDDEN": Misconfigured,
    "INSUFFICIENT_SCOPES": Misconfigured,
    "INSUFFICIENT_PERMISSIONS": Misconfigured,
}


def error_of(reply: Reply) -> HubError | None:
    """The error for the first that Square names; None when it names none and the status has to do."""
    try:
        listed = parse_as(_Errors, reply.json()).errors
    except Quarantine:
        return None
    first = next((one for one in listed if one.code), None)
    if first is None or first.code is None:
        return None
    parts = (first.detail, f"field {first.field}" if first.field else None)
    message = f"Square answered {reply.status} {first.code}: {'; '.join(filter(None, parts)) or 'no details'}"[:500]
    known = ERRORS.get(first.code)
    if known is not None:
        return known(message)
    if reply.status == 429 or reply.status >= 500:
        return Retry(message)
    return Reject(first.code, message)
