"""What reaches an order: messages of platforms, and changes by staff.

delivery_key makes a message count once: the platform's own delivery id where that can be trusted, else computed from
what identifies it. source_version keeps orders from going backwards: the platform's version, else its time, as text
that sorts (`times.sortable`, `times.sortable_number`), else None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from orderhub.order.models import Courier, HandOver, Order, StatusReason, SyncState, Tracking
from orderhub.order.status import Status

if TYPE_CHECKING:
    from orderhub.order.edits import Edit


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
class HandOverReport(Message):
    """News of an order from whoever it was handed to: a fleet or a warehouse.

    number: what we called it there; external_id: what they call it. state: their word for where it is; status: what
    that is of ours, None when the order does not move by it. courier: None when nothing is said, `no_courier` when
    there is none any more. undone: it goes back a step that was a slip of theirs. trouble: what somebody has to look
    at; at: when it happened, by their clock. target: what it was handed over for, which intake fills in.
    """

    number: str
    external_id: str
    state: str
    at: datetime
    status: Status | None = None
    courier: Courier | None = None
    no_courier: bool = False
    tracking: tuple[Tracking, ...] = ()
    undone: bool = False
    trouble: str | None = None
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Message):
    """The hub has handed an order over, or taken it back. target: what for; to: whom, None when taken back."""

    target: str
    to: HandOver | None


class TicketState(StrEnum):
    """Where a ticket stands, whatever its desk calls that."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketReport(Message):
    """News of a ticket. external_id: the desk's, which stays; name: its own name of the state; by: who did it."""

    external_id: str
    state: TicketState
    name: str
    at: datetime
    by: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollNow(Message):
    """Something has changed, and this does not say reliably what: the poll that does is to come at once."""


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
class StaffMessage(Message):
    """What a person or rule at the store wants of an order.

    expected_version: the order version the person looked at, None when they did not say. request: stands for all that
    was asked, so that a repeat can be told from another request under the same key.
    """

    expected_version: int | None = None
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChange(StaffMessage):
    """Another status or ready time.

    status: the new status, None when only the ready time changes. ready_at, prep_minutes: the promise to the platform.
    note: what staff want to remember of it. handed_to: who took the goods. untold: why the platform will not be told
    of it, None when it will. by: the person, empty for a rule; usual: nobody said a time, these are the store's usual
    minutes, which replace no promise.
    """

    status: Status | None = None
    reason: StatusReason | None = None
    ready_at: datetime | None = None
    prep_minutes: int | None = None
    note: str | None = None
    handed_to: str | None = None
    untold: str | None = None
    by: str = ""
    usual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter(StaffMessage):
    """The time has come for an order that waited: from now on it is among the open ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffUndo(StaffMessage):
    """The last step was a slip: the order goes back to where it was before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffErase(StaffMessage):
    """The customer is to be forgotten: the order keeps what the books need, for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange(StaffMessage):
    """What staff write on one line of the order: texts, status or picked quantity, by name of the line's field."""

    item_id: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CartChange(StaffMessage):
    """Other lines, all of the edits or none.

    state: NOT_NEEDED makes them at once, on an order that nobody has to be told of; PENDING asks the platform, and the
    lines stay; CONFIRMED makes them, for the platform has; any other says that it has not. detail: a sentence for
    staff; attempts: calls made. approved: the customer has agreed.
    """

    edits: tuple[Edit, ...]
    state: SyncState
    detail: str | None = None
    attempts: int = 0
    approved: bool = False


OrderMessage = (
    OrderSnapshot | StatusReport | CourierReport | TrackingReport | StaffMessage | HandOverReport | HandedOver
)
InboundMessage = (
    OrderSnapshot
    | OrderReference
    | StatusReport
    | CourierReport
    | TrackingReport
    | StockReport
    | HandOverReport
    | TicketReport
    | PollNow
    | TableRequest
    | Unreadable
    | Ignored
)
