"""The money of a v1 order: parts of 100000 of a major unit, in objects of net, tax and gross."""

from __future__ import annotations

from decimal import Decimal

from orderhub.errors import Quarantine
from orderhub.order.models import Amounts, Discount, Payment
from orderhub.order.money import exponent, scaled
from orderhub.platforms.uber_eats.models_v1 import OrderV1
from orderhub.platforms.uber_eats.models_v1_cart import Amount, Money, PaymentDetail, Promotion
from orderhub.platforms.uber_eats.pieces import cash_or_online, funder, plus
from orderhub.platforms.uber_eats.statuses import FEES_V1

_E5 = 100_000


class Purse:
    """Reads amounts in one currency. Raises Quarantine for a currency that ISO 4217 does not list."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._factor = Decimal(10) ** exponent(currency) / _E5

    def minor(self, amount: Amount | None) -> int | None:
        """Minor units of an amount."""
        return scaled(amount.amount_e5, self._factor) if amount is not None and amount.amount_e5 is not None else None

    def charge(self, money: Money | None) -> int | None:
        """Minor units of a charge as prices are told: with tax where they include it, else without."""
        if money is None:
            return None
        told = (money.gross, money.net) if money.is_tax_inclusive else (money.net, money.gross)
        return next((value for value in map(self.minor, told) if value is not None), None)

    def gross(self, money: Money | None) -> int | None:
        """Minor units of a charge with its tax."""
        if money is None:
            return None
        whole = self.minor(money.gross)
        return whole if whole is not None else plus([self.minor(money.net), self.minor(money.tax)])


def purse_of(order: OrderV1, currency: str) -> Purse:
    """The purse of an order. currency: the store's, for an order that names none."""
    detail = order.payment.payment_detail if order.payment else None
    total = detail.order_total.gross if detail and detail.order_total else None
    told = (detail.currency_code if detail else None) or (total.currency_code if total else None)
    return Purse((told or currency).upper())


def amounts(order: OrderV1, purse: Purse) -> Amounts:
    """The money as Uber tells it; the total is after promotions."""
    detail = (order.payment.payment_detail if order.payment else None) or PaymentDetail()
    total, charges, promotions = detail.order_total, detail.item_charges, detail.promotions
    items = charges.total if charges else None
    discount = purse.charge(promotions.total) if promotions else None
    taxed, fees = total if total is not None else items, _fees(detail, purse)
    return Amounts(
        currency=purse.currency,
        subtotal=purse.charge(items),
        tax=purse.minor(total.tax) if total else None,
        tax_included=taxed.is_tax_inclusive if taxed else None,
        tax_remitted_by_platform=_remitted(order, purse),
        tip=purse.charge(detail.tips.total) if detail.tips else None,
        delivery_fee=fees.get("delivery_fee"),
        service_fee=fees.get("service_fee"),
        bag_fee=fees.get("bag_fee"),
        other_fees=fees.get("other_fees"),
        discount=abs(discount) if discount is not None else None,
        total=purse.gross(total),
    )


def discounts(order: OrderV1, purse: Purse) -> list[Discount]:
    """The promotions, one entry for each who pays for a part of it."""
    detail = order.payment.payment_detail if order.payment else None
    promotions = detail.promotions if detail else None
    if promotions is None:
        return []
    whole = purse.charge(promotions.total) if len(promotions.details) == 1 else None
    return [discount for one in promotions.details for discount in _discounts(one, whole, purse)]


def payment(order: OrderV1, purse: Purse) -> Payment | None:
    """Whether there is cash to collect."""
    detail = order.payment.payment_detail if order.payment else None
    return cash_or_online(purse.gross(detail.cash_amount_due)) if detail else None


def _fees(detail: PaymentDetail, purse: Purse) -> dict[str, int]:
    fees = detail.fees
    if fees is None:
        return {}
    found: dict[str, int] = {}
    for fee in fees.details:
        amount = purse.charge(fee.amount)
        if amount is not None:
            name = FEES_V1.get(fee.id or "", "other_fees")
            found[name] = found.get(name, 0) + amount
    rest = (purse.charge(fees.total) or 0) - sum(found.values())
    if rest:
        found["other_fees"] = found.get("other_fees", 0) + rest
    return found


def _remitted(order: OrderV1, purse: Purse) -> int | None:
    reporting = order.payment.tax_reporting if order.payment else None
    if reporting is None:
        return None
    return plus(purse.minor(one.amount) for one in reporting.remittance_info if one.entity == "UBER")


def _discounts(promotion: Promotion, whole: int | None, purse: Purse) -> list[Discount]:
    code, name = promotion.external_promotion_id or promotion.promotion_uuid, promotion.type
    splits = [(split.funding_source, purse.charge(split.amount_paid)) for split in promotion.promo_funding_splits]
    paid: list[tuple[str | None, int | None]] = [one for one in splits if one[1] is not None]
    if not paid:
        paid = [(splits[0][0] if splits else None, _saved(promotion, whole))]
    return [
        Discount(code=code, name=name, amount=abs(amount) if amount is not None else None, funded_by=funder(source))
        for source, amount in paid
    ]


def _saved(promotion: Promotion, whole: int | None) -> int | None:
    """What a promotion took off when nobody says who paid for it."""
    items = (item.discount_amount_applied for item in promotion.discount_items)
    told = plus(_minor(amount) for amount in (promotion.discount_value, promotion.discount_delivery_fee_value))
    return whole if whole is not None else plus(map(_minor, items)) or told


def _minor(amount: Decimal | str | None) -> int | None:
    """Minor units as a promotion gives them; None for what is no amount."""
    try:
        return scaled(amount, Decimal(1)) if amount is not None else None
    except Quarantine:
        return None
