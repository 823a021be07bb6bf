"""Stock: what stores have of their items, and what orders hold of that. Exactly once by construction.

Item in the orders table   pk                  sk                   attributes
stock                      S#<store id>        SKU#<sku>            see `_item`; thousandths of a piece
booked                     O#<order id>        STOCK                what is booked of an order: version (of the order),
                                                                    revision, shares (packed JSON)
movement                   O#<stock id>        M#<since>#<version>  one change, and the stock after it
adjustment                 O#<stock id>        A#<key>              request: what was asked with an Idempotency-Key
event                      O#<stock id>        E#<key>              stock.low, stock.out, stock.ok (storage/orders.py)
link                       O#<stock id>        L#<connection id>    what a platform was told (storage/links.py)
mark                       S                   KEPT                 there once any store keeps stock of anything

The stock id is stock:<store id>:<sku>. All that belongs to a change is one transaction, on condition that stocks and
booking are as they were looked at: it does not matter how often an order is booked, nor in which order its changes
come, as each booking makes the difference between what is booked of the order and what it holds now.

Index worklist: work_pk = low#<store id>, work_sk = SKU, while it is low or out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orderhub.errors import Retry
from orderhub.order.events import Actor, Cause
from orderhub.order.models import Order
from orderhub.order.stock import Booked, Held, Kind, Level, Movement, Place, Share, Stock
from orderhub.order.times import parse_time
from orderhub.runtime import settings
from orderhub.storage import bulk, links, movements, orders
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import Item, attribute, from_item, pack, to_item, to_json, unpack
from orderhub.storage.links import Link, order_pk
from orderhub.storage.movements import stock_id
from orderhub.storage.pages import query_page

SKU = "SKU#"
MOST_AT_ONCE = 24
"""Movements of one transaction: each is up to four of its hundred writes."""

_BOOKED = "STOCK"
_MARK = {"pk": "S", "sk": "KEPT"}
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. next_cursor: None at the end."""

    stocks: Sequence[Stock]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The memory of an adjustment: made once for each key. request: stands for all that was asked."""

    place: Place
    key: str
    request: str


# --- reads ------------------------------------------------------------------------------------------------------------


def is_kept_anywhere() -> bool:
    """Whether any store keeps stock of anything, or ever did. Raises Retry."""
    return _get(to_item(_MARK)) is not None


def get(place: Place) -> Stock | None:
    """A stock as it is now (strongly consistent), None when the store keeps none of the item. Raises Retry."""
    found = _get(_key(place))
    return _stock(found) if found is not None else None


def get_many(places: Iterable[Place]) -> dict[Place, Stock]:
    """The stocks of these places that are kept, as they are now (strongly consistent). Raises Retry."""
    keys = [_key(place) for place in dict.fromkeys(places)]
    table, found = settings().orders_table, dict[Place, Stock]()
    for start in range(0, len(keys), _BATCH):
        wanted = {table: {"Keys": keys[start : start + _BATCH], "ConsistentRead": True}}
        with passing():
            answer = client("dynamodb").batch_get_item(RequestItems=wanted)
        if answer.get("UnprocessedKeys"):
            raise Retry("DynamoDB is too busy to read stocks")
        found |= {stock.place: stock for stock in map(_stock, answer["Responses"].get(table, []))}
    return found


def page(store_id: str, *, limit: int, cursor: str | None) -> Page:
    """The stocks of a store by SKU. Raises Reject INVALID_CURSOR, Retry."""
    request = _query("pk = :pk AND begins_with(sk, :kind)", {":pk": _pk(store_id), ":kind": SKU}, limit)
    items, next_cursor = query_page(request, cursor)
    return Page([_stock(item) for item in items], next_cursor)


def low_page(store_id: str, *, limit: int, cursor: str | None) -> Page:
    """The stocks of a store that are low or out, by SKU; reads no other. Raises Reject INVALID_CURSOR, Retry."""
    request = _query("work_pk = :pk", {":pk": f"low#{store_id}"}, limit)
    items, next_cursor = query_page({**request, "IndexName": "worklist"}, cursor)
    places = [Place(store_id, item["sk"]["S"].removeprefix(SKU)) for item in items]
    found = get_many(places)
    low = [found[place] for place in places if place in found and found[place].level is not Level.OK]
    return Page(low, next_cursor)


def told(place: Place) -> dict[str, Link]:
    """What platforms were told of a stock, by connection id. Raises Retry."""
    values = {":pk": order_pk(stock_id(place)), ":kind": links.sort_key("")}
    items, _ = query_page(_query("pk = :pk AND begins_with(sk, :kind)", values, 1000), None)
    found = map(links.from_image, items)
    return {link.target: link for link in found}


def adjusted(place: Place, key: str) -> str | None:
    """What was asked when an adjustment was made with this key; None when there was none. Raises Retry."""
    found = _get(_adjustment_key(place, key))
    return str(from_item(found)["request"]) if found is not None else None


def of_order(order_id: str) -> tuple[Order, Booked] | None:
    """An order as it is now and what is booked of it, in one read; None when there is no order. Raises Retry."""
    values = {":pk": order_pk(order_id), ":order": orders.ORDER_KEY, ":booked": _BOOKED}
    request = _query("pk = :pk AND sk BETWEEN :order AND :booked", values, 10)
    items, _ = query_page({**request, "ConsistentRead": True}, None)
    rows = {item["sk"]["S"]: from_item(item) for item in items}
    if orders.ORDER_KEY not in rows:
        return None
    order = Order.model_validate_json(unpack(rows[orders.ORDER_KEY]["doc"]))
    return order, _booked(order_id, rows.get(_BOOKED))


def stock_of_image(image: Mapping[str, Any]) -> Stock:
    """The stock in a record of the table's stream."""
    return _stock(image)


