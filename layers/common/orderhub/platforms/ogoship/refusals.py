"""What OGOship's refusals mean for us.

REST: `{statusCode, statusDescription, message}` with 400, 401 and 404. The older API answers 200 and says so in
`Response.Info`, with `@Success` as text and the words in `@Error`.
"""

from __future__ import annotations

from orderhub.errors import HubError, Quarantine, Reject, Retry
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Reply
from orderhub.platforms.ogoship.models import Info, Problem, lowered

DUPLICATE = "DUPLICATE_REFERENCE"
LEGACY = "OGOSHIP_REFUSED"
_SAME_REFERENCE = "trying to add new order but order with same reference"
_LONGEST = 300


def is_refusal(reply: Reply) -> bool:
    """Whether an answer says no, by its status or by what the older API says in it."""
    return reply.status >= 300 or _legacy_error(reply) is not None


def read(reply: Reply, usual: HubError) -> HubError:
    """The error of an answer that says no. usual: what it is by its status alone."""
    if reply.status < 300:
        said = _legacy_error(reply) or ""
        code = DUPLICATE if said.lower().startswith(_SAME_REFERENCE) else LEGACY
        return Reject(code, f"OGOship refuses: {said[:_LONGEST] or 'it does not say why'}")
    words = _words(reply)
    if not words:
        return usual
    message = f"{usual}: {words[:_LONGEST]}"
    if isinstance(usual, Retry):
        return Retry(message, after=usual.after)
    return Reject(usual.code, message) if isinstance(usual, Reject) else type(usual)(message)


def info_of(reply: Reply) -> Info | None:
    """How a call of the older API went; None when the answer is not of that API."""
    try:
        answer = lowered(reply.json())
        inside = answer.get("response") if isinstance(answer, dict) else None
        info = inside.get("info") if isinstance(inside, dict) else None
        return parse_as(Info, info) if isinstance(info, dict) else None
    except Quarantine:
        return None


def _legacy_error(reply: Reply) -> str | None:
    """What the older API says went wrong; None when nothing did, or it is not of that API."""
    if b'"@' not in reply.body:
        return None
    info = info_of(reply)
    if info is None or (info.success or "true").lower() == "true":
        return info.error if info else None
    return info.error or ""


def _words(reply: Reply) -> str:
    try:
        problem = parse_as(Problem, lowered(reply.json()))
    except Quarantine:
        return ""
    return problem.message or problem.statusdescription or ""
