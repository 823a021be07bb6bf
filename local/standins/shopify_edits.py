"""Editing the lines of an order: begin, set quantities, commit.

https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps/edit-orders
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from local.standins.samples.shopify_lines import cents, gid, money_set
from local.standins.shopify_refunds import lower
from local.standins.shopify_shop import NO_ORDER, Shop, number_of, problem
from local.standins.vendor import Json

NO_EDIT = "The calculated order does not exist"


def begin(shop: Shop, arguments: Json) -> Json:
    """Start an edit of an order that is open."""
    order = shop.order(arguments["id"])
    if order is None or order.get("cancelled_at"):
        told = NO_ORDER if order is None else "The order cannot be edited"
        return {"calculatedOrder": None, "userErrors": [problem(told, "id")]}
    edit: Json = {
        "__typename": "CalculatedOrder",
        "id": gid("CalculatedOrder", shop.next_number()),
        "orderId": gid("Order", order["id"]),
        "lineItems": {
            "nodes": [
                {
                    "id": gid("CalculatedLineItem", line["id"]),
                    "quantity": line["current_quantity"],
                    "sku": line["sku"],
                    "title": line["title"],
                }
                for line in order["line_items"]
            ]
        },
    }
    shop.edits[edit["id"]] = edit
    return {"calculatedOrder": edit, "userErrors": []}


def set_quantity(shop: Shop, arguments: Json) -> Json:
    """Say how many of a line there shall be; what is fulfilled already cannot be taken away."""
    edit = shop.edits.get(arguments["id"])
    lines = {line["id"]: line for line in edit["lineItems"]["nodes"]} if edit else {}
    line = lines.get(arguments["lineItemId"])
    if edit is None or line is None:
        told = problem(
            NO_EDIT if edit is None else "The line item does not exist", "id" if edit is None else "lineItemId"
        )
        return {"calculatedLineItem": None, "calculatedOrder": None, "userErrors": [told]}
    held = {one["id"]: one for one in shop.orders[number_of(edit["orderId"])]["line_items"]}[number_of(line["id"])]
    if arguments["quantity"] < held["current_quantity"] - held["fulfillable_quantity"]:
        told = problem("The quantity is less than what is fulfilled", "quantity")
        return {"calculatedLineItem": None, "calculatedOrder": None, "userErrors": [told]}
    line["quantity"] = arguments["quantity"]
    return {"calculatedLineItem": line, "calculatedOrder": edit, "userErrors": []}


def commit(shop: Shop, arguments: Json) -> Json:
    """Make the edit real; an edit is committed once."""
    edit = shop.edits.pop(arguments["id"], None)
    if edit is None:
        return {"order": None, "successMessages": [], "userErrors": [problem(NO_EDIT, "id")]}
    order = shop.orders[number_of(edit["orderId"])]
    wanted = {number_of(line["id"]): line["quantity"] for line in edit["lineItems"]["nodes"]}
    for line in order["line_items"]:
        change = wanted[line["id"]] - line["current_quantity"]
        line["current_quantity"] += change
        line["fulfillable_quantity"] += change
    for routed in shop.routed(order["id"]):
        lower(routed, {line["id"]: line["fulfillable_quantity"] for line in order["line_items"]})
    _price(order)
    shop.touch(order)
    return {"order": shop.show_order(order), "successMessages": ["Order updated"], "userErrors": []}


def _price(order: Json) -> None:
    """The current sums; a line keeps its share of discounts and tax by piece. The sums at sale stay as they are."""
    lines = [(line, Decimal(line["current_quantity"]) / line["quantity"]) for line in order["line_items"]]
    off = sum((share * _sum(line["discount_allocations"], "amount") for line, share in lines), Decimal(0))
    tax = sum((share * _sum(line["tax_lines"], "price") for line, share in lines), Decimal(0))
    goods = sum((Decimal(line["price"]) * line["current_quantity"] for line, _ in lines), Decimal(0))
    extras = _sum(order["shipping_lines"], "price") + Decimal(order.get("total_tip_received") or 0)
    added_tax = Decimal(0) if order.get("taxes_included") else tax
    sums = {
        "current_subtotal_price": goods - off,
        "current_total_discounts": off,
        "current_total_tax": tax,
        "current_total_price": goods - off + extras + added_tax,
    }
    for name, value in sums.items():
        text = str(value.quantize(Decimal("0.01"), ROUND_HALF_UP))
        order |= {name: text, f"{name}_set": money_set(cents(text))}


def _sum(entries: list[Json], name: str) -> Decimal:
    return sum((Decimal(entry[name]) for entry in entries), Decimal(0))


EDIT_MUTATIONS: Mapping[str, Callable[[Shop, Json], Json]] = {
    "orderEditBegin": begin,
    "orderEditCommit": commit,
    "orderEditSetQuantity": set_quantity,
}
