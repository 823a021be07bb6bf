"""send: signs a sample with the connection's secret and sends it to a running hub, also as it should not be sent."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import typer

from orderhub.cli.reading import signing_connection
from orderhub.cli.samples import sample_body
from orderhub.cli.show import AsJson, as_json, fail, read_object, table
from orderhub.cli.target import running_hub
from orderhub.errors import Reject, Retry
from orderhub.outbound.plain import call
from orderhub.platforms.http_types import Request
from orderhub.platforms.registry import SLUGS, load

AT_ONCE = 8


class Chaos(StrEnum):
    """What can go wrong on the way, on purpose."""

    DUPLICATE = "duplicate"  # each request twice
    REORDER = "reorder"  # in reverse order
    LATE = "late"  # each again when all have been sent: a retry with old state
    TRUNCATE = "truncate"  # half of each body, signed as such
    BADSIG = "badsig"  # a signature that does not match
    BURST = "burst"  # burst=N: each N times, 8 at once


@dataclass(frozen=True, slots=True)
class Prepared:
    """One request to be sent."""

    sample: str
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("send")(send)


def send(
    events: Annotated[list[Path], typer.Argument(help="Samples, such as events/shopify/orders_create__delivery.json.")],
    url: Annotated[str, typer.Option(help="The webhook's URL; that of the running local hub when left out.")] = "",
    secret: Annotated[str, typer.Option(help="The connection's secret; that of the local hub when left out.")] = "",
    slug: Annotated[str, typer.Option(help="The platform; the sample's folder when left out.")] = "",
    chaos: Annotated[
        str, typer.Option(help="Comma-separated: duplicate, reorder, late, truncate, badsig, burst=N.")
    ] = "",
    json_: AsJson = False,
) -> None:
    """Sends samples as their platform would: signed with the connection's secret, over real HTTP.

    Exit code 1 when an answer is not the one the platform would want. With --chaos badsig a refusal is what is wanted.
    """
    asked = parse_chaos(chaos)
    requests = [_prepare(path, slug or path.resolve().parent.name, url, secret, asked) for path in events]
    sent = _send_all(_disturbed(requests, asked), AT_ONCE if Chaos.BURST in asked else 1)
    rows = [{"sample": one.sample, "url": one.url, "status": status, "answer": text} for one, status, text in sent]
    if json_:
        as_json(rows)
    else:
        table("Sent", ("sample", "status", "answer"), [(row["sample"], row["status"], row["answer"]) for row in rows])
    wanted = range(400, 500) if Chaos.BADSIG in asked else range(200, 300)
    if any(status not in wanted for _, status, _ in sent):
        raise typer.Exit(1)


def parse_chaos(text: str) -> dict[Chaos, int]:
    """What is asked for, with the number of `burst=N`. Ends the command with 2 for an unknown word."""
    asked: dict[Chaos, int] = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = word.partition("=")
        if (
            name not in list(Chaos)
            or (number and not number.isdecimal())
            or (name == Chaos.BURST and int(number or 0) < 1)
        ):
            fail(f"--chaos takes {', '.join(Chaos)}=N separated by commas, not {word!r}")
            raise typer.Exit(2)
        asked[Chaos(name)] = int(number or 1)
    return asked


def _prepare(path: Path, slug: str, url: str, secret: str, asked: Mapping[Chaos, int]) -> Prepared:
    if slug not in SLUGS:
        fail(f"{path}: its folder {slug!r} is no platform; say which with --slug")
        raise typer.Exit(2)
    sample = read_object(path)
    if not {"body", "body_text"} & sample.keys() or not isinstance(sample.get("headers", {}), dict):
        fail(f"{path} is no sample: it has no body, or headers that are no object")
        raise typer.Exit(2)
    if not url or not secret:
        hub = running_hub()
        connection = hub["connections"].get(slug)
        if connection is None:
            raise Reject("CONNECTION_NOT_FOUND", f"the running hub has no connection to {slug}")
        url, secret = url or connection["url"], secret or connection["secret"]
        if "fetched" in sample and slug in hub["standins"]:
            _hold(hub["standins"][slug], slug, sample["fetched"])
    body = sample_body(sample)
    if Chaos.TRUNCATE in asked:
        body = body[: len(body) // 2]
    headers = {str(name).lower(): str(value) for name, value in sample.get("headers", {}).items()}
    headers.setdefault("content-type", "application/json")
    platform = load(slug)
    where = urlsplit(url + sample.get("path", ""))
    method, query = sample.get("method", "POST"), {**dict(parse_qsl(where.query)), **sample.get("query", {})}
    request = Request(method, where.path, headers, query, body, datetime.now(UTC))
    used = _another(secret) if Chaos.BADSIG in asked else secret
    signed = platform.sign(request, signing_connection(platform, used, url))
    target = where._replace(path=signed.path, query=urlencode(signed.query)).geturl()
    return Prepared(path.name, signed.method, target, signed.body, signed.headers)


def _another(secret: str) -> str:
    """A secret that differs in one character and is still of the same form: text, hex or base64."""
    return ("b" if secret[0] == "a" else "a") + secret[1:]


def _disturbed(requests: Sequence[Prepared], asked: Mapping[Chaos, int]) -> list[Prepared]:
    found = list(requests)
    if Chaos.REORDER in asked:
        found.reverse()
    if Chaos.DUPLICATE in asked:
        found = [one for one in found for _ in range(2)]
    if Chaos.BURST in asked:
        found = [one for one in found for _ in range(asked[Chaos.BURST])]
        random.shuffle(found)
    if Chaos.LATE in asked:
        found += list(requests)
    return found


def _send_all(requests: Iterable[Prepared], at_once: int) -> list[tuple[Prepared, int, str]]:
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(_send_one, requests))


def _send_one(one: Prepared) -> tuple[Prepared, int, str]:
    status, text = call(one.method, one.url, body=one.body, headers=one.headers)
    return one, status, text[:200]


def _hold(standin: str, slug: str, order: Any) -> None:
    """Lets the platform's stand-in hold what a thin notification speaks of."""
    control = standin.removesuffix(f"/{slug}") + f"/_control/{slug}/orders"
    status, text = call("POST", control, body=json.dumps(order).encode(), headers={"content-type": "application/json"})
    if status >= 300:
        raise Retry(f"the stand-in of {slug} does not hold the sample's order: {status} {text[:200]}")
