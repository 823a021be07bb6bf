"""The guard of addresses with real sockets: names are played, connections are not."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from orderhub import runtime
from orderhub.errors import Misconfigured
from orderhub.outbound import guard, webhooks
from orderhub.outbound.guard import Blocked
from tests.local.receivers import Message, Receivers, receivers

HOST = "pos.example.com"


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on AWS: no private address is let through."""
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "false")
    for memory in (runtime.settings, webhooks._session):
        memory.cache_clear()
    yield
    for memory in (runtime.settings, webhooks._session):
        memory.cache_clear()


@pytest.fixture
def ours() -> Iterator[Receivers]:
    with receivers() as made:
        yield made


@pytest.fixture
def one_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plays that 127.0.0.1 is an address of the internet, and no other is."""
    monkeypatch.setattr(guard, "is_public", lambda address: str(ipaddress.ip_address(address)) == "127.0.0.1")


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Plays what a name resolves to, time after time; the names that were looked up."""
    left, asked, real = list(addresses), list[str](), socket.getaddrinfo

    def getaddrinfo(host: str, *told: Any, **more: Any) -> Any:
        if not host.endswith("example.com"):
            return real(host, *told, **more)
        asked.append(host)
        return real(left.pop(0) if len(left) > 1 else left[0], *told, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001"])
def test_a_service_of_this_machine_is_not_reached_however_it_is_written(ours: Receivers, host: str) -> None:
    with pytest.raises(Misconfigured):
        guard.session().post(f"http://{host}:{ours.port}/x", data=b"{}", timeout=5)

    assert ours.of("x") == []


def test_a_service_of_this_machine_is_not_reached_by_a_name_of_ours(
    monkeypatch: pytest.MonkeyPatch, ours: Receivers
) -> None:
    named(monkeypatch, "127.0.0.1")

    with pytest.raises(Blocked):
        guard.session().post(f"http://{HOST}:{ours.port}/x", data=b"{}", timeout=5)
    assert ours.of("x") == []


@pytest.mark.usefixtures("one_is_public")
def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_called_by_the_name(
    monkeypatch: pytest.MonkeyPatch, ours: Receivers
) -> None:
    asked = named(monkeypatch, "127.0.0.1", "127.0.0.2")
    session = guard.session()

    assert session.post(f"http://{HOST}:{ours.port}/x", data=b"{}", timeout=5).status_code == 200
    assert asked == [HOST]
    (came,) = ours.of("x")
    assert came.headers["host"] == f"{HOST}:{ours.port}"
    with pytest.raises(Blocked):  # the next connection asks again
        guard.session().post(f"http://{HOST}:{ours.port}/x", data=b"{}", timeout=5)
    assert len(ours.of("x")) == 1


@pytest.mark.usefixtures("one_is_public")
def test_a_redirect_into_our_own_network_is_not_followed(monkeypatch: pytest.MonkeyPatch, ours: Receivers) -> None:
    named(monkeypatch, "127.0.0.1")
    ours.answers["x"] = lambda _: (307, {"location": f"http://127.0.0.2:{ours.port}/inside"}, b"")

    found = guard.session().post(f"http://{HOST}:{ours.port}/x", data=b"{}", timeout=5, allow_redirects=False)

    assert found.status_code == 307
    assert ours.of("inside") == []
    with pytest.raises(Misconfigured):  # and if it were, it would not get there
        guard.session().post(f"http://{HOST}:{ours.port}/x", data=b"{}", timeout=5)
    assert ours.of("inside") == []


# --- an end to it -----------------------------------------------------------------------------------------------------


def test_an_answer_that_drips_for_ever_ends_with_the_time_for_the_whole_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    runtime.settings.cache_clear()
    monkeypatch.setattr(webhooks, "TOTAL_SECONDS", 1.0)
    over = threading.Event()

    class Dripping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.1):  # each piece comes in time, and the headers never end
                    self.wfile.write(b"x-a: b\r\n")
            except OSError:
                return

        def log_message(self, *_: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    began = time.monotonic()
    try:
        answer = webhooks.post(f"http://127.0.0.1:{server.server_address[1]}/x", b"{}", {})
    finally:
        over.set()
        server.shutdown()
        server.server_close()

    assert (answer.status, answer.error) == (None, "timeout")
    assert time.monotonic() - began < 10


def test_no_more_is_read_of_an_answer_than_is_wanted(monkeypatch: pytest.MonkeyPatch, ours: Receivers) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    runtime.settings.cache_clear()

    def much(_: Message) -> tuple[int, dict[str, str], bytes]:
        return 500, {}, b"x" * 5_000_000

    ours.answers["x"] = much
    answer = webhooks.post(ours.url("x"), b"{}", {})

    assert (answer.status, answer.error, len(answer.text)) == (500, "http", 1024)


# --- TLS --------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> Path:
    """A certificate of a name that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    told = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + told)
    return path


@pytest.mark.usefixtures("one_is_public")
@pytest.mark.parametrize(("of", "error"), [(HOST, None), ("other.example.com", "tls")])
def test_the_name_of_the_url_is_the_one_in_tls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, of: str, error: str | None
) -> None:
    named(monkeypatch, "127.0.0.1")
    pem, wanted = certificate(tmp_path, of), list[str]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: wanted.append(name)
    with receivers(context) as secure:
        monkeypatch.setattr(webhooks._session(), "verify", str(pem))
        answer = webhooks.post(f"https://{HOST}:{secure.port}/x", b"{}", {})

        assert answer.error == error
        assert wanted == [HOST]
        assert len(secure.of("x")) == (error is None)
