"""What can be reported, and which lines of a timeline it comes from: two tables."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from orderhub.order.events import Event
from orderhub.order.merge import Effect
from orderhub.order.status import Status


class EventType(StrEnum):
    """What a subscription can ask for; the `type` of a message."""

    ORDER_CREATED = "order.created"
    ORDER_STATUS_CHANGED = "order.status_changed"
    ORDER_UPDATED = "order.updated"
    ORDER_COURIER_UPDATED = "order.courier_updated"
    ORDER_TRACKING_UPDATED = "order.tracking_updated"
    ORDER_ERASED = "order.erased"
    DELIVERY_UPDATED = "delivery.updated"
    WAREHOUSE_UPDATED = "warehouse.updated"
    ISSUE_OPENED = "issue.opened"
    ISSUE_UPDATED = "issue.updated"
    REFUND_ASKED = "refund.asked"
    REFUND_CONFIRMED = "refund.confirmed"
    REFUND_FAILED = "refund.failed"
    STOCK_LOW = "stock.low"
    STOCK_OUT = "stock.out"
    STOCK_OK = "stock.ok"

    @property
    def is_of_stock(self) -> bool:
        """Whether it is about an item of a store, and not about an order."""
        return self.value.startswith("stock.")


MEANINGS: dict[EventType, str] = {
    EventType.ORDER_CREATED: "an order came in",
    EventType.ORDER_STATUS_CHANGED: "an order moved to another status, whoever moved it",
    EventType.ORDER_UPDATED: "something else of an order changed: lines, times, notes, money",
    EventType.ORDER_COURIER_UPDATED: "there is news of the courier: who it is, where, and when they come",
    EventType.ORDER_TRACKING_UPDATED: "a parcel of the order has a tracking code",
    EventType.ORDER_ERASED: "the customer of an order was forgotten: do so as well",
    EventType.DELIVERY_UPDATED: "an order was handed to a fleet, or there is news of that",
    EventType.WAREHOUSE_UPDATED: "an order was handed to a warehouse, or there is news of that",
    EventType.ISSUE_OPENED: "somebody opened an issue about an order",
    EventType.ISSUE_UPDATED: "an issue changed, or was commented on",
    EventType.REFUND_ASKED: "staff gave money back; the platform has not answered yet",
    EventType.REFUND_CONFIRMED: "the platform gave the money back",
    EventType.REFUND_FAILED: "the platform did not give the money back",
    EventType.STOCK_LOW: "an item of a store fell to its threshold",
    EventType.STOCK_OUT: "an item of a store is out of stock",
    EventType.STOCK_OK: "there is enough of an item again",
}

_HAND_OVERS = ("created", "changed", "removed", "updated", "trouble", "failed")
# A line of a timeline that moved the order is a change of status besides.
LINES: dict[str, EventType] = {
    "order.created": EventType.ORDER_CREATED,
    **{f"order.{status}": EventType.ORDER_UPDATED for status in Status},
    "order.updated": EventType.ORDER_UPDATED,
    "order.ready_time_changed": EventType.ORDER_UPDATED,
    "order.undone": EventType.ORDER_UPDATED,
    "order.entered": EventType.ORDER_UPDATED,
    "order.offered": EventType.ORDER_UPDATED,
    "order.erased": EventType.ORDER_ERASED,
    "item.changed": EventType.ORDER_UPDATED,
    "courier.updated": EventType.ORDER_COURIER_UPDATED,
    "tracking.updated": EventType.ORDER_TRACKING_UPDATED,
    "issue.opened": EventType.ISSUE_OPENED,
    "refund.asked": EventType.REFUND_ASKED,
    "refund.confirmed": EventType.REFUND_CONFIRMED,
    "refund.failed": EventType.REFUND_FAILED,
    "stock.low": EventType.STOCK_LOW,
    "stock.out": EventType.STOCK_OUT,
    "stock.ok": EventType.STOCK_OK,
    "cart.confirmed": EventType.ORDER_UPDATED,
    **{f"delivery.{change}": EventType.DELIVERY_UPDATED for change in _HAND_OVERS},
    **{f"warehouse.{change}": EventType.WAREHOUSE_UPDATED for change in _HAND_OVERS},
    **dict.fromkeys(("issue.changed", "issue.commented"), EventType.ISSUE_UPDATED),
}
# Lines that tell that something failed are told for what they are; of all others only what took effect.
_FAILURE = ".failed"


def reported(event: Event) -> tuple[EventType, ...]:
    """What is reported of a line of a timeline: nothing, one thing, or that an order moved besides what else is new."""
    kind = LINES.get(event.type)
    if kind is None or (event.effect != Effect.APPLIED and not event.type.endswith(_FAILURE)):
        return ()
    if kind is EventType.ORDER_CREATED or not has_moved(event.summary):
        return (kind,)
    only_moved = kind is EventType.ORDER_UPDATED
    return (EventType.ORDER_STATUS_CHANGED,) if only_moved else (kind, EventType.ORDER_STATUS_CHANGED)


def has_moved(summary: Mapping[str, Any]) -> bool:
    """Whether the order has another status after a line than before."""
    return "to" in summary
