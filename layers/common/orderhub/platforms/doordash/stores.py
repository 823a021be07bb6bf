"""What the store tells DoorDash about itself and its menu.

https://developer.doordash.com/en-US/docs/marketplace/how_to/store_and_item_status
"""

from __future__ import annotations

from typing import Any

from orderhub.errors import Misconfigured
from orderhub.platforms.base import Connection, Done, ItemAvailability, StoreStatus
from orderhub.platforms.doordash.client import Body
from orderhub.platforms.doordash.statuses import PAUSED, PAUSES
from orderhub.platforms.http_types import Http
from orderhub.platforms.pieces import path_part, rfc3339


def set_item_availability(change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
    """Takes an item off the menu of one store, or puts it back. DoorDash knows items by our own id, the sku."""
    item = {"merchant_supplied_id": change.sku or change.external_item_id, "is_active": change.available}
    http.request("PUT", f"/api/v1/stores/{path_part(change.store_external_id)}/items/status", json=[item])
    if change.available:
        return Done(note="on sale again")
    return Done(
        note="taken off; DoorDash takes no time for that, so put it back by hand" if change.until else "taken off"
    )


def set_store_status(status: StoreStatus, connection: Connection[Any, Any], http: Http) -> Done:
    """Opens a store, or pauses it until a time or until further notice."""
    body: Body = {"is_active": True}
    if not status.is_open:
        word = status.reason if status.reason in PAUSES else PAUSED
        body = {"is_active": False, "reason": word, "notes": status.reason or "Paused by the store"}
        if status.until is not None:
            body["end_time"] = rfc3339(status.until)
    http.request("PUT", f"/api/v1/stores/{path_part(status.store_external_id)}/status", json=body)
    return Done(note="open" if status.is_open else "paused")


def verify_connection(connection: Connection[Any, Any], http: Http) -> Done:
    """Reads what DoorDash knows of the first store on the map.

    https://developer.doordash.com/en-US/docs/marketplace/how_to/get_menu_and_store_info. Raises Misconfigured when no
    store is mapped, or the access key is refused.
    """
    if not connection.stores:
        raise Misconfigured("no store of DoorDash is on this connection's map: put your id of the store there")
    store = min(connection.stores)
    http.request("GET", f"/api/v1/stores/{path_part(store)}/store_details")
    return Done(note=f"DoorDash knows store {store}")
