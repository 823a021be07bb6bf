"""Which addresses our calls may reach: what is checked of a URL, and what when the connection is made."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orderhub import runtime
from orderhub.errors import Misconfigured, Retry
from orderhub.outbound import guard, webhooks
from orderhub.outbound.guard import Blocked, check_address, check_url, is_public

Resolve = Callable[..., None]

PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "3fff::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]


@pytest.fixture(autouse=True)
def no_memory() -> Iterator[None]:
    memories = (runtime.settings, webhooks._session)
    for remembered in memories:
        remembered.cache_clear()
    yield
    for remembered in memories:
        remembered.cache_clear()


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Lets every name resolve to these addresses; given several times, to those in turn."""
    answers: list[tuple[str, ...]] = []

    def to(*addresses: str) -> None:
        answers.append(addresses)

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return to


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses that were connected to; nobody answers there."""
    found: list[tuple[str, int]] = []

    def create_connection(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        found.append(address)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(guard, "create_connection", create_connection)
    monkeypatch.setattr("urllib3.util.connection.create_connection", create_connection)
    return found


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_our_own_network_is_not_public(address: str) -> None:
    assert not is_public(address)


# --- the connection ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("host", ["pos.example.com", "literal"])
def test_a_call_to_our_own_network_never_leaves(resolve: Resolve, dialled: list[Any], address: str, host: str) -> None:
    resolve(address)
    bare = address.partition("%")[0]
    literal = f"[{bare}]" if ":" in bare else bare

    answer = webhooks.post(f"https://{literal if host == 'literal' else host}/x", b"{}", {})

    assert (answer.status, answer.error) == (None, "blocked_address")
    assert dialled == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(resolve: Resolve, dialled: list[Any]) -> None:
    resolve("93.184.216.34", "10.0.0.1")

    assert webhooks.post("https://pos.example.com/x", b"{}", {}).error == "blocked_address"
    assert dialled == []


def test_a_name_that_means_another_address_after_it_was_checked_is_connected_to_where_it_was_checked(
    resolve: Resolve, dialled: list[Any]
) -> None:
    resolve("93.184.216.34")
    resolve("127.0.0.1")

    answer = webhooks.post("https://rebinds.example.com/x", b"{}", {})

    assert dialled == [("93.184.216.34", 443)]
    assert answer.error == "connect"
    assert webhooks.post("https://rebinds.example.com/x", b"{}", {}).error == "blocked_address"
    assert dialled == [("93.184.216.34", 443)]


def test_the_addresses_of_a_name_are_tried_one_after_another(resolve: Resolve, dialled: list[Any]) -> None:
    resolve("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")

    assert webhooks.post("https://pos.example.com:8443/x", b"{}", {}).error == "connect"
    assert dialled == [("93.184.216.34", 8443), ("2606:2800:220:1:248:1893:25c8:1946", 8443)]


@pytest.mark.parametrize("url", ["https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://localhost/"])
def test_other_ways_to_write_loopback_are_found_out_when_they_are_looked_up(
    resolve: Resolve, dialled: list[Any], url: str
) -> None:
    resolve("127.0.0.1")

    assert webhooks.post(url, b"{}", {}).error == "blocked_address"
    assert dialled == []


def test_a_name_that_does_not_resolve_is_a_failure_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    assert webhooks.post("https://pos.example.com/x", b"{}", {}).error == "dns"
    with pytest.raises(Retry, match=r"the name pos\.example\.com does not resolve"):
        check_address("https://pos.example.com")


def test_a_receiver_that_takes_no_connection_in_time_is_not_waited_for(
    resolve: Resolve, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def create_connection(_address: Any, timeout: float, **_: Any) -> Any:
        waited.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(guard, "create_connection", create_connection)
    resolve("93.184.216.34", "93.184.216.35")

    assert webhooks.post("https://pos.example.com/x", b"{}", {}).error == "timeout"
    assert waited == [webhooks.CONNECT_SECONDS]


def test_plain_http_is_not_called(resolve: Resolve, dialled: list[Any]) -> None:
    resolve("93.184.216.34")

    assert webhooks.post("http://pos.example.com/x", b"{}", {}).error == "connect"
    assert dialled == []


# --- the URL ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["https://api.example.com@10.0.0.1/", "https://10.0.0.1:8443/x", "https://[::1]/"])
def test_what_counts_is_the_host_that_would_be_called(url: str) -> None:
    with pytest.raises(Blocked, match="is not a public address"):
        check_url(url)


def test_an_address_may_be_checked_before_anything_is_sent_there(resolve: Resolve) -> None:
    resolve("93.184.216.34")
    check_address("https://api.example.com/v1/orders?x=1")
    resolve("10.0.0.1")
    resolve("10.0.0.1")

    check_address("https://api.example.com")
    with pytest.raises(Blocked, match=r"api\.example\.com is not a public address"):
        check_address("https://api.example.com")


def test_calls_go_over_https_unless_http_will_do() -> None:
    with pytest.raises(Misconfigured, match="calls go over https only"):
        check_url("http://api.example.com")
    assert check_url("http://api.example.com", plain_http=True) == "api.example.com"
    with pytest.raises(Blocked):
        check_url("http://127.0.0.1", plain_http=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "https://",
        "https:///path",
        "ftp://api.example.com",
        "file:///etc/passwd",
        "https://[::1",
        "https://[x]/",
        "https://api.example.com:99999/",
    ],
)
def test_what_is_no_address_of_an_api_is_refused_and_no_bug(url: str) -> None:
    with pytest.raises(Misconfigured):
        check_url(url)


@pytest.mark.parametrize("host", ["x" * 70 + ".example.com", "a..example.com", "é" * 64 + ".example.com"])
def test_a_name_that_no_name_can_be_is_refused_and_no_bug(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    def getaddrinfo(name: str, *_: Any, **__: Any) -> None:
        name.encode("idna")  # what the real one does first
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises((Misconfigured, Retry)):
        check_address(f"https://{host}")
    assert webhooks.post(f"https://{host}/", b"{}", {}).error in ("dns", "connect")


@pytest.mark.parametrize("url", ["http://127.0.0.1:4567/shopify", "https://10.0.0.1", "http://standins.test"])
def test_on_the_local_engine_private_addresses_and_http_are_let_through(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")

    check_url(url)
    check_address(url)


def test_on_the_local_engine_too_an_address_has_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")

    with pytest.raises(Misconfigured):
        check_url("file:///etc/passwd")
