"""DoorDash's words and ours, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from orderhub.order.models import DeliveredBy, Fulfillment
from orderhub.order.status import CancelReason, Status

# https://developer.doordash.com/en-US/docs/marketplace/how_to/order_integration: 3 to 8 minutes, varying by order.
ACCEPT_WITHIN = timedelta(minutes=3)

# `event.status` of a new order.
STATUSES: Mapping[str, Status] = {"NEW": Status.INCOMING}

# https://developer.doordash.com/en-US/docs/marketplace/how_to/integrated_order_updates: only orders that were confirmed
# can be adjusted.
ADJUSTED = Status.ACCEPTED

# `delivery.dasher_status`: where it takes the order. The words that are not here are about the Dasher alone:
# dasher_confirmed, arriving_at_store (400 m away), arrived_at_store.
DASHER_MOVES: Mapping[str, Status] = {
    "dasher_out_for_delivery": Status.PICKED_UP,
    "dropoff": Status.COMPLETED,
}

# https://developer.doordash.com/en-US/api/marketplace (Order); mx_delivery is in the sample of a self-delivery order.
FULFILLMENTS: Mapping[str, tuple[Fulfillment, DeliveredBy | None]] = {
    "dx_delivery": (Fulfillment.DELIVERY, DeliveredBy.PLATFORM),
    "pickup": (Fulfillment.PICKUP, None),
    "mx_fleet_delivery": (Fulfillment.DELIVERY, DeliveredBy.STORE),
    "mx_delivery": (Fulfillment.DELIVERY, DeliveredBy.STORE),
}
# By `is_pickup`, which DoorDash's own sample gets wrong: for orders without a fulfillment_type.
BY_PICKUP: Mapping[bool, tuple[Fulfillment, DeliveredBy | None]] = {
    True: (Fulfillment.PICKUP, None),
    False: (Fulfillment.DELIVERY, None),
}

# `custom_fee[].type` -> field of Amounts. A fee that is not listed counts as one of the other fees.
FEES: Mapping[str, str] = {"BAG_FEE": "bag_fee"}

# `subtotal_discount_funding_source`, in use until 2026-04-30.
FUNDED_BY: Mapping[str, DeliveredBy] = {"MERCHANT": DeliveredBy.STORE, "DOORDASH": DeliveredBy.PLATFORM}

# --- why we deny: code of errors[], and the failure_reason DoorDash asks for, where it asks for one -----------------
# https://developer.doordash.com/en-US/docs/marketplace/how_to/order_integration

_CLOSED = "Store Unavailable - Closed or Remodel"

DENIALS: Mapping[CancelReason, tuple[str, str | None]] = {
    CancelReason.OUT_OF_STOCK: ("ITEM_OUT_OF_STOCK", None),
    CancelReason.KITCHEN_CLOSED: ("STORE_CLOSED", _CLOSED),
    CancelReason.EQUIPMENT_FAILURE: ("STORE_TEMP_CLOSED", _CLOSED),
    CancelReason.STAFF_SHORTAGE: ("CAPACITY_THROTTLING", None),
    CancelReason.STORE_EMERGENCY: ("STORE_TEMP_CLOSED", _CLOSED),
    CancelReason.CUSTOMER_REQUEST: ("OTHER", None),
    CancelReason.PAYMENT_ISSUE: ("OTHER", None),
    CancelReason.DELIVERY_ADDRESS_ISSUE: ("INVALID_ADDRESS", None),
    CancelReason.PLATFORM_ERROR: ("CONNECTIVITY_ISSUE", "Store Unavailable - Connectivity Issue"),
    CancelReason.DUPLICATE_ORDER: ("INVALID_ORDER", None),
    CancelReason.FRAUD_SUSPECTED: ("INVALID_ORDER", None),
    CancelReason.WEATHER_RELATED: ("WEATHER_ISSUES", None),
    CancelReason.OTHER: ("OTHER", None),
}

# --- why we cancel ----------------------------------------------------------------------------------------------------
# https://developer.doordash.com/en-US/docs/marketplace/how_to/merchant_order_cancellation: two of DoorDash's reasons
# switch the store off, so they are sent for nothing but what staff chose that means just that.

CANCEL_OTHER = "OTHER"
CANCELS: Mapping[CancelReason, str] = {
    CancelReason.OUT_OF_STOCK: "ITEM_OUT_OF_STOCK",
    CancelReason.KITCHEN_CLOSED: "STORE_CLOSED",
    CancelReason.STAFF_SHORTAGE: "KITCHEN_BUSY",
}
SWITCHES_OFF: Mapping[CancelReason, str] = {
    CancelReason.KITCHEN_CLOSED: "DoorDash switches the store off for 12 hours",
    CancelReason.STAFF_SHORTAGE: "DoorDash switches the store off for 15 minutes",
}

# https://developer.doordash.com/en-US/docs/marketplace/how_to/store_and_item_status: why a store is paused. The two
# that close a store for good, out_of_business and delete_store, are nothing that a pause may send.
PAUSED = "store_self_disabled_in_their_POS_portal"
PAUSES = frozenset({"operational_issues", "payment_issue", PAUSED, "store_pos_connectivity_issues"})

# https://developer.doordash.com/en-US/docs/marketplace/retail/orders/features/order_returns
RETURN_OTHER = "other"
RETURNS = frozenset(
    {
        "incorrect_item_received",
        "dashmart_only_item_not_found",
        "incorrect_size_or_weight",
        "incorrect_quantity",
        "sub_not_satisfactory",
        "item_not_received",
        "missing_item",
        "incorrect_size",
        "poorly_packaged_or_handled",
        "shopped_item_not_fresh",
        "did_not_meet_expectations",
        RETURN_OTHER,
    }
)
