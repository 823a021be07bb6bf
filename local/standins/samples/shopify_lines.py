"""The lines of Shopify sample orders, and the small things all Shopify bodies are made of: amounts, taxes, global ids.

Shopify has no nested modifiers: a wish is a line property, an extra with a price is a line of its own that a private
property (`_bundle_id`) ties to its dish.
"""

from __future__ import annotations

import zlib
from decimal import Decimal
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import CURRENCY, Line

LOCATION_ID = 71_400_000_001

SHIPPING = {"LOCAL": ("Local Delivery", 399), "SHIPPING": ("Standard", 750), "PICK_UP": ("1 Kitchen Row, Chicago", 0)}
"""Title and price in cents of the shipping line, by delivery method; pickup shows only the store's address."""


def gid(kind: str, number: int | str) -> str:
    """A global id of the GraphQL API."""
    return f"gid://shopify/{kind}/{number}"


def decimal(cents_: int) -> str:
    """Cents as Shopify's decimal string."""
    return f"{Decimal(cents_) / 100:.2f}"


def cents(text: str) -> int:
    """Shopify's decimal string in cents."""
    return int(Decimal(text) * 100)


def money_set(value: int) -> dict[str, Any]:
    """An amount in the shop's and in the customer's currency, which are the same here."""
    money = {"amount": decimal(value), "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": dict(money)}


def tax_lines(value: int) -> list[dict[str, Any]]:
    """One sales tax of `value` cents."""
    return [
        {
            "price": decimal(value),
            "price_set": money_set(value),
            "rate": kitchen.TAX_BASIS_POINTS / 10_000,
            "title": "IL State Tax",
            "channel_liable": False,
        }
    ]


def variant_number(sku: str) -> int:
    """Stands for a SKU in the ids of its product, variant and inventory item; also for one that is not on the menu."""
    skus = [dish.sku for dish in kitchen.MENU] + sorted(
        {option.sku for dish in kitchen.MENU for option in dish.options}
    )
    return 1 + skus.index(sku) if sku in skus else 1_000 + zlib.crc32(sku.encode()) % 1_000_000


def line_items(n: int) -> list[dict[str, Any]]:
    """The lines of order `n`; a voucher is taken off the first."""
    entries: list[tuple[str, str, str | None, int, int, list[dict[str, str]]]] = []
    for position, line in enumerate(kitchen.basket(n)):
        bundle = f"{n}-{position + 1}"
        dish = line.dish
        entries.append((dish.sku, dish.name, dish.variation, dish.price, line.quantity, _properties(line, bundle)))
        entries += [
            (option.sku, option.name, None, option.price, line.quantity * quantity, [_bundle(bundle)])
            for option, quantity in line.choices
            if option.price
        ]
    off = kitchen.discount(n)
    return [_line(n, position, entry, off if position == 0 else 0) for position, entry in enumerate(entries)]


def shipping_lines(n: int, method: str) -> list[dict[str, Any]]:
    """The one shipping line of order `n`; shipping is not taxed here."""
    title, price = SHIPPING[method]
    return [
        {
            "id": 5_020_000_000_000 + n,
            "carrier_identifier": None,
            "code": title,
            "discounted_price": decimal(price),
            "discounted_price_set": money_set(price),
            "is_removed": False,
            "phone": None,
            "price": decimal(price),
            "price_set": money_set(price),
            "requested_fulfillment_service_id": None,
            "source": "shopify",
            "title": title,
            "tax_lines": [],
            "discount_allocations": [],
        }
    ]


def _bundle(bundle: str) -> dict[str, str]:
    return {"name": "_bundle_id", "value": bundle}


def _properties(line: Line, bundle: str) -> list[dict[str, str]]:
    wishes = [{"name": "Wish", "value": option.name} for option, _ in line.choices if not option.price]
    notes = [{"name": "Note", "value": line.note}] if line.note else []
    return wishes + notes + ([_bundle(bundle)] if any(option.price for option, _ in line.choices) else [])


def _line(
    n: int, position: int, entry: tuple[str, str, str | None, int, int, list[dict[str, str]]], off: int
) -> dict[str, Any]:
    sku, title, variant_title, price, quantity, properties = entry
    line_id, number = 15_200_000_000_000 + n * 20 + position, variant_number(sku)
    tax = kitchen.tax_on(price * quantity - off)
    return {
        "id": line_id,
        "admin_graphql_api_id": gid("LineItem", line_id),
        "current_quantity": quantity,
        "fulfillable_quantity": quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 0,
        "name": f"{title} - {variant_title}" if variant_title else title,
        "price": decimal(price),
        "price_set": money_set(price),
        "product_exists": True,
        "product_id": 8_110_000_000_000 + number,
        "properties": properties,
        "quantity": quantity,
        "requires_shipping": True,
        "sku": sku,
        "taxable": True,
        "title": title,
        "total_discount": "0.00",
        "total_discount_set": money_set(0),
        "variant_id": 43_600_000_000_000 + number,
        "variant_inventory_management": "shopify",
        "variant_title": variant_title,
        "vendor": kitchen.STORE_NAME,
        "tax_lines": tax_lines(tax),
        "duties": [],
        "discount_allocations": [
            {"amount": decimal(off), "amount_set": money_set(off), "discount_application_index": 0}
        ]
        if off
        else [],
    }
