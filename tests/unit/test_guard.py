"""Which addresses our calls may reach."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orderhub import runtime
from orderhub.errors import Misconfigured, Retry
from orderhub.outbound import guard
from orderhub.outbound.guard import check_address

Resolve = Callable[..., None]


@pytest.fixture(autouse=True)
def no_memory() -> Iterator[None]:
    for remembered in (guard._addresses, runtime.settings):
        remembered.cache_clear()
    yield
    for remembered in (guard._addresses, runtime.settings):
        remembered.cache_clear()


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Lets every name resolve to these addresses."""

    def to(*addresses: str) -> None:
        def getaddrinfo(host: str, *_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return to


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_address_may_be_called(resolve: Resolve, address: str) -> None:
    resolve(address)

    check_address("https://api.example.com/v1/orders?x=1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "192.0.2.1",
        "::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
    ],
)
def test_no_address_of_our_own_network_may_be_called(resolve: Resolve, address: str) -> None:
    resolve(address)

    with pytest.raises(Misconfigured, match=r"api\.example\.com is not a public address"):
        check_address("https://api.example.com")


def test_one_private_address_among_public_ones_is_enough_to_refuse(resolve: Resolve) -> None:
    resolve("93.184.216.34", "10.0.0.1")

    with pytest.raises(Misconfigured):
        check_address("https://api.example.com")


@pytest.mark.parametrize("url", ["https://api.example.com@10.0.0.1/", "https://10.0.0.1:8443/x", "https://[::1]/"])
def test_what_counts_is_the_host_that_would_be_called(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    asked: list[str] = []

    def getaddrinfo(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(Misconfigured, match="is not a public address"):
        check_address(url)
    assert asked in (["10.0.0.1"], ["::1"])


def test_calls_go_over_https_only(resolve: Resolve) -> None:
    resolve("93.184.216.34")

    with pytest.raises(Misconfigured, match="calls go over https only"):
        check_address("http://api.example.com")


@pytest.mark.parametrize(
    "url", ["", "api.example.com", "https://", "https:///path", "ftp://api.example.com", "file:///etc/passwd"]
)
def test_what_is_no_address_of_an_api_is_refused(resolve: Resolve, url: str) -> None:
    resolve("93.184.216.34")

    with pytest.raises(Misconfigured, match="is not the address of an API"):
        check_address(url)


@pytest.mark.parametrize("url", ["https://[::1", "https://[x]/", "https://api.example.com:99999/"])
def test_what_is_no_url_at_all_is_refused_and_no_bug(resolve: Resolve, url: str) -> None:
    resolve("10.0.0.1")

    with pytest.raises(Misconfigured):
        check_address(url)


def test_a_name_that_does_not_resolve_is_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(Retry, match=r"the name api\.example\.com does not resolve"):
        check_address("https://api.example.com")


@pytest.mark.parametrize("host", ["x" * 70 + ".example.com", "a..example.com", "é" * 64 + ".example.com"])
def test_a_name_that_no_name_can_be_is_refused_and_no_bug(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    def getaddrinfo(name: str, *_: Any, **__: Any) -> None:
        name.encode("idna")  # what the real one does first
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises((Misconfigured, Retry)):
        check_address(f"https://{host}")


@pytest.mark.parametrize("url", ["http://127.0.0.1:4567/shopify", "https://10.0.0.1", "http://standins.test"])
def test_on_the_local_engine_private_addresses_and_http_are_let_through(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")

    check_address(url)


def test_on_the_local_engine_too_an_address_has_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")

    with pytest.raises(Misconfigured):
        check_address("file:///etc/passwd")
