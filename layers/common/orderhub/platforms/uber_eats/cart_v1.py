"""The lines of a v1 order. Their prices stand apart, in a breakdown, and are found by `cart_item_id`.

As real orders have shown: the total of an ITEM is for all its units, that of an OPTION for one unit of its parent, and
an option without a price is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from orderhub.order.models import Check, Item
from orderhub.order.money import scaled
from orderhub.platforms.uber_eats.models_v1_cart import Cart, CartItem, CustomerRequest, Price, Quantity
from orderhub.platforms.uber_eats.money_v1 import Purse
from orderhub.platforms.uber_eats.pieces import (
    FULFILLMENT_ISSUE,
    LineIds,
    allergens,
    allergy_note,
    check_depth,
    joined,
    name_of,
)

PRICE_MISSING = "PRICE_MISSING"
AMOUNT_UNPLACED = "AMOUNT_UNPLACED"

_WEIGHTS: Mapping[str, str] = {
    "POUND": "lb",
    "KILOGRAM": "kg",
    "GRAM": "g",
    "WEIGHT_UNIT_TYPE_METRIC_GRAM": "g",
    "WEIGHT_UNIT_TYPE_METRIC_KILOGRAM": "kg",
    "WEIGHT_UNIT_TYPE_IMPERIAL_ONCE": "oz",
    "WEIGHT_UNIT_TYPE_IMPERIAL_POUND": "lb",
}
_BY_WEIGHT = "MEASUREMENT_TYPE_WEIGHT"
_E5 = 100_000


class CartReader:
    """Reads the carts of one order.

    people: names of the customers of a group order, by id. checks: where flags go. keys: filled while reading, the
    hub's id of each line and option -> Uber's.
    """

    def __init__(self, prices: Sequence[Price], purse: Purse, people: Mapping[str, str], checks: list[Check]) -> None:
        self.keys: dict[str, CartItem] = {}
        self._purse = purse
        self._people = people
        self._checks = checks
        self._ids = LineIds()
        self._priced = bool(prices)
        self._prices = self._by_key(prices)
        self._placed: set[str] = set()

    def lines(self, carts: Iterable[Cart]) -> list[Item]:
        """The lines of all carts, one after the other."""
        found = [self._line(item, (_key(item),)) for cart in carts for item in cart.items]
        for cart in carts:
            self._flag_issues(cart)
        self._flag_unplaced()
        return found

    def _line(self, item: CartItem, path: tuple[str, ...]) -> Item:
        check_depth(path)
        line_id = self._ids.new(path)
        self.keys[line_id] = item
        modifiers = self._modifiers(item, path)
        quantity = _quantity(item.quantity)
        unit, total = self._price(item, quantity, is_option=len(path) > 1)
        if total is not None:
            total += scaled(sum(modifier.total or 0 for modifier in modifiers), quantity)
        names = allergens((name, None) for request in _requests(item) for name in _allergens(request))
        return Item(
            id=line_id,
            external_id=item.id,
            sku=item.external_data,
            name=name_of(item),
            quantity=quantity,
            unit_price=unit,
            total=total,
            notes=self._notes(item, names),
            allergens=names,
            modifiers=modifiers,
        )

    def _modifiers(self, item: CartItem, path: tuple[str, ...]) -> list[Item]:
        found = []
        for group in item.selected_modifier_groups:
            inside, title = (*path, group.id or ""), group.title or group.id
            for option in group.selected_items:
                line = self._line(option, (*inside, _key(option)))
                found.append(line.model_copy(update={"category": title}))
            found += [self._ids.removed(inside, one, title) for one in group.removed_items]
        return found

    def _price(self, item: CartItem, quantity: Decimal, *, is_option: bool) -> tuple[int | None, int | None]:
        """Minor units of one unit, and of all units without their options; None when the order tells no prices."""
        price = self._prices.get(item.cart_item_id or "")
        if price is None:
            if self._priced and not is_option:
                self._checks.append(Check(code=PRICE_MISSING, message=f"line {name_of(item)!r} has no price"))
            return (0, 0) if is_option and self._priced else (None, None)
        self._placed.add(item.cart_item_id or "")
        unit, total = self._purse.charge(price.unit), self._purse.charge(price.total)
        if unit is None and total is not None and quantity > 0:
            unit = int((total / quantity).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        if total is None and unit is not None:
            total = scaled(unit, quantity)
        return unit, total

    def _notes(self, item: CartItem, names: Sequence[str]) -> str | None:
        told = [request.allergy.instructions for request in _requests(item) if request.allergy]
        who = self._people.get(item.customer_id or "")
        return joined(
            [
                *(request.special_instructions for request in _requests(item)),
                allergy_note(names, told),
                _weight(item.quantity),
                f"For {who}" if who else None,
            ]
        )

    def _by_key(self, prices: Sequence[Price]) -> dict[str, Price]:
        """The entry for each line. Of several only one can be the price; the others are flagged if they are money."""
        found: dict[str, Price] = {}
        for price in prices:
            key = price.cart_item_id or ""
            if key not in found or not self._purse.charge(found[key].total):
                found[key] = price
            elif self._purse.charge(price.total):
                self._flag_amount(price)
        found.pop("", None)
        return found

    def _flag_unplaced(self) -> None:
        for key, price in self._prices.items():
            if key not in self._placed and self._purse.charge(price.total):
                self._flag_amount(price)

    def _flag_amount(self, price: Price) -> None:
        message = f"a price of type {price.price_type or 'unknown'} belongs to no line"
        self._checks.append(
            Check(code=AMOUNT_UNPLACED, message=message, expected=0, actual=self._purse.charge(price.total))
        )

    def _flag_issues(self, cart: Cart) -> None:
        titles = {item.cart_item_id: item.title for item in cart.items}
        for issue in cart.fulfillment_issues:
            root = issue.root_item
            title = (root.title or titles.get(root.cart_item_id)) if root else None
            words = joined([issue.issue_type, issue.action_type, title], ", ")
            self._checks.append(Check(code=FULFILLMENT_ISSUE, message=words or "an issue with an item"))


def _key(item: CartItem) -> str:
    return item.cart_item_id or item.id or ""


def _requests(item: CartItem) -> Sequence[CustomerRequest]:
    return [*item.customer_request, *item.customer_requests]


def _allergens(request: CustomerRequest) -> Sequence[str | None]:
    return request.allergy.allergens if request.allergy else []


def _quantity(told: Quantity | None) -> Decimal:
    """How many units the price is for; one when Uber does not say."""
    if told is None or (told.amount is None and told.in_sellable_unit is None):
        return Decimal(1)
    if told.amount is not None:
        return told.amount
    sellable = told.in_sellable_unit
    return sellable.amount_e5 / _E5 if sellable and sellable.amount_e5 is not None else Decimal(1)


def _weight(told: Quantity | None) -> str | None:
    """The weight of goods sold by weight; the quantity stays what the price is for."""
    if told is None:
        return None
    sellable = told.in_sellable_unit
    measured = sellable.measurement_unit if sellable else None
    if sellable and measured and measured.measurement_type == _BY_WEIGHT and sellable.amount_e5 is not None:
        unit = measured.weight.unit_type if measured.weight else None
        return f"Weight: {sellable.amount_e5 / _E5:f} {_WEIGHTS.get(unit or '', unit or '')}".strip()
    unit = _WEIGHTS.get(told.unit or "")
    return f"Weight: {told.amount:f} {unit}" if unit and told.amount is not None else None
