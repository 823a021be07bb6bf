"""Lists, counts, search, export and lines over HTTP, of orders that came by webhooks."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.local.hub import Json, RunningHub
from tests.local.line import Line, connect


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "shopify")


@pytest.fixture(scope="module")
def orders(hub: RunningHub, line: Line) -> list[Json]:
    """Three orders of the store, as the hub shows them, oldest first; the last one was denied."""
    made = []
    for _ in range(3):
        order = line.hold(line.new_order())
        assert line.tell("orders/create", order).status_code == 200
        made.append(hub.wait_for(line.order_id(order)))
    hub.ask("PUT", f"/orders/{made[2]['id']}/deny", {"reason": "OUT_OF_STOCK"})
    return sorted(made, key=lambda order: (order["placed_at"], order["id"][-6:]))  # as the index has them


def ids(page: Json) -> set[str]:
    return {order["id"] for order in page["orders"]}


def days() -> str:
    """Yesterday to tomorrow: whatever the time and the zone, the orders are in it."""
    today = datetime.now(UTC).date()
    return f"date_from={today - timedelta(1)}&date_to={today + timedelta(1)}"


def test_orders_are_filtered_and_counted(hub: RunningHub, line: Line, orders: list[Json]) -> None:
    still_open = {order["id"] for order in orders if order["id"] != denied(hub, line)}
    store = f"store_id={line.store_id}"
    assert ids(hub.ask("GET", f"/orders?{store}&status=incoming,ready&platform=shopify")) == still_open
    assert ids(hub.ask("GET", f"/orders?{store}&platform=square")) == set()
    assert ids(hub.ask("GET", f"/orders?{store}&since=2026-01-01T00:00:00Z")) == still_open
    assert ids(hub.ask("GET", f"/orders?{store}&since=2126-01-01T00:00:00Z")) == set()
    assert ids(hub.ask("GET", f"/stores/{line.store_id}/orders?{days()}&status=denied")) == {denied(hub, line)}

    counts = hub.ask("GET", f"/orders/counts?{store}")
    assert (counts["open"], counts["unacknowledged"], counts["complete"]) == (2, 2, True)
    assert counts["statuses"]["incoming"] == counts["platforms"]["shopify"]["incoming"] == 2


def denied(hub: RunningHub, line: Line) -> str:
    """The id of the order that was denied."""
    (order,) = hub.ask("GET", f"/stores/{line.store_id}/orders?{days()}&status=denied")["orders"]
    return str(order["id"])


def test_an_order_is_found_by_what_the_customer_says(hub: RunningHub, line: Line, orders: list[Json]) -> None:
    for order in orders:
        sought = order["display_id"].removeprefix("#")
        found = hub.ask("GET", f"/stores/{line.store_id}/orders?{days()}&q={sought}&sort=oldest")
        assert ids(found) == {order["id"]}
    name = orders[0]["customer"]["name"]
    found = hub.ask("GET", f"/stores/{line.store_id}/orders?{days()}&q={name.upper()}")
    assert ids(found) == {order["id"] for order in orders if order["customer"]["name"] == name}


def pages(hub: RunningHub, path: str) -> list[requests.Response]:
    """All pages of an export."""
    found, cursor = [], ""
    while True:
        found.append(hub.api("GET", path + cursor))
        assert found[-1].status_code == 200, found[-1].text
        if "x-next-cursor" not in found[-1].headers:
            return found
        cursor = f"&cursor={found[-1].headers['x-next-cursor']}"


@pytest.mark.parametrize("limit", [1, 100])
def test_orders_leave_as_a_file(hub: RunningHub, line: Line, orders: list[Json], limit: int) -> None:
    path = f"/stores/{line.store_id}/orders/export?{days()}&limit={limit}"
    tables, lines = pages(hub, path), pages(hub, f"{path}&format=jsonl")
    assert tables[0].headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO("".join(page.text for page in tables), newline="")))
    assert [row["id"] for row in rows] == [order["id"] for order in orders]
    assert [int(row["total"]) for row in rows] == [order["amounts"]["total"] for order in orders]
    told = [json.loads(text) for page in lines for text in page.text.splitlines()]
    assert [order["id"] for order in told] == [order["id"] for order in orders]


def test_what_staff_write_on_a_line_stays(hub: RunningHub, line: Line) -> None:
    employee = hub.add_key("store_employee", line.store_id)
    made = line.receive()
    path = f"/orders/{line.order_id(made)}/items"
    listed = hub.ask("GET", path, key=employee)
    first = listed["items"][0]
    assert listed["summary"]["total_items"] == len(listed["items"])

    wrote = {"name": "By the kitchen", "notes": "no sesame", "status": "ready", "picked_quantity": "1"}
    looked = hub.api("GET", f"{path}/{first['id']}", key=employee).headers["etag"]
    hub.ask("PATCH", f"{path}/{first['id']}", wrote, key=employee, if_match=looked)
    late = hub.api("PATCH", f"{path}/{first['id']}", wrote, key=employee, if_match=looked)
    assert (late.status_code, late.json()["error"]) == (412, "VERSION_CONFLICT")
    price = hub.api("PATCH", f"{path}/{first['id']}", {"quantity": 2}, key=employee)
    assert (price.status_code, price.json()["error"]) == (422, "INVALID_FIELD_VALUE")

    titles = [{**one, "title": "By the shop", "name": "By the shop"} for one in made["line_items"]]
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert line.tell("orders/updated", made, at=later, line_items=titles, note="Ring twice").status_code == 200
    hub.wait_for(line.order_id(made), lambda order: order["notes"].startswith("Ring twice"))
    after = hub.ask("GET", f"{path}/{first['id']}", key=employee)
    assert {name: after[name] for name in wrote} == wrote
    assert [(event["type"], event["cause"]["actor"]) for event in after["history"]] == [("item.changed", "staff")]
    assert [one["id"] for one in hub.ask("GET", f"{path}?status=ready", key=employee)["items"]] == [first["id"]]


def test_admins_see_what_was_sent_and_nobody_else(hub: RunningHub, line: Line, orders: list[Json]) -> None:
    path = f"/orders/{orders[0]['id']}?source=true"
    received = hub.ask("GET", path)["received"]
    assert json.loads(received["body"])["name"] == orders[0]["display_id"]
    assert line.secret not in json.dumps(received)
    manager = hub.api("GET", path, key=hub.add_key("store_manager", line.store_id))
    assert (manager.status_code, manager.json()["error"]) == (403, "PERMISSION_DENIED")


def test_a_key_of_another_store_is_told_nothing(hub: RunningHub, line: Line, orders: list[Json]) -> None:
    key, order_id = hub.add_key("admin", hub.add_store(name="Another Kitchen")), orders[0]["id"]
    item = orders[0]["items"][0]["id"]
    for path, code in (
        (f"/orders/counts?store_id={line.store_id}", "INVALID_STORE"),
        (f"/stores/{line.store_id}/orders/export", "INVALID_STORE"),
        (f"/orders/{order_id}/items", "ORDER_NOT_FOUND"),
        (f"/orders/{order_id}/items/{item}", "ORDER_NOT_FOUND"),
        (f"/orders/{order_id}?source=true", "ORDER_NOT_FOUND"),
    ):
        reply = hub.api("GET", path, key=key)
        assert (reply.status_code, reply.json()["error"]) == (404, code), path
    assert hub.ask("GET", "/orders/counts", key=key)["open"] == 0
    viewer = hub.add_key("viewer", line.store_id)
    refused = hub.api("PATCH", f"/orders/{order_id}/items/{item}", {"notes": "x"}, key=viewer)
    assert (refused.status_code, refused.json()["error"]) == (403, "PERMISSION_DENIED")
