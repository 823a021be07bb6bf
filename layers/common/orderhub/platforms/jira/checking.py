"""Whether a connection works: the account is let in, and the project takes tickets of this kind."""

from __future__ import annotations

from orderhub.errors import Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.base import Done, M, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.jira import models
from orderhub.platforms.jira.config import JiraConnection
from orderhub.platforms.jira.refusals import NOT_FOUND
from orderhub.platforms.pieces import path_part

_OURS = frozenset({"summary", "description"})


def verify_connection(connection: JiraConnection, http: Http) -> Done:
    """Reads which tickets can be opened; tells what in the settings does not fit. Raises Misconfigured, Retry."""
    notes = (_of_desk if connection.settings.service_desk_id else _of_project)(connection, http)
    return Done("; ".join([*notes, *_of_webhooks(connection)]))


def _of_project(connection: JiraConnection, http: Http) -> list[str]:
    settings = connection.settings
    path = f"/rest/api/3/issue/createmeta/{path_part(settings.project)}/issuetypes"
    types = _read(models.IssueTypes, path, f"there is no project {settings.project}", http).types
    names = ", ".join(f"{one.name} ({one.id})" for one in types)
    if not types:
        raise Misconfigured(f"the account may open no issues in {settings.project}")
    if not any(settings.issue_type in (one.id, one.name) for one in types):
        return [f"{settings.project} has no issue type {settings.issue_type!r}: it has {names}"]
    return [f"project {settings.project}, issue type {settings.issue_type}"]


def _of_desk(connection: JiraConnection, http: Http) -> list[str]:
    settings = connection.settings
    desk, kind = settings.service_desk_id, settings.request_type_id
    path = f"/rest/servicedeskapi/servicedesk/{desk}/requesttype/{kind}/field"
    fields = _read(models.RequestFields, path, f"service desk {desk} has no request type {kind}", http).fields
    filled = _OURS | set(settings.request_fields) | set(settings.extra_fields)
    unknown = sorted(filled - {one.id for one in fields})
    missing = sorted(one.id for one in fields if one.required and one.id not in filled)
    notes = [f"request type {kind} of service desk {desk}, project {settings.project}"]
    notes += [f"it has no field {', '.join(unknown)}: see request_fields and extra_fields"] if unknown else []
    return notes + ([f"it asks for {', '.join(missing)}: see extra_fields"] if missing else [])


def _of_webhooks(connection: JiraConnection) -> list[str]:
    known, settings = connection.credentials, connection.settings
    notes = []
    if not known.webhook_secrets and not (settings.secret_header and known.header_secrets):
        notes.append("no webhook secret is set, so changes are heard of by the poll alone")
    if not settings.account_id:
        notes.append("account_id is not set, so the hub hears of what it did itself")
    return notes


def _read(model: type[M], path: str, nothing: str, http: Http) -> M:
    try:
        return parse_as(model, http.request("GET", path).json())
    except Reject as refusal:
        if refusal.code == NOT_FOUND:
            raise Misconfigured(f"{nothing}, or the account does not see it") from None
        raise
    except Quarantine as error:
        raise Retry(f"Jira did not answer as its API does: {error}") from None
