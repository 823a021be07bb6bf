"""What Jira's webhooks say, by event; and an Automation rule, which may send the bare issue.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage, TicketReport, TicketState
from orderhub.order.times import from_epoch, parse_time, sortable
from orderhub.platforms.base import Reading, body_key, parse_as
from orderhub.platforms.http_types import Request
from orderhub.platforms.jira import models
from orderhub.platforms.jira.config import JiraConnection
from orderhub.platforms.jira.statuses import state_of

UPDATED, DELETED, COMMENTED = "jira:issue_updated", "jira:issue_deleted", "comment_created"
IDENTIFIER = "x-atlassian-webhook-identifier"  # unique in the site, and the same when it is sent again


def read(request: Request, connection: JiraConnection) -> Reading:
    """The message in one request. Raises Quarantine."""
    body = request.json()
    if _is_bare_issue(body):
        return Reading([_issue(parse_as(models.Issue, body), request)])
    event = parse_as(models.Told, body).event
    match event:
        case None:
            raise Quarantine("the body names no webhookEvent, and is no issue")
        case "jira:issue_updated":
            updated = parse_as(models.Updated, body)
            return _reading(updated, _updated(updated, request, connection))
        case "jira:issue_deleted":
            deleted = parse_as(models.Deleted, body)
            return _reading(deleted, _deleted(deleted, request))
        case "comment_created":
            commented = parse_as(models.Commented, body)
            return _reading(commented, _commented(commented, request, connection))
        case _:
            reason = f"nothing to do for event {event[:80]!r}"
            return Reading([Ignored(delivery_key=_key(request), reason=reason)])


def _is_bare_issue(body: Any) -> bool:
    return isinstance(body, dict) and "webhookEvent" not in body and {"id", "key", "fields"} <= body.keys()


def _reading(told: models.Told, message: InboundMessage) -> Reading:
    """Fields of an issue are the project's own: only those of the event itself are counted as unexpected."""
    return Reading([message], unknown_fields=sorted(told.model_extra or ())[:20])


def _updated(told: models.Updated, request: Request, connection: JiraConnection) -> InboundMessage:
    at = _at(told, request)
    if _is_ours(told.user, connection):
        return _ours(_key(request))
    return TicketReport(
        delivery_key=_key(request),
        source_version=sortable(at),
        external_id=told.issue.id,
        state=state_of(told.issue.fields),
        name=_name(told.issue.fields),
        at=at,
        by=_who(told.user),
    )


def _deleted(told: models.Deleted, request: Request) -> InboundMessage:
    at = _at(told, request)
    return TicketReport(
        delivery_key=_key(request),
        source_version=sortable(at),
        external_id=told.issue.id,
        state=TicketState.DELETED,
        name="deleted",
        at=at,
        by=_who(told.user),
    )


def _commented(told: models.Commented, request: Request, connection: JiraConnection) -> InboundMessage:
    """A comment has an id of its own, which makes it count once however often and by whatever event it is told."""
    at, comment = _at(told, request), told.comment
    key, author = digest(COMMENTED, comment.id), comment.author or told.user
    if _is_ours(author, connection):
        return _ours(key)
    if comment.body is None:
        return Ignored(delivery_key=key, reason="a comment without words")
    return TicketReport(
        delivery_key=key,
        source_version=sortable(at),
        external_id=told.issue.id,
        state=state_of(told.issue.fields),
        name=_name(told.issue.fields),
        at=at,
        by=_who(author),
        comment=comment.body,
    )


def _issue(issue: models.Issue, request: Request) -> InboundMessage:
    """An issue as it is, of a rule that tells nothing else."""
    at = parse_time(issue.fields.updated) if issue.fields.updated else request.received_at
    return TicketReport(
        # A rule that tells no time may send one body for two changes, which are news both times.
        delivery_key=body_key(request, issue.id, "" if issue.fields.updated else sortable(at)),
        source_version=sortable(at),
        external_id=issue.id,
        state=state_of(issue.fields),
        name=_name(issue.fields),
        at=at,
    )


def _key(request: Request) -> str:
    identifier = request.header(IDENTIFIER)
    return digest(IDENTIFIER, identifier) if identifier else body_key(request)


def _at(told: models.Told, request: Request) -> datetime:
    return request.received_at if told.timestamp is None else from_epoch(told.timestamp)


def _name(fields: models.Fields) -> str:
    resolution = fields.resolution.name if fields.resolution is not None else None
    return fields.status.name or resolution or ""


def _who(user: models.User | None) -> str | None:
    return (user.name or user.account_id) if user is not None else None


def _is_ours(user: models.User | None, connection: JiraConnection) -> bool:
    return user is not None and user.account_id == connection.settings.account_id


def _ours(key: str) -> Ignored:
    return Ignored(delivery_key=key, reason="the hub's own account did it")
