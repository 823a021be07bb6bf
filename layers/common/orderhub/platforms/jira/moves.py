"""Resolving and reopening: by the transitions that the project's workflow has from where the ticket is.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-post
Their ids and names differ from project to project, so they are listed each time and chosen by where they lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orderhub.errors import Quarantine, Reject, Retry
from orderhub.order.messages import TicketState
from orderhub.platforms.base import Done, M, parse_as
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.jira import models
from orderhub.platforms.jira.config import JiraConnection
from orderhub.platforms.jira.statuses import DONE, UNDONE, category_of, state_of
from orderhub.platforms.jira.tickets import ticket_path
from orderhub.platforms.targets import Ticket


def resolve_ticket(ticket: Ticket, connection: JiraConnection, http: Http) -> Done:
    """Brings it to done. Raises Reject NO_TRANSITION, NOT_FOUND, INVALID_REQUEST; Retry when somebody else moves it."""
    path, settings = ticket_path(ticket), connection.settings
    if state_of(_fields(path, http)) is TicketState.RESOLVED:
        return Done()
    way = _way(path, (DONE,), settings.resolve_transition, http)
    fields = {"resolution": {"name": settings.resolution}} if settings.resolution else {}
    _take(path, way, fields, http)
    return Done()


def reopen_ticket(ticket: Ticket, connection: JiraConnection, http: Http) -> Done:
    """Brings it back from done, without its resolution. Raises as resolve_ticket."""
    path, settings = ticket_path(ticket), connection.settings
    fields = _fields(path, http)
    if state_of(fields) is not TicketState.RESOLVED:
        return Done()
    way = _way(path, UNDONE, settings.reopen_transition, http)
    if fields.resolution is None:
        _take(path, way, {}, http)
        return Done()
    try:
        _take(path, way, {"resolution": None}, http)
    except Reject as refusal:
        if "resolution" not in refusal.details.get("fields", ()):
            raise
        _take(path, way, {}, http)  # the field is not on the transition's screen: the workflow clears it by itself
    return Done()


def _fields(path: str, http: Http) -> models.Fields:
    reply = http.request("GET", path, params={"fields": "status,resolution,labels"})
    return _as(models.Issue, reply).fields


def _way(path: str, categories: Sequence[str], named: str, http: Http) -> models.Transition:
    """The transition of the settings, else the first into the first of these categories that any leads to."""
    ways = _as(models.Transitions, http.request("GET", f"{path}/transitions")).transitions
    chosen = [way for way in ways if named and named in (way.id, way.name)]
    for category in categories:
        chosen += [way for way in ways if category_of(way.to) == category]
    if not chosen:
        there = ", ".join(way.name or way.id for way in ways) or "none"
        raise Reject(
            "NO_TRANSITION", f"the workflow has no transition to {' or '.join(categories)} from here; it has {there}"
        )
    return chosen[0]


def _take(path: str, way: models.Transition, fields: dict[str, Any], http: Http) -> None:
    body = {"transition": {"id": way.id}, **({"fields": fields} if fields else {})}
    http.request("POST", f"{path}/transitions", json=body)


def _as(model: type[M], reply: Reply) -> M:
    try:
        return parse_as(model, reply.json())
    except Quarantine as error:
        raise Retry(f"Jira does not show the ticket: {error}") from None
