"""Looking for changes of tickets that no webhook told.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-jql-post
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Quarantine, Reject
from orderhub.order.ids import digest
from orderhub.order.messages import InboundMessage, TicketReport, Unreadable
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Page, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.jira import models
from orderhub.platforms.jira.config import JiraConnection
from orderhub.platforms.jira.refusals import INVALID
from orderhub.platforms.jira.statuses import state_of
from orderhub.platforms.jira.tickets import found


def poll(cursor: Mapping[str, str], connection: JiraConnection, http: Http, now: datetime) -> Page:
    """One page of the hub's tickets that changed since the last run.

    cursor: `since`, up to where all is seen; while a run is under way also its `end`, how many `minutes` back it looks,
    and Jira's `page`. A time of day in a search is on the account's clock, so it is asked for in minutes before now;
    that they move on while pages are read is less than the overlap. Raises Retry, Reject, Misconfigured.
    """
    run = dict(cursor) if "page" in cursor else _new_run(cursor, connection, now)
    settings = connection.settings
    window = f"updated >= -{run['minutes']}m"
    body: dict[str, Any] = {
        "jql": f'project = "{settings.project}" AND labels = "{settings.label}" AND {window} ORDER BY updated ASC',
        "fields": ["status", "resolution", "labels", "updated"],
        "maxResults": settings.poll_page_size,
        **({"nextPageToken": run["page"]} if "page" in run else {}),
    }
    try:
        page = found(http.request("POST", "/rest/api/3/search/jql", json=body))
    except Reject as refusal:
        if refusal.code != INVALID or "page" not in run or "again" in run:
            raise
        # A token is good for a week alone: the run begins anew.
        return Page([], {"since": run["since"], "again": "1"}, more=True)
    messages = [_message(row) for row in page.issues]
    if page.next_page and not page.is_last:
        return Page(messages, {**run, "page": page.next_page}, more=True)
    return Page(messages, {"since": run["end"]})


def _new_run(cursor: Mapping[str, str], connection: JiraConnection, now: datetime) -> dict[str, str]:
    settings = connection.settings
    first = timedelta(hours=settings.first_poll_hours)
    since = parse_time(cursor["since"]) if "since" in cursor else now - first
    minutes = math.ceil((now - since) / timedelta(minutes=1)) + settings.poll_overlap_minutes
    again = {"again": cursor["again"]} if "again" in cursor else {}
    return {"since": sortable(since), "end": sortable(now), "minutes": str(max(minutes, 1)), **again}


def _message(row: Any) -> InboundMessage:
    raw = json.dumps(row, default=str).encode()
    try:
        issue = parse_as(models.Issue, row)
        at = parse_time(issue.fields.updated or "")
    except Quarantine as error:
        return Unreadable(delivery_key="poll-" + digest(raw.decode()), raw=raw, reason=str(error))
    state, name = state_of(issue.fields), issue.fields.status.name or ""
    return TicketReport(
        delivery_key="poll-" + digest(issue.id, sortable(at), state, name),
        source_version=sortable(at),
        raw=raw,
        external_id=issue.id,
        state=state,
        name=name,
        at=at,
    )
