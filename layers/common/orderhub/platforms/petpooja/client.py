"""What ordering apps are told, and whether Petpooja takes our keys.

https://onlineorderingapisv210.docs.apiary.io/
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Misconfigured, Unsupported
from orderhub.order.models import Order, StatusReason
from orderhub.order.times import zone
from orderhub.platforms.base import Connection, Done, ItemAvailability, Operation, StoreStatus
from orderhub.platforms.http_types import Http
from orderhub.platforms.petpooja import polling
from orderhub.platforms.petpooja.config import Mode
from orderhub.platforms.petpooja.proof import key_values
from orderhub.platforms.petpooja.reach import callback_url, unreachable
from orderhub.platforms.petpooja.statuses import CANCELLED, REASONS, TOLD
from orderhub.runtime import now

_NAME = "Petpooja"
# Items are taken off until a time; this long from now stands for "until further notice".
_FURTHER_NOTICE = timedelta(days=365)
_LENGTHS = {"app_key": 32, "app_secret": 40, "access_token": 40}
_ADDON = "addon:"


def accept(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Takes the order, with the minutes it needs."""
    return _tell(Operation.ACCEPT, order, connection, http)


def deny(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Turns the order down, and says why."""
    return _tell(Operation.DENY, order, connection, http)


def cancel(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Cancels an accepted order, and says why."""
    return _tell(Operation.CANCEL, order, connection, http)


def ready(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the food is ready."""
    return _tell(Operation.READY, order, connection, http)


def picked_up(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the order is on its way."""
    return _tell(Operation.PICKED_UP, order, connection, http)


def complete(order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    """Tells that the order was delivered."""
    return _tell(Operation.COMPLETE, order, connection, http)


def set_item_availability(change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
    """Puts an item on sale in the ordering app or takes it off; an id that begins with `addon:` is an add-on's."""
    operation = Operation.SET_ITEM_AVAILABILITY
    url = _address(connection.settings.stock_url, "stock_url", operation)
    is_addon = change.item.startswith(_ADDON)
    body: dict[str, Any] = {
        "restID": change.store_external_id,
        "type": "addon" if is_addon else "item",
        "inStock": change.available,
        "itemID": [change.item.removeprefix(_ADDON)],
    }
    if not change.available:
        until = change.until or now() + _FURTHER_NOTICE
        body |= {
            "autoTurnOnTime": "custom",
            "customTurnOnTime": f"{_local(until, change.store_external_id, connection):%Y-%m-%d %H:%M}",
        }
    http.request("POST", url, json=body)
    return Done(note="on sale again" if change.available else "taken off")


def set_store_status(status: StoreStatus, connection: Connection[Any, Any], http: Http) -> Done:
    """Opens or pauses a restaurant in the ordering app."""
    url = _address(connection.settings.store_status_url, "store_status_url", Operation.SET_STORE_STATUS)
    until = "" if status.is_open or status.until is None else _local(status.until, status.store_external_id, connection)
    http.request(
        "POST",
        url,
        json={
            "restID": status.store_external_id,
            "store_status": 1 if status.is_open else 0,
            "turn_on_time": f"{until:%Y-%m-%d %H:%M:%S}" if until else "",
            "reason": status.reason or "",
        },
    )
    return Done(note="open" if status.is_open else "paused")


def verify_connection(connection: Connection[Any, Any], http: Http) -> Done:
    """Asks for the bills of the first restaurant. Raises Unsupported where all orders are pushed to us."""
    if Mode.BILL_PULL not in connection.settings.modes:
        raise Unsupported(Operation.VERIFY_CONNECTION, _NAME, "orders are pushed to us; there is nothing to ask for")
    for name, value in key_values(polling.keys_of(connection)).items():
        if len(value) != _LENGTHS[name]:
            raise Misconfigured(f"{name} has {len(value)} characters, and Petpooja's have {_LENGTHS[name]}")
    restaurant = polling.restaurants(connection)[0]
    bills = polling.ask(restaurant, polling.days(restaurant, connection, now())[0], http)
    return Done(note=f"Petpooja lists {len(bills)} bills of restaurant {restaurant}")


def reason_text(reason: StatusReason | None) -> str:
    """Why, in words: those of staff behind ours."""
    if reason is None or reason.code is None:
        return (reason.details if reason else None) or "Cancelled by the restaurant"
    return f"{REASONS[reason.code]}: {reason.details}" if reason.details else REASONS[reason.code]


def _tell(operation: Operation, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
    why = unreachable(order)
    if why is not None:
        raise Unsupported(operation, _NAME, why)
    status, courier = TOLD[operation], order.courier
    body = {
        "restID": order.store_external_id,
        "orderID": order.external_id,
        "status": status,
        "cancel_reason": reason_text(order.status_reason) if status == CANCELLED else "",
        "minimum_prep_time": _minutes(order) if operation is Operation.ACCEPT else "",
        "minimum_delivery_time": "",
        "rider_name": (courier.name if courier else None) or "",
        "rider_phone_number": (courier.phone if courier else None) or "",
        "is_modified": "No",
    }
    http.request("POST", callback_url(order, connection), json=body)
    return Done()


def _minutes(order: Order) -> int | str:
    return "" if order.prep_minutes is None else order.prep_minutes


def _address(url: str, setting: str, operation: Operation) -> str:
    if not url:
        raise Unsupported(operation, _NAME, f"the ordering app's own address for it is not in the setting {setting}")
    return url


def _local(at: datetime, restaurant: str, connection: Connection[Any, Any]) -> datetime:
    return at.astimezone(zone(connection.store(restaurant).time_zone))
