"""Issues of orders, in the orders table.

Item     pk            sk              further attributes
issue    O#<order id>  I#<issue id>    doc (the issue, packed JSON), version, and the keys below

Index worklist: work_pk = issue#<store id>#open, work_sk = due_at # id: what waits for people, the most urgent first;
                work_pk = issue#<store id>#done, work_sk = resolved_at # id
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orderhub.errors import Reject
from orderhub.order.events import Event
from orderhub.order.issues import Issue
from orderhub.order.times import sortable
from orderhub.runtime import settings
from orderhub.storage import bulk, timelines
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import Item, Value, attribute, from_cursor, from_item, pack, to_cursor, to_item, unpack
from orderhub.storage.config import LONGEST_ID
from orderhub.storage.links import order_pk
from orderhub.storage.pages import query_page


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed the issue first; this is what it is now (None: it is gone)."""

    current: Issue | None


@dataclass(frozen=True, slots=True)
class IssuePage:
    """Part of a list. next_cursor: None at the end."""

    issues: list[Issue]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Worklist:
    """The issues of a store that are still to be done, or those that are done."""

    store_id: str
    done: bool = False

    @property
    def key(self) -> str:
        """Its partition of the index."""
        return f"issue#{self.store_id}#{'done' if self.done else 'open'}"


def get(order_id: str, issue_id: str) -> Issue | None:
    """An issue as it is now (strongly consistent), None when there is none. Raises Retry."""
    if max(len(order_id), len(issue_id)) > LONGEST_ID:
        return None
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().orders_table, Key=_key(order_id, issue_id), ConsistentRead=True
        )
    return _issue(found["Item"]) if "Item" in found else None


def write(issue: Issue, event: Event) -> timelines.Written | timelines.Duplicate | Conflict:
    """Stores an issue together with the event that made it so, in one transaction.

    The issue must be at the version before `issue.version`; a version of 1 must be new. Raises Retry.
    """
    reasons = bulk.transact([{"Put": timelines.put_event(event)}, {"Put": _put(issue)}])
    if reasons is None:
        return timelines.Written()
    if reasons[0]["Code"] == "ConditionalCheckFailed":
        return timelines.Duplicate()
    item = reasons[1].get("Item")
    return Conflict(_issue(item) if item else None)


def of_order(order_id: str, *, limit: int, cursor: str | None = None) -> IssuePage:
    """The issues of an order. Raises Reject INVALID_CURSOR, Retry."""
    request: dict[str, Any] = {
        "TableName": settings().orders_table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :issues)",
        "ExpressionAttributeValues": to_item({":pk": order_pk(order_id), ":issues": "I#"}),
        "ConsistentRead": True,
        "Limit": limit,
    }
    items, next_cursor = query_page(request, cursor)
    return IssuePage([_issue(item) for item in items], next_cursor)


def every_of_order(order_id: str) -> list[Issue]:
    """All issues of an order, in as many requests as it takes. Raises Retry."""
    found, cursor = list[Issue](), None
    while True:
        part = of_order(order_id, limit=100, cursor=cursor)
        found += part.issues
        cursor = part.next_cursor
        if cursor is None:
            return found


def page(
    worklists: Sequence[Worklist],
    *,
    limit: int,
    cursor: str | None = None,
    due_before: datetime | None = None,
) -> IssuePage:
    """Part of the first of some worklists, or of the one that the cursor is in; the cursors lead through all of them.

    What is to be done comes with the most urgent first, what is done with the last first. due_before: of what is to be
    done, only that. Two requests. Raises Reject INVALID_CURSOR, Retry.
    """
    start = from_cursor(cursor)
    if start is None:
        start = {"work_pk": attribute(worklists[0].key)}
    keys = [one.key for one in worklists]
    key = start.get("work_pk", {}).get("S", "")
    if key not in keys:
        raise Reject("INVALID_CURSOR", "the cursor is of another list")
    place = keys.index(key)
    request = _request(worklists[place], limit, due_before)
    items, next_cursor = query_page(request, cursor if "pk" in start else None)
    if next_cursor is None and place + 1 < len(keys):
        next_cursor = to_cursor(to_item({"work_pk": keys[place + 1]}))
    found = bulk.batch_get([{"pk": item["pk"], "sk": item["sk"]} for item in items])
    names = (f"{item['pk']['S']} {item['sk']['S']}" for item in items)
    return IssuePage([_issue(found[name]) for name in names if name in found], next_cursor)


def _request(one: Worklist, limit: int, due_before: datetime | None) -> dict[str, Any]:
    condition, values = "work_pk = :pk", {":pk": one.key}
    if not one.done and due_before is not None:
        condition, values[":due"] = f"{condition} AND work_sk < :due", sortable(due_before)
    return {
        "TableName": settings().orders_table,
        "IndexName": "worklist",
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": to_item(values),
        "ScanIndexForward": not one.done,
        "Limit": limit,
    }


def _key(order_id: str, issue_id: str) -> Item:
    return to_item({"pk": order_pk(order_id), "sk": f"I#{issue_id}"})


def _put(issue: Issue) -> dict[str, Any]:
    order_by = issue.resolved_at if issue.is_done and issue.resolved_at else issue.due_at
    values: dict[str, Value | None] = {
        "doc": pack(issue.model_dump_json(exclude_defaults=True).encode()),
        "version": issue.version,
        "work_pk": Worklist(issue.store_id, done=issue.is_done).key,
        "work_sk": f"{sortable(order_by)}#{issue.id}",
    }
    put: dict[str, Any] = {
        "TableName": settings().orders_table,
        "Item": {**_key(issue.order_id, issue.id), **to_item(values)},
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if issue.version > 1:
        put["ConditionExpression"] = "#version = :before"
        put["ExpressionAttributeNames"] = {"#version": "version"}
        put["ExpressionAttributeValues"] = to_item({":before": issue.version - 1})
    return put


def _issue(item: Mapping[str, Any]) -> Issue:
    return Issue.model_validate_json(unpack(from_item(item)["doc"]))
