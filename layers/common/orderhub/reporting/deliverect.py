"""Messages in the shape of Deliverect's reporting webhooks, for receivers that were written for those.

https://developers.deliverect.com/reference/reporting-webhooks. A receiver tells the three kinds apart by their keys: a
new order has `_id` and `items`; an update of the status has `orderId`, `status` and `timeStamp`; one of the courier has
`orderId` and `courier`. Amounts are in minor units, with `decimalDigits`. What receivers calculate with is always
there.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.events import Actor, Event
from orderhub.order.models import (
    Address,
    Courier,
    Customer,
    DeliveredBy,
    Discount,
    Fulfillment,
    Item,
    Order,
    Payment,
    PaymentMethod,
)
from orderhub.order.money import exponent
from orderhub.order.status import Status
from orderhub.order.times import business_date, sortable
from orderhub.reporting.catalogue import EventType
from orderhub.reporting.subscription import DeliverectOptions

_GENERIC_TILL = 10000
_SCHEDULED, _CANCELLED_BY_CHANNEL = 25, 100
# https://developers.deliverect.com/page/order-status
CODES: dict[Status, int] = {
    Status.INCOMING: 2,
    Status.ACCEPTED: 20,
    Status.BAGGING: 50,
    Status.READY: 70,
    Status.PICKED_UP: 80,
    Status.COMPLETED: 90,
    Status.CANCELLED: 110,
    Status.DENIED: 35,
}
ORDER_TYPES: dict[Fulfillment, int] = {
    Fulfillment.PICKUP: 1,
    Fulfillment.DELIVERY: 2,
    Fulfillment.SHIPPING: 2,
    Fulfillment.DINE_IN: 3,
    Fulfillment.CURBSIDE: 4,
}
# How it is paid, and whether it is paid already -> the number of the payment.
PAYMENTS: dict[tuple[PaymentMethod, bool], int] = {
    (PaymentMethod.CARD, True): 0,
    (PaymentMethod.CARD, False): 4,
    (PaymentMethod.CASH, True): 1,
    (PaymentMethod.CASH, False): 1,
    (PaymentMethod.ONLINE, True): 3,
    (PaymentMethod.ONLINE, False): 3,
    (PaymentMethod.WALLET, True): 3,
    (PaymentMethod.WALLET, False): 3,
    (PaymentMethod.VOUCHER, True): 7,
    (PaymentMethod.VOUCHER, False): 6,
    (PaymentMethod.OTHER, True): 9,
    (PaymentMethod.OTHER, False): 9,
}
_ONLINE, _ON_DELIVERY = 3, 2
# A courier's status is the delivery platform's own word: what it says is told by the words in it, the first that fits.
COURIERS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("cancel",), 115),
    (("fail",), 115),
    (("undeliver",), 115),
    (("deliver", "ed"), 90),
    (("complet",), 90),
    (("dropped",), 90),
    (("arriv", "drop"), 89),
    (("arriv", "customer"), 89),
    (("route", "drop"), 87),
    (("route", "customer"), 87),
    (("arriving",), 84),
    (("arriv",), 85),
    (("almost",), 84),
    (("near",), 84),
    (("route", "pick"), 83),
    (("to_pickup",), 83),
    (("start",), 83),
    (("pick", "up"), 80),
    (("transit",), 80),
    (("in_delivery",), 80),
    (("assign",), 81),
    (("accept",), 81),
    (("confirm",), 81),
    (("creat",), 81),
)
_BY_STATUS = {Status.PICKED_UP: 80, Status.COMPLETED: 90}
_DELIVERY_CREATED = 81
_FROM_CHANNEL, _FROM_FLEET = 2, 6
_SOURCES = {Actor.STAFF: 7, Actor.SYSTEM: 5}


def deliverect_message(
    kind: EventType, event: Event, order: Order, status: Status, options: DeliverectOptions, time_zone: str
) -> dict[str, Any] | None:
    """One event as Deliverect would tell it; None for what it would not.

    status: of the order after the event; time_zone: of the store.
    """
    if order.duplicate_of is not None:
        return None  # it is told as it came from its marketplace directly
    match kind:
        case EventType.ORDER_CREATED:
            late = options.new_order_at == "accepted" and status is Status.INCOMING
            return None if late else _new_order(event, order, status, options, time_zone)
        case EventType.ORDER_STATUS_CHANGED:
            return _moved(event, order, status, options, time_zone)
        case EventType.ORDER_COURIER_UPDATED | EventType.DELIVERY_UPDATED:
            return _courier_update(event, order, status)
        case _:
            return None


def _moved(
    event: Event, order: Order, status: Status, options: DeliverectOptions, time_zone: str
) -> dict[str, Any] | None:
    by_store = event.cause.actor is Actor.STAFF
    if status is Status.CANCELLED and not by_store:  # the channel voids it: the order comes once more, as such
        return _new_order(event, order, status, options, time_zone)
    if options.new_order_at == "accepted" and status is Status.ACCEPTED:
        return _new_order(event, order, status, options, time_zone)
    return _status_update(event, order, status)


# --- the three kinds --------------------------------------------------------------------------------------------------


def _status_update(event: Event, order: Order, status: Status) -> dict[str, Any]:
    return {
        "orderId": order.id,
        "status": CODES[status],
        "timeStamp": sortable(event.at),
        "reason": _reason(order) if status in (Status.CANCELLED, Status.DENIED) else "",
        "channelOrderId": order.external_id,
        "location": order.store_id,
        "channelLink": order.connection_id,
        "receiptId": "",
    }


def _courier_update(event: Event, order: Order, status: Status) -> dict[str, Any]:
    courier = order.courier or Courier()
    return {
        "received": sortable(event.at),
        "orderId": order.id,
        "rawDriverUpdate": [],
        "updatedOrigin": _FROM_FLEET if _is_ours(order) else _FROM_CHANNEL,
        "courier": {**_courier(order), "status": courier_code(courier.status, status)},
        "pickupTime": _time(order.ready_at, order),
        "deliveryTime": _time(courier.eta or order.delivery_at, order),
        "location": order.store_id,
    }


def _new_order(
    event: Event, order: Order, status: Status, options: DeliverectOptions, time_zone: str
) -> dict[str, Any]:
    return {
        "_created": sortable(order.created_at or event.at),
        "_updated": sortable(event.at),
        "_id": order.id,
        "account": options.account,
        "channelOrderId": order.external_id,
        "channelOrderDisplayId": order.display_id or order.external_id[-12:],
        "channelOrderKey": "",
        "channelOrderRawId": "",
        "posId": "",
        "posReceiptId": "",
        "posLocationId": order.store_external_id or "",
        "location": order.store_id,
        "channelLink": order.connection_id,
        "channel": options.channel,
        "channelName": order.channel,
        "pos": _GENERIC_TILL,
        "by": "",
        "status": _code(order, status, event),
        "statusHistory": _history(order, status, event),
        "orderType": ORDER_TYPES[order.fulfillment or Fulfillment.PICKUP],
        **_when(order, time_zone),
        **_people(order),
        **_money(order),
        "note": order.notes or "",
        "items": [_item(line, number) for number, line in enumerate(order.items)],
        "numberOfCustomers": (order.reservation and order.reservation.party_size) or 1,
        "packaging": {"includeCutlery": bool(order.include_cutlery)},
        "table": (order.reservation and order.reservation.table) or "",
        "tags": [order.brand] if order.brand else [],
        "brandId": order.brand or "",
        "testOrder": order.is_test,
        "rating": [],
        "recent": True,
        "resolvedBy": "",
    }


# --- parts of a new order ---------------------------------------------------------------------------------------------


def _code(order: Order, status: Status, event: Event) -> int:
    if status is Status.CANCELLED and event.cause.actor is not Actor.STAFF:
        return _CANCELLED_BY_CHANNEL
    if status is Status.INCOMING and order.scheduled_for is not None:
        return _SCHEDULED
    return CODES[status]


def _history(order: Order, status: Status, event: Event) -> list[dict[str, Any]]:
    """When the order got to each status, up to the one that is told."""
    earlier = sorted((at, one) for one, at in order.times.items() if one is not status and at <= event.at)
    rows = [{"timeStamp": sortable(at), "status": CODES[one], "response": "", "source": 5} for at, one in earlier]
    last = {"timeStamp": sortable(event.at), "status": _code(order, status, event), "response": ""}
    return [*rows, {**last, "source": _SOURCES.get(event.cause.actor, 2)}]


def _when(order: Order, time_zone: str) -> dict[str, Any]:
    placed = order.placed_at or order.created_at
    local = business_date(placed, time_zone) if placed is not None else None
    return {
        "pickupTime": _time(order.ready_at or order.scheduled_for, order),
        "deliveryTime": _time(order.delivery_at or order.scheduled_for or order.ready_at, order),
        "deliveryIsAsap": order.scheduled_for is None,
        "placedTime": _time(order.placed_at, order),
        "date": int(f"{local:%Y%m%d}") if local is not None else 0,
        "timezone": time_zone,
    }


def _time(at: datetime | None, order: Order) -> str:
    """A time; when the order came where there is none, for receivers read it."""
    known = at or order.placed_at or order.created_at
    return sortable(known) if known is not None else ""


def _people(order: Order) -> dict[str, Any]:
    customer = order.customer or Customer()
    told = {
        "courier": _courier(order),
        "courierUpdateHistory": [],
        "customer": {
            "name": customer.name or "",
            "companyName": (order.address and order.address.company) or "",
            "phoneNumber": customer.phone or "",
            "phoneAccessCode": customer.phone_code or "",
            "email": customer.email or "",
            "note": "",
            "tin": customer.tax_number or "",
        },
    }
    return told if order.address is None else {**told, "deliveryAddress": _address(order.address)}


def _address(address: Address) -> dict[str, Any]:
    extra = ", ".join(part for part in (address.line2, address.instructions) if part)
    told: dict[str, Any] = {
        "street": address.line1 or "",
        "streetNumber": "",
        "postalCode": address.postal_code or "",
        "area": address.region or "",
        "city": address.city or "",
        "country": address.country or "",
        "extraAddressInfo": extra,
    }
    if address.lat is not None and address.lng is not None:
        told["coordinates"] = {"coordinates": [address.lng, address.lat]}  # in this order, as GeoJSON has it
    return told


def _courier(order: Order) -> dict[str, str]:
    courier = order.courier or Courier()
    first, _, last = (courier.name or "").partition(" ")
    return {
        "firstName": first,
        "lastName": last,
        "phoneNumber": courier.phone or "",
        "deliveryBy": "restaurant" if _is_ours(order) else order.channel,
    }


def _is_ours(order: Order) -> bool:
    return DeliveredBy.STORE in (order.delivered_by, order.courier.delivered_by if order.courier else None)


def courier_code(word: str | None, status: Status) -> int:
    """The number of what a courier does. word: the delivery platform's; status: the order's, when that says nothing."""
    said = (word or "").lower().replace("-", "_").replace(" ", "_")
    for parts, code in COURIERS:
        if all(part in said for part in parts):
            return code
    return _BY_STATUS.get(status, _DELIVERY_CREATED)


def _money(order: Order) -> dict[str, Any]:
    amounts, payment = order.amounts, order.payment or Payment()
    prepaid = payment.prepaid is not False
    return {
        "currency": amounts.currency,
        "decimalDigits": _digits(amounts.currency),
        "orderIsAlreadyPaid": prepaid,
        "payment": {
            "amount": amounts.total or 0,
            "type": _payment_type(payment, prepaid=prepaid),
            "due": payment.amount_due or 0,
            "rebate": 0,
            "commissionType": "",
        },
        "taxes": [{"taxClassId": 0, "name": "tax", "total": amounts.tax}] if amounts.tax else [],
        "taxTotal": amounts.tax or 0,
        "taxRemitted": amounts.tax_remitted_by_platform or 0,
        "deliveryCost": amounts.delivery_fee or 0,
        "deliveryCostTax": 0,
        "serviceCharge": sum(one or 0 for one in (amounts.service_fee, amounts.other_fees, amounts.deposit)),
        "serviceChargeTax": 0,
        "bagFee": amounts.bag_fee or 0,
        "tip": amounts.tip or 0,
        "driverTip": amounts.driver_tip or 0,
        "discountTotal": -(amounts.discount or 0),
        "discounts": [_discount(one, number) for number, one in enumerate(order.discounts, start=1)],
    }


def _digits(currency: str) -> int:
    try:
        return exponent(currency)
    except Quarantine:
        return 2


def _payment_type(payment: Payment, *, prepaid: bool) -> int:
    if payment.method is None:
        return _ONLINE if prepaid else _ON_DELIVERY
    return PAYMENTS[payment.method, prepaid]


def _discount(discount: Discount, number: int) -> dict[str, Any]:
    return {
        "type": "order_flat_off",
        "provider": "channel" if discount.funded_by is DeliveredBy.PLATFORM else "restaurant",
        "name": discount.name or discount.code or "",
        "channelDiscountCode": discount.code or "",
        "referenceId": str(number),
        "value": discount.amount or 0,
        "amount": discount.amount or 0,
    }


def _item(line: Item, number: int, *, product_type: int = 1) -> dict[str, Any]:
    """A line, or a modifier: its quantity is for one of its parent here as well."""
    return {
        "plu": line.sku or line.external_id or "",
        "name": line.name,
        "price": line.unit_price or 0,
        "quantity": _quantity(line.quantity),
        "remark": line.notes or "",
        "productType": product_type,
        "isCombo": False,
        "inBundle": False,
        "sortOrder": number,
        "productTags": [],
        "subItems": [_item(one, place, product_type=2) for place, one in enumerate(line.modifiers)],
    }


def _quantity(quantity: Decimal) -> int | float:
    return int(quantity) if quantity == quantity.to_integral_value() else float(quantity)


def _reason(order: Order) -> str:
    reason = order.status_reason
    if reason is None:
        return ""
    return reason.details or (reason.code.value if reason.code is not None else "") or reason.source_code or ""
