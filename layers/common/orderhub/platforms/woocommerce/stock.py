"""Stock: how many of a product there are, and whether it is on sale.

https://woocommerce.github.io/woocommerce-rest-api-docs/#products, #product-variations
"""

from __future__ import annotations

import re

from orderhub.errors import Reject, Retry
from orderhub.platforms.base import Done, ItemAvailability, StockLevel, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.woocommerce.models import Product
from orderhub.platforms.woocommerce.reads import path_part, rows_of
from orderhub.platforms.woocommerce.settings import ShopConnection

_IDS = re.compile(r"([0-9]+)(?:/([0-9]+))?")


def set_stock(level: StockLevel, connection: ShopConnection, http: Http) -> Done:
    """Sets the number, if the shop still holds what it was last known to hold; the shop counts from then on.

    Raises Retry when it holds another number by now, Reject ITEM_NOT_FOUND and SKU_NOT_UNIQUE.
    """
    path = _path(level.external_item_id, level.sku, http)
    there = _present(path, http)
    if there.manage_stock is True and there.stock_quantity == level.quantity:
        return Done("WooCommerce had this number already")
    if level.known is not None and there.stock_quantity not in (None, level.known):
        raise Retry(f"WooCommerce holds {there.stock_quantity} of this item by now, not {level.known}")
    http.request("PUT", path, json={"manage_stock": True, "stock_quantity": level.quantity})
    return Done(ids={"product": path.rpartition("/")[2]})


def set_item_availability(change: ItemAvailability, connection: ShopConnection, http: Http) -> Done:
    """Puts a product on sale or takes it off. A number would decide that by itself, so the shop stops counting it."""
    path = _path(change.external_item_id, change.sku, http)
    there = _present(path, http)
    status = "instock" if change.available else "outofstock"
    said = []
    if there.manage_stock is True:
        said.append("WooCommerce no longer counts this item: set its stock to have it counted again")
    if change.until is not None and not change.available:
        said.append(f"WooCommerce does not end this at {change.until:%Y-%m-%d %H:%M} UTC by itself")
    if there.manage_stock is True or there.stock_status != status:
        http.request("PUT", path, json={"manage_stock": False, "stock_status": status})
    return Done("; ".join(said) or None, {"product": path.rpartition("/")[2]})


def _present(path: str, http: Http) -> Product:
    return parse_as(Product, http.request("GET", path).json())


def _path(external_id: str, sku: str | None, http: Http) -> str:
    """Where the product or variation is: by its ids, `product` or `product/variation`, or by its SKU.

    Lines of goods without a SKU come with an id in its place, so that both are tried.
    """
    ids, wanted = _IDS.fullmatch(external_id), sku or external_id
    if sku or ids is None:
        found = [parse_as(Product, row) for row in rows_of(http.request("GET", "/products", params={"sku": wanted}))]
        if len(found) > 1:
            raise Reject("SKU_NOT_UNIQUE", f"WooCommerce has {len(found)} products with the SKU {wanted!r}")
        if found:
            return _place(found[0].parent_id or found[0].id, found[0].id if found[0].parent_id else None)
    ids = ids or _IDS.fullmatch(wanted)
    if ids is None:
        raise Reject("ITEM_NOT_FOUND", f"WooCommerce has no product with the SKU {wanted!r}")
    return _place(ids[1], ids[2])


def _place(product: str, variation: str | None) -> str:
    place = f"/products/{path_part(product)}"
    return f"{place}/variations/{path_part(variation)}" if variation else place
