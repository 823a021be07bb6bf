"""Blanking what lies beside an order: its events' bodies and texts, and its links' sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderhub.order.erasure import bare_summary, bare_sync
from orderhub.order.events import Raw
from orderhub.order.models import Sync
from orderhub.runtime import settings
from orderhub.storage import blobs
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import Item, from_item, to_item, to_json, unpack_raw
from orderhub.storage.links import order_pk

# Of a link's state: what a platform or its adapter said in words.
_SENTENCES = ("note", "detail", "taken")


@dataclass(frozen=True, slots=True)
class Kept:
    """What one event of an order keeps. raw: what was received with it; raw_at: where that lies when it is large."""

    key: str
    platform: str
    connection_id: str
    summary: Mapping[str, Any]
    raw: Raw | None
    raw_at: str | None

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing in it that has to go."""
        return self.raw is None and self.raw_at is None and bare_summary(self.summary) == self.summary


def kept(order_id: str) -> list[Kept]:
    """What the events of an order keep, with what was received, by their keys. Raises Retry."""
    return [_kept(from_item(item)) for item in _query(order_id, "E#")]


def blank_event(order_id: str, event: Kept) -> None:
    """Leaves of an event what the books need. A large body goes first: then its place is not lost before it is gone.

    A body is of one order, as platforms that send several have each taken apart; should two events share one all the
    same, it holds what is to be erased, whosever the other is. Raises Retry.
    """
    if event.raw_at is not None:
        blobs.delete(event.raw_at)
    summary = bare_summary(event.summary)
    bound = {"ExpressionAttributeValues": to_item({":summary": to_json(summary)})} if summary else {}
    change = "SET summary = :summary REMOVE #raw, raw_at" if summary else "REMOVE summary, #raw, raw_at"
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item({"pk": order_pk(order_id), "sk": f"E#{event.key}"}),
            UpdateExpression=change,
            ExpressionAttributeNames={"#raw": "raw"},
            ConditionExpression="attribute_exists(pk)",
            **bound,
        )


def blank_links(order_id: str) -> None:
    """Takes the sentences out of what other systems have been told of an order. Raises Retry."""
    for item in _query(order_id, "L#"):
        row = from_item(item)
        before = row.get("sync", "{}"), row.get("state", "{}")
        sync = bare_sync(Sync.model_validate_json(before[0])).model_dump_json(exclude_defaults=True)
        known = json.loads(before[1])
        state = to_json({name: "" if name in _SENTENCES else value for name, value in known.items()})
        if (sync, state) == before:
            continue
        with passing():
            client("dynamodb").update_item(
                TableName=settings().orders_table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET sync = :sync, #state = :state",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=to_item({":sync": sync, ":state": state}),
            )


def _query(order_id: str, prefix: str) -> list[Item]:
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings().orders_table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": order_pk(order_id), ":prefix": prefix}),
            ConsistentRead=True,
        )
    )
    with passing():
        return [item for page in pages for item in page["Items"]]


def _kept(row: Mapping[str, Any]) -> Kept:
    raw = unpack_raw(row["raw"]) if "raw" in row else None
    if "raw_at" in row:
        body = blobs.find(row["raw_at"])  # gone when somebody was here before, and did not get to the event
        raw = unpack_raw(body) if body is not None else None
    return Kept(
        key=row["sk"][2:],
        platform=row["platform"],
        connection_id=row["connection_id"],
        summary=json.loads(row.get("summary", "{}")),
        raw=raw,
        raw_at=row.get("raw_at"),
    )
