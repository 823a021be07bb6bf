"""Issues of a Jira site and what its webhooks say of them, with values of our own.

Field names follow Jira's webhooks (https://developer.atlassian.com/cloud/jira/platform/webhooks/) and its REST API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from local.standins.samples.kitchen import compact

Json = dict[str, Any]

SITE_URL = "https://corner-kitchen.atlassian.net"
PROJECT = "OPS"
SITE_ZONE = ZoneInfo("America/Chicago")
COMMON = "orderhub"
"""The label that tickets of the hub have."""

wire = compact


@dataclass(frozen=True)
class Account:
    """Somebody with an account on the site."""

    account_id: str
    name: str
    email: str


BOT = Account("712020:demo-hub", "Orderhub", "bot@example.com")
AGENT = Account("712020:demo-agent", "Noor Hadley", "noor@example.com")

STATUSES: Mapping[str, tuple[str, str]] = {
    "To Do": ("10001", "new"),
    "In Progress": ("3", "indeterminate"),
    "Done": ("10002", "done"),
}
"""The project's statuses: id and category."""

_CATEGORIES = {"new": (2, "To Do"), "indeterminate": (4, "In Progress"), "done": (3, "Done")}
_RESOLUTION_IDS = {"Done": "10000", "Won't Do": "10001"}
_PRIORITY_IDS = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}


def jira_time(at: datetime) -> str:
    """A time as Jira writes it inside of fields: on the site's clock, its offset without a colon."""
    return at.astimezone(SITE_ZONE).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + at.astimezone(SITE_ZONE).strftime("%z")


def status(name: str) -> Json:
    """A status as fields have it."""
    number, category = STATUSES[name]
    category_id, category_name = _CATEGORIES[category]
    return {"id": number, "name": name, "statusCategory": {"id": category_id, "key": category, "name": category_name}}


def resolution(name: str | None) -> Json | None:
    """A resolution as fields have it, null for none."""
    return None if name is None else {"id": _RESOLUTION_IDS.get(name, "10009"), "name": name}


def person(account: Account) -> Json:
    """An account as events have it, most often without a mail address."""
    return {"accountId": account.account_id, "displayName": account.name, "active": True}


def priority(name: str | None) -> Json | None:
    """A priority as fields have it, null for none."""
    return None if name is None else {"id": _PRIORITY_IDS.get(name, "9"), "name": name}


def project() -> Json:
    """The one project of the site."""
    return {"id": "10000", "key": PROJECT, "name": "Operations", "projectTypeKey": "software"}


def plain(node: Any) -> str:
    """The text in a document: webhooks carry text."""
    if isinstance(node, str) or node is None:
        return node or ""
    inner = "".join(map(plain, node.get("content", ())))
    ends = "\n" if node.get("type") in ("paragraph", "hardBreak", "heading") else ""
    return str(node.get("text", "")) + inner + ends


def short_fields(issue: Json) -> Json:
    """The fields that a comment event has."""
    return {
        "summary": issue["summary"],
        "issuetype": {"id": "10011", "name": issue["issuetype"], "subtask": False},
        "project": project(),
        "assignee": None,
        "priority": priority(issue["priority"]),
        "status": status(issue["status"]),
    }


def fields(issue: Json) -> Json:
    """All of them."""
    resolved = issue["resolution"] is not None
    return {
        **short_fields(issue),
        "description": plain(issue["description"]).strip(),
        "labels": list(issue["labels"]),
        "components": [{"name": name} for name in issue["components"]],
        "resolution": resolution(issue["resolution"]),
        "resolutiondate": issue["updated"] if resolved else None,
        "created": issue["created"],
        "updated": issue["updated"],
        "reporter": person(BOT),
    }


def event(name: str, issue: Json, at: datetime, by: Account, **more: Any) -> Json:
    """The body of a webhook. more: `kind` of an update, its `items` of the changelog, the `comment`."""
    commented = name.startswith("comment_")
    body: Json = {"timestamp": int(at.timestamp() * 1000), "webhookEvent": name}
    if "kind" in more:
        body["issue_event_type_name"] = more["kind"]
    if not commented:
        body["user"] = person(by)
    else:
        body["comment"] = comment(more["comment"])
    shown = short_fields(issue) if commented else fields(issue)
    url = f"{SITE_URL}/rest/api/2/issue/{issue['id']}"
    body["issue"] = {"id": issue["id"], "self": url, "key": issue["key"], "fields": shown}
    if "items" in more:
        body["changelog"] = {"id": str(10_000 + int(at.timestamp()) % 10_000), "items": more["items"]}
    return body


def comment(told: Json) -> Json:
    """A comment as events have it."""
    account = BOT if told["author"] == BOT.account_id else AGENT
    return {
        "id": told["id"],
        "author": person(account),
        "updateAuthor": person(account),
        "body": plain(told["body"]).strip(),
        "created": told["created"],
        "updated": told["created"],
        "jsdPublic": told["public"],
    }


def headers(identifier: str, *, retry: int = 0, flow: str = "Primary") -> dict[str, str]:
    """What comes with a webhook, apart from its proof. retry: how often it was sent before."""
    again = {"X-Atlassian-Webhook-Retry": str(retry)} if retry else {}
    return {
        "Content-Type": "application/json",
        "User-Agent": "Atlassian Webhook HTTP Client",
        "X-Atlassian-Webhook-Identifier": identifier,
        "X-Atlassian-Webhook-Flow": flow,
        **again,
    }
