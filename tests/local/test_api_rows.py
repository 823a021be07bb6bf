"""Each row of the table in docs/api.md, called over HTTP in one walk through a store's day."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from local.standins.played import played
from tests.local.hub import ROOT, Json, RunningHub, eventually
from tests.local.line import connect

# A pixel, as PNG.
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060f80f0001040100"
)


def rows() -> dict[str, list[str]]:
    """The table: what is wanted, and the routes that serve it."""
    table = (ROOT / "docs" / "api.md").read_text().partition("## What there is")[2].partition("\nIn detail")[0]
    found = [line.strip("| ").split(" | ") for line in table.splitlines() if "`" in line]
    return {row[0]: re.findall(r"`([A-Z]+ /v1/[^`?]*)[^`]*`", row[1]) for row in found}


@dataclass
class Walk:
    """Calls, and what became of each route's first."""

    hub: RunningHub
    things: dict[str, str] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)

    def call(self, route: str, body: Any = None, query: str = "", **headers: str) -> Json:
        """Calls a route that works; its JSON."""
        method, path = route.split(" ", 1)
        told = path.removeprefix("/v1").format(**self.things) + query
        reply = self.hub.api(method, told, body, **headers)
        self.answered.setdefault(route, reply.status_code)
        assert reply.ok, f"{method} {told}: {reply.status_code} {reply.text}"
        return dict(reply.json()) if "json" in reply.headers.get("content-type", "") and reply.content else {}

    def order(self) -> str:
        """A new order of the store's own, accepted unless it is the first."""
        items = [
            {"name": "Veggie Burger", "sku": self.things["sku"], "quantity": 2, "unit_price": 950},
            {"name": "Lemonade", "unit_price": 300},
        ]
        made = self.call(
            "POST /v1/orders",
            {
                "store_id": self.things["store_id"],
                "customer": {"name": "Sam Doe", "phone": self.things["phone"]},
                "items": items,
                "payment": {"method": "cash", "prepaid": True},
            },
        )
        self.things |= {"order_id": made["id"], "item_id": made["items"][0]["id"]}
        return str(made["id"])

    def accepted(self) -> str:
        order_id = self.order()
        self.call("PUT /v1/orders/{order_id}/accept", {"prep_minutes": 20, "note": "called back"})
        return order_id


@pytest.fixture(scope="module")
def walk(hub: RunningHub) -> Walk:
    """All calls of a day, made once."""
    made = Walk(hub, {"sku": "BURGER-V", "phone": "+1 312 555 0142"})
    open_store(made)
    order_from_start_to_end(made)
    order_that_goes_wrong(made)
    lists_and_figures(made)
    reports(made)
    clean_up(made)
    return made


def open_store(walk: Walk) -> None:
    store = walk.call("POST /v1/stores", {"name": "Row Kitchen", "time_zone": "America/Chicago", "currency": "USD"})
    walk.things["store_id"] = store["id"]
    walk.call("GET /v1/stores")
    assert walk.call("GET /v1/stores/{store_id}")["name"] == "Row Kitchen"
    assert walk.call("PATCH /v1/stores/{store_id}", {"prep_minutes": 15})["prep_minutes"] == 15
    square = played()["square"]
    connection = {
        "platform": "square",
        "name": "Square",
        "default_store_id": store["id"],
        "stores": {square.store_ids(): store["id"]},
        "settings": square.settings(walk.hub.file.standins["square"]),
        "credentials": square.credentials(square.secret),
    }
    walk.things["connection_id"] = walk.call("POST /v1/connections", connection)["id"]
    walk.call("GET /v1/connections")
    walk.call("GET /v1/connections/{connection_id}")
    walk.call("PATCH /v1/connections/{connection_id}", {"name": "Square, main till"})
    walk.call("POST /v1/connections/{connection_id}/verify")
    walk.things["employee_id"] = "emp_7"
    walk.call("PUT /v1/stores/{store_id}/employees/{employee_id}", {"name": "Kim", "role": "store_employee"})
    walk.call("GET /v1/stores/{store_id}/employees")
    assert walk.call("GET /v1/stores/{store_id}/employees/{employee_id}")["name"] == "Kim"
    key = {"name": "till", "role": "store_employee", "stores": [store["id"]]}
    walk.things["key_id"] = walk.call("POST /v1/api-keys", key)["id"]
    walk.call("GET /v1/api-keys")
    walk.call("PUT /v1/stores/{store_id}/status", {"is_open": False, "reason": "oven"})
    assert walk.call("GET /v1/stores/{store_id}/status")
    walk.call("PUT /v1/stores/{store_id}/items/{sku}/availability", {"available": False})
    walk.call("GET /v1/stores/{store_id}/items/{sku}/availability")
    assert walk.call("GET /v1/stores/{store_id}/items/availability")["items"]
    walk.call("PUT /v1/stores/{store_id}/stock", {"counts": [{"sku": walk.things["sku"], "on_hand": 40}]})
    walk.call("PUT /v1/stores/{store_id}/stock/{sku}", {"on_hand": 50})
    walk.call("PATCH /v1/stores/{store_id}/stock/{sku}", {"low_threshold": 5})
    walk.call("POST /v1/stores/{store_id}/stock/{sku}/adjustments", {"delta": -1, "reason": "dropped"})
    assert walk.call("GET /v1/stores/{store_id}/stock")["stock"]
    assert walk.call("GET /v1/stores/{store_id}/stock/{sku}")["on_hand"] == "49"


