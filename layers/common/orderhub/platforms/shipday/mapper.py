"""An order as Shipday has it: the bodies of its insert and its edit, which call the same things differently.

https://docs.shipday.com/reference/insert-delivery-order
https://docs.shipday.com/reference/edit-order
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from orderhub.errors import Misconfigured, Reject
from orderhub.order.models import Address, Amounts, Order, Payment, PaymentMethod
from orderhub.platforms.pieces import joined
from orderhub.platforms.shipday.config import ShipdayConnection, ShipdaySettings
from orderhub.platforms.shipday.lines import lines_of, major, major_text
from orderhub.platforms.shipday.plain import plain, told
from orderhub.platforms.targets import Delivery

Body = dict[str, Any]

NAMELESS = "Customer"
_LONGEST_LOCAL = 10  # digits of a telephone number without its calling code


def insert(delivery: Delivery, connection: ShipdayConnection) -> Body:
    """The body of an insert. Raises Reject for an order without an address or a telephone number to call.

    Raises Misconfigured when the store has no address.
    """
    order, settings = delivery.order, connection.settings
    body = {
        "orderNumber": delivery.number,
        "additionalId": order.id,
        "orderSource": source_of(order, settings),
        **_customer(delivery, settings),
        **_pickup(delivery, settings),
        "orderItem": lines_of(order.items, order.amounts.currency),
        **_sums(order.amounts),
        **_times(order, settings),
        "paymentMethod": _payment(order.payment),
        "isCatering": settings.catering or None,
    }
    return told(body)


def edit(delivery: Delivery, connection: ShipdayConnection, shipday_id: int) -> Body:
    """The body of an edit, which replaces the order: by the names of the insert, and by those of its own.

    Its page renames six fields and wants the e-mail address; Shipday's own client sends the names of the insert.
    Raises as `insert`.
    """
    body = insert(delivery, connection)
    amounts = delivery.order.amounts
    also = {
        "orderId": shipday_id,
        "orderNo": body["orderNumber"],
        "orderItems": body.get("orderItem"),
        "tip": body.get("tips"),
        "totalCost": None if amounts.total is None else major_text(amounts.total, amounts.currency),
    }
    return {"customerEmail": "", **body, **{name: value for name, value in also.items() if value is not None}}


def source_of(order: Order, settings: ShipdaySettings) -> str:
    """Whose order it is, at Shipday: the hub's, and of which channel."""
    return f"{settings.source_name}:{order.channel}"


def one_line(address: Address) -> str:
    """Street, unit, city, state, zip and country."""
    parts = (address.line1, address.line2, address.city, address.region, address.postal_code, address.country)
    return ", ".join(filter(None, map(plain, parts)))


def _customer(delivery: Delivery, settings: ShipdaySettings) -> Body:
    order = delivery.order
    address = order.address
    if address is None or not one_line(address):
        raise Reject("ADDRESS_MISSING", "the order has no address to deliver to")
    person = order.customer
    phone = phone_of(person.phone if person else None, settings) or phone_of(delivery.pickup.phone, settings)
    if phone is None:
        raise Reject("PHONE_MISSING", "Shipday wants a telephone number; neither the customer nor the store has one")
    return {
        "customerName": plain(person.name if person else None) or NAMELESS,
        "customerPhoneNumber": phone,
        "customerEmail": person.email if person else None,
        "customerAddress": one_line(address),
        "dropoff": {"address": _parts(address)},
        **_place("delivery", address),
        "deliveryInstruction": _instructions(order),
    }


def _pickup(delivery: Delivery, settings: ShipdaySettings) -> Body:
    pickup = delivery.pickup
    if pickup.address is None or not one_line(pickup.address) or not plain(pickup.name):
        raise Misconfigured("Shipday needs the name and the address of the store that the order is fetched from")
    return {
        "restaurantName": pickup.name,
        "restaurantPhoneNumber": phone_of(pickup.phone, settings),
        "restaurantAddress": one_line(pickup.address),
        "pickup": {"address": _parts(pickup.address)},
        **_place("pickup", pickup.address),
        "pickupInstruction": settings.pickup_instructions,
        "clientRestaurantId": settings.branches.get(delivery.order.store_id),
    }


def _parts(address: Address) -> Body:
    return {
        "unit": address.line2,
        "street": address.line1,
        "city": address.city,
        "state": address.region,
        "zip": address.postal_code,
        "country": address.country,
    }


def _place(which: str, address: Address) -> Body:
    """Both coordinates or none."""
    if address.lat is None or address.lng is None:
        return {}
    return {f"{which}Latitude": address.lat, f"{which}Longitude": address.lng}


def _instructions(order: Order) -> str | None:
    """What the driver has to know at the door: the unit, how to find it, the code behind an anonymised number."""
    address, code = order.address, order.customer.phone_code if order.customer else None
    said = (
        address.line2 if address else None,
        address.instructions if address else None,
        f"Phone code: {code}" if code else None,
    )
    return joined((plain(one).rstrip(".") for one in said if one), ". ")


def phone_of(phone: str | None, settings: ShipdaySettings) -> str | None:
    """A telephone number as couriers take it: with a plus and the calling code, where that is known."""
    kept = re.sub(r"[^\d+]", "", phone or "")
    digits = kept.replace("+", "")
    if not digits:
        return None
    if kept.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    code = settings.calling_code
    if not code:
        return digits
    has_code = digits.startswith(code) and len(digits) > _LONGEST_LOCAL
    return f"+{digits}" if has_code else f"+{code}{digits.lstrip('0')}"


def _sums(amounts: Amounts) -> Body:
    tip = amounts.driver_tip if amounts.driver_tip is not None else amounts.tip
    sums = {
        "totalOrderCost": amounts.total,
        "deliveryFee": amounts.delivery_fee,
        "tips": tip,
        "tax": amounts.tax,
        "discountAmount": amounts.discount,
    }
    return {name: major(minor, amounts.currency) for name, minor in sums.items() if minor is not None}


def _payment(payment: Payment | None) -> str | None:
    """Cash where the driver has to collect it, else `credit_card`; nothing when nobody says how it is paid."""
    if payment is None or (payment.method is None and payment.prepaid is None):
        return None
    is_paid = payment.prepaid or payment.amount_due == 0
    return "cash" if payment.method is PaymentMethod.CASH and not is_paid else "credit_card"


def pickup_time(order: Order) -> datetime | None:
    """When it can be fetched."""
    return order.ready_at


def delivery_time(order: Order, settings: ShipdaySettings) -> datetime | None:
    """When the customer expects it: as promised, as chosen, else the usual time after it is ready."""
    told_at = order.delivery_at or order.scheduled_for
    if told_at is None and order.ready_at is not None and settings.delivery_minutes is not None:
        return order.ready_at + timedelta(minutes=settings.delivery_minutes)
    return told_at


def _times(order: Order, settings: ShipdaySettings) -> Body:
    """UTC, and one date for both times: across midnight the pickup is not told."""
    fetched, brought = pickup_time(order), delivery_time(order, settings)
    dated = brought or fetched
    if dated is None:
        return {}
    date = dated.astimezone(UTC).date()
    told_pickup = fetched is not None and fetched.astimezone(UTC).date() == date
    return {
        "expectedDeliveryDate": date.isoformat(),
        "expectedPickupTime": _clock(fetched) if told_pickup else None,
        "expectedDeliveryTime": _clock(brought),
    }


def _clock(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%H:%M:%S") if at is not None else None
