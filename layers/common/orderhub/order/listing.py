"""What is asked of a list of orders, and when an order counts as late. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orderhub.order.models import Fulfillment, Order
from orderhub.order.status import Status

# Fewer digits than these are at the end of far too many phone numbers.
_SHORTEST_TAIL = 3
_OF_A_PHONE = frozenset("0123456789 +-()./")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders a list shows; what is empty or None asks for nothing.

    changed_after: changed later than that, by the hub's clock. scheduled_from, scheduled_to: scheduled for a time
    between, both included; orders for now are in no such span. text: part of the display id or of the customer's name
    in any case, or the last digits of the phone number (three at least).
    """

    statuses: frozenset[Status] = frozenset()
    platforms: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    fulfillments: frozenset[Fulfillment] = frozenset()
    changed_after: datetime | None = None
    scheduled_from: datetime | None = None
    scheduled_to: datetime | None = None
    text: str = ""

    def fits(self, order: Order) -> bool:
        """Whether an order is one of those."""
        return (
            (not self.statuses or order.status in self.statuses)
            and (not self.platforms or order.platform in self.platforms)
            and (not self.channels or order.channel in self.channels)
            and (not self.fulfillments or order.fulfillment in self.fulfillments)
            and self._is_new(order)
            and self._is_scheduled(order)
            and _says(order, self.text)
        )

    def _is_new(self, order: Order) -> bool:
        changed = order.updated_at or order.created_at
        return self.changed_after is None or (changed is not None and changed > self.changed_after)

    def _is_scheduled(self, order: Order) -> bool:
        if self.scheduled_from is None and self.scheduled_to is None:
            return True
        at = order.scheduled_for
        if at is None or (self.scheduled_from is not None and at < self.scheduled_from):
            return False
        return self.scheduled_to is None or at <= self.scheduled_to


def late_from(order: Order) -> datetime | None:
    """From when an order is late: not answered by `accept_by`, or not ready by `ready_at`. None when it cannot be."""
    if order.is_waiting:
        return None
    due = {
        Status.INCOMING: (order.accept_by, order.ready_at),
        Status.ACCEPTED: (order.ready_at,),
        Status.BAGGING: (order.ready_at,),
    }
    return min((at for at in due.get(order.status, ()) if at is not None), default=None)


def _says(order: Order, text: str) -> bool:
    sought = text.strip().casefold()
    if not sought:
        return True
    name = order.customer.name if order.customer is not None else None
    return any(sought in (shown or "").casefold() for shown in (order.display_id, name)) or _calls(order, sought)


def _calls(order: Order, sought: str) -> bool:
    phone = order.customer.phone if order.customer is not None else None
    tail = _digits(sought)
    if phone is None or len(tail) < _SHORTEST_TAIL or not _OF_A_PHONE.issuperset(sought):
        return False
    return _digits(phone).endswith(tail)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")
