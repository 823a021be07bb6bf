"""Who calls us. How OpenTable proves itself is not public, so the place of the secret is chosen for each connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address

from orderhub.errors import Misconfigured, NotAuthentic
from orderhub.platforms.http_types import Request
from orderhub.platforms.opentable.settings import OpenTableConnection
from orderhub.platforms.signing import Basic, StaticToken

_WEBHOOKS = "webhooks"  # /webhooks/<platform>/<connection>
_AUTHORIZATION = "authorization"
_NAMES = {"header": "X-Orderhub-Secret", "query": "token"}


def verify(request: Request, connection: OpenTableConnection) -> None:
    """Raises NotAuthentic unless a secret is where it shall be, and the call comes from where it may."""
    _check_address(request, connection)
    match connection.settings.proof:
        case "path":
            inner = request.inner_path[:1]  # the secret comes first, the call behind it
            StaticToken("path").verify(replace(request, path=inner[0] if inner else ""), _secrets(connection))
        case "query":
            StaticToken("query", _name(connection)).verify(request, _secrets(connection))
        case "header":
            StaticToken("header", _name(connection)).verify(request, _secrets(connection))
        case "bearer":
            StaticToken("header", _AUTHORIZATION).verify(_without_scheme(request), _secrets(connection))
        case _:
            Basic().verify(request, _secrets(connection))


def sign(request: Request, connection: OpenTableConnection) -> Request:
    """The request with the newest secret where it shall be. Raises Misconfigured without one."""
    secret = next(iter(_secrets(connection)), None)
    if not secret:
        raise Misconfigured("this connection to OpenTable has no webhook secret")
    match connection.settings.proof:
        case "path":
            parts = [part for part in request.path.split("/") if part]
            # Seen from outside, the API may lie behind a path of its own.
            behind = (parts.index(_WEBHOOKS) if _WEBHOOKS in parts else 0) + 3
            return replace(request, path="/" + "/".join([*parts[:behind], secret, *parts[behind:]]))
        case "query":
            return replace(request, query={**request.query, _name(connection): secret})
        case "header":
            return request.with_headers({_name(connection): secret})
        case "bearer":
            return request.with_headers({_AUTHORIZATION: f"Bearer {secret}"})
        case _:
            return request.with_headers(Basic().sign(secret))


def call_in_path(request: Request, connection: OpenTableConnection) -> str | None:
    """The last part of the path behind the connection's id, apart from the secret: which call it is."""
    inner = request.inner_path[1:] if connection.settings.proof == "path" else request.inner_path
    return inner[-1] if inner else None


def _check_address(request: Request, connection: OpenTableConnection) -> None:
    allowed = connection.settings.allowed_addresses
    if not allowed:
        return
    try:
        address = ip_address(request.source_ip)
    except ValueError:
        raise NotAuthentic("nobody knows where this call comes from") from None
    if not any(address in network for network in allowed):
        raise NotAuthentic(f"calls from {address} are not allowed")


def _without_scheme(request: Request) -> Request:
    scheme, _, token = request.headers.get(_AUTHORIZATION, "").partition(" ")
    return request.with_headers({_AUTHORIZATION: token.strip() if scheme.lower() == "bearer" else ""})


def _name(connection: OpenTableConnection) -> str:
    return connection.settings.proof_name or _NAMES[connection.settings.proof]


def _secrets(connection: OpenTableConnection) -> Sequence[str]:
    return [secret.get_secret_value() for secret in connection.credentials.webhook_secrets]
