"""What waits to be printed at a store.

Orders table: pk P#<store id>, sk <job id>; doc, expires_at. A job's id begins with the time it was asked for, so that
the oldest comes first. Nobody prints yesterday's ticket: a job is forgotten after a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orderhub.order.events import Event
from orderhub.order.models import Model, Utc
from orderhub.runtime import settings
from orderhub.storage import bulk, timelines
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import Item, from_item, to_item
from orderhub.storage.config import LONGEST_ID
from orderhub.storage.pages import query_page

_KEPT = timedelta(days=1)


class PrintJob(Model):
    """A ticket to be printed. display_id: what staff call the order; asked_by: from the token."""

    id: str
    order_id: str
    display_id: str | None
    copies: int
    at: Utc
    asked_by: str


@dataclass(frozen=True, slots=True)
class PrintPage:
    """Part of what waits. next_cursor: None at the end."""

    jobs: list[PrintJob]
    next_cursor: str | None


def add(store_id: str, job: PrintJob, event: Event) -> bool:
    """Stores a job together with its line in the order's timeline; False when that line is there. Raises Retry."""
    return bulk.transact([{"Put": timelines.put_event(event)}, {"Put": _put(store_id, job)}]) is None


def page(store_id: str, at: datetime, *, limit: int, cursor: str | None) -> PrintPage:
    """What waits at a store, oldest first. Raises Reject for a foreign cursor, Retry."""
    request: dict[str, Any] = {
        "TableName": settings().orders_table,
        "KeyConditionExpression": "pk = :store",
        # DynamoDB takes its time to forget.
        "FilterExpression": "expires_at > :now",
        "ExpressionAttributeValues": to_item({":store": f"P#{store_id}", ":now": int(at.timestamp())}),
        "Limit": limit,
    }
    items, next_cursor = query_page(request, cursor)
    return PrintPage([_job(item) for item in items], next_cursor)


def remove(store_id: str, job_id: str) -> None:
    """Forgets a job, if it is there. Raises Retry."""
    if len(job_id) > LONGEST_ID:
        return
    with passing():
        client("dynamodb").delete_item(TableName=settings().orders_table, Key=_key(store_id, job_id))


def _key(store_id: str, job_id: str) -> Item:
    return to_item({"pk": f"P#{store_id}", "sk": job_id})


def _put(store_id: str, job: PrintJob) -> dict[str, Any]:
    expires = int((job.at + _KEPT).timestamp())
    item = {**_key(store_id, job.id), **to_item({"doc": job.model_dump_json(), "expires_at": expires})}
    return {"TableName": settings().orders_table, "Item": item}


def _job(item: Mapping[str, Any]) -> PrintJob:
    return PrintJob.model_validate_json(from_item(item)["doc"])
