"""What a platform gave once and will not give again: stored before anybody looks into it, then read like a request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.errors import Misconfigured, Quarantine, Reject
from orderhub.intake.quarantine import held_request
from orderhub.intake.redaction import without_secrets
from orderhub.intake.webhook import take_in
from orderhub.order.events import Actor, Cause
from orderhub.platforms.base import Connection, Platform
from orderhub.platforms.http_types import Request
from orderhub.runtime import Metric, count, logger
from orderhub.storage import quarantine


def keep(body: bytes, platform: Platform[Any, Any], connection: Connection[Any, Any], at: datetime) -> str:
    """Stores it without secrets; returns its id. Raises Retry."""
    request = without_secrets(Request("POST", "/", {}, {}, body, at), platform, connection)
    held = held_request("popped", request, platform.slug, connection.id, "not read yet")
    quarantine.put(held, inbox=True)
    return held.id


def take_kept(platform: Platform[Any, Any], connection: Connection[Any, Any], at: datetime) -> None:
    """Takes in what was stored for a connection and not read to its end, oldest first. Raises Retry."""
    for held_id in quarantine.inbox(connection.id):
        logger.warning("left over by a poll that did not end", extra={"platform": platform.slug, "id": held_id})
        take(held_id, platform, connection, at)


def take(held_id: str, platform: Platform[Any, Any], connection: Connection[Any, Any], at: datetime) -> None:
    """Records what is in it; what is not understood goes to quarantine. Raises Retry."""
    held = quarantine.get(held_id)
    request = Request("POST", "/", held.raw.headers, {}, held.raw.body, held.at)
    try:
        take_in(platform, connection, request, Cause(Actor.POLL))
    except (Quarantine, Reject, Misconfigured) as error:
        quarantine.move_from_inbox(held_id, str(error), held.at)
        count(Metric.QUARANTINED)
        logger.error("quarantined", extra={"platform": platform.slug, "id": held_id, "reason": str(error)})
        return
    quarantine.mark_replayed(held_id, at)
