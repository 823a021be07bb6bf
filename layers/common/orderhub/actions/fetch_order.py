"""Fetching an order that a platform only named, and recording it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.actions.worker import Task
from orderhub.errors import Ignore, Quarantine, Reject, Retry
from orderhub.intake.connections import connection_of
from orderhub.intake.quarantine import hold_fetched
from orderhub.intake.record import Recorded, identity_of, record
from orderhub.order import merge
from orderhub.order.events import Actor, Cause, Event, Raw
from orderhub.order.ids import digest
from orderhub.order.merge import Effect
from orderhub.order.messages import OrderReference, OrderSnapshot
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Connection, Platform
from orderhub.runtime import Metric, count, logger, now
from orderhub.storage import orders, timelines

_AFTER_REFUSAL = 30.0  # seconds


def fetch_order(task: Task) -> None:
    """Fetches the order that an event refers to. Raises Retry, Misconfigured.

    An order that the platform refuses to give is a line in the timeline and asked for again, for some platforms name an
    order before they can give it; after the last attempt its alarm rings. One that we cannot read goes to quarantine.
    """
    platform, connection = connection_of(str(task.body["connection_id"]))
    ref = dict(task.body["ref"])
    reference = OrderReference(
        delivery_key=str(task.body["event"]),
        source_version=task.body.get("source_version"),
        external_id=ref.pop("external_id"),
        ref=ref,
    )
    at = now()
    if platform.exact_versions and (held := known_version(reference, connection)) is not None:
        # Our own changes come back as notifications too; and some notifications come late.
        if reference.source_version is not None and reference.source_version < held:
            _note_stale(task, connection, reference, held, at)
        return
    try:
        fetch_and_record(platform, connection, reference, at)
    except Ignore as error:
        logger.info("nothing to do", extra={"order_id": task.body["order_id"], "reason": str(error)})
    except Reject as error:
        _note_failure(task, connection, error, at)
        raise Retry(f"not fetched: {error}", after=_AFTER_REFUSAL) from None


def fetch_and_record(
    platform: Platform[Any, Any], connection: Connection[Any, Any], reference: OrderReference, at: datetime
) -> Recorded | None:
    """Fetches one order and records it; None when it went to quarantine.

    Raises Ignore when the platform has nothing to act on, Reject when it refuses, Retry, Misconfigured.
    """
    http = PlatformHttp(platform, connection)
    version: str | None = None
    try:
        fetched = platform.fetch(reference, connection, http, at)
        version = fetched.source_version
        order = platform.to_order(fetched.payload, connection)
    except Quarantine as error:
        about = {"external_id": reference.external_id, "source_version": version}
        hold_fetched("fetched", platform.slug, connection.id, str(error), http.last_body, about, at)
        return None
    snapshot = OrderSnapshot(
        delivery_key="fetch-" + digest(order.id, reference.delivery_key, fetched.source_version or ""),
        source_version=fetched.source_version,
        order=order,
    )
    return record(snapshot, connection, Raw(fetched.raw), Cause(Actor.FETCH), at)


def known_version(reference: OrderReference, connection: Connection[Any, Any]) -> str | None:
    """The version we hold of the order, when it is the one a reference speaks of or a newer one. Raises Retry."""
    known = orders.get(connection.order_id(*identity_of(reference)))
    if known is None or known.source_version is None or reference.source_version is None:
        return None
    fresh = known.source_version >= reference.source_version and not merge.is_placeholder(known)
    return known.source_version if fresh else None


def _note_stale(
    task: Task, connection: Connection[Any, Any], reference: OrderReference, held: str, at: datetime
) -> None:
    count(Metric.STALE_MESSAGES)
    timelines.add_event(
        Event(
            order_id=str(task.body["order_id"]),
            key="stale-" + digest(reference.delivery_key),
            type="order.updated",
            effect=Effect.STALE,
            at=at,
            cause=Cause(Actor.PLATFORM),
            platform=connection.platform,
            connection_id=connection.id,
            source_version=reference.source_version,
            summary={"known_version": held},
        )
    )


def _note_failure(task: Task, connection: Connection[Any, Any], error: Reject, at: datetime) -> None:
    timelines.add_event(
        Event(
            order_id=str(task.body["order_id"]),
            key="fetch-failed-" + digest(str(task.body["event"]), error.code),
            type="fetch.failed",
            effect="failed",
            at=at,
            cause=Cause(Actor.SYSTEM, "fetch_order"),
            platform=connection.platform,
            connection_id=connection.id,
            summary={"code": error.code, "reason": str(error)},
        )
    )
