"""The lines of an order, with their wishes and taxes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from orderhub.order.ids import item_id
from orderhub.order.models import Check, Item
from orderhub.order.money import minor_units
from orderhub.platforms.shopify.models import Amount, Line, Order, Pair

QUANTITY_CHANGED = "QUANTITY_CHANGED"


def items_of(order: Order, currency: str) -> list[Item]:
    """What is to be made: a line that was refunded or edited away since the sale stays, with the quantity that is left.

    A tip is a line of its own at Shopify; it is no item.
    """
    return [_item(line, currency) for line in goods(order)]


def goods(order: Order) -> list[Line]:
    """The lines that are goods."""
    return [line for line in order.line_items if not line.is_tip]


def tips(order: Order) -> list[Line]:
    """The lines that are tips."""
    return [line for line in order.line_items if line.is_tip]


def left(line: Line) -> int:
    """How many of a line are still wanted."""
    return line.quantity if line.current_quantity is None else line.current_quantity


def changes(order: Order) -> Iterable[Check]:
    """One flag for each line of which not all, or more, than was sold is wanted now."""
    for line in goods(order):
        if left(line) != line.quantity:
            message = f"{_name(line)!r}: {line.quantity} sold, {left(line)} wanted now"
            yield Check(code=QUANTITY_CHANGED, message=message)


def minor(amount: Amount, currency: str) -> int | None:
    """Minor units, None for what is not said."""
    return None if amount is None else minor_units(amount, currency)


def total(amounts: Iterable[Amount], currency: str) -> int:
    """Minor units of all amounts together."""
    return sum(minor_units(amount, currency) for amount in amounts if amount is not None)


def _item(line: Line, currency: str) -> Item:
    price = minor(line.price, currency)
    return Item(
        id=item_id(line.id),
        external_id=line.id,
        sku=line.sku or line.variant_id,
        name=_name(line),
        quantity=Decimal(left(line)),
        unit_price=price,
        total=None if price is None else price * left(line),
        tax=total((tax.price for tax in line.tax_lines), currency) if line.tax_lines else None,
        category=_category(line),
        modifiers=[_wish(line, number, pair) for number, pair in enumerate(_shown(line))],
    )


def _name(line: Line) -> str:
    return line.name or line.title or line.sku or f"line {line.id}"


def _category(line: Line) -> str | None:
    """What a warehouse must know of a line: a gift card or a download is nothing to send."""
    if line.gift_card:
        return "gift_card"
    return "no_shipping" if line.requires_shipping is False else None


def _shown(line: Line) -> list[Pair]:
    """The properties meant for people: apps start the names of their own with an underscore."""
    return [pair for pair in line.properties if pair.name and not pair.name.startswith("_")]


def _wish(line: Line, number: int, pair: Pair) -> Item:
    return Item(
        id=item_id(line.id, "property", str(number), pair.name or ""),
        name=f"{pair.name}: {pair.value}" if pair.value else pair.name or "",
        quantity=Decimal(1),
        unit_price=0,
        total=0,
    )
