"""Sums: what can be worked out of an order's money, and flags where its parts do not agree."""

from __future__ import annotations

from decimal import ROUND_HALF_UP

from orderhub.order.models import Amounts, Check, Item, Order
from orderhub.order.money import LARGEST

TOTAL_MISMATCH = "TOTAL_MISMATCH"
SUBTOTAL_MISMATCH = "SUBTOTAL_MISMATCH"
ITEM_TOTAL_MISMATCH = "ITEM_TOTAL_MISMATCH"

_ADDED = ("delivery_fee", "service_fee", "bag_fee", "deposit", "other_fees", "tip", "driver_tip")


def unit_total(item: Item) -> int | None:
    """Minor units of one unit with its modifiers, None when a price is not known."""
    if item.unit_price is None:
        return None
    options = [line_total(option) for option in item.modifiers]
    if any(total is None for total in options):
        return None
    return item.unit_price + sum(total for total in options if total is not None)


def line_total(item: Item) -> int | None:
    """Minor units of a line: quantity times one unit with its modifiers; None when not known, or no sane amount."""
    one = unit_total(item)
    if one is None:
        return None
    total = int((item.quantity * one).to_integral_value(rounding=ROUND_HALF_UP))
    return total if abs(total) <= LARGEST else None


def expected_total(amounts: Amounts) -> int | None:
    """Minor units the parts add up to: subtotal + added tax + fees + tips - discount; None without a subtotal."""
    if amounts.subtotal is None:
        return None
    tax = 0 if amounts.tax_included else (amounts.tax or 0) - (amounts.tax_in_prices or 0)
    fees = sum(getattr(amounts, name) or 0 for name in _ADDED)
    return amounts.subtotal + tax + fees - (amounts.discount or 0)


def complete(amounts: Amounts, items: list[Item]) -> Amounts:
    """The amounts with a missing subtotal and total worked out where that is possible, and named in `computed`."""
    computed = list(amounts.computed)
    if amounts.subtotal is None and items:
        totals = [line_total(item) if item.total is None else item.total for item in items]
        if all(total is not None for total in totals):
            amounts = amounts.model_copy(update={"subtotal": sum(total or 0 for total in totals)})
            computed.append("subtotal")
    if amounts.total is None and (total := expected_total(amounts)) is not None:
        amounts = amounts.model_copy(update={"total": total})
        computed.append("total")
    return amounts.model_copy(update={"computed": computed})


def _is_rounding(item: Item, worked: int) -> bool:
    """Whether a line's total is what its units come to, where the platform tells the line and we divided it by them."""
    one, total = unit_total(item) or 0, item.total or 0
    return worked == total or (item.quantity > 1 and abs(item.quantity * one - total) <= item.quantity / 2)


def check_sums(order: Order) -> list[Check]:
    """One flag for each sum that does not agree: of a line, of the lines, of the whole order."""
    found = [
        Check(code=ITEM_TOTAL_MISMATCH, message=f"line {item.name!r}", expected=worked, actual=item.total)
        for item in order.items
        if item.total is not None and (worked := line_total(item)) is not None and not _is_rounding(item, worked)
    ]
    totals = [item.total for item in order.items]
    known = [total for total in totals if total is not None]
    lines = sum(known)
    if order.amounts.subtotal is not None and len(known) == len(totals) and totals and lines != order.amounts.subtotal:
        found.append(
            Check(
                code=SUBTOTAL_MISMATCH,
                message="the lines do not add up to the subtotal",
                expected=lines,
                actual=order.amounts.subtotal,
            )
        )
    expected = expected_total(order.amounts)
    # A platform that pays the tax to the state itself may leave it out of what it tells the store.
    remitted = order.amounts.tax_remitted_by_platform or 0
    if expected is not None and order.amounts.total not in (None, expected, expected - remitted):
        found.append(
            Check(
                code=TOTAL_MISMATCH,
                message="subtotal, tax, fees, tips and discount do not add up to the total",
                expected=expected,
                actual=order.amounts.total,
            )
        )
    return found
