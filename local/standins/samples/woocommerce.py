"""WooCommerce orders and webhook bodies in the vendor's schema, with values of our own.

A webhook body is the order as the REST API gives it. Money is a decimal string without tax, which stands beside it:
total = line totals + fees + shipping_total + total_tax.
Schema: https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import CURRENCY, Dish, Line, merged, moment

SHOP_URL = "https://juniper.example.com"
SHOP_ZONE = timezone(timedelta(hours=-5))
"""The shop's offset: times without `_gmt` in their name are on its clock, and none says so."""

TAX_RATE_ID = 7
SHIPPING = 399
"""Cents for a delivery, before tax."""

_WEBHOOKS = {"order.created": 3, "order.updated": 4, "order.deleted": 5, "order.restored": 6}


def wire(payload: object) -> bytes:
    """The bytes of a webhook body: PHP writes a backslash before each slash."""
    return kitchen.compact(payload).replace(b"/", b"\\/")


def order_id(n: int) -> int:
    """The shop's id of sample order `n`."""
    return 310_000_000 + n


def product_ids(dish: Dish) -> tuple[int, int]:
    """Product and variation of a dish; the last of the menu is sold in one variation only, and has none."""
    place = kitchen.MENU.index(dish)
    return 90 + place, 0 if place == len(kitchen.MENU) - 1 else 900 + place


def decimal(cents: int) -> str:
    """An amount of cents as WooCommerce writes it, `12.50`."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def times(name: str, at: datetime | None) -> dict[str, str | None]:
    """A time under its two names: on the shop's clock, and in UTC."""
    if at is None:
        return {name: None, f"{name}_gmt": None}
    plain = at.replace(microsecond=0)
    gmt = plain.astimezone(UTC).replace(tzinfo=None).isoformat()
    return {name: plain.astimezone(SHOP_ZONE).replace(tzinfo=None).isoformat(), f"{name}_gmt": gmt}


def order(
    n: int,
    *,
    placed_at: datetime | None = None,
    method: str = "flat_rate",
    status: str = "processing",
    **overrides: Any,
) -> dict[str, Any]:
    """Order `n` as a webhook carries it, paid online unless every fourth: those are paid at the door.

    `method` is a shipping method, such as flat_rate or local_pickup; `placed_at` defaults to now; `overrides` replace
    top-level fields.
    """
    placed, person, number = moment(placed_at), kitchen.customer(n), order_id(n)
    off, brought = kitchen.discount(n), method != "local_pickup"
    lines = [
        _line(number * 10 + place, line, off if place == 1 else 0) for place, line in enumerate(kitchen.basket(n), 1)
    ]
    tip, shipping = kitchen.tip(n) if brought else 0, SHIPPING if brought else 0
    tax = sum(kitchen.tax_on(_cents(line["total"])) for line in lines)
    total = sum(_cents(line["total"]) for line in lines) + tip + shipping + tax
    at_the_door = n % 4 == 3
    body: dict[str, Any] = {
        "id": number,
        "parent_id": 0,
        "number": str(2000 + n),
        "order_key": f"wc_order_{kitchen.identity('woo-key', n)[:13]}",
        "created_via": "store-api",
        "version": "10.9.0",
        "status": status,
        "currency": CURRENCY,
        **times("date_created", placed),
        **times("date_modified", placed),
        "discount_total": decimal(off),
        "discount_tax": "0.00",
        "shipping_total": decimal(shipping),
        "shipping_tax": "0.00",
        "cart_tax": decimal(tax),
        "total": decimal(total),
        "total_tax": decimal(tax),
        "prices_include_tax": False,
        "customer_id": 40 + n % len(kitchen.PEOPLE),
        "customer_ip_address": "203.0.113.7",
        "customer_user_agent": "Mozilla/5.0",
        "customer_note": "The grey door, please" if n % 4 == 1 else "",
        "billing": {**_address(person), "email": person.email},
        "shipping": _address(person) if brought else dict.fromkeys(_address(person), ""),
        "payment_method": "cod" if at_the_door else "stripe",
        "payment_method_title": "Cash on delivery" if at_the_door else "Card",
        "transaction_id": "" if at_the_door else f"ch_{kitchen.identity('woo-charge', n)[:8]}",
        **times("date_paid", None if at_the_door else placed),
        **times("date_completed", None),
        "cart_hash": "",
        "meta_data": [{"id": number * 10, "key": "is_vat_exempt", "value": "no"}],
        "line_items": lines,
        "tax_lines": [_tax_line(number, tax)] if tax else [],
        "shipping_lines": [_shipping_line(number, method, shipping)],
        "fee_lines": [_fee_line(number, tip)] if tip else [],
        "coupon_lines": [_coupon_line(number, off)] if off else [],
        "refunds": [],
        "payment_url": f"{SHOP_URL}/checkout/order-pay/{number}/",
        "is_editable": False,
        "needs_payment": False,
        "needs_processing": True,
        "currency_symbol": "$",
        "_links": {"self": [{"href": f"{SHOP_URL}/wp-json/wc/v3/orders/{number}"}]},
    }
    return merged(body, overrides)


