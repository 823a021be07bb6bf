"""Opening tickets, once: Jira knows no key that would make a second try harmless, so each has a label of its own.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/
"""

from __future__ import annotations

from urllib.parse import urlsplit

from orderhub.errors import HubError, Quarantine, Reject, Retry
from orderhub.platforms.base import Done, M, parse_as
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.jira import SHOWN_AFTER, content, models
from orderhub.platforms.jira.config import GATEWAY, JiraConnection
from orderhub.platforms.jira.refusals import INVALID
from orderhub.platforms.pieces import path_part
from orderhub.platforms.targets import Ticket


def find_ticket(ticket: Ticket, connection: JiraConnection, http: Http) -> Done | None:
    """The ticket with this reference, the oldest if there are several. Raises Retry for an answer that is none."""
    settings = connection.settings
    reference = content.reference(ticket, settings)
    named = f'labels = "{reference}"'
    if settings.find_by_text:
        named = f'({named} OR description ~ "\\"{reference}\\"")'
    body = {
        "jql": f'project = "{settings.project}" AND {named} ORDER BY created ASC',
        "fields": ["summary", "status", "labels"],
        "maxResults": 2,
    }
    rows = found(http.request("POST", "/rest/api/3/search/jql", json=body)).issues
    if not rows:
        return None
    row = parse_as(models.Row, rows[0])
    return Done(ids=_ids(row.id, row.key, connection))


def open_ticket(ticket: Ticket, connection: JiraConnection, http: Http) -> Done:
    """Opens an issue, or a request where the settings name a type of them.

    Raises Retry, not before a search would show what this try may have made; Reject INVALID_REQUEST.
    """
    try:
        return (_request if connection.settings.service_desk_id else _issue)(ticket, connection, http)
    except Retry as error:
        raise Retry(str(error), after=max(error.after or 0, SHOWN_AFTER.total_seconds())) from None


def ticket_path(ticket: Ticket) -> str:
    """Where the ticket is in the API, by the id that stays. Raises Reject NO_TICKET when it was never opened."""
    return f"/rest/api/3/issue/{ticket_id(ticket)}"


def ticket_id(ticket: Ticket) -> str:
    """The id that stays when the key does not, as a part of a path. Raises Reject NO_TICKET."""
    if not ticket.ids.get("ticket"):
        raise Reject("NO_TICKET", "Jira has not told an id for this ticket")
    return path_part(ticket.ids["ticket"])


def found(reply: Reply) -> models.Found:
    """A page of a search. Raises Retry for an answer that is none."""
    try:
        return parse_as(models.Found, reply.json())
    except Quarantine as error:
        raise Retry(f"Jira did not answer with a page of issues: {error}") from None


def _issue(ticket: Ticket, connection: JiraConnection, http: Http) -> Done:
    body, note = content.issue(ticket, connection.settings), None
    try:
        reply = http.request("POST", "/rest/api/3/issue", json=body)
    except Reject as refusal:
        fewer = content.least(body, _refused(refusal), ticket, connection.settings)
        if refusal.code != INVALID or fewer is None:
            raise
        reply = http.request("POST", "/rest/api/3/issue", json=fewer)
        note = f"opened with the least there can be: {refusal}"
    made = _made(models.Created, reply)
    return Done(note, _ids(made.id, made.key, connection, shown=made.self))


def _request(ticket: Ticket, connection: JiraConnection, http: Http) -> Done:
    path = "/rest/servicedeskapi/request"
    body, notes = content.request(ticket, connection.settings), []
    try:
        reply = http.request("POST", path, json=body)
    except Reject as refusal:
        fewer = content.least_request(body, _refused(refusal))
        if refusal.code != INVALID or fewer is None:
            raise
        body = fewer
        reply = http.request("POST", path, json=body)
        notes.append(f"opened without labels and priority: {refusal}")
    made = _made(models.Requested, reply)
    if "labels" not in body["requestFieldValues"]:
        notes += _label(made.id, ticket, connection, http)
    agent = made.links.agent if made.links is not None else None
    ids = _ids(made.id, made.key, connection)
    return Done("; ".join(notes) or None, {**ids, "url": agent} if agent else ids)


def _label(issue_id: str, ticket: Ticket, connection: JiraConnection, http: Http) -> list[str]:
    """Labels a request whose type has no such field. What goes wrong is noted: the ticket is there, and known."""
    adds = [{"add": label} for label in content.labels(ticket, connection.settings)]
    try:
        http.request("PUT", f"/rest/api/3/issue/{path_part(issue_id)}", json={"update": {"labels": adds}})
    except HubError as error:
        return [f"without its labels, by which changes are polled: {error}"]
    return []


def _refused(refusal: Reject) -> list[str]:
    fields = refusal.details.get("fields", [])
    return [str(name) for name in fields]


def _made(model: type[M], reply: Reply) -> M:
    try:
        return parse_as(model, reply.json())
    except Quarantine as error:
        raise Retry(f"Jira did not say what it has made: {error}") from None


def _ids(issue_id: str, key: str, connection: JiraConnection, *, shown: str | None = None) -> dict[str, str]:
    """What the hub keeps. shown: the address of the API under which Jira has it, which may tell the site's."""
    site = connection.settings.people_url or _site_of(shown)
    return {"ticket": issue_id, "key": key, **({"url": f"{site}/browse/{path_part(key)}"} if site else {})}


def _site_of(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme == "https" and parts.hostname != GATEWAY else ""
