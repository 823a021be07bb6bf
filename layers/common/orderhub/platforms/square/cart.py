"""Changing the lines of an order.

https://developer.squareup.com/docs/orders-api/manage-orders/update-orders
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from orderhub.errors import Reject
from orderhub.order.models import Item, Order
from orderhub.platforms.base import CartEdit, Done, Operation
from orderhub.platforms.http_types import Http
from orderhub.platforms.square import client
from orderhub.platforms.square.config import SquareConnection
from orderhub.platforms.square.models import LineItem
from orderhub.platforms.square.sums import paid

_ACTIONS = ("remove", "reduce", "substitute")


def edit_cart(order: Order, edits: Sequence[CartEdit], connection: SquareConnection, http: Http) -> Done:
    """All the edits in one change. What Square has already is left out.

    Raises Reject for a line that is not there, or an order that is not open any more. Square itself refuses to change
    the lines of an order that is paid.
    """
    planned = [(one, *_place(order, one.item_id)) for one in edits]
    theirs = client.read(order, http, Operation.EDIT_CART)
    if not client.is_open(theirs):
        raise Reject("ORDER_NOT_MODIFIABLE", f"Square has it as {theirs.state}")
    known = {line.uid: line for line in theirs.line_items}
    lines: list[dict[str, Any]] = []
    clear: list[str] = []
    for one, line, modifier in planned:
        uid = line.external_id or ""
        if uid not in known:
            continue
        if modifier is not None:
            clear += _without_modifier(one, uid, modifier, known[uid])
            continue
        left = _left(one, known[uid])
        if left == 0:
            clear.append(f"line_items[{uid}]")
        elif left != known[uid].quantity:
            lines.append({"uid": uid, "quantity": f"{left:f}"})
        if one.action == "substitute":
            lines.append(_instead(one, known[uid]))
    if lines or clear:
        change = {"line_items": lines} if lines else {}
        client.update(order, theirs, http, Operation.EDIT_CART, change, clear)
    return Done(note="what is paid does not follow: refund the difference" if paid(theirs) else None)


def _place(order: Order, item_id: str) -> tuple[Item, Item | None]:
    """The line of an item id, and the modifier when it is one. Raises Reject when there is none."""
    for line in order.items:
        if line.id == item_id:
            return line, None
        for modifier in line.modifiers:
            if modifier.id == item_id:
                return line, modifier
    raise Reject("ITEM_NOT_FOUND", f"the order has no item {item_id}")


def _left(one: CartEdit, line: LineItem) -> Decimal:
    """How many of a line are left. Raises Reject when that is no reduction."""
    if one.action not in _ACTIONS:
        raise Reject("UNKNOWN_EDIT", f"{one.action!r} is none of {', '.join(_ACTIONS)}")
    if one.action != "reduce":
        return Decimal(0)
    if one.quantity is None or not 0 <= one.quantity <= line.quantity:
        raise Reject("NOT_A_REDUCTION", f"a line of {line.quantity:f} cannot be reduced to {one.quantity}")
    return one.quantity


def _instead(one: CartEdit, line: LineItem) -> dict[str, Any]:
    """The new line: a variation of the catalog, as many as were there unless told otherwise."""
    if not one.substitute_external_id:
        raise Reject("SUBSTITUTE_MISSING", "a substitute is named by its catalog id at Square")
    quantity = line.quantity if one.quantity is None else one.quantity
    added = {"catalog_object_id": one.substitute_external_id, "quantity": f"{quantity:f}"}
    return {**added, "note": one.note} if one.note else added


def _without_modifier(one: CartEdit, uid: str, modifier: Item, line: LineItem) -> list[str]:
    if one.action != "remove":
        raise Reject("UNKNOWN_EDIT", "a modifier can only be removed")
    known = {theirs.uid for theirs in line.modifiers}
    return [f"line_items[{uid}].modifiers[{modifier.external_id}]"] if modifier.external_id in known else []
