"""From a printed bill to an order that is over. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from orderhub.errors import Ignore, Quarantine
from orderhub.order.ids import order_id
from orderhub.order.models import Address, Check, Customer, Discount, Item, Order, Payment, PaymentMethod
from orderhub.order.status import Status
from orderhub.order.times import business_date, parse_time, sortable_number
from orderhub.platforms.base import Connection, StoreRef
from orderhub.platforms.petpooja.bill_models import Addon, Bill, Details, Line
from orderhub.platforms.petpooja.pieces import (
    BILL,
    UNKNOWN_TYPE,
    Lines,
    Purse,
    addons_total,
    kept,
    listed,
    reservation_of,
    restaurant_of,
)
from orderhub.platforms.petpooja.statuses import (
    BILL_PAYMENTS,
    BILL_STATUSES,
    BILL_TYPES,
    COMPLIMENTARY,
    TILL,
)
from orderhub.platforms.pieces import optional_time

GIVEN_AWAY = "COMPLIMENTARY"

_NO_SLUG = re.compile(r"[^a-z0-9]+")


def to_order(bill: Bill, connection: Connection[Any, Any]) -> Order:
    """One bill. Raises Quarantine, and Ignore for a status that is none of those that count."""
    told = bill.order
    status = _status(told)
    restaurant = restaurant_of(bill.restaurant.rest_id, connection)
    store = connection.store(restaurant)
    purse = Purse(connection.settings.currency)
    checks: list[Check] = []
    items = _items(bill.lines, purse, included=connection.settings.price_includes_addons)
    fulfillment = BILL_TYPES.get(_bare(told.order_type))
    if fulfillment is None:
        checks.append(Check(code=UNKNOWN_TYPE, message=f"the bill is of type {told.order_type or 'unknown'}"))
    amounts = purse.amounts(
        items,
        subtotal=told.core_total,
        tax=told.tax_total,
        discount=told.discount_total,
        delivery_fee=told.delivery_charges,
        bag_fee=told.packaging_charge,
        service_fee=told.service_charge,
        other_fees=told.round_off,
        total=told.total,
    )
    if _bare(told.status) == COMPLIMENTARY:
        message = "the bill was given away: it brings in nothing"
        checks.append(Check(code=GIVEN_AWAY, message=message, expected=0, actual=amounts.total))
    channel = _channel(told, connection)
    return Order(
        id=connection.order_id(*identity(bill, store, connection)),
        platform=connection.platform,
        connection_id=connection.id,
        channel=channel,
        external_id=told.order_id,
        display_id=told.customer_invoice_id,
        store_id=store.id,
        store_external_id=restaurant,
        status=status,
        fulfillment=fulfillment,
        placed_at=optional_time(told.created_on, store.time_zone, "created_on", checks),
        customer=_customer(bill),
        address=Address(line1=bill.customer.address) if bill.customer and bill.customer.address else None,
        items=items,
        amounts=amounts,
        discounts=[Discount(name=one.title, amount=purse.minor(one.amount)) for one in bill.discount],
        payment=_payment(told),
        notes=told.comment,
        reservation=reservation_of(told.table_no, told.no_of_persons),
        duplicate_of=_direct_order(told, channel, connection),
        source=_source(bill),
        checks=checks,
    )


def version_of(order: Order) -> str:
    """The version of a bill: bills carry none, but one that was cancelled does not come back."""
    return sortable_number(2 if order.status is Status.CANCELLED else 1)


def identity(bill: Bill, store: StoreRef, connection: Connection[Any, Any]) -> tuple[str, ...]:
    """What tells a bill from all others: its number, its restaurant, and the day it was printed on.

    Raises Quarantine when the day cannot be told.
    """
    told = bill.order
    if not connection.settings.bill_numbers_restart:
        return told.order_id, bill.restaurant.rest_id
    if told.created_on is None:
        raise Quarantine(f"bill {told.order_id[:100]!r} does not say when it was printed")
    day = business_day(parse_time(told.created_on, store.time_zone), store, connection)
    return told.order_id, bill.restaurant.rest_id, day.isoformat()


def business_day(at: datetime, store: StoreRef, connection: Connection[Any, Any]) -> date:
    """The day on which the store counts a moment. Raises Quarantine for one at the end of all times."""
    start = connection.settings.day_starts_at
    try:
        return business_date(at - timedelta(hours=start.hour, minutes=start.minute), store.time_zone)
    except OverflowError:
        raise Quarantine("a bill of the year 1 or 9999") from None


def _status(told: Details) -> Status:
    """Without one, the bill is like any other. What nobody has seen yet must not be counted as a sale."""
    if told.status is None:
        return Status.COMPLETED
    status = BILL_STATUSES.get(_bare(told.status))
    if status is None:
        raise Ignore(f"bill {told.order_id[:100]!r} has the status {told.status[:100]!r}, which is none we know")
    return status


def _bare(word: str | None) -> str:
    return "".join((word or "").split()).lower()


def _channel(told: Details, connection: Connection[Any, Any]) -> str:
    """The marketplace's slug; our own for orders of the till."""
    slug = _NO_SLUG.sub("_", (told.origin or "").lower()).strip("_")
    return connection.platform if slug in TILL else slug


