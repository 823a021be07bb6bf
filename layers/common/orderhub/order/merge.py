"""What a message does to an order. Pure: the order as it is and a message in, the order as it shall be out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import singledispatch
from typing import Any

from orderhub.errors import Reject
from orderhub.order import dominance, hand_overs
from orderhub.order.messages import (
    CourierReport,
    HandedOver,
    HandOverReport,
    OrderMessage,
    OrderSnapshot,
    Report,
    StaffChange,
    StaffMessage,
    StatusReport,
    TrackingReport,
)
from orderhub.order.models import Amounts, Check, Courier, Order, Sync, SyncState
from orderhub.order.pricing import check_sums
from orderhub.order.status import CLOSED, PLATFORM_MOVES, Status

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
    owner = dominance.owner_instead(current, message) if current is not None else None
    if owner is not None:
        return Outcome(Effect.DROPPED, _type_of(message), summary={"owner": owner})
    if current is None and isinstance(message, Report) and message.only_if_known:
        return Outcome(Effect.UNCHANGED, _type_of(message))
    outcome = _forgetting(_apply(message, current, now, identity), current)
    if outcome.order is None or _says_nothing_new(outcome.order, current):
        return Outcome(Effect.UNCHANGED if outcome.order else outcome.effect, outcome.type, summary=outcome.summary)
    stamped = outcome.order.model_copy(
        update={
            "version": (current.version if current else 0) + 1,
            "times": {outcome.order.status: now, **outcome.order.times},
            "status_by": _status_by(message, current, outcome.order),
            "created_at": current.created_at if current else now,
            "updated_at": now,
        }
    )
    if current is not None and current.is_waiting and not stamped.is_waiting:
        stamped = _entered(stamped, now)
    if isinstance(message, StaffChange):
        stamped = asked_for(stamped, now, message.untold)
    elif isinstance(message, HandOverReport) and current is not None and stamped.status != current.status:
        stamped = asked_for(stamped, now)
    return Outcome(outcome.effect, outcome.type, stamped, outcome.summary)


def _entered(order: Order, now: datetime) -> Order:
    """An order that waited for its time and does so no more; that it came in counts from now on."""
    return order.model_copy(update={"enters_at": None, "times": {**order.times, Status.INCOMING: now}})


def _status_by(message: OrderMessage, current: Order | None, order: Order) -> str | None:
    """The person who brought the order to its status."""
    if current is not None and order.status == current.status:
        return current.status_by
    return message.by or None if isinstance(message, StaffChange) else None


def _forgetting(outcome: Outcome, current: Order | None) -> Outcome:
    """The outcome for an order whose customer is erased: whoever tells of them again, it is not kept."""
    after = outcome.order or current
    if after is None or after.erased_at is None:
        return outcome
    from orderhub.order.erasure import bare_summary, without_person  # noqa: PLC0415  (few orders need it)

    order = without_person(outcome.order) if outcome.order is not None else None
    return replace(outcome, order=order, summary=bare_summary(outcome.summary))


def asked_for(order: Order, now: datetime, untold: str | None = None) -> Order:
    """The order with the note that its platform has yet to confirm this version, or why it will not be told."""
    if order.is_native:
        return order
    state = SyncState.UNSUPPORTED if untold else SyncState.PENDING
    sync = Sync(state=state, version=order.version, status=order.status, detail=untold, at=now)
    return order.model_copy(update={"sync": sync})


def _is_stale(current: Order, message: OrderMessage) -> bool:
    if isinstance(message, HandOverReport):
        return hand_overs.is_old(message, current)
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
        case HandOverReport(target=target):
            return f"{target}.updated"
        case StaffChange(status=None):
            return "order.ready_time_changed"
        case StaffChange(status=status):
            return f"order.{status}"
        case _:
            raise TypeError(f"{type(message).__name__} is never stale")


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
    return Outcome(Effect.APPLIED, kind, settled, moved(current.status, status, correction=correction))


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
    summary = moved(current.status, status, correction=correction) or {"to": status}
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
    summary = moved(current.status if current else None, status, correction=correction)
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
        moved(order.status, status),
    )


@_apply.register
def _hand_over(message: HandOverReport, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    known = _known(current)
    order, kind, told = hand_overs.heard(message, known)
    return Outcome(Effect.APPLIED, kind, order, told)


@_apply.register
def _handed_over(message: HandedOver, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    order, kind, told = hand_overs.handed(message, _known(current))
    return Outcome(Effect.APPLIED, kind, order, told)


def _known(current: Order | None) -> Order:
    if current is None:
        raise Reject("ORDER_NOT_FOUND", "there is no such order")
    return current


@_apply.register
def _staff(message: StaffMessage, current: Order | None, now: datetime, identity: Identity) -> Outcome:
    current = _known(current)
    if message.expected_version is not None and message.expected_version != current.version:
        raise Reject(
            "VERSION_CONFLICT",
            f"the order has changed since: it is at version {current.version} now",
            details={"version": current.version, "status": current.status},
        )
    from orderhub.order.staff import decide  # noqa: PLC0415  (webhooks bring none of these)

    outcome = decide(message, current, now)
    return replace(outcome, summary={**outcome.summary, "request": message.request}) if message.request else outcome


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


def moved(before: Status | None, after: Status, *, correction: bool = False) -> dict[str, Any]:
    """What the timeline says of a change of status, nothing when there is none."""
    told: dict[str, Any] = {} if before == after else {"from": before, "to": after}
    return {**told, "correction": True} if correction else told
