"""/v1/stores."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.storage import config
from orderhub.storage.config import Collection
from tests.functional.conftest import NOW
from tests.functional.hub import STORE, Hub
from tests.functional.vendors import PLATFORMS

MAIN: dict[str, Any] = {
    "name": "Main Street",
    "time_zone": "America/New_York",
    "currency": "USD",
    "phone": None,
    "address": None,
    "prep_minutes": 15,
    "auto_accept": None,
    "acceptance_escalation": [],
    "id": STORE,
    "version": 1,
}
ADDRESS = {"line1": "14 Sample Street", "city": "Chicago", "country": "US", "lat": 41.8853, "lng": -87.6216}
NO_ADDRESS = dict.fromkeys(
    ("line1", "line2", "city", "region", "postal_code", "country", "lat", "lng", "instructions", "company")
)


def test_a_store_is_made_as_it_is_described(hub: Hub) -> None:
    told = {
        "id": "sto_2",
        "name": "Harbor",
        "time_zone": "Europe/Helsinki",
        "currency": "EUR",
        "phone": "+15550100",
        "address": ADDRESS,
        "prep_minutes": 0,
    }

    reply = hub.api("POST", "/v1/stores", told)

    assert (reply.status, reply.headers["etag"]) == (201, '"1"')
    assert reply.json == {
        **told,
        "address": {**NO_ADDRESS, **ADDRESS},
        "auto_accept": None,
        "acceptance_escalation": [],
        "version": 1,
    }
    assert hub.api("GET", "/v1/stores/sto_2").json == reply.json


def test_a_store_without_an_id_gets_one(hub: Hub) -> None:
    made = [hub.api("POST", "/v1/stores", {"name": "Harbor"}).json["id"] for _ in range(2)]

    assert made[0] != made[1]
    assert all(one.startswith("sto_") for one in made)


def test_a_store_that_says_little_has_plain_defaults(hub: Hub) -> None:
    made = hub.api("POST", "/v1/stores", {"id": "sto_2", "name": "Harbor"}).json

    assert made == {**MAIN, "id": "sto_2", "name": "Harbor", "time_zone": "UTC", "prep_minutes": None}


def test_a_store_is_shown_with_its_version_as_etag(hub: Hub) -> None:
    reply = hub.api("GET", f"/v1/stores/{STORE}")

    assert (reply.status, reply.json, reply.headers["etag"]) == (200, MAIN, '"1"')


def test_a_store_that_is_not_there_is_not_found(hub: Hub) -> None:
    assert hub.api("GET", "/v1/stores/sto_none").error == (404, "INVALID_STORE")
    assert hub.api("PATCH", "/v1/stores/sto_none", {"name": "x"}).error == (404, "INVALID_STORE")


def test_stores_are_listed_in_pages(hub: Hub) -> None:
    for name in ("sto_a", "sto_b"):
        hub.add_store(name)

    first = hub.api("GET", "/v1/stores", query={"limit": 2}).json
    rest = hub.api("GET", "/v1/stores", query={"limit": 2, "cursor": first["next_cursor"]}).json

    assert [store["id"] for store in first["stores"]] == ["sto_a", "sto_b"]
    assert rest == {"stores": [MAIN], "next_cursor": None}


@pytest.mark.parametrize("path", ["/v1/stores", "/v1/connections", "/v1/api-keys"])
@pytest.mark.parametrize("cursor", ["x", "e30", "W10"])
def test_a_cursor_that_is_not_ours_is_refused(hub: Hub, path: str, cursor: str) -> None:
    assert hub.api("GET", path, query={"cursor": cursor}).error == (400, "INVALID_CURSOR")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "x", "time_zone": "Mars/Olympus"},
        {"name": "x", "currency": "usd"},
        {"name": "x", "currency": "XYZ"},
        {"name": "x", "prep_minutes": -1},
        {"name": "x", "prep_minutes": 1441},
        {"name": "x", "id": "a/b"},
        {"name": "x", "id": ""},
        {"name": "x", "id": "x" * 65},
        {"name": "x", "id": "*"},
        {"name": "x", "version": 7},
        {"name": "x", "address": {"planet": "Mars"}},
        {"name": "x", "address": {"lat": 1000}},
    ],
)
def test_a_store_that_does_not_fit_is_refused(hub: Hub, fields: Any) -> None:
    assert hub.api("POST", "/v1/stores", fields).error == (422, "VALIDATION_ERROR")
    assert [entry.id for entry in config.every(Collection.STORES)] == [STORE]


def test_what_is_wrong_is_told_by_field(hub: Hub) -> None:
    reply = hub.api("POST", "/v1/stores", {"name": "x", "time_zone": "Mars/Olympus"})

    (field,) = reply.json["details"]["fields"]
    assert (set(field), field["field"]) == ({"field", "problem"}, "body.time_zone")


# --- changes ----------------------------------------------------------------------------------------------------------


def test_what_is_given_is_changed_and_the_rest_stays(hub: Hub) -> None:
    reply = hub.api("PATCH", f"/v1/stores/{STORE}", {"phone": "+15550100", "prep_minutes": None})

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert reply.json == {**MAIN, "phone": "+15550100", "prep_minutes": None, "version": 2}


def test_a_change_of_a_version_that_is_no_more_is_refused(hub: Hub) -> None:
    hub.api("PATCH", f"/v1/stores/{STORE}", {"name": "One"})

    assert hub.api("PATCH", f"/v1/stores/{STORE}", {"name": "Two"}, if_match='"1"').error == (412, "VERSION_CONFLICT")
    assert hub.api("GET", f"/v1/stores/{STORE}").json["name"] == "One"


def test_a_change_of_the_version_that_was_looked_at_is_made(hub: Hub) -> None:
    assert hub.api("PATCH", f"/v1/stores/{STORE}", {"name": "One"}, if_match='"1"').json["version"] == 2


@pytest.mark.parametrize("field", ["name", "time_zone", "currency"])
def test_what_a_store_must_have_cannot_be_taken_away(hub: Hub, field: str) -> None:
    assert hub.api("PATCH", f"/v1/stores/{STORE}", {field: None}).error[0] == 422
    assert hub.api("GET", f"/v1/stores/{STORE}").json == MAIN


def test_the_id_of_a_store_cannot_be_changed(hub: Hub) -> None:
    assert hub.api("PATCH", f"/v1/stores/{STORE}", {"id": "sto_2"}).error == (422, "VALIDATION_ERROR")


def test_connections_learn_of_a_new_time_zone_and_currency(hub: Hub, square: str, shopify: str) -> None:
    hub.add_store("sto_other")
    other = hub.connect("uber_eats", store="sto_other")

    hub.api("PATCH", f"/v1/stores/{STORE}", {"time_zone": "Asia/Tokyo", "currency": "JPY"})

    for connection_id in (square, shopify):
        connection = hub.connection(connection_id)
        refs = {connection.default_store, *connection.stores.values()}
        assert {(ref.id, ref.time_zone, ref.currency) for ref in refs} == {(STORE, "Asia/Tokyo", "JPY")}
    assert hub.connection(other).default_store.time_zone == "America/New_York"


def test_a_new_name_changes_no_connection(hub: Hub, square: str) -> None:
    hub.api("PATCH", f"/v1/stores/{STORE}", {"name": "Second Street"})

    assert hub.api("GET", f"/v1/connections/{square}").json["version"] == 1


def test_orders_that_come_after_a_change_of_zone_belong_to_its_days(hub: Hub, shopify: str) -> None:
    hub.api("PATCH", f"/v1/stores/{STORE}", {"time_zone": "Asia/Tokyo"})
    order = PLATFORMS["shopify"].order(1, placed_at=NOW.replace(hour=16))  # already tomorrow in Tokyo
    hub.tell(shopify, "orders/create", order, "delivery-1")

    listed = hub.api("GET", f"/v1/stores/{STORE}/orders", query={"date": "2026-10-06"})

    assert len(listed.json["orders"]) == 1


# --- Idempotency-Key --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store_id", [None, "sto_2"])
def test_a_repeat_with_the_same_key_makes_no_second_store(hub: Hub, store_id: str | None) -> None:
    told = {"name": "Harbor", **({"id": store_id} if store_id else {})}
    replies = [hub.api("POST", "/v1/stores", told, idempotency_key="k-1") for _ in range(2)]

    assert replies[0] == replies[1]
    assert len(config.every(Collection.STORES)) == 2


def test_the_same_key_for_another_store_is_refused(hub: Hub) -> None:
    hub.api("POST", "/v1/stores", {"name": "Harbor"}, idempotency_key="k-1")

    assert hub.api("POST", "/v1/stores", {"name": "Hill"}, idempotency_key="k-1").error == (409, "ALREADY_EXISTS")


def test_an_id_that_is_taken_is_refused(hub: Hub) -> None:
    assert hub.api("POST", "/v1/stores", {"id": STORE, "name": "Another"}).error == (409, "ALREADY_EXISTS")
    assert hub.api("GET", f"/v1/stores/{STORE}").json == MAIN


def test_a_repeat_after_the_store_was_changed_shows_it_as_it_is(hub: Hub) -> None:
    hub.api("POST", "/v1/stores", {"id": "sto_2", "name": "Harbor"}, idempotency_key="k-1")
    hub.api("PATCH", "/v1/stores/sto_2", {"phone": "+15550100"})

    reply = hub.api("POST", "/v1/stores", {"id": "sto_2", "name": "Harbor"}, idempotency_key="k-1")

    assert (reply.status, reply.json["name"]) == (201, "Harbor")
