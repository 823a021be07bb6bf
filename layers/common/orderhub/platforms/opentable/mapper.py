"""Reservations as canonical orders. Pure.

A reservation is a request to dine in: guests and a time, no items and no money.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.errors import Ignore
from orderhub.order.models import Amounts, Customer, Fulfillment, Order, Reservation, StatusReason
from orderhub.order.status import Status
from orderhub.order.times import parse_time
from orderhub.platforms.base import StoreRef, parse_as
from orderhub.platforms.opentable.models import Guest, MakeCall, Phone, Row, SyncGuest, UpdateCall
from orderhub.platforms.opentable.settings import OpenTableConnection
from orderhub.platforms.opentable.statuses import NO_SHOW, NO_SHOW_SAID, PUSH, SYNC, plain, status_of


def asked_for(call: MakeCall | UpdateCall, connection: OpenTableConnection, asked_at: datetime | None) -> Order:
    """The reservation in a call. Its number is the hub's to give. asked_at: when it was asked for, None for a change.

    Raises Quarantine when its time is no time.
    """
    store = connection.store(str(call.rid))
    guest, lock = call.guest or Guest(), lock_of(call)
    phone = guest.phone or Phone()
    return _order(
        ("", store, str(call.rid)),
        connection,
        status=Status.INCOMING,
        placed_at=asked_at,
        scheduled_for=parse_time(call.date_time, store.time_zone),
        customer=_customer(guest, guest.gpid, guest.email or guest.transactional_email),
        notes=_lines(call.guest_reso_notes, call.web_reso_notes),
        reservation=Reservation(party_size=call.party_size),
        source=_known(
            mode=PUSH,
            lock_id=None if lock is None else str(lock),
            phone=phone.number,
            phone_type=phone.type,
            phone_country_code=phone.country_code,
            marketing_opt_in=_yes_or_no(guest.opt_in_for_restaurant_marketing),
        ),
    )


def lock_of(call: MakeCall) -> int | None:
    """The lock that a booking refers to."""
    return call.slot_lock_id if call.lock_id is None else call.lock_id


def to_order(payload: Any, connection: OpenTableConnection) -> Order:
    """A row of Sync. Raises Quarantine when it cannot be read, Ignore when its state is none we know."""
    row = parse_as(Row, payload)
    status = status_of(row.state, connection.settings.states)
    if status is None:
        raise Ignore(f"reservation {row.id[:100]} is {row.state[:100]!r}, a state we do not know")
    rid = None if row.rid is None else str(row.rid)
    store = connection.store(rid)
    guest = row.guest or SyncGuest()
    return _order(
        (row.id, store, rid),
        connection,
        display_id=row.confirmation_id or row.confirmation_number,
        status=status,
        status_reason=_reason(row.state) if status is Status.CANCELLED else None,
        placed_at=_first_time((row.created_at_utc, "UTC"), (row.created_at, store.time_zone)),
        scheduled_for=_first_time(
            (row.scheduled_time_utc, "UTC"), (row.scheduled_time, store.time_zone), (row.date_time, store.time_zone)
        ),
        customer=_customer(guest, guest.id or row.guest_id, guest.email),
        notes=_lines(row.guest_request, row.guest_notes, row.venue_notes, row.notes),
        reservation=Reservation(party_size=row.party_size, table=row.table_number or row.tables),
        source=_known(mode=SYNC, state=row.state, server=row.server),
    )


def _order(whose: tuple[str, StoreRef, str | None], connection: OpenTableConnection, **told: Any) -> Order:
    """whose: its id at OpenTable, our store, and the id of the restaurant."""
    external_id, store, rid = whose
    return parse_as(
        Order,
        {
            "id": connection.order_id(external_id),
            "platform": connection.platform,
            "connection_id": connection.id,
            "channel": connection.platform,
            "external_id": external_id,
            "store_id": store.id,
            "store_external_id": rid,
            "fulfillment": Fulfillment.DINE_IN,
            "amounts": Amounts(currency=store.currency),
            **told,
        },
    )


def _customer(guest: Guest | SyncGuest, diner: str | None, email: str | None) -> Customer | None:
    name = " ".join(filter(None, (guest.first_name, guest.last_name))) or None
    phone = _dialled(guest.phone) if isinstance(guest.phone, Phone) else guest.phone
    found = Customer(name=name, phone=phone, email=email, external_id=diner)
    return None if found == Customer() else found


def _dialled(phone: Phone) -> str | None:
    """`555.666.7777` in country 1 as +15556667777; a number that tells no country as it is."""
    digits = "".join(one for one in phone.number or "" if one.isascii() and one.isdigit())
    if digits and (phone.number or "").startswith("+"):
        return f"+{digits}"
    return f"+{phone.country_code}{digits}" if digits and phone.country_code else phone.number


def _first_time(*told: tuple[str | None, str]) -> datetime | None:
    """The first of several times that is there, each with the zone it is in when it names none."""
    return next((parse_time(text, zone) for text, zone in told if text), None)


def _reason(state: str) -> StatusReason:
    return StatusReason(source_code=state, details=NO_SHOW_SAID if plain(state) == NO_SHOW else None)


def _lines(*notes: str | None) -> str | None:
    return "\n".join(dict.fromkeys(filter(None, notes))) or None


def _yes_or_no(value: bool | None) -> str | None:
    return None if value is None else ("yes" if value else "no")


def _known(**told: str | None) -> dict[str, str]:
    return {name: value for name, value in told.items() if value}
