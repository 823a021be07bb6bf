"""From an order of the classic API (v2) to ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderhub.order.models import Address, Amounts, Check, Courier, Customer, DeliveredBy, Discount, Order
from orderhub.order.status import Status
from orderhub.platforms.base import Connection
from orderhub.platforms.pieces import optional_time
from orderhub.platforms.uber_eats.cart_v2 import CartReader, issues, minor
from orderhub.platforms.uber_eats.models_v2 import Delivery, Location, OrderV2, Vehicle
from orderhub.platforms.uber_eats.models_v2_cart import Charges, Money, Payment, Promotion
from orderhub.platforms.uber_eats.pieces import (
    ADDRESS_INCOMPLETE,
    PARTS_MISSING,
    cash_or_online,
    completed,
    drop_off,
    funder,
    how,
    joined,
    later,
    plus,
    reached,
    unknown_status,
    vehicle,
)
from orderhub.platforms.uber_eats.statuses import ACCEPT_WITHIN, STATES_V2

ACTIVE = "active"
"""The value of `Order.offer`: a v2 order is offered once."""


def to_order(order: OrderV2, connection: Connection[Any, Any]) -> Order:
    """Maps one order. Raises Quarantine."""
    checks = issues(order.cart)
    store_id = order.store.id if order.store else None
    store = connection.store(store_id)
    status = _status(order, checks)
    placed_at = optional_time(order.placed_at, store.time_zone, "placed_at", checks)
    fulfillment, delivered_by = how(order.type, checks)
    items = cart_reader(order).lines(order.cart)
    if order.cart is None or order.payment is None:
        checks.append(Check(code=PARTS_MISSING, message="Uber sent the order without its cart or its payment"))
    payment = order.payment or Payment()
    return Order(
        id=connection.order_id(order.id),
        platform=connection.platform,
        connection_id=connection.id,
        channel=connection.platform,
        external_id=order.id,
        display_id=order.display_id,
        store_id=store.id,
        store_external_id=store_id,
        status=status,
        fulfillment=fulfillment,
        delivered_by=delivered_by,
        placed_at=placed_at,
        accept_by=later(placed_at, ACCEPT_WITHIN) if status is Status.INCOMING else None,
        ready_at=optional_time(
            order.estimated_ready_for_pickup_at, store.time_zone, "estimated_ready_for_pickup_at", checks
        ),
        customer=_customer(order),
        address=_address(order, delivered_by, checks),
        items=items,
        amounts=completed(_amounts(payment, _currency(order) or store.currency), items),
        discounts=[found for one in _promotions(payment) for found in _discounts(one)],
        payment=cash_or_online(minor(payment.charges.cash_amount_due)) if payment.charges else None,
        notes=order.cart.special_instructions if order.cart else None,
        include_cutlery=_cutlery(order),
        courier=_courier(order, delivered_by, store.time_zone, checks),
        is_test=connection.settings.environment == "sandbox",
        brand=order.brand,
        offer=ACTIVE,
        source=_source(order),
        checks=checks,
    )


def cart_reader(order: OrderV2) -> CartReader:
    """The reader of the order's cart; lines of a group order say who they are for."""
    people = order.eaters if len(order.eaters) > 1 else []
    return CartReader({one.id: one.first_name for one in people if one.id and one.first_name})


def _status(order: OrderV2, checks: list[Check]) -> Status:
    status = STATES_V2.get(order.current_state or "")
    if status is None:
        checks.append(unknown_status(order.current_state))
        return Status.INCOMING
    return reached(status, [delivery.current_state for delivery in order.deliveries])


# --- money ----------------------------------------------------------------------------------------------------------


def _currency(order: OrderV2) -> str | None:
    charges = order.payment.charges if order.payment else None
    told: list[Money | None] = [charges.total, charges.sub_total] if charges else []
    prices = [item.price for item in order.cart.items if item.price] if order.cart else []
    told += [price.total_price for price in prices]
    return next((money.currency_code.upper() for money in told if money and money.currency_code), None)


def _amounts(payment: Payment, currency: str) -> Amounts:
    """The money as Uber tells it. Where promotions are told, total and tax are those after them.

    Where Uber remits tax by law, its total leaves that tax out.
    """
    charges = payment.charges or Charges()
    delivery, bag, service = map(minor, (charges.delivery_fee, charges.bag_fee, charges.pick_and_pack_fee))
    return Amounts(
        currency=currency,
        subtotal=minor(charges.sub_total),
        tax=minor(charges.tax_promo_applied or charges.tax),
        tax_included=_tax_included(payment),
        tax_remitted_by_platform=_remitted(payment),
        delivery_fee=delivery,
        bag_fee=bag,
        service_fee=service,
        other_fees=_other_fees(charges, plus([delivery, bag, service]) or 0),
        tip=minor(charges.tip),
        discount=_discount(payment),
        total=minor(charges.total_promo_applied or charges.total),
    )


