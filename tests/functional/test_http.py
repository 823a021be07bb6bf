"""The one HTTP client: what it sends, and what the answers mean."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from orderhub import __version__
from orderhub.errors import Misconfigured, Reject, Retry
from orderhub.outbound import http as client
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.http_types import Reply
from orderhub.platforms.registry import load
from orderhub.runtime import settings
from tests.functional.conftest import Clock
from tests.functional.hub import Hub

URL = "https://square.example.com"
Internet = responses.RequestsMock


@pytest.fixture
def http(hub: Hub) -> PlatformHttp:
    """A client to a platform that needs no access token."""
    connection_id = hub.connect("square", settings={"base_url": URL})
    return PlatformHttp(load("square"), hub.connection(connection_id))


def answering(internet: Internet, status: int, body: bytes | str = b"{}", **headers: str) -> None:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    internet.add("GET", f"{URL}/v2/x", body=body, status=status, headers=told, content_type="application/json")


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_a_call_is_sent_as_the_adapter_describes_it(http: PlatformHttp, internet: Internet) -> None:
    internet.add("POST", f"{URL}/v2/x", json={"ok": True}, headers={"X-Limit": "7"})

    reply = http.request("POST", "/v2/x", json={"a": "ä"}, params={"q": "1 2"}, headers={"X-Own": "mine"})

    (call,) = internet.calls
    assert reply == Reply(200, {"content-type": "application/json", "x-limit": "7"}, b'{"ok": true}')
    assert (call.request.method, call.request.url) == ("POST", f"{URL}/v2/x?q=1+2")
    assert json.loads(call.request.body or "") == {"a": "ä"}
    sent = {name: call.request.headers[name] for name in ("Authorization", "Square-Version", "X-Own", "User-Agent")}
    assert sent == {
        "Authorization": "Bearer demo-square-personal-access-token",
        "Square-Version": "2026-08-19",
        "X-Own": "mine",
        "User-Agent": f"Orderhub/{__version__}",
    }


def test_no_proxy_and_no_credentials_come_from_the_environment(
    http: PlatformHttp, internet: Internet, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".netrc").write_text("machine square.example.com login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://198.51.100.1:3128")
    answering(internet, 200)

    http.request("GET", "/v2/x")

    (call,) = internet.calls
    assert call.request.headers["Authorization"] == "Bearer demo-square-personal-access-token"
    assert not call.request.req_kwargs["proxies"]  # type: ignore[attr-defined]


def test_a_call_gives_up_on_a_silent_platform_within_seconds(http: PlatformHttp, internet: Internet) -> None:
    answering(internet, 200)

    http.request("GET", "/v2/x")

    assert internet.calls[0].request.req_kwargs["timeout"] == (3.05, 10)  # type: ignore[attr-defined]


def test_an_answer_that_is_compressed_is_read(http: PlatformHttp, internet: Internet) -> None:
    answering(internet, 200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")

    assert http.request("GET", "/v2/x").json() == {"a": 1}


def test_a_redirect_is_not_followed(http: PlatformHttp, internet: Internet) -> None:
    answering(internet, 302, Location="http://169.254.169.254/latest/meta-data")

    assert http.request("GET", "/v2/x").status == 302
    assert len(internet.calls) == 1


def test_an_address_of_our_own_network_is_not_called(hub: Hub, internet: Internet, monkeypatch: Any) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "false")
    settings.cache_clear()
    connection_id = hub.connect("square", settings={"base_url": "https://127.0.0.1"})
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))])

    with pytest.raises(Misconfigured, match=r"127\.0\.0\.1 is not a public address"):
        PlatformHttp(load("square"), hub.connection(connection_id)).request("GET", "/v2/x")
    assert len(internet.calls) == 0


# --- what comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 529])
def test_a_platform_that_is_busy_or_broken_is_asked_again(http: PlatformHttp, internet: Internet, status: int) -> None:
    answering(internet, status)

    with pytest.raises(Retry, match=f"Square answered {status}") as retry:
        http.request("GET", "/v2/x")
    assert retry.value.after is None


@pytest.mark.parametrize(("value", "after"), [("30", 30.0), ("Mon, 05 Oct 2026 15:01:30 GMT", 90.0), ("soon", None)])
def test_when_to_ask_again_is_what_the_platform_says(
    http: PlatformHttp, internet: Internet, clock: Clock, value: str, after: float | None
) -> None:
    answering(internet, 429, Retry_After=value)

    with pytest.raises(Retry) as retry:
        http.request("GET", "/v2/x")
    assert retry.value.after == after


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_for_a_person_to_mend(http: PlatformHttp, internet: Internet, status: int) -> None:
    answering(internet, status)

    with pytest.raises(Misconfigured, match=f"Square answered {status}"):
        http.request("GET", "/v2/x")


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
def test_any_other_refusal_is_final(http: PlatformHttp, internet: Internet, status: int) -> None:
    answering(internet, status)

    with pytest.raises(Reject) as refused:
        http.request("GET", "/v2/x")
    assert refused.value.code == f"HTTP_{status}"


@pytest.mark.parametrize(
    "failure",
    [
        requests.ConnectionError("refused"),
        requests.ConnectTimeout("slow"),
        requests.ReadTimeout("slow"),
        requests.exceptions.SSLError("certificate"),
        requests.exceptions.ContentDecodingError("gzip"),
        requests.TooManyRedirects("many"),
    ],
)
def test_no_answer_is_to_be_tried_again(http: PlatformHttp, internet: Internet, failure: Exception) -> None:
    internet.add("GET", f"{URL}/v2/x", body=failure)

    with pytest.raises(Retry, match=f"Square does not answer: {type(failure).__name__}"):
        http.request("GET", "/v2/x")


# --- answers that do not end as they should ---------------------------------------------------------------------------


class Broken(io.BytesIO):
    """A body that breaks off."""

    def read(self, *_: Any) -> bytes:
        raise ProtocolError("Connection broken: IncompleteRead")


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> Callable[[io.BytesIO], None]:
    """Lets the answer have this body, as it comes off the wire."""

    def body(stream: io.BytesIO) -> None:
        def request(*_: Any, **__: Any) -> requests.Response:
            answer = requests.Response()
            answer.status_code = 200
            answer.raw = HTTPResponse(stream, preload_content=False)
            return answer

        monkeypatch.setattr(client._session(), "request", request)

    return body


def test_an_answer_that_breaks_off_is_to_be_tried_again(http: PlatformHttp, raw: Callable[[Any], None]) -> None:
    raw(Broken())

    with pytest.raises(Retry, match="Square does not answer: ProtocolError"):
        http.request("GET", "/v2/x")


def test_an_answer_without_end_is_not_read_to_its_end(http: PlatformHttp, raw: Callable[[Any], None]) -> None:
    taken: list[int] = []

    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size < 100 * 1024 * 1024
            taken.append(size)
            return b"x" * size

    raw(Endless())

    with pytest.raises(Retry, match="Square answered with more than 20971520 bytes"):
        http.request("GET", "/v2/x")
    assert sum(taken) < 25 * 1024 * 1024


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_unpacked_whole(
    http: PlatformHttp, internet: Internet
) -> None:
    answering(internet, 200, gzip.compress(b"0" * 40 * 1024 * 1024), Content_Encoding="gzip")

    with pytest.raises(Retry, match="more than 20971520 bytes"):
        http.request("GET", "/v2/x")


def test_an_answer_of_the_largest_size_is_taken(http: PlatformHttp, raw: Callable[[Any], None]) -> None:
    raw(io.BytesIO(b"x" * 20 * 1024 * 1024))

    assert len(http.request("GET", "/v2/x").body) == 20 * 1024 * 1024
