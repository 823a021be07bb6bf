"""What Toast's errors mean for us: `{status, code, message, requestId}`.

https://doc.toasttab.com/doc/devguide/apiOrdersErrors.html
"""

from __future__ import annotations

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Reply
from orderhub.platforms.payload import Text
from orderhub.platforms.toast.models import ToastPayload

_BUSY = frozenset({408, 425, 429})
# What to look at when a call is not allowed.
_TO_CHECK = {
    401: "check the client id and secret of the API account",
    403: "check its scopes, and that this restaurant is connected to it",
}


class ErrorBody(ToastPayload):
    """The body of an answer of status 400 and above. request_id: what Toast's support asks for."""

    code: Text = None
    message: Text = None
    request_id: Text = None


def read(reply: Reply) -> HubError | None:
    """The error that an answer of status 400 or above stands for; None when its body is not Toast's."""
    try:
        body = parse_as(ErrorBody, reply.json())
    except Quarantine:
        return None
    if body.code is None and body.message is None:
        return None
    request = f" (request {body.request_id})" if body.request_id else ""
    message = f"Toast answered {reply.status}: {body.message or body.code}{request}"
    if reply.status in _BUSY or reply.status >= 500:
        return Retry(message)
    if reply.status in _TO_CHECK:
        return Misconfigured(f"{message}; {_TO_CHECK[reply.status]}")
    details = {"status": reply.status, **({"request_id": body.request_id} if body.request_id else {})}
    return Reject(f"TOAST_{body.code}" if body.code else f"HTTP_{reply.status}", message, details=details)
