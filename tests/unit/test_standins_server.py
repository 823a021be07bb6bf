"""What all stand-ins share: control, the list of calls, faults, figures, and memory over a restart."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from local.standins.keep import load, save
from local.standins.samples import uber_eats
from local.standins.server import StandIns
from local.standins.square import ACCESS_TOKEN
from orderhub.platforms.registry import SLUGS, TARGETS
from tests.unit.standins_client import START, Caller

SEARCH = "/square/v2/locations"
SQUARE = {"Authorization": f"Bearer {ACCESS_TOKEN}"}


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_every_platform_is_ready(caller: Caller) -> None:
    assert caller.control("GET", "") == {"status": "ready", "vendors": sorted((*SLUGS, *TARGETS))}


@pytest.mark.parametrize("path", ["/nobody/orders", "/_control/nobody/calls", "/_control/square/nothing"])
def test_what_does_not_exist_is_not_found(caller: Caller, path: str) -> None:
    assert caller.call("GET", path).status_code == 404


@pytest.mark.parametrize("slug", ["shopify", "uber_eats", "square"])
def test_an_unknown_vendor_path_is_not_found_in_the_vendors_shape(caller: Caller, slug: str) -> None:
    answer = caller.call("GET", f"/{slug}/no/such/path")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")


@pytest.mark.parametrize("slug", ["shopify", "uber_eats", "square"])
def test_a_body_that_is_no_order_is_refused(caller: Caller, slug: str) -> None:
    assert caller.call("POST", f"/_control/{slug}/orders", {"hello": 1}).status_code == 400


@pytest.mark.parametrize("slug", ["shopify", "uber_eats", "square"])
def test_an_order_that_is_not_held_is_not_found(caller: Caller, slug: str) -> None:
    assert caller.call("GET", f"/_control/{slug}/orders/404").status_code == 404


def test_calls_are_listed_in_order_without_their_secrets(caller: Caller) -> None:
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "hidden"}
    caller.client.post("/uber_eats/oauth/v2/token", data=form)
    caller.call("GET", f"{SEARCH}?limit=1", **SQUARE)
    token, *_ = caller.calls("uber_eats")
    read, *_ = caller.calls("square")
    assert token["body"] == {"grant_type": "client_credentials", "client_id": "x", "client_secret": "***"}
    assert (read["method"], read["path"], read["query"], read["status"]) == (
        "GET",
        "/v2/locations",
        {"limit": "1"},
        200,
    )
    assert read["at"] == "2026-10-05T17:00:00.000Z"
    assert "Authorization" not in read["headers"]


def test_calls_can_be_asked_for_from_a_number_on(caller: Caller) -> None:
    for _ in range(3):
        caller.call("GET", SEARCH, **SQUARE)
    assert [call["number"] for call in caller.calls("square", since=2)] == [3]
    caller.control("DELETE", "square/calls")
    assert caller.calls("square") == []


def test_calls_can_be_asked_for_by_order(caller: Caller) -> None:
    for order_id in ("ORDER-ONE", "ORDER-TWO"):
        caller.call("GET", f"/square/v2/orders/{order_id}", **SQUARE)
    assert [call["path"] for call in caller.calls("square", order_id="ORDER-TWO")] == ["/v2/orders/ORDER-TWO"]


def test_a_fault_answers_the_next_calls_that_match(caller: Caller) -> None:
    match = {"method": "GET", "path_contains": "locations"}
    caller.fault("square", match=match, times=2, status=503, headers={"Retry-After": "2"}, body={"down": True})
    first = caller.call("GET", SEARCH, **SQUARE)
    assert (first.status_code, first.headers["Retry-After"], first.get_json()) == (503, "2", {"down": True})
    other = caller.call("POST", "/square/v2/catalog/search", {"object_types": []}, **SQUARE)
    assert [other.status_code, *[caller.call("GET", SEARCH, **SQUARE).status_code for _ in range(2)]] == [200, 503, 200]
    assert [call["fault"] for call in caller.calls("square")] == ["refused", None, "refused", None]
    assert caller.control("GET", "square/faults") == {"faults": []}


def test_a_fault_can_match_on_the_body(caller: Caller) -> None:
    caller.fault("square", match={"body_contains": "ITEM_VARIATION"})
    plain = caller.call("POST", "/square/v2/catalog/search", {"object_types": []}, **SQUARE)
    hit = caller.call("POST", "/square/v2/catalog/search", {"object_types": ["ITEM_VARIATION"]}, **SQUARE)
    assert (plain.status_code, hit.status_code) == (200, 500)


def test_a_fault_after_the_effect_hides_that_the_call_worked(caller: Caller) -> None:
    order_id = caller.put("uber_eats", uber_eats.order(1))
    caller.fault("uber_eats", match={"path_contains": "/accept"}, status=500, after_effect=True)
    answer = _accept(caller, order_id)
    assert answer.status_code == 500
    assert caller.held("uber_eats", order_id)["order"]["state"] == "ACCEPTED"


def test_a_fault_before_the_effect_keeps_it_from_happening(caller: Caller) -> None:
    order_id = caller.put("uber_eats", uber_eats.order(1))
    caller.fault("uber_eats", match={"path_contains": "/accept"}, status=500)
    assert _accept(caller, order_id).status_code == 500
    assert caller.held("uber_eats", order_id)["order"]["state"] == "OFFERED"


def test_a_fault_without_a_status_only_delays(caller: Caller) -> None:
    caller.fault("square", status=None, delay_seconds=1.5)
    assert caller.call("GET", SEARCH, **SQUARE).status_code == 200
    assert caller.slept == [1.5]


def test_faults_can_be_disarmed(caller: Caller) -> None:
    caller.fault("square", times=9)
    caller.control("DELETE", "square/faults")
    assert caller.call("GET", SEARCH, **SQUARE).status_code == 200


@pytest.mark.parametrize("fault", [{"match": {"verb": "GET"}}, {"state": 500}])
def test_a_fault_that_could_never_hit_is_refused(caller: Caller, fault: dict[str, Any]) -> None:
    assert caller.call("POST", "/_control/square/faults", fault).status_code == 400


def test_stats_count_calls_by_path_and_requests_for_tokens(caller: Caller) -> None:
    caller.call("GET", SEARCH, **SQUARE)
    caller.call("GET", SEARCH, **SQUARE)
    caller.call("POST", "/square/oauth2/token", {})
    assert caller.control("GET", "square/stats") == {
        "calls": 3,
        "calls_by_path": {"GET /v2/locations": 2, "POST /oauth2/token": 1},
        "in_flight": 0,
        "most_in_flight": 1,
        "token_requests": 1,
    }


def test_stats_tell_the_most_calls_that_were_under_way_at_once() -> None:
    caller = Caller()
    both = threading.Barrier(2, timeout=10)

    def meet(_seconds: float) -> None:
        both.wait()

    caller.app.sleep = meet
    caller.fault("square", status=None, delay_seconds=1, times=2)
    threads = [threading.Thread(target=caller.call, args=("GET", SEARCH), kwargs=SQUARE) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caller.control("GET", "square/stats")["most_in_flight"] == 2


def test_settings_can_be_changed_and_only_those_that_exist(caller: Caller) -> None:
    assert caller.control("PATCH", "square/settings", {"token_seconds": 5}) == {"token_seconds": 5}
    assert caller.call("PATCH", "/_control/square/settings", {"speed": 5}).status_code == 400


def test_reset_goes_back_to_the_beginning(caller: Caller) -> None:
    order_id = caller.put("uber_eats", uber_eats.order(1))
    caller.fault("uber_eats")
    caller.control("PATCH", "uber_eats/settings", {"tokens_per_hour": 0})
    caller.control("POST", "uber_eats/reset")
    assert caller.control("GET", "uber_eats/orders") == {"ids": []}
    assert caller.control("GET", "uber_eats/faults") == {"faults": []}
    assert caller.control("GET", "uber_eats/settings")["tokens_per_hour"] == 100
    assert order_id


def test_what_is_held_outlives_a_restart(caller: Caller, tmp_path: Path) -> None:
    order_id = caller.put("uber_eats", uber_eats.order(1))
    assert _accept(caller, order_id).status_code == 200
    file = tmp_path / "deep" / "standins.state"
    save(caller.app, file)

    again = Caller()
    load(again.app, file)
    assert again.held("uber_eats", order_id)["order"]["state"] == "ACCEPTED"
    assert [call["status"] for call in again.calls("uber_eats", order_id=order_id)] == [200]
    assert _accept(again, order_id).status_code == 400
    assert [call["number"] for call in again.calls("uber_eats")] == [1, 2, 3, 4]


def test_without_a_kept_state_the_stand_ins_start_empty(tmp_path: Path) -> None:
    app = StandIns(clock=lambda: START)
    load(app, tmp_path / "none")
    assert [vendor.order_ids() for vendor in app.vendors.values()] == [[] for _ in (*SLUGS, *TARGETS)]


def _accept(caller: Caller, order_id: str) -> Any:
    good = caller.control("GET", "uber_eats/credentials")
    form = {
        "client_id": good["client_id"],
        "client_secret": good["client_secret"],
        "grant_type": "client_credentials",
        "scope": "eats.order",
    }
    token = caller.client.post("/uber_eats/oauth/v2/token", data=form).get_json()["access_token"]
    path = f"/uber_eats/v1/delivery/order/{order_id}/accept"
    return caller.call("POST", path, {}, Authorization=f"Bearer {token}")
