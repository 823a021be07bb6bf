"""Shopify orders and webhook bodies in the vendor's schema, with values of our own.

A webhook body is the REST resource itself, without a wrapper. Money is a decimal string in the shop's currency; here
prices are without tax, and total_price = total_line_items_price - total_discounts + shipping + tip + total_tax.
Schema: https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import CURRENCY, identity, merged, moment
from local.standins.samples.shopify_events import fulfillment, local_time, notification, refund
from local.standins.samples.shopify_lines import (
    LOCATION_ID,
    cents,
    decimal,
    gid,
    line_items,
    money_set,
    shipping_lines,
    tax_lines,
)
from local.standins.samples.shopify_node import order_node

__all__ = [
    "API_VERSION",
    "LOCATION_ID",
    "SHOP_DOMAIN",
    "fulfillment",
    "headers",
    "local_time",
    "notification",
    "order",
    "order_id",
    "order_node",
    "refund",
    "wire",
]

SHOP_DOMAIN = "corner-kitchen-demo.myshopify.com"
API_VERSION = "2026-10"


def wire(payload: object) -> bytes:
    """The bytes of a webhook body: Shopify writes a backslash before each slash."""
    return kitchen.compact(payload).replace(b"/", b"\\/")


def order_id(n: int) -> int:
    """Shopify's id of sample order `n`."""
    return 6_120_000_000_000 + n


def order(n: int, *, placed_at: datetime | None = None, method: str = "LOCAL", **overrides: Any) -> dict[str, Any]:
    """Order `n` as a webhook carries it: paid online, not fulfilled.

    `method` is LOCAL (delivery by the shop), SHIPPING or PICK_UP; the REST order tells them apart only by its shipping
    line and address, as at the vendor's. `placed_at` defaults to now; `overrides` replace top-level fields.
    """
    placed, person = moment(placed_at), kitchen.customer(n)
    lines, shipping = line_items(n), shipping_lines(n, method)
    shipping_price = sum(cents(line["price"]) for line in shipping)
    subtotal = sum(cents(line["price"]) * line["quantity"] for line in lines)
    off, tip = kitchen.discount(n), kitchen.tip(n) if method == "LOCAL" else 0
    tax = sum(cents(entry["price"]) for line in lines for entry in line["tax_lines"])
    total = subtotal - off + shipping_price + tip + tax
    address = _address(n)
    written, number = local_time(placed), 2000 + n
    sums = {
        "subtotal_price": subtotal - off,
        "total_discounts": off,
        "total_line_items_price": subtotal,
        "total_price": total,
        "total_tax": tax,
    }
    now = {
        "current_subtotal_price": subtotal - off,
        "current_total_discounts": off,
        "current_total_price": total,
        "current_total_tax": tax,
    }
    body: dict[str, Any] = {
        "id": order_id(n),
        "admin_graphql_api_id": gid("Order", order_id(n)),
        "app_id": 580_111,
        "browser_ip": None,
        "cancel_reason": None,
        "cancelled_at": None,
        "checkout_id": 36_200_000_000_000 + n,
        "closed_at": None,
        "confirmation_number": identity("shopify-confirmation", n)[:8].upper(),
        "confirmed": True,
        "contact_email": person.email,
        "created_at": written,
        "currency": CURRENCY,
        **{name: decimal(value) for name, value in now.items()},
        **{f"{name}_set": money_set(value) for name, value in now.items()},
        "customer_locale": "en-US",
        "discount_codes": [{"code": "WELCOME3", "amount": decimal(off), "type": "fixed_amount"}] if off else [],
        "email": person.email,
        "estimated_taxes": False,
        "financial_status": "paid",
        "fulfillment_status": None,
        "location_id": None,
        "name": f"#{number}",
        "note": "The grey door, please" if n % 4 == 1 else None,
        "note_attributes": [{"name": "cutlery", "value": "no"}] if n % 2 else [],
        "number": number - 1000,
        "order_number": number,
        "order_status_url": f"https://{SHOP_DOMAIN}/orders/{identity('shopify-status', n)}/authenticate",
        "payment_gateway_names": ["shopify_payments"],
        "phone": None,
        "presentment_currency": CURRENCY,
        "processed_at": written,
        "source_name": "web",
        **{name: decimal(value) for name, value in sums.items()},
        **{f"{name}_set": money_set(value) for name, value in sums.items()},
        "tags": "",
        "tax_lines": tax_lines(tax) if tax else [],
        "taxes_included": False,
        "test": False,
        "token": identity("shopify-token", n).replace("-", ""),
        "total_outstanding": "0.00",
        "total_shipping_price_set": money_set(shipping_price),
        "total_tip_received": decimal(tip),
        "total_weight": 0,
        "updated_at": written,
        "user_id": None,
        "billing_address": address,
        "customer": _customer(n),
        "discount_applications": _discount_applications(off),
        "fulfillments": [],
        "line_items": lines,
        "payment_terms": None,
        "refunds": [],
        "shipping_address": None if method == "PICK_UP" else address,
        "shipping_lines": shipping,
    }
    return merged(body, overrides)


def headers(topic: str, *, webhook_id: str, event_id: str | None = None, at: datetime | None = None) -> dict[str, str]:
    """The headers of a webhook request apart from its signature. `webhook_id` is unique to a delivery."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOP_DOMAIN,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Webhook-Id": webhook_id,
        "X-Shopify-Event-Id": event_id or identity("shopify-event", webhook_id),
        "X-Shopify-Triggered-At": kitchen.utc(moment(at)),
    }


def _address(n: int) -> dict[str, Any]:
    person = kitchen.customer(n)
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": person.name,
        "address1": person.street,
        "address2": person.unit or None,
        "company": None,
        "phone": person.phone,
        "city": person.city,
        "zip": person.postal_code,
        "province": "Illinois",
        "province_code": person.region,
        "country": "United States",
        "country_code": person.country,
        "latitude": person.latitude,
        "longitude": person.longitude,
    }


def _customer(n: int) -> dict[str, Any]:
    person = kitchen.customer(n)
    customer_id = 7_410_000_000_000 + kitchen.PEOPLE.index(person)
    return {
        "id": customer_id,
        "admin_graphql_api_id": gid("Customer", customer_id),
        "email": person.email,
        "created_at": "2026-01-12T04:00:00-05:00",
        "updated_at": "2026-01-12T04:00:00-05:00",
        "first_name": person.first_name,
        "last_name": person.last_name,
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "phone": person.phone,
        "tags": "",
        "currency": CURRENCY,
    }


def _discount_applications(off: int) -> list[dict[str, Any]]:
    if not off:
        return []
    return [
        {
            "target_type": "line_item",
            "type": "discount_code",
            "value": f"{off / 100:.1f}",
            "value_type": "fixed_amount",
            "allocation_method": "across",
            "target_selection": "all",
            "code": "WELCOME3",
        }
    ]
