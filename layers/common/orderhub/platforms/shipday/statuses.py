"""Shipday's words for where a delivery stands, as tables.

https://docs.shipday.com/reference/order-status-update-2
"""

from __future__ import annotations

from dataclasses import dataclass

from orderhub.order.status import Status


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word means: for the order, and for people who have to look at it."""

    status: Status | None = None
    trouble: str | None = None


# `order_status` is where it stands after the event. Steps before the goods leave the store are the courier's own.
NOBODY = "NOT_ASSIGNED"
STATES: dict[str, Meaning] = {
    NOBODY: Meaning(),
    "NOT_ACCEPTED": Meaning(),
    "NOT_STARTED_YET": Meaning(),
    "STARTED": Meaning(),
    "PICKED_UP": Meaning(Status.PICKED_UP),
    "READY_TO_DELIVER": Meaning(Status.PICKED_UP),
    "ALREADY_DELIVERED": Meaning(Status.COMPLETED),
    "FAILED_DELIVERY": Meaning(trouble="Shipday says that the delivery failed"),
    "INCOMPLETE": Meaning(trouble="Shipday has the delivery as incomplete"),
}

DELETED = "ORDER_DELETE"
UNASSIGNED = "ORDER_UNASSIGNED"
PROOF_UPLOADED = "ORDER_POD_UPLOAD"
POSITION = "LOCATION_UPDATE"
# A dispatcher takes back a step that did not happen.
TAKEN_BACK: frozenset[str] = frozenset({"ORDER_PIKEDUP_REMOVED", "ORDER_ONTHEWAY_REMOVED"})

DELETED_THERE = "somebody deleted the delivery at Shipday"

# `auto_assignment_status`, where it needs somebody.
UNASSIGNABLE: dict[str, str] = {
    "NO_AVAILABLE_CARRIER": "Shipday finds no driver who is available",
    "NO_VALID_CARRIER": "Shipday finds no driver who may take it",
}

# Of a courier on demand, where there is none any more.
# https://docs.shipday.com/reference/on-demand-delivery-details-object
COURIER_GONE: frozenset[str] = frozenset({"CANCELLED", "FAILED"})
COURIER_DONE: frozenset[str] = frozenset({"DELIVERED"})

# What Shipday is told of the way, by the status of the order.
MOVES: dict[Status, str] = {
    Status.PICKED_UP: "PICKED_UP",
    Status.COMPLETED: "ALREADY_DELIVERED",
}
