"""The orders DoorDash holds, and what a store may do to them.

Each action takes the order, the body sent and the present moment, and answers or raises `Refused`. Errors have no body:
DoorDash documents none, except for returns. https://developer.doordash.com/en-US/api/marketplace
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from werkzeug.wrappers import Response

from local.standins.samples import kitchen
from local.standins.vendor import Json, Refused, answer

ERRORS = frozenset(
    {
        "INVALID_ORDER",
        "ITEM_OUT_OF_STOCK",
        "STORE_HOURS_ISSUE",
        "INTERNAL_ERROR",
        "OTHER",
        "CONNECTIVITY_ISSUE",
        "TIME_OUT",
        "STORE_CLOSED",
        "STORE_CLOSED_EARLY",
        "POS_OFFLINE",
        "CAPACITY_THROTTLING",
        "STALE_PICKUP_TIME",
        "ORDER_ONLINE_DISABLED",
        "INVALID_ADDRESS",
        "STORE_RENOVATION",
        "STORE_TEMP_CLOSED",
        "WEATHER_ISSUES",
    }
)
"""Codes of the errors that go with a failed confirmation."""

CANCELLATIONS: Mapping[str, timedelta | None] = {
    "ITEM_OUT_OF_STOCK": None,
    "STORE_CLOSED": timedelta(hours=12),
    "KITCHEN_BUSY": timedelta(minutes=15),
    "OTHER": None,
}
"""Why a store may cancel, and for how long that switches it off."""

LONGEST_INSTRUCTIONS = 128


@dataclass
class HeldOrder:
    """An order as DoorDash has it. phase: new, confirmed, failed or cancelled. told: what the store said of it."""

    body: Json
    came_at: datetime
    phase: str = "new"
    told: Json = field(default_factory=dict)

    def shown(self) -> Json:
        """The order, and what became of it."""
        return {**self.body, "phase": self.phase, **self.told}

    def expire(self, now: datetime, within: timedelta) -> None:
        """Fail the order if nobody confirmed it in time."""
        if self.phase == "new" and now >= self.came_at + within:
            self.phase = "failed"

    def lines(self) -> list[Json]:
        """The lines, out of their categories."""
        return [item for category in self.body["categories"] for item in category["items"]]


Action = Callable[[HeldOrder, Json, datetime], Response]


def refused(status: int = 400) -> Refused:
    """No, without a word."""
    return Refused(status, None)


def taken() -> Response:
    """202, as DoorDash answers whatever it takes."""
    return answer(status=202)


def confirm(order: HeldOrder, body: Json, _now: datetime) -> Response:
    """Accept or deny a new order, in time and once."""
    if order.phase != "new" or not body.get("merchant_supplied_id"):
        raise refused()
    if body.get("order_status") == "success":
        _check_promise(body)
        order.phase = "confirmed"
    elif body.get("order_status") == "fail":
        _check_failure(body)
        order.phase = "failed"
    else:
        raise refused()
    kept = ("prep_time", "pickup_instructions", "failure_reason", "errors")
    order.told |= {"client_order_id": body["merchant_supplied_id"]} | {
        name: body[name] for name in kept if name in body
    }
    return taken()


def _check_promise(body: Json) -> None:
    if "failure_reason" in body or "errors" in body or len(body.get("pickup_instructions", "")) > LONGEST_INSTRUCTIONS:
        raise refused()
    if "prep_time" in body:
        try:
            offset = kitchen.read_time(body["prep_time"]).utcoffset()
        except ValueError:
            raise refused() from None
        if offset != timedelta():
            raise refused()


def _check_failure(body: Json) -> None:
    if not body.get("failure_reason") or "prep_time" in body:
        raise refused()
    for error in body.get("errors", []):
        complete = {"code", "merchant_supplied_id", "message"} <= set(error)
        if not complete or error["code"] not in ERRORS:
            raise refused()


def cancel(order: HeldOrder, body: Json, _now: datetime) -> Response:
    """Give up a confirmed order."""
    if order.phase != "confirmed" or body.get("cancel_reason") not in CANCELLATIONS:
        raise refused()
    order.phase = "cancelled"
    order.told |= {"cancel_reason": body["cancel_reason"], "cancel_details": body.get("cancel_details")}
    return taken()


def ready(order: HeldOrder, _body: Json, _now: datetime) -> Response:
    """The order waits for its Dasher; saying it again changes nothing."""
    if order.phase != "confirmed":
        raise refused()
    order.told["ready"] = True
    return taken()


def adjust(order: HeldOrder, body: Json, _now: datetime) -> Response:
    """Change lines of a confirmed order. An order that would have none left is answered the same, and not changed."""
    changes = body.get("items")
    if order.phase != "confirmed" or not isinstance(changes, list) or not changes:
        raise refused()
    lines = {line["line_item_id"]: line for line in order.lines()}
    if any(change.get("line_item_id") not in lines for change in changes):
        raise refused(404)
    after = {key: _adjusted(line, _change_of(key, changes)) for key, line in lines.items()}
    if not any(after.values()):
        return taken()
    for category in order.body["categories"]:
        kept = (after[line["line_item_id"]] for line in category["items"])
        category["items"] = [line for line in kept if line]
    _reckon(order)
    return taken()


def _change_of(key: str, changes: list[Json]) -> Json:
    return next((change for change in changes if change["line_item_id"] == key), {"adjustment_type": ""})


def _adjusted(line: Json, change: Json) -> Json | None:
    match change["adjustment_type"]:
        case "":
            return line
        case "ITEM_REMOVE":
            return None
        case "ITEM_SUBSTITUTE":
            return _substitute(change)
        case "ITEM_UPDATE":
            quantity = change.get("quantity", line["quantity"])
            options = {option["line_option_id"]: option for option in change.get("options", [])}
            changed = {**line, "quantity": quantity, "extras": [_fewer(extra, options) for extra in line["extras"]]}
            return changed if quantity else None
    raise refused()


def _substitute(change: Json) -> Json:
    item = change.get("substituted_item") or {}
    dish = next((dish for dish in kitchen.MENU if dish.sku == item.get("merchant_supplied_id")), None)
    if dish is None:
        raise refused(404)
    return {
        "merchant_supplied_id": dish.sku,
        "name": f"{dish.name} ({dish.variation})",
        "price": dish.price,
        "quantity": item.get("quantity", 1),
        "line_item_id": kitchen.identity("doordash-substitute", change["line_item_id"]),
        "extras": [],
    }


def _fewer(extra: Json, changes: Mapping[str, Json]) -> Json:
    kept = []
    for option in extra["options"]:
        change = changes.get(option["line_option_id"], {})
        if change.get("adjustment_type") != "ITEM_REMOVE":
            kept.append({**option, "quantity": change.get("quantity", option["quantity"])})
    return {**extra, "options": kept}


def _reckon(order: HeldOrder) -> None:
    subtotal = sum(line["quantity"] * _unit(line) for line in order.lines())
    off = min(sum(one["total_discount_amount"] for one in order.body["applied_discounts_details"]), subtotal)
    tax = kitchen.tax_on(subtotal - off)
    order.body |= {
        "subtotal": subtotal,
        "subtotal_for_tax": subtotal - off,
        "tax": tax,
        "subtotal_tax_amount": tax,
        "tax_amount_remitted_by_doordash": tax,
    }


def _unit(line: Json) -> int:
    options = (option for extra in line["extras"] for option in extra["options"])
    return int(line["price"] + sum(option["price"] * option["quantity"] for option in options))


def give_back(order: HeldOrder, body: Json, _now: datetime) -> Response:
    """Take note of goods that came back, once for each order."""
    if "returned" in order.told:
        raise Refused(409, {"code": "DUPLICATE_REQUEST", "message": "Duplicate return request"})
    bought: dict[str, int] = {}
    for line in order.lines():
        bought[line["merchant_supplied_id"]] = bought.get(line["merchant_supplied_id"], 0) + line["quantity"]
    items = body.get("return_items")
    if not items or not body.get("return_location_id"):
        raise _invalid("return_items", "required")
    for item in items:
        if not 0 < item.get("quantity", 0) <= bought.get(item.get("merchant_supplied_id", ""), 0):
            raise _invalid("return_items.quantity", "more than was bought")
    order.told["returned"] = items
    number = kitchen.identity("doordash-return", order.body["id"])
    told: dict[str, Any] = {"operation_id": number, "operation_status": "QUEUED", "message": "Return request received."}
    return answer(told, 202)


def _invalid(place: str, error: str) -> Refused:
    problem = [{"field": place, "error": error}]
    body = {"code": "VALIDATION_ERROR", "message": "A value could not be validated.", "field_errors": problem}
    return Refused(400, body)


ACTIONS: Mapping[str, Action] = {
    "": confirm,
    "cancellation": cancel,
    "adjustment": adjust,
    "events/order_ready_for_pickup": ready,
    "return": give_back,
}
"""The actions by what follows the order in their path."""
