"""DoorDash orders and webhook bodies, with values of our own.

Field names follow the Order model of DoorDash's Marketplace API: https://developer.doordash.com/en-US/api/marketplace
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import Line, compact, identity, later, merged, moment, utc

__all__ = ["PROVIDER_TYPE", "STORE_ID", "headers", "notification", "order", "wire"]

STORE_ID = "corner-kitchen-1"
PROVIDER_TYPE = "orderhub_demo"

wire = compact


def order(
    n: int,
    *,
    placed_at: datetime | None = None,
    fulfillment: str = "dx_delivery",
    scheduled_for: datetime | None = None,
    **overrides: Any,
) -> dict[str, Any]:
    """Order `n` as the Orders webhook tells it: `{"event": {...}, "order": {...}}`.

    `fulfillment` is dx_delivery, pickup or mx_fleet_delivery; `placed_at` defaults to now; `overrides` replace fields
    of the inner order.
    """
    lines = kitchen.basket(n)
    subtotal = sum(line.total for line in lines)
    discount = kitchen.discount(n)
    tax = kitchen.tax_on(subtotal - discount)
    self_delivered = fulfillment == "mx_fleet_delivery"
    body: dict[str, Any] = {
        "id": identity("doordash-order", n),
        "store_order_cart_id": str(4_410_000_000 + n),
        "delivery_short_code": identity("doordash-code", n)[:6],
        "experience": "DOORDASH",
        "fulfillment_type": fulfillment,
        "is_pickup": fulfillment == "pickup",
        "is_scheduled": scheduled_for is not None,
        "estimated_pickup_time": utc(scheduled_for or later(moment(placed_at), 20)),
        "order_special_instructions": "Please ring at the side door" if n % 4 == 1 else "",
        "consumer": _consumer(n),
        "store": {
            "merchant_supplied_id": STORE_ID,
            "provider_type": PROVIDER_TYPE,
            "timezone": "America/Chicago",
        },
        "categories": [
            {"merchant_supplied_id": "cat-kitchen", "name": "Kitchen", "items": [_item(n, 0, lines[0])]},
            {
                "merchant_supplied_id": "cat-more",
                "name": "More",
                "items": [_item(n, index, line) for index, line in enumerate(lines[1:], start=1)],
            },
        ],
        "subtotal": subtotal,
        "subtotal_for_tax": subtotal - discount,
        "tax": tax,
        "subtotal_tax_amount": tax,
        "is_tax_remitted_by_doordash": True,
        "tax_amount_remitted_by_doordash": tax,
        "custom_fee": [{"type": "BAG_FEE", "price": 10, "tax": 1}],
        "merchant_tip_amount": kitchen.tip(n),
        "applied_discounts_details": [_promotion(n, discount)] if discount else [],
        "total_merchant_funded_discount_amount": discount,
        "commission_type": "dashpass" if n % 2 == 0 else "regular",
        "is_plastic_ware_option_selected": n % 2 == 0,
    }
    if self_delivered:
        body |= {"delivery_address": _address(n), "delivery_fee": 399, "tip_amount": 300}
    return {"event": {"type": "OrderCreate", "status": "NEW"}, "order": merged(body, overrides)}


def notification(
    event_type: str,
    order: Mapping[str, Any],
    *,
    at: datetime | None = None,
    reference: str = "",
    status: str = "dasher_confirmed",
) -> dict[str, Any]:
    """The body of a webhook about an order, wrapped or bare.

    `event_type` is OrderCreate, OrderAdjustment, OrderCanceled, OrderRelease or dasher_status_update, of which `status`
    says where the Dasher is. `at` is the time of the event, now if not told.
    """
    inner, time = order.get("order", order), utc(moment(at))
    store = {name: inner["store"][name] for name in ("provider_type", "merchant_supplied_id")}
    named = {"external_order_id": inner["id"], "client_order_id": order.get("client_order_id")}
    match event_type:
        case "OrderCreate":
            return {"event": {"type": event_type, "status": "NEW"}, "order": inner}
        case "OrderAdjustment":
            adjusted = {"adjustment_source": "MERCHANT", "adjustment_timestamp": time, "adjusted_order_items": []}
            return {
                "event": {"type": event_type, "event_time": time},
                "order": inner,
                "order_adjustment_metadata": adjusted,
            }
        case "OrderCanceled":
            return {**named, "store": store, "is_asap": not inner["is_scheduled"]}
        case "OrderRelease":
            position = {"latitude": 41.8861, "longitude": -87.6201}
            return {**named, "distance_from_store": 412.5, "store": store, "dasher": {**_DASHER, **position}}
        case "dasher_status_update":
            delivery = {**named, "location_id": store["merchant_supplied_id"], "dasher_status": status}
            return {
                "event": {"type": event_type, "status": "SUCCESS", "reference": reference},
                "created_at": time,
                "delivery": {**delivery, "dasher": _DASHER},
            }
    raise ValueError(f"DoorDash has no webhook {event_type}")


def headers() -> dict[str, str]:
    """The headers of a webhook apart from its token."""
    return {"Content-Type": "application/json"}


_DASHER = {
    "first_name": "Jude",
    "last_name": "D.",
    "phone_number": "+13125550117",
    "vehicle": {"color": "blue", "make": "Honda", "model": "Fit"},
}


def _consumer(n: int) -> dict[str, Any]:
    person = kitchen.customer(n)
    return {
        "id": 9_007_199_254_740_993 + n,
        "email": "support@doordash.com",
        "first_name": person.first_name,
        "last_name": f"{person.last_name[0]}.",
        "phone": "+13125550199",
    }


def _address(n: int) -> dict[str, Any]:
    person = kitchen.customer(n)
    return {
        "street": person.street,
        "subpremise": person.unit,
        "city": person.city,
        "state": person.region,
        "zip_code": person.postal_code,
        "country_code": person.country,
        "lat": str(person.latitude),
        "lng": str(person.longitude),
        "address_instructions": "The grey door",
    }


def _item(n: int, index: int, line: Line) -> dict[str, Any]:
    return {
        "merchant_supplied_id": line.dish.sku,
        "name": f"{line.dish.name} ({line.dish.variation})",
        "price": line.dish.price,
        "quantity": line.quantity,
        "line_item_id": identity("doordash-line", f"{n}:{index}"),
        "special_instructions": line.note,
        "extras": [
            {
                "merchant_supplied_id": f"{line.dish.sku}-EXTRAS",
                "name": "Extras",
                "options": [
                    {
                        "merchant_supplied_id": option.sku,
                        "name": option.name,
                        "price": option.price,
                        "quantity": quantity,
                        "line_option_id": identity("doordash-option", f"{n}:{index}:{position}"),
                        "extras": [],
                    }
                    for position, (option, quantity) in enumerate(line.choices)
                ],
            }
        ]
        if line.choices
        else [],
        "applied_item_discount_details": [],
    }


def _promotion(n: int, discount: int) -> dict[str, Any]:
    return {
        "total_discount_amount": discount,
        "promo_id": identity("doordash-promo", n),
        "promo_code": "KITCHEN3",
        "external_campaign_id": "CK-3",
        "merchant_funded_discount_amount": discount,
        "doordash_funded_discount_amount": 0,
    }
