"""Rollups: what a store's orders come to, by day, by hour and by item. Exactly once by construction.

Item     pk            sk                     attributes
day      R#<store id>  DAY#2026-10-05         <name of order/facts.py>: the sum over the orders of that day
hour     R#<store id>  HOUR#2026-10-05T14     the same, of those placed in that hour
items    R#<store id>  ITEMS#2026-10-05#07    the sums by item; spread over SHARDS, for a grocer's day would not fit one
issues   R#<store id>  ISSUES#2026-10-05      the sums of the issues that were opened on that day
counted  C#<order id>  COUNTED#<sk>           version: of what is counted; rows: what it added, packed JSON

An order or issue is counted in one transaction: its `counted` item is replaced, on condition that it is the one that
was looked at, and the sums get the difference between what it adds now and what it had added. So it does not matter
how often it is counted, nor in which order its versions come: the newest counts, once.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from orderhub.errors import Retry
from orderhub.order.facts import Contribution
from orderhub.order.ids import digest
from orderhub.order.issues import Issue
from orderhub.order.models import Order
from orderhub.order.times import sortable
from orderhub.runtime import settings
from orderhub.storage import bulk, orders
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import Item, from_item, pack, to_item, to_json, unpack

SHARDS = 16
_TRIES = 8
_KEYS = ("pk", "sk")

Rows = dict[str, dict[str, dict[str, int]]]
"""pk -> sk -> name -> number: what an order adds to which rollup."""


class Kind(StrEnum):
    """What a rollup is of."""

    DAY = "DAY"
    HOUR = "HOUR"
    ITEMS = "ITEMS"
    ISSUES = "ISSUES"


@dataclass(frozen=True, slots=True)
class Image:
    """An order or issue in a record of the stream. key: its own; day: the store's day that an order is listed under."""

    key: tuple[str, str]
    thing: Order | Issue
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Rollup:
    """One rollup. day: which it is of, or part of; hour: of one of Kind.HOUR, else 0; numbers: by name."""

    day: date
    hour: int
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Counted:
    version: int = 0
    rows: Rows = field(default_factory=dict)


def image_of(image: Mapping[str, Any]) -> Image | None:
    """The order or issue in a record of the table's stream; None when it is none, or an order that has never ended."""
    pk, sk = (image.get(name, {}).get("S", "") for name in _KEYS)
    if not pk.startswith("O#"):
        return None
    if sk.startswith("I#"):
        return Image((pk, sk), Issue.model_validate_json(_document(image)))
    if sk != orders.ORDER_KEY or "ended" not in image:
        return None
    day = image["day_pk"]["S"].rpartition("#")[2] if "day_pk" in image else None
    return Image((pk, sk), Order.model_validate_json(_document(image)), date.fromisoformat(day) if day else None)


def count(image: Image, contribution: Contribution | None) -> bool:
    """Makes the rollups hold what an order or issue adds as it is in this image; None when that is nothing.

    False when this version or a newer one is counted already. Raises Retry.
    """
    rows = _rows(contribution) if contribution is not None else {}
    known = _Counted()  # most orders are counted once, so the first try is without a look
    for _ in range(_TRIES):
        if known.version >= image.thing.version:
            return False
        changes = _difference(rows, known.rows)
        reasons = bulk.transact([_put_counted(image, rows, known.version), *changes])
        if reasons is None:
            return True
        known = _counted(reasons[0].get("Item"))
    raise Retry("the order is being counted by many at once")


def read(store_id: str, kind: Kind, first: date, last: date) -> Iterator[Rollup]:
    """The rollups of a store's days, both ends included, in one query for each megabyte of them. Raises Retry."""
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings().orders_table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=to_item(
                {":pk": _pk(store_id), ":first": f"{kind}#{first}", ":last": f"{kind}#{last}~"}
            ),
        )
    )
    with passing():
        for page in pages:
            yield from map(_rollup, page["Items"])


def of_days(days: Mapping[str, date]) -> list[Rollup]:
    """The day rollups of many stores, of one day each (by store id); a request for each hundred. Raises Retry."""
    keys = [to_item({"pk": _pk(store_id), "sk": f"{Kind.DAY}#{day}"}) for store_id, day in days.items()]
    return [_rollup(item) for item in bulk.batch_get(keys).values()]


