"""What may be given back of an order, in minor units. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from orderhub.errors import Reject
from orderhub.order.models import Item, Order, Refund, SyncState
from orderhub.order.status import Status

_REFUNDED = "REFUNDED"
_UNDER_WAY = (SyncState.PENDING, SyncState.RETRYING)
# By then whoever brings the order has collected what was due.
_COLLECTED = (Status.PICKED_UP, Status.COMPLETED)


@dataclass(frozen=True, slots=True)
class Balance:
    """The money of an order. given_back: what is confirmed; under_way: what the platform has yet to confirm."""

    currency: str
    paid: int
    given_back: int
    under_way: int
    left: int


def balance(order: Order) -> Balance | None:
    """What was paid and what may still be given back; None when the platform does not say what was paid."""
    total = order.amounts.total
    if total is None:
        return None
    due = (order.payment.amount_due or 0) if order.payment is not None else 0
    paid = max(0, total if order.status in _COLLECTED else total - due)
    under_way = sum(one.amount for one in order.refunds if one.state in _UNDER_WAY)
    back = given_back(order)
    return Balance(order.amounts.currency, paid, back, under_way, max(0, paid - back - under_way))


def given_back(order: Order) -> int:
    """What the customer has back: by the platform's own count, which has ours in it once it knows, or by ours."""
    ours = sum(one.amount for one in order.refunds if one.state is SyncState.CONFIRMED)
    return max(ours, _by_their_count(order))


def _by_their_count(order: Order) -> int:
    """The check either says how much is left of what was expected, or how much was given back."""
    check = next((one for one in order.checks if one.code == _REFUNDED), None)
    if check is None or check.actual is None:
        return 0
    return check.actual if check.expected is None else check.expected - check.actual


def amount_of(order: Order, asked: int | None, item_ids: Sequence[str]) -> int:
    """How much to give back: what is asked for, what some lines came to, or all that is left.

    Raises Reject INVALID_FIELD_VALUE for lines that cannot be given back, REFUND_FAILED for more than is left; the
    details have the amounts.
    """
    known = balance(order)
    if known is None:
        raise Reject("REFUND_FAILED", "the platform does not say what was paid for this order")
    amount = worth(order, item_ids) if item_ids else known.left if asked is None else asked
    if amount > known.left or not known.left:
        message = f"{known.left} {known.currency} (in minor units) may still be given back"
        raise Reject("REFUND_FAILED", message, details={**asdict(known), "asked": amount})
    return amount


def worth(order: Order, item_ids: Sequence[str]) -> int:
    """What was paid for some lines: with their tax, less their share of the discount, rounded down.

    Raises Reject INVALID_FIELD_VALUE for lines that there are not, that were given back already, or whose price is not
    known.
    """
    lines = {item.id: item for item in order.items}
    counted = [one for one in order.refunds if one.state is SyncState.CONFIRMED or one.state in _UNDER_WAY]
    gone = {item_id for one in counted for item_id in one.items}
    _refuse("the order has no such lines", set(item_ids) - lines.keys())
    _refuse("these lines were given back already", set(item_ids) & gone)
    chosen = [lines[item_id] for item_id in dict.fromkeys(item_ids)]
    _refuse("the price of these lines is not known: give an amount", {one.id for one in chosen if one.total is None})
    goods = sum(one.total or 0 for one in chosen)
    amount = _share(goods, order) + _tax(goods, chosen, order)
    if amount <= 0:
        raise Reject("INVALID_FIELD_VALUE", "these lines cost nothing", details={"items": sorted(item_ids)})
    return amount


def find(order: Order, refund_id: str) -> Refund | None:
    """A refund of an order."""
    return next((one for one in order.refunds if one.id == refund_id), None)


def put(order: Order, refund: Refund) -> Order:
    """The order with a refund in place of the one with its id, or at the end."""
    others = [refund if one.id == refund.id else one for one in order.refunds]
    return order.model_copy(update={"refunds": others if find(order, refund.id) else [*others, refund]})


def _refuse(message: str, items: set[str]) -> None:
    if items:
        raise Reject("INVALID_FIELD_VALUE", message, details={"items": sorted(items)})


def _share(goods: int, order: Order) -> int:
    """Lines at what they came to after discounts."""
    subtotal, discount = order.amounts.subtotal or 0, order.amounts.discount or 0
    return goods * max(0, subtotal - discount) // subtotal if subtotal > 0 else goods


def _tax(goods: int, chosen: Sequence[Item], order: Order) -> int:
    """The tax that comes on top of the prices of lines."""
    if order.amounts.tax_included is not False:
        return 0
    if all(one.tax is not None for one in chosen):
        return sum(one.tax or 0 for one in chosen)
    subtotal, tax = order.amounts.subtotal or 0, (order.amounts.tax or 0) - (order.amounts.tax_in_prices or 0)
    return max(0, tax) * goods // subtotal if subtotal > 0 else 0
