"""Links: what one outside system has been told of an order, and who is telling it just now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from orderhub.order.models import Sync
from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import Item, attribute, from_item, to_item, to_json

SOURCE = "source"
"""The link to the platform an order came from."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a target last confirmed.

    state: small facts that the action understands; ids: those it gave; sync: what came of the last change, for staff.
    """

    order_id: str
    target: str
    state: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    sync: Sync | None = None


def order_pk(order_id: str) -> str:
    """The partition of an order."""
    return f"O#{order_id}"


def sort_key(target: str) -> str:
    """Where a link lies in its order's partition."""
    return f"L#{target}"


def key(order_id: str, target: str) -> Item:
    """The key of a link."""
    return to_item({"pk": order_pk(order_id), "sk": sort_key(target)})


def name(order_id: str, target: str) -> str:
    """The key of a link as one text."""
    return f"{order_pk(order_id)} {sort_key(target)}"


def from_image(item: Mapping[str, Any]) -> Link:
    """The link in an item."""
    row = from_item(item)
    return Link(
        order_id=row["pk"][2:],
        target=row["sk"][2:],
        state=json.loads(row.get("state", "{}")),
        ids=json.loads(row.get("ids", "{}")),
        sync=Sync.model_validate_json(row["sync"]) if "sync" in row else None,
    )


def of_order(order_id: str) -> list[Link]:
    """All links of an order. Raises Retry."""
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings().orders_table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :links)",
            ExpressionAttributeValues=to_item({":pk": order_pk(order_id), ":links": sort_key("")}),
        )
    )
    with passing():
        return [from_image(item) for page in pages for item in page["Items"]]


def claim(order_id: str, target: str, now: datetime, lease: timedelta) -> Link | None:
    """The link, held for a while so that two workers never act at once; None when another holds it. Raises Retry."""
    with passing():
        try:
            found = client("dynamodb").update_item(
                TableName=settings().orders_table,
                Key=key(order_id, target),
                UpdateExpression="SET held_until = :until",
                ConditionExpression="attribute_not_exists(held_until) OR held_until < :now",
                ExpressionAttributeValues={
                    ":until": attribute(_milliseconds(now + lease)),
                    ":now": attribute(_milliseconds(now)),
                },
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return None
    return from_image(found["Attributes"])


def save(link: Link) -> None:
    """Stores what the target has confirmed so far; the link stays held. Raises Retry."""
    _store(link, "")


def finish(link: Link) -> None:
    """Stores what the target has confirmed and lets go of the link, in one write. Raises Retry."""
    _store(link, " REMOVE held_until")


def release(link: Link) -> None:
    """Lets go of the link and leaves what it says as it is. Raises Retry."""
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=key(link.order_id, link.target),
            UpdateExpression="REMOVE held_until",
        )


def _store(link: Link, more: str) -> None:
    values = {":state": to_json(dict(link.state)), ":ids": to_json(dict(link.ids))}
    if link.sync is not None:
        values[":sync"] = link.sync.model_dump_json(exclude_defaults=True)
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=key(link.order_id, link.target),
            UpdateExpression="SET #state = :state, ids = :ids" + (", sync = :sync" if link.sync else "") + more,
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=to_item(values),
        )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
