"""GloriaFood orders and the documents they come in, with values of our own.

Field names follow version 2: https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import Line, compact, later, merged, moment, utc

__all__ = ["STORE_ID", "at_store", "document", "menu", "menu_key", "order", "poll_key", "state", "wire"]

STORE_ID = "20417"
POS_SYSTEM_ID = 41
DELIVERY_FEE, PACKAGING = 350, 75
"""Cents."""
TYPES = ("delivery", "pickup", "dine_in")

wire = compact


def poll_key(restaurant_id: str) -> str:
    """The key of a restaurant's "Poll Accepted Order v2" integration, which is in each of its orders too."""
    return f"demo-gloriafood-poll-{restaurant_id}"


def menu_key(restaurant_id: str) -> str:
    """The key of a restaurant's "Fetch Menu" integration."""
    return f"demo-gloriafood-menu-{restaurant_id}"


def order(n: int, *, placed_at: datetime | None = None, **overrides: Any) -> dict[str, Any]:
    """Order `n`, accepted at `placed_at` (now): by turns a delivery, a pickup and a meal at the restaurant.

    Taxes come on top of the prices, but of every fifth order, where they are within. `overrides` replace fields.
    """
    accepted, person, number = moment(placed_at), kitchen.customer(n), 5_000_000 + n
    brought, gross = _type(n) == "delivery", n % 5 == 4
    goods = sum(line.total for line in kitchen.basket(n)) - kitchen.discount(n)
    fees = PACKAGING + (DELIVERY_FEE if brought else 0)
    tax = kitchen.tax_on(goods + fees)
    paid = "ONLINE" if n % 2 else "CASH"
    body: dict[str, Any] = {
        "id": number,
        "api_version": 2,
        "pos_system_id": POS_SYSTEM_ID,
        "restaurant_name": kitchen.STORE_NAME,
        "restaurant_timezone": "America/Chicago",
        "company_account_id": 300021,
        "type": _type(n),
        "status": "accepted",
        "missed_reason": None,
        "ready": False,
        "source": "website",
        "for_later": False,
        "accepted_at": utc(accepted),
        "updated_at": utc(accepted),
        "fulfill_at": utc(later(accepted, 40)),
        "client_id": 88_000 + n % len(kitchen.PEOPLE),
        "client_first_name": person.first_name,
        "client_last_name": person.last_name,
        "client_email": person.email,
        "client_phone": person.phone,
        "client_address": f"{person.street}, {person.city}" if brought else None,
        "client_address_parts": _address(n) if brought else None,
        "latitude": str(person.latitude) if brought else None,
        "longitude": str(person.longitude) if brought else None,
        "pin_skipped": False,
        "instructions": "Please ring at the side door" if n % 4 == 1 else None,
        "fulfillment_option": "no_contact" if brought else None,
        "persons": 0,
        "table_number": str(1 + n % 20) if _type(n) == "dine_in" else None,
        "currency": kitchen.CURRENCY,
        "sub_total_price": _major(goods),
        "tax_type": "GROSS" if gross else "NET",
        "tax_name": "Sales tax",
        "tax_value": _major(tax),
        "tax_list": [{"type": "item", "rate": kitchen.TAX_BASIS_POINTS / 10_000, "value": _major(tax)}],
        "total_price": _major(goods + fees + kitchen.tip(n) + (0 if gross else tax)),
        "payment": paid,
        "used_payment_methods": [paid],
        "gateway_type": "stripe" if paid == "ONLINE" else None,
        "gateway_transaction_id": f"pi_demo_{number}" if paid == "ONLINE" else None,
        "card_type": "visa" if paid == "ONLINE" else None,
        "coupons": [9021] if kitchen.discount(n) else [],
        "items": _lines(n, number, brought=brought),
    }
    at_store(body, STORE_ID)
    return merged(body, overrides)


def at_store(order: dict[str, Any], restaurant_id: str) -> None:
    """The order is another restaurant's."""
    order["restaurant_id"] = int(restaurant_id)
    order["restaurant_key"] = poll_key(restaurant_id)
    order["restaurant_token"] = f"KITCHEN-{restaurant_id}"