def open_orders(store_id: str, since: datetime, until: datetime, *, limit: int | None = None) -> list[Order]:
    """A store's open orders that were placed from `since` to before `until`, oldest first. Raises Retry."""
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings().orders_table,
            IndexName="open",
            KeyConditionExpression="open_pk = :store AND open_sk BETWEEN :since AND :until",
            ExpressionAttributeValues=to_item(
                {":store": store_id, ":since": sortable(since), ":until": sortable(until)}
            ),
            ProjectionExpression="doc",
            PaginationConfig={"MaxItems": limit},
        )
    )
    with passing():
        found = [item for page in pages for item in page["Items"]]
    return [Order.model_validate_json(unpack(from_item(item)["doc"])) for item in found]


# --- items ---------------------------------------------------------------------------------------------------------


def _pk(store_id: str) -> str:
    return f"R#{store_id}"


def _document(image: Mapping[str, Any]) -> bytes:
    """The document in a record of the stream, where bytes are base64 text."""
    return unpack(b64decode(image["doc"]["B"]))


def _rows(contribution: Contribution) -> Rows:
    figures, day = dict(contribution.figures), contribution.day
    rows = {
        f"{Kind.DAY}#{day}": figures,
        f"{Kind.HOUR}#{day}T{contribution.hour:02}": figures,
        f"{Kind.ISSUES}#{day}": dict(contribution.issues),
    }
    for name, number in contribution.items.items():
        rows.setdefault(f"{Kind.ITEMS}#{day}#{_shard(name):02}", {})[name] = number
    return {_pk(contribution.store_id): {sk: numbers for sk, numbers in rows.items() if numbers}}


def _shard(name: str) -> int:
    """Which of a day's items rollups holds an item: the same one for all of its figures and platforms."""
    return int(digest(name.split("|", 4)[-1])[:8], 16) % SHARDS


def _difference(new: Rows, old: Rows) -> list[dict[str, Any]]:
    """The writes that take sums from the old rows to the new."""
    changes: dict[tuple[str, str], Counter[str]] = {}
    for rows, sign in ((new, 1), (old, -1)):
        for pk, kinds in rows.items():
            for sk, numbers in kinds.items():
                sums = changes.setdefault((pk, sk), Counter())
                for name, number in numbers.items():
                    sums[name] += sign * number
    return [
        {"Update": _add(pk, sk, {name: number for name, number in sums.items() if number})}
        for (pk, sk), sums in changes.items()
        if any(sums.values())
    ]


def _add(pk: str, sk: str, numbers: Mapping[str, int]) -> dict[str, Any]:
    places = {f"{place:x}": name for place, name in enumerate(numbers)}
    return {
        "TableName": settings().orders_table,
        "Key": to_item({"pk": pk, "sk": sk}),
        "UpdateExpression": "ADD " + ",".join(f"#{place} :{place}" for place in places),
        "ExpressionAttributeNames": {f"#{place}": name for place, name in places.items()},
        "ExpressionAttributeValues": to_item({f":{place}": numbers[name] for place, name in places.items()}),
    }


def _put_counted(image: Image, rows: Rows, known: int) -> dict[str, Any]:
    bound = {"ExpressionAttributeValues": to_item({":known": known})} if known else {}
    return {
        "Put": {
            "TableName": settings().orders_table,
            "Item": to_item(
                {
                    "pk": f"C#{image.key[0].removeprefix('O#')}",
                    "sk": f"COUNTED#{image.key[1]}",
                    "version": image.thing.version,
                    "rows": pack(to_json(rows).encode()),
                }
            ),
            "ConditionExpression": "version = :known" if known else "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **bound,
        }
    }


def _counted(item: Item | None) -> _Counted:
    if not item:
        return _Counted()
    row = from_item(item)
    return _Counted(row["version"], json.loads(unpack(row["rows"])))


def _rollup(item: Item) -> Rollup:
    row = from_item(item)
    _, _, label = row["sk"].partition("#")
    hour = int(label[11:]) if label[10:11] == "T" else 0
    numbers = {name: number for name, number in row.items() if name not in _KEYS}
    return Rollup(date.fromisoformat(label[:10]), hour, numbers)
