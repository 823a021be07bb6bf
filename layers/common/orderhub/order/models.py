"""The canonical order: the one shape that everything behind the platform adapters knows.

Money is an integer in minor units of `amounts.currency`; discounts are positive. None means the platform did not say,
0 means it said zero. Times are aware UTC. Quantities are decimals.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.order.status import CLOSED, CancelReason, Status


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time beyond the years there are") from None


def _plain(value: Decimal) -> Decimal:
    """2.00 as 2, so that equal quantities are equal text; never 1E+1."""
    return Decimal(f"{value.normalize():f}")


Utc = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Quantity = Annotated[Decimal, Field(ge=0, lt=10**9, allow_inf_nan=False), AfterValidator(_plain)]
Minor = Annotated[int, Field(ge=-(10**15), le=10**15)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Model(BaseModel):
    """Base of the canonical models: immutable, strict about field names, its validator built on first use."""

    # Any bound on the length makes pydantic refuse text that is not Unicode (lone surrogates), which JSON can spell.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, str_max_length=1_000_000)


class Fulfillment(StrEnum):
    """How the goods reach the customer."""

    DELIVERY = "delivery"
    PICKUP = "pickup"
    DINE_IN = "dine_in"
    CURBSIDE = "curbside"
    SHIPPING = "shipping"


class DeliveredBy(StrEnum):
    """Whose courier it is."""

    PLATFORM = "platform"
    STORE = "store"


class PaymentMethod(StrEnum):
    """How the customer pays or paid."""

    CARD = "card"
    CASH = "cash"
    ONLINE = "online"
    WALLET = "wallet"
    VOUCHER = "voucher"
    OTHER = "other"


class SyncState(StrEnum):
    """What became of our last change at the platform the order came from."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    RETRYING = "retrying"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"


class Customer(Model):
    """Who ordered. phone_code: the code to dial after an anonymised number."""

    name: str | None = None
    phone: str | None = None
    phone_code: str | None = None
    email: str | None = None
    external_id: str | None = None
    tax_number: str | None = None


class Address(Model):
    """Where it goes. country: as the platform says it, ISO 3166 alpha-2 where it does; lat, lng: degrees."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    lat: Degrees | None = None
    lng: Degrees | None = None
    instructions: str | None = None
    company: str | None = None


class Item(Model):
    """One line, or one modifier of a line.

    unit_price: one unit without its modifiers. total: the whole line before discounts, with its modifiers and all
    units. A modifier's quantity is per one unit of its parent, and its total is for one unit of its parent. edited:
    names of its text fields that staff wrote; the source platform no longer replaces them.
    """

    id: str
    external_id: str | None = None
    sku: str | None = None
    name: str
    quantity: Quantity
    unit_price: Minor | None = None
    total: Minor | None = None
    tax: Minor | None = None
    notes: str | None = None
    category: str | None = None
    allergens: list[str] = []
    status: str | None = None
    picked_quantity: Quantity | None = None
    edited: list[str] = []
    modifiers: list[Item] = []


class Amounts(Model):
    """The money of an order. subtotal is before discounts. computed: names of the fields we had to work out.

    tax_included: whether the prices hold the tax. tax_in_prices: where they do not, the part of `tax` that some price,
    fee or tip holds all the same.
    """

    currency: str
    subtotal: Minor | None = None
    tax: Minor | None = None
    tax_included: bool | None = None
    tax_in_prices: Minor | None = None
    tax_remitted_by_platform: Minor | None = None
    delivery_fee: Minor | None = None
    service_fee: Minor | None = None
    bag_fee: Minor | None = None
    deposit: Minor | None = None
    other_fees: Minor | None = None
    tip: Minor | None = None
    driver_tip: Minor | None = None
    discount: Minor | None = None
    total: Minor | None = None
    computed: list[str] = []


class Discount(Model):
    """One discount; amount is positive. funded_by: `platform`, `store`, or None when nobody says."""

    code: str | None = None
    name: str | None = None
    amount: Minor | None = None
    funded_by: DeliveredBy | None = None


class Payment(Model):
    """How it is paid. amount_due: what the store or its courier still has to collect."""

    method: PaymentMethod | None = None
    prepaid: bool | None = None
    amount_due: Minor | None = None


class Courier(Model):
    """The person on the way. status: the delivery platform's own word."""

    name: str | None = None
    phone: str | None = None
    vehicle: str | None = None
    status: str | None = None
    eta: Utc | None = None
    lat: Degrees | None = None
    lng: Degrees | None = None
    tracking_url: str | None = None
    delivered_by: DeliveredBy | None = None


class Tracking(Model):
    """One parcel."""

    carrier: str | None = None
    code: str | None = None
    url: str | None = None


class Reservation(Model):
    """A table for guests."""

    party_size: int | None = None
    table: str | None = None
    seating: str | None = None


