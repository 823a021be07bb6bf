"""Refunds of an order, by mutation or by cancelling it.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/refundCreate
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from local.standins.samples import shopify as samples
from local.standins.samples.shopify_fields import refunded_total
from local.standins.samples.shopify_lines import LOCATION_ID, cents, decimal, gid, money_set
from local.standins.samples.shopify_node import refund_node
from local.standins.shopify_shop import NO_ORDER, Shop, number_of, problem
from local.standins.vendor import Json


def create_refund(shop: Shop, arguments: Json) -> Json:
    """Refund pieces of lines and give money back, at most what was paid."""
    told = arguments["input"]
    order = shop.order(told["orderId"])
    if order is None:
        return {"order": None, "refund": None, "userErrors": [problem(NO_ORDER, "orderId")]}
    lines = {gid("LineItem", line["id"]): line for line in order["line_items"]}
    asked = told.get("refundLineItems") or []
    left = {global_id: line["current_quantity"] for global_id, line in lines.items()}
    if any(entry["quantity"] > left.get(entry["lineItemId"], 0) for entry in asked):
        error = problem("Refund line items quantity cannot exceed what is left.", "refundLineItems")
        return {"order": None, "refund": None, "userErrors": [error]}
    amount = sum((Decimal(entry["amount"]) for entry in told.get("transactions") or []), Decimal(0))
    if amount > Decimal(order["total_price"]) - refunded_total(order["refunds"]):
        error = problem("Refund amount is more than what is left of the payment.", "transactions")
        return {"order": None, "refund": None, "userErrors": [error]}
    taken = [(lines[entry["lineItemId"]], entry) for entry in asked]
    refund = add_refund(shop, order, taken, amount, told.get("note"))
    return {"order": shop.show_order(order), "refund": refund_node(refund, order), "userErrors": []}


def add_refund(shop: Shop, order: Json, taken: list[tuple[Json, Json]], amount: Decimal, note: str | None) -> Json:
    """Write a refund of `amount` and of `taken` (lines with what was asked of each) into the order."""
    now, number = shop.now(), shop.next_number()
    transaction = {
        "id": number + 1_000_000_000,
        "amount": f"{amount:.2f}",
        "created_at": now,
        "currency": order["currency"],
        "gateway": order["payment_gateway_names"][0],
        "kind": "refund",
        "order_id": order["id"],
        "processed_at": now,
        "status": "success",
        "test": order["test"],
    }
    refund: Json = {
        **samples.refund(order),
        "id": number,
        "admin_graphql_api_id": gid("Refund", number),
        "created_at": now,
        "processed_at": now,
        "note": note,
        "transactions": [transaction] if amount else [],
        "refund_line_items": [_refunded_line(shop, line, entry) for line, entry in taken],
    }
    order["refunds"].append(refund)
    for line, entry in taken:
        line["current_quantity"] -= entry["quantity"]
        line["fulfillable_quantity"] = min(line["fulfillable_quantity"], line["current_quantity"])
    left = Decimal(order["total_price"]) - refunded_total(order["refunds"])
    order |= {
        "current_total_price": f"{left:.2f}",
        "current_total_price_set": money_set(cents(f"{left:.2f}")),
        "financial_status": "refunded" if left <= 0 else "partially_refunded",
    }
    for routed in shop.routed(order["id"]):
        lower(routed, {line["id"]: line["fulfillable_quantity"] for line in order["line_items"]})
    shop.touch(order)
    return refund


def _refunded_line(shop: Shop, line: Json, entry: Json) -> Json:
    value = cents(line["price"]) * entry["quantity"]
    return {
        "id": shop.next_number(),
        "line_item_id": line["id"],
        "location_id": LOCATION_ID,
        "quantity": entry["quantity"],
        "restock_type": (entry.get("restockType") or "NO_RESTOCK").lower(),
        "subtotal": float(decimal(value)),
        "subtotal_set": money_set(value),
        "total_tax": 0.0,
        "total_tax_set": money_set(0),
        "line_item": dict(line),
    }


def lower(routed: Json, fulfillable: Mapping[int, int]) -> None:
    """Make a fulfillment order hold what can still be fulfilled of each line, by the line's number."""
    for line in routed["lineItems"]["nodes"]:
        left = fulfillable[number_of(line["lineItem"]["id"])]
        line["totalQuantity"] += left - line["remainingQuantity"]
        line["remainingQuantity"] = left
