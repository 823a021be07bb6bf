"""Uber Eats orders and webhook bodies of both API generations, with values of our own.

Field names follow Uber's Order Fulfillment API 1.0.0 (generation "v1") and the classic `/v2/eats/order` ("v2"):
https://developer.uber.com/docs/eats/guides/webhooks
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import Line, compact, identity, later, merged, moment, utc
from local.standins.samples.uber_eats_common import (
    CLIENT_ID,
    INTEGRATOR_STORE_ID,
    MERCHANT_STORE_ID,
    STORE_ID,
    cart_item_id,
    payment,
    pieces,
)
from local.standins.samples.uber_eats_v2 import order_v2

__all__ = ["CLIENT_ID", "STORE_ID", "headers", "notification", "order", "order_v2", "scheduled_order", "wire"]

API_HOST = "https://api.uber.com"

wire = compact


def order(
    n: int,
    *,
    placed_at: datetime | None = None,
    fulfillment: str = "DELIVERY_BY_UBER",
    scheduled_for: datetime | None = None,
    **overrides: Any,
) -> dict[str, Any]:
    """Order `n` as `GET /v1/delivery/order/{id}?expand=carts,deliveries,payment` answers it: `{"order": {...}}`.

    `fulfillment` is DELIVERY_BY_UBER, DELIVERY_BY_MERCHANT, PICKUP or DINE_IN; `placed_at` defaults to now;
    `overrides` replace fields of the inner order. With `scheduled_for` it is SCHEDULED for the half hour from then.
    """
    placed = moment(placed_at)
    order_id = identity("uber-order", n)
    by_merchant = fulfillment == "DELIVERY_BY_MERCHANT"
    body: dict[str, Any] = {
        "id": order_id,
        "display_id": order_id[-5:].upper(),
        "external_id": "",
        "state": "OFFERED",
        "status": "ACTIVE",
        "preparation_status": "PREPARING",
        "ordering_platform": "UBER_EATS",
        "fulfillment_type": fulfillment,
        "store": _store(),
        "customers": [_customer(n)],
        "deliveries": _deliveries(n, placed, fulfillment),
        "carts": [_cart(n)],
        "payment": payment(n, by_merchant=by_merchant),
        "is_order_accuracy_risk": False,
        "store_instructions": "Please ring at the side door" if n % 4 == 1 else "",
        "preparation_time": {
            "ready_for_pickup_time_secs": 900,
            "source": "PREDICTED_BY_UBER",
            "ready_for_pickup_time": utc(later(placed, 15)),
        },
        "eligible_actions": {
            name: {"is_eligible": True, "reason": ""}
            for name in ("adjust_ready_for_pickup_time", "mark_out_of_item", "cancel", "mark_cannot_fulfill")
        },
        "created_time": utc(placed),
        "has_membership_pass": n % 2 == 0,
    }
    if scheduled_for is not None:
        body["status"] = "SCHEDULED"
        body["scheduled_order_target_delivery_time_range"] = {
            "start_time": utc(scheduled_for),
            "end_time": utc(later(scheduled_for, 30)),
        }
        body["eligible_actions"]["adjust_ready_for_pickup_time"] = {
            "is_eligible": False,
            "reason": "SCHEDULED_ORDER_NOT_YET_ACTIVE",
        }
    return {"order": merged(body, overrides)}


def scheduled_order(n: int, *, placed_at: datetime | None = None, **overrides: Any) -> dict[str, Any]:
    """Order `n` of generation v1, placed now for three hours later."""
    placed = moment(placed_at)
    return order(n, placed_at=placed, scheduled_for=later(placed, 180), **overrides)


def notification(
    event_type: str,
    order: Mapping[str, Any],
    *,
    at: datetime | None = None,
    event_id: str | None = None,
    status: str | None = None,
) -> dict[str, Any]:
    """The webhook body for `event_type` about an order of either generation (a v1 order may be wrapped or bare).

    `at` is the time of the event; `status` is `meta.status`: "pos", or the courier's state for delivery.state_changed.
    v1 bodies give the time in milliseconds and carry `webhook_meta`; v2 bodies give seconds.
    """
    inner = order.get("order", order)
    moment_of_event = moment(at)
    order_id, seconds = inner["id"], int(moment_of_event.timestamp())
    v2 = "current_state" in inner
    event = event_id or identity("uber-event", f"{event_type}:{order_id}:{seconds}:{status}")
    meta: dict[str, Any] = {"user_id": inner["store"]["id"], "resource_id": order_id, "status": status or "pos"}
    if event_type == "delivery.state_changed":
        meta = {
            "courier_trip_id": identity("uber-trip", order_id),
            "store_id": inner["store"]["id"],
            "order_id": order_id,
            "external_order_id": inner.get("external_id") or inner.get("external_reference_id") or "",
            "status": status or "EN_ROUTE_TO_PICKUP",
        }
    body: dict[str, Any] = {
        "event_id": event,
        "event_type": event_type,
        "event_time": seconds if v2 else seconds * 1000,
        "resource_href": f"{API_HOST}/{'v2/eats' if v2 else 'v1/delivery'}/order/{order_id}",
        "meta": meta,
    }
    if not v2:
        body["webhook_meta"] = {
            "client_id": CLIENT_ID,
            "webhook_config_id": "eats-restaurant-order-experience.order-webhooks",
            "webhook_msg_timestamp": seconds,
            "webhook_msg_uuid": identity("uber-message", event),
        }
    return body


def headers(environment: str = "production") -> dict[str, str]:
    """The headers of a webhook request apart from its signature."""
    return {"Content-Type": "application/json", "X-Environment": environment}


def _store() -> dict[str, Any]:
    return {
        "id": STORE_ID,
        "name": kitchen.STORE_NAME,
        "partner_identifiers": [
            {"value": MERCHANT_STORE_ID, "type": "MERCHANT_STORE_ID"},
            {"value": INTEGRATOR_STORE_ID, "type": "INTEGRATOR_STORE_ID"},
        ],
        "uber_merchant_type": {"type": "MERCHANT_TYPE_RESTAURANT"},
    }


def _customer(n: int) -> dict[str, Any]:
    person = kitchen.customer(n)
    initial = person.last_name[0]
    return {
        "id": identity("uber-eater", person.email),
        "name": {
            "display_name": f"{person.first_name} {initial}",
            "first_name": person.first_name,
            "last_name": initial,
        },
        "order_history": {"past_order_count": n % 9},
        "contact": {
            "phone": {"number": "+1 312-555-0199", "pin_code": f"{5550 + n % 100:04d} 10", "country_iso2": "US"},
        },
        "is_primary_customer": True,
        "can_respond_to_fulfillment_issues": True,
    }


def _deliveries(n: int, placed: datetime, fulfillment: str) -> list[dict[str, Any]]:
    if not fulfillment.startswith("DELIVERY_"):
        return []
    delivery: dict[str, Any] = {
        "id": identity("uber-delivery", n),
        "status": "SCHEDULED",
        "estimated_pick_up_time": utc(later(placed, 17)),
        "interaction_type": "LEAVE_AT_DOOR",
    }
    if fulfillment == "DELIVERY_BY_MERCHANT":
        person = kitchen.customer(n)
        delivery["instructions"] = "The grey door"
        delivery["location"] = {
            "type": "STREET_ADDRESS",
            "id": identity("uber-location", person.email),
            "street_address_line_one": person.street,
            "street_address_line_two": "",
            "latitude": str(person.latitude),
            "longitude": str(person.longitude),
            "unit_number": person.unit,
            "business_name": "",
            "city": person.city,
            "country": person.country,
            "postal_code": person.postal_code,
            "client_provided_street_address_line_one": person.street,
        }
    return [delivery]


def _cart(n: int) -> dict[str, Any]:
    person = kitchen.customer(n)
    customer_id = identity("uber-eater", person.email)
    return {
        "id": identity("uber-cart", n),
        "items": [_item(n, index, line, customer_id) for index, line in enumerate(kitchen.basket(n))],
        "fulfillment_issues": [],
        "special_instructions": "No napkins, thank you" if n % 4 == 1 else "",
        "include_single_use_items": n % 2 == 0,
        "revision_id": identity("uber-revision", n),
        "restricted_items": {
            "alcohol": {"contain_alcoholic_item": False},
            "tobacco": {"contain_tobacco_product": False},
        },
    }


def _item(n: int, index: int, line: Line, customer_id: str) -> dict[str, Any]:
    request: dict[str, Any] = {"special_instructions": line.note}
    if n % 4 == 2 and index == 0:
        request["allergy"] = {"allergens": ["SESAME"], "instructions": "A little is fine"}
    return {
        "id": line.dish.sku,
        "cart_item_id": cart_item_id(n, index),
        "customer_id": customer_id,
        "title": f"{line.dish.name} ({line.dish.variation})",
        "external_data": line.dish.sku,
        "quantity": pieces(line.quantity),
        "default_quantity": pieces(0),
        "customer_request": request,
        "selected_modifier_groups": [
            {
                "id": f"{line.dish.sku}-EXTRAS",
                "title": "Extras",
                "external_data": f"{line.dish.sku}-EXTRAS",
                "selected_items": [
                    {
                        "id": option.sku,
                        "cart_item_id": cart_item_id(n, index, position),
                        "title": option.name,
                        "external_data": option.sku,
                        "quantity": pieces(quantity),
                        "default_quantity": pieces(0),
                    }
                    for position, (option, quantity) in enumerate(line.choices)
                ],
                "removed_items": [],
            }
        ]
        if line.choices
        else None,
    }
