"""Counts what a request to AWS costs, from the request itself and the items around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.units import Item, Write, item_size, read_units
from benchmarks.wire import Answer, Call

Key = Mapping[str, Any]
Look = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Asks DynamoDB itself, unmetered: operation and parameters in, answer out."""

_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheck"}


@dataclass(frozen=True, slots=True)
class Read:
    """One request that read. place: the table's name, or `table/index`; size: bytes read; units: read units."""

    place: str
    operation: str
    size: int
    units: float


@dataclass(frozen=True, slots=True)
class Aim:
    """One item that a request means to write, and the item as it was."""

    table: str
    operation: str
    key: Key
    before: Item | None
    transactional: bool


def aims(call: Call, keys: Mapping[str, Sequence[str]], look: Look) -> list[Aim]:
    """The items that a request to DynamoDB means to write, looked up before it does. keys: by table."""
    if call.service != "dynamodb":
        return []
    body = json.loads(call.body)
    if call.operation == "TransactWriteItems":
        named = [next(iter(entry.items())) for entry in body["TransactItems"]]
        return [_aim(_WRITES[name], entry, keys, look, transactional=True) for name, entry in named]
    if call.operation in _WRITES.values():
        return [_aim(call.operation, body, keys, look, transactional=False)]
    if call.operation.startswith("Batch"):
        raise NotImplementedError(f"{call.operation} is not counted")
    return []


def _aim(
    operation: str, entry: Mapping[str, Any], keys: Mapping[str, Sequence[str]], look: Look, *, transactional: bool
) -> Aim:
    table = entry["TableName"]
    key = {name: entry.get("Key", entry.get("Item", {}))[name] for name in keys[table]}
    return Aim(table, operation, key, image(table, key, look), transactional)


def image(table: str, key: Key, look: Look) -> Item | None:
    """An item as it is."""
    found: Item | None = look("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}).get("Item")
    return found


def writes(aimed: Sequence[Aim], look: Look) -> list[Write]:
    """What became of the items a request meant to write."""
    return [
        Write(aim.table, aim.operation, aim.before, image(aim.table, aim.key, look), aim.transactional) for aim in aimed
    ]


def read(call: Call, answer: Answer, look: Look) -> Read | None:
    """What a request to DynamoDB read; None when it does not read, or was refused."""
    if call.service != "dynamodb" or call.operation not in ("GetItem", "Query") or answer.status != 200:
        return None
    asked = json.loads(call.body)
    # Units are of whole items, whatever part of them the request wants to see.
    whole = {name: value for name, value in asked.items() if name not in ("ProjectionExpression", "Select")}
    if call.operation == "Query":
        whole["ExpressionAttributeNames"] = _used(asked, asked["KeyConditionExpression"])
    elif "ProjectionExpression" in asked:
        whole.pop("ExpressionAttributeNames", None)
    found = look(call.operation, {name: value for name, value in whole.items() if value != {}})
    items = found.get("Items", [found["Item"]] if "Item" in found else [])
    size = sum(item_size(item) for item in items)
    place = "/".join(filter(None, (asked["TableName"], asked.get("IndexName"))))
    return Read(place, call.operation, size, read_units(size, consistent=asked.get("ConsistentRead", False)))


def _used(asked: Mapping[str, Any], expression: str) -> dict[str, str]:
    names: Mapping[str, str] = asked.get("ExpressionAttributeNames", {})
    return {name: meaning for name, meaning in names.items() if name in expression}
