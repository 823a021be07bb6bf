"""The life of an order as data: statuses, the moves between them, and why an order ends early."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where an order stands, in the words of the store."""

    INCOMING = "incoming"
    ACCEPTED = "accepted"
    BAGGING = "bagging"
    READY = "ready"
    PICKED_UP = "picked_up"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DENIED = "denied"


class CancelReason(StrEnum):
    """Why a store denies or cancels; each platform maps these to its own codes. OTHER needs details."""

    OUT_OF_STOCK = "OUT_OF_STOCK"
    KITCHEN_CLOSED = "KITCHEN_CLOSED"
    EQUIPMENT_FAILURE = "EQUIPMENT_FAILURE"
    STAFF_SHORTAGE = "STAFF_SHORTAGE"
    STORE_EMERGENCY = "STORE_EMERGENCY"
    CUSTOMER_REQUEST = "CUSTOMER_REQUEST"
    PAYMENT_ISSUE = "PAYMENT_ISSUE"
    DELIVERY_ADDRESS_ISSUE = "DELIVERY_ADDRESS_ISSUE"
    PLATFORM_ERROR = "PLATFORM_ERROR"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    FRAUD_SUSPECTED = "FRAUD_SUSPECTED"
    WEATHER_RELATED = "WEATHER_RELATED"
    OTHER = "OTHER"


# The way forward, in order. A platform that never says one of these skips it.
PROGRESS: tuple[Status, ...] = (
    Status.INCOMING,
    Status.ACCEPTED,
    Status.BAGGING,
    Status.READY,
    Status.PICKED_UP,
    Status.COMPLETED,
)
CLOSED: frozenset[Status] = frozenset({Status.COMPLETED, Status.CANCELLED, Status.DENIED})
OPEN: frozenset[Status] = frozenset(Status) - CLOSED


def _later(status: Status) -> frozenset[Status]:
    return frozenset(PROGRESS[PROGRESS.index(status) + 1 :])


# What staff may do: an order is answered before it is worked on.
STAFF_MOVES: dict[Status, frozenset[Status]] = {
    Status.INCOMING: frozenset({Status.ACCEPTED, Status.DENIED, Status.CANCELLED}),
    Status.ACCEPTED: _later(Status.ACCEPTED) | {Status.CANCELLED},
    Status.BAGGING: _later(Status.BAGGING) | {Status.CANCELLED},
    Status.READY: _later(Status.READY) | {Status.CANCELLED},
    Status.PICKED_UP: _later(Status.PICKED_UP) | {Status.CANCELLED},
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.DENIED: frozenset(),
}

# What a platform may report: it can have seen steps that we were never told of.
PLATFORM_MOVES: dict[Status, frozenset[Status]] = {
    **{status: _later(status) | {Status.CANCELLED, Status.DENIED} for status in PROGRESS if status in OPEN},
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.DENIED: frozenset(),
}


def rank(status: Status) -> int:
    """How far along the way forward a status is; 0 for incoming, -1 for an early end."""
    return PROGRESS.index(status) if status in PROGRESS else -1
