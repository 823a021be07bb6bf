"""What Jira's errors mean for us: `{errorMessages: [...], errors: {field: text}}`.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-codes
https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
"""

from __future__ import annotations

from typing import Any

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.http_types import Reply

INVALID = "INVALID_REQUEST"
NOT_FOUND = "NOT_FOUND"

_HINTS = {
    401: "email or API token are refused; tokens end, and one with scopes is good only at the gateway (base_url)",
    403: "the account may not do this in the project",
}


def error_of(reply: Reply) -> HubError:
    """The error that such an answer stands for."""
    messages, fields = _said(reply)
    said = "; ".join([*messages, *(f"{name}: {text}" for name, text in fields.items())])
    message = f"Jira answered {reply.status}{f': {said}' if said else ''}"[:500]
    match reply.status:
        case 400:
            return Reject(INVALID, message, details={"fields": sorted(fields)})
        case 404:
            return Reject(NOT_FOUND, f"{message} (it is gone, or the account does not see it)")
        case 409:
            return Retry(message, after=0)  # somebody moves it at this moment: what is true then is read anew
        case 429:
            why = reply.headers.get("ratelimit-reason")
            return Retry(f"{message} ({why})" if why else message)
        case 401 | 403:
            return Misconfigured(f"{message}: {_HINTS[reply.status]}")
        case status if 300 <= status < 400:
            return Misconfigured(
                f"{message}: it is at {reply.headers.get('location', 'another address')}; see base_url"
            )
        case status if status in (408, 425) or status >= 500:
            return Retry(message)
        case status:
            return Reject(f"HTTP_{status}", message)


def _said(reply: Reply) -> tuple[list[str], dict[str, str]]:
    """Messages, and texts by field. A service desk has one `errorMessage` in place of the list."""
    try:
        body: Any = reply.json()
    except Quarantine:
        return [], {}
    if not isinstance(body, dict):
        return [], {}
    listed, fields = body.get("errorMessages"), body.get("errors")
    messages = [*(listed if isinstance(listed, list) else []), body.get("errorMessage")]
    texts = [one for one in messages if isinstance(one, str) and one]
    return texts, {name: str(text) for name, text in fields.items()} if isinstance(fields, dict) else {}
