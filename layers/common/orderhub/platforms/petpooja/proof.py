"""Who sent it. Nothing is signed: secrets come in the body, or in the path.

Ordering apps put three keys into each body. Petpooja puts a token into the bills it pushes, and can set no header;
where a restaurant's push has no token, and for what the POS tells an ordering app, a part of the URL is the secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orderhub.errors import Misconfigured
from orderhub.platforms.base import Connection
from orderhub.platforms.http_types import Request
from orderhub.platforms.petpooja.config import Keys
from orderhub.platforms.petpooja.kinds import FROM_APPS, FROM_POS, body_of, kind_of
from orderhub.platforms.signing import StaticToken

KEYS = ("app_key", "app_secret", "access_token")
TOKENS = ("token", "Token")

# The parts of the path that are no secret: what Petpooja calls its own URLs.
_NAMES = frozenset({"save_order", "update_order_status", "rider_status_update", "callback", "stock"})

_ALL_KEYS = StaticToken("body", ", ".join(KEYS))
_TOKEN = StaticToken("body", "token")
_PATH = StaticToken("path")


def authenticate(request: Request, connection: Connection[Any, Any]) -> None:
    """Raises NotAuthentic."""
    body, credentials = body_of(request), connection.credentials
    kind = kind_of(body)
    if kind in FROM_APPS:
        # The three at once: keys of different generations do not go together.
        _ALL_KEYS.verify(request, map(_together, map(key_values, credentials.keys)), {_ALL_KEYS.name: _together(body)})
    elif kind not in FROM_POS and (token := _token(body)):
        _TOKEN.verify(request, (one.get_secret_value() for one in credentials.bill_tokens), {"token": token})
    else:
        parts = [part for part in request.inner_path if part not in _NAMES]
        secrets = (one.get_secret_value() for one in credentials.path_secrets)
        _PATH.verify(replace(request, path="/".join(parts[:1])), secrets)


def sign(request: Request, connection: Connection[Any, Any]) -> Request:
    """The request with the newest secrets in it. Raises Misconfigured when the connection has none for it."""
    kind, credentials = kind_of(body_of(request)), connection.credentials
    if kind in FROM_APPS and credentials.keys:
        return replace(request, body=_with(request.body, key_values(credentials.keys[0])))
    if kind not in FROM_APPS | FROM_POS and credentials.bill_tokens:
        return replace(request, body=_with(request.body, {"token": credentials.bill_tokens[0].get_secret_value()}))
    if kind not in FROM_APPS and credentials.path_secrets:
        return replace(request, path=f"{request.path.rstrip('/')}/{credentials.path_secrets[0].get_secret_value()}")
    raise Misconfigured(f"this connection to Petpooja has no secret for {kind}")


def key_values(keys: Keys) -> dict[str, str]:
    """The three keys by their names."""
    return {name: getattr(keys, name).get_secret_value() for name in KEYS}


def _together(given: Mapping[str, Any]) -> str:
    """The three keys as one text; empty unless all are there, as no empty secret is valid."""
    values = [_text(given.get(name)) for name in KEYS]
    return json.dumps(values) if all(values) else ""


def _token(body: Mapping[str, Any]) -> str:
    return next(filter(None, (_text(body.get(name)) for name in TOKENS)), "")


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _with(body: bytes, fields: Mapping[str, str]) -> bytes:
    """The object with these fields at its end, where they count; the rest of it to the byte as it was."""
    text = body.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return body
    inner = text[1:-1].strip()
    return b"{" + inner + (b", " if inner else b"") + json.dumps(fields).encode()[1:]