def order_from_start_to_end(walk: Walk) -> None:
    walk.order()
    of_store = f"&store_id={walk.things['store_id']}"
    (incoming,) = walk.call("GET /v1/orders", query=f"?status=incoming{of_store}")["orders"]
    assert incoming["id"] == walk.things["order_id"]
    assert walk.call("GET /v1/orders/counts", query=f"?{of_store[1:]}")
    walk.call("PUT /v1/orders/{order_id}/accept", {"prep_minutes": 20})
    assert "bagging" in walk.call("GET /v1/orders/{order_id}")["allowed_actions"]
    walk.call("PATCH /v1/orders/{order_id}/ready-time", {"prep_minutes": 25})
    assert len(walk.call("GET /v1/orders/{order_id}/items")["items"]) == 2
    walk.call("PATCH /v1/orders/{order_id}/items/{item_id}", {"status": "preparing", "picked_quantity": 1})
    assert walk.call("GET /v1/orders/{order_id}/items/{item_id}")["history"]
    fewer = {"edits": [{"action": "reduce_quantity", "item_id": walk.things["item_id"], "quantity": 1}]}
    assert walk.call("PATCH /v1/orders/{order_id}/cart", fewer)["difference"]["difference"] == -950
    for step in ("bagging", "ready"):
        walk.call(f"PUT /v1/orders/{{order_id}}/{step}")
    assert walk.call("POST /v1/orders/{order_id}/undo")["status"] == "bagging"
    walk.call("PUT /v1/orders/{order_id}/ready")
    walk.call("PUT /v1/orders/{order_id}/picked_up", {"handed_to": "Alex"})
    assert walk.call("GET /v1/orders/{order_id}/delivery")["handed_to"] == "Alex"
    assert walk.call("PUT /v1/orders/{order_id}/complete")["status"] == "completed"
    kinds = [event["type"] for event in walk.call("GET /v1/orders/{order_id}/timeline")["events"]]
    assert kinds[0] == "order.created"
    assert kinds[-1] == "order.completed"
    walk.things["job_id"] = walk.call("POST /v1/orders/{order_id}/reprint", {"copies": 2})["id"]
    assert walk.call("GET /v1/stores/{store_id}/prints")["jobs"]
    walk.call("DELETE /v1/stores/{store_id}/prints/{job_id}")


def order_that_goes_wrong(walk: Walk) -> None:
    denied = walk.order()
    walk.call("PUT /v1/orders/{order_id}/deny", {"reason": "OUT_OF_STOCK"})
    walk.accepted()
    walk.call("PUT /v1/orders/{order_id}/cancel", {"reason": "OTHER", "details": "the roof leaks"})
    assert walk.hub.ask("GET", f"/orders/{denied}")["status"] == "denied"
    walk.accepted()
    walk.call("PUT /v1/orders/{order_id}/complete")
    issue = walk.call("POST /v1/orders/{order_id}/issues", {"type": "missing_items", "description": "no lemonade"})
    walk.things["issue_id"] = issue["id"]
    walk.call("PATCH /v1/orders/{order_id}/issues/{issue_id}", {"priority": "high", "status": "investigating"})
    walk.call("POST /v1/orders/{order_id}/issues/{issue_id}/comments", {"text": "called her"})
    photo = {"name": "bag.png", "content_type": "image/png", "size": len(PHOTO)}
    upload = walk.call("POST /v1/orders/{order_id}/issues/{issue_id}/attachments", photo)
    sent = requests.post(upload["url"], data=upload["fields"], files={"file": PHOTO}, timeout=30)
    assert sent.ok, sent.text
    walk.things["attachment_id"] = upload["attachment"]["id"]
    link = walk.call("GET /v1/orders/{order_id}/issues/{issue_id}/attachments/{attachment_id}")
    assert requests.get(link["url"], timeout=30).content == PHOTO
    assert walk.call("GET /v1/orders/{order_id}/issues/{issue_id}")["comments"]
    assert walk.call("GET /v1/orders/{order_id}/issues")["issues"]
    assert walk.call("GET /v1/issues", query=f"?store_id={walk.things['store_id']}")["issues"]
    assert walk.call("POST /v1/orders/{order_id}/refunds", {"amount": 300, "reason": "no lemonade"})["amount"] == 300
    assert walk.call("GET /v1/orders/{order_id}/refunds")["refunds"]


