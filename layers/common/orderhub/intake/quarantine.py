"""Putting aside, whole, what is authentic and not understood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orderhub.order.events import Raw
from orderhub.order.ids import digest
from orderhub.platforms.http_types import Request
from orderhub.runtime import Metric, count, logger
from orderhub.storage import quarantine
from orderhub.storage.quarantine import Held

# Headers that prove or carry secrets are not kept; a replay needs no proof, it was authentic when it came.
SECRET_HEADERS: tuple[str, ...] = ("authorization", "cookie", "x-api-key", "proxy-authorization")


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without those that carry secrets or say nothing of the message."""
    return {
        name: value
        for name, value in headers.items()
        if name not in SECRET_HEADERS and not name.startswith(("x-forwarded-", "x-amz", "cf-"))
    }


def hold_request(request: Request, platform: str, connection_id: str, reason: str) -> str:
    """Keeps a webhook request; returns its id in quarantine. Raises Retry."""
    return _hold(held_request("request", request, platform, connection_id, reason))


def held_request(kind: str, request: Request, platform: str, connection_id: str, reason: str) -> Held:
    """A request as it is kept."""
    about = {"method": request.method, "path": request.path, "query": dict(request.query)}
    raw = Raw(request.body, kept_headers(request.headers))
    return _held(kind, platform, connection_id, reason, raw, about, request.received_at)


def hold_fetched(
    kind: str, platform: str, connection_id: str, reason: str, body: bytes, about: Mapping[str, Any], at: datetime
) -> str:
    """Keeps what a fetch (`fetched`) or a poll (`row`) gave; returns its id in quarantine. Raises Retry."""
    return _hold(_held(kind, platform, connection_id, reason, Raw(body), about, at))


def held_id(kind: str, platform: str, connection_id: str, body: bytes) -> str:
    """The id in quarantine of what was received."""
    return "qm_" + digest(kind, platform, connection_id, body.decode("latin-1"))


def _held(
    kind: str, platform: str, connection_id: str, reason: str, raw: Raw, about: Mapping[str, Any], at: datetime
) -> Held:
    return Held(
        id=held_id(kind, platform, connection_id, raw.body),
        platform=platform,
        connection_id=connection_id,
        kind=kind,
        reason=reason,
        at=at,
        raw=raw,
        about=about,
    )


def _hold(held: Held) -> str:
    if quarantine.put(held):
        count(Metric.QUARANTINED)
        logger.error("quarantined", extra={"platform": held.platform, "id": held.id, "reason": held.reason})
    return held.id
