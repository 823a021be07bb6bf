"""What a Toast order is made of: its check with lines, charges and payment, and how it is handed over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import Line, Option, identity

DELIVERY_FEE = 349
"""Cents."""
BAG_FEE = 25
"""Cents, on what is taken out."""


def written(at: datetime) -> str:
    """A time as Toast writes it: the offset without a colon."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def item_guid(sku: str) -> str:
    """The menu item of a dish or option."""
    return identity("toast-item", sku)


def dollars(cents: int) -> float:
    """Cents as Toast's JSON has them."""
    return round(cents / 100, 2)


def reference(guid: str, kind: str) -> dict[str, Any]:
    """A reference to something configured."""
    return {"guid": guid, "entityType": kind, "externalId": None}


def check(n: int, placed: datetime, kind: str, *, own: bool) -> dict[str, Any]:
    """The one check of order `n`; kind as of the order."""
    lines, off = kitchen.basket(n), kitchen.discount(n)
    net = sum(line.total for line in lines) - off
    charges = [_charge("Delivery Fee", DELIVERY_FEE, delivery=True)] if kind == "DELIVERY" else []
    charges += [_charge("Bag Fee", BAG_FEE, takeout=True)] if kind in ("TAKE_OUT", "CURBSIDE") else []
    amount = dollars(net) + sum(charge["chargeAmount"] for charge in charges)
    tax = dollars(kitchen.tax_on(net))
    person = kitchen.customer(n)
    return {
        "guid": identity("toast-check", n),
        "entityType": "Check",
        "externalId": None,
        "displayNumber": str(n % 500 + 1),
        "tabName": None,
        "taxExempt": False,
        "voided": False,
        "deleted": False,
        "paymentStatus": "PAID",
        "amount": round(amount, 2),
        "taxAmount": tax,
        "totalAmount": round(amount + tax, 2),
        "selections": [_selection(n, index, line, off if index == 0 else 0) for index, line in enumerate(lines)],
        "appliedDiscounts": [_discount(n, off)] if off else [],
        "appliedServiceCharges": charges,
        "payments": [_payment(n, placed, round(amount + tax, 2), own=own)],
        "customer": {
            "guid": identity("toast-customer", person.email),
            "entityType": "Customer",
            "firstName": person.first_name,
            "lastName": person.last_name,
            "phone": person.phone.removeprefix("+1"),
            "email": person.email,
        },
        "openedDate": written(placed),
        "createdDate": written(placed),
        "closedDate": None,
        "modifiedDate": written(placed),
    }


def _selection(n: int, index: int, line: Line, off: int) -> dict[str, Any]:
    name = f"{line.dish.name} ({line.dish.variation})"
    body = _line(f"{n}:{index}", line.dish.sku, name, line.quantity, line.dish.price)
    body["preDiscountPrice"], body["price"] = dollars(line.total), dollars(line.total - off)
    body["tax"] = dollars(kitchen.tax_on(line.total - off))
    body["modifiers"] = [
        _modifier(f"{n}:{index}:{position}", option, quantity * line.quantity)
        for position, (option, quantity) in enumerate(line.choices)
    ]
    if line.note:
        wish = _line(f"{n}:{index}:note", "", line.note, line.quantity, 0)
        body["modifiers"].append({**wish, "item": None, "selectionType": "SPECIAL_REQUEST"})
    return body


def _modifier(key: str, option: Option, quantity: int) -> dict[str, Any]:
    body = _line(key, option.sku, option.name, quantity, option.price)
    return {**body, "optionGroup": reference(identity("toast-option-group", option.sku), "MenuOptionGroup")}


def _line(key: str, sku: str, name: str, quantity: int, cents: int) -> dict[str, Any]:
    """A selection without modifiers. quantity: of a modifier, for all units of what it is on."""
    return {
        "guid": identity("toast-selection", key),
        "entityType": "MenuItemSelection",
        "externalId": None,
        "item": {**reference(item_guid(sku), "MenuItem"), "multiLocationId": None},
        "plu": sku or None,
        "optionGroup": None,
        "preModifier": None,
        "displayName": name,
        "quantity": quantity,
        "unitOfMeasure": "NONE",
        "receiptLinePrice": dollars(cents),
        "preDiscountPrice": dollars(cents * quantity),
        "price": dollars(cents * quantity),
        "tax": 0,
        "voided": False,
        "deferred": False,
        "selectionType": "NONE",
        "fulfillmentStatus": "NEW",
        "taxInclusion": "NOT_INCLUDED",
        "appliedTaxes": [],
        "appliedDiscounts": [],
        "modifiers": [],
        "seatNumber": -1,
    }


def _discount(n: int, off: int) -> dict[str, Any]:
    return {
        "guid": identity("toast-discount", n),
        "entityType": "AppliedCustomDiscount",
        "name": "Welcome",
        "discountAmount": dollars(off),
        "processingState": "APPLIED",
        "loyaltyDetails": None,
        "appliedPromoCode": "WELCOME3",
    }


def _charge(name: str, cents: int, *, delivery: bool = False, takeout: bool = False) -> dict[str, Any]:
    return {
        "guid": identity("toast-charge", name),
        "entityType": "AppliedServiceCharge",
        "name": name,
        "chargeAmount": dollars(cents),
        "chargeType": "FIXED",
        "delivery": delivery,
        "takeout": takeout,
        "dineIn": False,
        "gratuity": False,
        "taxable": False,
        "serviceChargeCategory": "SERVICE_CHARGE",
    }


def _payment(n: int, placed: datetime, amount: float, *, own: bool) -> dict[str, Any]:
    return {
        "guid": identity("toast-payment", n),
        "entityType": "OrderPayment",
        "type": "OTHER" if own else "CREDIT",
        "paymentStatus": None if own else "AUTHORIZED",
        "amount": amount,
        "tipAmount": dollars(kitchen.tip(n)),
        "cardType": None if own else "VISA",
        "last4Digits": None if own else "1111",
        "refundStatus": "NONE",
        "refund": None,
        "voidInfo": None,
        "paidDate": written(placed),
    }


def delivery(n: int) -> dict[str, Any]:
    """Where order `n` goes."""
    person = kitchen.customer(n)
    return {
        "address1": person.street,
        "address2": person.unit,
        "city": person.city,
        "state": person.region,
        "zipCode": person.postal_code,
        "latitude": person.latitude,
        "longitude": person.longitude,
        "notes": "The grey door" if n % 4 == 1 else "",
        "deliveredDate": None,
        "dispatchedDate": None,
        "deliveryEmployee": None,
        "deliveryState": "PENDING",
    }


def curbside(n: int) -> dict[str, Any]:
    """The car that order `n` is brought to."""
    return {
        "guid": identity("toast-curbside", n),
        "entityType": "CurbsidePickup",
        "transportDescription": "Hatchback",
        "transportColor": "red",
        "notes": f"Bay {1 + n % 6}",
    }
