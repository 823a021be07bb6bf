"""Access tokens: shared by all, asked for by one, renewed in time and after a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from local.standins.samples import uber_eats
from orderhub.errors import Misconfigured, Retry
from orderhub.order.times import sortable
from orderhub.outbound import tokens
from orderhub.outbound.http import PlatformHttp
from orderhub.outbound.tokens import access_token, forget
from orderhub.platforms.base import TokenRequest
from orderhub.platforms.registry import load
from orderhub.platforms.uber_eats import UberEats
from orderhub.storage import config, secrets
from orderhub.storage.config import Collection
from tests.functional.cloud import aws, items
from tests.functional.conftest import Clock
from tests.functional.hub import Hub
from tests.functional.vendors import PLATFORMS

URL = "https://auth.example.com/token"
REQUEST = TokenRequest(URL, {"client_id": "id", "client_secret": "s3cret & more"})
Internet = responses.RequestsMock


def issuing(internet: Internet, token: str = "token-1", status: int = 200, **more: Any) -> None:
    internet.upsert(responses.Response("POST", URL, json={"access_token": token, **more}, status=status))


def another_process() -> None:
    """From here on it is another process that asks: it shares the storage and not the memory."""
    tokens._memory.clear()


# --- one for all ------------------------------------------------------------------------------------------------------


def test_a_token_is_asked_for_as_the_platform_wants_it(internet: Internet) -> None:
    issuing(internet)

    assert access_token("con_1", REQUEST) == "token-1"

    (call,) = internet.calls
    assert call.request.body == "client_id=id&client_secret=s3cret+%26+more"
    assert call.request.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_token_is_asked_for_once(internet: Internet) -> None:
    issuing(internet)

    assert [access_token("con_1", REQUEST) for _ in range(3)] == ["token-1"] * 3
    assert len(internet.calls) == 1


def test_all_processes_share_a_token(internet: Internet) -> None:
    issuing(internet)
    access_token("con_1", REQUEST)
    another_process()

    assert access_token("con_1", REQUEST) == "token-1"
    assert len(internet.calls) == 1


def test_each_connection_has_a_token_of_its_own(internet: Internet) -> None:
    issuing(internet, "token-1")
    access_token("con_1", REQUEST)
    issuing(internet, "token-2")

    assert [access_token(name, REQUEST) for name in ("con_1", "con_2")] == ["token-1", "token-2"]


# --- its end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fresh_process", [False, True])
@pytest.mark.parametrize(
    ("told", "lifetime"),
    [
        ({"expires_in": 3600}, 3600),
        ({"expires_at": "2026-10-05T16:00:00Z"}, 3600),
        ({}, 3600),
        ({"expires_in": None}, 3600),
        ({"expires_in": "7200"}, 7200),
    ],
)
def test_a_token_is_renewed_two_minutes_before_its_end(
    internet: Internet, clock: Clock, told: dict[str, Any], lifetime: int, fresh_process: bool
) -> None:
    issuing(internet, "token-1", **told)
    access_token("con_1", REQUEST)
    issuing(internet, "token-2", **told)

    clock.wait(lifetime - 121)
    before = access_token("con_1", REQUEST)
    clock.wait(2)
    if fresh_process:
        another_process()

    assert (before, access_token("con_1", REQUEST)) == ("token-1", "token-2")
    assert len(internet.calls) == 2


def test_a_token_that_lives_for_moments_only_is_not_asked_for_with_each_call(internet: Internet) -> None:
    issuing(internet, expires_in=5)

    for _ in range(3):
        access_token("con_1", REQUEST)

    assert len(internet.calls) == 1


def test_a_token_renewed_by_another_process_is_taken_from_there(internet: Internet, clock: Clock) -> None:
    issuing(internet, "token-1", expires_in=3600)
    access_token("con_1", REQUEST)
    clock.wait(3590)
    until = clock.now + timedelta(hours=1)
    secrets.put_token("con_1", {"token": "token-2", "expires_at": sortable(until)})

    assert access_token("con_1", REQUEST) == "token-2"
    assert len(internet.calls) == 1


def test_a_token_is_a_secret_and_in_no_table(internet: Internet) -> None:
    issuing(internet)
    access_token("con_1", REQUEST)

    (parameter,) = aws("ssm").describe_parameters()["Parameters"]
    assert (parameter["Name"], parameter["Type"]) == ("/orderhub/dev/tokens/con_1", "SecureString")
    assert items("ConfigTable") == []


# --- one asks, the others wait ----------------------------------------------------------------------------------------


def test_while_another_asks_the_others_wait_for_its_token(
    internet: Internet, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.claim(Collection.TOKENS, "con_1", clock.now, timedelta(seconds=15))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            until = clock.now + timedelta(hours=1)
            secrets.put_token("con_1", {"token": "theirs", "expires_at": sortable(until)})

    monkeypatch.setattr("orderhub.outbound.tokens.time.sleep", sleep)

    assert access_token("con_1", REQUEST) == "theirs"
    assert (slept, len(internet.calls)) == ([0.25] * 3, 0)


def test_when_the_other_never_gets_one_the_call_is_to_be_tried_again(internet: Internet, clock: Clock) -> None:
    config.claim(Collection.TOKENS, "con_1", clock.now, timedelta(seconds=15))

    with pytest.raises(Retry, match="waited long for another caller"):
        access_token("con_1", REQUEST)
    assert (sum(clock.slept), len(internet.calls)) == (10, 0)


def test_when_the_other_has_died_the_next_one_asks(internet: Internet, clock: Clock) -> None:
    issuing(internet)
    config.claim(Collection.TOKENS, "con_1", clock.now, timedelta(seconds=5))

    assert access_token("con_1", REQUEST) == "token-1"
    assert 5 <= sum(clock.slept) <= 5.5


# --- no token ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_token_service_that_is_busy_is_asked_again(internet: Internet, status: int) -> None:
    issuing(internet, status=status)

    with pytest.raises(Retry, match=f"the token service answered {status}"):
        access_token("con_1", REQUEST)


def test_when_to_ask_again_is_what_the_token_service_says(internet: Internet) -> None:
    internet.add("POST", URL, status=429, headers={"Retry-After": "600"})

    with pytest.raises(Retry) as retry:
        access_token("con_1", REQUEST)
    assert retry.value.after == 600


@pytest.mark.parametrize("status", [400, 401, 403, 404, 302])
def test_credentials_that_the_token_service_refuses_are_for_a_person_to_mend(internet: Internet, status: int) -> None:
    issuing(internet, status=status)

    with pytest.raises(Misconfigured, match="refuses the credentials") as refused:
        access_token("con_1", REQUEST)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "body", ["[]", "{}", '{"access_token": null}', '{"access_token": 7}', '"token"', "<html>busy</html>", "", "\xff"]
)
def test_an_answer_without_a_token_is_to_be_tried_again(internet: Internet, body: str) -> None:
    internet.add("POST", URL, body=body.encode("latin-1"))

    with pytest.raises(Retry):
        access_token("con_1", REQUEST)


@pytest.mark.parametrize("told", [{"expires_at": "never"}, {"expires_in": -1}, {"expires_in": 10**12}])
def test_an_odd_lifetime_does_not_spoil_a_good_token(internet: Internet, told: dict[str, Any]) -> None:
    issuing(internet, **told)

    assert access_token("con_1", REQUEST) == "token-1"


def test_a_token_service_that_does_not_answer_is_asked_again(internet: Internet) -> None:
    internet.add("POST", URL, body=requests.ConnectionError("refused"))

    with pytest.raises(Retry, match="the token service does not answer: ConnectionError"):
        access_token("con_1", REQUEST)


def test_after_a_failure_the_same_caller_asks_again_as_soon_as_it_may(internet: Internet, clock: Clock) -> None:
    issuing(internet, status=500)
    with pytest.raises(Retry):
        access_token("con_1", REQUEST)
    issuing(internet)
    clock.wait(2)

    assert access_token("con_1", REQUEST) == "token-1"
    assert sum(clock.slept) == 0


# --- refused tokens ---------------------------------------------------------------------------------------------------


@pytest.fixture
def uber_http(hub: Hub, uber: str) -> Callable[[], PlatformHttp]:
    return lambda: PlatformHttp(load("uber_eats"), hub.connection(uber))


def read(http: PlatformHttp) -> None:
    http.request("GET", f"/v1/delivery/store/{uber_eats.STORE_ID}/status")


def test_a_token_that_is_refused_is_renewed_once_and_the_call_made_again(
    hub: Hub, uber_http: Callable[[], PlatformHttp]
) -> None:
    read(uber_http())
    hub.vendors.control("DELETE", "uber_eats/tokens")

    read(uber_http())

    assert [status for _, _, status in hub.vendors.made("uber_eats")] == [200, 401, 200]
    assert hub.vendors.token_requests("uber_eats") == 2


def test_a_platform_that_refuses_the_new_token_too_is_not_asked_a_third_time(
    hub: Hub, uber_http: Callable[[], PlatformHttp]
) -> None:
    hub.vendors.fault("uber_eats", match={"method": "GET"}, status=401, times=5)

    with pytest.raises(Misconfigured):
        read(uber_http())

    assert [status for _, _, status in hub.vendors.made("uber_eats")] == [401, 401]
    assert hub.vendors.token_requests("uber_eats") == 2


def test_a_refused_token_that_another_process_has_renewed_already_is_not_renewed_again(
    hub: Hub, uber: str, uber_http: Callable[[], PlatformHttp], clock: Clock
) -> None:
    read(uber_http())
    old = dict(tokens._memory)
    hub.vendors.control("DELETE", "uber_eats/tokens")
    read(uber_http())
    another_process()
    tokens._memory.update(old)

    read(uber_http())

    assert hub.vendors.token_requests("uber_eats") == 2


def test_new_credentials_get_a_new_token(hub: Hub, uber: str, uber_http: Callable[[], PlatformHttp]) -> None:
    read(uber_http())
    given = PLATFORMS["uber_eats"].credentials(PLATFORMS["uber_eats"].secret)
    assert hub.api("PATCH", f"/v1/connections/{uber}", {"credentials": given}).status == 200
    another_process()

    read(uber_http())

    assert hub.vendors.token_requests("uber_eats") == 2


def test_a_fixed_token_is_never_asked_for(hub: Hub, square: str) -> None:
    http = PlatformHttp(load("square"), hub.connection(square))
    http.request("GET", "/v2/locations")

    assert hub.vendors.token_requests("square") == 0


def test_a_hundred_calls_of_many_processes_ask_for_one_token(hub: Hub, uber_http: Callable[[], PlatformHttp]) -> None:
    for _ in range(100):
        another_process()
        read(uber_http())

    assert hub.vendors.token_requests("uber_eats") == 1


# --- an account of several connections --------------------------------------------------------------------------------

SHARED = replace(REQUEST, account="merchant-1")


def test_connections_of_one_account_share_a_token(internet: Internet) -> None:
    issuing(internet, "token-1")
    first = access_token("con_1", SHARED)
    issuing(internet, "token-2")

    assert [first, access_token("con_2", SHARED)] == ["token-1", "token-1"]
    assert len(internet.calls) == 1


def test_processes_of_connections_of_one_account_share_a_token(internet: Internet) -> None:
    issuing(internet)
    access_token("con_1", SHARED)
    another_process()

    assert access_token("con_2", SHARED) == "token-1"
    assert len(internet.calls) == 1


@pytest.mark.parametrize(
    "other",
    [
        REQUEST,
        replace(SHARED, account="merchant-2"),
        replace(SHARED, url="https://auth.example.com/other"),
    ],
)
def test_another_account_or_place_has_a_token_of_its_own(internet: Internet, other: TokenRequest) -> None:
    internet.add("POST", "https://auth.example.com/other", json={"access_token": "token-2"})
    issuing(internet, "token-1")
    access_token("con_1", SHARED)
    issuing(internet, "token-2")

    assert access_token("con_1", other) == "token-2"


def test_a_token_of_an_account_that_is_refused_is_renewed_for_all_its_connections(internet: Internet) -> None:
    issuing(internet, "token-1")
    access_token("con_1", SHARED)
    forget("con_2", SHARED, "token-1")
    issuing(internet, "token-2")

    assert [access_token(name, SHARED) for name in ("con_2", "con_1")] == ["token-2", "token-2"]
    assert len(internet.calls) == 2


def test_the_name_of_an_account_is_not_in_the_name_of_its_token(internet: Internet) -> None:
    issuing(internet)
    access_token("con_1", SHARED)

    (parameter,) = aws("ssm").describe_parameters()["Parameters"]
    assert re.fullmatch(r"/orderhub/dev/tokens/acc_[0-9a-f]{32}", parameter["Name"])


# --- platforms that count logins --------------------------------------------------------------------------------------

COUNTED = replace(REQUEST, min_age=timedelta(minutes=10))


def test_a_young_token_that_is_refused_is_no_reason_to_log_in_again(internet: Internet, clock: Clock) -> None:
    issuing(internet)
    access_token("con_1", COUNTED)
    clock.wait(minutes=9, seconds=59)

    with pytest.raises(Misconfigured, match="refuses a token that it gave us a moment ago"):
        forget("con_1", COUNTED, "token-1")
    assert [access_token("con_1", COUNTED), len(internet.calls)] == ["token-1", 1]


def test_a_token_that_is_old_enough_is_renewed_when_it_is_refused(internet: Internet, clock: Clock) -> None:
    issuing(internet, "token-1")
    access_token("con_1", COUNTED)
    clock.wait(minutes=10)
    issuing(internet, "token-2")

    forget("con_1", COUNTED, "token-1")

    assert access_token("con_1", COUNTED) == "token-2"


def test_a_token_of_which_nobody_knows_the_age_is_renewed_when_it_is_refused(internet: Internet, clock: Clock) -> None:
    secrets.put_token("con_1", {"token": "token-1", "expires_at": sortable(clock.now + timedelta(hours=1))})
    issuing(internet, "token-2")

    forget("con_1", COUNTED, "token-1")

    assert access_token("con_1", COUNTED) == "token-2"


def test_a_call_with_a_young_token_that_is_refused_is_not_made_again(
    hub: Hub, uber_http: Callable[[], PlatformHttp], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = UberEats.token_request

    def counted(*given: Any) -> TokenRequest:
        return replace(plain(*given), min_age=timedelta(hours=1))

    monkeypatch.setattr(UberEats, "token_request", counted)
    read(uber_http())
    hub.vendors.control("DELETE", "uber_eats/tokens")

    for _ in range(3):
        with pytest.raises(Misconfigured):
            read(uber_http())

    assert [status for _, _, status in hub.vendors.made("uber_eats")] == [200, 401, 401, 401]
    assert hub.vendors.token_requests("uber_eats") == 1


# --- where the answer has it ------------------------------------------------------------------------------------------

NESTED = replace(REQUEST, token_at=("token", "accessToken"), lifetime_at=("token", "expiresIn"))


def test_a_token_is_found_where_the_answer_has_it(internet: Internet, clock: Clock) -> None:
    internet.add("POST", URL, json={"token": {"accessToken": "deep", "expiresIn": 7200}, "access_token": "other"})
    first = access_token("con_1", NESTED)
    internet.upsert("POST", URL, json={"token": {"accessToken": "next", "expiresIn": 7200}})

    clock.wait(7200 - 121)
    before = access_token("con_1", NESTED)
    clock.wait(2)

    assert [first, before, access_token("con_1", NESTED)] == ["deep", "deep", "next"]


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": "flat"},
        {"token": None},
        {"token": "text"},
        {"token": ["accessToken"]},
        {"token": {}},
        {"token": {"accessToken": ""}},
        {"token": {"accessToken": {"a": 1}}},
    ],
)
def test_an_answer_without_the_token_in_its_place_is_to_be_tried_again(internet: Internet, answer: Any) -> None:
    internet.add("POST", URL, json=answer)

    with pytest.raises(Retry, match="the token service answered without a token"):
        access_token("con_1", NESTED)


@pytest.mark.parametrize(("told", "lifetime"), [({}, 1800), ({"expiresIn": None}, 1800), ({"expiresIn": "3600"}, 3600)])
def test_a_lifetime_that_is_not_in_its_place_is_the_usual_one(
    internet: Internet, clock: Clock, told: dict[str, Any], lifetime: int
) -> None:
    internet.add("POST", URL, json={"token": {"accessToken": "deep", **told}, "expires_in": 86400})
    usual = replace(NESTED, lifetime=timedelta(minutes=30))
    access_token("con_1", usual)

    clock.wait(lifetime - 121)
    access_token("con_1", usual)
    before = len(internet.calls)
    clock.wait(2)
    access_token("con_1", usual)

    assert (before, len(internet.calls)) == (1, 2)


@pytest.mark.parametrize("as_json", [False, True])
def test_headers_of_a_request_for_a_token_are_sent(internet: Internet, as_json: bool) -> None:
    issuing(internet)
    access_token("con_1", replace(REQUEST, headers={"X-Partner": "orderhub", "Accept": "text/json"}, as_json=as_json))

    (call,) = internet.calls
    sent = {name: call.request.headers[name] for name in ("X-Partner", "Accept", "Content-Type")}
    kind = "application/json" if as_json else "application/x-www-form-urlencoded"
    assert sent == {"X-Partner": "orderhub", "Accept": "text/json", "Content-Type": kind}
