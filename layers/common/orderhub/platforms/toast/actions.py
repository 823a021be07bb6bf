"""What the hub may tell Toast: how a delivery goes, that an order of our own is void, and what is out of stock."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from orderhub.errors import Quarantine, Reject, Unsupported
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, Done, ItemAvailability, Operation, StockLevel
from orderhub.platforms.http_types import Http
from orderhub.platforms.payload import Text
from orderhub.platforms.toast import limits
from orderhub.platforms.toast.client import headers, order_path, restaurant_of, written
from orderhub.platforms.toast.models import ToastPayload
from orderhub.runtime import now

_VOID_ALL = {"selections": {"voidAll": True}, "payments": {"voidAll": True}}
_INVALID = "INVALID"


def picked_up(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that a delivery is on its way. Raises Unsupported for any other order."""
    _check(Operation.PICKED_UP, order)
    return _progress(order, {"deliveryState": "PICKED_UP", "dispatchedDate": written(now())}, connection, http)


def complete(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that a delivery has arrived; Toast takes no more progress after that. Raises Unsupported for any other."""
    _check(Operation.COMPLETE, order)
    return _progress(order, {"deliveryState": "DELIVERED", "deliveredDate": written(now())}, connection, http)


def cancel(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Voids an order that our own client placed, which cannot be undone. Raises Unsupported for any other."""
    _check(Operation.CANCEL, order)
    if not connection.settings.may_void:
        raise Unsupported(Operation.CANCEL, "Toast", limits.NOT_OURS)
    _send("POST", order, "/void", _VOID_ALL, connection, http)
    return Done(note="voided, with its payments")


def _check(operation: Operation, order: Order) -> None:
    why = limits.of_this_order(operation, order)
    if why is not None:
        raise Unsupported(operation, "Toast", why)


# https://doc.toasttab.com/doc/devguide/apiUpdatingDeliveryInfoForAnOrder.html: notes would overwrite the guest's.
def _progress(order: Order, told: dict[str, str], connection: Connection[Any, Any], http: Http) -> Done:
    _send("PATCH", order, "/deliveryInfo", told, connection, http)
    return Done(note=f"delivery is {told['deliveryState']}")


def _send(
    method: str, order: Order, part: str, body: dict[str, Any], connection: Connection[Any, Any], http: Http
) -> None:
    restaurant = order.store_external_id or restaurant_of(order.source, connection)
    http.request(method, order_path(order.external_id) + part, json=body, headers=headers(restaurant))


# --- stock: https://doc.toasttab.com/doc/devguide/apiUpdatingInventoryInformation.html ------------------------------


class Stocked(ToastPayload):
    """A row of the answer to an update. item_guid_validity: VALID, or INVALID for an item that is not there."""

    item_guid_validity: Text = None


_ROWS = TypeAdapter(list[Stocked])


def set_item_availability(change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
    """Puts an item in stock or out of it. Raises Reject when the restaurant has no such item."""
    status = "IN_STOCK" if change.available else "OUT_OF_STOCK"
    _update(change.store_external_id, change.item, {"status": status}, http)
    if change.available or change.until is None:
        return Done(note="in stock" if change.available else "out of stock")
    return Done(note="out of stock; Toast takes no end of that, so put it back in stock when it is")


def set_stock(level: StockLevel, connection: Connection[Any, Any], http: Http) -> Done:
    """Sets how many of an item there are; none is out of stock. Raises Reject when the restaurant has no such item."""
    told = {"status": "QUANTITY", "quantity": level.quantity} if level.quantity > 0 else {"status": "OUT_OF_STOCK"}
    _update(level.store_external_id, level.item, told, http)
    return Done(note=f"{level.quantity} in stock" if level.quantity > 0 else "out of stock")


def _update(restaurant: str, item: str, told: dict[str, Any], http: Http) -> None:
    """An item is named by its GUID, or by the number it has at all restaurants of a group."""
    named = {"multiLocationId": item} if item.isdecimal() else {"guid": item}
    reply = http.request("PUT", "/stock/v1/inventory/update", json=[{**named, **told}], headers=headers(restaurant))
    try:
        rows = _ROWS.validate_python(reply.json())
    except (Quarantine, ValidationError):
        return  # taken, as its status says
    if any(row.item_guid_validity == _INVALID for row in rows):
        raise Reject("ITEM_NOT_FOUND", f"this restaurant has no item {item} at Toast")
