"""Wishes: how staff want a store, or an item of it, to be on one platform; and what the platform has confirmed of that.

Item in the orders table   pk            sk
a store on a connection    W#<store id>  STATUS#<connection id>
an item on a connection    W#<store id>  ITEM#<sku>#<connection id>

Staff write what is wanted and raise `version`; the worker writes `settled`, the version of which the platform has been
told, and what came of it. Both only ever touch their own attributes.

Index worklist: work_pk = `wishes`, work_sk = when to look at it again: a minute or two after it was written, unless a
worker has taken it by then; when the pause ends, after that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from orderhub.order.models import SyncState
from orderhub.order.times import parse_time, sortable
from orderhub.runtime import settings
from orderhub.storage import queues
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.bulk import transact
from orderhub.storage.codec import attribute, from_item, to_item
from orderhub.storage.pages import query_page

GRACE = timedelta(minutes=2)
"""How long a wish waits for a worker until the schedule asks for one (again)."""

_DUE = "wishes"
_STATUS, _ITEM = "STATUS#", "ITEM#"
_MOST_AT_ONCE = 100  # writes of a transaction
_THERE = "attribute_exists(pk)"
_SAME = "version = :version"
_NEXT = "if_not_exists(version, :none) + :one"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a wish lies, and whom it is for. key: its sort key."""

    store_id: str
    key: str
    connection_id: str
    platform: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What staff want of one platform. sku: of an item, None for the store itself; on: open, or on sale.

    until: when the opposite ends; external_id: the platform's id of the item, None to leave the one known; untold: why
    the platform can never be told, None when it can.
    """

    connection_id: str
    platform: str
    sku: str | None
    on: bool
    until: datetime | None
    reason: str | None
    external_id: str | None
    by: str
    at: datetime
    untold: str | None = None

    @property
    def key(self) -> str:
        """Its sort key."""
        return (_STATUS if self.sku is None else f"{_ITEM}{self.sku}#") + self.connection_id


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish as it is stored. told_off: the platform has confirmed that it is off, and not yet that it is on again."""

    place: Place
    sku: str | None
    on: bool
    until: datetime | None
    reason: str | None
    external_id: str
    changed_by: str
    changed_at: datetime
    version: int
    settled: int
    state: SyncState
    detail: str | None
    attempts: int
    tried_at: datetime | None
    told_off: bool
    last_error: str | None
    last_error_at: datetime | None

    @property
    def sync(self) -> SyncState:
        """What has become of it at the platform."""
        return self.state if self.settled == self.version else SyncState.PENDING

    @property
    def is_told(self) -> bool:
        """Whether there is nothing left to tell."""
        return self.sync in (SyncState.CONFIRMED, SyncState.UNSUPPORTED)

    def is_on(self, at: datetime) -> bool:
        """Whether it is to be on at a time: a pause may have ended."""
        return self.on or (self.until is not None and self.until <= at)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of telling. error: what went wrong, for staff; told_off: see Wish."""

    state: SyncState
    detail: str | None
    attempts: int
    at: datetime
    error: str | None
    told_off: bool


# --- staff ------------------------------------------------------------------------------------------------------------


def put(store_id: str, asked: Sequence[Asked]) -> None:
    """Stores what is wanted, all or nothing (up to a hundred platforms). Raises Retry."""
    writes = [_write(store_id, one) for one in asked]
    for start in range(0, len(writes), _MOST_AT_ONCE):
        transact(writes[start : start + _MOST_AT_ONCE])


def of_store(store_id: str) -> dict[str, Wish]:
    """How a store is wanted, by connection id. Raises Retry."""
    return {wish.place.connection_id: wish for wish in _all(store_id, _STATUS)}


def of_item(store_id: str, sku: str) -> dict[str, Wish]:
    """How an item of a store is wanted, by connection id. Raises Retry."""
    found = _all(store_id, f"{_ITEM}{sku}#")
    return {wish.place.connection_id: wish for wish in found if wish.sku == sku}


def items(store_id: str, *, limit: int, cursor: str | None) -> tuple[list[Wish], str | None]:
    """The items of a store that are off, or not on again everywhere, by SKU. Raises Reject INVALID_CURSOR, Retry."""
    found, next_cursor = query_page({**_query(store_id, _ITEM), "Limit": limit}, cursor)
    return [_wish(item) for item in found], next_cursor


# --- the worker -------------------------------------------------------------------------------------------------------


def get(store_id: str, key: str) -> Wish | None:
    """A wish as it is now, None when there is none. Raises Retry."""
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().orders_table, Key=_key(store_id, key), ConsistentRead=True
        )
    return _wish(found["Item"]) if "Item" in found else None


def claim(wish: Wish, at: datetime, lease: timedelta) -> Wish | None:
    """The wish as it is now, held for a while; None when another worker holds it, or it is gone. Raises Retry.

    From here on the queue sees to it; the schedule looks again when the pause ends.
    """
    again, gone = _when_it_ends(wish)
    return _update(
        wish.place,
        {"held_until": _milliseconds(at + lease), **again},
        gone,
        f"{_THERE} AND version = :version AND (attribute_not_exists(held_until) OR held_until < :now)",
        {":version": wish.version, ":now": _milliseconds(at)},
    )


def settle(wish: Wish, outcome: Outcome) -> bool:
    """Stores what came of telling and lets go of it; False when staff want something else by now. Raises Retry."""
    error = {"last_error": outcome.error, "last_error_at": sortable(outcome.at)} if outcome.error else {}
    again, gone = _when_it_ends(wish)
    sets: dict[str, Any] = {
        "settled": wish.version,
        "state": outcome.state.value,
        "detail": outcome.detail or "",
        "attempts": outcome.attempts,
        "tried_at": sortable(outcome.at),
        "told_off": int(outcome.told_off),
        **error,
        **again,
    }
    return _update(wish.place, sets, ("held_until", *gone), _SAME, {":version": wish.version}) is not None


def forget(wish: Wish) -> bool:
    """Removes a wish that has come true; False when staff want something else by now. Raises Retry."""
    with passing():
        try:
            client("dynamodb").delete_item(
                TableName=settings().orders_table,
                Key=_key(wish.place.store_id, wish.place.key),
                ConditionExpression=_SAME,
                ExpressionAttributeValues=to_item({":version": wish.version}),
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return False
    return True


def release(wish: Wish) -> None:
    """Lets go of a wish and leaves what it says as it is. Raises Retry."""
    _update(wish.place, {}, ("held_until",), _THERE, {})


# --- the schedule -----------------------------------------------------------------------------------------------------


def due(at: datetime) -> list[Place]:
    """The wishes to look at by now: a pause that has ended, or one that no worker has taken. Raises Retry."""
    request: dict[str, Any] = {
        "TableName": settings().orders_table,
        "IndexName": "worklist",
        "KeyConditionExpression": "work_pk = :due AND work_sk < :now",
        "ExpressionAttributeValues": to_item({":due": _DUE, ":now": sortable(at)}),
    }
    found, _ = query_page(request, None)
    return [_place(from_item(item)) for item in found]


def end(place: Place, at: datetime, by: str) -> bool:
    """Ends a pause whose time is over; False when there is none. Raises Retry."""
    sets = {"on": 1, "changed_by": by, "changed_at": sortable(at), **_due(place, at + GRACE)}
    condition = f"{_THERE} AND #on = :off AND #until <= :now"
    values = {":off": 0, ":now": sortable(at)}
    return _update(place, sets, ("until", "reason"), condition, values, newer=True) is not None


def postpone(place: Place, at: datetime) -> None:
    """Leaves a wish to a worker until then. Raises Retry."""
    _update(place, _due(place, at), (), _THERE, {})


def send(places: Iterable[Place]) -> None:
    """Asks for a worker for each of these wishes. Raises Retry."""
    messages = [
        (
            place.connection_id,
            {
                "platform": place.platform,
                "connection_id": place.connection_id,
                "store_id": place.store_id,
                "wish": place.key,
            },
        )
        for place in places
    ]
    if messages:
        queues.send(settings().tell_store_queue_url, messages)


# --- items of the table -----------------------------------------------------------------------------------------------


def _write(store_id: str, asked: Asked) -> dict[str, Any]:
    if asked.untold is not None and asked.on and asked.sku is not None:
        # Nobody was told that it is off, and nobody can be told that it is not.
        return {"Delete": {"TableName": settings().orders_table, "Key": _key(store_id, asked.key)}}
    place = Place(store_id, asked.key, asked.connection_id, asked.platform)
    again = asked.at + GRACE if asked.untold is None else asked.until
    sets = {
        "connection_id": asked.connection_id,
        "platform": asked.platform,
        "sku": asked.sku,
        "on": int(asked.on),
        "until": sortable(asked.until) if asked.until else None,
        "reason": asked.reason,
        "changed_by": asked.by,
        "changed_at": sortable(asked.at),
        "external_id": asked.external_id,
        **_due(place, again),
        **({} if asked.untold is None else {"state": SyncState.UNSUPPORTED.value, "detail": asked.untold}),
    }
    given = {name: value for name, value in sets.items() if value is not None}
    gone = [name for name in ("until", "reason", *(() if again else ("work_pk", "work_sk"))) if name not in given]
    raised = ["version", *(["settled"] if asked.untold is not None else [])]
    return {"Update": {"TableName": settings().orders_table, **_expression(place, given, gone, {}, raised)}}


def _update(
    place: Place,
    sets: Mapping[str, Any],
    gone: Sequence[str],
    condition: str,
    values: Mapping[str, Any],
    *,
    newer: bool = False,
) -> Wish | None:
    """The wish after an update; None when the condition does not hold. newer: raise its version."""
    request = _expression(place, sets, gone, values, ["version"] if newer else [])
    with passing():
        try:
            stored = client("dynamodb").update_item(
                TableName=settings().orders_table, ConditionExpression=condition, ReturnValues="ALL_NEW", **request
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return None
    return _wish(stored["Attributes"])


def _expression(
    place: Place, sets: Mapping[str, Any], gone: Sequence[str], values: Mapping[str, Any], raised: Sequence[str]
) -> dict[str, Any]:
    """An update's key, expression, names and values. raised: attributes that become the next version."""
    written = [f"#{name} = :{name}" for name in sets] + [f"{name} = {_NEXT}" for name in raised]
    parts = [f"SET {', '.join(written)}"] if written else []
    parts += [f"REMOVE {', '.join(f'#{name}' for name in gone)}"] if gone else []
    bound = {**{f":{name}": value for name, value in sets.items()}, **values}
    if raised:
        bound |= {":none": 0, ":one": 1}
    request: dict[str, Any] = {
        "Key": _key(place.store_id, place.key),
        "UpdateExpression": " ".join(parts),
        "ExpressionAttributeNames": {f"#{name}": name for name in (*sets, *gone)},
    }
    return request | ({"ExpressionAttributeValues": to_item(bound)} if bound else {})