def lists_and_figures(walk: Walk) -> None:
    of_store = f"?store_id={walk.things['store_id']}"
    assert len(walk.call("GET /v1/stores/{store_id}/orders", query="?status=completed,cancelled,denied")["orders"]) == 4
    walk.call("GET /v1/stores/{store_id}/orders/export", query="?format=csv")
    history = eventually(
        lambda: walk.call("GET /v1/orders/history", query=of_store), lambda one: one["period_summary"]["orders"] == 4
    )
    assert history["period_summary"]["cancellation_rate"] == 0.5
    for figure in ("items", "hours", "issues"):
        walk.call(f"GET /v1/analytics/{figure}", query=of_store)
    eventually(
        lambda: walk.call("GET /v1/stores/{store_id}/stock/{sku}/history")["movements"], lambda found: len(found) > 3
    )
    assert walk.call("GET /v1/audit", query="?limit=10")["changes"]
    line = connect(walk.hub, "square")
    walk.things["order_id"] = line.order_id(line.receive())
    walk.call("POST /v1/orders/{order_id}/resend")


def reports(walk: Walk) -> None:
    asked = {"url": walk.hub.file.standins["square"], "store_ids": [walk.things["store_id"]], "events": ["stock.low"]}
    made = walk.call("POST /v1/subscriptions", asked)
    assert made["secret"].startswith("whsec_")
    walk.things["subscription_id"] = made["id"]
    assert walk.call("GET /v1/subscriptions")["subscriptions"]
    assert walk.call("GET /v1/subscriptions/event-types")["event_types"]
    assert "secret" not in walk.call("GET /v1/subscriptions/{subscription_id}")
    walk.call("PATCH /v1/subscriptions/{subscription_id}", {"events": ["stock.out"]})
    walk.things["delivery_id"] = walk.call("POST /v1/subscriptions/{subscription_id}/test", {"type": "stock.low"})["id"]
    eventually(
        lambda: walk.call("GET /v1/subscriptions/{subscription_id}/deliveries")["deliveries"],
        lambda found: found[0]["state"] == "failed",  # that platform takes no reports
    )
    assert walk.call("GET /v1/subscriptions/{subscription_id}/deliveries/{delivery_id}")["log"][0]["error"] == "http"
    walk.call("POST /v1/subscriptions/{subscription_id}/deliveries/{delivery_id}/replay")
    walk.call("POST /v1/subscriptions/{subscription_id}/replay", {"since": "2026-01-01T00:00:00Z"})
    walk.call("POST /v1/subscriptions/{subscription_id}/rotate-secret", {"overlap_hours": 1})
    assert walk.call("POST /v1/subscriptions/{subscription_id}/disable")["state"] == "disabled"
    assert walk.call("POST /v1/subscriptions/{subscription_id}/enable")["state"] == "enabled"
    walk.call("DELETE /v1/subscriptions/{subscription_id}")


def clean_up(walk: Walk) -> None:
    person = {"store_id": walk.things["store_id"], "phone": walk.things["phone"]}
    eventually(lambda: walk.call("POST /v1/customers/search", person)["orders"], lambda found: len(found) == 4)
    walk.call("POST /v1/customers/export", person)
    walk.call("POST /v1/customers/erase", {**person, "confirm": True})
    assert walk.call("POST /v1/customers/search", person)["orders"] == []
    walk.call("DELETE /v1/stores/{store_id}/stock/{sku}")
    walk.call("DELETE /v1/stores/{store_id}/employees/{employee_id}")
    walk.call("DELETE /v1/api-keys/{key_id}")
    walk.call("DELETE /v1/connections/{connection_id}")


@pytest.mark.parametrize("row", rows())
def test_each_row_of_the_table_is_served(walk: Walk, row: str) -> None:
    assert rows()[row], "no route is named"
    assert {
        route: walk.answered.get(route) for route in rows()[row] if walk.answered.get(route) not in (200, 201, 202, 204)
    } == {}
