"""Changes of an order's lines, and what they do to its price. Pure: an order and edits in, the order as it then is.

All edits are made or none. Prices of what stays are the order's own; what tax there is goes with the subtotal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from orderhub.errors import Reject
from orderhub.order import pricing
from orderhub.order.edits import AddItem, Edit, ReduceQuantity, RemoveItem, SubstituteItem, UpdateItem
from orderhub.order.messages import CartChange
from orderhub.order.models import Amounts, Check, Item, Minor, Model, Order, Payment, Quantity, Sync, SyncState
from orderhub.order.money import LARGEST
from orderhub.order.native import DEEPEST, lines_of
from orderhub.order.status import Status

MODIFIABLE = frozenset({Status.INCOMING, Status.ACCEPTED, Status.BAGGING, Status.READY})
"""While the goods are in the store."""

PENDING_FOR = timedelta(minutes=30)
"""As long as nobody answers to a change, there is no other; no longer, should its worker have died."""

_ASKED = (SyncState.NOT_NEEDED, SyncState.PENDING)
_TAXES = ("tax", "tax_in_prices", "tax_remitted_by_platform")
_SUMS = (pricing.ITEM_TOTAL_MISMATCH, pricing.SUBTOTAL_MISMATCH, pricing.TOTAL_MISMATCH)


class LineDifference(Model):
    """What a line costs before and after, in minor units; 0 where it is not there, None where nobody knows."""

    item_id: str
    name: str
    quantity_before: Quantity
    quantity_after: Quantity
    before: Minor | None
    after: Minor | None
    difference: Minor | None


class Difference(Model):
    """What the order costs before and after, in minor units; None where nobody knows. lines: those that change."""

    currency: str
    before: Minor | None
    after: Minor | None
    difference: Minor | None
    lines: list[LineDifference]


def changed(message: CartChange, current: Order, now: datetime) -> tuple[Order, dict[str, Any]]:
    """The order after somebody asked for other lines, or after its platform's answer; and the summary of the event.

    Raises Reject ORDER_NOT_MODIFIABLE, CART_CHANGE_PENDING, and as `edited`.
    """
    if message.state in _ASKED:
        _check_modifiable(current, now)
        after = edited(current, message.edits, message.delivery_key)
        told = {
            "edits": [edit.model_dump(mode="json", exclude_defaults=True) for edit in message.edits],
            "difference": difference(current, after).model_dump(mode="json"),
            "customer_approved": message.approved,
        }
        if message.state is SyncState.NOT_NEEDED:
            return after, told
        asked = Sync(state=message.state, version=current.version + 1, detail=message.detail, at=now)
        return current.model_copy(update={"cart": asked}), told
    version = current.cart.version if current.cart else current.version
    answer = Sync(state=message.state, version=version, detail=message.detail, attempts=message.attempts, at=now)
    taken = message.state is SyncState.CONFIRMED
    after = edited(current, message.edits, message.delivery_key, taken=True) if taken else current
    return after.model_copy(update={"cart": answer}), {"detail": message.detail, "attempt": message.attempts}


def _check_modifiable(order: Order, now: datetime) -> None:
    if order.status not in MODIFIABLE:
        details = {"status": order.status, "allowed": sorted(MODIFIABLE)}
        raise Reject("ORDER_NOT_MODIFIABLE", f"the lines of an order that is {order.status} stay", details=details)
    asked = order.cart
    if asked is not None and asked.state is SyncState.PENDING and (asked.at or now) > now - PENDING_FOR:
        raise Reject("CART_CHANGE_PENDING", "the platform has not answered to the last change of the lines yet")


def edited(order: Order, edits: Sequence[Edit], key: str, *, taken: bool = False) -> Order:
    """The order with all of the edits made.

    key: what the ids of new lines are made of. taken: its platform has made them, and may have sent the order since:
    what is so already is left as it is. Raises Reject ITEM_NOT_FOUND, INVALID_FIELD_VALUE, each with the number of the
    edit in its details.
    """
    items = list(order.items)
    for number, edit in enumerate(edits):
        try:
            items = _made(items, edit, (order.id, key, str(number)))
        except Reject as refusal:
            if taken:
                continue
            raise Reject(refusal.code, str(refusal), details={**refusal.details, "edit": number}) from None
    if not taken and not any(item.quantity for item in items):
        raise Reject("INVALID_FIELD_VALUE", "nothing would be left of the order: cancel it instead")
    if _levels(items) > max(DEEPEST, _levels(order.items)):
        raise _refused(f"modifiers are nested at most {DEEPEST - 1} deep")
    before = {item.id: item for item in order.items}
    priced = [_priced(before.get(item.id), item) for item in items]
    return _with(order, priced)


def difference(before: Order, after: Order) -> Difference:
    """What the edits cost the customer, as a whole and line by line."""
    was, then = ({item.id: item for item in order.items} for order in (before, after))
    lines = [
        _line_difference(shown, was.get(item_id), then.get(item_id))
        for item_id, shown in {**was, **then}.items()
        if was.get(item_id) != then.get(item_id)
    ]
    known = all(line.difference is not None for line in lines)
    first, last = before.amounts.total, after.amounts.total if known else None
    currency = before.amounts.currency
    return Difference(currency=currency, before=first, after=last, difference=_less(last, first), lines=lines)


def needs_approval(edits: Sequence[Edit], cost: Difference) -> bool:
    """Whether the customer has to agree first: it costs more, or something else comes than was ordered."""
    if any(isinstance(edit, SubstituteItem) for edit in edits):
        return True
    if cost.difference is None:
        return not all(isinstance(edit, RemoveItem | ReduceQuantity) for edit in edits)
    return cost.difference > 0


# --- edits -----------------------------------------------------------------------------------------------------------


def _made(items: list[Item], edit: Edit, parts: tuple[str, ...]) -> list[Item]:
    if isinstance(edit, AddItem):
        return [*items, *lines_of([edit.item], *parts)]
    changed = _changed(items, edit.item_id, lambda item: _change(edit, item, parts))
    if changed is None:
        raise Reject("ITEM_NOT_FOUND", f"the order has no item {edit.item_id}", details={"order_item_id": edit.item_id})
    return changed


def _changed(items: Sequence[Item], item_id: str, change: Callable[[Item], Item | None]) -> list[Item] | None:
    """The items with one of them changed, or gone, wherever it is among them and their modifiers; None without it."""
    for place, item in enumerate(items):
        if item.id == item_id:
            new = change(item)
        else:
            modifiers = _changed(item.modifiers, item_id, change)
            if modifiers is None:
                continue
            new = item.model_copy(update={"modifiers": modifiers})
        return [*items[:place], *([] if new is None else [new]), *items[place + 1 :]]
    return None


def _change(edit: Edit, item: Item, parts: tuple[str, ...]) -> Item | None:
    match edit:
        case ReduceQuantity(quantity=quantity):
            if quantity >= item.quantity:
                raise _refused(f"of {item.name!r} there are {item.quantity}: {quantity} is not fewer")
            return item.model_copy(update={"quantity": quantity})
        case UpdateItem():
            return _updated(edit, item, parts)
        case SubstituteItem(item=new):
            as_many = item.quantity if new.quantity is None else new.quantity
            return lines_of([new.model_copy(update={"quantity": as_many})], *parts)[0]
        case _:
            return None


def _updated(edit: UpdateItem, item: Item, parts: tuple[str, ...]) -> Item:
    update: dict[str, object] = {}
    if edit.quantity is not None:
        if edit.quantity < item.quantity:
            raise _refused(f"of {item.name!r} there are {item.quantity}: reduce_quantity leaves fewer")
        update["quantity"] = edit.quantity
    if edit.modifiers is not None:
        update["modifiers"] = lines_of(edit.modifiers, *parts)
    if edit.notes is not None:
        update["notes"] = edit.notes or None
    if not update:
        raise _refused("say what is to change: quantity, modifiers or notes")
    return item.model_copy(update=update)


def _levels(items: Sequence[Item]) -> int:
    return max((1 + _levels(item.modifiers) for item in items), default=0)


# --- prices ----------------------------------------------------------------------------------------------------------


def _priced(before: Item | None, after: Item) -> Item:
    """A line or modifier with the total of what it is now; a new one has it already."""
    if before is None or (before.quantity, before.modifiers) == (after.quantity, after.modifiers):
        return after
    known = {one.id: one for one in before.modifiers}
    modifiers = [_priced(known.get(one.id), one) for one in after.modifiers]
    after = after.model_copy(update={"modifiers": modifiers})
    total = _total(before, after)
    picked = None if after.picked_quantity is None else min(after.picked_quantity, after.quantity)
    tax = _share(before.tax, total, before.total)
    return after.model_copy(update={"total": total, "tax": tax, "picked_quantity": picked})


def _total(before: Item, after: Item) -> int | None:
    """By its units; where the platform tells another total than its units come to, in proportion to the quantity."""
    was, now = pricing.line_total(before), pricing.line_total(after)
    if before.total not in (None, was) and before.modifiers == after.modifiers:
        now = _share(before.total, after.quantity, before.quantity)
    elif was is not None and now is None:
        raise _refused(f"{after.name!r} comes to more than there is money")
    return now


def _share(amount: int | None, part: Decimal | int | None, whole: Decimal | int | None) -> int | None:
    """The part of an amount, rounded; the amount itself where the parts are not known."""
    if not amount or part is None or not whole:
        return amount
    return int((Decimal(amount) * part / whole).to_integral_value(rounding=ROUND_HALF_UP))


def _with(order: Order, items: list[Item]) -> Order:
    """The order with other lines, and its sums with them; those stay where the price of what changes is not known."""
    lost = _sum([item for item in order.items if item not in items])
    gained = _sum([item for item in items if item not in order.items])
    if lost is None or gained is None:
        return order.model_copy(update={"items": items})
    amounts, more = _amounts(order, gained - lost)
    if max(abs(amounts.subtotal or 0), abs(amounts.total or 0)) > LARGEST:
        raise _refused("the order comes to more than there is money")
    changed = order.model_copy(update={"items": items, "amounts": amounts, "payment": _payment(order, more)})
    checks: list[Check] = [check for check in order.checks if check.code not in _SUMS]
    return changed.model_copy(update={"checks": [*checks, *pricing.check_sums(changed)]})


def _sum(items: Sequence[Item]) -> int | None:
    totals = [item.total for item in items]
    return None if None in totals else sum(total or 0 for total in totals)


def _amounts(order: Order, more: int) -> tuple[Amounts, int]:
    """The sums of the order, and how much more the customer pays. more: what the lines come to now, above before."""
    amounts = order.amounts
    if not more:
        return amounts, 0
    before = _sum(order.items) if amounts.subtotal is None else amounts.subtotal
    after = None if before is None else before + more
    taxes = {name: _share(getattr(amounts, name), after, before) for name in _TAXES}
    changed = amounts.model_copy(update={"subtotal": after, **taxes})
    more += _added_tax(changed) - _added_tax(amounts)
    changed = changed.model_copy(update={"total": None if amounts.total is None else amounts.total + more})
    ours = [name for name in ("subtotal", "tax", "total") if getattr(changed, name) is not None]
    return changed.model_copy(update={"computed": list(dict.fromkeys((*amounts.computed, *ours)))}), more


def _added_tax(amounts: Amounts) -> int:
    return 0 if amounts.tax_included else (amounts.tax or 0) - (amounts.tax_in_prices or 0)


def _payment(order: Order, more: int) -> Payment | None:
    """What is still to be collected: a platform that has the money collects the rest of it, too."""
    payment = order.payment
    if payment is None or payment.amount_due is None or (payment.prepaid and not order.is_native):
        return payment
    return payment.model_copy(update={"amount_due": max(0, payment.amount_due + more)})


def _line_difference(shown: Item, before: Item | None, after: Item | None) -> LineDifference:
    first, last = (item.total if item is not None else 0 for item in (before, after))
    return LineDifference(
        item_id=shown.id,
        name=shown.name,
        quantity_before=before.quantity if before else Decimal(0),
        quantity_after=after.quantity if after else Decimal(0),
        before=first,
        after=last,
        difference=_less(last, first),
    )


def _less(last: int | None, first: int | None) -> int | None:
    return None if last is None or first is None else last - first


def _refused(message: str) -> Reject:
    return Reject("INVALID_FIELD_VALUE", message)
