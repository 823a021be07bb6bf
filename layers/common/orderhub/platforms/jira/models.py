"""Webhooks and answers of Jira, as far as they are read.

https://developer.atlassian.com/cloud/jira/platform/webhooks/ ; times inside of fields have an offset without a colon.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from orderhub.platforms.payload import Id, NullAsEmpty, Payload, Text


class Category(Payload):
    """What a status counts as: new, indeterminate, done, rarely undefined."""

    key: Text = None


class Status(Payload):
    """A step of the project's workflow; its name is free text."""

    name: Text = None
    category: Category | None = Field(None, alias="statusCategory")


class Resolution(Payload):
    """How it ended."""

    name: Text = None


class Fields(Payload):
    """Fields of an issue. A comment event has a short set of them."""

    status: Status
    resolution: Resolution | None = None
    updated: Text = None


class Issue(Payload):
    """An issue. id stays; key is another one after a move to another project."""

    id: Id
    key: Text = None
    fields: Fields


class Gone(Payload):
    """An issue that was deleted, or one whose fields are not told."""

    id: Id
    key: Text = None


class User(Payload):
    """Who did it."""

    account_id: Text = Field(None, alias="accountId")
    name: Text = Field(None, alias="displayName")


class Comment(Payload):
    """A comment; its body is text in webhooks."""

    id: Id
    body: Text = None
    author: User | None = None


class Told(Payload):
    """What is told about every event."""

    timestamp: Annotated[int | None, Field(strict=True, ge=0, le=10**15)] = None
    event: Text = Field(None, alias="webhookEvent")
    user: User | None = None
    # Known, and not read: what changed is seen in the issue as it is now.
    kind: Any = Field(None, alias="issue_event_type_name")
    changelog: Any = None
    matched: Any = Field(None, alias="matchedWebhookIds")


class Updated(Told):
    """An issue has changed."""

    issue: Issue
    comment: Any = None


class Deleted(Told):
    """An issue is gone."""

    issue: Gone


class Commented(Told):
    """Somebody has commented."""

    issue: Issue
    comment: Comment


# --- answers ----------------------------------------------------------------------------------------------------------


class Links(Payload):
    """Where a request can be seen: agent is for staff, web for the customer."""

    agent: Text = None


class Created(Payload):
    """What was made: an issue."""

    id: Id
    key: Id
    self: Text = None


class Requested(Payload):
    """What was made: a request of a service desk."""

    id: Id = Field(alias="issueId")
    key: Id = Field(alias="issueKey")
    links: Links | None = Field(None, alias="_links")


class Row(Payload):
    """A row of a search, and what names an issue in it."""

    id: Id
    key: Id


class Found(Payload):
    """A page of a search. A page without a token is the last."""

    issues: Annotated[list[Any], NullAsEmpty] = []
    next_page: Text = Field(None, alias="nextPageToken")
    is_last: bool | None = Field(None, alias="isLast")


class Transition(Payload):
    """A way from where the issue is."""

    id: Id
    name: Text = None
    to: Status | None = None


class Transitions(Payload):
    """The ways there are."""

    transitions: Annotated[list[Transition], NullAsEmpty] = []


class IssueType(Payload):
    """A type of issue that the account may make in the project."""

    id: Id
    name: Text = None


class IssueTypes(Payload):
    """All of them."""

    types: Annotated[list[IssueType], NullAsEmpty] = Field([], alias="issueTypes")


class RequestField(Payload):
    """A field of a request type."""

    id: Id = Field(alias="fieldId")
    required: bool | None = None


class RequestFields(Payload):
    """All of them that are not hidden."""

    fields: Annotated[list[RequestField], NullAsEmpty] = Field([], alias="requestTypeFields")
