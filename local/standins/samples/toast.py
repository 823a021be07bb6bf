"""Toast orders and webhook bodies, with values of our own.

Field names follow Toast's orders API 2.9.0: https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Order
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import compact, identity, later, merged, moment, utc
from local.standins.samples.toast_parts import check, curbside, delivery, reference, written

STORE_ID = identity("toast-store", 1)
CLIENT_ID = "demo-toast-client"
OWN_PREFIX = "hub-"
"""How the externalId begins of orders that the demo's API client has placed."""

DINING_OPTIONS: dict[str, dict[str, Any]] = {
    name: {
        "guid": identity("toast-dining-option", name),
        "entityType": "DiningOption",
        "externalId": None,
        "name": name.replace("_", " ").title(),
        "behavior": behavior,
        "curbside": name == "CURBSIDE",
    }
    for name, behavior in (
        ("DINE_IN", "DINE_IN"),
        ("TAKE_OUT", "TAKE_OUT"),
        ("DELIVERY", "DELIVERY"),
        ("CURBSIDE", "TAKE_OUT"),
    )
}
PRE_MODIFIERS: dict[str, dict[str, Any]] = {
    name: {"guid": identity("toast-pre-modifier", name), "entityType": "PreModifier", "name": name, "displayMode": mode}
    for name, mode in (("NO", "PREFIX"), ("EXTRA", "PREFIX"), ("ON THE SIDE", "POSTFIX"))
}

# What Toast leaves out of the copy of an order in a webhook.
_GUEST = ("firstName", "lastName", "phone", "email")
_ADDRESS = ("address1", "address2", "city", "state", "zipCode")

wire = compact


def restaurant(guid: str = STORE_ID) -> dict[str, Any]:
    """A restaurant as `GET /restaurants/v1/restaurants/{guid}` answers it."""
    return {
        "guid": guid,
        "general": {
            "name": kitchen.STORE_NAME,
            "locationName": "Loop",
            "timeZone": "America/New_York",
            "currencyCode": kitchen.CURRENCY,
            "closeoutHour": 4,
        },
    }


def order(
    n: int, *, placed_at: datetime | None = None, kind: str = "DELIVERY", own: bool = False, **overrides: Any
) -> dict[str, Any]:
    """Order `n` with its restaurant: `{"restaurantGuid", "order"}`, the order as `GET /orders/v2/orders/{guid}` has it.

    kind: DELIVERY, TAKE_OUT, CURBSIDE or DINE_IN. own: placed by our own API client, and paid elsewhere. overrides
    replace fields of the order; `placed_at` defaults to now.
    """
    placed = moment(placed_at)
    body: dict[str, Any] = {
        "guid": identity("toast-order", n),
        "entityType": "Order",
        "externalId": f"{OWN_PREFIX}{n}" if own else None,
        "displayNumber": str(n % 500 + 1),
        "source": "API" if own else "Online",
        "businessDate": int(f"{placed:%Y%m%d}"),
        "openedDate": written(placed),
        "createdDate": written(placed),
        "modifiedDate": written(placed),
        "promisedDate": None,
        "estimatedFulfillmentDate": written(later(placed, 20)),
        "requiredPrepTime": "PT20M",
        "paidDate": written(placed),
        "closedDate": None,
        "deletedDate": "1970-01-01T00:00:00.000+0000",
        "voidDate": None,
        "approvalStatus": "NEEDS_APPROVAL",
        "voided": False,
        "deleted": False,
        "excessFood": False,
        "createdInTestMode": False,
        "numberOfGuests": 1 + n % 4,
        "table": {"guid": identity("toast-table", n % 9), "entityType": "Table"} if kind == "DINE_IN" else None,
        "diningOption": reference(DINING_OPTIONS[kind]["guid"], "DiningOption"),
        "deliveryInfo": delivery(n) if kind == "DELIVERY" else None,
        "curbsidePickupInfo": curbside(n) if kind == "CURBSIDE" else None,
        "appliedPackagingInfo": None,
        "checks": [check(n, placed, kind, own=own)],
        "pricingFeatures": ["TAXESV2"],
    }
    return {"restaurantGuid": STORE_ID, "order": merged(body, overrides)}


def notification(
    category: str,
    order: Mapping[str, Any],
    *,
    event_id: str | None = None,
    at: datetime | None = None,
    status: str = "READY_FOR_PICKUP",
) -> dict[str, Any]:
    """The webhook body about an order in its wrapper. status: what a guest_order_status tells."""
    inner = order["order"]
    event_type = "guestOrderStatusUpdated" if category == "guest_order_status" else category
    event = event_id or identity("toast-event", f"{event_type}:{inner['guid']}:{inner['modifiedDate']}:{status}")
    details: dict[str, Any] = {
        "restaurantGuid": order["restaurantGuid"],
        "order": without_guest(inner),
        "appliedPackagingInfo": None,
    }
    if category == "guest_order_status":
        details = {
            "eventGuid": event,
            "orderGuid": inner["guid"],
            "restaurantGuid": order["restaurantGuid"],
            "guestOrderStatus": status,
            "lastUpdated": utc(moment(at)),
            "version": 1,
        }
    return {
        "timestamp": utc(at or datetime.now(UTC)),
        "eventCategory": category,
        "eventType": event_type,
        "guid": event,
        "details": details,
    }


def without_guest(order: Mapping[str, Any]) -> dict[str, Any]:
    """The copy of an order that a webhook carries."""
    told = {**copy.deepcopy(dict(order)), "externalId": None}
    for one in told["checks"]:
        if one["customer"]:
            one["customer"] = {name: value for name, value in one["customer"].items() if name not in _GUEST}
    if told["deliveryInfo"]:
        told["deliveryInfo"] = {name: value for name, value in told["deliveryInfo"].items() if name not in _ADDRESS}
    return told


def headers(category: str, restaurant_guid: str = STORE_ID) -> dict[str, str]:
    """The headers of a webhook request apart from its signature."""
    return {
        "Content-Type": "application/json",
        "Toast-Attempt-Number": "1",
        "Toast-Event-Category": category,
        "Toast-Event-Type": "guestOrderStatusUpdated" if category == "guest_order_status" else category,
        "Toast-Restaurant-External-ID": restaurant_guid,
    }
