"""Either dialect's order as a canonical order. Pure."""

from __future__ import annotations

from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, parse_as
from orderhub.platforms.petpooja import bills, orders
from orderhub.platforms.petpooja.bill_models import Bill
from orderhub.platforms.petpooja.kinds import Kind, kind_of
from orderhub.platforms.petpooja.models import SaveOrder


def to_order(payload: Any, connection: Connection[Any, Any]) -> Order:
    """The body of save_order; or a bill, in its envelope or without. Raises Quarantine, Ignore."""
    match kind_of(payload):
        case Kind.ORDER:
            return orders.to_order(parse_as(SaveOrder, payload), connection)
        case Kind.EVENT:
            return bills.to_order(parse_as(Bill, payload.get("properties")), connection)
        case Kind.BILL:
            return bills.to_order(parse_as(Bill, payload), connection)
        case kind:
            raise Quarantine(f"neither an order nor a bill: {kind}")
