"""From an order of the Order Fulfillment API 1.0.0 (v1) to ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderhub.order.models import (
    Address,
    Check,
    Courier,
    Customer,
    DeliveredBy,
    Order,
    StatusReason,
)
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, StoreRef
from orderhub.platforms.pieces import optional_time
from orderhub.platforms.uber_eats import money_v1
from orderhub.platforms.uber_eats.cart_v1 import CartReader
from orderhub.platforms.uber_eats.models_v1 import Customer as Person
from orderhub.platforms.uber_eats.models_v1 import Delivery, Eligibility, Location, OrderV1
from orderhub.platforms.uber_eats.money_v1 import Purse
from orderhub.platforms.uber_eats.pieces import (
    ADDRESS_INCOMPLETE,
    PARTS_MISSING,
    completed,
    drop_off,
    how,
    joined,
    reached,
    unknown_status,
    vehicle,
)
from orderhub.platforms.uber_eats.statuses import (
    FAILURES,
    PARTIES,
    PREPARING,
    READY_TO_GO,
    STATES_V1,
    WAITING_FOR_CUSTOMER,
)
from orderhub.platforms.uber_eats.times_v1 import is_scheduled, times_of

SCHEDULED, ACTIVE = "scheduled", "active"
"""Values of `Order.offer`: a scheduled order is offered when it is placed, and again when it becomes active."""


def to_order(order: OrderV1, connection: Connection[Any, Any]) -> Order:
    """Maps one order. Raises Quarantine."""
    checks: list[Check] = []
    store_id = order.store.id if order.store else None
    store = connection.store(store_id)
    purse = money_v1.purse_of(order, store.currency)
    items = cart_reader(order, purse, checks).lines(order.carts or [])
    times = times_of(order, store.time_zone, checks)
    fulfillment, delivered_by = how(order.fulfillment_type, checks)
    if order.carts is None or order.payment is None:
        checks.append(Check(code=PARTS_MISSING, message="Uber sent the order without its carts or its payment"))
    return Order(
        id=connection.order_id(order.id),
        platform=connection.platform,
        connection_id=connection.id,
        channel=connection.platform,
        external_id=order.id,
        display_id=order.display_id,
        store_id=store.id,
        store_external_id=store_id,
        status=_status(order, connection, checks),
        status_reason=_reason(order),
        fulfillment=fulfillment,
        delivered_by=delivered_by,
        customer=_customer(order),
        address=_address(order, delivered_by, checks),
        items=items,
        amounts=completed(money_v1.amounts(order, purse), items),
        discounts=money_v1.discounts(order, purse),
        payment=money_v1.payment(order, purse),
        notes=joined([order.store_instructions, *(cart.special_instructions for cart in order.carts or [])]),
        include_cutlery=_cutlery(order),
        courier=_courier(order, delivered_by, store, checks),
        is_test=connection.settings.environment == "sandbox",
        brand=order.ordering_platform,
        placed_at=times.placed_at,
        scheduled_for=times.scheduled_for,
        accept_by=times.accept_by,
        ready_at=times.ready_at,
        delivery_at=times.delivery_at,
        offer=SCHEDULED if is_scheduled(order) else ACTIVE,
        source=_source(order),
        checks=checks,
    )


def cart_reader(order: OrderV1, purse: Purse, checks: list[Check]) -> CartReader:
    """The reader of the order's carts."""
    detail = order.payment.payment_detail if order.payment else None
    prices = detail.item_charges.price_breakdown if detail and detail.item_charges else []
    people = {one.id: _name(one) for one in order.customers if one.id} if len(order.customers) > 1 else {}
    return CartReader(prices, purse, {key: name for key, name in people.items() if name}, checks)


# --- where it stands ------------------------------------------------------------------------------------------------


def _status(order: OrderV1, connection: Connection[Any, Any], checks: list[Check]) -> Status:
    status = STATES_V1.get(order.state or "")
    if status is None:
        checks.append(unknown_status(order.state))
        status = Status.COMPLETED if order.status == "COMPLETED" else Status.INCOMING
    if order.state == "FAILED":
        return _ending(order, checks)
    if order.preparation_status == WAITING_FOR_CUSTOMER:
        checks.append(
            Check(code="WAITING_FOR_CUSTOMER", message="the customer has yet to say what to do about an item")
        )
    if status is Status.ACCEPTED:
        status = _prepared(order, connection)
    return reached(status, [delivery.status for delivery in order.deliveries])


def _prepared(order: OrderV1, connection: Connection[Any, Any]) -> Status:
    if order.preparation_status in READY_TO_GO:
        return Status.READY
    ours = order.external_id == connection.order_id(order.id)
    return Status.BAGGING if ours and order.preparation_status == PREPARING else Status.ACCEPTED


