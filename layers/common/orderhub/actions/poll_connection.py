"""Polling: asking a platform what has changed, and recording what we did not know."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from orderhub.actions.fetch_order import known_version
from orderhub.actions.worker import Task
from orderhub.errors import Quarantine
from orderhub.intake import inbox
from orderhub.intake.connections import connection_of
from orderhub.intake.quarantine import hold_fetched
from orderhub.intake.record import record
from orderhub.order.events import Actor, Cause, Raw
from orderhub.order.messages import InboundMessage, OrderReference
from orderhub.order.times import parse_time, sortable
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Connection
from orderhub.platforms.registry import SLUGS, TARGETS, load
from orderhub.runtime import Metric, count, logger, measured, now, settings
from orderhub.storage import config, queues
from orderhub.storage.config import Collection, Entry

_HALF_A_TICK = timedelta(seconds=30)  # of the schedule: one that comes a little early is not one too many
_ENOUGH = 40.0  # seconds after which the rest is left to the next message


def send_due_polls(_event: object, _context: object) -> None:
    """The schedule's work: one message for each connection whose poll is due. Raises Retry."""
    at = now()
    cursors = {entry.id: entry.document for entry in config.every(Collection.CURSORS)}
    due: list[tuple[str, Mapping[str, Any]]] = []
    for entry in config.every(Collection.CONNECTIONS):
        every = _poll_every(entry)
        if every is None or not entry.document.get("active", True):
            continue
        with measured(entry.document["platform"]):
            _count_lag(cursors.get(entry.id, {}), every, at)
            if config.claim(
                Collection.CURSORS, entry.id, at, every - _HALF_A_TICK
            ):  # once per interval, however it ends
                due.append((entry.id, {"connection_id": entry.id, "platform": entry.document["platform"]}))
    if due:
        queues.send(settings().poll_queue_url, due)
    logger.info("polls", extra={"due": len(due)})


def _poll_every(entry: Entry) -> timedelta | None:
    slug = entry.document["platform"]
    if slug not in (*SLUGS, *TARGETS):
        logger.error("a connection of a platform that this version does not have", extra={"platform": slug})
        return None
    platform = load(slug)
    try:
        return platform.poll_interval(platform.Settings.model_validate(entry.document.get("settings", {})))
    except ValidationError:
        logger.error("a connection whose settings do not fit", extra={"platform": slug, "connection": entry.id})
        return platform.poll_every


def _count_lag(cursor: Mapping[str, Any], every: timedelta, at: datetime) -> None:
    """How long after its time the last poll that worked is by now."""
    if "polled_at" in cursor:
        late = at - parse_time(cursor["polled_at"]) - every
        count(Metric.POLL_LAG_SECONDS, max(0.0, late.total_seconds()))


def poll_connection(task: Task) -> None:
    """Polls one connection page by page; each page is stored before the cursor moves. Raises Retry, Misconfigured."""
    started = time.monotonic()
    connection_id = str(task.body["connection_id"])
    platform, connection = connection_of(connection_id)
    http = PlatformHttp(platform, connection)
    stored = config.get(Collection.CURSORS, connection_id)
    cursor: Mapping[str, str] = stored.document.get("cursor", {}) if stored else {}
    if platform.pops:
        inbox.take_kept(platform, connection, now())
    while True:
        at = now()
        page = platform.poll(cursor, connection, http, at)
        if page.body is not None:
            inbox.take(inbox.keep(page.body, platform, connection, at), platform, connection, at)
        for message in page.messages:
            _take(message, connection, at)
        if page.trouble is not None:
            count(Metric.ACTION_FAILED)
            logger.error("not all could be asked", extra={"connection": connection_id, "reason": page.trouble})
        count(Metric.POLL_ROWS, len(page.messages))
        cursor = page.cursor
        config.put(Collection.CURSORS, connection_id, {"cursor": dict(cursor), "polled_at": sortable(at)})
        if not page.more:
            return
        if time.monotonic() - started > _ENOUGH:
            queues.send(settings().poll_queue_url, [(connection_id, dict(task.body))])
            return


def _take(message: InboundMessage, connection: Connection[Any, Any], at: datetime) -> None:
    if isinstance(message, OrderReference) and known_version(message, connection) is not None:
        return
    try:
        record(message, connection, Raw(message.raw or b""), Cause(Actor.POLL), at)
    except Quarantine as error:
        about = {"source_version": message.source_version}
        hold_fetched("row", connection.platform, connection.id, str(error), message.raw or b"", about, at)
