"""From an order that an ordering app pushes to ours. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orderhub.order.models import Address, Check, Customer, Discount, Item, Order, Payment, PaymentMethod
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, StoreRef
from orderhub.platforms.petpooja import models
from orderhub.platforms.petpooja.pieces import (
    ORDER,
    UNKNOWN_TYPE,
    Lines,
    Purse,
    addons_total,
    kept,
    listed,
    reservation_of,
    restaurant_of,
)
from orderhub.platforms.petpooja.statuses import ORDER_PAYMENTS, ORDER_TYPES, RIDERS
from orderhub.platforms.pieces import optional_time

SCHEDULE_MISSING = "SCHEDULE_MISSING"
ADDONS_EXCEED_PRICE = "ADDONS_EXCEED_PRICE"


def to_order(payload: models.SaveOrder, connection: Connection[Any, Any]) -> Order:
    """One order, waiting for an answer. Raises Quarantine."""
    info = payload.orderinfo.info
    told = info.order.details
    restaurant = restaurant_of(info.restaurant.details.rest_id, connection)
    store = connection.store(restaurant)
    purse = Purse(connection.settings.currency)
    checks: list[Check] = []
    items = _items(info.order_item.details, purse, connection, checks)
    fulfillment = ORDER_TYPES.get(told.order_type or "")
    if fulfillment is None:
        checks.append(Check(code=UNKNOWN_TYPE, message=f"the order is of type {told.order_type or 'unknown'}"))
    amounts = purse.amounts(
        items,
        tax=told.tax_total,
        discount=told.discount_total,
        delivery_fee=told.delivery_charges,
        bag_fee=told.packing_charges,
        service_fee=told.service_charge,
        total=told.total,
    )
    return Order(
        id=connection.order_id(told.order_id, restaurant),
        platform=connection.platform,
        connection_id=connection.id,
        channel=connection.platform,
        external_id=told.order_id,
        store_id=store.id,
        store_external_id=restaurant,
        status=Status.INCOMING,
        fulfillment=fulfillment,
        delivered_by=RIDERS.get(told.enable_delivery) if told.enable_delivery is not None else None,
        placed_at=optional_time(told.created_on, store.time_zone, "created_on", checks),
        scheduled_for=_scheduled_for(told, store, checks),
        prep_minutes=(told.urgent_time if told.urgent_order else None) or told.min_prep_time,
        customer=_customer(info.customer.details if info.customer else None),
        address=_address(info.customer.details if info.customer else None),
        items=items,
        amounts=amounts,
        discounts=_discounts(info, amounts.discount, purse),
        payment=_payment(told, amounts.total, purse),
        notes=told.description,
        reservation=reservation_of(told.table_no, told.no_of_persons),
        source=_source(info, connection),
        checks=checks,
    )


def _items(
    lines: Sequence[models.Line], purse: Purse, connection: Connection[Any, Any], checks: list[Check]
) -> list[Item]:
    build = Lines()
    return [_item(line, build, purse, connection, checks) for line in lines]


def _item(line: models.Line, build: Lines, purse: Purse, connection: Connection[Any, Any], checks: list[Check]) -> Item:
    path = build.path(line.id, line.variation_id)
    addons = [_addon(addon, path, build, purse) for addon in line.addons]
    price = purse.minor(line.price)
    if price is not None and connection.settings.price_includes_addons:
        price -= addons_total(addons)
        if price < 0:
            message = f"the add-ons of {line.name or line.id!r} cost more than it does with them"
            checks.append(Check(code=ADDONS_EXCEED_PRICE, message=message))
    return build.item(
        path,
        addons,
        external_id=line.id,
        sku=line.id,
        name=_name(line),
        quantity=line.quantity,
        unit_price=price,
        tax=purse.sum(tax.amount for tax in line.item_tax),
        notes=line.description,
    )


def _addon(addon: models.Addon, path: tuple[str, ...], build: Lines, purse: Purse) -> Item:
    return build.item(
        build.path(*path, addon.group_id, addon.id),
        external_id=addon.id,
        sku=addon.id,
        name=addon.name or addon.id or "(no name)",
        quantity=addon.per_unit,
        unit_price=purse.minor(addon.price),
        category=addon.group_name,
    )


def _name(line: models.Line) -> str:
    """The name with its variation, which many senders have put into it already."""
    name, variation = line.name or line.id, line.variation_name
    return name if variation is None or variation.lower() in name.lower() else f"{name} ({variation})"


def _scheduled_for(told: models.Details, store: StoreRef, checks: list[Check]) -> Any:
    """The time of an order placed in advance. Of any other, the same fields hold when it was placed."""
    if not told.advanced_order:
        return None
    if told.preorder_date is None or told.preorder_time is None:
        checks.append(Check(code=SCHEDULE_MISSING, message="the order is placed in advance, and nobody says for when"))
        return None
    return optional_time(
        f"{told.preorder_date} {told.preorder_time}", store.time_zone, "preorder_date and preorder_time", checks
    )


def _customer(told: models.Customer | None) -> Customer | None:
    if told is None or not (told.name or told.phone or told.email):
        return None
    return Customer(name=told.name, phone=told.phone, email=told.email)


def _address(told: models.Customer | None) -> Address | None:
    if told is None or (told.address is None and told.latitude is None):
        return None
    return Address(line1=told.address, lat=told.latitude, lng=told.longitude)


def _discounts(info: models.Info, total: int | None, purse: Purse) -> list[Discount]:
    """Each discount; how much one in per cent comes to is known when it is the only one."""
    told = info.discount.details if info.discount else []
    if not told:
        return [Discount(amount=total)] if total else []
    alone = total if len(told) == 1 else None
    return [
        Discount(code=one.id, name=one.title, amount=alone if one.type == "P" else purse.minor(one.price))
        for one in told
    ]


def _payment(told: models.Details, total: int | None, purse: Purse) -> Payment | None:
    """COD is to be collected: as much as the sender says, else the total."""
    if told.payment_type is None:
        return None
    method, prepaid = ORDER_PAYMENTS.get(told.payment_type.upper(), (PaymentMethod.OTHER, None))
    due = purse.minor(told.collect_cash)
    if prepaid is False and due is None:
        due = total
    return Payment(method=method, prepaid=prepaid, amount_due=due)


def _source(info: models.Info, connection: Connection[Any, Any]) -> dict[str, str]:
    told, lines = info.order.details, info.order_item.details
    return kept(
        {
            "dialect": ORDER,
            "callback_url": told.callback_url or connection.settings.callback_url,
            "courier_code": told.otp,
            "payment_type": told.payment_type,
            "discount_type": told.discount_type,
            "urgent": "yes" if told.urgent_order else None,
            "urgent_minutes": told.urgent_time,
            "min_prep_minutes": told.min_prep_time,
            "delivery_tax": told.dc_tax_amount,
            "delivery_tax_owed_by": _shares(told.dc_gst_details),
            "packing_tax": told.pc_tax_amount,
            "packing_tax_owed_by": _shares(told.pc_gst_details),
            "service_tax": told.sc_tax_amount,
            "service_tax_owed_by": _shares(told.sc_gst_details),
            "item_discounts": listed((line.id, line.item_discount) for line in lines),
            "final_prices": listed((line.id, line.final_price) for line in lines),
            "variations": listed((line.id, line.variation_id) for line in lines),
            "line_taxes": listed(
                (f"{line.id} {tax.name or tax.id}", tax.amount) for line in lines for tax in line.item_tax
            ),
            "line_taxes_owed_by": listed((line.id, line.gst_liability) for line in lines),
            "buyer_app": told.ondc_bap,
        }
    )


def _shares(shares: Sequence[models.GstShare]) -> str | None:
    return listed((share.gst_liable, share.amount) for share in shares)