STATES: Mapping[str, Mapping[str, Any]] = {
    "order.accepted": {"status": "accepted"},
    "order.ready": {"status": "accepted", "ready": True},
    "order.canceled": {"status": "canceled"},
}
"""What has come of an order. The names are ours: GloriaFood has none, and tells of each by the whole order."""


def state(event: str, order: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The order after an event of STATES; what is not its beginning is of now."""
    since = {} if event == "order.accepted" else {"updated_at": utc(moment(None))}
    return {**order, **STATES[event], **since, **changes}


def document(*orders: Mapping[str, Any]) -> dict[str, Any]:
    """What is pushed, and what a pop answers."""
    return {"count": len(orders), "orders": list(orders)}


def menu(restaurant_id: str) -> dict[str, Any]:
    """The menu that a "Fetch Menu" key reads."""
    items = [
        {
            "id": _menu_id(n),
            "name": dish.name,
            "description": "",
            "price": _major(dish.price),
            "sizes": [],
            "groups": [],
        }
        for n, dish in enumerate(kitchen.MENU)
    ]
    category = {"id": 1, "name": "All we have", "items": items, "groups": []}
    return {
        "id": 4108,
        "restaurant_id": int(restaurant_id),
        "currency": kitchen.CURRENCY,
        "categories": [category],
    }


def _type(n: int) -> str:
    return TYPES[n % len(TYPES)]


def _major(cents: int) -> float:
    return cents / 100


def _menu_id(position: int) -> int:
    return 3300 + position


def _address(n: int) -> dict[str, Any]:
    person = kitchen.customer(n)
    told = {"street": person.street, "apartment": person.unit, "zipcode": person.postal_code, "city": person.city}
    return {name: text for name, text in told.items() if text}


def _lines(n: int, number: int, *, brought: bool) -> list[dict[str, Any]]:
    """The lines in no order that means anything: a promotion is a line, as fees and tip are."""
    dishes = [
        _line(number, place, line.dish.name, line.total, price=line.dish.price, quantity=line.quantity, line=line)
        for place, line in enumerate(kitchen.basket(n))
    ]
    others = [_line(number, 10, "Packaging", PACKAGING, kind="service_fee_subtotal", type_id=77)]
    if brought:
        others.append(_line(number, 11, "DELIVERY_FEE", DELIVERY_FEE, kind="delivery_fee", type_id=55))
    if kitchen.tip(n):
        others.append(_line(number, 12, "TIP", kitchen.tip(n), kind="tip"))
    if kitchen.discount(n):
        promotion = _line(number, 13, "$3 off", 0, kind="promo_cart", type_id=9021)
        off = _major(kitchen.discount(n))
        others.append(promotion | {"item_discount": off, "cart_discount": -off, "coupon": "WELCOME3"})
    return [*others, *dishes]


def _line(
    number: int,
    place: int,
    name: str,
    total: int,
    *,
    kind: str = "item",
    type_id: int | None = None,
    price: int | None = None,
    quantity: int = 1,
    line: Line | None = None,
) -> dict[str, Any]:
    """A line of the order. Amounts in cents; line: the dish with its options."""
    return {
        "id": number * 100 + place,
        "name": name,
        "type": kind,
        "type_id": _menu_id(kitchen.MENU.index(line.dish)) if line else type_id,
        "total_item_price": _major(total),
        "price": _major(total if price is None else price),
        "quantity": quantity,
        "instructions": (line.note if line else None) or None,
        "parent_id": None,
        "item_discount": 0,
        "cart_discount": 0,
        "options": [
            {
                "id": number * 1000 + place * 10 + position,
                "name": option.name,
                "group_name": "Extras",
                "type": "option",
                "type_id": 3400 + position,
                "quantity": count,
                "price": _major(option.price),
            }
            for position, (option, count) in enumerate(line.choices if line else ())
        ],
    }