# --- writes -----------------------------------------------------------------------------------------------------------


def mark_kept() -> None:
    """Notes that some store keeps stock; before the first is written. Raises Retry."""
    with passing():
        client("dynamodb").put_item(TableName=settings().orders_table, Item=to_item(_MARK))


def write(moved: Sequence[Movement], cause: Cause, adjustment: Adjustment | None = None) -> bool:
    """Stores movements, all or none, each on condition that its stock is as it was before.

    False when one is not; or when the adjustment was made already, then `adjusted` tells so. Raises Retry.
    """
    once = [_put_adjustment(adjustment, moved[0].at)] if adjustment is not None else []
    return bulk.transact([*once, *_writes(moved, cause)]) is None


def book(before: Booked, after: Booked, moved: Sequence[Movement]) -> bool:
    """Stores movements and what is booked of their order after them; False when any of it has changed. Raises Retry."""
    cause = Cause(Actor.SYSTEM, "keep_stock")
    return bulk.transact([_put_booked(before, after), *_writes(moved, cause)]) is None


def _writes(moved: Iterable[Movement], cause: Cause) -> list[dict[str, Any]]:
    return [write for movement in moved for write in _writes_of(movement, cause)]


def _writes_of(movement: Movement, cause: Cause) -> list[dict[str, Any]]:
    stock = movement.stock
    there: dict[str, Any] = {"TableName": settings().orders_table, "ConditionExpression": "attribute_not_exists(pk)"}
    if stock.version > 1:
        bound = to_item({":before": stock.version - 1, ":since": stock.since.isoformat()})
        there |= {"ConditionExpression": "version = :before AND since = :since", "ExpressionAttributeValues": bound}
    gone = movement.kind is Kind.REMOVED
    change = {"Delete": {**there, "Key": _key(stock.place)}} if gone else {"Put": {**there, "Item": _item(stock)}}
    return [change, *movements.writes(movement, cause)]


