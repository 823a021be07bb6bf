"""What `PUT /v2/orders/{id}` does to an order at Square, and when it is refused.

https://developer.squareup.com/docs/orders-api/manage-orders/update-orders. Assumed, as no page says it: a fulfillment
cancelled before it was accepted gets `rejected_at` beside `canceled_at`.
"""

from __future__ import annotations

import copy
from typing import Any

from local.standins.samples.square_parts import DETAILS
from local.standins.samples.square_prices import amount, priced
from local.standins.vendor import Json, Refused

RANKS = {"PROPOSED": 0, "RESERVED": 1, "PREPARED": 2, "COMPLETED": 3}
ENDED = frozenset({"COMPLETED", "CANCELED", "FAILED"})

STAMPS = {
    ("PICKUP", "RESERVED"): ("accepted_at",),
    ("PICKUP", "PREPARED"): ("ready_at",),
    ("PICKUP", "COMPLETED"): ("picked_up_at",),
    ("DELIVERY", "RESERVED"): ("in_progress_at",),
    ("DELIVERY", "PREPARED"): ("ready_at",),
    ("DELIVERY", "COMPLETED"): ("completed_at", "delivered_at"),
    ("SHIPMENT", "RESERVED"): ("in_progress_at",),
    ("SHIPMENT", "PREPARED"): ("packaged_at",),
    ("SHIPMENT", "COMPLETED"): ("shipped_at",),
}
"""The times Square notes when a fulfillment of a type enters a state."""

LONGEST_REASON = 100
PLAIN_FIELDS = ("reference_id", "ticket_name", "metadata", "customer_id")
"""Fields of an order that an update simply replaces."""


def refused(
    code: str,
    detail: str,
    field: str | None = None,
    *,
    status: int = 400,
    category: str = "INVALID_REQUEST_ERROR",
) -> Refused:
    """An error in Square's shape."""
    entry = {"category": category, "code": code, "detail": detail}
    return Refused(status, {"errors": [entry | ({"field": field} if field else {})]})


def not_found(what: str) -> Refused:
    """404 in Square's shape."""
    return refused("NOT_FOUND", f"{what} was not found.", status=404)


def bad_request(detail: str, field: str | None = None) -> Refused:
    """400 in Square's shape."""
    return refused("BAD_REQUEST", detail, field)


def updated(held: Json, sparse: Json, cleared: list[str], now: str) -> Json:
    """The order after an update with the `order` and the `fields_to_clear` of its body; `held` is left as it was."""
    _check_version(held, sparse)
    if held["state"] not in {"OPEN", "DRAFT"}:
        raise bad_request(f"The order is {held['state']} and cannot be changed.", "order.state")
    order = copy.deepcopy(held)
    order |= {name: sparse[name] for name in PLAIN_FIELDS if name in sparse}
    for change in sparse.get("fulfillments", []):
        _change_fulfillment(order, change, now)
    if "line_items" in sparse or cleared:
        _change_lines(order, sparse.get("line_items", []), cleared)
        order = priced(order)
    if "state" in sparse:
        _change_state(order, sparse["state"], now)
    return {**order, "version": held["version"] + 1, "updated_at": now}


def _check_version(held: Json, sparse: Json) -> None:
    if "version" not in sparse:
        raise bad_request("Missing required parameter.", "order.version")
    if "version" not in held:
        raise bad_request("An order of the Point of Sale application cannot be updated.", "order")
    if sparse["version"] != held["version"]:
        told = f"Version {sparse['version']} was sent, but order {held['id']} is at version {held['version']}."
        raise refused("VERSION_MISMATCH", told, "order.version")
    if sparse.get("location_id", held["location_id"]) != held["location_id"]:
        raise bad_request("The location of an order cannot be changed.", "order.location_id")


def _change_fulfillment(order: Json, change: Json, now: str) -> None:
    known = {entry["uid"]: entry for entry in order.get("fulfillments", [])}
    entry = known.get(change.get("uid", ""))
    if entry is None:
        raise bad_request("No fulfillment of the order has this uid.", "order.fulfillments.uid")
    if entry["state"] in ENDED:
        raise bad_request(f"The fulfillment is {entry['state']}.", "order.fulfillments.state")
    name = DETAILS[entry["type"]]
    details: Json = entry.setdefault(name, {})
    if len(change.get(name, {}).get("cancel_reason", "")) > LONGEST_REASON:
        raise refused("VALUE_TOO_LONG", "cancel_reason is too long.", f"order.fulfillments.{name}.cancel_reason")
    details |= change.get(name, {})
    _enter(entry, details, change.get("state", entry["state"]), now)


def _enter(entry: Json, details: Json, state: str, now: str) -> None:
    before = entry["state"]
    if state == before:
        return
    forward = state in {"CANCELED", "FAILED"} or RANKS.get(state, -1) > RANKS[before]
    if not forward:
        raise bad_request(f"A fulfillment cannot go from {before} to {state}.", "order.fulfillments.state")
    entry["state"] = state
    stamps = STAMPS.get((entry["type"], state), ("canceled_at",))
    details |= dict.fromkeys(stamps, now)
    if state == "CANCELED" and before == "PROPOSED":
        details["rejected_at"] = now


def _change_lines(order: Json, lines: list[Json], cleared: list[str]) -> None:
    gone = {f"line_items[{line['uid']}]": line["uid"] for line in order["line_items"]}
    removed = {gone[path] for path in cleared if path in gone}
    if len(removed) != len(cleared):
        raise bad_request("Only line items of the order can be cleared here.", "fields_to_clear")
    order["line_items"] = [line for line in order["line_items"] if line["uid"] not in removed]
    known = {line["uid"]: line for line in order["line_items"]}
    for line in lines:
        if line.get("uid") in known:
            known[line["uid"]] |= line
        else:
            order["line_items"].append({"uid": f"line-{len(order['line_items']) + 1}", "modifiers": [], **line})


def _change_state(order: Json, state: str, now: str) -> None:
    paid = amount(order.get("net_amount_due_money")) == 0 and bool(order.get("tenders"))
    problem: Any = None
    if state == "COMPLETED":
        if not paid:
            problem = "An order that is not paid cannot be completed."
        elif any(entry["state"] not in ENDED for entry in order.get("fulfillments", [])):
            problem = "An order with an open fulfillment cannot be completed."
    elif state == "CANCELED":
        if paid:
            problem = "An order that is paid cannot be canceled; refund it."
    elif state != order["state"]:
        problem = f"An order cannot become {state}."
    if problem:
        raise bad_request(problem, "order.state")
    if state != order["state"]:
        order |= {"state": state, "closed_at": now}
