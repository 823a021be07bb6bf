"""The sums Square works out for an order, from its lines, discounts, taxes, service charges and tenders.

Used by the sample builders and by the stand-in when a caller changes the lines of an order.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.standins.samples.kitchen import CURRENCY

Json = dict[str, Any]


def money(cents: int) -> Json:
    """A Square amount."""
    return {"amount": cents, "currency": CURRENCY}


def amount(value: Json | None) -> int:
    """Cents of a Square amount; absent means 0."""
    return int((value or {}).get("amount", 0))


def priced(order: Json) -> Json:
    """A copy of the order with every total set.

    total = gross sales - discounts + additive tax + service charges + tips. Discounts of a fixed amount and additive
    taxes over the whole order are known, which is all the samples use.
    """
    lines = [_with_gross(line) for line in order.get("line_items", [])]
    discounts = [{**entry, "applied_money": entry["amount_money"]} for entry in order.get("discounts", [])]
    _share(lines, sum(amount(entry["applied_money"]) for entry in discounts))
    taxes = [dict(entry) for entry in order.get("taxes", [])]
    for tax in taxes:
        tax["applied_money"] = money(_apply(tax, lines))
    for line in lines:
        _close(line)
    charges = [_charged(entry) for entry in order.get("service_charges", [])]
    tips = sum(amount(tender.get("tip_money")) for tender in order.get("tenders", []))
    service = sum(amount(entry["total_money"]) for entry in charges)
    total = sum(amount(line["total_money"]) for line in lines) + service + tips
    paid = sum(amount(tender["amount_money"]) for tender in order.get("tenders", []))
    sums = {
        "total_money": money(total),
        "tax_money": money(sum(amount(tax["applied_money"]) for tax in taxes)),
        "discount_money": money(sum(amount(line["total_discount_money"]) for line in lines)),
        "tip_money": money(tips),
        "service_charge_money": money(service),
    }
    parts = {"line_items": lines, "discounts": discounts, "taxes": taxes, "service_charges": charges}
    return {
        **order,
        **{name: entries for name, entries in parts.items() if name in order},
        "net_amounts": sums,
        "total_tax_money": sums["tax_money"],
        "total_discount_money": sums["discount_money"],
        "total_tip_money": sums["tip_money"],
        "total_money": sums["total_money"],
        "total_service_charge_money": sums["service_charge_money"],
        "net_amount_due_money": money(max(total - paid, 0)),
    }


def _with_gross(line: Json) -> Json:
    quantity = Decimal(line["quantity"])
    modifiers = [
        {
            **modifier,
            "total_price_money": money(
                int(amount(modifier.get("base_price_money")) * Decimal(modifier.get("quantity", "1")) * quantity)
            ),
        }
        for modifier in line.get("modifiers", [])
    ]
    base = int(amount(line.get("base_price_money")) * quantity)
    extras = sum(amount(modifier["total_price_money"]) for modifier in modifiers)
    return {
        **line,
        **({"modifiers": modifiers} if modifiers else {}),
        "variation_total_price_money": money(base),
        "gross_sales_money": money(base + extras),
        "total_service_charge_money": money(0),
    }


def _share(lines: list[Json], off: int) -> None:
    """Spread `off` cents over the lines by their gross sales; the last line takes what rounding leaves."""
    gross = sum(amount(line["gross_sales_money"]) for line in lines)
    left = min(off, gross)
    for position, line in enumerate(lines):
        last = position == len(lines) - 1
        part = left if last else min(off, gross) * amount(line["gross_sales_money"]) // (gross or 1)
        line["total_discount_money"] = money(part)
        left -= part


def _apply(tax: Json, lines: list[Json]) -> int:
    rate, applied = Decimal(tax["percentage"]) / 100, 0
    for line in lines:
        base = amount(line["gross_sales_money"]) - amount(line["total_discount_money"])
        part = int((base * rate).quantize(Decimal(1), ROUND_HALF_UP))
        line["total_tax_money"] = money(part)
        line["applied_taxes"] = [
            {"uid": f"{line['uid']}-{tax['uid']}", "tax_uid": tax["uid"], "applied_money": money(part)}
        ]
        applied += part
    return applied


def _close(line: Json) -> None:
    line.setdefault("total_tax_money", money(0))
    line["total_money"] = money(
        amount(line["gross_sales_money"]) - amount(line["total_discount_money"]) + amount(line["total_tax_money"])
    )


def _charged(entry: Json) -> Json:
    return {
        **entry,
        "applied_money": entry["amount_money"],
        "total_money": entry["amount_money"],
        "total_tax_money": money(0),
    }
