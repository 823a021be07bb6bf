"""What both generations of the Uber Eats API share: the store, amounts, and the prices of sample order `n`."""

from __future__ import annotations

from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import CURRENCY, identity

STORE_ID = identity("uber-store", 1)
INTEGRATOR_STORE_ID = "corner-kitchen"
MERCHANT_STORE_ID = "CK-1"
CLIENT_ID = "demo-uber-eats-client"
BAG_FEE = 10
"""Cents."""
DELIVERY_FEE = 349
"""Cents, only where the merchant delivers."""


def money(net: int, tax: int = 0) -> dict[str, Any]:
    """An amount of generation v1; `net` and `tax` in cents, prices without tax."""

    def part(cents: int) -> dict[str, Any]:
        return {"amount_e5": cents * 1000, "currency_code": CURRENCY, "formatted": _formatted(cents)}

    return {
        "display_amount": _formatted(net),
        "net": part(net),
        "tax": part(tax),
        "gross": part(net + tax),
        "is_tax_inclusive": False,
    }


def money_v2(cents: int) -> dict[str, Any]:
    """An amount of generation v2."""
    return {"amount": cents, "currency_code": CURRENCY, "formatted_amount": _formatted(cents)}


def _formatted(cents: int) -> str:
    return f"${cents / 100:.2f}"


def pieces(amount: int) -> dict[str, Any]:
    """A quantity of generation v1."""
    return {"amount": amount, "unit": "PIECE"}


def cart_item_id(n: int, line: int, option: int | None = None) -> str:
    """The key of a line, or of an option on it, in order `n`."""
    return identity("uber-cart-item", f"{n}:{line}:{option}")


def _price(cart_item_id: str, price_type: str, quantity: int, unit: int) -> dict[str, Any]:
    """An entry of the price breakdown. An option's total is for one unit of its parent; a free option has no entry."""
    total = unit * quantity
    return {
        "cart_item_id": cart_item_id,
        "price_type": price_type,
        "quantity": pieces(quantity),
        "unit": money(unit, kitchen.tax_on(unit)),
        "total": money(total, kitchen.tax_on(total)),
    }


def _breakdown(n: int) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for index, line in enumerate(kitchen.basket(n)):
        entries.append(_price(cart_item_id(n, index), "ITEM", line.quantity, line.dish.price))
        entries += [
            _price(cart_item_id(n, index, position), "OPTION", quantity, option.price)
            for position, (option, quantity) in enumerate(line.choices)
            if option.price
        ]
    return entries


def _items_tax(n: int) -> int:
    return sum(
        kitchen.tax_on(line.dish.price * line.quantity)
        + line.quantity * sum(kitchen.tax_on(option.price * quantity) for option, quantity in line.choices)
        for line in kitchen.basket(n)
    )


def payment(n: int, *, by_merchant: bool) -> dict[str, Any]:
    """The payment of order `n` in generation v1; only a merchant who delivers sees a tip."""
    subtotal, tax = sum(line.total for line in kitchen.basket(n)), _items_tax(n)
    off, tip = kitchen.discount(n), kitchen.tip(n) if by_merchant else 0
    off_tax = kitchen.tax_on(off)
    fees = {"BAG_FEE": BAG_FEE} | ({"DELIVERY_FEE": DELIVERY_FEE} if by_merchant else {})
    all_fees = sum(fees.values())
    promotion = {
        "external_promotion_id": "WELCOME3",
        "type": "FLAT",
        "discount_value": str(off),
        "discount_percentage": "",
        "discount_delivery_fee_value": "0",
        "discount_items": [],
        "promotion_uuid": identity("uber-promotion", n),
        "promo_funding_splits": [{"funding_source": "MERCHANT", "amount_paid": money(off, off_tax)}],
    }
    return {
        "payment_detail": {
            "order_total": money(subtotal + all_fees + tip - off, tax - off_tax),
            "item_charges": {
                "total": money(subtotal, tax),
                "subtotal_including_promos": money(subtotal - off, tax - off_tax),
                "price_breakdown": _breakdown(n),
            },
            "fees": {
                "total": money(all_fees),
                "details": [{"id": name, "amount": money(cents)} for name, cents in fees.items()],
            },
            **({"tips": {"total": money(tip)}} if by_merchant else {}),
            "promotions": {
                "total": money(off, off_tax),
                "details": [promotion] if off else [],
                "order_total_excluding_promos": money(subtotal + all_fees + tip, tax),
            },
            "currency_code": CURRENCY,
            "cash_amount_due": money(0),
        },
        "tax_reporting": {
            "remittance_info": [{"entity": "UBER", "type": "SUBTOTAL", "amount": money(0, tax - off_tax)["tax"]}]
        },
    }


def charges_v2(n: int, *, by_restaurant: bool) -> dict[str, Any]:
    """The charges of order `n` in generation v2; a restaurant that delivers collects every other order in cash."""
    subtotal = sum(line.total for line in kitchen.basket(n))
    tax, tip = kitchen.tax_on(subtotal), kitchen.tip(n) if by_restaurant else 0
    delivery_fee = DELIVERY_FEE if by_restaurant else 0
    total = subtotal + tax + BAG_FEE + delivery_fee + tip
    charges = {
        "total": total,
        "sub_total": subtotal,
        "tax": tax,
        "total_fee": BAG_FEE + delivery_fee,
        "bag_fee": BAG_FEE,
        "cash_amount_due": total if by_restaurant and n % 2 else 0,
    }
    if by_restaurant:
        charges |= {"delivery_fee": delivery_fee, "tip": tip}
    return {name: money_v2(cents) for name, cents in charges.items()}
