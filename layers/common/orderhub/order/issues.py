"""Complaints about an order as data and rules: types, priorities, statuses, the moves between them, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field

from orderhub.errors import Reject
from orderhub.order.models import Model, Utc


class IssueType(StrEnum):
    """What is wrong."""

    WRONG_ITEMS = "wrong_items"
    MISSING_ITEMS = "missing_items"
    QUALITY_ISSUES = "quality_issues"
    DELIVERY_ISSUES = "delivery_issues"
    PRICING_DISCREPANCIES = "pricing_discrepancies"
    OTHER = "other"


class Priority(StrEnum):
    """How soon it has to be resolved, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class IssueStatus(StrEnum):
    """Where an issue stands."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    IN_PROGRESS = "in_progress"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"


DONE: frozenset[IssueStatus] = frozenset({IssueStatus.RESOLVED, IssueStatus.CLOSED})
UNDONE: frozenset[IssueStatus] = frozenset(IssueStatus) - DONE

# An issue is worked on in any order, and reopened by going back to open.
MOVES: dict[IssueStatus, frozenset[IssueStatus]] = {
    **{status: frozenset(IssueStatus) - {status, IssueStatus.OPEN} for status in UNDONE},
    IssueStatus.RESOLVED: frozenset({IssueStatus.OPEN, IssueStatus.CLOSED}),
    IssueStatus.CLOSED: frozenset({IssueStatus.OPEN}),
}
# Moves that a store manager has to make.
MANAGERS_MOVES: frozenset[tuple[IssueStatus, IssueStatus]] = frozenset({(IssueStatus.CLOSED, IssueStatus.OPEN)})

# From when it was opened, or opened again, until it should be resolved.
TIME_TO_RESOLVE: dict[Priority, timedelta] = {
    Priority.URGENT: timedelta(hours=1),
    Priority.HIGH: timedelta(hours=4),
    Priority.MEDIUM: timedelta(hours=24),
    Priority.LOW: timedelta(hours=72),
}

# What may still be noted on a closed issue; anything else needs it to be reopened.
AFTER_CLOSING: frozenset[str] = frozenset({"customer_contacted", "customer_satisfied", "follow_up_date"})
# Fields whose new value is told in the timeline; of the others, which may hold free text, only the name.
_TOLD: tuple[str, ...] = ("type", "priority", "assigned_to")
MOST_COMMENTS = 200
MOST_ATTACHMENTS = 20


class Comment(Model):
    """What somebody noted on an issue."""

    id: str
    text: str
    by: str
    at: Utc


class Attachment(Model):
    """A file that belongs to an issue, as it was announced. size: bytes at most."""

    id: str
    name: str
    content_type: str
    size: int
    by: str
    at: Utc


class Issue(Model):
    """A complaint about an order.

    item_ids: the order lines it is about. due_at: until when it should be resolved. reopened_at: the last time it was
    opened again, from which due_at counts then. opened_by, updated_by: from the token. version: grows by one with each
    change.
    """

    id: str
    order_id: str
    order_display_id: str | None = None
    store_id: str
    platform: str
    type: IssueType
    description: str
    priority: Priority
    status: IssueStatus = IssueStatus.OPEN
    item_ids: list[str] = Field(default_factory=list)
    customer_contacted: bool = False
    customer_satisfied: bool | None = None
    assigned_to: str | None = None
    resolution_description: str | None = None
    follow_up_date: date | None = None
    due_at: Utc
    opened_at: Utc
    opened_by: str
    updated_at: Utc
    updated_by: str
    reopened_at: Utc | None = None
    resolved_at: Utc | None = None
    closed_at: Utc | None = None
    comments: list[Comment] = Field(default_factory=list)
    attachments: list[Attachment] = Field(default_factory=list)
    version: int = 1

    @property
    def is_done(self) -> bool:
        """Whether nobody has work with it any more."""
        return self.status in DONE

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been resolved by now, and is not."""
        return not self.is_done and self.due_at < now


def change(issue: Issue, asked: Mapping[str, Any], by: str, now: datetime) -> tuple[Issue, dict[str, Any]] | None:
    """The issue with some fields changed, and what the timeline says of it; None when all is so already.

    Raises Reject ISSUE_NOT_MODIFIABLE for a move that is not in MOVES, and for a change that a closed issue does not
    take.
    """
    news = {name: value for name, value in asked.items() if getattr(issue, name) != value}
    if not news:
        return None
    status = news.get("status", issue.status)
    if status != issue.status and status not in MOVES[issue.status]:
        raise Reject(
            "ISSUE_NOT_MODIFIABLE",
            f"an issue that is {issue.status} cannot become {status}",
            details={"status": issue.status, "allowed": sorted(MOVES[issue.status])},
        )
    if status is IssueStatus.CLOSED is issue.status and not news.keys() <= AFTER_CLOSING:
        raise Reject(
            "ISSUE_NOT_MODIFIABLE",
            "the issue is closed: reopen it first",
            details={"status": issue.status, "allowed": sorted(AFTER_CLOSING)},
        )
    changed = issue.model_copy(update={**news, **_times(issue, status, now)})
    changed = changed.model_copy(update={"due_at": due_at(changed)})
    return stamped(changed, by, now), _told(issue, news)


def due_at(issue: Issue) -> datetime:
    """Until when the issue should be resolved."""
    return (issue.reopened_at or issue.opened_at) + TIME_TO_RESOLVE[issue.priority]


def comment(issue: Issue, note: Comment, now: datetime) -> Issue:
    """The issue with a comment. Raises Reject INVALID_FIELD_VALUE when it has too many."""
    if len(issue.comments) >= MOST_COMMENTS:
        raise Reject("INVALID_FIELD_VALUE", f"an issue has at most {MOST_COMMENTS} comments")
    return stamped(issue.model_copy(update={"comments": [*issue.comments, note]}), note.by, now)


def attach(issue: Issue, file: Attachment, now: datetime) -> Issue:
    """The issue with an attachment. Raises Reject INVALID_ATTACHMENT when it has too many."""
    if len(issue.attachments) >= MOST_ATTACHMENTS:
        raise Reject("INVALID_ATTACHMENT", f"an issue has at most {MOST_ATTACHMENTS} attachments")
    return stamped(issue.model_copy(update={"attachments": [*issue.attachments, file]}), file.by, now)


def stamped(issue: Issue, by: str, now: datetime) -> Issue:
    """The issue as its next version."""
    return issue.model_copy(update={"version": issue.version + 1, "updated_at": now, "updated_by": by})


def _times(issue: Issue, status: IssueStatus, now: datetime) -> dict[str, datetime | None]:
    if status == issue.status:
        return {}
    match status:
        case IssueStatus.RESOLVED:
            return {"resolved_at": now}
        case IssueStatus.CLOSED:
            return {"resolved_at": issue.resolved_at or now, "closed_at": now}
        case IssueStatus.OPEN:
            return {"resolved_at": None, "closed_at": None, "reopened_at": now}
        case _:
            return {}


def _told(issue: Issue, news: Mapping[str, Any]) -> dict[str, Any]:
    moved = {"from": issue.status, "to": news["status"]} if "status" in news else {}
    return {"changed": sorted(news), **moved, **{name: news[name] for name in _TOLD if name in news}}
