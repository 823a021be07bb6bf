"""What Jira takes as the fields of an issue, and what as a document.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.standins.jira_site import invalid, no_field
from local.standins.samples import jira as samples
from local.standins.vendor import Json

LONGEST_SUMMARY = 255
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
NO_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
_BLOCKS = {
    "paragraph": {"text", "hardBreak"},
    "heading": {"text", "hardBreak"},
    "codeBlock": {"text"},
    "bulletList": {"listItem"},
    "listItem": {"paragraph", "bulletList", "codeBlock"},
    "rule": set[str](),
    "doc": {"paragraph", "heading", "codeBlock", "bulletList", "rule"},
}
_MARKS = frozenset({"strong", "em", "code", "link"})


def is_document(node: Any) -> bool:
    """Whether it is a document of version 1 whose nodes stand where they may, without an empty text."""
    return isinstance(node, dict) and node.get("type") == "doc" and node.get("version") == 1 and _is_sound(node)


def _is_sound(node: Json) -> bool:
    kind = node.get("type")
    if kind == "text":
        return bool(node.get("text")) and all(map(_is_mark, node.get("marks", ())))
    if kind == "hardBreak":
        return True
    allowed = _BLOCKS.get(str(kind))
    inner = node.get("content", [])
    return allowed is not None and all(one.get("type") in allowed and _is_sound(one) for one in inner)


def _is_mark(mark: Json) -> bool:
    href = mark.get("attrs", {}).get("href", "")
    return mark.get("type") in _MARKS and (mark["type"] != "link" or href.startswith(("http://", "https://")))


def check_issue(fields: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Raise Refused 400 unless an issue can be made of these fields: all that is wrong is told at once."""
    wrong = {name: why for name in fields if (why := _fault(name, fields[name], settings))}
    needed = ("project", "issuetype", "summary", *settings["required_fields"])
    wrong |= {name: f"{name} is required." for name in needed if name not in fields}
    if wrong:
        raise invalid(**wrong)


def _fault(name: str, value: Any, settings: Mapping[str, Any]) -> str | None:
    check = _CHECKS.get(name)
    on_screen = name in settings["screen"] or name in ("project", "issuetype", "summary", *settings["required_fields"])
    if not on_screen:
        return no_field(name)
    return check(value) if check is not None else None


def _project(value: Any) -> str | None:
    return None if value == {"key": samples.PROJECT} else "valid project is required"


def _issue_type(value: Any) -> str | None:
    return None if value in ({"name": "Task"}, {"id": "10011"}) else "Specify a valid issue type"


def _summary(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return "You must specify a summary of the issue."
    if "\n" in value or "\r" in value:
        return "The summary is invalid because it contains newline characters."
    return f"Summary can't exceed {LONGEST_SUMMARY} characters." if len(value) > LONGEST_SUMMARY else None


def _document(value: Any) -> str | None:
    return None if is_document(value) else NO_DOCUMENT


def _labels(value: Any) -> str | None:
    if not isinstance(value, list):
        return "data was not an array"
    spaced = [one for one in value if not isinstance(one, str) or " " in one]
    return f"The label '{spaced[0]}' contains spaces which is invalid." if spaced else None


def _priority(value: Any) -> str | None:
    known = isinstance(value, dict) and value.get("name") in PRIORITIES
    return None if known else "Specify a valid 'id' or 'name' for Priority"


def _components(value: Any) -> str | None:
    known = isinstance(value, list) and all(isinstance(one, dict) and one.get("name") == "Orders" for one in value)
    return None if known else "Component name is not valid"


_CHECKS = {
    "project": _project,
    "issuetype": _issue_type,
    "summary": _summary,
    "description": _document,
    "labels": _labels,
    "priority": _priority,
    "components": _components,
}
