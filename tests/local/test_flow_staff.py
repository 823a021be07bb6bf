"""The staff API over HTTP: who may do what, changes that are guarded, and connections whose secrets stay inside."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from local.standins import square
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

# What the stand-ins of Uber Eats and Shopify issue.
TOKEN = re.compile(r"(uber-|shpat_)[0-9a-f]{32}")


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "shopify")


@pytest.fixture(scope="module")
def keys(hub: RunningHub, line: Line) -> dict[str, str]:
    """A key of each role for the store, and one of another store."""
    made = {role: hub.add_key(role, line.store_id) for role in ("viewer", "store_employee", "store_manager")}
    return {**made, "elsewhere": hub.add_key("store_manager", hub.add_store(name="Another Kitchen"))}


def arrived(line: Line) -> str:
    """The hub's id of a new order."""
    made = line.hold(line.new_order())
    assert line.tell("orders/create", made).status_code == 200
    return line.order_id(made)


def refusal(hub: RunningHub, method: str, path: str, body: Json | None = None, *, key: str) -> tuple[int, str]:
    """Status and error code of a call that is refused, in the API's one shape."""
    reply = hub.api(method, path, body, key=key)
    told = reply.json()
    assert set(told) == {"error", "message", "details", "request_id"}, told
    return reply.status_code, told["error"]


def test_without_a_key_that_is_known_nobody_is_let_in(hub: RunningHub) -> None:
    url = f"{hub.file.api_url}/v1/orders"
    assert hub.http.get(url).status_code == 401
    for token in ("oh_" + "a" * 26 + "_guessed", hub.file.api_key[:-1], "Bearer"):
        assert hub.http.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert hub.http.get(f"{hub.file.api_url}/v1/openapi.json").json()["info"]["title"] == "Orderhub"


