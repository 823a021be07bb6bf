"""Recording: one message, one event, and the order as it then is. Exactly once in effect, whoever comes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from orderhub.errors import Quarantine, Reject, Retry
from orderhub.intake.quarantine import hold_fetched
from orderhub.order import merge
from orderhub.order.events import Actor, Cause, Event, Raw
from orderhub.order.ids import digest
from orderhub.order.merge import Effect, Identity
from orderhub.order.messages import (
    CourierReport,
    Ignored,
    InboundMessage,
    OrderMessage,
    OrderReference,
    OrderSnapshot,
    Report,
    StaffChange,
    StaffMessage,
    StatusReport,
    StockReport,
    TableRequest,
    TrackingReport,
    Unreadable,
)
from orderhub.order.models import Order
from orderhub.order.status import Status
from orderhub.platforms.base import Connection
from orderhub.platforms.registry import TARGETS
from orderhub.runtime import Metric, count, logger
from orderhub.storage import orders, timelines

_TRIES = 8
_FROM_PLATFORMS = (Actor.PLATFORM, Actor.POLL, Actor.FETCH)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a message. effect: an Effect, or `duplicate`, `ignored`, `referenced`, `reported`, `held`."""

    effect: str
    order_id: str | None = None
    order: Order | None = None


def record(
    message: InboundMessage, connection: Connection[Any, Any], raw: Raw, cause: Cause, now: datetime
) -> Recorded:
    """Stores what a platform told us. raw: what it came in, unless the message has its own part of it. Raises Retry."""
    if message.raw is not None:
        raw = Raw(message.raw, raw.headers)
    if connection.platform in TARGETS:
        from orderhub.intake.hand_overs import record_of_target  # noqa: PLC0415  (webhooks of orders need it not)

        return record_of_target(message, connection, raw, now)
    match message:
        case Unreadable():
            hold_fetched("row", connection.platform, connection.id, message.reason, raw.body, _about(message), now)
            return Recorded("held")
        case TableRequest():
            raise Quarantine("a request for a table outside of a request that waits for the decision")
        case Ignored():
            logger.info("ignored", extra={"platform": connection.platform, "reason": message.reason})
            return Recorded("ignored")
        case OrderReference():
            order_id = connection.order_id(*identity_of(message))
            return _note(message, connection, order_id, raw, cause, now, "order.referenced")
        case StockReport():
            # It is about no order: its timeline is that of the connection.
            return _note(message, connection, connection.id, raw, cause, now, "stock.reported")
        case OrderSnapshot() | StatusReport() | CourierReport() | TrackingReport():
            recorded = _change(message, _identity(message, connection), raw, cause, now, _zones(connection))
            partial = isinstance(message, OrderSnapshot) and message.fetch is not None
            return recorded if partial else accept_by_itself(recorded, connection, cause, now)
        case _:
            raise Quarantine(f"a {type(message).__name__} of a platform that orders come from")


def identity_of(message: Report | OrderReference) -> tuple[str, ...]:
    """What the id of the order is made of that a message speaks of."""
    return message.identity or (message.external_id,)


def _identity(message: OrderSnapshot | Report, connection: Connection[Any, Any]) -> Identity:
    if isinstance(message, OrderSnapshot):
        order_id, external, store = message.order.id, message.order.external_id, connection.default_store
    else:
        order_id, external = connection.order_id(*identity_of(message)), message.external_id
        store = connection.store(message.store_external_id)
    return Identity(order_id, connection.platform, connection.id, external, store.id, store.currency)


def _about(message: Unreadable) -> dict[str, Any]:
    return {"source_version": message.source_version}


def record_order(order: Order, message: OrderMessage, raw: Raw | None, cause: Cause, now: datetime) -> Recorded:
    """Stores what was told of an order that is there. Raises Reject for what the order does not allow, Retry."""
    identity = Identity(
        order.id, order.platform, order.connection_id, order.external_id, order.store_id, order.amounts.currency
    )
    return _change(message, identity, raw, cause, now, {}, current=order)


def record_staff(order: Order, change: StaffMessage, cause: Cause, now: datetime) -> Recorded:
    """Stores what somebody at the store decided. Raises Reject for what the order does not allow, Retry."""
    recorded = record_order(order, change, None, cause, now)
    after = recorded.order
    accepts = isinstance(change, StaffChange) and change.status is Status.ACCEPTED
    if accepts and recorded.effect == Effect.APPLIED and after is not None:
        count(Metric.ACCEPTANCE_SECONDS, (now - (after.answerable_since or now)).total_seconds())
    return recorded


def accept_by_itself(recorded: Recorded, connection: Connection[Any, Any], cause: Cause, now: datetime) -> Recorded:
    """Accepts an order that is in where its store wants that; what was recorded, with the order as it then is.

    Also after a repeat of what was received before: the process may have died between the two. Raises Retry.
    """
    if not connection.auto_accept or recorded.order_id is None or cause.actor not in _FROM_PLATFORMS:
        return recorded
    from orderhub.intake.acceptance import acceptance_of  # noqa: PLC0415  (few stores accept by themselves)

    order = recorded.order or orders.get(recorded.order_id)
    change = acceptance_of(order, connection, now) if order is not None else None
    if order is None or change is None:
        return recorded
    try:
        accepted = record_order(order, change, None, Cause(Actor.SYSTEM, "auto-accept"), now)
    except Reject:
        return recorded  # somebody has answered it meanwhile
    return replace(recorded, order=accepted.order or order)


