"""Changing lines of an accepted order. DoorDash answers at once, and sends the changed order within about 10 seconds.

https://developer.doordash.com/en-US/docs/marketplace/how_to/merchant_order_adjustment
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from orderhub.errors import Reject
from orderhub.order.models import Item, Order
from orderhub.platforms.base import CartEdit, Connection, Done
from orderhub.platforms.doordash.client import Body, order_path
from orderhub.platforms.http_types import Http

# Not on DoorDash's own page; those who publish their integrations need it for orders of the sandbox.
_SANDBOX = {"dd-tenant-id": "doortest:default"}
# What goes with each kind of change beside the line's key; a line that goes takes its options with it.
_FIELDS: Mapping[str, frozenset[str]] = {
    "ITEM_REMOVE": frozenset(),
    "ITEM_UPDATE": frozenset({"quantity", "options"}),
    "ITEM_SUBSTITUTE": frozenset({"substituted_item"}),
}


def edit_cart(order: Order, edits: Sequence[CartEdit], connection: Connection[Any, Any], http: Http) -> Done:
    """Changes lines and options, all in one call. Raises Reject for what DoorDash would not do, or not say."""
    if not edits:
        raise Reject("NOTHING_TO_EDIT", "no line of the order is to be changed")
    changes: dict[str, Body] = {}
    for edit in edits:
        line, option = _find(order, edit)
        key = _key(line)
        if option is None:
            changes[key] = {**changes.get(key, {}), "line_item_id": key, **_line_change(edit, line)}
        else:
            same = {"line_item_id": key, "adjustment_type": "ITEM_UPDATE", "quantity": _whole(line.quantity)}
            changes.setdefault(key, same).setdefault("options", []).append(_option_change(edit, option))
    _check_something_is_left(order, changes)
    headers = _SANDBOX if connection.settings.environment == "sandbox" else None
    body = {"items": [_sent(change) for change in changes.values()]}
    http.request("PATCH", order_path(order, "/adjustment"), json=body, headers=headers)
    return Done(note="DoorDash changes the order, and sends it again within seconds")


def _sent(change: Body) -> Body:
    kept = {"line_item_id", "adjustment_type", *_FIELDS[change["adjustment_type"]]}
    return {name: value for name, value in change.items() if name in kept}


def _line_change(edit: CartEdit, line: Item) -> Body:
    if edit.action == "substitute":
        if not edit.substitute_external_id:
            raise Reject("SUBSTITUTE_MISSING", "which item comes instead has to be said")
        substitute: Body = {
            "merchant_supplied_id": edit.substitute_external_id,
            "quantity": _whole(line.quantity if edit.quantity is None else edit.quantity),
        }
        return {"adjustment_type": "ITEM_SUBSTITUTE", "substituted_item": substitute}
    return _less(edit)


def _option_change(edit: CartEdit, option: Item) -> Body:
    if edit.action == "substitute":
        raise Reject("OPTION_NOT_SUBSTITUTED", "DoorDash removes options or changes how many, and substitutes none")
    return {"line_option_id": _key(option), **_less(edit)}


def _less(edit: CartEdit) -> Body:
    if edit.action != "reduce":
        return {"adjustment_type": "ITEM_REMOVE"}
    if edit.quantity is None:
        raise Reject("QUANTITY_MISSING", "how many there are has to be said")
    quantity = _whole(edit.quantity)
    return {"adjustment_type": "ITEM_UPDATE", "quantity": quantity} if quantity else {"adjustment_type": "ITEM_REMOVE"}


def _check_something_is_left(order: Order, changes: dict[str, Body]) -> None:
    """DoorDash says yes to an order without lines, and then does nothing."""
    gone = {key for key, change in changes.items() if change["adjustment_type"] == "ITEM_REMOVE"}
    if all(line.external_id in gone or not line.quantity for line in order.items):
        raise Reject("CANCEL_INSTEAD", "nothing would be left of the order: DoorDash ignores that; cancel it instead")


def _find(order: Order, edit: CartEdit) -> tuple[Item, Item | None]:
    for line in order.items:
        if line.id == edit.item_id:
            return line, None
        for option in _options(line):
            if option.id == edit.item_id:
                return line, option
    raise Reject("UNKNOWN_ITEM", f"the order has no line {edit.item_id}")


def _options(item: Item) -> Iterator[Item]:
    for option in item.modifiers:
        yield option
        yield from _options(option)


def _key(item: Item) -> str:
    if item.external_id is None:
        raise Reject("LINE_NOT_ADJUSTABLE", f"DoorDash sent no key of {item.name!r}, so it cannot be told to change it")
    return item.external_id


def _whole(quantity: Decimal) -> int:
    if quantity != quantity.to_integral_value():
        raise Reject("QUANTITY_NOT_WHOLE", "DoorDash takes whole numbers of an item")
    return int(quantity)