def _due(place: Place, at: datetime | None) -> dict[str, Any]:
    """The index's keys that let the schedule look at a wish at a time; none for never."""
    return {"work_pk": _DUE, "work_sk": f"{sortable(at)}#{place.store_id}#{place.key}"} if at else {}


def _when_it_ends(wish: Wish) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What to write, and what to remove, so that the schedule next looks at a wish when its pause ends."""
    keys = _due(wish.place, None if wish.on else wish.until)
    return keys, () if keys else ("work_pk", "work_sk")


def _all(store_id: str, prefix: str) -> list[Wish]:
    found: list[Wish] = []
    cursor: str | None = None
    while True:
        page, cursor = query_page({**_query(store_id, prefix), "ConsistentRead": True}, cursor)
        found += map(_wish, page)
        if cursor is None:
            return found


def _query(store_id: str, prefix: str) -> dict[str, Any]:
    return {
        "TableName": settings().orders_table,
        "KeyConditionExpression": "pk = :store AND begins_with(sk, :kind)",
        "ExpressionAttributeValues": to_item({":store": f"W#{store_id}", ":kind": prefix}),
    }


def _key(store_id: str, key: str) -> dict[str, Any]:
    return {"pk": attribute(f"W#{store_id}"), "sk": attribute(key)}


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["pk"][2:], row["sk"], row["connection_id"], row["platform"])


def _wish(item: Mapping[str, Any]) -> Wish:
    row = from_item(item)
    return Wish(
        place=_place(row),
        sku=row.get("sku"),
        on=bool(row["on"]),
        until=_time(row, "until"),
        reason=row.get("reason"),
        external_id=row.get("external_id", ""),
        changed_by=row["changed_by"],
        changed_at=parse_time(row["changed_at"]),
        version=row["version"],
        settled=row.get("settled", 0),
        state=SyncState(row.get("state", SyncState.PENDING)),
        detail=row.get("detail") or None,
        attempts=row.get("attempts", 0),
        tried_at=_time(row, "tried_at"),
        told_off=bool(row.get("told_off", 0)),
        last_error=row.get("last_error"),
        last_error_at=_time(row, "last_error_at"),
    )


def _time(row: Mapping[str, Any], name: str) -> datetime | None:
    return parse_time(row[name]) if name in row else None


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
