"""Who may do what: every route, by every role, for its own store and for another's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from orderhub.api.app import app
from orderhub.service.access import EVERY_STORE, Caller, Role
from tests.functional.cloud import items
from tests.functional.conftest import NOW
from tests.functional.hub import STORE, Hub, Reply
from tests.functional.made import stored
from tests.functional.routes import CONNECTION, OPEN, ROUTES, Route, furnish, mark, nothing
from tests.template.cloudformation import ROOT

OTHER = "sto_other"
ORDER = "ord_1"
NEW_CONNECTION = {**CONNECTION, "default_store_id": STORE}

# Which stores the key is for, and whose things the call names.
WHOSE: list[tuple[str, tuple[str, ...], str]] = [
    ("its own store", (STORE,), STORE),
    ("another store", (STORE,), OTHER),
    ("one of its stores", (STORE, OTHER), STORE),
    ("a store, with a key for all", (EVERY_STORE,), STORE),
    ("a store, with a key for none", (), STORE),
]
CASES = [
    (route, role, stores, named)
    for route in ROUTES
    for role in Role
    for _, stores, named in WHOSE
    if route.names_a_store or named in stores or EVERY_STORE in stores
]

every_route = pytest.mark.parametrize("route", ROUTES, ids=str)


def of_role(role: Role, *stores: str) -> Caller:
    return Caller(f"key_{role}", f"a {role}", role, frozenset(stores or (STORE,)))


@pytest.fixture
def connection_id(hub: Hub) -> str:
    """A connection of the main store, which has an order as well."""
    stored(ORDER, store_id=STORE, placed_at=NOW)
    return hub.connect("square")


def call(hub: Hub, route: Route, named: Mapping[str, str], caller: Caller | None) -> Reply:
    method, path, body, query = route.filled(dict(named))
    return hub.api(method, path, body, caller=caller, query=query)


def test_every_route_of_the_code_is_in_the_table() -> None:
    routes = {(method, route.path) for route in _routes() for method in _methods(route)}
    table = {(route.method, route.path.replace("{", "<").replace("}", ">")) for route in ROUTES}

    assert routes - OPEN == table


def test_every_route_is_in_the_table_of_the_docs() -> None:
    table = (ROOT / "docs" / "api.md").read_text().partition("## What there is")[2].partition("\nIn detail")[0]
    named = set(re.findall(r"`([A-Z]+ /v1/[^`?]*)[^`]*`", table))
    aliases = {
        str(route)
        for route in ROUTES
        if route.method == "POST" and Route("PUT", route.path, route.least, route.body) in ROUTES
    }

    assert named == {str(route) for route in ROUTES} - aliases


def _routes() -> list[Any]:
    return [*app._static_routes, *app._dynamic_routes]


def _methods(route: Any) -> list[str]:
    return [route.method] if isinstance(route.method, str) else list(route.method)


def test_the_number_of_cases(measured: Callable[[str], None]) -> None:
    measured(f"{len(CASES)} cases of {len(ROUTES)} routes x {len(Role)} roles x {len(WHOSE)} relations to the store")
    assert {str(case[0]) for case in CASES} == set(map(str, ROUTES))


@every_route
def test_a_route_is_open_to_its_role_and_those_above_at_their_stores_alone(hub: Hub, route: Route) -> None:
    things = {store: furnish(hub, store) for store in (STORE, OTHER)}
    state = kept()
    for _, role, stores, named in (case for case in CASES if case[0] is route):
        caller = Caller("key", "walker", role, frozenset(stores))
        reply = call(hub, route, things[named], caller)
        allowed, at_its_store = role.covers(route.least), named in stores or EVERY_STORE in stores
        case = f"{role} for {stores} at {named}: {reply}"

        if not allowed:
            assert reply.error == (403, "PERMISSION_DENIED"), case
            assert reply.json["message"] == f"this needs the role {route.least}, you have {role}", case
        elif at_its_store:
            assert reply.status not in (401, 403, 500), case
        else:
            nowhere = call(hub, route, nothing(things[named]), caller)
            assert (reply.status, reply.error) == (404, nowhere.error), case
        if OTHER not in stores and EVERY_STORE not in stores:
            assert mark(OTHER) not in reply.body, case
        if allowed and at_its_store:
            state = kept()
        else:
            assert kept() == state, case


def kept() -> list[Any]:
    """All that is stored."""
    return [items("OrdersTable"), items("ConfigTable")]


@every_route
def test_a_call_that_nobody_makes_is_refused(hub: Hub, route: Route) -> None:
    names = ("store_id", "order_id", "connection_id", "sku", "employee_id", "item_id", "issue_id", "attachment_id")

    assert call(hub, route, dict.fromkeys(names, "some-1"), None).error == (403, "PERMISSION_DENIED")


def test_lists_show_what_is_the_caller_s(hub: Hub, connection_id: str) -> None:
    hub.add_store(OTHER)
    stored("ord_2", store_id=OTHER)
    other = hub.connect("square", store=OTHER, name="other")

    def seen(*stores: str) -> tuple[list[str], list[str], list[str]]:
        caller = of_role(Role.ADMIN, *stores)
        answers = [
            hub.api("GET", f"/v1/{kind}", caller=caller).json[kind] for kind in ("orders", "stores", "connections")
        ]
        found = [sorted(one["id"] for one in answer) for answer in answers]
        return found[0], found[1], found[2]

    assert seen(STORE) == ([ORDER], [STORE], [connection_id])
    assert seen(OTHER) == (["ord_2"], [OTHER], [other])
    assert seen(STORE, OTHER) == ([ORDER, "ord_2"], [STORE, OTHER], sorted([connection_id, other]))
    assert seen(EVERY_STORE) == seen(STORE, OTHER)


def test_a_caller_for_no_store_sees_nothing(hub: Hub, connection_id: str) -> None:
    nobody = Caller("x", "x", Role.VIEWER, frozenset())

    assert hub.api("GET", "/v1/orders", caller=nobody).json == {"orders": [], "next_cursor": None}
    assert hub.api("GET", f"/v1/orders/{ORDER}", caller=nobody).error == (404, "ORDER_NOT_FOUND")


def test_open_orders_of_another_store_cannot_be_asked_for(hub: Hub, connection_id: str) -> None:
    reply = hub.api("GET", "/v1/orders", caller=of_role(Role.ADMIN, OTHER), query={"store_id": STORE})

    assert reply.error == (404, "INVALID_STORE")


def test_a_connection_cannot_be_made_to_another_store(hub: Hub) -> None:
    hub.add_store(OTHER)

    reply = hub.api("POST", "/v1/connections", NEW_CONNECTION, caller=of_role(Role.ADMIN, OTHER))

    assert reply.error == (404, "INVALID_STORE")


def test_a_connection_cannot_be_moved_to_another_store(hub: Hub, connection_id: str) -> None:
    hub.add_store(OTHER)
    path, admin = f"/v1/connections/{connection_id}", of_role(Role.ADMIN, STORE)

    assert hub.api("PATCH", path, {"default_store_id": OTHER}, caller=admin).error == (404, "INVALID_STORE")
    assert hub.api("PATCH", path, {"stores": {"L9": OTHER}}, caller=admin).error == (404, "INVALID_STORE")


def test_a_cursor_of_a_caller_with_more_stores_shows_no_more(hub: Hub, connection_id: str) -> None:
    hub.add_store(OTHER)
    stored("ord_2", store_id=OTHER)
    cursor = hub.api("GET", "/v1/orders", query={"limit": 1}).json["next_cursor"]

    reply = hub.api("GET", "/v1/orders", caller=of_role(Role.VIEWER, STORE), query={"cursor": cursor})

    assert reply.status in (200, 400)
    assert "ord_2" not in reply.body


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"id": "x", "name": "x", "role": "admin"},
        {"id": "x", "name": "x", "role": "owner", "stores": "*"},
        {"id": "x", "name": "x", "role": "", "stores": "*"},
        {"id": "x", "name": "x", "role": "admin", "stores": None},
    ],
)
def test_a_context_that_says_too_little_lets_nobody_in(
    hub: Hub, context: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.functional.hub.to_context", lambda _: context)

    assert hub.api("GET", "/v1/orders").error == (403, "PERMISSION_DENIED")
