"""Mutations of orders and stock. Each takes the shop and its arguments, and returns its payload.

Errors of the caller's making go into the payload, HTTP being 200: https://shopify.dev/docs/api/admin-graphql
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from local.standins.samples.shopify_lines import gid
from local.standins.shopify_refunds import add_refund, create_refund
from local.standins.shopify_shop import NO_ORDER, Shop, problem
from local.standins.shopify_stock import activate, set_quantities
from local.standins.vendor import Json


def cancel_order(shop: Shop, arguments: Json) -> Json:
    """Cancel for good, as a job; refused once cancelled or while a fulfillment stands."""
    order = shop.order(arguments["orderId"])
    standing = order is not None and any(entry["status"] == "success" for entry in order["fulfillments"])
    if order is None or order.get("cancelled_at") or standing:
        code = "NOT_FOUND" if order is None else "INVALID"
        told = NO_ORDER if order is None else "Cannot cancel: the order is cancelled or has fulfillments"
        error = problem(told, "orderId", code=code)
        return {"job": None, "orderCancelUserErrors": [error], "userErrors": [{**error, "code": None}]}
    now = shop.now()
    order |= {"cancelled_at": now, "closed_at": now, "cancel_reason": arguments["reason"].lower(), "updated_at": now}
    refund = (arguments.get("refundMethod") or {}).get("originalPaymentMethodsRefund")
    if order["financial_status"] in {"pending", "authorized"}:
        order["financial_status"] = "voided"
    elif refund:
        add_refund(shop, order, [], Decimal(order["total_price"]), arguments.get("staffNote"))
    for routed in shop.routed(order["id"]):
        routed["status"] = "CANCELLED"
    job = gid("Job", shop.next_number())
    shop.jobs.add(job)
    return {"job": {"id": job, "done": False}, "orderCancelUserErrors": [], "userErrors": []}


def mark_as_paid(shop: Shop, arguments: Json) -> Json:
    """Cash received."""
    order = shop.order(arguments["input"]["id"])
    if order is None or order["financial_status"] not in {"pending", "authorized", "partially_paid"}:
        told = NO_ORDER if order is None else "Order cannot be marked as paid."
        return {"order": None, "userErrors": [problem(told, "id")]}
    order |= {"financial_status": "paid", "total_outstanding": "0.00"}
    shop.touch(order)
    return {"order": shop.show_order(order), "userErrors": []}


def update_order(shop: Shop, arguments: Json) -> Json:
    """Overwrite a note, tags, attributes or contact of an order."""
    told = arguments["input"]
    order = shop.order(told["id"])
    if order is None:
        return {"order": None, "userErrors": [problem(NO_ORDER, "id")]}
    names = {"note": "note", "email": "email", "phone": "phone", "poNumber": "po_number"}
    order |= {names[field]: value for field, value in told.items() if field in names}
    if "tags" in told:
        order["tags"] = ", ".join(sorted(set(told["tags"])))
    if "customAttributes" in told:
        order["note_attributes"] = [
            {"name": entry["key"], "value": entry["value"]} for entry in told["customAttributes"]
        ]
    shop.touch(order)
    return {"order": shop.show_order(order), "userErrors": []}


def _tag(shop: Shop, global_id: str, change: Callable[[set[str]], set[str]]) -> Json:
    order = shop.order(global_id)
    if order is None:
        return {"node": None, "userErrors": [problem(NO_ORDER, "id")]}
    tags = {tag.strip() for tag in order.get("tags", "").split(",") if tag.strip()}
    order["tags"] = ", ".join(sorted(change(tags)))
    shop.touch(order)
    return {"node": shop.show_order(order), "userErrors": []}


def add_tags(shop: Shop, arguments: Json) -> Json:
    """Add tags to an order."""
    return _tag(shop, arguments["id"], lambda known: known | set(arguments["tags"]))


def remove_tags(shop: Shop, arguments: Json) -> Json:
    """Take tags off an order."""
    return _tag(shop, arguments["id"], lambda known: known - set(arguments["tags"]))


ORDER_MUTATIONS: Mapping[str, Callable[[Shop, Json], Json]] = {
    "inventoryActivate": activate,
    "inventorySetQuantities": set_quantities,
    "orderCancel": cancel_order,
    "orderMarkAsPaid": mark_as_paid,
    "orderUpdate": update_order,
    "refundCreate": create_refund,
    "tagsAdd": add_tags,
    "tagsRemove": remove_tags,
}
