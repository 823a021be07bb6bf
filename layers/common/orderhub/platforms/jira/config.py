"""What a connection to Jira needs, and what can be chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from orderhub.errors import Misconfigured
from orderhub.order.issues import Priority
from orderhub.platforms.base import Connection, Credentials, Settings

# Where tokens with scopes are good, and nowhere else (Atlassian support: Manage API tokens for service accounts).
GATEWAY = "api.atlassian.com"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


Url = Annotated[str, Field(max_length=500), AfterValidator(_without_slash)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=100)]
Number = Annotated[str, Field(pattern=r"^[0-9]*$", max_length=20)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


class JiraCredentials(Credentials):
    """email, api_token: of the account that opens the tickets.

    webhook_secrets: of the webhook in Jira, the newest first; any of them proves a request. header_secrets: the same of
    an Automation rule, which sends it as it is.
    """

    email: str = ""
    api_token: SecretStr | None = None
    webhook_secrets: tuple[SecretStr, ...] = ()
    header_secrets: tuple[SecretStr, ...] = ()


class JiraSettings(Settings):
    """Choices for one project. A status or transition is never known by name, unless a setting here names it."""

    base_url: Url = Field("", description="https://<site>.atlassian.net; with a scoped token the gateway's URL")
    site_url: Url = Field("", description="Where people open tickets, if that is not base_url")
    project_key: str = Field("", pattern=r"^([A-Z][A-Z0-9_]*)?$", max_length=50, description="The project: OPS")
    issue_type: str = Field("Task", min_length=1, max_length=100, description="Its issue type, by name or id")
    service_desk_id: Number = Field("", description="Open requests of this service desk, in place of plain issues")
    request_type_id: Number = Field("", validate_default=True, description="The type of those requests")
    request_fields: tuple[Literal["labels", "priority"], ...] = Field(
        (), description="Fields that the request type has, beside summary and description"
    )
    raise_on_behalf_of: str = Field("", max_length=200, description="Account id of the customer of a request")
    request_participants: tuple[str, ...] = Field((), description="Account ids of those who shall see a request, too")
    components: tuple[str, ...] = Field((), description="Components of an issue, by name")
    extra_fields: Mapping[str, Any] = Field({}, description="Further fields the project asks for, as Jira wants them")
    priorities: Mapping[Priority, str] = Field(
        {Priority.LOW: "Low", Priority.MEDIUM: "Medium", Priority.HIGH: "High", Priority.URGENT: "Highest"},
        description="Jira's name of each priority; one left out is not told",
    )
    label: Label = Field("orderhub", description="The label of every ticket; each has one of its own that starts so")
    find_by_text: bool = Field(
        default=True, description="Look for a ticket by its reference in the description, too, and not by label alone"
    )
    hidden_facts: tuple[str, ...] = Field(
        ("phone", "telephone", "mobile", "address", "mail", "email", "card"),
        description="Facts with one of these words in their name are not written into tickets",
    )
    resolve_transition: str = Field("", max_length=100, description="The transition that resolves, by name or id")
    reopen_transition: str = Field("", max_length=100, description="The transition that reopens, by name or id")
    resolution: str = Field("", max_length=100, description="The resolution to set, where the transition asks for one")
    account_id: str = Field("", max_length=200, description="The hub's own account: what it did is no news")
    secret_header: str = Field(
        "", pattern=r"^[A-Za-z0-9-]*$", max_length=100, description="Header in which an Automation rule has its secret"
    )
    poll_minutes: Minutes = Field(5, description="How often to look for changes; 0 for never")
    poll_overlap_minutes: Minutes = Field(10, description="How much each look sees again: search lags behind")
    poll_page_size: int = Field(100, ge=1, le=5000, description="Tickets a page")
    first_poll_hours: int = Field(24, ge=1, le=24 * 31, description="How far back the first look goes")

    @field_validator("request_type_id")
    @classmethod
    def _of_a_desk(cls, value: str, info: ValidationInfo) -> str:
        if bool(value) != bool(info.data.get("service_desk_id")):
            raise ValueError("service_desk_id and request_type_id belong together")
        return value

    @property
    def project(self) -> str:
        """The project's key. Raises Misconfigured when none is set."""
        if not self.project_key:
            raise Misconfigured("set project_key: the key of the project for tickets")
        return self.project_key

    @property
    def people_url(self) -> str:
        """Where people open tickets; empty when that is not known, as the gateway's address does not tell."""
        return self.site_url or ("" if urlsplit(self.base_url).hostname == GATEWAY else self.base_url)


JiraConnection = Connection[JiraCredentials, JiraSettings]
