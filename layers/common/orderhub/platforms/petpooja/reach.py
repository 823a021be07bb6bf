"""Whether an ordering app can be told about an order, and where."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from orderhub.errors import Misconfigured
from orderhub.order.models import Order
from orderhub.platforms.base import Connection
from orderhub.platforms.petpooja.pieces import BILL

PRINTED = "a printed bill is finished; there is nobody to tell"
NO_ADDRESS = "the ordering app gave no address to be called back at, and the setting callback_url names none"

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def unreachable(order: Order) -> str | None:
    """Why nobody can be told about this order; None when somebody can."""
    if order.source.get("dialect") == BILL:
        return PRINTED
    return None if order.source.get("callback_url") else NO_ADDRESS


def callback_url(order: Order, connection: Connection[Any, Any]) -> str:
    """Where to tell what became of an order that is not `unreachable`.

    An order names a URL of its sender's choice: only hosts of the settings are called, over https; over http on this
    machine alone. Raises Misconfigured for any other.
    """
    url = order.source["callback_url"]
    if url == connection.settings.callback_url:
        return url
    try:
        parts = urlsplit(url)
        host, scheme, is_local = parts.netloc.lower(), parts.scheme, parts.hostname in _LOOPBACK
    except ValueError:
        raise Misconfigured("the order's callback_url is not a URL") from None
    if host not in {one.lower() for one in connection.settings.callback_hosts}:
        raise Misconfigured(f"the order wants to be answered at {host[:100]!r}: put it into callback_hosts to allow it")
    if scheme != "https" and not (scheme == "http" and is_local):
        raise Misconfigured(f"the order wants to be answered at {host[:100]!r} over {scheme[:20]!r}: https is a must")
    return url
