"""Whose orders are whose: an index by phone and e-mail, in the orders table.

Item     pk                 sk                        further attributes
entry    PERSON#<digest>    <time placed>#<order id>  none: the digest stands for a store and a phone or e-mail
entries  O#<order id>       INDEXED                   entries: where its entries lie; erased: 1, it takes no more
answer   PERSON#<digest>    ANSWER                    doc, expires_at: what an erasure came to, for when it is repeated

An order's entries are written by a reader of the stream, which may read old records again, and late. So the list of
them is what counts: once it says erased, it takes no more, and whoever wrote an entry meanwhile takes it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from orderhub.order.times import sortable
from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import Item, from_item, to_item, to_json
from orderhub.storage.links import order_pk

_BETWEEN = "|"  # in neither half of an entry's key
_MOST_READ = 1000
_ANSWER = "ANSWER"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Where an order is found by one contact. place: sorts by the time it was placed; key: of `Contact.key`."""

    place: str
    key: str

    @property
    def order_id(self) -> str:
        """The order it leads to."""
        return self.place.partition("#")[2]


def entry_of(key: str, order_id: str, placed_at: datetime) -> Entry:
    """The entry of an order under a contact."""
    return Entry(f"{sortable(placed_at)}#{order_id}", key)


def add(order_id: str, entries: Iterable[Entry]) -> bool:
    """Makes an order be found by these; again changes nothing. False when its customer is erased. Raises Retry."""
    written = list(entries)
    for entry in written:
        with passing():
            client("dynamodb").put_item(TableName=settings().orders_table, Item=_key(entry))
    if _list(order_id, written):
        return True
    _delete(written)
    return False


def find(keys: Sequence[str], *, limit: int, before: str | None = None) -> list[Entry]:
    """The entries of the newest orders under these keys, `limit` orders at most, newest first.

    An order may have entries under several of them, which are not torn apart. before: only those placed before that
    place. One query for each key. Raises Retry.
    """
    found = sorted((entry for key in keys for entry in _query(key, limit, before)), reverse=True)
    places = set(islice(dict.fromkeys(entry.place for entry in found), limit))
    return [entry for entry in found if entry.place in places]


def find_all(keys: Sequence[str]) -> list[Entry]:
    """All entries under these keys, newest first. Raises Retry."""
    found: list[Entry] = []
    while True:
        page = find(keys, limit=_MOST_READ, before=found[-1].place if found else None)
        found += page
        if is_last(page, _MOST_READ):
            return found


def is_last(page: Sequence[Entry], limit: int) -> bool:
    """Whether what `find` has found under such a limit is the end."""
    return len({entry.place for entry in page}) < limit


def forget(order_id: str, found_by: Iterable[Entry]) -> None:
    """Takes an order off the index for good. found_by: entries that go last, so that a repeat finds it by them.

    Raises Retry.
    """
    last = set(found_by)
    _delete(entry for entry in _close(order_id) if entry not in last)
    _update(order_id, "REMOVE entries", {})
    _delete(last)


def answer_given(key: str, at: datetime) -> dict[str, Any] | None:
    """The answer that was given to a request; None when it is new, or too old to be remembered. Raises Retry."""
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().orders_table, Key=_key(Entry(_ANSWER, key)), ConsistentRead=True
        )
    row = from_item(found.get("Item", {}))
    if not row or row["expires_at"] <= at.timestamp():
        return None
    answer: dict[str, Any] = json.loads(row["doc"])
    return answer


def remember_answer(key: str, answer: Mapping[str, Any], until: datetime) -> None:
    """Keeps the answer to a request for a while. Raises Retry."""
    item = {**_key(Entry(_ANSWER, key)), **to_item({"doc": to_json(answer), "expires_at": int(until.timestamp())})}
    with passing():
        client("dynamodb").put_item(TableName=settings().orders_table, Item=item)


def _list(order_id: str, entries: Sequence[Entry]) -> bool:
    """Notes where an order's entries lie; False when it takes no more."""
    listed = {":new": {"SS": [f"{entry.key}{_BETWEEN}{entry.place}" for entry in entries]}}
    try:
        _update(order_id, "ADD entries :new", listed, ConditionExpression="attribute_not_exists(erased)")
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _close(order_id: str) -> list[Entry]:
    """Lets an order have no more entries; those it has."""
    known = _update(order_id, "SET erased = :one", to_item({":one": 1}), ReturnValues="ALL_NEW")["Attributes"]
    parts = (text.partition(_BETWEEN) for text in known.get("entries", {}).get("SS", []))
    return [Entry(place, key) for key, _, place in parts]


def _update(order_id: str, expression: str, values: Item, **more: Any) -> dict[str, Any]:
    """Raises ClientError when a condition is not met, Retry for all else."""
    bound = {"ExpressionAttributeValues": values} if values else {}
    with passing():
        try:
            updated: dict[str, Any] = client("dynamodb").update_item(
                TableName=settings().orders_table,
                Key=to_item({"pk": order_pk(order_id), "sk": "INDEXED"}),
                UpdateExpression=expression,
                **bound,
                **more,
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            refused = error
        else:
            return updated
    raise refused


def _query(key: str, limit: int, before: str | None) -> list[Entry]:
    condition, values = "pk = :pk", {":pk": _pk(key)}
    if before is not None:
        condition, values[":before"] = f"{condition} AND sk < :before", before
    with passing():
        page = client("dynamodb").query(
            TableName=settings().orders_table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit,
        )
    return [Entry(item["sk"]["S"], key) for item in page["Items"]]


def _delete(entries: Iterable[Entry]) -> None:
    for entry in entries:
        with passing():
            client("dynamodb").delete_item(TableName=settings().orders_table, Key=_key(entry))


def _pk(key: str) -> str:
    return f"PERSON#{key}"


def _key(entry: Entry) -> Item:
    return to_item({"pk": _pk(entry.key), "sk": entry.place})