def _other_fees(charges: Charges, named: int) -> int | None:
    """The small order fee, and whatever else is in the sum of all fees."""
    small, all_fees = minor(charges.small_order_fee), minor(charges.total_fee)
    rest = all_fees - named - (small or 0) if all_fees is not None else 0
    return plus([small, rest]) if rest > 0 else small


def _discount(payment: Payment) -> int | None:
    charges = payment.charges or Charges()
    before, after = minor(charges.sub_total), minor(charges.sub_total_promo_applied)
    if before is not None and after is not None:
        return abs(before - after)
    return plus(discount.amount for one in _promotions(payment) for discount in _discounts(one))


def _promotions(payment: Payment) -> list[Promotion]:
    return payment.promotions.promotions if payment.promotions else []


def _discounts(promotion: Promotion) -> list[Discount]:
    """One entry for each who pays for a part of it."""
    code, name = promotion.external_promotion_id or promotion.promotion_uuid, promotion.promo_type
    splits = [(split.funding_source, minor(split.amount_paid)) for split in promotion.promo_funding_splits]
    paid: list[tuple[str | None, int | None]] = [one for one in splits if one[1] is not None]
    if not paid:
        paid = [(splits[0][0] if splits else None, _saved(promotion))]
    return [
        Discount(code=code, name=name, amount=abs(amount) if amount is not None else None, funded_by=funder(source))
        for source, amount in paid
    ]


def _saved(promotion: Promotion) -> int | None:
    items = plus(minor(Money(amount=item.discount_amount_applied)) for item in promotion.discount_items)
    values = (promotion.promo_discount_value, promotion.promo_delivery_fee_value)
    return items or plus(minor(Money(amount=value)) for value in values)


def _remitted(payment: Payment) -> int | None:
    remittance = payment.accounting.tax_remittance if payment.accounting else None
    if remittance is None:
        return None
    parts = (remittance.tax, remittance.total_fee_tax, remittance.delivery_fee_tax, remittance.small_order_fee_tax)
    return plus(minor(payee.value) for part in parts if part for payee in part.uber)


def _tax_included(payment: Payment) -> bool | None:
    reporting = payment.accounting.tax_reporting if payment.accounting else None
    taxed = reporting.breakdown.items if reporting and reporting.breakdown else []
    told = {tax.is_inclusive for info in taxed for tax in info.taxes if tax.is_inclusive is not None}
    return told.pop() if len(told) == 1 else None


# --- who and where --------------------------------------------------------------------------------------------------


def _customer(order: OrderV2) -> Customer | None:
    eater = order.eater
    if eater is None:
        return None
    return Customer(
        name=joined([eater.first_name, eater.last_name], " "),
        phone=eater.phone,
        phone_code=eater.phone_code,
        external_id=eater.id or (order.eaters[0].id if order.eaters else None),
        tax_number=eater.corporate_tax_id_taiwan,
    )


def _address(order: OrderV2, delivered_by: DeliveredBy | None, checks: list[Check]) -> Address | None:
    delivery = order.eater.delivery if order.eater else None
    if delivery is None:
        return None
    place = delivery.location or Location()
    address = Address(
        line1=place.street_address or place.title,
        line2=place.unit_number,
        lat=place.latitude,
        lng=place.longitude,
        company=place.business_name,
        instructions=drop_off(delivery.type, delivery.notes),
    )
    if delivered_by is DeliveredBy.STORE and address.line1 is None:
        checks.append(Check(code=ADDRESS_INCOMPLETE, message="Uber names no street, at most a Google place"))
    return address


def _courier(order: OrderV2, delivered_by: DeliveredBy | None, zone: str, checks: list[Check]) -> Courier | None:
    if not order.deliveries:
        return None
    delivery = _shown(order)
    ride = delivery.vehicle or Vehicle()
    return Courier(
        name=delivery.first_name,
        phone=delivery.phone,
        vehicle=vehicle(ride.color, ride.make, ride.model, plate=ride.license_plate),
        status=delivery.current_state,
        eta=optional_time(delivery.estimated_pickup_time, zone, "estimated_pickup_time", checks),
        delivered_by=delivered_by,
    )


def _shown(order: OrderV2) -> Delivery:
    """Of several couriers the first with a name."""
    return next((one for one in order.deliveries if one.first_name), order.deliveries[0])


# --- the rest -------------------------------------------------------------------------------------------------------


def _cutlery(order: OrderV2) -> bool | None:
    items = order.packaging.disposable_items if order.packaging else None
    return items.should_include if items else None


def _source(order: OrderV2) -> dict[str, str]:
    """What later calls need, and the names other systems have for this order and its store."""
    store = order.store
    delivery = order.eater.delivery if order.eater else None
    told: Mapping[str, str | None] = {
        "generation": "v2",
        "external_reference_id": order.external_reference_id,
        "merchant_store_id": store.merchant_store_id if store else None,
        "integrator_store_id": store.integrator_store_id if store else None,
        "integrator_brand_id": store.integrator_brand_id if store else None,
        "google_place_id": delivery.location.google_place_id if delivery and delivery.location else None,
        "courier_phone_code": _shown(order).phone_code if order.deliveries else None,
    }
    return {name: value for name, value in told.items() if value}
