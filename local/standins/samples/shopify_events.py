"""What Shopify's webhooks say about an order: the order itself, a fulfillment, a refund, or the change alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from local.standins.samples.kitchen import CURRENCY, merged, moment
from local.standins.samples.shopify_lines import LOCATION_ID, cents, decimal, gid, money_set

SHOP_ZONE = timezone(timedelta(hours=-5))
"""The shop's offset, in which Shopify writes all times of an order."""


def local_time(at: datetime) -> str:
    """ISO 8601 with the shop's offset, `2026-10-05T12:42:10-05:00`."""
    return at.astimezone(SHOP_ZONE).isoformat(timespec="seconds")


def fulfillment(
    order: Mapping[str, Any],
    *,
    number: int = 1,
    at: datetime | None = None,
    tracking_number: str | None = None,
    tracking_company: str | None = None,
    tracking_url: str | None = None,
    shipment_status: str | None = None,
    status: str = "success",
) -> dict[str, Any]:
    """A fulfillment of all lines of the order, as fulfillments/create and fulfillments/update carry it."""
    written = local_time(moment(at)) if at else order["updated_at"]
    fulfillment_id = 5_310_000_000_000 + (order["id"] % 1_000_000_000) * 10 + number
    return {
        "id": fulfillment_id,
        "admin_graphql_api_id": gid("Fulfillment", fulfillment_id),
        "order_id": order["id"],
        "status": status,
        "created_at": written,
        "service": "manual",
        "updated_at": written,
        "tracking_company": tracking_company,
        "shipment_status": shipment_status,
        "location_id": LOCATION_ID,
        "origin_address": None,
        "line_items": [
            {**line, "fulfillable_quantity": 0, "fulfillment_status": "fulfilled"} for line in order["line_items"]
        ],
        "tracking_number": tracking_number,
        "tracking_numbers": [tracking_number] if tracking_number else [],
        "tracking_url": tracking_url,
        "tracking_urls": [tracking_url] if tracking_url else [],
        "receipt": {},
        "name": f"{order['name']}.{number}",
    }


def refund(order: Mapping[str, Any], *, line: int = 0, quantity: int = 1, at: datetime | None = None) -> dict[str, Any]:
    """A refund of `quantity` pieces of one line, before discounts and tax, as refunds/create carries it."""
    written = local_time(moment(at)) if at else order["updated_at"]
    item = order["line_items"][line]
    value = cents(item["price"]) * quantity
    number = order["id"] % 1_000_000_000
    return {
        "id": 920_000_000_000 + number,
        "admin_graphql_api_id": gid("Refund", 920_000_000_000 + number),
        "order_id": order["id"],
        "created_at": written,
        "processed_at": written,
        "note": "Sold out",
        "restock": False,
        "user_id": None,
        "order_adjustments": [],
        "duties": [],
        "additional_fees": [],
        "transactions": [
            {
                "id": 7_300_000_000_000 + number,
                "admin_graphql_api_id": gid("OrderTransaction", 7_300_000_000_000 + number),
                "amount": decimal(value),
                "created_at": written,
                "currency": CURRENCY,
                "gateway": "shopify_payments",
                "kind": "refund",
                "order_id": order["id"],
                "processed_at": written,
                "status": "success",
                "test": False,
            }
        ],
        "refund_line_items": [
            {
                "id": 680_000_000_000 + number,
                "line_item_id": item["id"],
                "location_id": LOCATION_ID,
                "quantity": quantity,
                "restock_type": "no_restock",
                "subtotal": value / 100,
                "subtotal_set": money_set(value),
                "total_tax": 0.0,
                "total_tax_set": money_set(0),
                "line_item": item,
            }
        ],
    }


def notification(topic: str, order: Mapping[str, Any], *, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """The webhook body of `topic` about this order; `changes` replace its top-level fields.

    orders/* carry the whole order (orders/cancelled a cancelled one), except orders/edited, which names only the
    change; fulfillments/* a `fulfillment`, refunds/create a `refund`. `at` sets its `updated_at`.
    """
    written = local_time(moment(at)) if at else order["updated_at"]
    if topic.startswith("fulfillments/"):
        return merged(fulfillment(order, at=at), changes)
    if topic == "refunds/create":
        return merged(refund(order, at=at), changes)
    if topic == "orders/edited":
        return merged(_order_edit(order, written), changes)
    told: dict[str, Any] = {"updated_at": written}
    if topic == "orders/cancelled":
        told |= {"cancelled_at": written, "closed_at": written, "cancel_reason": "customer"}
    return {**order, **told, **changes}


def _order_edit(order: Mapping[str, Any], written: str) -> dict[str, Any]:
    line = order["line_items"][0]
    return {
        "order_edit": {
            "id": 81_000_000_000 + order["id"] % 1_000_000_000,
            "app_id": None,
            "created_at": written,
            "notify_customer": False,
            "order_id": order["id"],
            "staff_note": "One more, on the telephone",
            "user_id": None,
            "line_items": {"additions": [{"id": line["id"], "delta": 1}], "removals": []},
            "discounts": {"line_item": {"additions": [], "removals": []}},
            "shipping_lines": {"additions": [], "removals": []},
        }
    }
