"""Shopify orders as the GraphQL Admin API shows them, made from the REST order so that the two always agree.

A connection is written `{"nodes": [...]}`. Field names: https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples import shopify_fields as fields
from local.standins.samples.shopify_fields import Json, bag, instant
from local.standins.samples.shopify_lines import LOCATION_ID, gid

ACTIONS: dict[str, tuple[str, ...]] = {
    "OPEN": ("CREATE_FULFILLMENT", "HOLD", "MOVE", "SPLIT"),
    "IN_PROGRESS": ("CREATE_FULFILLMENT", "MARK_AS_OPEN"),
    "SCHEDULED": ("MARK_AS_OPEN",),
    "ON_HOLD": ("RELEASE_HOLD", "MOVE"),
}
"""What a fulfillment order of a status lets its caller do; nothing for the others."""


def order_node(
    order: Mapping[str, Any],
    fulfillment_orders: Sequence[Json] | None = None,
    events: Mapping[int, Sequence[Json]] | None = None,
) -> Json:
    """The Order of the GraphQL API for this REST order.

    `fulfillment_orders` default to the one a new order has; `events` are fulfillment events by fulfillment id.
    """
    currency = order["currency"]
    lines = [fields.line_node(line, order) for line in order["line_items"]]
    routed = list(fulfillment_orders) if fulfillment_orders is not None else [fulfillment_order(order)]
    shipping = [fields.shipping_line_node(line, currency) for line in order["shipping_lines"]]
    return {
        **fields.order_fields(order),
        **fields.order_amounts(order),
        "customer": fields.customer_node(order.get("customer")),
        "billingAddress": fields.address_node(order.get("billing_address")),
        "shippingAddress": fields.address_node(order.get("shipping_address")),
        "displayAddress": fields.address_node(order.get("shipping_address") or order.get("billing_address")),
        "retailLocation": location_node() if order.get("location_id") else None,
        "lineItems": {"nodes": lines},
        "subtotalLineItemsQuantity": sum(line["quantity"] for line in lines),
        "currentSubtotalLineItemsQuantity": sum(line["currentQuantity"] for line in lines),
        "shippingLine": shipping[0] if shipping else None,
        "shippingLines": {"nodes": shipping},
        "discountApplications": {"nodes": fields.application_nodes(order)},
        "taxLines": fields.tax_nodes(order["tax_lines"], currency),
        "fulfillments": [
            fulfillment_node(entry, order, (events or {}).get(entry["id"], ())) for entry in order["fulfillments"]
        ],
        "fulfillmentOrders": {"nodes": [{**entry, "supportedActions": supported(entry)} for entry in routed]},
        "refunds": [refund_node(refund, order) for refund in order["refunds"]],
        "transactions": fields.transaction_nodes(order),
    }


def supported(fulfillment_order: Mapping[str, Any]) -> list[Json]:
    """The actions a fulfillment order lets its caller do now."""
    return [{"action": action} for action in ACTIONS.get(fulfillment_order["status"], ())]


def delivery_method(order: Mapping[str, Any]) -> str:
    """How an order travels, from what its REST body shows of it."""
    if not order["shipping_lines"]:
        return "RETAIL" if order.get("source_name") == "pos" else "NONE"
    if not order.get("shipping_address"):
        return "PICK_UP"
    return "LOCAL" if order["shipping_lines"][0]["code"] == "Local Delivery" else "SHIPPING"


def fulfillment_order(order: Mapping[str, Any], method: Mapping[str, Any] | None = None) -> Json:
    """The fulfillment order Shopify makes with an order; `method` replaces fields of its delivery method."""
    number = order["id"] + 700_000_000_000
    closed = order.get("fulfillment_status") == "fulfilled"
    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", number),
        "orderId": gid("Order", order["id"]),
        "orderName": order["name"],
        "status": "CANCELLED" if order.get("cancelled_at") else "CLOSED" if closed else "OPEN",
        "requestStatus": "UNSUBMITTED",
        "createdAt": instant(order["created_at"]),
        "updatedAt": instant(order["created_at"]),
        "fulfillAt": None,
        "fulfillBy": None,
        "fulfillmentHolds": [],
        "assignedLocation": {"name": kitchen.STORE_NAME, "countryCode": "US", "location": location_node()},
        "deliveryMethod": {
            "id": gid("DeliveryMethod", number),
            "methodType": delivery_method(order),
            "minDeliveryDateTime": None,
            "maxDeliveryDateTime": None,
            "presentedName": order["shipping_lines"][0]["title"] if order["shipping_lines"] else None,
            **(method or {}),
        },
        "lineItems": {
            "nodes": [
                {
                    "id": gid("FulfillmentOrderLineItem", line["id"] + 100_000_000_000),
                    "remainingQuantity": line["fulfillable_quantity"],
                    "totalQuantity": line["current_quantity"],
                    "sku": line["sku"],
                    "productTitle": line["title"],
                    "variantTitle": line["variant_title"],
                    "requiresShipping": line["requires_shipping"],
                    "lineItem": fields.line_node(line, order),
                }
                for line in order["line_items"]
            ]
        },
    }


def fulfillment_node(entry: Mapping[str, Any], order: Mapping[str, Any], events: Sequence[Json] = ()) -> Json:
    """The Fulfillment of the GraphQL API for a REST fulfillment."""
    shown = (entry["shipment_status"] or "fulfilled").upper()
    tracked = zip(entry["tracking_numbers"], [*entry["tracking_urls"], *[None] * 9], strict=False)
    return {
        "__typename": "Fulfillment",
        "orderId": gid("Order", entry["order_id"]),
        "id": gid("Fulfillment", entry["id"]),
        "legacyResourceId": str(entry["id"]),
        "name": entry["name"],
        "status": entry["status"].upper(),
        "displayStatus": "CANCELED" if entry["status"] == "cancelled" else shown,
        "createdAt": instant(entry["created_at"]),
        "updatedAt": instant(entry["updated_at"]),
        "deliveredAt": _happened(events, "DELIVERED"),
        "inTransitAt": _happened(events, "IN_TRANSIT"),
        "estimatedDeliveryAt": events[-1]["estimatedDeliveryAt"] if events else None,
        "totalQuantity": sum(line["quantity"] for line in entry["line_items"]),
        "trackingInfo": [
            {"company": entry["tracking_company"], "number": number, "url": url} for number, url in tracked
        ],
        "location": location_node(),
        "events": {"nodes": list(events)},
        "fulfillmentLineItems": {
            "nodes": [
                {
                    "id": gid("FulfillmentLineItem", line["id"]),
                    "quantity": line["quantity"],
                    "lineItem": fields.line_node(line, order),
                }
                for line in entry["line_items"]
            ]
        },
    }


def refund_node(refund: Mapping[str, Any], order: Mapping[str, Any]) -> Json:
    """The Refund of the GraphQL API for a REST refund."""
    currency = order["currency"]
    return {
        "__typename": "Refund",
        "orderId": gid("Order", refund["order_id"]),
        "id": gid("Refund", refund["id"]),
        "legacyResourceId": str(refund["id"]),
        "createdAt": instant(refund["created_at"]),
        "processedAt": instant(refund["processed_at"]),
        "updatedAt": instant(refund["processed_at"]),
        "note": refund["note"],
        "totalRefundedSet": bag(fields.refunded_total([refund]), currency),
        "refundLineItems": {
            "nodes": [
                {
                    "id": gid("RefundLineItem", entry["id"]),
                    "quantity": entry["quantity"],
                    "restockType": entry["restock_type"].upper(),
                    "restocked": entry["restock_type"] != "no_restock",
                    "subtotalSet": bag(entry["subtotal_set"]["shop_money"]["amount"], currency),
                    "totalTaxSet": bag(entry["total_tax_set"]["shop_money"]["amount"], currency),
                    "lineItem": fields.line_node(entry["line_item"], order),
                }
                for entry in refund["refund_line_items"]
            ]
        },
    }


def location_node() -> Json:
    """The shop's one location with stock."""
    return {
        "__typename": "Location",
        "id": gid("Location", LOCATION_ID),
        "legacyResourceId": str(LOCATION_ID),
        "name": kitchen.STORE_NAME,
        "isActive": True,
        "fulfillsOnlineOrders": True,
    }


def _happened(events: Sequence[Json], status: str) -> str | None:
    return next((event["happenedAt"] for event in reversed(events) if event["status"] == status), None)
