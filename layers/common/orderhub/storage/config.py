"""The configuration table: small documents in named collections, each with a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from orderhub.errors import Reject
from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import attribute, from_item, to_item, to_json
from orderhub.storage.pages import query_page

LONGEST_ID = 200
"""Characters of an id; a longer one is none of ours, and DynamoDB would refuse the key."""


class Collection(StrEnum):
    """What the table holds; the partition key of its items."""

    STORES = "stores"
    CONNECTIONS = "connections"
    API_KEYS = "api_keys"
    CURSORS = "cursors"
    TOKENS = "tokens"
    AUDIT = "audit"
    EMPLOYEES = "employees"
    SUBSCRIPTIONS = "subscriptions"
    IDEMPOTENCY = "idempotency"


@dataclass(frozen=True, slots=True)
class Entry:
    """One document. version: grows by one with each change."""

    id: str
    document: dict[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Part of a collection. next_cursor: None at the end."""

    entries: list[Entry]
    next_cursor: str | None


def get(collection: Collection, entry_id: str) -> Entry | None:
    """One document, None when there is none. Raises Retry."""
    if len(entry_id) > LONGEST_ID:
        return None
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().config_table, Key=key(collection, entry_id), ConsistentRead=True
        )
    return entry_of(found["Item"]) if "Item" in found else None


def put(
    collection: Collection,
    entry_id: str,
    document: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    expires_at: datetime | None = None,
) -> Entry:
    """Stores a document. expected_version: 0 for a new one, None for whatever is there.

    Raises Reject VERSION_CONFLICT when it is at another version, Retry.
    """
    values: dict[str, Any] = {":doc": to_json(document), ":one": 1, ":none": 0}
    update = "SET doc = :doc, version = if_not_exists(version, :none) + :one"
    if expires_at is not None:
        values[":expires"] = int(expires_at.timestamp())
        update += ", expires_at = :expires"
    request: dict[str, Any] = {"UpdateExpression": update, "ReturnValues": "ALL_NEW"}
    if expected_version == 0:
        request["ConditionExpression"] = "attribute_not_exists(pk)"
    elif expected_version is not None:
        request["ConditionExpression"] = "version = :expected"
        values[":expected"] = expected_version
    with passing():
        try:
            stored = client("dynamodb").update_item(
                TableName=settings().config_table,
                Key=key(collection, entry_id),
                ExpressionAttributeValues=to_item(values),
                **request,
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            raise Reject("VERSION_CONFLICT", f"{entry_id} has changed since, or exists already") from None
    return entry_of(stored["Attributes"])


def delete(collection: Collection, entry_id: str) -> None:
    """Removes a document, if it is there. Raises Retry."""
    with passing():
        client("dynamodb").delete_item(TableName=settings().config_table, Key=key(collection, entry_id))


def page(
    collection: Collection, *, limit: int = 100, cursor: str | None = None, prefix: str = "", newest_first: bool = False
) -> EntryPage:
    """Documents of a collection by id. prefix: what their ids begin with; newest_first: from the last id down.

    Raises Reject for a foreign cursor, Retry.
    """
    begins = {":prefix": prefix} if prefix else {}
    request: dict[str, Any] = {
        "TableName": settings().config_table,
        "KeyConditionExpression": "pk = :collection" + (" AND begins_with(sk, :prefix)" if begins else ""),
        "ExpressionAttributeValues": to_item({":collection": collection.value, **begins}),
        "Limit": limit,
        "ScanIndexForward": not newest_first,
    }
    items, next_cursor = query_page(request, cursor)
    return EntryPage([entry_of(item) for item in items], next_cursor)


def every(collection: Collection) -> list[Entry]:
    """All documents of a small collection. Raises Retry."""
    found: list[Entry] = []
    cursor: str | None = None
    while True:
        part = page(collection, limit=1000, cursor=cursor)
        found += part.entries
        cursor = part.next_cursor
        if cursor is None:
            return found


def claim(collection: Collection, entry_id: str, now: datetime, lease: timedelta) -> bool:
    """Takes the sole right to renew a document for a while; False when somebody else has it. Raises Retry."""
    with passing():
        try:
            client("dynamodb").update_item(
                TableName=settings().config_table,
                Key=key(collection, entry_id),
                UpdateExpression="SET claimed_until = :until",
                ConditionExpression="attribute_not_exists(claimed_until) OR claimed_until < :now",
                ExpressionAttributeValues={
                    ":until": attribute(int((now + lease).timestamp() * 1000)),
                    ":now": attribute(int(now.timestamp() * 1000)),
                },
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return False
    return True


def key(collection: Collection, entry_id: str) -> dict[str, Any]:
    """The key of a document."""
    return to_item({"pk": collection.value, "sk": entry_id})


def entry_of(item: Mapping[str, Any]) -> Entry:
    """The document in an item."""
    row = from_item(item)
    return Entry(row["sk"], json.loads(row.get("doc", "{}")), row.get("version", 0))
