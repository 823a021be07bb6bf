"""/v1/stores/{id}/items: taking an item off all platforms of a store, and putting it back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderhub.service.access import Caller, Role
from tests.functional.cloud import items, waiting
from tests.functional.conftest import Clock
from tests.functional.hub import STORE, Hub, function, queue_url

EMPLOYEE = Caller("key_e", "Emil", Role.STORE_EMPLOYEE, frozenset({STORE}))
VIEWER = Caller("key_v", "Vera", Role.VIEWER, frozenset({STORE}))
STRANGER = Caller("key_s", "Sven", Role.ADMIN, frozenset({"sto_other"}))
LIST = f"/v1/stores/{STORE}/items/availability"
OFF = {"available": False}
BACK = {"available": True}


def path(sku: str = "BURGER-DBL") -> str:
    return f"/v1/stores/{STORE}/items/{sku}/availability"


def ask(hub: Hub, change: dict[str, Any], sku: str = "BURGER-DBL", caller: Caller = EMPLOYEE) -> int:
    """Staff ask, and the hub does what follows; how many messages come back."""
    reply = hub.api("PUT", path(sku), change, caller=caller)
    assert reply.status == 200, reply
    return hub.work("tell_store")


def rows(hub: Hub, sku: str = "BURGER-DBL") -> dict[str, dict[str, Any]]:
    """An item by platform."""
    return {row["platform"]: row for row in hub.api("GET", path(sku)).json["platforms"]}


def off(hub: Hub) -> list[tuple[str, str]]:
    """What the list shows."""
    return [(row["sku"], row["platform"]) for row in hub.api("GET", LIST).json["items"]]


def told(hub: Hub, slug: str) -> list[Any]:
    return [(call["path"], _json(call["body"])) for call in hub.vendors.calls(slug) if "item" in call["path"]]


def refuse(hub: Hub, times: int) -> None:
    """Uber Eats has no such item, for so many calls."""
    fault = {"match": {"path_contains": "menus/items"}, "times": times, "status": 404}
    hub.vendors.control("POST", "uber_eats/faults", fault)


def _json(body: Any) -> Any:
    return json.loads(body) if isinstance(body, str) else body


def wish_items() -> list[dict[str, Any]]:
    return [item for item in items() if item["pk"] == f"W#{STORE}"]


@pytest.fixture
def doordash(hub: Hub) -> str:
    return hub.connect("doordash")


# --- off and on -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("uber", "doordash")
def test_an_item_is_taken_off_all_platforms_of_a_store(hub: Hub) -> None:
    assert ask(hub, OFF) == 0

    assert told(hub, "doordash")[0][1] == [{"merchant_supplied_id": "BURGER-DBL", "is_active": False}]
    ((uber_path, _),) = told(hub, "uber_eats")
    assert uber_path.endswith("/menus/items/BURGER-DBL")
    assert {slug: row["sync"]["state"] for slug, row in rows(hub).items()} == {
        "doordash": "confirmed",
        "uber_eats": "confirmed",
    }
    assert sorted(off(hub)) == [("BURGER-DBL", "doordash"), ("BURGER-DBL", "uber_eats")]


@pytest.mark.usefixtures("uber")
def test_the_answer_shows_what_is_asked_and_by_whom(hub: Hub) -> None:
    told_until = {"available": False, "until": "2026-10-05T18:00:00Z", "reason": "no more buns"}
    reply = hub.api("PUT", path(), told_until, caller=EMPLOYEE)

    assert (reply.json["sku"], reply.json["available"]) == ("BURGER-DBL", False)
    (row,) = reply.json["platforms"]
    assert (row["available"], row["until"], row["reason"]) == (False, "2026-10-05T18:00:00Z", "no more buns")
    assert (row["changed_by"], row["changed_at"]) == ("Emil (key_e)", "2026-10-05T15:00:00Z")
    assert row["sync"] == {"state": "pending", "detail": None, "attempts": 0, "at": None}


@pytest.mark.usefixtures("uber", "doordash")
def test_an_item_that_is_back_everywhere_is_forgotten(hub: Hub) -> None:
    ask(hub, OFF)
    assert hub.api("PUT", path(), BACK).json["available"] is True
    assert len(off(hub)) == 2  # until the platforms have it

    assert hub.work("tell_store") == 0

    assert told(hub, "doordash")[1][1] == [{"merchant_supplied_id": "BURGER-DBL", "is_active": True}]
    assert (off(hub), wish_items()) == ([], [])
    assert rows(hub)["uber_eats"]["available"] is True


@pytest.mark.usefixtures("uber")
def test_an_item_that_was_never_off_is_put_on_sale_all_the_same(hub: Hub) -> None:
    assert ask(hub, BACK) == 0

    assert len(told(hub, "uber_eats")) == 1
    assert wish_items() == []


@pytest.mark.usefixtures("uber")
def test_an_item_comes_back_at_its_time(hub: Hub, clock: Clock) -> None:
    ask(hub, {"available": False, "until": "2026-10-05T16:00:00Z"})
    clock.wait(minutes=61)
    function("schedules.due")({}, None)
    assert hub.work("tell_store") == 0

    assert len(told(hub, "uber_eats")) == 2
    assert (off(hub), wish_items()) == ([], [])


@pytest.mark.usefixtures("uber")
def test_items_do_not_touch_each_other(hub: Hub) -> None:
    for sku in ("A", "A.1", "B"):
        ask(hub, OFF, sku)
    ask(hub, BACK, "A")

    assert off(hub) == [("A.1", "uber_eats"), ("B", "uber_eats")]
    assert rows(hub, "A")["uber_eats"]["sync"]["state"] == "not_needed"


@pytest.mark.usefixtures("uber")
def test_the_store_itself_stays_open(hub: Hub) -> None:
    ask(hub, OFF)

    assert hub.api("GET", f"/v1/stores/{STORE}/status").json["is_open"] is True


# --- ids of the platform ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["platform", "connection"])
def test_a_platform_s_own_id_is_used_where_it_is_said_and_known_later(hub: Hub, uber: str, by: str) -> None:
    key = "uber_eats" if by == "platform" else uber
    ask(hub, {**OFF, "external_item_ids": {key: "theirs-7"}})
    assert rows(hub)["uber_eats"]["external_item_id"] == "theirs-7"

    ask(hub, BACK)

    assert [one.rsplit("/", 1)[1] for one, _ in told(hub, "uber_eats")] == ["theirs-7", "theirs-7"]


@pytest.mark.usefixtures("uber")
@pytest.mark.parametrize(
    ("ids", "code"),
    [
        ({"doordash": "x"}, "INVALID_FIELD_VALUE"),
        ({"uber_eats": ""}, "VALIDATION_ERROR"),
        ({"uber_eats": "x" * 201}, "VALIDATION_ERROR"),
        ({"uber_eats": "\ud800"}, "VALIDATION_ERROR"),
    ],
)
def test_ids_that_fit_nothing_are_refused(hub: Hub, ids: dict[str, str], code: str) -> None:
    told_ids = {**OFF, "external_item_ids": ids}

    assert hub.api("PUT", path(), told_ids).error == (422, code)
    assert wish_items() == []


# --- platforms that cannot --------------------------------------------------------------------------------------------


@pytest.fixture
def gloria(hub: Hub) -> str:
    return hub.connect("gloriafood")


@pytest.mark.usefixtures("gloria")
def test_a_platform_that_has_no_such_call_is_shown_and_not_asked(hub: Hub) -> None:
    hub.api("PUT", path(), OFF)

    assert waiting(queue_url("tell_store")) == []
    row = rows(hub)["gloriafood"]
    assert (row["available"], row["sync"]["state"]) == (False, "unsupported")
    assert row["sync"]["detail"].startswith("GloriaFood is not told of 'set item availability'")
    assert off(hub) == [("BURGER-DBL", "gloriafood")]

    assert hub.api("PUT", path(), BACK).json["platforms"][0]["sync"]["state"] == "unsupported"
    assert (off(hub), wish_items()) == ([], [])


def test_a_platform_that_can_not_do_it_as_it_is_set_up_leaves_nothing_behind(hub: Hub) -> None:
    hub.connect("petpooja", settings={"stock_url": ""})

    ask(hub, OFF)
    assert rows(hub)["petpooja"]["sync"]["state"] == "unsupported"
    ask(hub, BACK)

    assert wish_items() == []


@pytest.mark.usefixtures("uber")
def test_an_item_that_a_platform_refuses_both_ways_is_forgotten_when_it_is_back(hub: Hub) -> None:
    refuse(hub, times=2)

    assert ask(hub, OFF) == 0
    assert rows(hub)["uber_eats"]["sync"]["state"] == "failed"
    assert rows(hub)["uber_eats"]["last_error"] is not None
    assert ask(hub, BACK) == 0

    assert wish_items() == []


@pytest.mark.usefixtures("uber")
def test_an_item_that_can_not_be_put_back_stays_on_the_list(hub: Hub) -> None:
    ask(hub, OFF)
    hub.vendors.control(
        "POST", "uber_eats/faults", {"match": {"path_contains": "menus/items"}, "times": 1, "status": 404}
    )

    ask(hub, BACK)

    assert off(hub) == [("BURGER-DBL", "uber_eats")]
    row = rows(hub)["uber_eats"]
    assert (row["available"], row["sync"]["state"]) == (True, "failed")


def test_a_connection_of_a_removed_platform_is_not_shown(hub: Hub, uber: str) -> None:
    ask(hub, OFF)
    assert hub.api("DELETE", f"/v1/connections/{uber}").status == 204

    assert off(hub) == []
    assert hub.api("GET", path()).json == {"sku": "BURGER-DBL", "available": True, "platforms": []}


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("uber")
def test_what_is_off_is_listed_in_pages_by_sku(hub: Hub) -> None:
    for sku in ("C", "A", "B"):
        hub.api("PUT", path(sku), OFF)

    first = hub.api("GET", LIST, query={"limit": 2}).json
    rest = hub.api("GET", LIST, query={"limit": 2, "cursor": first["next_cursor"]}).json

    assert [row["sku"] for row in first["items"]] == ["A", "B"]
    assert ([row["sku"] for row in rest["items"]], rest["next_cursor"]) == (["C"], None)


def test_a_cursor_that_is_not_ours_is_refused(hub: Hub) -> None:
    assert hub.api("GET", LIST, query={"cursor": "e30"}).error == (400, "INVALID_CURSOR")


# --- who may, and what does not fit -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("uber")
@pytest.mark.parametrize(
    ("caller", "error"), [(VIEWER, (403, "PERMISSION_DENIED")), (STRANGER, (404, "INVALID_STORE"))]
)
def test_only_who_works_in_the_store_changes_it(hub: Hub, caller: Caller, error: tuple[int, str]) -> None:
    assert hub.api("PUT", path(), OFF, caller=caller).error == error
    assert wish_items() == []


def test_who_sees_the_store_sees_its_items(hub: Hub) -> None:
    for one in (path(), LIST):
        assert hub.api("GET", one, caller=VIEWER).status == 200
        assert hub.api("GET", one, caller=STRANGER).error == (404, "INVALID_STORE")


@pytest.mark.usefixtures("uber")
@pytest.mark.parametrize(
    ("told_wrong", "code"),
    [
        ({}, "VALIDATION_ERROR"),
        ({"available": "perhaps"}, "VALIDATION_ERROR"),
        ({"available": False, "quantity": 0}, "VALIDATION_ERROR"),
        ({"available": False, "until": "2026-10-05T14:59:59Z"}, "INVALID_FIELD_VALUE"),
        ({"available": True, "until": "2026-10-05T18:00:00Z"}, "INVALID_FIELD_VALUE"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(hub: Hub, told_wrong: Any, code: str) -> None:
    assert hub.api("PUT", path(), told_wrong).error == (422, code)
    assert wish_items() == []


@pytest.mark.usefixtures("uber")
def test_an_sku_has_at_most_100_characters(hub: Hub) -> None:
    assert hub.api("PUT", path("x" * 100), OFF).status == 200
    assert hub.api("PUT", path("x" * 101), OFF).error == (422, "VALIDATION_ERROR")


def test_a_store_on_no_platform_has_nobody_to_tell(hub: Hub) -> None:
    assert hub.api("PUT", path(), OFF).error == (409, "NOTHING_CONNECTED")
