"""The project that the stand-in for Jira holds: issues, their workflow and comments, and what is told of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.standins.samples import jira as samples
from local.standins.samples.jira import AGENT, BOT, Account
from local.standins.samples.kitchen import identity
from local.standins.vendor import Clock, Json, Refused

Settings = Mapping[str, Any]

# Id, name, where to, from where.
TRANSITIONS = (
    ("11", "Put back", "To Do", ("In Progress",)),
    ("21", "Start work", "In Progress", ("To Do",)),
    ("31", "Resolve", "Done", ("To Do", "In Progress")),
    ("41", "Reopen", "To Do", ("Done",)),
)


def invalid(*messages: str, **fields: str) -> Refused:
    """400 in Jira's shape."""
    return Refused(400, {"errorMessages": list(messages), "errors": fields})


def no_issue() -> Refused:
    """404 in Jira's shape: there is none, or it is not to be seen."""
    message = "Issue does not exist or you do not have permission to see it."
    return Refused(404, {"errorMessages": [message], "errors": {}})


def no_field(name: str) -> str:
    """Why a field cannot be set."""
    return f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."


@dataclass
class Site:
    """Everything the stand-in remembers. told: every event, the oldest first; untold: those to be sent."""

    clock: Clock
    issues: dict[str, Json] = field(default_factory=dict)
    told: list[Json] = field(default_factory=list)
    untold: list[Json] = field(default_factory=list)
    last_id: int = 100_100

    def next_id(self) -> str:
        """A number that no other thing here has."""
        self.last_id += 1
        return str(self.last_id)

    def issue(self, id_or_key: str) -> Json:
        """An issue by either name. Raises Refused 404."""
        found = next((one for one in self.issues.values() if id_or_key in (one["id"], one["key"])), None)
        if found is None:
            raise no_issue()
        return found

    def create(self, by: Account, **told: Any) -> Json:
        """A new issue, in the first status of the workflow."""
        number, now = self.next_id(), samples.jira_time(self.clock())
        issue: Json = {
            "id": number,
            "key": f"{samples.PROJECT}-{int(number) - 100_000}",
            "summary": "",
            "description": None,
            "issuetype": "Task",
            "priority": "Medium",
            "labels": [],
            "components": [],
            "status": "To Do",
            "resolution": None,
            "comments": [],
            "properties": {},
            "request": None,
            "created_at": self.clock().isoformat(),
            "created": now,
            **told,
        }
        self.issues[number] = issue
        self._touch(issue)
        self.tell("jira:issue_created", issue, by, kind="issue_created")
        return issue

    def edit(self, issue: Json, by: Account, changes: Mapping[str, Any]) -> None:
        """Replace fields."""
        items = [_item(name, issue[name], value) for name, value in changes.items() if issue[name] != value]
        issue.update(changes)
        self._touch(issue)
        if items:
            self.tell("jira:issue_updated", issue, by, kind="issue_updated", items=items)

    def ways(self, issue: Json) -> list[tuple[str, str, str]]:
        """The transitions from where it is: id, name, where to."""
        return [(number, name, to) for number, name, to, start in TRANSITIONS if issue["status"] in start]

    def move(self, issue: Json, to: str, by: Account, settings: Settings, **more: Any) -> None:
        """Another status, and the resolution that the workflow gives or takes; `resolution` says otherwise."""
        category, before = samples.STATUSES[to][1], (issue["resolution"], issue["status"])
        if "resolution" in more:
            issue["resolution"] = more["resolution"]
        elif category == "done" and settings["sets_resolution"]:
            issue["resolution"] = "Done"
        elif category != "done" and settings["clears_resolution"]:
            issue["resolution"] = None
        issue["status"] = to
        self._touch(issue)
        after = (issue["resolution"], issue["status"])
        items = [
            _item(name, old, new)
            for name, old, new in zip(("resolution", "status"), before, after, strict=True)
            if old != new
        ]
        self.tell("jira:issue_updated", issue, by, kind="issue_generic", items=items)

    def comment(self, issue: Json, body: Any, by: Account, *, public: bool) -> Json:
        """A comment."""
        now = samples.jira_time(self.clock())
        told = {"id": self.next_id(), "body": body, "author": by.account_id, "public": public, "created": now}
        issue["comments"].append(told)
        self._touch(issue)
        self.tell("comment_created", issue, by, comment=told)
        return told

    def delete(self, issue: Json, by: Account) -> None:
        """Gone for good."""
        del self.issues[issue["id"]]
        self.tell("jira:issue_deleted", issue, by)

    def shown(self, issue: Json, lag_seconds: float) -> bool:
        """Whether a search has it already."""
        created = datetime.fromisoformat(issue["created_at"])
        return self.clock() - created >= timedelta(seconds=lag_seconds)

    def tell(self, name: str, issue: Json, by: Account, **more: Any) -> None:
        """Note an event for the webhook."""
        body = copy.deepcopy(samples.event(name, issue, self.clock(), by, **more))
        number = len(self.told) + 1
        event = {"issue": issue["id"], "body": body, "identifier": identity("jira-event", number), "sent": 0}
        self.told.append(event)
        self.untold.append(event)

    def _touch(self, issue: Json) -> None:
        issue["updated"] = samples.jira_time(self.clock())
        issue["updated_at"] = self.clock().isoformat()


def account(name: str | None) -> Account:
    """Who does something on the vendor's side: the agent, unless it is said to be the hub's account."""
    return BOT if name == BOT.account_id else AGENT


def _item(name: str, before: Any, after: Any) -> Json:
    old, new = (None if one is None else one if isinstance(one, str) else " ".join(one) for one in (before, after))
    return {"field": name, "fieldId": name, "fieldtype": "jira", "fromString": old, "toString": new}
