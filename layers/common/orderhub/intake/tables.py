"""Requests for a table: the hub decides from its own book, and the answer is the booking.

The reservation, its place in the book and the answer are stored in one transaction; asked again, the answer is the one
that was given. Nobody outside is asked on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orderhub.errors import Quarantine, Retry
from orderhub.intake.record import count_received
from orderhub.order import dominance, merge
from orderhub.order.events import Actor, Cause, Event, Raw
from orderhub.order.ids import digest
from orderhub.order.merge import Effect, Identity
from orderhub.order.messages import Decision, OrderSnapshot, StatusReport, TableRequest, TableStep
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import CLOSED, Status
from orderhub.order.tables import Book, Seating, day_of, refusal
from orderhub.platforms.base import Connection
from orderhub.platforms.http_types import Answer
from orderhub.runtime import logger
from orderhub.storage import orders, tables

_TRIES = 10
_BY_THE_BOOK = Cause(Actor.SYSTEM, "table book")


@dataclass(frozen=True, slots=True)
class _Desk:
    """One request at the desk of one restaurant."""

    message: TableRequest
    connection: Connection[Any, Any]
    raw: Raw
    now: datetime

    @property
    def key(self) -> str:
        """Of the event: the answer makes a request count once, and asked anew when it is forgotten it is another."""
        return f"{self.message.delivery_key}-{int(self.now.timestamp())}"

    @property
    def store(self) -> str:
        return self.message.store_external_id

    @property
    def zone(self) -> str:
        return self.connection.store(self.store).time_zone

    def order_id(self, number: int | str) -> str:
        return self.connection.order_id(self.store, str(number))

    def book(self, at: datetime) -> Book:
        return tables.book(self.connection.id, self.store, day_of(at, self.zone)).at(self.now)

    def number(self) -> int:
        return tables.next_number(self.connection.id, self.store, self.now)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was decided, and what has to be stored with it. received: a reservation that is new to us."""

    decision: Decision
    books: Sequence[Book] = ()
    changes: Sequence[dict[str, Any]] = field(default_factory=tuple)
    received: Order | None = None


def answer_request(
    message: TableRequest,
    decided: Callable[[Decision], Answer],
    connection: Connection[Any, Any],
    raw: Raw,
    now: datetime,
) -> Answer:
    """Decides, stores and words the answer. Raises Retry, when nothing has been decided; Quarantine."""
    desk = _Desk(message, connection, raw, now)
    for _ in range(_TRIES):
        known = tables.answered(connection.id, message.delivery_key, now)
        if known is not None:
            logger.info("answered again", extra={"platform": connection.platform, "key": message.delivery_key})
            return Answer(**known)
        outcome = _STEPS[message.step](desk)
        answer = decided(outcome.decision)
        document = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
        remembered = (message.delivery_key, document, now + message.remember)
        if tables.commit(connection.id, desk.store, outcome.books, remembered, outcome.changes, now=now):
            if outcome.received is not None:
                count_received(None, outcome.received, Cause(Actor.PLATFORM), now)
            logger.info("decided", extra={"platform": connection.platform, "why": outcome.decision.why or "granted"})
            return answer
    raise Retry("many ask for tables of this day at once")


# --- the steps -------------------------------------------------------------------------------------------------------


def _hold(desk: _Desk) -> _Outcome:
    at, size = _wanted(desk)
    book, why = _room(desk, desk.book(at), at, size)
    if why:
        return _Outcome(Decision(granted=False, why=why))
    number, lasts = desk.number(), desk.message.rules.hold
    held = Seating(number, at, size, desk.now + lasts)
    return _Outcome(Decision(granted=True, number=number, expires_in=lasts), [book.having(held)])


def _make(desk: _Desk) -> _Outcome:
    at, size = _wanted(desk)
    # The seats of the lock are the guests' own. When it has run out it is gone from the book, and they are tried anew.
    book, why = _room(desk, desk.book(at).without_lock(desk.message.hold), at, size)
    if why:
        return _refused(desk, why)
    number = desk.number()
    asked = _new_order(desk, str(number), Status.INCOMING)
    times = {**asked.times, Status.ACCEPTED: desk.now}
    order = merge.asked_for(asked.model_copy(update={"status": Status.ACCEPTED, "times": times}), desk.now)
    event = _event(desk, order, "order.accepted", {"to": order.status.value, "number": number}, _BY_THE_BOOK)
    return _Outcome(
        Decision(granted=True, number=number),
        [book.having(Seating(number, at, size))],
        orders.writes(order, event, time_zone=desk.zone),
        received=order,
    )


def _refused(desk: _Desk, why: str) -> _Outcome:
    """The guests that were sent away are on record too: they are what a second seating would bring."""
    order = _new_order(desk, f"refused-{digest(desk.key)}", Status.DENIED)
    order = order.model_copy(update={"status_reason": StatusReason(details=why.replace("_", " "))})
    event = _event(desk, order, "order.denied", {"to": order.status.value, "why": why}, _BY_THE_BOOK)
    writes = orders.writes(order, event, time_zone=desk.zone)
    return _Outcome(Decision(granted=False, why=why), changes=writes, received=order)


