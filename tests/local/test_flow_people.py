"""Stores, items and people over HTTP: pauses that end by themselves, items off every platform, actions with a name."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect


@pytest.fixture
def line(hub: RunningHub) -> Line:
    """A store on Uber Eats that has had an order: its stand-in knows no store before."""
    made = connect(hub, "uber_eats")
    made.receive()
    return made


def on_platform(hub: RunningHub, line: Line) -> Json:
    """The store on its platform, as staff see it."""
    (row,) = hub.ask("GET", f"/stores/{line.store_id}/status")["platforms"]
    return dict(row)


def told(hub: RunningHub, line: Line, part: str) -> list[Json]:
    """The bodies of what the platform was told about the store, by a part of the path."""
    calls: list[Json] = hub.vendor(line.slug, "GET", "calls")["calls"]
    return [call["body"] for call in calls if line.theirs in call["path"] and part in call["path"]]


def test_a_pause_reaches_the_platform_and_ends_by_itself(hub: RunningHub, line: Line) -> None:
    until = datetime.now(UTC) + timedelta(seconds=8)
    path = f"/stores/{line.store_id}/status"
    answer = hub.ask("PUT", path, {"is_open": False, "until": until.isoformat(), "reason": "STAFF_SHORTAGE"})
    assert (answer["is_open"], answer["platforms"][0]["sync"]["state"]) == (False, "pending")
    assert answer["platforms"][0]["last_order_at"] is not None

    eventually(lambda: on_platform(hub, line)["sync"]["state"], lambda state: state == "confirmed")
    (paused,) = told(hub, line, "update-store-status")
    assert (paused["status"], paused["reason"]) == ("OFFLINE", "STAFF_SHORTAGE")

    def reopened() -> Json:
        hub.invoke("due")  # as the schedule does each minute
        return on_platform(hub, line)

    eventually(reopened, lambda row: row["is_open"] and row["sync"]["state"] == "confirmed")
    assert [body["status"] for body in told(hub, line, "update-store-status")] == ["OFFLINE", "ONLINE"]


def test_an_item_is_taken_off_and_put_back(hub: RunningHub, line: Line) -> None:
    path = f"/stores/{line.store_id}/items"
    change = {"available": False, "external_item_ids": {"uber_eats": "item-7"}}
    assert hub.ask("PUT", f"{path}/TACO-1/availability", change)["available"] is False

    def rows() -> list[Json]:
        return list(hub.ask("GET", f"{path}/availability")["items"])

    (row,) = eventually(rows, lambda found: [one["sync"]["state"] for one in found] == ["confirmed"])
    assert (row["sku"], row["external_item_id"], row["available"]) == ("TACO-1", "item-7", False)

    hub.ask("PUT", f"{path}/TACO-1/availability", {"available": True})
    eventually(rows, lambda found: found == [])
    assert hub.ask("GET", f"{path}/TACO-1/availability")["available"] is True
    suspended = [body["suspension_info"]["suspension"]["reason"] for body in told(hub, line, "menus/items/item-7")]
    assert suspended == ["Out of stock", None]


def test_an_employee_s_key_speaks_in_their_name_until_they_leave(hub: RunningHub, line: Line) -> None:
    path = f"/stores/{line.store_id}/employees"
    robin = {"name": "Robin Sample", "role": "store_manager", "email": "robin@example.com"}
    made = hub.api("PUT", f"{path}/emp_7", robin)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    asked = {"name": "tablet", "role": "store_manager", "stores": [line.store_id], "employee_id": "emp_7"}
    key = str(hub.ask("POST", "/api-keys", asked)["key"])

    paused = hub.ask("PUT", f"/stores/{line.store_id}/status", {"is_open": False}, key=key)
    assert paused["platforms"][0]["changed_by"] == "Robin Sample (emp_7)"
    assert [one["id"] for one in hub.ask("GET", path, key=key)["employees"]] == ["emp_7"]
    refused = hub.api("PUT", f"{path}/emp_8", {**robin, "role": "admin"}, key=key)
    assert (refused.status_code, refused.json()["error"]) == (403, "PERMISSION_DENIED")

    gone = hub.ask("POST", "/api-keys", {**asked, "name": "another tablet"})["key"]
    assert hub.api("DELETE", f"{path}/emp_7").status_code == 204
    assert hub.api("GET", "/stores", key=str(gone)).status_code == 403


def test_orders_are_accepted_by_the_store_s_policy(hub: RunningHub) -> None:
    made = connect(hub, "uber_eats")
    hub.ask("PATCH", f"/stores/{made.store_id}", {"auto_accept": {"platforms": ["uber_eats"], "prep_minutes": 20}})

    order = made.receive()

    accepted = hub.wait_for(made.order_id(order), lambda found: found["sync"]["state"] == "confirmed")
    assert (accepted["status"], accepted["prep_minutes"]) == ("accepted", 20)
    assert ("system", "order.accepted", "applied") in hub.told(made.order_id(order))
