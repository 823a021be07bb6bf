"""Orders, and what else lies in their table, whose stream is the outbox.

Item            pk                 sk          further attributes
order           O#<order id>       ORDER       doc (the order, packed JSON), version, status, and the keys below;
                                               platform, late_at, duplicate_of: what counting needs (storage/lists.py);
                                               ended: it is over, or has been; hand_over: what for, if
                                               anything, and then store_id
event           O#<order id>       E#<key>     storage/timelines.py
link            O#<order id>       L#<target>  storage/links.py
issue           O#<order id>       I#<id>      storage/issues.py
stock it holds  O#<order id>       STOCK       storage/stock.py, as the items S#<store id>
its person      O#<order id>       INDEXED     storage/customers.py, as the items PERSON#<digest>
figures         R#<store id>       DAY#...     storage/rollups.py, as the items C#<order id>
wish            W#<store id>       STATUS#..., ITEM#...   storage/wishes.py
ticket          P#<store id>       <id>        storage/prints.py
quarantined     Q#<id>             MESSAGE     storage/quarantine.py, what a poll gave once and nobody has read yet, too
reference       X#<con>#<name>     THING       storage/references.py
table book      T#<con>#<store>    DAY#<date>, NUMBER     storage/tables.py
answer given    A#<con>#<key>      ANSWER      storage/tables.py
report          D#<subscription>   msg_...     storage/reports.py, as its receiver's HEALTH

Index open:     open_pk = store id, open_sk = time placed, while the order is open;
                open_pk = waiting#<store id>, open_sk = when it enters, while it waits for its time
Index day:      day_pk = store id # business day, day_sk = time placed; keys only, it is read seldom and written always
Index worklist: work_pk, work_sk = what waits for somebody: incoming orders by the time to answer, quarantine by time;
                work_pk = enters#<shard>, work_sk = when the order enters, while it waits for its time
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from orderhub.order.events import Event
from orderhub.order.hand_overs import wanted
from orderhub.order.listing import late_from
from orderhub.order.models import Order
from orderhub.order.status import CLOSED, Status
from orderhub.order.times import business_date, parse_time, sortable
from orderhub.runtime import settings
from orderhub.storage import bulk, links, timelines
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import (
    Item,
    attribute,
    from_item,
    pack,
    to_item,
    unpack,
)
from orderhub.storage.config import LONGEST_ID
from orderhub.storage.links import SOURCE, order_pk
from orderhub.storage.pages import query_page
from orderhub.storage.timelines import Duplicate, Written

ORDER_KEY = "ORDER"
# Incoming orders are spread over this many keys of the worklist, so that no partition of it is hot.
WORK_SHARDS = 8
_TIE_BREAK = 6


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed the order first; this is what it is now (None: it is gone)."""

    current: Order | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Part of a list. next_cursor: None at the end."""

    orders: Sequence[Order]
    next_cursor: str | None


def get(order_id: str) -> Order | None:
    """The order as it is now (strongly consistent), None when there is none. Raises Retry.

    Its `sync` is what was last asked of the platform; `view` has what came of it.
    """
    if len(order_id) > LONGEST_ID:
        return None
    with passing():
        found = client("dynamodb").get_item(TableName=settings().orders_table, Key=_key(order_id), ConsistentRead=True)
    return _order(found["Item"]) if "Item" in found else None


def view(order_id: str) -> Order | None:
    """The order as it is now, with what its platform has confirmed, in one read. Raises Retry."""
    if len(order_id) > LONGEST_ID:
        return None
    with passing():
        found = client("dynamodb").query(
            TableName=settings().orders_table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :link AND :order",
            ExpressionAttributeValues=to_item(
                {":pk": order_pk(order_id), ":link": links.sort_key(SOURCE), ":order": ORDER_KEY}
            ),
            ConsistentRead=True,
        )
    items = {item["sk"]["S"]: item for item in found["Items"]}
    if ORDER_KEY not in items:
        return None
    return _with_sync(_order(items[ORDER_KEY]), items.get(links.sort_key(SOURCE)))


def write(order: Order, event: Event, *, time_zone: str | None = None) -> Written | Duplicate | Conflict:
    """Stores an order together with the event that made it so, in one transaction.

    The order must be at the version before `order.version`; a version of 1 must be new. time_zone: of the store, given
    when the day the order belongs to is to be set. Raises Retry.
    """
    reasons = bulk.transact(writes(order, event, time_zone=time_zone))
    if reasons is None:
        return Written()
    if reasons[0]["Code"] == "ConditionalCheckFailed":
        return Duplicate()
    item = reasons[1].get("Item")
    return Conflict(_order(item) if item else None)


def writes(order: Order, event: Event, *, time_zone: str | None = None) -> list[dict[str, Any]]:
    """What `write` stores, for a transaction that stores more."""
    return [{"Put": timelines.put_event(event)}, {"Update": _update_order(order, time_zone)}]


def statuses(order_ids: Sequence[str]) -> dict[str, Status]:
    """Where orders stand, as far as they are there. Raises Retry."""
    found = bulk.batch_get([_key(order_id) for order_id in order_ids])
    return {item["pk"]["S"][2:]: Status(from_item(item)["status"]) for item in found.values()}


def list_open(store_id: str, *, limit: int, cursor: str | None = None) -> OrderPage:
    """Open orders of a store, oldest first. Raises Reject for a foreign cursor, Retry."""
    items, next_cursor = _list("open", store_id, limit=limit, cursor=cursor, forward=True)
    found = [_order(item) for item in items]
    told = bulk.batch_get([links.key(order.id, SOURCE) for order in found if order.sync.version])
    return OrderPage([_with_sync(order, told.get(links.name(order.id, SOURCE))) for order in found], next_cursor)


def list_waiting(store_id: str, *, limit: int, cursor: str | None = None) -> OrderPage:
    """Orders of a store that wait for their time, by that time. Raises as `list_open`."""
    items, next_cursor = _list("open", _waiting_key(store_id), limit=limit, cursor=cursor, forward=True)
    return OrderPage([_order(item) for item in items], next_cursor)


def list_day(
    store_id: str, day: date, *, limit: int, cursor: str | None = None, newest_first: bool = True
) -> OrderPage:
    """All orders of a store that belong to one of its days, by the time they were placed. Raises as `list_open`."""
    key = f"{store_id}#{day.isoformat()}"
    items, next_cursor = _list("day", key, limit=limit, cursor=cursor, forward=not newest_first)
    return OrderPage(views([item["pk"]["S"][2:] for item in items]), next_cursor)


def views(order_ids: Sequence[str]) -> list[Order]:
    """Orders in this order, each as `view` has it; without those that there are not. Raises Retry."""
    found = bulk.batch_get([key for order_id in order_ids for key in (_key(order_id), links.key(order_id, SOURCE))])
    names = ((f"{order_pk(order_id)} {ORDER_KEY}", links.name(order_id, SOURCE)) for order_id in order_ids)
    return [_with_sync(_order(found[order]), found.get(link)) for order, link in names if order in found]


def waiting(before: datetime) -> list[tuple[str, datetime]]:
    """Incoming orders that have to be answered before a time: platform and that time. Raises Retry."""
    rows = _work("incoming", before)
    return [(row["platform"], parse_time(row["work_sk"].partition("#")[0])) for row in rows]


def to_enter(before: datetime) -> Iterator[str]:
    """Ids of orders that wait for a time before this one; also some that just have entered. Raises Retry."""
    return (row["pk"][2:] for row in _work("enters", before))


def _work(kind: str, before: datetime) -> Iterator[dict[str, Any]]:
    """What of the worklist is due before a time: one query for each shard, and each megabyte."""
    for shard in range(WORK_SHARDS):
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=settings().orders_table,
                IndexName="worklist",
                KeyConditionExpression="work_pk = :pk AND work_sk < :before",
                ExpressionAttributeValues=to_item({":pk": f"{kind}#{shard}", ":before": sortable(before)}),
                ProjectionExpression="pk, platform, work_sk",
            )
        )
        with passing():
            for page in pages:
                yield from map(from_item, page["Items"])


# --- items ---------------------------------------------------------------------------------------------------------


def _key(order_id: str) -> Item:
    return to_item({"pk": order_pk(order_id), "sk": ORDER_KEY})


def _order(item: Mapping[str, Any]) -> Order:
    return Order.model_validate_json(unpack(from_item(item)["doc"]))


def _with_sync(order: Order, link: Mapping[str, Any] | None) -> Order:
    """The order with what the link says of its last change, unless the change is newer than that."""
    sync = links.from_image(link).sync if link is not None else None
    if sync is None or sync.version < order.sync.version:
        return order
    return order.model_copy(update={"sync": sync})


def _update_order(order: Order, time_zone: str | None) -> dict[str, Any]:
    document = order.model_dump_json(exclude_defaults=True, exclude_none=True)
    target = wanted(order)
    values: dict[str, str | int | bytes | None] = {
        "doc": pack(document.encode()),
        "version": order.version,
        "status": order.status.value,
        "platform": order.platform,
        "late_at": sortable(late) if (late := late_from(order)) is not None else None,
        "duplicate_of": order.duplicate_of,
        "hand_over": target,
        "store_id": order.store_id if target is not None else None,
        "ended": "1" if not order.is_open or CLOSED & order.times.keys() else None,
        **_index_keys(order, time_zone),
    }
    there = tuple(name for name, value in values.items() if value is not None)
    gone = tuple(name for name, value in values.items() if value is None)
    bound = to_item({f":{name}": values[name] for name in there})
    if order.version > 1:
        bound[":before"] = attribute(order.version - 1)
    return {
        "TableName": settings().orders_table,
        "Key": _key(order.id),
        "UpdateExpression": _expression(there, gone),
        "ConditionExpression": "attribute_not_exists(pk)" if order.version == 1 else "#version = :before",
        "ExpressionAttributeNames": {f"#{name}": name for name in (*there, *gone)},
        "ExpressionAttributeValues": bound,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


@cache
def _expression(there: tuple[str, ...], gone: tuple[str, ...]) -> str:
    """What sets some attributes and removes others; there are few such texts, and many orders."""
    sets = ", ".join(f"#{name} = :{name}" for name in there)
    return f"SET {sets}" + (" REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else "")


def _index_keys(order: Order, time_zone: str | None) -> dict[str, str | None]:
    placed = order.placed_at or order.created_at
    since = _in_turn(placed, order) if placed else order.id
    keys: dict[str, str | None] = {
        "open_pk": order.store_id if order.is_open else None,
        "open_sk": since if order.is_open else None,
        "work_pk": None,
        "work_sk": None,
    }
    shard = sum(order.id.encode()) % WORK_SHARDS
    if order.is_waiting and order.enters_at is not None:
        enters = _in_turn(order.enters_at, order)
        keys |= {"open_pk": _waiting_key(order.store_id), "open_sk": enters}
        keys |= {"work_pk": f"enters#{shard}", "work_sk": enters}
    elif order.status is Status.INCOMING and order.accept_by is not None:
        keys |= {"work_pk": f"incoming#{shard}", "work_sk": _in_turn(order.accept_by, order)}
    if time_zone is not None and placed is not None:
        keys["day_pk"] = f"{order.store_id}#{business_date(placed, time_zone).isoformat()}"
        keys["day_sk"] = since
    return keys


def _in_turn(at: datetime, order: Order) -> str:
    """A sort key by time; a little of the order's id keeps those of one instant in one order."""
    return f"{sortable(at)}#{order.id[-_TIE_BREAK:]}"


def _waiting_key(store_id: str) -> str:
    """The partition of index `open` with a store's orders that wait; no store's id has a #."""
    return f"waiting#{store_id}"


def _list(index: str, key: str, *, limit: int, cursor: str | None, forward: bool) -> tuple[list[Item], str | None]:
    request: dict[str, Any] = {
        "TableName": settings().orders_table,
        "IndexName": index,
        "KeyConditionExpression": f"{index}_pk = :key",
        "ExpressionAttributeValues": to_item({":key": key}),
        "ScanIndexForward": forward,
        "Limit": limit,
    }
    return query_page(request, cursor)
