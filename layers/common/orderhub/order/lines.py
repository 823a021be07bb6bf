"""The lines of an order as the people see them who prepare them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from orderhub.errors import Reject
from orderhub.order.models import Item, Order
from orderhub.order.pricing import line_total


class LineStatus(StrEnum):
    """How far a line is. One of which nobody has said anything is pending."""

    PENDING = "pending"
    PREPARING = "preparing"
    READY = "ready"
    COMPLETED = "completed"


# What a platform sends as well, so that it has to be remembered when staff wrote it.
TEXTS = frozenset({"name", "notes", "category"})


@dataclass(slots=True)
class Share:
    """Some of the lines. quantity: their units."""

    lines: int = 0
    quantity: Decimal = Decimal(0)


@dataclass(slots=True)
class Summary:
    """All lines together.

    subtotal: minor units before discounts, None when the price of a line is not known. categories: "" for lines
    without one.
    """

    total_items: int = 0
    total_quantity: Decimal = Decimal(0)
    subtotal: int | None = 0
    categories: dict[str, Share] = field(default_factory=dict)
    statuses: dict[str, Share] = field(default_factory=dict)


def status_of(item: Item) -> str:
    """How far a line is."""
    return item.status or LineStatus.PENDING


def summary(items: Iterable[Item]) -> Summary:
    """What lines come to."""
    found = Summary()
    for item in items:
        total = line_total(item) if item.total is None else item.total
        found.total_items += 1
        found.total_quantity += item.quantity
        found.subtotal = None if found.subtotal is None or total is None else found.subtotal + total
        for share in (
            found.categories.setdefault(item.category or "", Share()),
            found.statuses.setdefault(status_of(item), Share()),
        ):
            share.lines += 1
            share.quantity += item.quantity
    return found


def line(order: Order, item_id: str) -> Item:
    """One line of an order. Raises Reject ITEM_NOT_FOUND."""
    found = next((item for item in order.items if item.id == item_id), None)
    if found is None:
        raise Reject("ITEM_NOT_FOUND", f"the order has no line {item_id}", details={"order_item_id": item_id})
    return found


def rewritten(order: Order, item_id: str, changes: Mapping[str, Any]) -> tuple[Order | None, dict[str, Any]]:
    """The order with another word on one of its lines, None when it says so already; and what is different.

    changes: fields of the line and what staff want in them. Texts that staff wrote are marked as theirs. Raises Reject
    ITEM_NOT_FOUND.
    """
    item = line(order, item_id)
    news = {name: value for name, value in changes.items() if value != getattr(item, name)}
    told = {name: {"from": getattr(item, name), "to": value} for name, value in news.items()}
    if not news:
        return None, told
    edited = sorted({*item.edited, *(TEXTS & news.keys())})
    changed = item.model_copy(update={**news, "edited": edited})
    return order.model_copy(update={"items": [changed if one is item else one for one in order.items]}), told


def is_about(summary: Mapping[str, Any], item_id: str) -> bool:
    """Whether a line of the timeline is about a line of the order.

    summary: of the event. A change of texts or status names its `item`, one of the cart has `edits` and what they cost.
    """
    changed = [*summary.get("edits", ()), *summary.get("difference", {}).get("lines", ())]
    return summary.get("item") == item_id or any(one.get("item_id") == item_id for one in changed)
