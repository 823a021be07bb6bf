"""The lines of a Toast order, with modifiers to any depth, and the discounts on them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.models import DeliveredBy, Discount, Item
from orderhub.order.money import minor_units
from orderhub.platforms.toast import models
from orderhub.platforms.toast.models import Check, PreModifier, Selection
from orderhub.platforms.toast.statuses import DISCOUNT_VOID, GIFT_CARD, NOT_FOOD, SPECIAL_REQUEST, TAX_INCLUDED

# Menus nest modifiers a few levels deep; far beyond that it is no menu.
DEEPEST = 20

UNKNOWN_PRE_MODIFIER = "a word such as NO or EXTRA belongs to this: see the POS"
_SMALLEST = Decimal("0.000001")
_ONE = Decimal(1)


def live_checks(order: models.Order) -> list[Check]:
    """The checks that count: an order is split into several, and some are voided or merged away."""
    return [check for check in order.checks if not check.voided and not check.deleted]


def live_lines(checks: Iterable[Check]) -> list[Selection]:
    """The lines that count, food or not."""
    return [line for check in checks for line in check.selections if not line.voided]


def is_food(line: Selection) -> bool:
    """Whether somebody has to make it; selling a gift card and paying off an account are lines, too."""
    return line.selection_type not in NOT_FOOD and (line.display_name or "").lower() != GIFT_CARD


def is_request(line: Selection) -> bool:
    """Whether it is nothing but a wish in the guest's words."""
    return line.selection_type == SPECIAL_REQUEST and not line.pre_discount_price


@dataclass(slots=True)
class Items:
    """Makes items of the lines of one order. pre_modifiers: the words that are known, by id."""

    currency: str
    pre_modifiers: Mapping[str, PreModifier]
    _met: Counter[str] = field(default_factory=Counter)

    def of(self, lines: Iterable[Selection]) -> list[Item]:
        """The items of lines. Raises Quarantine for modifiers within modifiers without end."""
        return [self._item(line, None, _is_tax_included(line), 0) for line in lines]

    def _item(self, line: Selection, per: Decimal | None, tax_included: bool, depth: int) -> Item:
        """per: how many there are of what it is on, None for a line of the order."""
        if depth > DEEPEST:
            raise Quarantine(f"modifiers are nested more than {DEEPEST} levels deep")
        quantity = _ONE if line.quantity is None else line.quantity
        modifiers = [one for one in line.modifiers if not one.voided]
        name, missing = self._name(line)
        notes = [missing, *(one.display_name for one in modifiers if is_request(one))]
        return Item(
            id=self._id(line.guid),
            external_id=line.item.guid if line.item else None,
            sku=line.plu or (line.item.multi_location_id if line.item else None),
            name=name,
            quantity=quantity if per is None else _share(quantity, per),
            unit_price=self._minor(_unit_price(line, modifiers, quantity, tax_included)),
            total=self._minor(_share_of_price(line.pre_discount_price, per)),
            tax=self._minor(line.tax),
            notes="; ".join(note for note in notes if note) or None,
            modifiers=[self._item(one, quantity, tax_included, depth + 1) for one in modifiers if not is_request(one)],
        )

    def _name(self, line: Selection) -> tuple[str, str | None]:
        """What to call a line, and a note when the word that goes with it is not known."""
        name = line.display_name or line.plu or "(no name)"
        if line.pre_modifier is None or line.pre_modifier.guid is None:
            return name, None
        known = self.pre_modifiers.get(line.pre_modifier.guid)
        if known is None or known.name is None:
            return name, UNKNOWN_PRE_MODIFIER
        return (f"{name} {known.name}" if known.display_mode == "POSTFIX" else f"{known.name} {name}"), None

    def _id(self, guid: str) -> str:
        again = self._met[guid]
        self._met[guid] += 1
        return item_id(guid, str(again)) if again else item_id(guid)

    def _minor(self, amount: Decimal | None) -> int | None:
        return None if amount is None else minor_units(amount, self.currency)


def _is_tax_included(line: Selection) -> bool:
    """Whether the price of one is told with its taxes; a modifier inherits it."""
    return line.tax_inclusion == TAX_INCLUDED


def _unit_price(
    line: Selection,
    modifiers: Iterable[Selection],
    quantity: Decimal,
    tax_included: bool,
) -> Decimal | None:
    """The price of one without modifiers and taxes. Old orders do not tell it; where taxes are included it has them."""
    told = line.receipt_line_price
    if (told is not None and not tax_included) or line.pre_discount_price is None or not quantity:
        return told
    return (line.pre_discount_price - sum(one.pre_discount_price or 0 for one in modifiers)) / quantity


def _share(quantity: Decimal, per: Decimal) -> Decimal:
    return (quantity / per).quantize(_SMALLEST) if per else quantity


def _share_of_price(amount: Decimal | None, per: Decimal | None) -> Decimal | None:
    return amount if amount is None or not per else amount / per


def discounts_of(checks: Iterable[Check], currency: str) -> list[Discount]:
    """The discounts that count, of the checks and of their lines. Toast does not say who pays for them."""
    return [
        Discount(
            code=one.applied_promo_code,
            name=one.name,
            amount=None if one.discount_amount is None else abs(minor_units(one.discount_amount, currency)),
            funded_by=None if one.loyalty_details and one.loyalty_details.vendor else DeliveredBy.STORE,
        )
        for check in checks
        for discounts in (check.applied_discounts, *(line.applied_discounts for line in _every(check.selections)))
        for one in discounts
        if one.processing_state not in DISCOUNT_VOID
    ]


def group_ids(lines: Iterable[Selection]) -> str | None:
    """What lines with a PLU are called in the whole group of restaurants: `2001=100000000000002001`."""
    told = ((line.plu, line.item.multi_location_id if line.item else None) for line in _every(lines))
    return "; ".join(dict.fromkeys(f"{plu}={number}" for plu, number in told if plu and number)) or None


def _every(lines: Iterable[Selection], depth: int = 0) -> Iterator[Selection]:
    """The lines that count, with their modifiers."""
    for line in lines:
        if not line.voided and depth <= DEEPEST:
            yield line
            yield from _every(line.modifiers, depth + 1)
