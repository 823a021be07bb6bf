"""What reaches an order: messages of platforms, and changes by staff.

delivery_key makes a message count once: the platform's own delivery id where that can be trusted, else computed from
what identifies it. source_version keeps orders from going backwards: the platform's version, else its time, as text
that sorts (`times.sortable`, `times.sortable_number`), else None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from orderhub.order.models import Courier, Order, StatusReason, Tracking
from orderhub.order.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base of all messages. raw: its own part of what was received, when that is not the whole body."""

    delivery_key: str
    source_version: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSnapshot(Message):
    """A whole order as its platform sees it.

    is_new: the platform says that it was just created. guessed: fields of the order that this message does not really
    tell; they fill a gap, and never replace what is known.
    """

    order: Order
    is_new: bool = False
    guessed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReference(Message):
    """A notification that carries no order: fetch it. ref: what the adapter needs to fetch it, its own words."""

    external_id: str
    ref: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport(Message):
    """The platform gives an order a status without its content."""

    external_id: str
    status: Status
    reason: StatusReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierReport(Message):
    """News of the courier. status: set when it also says where the order stands."""

    external_id: str
    courier: Courier
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingReport(Message):
    """Parcels of an order. status: set when it also says where the order stands."""

    external_id: str
    tracking: tuple[Tracking, ...]
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReport(Message):
    """How much of an item a platform or warehouse has."""

    external_item_id: str
    sku: str | None = None
    store_external_id: str | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored(Message):
    """Understood, and nothing to do."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChange(Message):
    """What a person or rule at the store decides about an order.

    status: the new status, None when only the ready time changes. ready_at, prep_minutes: the promise to the platform.
    expected_version: the order version the person looked at, None when they did not say. request: stands for all that
    was asked, so that a repeat can be told from another request under the same key.
    """

    status: Status | None = None
    reason: StatusReason | None = None
    ready_at: datetime | None = None
    prep_minutes: int | None = None
    expected_version: int | None = None
    request: str = ""


OrderMessage = OrderSnapshot | StatusReport | CourierReport | TrackingReport | StaffChange
InboundMessage = OrderSnapshot | OrderReference | StatusReport | CourierReport | TrackingReport | StockReport | Ignored
