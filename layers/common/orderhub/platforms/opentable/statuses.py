"""OpenTable's words as tables.

BOOKED, SEATED, ASSUMED_SEATED, DONE, NOSHOW, CANCELED: https://github.com/opentable/slate (OpenTable Developer's Guide,
"Reservation States"). The others were seen in what Sync gives, or are taken to mean what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orderhub.order.models import Order
from orderhub.order.status import Status

# How the hub came by a reservation, in `Order.source["mode"]` and in the settings.
PUSH: Final = "push"
SYNC: Final = "sync"

# Compared without case, blanks, dashes and underscores, see `plain`.
STATES: Mapping[str, Status] = {
    "booked": Status.ACCEPTED,
    "confirmed": Status.ACCEPTED,
    "pending": Status.INCOMING,
    "notconfirmed": Status.INCOMING,
    "requested": Status.INCOMING,
    "waitlist": Status.INCOMING,
    "arrived": Status.READY,
    "partiallyarrived": Status.READY,
    "partiallyseated": Status.READY,
    "seated": Status.PICKED_UP,
    "assumedseated": Status.PICKED_UP,  # set by OpenTable itself once the time has passed
    "done": Status.COMPLETED,
    "canceled": Status.CANCELLED,
    "cancelled": Status.CANCELLED,
    "noshow": Status.CANCELLED,
}
NO_SHOW = "noshow"
NO_SHOW_SAID = "The guests did not come"

# `ReservationState` of an update, "Sending Updates to OpenTable": with two l, unlike the state. Booked is a setting.
SEATED, CANCELLED, NOT_SHOWN_UP = "Seated", "Cancelled", "NoShow"

# Why a table is refused -> `error` and `error_description` of the answer; the guide leaves both open ("TBD").
REFUSALS: Mapping[str, tuple[str, str]] = {
    "full": ("no_table", "No table is free for this party at this time."),
    "too_large": ("party_too_large", "The restaurant does not take parties of this size."),
    "closed": ("closed", "The restaurant gives out no tables at this time."),
    "unknown": ("unknown_reservation", "The restaurant has no such reservation."),
}

_UNTOLD = str.maketrans("", "", " -_")


def plain(word: str) -> str:
    """A word as it is compared."""
    return word.translate(_UNTOLD).casefold()


def status_of(state: str, others: Mapping[str, Status]) -> Status | None:
    """Where a reservation in this state stands; None for a state nobody knows. others: those of the settings."""
    meant = {plain(word): status for word, status in others.items()}
    return meant.get(plain(state)) or STATES.get(plain(state))


def why_untold(order: Order) -> str | None:
    """Why OpenTable is told nothing of a reservation; None when the hub has booked it."""
    if order.source.get("mode") != PUSH:
        return "its Sync is for reading only: act in OpenTable's Guest Center"
    return None if order.external_id.isdecimal() else "it was never booked: OpenTable has been told so"
