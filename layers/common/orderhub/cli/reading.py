"""map, verify, platforms: what an adapter makes of a body. No network, no AWS."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

import typer
from pydantic import BaseModel, ValidationError

from orderhub.cli.samples import unpacked
from orderhub.cli.show import AsJson, as_json, fail, read_bytes, read_object, say, table
from orderhub.errors import Ignore, NotAuthentic, Quarantine
from orderhub.order.messages import InboundMessage, OrderSnapshot
from orderhub.order.pricing import check_sums
from orderhub.platforms import capabilities
from orderhub.platforms.base import Connection, Platform, Reading, StoreRef
from orderhub.platforms.http_types import Answer, Request, parse_json
from orderhub.platforms.registry import load

Slug = Annotated[str, typer.Argument(help="The platform, as `orderhub platforms` lists it.")]
Body = Annotated[Path, typer.Argument(help="The body, as it came, or a sample of events/; - for standard input.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("map")(map_body)
    app.command("verify")(verify)
    app.command("platforms")(platforms)


def map_body(
    slug: Slug,
    body: Body,
    headers: Annotated[Path | None, typer.Option(help="JSON object of the request's headers.")] = None,
    settings: Annotated[
        Path | None,
        typer.Option(help="JSON object of the connection's settings; may hold `stores` and `default_store` too."),
    ] = None,
    fetched: Annotated[
        bool, typer.Option("--fetched", help="BODY is what the platform's fetch call returned.")
    ] = False,
) -> None:
    """Prints what the adapter reads in a body, as JSON.

    Exit code 1 when it is not understood; the hub would put it in quarantine, for the reason given.
    """
    platform = load(slug)
    connection = trial_connection(platform, read_object(settings) if settings else {})
    data, sample = unpacked(read_bytes(body), fetched=fetched)
    try:
        if fetched:
            reading = _as_fetched(platform, connection, data)
        else:
            told = {**sample.get("headers", {}), **(read_object(headers) if headers else {})}
            given = {str(name).lower(): str(value) for name, value in told.items()}
            path = f"/webhooks/{slug}/map{sample.get('path', '')}"
            method, query = sample.get("method", "POST"), sample.get("query", {})
            request = Request(method, path, given, query, data, datetime.now(UTC))
            greeting = platform.greet(request)
            reading = Reading([], greeting) if greeting else platform.read(request, connection)
    except Quarantine as error:
        fail(f"not understood: {error}")
        raise typer.Exit(1) from None
    except Ignore as error:
        reading = Reading([])
        fail(f"nothing to do: {error}")
    as_json(described(reading))


def verify(
    slug: Slug,
    body: Body,
    headers: Annotated[Path, typer.Option(help="JSON object of the request's headers.")],
    secret: Annotated[str, typer.Option(help="The secret the platform signs with.")],
    url: Annotated[str, typer.Option(help="The URL it was sent to, where the proof is in it or signs it.")] = "",
) -> None:
    """Tells whether a request is authentic: exit code 0 and `authentic`, or 1 and why not."""
    platform = load(slug)
    given = {str(name).lower(): str(value) for name, value in read_object(headers).items()}
    where = urlsplit(url)
    path, query = where.path or f"/webhooks/{slug}/verify", dict(parse_qsl(where.query))
    request = Request("POST", path, given, query, read_bytes(body), datetime.now(UTC))
    try:
        platform.authenticate(request, signing_connection(platform, secret, url))
    except NotAuthentic as error:
        fail(f"not authentic: {error}")
        raise typer.Exit(1) from None
    say("authentic")


def platforms(
    json_: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="The README's table.")] = False,
    guide: Annotated[bool, typer.Option("--guide", help="docs/platforms/README.md: all of it, and why not.")] = False,
) -> None:
    """What each platform can do, read off the code."""
    if markdown or guide:
        typer.echo(capabilities.markdown() if markdown else capabilities.guide(), nl=False)
        return
    rows = [capabilities.of(slug) for slug in capabilities.slugs()]
    if json_:
        as_json([row.as_dict() for row in rows])
        return
    columns = ("platform", "slug", "comes to us", "goes from us", "cannot", "evidence")
    table(
        "Platforms",
        columns,
        [
            (row.name, row.slug, ", ".join(row.inbound), ", ".join(row.outbound), ", ".join(row.missing), row.evidence)
            for row in rows
        ],
    )


def trial_connection(platform: Platform[Any, Any], given: dict[str, Any]) -> Connection[Any, Any]:
    """A connection without credentials, for mapping. given: settings, and maybe `stores` and `default_store`."""
    chosen = dict(given)
    try:
        stores = {theirs: StoreRef(**ours) for theirs, ours in chosen.pop("stores", {}).items()}
        default = StoreRef(**chosen.pop("default_store", {"id": "store"}))
        settings = platform.Settings.model_validate(chosen.pop("settings", chosen))
    except (ValidationError, TypeError, AttributeError) as error:
        fail(f"the settings do not fit: {error}")
        raise typer.Exit(2) from None
    credentials = platform.Credentials.model_construct()
    return Connection("map", platform.slug, credentials, settings, default, stores)


def signing_connection(platform: Platform[Any, Any], secret: str, url: str) -> Connection[Any, Any]:
    """A connection that knows the secret a platform signs with, and the URL it was given."""
    known = {name: url for name in ("notification_url",) if url and name in platform.Settings.model_fields}
    settings = platform.Settings.model_validate(known)
    return Connection("trial", platform.slug, platform.credentials_for(secret), settings, StoreRef("store"), {})


def described(reading: Reading) -> dict[str, Any]:
    """A reading as JSON values."""
    answer = {"status": reading.answer.status, "body": reading.answer.body, "headers": dict(reading.answer.headers)}
    found: dict[str, Any] = {"answer": answer, "messages": [_message(message) for message in reading.messages]}
    if reading.unknown_fields:
        found["unknown_fields"] = list(reading.unknown_fields)
    return found


def _as_fetched(platform: Platform[Any, Any], connection: Connection[Any, Any], data: bytes) -> Reading:
    order = platform.to_order(parse_json(data), connection)
    return Reading([OrderSnapshot(delivery_key="", order=order)], Answer())


def _message(message: InboundMessage) -> dict[str, Any]:
    head = {
        "type": type(message).__name__,
        "delivery_key": message.delivery_key,
        "source_version": message.source_version,
    }
    if isinstance(message, OrderSnapshot):
        order = message.order
        checked = order.model_copy(update={"checks": [*order.checks, *check_sums(order)]})
        return {**head, "is_new": message.is_new, "order": checked.model_dump(mode="json")}
    own = {one.name for one in fields(message)} - {"delivery_key", "source_version", "raw"}
    return {**head, "report": {name: _plain(getattr(message, name)) for name in sorted(own)}}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list | frozenset):
        return [_plain(one) for one in value]
    return json.loads(json.dumps(value, default=str))
