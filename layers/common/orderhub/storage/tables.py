"""Books of restaurants' days, the numbers of their reservations, and the answers given, for when they are asked again.

All of it lies in the orders table, so that a reservation, its place in the book and the answer are one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from orderhub.order.ids import digest
from orderhub.order.tables import Book, Seating
from orderhub.order.times import parse_time, sortable
from orderhub.runtime import settings
from orderhub.storage import bulk
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import Item, from_item, pack, to_item, to_json, unpack

_KEPT = timedelta(days=60)  # after the day
# Numbers begin at the seconds since then, so that a connection made anew gives none out a second time: reservations
# come slower than seconds go. They stay within 32 bits until the year 2088.
_NUMBERS_SINCE = 1_577_836_800  # 2020-01-01


def answered(connection_id: str, key: str, now: datetime) -> dict[str, Any] | None:
    """The answer that was given to a request; None when it is new, or too old to be remembered. Raises Retry."""
    row = _get(_answer_key(connection_id, key))
    if not row or row["expires_at"] <= now.timestamp():
        return None
    answer: dict[str, Any] = json.loads(row["doc"])
    return answer


def book(connection_id: str, store: str, day: date) -> Book:
    """A day of a restaurant's book, strongly consistent. Raises Retry."""
    row = _get(_day_key(connection_id, store, day))
    if not row:
        return Book(day)
    seatings = (_seating(one) for one in json.loads(unpack(row["doc"])))
    return Book(day, tuple(seatings), row["version"])


def next_number(connection_id: str, store: str, now: datetime) -> int:
    """A number that no reservation or lock of this restaurant has had. Raises Retry."""
    seed = int(now.timestamp()) - _NUMBERS_SINCE
    with passing():
        counted = client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item({"pk": _pk(connection_id, store), "sk": "NUMBER"}),
            UpdateExpression="SET last_number = if_not_exists(last_number, :seed) + :one",
            ExpressionAttributeValues=to_item({":seed": seed, ":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
    return int(from_item(counted["Attributes"])["last_number"])


def commit(
    connection_id: str,
    store: str,
    books: Iterable[Book],
    answer: tuple[str, Mapping[str, Any], datetime],
    changes: Sequence[dict[str, Any]] = (),
    *,
    now: datetime,
) -> bool:
    """Stores changed days, an answer (its key, and until when it counts) and changes of an order, all or nothing.

    False when somebody else changed one of them, or answered, first. Raises Retry.
    """
    key, given, until = answer
    writes = [
        _put_answer(connection_id, key, given, until, now),
        *(_put_book(connection_id, store, one) for one in books),
    ]
    return bulk.transact([*writes, *changes]) is None


def _put_answer(
    connection_id: str, key: str, answer: Mapping[str, Any], until: datetime, now: datetime
) -> dict[str, Any]:
    expires = int(until.timestamp()) + 1
    item = to_item({**_answer_key(connection_id, key), "doc": to_json(answer), "expires_at": expires})
    return {
        "Put": {
            "TableName": settings().orders_table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
            "ExpressionAttributeValues": to_item({":now": int(now.timestamp())}),
        }
    }


def _put_book(connection_id: str, store: str, changed: Book) -> dict[str, Any]:
    rows = [{**asdict(one), "at": sortable(one.at)} for one in changed.seatings]
    for row in rows:
        row["held_until"] = sortable(row["held_until"]) if row["held_until"] else None
    end = datetime.fromisoformat(f"{changed.day.isoformat()}T00:00:00+00:00") + _KEPT
    put: dict[str, Any] = {
        "TableName": settings().orders_table,
        "Item": to_item(
            {
                **_day_key(connection_id, store, changed.day),
                "doc": pack(to_json(rows).encode()),
                "version": changed.version + 1,
                "expires_at": int(end.timestamp()),
            }
        ),
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if changed.version:
        put["ConditionExpression"] = "#version = :before"
        put["ExpressionAttributeNames"] = {"#version": "version"}
        put["ExpressionAttributeValues"] = to_item({":before": changed.version})
    return {"Put": put}


def _seating(row: dict[str, Any]) -> Seating:
    held = row["held_until"]
    return Seating(row["number"], parse_time(row["at"]), row["size"], parse_time(held) if held else None)


def _get(key: dict[str, str]) -> dict[str, Any]:
    with passing():
        found = client("dynamodb").get_item(TableName=settings().orders_table, Key=to_item(key), ConsistentRead=True)
    item: Item = found.get("Item", {})
    return from_item(item)


def _pk(connection_id: str, store: str) -> str:
    return f"T#{connection_id}#{digest(store)}"


def _day_key(connection_id: str, store: str, day: date) -> dict[str, str]:
    return {"pk": _pk(connection_id, store), "sk": f"DAY#{day.isoformat()}"}


def _answer_key(connection_id: str, key: str) -> dict[str, str]:
    return {"pk": f"A#{connection_id}#{digest(key)}", "sk": "ANSWER"}
