"""Where the two APIs are, and how calls to them are proved.

REST: https://openapi.ogoship.com/using-ogoship-openapi-759749m0 . The older API as OGOship's own plugins call it:
https://github.com/ogoship/woocommerce
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import unquote

from pydantic import SecretStr

from orderhub.errors import Misconfigured
from orderhub.platforms.base import TokenRequest
from orderhub.platforms.http_types import Call
from orderhub.platforms.ogoship.config import OgoshipConnection
from orderhub.platforms.pieces import path_part

KEY_HEADER = "X-OgoKey"
_LIFETIME = timedelta(minutes=90)
_VERBS: Mapping[str, str] = {"PUT": "add", "POST": "update", "DELETE": "remove", "GET": "info"}


def api_url(connection: OgoshipConnection) -> str:
    """Below what the calls are. Raises Misconfigured without a merchant id where it is part of that."""
    if connection.settings.api == "rest":
        return f"{connection.settings.base_url}/api/v1"
    return f"{connection.settings.my_url}/merchant/{path_part(_text(connection, 'merchant_id'))}"


def token_request(connection: OgoshipConnection) -> TokenRequest | None:
    """A password grant. Its refresh token is good for one use, which many callers cannot share, so it is left alone."""
    if connection.settings.api != "rest" or connection.settings.sign_in != "token":
        return None
    form = {
        "grant_type": "password",
        "client_id": _text(connection, "client_id"),
        "client_secret": _text(connection, "client_secret"),
        "username": _text(connection, "merchant_id"),
        "password": _text(connection, "secret_token"),
        "scope": connection.settings.scope,
    }
    return TokenRequest(f"{connection.settings.my_url}/OAuth/Token", form, lifetime=_LIFETIME)


def proved(call: Call, connection: OgoshipConnection, token: str | None) -> Call:
    """The call with its proof."""
    if connection.settings.api == "legacy":
        words = signed_words(call, api_url(connection))
        return call.with_params({"SHA1": sha1(words, _text(connection, "secret_token"))})
    if connection.settings.sign_in == "api_key":
        return call.with_headers({KEY_HEADER: _text(connection, "api_key")})
    return call.with_headers({"Authorization": f"Bearer {token}"}) if token else call


def signed_words(call: Call, root: str) -> tuple[str, ...]:
    """What the SHA-1 of a call to the older API is over: what is asked of which thing. Neither the body nor the URL."""
    kind, _, name = call.url.removeprefix(root).strip("/").partition("/")
    match kind:
        case "LatestChanges":
            return ("order", "latestchanges", call.params["TimeStamp"])
        case "Products":
            return ("product", "all")
        case _:
            return (kind.lower(), _VERBS[call.method], unquote(name))


def sha1(words: Sequence[str], secret: str) -> str:
    """Lower-case hexadecimal SHA-1 of the words and the secret, joined by commas."""
    return hashlib.sha1(",".join((*words, secret)).encode(), usedforsecurity=False).hexdigest()


def _text(connection: OgoshipConnection, name: str) -> str:
    """A credential. Raises Misconfigured when it is missing."""
    value = getattr(connection.credentials, name)
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not text:
        raise Misconfigured(f"this connection to OGOship has no {name}")
    return str(text)
