"""The money of a Toast order. Pure; Toast's amounts are in major units.

https://doc.toasttab.com/doc/devguide/apiOrdersNetSalesCalculation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from orderhub.order.models import Amounts, Discount, Item, PaymentMethod
from orderhub.order.models import Payment as Paid
from orderhub.order.money import minor_units
from orderhub.order.pricing import complete
from orderhub.platforms.toast.lines import is_food
from orderhub.platforms.toast.models import Check, Payment, Selection, ServiceCharge
from orderhub.platforms.toast.statuses import PAYMENT_DEAD, PAYMENT_METHODS, PAYMENT_UNDER_WAY

_MOST_NAMED = 20


def amounts_of(
    checks: Sequence[Check], lines: Sequence[Selection], discounts: Sequence[Discount], items: list[Item], currency: str
) -> Amounts:
    """The sums of the checks that count. The total has the tips in it, which Toast's own has not."""
    food = [line for line in lines if is_food(line)]
    charges = [charge for check in checks for charge in check.applied_service_charges]
    gross = _whole((line.pre_discount_price for line in food), currency)
    listed = sum(one.amount or 0 for one in discounts)
    worked = 0 if listed else _let_off(food, currency)
    tip = _sum(
        [
            *(payment.tip_amount for payment in live_payments(checks)),
            *(charge.charge_amount for charge in charges if charge.gratuity),
        ],
        currency,
    )
    total = _whole((check.total_amount for check in checks), currency) if checks else 0
    amounts = Amounts(
        currency=currency,
        subtotal=gross,
        tax=_sum((check.tax_amount for check in checks), currency),
        tax_included=False,
        delivery_fee=_sum((one.charge_amount for one in charges if _is_delivery(one)), currency),
        service_fee=_sum((one.charge_amount for one in charges if _is_service(one)), currency),
        other_fees=_sum((one.price for one in lines if not is_food(one)), currency),
        tip=tip,
        discount=listed or worked or (0 if discounts else None),
        total=None if total is None else total + (tip or 0),
        computed=["discount"] if worked else [],
    )
    return Amounts.model_validate(dict(complete(amounts, items)))  # a sum of sane amounts need not be one


def _let_off(food: Iterable[Selection], currency: str) -> int:
    """What was taken off without a discount to show for it: food that was made for nobody, or on the house."""
    known = [(one.pre_discount_price, one.price) for one in food]
    off = sum((before - after for before, after in known if before is not None and after is not None), Decimal())
    return max(0, minor_units(off, currency))


def _is_delivery(charge: ServiceCharge) -> bool:
    return bool(charge.delivery) and not (charge.gratuity or charge.takeout or charge.dine_in)


def _is_service(charge: ServiceCharge) -> bool:
    return not charge.gratuity and not _is_delivery(charge)


def live_payments(checks: Iterable[Check]) -> list[Payment]:
    """The payments that count; one that was refused or voided keeps its amount and tip."""
    return [one for check in checks for one in check.payments if one.payment_status not in PAYMENT_DEAD]


def payment_of(checks: Sequence[Check], currency: str) -> Paid | None:
    """How it is paid, and what is left to collect. None when there is nothing to pay for."""
    total = _whole((check.total_amount for check in checks), currency)
    if total is None:
        return None
    payments = live_payments(checks)
    done = [one for one in payments if one.payment_status not in PAYMENT_UNDER_WAY]
    paid = _sum((one.amount for one in done), currency) or 0
    return Paid(method=_method(done or payments), prepaid=paid >= total, amount_due=max(0, total - paid))


def _method(payments: Sequence[Payment]) -> PaymentMethod | None:
    return PAYMENT_METHODS.get(payments[0].type or "", PaymentMethod.OTHER) if payments else None


def payments_in_words(checks: Iterable[Check]) -> str | None:
    """Each payment in Toast's words, for people: `CREDIT 23.14 AUTHORIZED`."""
    told = [
        (one.type, one.amount, one.payment_status, None if one.refund_status == "NONE" else one.refund_status)
        for check in checks
        for one in check.payments
    ]
    return _listed(" ".join(str(part) for part in parts if part is not None) for parts in told)


def charges_in_words(checks: Iterable[Check]) -> str | None:
    """Each service charge in Toast's words: `Bag Fee 0.25 SERVICE_CHARGE`."""
    told = [
        (one.name, one.charge_amount, one.service_charge_category)
        for check in checks
        for one in check.applied_service_charges
    ]
    return _listed(" ".join(str(part) for part in parts if part is not None) for parts in told)


def refunded(checks: Iterable[Check], currency: str) -> int:
    """Minor units given back, tips with them; it lowers none of the sums."""
    given = [one.refund for check in checks for one in check.payments if one.refund is not None]
    return _sum((part for one in given for part in (one.refund_amount, one.tip_refund_amount)), currency) or 0


def _listed(words: Iterable[str]) -> str | None:
    return "; ".join([word for word in words if word][:_MOST_NAMED]) or None


def _sum(amounts: Iterable[Decimal | None], currency: str) -> int | None:
    """Minor units of the amounts that are told; None when none is."""
    known = [minor_units(amount, currency) for amount in amounts if amount is not None]
    return sum(known) if known else None


def _whole(amounts: Iterable[Decimal | None], currency: str) -> int | None:
    """The same, and None too when one is missing."""
    told = list(amounts)
    return None if None in told else _sum(told, currency)
