"""Sample requests (`events/<slug>`), the connections that receive them, and the requests they make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orderhub.errors import Quarantine
from orderhub.platforms.base import Connection, Platform, StoreRef
from orderhub.platforms.http_types import Request
from orderhub.platforms.registry import load

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)
MAIN_STORE = StoreRef("sto_main", "America/New_York", "USD")

AnyPlatform = Platform[Any, Any]
AnyConnection = Connection[Any, Any]


@dataclass(frozen=True)
class Sample:
    """One file of `events/`. body: the exact bytes; fetched: what the fetch it asks for would return, as bytes.

    path: behind the connection's webhook URL; held: how many things it leaves in quarantine; decided:
    the answer is the hub's decision (`answer` is then the one to a request that is granted).
    """

    name: str
    body: bytes
    method: str = "POST"
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fetched: bytes | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    unmapped: bool = False
    decided: bool = False
    held: int = 0


def load_sample(slug: str, name: str) -> Sample:
    return _sample(ROOT / "events" / slug / f"{name}.json")


def samples_of(slug: str) -> list[Sample]:
    return [_sample(path) for path in sorted((ROOT / "events" / slug).glob("*.json"))]


def _sample(path: Path) -> Sample:
    told = json.loads(path.read_text())
    known = {"says", "method", "path", "headers", "query", "body", "body_text", "fetched", "answer", "checks"}
    assert told.get("says"), f"{path.name} does not say what it is"
    assert set(told) <= known | {"unmapped", "held", "decided"}, f"{path.name} has unknown fields"
    assert ("body" in told) != ("body_text" in told), f"{path.name} needs either a body or a body_text"
    return Sample(
        name=path.stem,
        body=told["body_text"].encode() if "body_text" in told else json.dumps(told["body"]).encode(),
        method=told.get("method", "POST"),
        path=told.get("path", ""),
        headers={name.lower(): value for name, value in told.get("headers", {}).items()},
        query=told.get("query", {}),
        fetched=json.dumps(told["fetched"]).encode() if "fetched" in told else None,
        answer=told.get("answer", {}),
        checks=tuple(told.get("checks", ())),
        unmapped=told.get("unmapped", False),
        held=told.get("held", 0),
        decided=told.get("decided", False),
    )


def connection_for(
    slug: str,
    credentials: Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
    *,
    store: StoreRef = MAIN_STORE,
    stores: Mapping[str, StoreRef] | None = None,
) -> AnyConnection:
    """A connection as storage would give it. Raises ValidationError for what the platform's models refuse."""
    platform = load(slug)
    return Connection(
        id="con_test",
        platform=slug,
        credentials=platform.Credentials.model_validate(credentials),
        settings=platform.Settings.model_validate(settings or {}),
        default_store=store,
        stores=stores or {},
    )


def request_for(
    sample: Sample,
    connection: AnyConnection,
    *,
    body: bytes | None = None,
    received_at: datetime = NOW,
) -> Request:
    """The sample as its platform would send it to this connection: signed. body: another one in its place."""
    return signed(unsigned(sample, connection, body=body, received_at=received_at), connection)


def unsigned(
    sample: Sample, connection: AnyConnection, *, body: bytes | None = None, received_at: datetime = NOW
) -> Request:
    """As `request_for`, without any proof."""
    return Request(
        method=sample.method,
        path=f"/webhooks/{connection.platform}/{connection.id}{sample.path}",
        headers={"content-type": "application/json", **sample.headers},
        query=sample.query,
        body=sample.body if body is None else body,
        received_at=received_at,
    )


def signed(request: Request, connection: AnyConnection) -> Request:
    """The request with its proof in it; as it is, where the proof lies in a body that cannot hold it."""
    try:
        return load(connection.platform).sign(request, connection)
    except Quarantine:
        return request