def _change(desk: _Desk) -> _Outcome:
    current = _known(desk)
    if current is None or current.status in CLOSED or desk.message.order is None:
        return _Outcome(Decision(granted=False, why="unknown"))
    number = desk.message.number or 0
    at, size = _wanted(desk)
    before = desk.book(current.scheduled_for or at).without(number)
    after = before if before.day == day_of(at, desk.zone) else desk.book(at).without(number)
    after, why = _room(desk, after, at, size)
    if why:
        return _Outcome(Decision(granted=False, why=why))
    kept = {"id": current.id, "external_id": current.external_id, "display_id": current.display_id}
    told = desk.message.order.model_copy(update={**kept, "source_status": current.source_status})
    news = {"version": current.version + 1, "updated_at": desk.now, "source_version": desk.message.source_version}
    # What the store had promised, it had promised for the time before.
    promise = dict.fromkeys(("ready_at", "promised_at", "prep_minutes"))
    order = dominance.settle(current, told).model_copy(update={**news, **promise})
    event = _event(desk, order, "order.updated", {"party_size": size}, Cause(Actor.PLATFORM))
    books = [after.having(Seating(number, at, size)), *([before] if before.day != after.day else [])]
    return _Outcome(Decision(granted=True, number=number), books, orders.writes(order, event))


def _cancel(desk: _Desk) -> _Outcome:
    current, number = _known(desk), desk.message.number
    if current is None:
        return _Outcome(Decision(granted=False, why="unknown"))
    granted = Decision(granted=True, number=number)
    report = StatusReport(
        delivery_key=desk.message.delivery_key, external_id=current.external_id, status=Status.CANCELLED
    )
    outcome = merge.apply(current, report, desk.now, _identity(current))
    if outcome.order is None:
        return _Outcome(granted)
    event = _event(desk, outcome.order, outcome.type, outcome.summary, Cause(Actor.PLATFORM))
    books = [desk.book(current.scheduled_for).without(number)] if current.scheduled_for else []
    return _Outcome(granted, books, orders.writes(outcome.order, event))


_STEPS: dict[TableStep, Callable[[_Desk], _Outcome]] = {
    TableStep.HOLD: _hold,
    TableStep.MAKE: _make,
    TableStep.CHANGE: _change,
    TableStep.CANCEL: _cancel,
}


# --- their parts -----------------------------------------------------------------------------------------------------


def _wanted(desk: _Desk) -> tuple[datetime, int]:
    if desk.message.at is None:
        raise Quarantine("a request for a table that does not say when")
    return desk.message.at, desk.message.party_size


def _room(desk: _Desk, book: Book, at: datetime, size: int) -> tuple[Book, str]:
    """The book, and why there is no room in it.

    Before anybody is sent away it is looked up whether those who have the seats are still coming: staff may have
    cancelled or finished them since.
    """
    rules = desk.message.rules
    why = refusal(book, at, size, rules, desk.zone)
    if why != "full":
        return book, why
    booked = {desk.order_id(one.number): one.number for one in book.beside(at, rules.turn) if one.held_until is None}
    gone = [booked[order_id] for order_id, status in orders.statuses(list(booked)).items() if status in CLOSED]
    book = book.without(*gone)
    return book, refusal(book, at, size, rules, desk.zone)


def _known(desk: _Desk) -> Order | None:
    number = desk.message.number
    return orders.get(desk.order_id(number)) if number is not None else None


def _new_order(desk: _Desk, external_id: str, status: Status) -> Order:
    """The reservation as it is first recorded, of the status that the platform knows it in."""
    if desk.message.order is None:
        raise Quarantine("a reservation without its content")
    names = {"id": desk.order_id(external_id), "external_id": external_id, "status": status}
    shown = external_id if status is Status.INCOMING else None
    order = desk.message.order.model_copy(update={**names, "display_id": shown})
    snapshot = OrderSnapshot(
        delivery_key=desk.message.delivery_key, source_version=desk.message.source_version, order=order, is_new=True
    )
    made = merge.apply(None, snapshot, desk.now, _identity(order)).order
    if made is None:
        raise Quarantine("a reservation that says nothing")
    return made


def _identity(order: Order) -> Identity:
    return Identity(
        order.id, order.platform, order.connection_id, order.external_id, order.store_id, order.amounts.currency
    )


def _event(desk: _Desk, order: Order, kind: str, summary: dict[str, Any], cause: Cause) -> Event:
    return Event(
        order_id=order.id,
        key=desk.key,
        type=kind,
        effect=Effect.APPLIED,
        at=desk.now,
        cause=cause,
        platform=order.platform,
        connection_id=order.connection_id,
        version=order.version,
        source_version=desk.message.source_version,
        summary=summary,
        raw=desk.raw,
    )
