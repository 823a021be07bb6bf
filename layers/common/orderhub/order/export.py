"""Orders as text for other programs: CSV with fixed columns, and JSON Lines. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from orderhub.order.models import Customer, Order, Payment, StatusReason
from orderhub.order.times import sortable

# What a spreadsheet would take for a formula when a cell begins with it.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")

# Fields of the order's amounts, in minor units of `currency`.
_MONEY = (
    *("subtotal", "tax", "tax_remitted_by_platform", "delivery_fee", "service_fee", "bag_fee", "deposit"),
    *("other_fees", "tip", "driver_tip", "discount", "total"),
)

Cell = str | int | bool | None


class Format(StrEnum):
    """How orders are written."""

    CSV = "csv"
    JSONL = "jsonl"


def _time(at: datetime | None) -> str | None:
    return sortable(at) if at is not None else None


def _lines(order: Order) -> str:
    return "; ".join(f"{item.quantity} x {item.name}" for item in order.items)


def _customer(order: Order) -> Customer:
    return order.customer or Customer()


def _reason(order: Order) -> StatusReason:
    return order.status_reason or StatusReason()


def _money(name: str) -> Callable[[Order], Cell]:
    def amount(order: Order) -> Cell:
        value: Cell = getattr(order.amounts, name)
        return value

    return amount


# Name of a column -> what stands in it. Programs read these by name: new ones go to the end, none is taken away.
COLUMNS: dict[str, Callable[[Order], Cell]] = {
    "id": lambda order: order.id,
    "store_id": lambda order: order.store_id,
    "platform": lambda order: order.platform,
    "channel": lambda order: order.channel,
    "external_id": lambda order: order.external_id,
    "display_id": lambda order: order.display_id,
    "status": lambda order: order.status.value,
    "reason": lambda order: _reason(order).code,
    "reason_details": lambda order: _reason(order).details,
    "fulfillment": lambda order: order.fulfillment,
    "delivered_by": lambda order: order.delivered_by,
    "placed_at": lambda order: _time(order.placed_at),
    "scheduled_for": lambda order: _time(order.scheduled_for),
    "accept_by": lambda order: _time(order.accept_by),
    "ready_at": lambda order: _time(order.ready_at),
    "customer_name": lambda order: _customer(order).name,
    "customer_phone": lambda order: _customer(order).phone,
    "customer_email": lambda order: _customer(order).email,
    "items": _lines,
    "notes": lambda order: order.notes,
    "currency": lambda order: order.amounts.currency,
    **{name: _money(name) for name in _MONEY},
    "payment_method": lambda order: (order.payment or Payment()).method,
    "prepaid": lambda order: (order.payment or Payment()).prepaid,
    "amount_due": lambda order: (order.payment or Payment()).amount_due,
    "is_test": lambda order: order.is_test,
    "duplicate_of": lambda order: order.duplicate_of,
    "version": lambda order: order.version,
    "created_at": lambda order: _time(order.created_at),
    "updated_at": lambda order: _time(order.updated_at),
}


def to_csv(orders: Iterable[Order], *, head: bool) -> str:
    """One row for each order, lines ended by CRLF (RFC 4180). head: whether the names of the columns come first."""
    text = io.StringIO()
    rows = csv.writer(text)
    if head:
        rows.writerow(COLUMNS)
    rows.writerows([_cell(column(order)) for column in COLUMNS.values()] for order in orders)
    return text.getvalue()


def to_jsonl(orders: Iterable[Order]) -> str:
    """One canonical order in JSON on each line."""
    return "".join(f"{order.model_dump_json()}\n" for order in orders)


def _cell(value: Cell) -> Cell:
    """A value as a cell. Text of others that would be a formula gets an apostrophe in front, which makes it text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
