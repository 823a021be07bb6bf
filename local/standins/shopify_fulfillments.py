"""Mutations of fulfillment orders and fulfillments.

https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local.standins.samples import shopify as samples
from local.standins.samples.kitchen import utc
from local.standins.samples.shopify_lines import gid
from local.standins.shopify_shop import Shop, allows, number_of, problem
from local.standins.vendor import Json

MOST_LINES = 512
"""Fulfillment order lines in one call."""


def create_fulfillment(shop: Shop, arguments: Json) -> Json:
    """Fulfil lines of fulfillment orders of one order; an entry without lines takes all that remains."""
    fulfillment = arguments["fulfillment"]
    asked, errors = _asked(shop, fulfillment["lineItemsByFulfillmentOrder"])
    if errors:
        return {"fulfillment": None, "userErrors": errors}
    order = shop.orders[number_of(asked[0][0]["orderId"])]
    number = len(order["fulfillments"]) + 1
    entry = samples.fulfillment(order, number=number, at=shop.clock())
    taken = {number_of(line["lineItem"]["id"]): quantity for _, lines in asked for line, quantity in lines}
    entry["line_items"] = [
        {**line, "quantity": taken[line["id"]]} for line in entry["line_items"] if line["id"] in taken
    ]
    entry |= _tracking(fulfillment.get("trackingInfo") or {})
    for routed, lines in asked:
        for line, quantity in lines:
            line["remainingQuantity"] -= quantity
        _settle(shop, routed)
    order["fulfillments"].append(entry)
    shop.fulfilled[entry["id"]] = order["id"]
    _show_progress(shop, order)
    return {"fulfillment": shop.show_fulfillment(entry, order), "userErrors": []}


def _asked(shop: Shop, entries: list[Json]) -> tuple[list[tuple[Json, list[tuple[Json, int]]]], list[Json]]:
    """The fulfillment orders and lines of a call with their quantities, and what is wrong with it."""
    asked: list[tuple[Json, list[tuple[Json, int]]]] = []
    for position, entry in enumerate(entries):
        path = ("fulfillment", "lineItemsByFulfillmentOrder", str(position))
        routed = shop.fulfillment_orders.get(entry["fulfillmentOrderId"])
        if routed is None:
            return [], [problem("Fulfillment order does not exist.", *path, "fulfillmentOrderId")]
        if not allows(routed, "CREATE_FULFILLMENT"):
            told = f"Fulfillment order has status {routed['status']} and cannot be fulfilled."
            return [], [problem(told, *path, "fulfillmentOrderId")]
        known = {line["id"]: line for line in routed["lineItems"]["nodes"]}
        wanted = entry.get("fulfillmentOrderLineItems") or [
            {"id": line["id"], "quantity": line["remainingQuantity"]}
            for line in known.values()
            if line["remainingQuantity"]
        ]
        if any(not 0 < line["quantity"] <= _remaining(known, line["id"]) for line in wanted):
            return [], [problem("Invalid fulfillment order line item quantity requested.", *path)]
        asked.append((routed, [(known[line["id"]], line["quantity"]) for line in wanted]))
    if not asked or sum(len(lines) for _, lines in asked) > MOST_LINES:
        return [], [problem("From 1 to 512 lines can be fulfilled in a call.", "fulfillment")]
    if len({routed["orderId"] for routed, _ in asked}) > 1:
        return [], [problem("All fulfillment orders must be of one order.", "fulfillment")]
    return asked, []


def _remaining(known: Mapping[str, Json], line_id: str) -> int:
    return int(known[line_id]["remainingQuantity"]) if line_id in known else 0


def _tracking(info: Mapping[str, Any]) -> Json:
    numbers = info.get("numbers") or ([info["number"]] if info.get("number") else [])
    urls = info.get("urls") or ([info["url"]] if info.get("url") else [])
    return {
        "tracking_company": info.get("company"),
        "tracking_numbers": numbers,
        "tracking_number": numbers[0] if numbers else None,
        "tracking_urls": urls,
        "tracking_url": urls[0] if urls else None,
    }


def _settle(shop: Shop, routed: Json) -> None:
    """A fulfillment order is CLOSED once nothing remains of it."""
    lines = routed["lineItems"]["nodes"]
    remaining = sum(line["remainingQuantity"] for line in lines)
    whole = remaining == sum(line["totalQuantity"] for line in lines)
    routed["status"] = "OPEN" if whole else "IN_PROGRESS" if remaining else "CLOSED"
    routed["updatedAt"] = utc(shop.clock())


def _show_progress(shop: Shop, order: Json) -> None:
    """Write what is fulfilled of an order into its REST body."""
    remaining = {
        number_of(line["lineItem"]["id"]): line["remainingQuantity"]
        for routed in shop.routed(order["id"])
        for line in routed["lineItems"]["nodes"]
    }
    for line in order["line_items"]:
        left = remaining.get(line["id"], line["fulfillable_quantity"])
        states = {0: "fulfilled", line["current_quantity"]: None}
        line |= {"fulfillable_quantity": left, "fulfillment_status": states.get(left, "partial")}
    lines = {line["fulfillment_status"] for line in order["line_items"]}
    order["fulfillment_status"] = lines.pop() if len(lines) == 1 else "partial"
    shop.touch(order)


def cancel_fulfillment(shop: Shop, arguments: Json) -> Json:
    """Undo a fulfillment: what it took can be fulfilled again."""
    found = shop.fulfillment(arguments["id"])
    if found is None or found[0]["status"] == "cancelled":
        return {"fulfillment": None, "userErrors": [problem("Fulfillment not found.", "id")]}
    entry, order = found
    entry |= {"status": "cancelled", "updated_at": shop.now()}
    given_back = {line["id"]: line["quantity"] for line in entry["line_items"]}
    for routed in shop.routed(order["id"]):
        for line in routed["lineItems"]["nodes"]:
            line["remainingQuantity"] += given_back.get(number_of(line["lineItem"]["id"]), 0)
        _settle(shop, routed)
    _show_progress(shop, order)
    return {"fulfillment": shop.show_fulfillment(entry, order), "userErrors": []}


def update_tracking(shop: Shop, arguments: Json) -> Json:
    """Replace the tracking of a fulfillment."""
    found = shop.fulfillment(arguments["fulfillmentId"])
    if found is None:
        return {"fulfillment": None, "userErrors": [problem("Fulfillment does not exist.", "fulfillmentId")]}
    entry, order = found
    entry |= _tracking(arguments["trackingInfoInput"]) | {"updated_at": shop.now()}
    shop.touch(order)
    return {"fulfillment": shop.show_fulfillment(entry, order), "userErrors": []}


def create_event(shop: Shop, arguments: Json) -> Json:
    """Something happened to a shipment; it shows as the fulfillment's shipment status."""
    told_event = arguments["fulfillmentEvent"]
    found = shop.fulfillment(told_event["fulfillmentId"])
    if found is None:
        told = problem("Fulfillment does not exist.", "fulfillmentEvent", "fulfillmentId")
        return {"fulfillmentEvent": None, "userErrors": [told]}
    entry, order = found
    now = utc(shop.clock())
    names = ("status", "message", "latitude", "longitude", "estimatedDeliveryAt")
    event: Json = {
        "id": gid("FulfillmentEvent", shop.next_number()),
        "createdAt": now,
        "happenedAt": told_event.get("happenedAt") or now,
        **{name: told_event.get(name) for name in names},
    }
    shop.events.setdefault(entry["id"], []).append(event)
    entry |= {"shipment_status": event["status"].lower(), "updated_at": shop.now()}
    shop.touch(order)
    return {"fulfillmentEvent": event, "userErrors": []}


