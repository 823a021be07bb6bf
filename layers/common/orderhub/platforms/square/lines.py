"""The lines of a Square order: payload in, canonical items out. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from orderhub.order.ids import item_id
from orderhub.order.models import Item
from orderhub.order.pricing import line_total
from orderhub.platforms.square.models import LineItem, Modifier, Order, QuantityUnit

INCLUSIVE = "INCLUSIVE"

# https://developer.squareup.com/reference/square/enums/OrderLineItemItemType
_NAMELESS: dict[str, str] = {"CUSTOM_AMOUNT": "Custom amount", "GIFT_CARD": "Gift card"}

# https://developer.squareup.com/reference/square/objects/MeasurementUnit ; what is not here is written out.
_UNITS: dict[str, str] = {
    "IMPERIAL_POUND": "lb",
    "IMPERIAL_WEIGHT_OUNCE": "oz",
    "IMPERIAL_STONE": "st",
    "METRIC_MILLIGRAM": "mg",
    "METRIC_GRAM": "g",
    "METRIC_KILOGRAM": "kg",
    "METRIC_MILLILITER": "ml",
    "METRIC_LITER": "l",
    "GENERIC_FLUID_OUNCE": "fl oz",
    "GENERIC_PINT": "pt",
    "GENERIC_QUART": "qt",
    "GENERIC_GALLON": "gal",
    "METRIC_MILLIMETER": "mm",
    "METRIC_CENTIMETER": "cm",
    "METRIC_METER": "m",
    "IMPERIAL_INCH": "in",
    "IMPERIAL_FOOT": "ft",
    "IMPERIAL_YARD": "yd",
    "GENERIC_HOUR": "h",
    "GENERIC_MINUTE": "min",
}
_KINDS_OF_UNIT = ("area_unit", "length_unit", "volume_unit", "weight_unit", "time_unit")


def items_of(order: Order) -> list[Item]:
    """The lines in Square's order."""
    inclusive = {tax.uid for tax in order.taxes if tax.type == INCLUSIVE and tax.uid}
    return [_item(line, line.uid or f"#{index}", inclusive) for index, line in enumerate(order.line_items)]


def line_discounts(order: Order) -> str:
    """What is taken off each line, as `line uid=minor units`, for those who need it by line."""
    cents = {line.uid: line.total_discount_money.cents for line in order.line_items if line.total_discount_money}
    return " ".join(f"{uid}={amount}" for uid, amount in cents.items() if amount)


def _item(line: LineItem, key: str, inclusive: set[str]) -> Item:
    item = Item(
        id=item_id(key),
        external_id=line.uid,
        sku=line.catalog_object_id,
        name=_name(line),
        quantity=line.quantity,
        unit_price=line.base_price_money.cents if line.base_price_money else None,
        tax=line.total_tax_money.cents if line.total_tax_money else None,
        notes=line.note,
        modifiers=[_modifier(modifier, key, index, line.quantity) for index, modifier in enumerate(line.modifiers)],
    )
    return item.model_copy(update={"total": _total(line, item, inclusive)})


def _total(line: LineItem, item: Item, inclusive: set[str]) -> int | None:
    """The line before discounts.

    In the US, Canada and Japan Square takes an inclusive tax out of gross_sales_money; the prices still hold it, so it
    is put back where that is what the prices add up to.
    """
    if line.gross_sales_money is None:
        return None
    gross = line.gross_sales_money.cents
    within = sum(
        one.applied_money.cents for one in line.applied_taxes if one.tax_uid in inclusive and one.applied_money
    )
    return gross + within if within and line_total(item) == gross + within else gross


def _name(line: LineItem) -> str:
    """What it is, which variation of it, and what its quantity counts when that is not pieces."""
    name = line.name or _NAMELESS.get(line.item_type or "", "")
    variation = line.variation_name if line.variation_name != name else None
    named = f"{name} ({variation})" if name and variation else name or variation or "Item"
    unit = _unit(line.quantity_unit)
    return f"{named} [{unit}]" if unit else named


def _unit(quantity_unit: QuantityUnit | None) -> str | None:
    unit = quantity_unit.measurement_unit if quantity_unit else None
    if unit is None:
        return None
    custom = unit.custom_unit or {}
    for word in (custom.get("abbreviation"), custom.get("name")):
        if isinstance(word, str) and word.strip():
            return word.strip()
    code = next((word for name in _KINDS_OF_UNIT if (word := getattr(unit, name))), None)
    return _UNITS.get(code, code.lower().replace("_", " ")) if code else None


def _modifier(modifier: Modifier, line_key: str, index: int, pieces: Decimal) -> Item:
    """A modifier, for one piece of its line."""
    quantity = Decimal(1) if modifier.quantity is None else modifier.quantity
    base = modifier.base_price_money.cents if modifier.base_price_money else None
    whole = modifier.total_price_money.cents if modifier.total_price_money else None
    unit, total = _price(base, whole, quantity, pieces)
    return Item(
        id=item_id(line_key, modifier.uid or f"#{index}"),
        external_id=modifier.uid,
        sku=modifier.catalog_object_id,
        name=modifier.name or "Modifier",
        quantity=quantity,
        unit_price=unit,
        total=total,
    )


def _price(base: int | None, whole: int | None, quantity: Decimal, pieces: Decimal) -> tuple[int | None, int | None]:
    """Minor units of one modifier, and of all of them on one piece of the line.

    Square's text and its figures disagree on whether total_price_money counts the modifier's own quantity: the total
    is what is charged, so it is trusted, and the base price where it leads to that total or there is none.
    """
    expected = None if base is None else _rounded(base * quantity * pieces)
    if whole is None or expected == whole or not pieces or not quantity:
        return base, None if base is None else _rounded(base * quantity)
    return _rounded(whole / (pieces * quantity)), _rounded(whole / pieces)


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_HALF_UP))
