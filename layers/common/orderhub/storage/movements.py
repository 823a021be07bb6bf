"""Movements: how a stock came about, and the events of it that others hear of. Keys: storage/stock.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.order.events import Cause, Event
from orderhub.order.merge import Effect
from orderhub.order.native import CONNECTION, PLATFORM
from orderhub.order.stock import Kind, Movement, Place, Stock, units
from orderhub.order.times import parse_time
from orderhub.runtime import settings
from orderhub.storage import timelines
from orderhub.storage.codec import Item, from_item, to_item, to_json
from orderhub.storage.links import order_pk
from orderhub.storage.pages import query_page

KEPT_FOR = timedelta(days=400)
"""How long movements and adjustments are kept."""


def stock_id(place: Place) -> str:
    """The id under which a stock has its events and links. No order has such a one: there is a colon in it."""
    return f"stock:{place.store_id}:{place.sku}"


def history(place: Place, *, limit: int, cursor: str | None) -> tuple[list[Movement], str | None]:
    """The movements of a stock, newest first. Raises Reject INVALID_CURSOR, Retry."""
    request = {
        "TableName": settings().orders_table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :kind)",
        "ExpressionAttributeValues": to_item({":pk": order_pk(stock_id(place)), ":kind": "M#"}),
        "ScanIndexForward": False,
        "Limit": limit,
    }
    items, next_cursor = query_page(request, cursor)
    return [_movement(place, from_item(item)) for item in items], next_cursor


def writes(movement: Movement, cause: Cause) -> list[dict[str, Any]]:
    """What is stored of a movement beside the stock: a line of its history, and its events."""
    line = {"TableName": settings().orders_table, "Item": _movement_item(movement)}
    return [{"Put": line}, *({"Put": timelines.put_event(_event(movement, name, cause))} for name in movement.events)]


def expiry(at: datetime) -> int:
    """When what is written at a time is no longer kept, as DynamoDB wants it."""
    return int((at + KEPT_FOR).timestamp())


def _movement_item(movement: Movement) -> Item:
    stock = movement.stock
    return to_item(
        {
            "pk": order_pk(stock_id(stock.place)),
            "sk": f"M#{stock.since.isoformat()}#{stock.version:012}",
            "kind": movement.kind.value,
            "at": movement.at.isoformat(),
            "by": movement.by,
            "more_on_hand": movement.on_hand,
            "more_reserved": movement.reserved,
            "order_id": movement.order_id,
            "reason": movement.reason,
            "events": to_json(movement.events) if movement.events else None,
            "on_hand": stock.on_hand,
            "reserved": stock.reserved,
            "low_threshold": stock.low_threshold,
            "expires_at": expiry(movement.at),
        }
    )


def _movement(place: Place, row: Mapping[str, Any]) -> Movement:
    _, since, version = row["sk"].split("#")
    began = parse_time(since)
    stock = Stock(
        place=place,
        since=began,
        counted_at=began,
        on_hand=row["on_hand"],
        reserved=row["reserved"],
        low_threshold=row.get("low_threshold"),
        version=int(version),
    )
    return Movement(
        stock=stock,
        kind=Kind(row["kind"]),
        at=parse_time(row["at"]),
        on_hand=row["more_on_hand"],
        reserved=row["more_reserved"],
        by=row["by"],
        order_id=row.get("order_id"),
        reason=row.get("reason"),
        events=tuple(json.loads(row.get("events", "[]"))),
    )


def _event(movement: Movement, name: str, cause: Cause) -> Event:
    """What reporting hears of: a line in the timeline of the stock."""
    stock = movement.stock
    numbers = {"on_hand": stock.on_hand, "reserved": stock.reserved, "available": stock.available}
    threshold = {} if stock.low_threshold is None else {"low_threshold": stock.low_threshold}
    return Event(
        order_id=stock_id(stock.place),
        key=f"{stock.since.isoformat()}-{stock.version}-{name}",
        type=name,
        effect=Effect.APPLIED,
        at=movement.at,
        cause=cause,
        platform=PLATFORM,
        connection_id=CONNECTION,
        version=stock.version,
        summary={
            **stock.place._asdict(),
            **{field: str(units(number)) for field, number in {**numbers, **threshold}.items()},
            **({"order_id": movement.order_id} if movement.order_id else {}),
        },
    )
