"""How Petpooja is asked for bills: the keys in the body, beside a cookie it has given out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orderhub.errors import Misconfigured
from orderhub.platforms.base import Connection
from orderhub.platforms.http_types import Call
from orderhub.platforms.petpooja.proof import key_values

PATH = "/V1/thirdparty/generic_get_orders/"
_COOKIE = "PETPOOJA_API="


def authorize(call: Call, connection: Connection[Any, Any]) -> Call:
    """The call with our proof in it when it goes to Petpooja; ordering apps must not see our keys."""
    if call.url != f"{connection.settings.base_url}{PATH}":
        return call
    keys, cookie = connection.credentials.keys, connection.credentials.pull_cookie
    if not keys or cookie is None:
        raise Misconfigured("Petpooja lists bills only with `keys` and a `pull_cookie`")
    value = cookie.get_secret_value().removeprefix(_COOKIE)
    return replace(call, json={**key_values(keys[0]), **call.json}).with_headers({"Cookie": _COOKIE + value})
