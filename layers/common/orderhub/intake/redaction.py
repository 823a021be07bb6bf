"""Taking secrets out of what a platform sent, before anything of it is read or stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, SecretStr

from orderhub.platforms.base import Connection, Platform
from orderhub.platforms.http_types import Request

BLANK = "***"
_SHORTEST = 8  # characters of a secret that is taken out wherever it stands; a shorter one only as a whole JSON text


def without_secrets(request: Request, platform: Platform[Any, Any], connection: Connection[Any, Any]) -> Request:
    """The request with our credentials' secrets and the platform's `secret_fields` blanked.

    What the platform proved itself with is one of the secrets, wherever it stands; so a replay, which has nothing to
    prove, reads the very same bytes.
    """
    found = {text for value in _secrets(connection.credentials) if (text := value.get_secret_value().strip())}
    secrets = sorted(found, key=lambda text: (-len(text), text))  # one may begin another
    body = _blanked(request.body, secrets, platform.secret_fields)
    around = "\n".join((request.path, *request.query.values(), *request.headers.values()))
    if not any(secret in around for secret in secrets):
        return request if body is request.body else replace(request, body=body)
    clean = replace(
        request,
        body=body,
        path="/".join(_without(part, secrets) for part in request.path.split("/")),
        query={name: _without(value, secrets) for name, value in request.query.items()},
        headers={name: _without(value, secrets) for name, value in request.headers.items()},
    )
    return request if clean == request else clean


def _without(value: str, secrets: Iterable[str]) -> str:
    """A value, blank where it is a secret: bare or after a scheme (`Bearer x`), or anywhere in it a long one."""
    shown = any(
        value == secret or value.endswith(f" {secret}") or (len(secret) >= _SHORTEST and secret in value)
        for secret in secrets
    )
    return BLANK if shown else value


def _blanked(body: bytes, secrets: Iterable[str], fields: tuple[str, ...]) -> bytes:
    for secret in secrets:
        for written in _spellings(secret):
            if written in body:
                body = body.replace(b'"' + written + b'"', b'"' + BLANK.encode() + b'"')
                body = body.replace(written, BLANK.encode()) if len(secret) >= _SHORTEST else body
    return _field(fields).sub(_blank_field, body) if fields else body


@lru_cache(maxsize=64)
def _spellings(secret: str) -> tuple[bytes, ...]:
    """How JSON and forms write a text: with or without other alphabets escaped, some (PHP) with the slash escaped."""
    quoted = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    texts = dict.fromkeys((secret, *quoted, *(text.replace("/", "\\/") for text in quoted)))
    return tuple(text.encode() for text in sorted(texts, key=len, reverse=True))  # one may begin another


@lru_cache(maxsize=32)
def _field(names: tuple[str, ...]) -> re.Pattern[bytes]:
    """The text or number of a JSON field of one of these names, also in a body that is cut off or broken."""
    named = "|".join(map(re.escape, names))
    text, number = r'"(?:[^"\\]|\\.?)*(?P<end>"|$)', r"[-+.\d][-+.\deE]*"
    return re.compile(rf'(?P<name>"(?:{named})"\s*:\s*)(?:{text}|{number})'.encode(), re.DOTALL)


def _blank_field(found: re.Match[bytes]) -> bytes:
    end = found["end"] if found["end"] is not None else b'"'
    return bytes(found["name"] + b'"' + BLANK.encode() + end)


def _secrets(value: object) -> Iterator[SecretStr]:
    """All secrets in the credentials, however nested."""
    if isinstance(value, SecretStr):
        yield value
    elif isinstance(value, BaseModel):
        for one in value.__dict__.values():
            yield from _secrets(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _secrets(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _secrets(one)
