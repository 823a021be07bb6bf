"""Recorded exchanges with a platform's API, and an `Http` that plays them back and takes no other call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from orderhub.errors import HubError, Ignore, Retry
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import Order
from orderhub.outbound.waiting import retry_after
from orderhub.platforms.base import Done, Fetched, Operation, Page, Platform
from orderhub.platforms.http_types import Reply, parse_json
from tests.platforms import samples
from tests.platforms.samples import NOW, AnyConnection, AnyPlatform

ANY = "<any>"


@dataclass(frozen=True)
class Exchange:
    """One operation: what it is called with, the calls it makes, what the platform answers, how it ends."""

    name: str
    operation: Operation
    calls: Sequence[Mapping[str, Any]]
    order: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    raises: Mapping[str, Any] | None = None


def exchanges_of(slug: str) -> list[Exchange]:
    return [
        _exchange(path) for path in sorted((samples.ROOT / "tests" / "platforms" / "exchanges" / slug).glob("*.json"))
    ]


def _exchange(path: Path) -> Exchange:
    told = json.loads(path.read_text())
    assert told.pop("says", ""), f"{path.name} does not say what it is"
    assert path.stem.partition("__")[0] == told["operation"], f"{path.name} is not named after its operation"
    assert not {"result", "raises"} <= set(told), f"{path.name} ends in a result and in an error"
    return Exchange(name=path.stem, **{**told, "operation": Operation(told["operation"])})


class RecordedHttp:
    """The platform's side of an exchange. Errors come out of it as they do of the real client."""

    def __init__(self, platform: AnyPlatform, calls: Sequence[Mapping[str, Any]]) -> None:
        self._platform = platform
        self.expected = list(calls)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        given = {"params": dict(params or {}), "json": json, "headers": dict(headers or {})}
        made = _plain({"method": method, "path": path, **{name: value for name, value in given.items() if value}})
        assert self.expected, f"a call more than was recorded: {made}"
        call = self.expected.pop(0)
        wanted = {name: value for name, value in call["request"].items() if value}
        assert made == with_wildcards(wanted, made)
        return self._answer(call["reply"])

    def remembered(self, path: str, *, headers: Mapping[str, str] | None = None, keep: timedelta) -> Reply:
        assert keep > timedelta()
        return self.request("GET", path, headers=headers)

    def _answer(self, told: Mapping[str, Any]) -> Reply:
        if "error" in told:
            raise Retry(told["error"])
        body = json.dumps(told["json"]) if "json" in told else told.get("text", "")
        headers = {name.lower(): value for name, value in told.get("headers", {}).items()}
        reply = Reply(told["status"], headers, body.encode())
        if not self._platform.is_refusal(reply):
            return reply
        error = self._platform.refusal(reply)
        if isinstance(error, Retry) and error.after is None:
            error.after = retry_after(headers.get("retry-after"), NOW)
        raise error


def with_wildcards(wanted: Any, made: Any) -> Any:
    """What was wanted, with what was made in the places where anything will do."""
    if wanted == ANY and made not in (None, "", [], {}):
        return made
    if isinstance(wanted, dict) and isinstance(made, dict):
        return {name: with_wildcards(value, made.get(name)) for name, value in wanted.items()}
    if isinstance(wanted, list) and isinstance(made, list) and len(wanted) == len(made):
        return [with_wildcards(one, other) for one, other in zip(wanted, made, strict=True)]
    return wanted


def play(exchange: Exchange, platform: AnyPlatform, connection: AnyConnection) -> tuple[Any, RecordedHttp]:
    """What the operation returns, or the HubError it raises; and the client, to see what was not asked for."""
    http = RecordedHttp(platform, exchange.calls)
    arguments = _arguments(exchange, connection) | {"http": http}
    operation = getattr(platform, exchange.operation)
    try:
        return operation(**{name: arguments[name] for name in signature(operation).parameters}), http
    except HubError as error:
        return error, http


def _arguments(exchange: Exchange, connection: AnyConnection) -> dict[str, Any]:
    hints = get_type_hints(getattr(Platform, exchange.operation))
    given = {name: TypeAdapter(hints[name]).validate_python(value) for name, value in exchange.arguments.items()}
    return {"connection": connection, "now": NOW, "order": minimal_order(connection, exchange.order), **given}


def minimal_order(connection: AnyConnection, told: Mapping[str, Any]) -> Order:
    """An order of this connection that has nothing but what it must have, and what is told."""
    external_id = told.get("external_id", "EXT-1")
    store = connection.store(told.get("store_external_id"))
    least = {
        "id": connection.order_id(external_id),
        "platform": connection.platform,
        "connection_id": connection.id,
        "channel": connection.platform,
        "external_id": external_id,
        "store_id": store.id,
        "status": "incoming",
        "amounts": {"currency": store.currency},
    }
    return Order.model_validate({**least, **told, "amounts": {**least["amounts"], **told.get("amounts", {})}})


def described(ended: Any, platform: AnyPlatform, connection: AnyConnection) -> dict[str, Any]:
    """How an operation ended, in the words of an exchange file."""
    match ended:
        case HubError():
            return {"type": type(ended).__name__, **vars(ended)}
        case Done():
            return {"note": ended.note, "ids": dict(ended.ids)}
        case Page():
            messages = [_told(message) for message in ended.messages]
            return {"messages": messages, "cursor": dict(ended.cursor), "more": ended.more}
        case Fetched():
            return _fetched(ended, platform, connection)
    raise TypeError(f"{type(ended).__name__} is no way for an operation to end")


def _told(message: Any) -> dict[str, Any]:
    told = {name: value for name, value in asdict(message).items() if name not in {"order", "raw"}}
    if isinstance(message, OrderSnapshot):
        told |= {"external_id": message.order.external_id, "status": message.order.status}
    return {"type": type(message).__name__, **told}


def _fetched(fetched: Fetched, platform: AnyPlatform, connection: AnyConnection) -> dict[str, Any]:
    parse_json(fetched.raw)  # kept for ever: it must be what came
    try:
        order = platform.to_order(fetched.payload, connection)
    except Ignore:
        return {"ignored": True, "source_version": fetched.source_version}
    return {"external_id": order.external_id, "status": order.status, "source_version": fetched.source_version}


def _plain(value: Any) -> Any:
    """As it goes over the wire; fails for what has no JSON."""
    return json.loads(json.dumps(value))
