"""Values as DynamoDB items and back. Items are flat: text, whole numbers and bytes."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from orderhub.errors import Reject
from orderhub.order.events import Raw
from orderhub.storage.vocabulary import WORDS

Value = str | int | bytes
Item = dict[str, Any]


def attribute(value: Value) -> dict[str, Any]:
    """One value in DynamoDB's notation."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bytes):
        return {"B": value}
    return {"N": str(value)}


def to_item(values: Mapping[str, Value | None]) -> Item:
    """An item of the values that are there."""
    return {name: attribute(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an item."""
    return {name: int(value["N"]) if "N" in value else next(iter(value.values())) for name, value in item.items()}


def to_json(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), default=str)


def pack(text: bytes) -> bytes:
    """Compressed: order documents and bodies are JSON, and shrink to a third, as their write cost does."""
    packer = zlib.compressobj(zdict=WORDS)
    return packer.compress(text) + packer.flush()


def unpack(data: bytes) -> bytes:
    """What was packed. Raises zlib.error for anything else."""
    unpacker = zlib.decompressobj(zdict=WORDS)
    text = unpacker.decompress(data)
    if not unpacker.eof:
        raise zlib.error("it ends too early")
    return text


def pack_raw(raw: Raw) -> bytes:
    """A received message as bytes: its headers as one line of JSON, then its body untouched."""
    return pack(to_json(dict(raw.headers)).encode() + b"\n" + raw.body)


def unpack_raw(data: bytes) -> Raw:
    """The received message that was packed."""
    head, _, body = unpack(data).partition(b"\n")
    return Raw(body, json.loads(head))


def to_cursor(key: Mapping[str, Any] | None) -> str | None:
    """Where a list goes on, as text that a client hands back; None at its end."""
    if not key:
        return None
    return urlsafe_b64encode(to_json(from_item(key)).encode()).decode().rstrip("=")


def from_cursor(cursor: str | None) -> Item | None:
    """The key in a cursor. Raises Reject INVALID_CURSOR for one that we did not make."""
    if cursor is None:
        return None
    try:
        values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return to_item({str(name): str(value) for name, value in values.items()})
    except (ValueError, AttributeError):
        raise Reject("INVALID_CURSOR", "the cursor is not one of ours") from None
