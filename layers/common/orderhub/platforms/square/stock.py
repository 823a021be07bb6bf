"""How many of an item a location has.

https://developer.squareup.com/docs/inventory-api/what-it-does
"""

from __future__ import annotations

from orderhub.errors import Misconfigured, Reject
from orderhub.order.ids import digest
from orderhub.platforms.base import Done, ItemAvailability, StockLevel, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.payload import Id, Payload
from orderhub.platforms.square.client import rfc3339
from orderhub.platforms.square.config import SquareConnection
from orderhub.runtime import now

_TRACKED = "Square goes by it where stock is tracked for the item"


class _Variation(Payload):
    id: Id


class _Found(Payload):
    objects: list[_Variation] = []


def set_stock(level: StockLevel, connection: SquareConnection, http: Http) -> Done:
    """Counts an item at one location. Raises Reject when it is not in the catalog."""
    return _count(level.external_item_id, level.sku, level.store_external_id, level.quantity, http)


def set_item_availability(change: ItemAvailability, connection: SquareConnection, http: Http) -> Done:
    """Takes an item off sale by counting none of it, and puts it back with the count from the settings.

    Square's own sold-out mark cannot be set from outside. Raises Misconfigured when no count is set.
    """
    if not change.available:
        done = _count(change.external_item_id, change.sku, change.store_external_id, 0, http)
        if change.until is None:
            return done
        return Done(note=f"{done.note}; it does not come back by itself at {rfc3339(change.until)}", ids=done.ids)
    quantity = connection.settings.back_on_sale_quantity
    if quantity is None:
        raise Misconfigured(
            "Square knows counts, not availability: set the stock of the item, or back_on_sale_quantity"
        )
    return _count(change.external_item_id, change.sku, change.store_external_id, quantity, http)


def _count(variation_id: str, sku: str | None, location_id: str, quantity: int, http: Http) -> Done:
    """A physical count as of now: absolute, so that a repeat changes nothing."""
    variation = variation_id or _variation_of(sku, http)
    at = rfc3339(now())
    count = {
        "catalog_object_id": variation,
        "location_id": location_id,
        "state": "IN_STOCK",
        "quantity": str(max(0, quantity)),
        "occurred_at": at,
    }
    body = {
        "idempotency_key": digest(variation, location_id, str(quantity), at),
        "changes": [{"type": "PHYSICAL_COUNT", "physical_count": count}],
        "ignore_unchanged_counts": True,
    }
    http.request("POST", "/v2/inventory/changes/batch-create", json=body)
    return Done(note=_TRACKED, ids={"catalog_object_id": variation})


def _variation_of(sku: str | None, http: Http) -> str:
    """The variation with this SKU. Raises Reject when there is none, or more than one."""
    if not sku:
        raise Reject("ITEM_NOT_FOUND", "neither a catalog id nor a SKU is given")
    query = {"exact_query": {"attribute_name": "sku", "attribute_value": sku}}
    body = {"object_types": ["ITEM_VARIATION"], "query": query}
    found = parse_as(_Found, http.request("POST", "/v2/catalog/search", json=body).json()).objects
    if len(found) != 1:
        code = "SKU_NOT_UNIQUE" if found else "ITEM_NOT_FOUND"
        raise Reject(code, f"Square's catalog has {len(found)} variations with the SKU {sku[:60]}")
    return found[0].id
