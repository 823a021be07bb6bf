"""Jira Cloud and Jira Service Management: where the hub opens tickets, and hears that they are resolved.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured, NotAuthentic
from orderhub.platforms.base import Connection, Operation, Reading
from orderhub.platforms.http_types import Call, Reply, Request
from orderhub.platforms.jira import webhook
from orderhub.platforms.jira.config import JiraCredentials, JiraSettings
from orderhub.platforms.signing import Hmac, StaticToken
from orderhub.platforms.targets import TargetOperation, TicketDesk

# https://developer.atlassian.com/cloud/jira/platform/webhooks/ : over the raw body, as `method=signature`; only this
# method proves anything.
SIGNATURE = Hmac(("x-hub-signature",), prefix="sha256=")


# https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/ : a search lags by seconds to minutes.
SHOWN_AFTER = timedelta(seconds=90)


class Jira(TicketDesk[JiraCredentials, JiraSettings]):
    """A project of a Jira site, or a request type of its service desk."""

    slug: ClassVar[str] = "jira"
    name: ClassVar[str] = "Jira"
    docs_url: ClassVar[str] = "https://developer.atlassian.com/cloud/jira/platform/rest/v3/"
    poll_every: ClassVar[timedelta | None] = timedelta(minutes=5)
    shown_after: ClassVar[timedelta] = SHOWN_AFTER
    calls: ClassVar[Mapping[Any, str]] = {
        Operation.POLL: "polling.poll",
        Operation.VERIFY_CONNECTION: "checking.verify_connection",
        TargetOperation.FIND_TICKET: "tickets.find_ticket",
        TargetOperation.OPEN_TICKET: "tickets.open_ticket",
        TargetOperation.COMMENT_TICKET: "comments.comment_ticket",
        TargetOperation.RESOLVE_TICKET: "moves.resolve_ticket",
        TargetOperation.REOPEN_TICKET: "moves.reopen_ticket",
    }
    Credentials = JiraCredentials
    Settings = JiraSettings

    def credentials_for(self, secret: str) -> JiraCredentials:
        """Credentials with this webhook secret and nothing else."""
        return JiraCredentials(webhook_secrets=(SecretStr(secret),))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """HMAC-SHA256 of the raw body; else, of an Automation rule, the secret in its header. Raises NotAuthentic."""
        if not request.body:
            raise NotAuthentic("no body")
        name = connection.settings.secret_header
        if name and SIGNATURE.headers[0] not in request.headers:
            StaticToken("header", name).verify(request, _texts(connection.credentials.header_secrets))
        else:
            SIGNATURE.verify(request, request.body, _texts(connection.credentials.webhook_secrets))

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the proof of a webhook, or of a rule where no webhook has a secret. Raises Misconfigured."""
        secrets = _texts(connection.credentials.webhook_secrets)
        if secrets:
            return request.with_headers(SIGNATURE.sign(request.body, secrets[0]))
        name, secrets = connection.settings.secret_header, _texts(connection.credentials.header_secrets)
        if not (name and secrets):
            raise Misconfigured("this connection to Jira has no webhook secret")
        return request.with_headers(StaticToken("header", name).sign(secrets[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The message in an authentic request. Raises Quarantine."""
        return webhook.read(request, connection)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def poll_interval(self, settings: Any) -> timedelta | None:
        """As the settings say; None for a connection that hears of everything by webhook."""
        return timedelta(minutes=settings.poll_minutes) if settings.poll_minutes else None

    def base_url(self, connection: Connection[Any, Any]) -> str:
        """The site, or the gateway for tokens with scopes. Raises Misconfigured when no site is set."""
        if not connection.settings.base_url:
            raise Misconfigured("set base_url: https://<site>.atlassian.net")
        return str(connection.settings.base_url)

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """HTTP Basic with the account's mail address and its API token. Raises Misconfigured when there is none.

        https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/
        """
        known = connection.credentials
        if not known.email or known.api_token is None:
            raise Misconfigured("Jira needs the email and api_token of an account")
        pair = f"{known.email}:{known.api_token.get_secret_value()}"
        return call.with_headers({"Authorization": "Basic " + b64encode(pair.encode()).decode()})

    def is_refusal(self, reply: Reply) -> bool:
        """Anything but success: also a redirect, which a site that was renamed answers."""
        return not 200 <= reply.status < 300

    def refusal(self, reply: Reply) -> HubError:
        """The error in Jira's error body."""
        from orderhub.platforms.jira import refusals  # noqa: PLC0415  (webhooks call nobody)

        return refusals.error_of(reply)


def _texts(secrets: tuple[SecretStr, ...]) -> list[str]:
    return [text for secret in secrets if (text := secret.get_secret_value())]


PLATFORM = Jira()
