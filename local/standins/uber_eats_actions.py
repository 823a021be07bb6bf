"""What a store may do to an order at Uber Eats, and when the vendor refuses it.

Each action takes the order, the body sent and the present moment, and answers or raises `Refused`. Not published, and
assumed: a v1 call that the order's state forbids is answered 400 `bad_request`. The classic paths answer 409
`resource_status_conflict` (https://developer.uber.com/docs/eats/guides/errors), except cancel, whose page says 404 for
an order that has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Response

from local.standins.samples.kitchen import utc
from local.standins.uber_eats_orders import HeldOrder
from local.standins.vendor import Json, Refused, answer

Action = Callable[[HeldOrder, Json, datetime], Response]

REASONS = frozenset(
    {
        "ITEM_ISSUE",
        "KITCHEN_CLOSED",
        "KITCHENCLOSED",
        "CUSTOMER_CALLED_TO_CANCEL",
        "RESTAURANT_TOO_BUSY",
        "ORDER_VALIDATION",
        "STORE_CLOSED",
        "TECHNICAL_FAILURE",
        "POS_NOT_READY",
        "POS_OFFLINE",
        "CAPACITY",
        "ADDRESS",
        "SPECIAL_INSTRUCTIONS",
        "PRICING",
        "UNKNOWN",
        "OTHER",
    }
)
"""Types of v1 deny and cancel reasons; Uber's own list spells KITCHEN_CLOSED both ways."""

CLASSIC_DENY = frozenset(
    {
        "STORE_CLOSED",
        "POS_NOT_READY",
        "POS_OFFLINE",
        "ITEM_AVAILABILITY",
        "MISSING_ITEM",
        "MISSING_INFO",
        "PRICING",
        "CAPACITY",
        "ADDRESS",
        "SPECIAL_INSTRUCTIONS",
        "OTHER",
    }
)

CLASSIC_CANCEL = frozenset(
    {
        "OUT_OF_ITEMS",
        "KITCHEN_CLOSED",
        "CUSTOMER_CALLED_TO_CANCEL",
        "RESTAURANT_TOO_BUSY",
        "CANNOT_COMPLETE_CUSTOMER_NOTE",
        "OTHER",
    }
)

PRICE_REASONS = frozenset(
    {
        "REQUESTED_ADD_ONS",
        "BIGGER_SIZE",
        "NEW_ITEM_ADDED",
        "ITEM_SOLD_OUT",
        "REMOVED_ITEM",
        "ADD_ON_UNAVAILABLE",
        "OTHER",
    }
)

ISSUES = frozenset(
    {
        "OUT_OF_ITEM",
        "OUT_OF_MODIFIER_OPTION",
        "CANNOT_FULFILL_ALLERGY_REQUEST",
        "CANNOT_FULFILL_MERCHANT_INSTRUCTION",
    }
)
"""What a restaurant may report; the action is always ASK_CUSTOMER."""

PRICE_CAP_E5 = 5_000_000
"""The largest change of price, in hundred-thousandths of the currency, unless Uber set another."""


def error(code: str, message: str, fields: list[str] | None = None) -> Json:
    """An error in Uber's shape."""
    return {"code": code, "message": message, "metadata": {"field_violations": fields} if fields else {}}


def not_found(what: str = "Order") -> Refused:
    """No such order, store or item."""
    return Refused(404, error("resource_not_found", f"{what} not found"))


def invalid(message: str, *fields: str) -> Refused:
    """The body is wrong."""
    return Refused(400, error("bad_request", message, list(fields)))


