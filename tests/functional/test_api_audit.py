"""Every change of the configuration is noted, with who made it."""

from __future__ import annotations

from unittest.mock import patch

from orderhub.errors import Retry
from orderhub.service.access import Caller, Role
from tests.functional.conftest import Clock
from tests.functional.hub import ADMIN, STORE, Hub
from tests.functional.made import stored
from tests.functional.vendors import PLATFORMS

MANAGER = Caller("key_manager", "Kim", Role.STORE_MANAGER, frozenset({STORE}))
LIMITED = Caller("key_limited", "one store's admin", Role.ADMIN, frozenset({STORE}))


def noted(hub: Hub, caller: Caller = ADMIN) -> list[tuple[str, str, str, list[str]]]:
    reply = hub.api("GET", "/v1/audit", caller=caller)
    assert reply.status == 200, reply
    return [(one["actor"], one["method"], one["path"], one["fields"]) for one in reply.json["changes"]]


def test_changes_are_listed_newest_first_with_who_made_them(hub: Hub, clock: Clock) -> None:
    hub.api("POST", "/v1/stores", {"id": "sto_new", "name": "New Street", "currency": "USD"})
    clock.wait(60)
    hub.api("PATCH", f"/v1/stores/{STORE}", {"prep_minutes": 20}, caller=MANAGER)

    reply = hub.api("GET", "/v1/audit")

    assert noted(hub) == [
        ("Kim (key_manager)", "PATCH", f"/v1/stores/{STORE}", ["prep_minutes"]),
        ("the tests (key_admin)", "POST", "/v1/stores", ["currency", "id", "name"]),
    ]
    assert [one["at"] for one in reply.json["changes"]] == ["2026-10-05T15:01:00Z", "2026-10-05T15:00:00Z"]
    assert {one["request_id"] for one in reply.json["changes"]} == {"request-1"}


def test_values_are_not_kept_for_they_may_be_secret(hub: Hub) -> None:
    credentials = PLATFORMS["square"].credentials("a-very-secret-key")
    body = {"platform": "square", "name": "x", "default_store_id": STORE, "credentials": credentials}

    assert hub.api("POST", "/v1/connections", body).status == 201

    assert noted(hub)[0][3] == ["credentials", "default_store_id", "name", "platform"]
    assert "a-very-secret-key" not in hub.api("GET", "/v1/audit").body


def test_reading_refusals_and_mistakes_are_not_noted(hub: Hub) -> None:
    hub.api("GET", "/v1/stores")
    viewer = Caller("k", "x", Role.VIEWER, frozenset({"*"}))
    hub.api("PATCH", f"/v1/stores/{STORE}", {"prep_minutes": 20}, caller=viewer)
    hub.api("PATCH", f"/v1/stores/{STORE}", {"prep_minutes": -1})
    hub.api("PATCH", "/v1/stores/sto_none", {"prep_minutes": 5})

    assert noted(hub) == []


def test_orders_have_a_timeline_instead(hub: Hub) -> None:
    stored("ord_1", store_id=STORE)

    assert hub.api("POST", "/v1/orders/ord_1/accept").status == 200

    assert noted(hub) == []
    assert [event.cause.name for event in hub.timeline("ord_1")] == ["", "the tests (key_admin)"]


def test_an_admin_of_one_store_sees_what_was_done_to_it_alone(hub: Hub, clock: Clock) -> None:
    hub.add_store("sto_other")
    for store in (STORE, "sto_other"):
        clock.wait(1)
        hub.api("PATCH", f"/v1/stores/{store}", {"prep_minutes": 20})

    assert [path for _, _, path, _ in noted(hub, LIMITED)] == [f"/v1/stores/{STORE}"]


def test_the_list_goes_on_where_it_ended(hub: Hub, clock: Clock) -> None:
    for number in range(3):
        clock.wait(1)
        hub.api("POST", "/v1/stores", {"id": f"sto_{number}", "name": "x"})
    first = hub.api("GET", "/v1/audit", query={"limit": 2}).json
    rest = hub.api("GET", "/v1/audit", query={"limit": 2, "cursor": first["next_cursor"]}).json

    assert (len(first["changes"]), len(rest["changes"]), rest["next_cursor"]) == (2, 1, None)


def test_only_admins_read_it(hub: Hub) -> None:
    assert hub.api("GET", "/v1/audit", caller=MANAGER).error == (403, "PERMISSION_DENIED")


def test_a_change_that_cannot_be_noted_is_not_said_to_be_done(hub: Hub) -> None:
    body = {"id": "sto_new", "name": "New Street"}

    with patch("orderhub.service.audit.config.put", side_effect=Retry("DynamoDB is away")):
        reply = hub.api("POST", "/v1/stores", body, idempotency_key="k-1")
    again = hub.api("POST", "/v1/stores", body, idempotency_key="k-1")

    assert reply.error[0] == 503
    assert (again.status, len(noted(hub))) == (201, 1)
