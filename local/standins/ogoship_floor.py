"""The warehouse behind OGOship: its products and their stock, and the orders in it.

https://support.ogoship.com/what-do-the-different-order-statuses-mean
"""

from __future__ import annotations

import copy
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.vendor import Clock, Json, Refused

OPENING_STOCK = 50
STATUSES = ("draft", "new", "pending", "reserved", "locked", "collecting", "shipped", "cancelled", "returned")
HOLDS_STOCK = frozenset({"new", "pending", "reserved", "locked"})
GONE = frozenset({"collecting", "shipped", "returned"})
REQUIRED = ("name", "address1", "city", "countryCode")
DUPLICATE = "Trying to add new order but order with same reference already exists"
_NAMES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


def refused(status: int, message: str) -> Refused:
    """A refusal in the shape of the REST API."""
    return Refused(status, {"statusCode": status, "statusDescription": _NAMES[status], "message": message})


def stamp(at: datetime) -> str:
    """A time as OGOship writes it: in UTC, and without saying so."""
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _products() -> dict[str, Json]:
    return {
        dish.sku: {"code": dish.sku, "languageCode": "en", "name": dish.name, "salesPrice": dish.price / 100}
        for dish in kitchen.MENU
    }


@dataclass
class Floor:
    """Everything the stand-in remembers. stock: pieces on the shelves; changed: when a product's stock last did."""

    clock: Clock
    orders: dict[str, Json] = field(default_factory=dict)
    products: dict[str, Json] = field(default_factory=_products)
    stock: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_products(), OPENING_STOCK))
    changed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.changed = {code: stamp(self.clock()) for code in self.stock}

    # --- orders -------------------------------------------------------------------------------------------------------

    def add(self, body: Json, shipping_codes: list[str]) -> Json:
        """A new order. Raises Refused for one that is not whole, or whose reference is taken."""
        reference = str(body.get("reference") or "")
        if not reference:
            raise refused(400, "The reference field is required.")
        if reference in self.orders:
            raise refused(400, DUPLICATE)
        self._check(body, shipping_codes)
        if not body.get("orderLines"):
            raise refused(400, "The orderLines field is required.")
        order: Json = {"id": str(uuid.uuid4()), "trackingNumber": None, "trackingUrl": None, "warehouseComments": ""}
        order |= {**copy.deepcopy(body), "reference": reference, "status": "draft", "shelved": False}
        self.orders[reference] = order
        self._move(order, str(body.get("status") or "new").lower(), shipping_codes)
        return order

    def update(self, order: Json, body: Json, shipping_codes: list[str]) -> Json:
        """Change an order: lines are replaced if there are any. Raises Refused where its status does not let it."""
        wanted = str(body.get("status") or order["status"]).lower()
        if order["status"] in GONE or order["status"] == "cancelled":
            raise refused(400, f"An order that is {order['status']} cannot be edited.")
        if "orderLines" in body and order["status"] != "draft" and wanted != "draft":
            raise refused(400, "The order must be set to draft before it is edited.")
        self._check({**order, **body}, shipping_codes)
        self._release(order)
        order.update(copy.deepcopy({name: value for name, value in body.items() if name != "status"}))
        self._move(order, wanted, shipping_codes)
        return order

    def find(self, reference: str) -> Json:
        """An order. Raises Refused."""
        if reference not in self.orders:
            raise refused(404, f"Order {reference} was not found.")
        return self.orders[reference]

    def drive(self, order: Json, changes: Json) -> None:
        """Something happens in the warehouse: a status, tracking, a remark."""
        status = changes.get("status")
        order.update({name: value for name, value in changes.items() if name != "status"})
        if status is not None:
            self._enter(order, str(status))
        order["editTime"] = stamp(self.clock())

    # --- stock and products -------------------------------------------------------------------------------------------

    def stock_of(self, code: str) -> Json:
        """A product's stock as the API tells it."""
        held = sum(self._pieces(order)[code] for order in self.orders.values() if order["status"] in HOLDS_STOCK)
        there = self.stock.get(code, 0)
        return {
            "productCode": code,
            "stock": there,
            "stockAvailable": there - held,
            "reserved": held,
            "modified": self.changed[code],
        }

    def set_stock(self, code: str, pieces: int) -> None:
        """Goods came in, or were counted; orders that wait for them go on by themselves."""
        self.stock[code] = pieces
        self._touch([code])
        for order in self.orders.values():
            if order["status"] == "pending" and self._is_there(order):
                order |= {"status": "new", "editTime": stamp(self.clock())}

    def put_product(self, code: str, body: Json) -> Json:
        """Make or change a product; an EAN that is there stays. Raises Refused."""
        known = self.products.pop(code, None)
        product = {**(known or {"id": str(uuid.uuid4())}), **body}
        if not product.get("code") or len(str(product.get("languageCode") or "")) != 2:
            if known is not None:
                self.products[code] = known
            raise refused(400, "The code and languageCode fields are required.")
        if known and known.get("eanCode"):
            product["eanCode"] = known["eanCode"]
        new_code = str(product["code"])
        self.products[new_code] = {**product, "editTime": stamp(self.clock())}
        self.stock[new_code] = self.stock.pop(code, 0)
        self.changed.pop(code, None)
        self._touch([new_code])
        return self.products[new_code]

    # --- inside -------------------------------------------------------------------------------------------------------

    def _check(self, body: Json, shipping_codes: list[str]) -> None:
        customer = body.get("customer") or {}
        missing = [name for name in REQUIRED if not customer.get(name)]
        if missing:
            raise refused(400, f"The customer field needs {', '.join(missing)}.")
        if len(shipping_codes) > 1 and not body.get("shippingCode"):
            raise refused(400, "The shippingCode field is required: more than one shipping method is enabled.")
        for line in body.get("orderLines") or ():
            if line.get("code") not in self.products:
                raise refused(400, f"Product {line.get('code')} does not exist.")
            if not isinstance(line.get("quantity"), int) or line["quantity"] < 1:
                raise refused(400, "The quantity field must be a whole number above 0.")
        if str(body.get("status") or "new").lower() not in STATUSES:
            raise refused(400, "The status field is invalid.")

    def _move(self, order: Json, wanted: str, shipping_codes: list[str]) -> None:
        """What becomes of an order that a merchant gives a status."""
        if wanted == "new":
            code = order.get("shippingCode")
            if not order["customer"].get("phone") or (shipping_codes and code and code not in shipping_codes):
                wanted = "reserved"
                order["warehouseComments"] = "Validation failed: phone number or shipping method"
            elif not self._is_there(order):
                wanted = "pending"
                order["warehouseComments"] = "Waiting for stock"
        self._enter(order, wanted)
        order["editTime"] = stamp(self.clock())

    def _enter(self, order: Json, status: str) -> None:
        if status in GONE and not order["shelved"]:
            order["shelved"] = True  # taken off the shelves
            for code, pieces in self._pieces(order).items():
                self.stock[code] = self.stock.get(code, 0) - pieces
        order["status"] = status
        self._touch(self._pieces(order))

    def _release(self, order: Json) -> None:
        self._touch(self._pieces(order))

    def _is_there(self, order: Json) -> bool:
        held: Counter[str] = Counter()
        for other in self.orders.values():
            if other is not order and other["status"] in {"new", "reserved", "locked"}:
                held += self._pieces(other)
        return all(self.stock.get(code, 0) - held[code] >= pieces for code, pieces in self._pieces(order).items())

    def _pieces(self, order: Json) -> Counter[str]:
        found: Counter[str] = Counter()
        for line in order.get("orderLines") or ():
            found[str(line["code"])] += line["quantity"]
        return found

    def _touch(self, codes: Any) -> None:
        self.changed |= dict.fromkeys(codes, stamp(self.clock()))
