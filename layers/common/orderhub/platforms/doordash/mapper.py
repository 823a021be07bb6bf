"""From an order of DoorDash to ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderhub.order.models import Address, Check, Customer, DeliveredBy, Fulfillment, Order, Payment, PaymentMethod
from orderhub.order.money import exponent
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, parse_as
from orderhub.platforms.doordash import models
from orderhub.platforms.doordash.lines import lines
from orderhub.platforms.doordash.statuses import ADJUSTED, BY_PICKUP, FULFILLMENTS, STATUSES
from orderhub.platforms.doordash.sums import Promotions, amounts, promotions
from orderhub.platforms.pieces import joined, optional_time

UNKNOWN_STATUS = "UNKNOWN_STATUS"
UNKNOWN_TYPE = "UNKNOWN_TYPE"

ADJUSTMENTS = frozenset({"OrderAdjust", "OrderAdjustment"})
"""The type of an adjustment's event: DoorDash's pages have both."""

_YES_NO: Mapping[bool | None, str] = {True: "yes", False: "no"}


def parse(payload: Any) -> models.OrderEvent:
    """An order in its event, or a bare one. Raises Quarantine."""
    wrapped = isinstance(payload, dict) and "order" in payload
    return parse_as(models.OrderEvent, payload if wrapped else {"order": payload})


def is_adjusted(told: models.OrderEvent) -> bool:
    """Whether it is an order whose lines were changed."""
    return told.order_adjustment_metadata is not None or (told.event is not None and told.event.type in ADJUSTMENTS)


def to_order(payload: Any, connection: Connection[Any, Any]) -> Order:
    """Maps an order, in its event or bare.

    When it was placed and until when it has to be accepted is left open: only its arrival tells. Raises Quarantine.
    """
    told = payload if isinstance(payload, models.OrderEvent) else parse(payload)
    order, checks = told.order, list[Check]()
    store = connection.store(order.store.merchant_supplied_id if order.store else None)
    currency = _currency(order.currency, store.currency)
    items = lines(order.categories)
    taken_off = promotions(order)
    fulfillment, delivered_by = _how(order, checks)
    ready_at = optional_time(order.estimated_pickup_time, store.time_zone, "estimated_pickup_time", checks)
    return Order(
        id=connection.order_id(order.id),
        platform=connection.platform,
        connection_id=connection.id,
        channel=connection.platform,
        external_id=order.id,
        display_id=order.delivery_short_code,
        store_id=store.id,
        store_external_id=order.store.merchant_supplied_id if order.store else None,
        status=_status(told, checks),
        fulfillment=fulfillment,
        delivered_by=delivered_by,
        placed_at=optional_time(order.created_at, store.time_zone, "created_at", checks),
        scheduled_for=ready_at if order.is_scheduled else None,
        ready_at=ready_at,
        customer=_customer(order.consumer),
        address=_address(order),
        items=items,
        amounts=amounts(order, items, currency, taken_off.amount),
        discounts=list(taken_off.discounts),
        payment=Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0),
        notes=order.order_special_instructions or order.special_instructions,
        include_cutlery=order.is_plastic_ware_option_selected,
        brand=order.experience,
        is_test=connection.settings.environment == "sandbox",
        source=_source(told, taken_off, connection),
        checks=checks,
    )


def _status(told: models.OrderEvent, checks: list[Check]) -> Status:
    if is_adjusted(told):
        return ADJUSTED
    word = told.event.status if told.event else None
    if word is not None and word not in STATUSES:
        checks.append(Check(code=UNKNOWN_STATUS, message=f"DoorDash says that it is {word!r}"))
    return STATUSES.get(word or "", Status.INCOMING)


def _how(order: models.Order, checks: list[Check]) -> tuple[Fulfillment | None, DeliveredBy | None]:
    word = order.fulfillment_type
    if word is not None and word not in FULFILLMENTS:
        checks.append(Check(code=UNKNOWN_TYPE, message=f"DoorDash says that it is of type {word!r}"))
    by_flag = (None, None) if order.is_pickup is None else BY_PICKUP[order.is_pickup]
    return FULFILLMENTS.get(word or "", by_flag)


def _currency(told: str | None, of_store: str) -> str:
    """DoorDash names none so far: the store's. Raises Quarantine for one that ISO 4217 does not list."""
    if told is None:
        return of_store
    exponent(told.upper())
    return told.upper()


def _customer(theirs: models.Consumer | None) -> Customer | None:
    if theirs is None:
        return None
    name = joined([theirs.first_name, theirs.last_name], " ")
    return Customer(name=name, phone=theirs.phone, email=theirs.email, external_id=theirs.id)


def _address(order: models.Order) -> Address | None:
    place = order.delivery_address
    if place is None and order.address_instructions is None:
        return None
    place = place or models.Address()
    return Address(
        line1=place.street,
        line2=place.subpremise,
        city=place.city,
        region=place.state,
        postal_code=place.zip_code,
        country=place.country_code,
        lat=place.lat,
        lng=place.lng,
        instructions=place.address_instructions or order.address_instructions,
    )


def _source(told: models.OrderEvent, taken_off: Promotions, connection: Connection[Any, Any]) -> dict[str, str]:
    """What later calls need, and what has no place of its own. Amounts in cents."""
    order, metadata = told.order, told.order_adjustment_metadata
    snap = [item.snap_amount for category in order.categories for item in category.items if item.snap_amount]
    kept: Mapping[str, str | int | None] = {
        "provider_type": order.store.provider_type if order.store else None,
        "store_timezone": order.store.timezone if order.store else None,
        "store_order_cart_id": order.store_order_cart_id,
        "fulfillment_type": order.fulfillment_type,
        "commission_type": order.commission_type,
        "is_tax_remitted_by_doordash": _YES_NO.get(order.is_tax_remitted_by_doordash),
        "subtotal_for_tax": order.subtotal_for_tax,
        "subtotal_tax_amount": order.subtotal_tax_amount,
        "total_merchant_funded_discount_amount": order.total_merchant_funded_discount_amount,
        "promo_ids": joined(taken_off.ids, ","),
        "snap_amount": sum(snap) if snap else None,
        "adjustment_source": metadata.adjustment_source if metadata else None,
        "returns": "yes" if connection.settings.retail_returns else None,
    }
    return {name: str(value) for name, value in kept.items() if value is not None}
