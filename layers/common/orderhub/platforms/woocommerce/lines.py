"""The lines of an order: what is in a combo stands below it, and wishes stand below what they are about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import unescape
from typing import Any

from orderhub.order.ids import item_id
from orderhub.order.models import Item
from orderhub.order.money import minor_units
from orderhub.platforms.woocommerce.models import Line, Meta, Order

_DEEPEST = 8  # a composite of bundles is three deep
_FINEST = Decimal("0.000001")
_ADD_ONS = "_pao_ids"


def minor(amount: Decimal | None, currency: str) -> int | None:
    """Minor units, None for what is not said."""
    return None if amount is None else minor_units(amount, currency)


def plain(text: str | None) -> str | None:
    """Text without HTML entities; None for none."""
    return unescape(text).strip() or None if text else None


def items_of(order: Order, currency: str) -> list[Item]:
    """The lines as the customer sees them; parts of combos, which come as lines of their own, within their combo."""
    parents = parents_of(order.line_items)
    below: dict[str, list[Line]] = {}
    for line in order.line_items:
        if line.id in parents:
            below.setdefault(parents[line.id], []).append(line)
    return [_item(line, Decimal(1), below, currency)[0] for line in order.line_items if line.id not in parents]


def parents_of(lines: Sequence[Line]) -> dict[str, str]:
    """The line that each part of a combo stands below. A line whose way up does not end stands for itself."""
    named = {line.id: line.parent for line in lines}
    return {
        line.id: line.parent
        for line in lines
        if line.parent is not None and line.parent in named and _has_top(line.parent, named)
    }


def _has_top(line: str, named: Mapping[str, str | None]) -> bool:
    place: str | None = line
    for _ in range(_DEEPEST):
        place = named.get(place or "")
        if place not in named:
            return True
    return False


def _item(line: Line, units: Decimal, below: dict[str, list[Line]], currency: str) -> tuple[Item, Decimal | None]:
    """A line with its parts, and what they come to in major units.

    units: how many of it there are of the whole that it is a part of; its quantity and total are for one of those.
    """
    parts = [_item(part, line.quantity or Decimal(1), below, currency) for part in below.pop(line.id, [])]
    sums = [line.subtotal, *(whole for _, whole in parts)]
    whole = None if None in sums else sum((one for one in sums if one is not None), Decimal(0))
    item = Item(
        id=item_id(line.id),
        external_id=line.id,
        sku=line.sku or line.variation_id or line.product_id,
        name=plain(line.name) or f"line {line.id}",
        quantity=line.quantity if units == 1 else (line.quantity / units).quantize(_FINEST),
        unit_price=_price(line, currency),
        total=None if whole is None else minor_units(whole / units, currency),
        tax=minor(line.total_tax, currency),
        modifiers=[*(part for part, _ in parts), *_wishes(line)],
    )
    return item, whole


def _price(line: Line, currency: str) -> int | None:
    """Of one unit without tax and discount. The payload's own `price` is a float, and after discounts."""
    if line.subtotal is None or not line.quantity:
        return None
    return minor(line.subtotal / line.quantity, currency)


def _wishes(line: Line) -> list[Item]:
    """What the customer chose, as the shop words it. Its price is in the line already."""
    add_ons = next((meta.value for meta in line.meta_data if meta.key == _ADD_ONS), None)
    shown = [meta for meta in line.meta_data if meta.key and not meta.key.startswith("_")]
    return [
        Item(
            id=item_id(line.id, "meta", str(number), meta.id or ""),
            external_id=_add_on_id(meta, add_ons),
            name=": ".join(filter(None, (plain(meta.display_key or meta.key), _words(meta)))) or f"wish {number + 1}",
            quantity=Decimal(1),
            unit_price=0,
            total=0,
        )
        for number, meta in enumerate(shown)
    ]


def _words(meta: Meta) -> str | None:
    shown = meta.display_value if isinstance(meta.display_value, str) else meta.value
    if shown is None or isinstance(shown, str):
        return plain(shown)
    return json.dumps(shown, ensure_ascii=False, default=str)


def _add_on_id(meta: Meta, add_ons: Any) -> str | None:
    """The id that the Product Add-Ons plugin keeps of a choice, in a list beside the words shown."""
    for one in add_ons if isinstance(add_ons, list) else ():
        same = isinstance(one, dict) and one.get("id") and one.get("value") == meta.value
        if same and str(meta.key).startswith(str(one.get("key"))):
            return str(one["id"])
    return None