def notification(topic: str, order: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The body of a webhook about an order: all of it as it is now, or nothing but the id once it is deleted."""
    return {"id": order["id"]} if topic == "order.deleted" else {**order, **changes}


def headers(topic: str, *, delivery_id: str) -> dict[str, str]:
    """The headers of a webhook request apart from its signature. `delivery_id` repeats within a second."""
    resource, _, event = topic.partition(".")
    return {
        "Content-Type": "application/json",
        "User-Agent": "WooCommerce/10.9.0 Hookshot (WordPress/6.9)",
        "X-WC-Webhook-Source": f"{SHOP_URL}/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-ID": str(_WEBHOOKS.get(topic, 9)),
        "X-WC-Webhook-Delivery-ID": delivery_id,
    }


def line_item(
    number: int, dish: Dish, quantity: float, subtotal: int, total: int, meta: list[dict[str, Any]]
) -> dict[str, Any]:
    """A line; amounts in cents, for all of its units and without tax."""
    product, variation = product_ids(dish)
    taxes = {name: decimal(kitchen.tax_on(cents)) for name, cents in (("total", total), ("subtotal", subtotal))}
    return {
        "id": number,
        "name": f"{dish.name} &ndash; {dish.variation}",
        "product_id": product,
        "variation_id": variation,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": decimal(subtotal),
        "subtotal_tax": taxes["subtotal"],
        "total": decimal(total),
        "total_tax": taxes["total"],
        "taxes": [{"id": TAX_RATE_ID, **taxes}],
        "meta_data": meta,
        "sku": dish.sku,
        "global_unique_id": "",
        "price": total / 100 / quantity,
        "image": {"id": "", "src": ""},
        "parent_name": dish.name if variation else None,
    }


def _line(number: int, line: Line, off: int) -> dict[str, Any]:
    """A line of a basket: what is chosen is in its price, and told in words."""
    wishes = [(option.name, f"{quantity} x" if option.price else "Yes") for option, quantity in line.choices]
    if line.note:
        wishes.append(("Note", line.note))
    meta = [
        {"id": number * 10 + place, "key": key, "value": value, "display_key": key, "display_value": value}
        for place, (key, value) in enumerate(wishes)
    ]
    return line_item(number, line.dish, line.quantity, line.total, line.total - off, meta)


def _cents(amount: str) -> int:
    return round(float(amount) * 100)


def _address(person: kitchen.Person) -> dict[str, str]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": "",
        "address_1": person.street,
        "address_2": person.unit,
        "city": person.city,
        "state": person.region,
        "postcode": person.postal_code,
        "country": person.country,
        "phone": person.phone,
    }


def _tax_line(number: int, tax: int) -> dict[str, Any]:
    return {
        "id": number * 10 + 6,
        "rate_code": "US-IL-TAX-1",
        "rate_id": TAX_RATE_ID,
        "label": "Sales tax",
        "compound": False,
        "tax_total": decimal(tax),
        "shipping_tax_total": "0.00",
        "rate_percent": kitchen.TAX_BASIS_POINTS / 100,
        "meta_data": [],
    }


def _shipping_line(number: int, method: str, shipping: int) -> dict[str, Any]:
    return {
        "id": number * 10 + 7,
        "method_title": method.replace("_", " ").capitalize(),
        "method_id": method,
        "instance_id": "3",
        "total": decimal(shipping),
        "total_tax": "0.00",
        "taxes": [],
        "tax_status": "none",
        "meta_data": [],
    }


def _fee_line(number: int, tip: int) -> dict[str, Any]:
    return {
        "id": number * 10 + 8,
        "name": "Tip",
        "tax_class": "",
        "tax_status": "none",
        "amount": decimal(tip),
        "total": decimal(tip),
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
    }


def _coupon_line(number: int, off: int) -> dict[str, Any]:
    return {
        "id": number * 10 + 9,
        "code": "welcome3",
        "discount": decimal(off),
        "discount_tax": "0.00",
        "discount_type": "fixed_cart",
        "nominal_amount": off / 100,
        "free_shipping": False,
        "meta_data": [],
    }
