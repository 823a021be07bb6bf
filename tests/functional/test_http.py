"""The one HTTP client: what it sends, and what the answers mean."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
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
from orderhub.outbound.tokens import access_token
from orderhub.platforms.base import TokenRequest
from orderhub.platforms.http_types import Call, Reply
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


# --- whole addresses --------------------------------------------------------------------------------------------------


def test_a_whole_url_is_called_as_it_is(http: PlatformHttp, internet: Internet) -> None:
    internet.add("GET", "https://other.example.com/orders/7", json={"id": 7})

    reply = http.request("GET", "https://other.example.com/orders/7?x=1", params={"y": "2"})

    (call,) = internet.calls
    assert (call.request.url, reply.json()) == ("https://other.example.com/orders/7?x=1&y=2", {"id": 7})
    assert call.request.headers["Authorization"] == "Bearer demo-square-personal-access-token"


@pytest.mark.parametrize("scheme", ["ftp", "file", "gopher", "javascript"])
def test_a_whole_url_of_another_scheme_is_not_called(http: PlatformHttp, internet: Internet, scheme: str) -> None:
    with pytest.raises(Misconfigured, match="is not the address of an API"):
        http.request("GET", f"{scheme}://other.example.com/x")
    assert len(internet.calls) == 0


def test_a_path_is_below_the_base_url_whatever_is_in_its_query(http: PlatformHttp, internet: Internet) -> None:
    answering(internet, 200)

    http.request("GET", "/v2/x?callback=https://hub.example.com/")

    assert [call.request.url for call in internet.calls] == [f"{URL}/v2/x?callback=https://hub.example.com/"]


# --- what is remembered -----------------------------------------------------------------------------------------------

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    client.forget_remembered()
    yield
    client.forget_remembered()


def counting(internet: Internet, path: str = "/v2/x") -> None:
    """Each answer says the how-manieth it is."""
    answers = iter(range(1, 10_000))
    internet.add_callback("GET", f"{URL}{path}", lambda _: (200, {}, str(next(answers))))


def test_reference_data_is_asked_for_once(http: PlatformHttp, internet: Internet) -> None:
    counting(internet)

    replies = [http.remembered("/v2/x", keep=HOUR) for _ in range(3)]

    assert (replies, replies[0].json()) == ([replies[0]] * 3, 1)
    assert [call.request.method for call in internet.calls] == ["GET"]


def test_reference_data_is_asked_for_again_when_its_time_is_over(
    http: PlatformHttp, internet: Internet, clock: Clock
) -> None:
    counting(internet)
    told = [http.remembered("/v2/x", keep=HOUR).json()]
    for seconds in (3599, 1, 3599):
        clock.wait(seconds)
        told.append(http.remembered("/v2/x", keep=HOUR).json())

    assert told == [1, 1, 2, 2]


def test_reference_data_of_other_headers_or_paths_is_another(http: PlatformHttp, internet: Internet) -> None:
    counting(internet)
    counting(internet, "/v2/y")
    asked: list[dict[str, Any]] = [{}, {"headers": {"X-Store": "1"}}, {"headers": {"X-Store": "2"}}]

    told = [http.remembered("/v2/x", keep=HOUR, **one).json() for one in [*asked, *asked]]

    assert told == [1, 2, 3, 1, 2, 3]
    assert http.remembered("/v2/y", keep=HOUR).json() == 1
    assert [call.request.headers.get("X-Store") for call in internet.calls] == [None, "1", "2", None]


def test_reference_data_is_the_connection_s_own(hub: Hub, http: PlatformHttp, internet: Internet) -> None:
    counting(internet)
    other = hub.connection(hub.connect("square", name="other", settings={"base_url": URL}))
    http.remembered("/v2/x", keep=HOUR)

    assert PlatformHttp(load("square"), other).remembered("/v2/x", keep=HOUR).json() == 2


def test_a_refusal_is_not_remembered(http: PlatformHttp, internet: Internet) -> None:
    answering(internet, 503)
    with pytest.raises(Retry):
        http.remembered("/v2/x", keep=HOUR)
    internet.upsert("GET", f"{URL}/v2/x", body="7")

    assert http.remembered("/v2/x", keep=HOUR).json() == 7


def test_what_is_asked_for_by_itself_is_asked_for_each_time(http: PlatformHttp, internet: Internet) -> None:
    counting(internet)
    http.remembered("/v2/x", keep=HOUR)

    assert http.request("GET", "/v2/x").json() == 2


def test_no_more_is_remembered_than_there_is_room_for(
    http: PlatformHttp, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_MOST_REMEMBERED", 3)
    for number in range(5):
        counting(internet, f"/v2/{number}")
        http.remembered(f"/v2/{number}", keep=HOUR)

    assert len(client._remembered) <= 3
    assert http.remembered("/v2/4", keep=HOUR).json() == 1


# --- platforms of their own kind --------------------------------------------------------------------------------------


@pytest.fixture
def its(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the platform have ways of its own."""

    def have(**ways: Any) -> None:
        for name, way in ways.items():
            monkeypatch.setattr(type(load("square")), name, way)

    return have


