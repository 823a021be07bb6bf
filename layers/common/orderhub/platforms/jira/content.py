"""What a ticket says in Jira: its fields as an issue, and as a request of a service desk. Pure.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post
https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/#api-rest-servicedeskapi-request-post
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from orderhub.order.ids import digest
from orderhub.order.times import sortable
from orderhub.platforms.jira import adf
from orderhub.platforms.jira.config import JiraSettings
from orderhub.platforms.targets import Ticket

Json = dict[str, Any]

LONGEST_SUMMARY = 255
LONGEST_TEXT = 20_000  # characters, well within what Jira takes; the hub has the whole of it
LONGEST_FACT = 1_000
PROPERTY = "orderhub"
DROPPABLE = frozenset({"labels", "priority", "components", "description"})
"""Fields that a ticket can do without, if the project will not have them."""


def labels(ticket: Ticket, settings: JiraSettings) -> list[str]:
    """The label that all tickets have, and the one that no other has."""
    return [settings.label, reference(ticket, settings)]


def reference(ticket: Ticket, settings: JiraSettings) -> str:
    """What tells the ticket from all others, the same however often it is tried: a label, so without blanks."""
    return f"{settings.label}-k-{digest(ticket.key)}"


def summary(ticket: Ticket) -> str:
    """The title on one line."""
    return cut(" ".join(ticket.title.split()), LONGEST_SUMMARY) or "Ticket"


def cut(text: str, longest: int) -> str:
    """The text, cut where it is too long."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def facts(ticket: Ticket, settings: JiraSettings) -> dict[str, str]:
    """What staff need to know; whoever sees the project reads it, so nothing of the settings' `hidden_facts`."""
    hidden = {word.casefold() for word in settings.hidden_facts}
    return {
        name: cut(value, LONGEST_FACT)
        for name, value in ticket.facts.items()
        if value and hidden.isdisjoint(re.findall(r"[^\W_]+", name.casefold()))
    }


def issue(ticket: Ticket, settings: JiraSettings) -> Json:
    """The body of POST /rest/api/3/issue. What is empty is left out."""
    priority = settings.priorities.get(ticket.priority)
    fields: Json = {
        **settings.extra_fields,  # ours count, whatever these say
        "project": {"key": settings.project},
        "issuetype": _by_id_or_name(settings.issue_type),
        "summary": summary(ticket),
        "description": adf.document(
            [
                *adf.paragraphs(cut(ticket.text, LONGEST_TEXT)),
                *adf.facts(facts(ticket, settings)),
                *adf.links(ticket.links),
                adf.code(reference(ticket, settings)),
            ]
        ),
        "labels": labels(ticket, settings),
        **({"priority": {"name": priority}} if priority else {}),
        **({"components": [{"name": name} for name in settings.components]} if settings.components else {}),
    }
    value = {"ticket_key": ticket.key, "opened_at": sortable(ticket.opened_at)}
    return {"fields": fields, "properties": [{"key": PROPERTY, "value": value}]}


def least(body: Json, refused: Iterable[str], ticket: Ticket, settings: JiraSettings) -> Json | None:
    """The same with what a ticket must have, without the fields that were refused by name.

    None when a field was refused that it cannot do without: only a person can help.
    """
    named = frozenset(refused)
    if not named <= DROPPABLE:
        return None
    plain = adf.document([*adf.paragraphs(text(ticket, settings))])
    fields = {name: value for name, value in body["fields"].items() if name not in named | {"priority", "components"}}
    return {"fields": {**fields, **({"description": plain} if "description" in fields else {})}}


def request(ticket: Ticket, settings: JiraSettings) -> Json:
    """The body of POST /rest/servicedeskapi/request. What is empty is left out."""
    priority = settings.priorities.get(ticket.priority)
    can = settings.request_fields
    values: Json = {
        **settings.extra_fields,
        "summary": summary(ticket),
        "description": text(ticket, settings),
        **({"labels": labels(ticket, settings)} if "labels" in can else {}),
        **({"priority": {"name": priority}} if "priority" in can and priority else {}),
    }
    people: Mapping[str, Any] = {
        "raiseOnBehalfOf": settings.raise_on_behalf_of,
        "requestParticipants": list(settings.request_participants),
    }
    return {
        "serviceDeskId": settings.service_desk_id,
        "requestTypeId": settings.request_type_id,
        "isAdfRequest": False,
        "requestFieldValues": values,
        **{name: value for name, value in people.items() if value},
    }


def least_request(body: Json, refused: Iterable[str]) -> Json | None:
    """The same without labels and priority. None when they are not what was refused."""
    values, named = body["requestFieldValues"], frozenset(refused)
    kept = {name: value for name, value in values.items() if name not in ("labels", "priority")}
    if kept == values or not named <= {"labels", "priority"}:
        return None
    return {**body, "requestFieldValues": kept}


def text(ticket: Ticket, settings: JiraSettings) -> str:
    """All of it as plain text, for where there are no documents."""
    told = {**facts(ticket, settings), **ticket.links}
    lines = [f"{name}: {value}" for name, value in told.items()]
    urgency = f"Priority: {ticket.priority}"
    parts = [cut(ticket.text, LONGEST_TEXT), "\n".join([*lines, urgency]), reference(ticket, settings)]
    return "\n\n".join(part for part in parts if part)


def _by_id_or_name(text: str) -> Json:
    return {"id": text} if text.isdecimal() else {"name": text}
