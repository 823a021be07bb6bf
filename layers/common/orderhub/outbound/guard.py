"""Which addresses our calls may reach: a URL is a setting, and must not lead into our own network.

A name is looked up when the connection is made, every address of it is checked, and one that was checked is connected
to: nobody can change what a name means in between. Host and the name in TLS stay those of the URL.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse
from urllib3.util.connection import create_connection

from orderhub import __version__
from orderhub.errors import Misconfigured, Retry
from orderhub.outbound.deadline import reading
from orderhub.runtime import settings

# What the standard library holds for global and is not: translations of IPv4, relays, and networks newer than it.
# https://www.iana.org/assignments/iana-ipv6-special-registry, https://www.iana.org/assignments/iana-ipv4-special-registry
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


class Blocked(Misconfigured):
    """The address is none that our calls may reach."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and not of a network of our own or of a single machine."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    special = found.is_multicast or found.is_reserved or found.is_unspecified
    return found.is_global and not special and not any(found in network for network in _NOT_PUBLIC)


def check_url(url: str, *, plain_http: bool = False) -> str:
    """The host that a URL leads to. Raises Misconfigured unless it is https, and Blocked for a private address in it.

    plain_http: whether http will do, for calls that carry no secret. On the local engine (`allow_private_addresses`)
    http and private addresses are let through. What a name resolves to is checked when the connection is made.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Misconfigured(f"{url!r} is not the address of an API") from None
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise Misconfigured(f"{url!r} is not the address of an API")
    if settings().allow_private_addresses:
        return parts.hostname
    if parts.scheme != "https" and not plain_http:
        raise Misconfigured(f"{parts.hostname}: calls go over https only")
    if _is_private_literal(parts.hostname):
        raise Blocked(f"{parts.hostname} is not a public address")
    return parts.hostname


def check_address(url: str) -> None:
    """Looks up now what `check_url` leaves to the connection.

    Raises as that, and Retry when the name does not resolve.
    """
    host = check_url(url)
    if settings().allow_private_addresses:
        return
    try:
        _public_addresses(host, 443)
    except OSError as error:
        raise Retry(f"the name {host} does not resolve") from error


def session() -> requests.Session:
    """A session whose calls reach public addresses only, and take nothing from the environment."""
    made = requests.Session()
    made.headers["User-Agent"] = f"Orderhub/{__version__}"
    made.trust_env = False  # no proxies or .netrc credentials
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter())
    return made


# --- connections ------------------------------------------------------------------------------------------------------


def _is_private_literal(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return False  # a name


def _public_addresses(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises Blocked when one of them is not public, OSError when there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except UnicodeError:
        raise Misconfigured(f"{host!r} is not a host name") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not all(map(is_public, addresses)):
        raise Blocked(f"{host} is not a public address")
    return addresses


def _connect(connection: HTTPConnection) -> socket.socket:
    """A socket to the first address of the connection's host that takes it. All of them were checked before."""
    host = connection.host.strip("[]")
    try:
        addresses = _public_addresses(host, connection.port)
    except OSError as error:
        lookup = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(host, connection, lookup) from error
    problem: OSError | None = None
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port),
                connection.timeout,
                source_address=connection.source_address,
                socket_options=connection.socket_options,
            )
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, f"{host} takes no connection in time") from error
        except OSError as error:
            problem = error
    raise NewConnectionError(connection, f"{host} takes no connection: {problem}") from problem


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return super()._new_conn() if settings().allow_private_addresses else _connect(self)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        reading(self.sock)
        return super().getresponse()


class _Tls(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return super()._new_conn() if settings().allow_private_addresses else _connect(self)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        reading(self.sock)
        return super().getresponse()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Adapter(HTTPAdapter):
    """An adapter of requests whose pools are made of these connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
