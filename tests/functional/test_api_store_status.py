"""/v1/stores/{id}/status: pausing and reopening a store, platform by platform."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhub.errors import Retry
from orderhub.service.access import Caller, Role
from orderhub.storage import queues
from tests.functional.cloud import items, waiting
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import ADMIN, STORE, Hub, function, queue_url

PATH = f"/v1/stores/{STORE}/status"
MANAGER = Caller("key_m", "Mona", Role.STORE_MANAGER, frozenset({STORE}))
EMPLOYEE = Caller("key_e", "Emil", Role.STORE_EMPLOYEE, frozenset({STORE}))
STRANGER = Caller("key_s", "Sven", Role.ADMIN, frozenset({"sto_other"}))
PAUSE = {"is_open": False, "until": "2026-10-05T15:30:00Z", "reason": "STAFF_SHORTAGE"}
PENDING = {"state": "pending", "detail": None, "attempts": 0, "at": None}


def on(hub: Hub, connection_id: str) -> dict[str, Any]:
    """The store on one platform, as staff see it."""
    (row,) = [one for one in hub.api("GET", PATH).json["platforms"] if one["connection_id"] == connection_id]
    return dict(row)


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_store_that_nobody_paused_is_open_everywhere(hub: Hub, uber: str, square: str) -> None:
    reply = hub.api("GET", PATH)

    assert reply.status == 200
    assert {name: value for name, value in reply.json.items() if name != "platforms"} == {
        "store_id": STORE,
        "local_time": "2026-10-05T11:00:00-04:00",
        "time_zone": "America/New_York",
        "is_open": True,
    }
    assert [row["connection_id"] for row in reply.json["platforms"]] == [square, uber]
    assert on(hub, uber) == {
        "connection_id": uber,
        "platform": "uber_eats",
        "name": "uber_eats",
        "active": True,
        "is_open": True,
        "until": None,
        "reason": None,
        "changed_by": None,
        "changed_at": None,
        "sync": {"state": "not_needed", "detail": None, "attempts": 0, "at": None},
        "last_order_at": None,
        "last_error": None,
    }


def test_a_platform_that_can_not_be_paused_says_so_before_anybody_tries(hub: Hub, square: str) -> None:
    sync = on(hub, square)["sync"]

    assert sync["state"] == "unsupported"
    assert sync["detail"].startswith("Square is not told of 'set store status'")


def test_each_platform_shows_when_its_last_order_came(hub: Hub, uber: str, shopify: str, clock: Clock) -> None:
    for n in (1, 2):
        hub.receive(uber, n)
        clock.wait(60)

    orders = hub.api("GET", f"/v1/stores/{STORE}/orders").json["orders"]
    assert on(hub, uber)["last_order_at"] == max(order["placed_at"] for order in orders)
    assert on(hub, shopify)["last_order_at"] is None


def test_a_connection_of_another_store_is_not_shown(hub: Hub, uber: str) -> None:
    hub.add_store("sto_other")
    hub.connect("doordash", store="sto_other")

    assert [row["connection_id"] for row in hub.api("GET", PATH).json["platforms"]] == [uber]


def test_a_store_that_only_takes_what_is_not_on_the_map_is_not_on_the_platform(hub: Hub) -> None:
    hub.add_store("sto_other")
    hub.connect("doordash", stores={"theirs": "sto_other"})

    assert hub.api("GET", PATH).json["platforms"] == []


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_a_pause_is_pending_until_the_platform_has_it(hub: Hub, uber: str) -> None:
    reply = hub.api("PUT", PATH, PAUSE, caller=MANAGER)

    (row,) = reply.json["platforms"]
    assert (reply.status, reply.json["is_open"]) == (200, False)
    assert (row["is_open"], row["until"], row["reason"]) == (False, "2026-10-05T15:30:00Z", "STAFF_SHORTAGE")
    assert (row["changed_by"], row["changed_at"]) == ("Mona (key_m)", "2026-10-05T15:00:00Z")
    assert row["sync"] == PENDING
    assert hub.vendors.made("uber_eats") == []


def test_all_platforms_are_paused_when_none_is_named(hub: Hub, uber: str) -> None:
    doordash = hub.connect("doordash")

    hub.api("PUT", PATH, {"is_open": False})

    assert [on(hub, one)["is_open"] for one in (uber, doordash)] == [False, False]


@pytest.mark.parametrize("by", ["slug", "id"])
def test_only_the_platforms_that_are_named_are_paused(hub: Hub, uber: str, by: str) -> None:
    doordash = hub.connect("doordash")

    reply = hub.api("PUT", PATH, {"is_open": False, "platforms": ["uber_eats" if by == "slug" else uber]})

    assert reply.json["is_open"] is True
    assert [on(hub, one)["is_open"] for one in (uber, doordash)] == [False, True]
    assert [message["connection_id"] for message in waiting(queue_url("tell_store"))] == [uber]


def test_a_platform_that_can_not_be_told_is_not_asked(hub: Hub, square: str) -> None:
    hub.api("PUT", PATH, PAUSE)

    row = on(hub, square)
    assert (row["is_open"], row["sync"]["state"]) == (False, "unsupported")
    assert waiting(queue_url("tell_store")) == []


def test_a_connection_that_is_switched_off_is_left_alone(hub: Hub, uber: str) -> None:
    doordash = hub.connect("doordash", active=False)

    hub.api("PUT", PATH, PAUSE)

    row = on(hub, doordash)
    assert (row["active"], row["is_open"], row["changed_by"]) == (False, True, None)
    assert on(hub, uber)["is_open"] is False


def test_what_is_stored_is_told_though_the_queue_did_not_take_it(
    hub: Hub, uber: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise Retry("SQS is down")

    with monkeypatch.context() as broken:
        broken.setattr(queues, "send", refuse)
        assert hub.api("PUT", PATH, PAUSE).status == 200
    assert waiting(queue_url("tell_store")) == []

    clock.wait(minutes=3)
    function("schedules.due")({}, None)
    hub.run()

    assert on(hub, uber)["sync"]["state"] == "confirmed"


# --- who may, and what does not fit -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("uber")
@pytest.mark.parametrize(
    ("caller", "error"), [(EMPLOYEE, (403, "PERMISSION_DENIED")), (STRANGER, (404, "INVALID_STORE"))]
)
def test_only_a_manager_of_the_store_pauses_it(hub: Hub, caller: Caller, error: tuple[int, str]) -> None:
    before = items()

    assert hub.api("PUT", PATH, PAUSE, caller=caller).error == error
    assert items() == before


def test_whoever_works_for_the_store_sees_its_status(hub: Hub) -> None:
    assert hub.api("GET", PATH, caller=EMPLOYEE).status == 200
    assert hub.api("GET", PATH, caller=STRANGER).error == (404, "INVALID_STORE")
    assert hub.api("GET", "/v1/stores/sto_none/status").error == (404, "INVALID_STORE")


@pytest.mark.usefixtures("uber")
@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "VALIDATION_ERROR"),
        ({"is_open": None}, "VALIDATION_ERROR"),
        ({"is_open": False, "until": "2026-10-05T16:00:00"}, "VALIDATION_ERROR"),
        ({"is_open": False, "reason": ""}, "VALIDATION_ERROR"),
        ({"is_open": False, "reason": "x" * 201}, "VALIDATION_ERROR"),
        ({"is_open": False, "platforms": []}, "VALIDATION_ERROR"),
        ({"is_open": False, "by": "me"}, "VALIDATION_ERROR"),
        ({"is_open": False, "platforms": ["uber_eats", "doordash"]}, "INVALID_FIELD_VALUE"),
        ({"is_open": False, "until": "2026-10-05T15:00:00Z"}, "INVALID_FIELD_VALUE"),
        ({"is_open": False, "until": "2027-12-05T15:00:00Z"}, "INVALID_FIELD_VALUE"),
        ({"is_open": True, "until": "2026-10-05T16:00:00Z"}, "INVALID_FIELD_VALUE"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_and_stored_nowhere(hub: Hub, told: Any, code: str) -> None:
    before = items()

    assert hub.api("PUT", PATH, told).error == (422, code)
    assert items() == before


def test_a_store_on_no_platform_can_not_be_paused(hub: Hub) -> None:
    assert hub.api("PUT", PATH, PAUSE).error == (409, "NOTHING_CONNECTED")


def test_asking_for_the_same_again_tells_the_platform_again(hub: Hub, uber: str) -> None:
    for _ in range(2):
        hub.api("PUT", PATH, PAUSE)
        hub.run()

    assert on(hub, uber)["sync"]["state"] == "confirmed"
    assert len(hub.vendors.made("uber_eats")) == 2


def test_the_caller_is_the_one_of_the_token(hub: Hub, uber: str, clock: Clock) -> None:
    hub.api("PUT", PATH, PAUSE, caller=MANAGER)
    clock.wait(5)
    hub.api("PUT", PATH, {"is_open": True})

    row = on(hub, uber)
    assert (row["changed_by"], row["until"], row["reason"]) == (f"{ADMIN.name} ({ADMIN.id})", None, None)
    assert row["changed_at"] == (NOW + timedelta(seconds=5)).isoformat().replace("+00:00", "Z")
