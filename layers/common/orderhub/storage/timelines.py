"""Timelines: the events of an order, each with what was received. They are the outbox: the stream hands them on.

Item   pk            sk        further attributes
event  O#<order id>  E#<key>   see `_event_item`; raw, or raw_at when that is too large for the table
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from orderhub.order.events import Actor, Cause, Event, Raw
from orderhub.order.ids import digest
from orderhub.order.times import parse_time, sortable
from orderhub.runtime import settings
from orderhub.storage import blobs
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import Item, from_item, pack_raw, to_item, to_json, unpack_raw
from orderhub.storage.links import order_pk

_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Written:
    """The order and its event are stored."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The event is there already: the message was received before."""


def event_key(delivery_key: str) -> str:
    """A delivery key as part of a sort key: a platform's text may be long, or not even Unicode."""
    plain = len(delivery_key) <= _LONGEST_KEY and delivery_key.isascii()
    return delivery_key if plain else digest(delivery_key)


def add_event(event: Event) -> Written | Duplicate:
    """Stores an event that changes no order. Raises Retry."""
    item = _event_item(event)
    with passing():
        try:
            client("dynamodb").put_item(
                TableName=settings().orders_table, Item=item, ConditionExpression="attribute_not_exists(pk)"
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return Duplicate()
    return Written()


def put_event(event: Event) -> dict[str, Any]:
    """What `add_event` stores, for a transaction that stores more."""
    return {
        "TableName": settings().orders_table,
        "Item": _event_item(event),
        "ConditionExpression": "attribute_not_exists(pk)",
    }


def timeline(order_id: str) -> list[Event]:
    """All events of an order, oldest first, without what was received. Raises Retry."""
    events = [_event(from_item(item)) for item in _query_events(order_id)]
    return sorted(events, key=lambda event: (event.at, event.version))


def get_event(order_id: str, key: str) -> Event | None:
    """One event of an order, without what was received; None when there is none. Raises Retry."""
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().orders_table,
            Key=to_item({"pk": order_pk(order_id), "sk": f"E#{event_key(key)}"}),
            ConsistentRead=True,
        )
    return _event(from_item(found["Item"])) if "Item" in found else None


def received(order_id: str, key: str) -> Raw | None:
    """What was received with one event. Raises Retry."""
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().orders_table, Key=to_item({"pk": order_pk(order_id), "sk": f"E#{event_key(key)}"})
        )
    row = from_item(found.get("Item", {}))
    if "raw" in row:
        return unpack_raw(row["raw"])
    return unpack_raw(blobs.get(row["raw_at"])) if "raw_at" in row else None


def event_of_image(image: Mapping[str, Any]) -> Event:
    """The event in a record of the table's stream."""
    return _event(from_item(image))


# --- items ---------------------------------------------------------------------------------------------------------


def _event_item(event: Event) -> Item:
    raw, raw_at = None, event.raw_at
    if event.raw is not None:
        raw = pack_raw(event.raw)
        if len(event.raw.body) > blobs.INLINE_LIMIT:
            raw_at, raw = blobs.put(raw, event.at), None
    return to_item(
        {
            "pk": order_pk(event.order_id),
            "sk": f"E#{event_key(event.key)}",
            "type": event.type,
            "effect": event.effect,
            "at": sortable(event.at),
            "actor": event.cause.actor.value,
            "name": event.cause.name or None,
            "platform": event.platform,
            "connection_id": event.connection_id,
            "version": event.version,
            "source_version": event.source_version,
            "summary": to_json(event.summary) if event.summary else None,
            "ref": to_json(event.ref) if event.ref is not None else None,
            "raw": raw,
            "raw_at": raw_at,
        }
    )


def _event(row: Mapping[str, Any]) -> Event:
    return Event(
        order_id=row["pk"][2:],
        key=row["sk"][2:],
        type=row["type"],
        effect=row["effect"],
        at=parse_time(row["at"]),
        cause=Cause(Actor(row["actor"]), row.get("name", "")),
        platform=row["platform"],
        connection_id=row["connection_id"],
        version=row["version"],
        source_version=row.get("source_version"),
        summary=json.loads(row.get("summary", "{}")),
        ref=json.loads(row["ref"]) if "ref" in row else None,
        raw_at=row.get("raw_at"),
    )


def _query_events(order_id: str) -> list[Item]:
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings().orders_table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :events)",
            ExpressionAttributeValues=to_item({":pk": order_pk(order_id), ":events": "E#"}),
            ConsistentRead=True,
            ProjectionExpression=(
                "pk, sk, #type, effect, #at, actor, #name, platform, connection_id, version, source_version, "
                "summary, #ref, raw_at"
            ),
            ExpressionAttributeNames={"#type": "type", "#at": "at", "#name": "name", "#ref": "ref"},
        )
    )
    with passing():
        return [item for page in pages for item in page["Items"]]
