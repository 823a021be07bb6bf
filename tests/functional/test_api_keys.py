"""/v1/api-keys: shown once, stored hashed, revoked for good."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.service.api_keys import caller_of_key
from orderhub.storage import config
from orderhub.storage.config import Collection
from tests.functional.cloud import items
from tests.functional.hub import STORE, Hub

LIMITED = Caller("key_limited", "one store's admin", Role.ADMIN, frozenset({STORE}))


def issue(hub: Hub, **told: Any) -> Any:
    reply = hub.api("POST", "/v1/api-keys", {"name": "till", "role": "store_employee", **told})
    assert reply.status == 201, reply
    return reply.json


def test_a_key_is_shown_when_it_is_made(hub: Hub) -> None:
    made = issue(hub, stores=[STORE])

    assert made == {
        "id": made["id"],
        "name": "till",
        "role": "store_employee",
        "stores": [STORE],
        "employee_id": None,
        "key": made["key"],
    }
    assert re.fullmatch(r"key_[a-z0-9]+", made["id"])
    assert re.fullmatch(r"oh_[a-z0-9]+_[A-Za-z0-9_-]{43}", made["key"])


def test_a_key_is_shown_never_again(hub: Hub) -> None:
    made = issue(hub)

    listed = hub.api("GET", "/v1/api-keys")

    view = {name: value for name, value in made.items() if name != "key"}
    assert listed.json == {"api_keys": [view], "next_cursor": None}


def test_a_key_is_stored_as_its_hash_alone(hub: Hub) -> None:
    made = issue(hub)

    assert made["key"] not in str(items("ConfigTable"))
    assert made["key"].split("_", 2)[2] not in str(items("ConfigTable"))


def test_a_key_is_good_for_its_role_and_stores(hub: Hub) -> None:
    made = issue(hub, stores=[STORE])

    assert caller_of_key(made["key"]) == Caller(made["id"], "till", Role.STORE_EMPLOYEE, frozenset({STORE}))


def test_a_key_that_names_no_store_is_for_all(hub: Hub) -> None:
    assert issue(hub)["stores"] == [EVERY_STORE]


def test_a_revoked_key_is_worthless(hub: Hub) -> None:
    made = issue(hub)

    reply = hub.api("DELETE", f"/v1/api-keys/{made['id']}")

    assert (reply.status, reply.body) == (204, "")
    assert caller_of_key(made["key"]) is None
    assert hub.api("DELETE", f"/v1/api-keys/{made['id']}").error == (404, "NOT_FOUND")


def test_keys_are_listed_in_pages(hub: Hub) -> None:
    made = sorted(issue(hub, name=f"till {number}")["id"] for number in range(3))

    first = hub.api("GET", "/v1/api-keys", query={"limit": 2}).json
    rest = hub.api("GET", "/v1/api-keys", query={"limit": 2, "cursor": first["next_cursor"]}).json

    assert [one["id"] for one in (*first["api_keys"], *rest["api_keys"])] == made


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"role": "owner"},
        {"role": None},
        {"stores": []},
        {"stores": None},
        {"key": "oh_mine"},
        {"hash": "x"},
    ],
)
def test_a_key_that_does_not_fit_is_refused(hub: Hub, fields: Any) -> None:
    reply = hub.api("POST", "/v1/api-keys", {"name": "till", "role": "viewer", **fields})

    assert reply.error == (422, "VALIDATION_ERROR")
    assert config.every(Collection.API_KEYS) == []


def test_a_repeat_with_the_same_key_makes_no_second_one_and_does_not_show_it_again(hub: Hub) -> None:
    told = {"name": "till", "role": "viewer"}
    first, again = (hub.api("POST", "/v1/api-keys", told, idempotency_key="k-1") for _ in range(2))

    assert (again.status, again.json) == (first.status, {**first.json, "key": None})
    assert caller_of_key(first.json["key"]) is not None


def test_the_same_key_for_another_one_is_refused(hub: Hub) -> None:
    hub.api("POST", "/v1/api-keys", {"name": "till", "role": "viewer"}, idempotency_key="k-1")

    reply = hub.api("POST", "/v1/api-keys", {"name": "till", "role": "admin"}, idempotency_key="k-1")

    assert reply.error == (409, "ALREADY_EXISTS")


# --- an admin of one store --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stores", [[EVERY_STORE], ["sto_other"], [STORE, "sto_other"]])
def test_nobody_makes_a_key_that_reaches_further_than_their_own(hub: Hub, stores: list[str]) -> None:
    hub.add_store("sto_other")

    reply = hub.api("POST", "/v1/api-keys", {"name": "x", "role": "viewer", "stores": stores}, caller=LIMITED)

    assert reply.error == (404, "INVALID_STORE")


def test_an_admin_of_one_store_makes_and_revokes_its_keys(hub: Hub) -> None:
    told = {"name": "till", "role": "viewer", "stores": [STORE]}
    made = hub.api("POST", "/v1/api-keys", told, caller=LIMITED)

    assert made.status == 201
    assert hub.api("DELETE", f"/v1/api-keys/{made.json['id']}", caller=LIMITED).status == 204


def test_an_admin_of_one_store_neither_sees_nor_revokes_keys_that_reach_further(hub: Hub) -> None:
    made = issue(hub, role="admin")

    listed = hub.api("GET", "/v1/api-keys", caller=LIMITED).json["api_keys"]
    revoked = hub.api("DELETE", f"/v1/api-keys/{made['id']}", caller=LIMITED)

    assert (listed, revoked.error) == ([], (404, "NOT_FOUND"))
    assert caller_of_key(made["key"]) is not None


# --- keys that are none -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [lambda key: key + "x", lambda key: key[:-1], lambda key: key.upper(), str.swapcase])
def test_a_key_that_differs_is_worthless(hub: Hub, change: Any) -> None:
    assert caller_of_key(change(issue(hub)["key"])) is None


@pytest.mark.parametrize("key", ["oh_", "oh__", "oh_x", "oh_x_y", "", "oh_" + "x" * 5000, "oh_é_\ud800"])
def test_what_is_no_key_is_worthless(hub: Hub, key: str) -> None:
    assert caller_of_key(key) is None


def test_the_secret_of_one_key_does_not_open_another(hub: Hub) -> None:
    first, second = (issue(hub, name=name)["key"] for name in ("one", "two"))

    mixed = "_".join([*first.split("_", 2)[:2], second.split("_", 2)[2]])

    assert caller_of_key(mixed) is None
