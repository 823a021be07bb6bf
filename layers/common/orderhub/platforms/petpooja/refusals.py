"""Refusals with status 200: of Petpooja, and of ordering apps, whose answers are shaped alike."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Reply
from orderhub.platforms.payload import Payload
from orderhub.platforms.petpooja.fields import Words

_NO = frozenset({"0", "false", "failed"})
_DONE = "200"

# What a message says whose code may mean several things. GN_105 is said of wrong keys, and of a restaurant of others.
_BAD_KEYS = ("invalid token", "invalid client credentials")

# Codes -> what a person has to do.
_ADVICE = {
    "GN_105": "the restaurant is not mapped to these keys: ask Petpooja",
    "103": "the restaurant is not mapped to these keys: ask Petpooja",
    "100": "Petpooja does not take the request",
    "101": "Petpooja does not take the request",
    "SO_105": "the order was not taken",
    "UOS_105": "the restaurant has changed the order already",
}


class Verdict(Payload):
    """What tells whether a call worked; all of it is optional."""

    success: Any = None
    code: Words = None
    http_code: Words = None
    errorCode: Words = None  # noqa: N815  (theirs)
    status: Any = None
    message: Words = None


def is_refusal(reply: Reply) -> bool:
    """Whether the body says no. One that is no JSON says nothing."""
    verdict = _verdict(reply)
    if verdict is None:
        return False
    codes = {verdict.code, verdict.http_code} - {None}
    return str(verdict.success).lower() in _NO or str(verdict.status).lower() in _NO or bool(codes - {_DONE})


def read(reply: Reply) -> HubError | None:
    """The error in the body of an answer; None when it holds none."""
    if reply.status == 403 and b"<html" in reply.body[:1000].lower():
        return Misconfigured("the CDN in front of Petpooja answered 403 with a page: the call did not reach Petpooja")
    verdict = _verdict(reply)
    if verdict is None or not is_refusal(reply) or reply.status >= 500:
        return None
    text = (verdict.message or "no message").strip()[:500]
    if any(word in text.lower() for word in _BAD_KEYS):
        return Misconfigured(f"Petpooja refuses the keys of this connection: {text}")
    code = verdict.errorCode or verdict.code or verdict.http_code or "REFUSED"
    advice = f"; {_ADVICE[code]}" if code in _ADVICE else ""
    return Reject(code.upper()[:60], f"answered {code}: {text}{advice}")


def _verdict(reply: Reply) -> Verdict | None:
    try:
        return parse_as(Verdict, reply.json())
    except (Quarantine, ValidationError):
        return None
