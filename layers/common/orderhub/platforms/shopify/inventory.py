"""Stock: how many of an item a location has; 0 takes it off sale.

https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states
"""

from __future__ import annotations

from uuid import uuid4

from orderhub.errors import Misconfigured, Reject, Retry, Unsupported
from orderhub.platforms.base import Done, ItemAvailability, Operation, StockLevel, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.shopify import graphql, queries
from orderhub.platforms.shopify.from_graphql import number_of
from orderhub.platforms.shopify.mapper import ShopConnection
from orderhub.platforms.shopify.nodes import InventoryItem, StockedItem, Variant, Variants

AVAILABLE = "available"
STALE = "CHANGE_FROM_QUANTITY_STALE"
NOT_STOCKED = "ITEM_NOT_STOCKED_AT_LOCATION"


def set_stock(level: StockLevel, connection: ShopConnection, http: Http) -> Done:
    """Sets the number, if Shopify still holds what it was last known to hold.

    Raises Retry when it holds another number by now, Reject ITEM_NOT_FOUND, SKU_NOT_UNIQUE and Shopify's own codes.
    """
    item = _find(level.external_item_id, level.sku, connection, http)
    location = _location(level.store_external_id, connection)
    return _set(item.id, location, level.quantity, level.known, connection.settings.stock_name, connection, http)


def set_item_availability(change: ItemAvailability, connection: ShopConnection, http: Http) -> Done:
    """Shopify has numbers, no switches: 0 takes an item off sale, the number of the settings puts it back.

    Raises Reject ITEM_NOT_TRACKED or ITEM_OVERSELLABLE when a number would change nothing, Unsupported when it shall
    be back and no number is set.
    """
    found = _find(change.external_item_id, change.sku, connection, http)
    location = _location(change.store_external_id, connection)
    if not change.available:
        note = f"Shopify does not end this at {change.until:%Y-%m-%d %H:%M} UTC by itself" if change.until else None
        done = _set(found.id, location, 0, None, AVAILABLE, connection, http)
        return Done("; ".join(filter(None, (done.note, note))) or None, done.ids)
    wanted = connection.settings.back_in_stock_quantity
    if wanted is None:
        why = "it keeps numbers, not switches: set the stock, or say in back_in_stock_quantity how many there are"
        raise Unsupported(Operation.SET_ITEM_AVAILABILITY, "Shopify", why)
    present = _present(found.id, location, AVAILABLE, connection, http)
    if present is not None and present > 0:
        return Done(f"Shopify has {present} for sale")
    return _set(found.id, location, wanted, present, AVAILABLE, connection, http)


def _set(
    item: str, location: str, quantity: int, known: int | None, name: str, connection: ShopConnection, http: Http
) -> Done:
    change = {"inventoryItemId": item, "locationId": location, "quantity": quantity, "changeFromQuantity": known}
    stock = {"name": name, "reason": "correction", "quantities": [change]}
    variables = {"input": stock, "idempotencyKey": str(uuid4())}
    try:
        graphql.mutate(queries.INVENTORY_SET, variables, connection, http)
    except Reject as refusal:
        if refusal.code == NOT_STOCKED:
            return _activate(item, location, quantity, name, connection, http)
        if refusal.code != STALE:
            raise
        present = _present(item, location, name, connection, http)
        if present != quantity:
            raise Retry(f"Shopify holds {present} of this item by now, not {known}") from None
        return Done("Shopify had this number already")
    return Done(ids={"inventory_item": item})


def _activate(item: str, location: str, quantity: int, name: str, connection: ShopConnection, http: Http) -> Done:
    """A location that never had the item takes it into its stock."""
    variables = {
        "inventoryItemId": item,
        "locationId": location,
        "available" if name == AVAILABLE else "onHand": quantity,
        "idempotencyKey": str(uuid4()),
    }
    graphql.mutate(queries.INVENTORY_ACTIVATE, variables, connection, http)
    return Done("this location has the item for the first time", {"inventory_item": item})


def _present(item: str, location: str, name: str, connection: ShopConnection, http: Http) -> int | None:
    """The number Shopify holds now; None when the location does not stock the item."""
    variables = {"id": item, "locationId": location, "names": [name]}
    root = graphql.ask(queries.INVENTORY_LEVEL, variables, connection, http).root
    if root is None:
        raise Reject("ITEM_NOT_FOUND", f"Shopify has no inventory item {number_of(item)}")
    return parse_as(StockedItem, root).quantity(name)


def _find(external_id: str, sku: str | None, connection: ShopConnection, http: Http) -> InventoryItem:
    """The item by its global id, else by its SKU (for which a variant's id stands in orders of goods without one)."""
    if external_id.startswith("gid://shopify/InventoryItem/"):
        return InventoryItem(id=external_id)
    if not sku and external_id.isdecimal():
        return InventoryItem(id=graphql.gid("InventoryItem", external_id))
    wanted = sku or external_id
    quoted = wanted.replace("\\", "\\\\").replace("'", "\\'")
    query = f"sku:'{quoted}'" + (f" OR id:{wanted}" if wanted.isdecimal() else "")
    root = graphql.ask(queries.VARIANTS, {"query": query}, connection, http).root
    found = {one.inventory_item.id: one for one in parse_as(Variants, root).nodes if _is(one, wanted)}
    if not found:
        raise Reject("ITEM_NOT_FOUND", f"Shopify has no product with the SKU {wanted!r}")
    if len(found) > 1:
        raise Reject("SKU_NOT_UNIQUE", f"Shopify has {len(found)} products with the SKU {wanted!r}")
    variant = next(iter(found.values()))
    _check_countable(variant)
    return variant.inventory_item


def _is(variant: Variant, wanted: str) -> bool:
    """A search finds SKUs that are only alike."""
    return variant.sku == wanted or number_of(variant.id) == wanted


def _check_countable(variant: Variant) -> None:
    if not variant.inventory_item.tracked:
        raise Reject("ITEM_NOT_TRACKED", f"Shopify does not count {variant.sku!r}: switch on 'Track quantity' there")
    if variant.inventory_policy == "CONTINUE":
        why = f"Shopify sells {variant.sku!r} even when there is none: switch off 'Continue selling' there"
        raise Reject("ITEM_OVERSELLABLE", why)


def _location(store_external_id: str, connection: ShopConnection) -> str:
    """The store's location, else the one in the settings. Raises Misconfigured when there is neither."""
    number = store_external_id if store_external_id.isdecimal() else connection.settings.location_id
    if store_external_id.startswith("gid://shopify/Location/"):
        return store_external_id
    if not number:
        raise Misconfigured("set location_id: the Shopify location whose stock is meant")
    return graphql.gid("Location", number)
