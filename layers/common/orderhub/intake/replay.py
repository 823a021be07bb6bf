"""Replay: what was kept is read again, by the code as it is now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.errors import Ignore, Reject
from orderhub.intake.connections import open_connection
from orderhub.intake.record import Recorded, record
from orderhub.intake.webhook import read_safely
from orderhub.order.events import Actor, Cause, Raw
from orderhub.order.ids import digest
from orderhub.order.messages import OrderSnapshot, TableRequest
from orderhub.platforms.base import Connection, Platform
from orderhub.platforms.http_types import Request, parse_json
from orderhub.platforms.registry import load
from orderhub.storage import quarantine, timelines
from orderhub.storage.quarantine import Held

# What was kept is either one whole order or a request; what is recorded of it again can be replayed again.
_OF_AN_ORDER = Cause(Actor.SYSTEM, "replay")
_OF_A_REQUEST = Cause(Actor.SYSTEM, "replay of a request")


def replay_held(held_id: str, now: datetime) -> list[Recorded]:
    """Reads a message in quarantine again and records it; it leaves the list only when that works.

    Raises Quarantine when it is still not understood, Reject when there is none of this id, Misconfigured, Retry.
    """
    held = quarantine.get(held_id)
    platform = load(held.platform)
    connection = open_connection(platform, held.connection_id)
    results = _replay(held, platform, connection)
    quarantine.mark_replayed(held_id, now)
    return results


def replay_event(order_id: str, key: str, now: datetime) -> list[Recorded]:
    """Reads again what was received with an event of an order; what is known already changes nothing.

    Raises Reject when there is no such event or nothing was received with it, Quarantine, Misconfigured, Retry.
    """
    event = next((one for one in timelines.timeline(order_id) if one.key == key), None)
    raw = timelines.received(order_id, key) if event is not None else None
    if event is None or raw is None:
        raise Reject("NOT_FOUND", f"order {order_id} has no event {key} with which anything was received")
    platform = load(event.platform)
    connection = open_connection(platform, event.connection_id)
    if event.cause.actor in (Actor.POLL, Actor.FETCH) or event.cause == _OF_AN_ORDER:
        snapshot = snapshot_of(platform, connection, raw.body, event.source_version)
        return [record(snapshot, connection, raw, _OF_AN_ORDER, now)] if snapshot else []
    request = Request("POST", "/", raw.headers, {}, raw.body, event.at)
    return _recorded(platform, request, connection)


def _replay(held: Held, platform: Platform[Any, Any], connection: Connection[Any, Any]) -> list[Recorded]:
    if held.kind in ("request", "popped"):
        request = Request(
            method=str(held.about.get("method", "POST")),
            path=str(held.about.get("path", "/")),
            headers=held.raw.headers,
            query=held.about.get("query", {}),
            body=held.raw.body,
            received_at=held.at,
        )
        return _recorded(platform, request, connection)
    snapshot = snapshot_of(platform, connection, held.raw.body, held.about.get("source_version"))
    return [record(snapshot, connection, held.raw, _OF_AN_ORDER, held.at)] if snapshot else []


def _recorded(platform: Platform[Any, Any], request: Request, connection: Connection[Any, Any]) -> list[Recorded]:
    """Everything in a request, recorded. What was decided when it came (a table) is not decided again."""
    raw = Raw(request.body, request.headers)
    messages = read_safely(platform, request, connection).messages
    return [
        record(message, connection, raw, _OF_A_REQUEST, request.received_at)
        for message in messages
        if not isinstance(message, TableRequest)
    ]


def snapshot_of(
    platform: Platform[Any, Any], connection: Connection[Any, Any], body: bytes, source_version: str | None
) -> OrderSnapshot | None:
    """The whole order in a stored body; None when there is nothing to do about it. Raises Quarantine."""
    try:
        order = platform.to_order(parse_json(body), connection)
    except Ignore:
        return None
    key = "replay-" + digest(order.id, source_version or "", body.decode("latin-1"))
    return OrderSnapshot(delivery_key=key, source_version=source_version, order=order)
