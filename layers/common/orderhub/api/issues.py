"""/v1/issues and the issues of an order."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.api.call import IdempotencyKey, IfMatch, Versioned, caller, expected_version, idempotency_key, versioned
from orderhub.api.orders import Cursor, Limit, OrderId
from orderhub.order.issues import MOVES, Attachment, Issue, IssueStatus
from orderhub.runtime import now
from orderhub.service import attachments, issues
from orderhub.service.attachments import NewAttachment
from orderhub.service.issues import GivenPriority, IssueChange, NewIssue, Wanted
from orderhub.storage.issues import IssuePage

router = Router()

IssueId = Annotated[str, Path(description="the hub's id, iss_...")]


class IssueView(Issue):
    """An issue, whether it is overdue now, and the statuses it may get next."""

    overdue: bool
    allowed_statuses: list[IssueStatus]


class IssueList(BaseModel):
    """Part of a list of issues."""

    issues: list[IssueView]
    next_cursor: str | None


class Upload(BaseModel):
    """How to upload a file: POST to `url` as multipart/form-data, with `fields` first and the file last, as `file`.

    Storage refuses another type than announced, more bytes than announced, and anything after `expires_at`.
    """

    attachment: Attachment
    method: Literal["POST"] = "POST"
    url: str
    fields: dict[str, str]
    expires_at: AwareDatetime


class AttachmentLink(Attachment):
    """A file and where it can be seen until `expires_at`; both null while it was not uploaded."""

    url: str | None
    expires_at: AwareDatetime | None


class NewComment(BaseModel):
    """What is to be noted on an issue."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=4000)


@router.get("/issues", summary="Issues to be done, the most urgent first", tags=["issues"])
def list_issues(
    store_id: Annotated[str | None, Query(description="one store; all of yours when left out")] = None,
    status: Annotated[list[IssueStatus] | None, Query(description="only these; all undone when left out")] = None,
    priority: Annotated[list[GivenPriority] | None, Query(description="only these")] = None,
    assignee: Annotated[str | None, Query(description="only those assigned to this person")] = None,
    overdue: Annotated[bool | None, Query(description="only those that are overdue, or are not")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> IssueList:
    """Issues of one store or of all stores the key is for; those done come last, the latest first."""
    wanted = Wanted(status or (), priority or (), assignee, overdue)
    return _listed(issues.list_issues(caller(router), store_id, wanted, limit=limit, cursor=cursor))


@router.get("/orders/<order_id>/issues", summary="Issues of an order", tags=["issues"])
def list_of_order(order_id: OrderId, limit: Limit = 50, cursor: Cursor = None) -> IssueList:
    """All issues of an order, done or not."""
    return _listed(issues.list_of_order(caller(router), order_id, limit=limit, cursor=cursor))


@router.post("/orders/<order_id>/issues", summary="Open an issue", tags=["issues"], status_code=201)
def open_issue(order_id: OrderId, new: Annotated[NewIssue, Body()], key: IdempotencyKey = None) -> Versioned[IssueView]:
    """Notes a complaint about an order, or some of its lines; due_at follows from the priority."""
    return _one(issues.open_issue(caller(router), order_id, new, idempotency_key(key)), 201)


@router.get("/orders/<order_id>/issues/<issue_id>", summary="One issue", tags=["issues"])
def get_issue(order_id: OrderId, issue_id: IssueId) -> Versioned[IssueView]:
    """The issue with its comments and attachments, and its version as ETag."""
    return _one(issues.get_issue(caller(router), order_id, issue_id))


@router.patch("/orders/<order_id>/issues/<issue_id>", summary="Change an issue", tags=["issues"])
def change_issue(
    order_id: OrderId,
    issue_id: IssueId,
    change: Annotated[IssueChange, Body()],
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[IssueView]:
    """Changes what is given. A closed issue is reopened (status `open`) by a store manager."""
    issue = issues.change_issue(
        caller(router),
        order_id,
        issue_id,
        change,
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
    )
    return _one(issue)


@router.post(
    "/orders/<order_id>/issues/<issue_id>/comments", summary="Comment on an issue", tags=["issues"], status_code=201
)
def comment(
    order_id: OrderId,
    issue_id: IssueId,
    new: Annotated[NewComment, Body()],
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[IssueView]:
    """Notes something on an issue; answers the issue with all its comments."""
    issue = issues.comment(
        caller(router),
        order_id,
        issue_id,
        new.text,
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
    )
    return _one(issue, 201)


@router.post(
    "/orders/<order_id>/issues/<issue_id>/attachments", summary="Attach a file", tags=["issues"], status_code=201
)
def attach(
    order_id: OrderId,
    issue_id: IssueId,
    new: Annotated[NewAttachment, Body()],
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[Upload]:
    """Notes a photo or PDF of at most 10 MB on an issue, and answers how to upload it straight to storage."""
    made = attachments.announce(
        caller(router),
        order_id,
        issue_id,
        new,
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
    )
    upload = Upload(
        attachment=made.attachment, url=made.form.url, fields=dict(made.form.fields), expires_at=made.expires_at
    )
    return versioned(upload, made.issue.version, 201)


@router.get("/orders/<order_id>/issues/<issue_id>/attachments/<attachment_id>", summary="Open a file", tags=["issues"])
def open_attachment(
    order_id: OrderId, issue_id: IssueId, attachment_id: Annotated[str, Path(description="att_...")]
) -> AttachmentLink:
    """A link to the file, good for some minutes."""
    opened = attachments.open_attachment(caller(router), order_id, issue_id, attachment_id)
    return AttachmentLink(**dict(opened.attachment), url=opened.link, expires_at=opened.expires_at)


def _one(issue: Issue, status: int = 200) -> Versioned[IssueView]:
    return versioned(issue_view(issue), issue.version, status)


def issue_view(issue: Issue) -> IssueView:
    """An issue as answers show it."""
    return IssueView(
        **{name: getattr(issue, name) for name in Issue.model_fields},
        overdue=issue.is_overdue(now()),
        allowed_statuses=sorted(MOVES[issue.status]),
    )


def _listed(page: IssuePage) -> IssueList:
    return IssueList(issues=[issue_view(issue) for issue in page.issues], next_cursor=page.next_cursor)
