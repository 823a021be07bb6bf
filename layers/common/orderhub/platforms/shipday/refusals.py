"""Shipday's error answers as errors.

Documented are 400 with an empty object or with `errorCode` and `errorMessage`, 401 and 429; a bad key is answered 403
without a body, and an order that is not taken may be answered 200 with `success: false`.
"""

from __future__ import annotations

import re
from typing import Any

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.http_types import Reply

NOT_TAKEN = "NOT_TAKEN"
_A_MINUTE = 60.0  # seconds; Shipday publishes no limits
_WORDS = ("errorMessage", "response", "message")


def says_no(reply: Reply) -> bool:
    """Whether an answer that looks like a yes is none."""
    return b'"success"' in reply.body and _body(reply).get("success") is False


def error_of(reply: Reply) -> HubError | None:
    """The error that an answer stands for; None for what passes."""
    body = _body(reply)
    told = next((text for name in _WORDS if isinstance(text := body.get(name), str) and text.strip()), "")
    message = f"Shipday answered {reply.status}" + (f": {told.strip()[:300]}" if told else "")
    if reply.status == 429:
        return Retry(message, after=None if "retry-after" in reply.headers else _A_MINUTE)
    if reply.status in (401, 403):
        return Misconfigured(f"{message}: check the API key")
    if reply.status >= 500 or reply.status in (408, 425):
        return None
    usual = NOT_TAKEN if reply.status < 400 else f"HTTP_{reply.status}"
    return Reject(_code(body.get("errorCode")) or usual, message, details={"status": reply.status})


def _code(value: object) -> str:
    """Their code as a word for programs; nothing when there is none."""
    return re.sub(r"[^A-Z0-9]+", "_", str(value).upper()).strip("_")[:60] if isinstance(value, str | int) else ""


def _body(reply: Reply) -> dict[str, Any]:
    try:
        body = reply.json()
    except Quarantine:
        return {}
    return body if isinstance(body, dict) else {}