def test_a_platform_may_refuse_with_status_200(
    http: PlatformHttp, internet: Internet, its: Callable[..., None]
) -> None:
    its(
        is_refusal=lambda _, reply: reply.json().get("success") is False,
        refusal=lambda _, reply: Reject("THEIRS", f"no: {reply.json()['message']}"),
    )
    answering(internet, 200, '{"success": false, "message": "closed"}')

    with pytest.raises(Reject, match="no: closed") as refused:
        http.request("GET", "/v2/x")
    assert refused.value.code == "THEIRS"


def test_a_platform_s_yes_with_status_200_is_a_yes(
    http: PlatformHttp, internet: Internet, its: Callable[..., None]
) -> None:
    its(is_refusal=lambda _, reply: reply.json().get("success") is False)
    answering(internet, 200, '{"success": true}')

    assert http.request("GET", "/v2/x").json() == {"success": True}


def test_when_to_ask_again_is_heard_from_a_refusal_with_status_200_too(
    http: PlatformHttp, internet: Internet, its: Callable[..., None]
) -> None:
    its(is_refusal=lambda *_: True, refusal=lambda *_: Retry("busy"))
    answering(internet, 200, Retry_After="30")

    with pytest.raises(Retry, match="busy") as retry:
        http.request("GET", "/v2/x")
    assert retry.value.after == 30


def test_a_platform_says_itself_which_status_is_no_refusal(
    http: PlatformHttp, internet: Internet, its: Callable[..., None]
) -> None:
    its(is_refusal=lambda _, reply: reply.status >= 500)
    answering(internet, 404, "{}")

    assert http.request("GET", "/v2/x").status == 404


def test_a_call_is_proved_wherever_the_platform_wants_the_proof(
    http: PlatformHttp, internet: Internet, its: Callable[..., None]
) -> None:
    def authorize(_platform: Any, call: Call, connection: Any, token: str | None) -> Call:
        proved = call.with_params({"key": "k-1"}).with_headers({"X-Proof": f"{call.method} {call.url}"})
        return Call(proved.method, proved.url, proved.params, proved.headers, {**call.json, "token": "t-1"})

    its(authorize=authorize)
    internet.add("POST", f"{URL}/v2/x", json={})

    http.request("POST", "/v2/x", json={"a": 1}, params={"page": "2"}, headers={"X-Own": "mine"})

    (call,) = internet.calls
    assert call.request.url == f"{URL}/v2/x?page=2&key=k-1"
    assert json.loads(call.request.body or "") == {"a": 1, "token": "t-1"}
    assert [call.request.headers.get(name) for name in ("X-Proof", "X-Own", "Authorization")] == [
        f"POST {URL}/v2/x",
        "mine",
        None,
    ]


def test_a_proof_that_leads_elsewhere_is_checked_as_well(
    http: PlatformHttp, internet: Internet, its: Callable[..., None]
) -> None:
    its(authorize=lambda _, call, *__: Call(call.method, "ftp://other.example.com/x"))

    with pytest.raises(Misconfigured, match="is not the address of an API"):
        http.request("GET", "/v2/x")
    assert len(internet.calls) == 0


# --- plain http -------------------------------------------------------------------------------------------------------


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """On AWS, where every name is that of this address."""
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "false")
    settings.cache_clear()

    def resolve_to(address: str) -> None:
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (address, 443))])

    resolve_to("93.184.216.34")
    return resolve_to


def shop(hub: Hub, base_url: str) -> PlatformHttp:
    return PlatformHttp(load("square"), hub.connection(hub.connect("square", settings={"base_url": base_url})))


def test_a_call_goes_over_http_where_the_platform_proves_itself_without_a_secret_in_it(
    hub: Hub, internet: Internet, its: Callable[..., None], deployed: Any
) -> None:
    its(plain_http=True)
    internet.add("GET", "http://shop.example.com/v2/x", json={})

    assert shop(hub, "http://shop.example.com").request("GET", "/v2/x").status == 200


def test_a_call_goes_over_http_for_no_other_platform(hub: Hub, internet: Internet, deployed: Any) -> None:
    with pytest.raises(Misconfigured, match="calls go over https only"):
        shop(hub, "http://shop.example.com").request("GET", "/v2/x")
    assert len(internet.calls) == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1"])
def test_plain_http_lets_no_call_into_our_own_network(
    hub: Hub, internet: Internet, its: Callable[..., None], deployed: Callable[[str], None], address: str
) -> None:
    its(plain_http=True)
    deployed(address)
    theirs = shop(hub, "http://shop.example.com")
    internet.stop()  # what is played there ends before a connection would be made

    with pytest.raises(Misconfigured, match="is not a public address"):
        theirs.request("GET", "/v2/x")
    internet.start()


def test_plain_http_lets_no_other_scheme_through(hub: Hub, its: Callable[..., None], deployed: Any) -> None:
    its(plain_http=True)

    with pytest.raises(Misconfigured, match="is not the address of an API"):
        shop(hub, "ftp://shop.example.com").request("GET", "/v2/x")


def test_a_token_which_is_a_secret_is_asked_for_over_https_only(hub: Hub, internet: Internet, deployed: Any) -> None:
    with pytest.raises(Misconfigured, match="calls go over https only"):
        access_token("con_1", TokenRequest("http://shop.example.com/token", {}))
    assert len(internet.calls) == 0
