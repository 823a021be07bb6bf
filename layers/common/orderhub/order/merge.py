"""What a message does to an order. Pure: the order as it is and a message in, the order as it shall be out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import singledispatch
from typing import Any

from orderhub.errors import Reject
from orderhub.order import dominance
from orderhub.order.messages import (
    CourierReport,
    OrderMessage,
    OrderSnapshot,
    Report,
    StaffChange,
    StatusReport,
    TrackingReport,
)
from orderhub.order.models import Amounts, Check, Courier, Order, Sync, SyncState
from orderhub.order.pricing import check_sums
from orderhub.order.status import CLOSED, PLATFORM_MOVES, STAFF_MOVES, Status

CONTENT_MISSING = "CONTENT_MISSING"


class Effect(StrEnum):
    """What became of a message."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"  # it says what we know already
    STALE = "stale"  # older than what we know
    DROPPED = "dropped"  # from a system that may not decide this


@dataclass(frozen=True, slots=True)
class Outcome:
    """order: as it shall be (None: no change to write). type: the name in the timeline. summary: small facts for it."""

    effect: Effect
    type: str
    order: Order | None = None
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an order is made of when all we have is a report about it."""

    order_id: str
    platform: str
    connection_id: str
    external_id: str
    store_id: str
    currency: str


def apply(current: Order | None, message: OrderMessage, now: datetime, identity: Identity) -> Outcome:
    """The outcome of a message for an order that may not exist yet.

    Raises Reject for a staff change that the order's status or version does not allow.
    """
    if current is not None and _is_stale(current, message):
        return Outcome(Effect.STALE, _type_of(message), summary={"known_version": current.source_version})
    if current is None and isinstance(message, Report) and message.only_if_known:
        return Outcome(Effect.UNCHANGED, _type_of(message))
    outcome = _apply(message, current, now, identity)
    if outcome.order is None or _says_nothing_new(outcome.order, current):
        return Outcome(Effect.UNCHANGED if outcome.order else outcome.effect, outcome.type, summary=outcome.summary)
    stamped = outcome.order.model_copy(
        update={
            "version": (current.version if current else 0) + 1,
            "created_at": current.created_at if current else now,
            "updated_at": now,
        }
    )
    if isinstance(message, StaffChange):
        stamped = asked_for(stamped, now, message.untold)
    return Outcome(outcome.effect, outcome.type, stamped, outcome.summary)


def asked_for(order: Order, now: datetime, untold: str | None = None) -> Order:
    """The order with the note that its platform has yet to confirm this version, or why it will not be told."""
    state = SyncState.UNSUPPORTED if untold else SyncState.PENDING
    sync = Sync(state=state, version=order.version, status=order.status, detail=untold, at=now)
    return order.model_copy(update={"sync": sync})


def _is_stale(current: Order, message: OrderMessage) -> bool:
    if message.source_version is None or current.source_version is None:
        return False
    if isinstance(message, OrderSnapshot) and is_placeholder(current):
        return False  # its content is news, however old
    if isinstance(message, StatusReport) and message.status in CLOSED and current.status not in CLOSED:
        return False  # an end that is told late is still an end; clocks differ, and food must not be cooked for it
    return message.source_version < current.source_version


def _says_nothing_new(order: Order, current: Order | None) -> bool:
    """Whether all that differs is the source's version: some platforms have none, and the time of asking stands in."""
    return current is not None and order == current.model_copy(update={"source_version": order.source_version})


def is_placeholder(order: Order) -> bool:
    """Whether all we have of the order is a report about it."""
    return any(check.code == CONTENT_MISSING for check in order.checks)


def _type_of(message: OrderMessage) -> str:
    match message:
        case OrderSnapshot():
            return "order.updated"
        case CourierReport():
            return "courier.updated"
        case TrackingReport():
            return "tracking.updated"
        case StatusReport(status=status):
            return f"order.{status}"
        case StaffChange(status=None):
            return "order.ready_time_changed"
        case StaffChange(status=status):
            return f"order.{status}"


