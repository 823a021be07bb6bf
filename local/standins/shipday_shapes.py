"""A delivery in the four shapes in which Shipday shows one, each with names of its own.

https://docs.shipday.com/reference/retrieve-order-details
https://docs.shipday.com/reference/delivery-orders-query
https://docs.shipday.com/reference/order-status-update-2
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.standins.vendor import Json

COMPANY = {"id": 7, "name": "Corner Kitchen", "address": "1 Kitchen Row, Chicago, IL 60601, USA", "currency_code": 840}
TRACKING = "https://tracking.example.com/t/"
# Of a webhook -> of a query; both by the name of the time here.
TIMES = {
    "assigned": ("assigned_time", "assignedTime"),
    "start": ("start_time", "startTime"),
    "pickedup": ("pickedup_time", "pickedupTime"),
    "arrived": ("arrived_time", "arrivedTime"),
    "delivery": ("delivery_time", "deliveryTime"),
    "failed": ("failed_delivery_time", "failedDeliveryTime"),
}


def details(order: Json, carrier: Json | None) -> Json:
    """As GET /orders and GET /orders/{orderNumber} show it. Naive times are UTC."""
    told, times = order["body"], order["times"]
    return {
        "orderId": order["orderId"],
        "orderNumber": told["orderNumber"],
        "companyId": COMPANY["id"],
        "customer": {
            "name": told["customerName"],
            "address": told["customerAddress"],
            "phoneNumber": told["customerPhoneNumber"],
            "emailAddress": told.get("customerEmail"),
        },
        "restaurant": {"name": told["restaurantName"], "address": told["restaurantAddress"]},
        "assignedCarrier": carrier,
        "assignedCarrierId": -1,
        "activityLog": {
            "placementTime": _iso(times["placement"]).removesuffix("Z"),
            "expectedPickupTime": told.get("expectedPickupTime", "")[:5] or None,
            "expectedDeliveryDate": told.get("expectedDeliveryDate"),
            "expectedDeliveryTime": told.get("expectedDeliveryTime", "")[:5] or None,
        },
        "costing": {"totalCost": told.get("totalOrderCost", 0), "tip": told.get("tips", 0)},
        "paymentMethod": told.get("paymentMethod", "").upper() or None,
        "orderItems": told.get("orderItem", []),
        "orderStatus": {
            "incomplete": order["status"] == "INCOMPLETE",
            "accepted": order["status"] not in ("NOT_ASSIGNED", "NOT_ACCEPTED"),
            "orderState": order["status"],
        },
        "trackingLink": f"{TRACKING}{order['orderId']}",
        "schedule": False,
        "parentId": order["parentId"],
        "etaTime": "",
    }


def row(order: Json, carrier: Json | None) -> Json:
    """As POST /orders/query shows it: `orderItem` looks like JSON and is none."""
    told, times = order["body"], order["times"]
    items = ",".join(f"{{quantity:{one['quantity']},name:{one['name']}}}" for one in told.get("orderItem", []))
    return {
        "orderId": order["orderId"],
        "orderNumber": told["orderNumber"],
        "companyId": COMPANY["id"],
        "orderItem": f"[{items}]",
        "placementTime": _iso(times["placement"]),
        **{theirs: _iso(times.get(name)) for name, (_, theirs) in TIMES.items()},
        "orderSource": told.get("orderSource", ""),
        "additionalId": told.get("additionalId", ""),
        "incomplete": order["status"] == "INCOMPLETE",
        "orderTotal": told.get("totalOrderCost", 0),
        "tip": told.get("tips", 0),
        "discount": told.get("discountAmount", 0),
        "carrier": _driver(carrier, "vehiclePlateNumber", "vehicleDescription") | {"status": "0"} if carrier else None,
        "status": order["status"],
    }


def event(order: Json, name: str, status: str, carrier: Json | None, at: int) -> Json:
    """As a webhook tells it. What was not reached is 0; whoever comes on demand is not in `carrier`."""
    told, service = order["body"], order["service"]
    body: Json = {
        "timestamp": at,
        "event": name,
        "order_status": status,
        "order": {
            "id": order["orderId"],
            "order_number": told["orderNumber"],
            "provider": "",
            "order_item": "[]",
            "delivery_note": told.get("deliveryInstruction", ""),
            "order_source": told.get("orderSource", "NOT PROVIDED"),
            "auto_assignment_status": order["auto"],
            "parent_id": order["parentId"],
            "order_sequence_number": 0,
            "total_cost": told.get("totalOrderCost", 0),
            "delivery_fee": told.get("deliveryFee", 0),
            "predefined_tip": told.get("tips", 0),
            "cash_tip": 0,
            "discount_amount": told.get("discountAmount", 0),
            "tax": told.get("tax", 0),
            "eta": order["eta"] or "",
            "placement_time": order["times"]["placement"],
            **{theirs: order["times"].get(time, 0) for time, (theirs, _) in TIMES.items()},
            **({"podUrls": order["proof"]} if order["proof"] else {}),
        },
        "company": COMPANY,
        "delivery_details": {"name": told["customerName"], "address": told["customerAddress"]},
        "pickup_details": {"name": told["restaurantName"], "address": told["restaurantAddress"]},
        "trackingUrl": f"{TRACKING}{order['orderId']}",
    }
    if carrier is not None:
        body["carrier"] = _driver(carrier, "plate_number", "vehicle_description") | {"status": "ONLINE"}
    if service is not None:
        body["thirdPartyDeliveryOrder"] = {"orderId": order["orderId"], **service}
    return body


def _driver(carrier: Json, plate: str, vehicle: str) -> Json:
    named = {name: carrier.get(name) for name in ("id", "name", "email")}
    return {**named, "phone": carrier.get("phoneNumber"), plate: "HUB 417", vehicle: "Grey van"}


def milliseconds(at: datetime) -> int:
    """Unix time as Shipday writes it."""
    return round(at.timestamp() * 1000)


def _iso(at: Any) -> Any:
    """Milliseconds as ISO 8601; None for what was not reached."""
    if not at:
        return None
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
