"""Requests that could not be recorded when they came, of platforms that do not send again: a queue keeps them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from orderhub.errors import Misconfigured, Quarantine, Reject
from orderhub.intake.connections import connection_of
from orderhub.intake.quarantine import hold_request, kept_headers
from orderhub.intake.webhook import take_in
from orderhub.order.events import Actor, Cause, Raw
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.http_types import Request
from orderhub.runtime import settings
from orderhub.storage import blobs, queues
from orderhub.storage.codec import pack_raw, unpack_raw

_LARGEST = 180_000  # bytes on the queue; SQS took 256 KB for most of its life, and counts the text


def keep(request: Request, platform: str, connection_id: str) -> None:
    """Puts an authentic request, its secrets blanked, on the queue. Raises Retry."""
    packed = pack_raw(Raw(request.body, kept_headers(request.headers)))
    large = len(packed) > _LARGEST
    message = {
        "platform": platform,
        "connection_id": connection_id,
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "received_at": sortable(request.received_at),
        **({"raw_at": blobs.put(packed, request.received_at)} if large else {"raw": b64encode(packed).decode()}),
    }
    queues.send(settings().record_late_queue_url, [(connection_id, message)])


def record_kept(message: Mapping[str, Any]) -> None:
    """Records what was kept. Raises Retry, Misconfigured when its connection cannot be opened."""
    platform, connection = connection_of(str(message["connection_id"]))
    packed = blobs.get(message["raw_at"]) if "raw_at" in message else b64decode(message["raw"])
    raw = unpack_raw(packed)
    request = Request(
        method=message["method"],
        path=message["path"],
        headers=raw.headers,
        query=message["query"],
        body=raw.body,
        received_at=parse_time(message["received_at"]),
    )
    try:
        take_in(platform, connection, request, Cause(Actor.PLATFORM))
    except (Quarantine, Reject, Misconfigured) as error:
        hold_request(request, platform.slug, connection.id, str(error))
