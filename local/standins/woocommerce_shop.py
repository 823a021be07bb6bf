"""The shop that WooCommerce holds: orders with their notes and refunds, and the stock of its products.

https://woocommerce.github.io/woocommerce-rest-api-docs/#update-an-order and its neighbours
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples import woocommerce as samples
from local.standins.vendor import Clock, Json
from local.standins.woocommerce_auth import refused

OPENING_STOCK = 50
TAKES_STOCK = frozenset({"processing", "on-hold", "completed"})
GIVES_STOCK_BACK = frozenset({"cancelled", "pending"})
BY_HAND = frozenset({"cod", "bacs", "cheque"})
"""Ways of paying whose refunds no gateway makes."""


def _cents(amount: object) -> int:
    return int((Decimal(str(amount or 0)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _products() -> dict[int, Json]:
    """Products and variations by id; a variation is counted by itself."""
    found: dict[int, Json] = {}
    for dish in kitchen.MENU:
        product, variation = samples.product_ids(dish)
        counted = {"sku": dish.sku, "manage_stock": True, "stock_quantity": OPENING_STOCK, "stock_status": "instock"}
        priced = {"price": samples.decimal(dish.price), "name": dish.name}
        own = {"id": product, "parent_id": 0, "type": "simple", **priced, **counted}
        if variation:
            own |= {"type": "variable", "sku": "", "manage_stock": False, "stock_quantity": None}
            found[variation] = {"id": variation, "parent_id": product, "type": "variation", **priced, **counted}
        found[product] = own
    return found


@dataclass
class Shop:
    """Everything the stand-in remembers."""

    clock: Clock
    orders: dict[int, Json] = field(default_factory=dict)
    notes: dict[int, list[Json]] = field(default_factory=dict)
    products: dict[int, Json] = field(default_factory=_products)
    nonces: set[str] = field(default_factory=set)
    last_id: int = 880_000_000

    def next_id(self) -> int:
        """A number that no other thing here has."""
        self.last_id += 1
        return self.last_id

    def put(self, body: Json) -> int:
        """Hold an order; its goods are taken out of stock. Raises KeyError for a body that is no order."""
        number, lines, status = int(body["id"]), body["line_items"], body["status"]
        known = self.orders.get(number)
        self.orders[number] = copy.deepcopy(body)
        self.notes.setdefault(number, [])
        if known is None and status in TAKES_STOCK:
            self._count(lines, -1)
        return number

    def touch(self, order: Json) -> None:
        """The order changes now."""
        order |= samples.times("date_modified", self.clock())

    def update(self, order: Json, changes: Json) -> None:
        """What PUT does: lines, meta data, other fields, and the status last."""
        if "line_items" in changes:
            for change in changes["line_items"]:
                self._change_line(order, change)
            _sum_up(order)
        for one in changes.get("meta_data", ()):
            self._set_meta(order, one)
        plain = {name: value for name, value in changes.items() if name in ("customer_note", "transaction_id")}
        order.update(plain)
        self.touch(order)
        if changes.get("status"):
            self._move(order, changes["status"])

    def refund(self, order: Json, body: Json) -> Json:
        """Give money back, as the gateway does it or only in the books. Raises Refused."""
        amount, given = _cents(body.get("amount")), sum(-_cents(one["total"]) for one in order["refunds"])
        if amount < 0:
            raise refused("woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.", 400)
        code = "woocommerce_rest_cannot_create_order_refund"
        if not 0 < amount <= _cents(order["total"]) - given:
            raise refused(code, "Invalid refund amount.", 500)
        if body.get("api_refund", True) and order["payment_method"] in BY_HAND:
            raise refused(code, "The payment gateway for this order does not support automatic refunds.", 500)
        number, reason = self.next_id(), body.get("reason") or ""
        order["refunds"].append({"id": number, "reason": reason, "total": samples.decimal(-amount)})
        if body.get("api_restock", True):
            wanted = {line["id"]: line["quantity"] for line in body.get("line_items", ())}
            lines = [{**one, "quantity": wanted[one["id"]]} for one in order["line_items"] if one["id"] in wanted]
            self._count(lines, 1)
        self.touch(order)
        if amount + given == _cents(order["total"]):
            order["status"] = "refunded"
        return {"id": number, "amount": samples.decimal(amount), "reason": reason, "line_items": []}

    def _move(self, order: Json, status: str) -> None:
        before, order["status"] = order["status"], status
        if before in TAKES_STOCK and status in GIVES_STOCK_BACK:
            self._count(order["line_items"], 1)
        if status == "completed":
            order |= samples.times("date_completed", self.clock())
            if order["date_paid_gmt"] is None:
                order |= samples.times("date_paid", self.clock())

    def _count(self, lines: list[Json], direction: int) -> None:
        for line in lines:
            product = self.products.get(line["variation_id"] or line["product_id"])
            if product is not None and product["manage_stock"] is True:
                product["stock_quantity"] += direction * int(line["quantity"])

    def _set_meta(self, order: Json, change: Json) -> None:
        known = next((one for one in order["meta_data"] if one["key"] == change["key"]), None)
        if known is None:
            order["meta_data"].append({"id": self.next_id(), "key": change["key"], "value": change["value"]})
        else:
            known["value"] = change["value"]

    def _change_line(self, order: Json, change: Json) -> None:
        """With an id a line changes, or goes when its quantity is 0 and no fraction; without one it is new."""
        lines: list[Any] = order["line_items"]
        if not change.get("id"):
            lines.append(self._new_line(change))
            return
        line = next((one for one in lines if one["id"] == change["id"]), None)
        if line is None:
            raise refused(
                "woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.", 400
            )
        if change.get("quantity") == 0:
            lines.remove(line)
        else:
            line.update({name: change[name] for name in ("quantity", "subtotal", "total") if name in change})

    def _new_line(self, change: Json) -> Json:
        product = self.products.get(change.get("variation_id") or change.get("product_id", 0))
        if product is None:
            raise refused("woocommerce_rest_required_product_reference", "Product ID or SKU is required.", 400)
        dish = next(one for one in kitchen.MENU if product["id"] in samples.product_ids(one))
        quantity = change.get("quantity", 1)
        cents = _cents(product["price"]) * int(quantity)
        return samples.line_item(self.next_id(), dish, quantity, cents, cents, [])


def _sum_up(order: Json) -> None:
    """Tax and totals anew; the sums of the lines are as they were told."""
    for line in order["line_items"]:
        for name in ("total", "subtotal"):
            line[f"{name}_tax"] = samples.decimal(kitchen.tax_on(_cents(line[name])))
        line["taxes"] = [{"id": samples.TAX_RATE_ID, "total": line["total_tax"], "subtotal": line["subtotal_tax"]}]
    tax = sum(_cents(line["total_tax"]) for line in order["line_items"])
    goods = sum(_cents(line["total"]) for line in order["line_items"])
    fees = sum(_cents(fee["total"]) for fee in order["fee_lines"])
    off = sum(_cents(line["subtotal"]) - _cents(line["total"]) for line in order["line_items"])
    total = goods + fees + tax + _cents(order["shipping_total"])
    order |= {
        "cart_tax": samples.decimal(tax),
        "total_tax": samples.decimal(tax),
        "discount_total": samples.decimal(off),
        "total": samples.decimal(total),
    }
