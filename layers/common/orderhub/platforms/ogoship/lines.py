"""The lines of an order as a warehouse needs them: product code, pieces, and what one piece costs, with tax.

A shop tells the tax of a line or order as a sum. The rate is worked out from it, which rounding blurs: where the rates
that the shop sells at are known, it is the nearest of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from orderhub.errors import Reject
from orderhub.order.models import Item, Order
from orderhub.order.money import exponent
from orderhub.order.pricing import unit_total
from orderhub.platforms.ogoship.config import OgoshipSettings
from orderhub.platforms.targets import Shipment

_HUNDRED = Decimal(100)
_NEAR = Decimal(1)  # percentage points: more than rounding makes, less than rates differ by
_TENTH = Decimal("0.1")
_FEES = ("delivery_fee", "service_fee", "bag_fee", "other_fees")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. unit_price: of one piece, with tax; net_price: the same without; both in major units; vat: percent."""

    code: str
    quantity: int
    unit_price: Decimal | None = None
    net_price: Decimal | None = None
    vat: Decimal | None = None


def lines_of(shipment: Shipment, settings: OgoshipSettings) -> list[Line]:
    """What is to be sent. Raises Reject NOTHING_TO_SHIP, SKU_MISSING, QUANTITY_NOT_WHOLE."""
    lines = [_line(item, shipment.order, settings) for item in shipment.items if item.quantity]
    if not lines:
        raise Reject("NOTHING_TO_SHIP", "no line of this order has to be shipped")
    return lines


def pieces(lines: list[Line]) -> Counter[str]:
    """How many of each product."""
    found: Counter[str] = Counter()
    for line in lines:
        found[line.code] += line.quantity
    return found


def major(minor: int | Decimal, currency: str) -> Decimal:
    """An amount of minor units in major units."""
    digits = exponent(currency)
    return Decimal(minor).scaleb(-digits).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _line(item: Item, order: Order, settings: OgoshipSettings) -> Line:
    code = (item.sku or "").strip()
    if not code:
        raise Reject("SKU_MISSING", f"{item.name!r} has no SKU, which is how OGOship knows its products")
    if item.quantity != int(item.quantity):
        raise Reject("QUANTITY_NOT_WHOLE", f"OGOship ships whole pieces, not {item.quantity} of {code!r}")
    vat = _vat(item, order, settings)
    gross, net = _prices(item, order, vat, settings)
    return Line(code, int(item.quantity), gross, net, vat)


def _prices(
    item: Item, order: Order, vat: Decimal | None, settings: OgoshipSettings
) -> tuple[Decimal | None, Decimal | None]:
    """What one piece costs with tax, and without where the rate is known."""
    price = _unit_price(item)
    if price is None:
        return None, None
    currency, rate = order.amounts.currency, None if vat is None else 1 + vat / _HUNDRED
    gross = Decimal(price)
    if order.amounts.tax_included is False:
        gross = gross * rate if rate is not None else gross + Decimal(item.tax or 0) / item.quantity
    if settings.prices_after_discount:
        gross *= _share(order)
    return major(gross, currency), None if rate is None else major(gross / rate, currency)


def _vat(item: Item, order: Order, settings: OgoshipSettings) -> Decimal | None:
    """The tax in percent; None where the sums do not tell it.

    Nobody says which line has how much of a discount: with one, the sums of the order tell, if it has but one rate.
    """
    tax, taxed = (None, None) if order.amounts.discount else _sums_of_line(item)
    if tax is None and _has_one_rate(order):
        tax, taxed = _sums_of_order(order)
    if tax is None or taxed is None:
        return None
    net = taxed if order.amounts.tax_included is False else taxed - tax
    if tax < 0 or net <= 0 or tax > net:
        return None
    percent = _HUNDRED * tax / net
    if not settings.vat_percentages:
        return percent.quantize(_TENTH, ROUND_HALF_UP)
    nearest = min(settings.vat_percentages, key=lambda one: abs(one - percent))
    return nearest if abs(nearest - percent) <= _NEAR else None


def _has_one_rate(order: Order) -> bool:
    """Whether the tax of all lines is the same part of their price, to a percentage point."""
    sums = (_sums_of_line(item) for item in order.items)
    return len({round(_HUNDRED * tax / taxed) for tax, taxed in sums if tax is not None and taxed}) <= 1


def _sums_of_line(item: Item) -> tuple[int | None, Decimal | None]:
    price = _unit_price(item)
    total = item.total if item.total is not None else None if price is None else price * item.quantity
    return item.tax, None if total is None else Decimal(total)


def _sums_of_order(order: Order) -> tuple[int | None, Decimal | None]:
    amounts = order.amounts
    if amounts.subtotal is None:
        return None, None
    fees = sum(getattr(amounts, name) or 0 for name in _FEES)
    return amounts.tax, Decimal(amounts.subtotal - (amounts.discount or 0) + fees)


def _share(order: Order) -> Decimal:
    """How much of a price is left after the discount of the order."""
    subtotal, discount = order.amounts.subtotal or 0, order.amounts.discount or 0
    return Decimal(subtotal - discount) / subtotal if 0 < discount <= subtotal else Decimal(1)


def _unit_price(item: Item) -> int | None:
    whole = unit_total(item)
    return item.unit_price if whole is None else whole
