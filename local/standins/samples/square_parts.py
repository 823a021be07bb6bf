"""What Square orders are made of: lines, taxes, charges, fulfillments, customers, and the ids of all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import Line, Person, identity, later, utc
from local.standins.samples.square_prices import money

CATALOG_VERSION = 1_790_000_000_000
DELIVERY_FEE = 399
"""Cents."""

DETAILS = {"PICKUP": "pickup_details", "DELIVERY": "delivery_details", "SHIPMENT": "shipment_details"}
"""Where a fulfillment keeps its particulars, by its type."""


def customer_id(person: Person) -> str:
    """Square's id of one of the kitchen's customers."""
    return short_id("square-customer", person.email)


def customer(person: Person) -> dict[str, Any]:
    """What `GET /v2/customers/{id}` answers for one of the kitchen's customers: `{"customer": {...}}`."""
    return {
        "customer": {
            "id": customer_id(person),
            "created_at": "2026-01-12T09:00:00.000Z",
            "updated_at": "2026-01-12T09:00:00.000Z",
            "given_name": person.first_name,
            "family_name": person.last_name,
            "email_address": person.email,
            "phone_number": person.phone,
            "address": _address(person),
            "creation_source": "THIRD_PARTY",
            "version": 0,
        }
    }


def variation_id(sku: str) -> str:
    """Square's catalog id of the variation (or modifier) with this SKU."""
    return "V" + short_id("square-catalog", sku)


def short_id(kind: str, n: int | str) -> str:
    """An id in Square's manner, always the same for a kind of thing and its number."""
    return identity(kind, n).replace("-", "").upper()[:22]


def line_item(index: int, line: Line) -> dict[str, Any]:
    """A line before it is priced."""
    item: dict[str, Any] = {
        "uid": f"line-{index + 1}",
        "catalog_object_id": variation_id(line.dish.sku),
        "catalog_version": CATALOG_VERSION,
        "quantity": str(line.quantity),
        "name": line.dish.name,
        "variation_name": line.dish.variation,
        "item_type": "ITEM",
        "base_price_money": money(line.dish.price),
    }
    if line.note:
        item["note"] = line.note
    if line.choices:
        item["modifiers"] = [
            {
                "uid": f"line-{index + 1}-modifier-{position + 1}",
                "catalog_object_id": variation_id(option.sku),
                "catalog_version": CATALOG_VERSION,
                "name": option.name,
                "quantity": str(quantity),
                "base_price_money": money(option.price),
            }
            for position, (option, quantity) in enumerate(line.choices)
        ]
    return item


def sales_tax() -> dict[str, Any]:
    """The additive tax on every order."""
    percentage = f"{kitchen.TAX_BASIS_POINTS / 100:g}"
    return {"uid": "sales-tax", "name": "Sales Tax", "percentage": percentage, "type": "ADDITIVE", "scope": "ORDER"}


def voucher(cents: int) -> dict[str, Any]:
    """A fixed discount over the whole order."""
    return {
        "uid": "welcome",
        "name": "WELCOME3",
        "type": "FIXED_AMOUNT",
        "amount_money": money(cents),
        "scope": "ORDER",
    }


def delivery_charge() -> dict[str, Any]:
    """The fee of a delivery, which Square knows only as a service charge."""
    return {
        "uid": "delivery",
        "name": "Delivery Fee",
        "amount_money": money(DELIVERY_FEE),
        "calculation_phase": "TOTAL_PHASE",
        "taxable": False,
        "type": "CUSTOM",
        "treatment_type": "LINE_ITEM_TREATMENT",
        "scope": "ORDER",
    }


def _address(person: Person) -> dict[str, Any]:
    return {
        "address_line_1": person.street,
        "address_line_2": person.unit,
        "locality": person.city,
        "administrative_district_level_1": person.region,
        "postal_code": person.postal_code,
        "country": person.country,
    }


def fulfillment_of(n: int, placed: datetime, kind: str, scheduled_for: datetime | None) -> dict[str, Any]:
    """The PROPOSED fulfillment of order `n`: PICKUP, DELIVERY or SHIPMENT."""
    person = kitchen.customer(n)
    recipient: dict[str, Any] = {
        "customer_id": customer_id(person),
        "display_name": person.name,
        "email_address": person.email,
        "phone_number": person.phone,
    }
    if kind != "PICKUP":
        recipient["address"] = _address(person)
    timing = {"schedule_type": "SCHEDULED" if scheduled_for else "ASAP", "prep_time_duration": "PT20M"}
    details: dict[str, dict[str, Any]] = {
        "PICKUP": timing
        | {"pickup_at": utc(scheduled_for or later(placed, 20)), "note": "Window two" if n % 4 == 1 else ""},
        "DELIVERY": timing
        | {
            "deliver_at": utc(scheduled_for or later(placed, 45)),
            "dropoff_notes": "The grey door",
            "is_no_contact_delivery": n % 2 == 0,
            "managed_delivery": False,
        },
        "SHIPMENT": {
            "expected_shipped_at": utc(scheduled_for or later(placed, 24 * 60)),
            "shipping_note": "Keep upright",
        },
    }
    return {
        "uid": f"fulfillment-{n}",
        "type": kind,
        "state": "PROPOSED",
        "line_item_application": "ALL",
        DETAILS[kind]: {"recipient": recipient, "placed_at": utc(placed)} | details[kind],
    }
