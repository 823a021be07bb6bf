"""The lines of a v2 order. Prices stand at the lines; those of a line include its options."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from orderhub.order.models import Check
from orderhub.order.models import Item as Line
from orderhub.order.money import scaled
from orderhub.platforms.uber_eats.models_v2_cart import Cart, Item, Money
from orderhub.platforms.uber_eats.pieces import (
    FULFILLMENT_ISSUE,
    LineIds,
    allergens,
    allergy_note,
    check_depth,
    joined,
    name_of,
)


def minor(money: Money | None) -> int | None:
    """Minor units of an amount. Raises Quarantine for one of no sane size."""
    return scaled(money.amount, Decimal(1)) if money is not None and money.amount is not None else None


class CartReader:
    """Reads the cart of one order.

    people: names of the eaters of a group order, by id. keys: filled while reading, the hub's id of each line and
    option -> Uber's.
    """

    def __init__(self, people: Mapping[str, str]) -> None:
        self.keys: dict[str, Item] = {}
        self._people = people
        self._ids = LineIds()

    def lines(self, cart: Cart | None) -> list[Line]:
        """The lines."""
        return [self._line(item, (_key(item),)) for item in cart.items] if cart else []

    def _line(self, item: Item, path: tuple[str, ...]) -> Line:
        check_depth(path)
        line_id = self._ids.new(path)
        self.keys[line_id] = item
        modifiers = self._modifiers(item, path)
        quantity = item.quantity if item.quantity is not None else Decimal(1)
        allergies = [request.allergy for request in item.special_requests if request.allergy]
        names = allergens((one.type, one.freeform_text) for each in allergies for one in each.allergens_to_exclude)
        who = self._people.get(item.eater_id or "")
        return Line(
            id=line_id,
            external_id=item.id,
            sku=item.external_data,
            name=name_of(item),
            quantity=quantity,
            unit_price=_unit_price(item, quantity, modifiers),
            total=minor(item.price.total_price) if item.price else None,
            notes=joined(
                [
                    item.special_instructions,
                    allergy_note(names, [each.allergy_instructions for each in allergies]),
                    f"For {who}" if who else None,
                ]
            ),
            allergens=names,
            modifiers=modifiers,
        )

    def _modifiers(self, item: Item, path: tuple[str, ...]) -> list[Line]:
        found = []
        for group in item.selected_modifier_groups:
            inside, title = (*path, group.id or ""), group.title or group.id
            for option in group.selected_items:
                line = self._line(option, (*inside, _key(option)))
                found.append(line.model_copy(update={"category": title}))
            found += [self._ids.removed(inside, one, title) for one in group.removed_items]
        return found


def issues(cart: Cart | None) -> list[Check]:
    """A flag for each item that the store has reported as not to be had."""
    found = []
    for issue in cart.fulfillment_issues if cart else []:
        title = issue.root_item.title if issue.root_item else None
        words = joined([issue.fulfillment_issue_type, issue.fulfillment_action_type, title], ", ")
        found.append(Check(code=FULFILLMENT_ISSUE, message=words or "an issue with an item"))
    return found


def _unit_price(item: Item, quantity: Decimal, modifiers: list[Line]) -> int | None:
    """Minor units of one unit without its options: as told, else what is left when the options are taken off."""
    price = item.price
    if price is None:
        return None
    base = minor(price.base_unit_price)
    if base is not None:
        return base
    unit, total = minor(price.unit_price), minor(price.total_price)
    options = sum(modifier.total or 0 for modifier in modifiers)
    if unit is None and total is not None and quantity > 0:
        unit = int((total / quantity).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return unit - options if unit is not None and unit >= options else unit


def _key(item: Item) -> str:
    return item.instance_id or item.id or ""