def _ending(order: OrderV1, checks: list[Check]) -> Status:
    reason = order.failure_info.reason if order.failure_info else None
    if reason is not None and reason not in FAILURES:
        checks.append(unknown_status(f"FAILED with reason {reason}"))
    return FAILURES.get(reason or "", Status.CANCELLED)


def _reason(order: OrderV1) -> StatusReason | None:
    info = order.failure_info
    if info is None:
        return None
    party, paid = info.failure_attributed_to_party, info.will_merchant_be_paid
    told = [
        info.description,
        f"by {party}" if party else None,
        None if paid is None else f"the store is {'' if paid else 'not '}paid",
    ]
    return StatusReason(code=PARTIES.get(party or ""), details=joined(told, "; "), source_code=info.reason)


# --- who and where --------------------------------------------------------------------------------------------------


def _name(person: Person) -> str | None:
    name = person.name
    return (name.display_name or joined([name.first_name, name.last_name], " ")) if name else None


def _customer(order: OrderV1) -> Customer | None:
    if not order.customers:
        return None
    person = next((one for one in order.customers if one.is_primary_customer), order.customers[0])
    phone = person.contact.phone if person.contact else None
    return Customer(
        name=_name(person),
        phone=phone.number if phone else None,
        phone_code=phone.pin_code if phone else None,
        external_id=person.id,
        tax_number=next((profile.tax_id for profile in person.tax_profiles if profile.tax_id), None),
    )


def _address(order: OrderV1, delivered_by: DeliveredBy | None, checks: list[Check]) -> Address | None:
    delivery = order.deliveries[0] if order.deliveries else Delivery()
    instructions = drop_off(delivery.interaction_type, delivery.instructions)
    place = delivery.location
    if place is None and instructions is None:
        return None
    place = place or Location()
    address = Address(
        line1=place.street_address_line_one or place.client_provided_street_address_line_one,
        line2=joined([place.street_address_line_two, place.unit_number], ", "),
        city=place.city,
        postal_code=place.postal_code,
        country=place.country,
        lat=place.latitude,
        lng=place.longitude,
        company=place.business_name,
        instructions=instructions,
    )
    if delivered_by is DeliveredBy.STORE and address.line1 is None:
        checks.append(Check(code=ADDRESS_INCOMPLETE, message="Uber names no street, at most a Google place"))
    return address


def _courier(order: OrderV1, delivered_by: DeliveredBy | None, store: StoreRef, checks: list[Check]) -> Courier | None:
    if not order.deliveries:
        return None
    delivery = next((one for one in order.deliveries if one.delivery_partner), order.deliveries[0])
    partner = delivery.delivery_partner
    phone = partner.contact.phone if partner and partner.contact else None
    at = partner.current_location if partner else None
    ride = partner.vehicle if partner else None
    return Courier(
        name=partner.name.display_name if partner and partner.name else None,
        phone=phone.number if phone else None,
        vehicle=vehicle(ride.color, ride.make, ride.model, plate=ride.license_plate, kind=ride.type) if ride else None,
        status=delivery.status,
        eta=optional_time(delivery.estimated_pick_up_time, store.time_zone, "estimated_pick_up_time", checks),
        lat=at.latitude if at else None,
        lng=at.longitude if at else None,
        delivered_by=delivered_by,
    )


# --- the rest -------------------------------------------------------------------------------------------------------


def _cutlery(order: OrderV1) -> bool | None:
    told = [cart.include_single_use_items for cart in order.carts or [] if cart.include_single_use_items is not None]
    return any(told) if told else None


def _source(order: OrderV1) -> dict[str, str]:
    """What later calls need, and the names other systems have for this order and its store."""
    store, actions = order.store, order.eligible_actions
    place = order.deliveries[0].location if order.deliveries else None
    pins = (one.delivery_partner.contact for one in order.deliveries if one.delivery_partner)
    told: Mapping[str, str | None] = {
        **{one.type.lower(): one.value or one.id for one in (store.partner_identifiers if store else []) if one.type},
        "generation": "v1",
        "external_reference_id": order.external_id,
        "merchant_type": store.uber_merchant_type.type if store and store.uber_merchant_type else None,
        "cart_revision": joined((cart.revision_id for cart in order.carts or []), ","),
        "can_adjust_ready_time": _word(actions.adjust_ready_for_pickup_time) if actions else None,
        "can_mark_out_of_item": _word(actions.mark_out_of_item) if actions else None,
        "can_cancel": _word(actions.cancel) if actions else None,
        "google_place_id": place.location_type_value if place else None,
        "courier_phone_code": next((one.phone.pin_code for one in pins if one and one.phone), None),
        "courier_link": order.order_tracking_metadata.url if order.order_tracking_metadata else None,
        "failure_party": order.failure_info.failure_attributed_to_party if order.failure_info else None,
    }
    return {name: value for name, value in told.items() if value}


def _word(eligibility: Eligibility | None) -> str | None:
    if eligibility is None or eligibility.is_eligible is None:
        return None
    return "yes" if eligibility.is_eligible else "no"
