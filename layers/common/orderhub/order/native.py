"""Orders that the store makes itself (LulaDirect, the telephone): no platform sends them, and none is told of them.

Pure: what staff ask for in, the order with its sums out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from orderhub.errors import Reject
from orderhub.order import pricing
from orderhub.order.ids import item_id
from orderhub.order.models import (
    NATIVE,
    Address,
    Amounts,
    Customer,
    DeliveredBy,
    Discount,
    Fulfillment,
    Item,
    Model,
    Order,
    Payment,
    PaymentMethod,
    Utc,
)
from orderhub.order.money import LARGEST
from orderhub.order.status import Status

PLATFORM = NATIVE
CONNECTION = "direct"
CHANNEL = "LulaDirect"
"""The channel where nobody names one."""

DEEPEST = 5
"""Levels of a line: itself, its modifiers, theirs..."""

USUAL_MINUTES = 30
"""Of preparation, where neither the order nor its store says how many."""

_LONGEST_AHEAD = timedelta(days=365)
_FEES = ("delivery_fee", "service_fee", "bag_fee", "deposit", "other_fees", "tip", "driver_tip")
_BROUGHT = (Fulfillment.DELIVERY, Fulfillment.SHIPPING)


Words = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=1000)]
Price = Annotated[int, Field(ge=0, le=10**12, description="minor units")]
Count = Annotated[Decimal, Field(gt=0, lt=10**6, decimal_places=3, allow_inf_nan=False)]


class NewItem(Model):
    """A line, or a modifier of one. unit_price: of one, without its modifiers; quantity: 1 when left out.

    A modifier's quantity is per one unit of what it belongs to. external_id: the platform's id of the article, for a
    substitute on an order of a platform.
    """

    name: Words
    sku: Words | None = None
    external_id: Words | None = None
    quantity: Count | None = None
    unit_price: Price
    category: Words | None = None
    notes: Text | None = None
    modifiers: list[NewItem] = Field(default=[], max_length=50)


class NewDiscount(Model):
    """What is taken off; minor units, positive."""

    code: Words | None = None
    name: Words | None = None
    amount: Price


class NewPayment(Model):
    """How it is paid. prepaid: whether the store has the money already."""

    method: PaymentMethod | None = None
    prepaid: bool = False


class NewOrder(Model):
    """An order to be made. Money is in minor units of the store's currency, which `currency` may name to be sure.

    tax: of the whole order; tax_included: the prices hold it. scheduled_for: when the customer wants it; the order is
    among the open ones from prep_minutes before that, or as many minutes as its store usually needs.
    """

    store_id: Words
    channel: Words = CHANNEL
    display_id: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    fulfillment: Fulfillment = Fulfillment.PICKUP
    customer: Customer | None = None
    address: Address | None = None
    items: list[NewItem] = Field(min_length=1, max_length=200)
    currency: str | None = None
    tax: Price = 0
    tax_included: bool = False
    delivery_fee: Price | None = None
    service_fee: Price | None = None
    bag_fee: Price | None = None
    deposit: Price | None = None
    other_fees: Price | None = None
    tip: Price | None = None
    driver_tip: Price | None = None
    discounts: list[NewDiscount] = Field(default=[], max_length=20)
    payment: NewPayment = NewPayment()
    notes: Text | None = None
    include_cutlery: bool | None = None
    scheduled_for: Utc | None = None
    prep_minutes: Annotated[int, Field(ge=0, le=1440)] | None = None


def make(
    new: NewOrder,
    *,
    order_id: str,
    external_id: str,
    currency: str,
    request: str,
    at: datetime,
    usual_minutes: int | None = None,
) -> Order:
    """The order that staff ask for, with all its sums. One for later waits until it is time to prepare it.

    currency, usual_minutes of preparation: of the store; request: stands for what was asked, to know a repeat by.
    Raises Reject INVALID_FIELD_VALUE, with the field in its details.
    """
    _check(new, currency, at)
    items = lines_of(new.items, order_id)
    amounts = _amounts(new, items, currency)
    due = 0 if new.payment.prepaid else amounts.total
    early = new.prep_minutes is not None and new.scheduled_for is None
    return Order(
        id=order_id,
        platform=PLATFORM,
        connection_id=CONNECTION,
        channel=new.channel,
        external_id=external_id,
        display_id=new.display_id or order_id[-6:].upper(),
        store_id=new.store_id,
        status=Status.INCOMING,
        fulfillment=new.fulfillment,
        delivered_by=DeliveredBy.STORE if new.fulfillment is Fulfillment.DELIVERY else None,
        placed_at=at,
        scheduled_for=new.scheduled_for,
        enters_at=_enters_at(new, usual_minutes, at),
        ready_at=at + timedelta(minutes=new.prep_minutes or 0) if early else None,
        prep_minutes=new.prep_minutes,
        customer=new.customer,
        address=new.address,
        items=items,
        amounts=amounts,
        discounts=[Discount(code=one.code, name=one.name, amount=one.amount) for one in new.discounts],
        payment=Payment(method=new.payment.method, prepaid=new.payment.prepaid, amount_due=due),
        notes=new.notes,
        include_cutlery=new.include_cutlery,
        source={"request": request} if request else {},
    )


def _enters_at(new: NewOrder, usual_minutes: int | None, at: datetime) -> datetime | None:
    """When it is time to prepare an order for later; None when that is now."""
    if new.scheduled_for is None:
        return None
    said = (minutes for minutes in (new.prep_minutes, usual_minutes) if minutes is not None)
    enters_at = new.scheduled_for - timedelta(minutes=next(said, USUAL_MINUTES))
    return enters_at if enters_at > at else None


def lines_of(new: Sequence[NewItem], *parts: str) -> list[Item]:
    """Lines with ids and totals. parts: what their ids are made of, before their places.

    Raises Reject INVALID_FIELD_VALUE for modifiers that are nested too deeply, or a total that is no sane amount.
    """
    return [_line(one, 1, *parts, str(place)) for place, one in enumerate(new)]


def _line(new: NewItem, level: int, *parts: str) -> Item:
    if level > DEEPEST:
        raise _refused("items", f"modifiers are nested at most {DEEPEST - 1} deep")
    modifiers = [_line(one, level + 1, *parts, str(place)) for place, one in enumerate(new.modifiers)]
    item = Item(
        id=item_id(*parts),
        external_id=new.external_id,
        sku=new.sku,
        name=new.name,
        quantity=Decimal(1) if new.quantity is None else new.quantity,
        unit_price=new.unit_price,
        category=new.category,
        notes=new.notes,
        modifiers=modifiers,
    )
    total = pricing.line_total(item)
    if total is None:
        raise _refused("items", f"{new.name!r} comes to more than there is money")
    return item.model_copy(update={"total": total})


def _amounts(new: NewOrder, items: list[Item], currency: str) -> Amounts:
    discount = sum(one.amount for one in new.discounts) if new.discounts else None
    fees = {name: getattr(new, name) for name in _FEES}
    given = Amounts(currency=currency, tax=new.tax, tax_included=new.tax_included, discount=discount, **fees)
    amounts = pricing.complete(given, items)
    if max(amounts.subtotal or 0, amounts.total or 0) > LARGEST:
        raise _refused("items", "the order comes to more than there is money")
    if (amounts.total or 0) < 0:
        raise _refused("discounts", "the discounts are more than the order comes to")
    return amounts


def _check(new: NewOrder, currency: str, at: datetime) -> None:
    if new.currency not in (None, currency):
        raise _refused("currency", f"the store's prices are in {currency}")
    if new.fulfillment in _BROUGHT and not _can_be_found(new.address):
        raise _refused("address", f"{new.fulfillment} needs an address: its first line, or where it is on the map")
    if new.scheduled_for is not None and not at <= new.scheduled_for <= at + _LONGEST_AHEAD:
        raise _refused("scheduled_for", "it is in the past, or more than a year away")


def _can_be_found(address: Address | None) -> bool:
    return address is not None and bool(
        (address.line1 or "").strip() or (address.lat is not None and address.lng is not None)
    )


def _refused(field: str, message: str) -> Reject:
    return Reject("INVALID_FIELD_VALUE", message, details={"field": field})