def _direct_order(told: Details, channel: str, connection: Connection[Any, Any]) -> str | None:
    """The hub's id of the same order as it comes from its marketplace, where the merchant has connected that too."""
    direct = connection.settings.direct_connections.get(channel)
    return order_id(channel, direct, told.order_from_id) if direct and told.order_from_id else None


def _items(lines: Sequence[Line], purse: Purse, *, included: bool) -> list[Item]:
    build = Lines()
    return [_item(line, build, purse, included=included) for line in lines]


def _item(line: Line, build: Lines, purse: Purse, *, included: bool) -> Item:
    path = build.path(line.itemid, line.itemcode or line.name)
    addons = [_addon(addon, path, build, purse) for addon in line.addon]
    extras, price = addons_total(addons), purse.minor(line.price)
    if price is not None and _holds_addons(line, purse, extras, included=included):
        price -= extras
    item = build.item(
        path,
        addons,
        external_id=line.itemid,
        sku=line.itemcode,
        name=line.name or line.itemcode or line.itemid or "(no name)",
        quantity=line.quantity,
        unit_price=price,
        tax=purse.minor(line.tax),
        notes=line.specialnotes,
        category=line.category_name,
    )
    total = purse.minor(line.total)
    return item if total is None else item.model_copy(update={"total": total})


def _holds_addons(line: Line, purse: Purse, extras: int, *, included: bool) -> bool:
    """Whether the price is that of one unit with its add-ons: the total of the line tells, if only one fits."""
    if not extras or line.total is None or line.price is None:
        return included
    total, price = purse.minor(line.total), line.price * line.quantity
    with_addons, without = purse.minor(price), purse.minor(price + line.quantity * _addons_price(line))
    if (total == with_addons) == (total == without):
        return included
    return total == with_addons


def _addons_price(line: Line) -> Decimal:
    return sum(((addon.price or Decimal(0)) * addon.per_unit for addon in line.addon), Decimal(0))


def _addon(addon: Addon, path: tuple[str, ...], build: Lines, purse: Purse) -> Item:
    return build.item(
        build.path(*path, addon.group_name, addon.id),
        external_id=addon.id,
        name=addon.name or addon.id or "(no name)",
        quantity=addon.per_unit,
        unit_price=purse.minor(addon.price),
        category=addon.group_name,
    )


def _customer(bill: Bill) -> Customer | None:
    told = bill.customer
    if told is None or not (told.name or told.phone or told.gstin):
        return None
    return Customer(name=told.name, phone=told.phone, tax_number=told.gstin)


def _payment(told: Details) -> Payment | None:
    if told.payment_type is None:
        return None
    method, prepaid = BILL_PAYMENTS.get(_bare(told.payment_type), (PaymentMethod.OTHER, None))
    return Payment(method=method, prepaid=prepaid, amount_due=0 if prepaid else None)


def _source(bill: Bill) -> dict[str, str]:
    told = bill.order
    return kept(
        {
            "dialect": BILL,
            "order_from": told.origin,
            "order_from_id": told.order_from_id,
            "sub_order_type": told.sub_order_type,
            "order_date": told.order_date,
            "bill_status": told.status,
            "round_off": told.round_off,
            "total_charges": told.total_charges,
            "payment_type": told.payment_type,
            "custom_payment_type": told.custom_payment_type,
            "part_payments": listed((one.payment_type, one.amount) for one in told.part_payments),
            "taxes": listed((_rated(one.title, one.type, one.rate), one.amount) for one in bill.tax),
            "discounts": listed((_rated(one.title, one.type, one.rate), one.amount) for one in bill.discount),
            "item_discounts": listed((line.itemid, line.discount) for line in bill.lines),
            "sap_codes": listed((line.itemid, line.sap_code) for line in bill.lines),
            "token_no": told.token_no,
            "biller": told.biller,
            "assignee": told.assignee,
        }
    )


def _rated(title: str | None, kind: str | None, rate: Decimal | None) -> str:
    return " ".join(str(one) for one in (title, kind, rate) if one is not None)
