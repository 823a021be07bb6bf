"""What puts the states of one Square order in their order, and which orders have no version to put there."""

from __future__ import annotations

from orderhub.order.models import Order
from orderhub.order.times import parse_time, sortable, sortable_number

WHY_POS = "orders of the Point of Sale app have no version, and only orders that have one can be changed from outside"


def is_of_point_of_sale(order: Order) -> bool:
    """Whether it is an order that cannot be changed from outside."""
    return order.source.get("pos") == "true"


def version_of(version: int | None, updated_at: str | None) -> str | None:
    """An order's version, else the time of its last change, as text that sorts. Raises Quarantine.

    Orders of the Point of Sale app have no version. The plus sign sorts before every digit, so that a time is always
    older than a version: should an order get its first version one day, it moves on, and never back.
    """
    if version is not None:
        return sortable_number(version)
    return f"+{sortable(parse_time(updated_at))}" if updated_at else None
