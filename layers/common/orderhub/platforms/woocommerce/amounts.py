"""The money of an order: sums, discounts, payment, and what was given back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from orderhub.order.models import Amounts, Check, DeliveredBy, Discount, Item, Payment, PaymentMethod
from orderhub.order.pricing import complete
from orderhub.platforms.woocommerce.lines import minor, plain
from orderhub.platforms.woocommerce.models import FeeLine, Order
from orderhub.platforms.woocommerce.settings import WooCommerceSettings
from orderhub.platforms.woocommerce.statuses import METHODS

REFUNDED = "REFUNDED"


def amounts_of(order: Order, items: list[Item], currency: str, settings: WooCommerceSettings) -> Amounts:
    """The sums as they were at the sale; all of them are without tax, which stands beside them.

    Whether prices were typed with tax says nothing of what is sent. A fee below zero is a plugin's discount.
    """
    totals = [item.total for item in items]
    known = bool(totals) and None not in totals
    tips = [fee for fee in order.fee_lines if _is_tip(fee, settings)]
    others = [fee for fee in order.fee_lines if fee not in tips]
    discount = None if order.discount_total is None else abs(order.discount_total)
    off = [abs(fee.total) for fee in others if fee.total is not None and fee.total < 0]
    found = Amounts(
        currency=currency,
        subtotal=sum(total or 0 for total in totals) if known else None,
        tax=minor(order.total_tax, currency),
        tax_included=False,
        delivery_fee=minor(order.shipping_total, currency),
        service_fee=_sum((fee.total for fee in others if not _is_discount(fee)), currency),
        tip=_sum((fee.total for fee in tips), currency),
        discount=minor(sum(off, discount or Decimal(0)), currency) if off or discount is not None else None,
        total=minor(order.total, currency),
    )
    return Amounts.model_validate(complete(found, items).model_dump())  # a sum may be beyond all bounds


def discounts_of(order: Order, currency: str) -> list[Discount]:
    """Coupons, and fees below zero; the shop bears all of them."""
    coupons = [(one.code, None, one.discount) for one in order.coupon_lines]
    off = [(None, plain(fee.name), fee.total) for fee in order.fee_lines if _is_discount(fee)]
    return [
        Discount(
            code=code,
            name=name,
            amount=None if amount is None else minor(abs(amount), currency),
            funded_by=DeliveredBy.STORE,
        )
        for code, name, amount in (*coupons, *off)
    ]


def payment_of(order: Order, amounts: Amounts, settings: WooCommerceSettings) -> Payment | None:
    """Paid when there is a time of payment; what is paid at the door is not, and goes in process all the same."""
    method = order.payment_method
    at_the_door = method in settings.collect_methods
    if order.date_paid_gmt:
        prepaid: bool | None = True
    else:
        prepaid = False if at_the_door else None
    if method is None and prepaid is None:
        return None
    return Payment(
        method=METHODS.get(method, PaymentMethod.ONLINE) if method else None,
        prepaid=prepaid,
        amount_due={True: 0, False: amounts.total, None: None}[prepaid],
    )


def refunded(order: Order, currency: str) -> int | None:
    """Minor units given back so far, None when nothing was."""
    return _sum((abs(one.total) for one in order.refunds if one.total is not None), currency)


def refund_checks(order: Order, currency: str) -> Iterator[Check]:
    """Money was given back: `total` does not say so."""
    if order.refunds:
        message = f"WooCommerce has {len(order.refunds)} refund(s) of this order: actual is what was given back"
        yield Check(code=REFUNDED, message=message, actual=refunded(order, currency))


def _is_tip(fee: FeeLine, settings: WooCommerceSettings) -> bool:
    words = re.findall(r"\w+", (plain(fee.name) or "").casefold())
    return not _is_discount(fee) and any(word.casefold() in words for word in settings.tip_words)


def _is_discount(fee: FeeLine) -> bool:
    return fee.total is not None and fee.total < 0


def _sum(amounts: Iterator[Decimal | None], currency: str) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return minor(sum(known, Decimal(0)), currency) if known else None
