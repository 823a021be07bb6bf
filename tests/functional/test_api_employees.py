"""/v1/stores/{id}/employees: who works in a store, what they may do, and that what they do carries their name."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.service.api_keys import as_employee, caller_of_key
from orderhub.storage import config
from orderhub.storage.config import Collection
from tests.functional.conftest import Clock
from tests.functional.hub import ADMIN, STORE, Hub

PATH = f"/v1/stores/{STORE}/employees"
MANAGER = Caller("key_m", "Mona", Role.STORE_MANAGER, frozenset({STORE}))
EMPLOYEE = Caller("key_e", "Emil", Role.STORE_EMPLOYEE, frozenset({STORE}))
STRANGER = Caller("key_s", "Sven", Role.ADMIN, frozenset({"sto_other"}))
ROBIN = {"name": "Robin Sample", "role": "store_employee", "email": "robin@example.com"}


def put(hub: Hub, employee_id: str = "emp_7", caller: Caller = ADMIN, **told: Any) -> Any:
    reply = hub.api("PUT", f"{PATH}/{employee_id}", {**ROBIN, **told}, caller=caller)
    assert reply.status in (200, 201), reply
    return reply.json


def stored() -> list[str]:
    return [entry.id for entry in config.every(Collection.EMPLOYEES)]


# --- employees --------------------------------------------------------------------------------------------------------


def test_an_employee_is_added(hub: Hub) -> None:
    reply = hub.api("PUT", f"{PATH}/emp_7", ROBIN, caller=MANAGER)

    assert (reply.status, reply.headers["etag"]) == (201, '"1"')
    assert reply.json == {
        **ROBIN,
        "id": "emp_7",
        "version": 1,
        "changed_by": "Mona (key_m)",
        "changed_at": "2026-10-05T15:00:00Z",
    }
    assert hub.api("GET", f"{PATH}/emp_7").json == reply.json


def test_an_employee_is_changed_whole(hub: Hub, clock: Clock) -> None:
    put(hub)
    clock.wait(60)

    reply = hub.api("PUT", f"{PATH}/emp_7", {"name": "Robin Other", "role": "viewer"})

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert (reply.json["name"], reply.json["role"], reply.json["email"]) == ("Robin Other", "viewer", None)
    assert reply.json["changed_at"] == "2026-10-05T15:01:00Z"


def test_a_change_of_a_version_that_is_no_more_is_refused(hub: Hub) -> None:
    put(hub)
    put(hub, name="Robin Other")

    assert hub.api("PUT", f"{PATH}/emp_7", ROBIN, if_match='"1"').error == (412, "VERSION_CONFLICT")
    assert hub.api("PUT", f"{PATH}/emp_8", ROBIN, if_match='"1"').error == (412, "VERSION_CONFLICT")
    assert hub.api("PUT", f"{PATH}/emp_7", ROBIN, if_match='"2"').json["version"] == 3


def test_an_employee_is_removed(hub: Hub) -> None:
    put(hub)

    assert hub.api("DELETE", f"{PATH}/emp_7", caller=MANAGER).status == 204
    assert hub.api("GET", f"{PATH}/emp_7").error == (404, "EMPLOYEE_NOT_FOUND")
    assert hub.api("DELETE", f"{PATH}/emp_7").error == (404, "EMPLOYEE_NOT_FOUND")


def test_a_store_s_employees_are_listed_in_pages(hub: Hub) -> None:
    hub.add_store("sto_main2")
    hub.api("PUT", "/v1/stores/sto_main2/employees/emp_0", ROBIN)
    for employee_id in ("emp_3", "emp_1", "emp_2"):
        put(hub, employee_id)

    first = hub.api("GET", PATH, query={"limit": 2}).json
    rest = hub.api("GET", PATH, query={"limit": 2, "cursor": first["next_cursor"]}).json

    assert [one["id"] for one in first["employees"]] == ["emp_1", "emp_2"]
    assert ([one["id"] for one in rest["employees"]], rest["next_cursor"]) == (["emp_3"], None)


def test_an_id_counts_within_a_store(hub: Hub) -> None:
    hub.add_store("sto_other")
    put(hub)
    hub.api("PUT", "/v1/stores/sto_other/employees/emp_7", {**ROBIN, "name": "Another"})

    assert hub.api("GET", f"{PATH}/emp_7").json["name"] == "Robin Sample"


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("caller", "error"), [(EMPLOYEE, "PERMISSION_DENIED"), (STRANGER, "INVALID_STORE")])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_a_manager_of_the_store_sees_to_its_employees(hub: Hub, caller: Caller, error: str, method: str) -> None:
    put(hub)
    told = ROBIN if method == "PUT" else None

    assert hub.api(method, f"{PATH}/emp_7", told, caller=caller).error[1] == error
    assert hub.api("GET", PATH, caller=caller).error[1] == error
    assert hub.api("GET", f"{PATH}/emp_7").json["version"] == 1


def test_nobody_gives_a_role_above_their_own(hub: Hub) -> None:
    reply = hub.api("PUT", f"{PATH}/emp_7", {**ROBIN, "role": "admin"}, caller=MANAGER)

    assert (reply.error, stored()) == ((403, "PERMISSION_DENIED"), [])


def test_nobody_changes_or_removes_who_is_above_them(hub: Hub) -> None:
    put(hub, role="admin")

    for method, told in (("PUT", ROBIN), ("DELETE", None)):
        assert hub.api(method, f"{PATH}/emp_7", told, caller=MANAGER).error == (403, "PERMISSION_DENIED")
    assert hub.api("GET", f"{PATH}/emp_7").json["role"] == "admin"


def test_a_manager_may_make_a_manager(hub: Hub) -> None:
    assert put(hub, caller=MANAGER, role="store_manager")["role"] == "store_manager"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"name": "", "role": "viewer"},
        {"name": "x" * 201, "role": "viewer"},
        {"name": "x", "role": "owner"},
        {"name": "x", "role": "viewer", "email": "not an address"},
        {"name": "x", "role": "viewer", "id": "emp_8"},
        {"name": "x", "role": "viewer", "changed_by": "me"},
    ],
)
def test_an_employee_that_does_not_fit_is_refused(hub: Hub, told: Any) -> None:
    assert hub.api("PUT", f"{PATH}/emp_7", told).error == (422, "VALIDATION_ERROR")
    assert stored() == []


def test_an_id_is_plain_and_short(hub: Hub) -> None:
    assert hub.api("PUT", f"{PATH}/{'x' * 65}", ROBIN).error == (422, "VALIDATION_ERROR")
    assert hub.api("PUT", f"{PATH}/a b", ROBIN).error == (422, "VALIDATION_ERROR")
    assert put(hub, "robin@example.com")["id"] == "robin@example.com"


# --- keys of employees ------------------------------------------------------------------------------------------------


def key_of(hub: Hub, **told: Any) -> str:
    fields = {"name": "Robin's tablet", "role": "store_employee", "stores": [STORE], "employee_id": "emp_7", **told}
    reply = hub.api("POST", "/v1/api-keys", fields)
    assert (reply.status, reply.json["employee_id"]) == (201, "emp_7"), reply
    return str(reply.json["key"])


def test_a_key_of_an_employee_speaks_in_their_name(hub: Hub) -> None:
    put(hub)

    caller = caller_of_key(key_of(hub))

    assert caller is not None
    assert (caller.name, caller.role, caller.employee_id) == ("Robin Sample", Role.STORE_EMPLOYEE, "emp_7")
    assert caller.cause_name == "Robin Sample (emp_7)"
    assert hub.api("GET", "/v1/api-keys").json["api_keys"][0]["employee_id"] == "emp_7"


def test_what_an_employee_does_carries_them(hub: Hub, uber: str) -> None:
    put(hub, role="store_manager")
    caller = caller_of_key(key_of(hub, role="store_manager"))
    assert caller is not None

    reply = hub.api("PUT", f"/v1/stores/{STORE}/status", {"is_open": False}, caller=caller)

    (row,) = reply.json["platforms"]
    assert (row["connection_id"], row["changed_by"]) == (uber, "Robin Sample (emp_7)")


def test_a_key_may_not_more_than_its_employee_may_by_now(hub: Hub) -> None:
    put(hub, role="store_manager")
    key = key_of(hub, role="store_manager")

    put(hub, role="viewer")

    caller = caller_of_key(key)
    assert caller is not None
    assert caller.role is Role.VIEWER


def test_a_key_does_not_grow_with_its_employee(hub: Hub) -> None:
    put(hub)
    key = key_of(hub)

    put(hub, role="admin")

    caller = caller_of_key(key)
    assert caller is not None
    assert caller.role is Role.STORE_EMPLOYEE


def test_a_key_dies_with_its_employee(hub: Hub) -> None:
    put(hub)
    key = key_of(hub)

    hub.api("DELETE", f"{PATH}/emp_7")

    assert caller_of_key(key) is None


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"employee_id": "emp_none"}, (404, "EMPLOYEE_NOT_FOUND")),
        ({"role": "store_manager"}, (422, "INVALID_FIELD_VALUE")),
        ({"stores": [EVERY_STORE]}, (422, "INVALID_FIELD_VALUE")),
        ({"stores": [STORE, "sto_other"]}, (422, "INVALID_FIELD_VALUE")),
    ],
)
def test_a_key_that_does_not_fit_its_employee_is_not_made(hub: Hub, told: Any, error: tuple[int, str]) -> None:
    put(hub)
    fields = {"name": "x", "role": "store_employee", "stores": [STORE], "employee_id": "emp_7", **told}

    assert hub.api("POST", "/v1/api-keys", fields).error == error
    assert config.every(Collection.API_KEYS) == []


@pytest.mark.parametrize("stores", [{EVERY_STORE}, {STORE, "sto_2"}, set(), {"sto_other"}])
def test_who_works_for_no_one_store_is_no_employee(hub: Hub, stores: set[str]) -> None:
    put(hub)

    assert as_employee(Caller("sub", "x", Role.ADMIN, frozenset(stores)), "emp_7") is None
