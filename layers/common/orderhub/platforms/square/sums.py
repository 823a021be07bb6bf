"""The money of a Square order: payload in, canonical amounts out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from orderhub.errors import Quarantine
from orderhub.order.models import Amounts, DeliveredBy, Discount, Item, Payment, PaymentMethod
from orderhub.order.pricing import complete
from orderhub.platforms.square.lines import INCLUSIVE
from orderhub.platforms.square.models import Money, Order, ServiceCharge
from orderhub.platforms.square.statuses import TENDER_METHODS

_CURRENCY = re.compile(r"[A-Z]{3}")
# https://developer.squareup.com/reference/square/enums/RefundStatus
_NOT_GIVEN_BACK = frozenset({"REJECTED", "FAILED"})


def amounts_of(order: Order, items: list[Item], currency: str, delivery_words: Sequence[str]) -> Amounts:
    """Square's totals. It has no subtotal of its own: that is the sum of the lines.

    currency: of the store, where no amount names one. delivery_words: what a service charge's name holds when it is
    for the delivery. Raises Quarantine for what is no currency.
    """
    delivery, service = _charges(order, delivery_words)
    amounts = Amounts(
        currency=currency_of(order) or currency,
        tax=_cents(order.total_tax_money),
        tax_included=_tax_included(order),
        delivery_fee=delivery,
        service_fee=service,
        other_fees=_cents(order.rounding_adjustment.amount_money) if order.rounding_adjustment else None,
        tip=_tip(order),
        discount=_discount(order),
        total=_cents(order.total_money),
    )
    return Amounts.model_validate(dict(complete(amounts, items)))


def currency_of(order: Order) -> str | None:
    """The currency of the first amount that names one. Raises Quarantine when that is no currency code."""
    named = [order.total_money, order.net_amount_due_money, order.total_tax_money]
    named += [line.total_money for line in order.line_items] + [line.base_price_money for line in order.line_items]
    code = next((money.currency for money in named if money and money.currency), None)
    if code is not None and not _CURRENCY.fullmatch(code):
        raise Quarantine(f"{code[:40]!r} is not a currency code")
    return code


def discounts_of(order: Order) -> list[Discount]:
    """The discounts; the merchant bears them all. code: the loyalty reward or the catalog's id, where there is one."""
    return [
        Discount(
            code=next(iter(one.reward_ids), one.catalog_object_id),
            name=one.name or (f"{one.percentage}%" if one.percentage else None),
            amount=_cents(one.applied_money or one.amount_money),
            funded_by=DeliveredBy.STORE,
        )
        for one in order.discounts
    ]


def payment_of(order: Order) -> Payment | None:
    """How it is paid, by the largest of the payments, and what is still due. None when Square says neither."""
    due = amount_due(order)
    largest = max(order.tenders, key=lambda tender: _cents(tender.amount_money) or 0, default=None)
    if due is None and largest is None:
        return None
    method = TENDER_METHODS.get(largest.type or "", PaymentMethod.OTHER) if largest else None
    return Payment(method=method, prepaid=None if due is None else due == 0, amount_due=due)


def amount_due(order: Order) -> int | None:
    """Minor units still to be paid; None when Square says nothing of it."""
    if order.net_amount_due_money is not None:
        return max(0, order.net_amount_due_money.cents)
    if order.tenders and order.total_money is not None:
        return max(0, order.total_money.cents - paid(order))
    return None


def paid(order: Order) -> int:
    """Minor units paid so far, tips included."""
    return sum(_cents(tender.amount_money) or 0 for tender in order.tenders)


def refunded(order: Order) -> int:
    """Minor units given back, by refunds of its payments or by goods returned within it."""
    by_refund = sum(_cents(one.amount_money) or 0 for one in order.refunds if one.status not in _NOT_GIVEN_BACK)
    by_return = _cents(order.return_amounts.total_money) if order.return_amounts else 0
    return max(by_refund, by_return or 0)


def _cents(money: Money | None) -> int | None:
    return None if money is None else money.cents


def _charges(order: Order, delivery_words: Sequence[str]) -> tuple[int | None, int | None]:
    """The delivery fee (None without such a charge) and all other charges, gratuities among them.

    Tax on a charge is part of the order's tax and not of these.
    """
    delivery = [one for one in order.service_charges if _is_delivery(one, delivery_words)]
    others = [one for one in order.service_charges if one not in delivery]
    for_delivery = _sum(_charge(one) for one in delivery) if delivery else None
    total = _cents(order.total_service_charge_money)
    if total is not None:
        return for_delivery, total - (for_delivery or 0)
    return for_delivery, _sum(_charge(one) for one in others) if others else None


def _is_delivery(charge: ServiceCharge, words: Sequence[str]) -> bool:
    name = (charge.name or "").casefold()
    return any(word.casefold() in name for word in words)


def _charge(charge: ServiceCharge) -> int | None:
    return _cents(charge.applied_money or charge.amount_money or charge.total_money)


def _sum(amounts: Iterable[int | None]) -> int:
    return sum(amount or 0 for amount in amounts)


def _tip(order: Order) -> int | None:
    if order.total_tip_money is not None:
        return order.total_tip_money.cents
    tips = [tender.tip_money for tender in order.tenders if tender.tip_money]
    return _sum(tip.cents for tip in tips) if tips else None


def _discount(order: Order) -> int | None:
    if order.total_discount_money is not None:
        return order.total_discount_money.cents
    return _sum(_cents(one.applied_money or one.amount_money) for one in order.discounts) if order.discounts else None


def _tax_included(order: Order) -> bool | None:
    """Whether the prices hold the tax; None without taxes, and where some are inside and some on top."""
    felt = [tax for tax in order.taxes if tax.applied_money is None or tax.applied_money.cents]
    inside = {tax.type == INCLUSIVE for tax in felt or order.taxes}
    return inside.pop() if len(inside) == 1 else None