def _put_booked(before: Booked, after: Booked) -> dict[str, Any]:
    put: dict[str, Any] = {
        "TableName": settings().orders_table,
        "Item": to_item(
            {
                "pk": order_pk(after.order_id),
                "sk": _BOOKED,
                "version": after.version,
                "revision": after.revision,
                "shares": pack(
                    to_json([[*place, *one.held, one.since.isoformat()] for place, one in _shares(after)]).encode()
                ),
            }
        ),
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if before.revision:
        bound = to_item({":before": before.revision})
        put |= {"ConditionExpression": "revision = :before", "ExpressionAttributeValues": bound}
    return {"Put": put}


def _put_adjustment(adjustment: Adjustment, at: datetime) -> dict[str, Any]:
    item = {
        **_adjustment_key(adjustment.place, adjustment.key),
        "request": attribute(adjustment.request),
        "expires_at": attribute(movements.expiry(at)),
    }
    condition = "attribute_not_exists(pk)"
    return {"Put": {"TableName": settings().orders_table, "Item": item, "ConditionExpression": condition}}


# --- items ------------------------------------------------------------------------------------------------------------


def _get(key: Item) -> Item | None:
    with passing():
        found = client("dynamodb").get_item(TableName=settings().orders_table, Key=key, ConsistentRead=True)
    item: Item | None = found.get("Item")
    return item


def _query(condition: str, values: Mapping[str, str], limit: int) -> dict[str, Any]:
    return {
        "TableName": settings().orders_table,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": to_item(values),
        "Limit": limit,
    }


def _pk(store_id: str) -> str:
    return f"S#{store_id}"


def _key(place: Place) -> Item:
    return to_item({"pk": _pk(place.store_id), "sk": SKU + place.sku})


def _adjustment_key(place: Place, key: str) -> Item:
    return to_item({"pk": order_pk(stock_id(place)), "sk": f"A#{key}"})


def _item(stock: Stock) -> Item:
    low = stock.level is not Level.OK
    return _key(stock.place) | to_item(
        {
            "on_hand": stock.on_hand,
            "reserved": stock.reserved,
            "low_threshold": stock.low_threshold,
            "since": stock.since.isoformat(),
            "counted_at": stock.counted_at.isoformat(),
            "version": stock.version,
            "moved": stock.moved,
            "asked": stock.asked,
            "sold": to_json(dict(stock.sold)) if stock.sold else None,
            "external_ids": to_json(dict(stock.external_ids)) if stock.external_ids else None,
            "changed_by": stock.changed_by,
            "changed_at": stock.changed_at.isoformat() if stock.changed_at else None,
            "work_pk": f"low#{stock.place.store_id}" if low else None,
            "work_sk": stock.place.sku if low else None,
        }
    )


def _stock(item: Mapping[str, Any]) -> Stock:
    row = from_item(item)
    return Stock(
        place=Place(row["pk"][2:], row["sk"].removeprefix(SKU)),
        since=parse_time(row["since"]),
        counted_at=parse_time(row["counted_at"]),
        on_hand=row["on_hand"],
        reserved=row["reserved"],
        low_threshold=row.get("low_threshold"),
        version=row["version"],
        moved=row["moved"],
        asked=row["asked"],
        sold=json.loads(row.get("sold", "{}")),
        external_ids=json.loads(row.get("external_ids", "{}")),
        changed_by=row["changed_by"],
        changed_at=parse_time(row["changed_at"]) if "changed_at" in row else None,
    )


def _shares(booked: Booked) -> list[tuple[Place, Share]]:
    return sorted(booked.shares.items())


def _booked(order_id: str, row: Mapping[str, Any] | None) -> Booked:
    if row is None:
        return Booked(order_id)
    shares = {
        Place(store_id, sku): Share(Held(reserved, taken), parse_time(since))
        for store_id, sku, reserved, taken, since in json.loads(unpack(row["shares"]))
    }
    return Booked(order_id, row["version"], row["revision"], shares)
