"""Setting stock at Shopify.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/inventorySetQuantities
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLError

from local.standins.samples.kitchen import utc
from local.standins.samples.shopify_lines import gid, variant_number
from local.standins.samples.shopify_node import location_node
from local.standins.shopify_shop import Shop, item_id, problem, skus
from local.standins.vendor import Json

MOST_STOCK = 1_000_000_000
NAMES = ("available", "on_hand")


def set_quantities(shop: Shop, arguments: Json) -> Json:
    """Set stock, each only if it is still what the caller last knew (`changeFromQuantity`; null skips the check)."""
    told = arguments["input"]
    variants = {item_id(variant_number(sku)): sku for sku in skus()}
    entries = told["quantities"]
    if any("changeFromQuantity" not in entry for entry in entries):
        told_why = "changeFromQuantity must be passed for every quantity, if only as null"
        raise GraphQLError(told_why, extensions={"code": "BAD_REQUEST"})
    errors = [] if told["name"] in NAMES else [problem("Unknown name.", "input", "name", code="INVALID_NAME")]
    for position, entry in enumerate(entries):
        errors += _wrong(shop, entry, variants, ("input", "quantities", str(position)))
    if errors:
        return {"inventoryAdjustmentGroup": None, "userErrors": errors}
    changes = [change for entry in entries for change in _set(shop, variants[entry["inventoryItemId"]], entry)]
    group = {
        "id": gid("InventoryAdjustmentGroup", shop.next_number()),
        "createdAt": utc(shop.clock()),
        "reason": told["reason"],
        "referenceDocumentUri": told.get("referenceDocumentUri"),
        "changes": changes,
    }
    return {"inventoryAdjustmentGroup": group, "userErrors": []}


def activate(shop: Shop, arguments: Json) -> Json:
    """Take an item into the stock of the location, which has all items from the start."""
    sku = {item_id(variant_number(sku)): sku for sku in skus()}.get(arguments["inventoryItemId"])
    if sku is None or arguments["locationId"] != location_node()["id"]:
        field = "inventoryItemId" if sku is None else "locationId"
        return {"inventoryLevel": None, "userErrors": [problem("It could not be found.", field)]}
    given = arguments.get("available", arguments.get("onHand"))
    if given is not None:
        shop.stock[variant_number(sku)] = given
    return {"inventoryLevel": shop.show_level(sku), "userErrors": []}


def _set(shop: Shop, sku: str, entry: Json) -> list[Json]:
    number, quantity = variant_number(sku), entry["quantity"]
    delta = quantity - shop.available(number)
    shop.stock[number] = quantity
    item = shop.show_item(sku)
    change = {"delta": delta, "quantityAfterChange": quantity, "item": item, "location": location_node()}
    return [{"name": name, **change} for name in NAMES]


def _wrong(shop: Shop, entry: Json, variants: Mapping[str, str], path: tuple[str, ...]) -> list[Json]:
    sku, quantity, known = variants.get(entry["inventoryItemId"]), entry["quantity"], entry["changeFromQuantity"]
    stale = sku is not None and known is not None and known != shop.available(variant_number(sku))
    elsewhere = entry["locationId"] != location_node()["id"]
    checks = (
        (sku is None, "The inventory item could not be found.", "inventoryItemId", "INVALID_INVENTORY_ITEM"),
        (elsewhere, "The location could not be found.", "locationId", "INVALID_LOCATION"),
        (quantity < 0, "The quantity cannot be negative.", "quantity", "INVALID_QUANTITY_NEGATIVE"),
        (quantity > MOST_STOCK, "The quantity is too high.", "quantity", "INVALID_QUANTITY_TOO_HIGH"),
        (stale, "The stock is not what it was taken for.", "changeFromQuantity", "CHANGE_FROM_QUANTITY_STALE"),
    )
    return [problem(told, *path, name, code=code) for wrong, told, name, code in checks if wrong]
