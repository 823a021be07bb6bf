"""The routes of stock: who counts, who adjusts, who sets thresholds; versions, keys, pages."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.stock import Place
from orderhub.service.access import Caller, Role
from orderhub.storage import movements, stock, timelines
from orderhub.storage.movements import stock_id
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, Reply

VIEWER = Caller("key_viewer", "a viewer", Role.VIEWER, frozenset({STORE}))
ROBIN = Caller("key_robin", "Robin", Role.STORE_EMPLOYEE, frozenset({STORE}))
MORGAN = Caller("key_morgan", "Morgan", Role.STORE_MANAGER, frozenset({STORE}))
STRANGER = Caller("key_stranger", "a stranger", Role.STORE_MANAGER, frozenset({"sto_other"}))
ALL = f"/v1/stores/{STORE}/stock"
ONE = f"{ALL}/A-1"


@pytest.fixture(autouse=True)
def stores(hub: Hub) -> None:
    hub.add_store("sto_other")


def count(
    hub: Hub, on_hand: Any, path: str = ONE, *, caller: Caller = ROBIN, headers: Any = None, **told: Any
) -> Reply:
    return hub.api("PUT", path, {"on_hand": on_hand, **told}, caller=caller, **(headers or {}))


def adjust(hub: Hub, delta: Any, *, caller: Caller = ROBIN, key: str = "", **told: Any) -> Reply:
    headers: Any = {"idempotency_key": key} if key else {}
    return hub.api("POST", f"{ONE}/adjustments", {"delta": delta, **told}, caller=caller, **headers)


def lines(hub: Hub) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hub.api("GET", f"{ONE}/history", caller=VIEWER).json["movements"]
    return found


# --- counting ---------------------------------------------------------------------------------------------------------


def test_the_first_count_keeps_an_item(hub: Hub) -> None:
    assert hub.api("GET", ONE, caller=VIEWER).error == (404, "ITEM_NOT_FOUND")
    reply = count(hub, 12)
    assert (reply.status, reply.headers["etag"]) == (200, '"1"')
    expected: dict[str, Any] = {
        "store_id": STORE,
        "sku": "A-1",
        "on_hand": "12",
        "reserved": "0",
        "available": "12",
        "oversold": "0",
        "level": "ok",
        "low_threshold": None,
        "external_item_ids": {},
        "counted_at": "2026-10-05T15:00:00Z",
        "changed_by": "Robin (key_robin)",
        "changed_at": "2026-10-05T15:00:00Z",
        "version": 1,
    }
    assert reply.json == expected
    found = hub.api("GET", ONE, caller=VIEWER)
    assert (found.json, found.headers["etag"]) == ({**expected, "platforms": []}, '"1"')


def test_a_count_is_what_there_is_not_what_is_added(hub: Hub, clock: Clock) -> None:
    count(hub, 12)
    clock.wait(60)
    assert count(hub, "7.5", caller=MORGAN, reason="stocktaking").json["on_hand"] == "7.5"
    assert [(one["on_hand"], one["by"], one["reason"]) for one in lines(hub)] == [
        ("-4.5", "Morgan (key_morgan)", "stocktaking"),
        ("12", "Robin (key_robin)", None),
    ]


def test_a_count_is_guarded_by_the_version_that_was_looked_at(hub: Hub) -> None:
    assert count(hub, 12, headers={"if_match": '"3"'}).error == (412, "VERSION_CONFLICT")
    etag = count(hub, 12).headers["etag"]
    assert count(hub, 11, headers={"if_match": etag}).status == 200
    late = count(hub, 10, headers={"if_match": etag})
    assert (late.error, late.json["details"]) == ((412, "VERSION_CONFLICT"), {"version": 2})
    assert count(hub, 10, headers={"if_match": "*"}).status == 200


@pytest.mark.parametrize("on_hand", ["1.2345", 10**9, "NaN", None, "many"], ids=str)
def test_a_number_that_is_none_is_refused(hub: Hub, on_hand: Any) -> None:
    assert count(hub, on_hand).error == (422, "VALIDATION_ERROR")


def test_a_sku_that_is_too_long_is_refused(hub: Hub) -> None:
    assert count(hub, 1, f"{ALL}/{'x' * 101}").error == (422, "VALIDATION_ERROR")


def test_when_somebody_else_is_faster_it_is_decided_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    count(hub, 12)
    write, raced = stock.write, list[bool]()

    def late(*given: Any) -> bool:
        if not raced:
            raced.append(True)
            adjust(hub, 5)
        return write(*given)

    monkeypatch.setattr(stock, "write", late)
    assert adjust(hub, 1).json["on_hand"] == "18"


def test_who_is_never_fast_enough_tries_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "write", lambda *_: False)
    assert count(hub, 12).error == (503, "TRY_AGAIN")
    assert hub.api("PUT", ALL, {"counts": [{"sku": "A", "on_hand": 1}]}).error == (503, "TRY_AGAIN")


# --- several at once --------------------------------------------------------------------------------------------------


def test_a_hundred_items_are_counted_at_once(hub: Hub) -> None:
    counts = [{"sku": f"S{number:03}", "on_hand": number} for number in reversed(range(100))]
    reply = hub.api("PUT", ALL, {"counts": counts}, caller=ROBIN)
    assert [one["sku"] for one in reply.json["stock"]] == [one["sku"] for one in counts]
    found, cursor = [], None
    while True:
        query = {"limit": 40} | ({"cursor": cursor} if cursor else {})
        page = hub.api("GET", ALL, caller=VIEWER, query=query).json
        found += [(one["sku"], one["on_hand"]) for one in page["stock"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [(f"S{number:03}", str(number)) for number in range(100)]
    again = hub.api("PUT", ALL, {"counts": counts[:2]}, caller=ROBIN)
    assert [one["version"] for one in again.json["stock"]] == [2, 2]


def test_more_than_a_hundred_none_or_the_same_twice_are_refused(hub: Hub) -> None:
    row = {"sku": "A", "on_hand": 1}
    many = [{**row, "sku": f"S{number}"} for number in range(101)]
    assert hub.api("PUT", ALL, {"counts": many}).error == (422, "VALIDATION_ERROR")
    assert hub.api("PUT", ALL, {"counts": []}).error == (422, "VALIDATION_ERROR")
    assert hub.api("PUT", ALL, {"counts": [row, row]}).error == (422, "INVALID_FIELD_VALUE")


# --- adjusting --------------------------------------------------------------------------------------------------------


def test_an_adjustment_is_made_once_for_each_key(hub: Hub) -> None:
    count(hub, 12)
    for _ in range(3):
        reply = adjust(hub, -2, key="broken-1", reason="broken")
        assert (reply.status, reply.json["on_hand"], reply.headers["etag"]) == (200, "10", '"2"')
    assert adjust(hub, -3, key="broken-1").error == (409, "IDEMPOTENCY_KEY_REUSED")
    assert adjust(hub, -2, key="broken-1", caller=MORGAN).json["on_hand"] == "8"
    assert [(one["kind"], one["on_hand"]) for one in lines(hub)] == [
        ("adjusted", "-2"),
        ("adjusted", "-2"),
        ("counted", "12"),
    ]


def test_a_repeat_answers_what_there_is_now(hub: Hub) -> None:
    count(hub, 12)
    adjust(hub, 1, key="found-1")
    adjust(hub, 2)
    adjust(hub, 2)
    assert adjust(hub, 1, key="found-1").json["on_hand"] == "17"


def test_an_adjustment_that_a_twin_made_meanwhile_is_not_made_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    count(hub, 12)
    adjusted, looks = stock.adjusted, list[str]()

    def blind_at_first(place: Place, key: str) -> str | None:
        looks.append(key)
        if len(looks) == 1:
            assert adjust(hub, 1, key="found-1").status == 200
            return None
        return adjusted(place, key)

    monkeypatch.setattr(stock, "adjusted", blind_at_first)
    assert adjust(hub, 1, key="found-1").json["on_hand"] == "13"


def test_an_adjustment_by_nothing_or_of_nothing_is_refused(hub: Hub) -> None:
    assert adjust(hub, 1).error == (404, "ITEM_NOT_FOUND")
    count(hub, 12)
    assert adjust(hub, 0).error == (422, "INVALID_FIELD_VALUE")
    assert adjust(hub, "0.0001").error == (422, "VALIDATION_ERROR")


# --- how it is kept ---------------------------------------------------------------------------------------------------


def test_a_threshold_is_set_and_taken_away(hub: Hub) -> None:
    count(hub, 3)
    given = {"low_threshold": 3}
    changed = hub.api("PATCH", ONE, given, caller=MORGAN)
    assert (changed.json["low_threshold"], changed.json["level"], changed.headers["etag"]) == ("3", "low", '"2"')
    event = timelines.timeline(stock_id(Place(STORE, "A-1")))[0]
    assert (event.type, event.cause.name) == ("stock.low", "Morgan (key_morgan)")
    assert count(hub, 3).json["low_threshold"] == "3"
    assert hub.api("PATCH", ONE, {}, caller=MORGAN).json["low_threshold"] == "3"
    assert hub.api("PATCH", ONE, {"low_threshold": None}, caller=MORGAN).json["level"] == "ok"
    assert hub.api("PATCH", ONE, given, caller=MORGAN, if_match='"1"').error == (412, "VERSION_CONFLICT")
    assert hub.api("PATCH", f"{ALL}/B", given, caller=MORGAN).error == (404, "ITEM_NOT_FOUND")
    assert hub.api("PATCH", ONE, {"low_threshold": -1}, caller=MORGAN).error == (422, "VALIDATION_ERROR")


def test_platforms_are_told_by_ids_of_their_own(hub: Hub) -> None:
    connection = hub.connect("toast")
    count(hub, 3)
    given = {"external_item_ids": {connection: "guid-1"}}
    assert hub.api("PATCH", ONE, given, caller=MORGAN).json["external_item_ids"] == {connection: "guid-1"}
    strange = {"external_item_ids": {"shopify": "1"}}
    assert hub.api("PATCH", ONE, strange, caller=MORGAN).error == (422, "INVALID_FIELD_VALUE")
    assert hub.api("GET", ONE, caller=VIEWER).json["external_item_ids"] == {connection: "guid-1"}


def test_an_item_is_kept_no_longer_and_its_history_stays(hub: Hub) -> None:
    count(hub, 3)
    assert hub.api("DELETE", ONE, caller=MORGAN, if_match='"7"').error == (412, "VERSION_CONFLICT")
    assert hub.api("DELETE", ONE, caller=MORGAN, if_match='"1"').status == 204
    assert hub.api("DELETE", ONE, caller=MORGAN).error == (404, "ITEM_NOT_FOUND")
    assert hub.api("GET", ALL, caller=VIEWER).json == {"stock": [], "next_cursor": None}
    assert [(one["kind"], one["on_hand"], one["on_hand_after"]) for one in lines(hub)] == [
        ("removed", "-3", "0"),
        ("counted", "3", "3"),
    ]


def test_the_history_goes_on_page_by_page(hub: Hub) -> None:
    count(hub, 0)
    for _ in range(4):
        adjust(hub, 1)
    first = hub.api("GET", f"{ONE}/history", caller=VIEWER, query={"limit": 3}).json
    rest = hub.api("GET", f"{ONE}/history", caller=VIEWER, query={"limit": 3, "cursor": first["next_cursor"]}).json
    versions = [one["version"] for one in (*first["movements"], *rest["movements"])]
    assert (versions, rest["next_cursor"]) == ([5, 4, 3, 2, 1], None)
    assert first["movements"][0] == {
        "at": "2026-10-05T15:00:00Z",
        "kind": "adjusted",
        "on_hand": "1",
        "reserved": "0",
        "on_hand_after": "4",
        "reserved_after": "0",
        "available_after": "4",
        "by": "Robin (key_robin)",
        "order_id": None,
        "reason": None,
        "events": [],
        "version": 5,
    }


def test_what_moved_a_stock_is_kept_for_over_a_year(hub: Hub) -> None:
    assert movements.expiry(NOW) - NOW.timestamp() == 400 * 86_400


# --- who may ----------------------------------------------------------------------------------------------------------

_COUNTS = {"counts": [{"sku": "A", "on_hand": 1}]}
ROUTES: list[tuple[str, str, Any, Role]] = [
    ("GET", ALL, None, Role.VIEWER),
    ("PUT", ALL, _COUNTS, Role.STORE_EMPLOYEE),
    ("PUT", ALL, {"counts": [{"sku": "A", "on_hand": 1, "low_threshold": 2}]}, Role.STORE_MANAGER),
    ("GET", ONE, None, Role.VIEWER),
    ("PUT", ONE, {"on_hand": 1}, Role.STORE_EMPLOYEE),
    ("PUT", ONE, {"on_hand": 1, "low_threshold": None}, Role.STORE_MANAGER),
    ("PATCH", ONE, {"low_threshold": 1}, Role.STORE_MANAGER),
    ("DELETE", ONE, None, Role.STORE_MANAGER),
    ("POST", f"{ONE}/adjustments", {"delta": 1}, Role.STORE_EMPLOYEE),
    ("GET", f"{ONE}/history", None, Role.VIEWER),
]


@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
@pytest.mark.parametrize("caller", [VIEWER, ROBIN, MORGAN], ids=lambda one: one.role)
def test_a_role_may_do_what_it_is_for(
    hub: Hub, method: str, path: str, body: Any, needed: Role, caller: Caller
) -> None:
    count(hub, 5)
    reply = hub.api(method, path, body, caller=caller)
    if caller.role.covers(needed):
        assert reply.status in (200, 204)
    else:
        assert reply.error == (403, "PERMISSION_DENIED")
        assert hub.api("GET", ONE).json["version"] == 1


@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
def test_another_stores_stock_is_not_there(hub: Hub, method: str, path: str, body: Any, needed: Role) -> None:
    count(hub, 5)
    assert hub.api(method, path, body, caller=STRANGER).error == (404, "INVALID_STORE")
    assert hub.api(method, path.replace(STORE, "sto_none"), body).error == (404, "INVALID_STORE")
