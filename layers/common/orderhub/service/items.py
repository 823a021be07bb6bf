"""What staff do with the lines of an order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from orderhub.errors import Reject
from orderhub.order import lines
from orderhub.order.events import Event
from orderhub.order.messages import ItemChange
from orderhub.order.models import Item, Order
from orderhub.service.access import Caller, Role
from orderhub.service.changes import change_key, record_change, request_digest
from orderhub.service.orders import get_order
from orderhub.storage import timelines


def list_items(
    caller: Caller, order_id: str, statuses: Collection[str], categories: Collection[str]
) -> tuple[Order, list[Item]]:
    """An order, and those of its lines that have one of the statuses and categories; all when none is named.

    Raises Reject ORDER_NOT_FOUND.
    """
    order = get_order(caller, order_id)
    found = [
        item
        for item in order.items
        if (not statuses or lines.status_of(item) in statuses)
        and (not categories or (item.category or "") in categories)
    ]
    return order, found


def get_item(caller: Caller, order_id: str, item_id: str) -> tuple[Order, Item, Sequence[Event]]:
    """An order, one of its lines, and the events about that line, oldest first.

    Raises Reject ORDER_NOT_FOUND, ITEM_NOT_FOUND.
    """
    order = get_order(caller, order_id)
    item = lines.line(order, item_id)
    return order, item, [event for event in timelines.timeline(order_id) if lines.is_about(event.summary, item_id)]


def change_item(
    caller: Caller,
    order_id: str,
    item_id: str,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
) -> Order:
    """Changes texts, status or picked quantity of a line; the order as it then is. The platform is not told.

    changes: fields of the line and what shall be in them. Raises Reject PERMISSION_DENIED, ORDER_NOT_FOUND,
    ITEM_NOT_FOUND, ORDER_NOT_MODIFIABLE, VERSION_CONFLICT, INVALID_FIELD_VALUE for no change at all; Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    order = get_order(caller, order_id)
    if not changes:
        raise Reject("INVALID_FIELD_VALUE", "say what is to change of the line")
    change = ItemChange(
        delivery_key=change_key(caller, order_id, "item", idempotency_key),
        request=request_digest(idempotency_key, item_id, sorted(changes.items())),
        item_id=item_id,
        changes=dict(changes),
        expected_version=expected_version,
    )
    return record_change(caller, order, change)
