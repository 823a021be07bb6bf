"""Which addresses our calls may reach: a base URL is a setting, and must not lead into our own network."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from orderhub.errors import Misconfigured, Retry
from orderhub.runtime import settings


def check_address(url: str, *, plain_http: bool = False) -> None:
    """Raises Misconfigured unless the URL is https to a public address; Retry when its name does not resolve.

    plain_http: whether http will do, for calls that carry no secret. On the local engine (`allow_private_addresses`)
    http and private addresses are let through.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Misconfigured(f"{url!r} is not the address of an API") from None
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise Misconfigured(f"{url!r} is not the address of an API")
    if settings().allow_private_addresses:
        return
    if parts.scheme != "https" and not plain_http:
        raise Misconfigured(f"{parts.hostname}: calls go over https only")
    if not all(ipaddress.ip_address(address).is_global for address in _addresses(parts.hostname)):
        raise Misconfigured(f"{parts.hostname} is not a public address")


@lru_cache(maxsize=256)
def _addresses(host: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)
    except UnicodeError:
        raise Misconfigured(f"{host!r} is not a host name") from None
    except OSError as error:
        raise Retry(f"the name {host} does not resolve") from error
    return tuple({str(one[4][0]).partition("%")[0] for one in found})
