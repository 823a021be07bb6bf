"""The lines of an order: out of the menu's categories, with their options within them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.models import Item
from orderhub.order.pricing import line_total
from orderhub.platforms.doordash import models

# Menus nest options three levels deep; far beyond that it is no menu.
_DEEPEST = 20


def lines(categories: Iterable[models.Category]) -> list[Item]:
    """All lines. Raises Quarantine for options within options without end."""
    ids = _Ids()
    return [_line(item, category.name, ids) for category in categories for item in category.items]


def joined(texts: Iterable[str | None], separator: str) -> str | None:
    """The texts there are; None when there is none."""
    return separator.join(text for text in texts if text) or None


class _Ids:
    """Ids by DoorDash's key of each line, which is there once it can be adjusted; else by our own id of the item."""

    def __init__(self) -> None:
        self._met: Counter[tuple[str, ...]] = Counter()

    def new(self, path: tuple[str, ...]) -> str:
        again = self._met[path]
        self._met[path] += 1
        return item_id(*path, *([str(again)] if again else []))


def _line(theirs: models.Item, category: str | None, ids: _Ids) -> Item:
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


def _options(groups: Iterable[models.Extra], parent: tuple[str, ...], ids: _Ids) -> Iterator[Item]:
    if len(parent) > 1 + 2 * _DEEPEST:
        raise Quarantine(f"options are nested more than {_DEEPEST} levels deep")
    for group in groups:
        for option in group.options:
            yield _option(option, group, parent, ids)


def _option(theirs: models.Option, group: models.Extra, parent: tuple[str, ...], ids: _Ids) -> Item:
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