@singledispatch
def _apply(message: OrderMessage, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    raise TypeError(f"{type(message).__name__} is no message about an order")


@_apply.register
def _snapshot(message: OrderSnapshot, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    incoming = _as_sent(message)
    if current is None:
        return Outcome(Effect.APPLIED, "order.created", incoming, {"to": incoming.status})
    if is_placeholder(current):
        return _fill(current, incoming, message.guessed)
    status, correction = _next_status(current, incoming.status, message.source_version)
    settled = dominance.settle(current, incoming, message.guessed).model_copy(update={"status": status})
    if status != current.status:
        settled = settled.model_copy(update={"status_reason": incoming.status_reason})
    offered_again = incoming.offer != current.offer and incoming.status is Status.INCOMING
    kind = "order.offered" if offered_again else _named(current.status, status)
    return Outcome(Effect.APPLIED, kind, settled, _moved(current.status, status, correction=correction))


def _as_sent(message: OrderSnapshot) -> Order:
    order = message.order
    checks = [*order.checks, *(check for check in check_sums(order) if check not in order.checks)]
    return order.model_copy(
        update={"source_status": order.status, "source_version": message.source_version, "checks": checks}
    )


def _fill(current: Order, incoming: Order, guessed: frozenset[str]) -> Outcome:
    """The content of an order of which we had only a report: the report's status stays where it is the newer word."""
    older = (incoming.source_version or "") < (current.source_version or "")
    status, correction = current.status, False
    if not older:
        status, correction = _next_status(current, incoming.status, incoming.source_version)
    kept: dict[str, Any] = {"status": status}
    if older:
        kept |= {"source_status": current.source_status, "source_version": current.source_version}
    if status == incoming.status:
        kept["status_reason"] = current.status_reason or incoming.status_reason
    filled = dominance.settle(current, incoming, guessed).model_copy(update=kept)
    summary = _moved(current.status, status, correction=correction) or {"to": status}
    return Outcome(Effect.APPLIED, "order.created", filled, summary)


@_apply.register
def _status(message: StatusReport, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    order = current or _placeholder(identity, message.status)
    status, correction = _next_status(order, message.status, message.source_version)
    update: dict[str, Any] = {"status": status, "source_status": message.status}
    if message.source_version is not None:
        update["source_version"] = message.source_version
    if message.reason is not None and status == message.status:
        update["status_reason"] = message.reason
    summary = _moved(current.status if current else None, status, correction=correction)
    return Outcome(Effect.APPLIED, f"order.{message.status}", order.model_copy(update=update), summary)


@_apply.register
def _courier(message: CourierReport, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    order = current or _placeholder(identity, message.status or Status.INCOMING)
    known = order.courier or Courier()
    news = {name: value for name, value in message.courier if value is not None}
    return _report(message, order, {"courier": known.model_copy(update=news)}, "courier.updated")


@_apply.register
def _tracking(message: TrackingReport, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    order = current or _placeholder(identity, message.status or Status.INCOMING)
    added = [parcel for parcel in message.tracking if parcel not in order.tracking]
    return _report(message, order, {"tracking": [*order.tracking, *added]}, "tracking.updated")


def _report(message: CourierReport | TrackingReport, order: Order, update: dict[str, Any], kind: str) -> Outcome:
    status = order.status
    if message.status is not None and status not in CLOSED:
        status, _ = _next_status(order, message.status, message.source_version)
    return Outcome(
        Effect.APPLIED,
        kind,
        order.model_copy(update={**update, "status": status}),
        _moved(order.status, status),
    )


@_apply.register
def _staff(message: StaffChange, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    if current is None:
        raise Reject("ORDER_NOT_FOUND", "there is no such order")
    if message.expected_version is not None and message.expected_version != current.version:
        raise Reject(
            "VERSION_CONFLICT",
            f"the order has changed since: it is at version {current.version} now",
            details={"version": current.version},
        )
    promise = _promise(message, now)
    request = {"request": message.request} if message.request else {}
    if message.status is None:
        if current.status in CLOSED:
            raise Reject("ORDER_NOT_MODIFIABLE", f"the order is {current.status}")
        told = {**promise, **request}
        return Outcome(Effect.APPLIED, "order.ready_time_changed", current.model_copy(update=promise), told)
    kind, summary = f"order.{message.status}", {**_moved(current.status, message.status), **request}
    if message.status == current.status:
        if not promise or not current.is_open:
            return Outcome(Effect.UNCHANGED, kind, None, summary)
        return Outcome(Effect.APPLIED, kind, current.model_copy(update=promise), summary)
    if message.status not in STAFF_MOVES[current.status]:
        raise Reject(
            "ORDER_ALREADY_PROCESSED" if current.status in CLOSED else "ORDER_NOT_MODIFIABLE",
            f"an order that is {current.status} cannot become {message.status}",
            details={"status": current.status, "allowed": sorted(STAFF_MOVES[current.status])},
        )
    update = {**promise, "status": message.status}
    if message.reason is not None:
        update["status_reason"] = message.reason
    return Outcome(Effect.APPLIED, kind, current.model_copy(update=update), summary)


def _promise(message: StaffChange, now: datetime) -> dict[str, Any]:
    if message.ready_at is not None:
        minutes = max(0, round((message.ready_at - now) / timedelta(minutes=1)))
        return {"ready_at": message.ready_at, "prep_minutes": minutes, "promised_at": now}
    if message.prep_minutes is not None:
        ready_at = now + timedelta(minutes=message.prep_minutes)
        return {"ready_at": ready_at, "prep_minutes": message.prep_minutes, "promised_at": now}
    return {}


def _next_status(current: Order, reported: Status, version: str | None) -> tuple[Status, bool]:
    """Where a platform's word takes an order, and whether that corrects an end the platform itself had declared."""
    if reported in PLATFORM_MOVES[current.status]:
        return reported, False
    ended = current.status in CLOSED and current.source_status == current.status
    if ended and reported != current.status and (version or "") > (current.source_version or ""):
        return reported, True
    return current.status, False


def _placeholder(identity: Identity, status: Status) -> Order:
    return Order(
        id=identity.order_id,
        platform=identity.platform,
        connection_id=identity.connection_id,
        channel=identity.platform,
        external_id=identity.external_id,
        store_id=identity.store_id,
        status=status,
        amounts=Amounts(currency=identity.currency),
        checks=[Check(code=CONTENT_MISSING, message="the platform reported on this order before it sent it")],
    )


def _named(before: Status, after: Status) -> str:
    return "order.updated" if before == after else f"order.{after}"


def _moved(before: Status | None, after: Status, *, correction: bool = False) -> dict[str, Any]:
    moved: dict[str, Any] = {} if before == after else {"from": before, "to": after}
    return {**moved, "correction": True} if correction else moved
