"""The money of an order: whole cents. DoorDash sends no total, so that is worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orderhub.order.models import Amounts, DeliveredBy, Discount, Item
from orderhub.order.money import scaled
from orderhub.order.pricing import complete
from orderhub.platforms.base import parse_as
from orderhub.platforms.doordash import models
from orderhub.platforms.doordash.statuses import FEES, FUNDED_BY


@dataclass(frozen=True, slots=True)
class Promotions:
    """What was taken off. amount: cents, None when nothing is said; ids: DoorDash's of the promotions."""

    amount: int | None
    discounts: Sequence[Discount] = ()
    ids: Sequence[str] = ()


def amounts(order: models.Order, items: list[Item], currency: str, discount: int | None) -> Amounts:
    """The sums. subtotal is before tax and promotions; the tip of a Dasher is never sent. Raises Quarantine."""
    known = Amounts(
        currency=currency,
        subtotal=order.subtotal,
        tax=order.tax,
        tax_included=False,
        tax_remitted_by_platform=_remitted(order),
        delivery_fee=order.delivery_fee,
        bag_fee=_plus(_fees(order, "bag_fee")),
        other_fees=_plus(_fees(order, "other_fees")),
        tip=order.merchant_tip_amount,
        driver_tip=None if order.tip_amount is None else scaled(order.tip_amount, Decimal(1)),
        discount=discount,
    )
    # Looked at again: a sum of sane amounts need not be one.
    return parse_as(Amounts, dict(complete(known, items)))


def promotions(order: models.Order) -> Promotions:
    """What was taken off, by whom; promotions that DoorDash pays for alone are not sent.

    One that stands with the order and with an item, too, counts once.
    """
    whole = order.applied_discounts_details
    ids = {one.promo_id for one in whole if one.promo_id}
    of_items = [
        one
        for category in order.categories
        for item in category.items
        for one in item.applied_item_discount_details
        if one.promo_id is None or one.promo_id not in ids
    ]
    found = [*whole, *of_items]
    if not found:
        return _older(order)
    return Promotions(
        amount=_plus(map(_amount, found)),
        discounts=[discount for one in found for discount in _parts(one)],
        ids=list(dict.fromkeys(one.promo_id for one in found if one.promo_id)),
    )


def _older(order: models.Order) -> Promotions:
    """By the sum of the new fields, else by those in use until 2026-04-30."""
    if (ours := order.total_merchant_funded_discount_amount) is not None:
        return Promotions(ours, _discounts([(ours, DeliveredBy.STORE)], models.DiscountDetail()))
    amount = order.discount_amount
    if amount is None:
        amount = _plus(one.discount_amount for one in order.applied_discounts)
    if amount is None:
        return Promotions(None)
    funded_by = FUNDED_BY.get((order.subtotal_discount_funding_source or "").upper())
    told = order.applied_discounts[0] if len(order.applied_discounts) == 1 else models.DiscountDetail()
    return Promotions(abs(amount), _discounts([(abs(amount), funded_by)], told))


def _amount(one: models.DiscountDetail) -> int:
    parts = (one.merchant_funded_discount_amount or 0) + (one.doordash_funded_discount_amount or 0)
    return abs(parts if one.total_discount_amount is None else one.total_discount_amount)


def _parts(one: models.DiscountDetail) -> Iterator[Discount]:
    """One discount for each who pays for it; what nobody is named for comes last."""
    ours, theirs = abs(one.merchant_funded_discount_amount or 0), abs(one.doordash_funded_discount_amount or 0)
    rest = _amount(one) - ours - theirs
    yield from _discounts([(ours, DeliveredBy.STORE), (theirs, DeliveredBy.PLATFORM), (max(rest, 0), None)], one)


def _discounts(parts: Iterable[tuple[int, DeliveredBy | None]], told: models.DiscountDetail) -> list[Discount]:
    name = told.external_campaign_id or told.promo_id
    return [
        Discount(code=told.promo_code, name=name, amount=abs(amount), funded_by=funded_by)
        for amount, funded_by in parts
        if amount
    ]


def _fees(order: models.Order, name: str) -> Iterator[int | None]:
    """What belongs to one field of Amounts, taxes on fees with it: those are not in the order's tax."""
    for fee in order.custom_fee:
        if FEES.get((fee.type or "").upper(), "other_fees") == name:
            yield _plus([fee.price, fee.tax])
    if name == "other_fees":
        yield from (order.taxes_on_fees, order.extra_cart_order_fee)


def _remitted(order: models.Order) -> int | None:
    if order.tax_amount_remitted_by_doordash is None and order.is_tax_remitted_by_doordash:
        return order.tax
    return order.tax_amount_remitted_by_doordash


def _plus(parts: Iterable[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
