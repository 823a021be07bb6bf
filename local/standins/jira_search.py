"""The part of JQL that is asked of the stand-in for Jira: clauses on project, labels, description and time of change.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-jql-post
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from local.standins.jira_site import Site, invalid
from local.standins.samples import jira as samples
from local.standins.vendor import Json

Test = Callable[[Json], bool]

LARGEST_PAGE = 5000
SMALLEST_ANSWER = 50
_ORDER = re.compile(r"\s+ORDER BY (created|updated) (ASC|DESC)$")
_CLAUSE = re.compile(r'(project|labels|description|updated) (=|~|>=) (?:"((?:[^"\\]|\\.)*)"|(-?[\w-]+))')


def search(site: Site, body: Json, lag_seconds: float) -> Json:
    """A page of the issues that fit. Raises Refused 400."""
    jql = str(body.get("jql", ""))
    order = _ORDER.search(jql)
    test = _all_of(jql[: order.start()] if order else jql, site.clock())
    found = [one for one in site.issues.values() if site.shown(one, lag_seconds) and test(one)]
    if order:
        found.sort(key=lambda one: str(one[f"{order[1]}_at"]), reverse=order[2] == "DESC")
    size = min(int(body.get("maxResults", SMALLEST_ANSWER)), LARGEST_PAGE)
    first = _offset(body.get("nextPageToken"), jql)
    rows, more = found[first : first + size], first + size < len(found)
    page: Json = {"issues": [row(one, body.get("fields", ["id"])) for one in rows], "isLast": not more}
    return {**page, "nextPageToken": _token(first + size, jql)} if more else page


def row(issue: Json, names: list[str]) -> Json:
    """An issue with the fields that were asked for; without any it is but named."""
    head = {"id": issue["id"], "key": issue["key"], "self": f"{samples.SITE_URL}/rest/api/3/issue/{issue['id']}"}
    everything = {**samples.fields(issue), "description": issue["description"], "comment": _comments(issue)}
    fields = {name: everything[name] for name in names if name in everything}
    return {**head, "fields": fields} if fields else head


def _comments(issue: Json) -> Json:
    rows = [{"id": one["id"], "body": one["body"], "jsdPublic": one["public"]} for one in issue["comments"]]
    return {"comments": rows, "maxResults": len(rows), "total": len(rows), "startAt": 0}


def _all_of(text: str, now: datetime) -> Test:
    if not text.strip():
        raise invalid("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    tests = [_any_of(part, now) for part in text.split(" AND ")]
    return lambda issue: all(test(issue) for test in tests)


def _any_of(text: str, now: datetime) -> Test:
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    tests = [_clause(part, now) for part in inner.split(" OR ")]
    return lambda issue: any(test(issue) for test in tests)


def _clause(text: str, now: datetime) -> Test:
    found = _CLAUSE.fullmatch(text)
    if found is None:
        raise invalid(f"Error in the JQL Query: {text!r} is not understood.")
    name, sign, quoted, bare = found.groups()
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
    match name, sign:
        case "project", "=":
            return lambda issue: issue["key"].partition("-")[0] == value
        case "labels", "=":
            return lambda issue: value in issue["labels"]
        case "description", "~":
            return lambda issue: value.strip('"') in samples.plain(issue["description"])
        case "updated", ">=":
            since = now - _ago(value)
            return lambda issue: datetime.fromisoformat(issue["updated_at"]) >= since
    raise invalid(f"The operator '{sign}' is not supported by the '{name}' field.")


def _ago(value: str) -> timedelta:
    if not re.fullmatch(r"-\d+m", value):
        raise invalid(f"Date value '{value}' for field 'updated' is invalid.")
    return timedelta(minutes=int(value[1:-1]))


def _token(offset: int, jql: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, jql]).encode()).decode()


def _offset(token: Any, jql: str) -> int:
    """Where a page begins; its token belongs to the very search it came from."""
    if token is None:
        return 0
    try:
        offset, known = json.loads(base64.urlsafe_b64decode(str(token)))
    except (TypeError, ValueError):
        raise invalid("The provided next page token is invalid or has expired.") from None
    if known != jql:
        raise invalid("The provided next page token is invalid or has expired.")
    return int(offset)
