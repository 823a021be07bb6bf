"""OGOship's statuses and what they mean here.

https://support.ogoship.com/what-do-the-different-order-statuses-mean ; what they are of ours is our reading of it.
The REST API writes them in lower case, the older one in upper case.
"""

from __future__ import annotations

from orderhub.order.status import Status
from orderhub.platforms.ogoship.config import OgoshipSettings

NEW, DRAFT, CANCELLED = "new", "draft", "cancelled"

STATUSES: dict[str, Status | None] = {
    DRAFT: None,  # on hold there, which says nothing of the order
    NEW: Status.ACCEPTED,
    "pending": Status.ACCEPTED,
    "reserved": Status.ACCEPTED,
    "locked": Status.ACCEPTED,
    "collecting": Status.BAGGING,
    "shipped": Status.PICKED_UP,
    CANCELLED: Status.CANCELLED,
    "returned": None,  # it came back, which opens nothing again
}

# https://support.ogoship.com/how-to-edit-an-order : in the warehouse's own system, or past it.
TOO_LATE = frozenset({"collecting", "shipped", "returned"})

_TROUBLE = {
    "pending": "OGOship waits for stock",
    "reserved": "OGOship has set this order aside and will not ship it by itself",
    "locked": "OGOship has locked this order: its stock is held until somebody acts",
    CANCELLED: "OGOship has cancelled this order",
    "returned": "the parcel came back to OGOship",
}


def status_of(word: str, settings: OgoshipSettings) -> Status | None:
    """Where the order is by their word, in lower case; None when it does not move by it."""
    return _table(settings).get(word)


def trouble_of(word: str, comments: str | None, settings: OgoshipSettings) -> str | None:
    """A sentence for whoever has to look at it; None when nobody has to. comments: what the warehouse says."""
    if word in (one.lower() for one in settings.trouble_statuses):
        said = _TROUBLE.get(word, f"OGOship has this order as {word[:100]!r}")
    elif word not in _table(settings):
        said = f"OGOship says {word[:100]!r}, which is new to us"
    else:
        return None
    return f"{said}: {comments[:500]}" if comments else said


def _table(settings: OgoshipSettings) -> dict[str, Status | None]:
    return STATUSES | {word.lower(): status for word, status in settings.statuses.items()}
