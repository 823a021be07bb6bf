"""Fills up a lean REST order, such as a hand-written sample, with the fields that Shopify always sends."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from local.standins.samples.shopify_lines import gid

Json = dict[str, Any]

ORDER: Mapping[str, Any] = {
    "cancel_reason": None,
    "cancelled_at": None,
    "closed_at": None,
    "confirmed": True,
    "customer": None,
    "discount_applications": [],
    "discount_codes": [],
    "estimated_taxes": False,
    "financial_status": "paid",
    "fulfillment_status": None,
    "fulfillments": [],
    "note_attributes": [],
    "order_status_url": "https://example.com/orders/status",
    "payment_gateway_names": ["manual"],
    "refunds": [],
    "shipping_lines": [],
    "tags": "",
    "tax_lines": [],
    "taxes_included": False,
    "test": False,
    "total_outstanding": "0.00",
}
LINE: Mapping[str, Any] = {
    "discount_allocations": [],
    "gift_card": False,
    "price": "0.00",
    "product_id": None,
    "properties": [],
    "requires_shipping": True,
    "sku": None,
    "tax_lines": [],
    "taxable": True,
    "variant_id": None,
    "variant_title": None,
    "vendor": None,
}
SHIPPING_LINE: Mapping[str, Any] = {"id": 1, "price": "0.00", "source": "shopify", "tax_lines": []}
DISCOUNT: Mapping[str, Any] = {
    "target_type": "line_item",
    "target_selection": "all",
    "allocation_method": "across",
    "value_type": "fixed_amount",
    "value": "0.0",
}
FULFILLMENT: Mapping[str, Any] = {
    "line_items": [],
    "shipment_status": None,
    "status": "success",
    "tracking_company": None,
}
REFUND: Mapping[str, Any] = {"note": None, "refund_line_items": [], "transactions": []}


def filled(body: Mapping[str, Any]) -> Json:
    """A copy of the order in which every field is there. Raises KeyError for one that is no order."""
    order = {**ORDER, **copy.deepcopy(dict(body))}
    order["line_items"] = [_line(line) for line in order["line_items"]]
    order["shipping_lines"] = [_shipping_line(line) for line in order["shipping_lines"]]
    order["discount_applications"] = _discounts(order)
    order["tax_lines"] = [_tax(entry) for entry in order["tax_lines"]]
    order["fulfillments"] = [_fulfillment(entry, order) for entry in order["fulfillments"]]
    order["refunds"] = [_refund(entry, order) for entry in order["refunds"]]
    defaults = {
        "name": f"#{order['id']}",
        "order_number": int(order["id"]) % 1_000_000,
        "presentment_currency": order["currency"],
        "processed_at": order["created_at"],
        "updated_at": order["created_at"],
        "current_total_price": order["total_price"],
        "tax_lines": [],
    }
    return {**defaults, **order}


def _line(line: Json) -> Json:
    title = line.get("title") or line.get("name") or ""
    quantity = line["quantity"]
    current = line.get("current_quantity", quantity)
    defaults = {
        "title": title,
        "name": title,
        "current_quantity": current,
        "fulfillable_quantity": 0 if line.get("fulfillment_status") == "fulfilled" else current,
        "admin_graphql_api_id": gid("LineItem", line["id"]),
    }
    full = {**LINE, **defaults, **line}
    full["tax_lines"] = [_tax(entry) for entry in full["tax_lines"]]
    full["discount_allocations"] = [
        {"discount_application_index": 0, **entry} for entry in full["discount_allocations"]
    ]
    # Very old orders hold an object here.
    full["properties"] = full["properties"] if isinstance(full["properties"], list) else []
    return full


def _discounts(order: Json) -> list[Json]:
    """The discounts of an order, as many as its lines point to."""
    pointers = [
        one["discount_application_index"] for line in order["line_items"] for one in line["discount_allocations"]
    ]
    missing = max([0, *(pointer + 1 for pointer in pointers)]) - len(order["discount_applications"])
    return [{**DISCOUNT, **entry} for entry in [*order["discount_applications"], *[{}] * missing]]


def _shipping_line(line: Json) -> Json:
    title = line.get("title") or ""
    full = {**SHIPPING_LINE, "title": title, "code": title, "discounted_price": line.get("price", "0.00"), **line}
    return {**full, "tax_lines": [_tax(entry) for entry in full["tax_lines"]]}


def _tax(entry: Json) -> Json:
    return {"title": "Tax", "rate": 0.0, "price": "0.00", **entry}


def _fulfillment(entry: Json, order: Json) -> Json:
    tracking = {
        f"tracking_{name}s": [entry[f"tracking_{name}"]] if entry.get(f"tracking_{name}") else []
        for name in ("number", "url")
    }
    times = {"created_at": order["created_at"], "updated_at": order["created_at"]}
    named = {"order_id": order["id"], "name": f"{order.get('name', '#')}.1"}
    full = {**FULFILLMENT, **tracking, **times, **named, **entry}
    return {**full, "line_items": [_line(line) for line in full["line_items"]]}


def _refund(entry: Json, order: Json) -> Json:
    at = entry.get("created_at") or entry.get("processed_at") or order["created_at"]
    full = {**REFUND, "order_id": order["id"], "created_at": at, "processed_at": at, "id": order["id"], **entry}
    made = {"created_at": at, "processed_at": at, "gateway": "manual", "id": full["id"]}
    zero = {"shop_money": {"amount": "0.00"}}
    taken = {"restock_type": "no_restock", "subtotal_set": zero, "total_tax_set": zero, "id": full["id"]}
    return {
        **full,
        "transactions": [{**made, **one} for one in full["transactions"]],
        "refund_line_items": [
            {**taken, **one, "line_item": _line(one.get("line_item") or _refunded_line(order, one))}
            for one in full["refund_line_items"]
        ],
    }


def _refunded_line(order: Json, entry: Json) -> Json:
    """The line a refund names by its id."""
    found: Json = next(line for line in order["line_items"] if line["id"] == entry["line_item_id"])
    return found