def prepare_for_pickup(shop: Shop, arguments: Json) -> Json:
    """The goods wait for the customer: only for orders to be picked up, and once."""
    ids = [entry["fulfillmentOrderId"] for entry in arguments["input"]["lineItemsByFulfillmentOrder"]]
    path = ("input", "lineItemsByFulfillmentOrder")
    for global_id in ids:
        routed = shop.fulfillment_orders.get(global_id)
        pickup = routed is not None and routed["deliveryMethod"]["methodType"] == "PICK_UP"
        if routed is None or not pickup or not allows(routed, "CREATE_FULFILLMENT"):
            told = "Invalid fulfillment order."
            return {"userErrors": [problem(told, *path, code="FULFILLMENT_ORDER_INVALID")]}
        if global_id in shop.prepared:
            told = "No line items to prepare for this fulfillment order."
            return {"userErrors": [problem(told, *path, code="NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER")]}
    for global_id in ids:
        shop.prepared.add(global_id)
        routed = shop.fulfillment_orders[global_id]
        routed["status"] = "IN_PROGRESS"
        shop.touch(shop.orders[number_of(routed["orderId"])])
    return {"userErrors": []}


def hold(shop: Shop, arguments: Json) -> Json:
    """Keep a fulfillment order from being fulfilled."""
    routed = shop.fulfillment_orders.get(arguments["id"])
    if routed is None or not allows(routed, "HOLD"):
        code = "FULFILLMENT_ORDER_NOT_FOUND" if routed is None else "TAKEN"
        told = problem("The fulfillment order cannot be held.", "id", code=code)
        return {"fulfillmentHold": None, "fulfillmentOrder": None, "userErrors": [told]}
    held = {
        "id": gid("FulfillmentHold", shop.next_number()),
        "reason": arguments["fulfillmentHold"]["reason"],
        "reasonNotes": arguments["fulfillmentHold"].get("reasonNotes"),
    }
    routed |= {"status": "ON_HOLD", "fulfillmentHolds": [held]}
    return {"fulfillmentHold": held, "fulfillmentOrder": shop.show_routed(routed), "userErrors": []}


def release_hold(shop: Shop, arguments: Json) -> Json:
    """End a hold."""
    routed = shop.fulfillment_orders.get(arguments["id"])
    if routed is None or routed["status"] != "ON_HOLD":
        told = problem("The fulfillment order is not on hold.", "id", code="FULFILLMENT_ORDER_NOT_FOUND")
        return {"fulfillmentOrder": None, "userErrors": [told]}
    routed["fulfillmentHolds"] = []
    _settle(shop, routed)
    return {"fulfillmentOrder": shop.show_routed(routed), "userErrors": []}


FULFILLMENT_MUTATIONS: Mapping[str, Callable[[Shop, Json], Json]] = {
    "fulfillmentCancel": cancel_fulfillment,
    "fulfillmentCreate": create_fulfillment,
    "fulfillmentEventCreate": create_event,
    "fulfillmentOrderHold": hold,
    "fulfillmentOrderLineItemsPreparedForPickup": prepare_for_pickup,
    "fulfillmentOrderReleaseHold": release_hold,
    "fulfillmentTrackingInfoUpdate": update_tracking,
}