def test_a_viewer_sees_and_does_not_touch(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    order_id, key = arrived(line), keys["viewer"]
    assert hub.api("GET", f"/orders/{order_id}", key=key).status_code == 200
    assert hub.api("GET", f"/orders/{order_id}/timeline", key=key).status_code == 200
    assert order_id in {one["id"] for one in hub.open_orders(key=key)}
    for action in ("accept", "bagging"):
        assert refusal(hub, "PUT", f"/orders/{order_id}/{action}", key=key) == (403, "PERMISSION_DENIED")
    assert refusal(hub, "GET", "/connections", key=key) == (403, "PERMISSION_DENIED")
    new = {"name": "mine", "role": "admin"}
    for role in ("viewer", "store_employee", "store_manager"):
        assert refusal(hub, "POST", "/api-keys", new, key=keys[role]) == (403, "PERMISSION_DENIED")
    after = hub.order(order_id)
    assert after is not None
    assert (after["status"], after["version"]) == ("incoming", 1)


def test_a_key_of_another_store_sees_nothing_of_it(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    order_id, key = arrived(line), keys["elsewhere"]
    for method, path in (("GET", ""), ("GET", "/timeline"), ("PUT", "/accept")):
        assert refusal(hub, method, f"/orders/{order_id}{path}", key=key) == (404, "ORDER_NOT_FOUND")
    assert refusal(hub, "GET", f"/orders?store_id={line.store_id}", key=key) == (404, "INVALID_STORE")
    assert refusal(hub, "GET", f"/stores/{line.store_id}/orders", key=key) == (404, "INVALID_STORE")
    assert refusal(hub, "GET", f"/connections/{line.id}", key=key) == (404, "CONNECTION_NOT_FOUND")
    assert hub.open_orders(key=key) == []
    assert line.store_id not in {store["id"] for store in hub.ask("GET", "/stores", key=key)["stores"]}


def test_the_actor_of_a_change_is_whose_key_it_was(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    order_id = arrived(line)
    hub.ask("PUT", f"/orders/{order_id}/accept", key=keys["store_employee"])
    changes = [one for one in hub.timeline(order_id) if one["cause"]["actor"] == "staff"]
    assert [one["type"] for one in changes] == ["order.accepted"]
    assert changes[0]["cause"]["name"].startswith("a store_employee (key_")


def test_a_change_is_guarded_by_the_version_that_was_looked_at(hub: RunningHub, line: Line) -> None:
    order_id = arrived(line)
    path = f"/orders/{order_id}"
    looked = hub.api("GET", path)
    seen = looked.headers["etag"]
    assert hub.api("GET", path, if_none_match=seen).status_code == 304
    accepted = hub.api("PUT", f"{path}/accept", if_match=seen)
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")
    assert accepted.headers["etag"] != seen
    late = hub.api("PUT", f"{path}/ready", if_match=seen)
    assert (late.status_code, late.json()["error"]) == (412, "VERSION_CONFLICT")
    assert late.json()["details"] == {"version": accepted.json()["version"], "status": "accepted"}
    assert hub.ask("PUT", f"{path}/ready", if_match=accepted.headers["etag"])["status"] == "ready"
    assert hub.api("PUT", f"{path}/accept").status_code == 409


def test_a_repeat_with_the_same_idempotency_key_is_the_same_change(hub: RunningHub, line: Line) -> None:
    path = f"/orders/{arrived(line)}"
    with ThreadPoolExecutor(6) as fingers:
        pressed = fingers.map(lambda _: hub.api("POST", f"{path}/accept", idempotency_key="pressed-once"), range(6))
        assert {reply.status_code for reply in pressed} == {200}
    hub.ask("PUT", f"{path}/ready")
    again = hub.api("POST", f"{path}/accept", idempotency_key="pressed-once")
    assert (again.status_code, again.json()["status"]) == (200, "ready")
    told = hub.told(path.removeprefix("/orders/"))
    assert [(kind, effect) for actor, kind, effect in told if actor == "staff"] == [
        ("order.accepted", "applied"),
        ("order.ready", "applied"),
    ]


def test_a_store_asked_for_twice_is_made_once(hub: RunningHub) -> None:
    name, key = "Kitchen Number Nine", uuid4().hex
    first, second = (hub.ask("POST", "/stores", {"name": name}, idempotency_key=key) for _ in range(2))
    assert second == first
    other = hub.api("POST", "/stores", {"name": "Another"}, idempotency_key=key)
    assert (other.status_code, other.json()["error"]) == (409, "ALREADY_EXISTS")
    assert [store["name"] for store in every(hub, "stores")].count(name) == 1


def every(hub: RunningHub, kind: str) -> list[Json]:
    """All of a list."""
    found: list[Json] = []
    cursor = ""
    while True:
        page = hub.ask("GET", f"/{kind}?limit=100{cursor}")
        found += page[kind.replace("-", "_")]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_a_connection_made_over_the_api_takes_orders_and_keeps_its_secrets(hub: RunningHub) -> None:
    signature_key = f"signature-key-{uuid4().hex}"
    access_token = str(square.ACCESS_TOKEN)
    store_id = hub.add_store()
    new = {
        "platform": "square",
        "name": "the one at the corner",
        "default_store_id": store_id,
        "settings": {"base_url": hub.file.standins["square"]},
        "credentials": {"signature_keys": [signature_key], "access_token": access_token},
    }
    answers = [hub.api("POST", "/connections", new, idempotency_key=signature_key) for _ in range(2)]
    made = answers[0].json()
    assert [reply.status_code for reply in answers] == [201, 201]
    assert answers[1].json() == made
    assert made["credential_names"] == ["access_token", "signature_keys"]

    line = Line(hub, "square", made["id"], made["webhook_url"], signature_key, store_id, "LDEMOKITCHEN1")
    order = line.receive()
    assert [one["external_id"] for one in hub.open_orders(store_id)] == [line.external_id(order)]

    path = f"/connections/{line.id}"
    answers.append(hub.api("POST", f"{path}/verify"))
    assert answers[-1].json()["ok"] is True
    answers += [hub.api("GET", path), hub.api("GET", "/connections?limit=100")]
    answers.append(hub.api("PATCH", path, {"name": "the one by the river"}, if_match=answers[-2].headers["etag"]))
    assert (answers[-1].status_code, answers[-1].json()["name"]) == (200, "the one by the river")
    answers.append(hub.api("PATCH", path, {"credentials": {"signature_keys": signature_key, "token": access_token}}))
    assert answers[-1].status_code == 422
    answers.append(hub.api("GET", f"/orders/{line.order_id(order)}/timeline"))
    assert hub.ask("POST", f"/connections/{connect(hub, 'uber_eats').id}/verify")["ok"] is True  # takes a token
    shown = [reply.text for reply in answers]
    shown.append(hub.orderhub("doctor", "--json").stdout)
    shown += [*stored(hub), *logged(hub)]
    for secret in (signature_key, access_token):
        assert [text[:200] for text in shown if secret in text] == []
    assert [text[:200] for text in shown if TOKEN.search(text)] == []


def stored(hub: RunningHub) -> list[str]:
    """Every item of both tables, as text."""
    with hub.aws("dynamodb") as tables:
        pages = [
            page
            for name in ("OrdersTableName", "ConfigTableName")
            for page in tables.get_paginator("scan").paginate(TableName=hub.output(name))
        ]
    return [str(item) for page in pages for item in page["Items"]]


def logged(hub: RunningHub) -> list[str]:
    """Every line that a function has logged."""
    with hub.aws("logs") as logs:
        groups = [one["logGroupName"] for one in logs.describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"]]
        found = [
            event["message"]
            for group in groups
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
        ]
    assert found != []
    return found


def test_credentials_that_the_platform_refuses_are_told_as_such(hub: RunningHub) -> None:
    line = connect(hub, "shopify", client_id="a-client-that-nobody-knows")
    found = hub.ask("POST", f"/connections/{line.id}/verify")
    assert found["ok"] is False
    assert "credentials" in found["message"]
    hub.ask("PATCH", f"/connections/{line.id}", {"credentials": line.played.credentials(line.secret)})
    eventually(lambda: hub.ask("POST", f"/connections/{line.id}/verify")["ok"])


def test_what_is_removed_is_gone(hub: RunningHub) -> None:
    key = hub.add_key("viewer")
    key_id = next(
        one["id"] for one in every(hub, "api-keys") if key.startswith(f"oh_{one['id'].removeprefix('key_')}_")
    )
    assert hub.api("DELETE", f"/api-keys/{key_id}").status_code == 204
    assert hub.api("GET", "/orders", key=key).status_code == 403

    line = connect(hub, "shopify")
    assert hub.api("DELETE", f"/connections/{line.id}").status_code == 204
    assert hub.api("GET", f"/connections/{line.id}").status_code == 404
    assert line.tell("orders/create", line.new_order()).status_code == 401


def test_orders_of_a_day_are_listed_with_those_that_are_done(hub: RunningHub) -> None:
    line = connect(hub, "shopify")
    done, open_ = arrived(line), arrived(line)
    hub.ask("PUT", f"/orders/{done}/deny", {"reason": "OUT_OF_STOCK"})
    day = json.loads(hub.api("GET", f"/stores/{line.store_id}/orders").text)["orders"]
    assert {one["id"]: one["status"] for one in day} == {done: "denied", open_: "incoming"}
    assert [one["id"] for one in hub.open_orders(line.store_id)] == [open_]
