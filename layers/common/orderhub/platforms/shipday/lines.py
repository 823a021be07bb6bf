"""The lines of an order as Shipday has them: a name, a whole number of them, a price with the choices in it.

https://docs.shipday.com/reference/insert-delivery-order
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from orderhub.order.models import Item
from orderhub.order.money import exponent
from orderhub.platforms.shipday.plain import plain, told

_CENT = Decimal("0.01")


def major(minor: Decimal | int, currency: str) -> float:
    """An amount of minor units in major units, with two decimals at most."""
    return float(_two_decimals(minor, currency))


def major_text(minor: int, currency: str) -> str:
    """As `major`, written out: 13.47."""
    return str(_two_decimals(minor, currency))


def lines_of(items: Sequence[Item], currency: str) -> list[dict[str, Any]]:
    """The lines that there is something of."""
    return [_line(item, currency) for item in items if item.quantity > 0]


def _line(item: Item, currency: str) -> dict[str, Any]:
    """A part of a unit (half a kilo) counts as one, and its name says how much it is."""
    whole = item.quantity == item.quantity.to_integral_value()
    unit = _unit(item)
    name = plain(item.name) or "Item"
    price = unit if unit is None or whole else unit * item.quantity
    return told(
        {
            "name": name if whole else f"{_count(item.quantity)} x {name}",
            "quantity": int(item.quantity) if whole else 1,
            "unitPrice": None if price is None else major(price, currency),
            "addOns": list(_add_ons(item.modifiers, Decimal(1), currency)),
            "detail": item.notes,
        }
    )


def _unit(item: Item) -> Decimal | None:
    """Minor units of one, with its modifiers; None when nobody says."""
    if item.unit_price is not None:
        return item.unit_price + sum((_whole(one) for one in item.modifiers), Decimal(0))
    return None if item.total is None else Decimal(item.total) / item.quantity


def _whole(modifier: Item) -> Decimal:
    """Minor units that a modifier adds to one unit of its parent."""
    if modifier.total is not None:
        return Decimal(modifier.total)
    own = (modifier.unit_price or 0) + sum((_whole(one) for one in modifier.modifiers), Decimal(0))
    return own * modifier.quantity


def _add_ons(modifiers: Sequence[Item], times: Decimal, currency: str) -> Iterator[str]:
    """Modifiers as texts, each followed by its own: "2 x Cheese (+1.50)" is two for 1.50 together, "No basil" is free.

    times: how many of the parent there are in one unit of the line.
    """
    for one in modifiers:
        count = one.quantity * times
        price = _own(one) * times
        name = plain(one.name) or "Extra"
        if price:
            yield f"{_count(count)} x {name} ({'+' if price > 0 else '-'}{_two_decimals(abs(price), currency)})"
        else:
            yield name if count == 1 else f"{_count(count)} x {name}"
        yield from _add_ons(one.modifiers, count, currency)


def _own(modifier: Item) -> Decimal:
    """Minor units of a modifier without its own modifiers, for one unit of its parent."""
    if modifier.unit_price is not None:
        return modifier.unit_price * modifier.quantity
    below = sum((_whole(one) for one in modifier.modifiers), Decimal(0)) * modifier.quantity
    return Decimal(0) if modifier.total is None else modifier.total - below


def _count(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _two_decimals(minor: Decimal | int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency)).quantize(_CENT, rounding=ROUND_HALF_UP)
