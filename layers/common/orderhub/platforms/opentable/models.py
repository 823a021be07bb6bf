"""What OpenTable sends, as far as we read it. Unknown fields are kept.

Its calls: https://github.com/opentable/slate (OpenTable Developer's Guide, "Booking a Reservation", "Exchanging
Reservation Updates"). Rows of Sync: their schema is not public; the envelope, `id`, `state` and `updated_at_utc` were
seen, the rest is read wherever it may be.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orderhub.platforms.payload import Id, NullAsEmpty, Payload, Text

LARGEST_NUMBER = 2**31 - 1  # restaurants and confirmation numbers are Int32 at OpenTable
LARGEST_PARTY = 1_000


def _digits(value: Any) -> Any:
    """A number that was written as text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else value


def _listed(value: Any) -> Any:
    """One or several things by name or number, as text."""
    several = value if isinstance(value, list) else [value]
    named = [str(one) for one in several if isinstance(one, str | int) and not isinstance(one, bool)]
    return ", ".join(filter(None, named)) or None


Number = Annotated[int, BeforeValidator(_digits), Field(strict=True, ge=1, le=LARGEST_NUMBER)]
Party = Annotated[int, BeforeValidator(_digits), Field(strict=True, ge=1, le=LARGEST_PARTY)]
Lock = Annotated[int, BeforeValidator(_digits), Field(strict=True, ge=0, lt=2**63)]


class Phone(Payload):
    """country_code: the number to dial, `1`; type: `Mobile`, `Home` or `Work`."""

    number: Text = None
    type: Text = None
    country_code: Text = None


class Guest(Payload):
    """Whom a table is booked for. gpid: OpenTable's id of the diner.

    email: of older calls; transactional_email: for mail about the reservation alone, unless the diner has opted in.
    """

    gpid: Text = None
    first_name: Text = None
    last_name: Text = None
    email: Text = None
    transactional_email: Text = None
    opt_in_for_restaurant_marketing: bool | None = None
    phone: Phone | None = None


class LockCall(Payload):
    """A table is to be kept. date: local to the restaurant."""

    rid: Number
    date: str = Field(min_length=1)
    party_size: Party


class MakeCall(Payload):
    """A table is to be booked. date_time: local to the restaurant; slot_lock_id: an older name of lock_id."""

    rid: Number
    date_time: str = Field(min_length=1)
    party_size: Party
    guest: Guest | None = None
    guest_reso_notes: Text = None
    web_reso_notes: Text = None
    lock_id: Lock | None = None
    slot_lock_id: Lock | None = None


class UpdateCall(MakeCall):
    """Another time or party size of what was booked."""

    confirmation_number: Number


class CancelCall(Payload):
    """What was booked is off."""

    rid: Number
    confirmation_number: Number


class SyncGuest(Payload):
    """A guest within a row, or a row of `/sync/v2/guests`."""

    id: Text = None
    first_name: Text = None
    last_name: Text = None
    email: Text = None
    phone: Phone | Text = None


class Row(Payload):
    """A reservation as Sync gives it. Times that end in `_utc` are in UTC, the others local to the restaurant."""

    id: Id
    state: Id
    rid: Number | None = None
    updated_at_utc: Text = None
    confirmation_id: Text = None
    confirmation_number: Text = None
    scheduled_time_utc: Text = None
    scheduled_time: Text = None
    date_time: Text = None
    created_at_utc: Text = None
    created_at: Text = None
    party_size: Annotated[int, BeforeValidator(_digits), Field(strict=True, ge=0, le=LARGEST_PARTY)] | None = None
    guest: SyncGuest | None = None
    guest_id: Text = None
    guest_request: Text = None
    guest_notes: Text = None
    venue_notes: Text = None
    notes: Text = None
    table_number: Text = None
    tables: Annotated[str | None, BeforeValidator(_listed)] = None
    server: Text = None


class SyncPage(Payload):
    """A page of a list of Sync."""

    has_next: bool = Field(default=False, alias="hasNextPage")
    next_url: Text = Field(default=None, alias="nextPageUrl")
    offset: Annotated[int, Field(strict=True, ge=0, lt=10**9)] | None = None
    limit: Annotated[int, Field(strict=True, ge=0, lt=10**9)] | None = None
    items: Annotated[list[Any], NullAsEmpty]
