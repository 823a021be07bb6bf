"""Petpooja's words and ours, as tables.

The Online Ordering API 2.1.0 is described at https://onlineorderingapisv210.docs.apiary.io/; that of bills only to
those who have been given keys, so the words of bills are those that real bills carry.
"""

from __future__ import annotations

from collections.abc import Mapping

from orderhub.order.models import DeliveredBy, Fulfillment, PaymentMethod
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.base import Operation

# --- orders of ordering apps -----------------------------------------------------------------------------------------

# `status` of a callback: text. What a -1 ends may not have been accepted yet; the word does not tell.
CODES: Mapping[str, Status] = {
    "1": Status.ACCEPTED,
    "2": Status.ACCEPTED,
    "3": Status.ACCEPTED,
    "5": Status.READY,
    "4": Status.PICKED_UP,
    "10": Status.COMPLETED,
    "-1": Status.CANCELLED,
}
CANCELLED = "-1"

# What an ordering app is told.
TOLD: Mapping[Operation, str] = {
    Operation.ACCEPT: "1",
    Operation.READY: "5",
    Operation.PICKED_UP: "4",
    Operation.COMPLETE: "10",
    Operation.DENY: CANCELLED,
    Operation.CANCEL: CANCELLED,
}

# `status` of rider_status_update. rider-assigned and rider-arrived are about the rider alone.
RIDER_MOVES: Mapping[str, Status] = {"pickedup": Status.PICKED_UP, "delivered": Status.COMPLETED}

ORDER_TYPES: Mapping[str, Fulfillment] = {
    "H": Fulfillment.DELIVERY,
    "P": Fulfillment.PICKUP,
    "D": Fulfillment.DINE_IN,
}

# `enable_delivery`
RIDERS: Mapping[bool, DeliveredBy] = {False: DeliveredBy.PLATFORM, True: DeliveredBy.STORE}

# `payment_type`: how, and whether it is paid. CREDIT is on the customer's account: who has it paid, nobody says.
ORDER_PAYMENTS: Mapping[str, tuple[PaymentMethod, bool | None]] = {
    "COD": (PaymentMethod.CASH, False),
    "CARD": (PaymentMethod.CARD, True),
    "ONLINE": (PaymentMethod.ONLINE, True),
    "CREDIT": (PaymentMethod.OTHER, None),
    "OTHER": (PaymentMethod.OTHER, None),
}

# --- bills -----------------------------------------------------------------------------------------------------------

COMPLIMENTARY = "complimentary"
BILL_STATUSES: Mapping[str, Status] = {
    "success": Status.COMPLETED,
    "cancelled": Status.CANCELLED,
    COMPLIMENTARY: Status.COMPLETED,
}

# In lower case and without blanks.
BILL_TYPES: Mapping[str, Fulfillment] = {
    "delivery": Fulfillment.DELIVERY,
    "dinein": Fulfillment.DINE_IN,
    "pickup": Fulfillment.PICKUP,
    "takeaway": Fulfillment.PICKUP,
}

# A bill is printed before its rider has the cash: only what was paid online is surely paid.
BILL_PAYMENTS: Mapping[str, tuple[PaymentMethod, bool | None]] = {
    "cash": (PaymentMethod.CASH, None),
    "card": (PaymentMethod.CARD, None),
    "online": (PaymentMethod.ONLINE, True),
    "other": (PaymentMethod.OTHER, None),
    "partpayment": (PaymentMethod.OTHER, None),
}

# `order_from` of orders that were taken at the till itself; any other word is the marketplace.
TILL = frozenset({"", "pos"})

# --- why we deny or cancel: free text; the vendor has no list --------------------------------------------------------

REASONS: Mapping[CancelReason, str] = {
    CancelReason.OUT_OF_STOCK: "Items are out of stock",
    CancelReason.KITCHEN_CLOSED: "The kitchen is closed",
    CancelReason.EQUIPMENT_FAILURE: "The kitchen's equipment has failed",
    CancelReason.STAFF_SHORTAGE: "The restaurant is too busy",
    CancelReason.STORE_EMERGENCY: "The restaurant had to close",
    CancelReason.CUSTOMER_REQUEST: "The customer asked for it",
    CancelReason.PAYMENT_ISSUE: "There is a problem with the payment",
    CancelReason.DELIVERY_ADDRESS_ISSUE: "The address cannot be delivered to",
    CancelReason.PLATFORM_ERROR: "A technical problem",
    CancelReason.DUPLICATE_ORDER: "The order came twice",
    CancelReason.FRAUD_SUSPECTED: "The order could not be verified",
    CancelReason.WEATHER_RELATED: "The weather does not allow it",
    CancelReason.OTHER: "Cancelled by the restaurant",
}
