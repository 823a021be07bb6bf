"""Orders of the classic Uber Eats API, as `GET /v2/eats/order/{id}` answers them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import Line, identity, later, merged, moment, utc
from local.standins.samples.uber_eats_common import (
    CLIENT_ID,
    INTEGRATOR_STORE_ID,
    MERCHANT_STORE_ID,
    STORE_ID,
    cart_item_id,
    charges_v2,
    money_v2,
)


def order_v2(
    n: int, *, placed_at: datetime | None = None, fulfillment: str = "DELIVERY_BY_UBER", **overrides: Any
) -> dict[str, Any]:
    """Order `n` as the classic `GET /v2/eats/order/{id}` answers it, without a wrapper.

    `fulfillment` is DELIVERY_BY_UBER, DELIVERY_BY_RESTAURANT, PICK_UP or DINE_IN.
    """
    placed = moment(placed_at)
    person = kitchen.customer(n)
    order_id = identity("uber-order-v2", n)
    eater_id = identity("uber-eater", person.email)
    by_restaurant = fulfillment == "DELIVERY_BY_RESTAURANT"
    eater: dict[str, Any] = {
        "first_name": person.first_name,
        "last_name": f"{person.last_name[0]}.",
        "phone": "+1 312 555 0199",
        "phone_code": f"{5550 + n % 100:04d} 10",
    }
    if by_restaurant:
        eater["delivery"] = {
            "location": {
                "type": "STREET_ADDRESS",
                "street_address": f"{person.street}, {person.city}",
                "latitude": person.latitude,
                "longitude": person.longitude,
                "unit_number": person.unit,
                "business_name": "",
                "title": person.street,
            },
            "type": "LEAVE_AT_DOOR",
            "notes": "The grey door",
        }
    body = {
        "id": order_id,
        "display_id": order_id[-5:].upper(),
        "external_reference_id": "",
        "current_state": "CREATED",
        "type": fulfillment,
        "brand": "UBER_EATS",
        "store": {
            "id": STORE_ID,
            "name": kitchen.STORE_NAME,
            "integrator_store_id": INTEGRATOR_STORE_ID,
            "merchant_store_id": MERCHANT_STORE_ID,
        },
        "eater": eater,
        "eaters": [{"id": eater_id, "first_name": person.first_name}],
        "cart": {
            "items": [_item_v2(n, index, line, eater_id) for index, line in enumerate(kitchen.basket(n))],
            "special_instructions": "No napkins, thank you" if n % 4 == 1 else "",
        },
        "payment": {"charges": charges_v2(n, by_restaurant=by_restaurant), "promotions": None},
        "packaging": {"disposable_items": {"should_include": n % 2 == 0}},
        "placed_at": utc(placed),
        "estimated_ready_for_pickup_at": utc(later(placed, 15)),
        "deliveries": [],
        "order_manager_client_id": CLIENT_ID,
    }
    return merged(body, overrides)


def _price_v2(unit: int, base: int, quantity: int) -> dict[str, Any]:
    return {
        "unit_price": money_v2(unit),
        "total_price": money_v2(unit * quantity),
        "base_unit_price": money_v2(base),
        "base_total_price": money_v2(base * quantity),
    }


def _item_v2(n: int, index: int, line: Line, eater_id: str) -> dict[str, Any]:
    return {
        "id": line.dish.sku,
        "instance_id": cart_item_id(n, index),
        "title": f"{line.dish.name} ({line.dish.variation})",
        "external_data": line.dish.sku,
        "special_instructions": line.note,
        "quantity": line.quantity,
        "price": _price_v2(line.unit_total, line.dish.price, line.quantity),
        "selected_modifier_groups": [
            {
                "id": f"{line.dish.sku}-EXTRAS",
                "title": "Extras",
                "external_data": f"{line.dish.sku}-EXTRAS",
                "selected_items": [
                    {
                        "id": option.sku,
                        "title": option.name,
                        "external_data": option.sku,
                        "quantity": quantity,
                        "price": _price_v2(option.price, option.price, quantity),
                        "default_quantity": 0,
                    }
                    for option, quantity in line.choices
                ],
                "removed_items": None,
            }
        ]
        if line.choices
        else None,
        "eater_id": eater_id,
    }
