"""Photos and papers that belong to an issue. People upload and open them by themselves, with links of some minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from orderhub.errors import Reject
from orderhub.order import issues as rules
from orderhub.order.ids import digest
from orderhub.order.issues import Attachment, Issue
from orderhub.runtime import now
from orderhub.service.access import Caller
from orderhub.service.issues import Step, apply, get_issue, step_of
from orderhub.storage import attachments
from orderhub.storage.attachments import Form, key_of

CONTENT_TYPES: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp", "application/pdf")
LARGEST = 10 * 1024 * 1024
"""Bytes."""
_TIME_TO_UPLOAD = timedelta(minutes=15)
_TIME_TO_OPEN = timedelta(minutes=5)


class NewAttachment(BaseModel):
    """A file to be uploaded. size: bytes; content_type: image/jpeg, image/png, image/webp or application/pdf."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f\x7f]+$")
    content_type: str = Field(max_length=100)
    size: int


@dataclass(frozen=True, slots=True)
class Promised:
    """An attachment that was announced, and the form to upload it with until `expires_at`."""

    issue: Issue
    attachment: Attachment
    form: Form
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """An attachment and a link to it until `expires_at`; None while it was not uploaded."""

    attachment: Attachment
    link: str | None
    expires_at: datetime | None


def announce(
    caller: Caller,
    order_id: str,
    issue_id: str,
    new: NewAttachment,
    *,
    expected_version: int | None,
    idempotency_key: str | None,
) -> Promised:
    """Notes a file on an issue and lets the caller upload it; a repeat gets a new form for the same file.

    Raises Reject INVALID_ATTACHMENT, and as `service.issues.change_issue`.
    """
    _check(new)
    step = step_of(caller, order_id, "issue.changed", idempotency_key, "attachment", issue_id, new.model_dump())
    attachment_id = "att_" + digest(issue_id, step.key)

    def make(issue: Issue, step: Step) -> tuple[Issue, dict[str, Any]]:
        at = now()
        file = Attachment(id=attachment_id, by=step.by, at=at, **new.model_dump())
        return rules.attach(issue, file, at), {"changed": ["attachments"], "attachment": attachment_id}

    issue = apply(caller, order_id, issue_id, step, make, expected_version)
    file = _find(issue, attachment_id)
    key = key_of(order_id, issue_id, file.id)
    form = attachments.sign_upload(key, file.content_type, file.size, int(_TIME_TO_UPLOAD.total_seconds()))
    return Promised(issue, file, form, now() + _TIME_TO_UPLOAD)


def open_attachment(caller: Caller, order_id: str, issue_id: str, attachment_id: str) -> Opened:
    """A link to a file. Raises Reject ORDER_NOT_FOUND, ISSUE_NOT_FOUND, NOT_FOUND; Retry."""
    file = _find(get_issue(caller, order_id, issue_id), attachment_id)
    key = key_of(order_id, issue_id, file.id)
    if not attachments.is_there(key):
        return Opened(file, None, None)
    link = attachments.sign_link(key, file.name, file.content_type, int(_TIME_TO_OPEN.total_seconds()))
    return Opened(file, link, now() + _TIME_TO_OPEN)


def _check(new: NewAttachment) -> None:
    if new.content_type not in CONTENT_TYPES:
        types = {"content_type": new.content_type, "allowed": list(CONTENT_TYPES)}
        raise Reject("INVALID_ATTACHMENT", "this type of file is not taken", details=types)
    if not 1 <= new.size <= LARGEST:
        sizes = {"size": new.size, "largest": LARGEST}
        raise Reject("INVALID_ATTACHMENT", f"a file has 1 to {LARGEST} bytes", details=sizes)


def _find(issue: Issue, attachment_id: str) -> Attachment:
    found = next((one for one in issue.attachments if one.id == attachment_id), None)
    if found is None:
        raise Reject("NOT_FOUND", f"the issue has no attachment {attachment_id}")
    return found
