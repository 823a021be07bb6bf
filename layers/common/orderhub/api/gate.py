"""What is turned away before anything else: requests that are too large, too many, or no JSON object."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from orderhub.errors import Reject
from orderhub.service.access import from_context
from orderhub.service.limits import check_rate, check_size

_WITHOUT_BODY = ("GET", "DELETE", "HEAD", "OPTIONS")


def admit(event: Mapping[str, Any]) -> None:
    """Raises Reject REQUEST_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, VALIDATION_ERROR, RATE_LIMITED, PERMISSION_DENIED.

    The open pages have no caller, and no limit.
    """
    check_size(_size(event))
    _check_type(event)
    authorizer = event["requestContext"].get("authorizer")
    if authorizer is not None:
        check_rate(from_context(authorizer.get("lambda") or {}))
    given(event)


def given(event: Mapping[str, Any]) -> dict[str, Any]:
    """The body, which is a JSON object; empty when there is none. Raises Reject VALIDATION_ERROR for anything else."""
    body = event.get("body")
    if not body:
        return {}
    try:
        found = json.loads(base64.b64decode(body).decode() if event.get("isBase64Encoded") else body)
    except (ValueError, RecursionError):  # no UTF-8, no base64, no JSON; or JSON that is nested too deeply
        raise _unfit("cannot be read as JSON") from None
    if not isinstance(found, dict):
        raise _unfit("must be a JSON object")
    return found


def _unfit(problem: str) -> Reject:
    """As the refusal of a field that does not fit."""
    fields = [{"field": "body", "problem": problem}]
    return Reject("VALIDATION_ERROR", "the request does not fit", details={"fields": fields})


def _size(event: Mapping[str, Any]) -> int:
    """Bytes of the body as it was sent."""
    body = event.get("body") or ""
    return len(body) * 3 // 4 if event.get("isBase64Encoded") else len(body.encode("utf-8", "surrogatepass"))


def _check_type(event: Mapping[str, Any]) -> None:
    """A body that does not say what it is counts as JSON."""
    given = str(event.get("headers", {}).get("content-type") or "").partition(";")[0].strip().lower()
    may_have_body = event.get("body") or event["requestContext"]["http"]["method"] not in _WITHOUT_BODY
    if may_have_body and given not in ("", "application/json"):
        raise Reject("UNSUPPORTED_MEDIA_TYPE", "a request's body is application/json")
