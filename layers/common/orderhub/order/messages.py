"""What reaches an order: messages of platforms, and changes by staff.

delivery_key makes a message count once: the platform's own delivery id where that can be trusted, else computed from
what identifies it. source_version keeps orders from going backwards: the platform's version, else its time, as text
that sorts (`times.sortable`, `times.sortable_number`), else None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

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

    is_new: most likely the first word of the order, so it is written at once, and read only where it turns out to be
    there. guessed: fields of the order that this message does not really
    tell; they fill a gap, and never replace what is known. fetch: it leaves out something that has to be fetched; what
    the adapter needs to do so, as `OrderReference.ref`.
    """

    order: Order
    is_new: bool = False
    guessed: frozenset[str] = frozenset()
    fetch: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReference(Message):
    """A notification that carries no order: fetch it. ref: what the adapter needs to fetch it, its own words.

    identity: as of a Report.
    """

    external_id: str
    identity: tuple[str, ...] = ()
    ref: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Message):
    """News of an order without its content.

    identity: what the order's id is made of, when that is more than the external id. store_external_id: the platform's
    id of the store, where the news names it. only_if_known: about an order that the hub never had, it is no news.
    """

    external_id: str
    identity: tuple[str, ...] = ()
    store_external_id: str | None = None
    only_if_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport(Report):
    """The platform gives an order a status without its content."""

    status: Status
    reason: StatusReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierReport(Report):
    """News of the courier. status: set when it also says where the order stands."""

    courier: Courier
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingReport(Report):
    """Parcels of an order. status: set when it also says where the order stands."""

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
class Unreadable(Message):
    """One order of several in a request or page that cannot be read: kept whole by itself, the others are recorded.

    raw: its part, always given; reason: what was met and where.
    """

    reason: str


class TableStep(StrEnum):
    """What is asked about a table."""

    HOLD = "hold"  # keep it for a moment, until the guest has made up their mind
    MAKE = "make"
    CHANGE = "change"  # another time or party size
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class TableRules:
    """How many guests a restaurant takes from a platform.

    seats: guests at the tables at any one time; turn: how long a table is taken; hold: how long a lock lasts; largest:
    guests of one party; service: spans of local wall-clock times in which tables are given out, (first, last) of each,
    none for at any time.
    """

    seats: int
    largest: int
    turn: timedelta
    hold: timedelta
    service: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRequest(Message):
    """A platform asks for a table, and our answer is the decision.

    delivery_key stands for the request: asked again, the answer is the same, for as long as `remember`. at: when the
    guests come, UTC. number: our confirmation number, of a change or cancellation. hold: the number of the lock that a
    make refers to. order: the reservation, of a make or change; the hub gives it number, id and status.
    """

    step: TableStep
    store_external_id: str
    rules: TableRules
    remember: timedelta
    at: datetime | None = None
    party_size: int = 0
    number: int | None = None
    hold: int | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the hub says to a TableRequest.

    granted; else why: `full`, `too_large`, `closed`, `unknown` (there is no such reservation). number: the confirmation
    number, or that of the lock; expires_in: how long a lock lasts.
    """

    granted: bool
    why: str = ""
    number: int | None = None
    expires_in: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChange(Message):
    """What a person or rule at the store decides about an order.

    status: the new status, None when only the ready time changes. ready_at, prep_minutes: the promise to the platform.
    expected_version: the order version the person looked at, None when they did not say. request: stands for all that
    was asked, so that a repeat can be told from another request under the same key.
    untold: why the platform will not be told of it, None when it will.
    """

    status: Status | None = None
    reason: StatusReason | None = None
    ready_at: datetime | None = None
    prep_minutes: int | None = None
    expected_version: int | None = None
    request: str = ""
    untold: str | None = None


OrderMessage = OrderSnapshot | StatusReport | CourierReport | TrackingReport | StaffChange
InboundMessage = (
    OrderSnapshot
    | OrderReference
    | StatusReport
    | CourierReport
    | TrackingReport
    | StockReport
    | TableRequest
    | Unreadable
    | Ignored
)
