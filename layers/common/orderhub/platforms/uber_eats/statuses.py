"""Uber's words and ours, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from orderhub.order.models import DeliveredBy, Fulfillment
from orderhub.order.status import CancelReason, Status

# https://developer.uber.com/docs/eats/references/api/webhooks.orders-notification
ACCEPT_WITHIN = timedelta(minutes=11, seconds=30)
# A scheduled order is offered twice, each time for ten minutes: https://developer.uber.com/docs/eats/guides/webhooks
ACCEPT_SCHEDULED_WITHIN = timedelta(minutes=10)

# --- Order Fulfillment API 1.0.0 (v1): https://developer.uber.com/docs/eats/api/v1/get-delivery-order-orderid --------

STATES_V1: Mapping[str, Status] = {
    "CREATED": Status.INCOMING,
    "OFFERED": Status.INCOMING,
    "ACCEPTED": Status.ACCEPTED,
    "HANDED_OFF": Status.PICKED_UP,
    "SUCCEEDED": Status.COMPLETED,
    "FAILED": Status.CANCELLED,
}

# `failure_info.reason` of a FAILED order, where that is not cancelled.
FAILURES: Mapping[str, Status] = {
    "POS_DENIED": Status.DENIED,
    "ACCEPT_TIMED_OUT": Status.CANCELLED,
    "CANCELED": Status.CANCELLED,
    "DELIVERY_FAILED": Status.CANCELLED,
    "UNKNOWN": Status.CANCELLED,
}

# `preparation_status` of an ACCEPTED order. PREPARING is also what orders say that nobody has accepted: it is taken for
# the kitchen's word once the order carries our reference, which goes along when we accept.
READY_TO_GO = frozenset({"READY_FOR_HANDOFF", "READY_TO_HANDOFF"})
PREPARING = "PREPARING"
WAITING_FOR_CUSTOMER = "OUT_OF_ITEM_PENDING_CUSTOMER_RESPONSE"

# --- classic API (v2): https://developer.uber.com/docs/eats/references/api/v2/get-eats-order-orderid ------------------

STATES_V2: Mapping[str, Status] = {
    "CREATED": Status.INCOMING,
    "ACCEPTED": Status.ACCEPTED,
    "FINISHED": Status.COMPLETED,
    "CANCELED": Status.CANCELLED,
    "DENIED": Status.DENIED,
}

# --- both ---------------------------------------------------------------------------------------------------------

# Where a courier's status takes the order, in both generations and in delivery.state_changed. SCHEDULED,
# EN_ROUTE_TO_PICKUP, ARRIVED_AT_PICKUP and FAILED are about the courier alone.
COURIER_MOVES: Mapping[str, Status] = {
    "EN_ROUTE_TO_DROPOFF": Status.PICKED_UP,
    "ARRIVED_AT_DROPOFF": Status.PICKED_UP,
    "COMPLETED": Status.COMPLETED,
}

TYPES: Mapping[str, tuple[Fulfillment, DeliveredBy | None]] = {
    "DELIVERY_BY_UBER": (Fulfillment.DELIVERY, DeliveredBy.PLATFORM),
    "DELIVERY_BY_MERCHANT": (Fulfillment.DELIVERY, DeliveredBy.STORE),
    "DELIVERY_BY_RESTAURANT": (Fulfillment.DELIVERY, DeliveredBy.STORE),
    "PICKUP": (Fulfillment.PICKUP, None),
    "PICK_UP": (Fulfillment.PICKUP, None),
    "DINE_IN": (Fulfillment.DINE_IN, None),
}

INTERACTIONS: Mapping[str, str] = {
    "DOOR_TO_DOOR": "Door to door",
    "DELIVER_TO_DOOR": "Deliver to the door",
    "LEAVE_AT_DOOR": "Leave at the door",
    "CURBSIDE": "Meet at the curb",
}

# v1 fee id -> field of Amounts. A fee that is not listed counts as one of the other fees.
FEES_V1: Mapping[str, str] = {
    "DELIVERY_FEE": "delivery_fee",
    "BAG_FEE": "bag_fee",
    "PICK_AND_PACK_FEE": "service_fee",
    "SMALL_ORDER_FEE": "other_fees",
}

FUNDED_BY: Mapping[str, DeliveredBy] = {
    "MERCHANT": DeliveredBy.STORE,
    "RESTAURANT": DeliveredBy.STORE,
    "ORGANIZATION": DeliveredBy.STORE,
    "UBER": DeliveredBy.PLATFORM,
}

# `failure_attributed_to_party` that is a reason by itself.
PARTIES: Mapping[str, CancelReason] = {"CUSTOMER": CancelReason.CUSTOMER_REQUEST}

# --- why we deny or cancel -------------------------------------------------------------------------------------------

# v1: type of deny_reason and of cancellation_reason alike. KITCHEN_CLOSED is spelled in two ways by Uber itself.
REASONS_V1: Mapping[CancelReason, str] = {
    CancelReason.OUT_OF_STOCK: "ITEM_ISSUE",
    CancelReason.KITCHEN_CLOSED: "KITCHEN_CLOSED",
    CancelReason.EQUIPMENT_FAILURE: "TECHNICAL_FAILURE",
    CancelReason.STAFF_SHORTAGE: "RESTAURANT_TOO_BUSY",
    CancelReason.STORE_EMERGENCY: "STORE_CLOSED",
    CancelReason.CUSTOMER_REQUEST: "CUSTOMER_CALLED_TO_CANCEL",
    CancelReason.PAYMENT_ISSUE: "OTHER",
    CancelReason.DELIVERY_ADDRESS_ISSUE: "ADDRESS",
    CancelReason.PLATFORM_ERROR: "TECHNICAL_FAILURE",
    CancelReason.DUPLICATE_ORDER: "ORDER_VALIDATION",
    CancelReason.FRAUD_SUSPECTED: "ORDER_VALIDATION",
    CancelReason.WEATHER_RELATED: "OTHER",
    CancelReason.OTHER: "OTHER",
}
OTHER_SPELLING: Mapping[str, str] = {"KITCHEN_CLOSED": "KITCHENCLOSED"}

# https://developer.uber.com/docs/eats/references/api/v1/post-eats-order-orderid-denyposorder
DENY_V2: Mapping[CancelReason, str] = {
    CancelReason.OUT_OF_STOCK: "ITEM_AVAILABILITY",
    CancelReason.KITCHEN_CLOSED: "STORE_CLOSED",
    CancelReason.EQUIPMENT_FAILURE: "CAPACITY",
    CancelReason.STAFF_SHORTAGE: "CAPACITY",
    CancelReason.STORE_EMERGENCY: "STORE_CLOSED",
    CancelReason.CUSTOMER_REQUEST: "OTHER",
    CancelReason.PAYMENT_ISSUE: "OTHER",
    CancelReason.DELIVERY_ADDRESS_ISSUE: "ADDRESS",
    CancelReason.PLATFORM_ERROR: "OTHER",
    CancelReason.DUPLICATE_ORDER: "OTHER",
    CancelReason.FRAUD_SUSPECTED: "OTHER",
    CancelReason.WEATHER_RELATED: "OTHER",
    CancelReason.OTHER: "OTHER",
}

# https://developer.uber.com/docs/eats/references/api/v1/post-eats-orders-orderid-cancel
CANCEL_V2: Mapping[CancelReason, str] = {
    CancelReason.OUT_OF_STOCK: "OUT_OF_ITEMS",
    CancelReason.KITCHEN_CLOSED: "KITCHEN_CLOSED",
    CancelReason.EQUIPMENT_FAILURE: "OTHER",
    CancelReason.STAFF_SHORTAGE: "RESTAURANT_TOO_BUSY",
    CancelReason.STORE_EMERGENCY: "KITCHEN_CLOSED",
    CancelReason.CUSTOMER_REQUEST: "CUSTOMER_CALLED_TO_CANCEL",
    CancelReason.PAYMENT_ISSUE: "OTHER",
    CancelReason.DELIVERY_ADDRESS_ISSUE: "OTHER",
    CancelReason.PLATFORM_ERROR: "OTHER",
    CancelReason.DUPLICATE_ORDER: "OTHER",
    CancelReason.FRAUD_SUSPECTED: "OTHER",
    CancelReason.WEATHER_RELATED: "OTHER",
    CancelReason.OTHER: "OTHER",
}