def accept(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Take an offered order; a scheduled one is offered twice."""
    _require(order, "offered", "accepted")
    ready_at = body.get("ready_for_pickup_time")
    if ready_at is not None:
        _parse_future(ready_at, now)
    order.accept(now, body.get("external_reference_id"), ready_at)
    return answer(status=200)


def deny(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Refuse an offered order, with a reason of the list."""
    _require(order, "offered", "denied")
    _reason(body, "deny_reason")
    order.fail("denied", now, "POS_DENIED", "MERCHANT")
    return answer(status=200)


def cancel(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Give up an order that has not ended, with a reason of the list."""
    if order.phase not in {"offered", "accepted"}:
        raise _conflict(order, "canceled")
    _reason(body, "cancellation_reason")
    order.fail("cancelled", now, "CANCELED", "MERCHANT", paid=False)
    return answer(status=204)


def ready(order: HeldOrder, _body: Json, now: datetime) -> Response:
    """The food waits for the courier; saying it again changes nothing."""
    _require(order, "accepted", "marked ready")
    order.body["preparation_status"] = "READY_FOR_HANDOFF"
    order.changed_at = now
    return answer(status=200)


def update_ready_time(order: HeldOrder, body: Json, now: datetime) -> Response:
    """A new estimate: only for an accepted order that is not ready, in the future, and where the order allows it."""
    _require(order, "accepted", "given another ready time")
    eligible = order.body.get("eligible_actions", {}).get("adjust_ready_for_pickup_time", {}).get("is_eligible", True)
    if not eligible or order.body.get("preparation_status") == "READY_FOR_HANDOFF":
        raise invalid("The ready time of this order cannot be adjusted")
    _parse_future(body.get("ready_for_pickup_time"), now)
    order.set_ready_time(body["ready_for_pickup_time"])
    order.changed_at = now
    return answer(status=200)


def adjust_price(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Propose another price to the customer, within the cap."""
    _require(order, "accepted", "given another price")
    amount = body.get("amount_e5")
    if not isinstance(amount, int) or amount == 0 or abs(amount) > PRICE_CAP_E5:
        raise invalid("amount_e5 must be a whole number within the cap", "amount_e5")
    if body.get("reason") not in PRICE_REASONS:
        raise invalid("Unknown reason", "reason")
    order.body.setdefault("price_adjustments", []).append(dict(body))
    order.changed_at = now
    return answer({"tax_rate_applied": "tax_rate" in body})


def resolve_issues(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Ask the customer what to do about items that cannot be had."""
    _require(order, "accepted", "changed")
    known = {item["cart_item_id"] for cart in order.body.get("carts", []) for item in cart["items"]}
    issues = body.get("fulfillment_issues")
    if not isinstance(issues, list) or not issues:
        raise invalid("fulfillment_issues is missing", "fulfillment_issues")
    for issue in issues:
        if issue.get("issue_type") not in ISSUES or issue.get("action_type") != "ASK_CUSTOMER":
            raise invalid("Unknown issue or action", "fulfillment_issues")
        if issue.get("item", {}).get("cart_item_id") not in known:
            raise invalid("No such item in the cart", "fulfillment_issues.item.cart_item_id")
    order.body["preparation_status"] = "OUT_OF_ITEM_PENDING_CUSTOMER_RESPONSE"
    order.changed_at = now
    return answer({"should_wait_for_customer_response": True})


def accept_classic(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Take an offered order; `pickup_time` is in Unix seconds."""
    _require_classic(order, "offered")
    if not body.get("reason"):
        raise invalid("reason is missing", "reason")
    pickup = body.get("pickup_time")
    ready_at = utc(datetime.fromtimestamp(pickup, UTC)) if pickup else None
    order.accept(now, body.get("external_reference_id"), ready_at)
    return answer(status=204)


def deny_classic(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Refuse an offered order."""
    _require_classic(order, "offered")
    reason = body.get("reason")
    if not isinstance(reason, dict) or reason.get("code") not in CLASSIC_DENY or not reason.get("explanation"):
        raise invalid("reason needs a known code and an explanation", "reason")
    order.fail("denied", now, "POS_DENIED", "MERCHANT")
    return answer(status=204)


def cancel_classic(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Give up an order; one that has ended is not found."""
    if order.phase == "closed":
        raise not_found()
    if body.get("reason") not in CLASSIC_CANCEL:
        raise invalid("Unknown reason", "reason")
    order.fail("cancelled", now, "CANCELED", "MERCHANT", paid=False)
    return answer({})


def report_courier(order: HeldOrder, body: Json, now: datetime) -> Response:
    """Where the store's own courier is, for orders the store delivers."""
    moves = {"started": "handed_off", "arriving": "handed_off", "delivered": "completed"}
    if body.get("status") not in moves:
        raise invalid("Unknown status", "status")
    if not order.by_merchant:
        raise invalid("This order is not delivered by the restaurant")
    if order.phase not in {"accepted", "handed_off"}:
        raise Refused(409, error("resource_status_conflict", "Order status conflict"))
    order.move(moves[body["status"]], now)
    return answer(status=204)


V1: Mapping[str, Action] = {
    "accept": accept,
    "deny": deny,
    "cancel": cancel,
    "ready": ready,
    "update-ready-time": update_ready_time,
    "adjust-price": adjust_price,
    "resolve-fulfillment-issues": resolve_issues,
}
CLASSIC: Mapping[str, Action] = {
    "accept_pos_order": accept_classic,
    "deny_pos_order": deny_classic,
    "cancel": cancel_classic,
    "restaurantdelivery/status": report_courier,
}
"""The actions by the last part of their path."""


def _require(order: HeldOrder, phase: str, done: str) -> None:
    if order.phase != phase:
        raise _conflict(order, done)


def _conflict(order: HeldOrder, done: str) -> Refused:
    state = order.body.get("state") or order.body.get("current_state")
    return invalid(f"Order in state {state} cannot be {done}")


def _require_classic(order: HeldOrder, phase: str) -> None:
    if order.phase != phase:
        raise Refused(409, error("resource_status_conflict", "Order status conflict"))


def _reason(body: Json, name: str) -> None:
    reason = body.get(name)
    if not isinstance(reason, dict) or reason.get("type") not in REASONS:
        raise invalid("Unknown reason", f"{name}.type")


def _parse_future(text: Any, now: datetime) -> None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        at = now
    if at.tzinfo is None or at <= now:
        raise invalid("ready_for_pickup_time must be an RFC 3339 time in the future", "ready_for_pickup_time")
