"""Who may do what: every role at every route, and the stores that a key is for."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.api.app import app
from orderhub.service.access import EVERY_STORE, Caller, Role
from tests.functional.conftest import NOW
from tests.functional.hub import STORE, Hub
from tests.functional.made import stored
from tests.functional.vendors import PLATFORMS

OTHER = "sto_other"
ORDER, CONNECTION = "ord_1", "<connection>"
VIEWER, EMPLOYEE, MANAGER, ADMIN = Role
REFUSAL = {"reason": "OUT_OF_STOCK"}
NEW_CONNECTION = {
    "platform": "square",
    "name": "x",
    "default_store_id": STORE,
    "credentials": PLATFORMS["square"].credentials("key"),
}

# Route, body, the least role that may.
ROUTES: list[tuple[str, str, Any, Role]] = [
    ("GET", "/v1/orders", None, VIEWER),
    ("GET", f"/v1/stores/{STORE}/orders", None, VIEWER),
    ("GET", f"/v1/orders/{ORDER}", None, VIEWER),
    ("GET", f"/v1/orders/{ORDER}/timeline", None, VIEWER),
    ("PUT", f"/v1/orders/{ORDER}/accept", None, EMPLOYEE),
    ("POST", f"/v1/orders/{ORDER}/accept", None, EMPLOYEE),
    ("PUT", f"/v1/orders/{ORDER}/deny", REFUSAL, EMPLOYEE),
    ("POST", f"/v1/orders/{ORDER}/deny", REFUSAL, EMPLOYEE),
    ("PUT", f"/v1/orders/{ORDER}/cancel", REFUSAL, EMPLOYEE),
    ("POST", f"/v1/orders/{ORDER}/cancel", REFUSAL, EMPLOYEE),
    ("PUT", f"/v1/orders/{ORDER}/bagging", None, EMPLOYEE),
    ("POST", f"/v1/orders/{ORDER}/bagging", None, EMPLOYEE),
    ("PUT", f"/v1/orders/{ORDER}/ready", None, EMPLOYEE),
    ("POST", f"/v1/orders/{ORDER}/ready", None, EMPLOYEE),
    ("PUT", f"/v1/orders/{ORDER}/picked_up", None, EMPLOYEE),
    ("POST", f"/v1/orders/{ORDER}/picked_up", None, EMPLOYEE),
    ("PUT", f"/v1/orders/{ORDER}/complete", None, EMPLOYEE),
    ("POST", f"/v1/orders/{ORDER}/complete", None, EMPLOYEE),
    ("PATCH", f"/v1/orders/{ORDER}/ready-time", {"prep_minutes": 5}, EMPLOYEE),
    ("GET", "/v1/stores", None, VIEWER),
    ("POST", "/v1/stores", {"name": "x"}, ADMIN),
    ("GET", f"/v1/stores/{STORE}", None, VIEWER),
    ("PATCH", f"/v1/stores/{STORE}", {"name": "x"}, MANAGER),
    ("GET", "/v1/connections", None, MANAGER),
    ("POST", "/v1/connections", NEW_CONNECTION, ADMIN),
    ("GET", f"/v1/connections/{CONNECTION}", None, MANAGER),
    ("PATCH", f"/v1/connections/{CONNECTION}", {"name": "x"}, ADMIN),
    ("DELETE", f"/v1/connections/{CONNECTION}", None, ADMIN),
    ("POST", f"/v1/connections/{CONNECTION}/verify", None, MANAGER),
    ("GET", "/v1/api-keys", None, ADMIN),
    ("POST", "/v1/api-keys", {"name": "x", "role": "viewer", "stores": [STORE]}, ADMIN),
    ("DELETE", "/v1/api-keys/key_none", None, ADMIN),
]
OPEN = {("GET", "/v1/openapi.json"), ("GET", "/v1/docs")}
NAMES = [f"{method} {path}" for method, path, _, _ in ROUTES]


def of_role(role: Role, *stores: str) -> Caller:
    return Caller(f"key_{role}", f"a {role}", role, frozenset(stores or (STORE,)))


@pytest.fixture
def connection_id(hub: Hub) -> str:
    """A connection of the main store, which has an order as well."""
    stored(ORDER, store_id=STORE, placed_at=NOW)
    return hub.connect("square")


def test_every_route_of_the_code_is_in_the_table() -> None:
    def shape(path: str) -> str:
        known = {ORDER: "order_id", STORE: "store_id", CONNECTION: "connection_id", "key_none": "key_id"}
        return "/".join(f"<{known[part]}>" if part in known else part for part in path.split("/"))

    routes = {(method, route.path) for route in _routes() for method in _methods(route)}

    assert routes - OPEN == {(method, shape(path)) for method, path, _, _ in ROUTES}


def _routes() -> list[Any]:
    return [*app._static_routes, *app._dynamic_routes]


def _methods(route: Any) -> list[str]:
    return [route.method] if isinstance(route.method, str) else list(route.method)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path", "body", "least"), ROUTES, ids=NAMES)
def test_a_route_is_open_to_its_role_and_those_above(
    hub: Hub, connection_id: str, method: str, path: str, body: Any, least: Role, role: Role
) -> None:
    reply = hub.api(method, path.replace(CONNECTION, connection_id), body, caller=of_role(role))

    if role.covers(least):
        assert reply.status not in (401, 403, 500), reply
    else:
        assert reply.error == (403, "PERMISSION_DENIED")
        assert reply.json["message"] == f"this needs the role {least}, you have {role}"


@pytest.mark.parametrize(("method", "path", "body", "least"), ROUTES, ids=NAMES)
def test_a_call_that_nobody_makes_is_refused(
    hub: Hub, connection_id: str, method: str, path: str, body: Any, least: Role
) -> None:
    reply = hub.api(method, path.replace(CONNECTION, connection_id), body, caller=None)

    assert reply.error == (403, "PERMISSION_DENIED")


ABOUT_ONE_STORE = [route for route in ROUTES if any(part in route[1] for part in (ORDER, STORE, CONNECTION))]


@pytest.mark.parametrize(
    ("method", "path", "body", "least"), ABOUT_ONE_STORE, ids=[f"{route[0]} {route[1]}" for route in ABOUT_ONE_STORE]
)
def test_what_is_another_store_s_is_not_there(
    hub: Hub, connection_id: str, method: str, path: str, body: Any, least: Role
) -> None:
    hub.add_store(OTHER)
    stranger = of_role(Role.ADMIN, OTHER)

    there = hub.api(method, path.replace(CONNECTION, connection_id), body, caller=stranger)
    nowhere = hub.api(
        method,
        path.replace(CONNECTION, "con_none").replace(ORDER, "ord_none").replace(STORE, "sto_none"),
        body,
        caller=stranger,
    )

    assert there.status == nowhere.status == 404
    assert there.error == nowhere.error
    assert hub.order(ORDER).version == 1


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
