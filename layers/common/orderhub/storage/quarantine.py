"""Messages that are authentic and not understood, whole, until somebody has seen to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from orderhub.errors import Reject
from orderhub.order.events import Raw
from orderhub.order.times import parse_time, sortable
from orderhub.runtime import settings
from orderhub.storage import blobs
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import from_item, pack_raw, to_item, to_json, unpack_raw
from orderhub.storage.pages import query_page

_OPEN = "quarantine"
_ERASED = "erased"
_KEPT_AFTERWARDS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Held:
    """One message in quarantine.

    id: computed, so that the platform's repeats make no second one. kind: `request` (a webhook), `popped` (of a poll of
    a platform that forgets what it gave), `fetched` or `row` (of a poll). about: the request's method, path and query,
    or what was fetched. replayed_at: when it was understood.
    """

    id: str
    platform: str
    connection_id: str
    kind: str
    reason: str
    at: datetime
    raw: Raw
    about: Mapping[str, Any] = field(default_factory=dict)
    replayed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldPage:
    """Part of the quarantine, oldest first, without what was received."""

    held: list[Held]
    next_cursor: str | None


def put(held: Held, *, inbox: bool = False) -> bool:
    """Stores a message; False when it is there already. inbox: it is for the hub to read, and not yet for people.

    Raises Retry.
    """
    raw = pack_raw(held.raw)
    large = len(held.raw.body) > blobs.INLINE_LIMIT
    item = to_item(
        {
            **_key(held.id),
            "work_pk": _inbox(held.connection_id) if inbox else _OPEN,
            "work_sk": f"{sortable(held.at)}#{held.id}",
            "platform": held.platform,
            "connection_id": held.connection_id,
            "kind": held.kind,
            "reason": held.reason[:1000],
            "at": sortable(held.at),
            "about": to_json(held.about),
            "raw": None if large else raw,
            "raw_at": blobs.put(raw, held.at) if large else None,
        }
    )
    with passing():
        try:
            client("dynamodb").put_item(
                TableName=settings().orders_table, Item=item, ConditionExpression="attribute_not_exists(pk)"
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return False
    return True


def get(held_id: str) -> Held:
    """One message with what was received. Raises Reject NOT_FOUND, Retry."""
    with passing():
        found = client("dynamodb").get_item(TableName=settings().orders_table, Key=to_item(_key(held_id)))
    if "Item" not in found:
        raise Reject("NOT_FOUND", f"nothing in quarantine has the id {held_id}")
    row = from_item(found["Item"])
    return _held(row, unpack_raw(row["raw"] if "raw" in row else blobs.get(row["raw_at"])))


def page(*, limit: int = 100, cursor: str | None = None) -> HeldPage:
    """What waits in quarantine, oldest first. Raises Retry."""
    request: dict[str, Any] = {
        "TableName": settings().orders_table,
        "IndexName": "worklist",
        "KeyConditionExpression": "work_pk = :open",
        "ExpressionAttributeValues": to_item({":open": _OPEN}),
        "Limit": limit,
    }
    items, next_cursor = query_page(request, cursor)
    return HeldPage([_held(from_item(item), Raw(b"")) for item in items], next_cursor)


def inbox(connection_id: str) -> list[str]:
    """Ids of what was stored for a connection to be read, oldest first. Raises Retry."""
    request: dict[str, Any] = {
        "TableName": settings().orders_table,
        "IndexName": "worklist",
        "KeyConditionExpression": "work_pk = :inbox",
        "ExpressionAttributeValues": to_item({":inbox": _inbox(connection_id)}),
        "ProjectionExpression": "pk",
    }
    items, _ = query_page(request, None)
    return [item["pk"]["S"][2:] for item in items]


def move_from_inbox(held_id: str, reason: str, at: datetime) -> None:
    """Gives a message that cannot be read to people. Raises Retry."""
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item(_key(held_id)),
            UpdateExpression="SET reason = :reason, work_pk = :open, work_sk = :place",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues=to_item(
                {":reason": reason[:1000], ":open": _OPEN, ":place": f"{sortable(at)}#{held_id}"}
            ),
        )


def mark_replayed(held_id: str, at: datetime) -> None:
    """Takes a message off the list; it is kept for another month. Raises Retry.

    Each order in it has its own part with its events by now, and there an order is erased.
    """
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item(_key(held_id)),
            UpdateExpression="SET replayed_at = :at, expires_at = :end REMOVE work_pk, work_sk",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues=to_item({":at": sortable(at), ":end": int((at + _KEPT_AFTERWARDS).timestamp())}),
        )


def erase(held_id: str, at: datetime) -> bool:
    """Takes out what was received, and the message off the list; that it was here stays known. False when it was not.

    So a repeat of the same bytes is not kept again. Raises Retry.
    """
    with passing():
        found = client("dynamodb").get_item(TableName=settings().orders_table, Key=to_item(_key(held_id)))
    row = from_item(found.get("Item", {}))
    if not row or row["reason"] == _ERASED:
        return False
    if "raw_at" in row:
        blobs.delete(row["raw_at"])
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item(_key(held_id)),
            UpdateExpression=(
                "SET #raw = :nothing, reason = :erased, about = :about, replayed_at = :at "
                "REMOVE raw_at, work_pk, work_sk"
            ),
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={"#raw": "raw"},
            ExpressionAttributeValues=to_item(
                {":nothing": pack_raw(Raw(b"")), ":erased": _ERASED, ":about": "{}", ":at": sortable(at)}
            ),
        )
    return True


def _inbox(connection_id: str) -> str:
    return f"inbox#{connection_id}"


def _key(held_id: str) -> dict[str, str]:
    return {"pk": f"Q#{held_id}", "sk": "MESSAGE"}


def _held(row: Mapping[str, Any], raw: Raw) -> Held:
    return Held(
        id=row["pk"][2:],
        platform=row["platform"],
        connection_id=row["connection_id"],
        kind=row["kind"],
        reason=row["reason"],
        at=parse_time(row["at"]),
        raw=raw,
        about=json.loads(row["about"]),
        replayed_at=parse_time(row["replayed_at"]) if "replayed_at" in row else None,
    )
