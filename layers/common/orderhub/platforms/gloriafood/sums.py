"""The money of a GloriaFood order: fees, tip and promotions are lines among the dishes. Pure.

https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md#order-items
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from orderhub.order.models import Amounts, Check, DeliveredBy, Discount, Item, Payment, PaymentMethod
from orderhub.order.money import minor_units
from orderhub.order.pricing import complete
from orderhub.platforms.base import parse_as
from orderhub.platforms.gloriafood.models import Line, Order
from orderhub.platforms.gloriafood.statuses import (
    AMOUNTS,
    GROSS,
    ITEM,
    NET,
    ONLINE,
    PAYMENT_METHODS,
    PROMOTIONS,
    TIP,
)

UNKNOWN_LINE = "UNKNOWN_LINE"
SPLIT_PAYMENT = "SPLIT_PAYMENT"


def money(amount: Decimal | None, currency: str) -> int | None:
    """Minor units, halves away from zero. Raises Quarantine."""
    return None if amount is None else minor_units(amount, currency)


def amounts_of(theirs: Order, items: list[Item], currency: str) -> Amounts:
    """The amounts. Raises Quarantine.

    GloriaFood's subtotal is what promotions leave of the lines: ours, before them, is worked back from it.
    """
    lines: dict[str, int] = defaultdict(int)
    for line in theirs.items:
        if line.type != ITEM and line.type not in PROMOTIONS:
            lines[AMOUNTS.get(line.type or "", "other_fees")] += money(line.total_item_price, currency) or 0
    taken_off = [discount.amount or 0 for discount in discounts_of(theirs, currency)]
    net = money(theirs.sub_total_price, currency)
    told = Amounts(
        currency=currency,
        subtotal=None if net is None else net + sum(taken_off),
        tax=money(theirs.tax_value, currency),
        tax_included=None if theirs.tax_type is None else theirs.tax_type == GROSS,
        tax_in_prices=_tax_in_tip(theirs, currency) if theirs.tax_type == NET else None,
        discount=sum(taken_off) if taken_off else None,
        total=money(theirs.total_price, currency),
        computed=["subtotal"] if net is not None and taken_off else [],
        **lines,
    )
    # Looked at again: a sum of sane amounts need not be one.
    return parse_as(Amounts, dict(complete(told, items)))


def discounts_of(theirs: Order, currency: str) -> list[Discount]:
    """The promotions, which the restaurant gives. Raises Quarantine."""
    return [
        Discount(
            code=line.coupon,
            name=line.name,
            amount=abs(money(line.item_discount, currency) or 0),
            funded_by=DeliveredBy.STORE,
        )
        for line in theirs.items
        if line.type in PROMOTIONS
    ]


def payment_of(theirs: Order, total: int | None) -> Payment | None:
    """How it is paid. Of an order paid in two ways nobody says how much of it is paid already."""
    words = _payment_words(theirs)
    if not words:
        return None
    online = {word == ONLINE for word in words}
    prepaid = online.pop() if len(online) == 1 else None
    due = {True: 0, False: total, None: None}[prepaid]
    method = PAYMENT_METHODS.get(theirs.payment or words[0], PaymentMethod.OTHER)
    return Payment(method=method, prepaid=prepaid, amount_due=due)


def doubts(theirs: Order) -> list[Check]:
    """Flags for money that the hub can not place."""
    strange = [line for line in theirs.items if line.type not in {ITEM, *PROMOTIONS, *AMOUNTS}]
    found = [
        Check(code=UNKNOWN_LINE, message=f"a line of the kind {line.type!r}, taken for a fee: {line.name!r}")
        for line in strange
    ]
    words = _payment_words(theirs)
    if len({word == ONLINE for word in words}) > 1:
        message = f"paid by {' and '.join(words)}: GloriaFood does not say how much is left to collect"
        found.append(Check(code=SPLIT_PAYMENT, message=message))
    return found


def fees_told(theirs: Order) -> str:
    """Each fee by its name, GloriaFood's id and amount; a cash discount has the id of the fee that it takes back."""
    return "; ".join(_fee(line) for line in theirs.items if AMOUNTS.get(line.type or "") == "service_fee")


def taxes_told(theirs: Order) -> str:
    """Each tax by what it is on, its rate and its value."""
    return "; ".join(f"{tax.type} {tax.rate}: {tax.value}" for tax in theirs.tax_list)


def _tax_in_tip(theirs: Order, currency: str) -> int | None:
    """The tip holds its tax also where prices do not: "the tip is always taxed as GROSS"."""
    listed = [tax.value for tax in theirs.tax_list if tax.type == TIP]
    told = listed or [line.tax_value for line in theirs.items if line.type == TIP]
    return sum(money(value, currency) or 0 for value in told) or None


def _fee(line: Line) -> str:
    return f"{line.name or line.type} ({line.type_id}): {line.total_item_price}"


def _payment_words(theirs: Order) -> list[str]:
    used = [word for word in theirs.used_payment_methods if word]
    return used or ([theirs.payment] if theirs.payment else [])