def _zones(connection: Connection[Any, Any]) -> dict[str, str]:
    stores = (connection.default_store, *connection.stores.values())
    return {store.id: store.time_zone for store in stores}


def _note(
    message: OrderReference | StockReport,
    connection: Connection[Any, Any],
    about: str,
    raw: Raw,
    cause: Cause,
    now: datetime,
    kind: str,
) -> Recorded:
    event = Event(
        order_id=about,
        key=message.delivery_key,
        type=kind,
        # Nobody but the store itself and its warehouse decides how much there is: a platform's number is kept as told.
        effect=Effect.DROPPED if isinstance(message, StockReport) else Effect.APPLIED,
        at=now,
        cause=cause,
        platform=connection.platform,
        connection_id=connection.id,
        source_version=message.source_version,
        ref=_ref(message) if isinstance(message, OrderReference) else None,
        raw=raw,
    )
    if isinstance(timelines.add_event(event), timelines.Duplicate):
        count(Metric.DUPLICATE_MESSAGES)
        return Recorded("duplicate", about)
    return Recorded("referenced" if isinstance(message, OrderReference) else "reported", about)


def _change(
    message: OrderMessage,
    identity: Identity,
    raw: Raw | None,
    cause: Cause,
    now: datetime,
    zones: Mapping[str, str],
    *,
    current: Order | None = None,
) -> Recorded:
    """Applies a message to the order as it is, and again when somebody else was faster."""
    likely_new = isinstance(message, OrderSnapshot) and message.is_new
    if current is None and not likely_new:
        current = orders.get(identity.order_id)
    for _ in range(_TRIES):
        outcome = merge.apply(current, message, now, identity)
        event = _event(message, identity, outcome, raw, cause, now, current)
        if outcome.order is None:
            return _without_change(event, outcome, current, cause)
        zone = _zone_to_set(current, outcome.order, zones)
        match orders.write(outcome.order, event, time_zone=zone):
            case timelines.Written():
                count_received(current, outcome.order, cause, now)
                return Recorded(outcome.effect, identity.order_id, outcome.order)
            case timelines.Duplicate():
                count(Metric.DUPLICATE_MESSAGES)
                return Recorded("duplicate", identity.order_id, current)
            case orders.Conflict(current=newer):
                current = newer
    raise Retry("the order is being changed by many at once")


def _zone_to_set(current: Order | None, order: Order, zones: Mapping[str, str]) -> str | None:
    """The store's zone when the order's day has to be written: it is new, or has moved."""
    known = current is not None and (current.store_id, current.placed_at) == (order.store_id, order.placed_at)
    return None if known else zones.get(order.store_id, "UTC")


def _without_change(event: Event, outcome: merge.Outcome, current: Order | None, cause: Cause) -> Recorded:
    if outcome.effect is Effect.STALE:
        count(Metric.STALE_MESSAGES)
    if outcome.effect is Effect.UNCHANGED and cause.actor is Actor.POLL:
        return Recorded(Effect.UNCHANGED, event.order_id, current)  # nobody told us anything: no line in the timeline
    if isinstance(timelines.add_event(event), timelines.Duplicate):
        count(Metric.DUPLICATE_MESSAGES)
        return Recorded("duplicate", event.order_id, current)
    return Recorded(outcome.effect, event.order_id, current)


def _event(
    message: OrderMessage,
    identity: Identity,
    outcome: merge.Outcome,
    raw: Raw | None,
    cause: Cause,
    now: datetime,
    current: Order | None,
) -> Event:
    after = outcome.order or current
    if after is not None and after.erased_at is not None:
        raw = None  # it would bring back whose the order was
    return Event(
        order_id=identity.order_id,
        key=message.delivery_key,
        type=outcome.type,
        effect=outcome.effect,
        at=now,
        cause=cause,
        platform=identity.platform,
        connection_id=identity.connection_id,
        version=after.version if after else 0,
        source_version=message.source_version,
        summary=outcome.summary,
        ref=_ref(message),
        raw=raw,
    )


def _ref(message: OrderMessage | OrderReference) -> dict[str, str] | None:
    """What is needed to fetch what a message only speaks of, or leaves out; None when there is nothing to fetch."""
    match message:
        case OrderReference(external_id=external_id, ref=ref):
            return {"external_id": external_id, **ref}
        case OrderSnapshot(order=order, fetch=dict() as ref):
            return {"external_id": order.external_id, **ref}
        case _:
            return None


def count_received(before: Order | None, after: Order, cause: Cause, now: datetime) -> None:
    """Counts an order that is new, and how long it took to us; not one that we have from its marketplace as well."""
    if before is not None or cause.actor is Actor.STAFF or after.duplicate_of is not None:
        return
    count(Metric.ORDERS_RECEIVED)
    if after.placed_at is not None and after.scheduled_for is None:
        count(Metric.ORDER_LATENCY_MS, max(0.0, (now - after.placed_at).total_seconds() * 1000))


def staff_key(order_id: str, *parts: str) -> str:
    """The delivery key of a change by staff: computed from an idempotency key where there is one."""
    return "staff-" + digest(order_id, *parts)
