"""Open orders by their small attributes alone, for counting: their documents stay in the table.

DynamoDB charges for the size of what is in the index all the same, half a read unit for each 4 KB: some 200 units for
1,000 open orders. What is saved is sending, unpacking and checking the documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orderhub.order.status import Status
from orderhub.order.times import parse_time
from orderhub.runtime import settings
from orderhub.storage.codec import Item, from_item, to_item
from orderhub.storage.pages import query_page


@dataclass(frozen=True, slots=True)
class Mark:
    """What counting needs of an open order. late_from: from when it is late; is_copy: it is here a second time."""

    status: Status
    platform: str
    late_from: datetime | None
    is_copy: bool


def open_marks(store_id: str, *, limit: int) -> tuple[list[Mark], bool]:
    """Marks of a store's open orders, oldest first, `limit` at most; whether these are all of them. Raises Retry."""
    found: list[Item] = []
    cursor: str | None = None
    while len(found) < limit:
        request: dict[str, Any] = {
            "TableName": settings().orders_table,
            "IndexName": "open",
            "KeyConditionExpression": "open_pk = :store",
            "ExpressionAttributeValues": to_item({":store": store_id}),
            "ProjectionExpression": "#status, platform, late_at, duplicate_of",
            "ExpressionAttributeNames": {"#status": "status"},
            "Limit": limit - len(found),
        }
        items, cursor = query_page(request, cursor)
        found += items
        if cursor is None:
            break
    return [_mark(item) for item in found], cursor is None


def _mark(item: Item) -> Mark:
    row = from_item(item)
    late = row.get("late_at")
    return Mark(Status(row["status"]), row["platform"], parse_time(late) if late else None, "duplicate_of" in row)
