"""DynamoDB's rules of size and capacity, as pure functions over items in its own notation.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Item = Mapping[str, Mapping[str, Any]]

_WRITE_STEP = 1024
_READ_STEP = 4096
_CONTAINER = 3
_ELEMENT = 1
STORED_OVERHEAD = 100
"""Bytes that each stored item, and each entry of an index, counts for beyond its size."""


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index. keys: its key attributes; included: attributes it also holds, None for all of them."""

    name: str
    keys: tuple[str, ...]
    included: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The keys of a table and its indexes."""

    keys: tuple[str, ...]
    indexes: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One item written. before, after: the item around the write, None where it is not there.

    A write refused by its condition has the same item on both sides, and is paid for all the same.
    """

    table: str
    operation: str
    before: Item | None
    after: Item | None
    transactional: bool = False


def item_size(item: Item) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_size(content)
        case "B":
            return len(content if isinstance(content, bytes) else base64.b64decode(content))
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(_value_size({kind[0]: one}) for one in content)
        case "L":
            return _CONTAINER + sum(_ELEMENT + _value_size(one) for one in content)
        case "M":
            return _CONTAINER + item_size(content) + _ELEMENT * len(content)
        case _:
            raise ValueError(f"DynamoDB has no type {kind!r}")


def _number_size(text: str) -> int:
    """A byte for each two significant digits and one more; a sign takes one as well."""
    sign, digits, _ = Decimal(text).normalize().as_tuple()
    return math.ceil(len(digits) / 2) + 1 + sign


def write_units(size: int) -> int:
    """Units to write so many bytes outside a transaction."""
    return max(1, math.ceil(size / _WRITE_STEP))


def read_units(size: int, *, consistent: bool) -> float:
    """Units to read so many bytes in one request; what is not there costs as much as the smallest item."""
    whole = max(1, math.ceil(size / _READ_STEP))
    return whole if consistent else whole / 2


def table_units(write: Write) -> int:
    """Units on the table itself: of the larger of the two images, twice in a transaction."""
    size = max((item_size(image) for image in (write.before, write.after) if image is not None), default=0)
    return write_units(size) * (2 if write.transactional else 1)


def index_entry(item: Item | None, table: Table, index: Index) -> dict[str, Any] | None:
    """What an index holds of an item; None when the item lacks one of the index's keys."""
    if item is None or any(key not in item for key in index.keys):
        return None
    if index.included is None:
        return dict(item)
    held = {*table.keys, *index.keys, *index.included}
    return {name: value for name, value in item.items() if name in held}


def index_units(write: Write, table: Table, index: Index) -> int:
    """Units on one index: nothing when its entry stays as it is, two writes when the entry moves.

    The same in and out of a transaction, for indexes are written after it.
    """
    before, after = index_entry(write.before, table, index), index_entry(write.after, table, index)
    if before == after:
        return 0
    units = [write_units(item_size(entry)) if entry is not None else 0 for entry in (before, after)]
    moved = before is not None and after is not None and any(before[key] != after[key] for key in index.keys)
    return sum(units) if moved else max(units)


def units_by_place(write: Write, table: Table) -> dict[str, int]:
    """Units by where they are spent: `table`, and each index that changes by its name."""
    spent = {index.name: index_units(write, table, index) for index in table.indexes}
    return {"table": table_units(write), **{name: units for name, units in spent.items() if units}}


def stored_bytes(item: Item, table: Table) -> int:
    """Bytes that an item is billed for as stored, with its entries in the indexes."""
    entries = (index_entry(item, table, index) for index in table.indexes)
    return sum(item_size(image) + STORED_OVERHEAD for image in (item, *entries) if image is not None)