class StatusReason(Model):
    """Why an order was denied or cancelled.

    code: ours, None when the platform's word has no counterpart; source_code: the platform's own word;
    items: ids of the order lines it is about (what is out of stock).
    """

    code: CancelReason | None = None
    details: str | None = None
    source_code: str | None = None
    items: list[str] = []


class Check(Model):
    """Something about the order that does not agree; for people to look at, never a reason to refuse it."""

    code: str
    message: str
    expected: Minor | None = None
    actual: Minor | None = None


class Sync(Model):
    """What the source platform has confirmed of our last change.

    version: the order version that asked for it; status: what the platform was to be told; detail: a sentence for
    staff; attempts: calls made so far.
    """

    state: SyncState = SyncState.NOT_NEEDED
    version: int = 0
    status: Status | None = None
    detail: str | None = None
    attempts: int = 0
    at: Utc | None = None


class Refund(Model):
    """Money that staff give back.

    amount: minor units; items: ids of the order lines it is for, none for the whole order; state: what became of it at
    the platform; detail: a sentence for staff; asked_by: from the token.
    """

    id: str
    amount: Minor
    items: list[str] = []
    reason: str | None = None
    state: SyncState = SyncState.PENDING
    detail: str | None = None
    asked_by: str
    at: Utc


NATIVE = "direct"
"""The `platform` of orders that the store makes itself."""


class HandOver(Model):
    """Who has an order for something. id: theirs; state: their own word for where it is, as of heard_at."""

    connection_id: str
    platform: str
    id: str | None = None
    state: str | None = None
    heard_at: Utc | None = None


class Order(Model):
    """One order of one customer at one store, whatever platform it came from.

    channel: the marketplace behind an aggregator, else the platform. duplicate_of: the hub's id of the same order as it
    comes from its marketplace directly; this copy is shown and not counted. promised_at: when the store promised
    ready_at. source_status: the last status the platform itself gave; source_version: its version or time of that, as
    text that sorts. handed_to: who took the goods, as staff say. hand_overs: what it was handed over for (`delivery`,
    `warehouse`) -> who has it. offer: which offer of the platform the store has to
    answer (some are made twice). source: what the adapter needs to act on the order later, its own words. cart: what
    became of the last change of its lines at the platform, None when there was none. status_by: who of the staff
    brought it to its status, None when nobody of them did. enters_at: an order for later is not among the open ones
    until then; None for all others, and once it is. erased_at: when its customer was forgotten; who tells of them
    afterwards, it is not kept. version: grows by one with each change; times: when it first got to each status, to
    incoming when it entered; created_at, updated_at: these are by the hub's clock.
    """

    id: str
    platform: str
    connection_id: str
    channel: str
    external_id: str
    display_id: str | None = None
    store_id: str
    store_external_id: str | None = None
    status: Status
    status_reason: StatusReason | None = None
    status_by: str | None = None
    fulfillment: Fulfillment | None = None
    delivered_by: DeliveredBy | None = None
    placed_at: Utc | None = None
    scheduled_for: Utc | None = None
    enters_at: Utc | None = None
    accept_by: Utc | None = None
    ready_at: Utc | None = None
    delivery_at: Utc | None = None
    prep_minutes: int | None = None
    promised_at: Utc | None = None
    customer: Customer | None = None
    address: Address | None = None
    items: list[Item] = []
    amounts: Amounts
    discounts: list[Discount] = []
    payment: Payment | None = None
    notes: str | None = None
    include_cutlery: bool | None = None
    courier: Courier | None = None
    tracking: list[Tracking] = []
    handed_to: str | None = None
    hand_overs: dict[str, HandOver] = {}
    reservation: Reservation | None = None
    duplicate_of: str | None = None
    is_test: bool = False
    brand: str | None = None
    source_status: Status | None = None
    source_version: str | None = None
    offer: str = ""
    source: dict[str, str] = {}
    version: int = 0
    times: dict[Status, Utc] = {}
    created_at: Utc | None = None
    updated_at: Utc | None = None
    checks: list[Check] = []
    refunds: list[Refund] = []
    sync: Sync = Sync()
    cart: Sync | None = None
    erased_at: Utc | None = None

    @property
    def is_native(self) -> bool:
        """Whether the store made it itself: there is no platform to tell."""
        return self.platform == NATIVE

    @property
    def is_open(self) -> bool:
        """Whether anyone still has work with it."""
        return self.status not in CLOSED

    @property
    def is_waiting(self) -> bool:
        """Whether it is for later, and not among the open orders yet."""
        return self.enters_at is not None and self.status is Status.INCOMING

    @property
    def answerable_since(self) -> datetime | None:
        """From when the store could answer it: when it was placed, or entered where it waited for its time."""
        placed, entered = self.placed_at or self.created_at, self.times.get(Status.INCOMING)
        return max(placed, entered) if placed and entered and self.scheduled_for is not None else placed
