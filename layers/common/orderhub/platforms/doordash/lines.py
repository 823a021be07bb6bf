"""The lines of an order: out of the menu's categories, with their options within them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from orderhub.errors import Quarantine
from orderhub.order.models import Item
from orderhub.order.pricing import line_total
from orderhub.platforms.doordash import models
from orderhub.platforms.pieces import LineIds, joined

# Menus nest options three levels deep; far beyond that it is no menu.
_DEEPEST = 20


def lines(categories: Iterable[models.Category]) -> list[Item]:
    """All lines. Raises Quarantine for options within options without end."""
    ids = LineIds()
    return [_line(item, category.name, ids) for category in categories for item in category.items]


def _line(theirs: models.Item, category: str | None, ids: LineIds) -> Item:
    path = (theirs.line_item_id or theirs.merchant_supplied_id or theirs.name or "",)
    groups = [*theirs.extras, *theirs.extra, models.Extra(options=theirs.options)]
    item = Item(
        id=ids.new(path),
        external_id=theirs.line_item_id,
        sku=theirs.merchant_supplied_id,
        name=theirs.name or theirs.merchant_supplied_id or "(no name)",
        quantity=_one_if_unsaid(theirs.quantity),
        unit_price=theirs.price,
        category=category,
        notes=joined(_notes(theirs), "\n"),
        modifiers=list(_options(groups, path, ids)),
    )
    return item.model_copy(update={"total": line_total(item)})


def _options(groups: Iterable[models.Extra], parent: tuple[str, ...], ids: LineIds) -> Iterator[Item]:
    if len(parent) > 1 + 2 * _DEEPEST:
        raise Quarantine(f"options are nested more than {_DEEPEST} levels deep")
    for group in groups:
        for option in group.options:
            yield _option(option, group, parent, ids)


def _option(theirs: models.Option, group: models.Extra, parent: tuple[str, ...], ids: LineIds) -> Item:
    key = theirs.line_option_id or theirs.merchant_supplied_id or theirs.name or ""
    path = (*parent, group.merchant_supplied_id or group.name or "", key)
    item = Item(
        id=ids.new(path),
        external_id=theirs.line_option_id,
        sku=theirs.merchant_supplied_id,
        name=theirs.name or theirs.merchant_supplied_id or "(no name)",
        quantity=_one_if_unsaid(theirs.quantity),
        unit_price=theirs.price,
        category=group.name,
        modifiers=list(_options([*theirs.extras, *theirs.extra], path, ids)),
    )
    return item.model_copy(update={"total": line_total(item)})


def _one_if_unsaid(quantity: Decimal | None) -> Decimal:
    return Decimal(1) if quantity is None else quantity


def _notes(theirs: models.Item) -> Iterator[str | None]:
    yield theirs.special_instructions
    yield f"For {theirs.consumer_name}" if theirs.consumer_name else None
    wish = theirs.substitution_preferences
    if wish is None:
        return
    yield f"If out of stock: {wish.out_of_stock_preference}" if wish.out_of_stock_preference else None
    choices = joined((one.name or one.merchant_supplied_id for one in wish.substitution_choices), ", ")
    yield f"Instead: {choices}" if choices else None
