"""What staff may ask to be changed of an order's lines, and what of it platforms can be told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from orderhub.order.models import Model
from orderhub.order.native import Count, NewItem, Text, Words


class RemoveItem(Model):
    """Takes a line or modifier off. note: for the customer and the platform."""

    action: Literal["remove_item"]
    item_id: Words
    note: Text | None = None


class ReduceQuantity(Model):
    """Leaves fewer of a line or modifier. quantity: the new one."""

    action: Literal["reduce_quantity"]
    item_id: Words
    quantity: Count
    note: Text | None = None


class AddItem(Model):
    """Adds a line."""

    action: Literal["add_item"]
    item: NewItem


class UpdateItem(Model):
    """More of a line (quantity: the new one), other modifiers in place of all it has, or other notes."""

    action: Literal["update_item"]
    item_id: Words
    quantity: Count | None = None
    modifiers: list[NewItem] | None = Field(default=None, max_length=50)
    notes: Text | None = None


class SubstituteItem(Model):
    """Another article in place of a line; as many as there were when its quantity is left out."""

    action: Literal["substitute_item"]
    item_id: Words
    item: NewItem
    note: Text | None = None


Edit = Annotated[
    RemoveItem | ReduceQuantity | AddItem | UpdateItem | SubstituteItem,
    Field(discriminator="action"),
]


def untellable(edits: Sequence[Edit]) -> str | None:
    """Why platforms cannot be told of such edits, a part of a sentence; None when they can."""
    for edit in edits:
        match edit:
            case AddItem() | UpdateItem():
                return f"platforms take lines off, reduce and substitute them, and know no {edit.action}"
            case SubstituteItem(item=NewItem(modifiers=[_, *_])):
                return "platforms take a substitute without modifiers"
            case SubstituteItem(item=NewItem(external_id=None, sku=None)):
                return "platforms know a substitute by its external_id or sku"
            case _:
                continue
    return None
