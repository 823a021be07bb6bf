"""Where a ticket stands, by the category of its status and by its resolution; names are the project's own.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-workflow-status-categories/
"""

from __future__ import annotations

from orderhub.order.messages import TicketState
from orderhub.platforms.jira.models import Fields, Status

DONE = "done"
UNDONE = ("new", "indeterminate", "undefined")
"""Categories that are not done, the one to reopen into first."""

STATES: dict[str, TicketState] = {
    "new": TicketState.OPEN,
    "indeterminate": TicketState.IN_PROGRESS,
    "undefined": TicketState.OPEN,
    DONE: TicketState.RESOLVED,
}


def category_of(status: Status | None) -> str:
    """The category of a status, undefined when none is told or it is a new one."""
    key = (status.category.key or "").lower() if status is not None and status.category is not None else ""
    return key if key in STATES else "undefined"


def state_of(fields: Fields) -> TicketState:
    """Some workflows reach done without a resolution, some set one without done: either is resolved."""
    return TicketState.RESOLVED if fields.resolution is not None else STATES[category_of(fields.status)]
