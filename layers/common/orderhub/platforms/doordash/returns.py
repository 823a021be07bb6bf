"""Goods that came back: the one refund that a store can ask of DoorDash, for shops on its list, once for each order.

https://developer.doordash.com/en-US/docs/marketplace/retail/orders/features/order_returns
"""

from __future__ import annotations

from typing import Any

from orderhub.errors import Misconfigured, Reject, Unsupported
from orderhub.order.models import Item, Order
from orderhub.platforms.base import Connection, Done, Operation, RefundRequest
from orderhub.platforms.doordash import NO_RETURNS, PLATFORM
from orderhub.platforms.doordash.client import order_path
from orderhub.platforms.doordash.statuses import RETURN_OTHER, RETURNS
from orderhub.platforms.http_types import Http, Reply


def refund(order: Order, refund: RefundRequest, connection: Connection[Any, Any], http: Http) -> Done:
    """Reports lines as returned, whole; DoorDash works out the money. Raises Unsupported, Reject, Misconfigured."""
    if not connection.settings.retail_returns:
        raise Unsupported(Operation.REFUND, PLATFORM.name, NO_RETURNS)
    lines = _returned(order, refund)
    place = connection.settings.return_location_id or order.store_external_id
    if not place:
        raise Misconfigured("DoorDash wants to know where goods are returned: set `return_location_id`")
    reason = refund.reason if refund.reason in RETURNS else RETURN_OTHER
    items = [
        {"merchant_supplied_id": line.sku, "quantity": int(line.quantity), "reason": reason}
        for line in lines
        if line.quantity
    ]
    body = {"return_items": items, "return_location_id": place}
    reply = http.request("POST", order_path(order, "/return"), json=body)
    number = _operation(reply)
    ids = {"return_id": number} if number else {}
    return Done(note="DoorDash has the return and works out the money", ids=ids)


def _returned(order: Order, refund: RefundRequest) -> list[Item]:
    """The lines to give back: those named, or all. Raises Reject when the amount is less than they cost."""
    known = {line.id: line for line in order.items}
    unknown = [item_id for item_id in refund.item_ids if item_id not in known]
    if unknown:
        raise Reject("UNKNOWN_ITEM", f"the order has no line {unknown[0]}")
    lines = [known[item_id] for item_id in dict.fromkeys(refund.item_ids)] or order.items
    if not lines or any(line.sku is None for line in lines):
        raise Reject("LINE_NOT_RETURNABLE", "DoorDash takes back items by our own id of them, and this has none")
    if refund.amount < sum(line.total or 0 for line in lines):
        raise Reject("WHOLE_LINES_ONLY", "DoorDash takes back whole lines, and these cost more than that")
    return lines


def _operation(reply: Reply) -> str | None:
    answer = reply.json() if reply.body else None
    number = answer.get("operation_id") if isinstance(answer, dict) else None
    return number if isinstance(number, str) else None
