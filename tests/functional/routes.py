"""Every route of the staff API, with what it takes and the least role that may call it. The code is held against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from orderhub.order.models import Customer
from orderhub.service.access import Role
from tests.functional.conftest import NOW
from tests.functional.hub import ADMIN as EVERYTHING
from tests.functional.hub import STORE, Hub
from tests.functional.made import stored
from tests.functional.vendors import PLATFORMS
from tests.unit.made import an_item

VIEWER, EMPLOYEE, MANAGER, ADMIN = Role
OPEN = {("GET", "/v1/openapi.json"), ("GET", "/v1/docs")}


@dataclass(frozen=True)
class Route:
    """A route. {names} in path, query and body stand for things of a store; see `furnish`."""

    method: str
    path: str
    least: Role
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names_a_store(self) -> bool:
        """Whether a call can be about one store or another."""
        return "{" in f"{self.path}{self.query}{self.body}".replace("{}", "").replace("{'", "")

    def filled(self, things: dict[str, str]) -> tuple[str, str, Any, dict[str, str]]:
        """Method, path, body and query of a call about these things."""
        return self.method, _filled(self.path, things), _filled(self.body, things), _filled(self.query, things)


def _filled(given: Any, things: dict[str, str]) -> Any:
    if isinstance(given, dict):
        return {name: _filled(value, things) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, things) for value in given]
    if isinstance(given, str):
        for name, value in things.items():
            given = given.replace("{" + name + "}", value)
    return given


REFUSAL = {"reason": "OUT_OF_STOCK"}
OF_ONE_STORE = {"store_id": "{store_id}"}
REMOVE = {"action": "remove_item", "item_id": "{item_id}"}
ITEMS = [{"name": "Tea", "unit_price": 300}]
CONNECTION = {
    "platform": "square",
    "name": "x",
    "default_store_id": "{store_id}",
    "credentials": PLATFORMS["square"].credentials("key"),
}
SUBSCRIPTION = {"url": "https://pos.example.com/hooks", "store_ids": ["{store_id}"]}
_SUBSCRIPTION = "/v1/subscriptions/{subscription_id}"
_ORDER = "/v1/orders/{order_id}"
_STORE = "/v1/stores/{store_id}"

ROUTES: list[Route] = [
    Route("GET", "/v1/orders", VIEWER),
    Route("POST", "/v1/orders", EMPLOYEE, {"store_id": "{store_id}", "items": ITEMS}),
    Route("GET", "/v1/orders/counts", VIEWER, query=OF_ONE_STORE),
    Route("GET", "/v1/orders/history", VIEWER, query=OF_ONE_STORE),
    Route("GET", "/v1/analytics/hours", VIEWER, query=OF_ONE_STORE),
    Route("GET", "/v1/analytics/items", VIEWER, query=OF_ONE_STORE),
    Route("GET", "/v1/analytics/issues", VIEWER, query=OF_ONE_STORE),
    Route("GET", _ORDER, VIEWER),
    Route("GET", f"{_ORDER}/timeline", VIEWER),
    Route("GET", f"{_ORDER}/delivery", VIEWER),
    *(
        Route(method, f"{_ORDER}/{action}", EMPLOYEE, REFUSAL if action in ("deny", "cancel") else None)
        for action in ("accept", "deny", "cancel", "bagging", "ready", "picked_up", "complete")
        for method in ("PUT", "POST")
    ),
    Route("POST", f"{_ORDER}/undo", EMPLOYEE),
    Route("POST", f"{_ORDER}/resend", EMPLOYEE),
    Route("POST", f"{_ORDER}/reprint", EMPLOYEE),
    Route("PATCH", f"{_ORDER}/ready-time", EMPLOYEE, {"prep_minutes": 5}),
    Route("PATCH", f"{_ORDER}/cart", EMPLOYEE, {"edits": [REMOVE], "dry_run": True}),
    Route("GET", f"{_ORDER}/items", VIEWER),
    Route("GET", f"{_ORDER}/items/{{item_id}}", VIEWER),
    Route("PATCH", f"{_ORDER}/items/{{item_id}}", EMPLOYEE, {"notes": "x"}),
    Route("GET", f"{_ORDER}/refunds", VIEWER),
    Route("POST", f"{_ORDER}/refunds", MANAGER, {"reason": "x"}),
    Route("GET", "/v1/issues", VIEWER, query=OF_ONE_STORE),
    Route("GET", f"{_ORDER}/issues", VIEWER),
    Route("POST", f"{_ORDER}/issues", EMPLOYEE, {"type": "other", "description": "x"}),
    Route("GET", f"{_ORDER}/issues/{{issue_id}}", VIEWER),
    Route("PATCH", f"{_ORDER}/issues/{{issue_id}}", EMPLOYEE, {"priority": "low"}),
    Route("POST", f"{_ORDER}/issues/{{issue_id}}/comments", EMPLOYEE, {"text": "x"}),
    Route(
        "POST",
        f"{_ORDER}/issues/{{issue_id}}/attachments",
        EMPLOYEE,
        {"name": "a.png", "content_type": "image/png", "size": 9},
    ),
    Route("GET", f"{_ORDER}/issues/{{issue_id}}/attachments/{{attachment_id}}", VIEWER),
    Route("GET", "/v1/stores", VIEWER),
    Route("POST", "/v1/stores", ADMIN, {"name": "x"}),
    Route("GET", _STORE, VIEWER),
    Route("PATCH", _STORE, MANAGER, {"name": "x"}),
    Route("GET", f"{_STORE}/orders", VIEWER),
    Route("GET", f"{_STORE}/orders/export", VIEWER),
    Route("GET", f"{_STORE}/status", VIEWER),
    Route("PUT", f"{_STORE}/status", MANAGER, {"is_open": False}),
    Route("GET", f"{_STORE}/items/availability", VIEWER),
    Route("GET", f"{_STORE}/items/{{sku}}/availability", VIEWER),
    Route("PUT", f"{_STORE}/items/{{sku}}/availability", EMPLOYEE, {"available": False}),
    Route("GET", f"{_STORE}/employees", MANAGER),
    Route("GET", f"{_STORE}/employees/{{employee_id}}", MANAGER),
    Route("PUT", f"{_STORE}/employees/{{employee_id}}", MANAGER, {"name": "x", "role": "viewer"}),
    Route("DELETE", f"{_STORE}/employees/{{employee_id}}", MANAGER),
    Route("GET", f"{_STORE}/stock", VIEWER),
    Route("PUT", f"{_STORE}/stock", EMPLOYEE, {"counts": [{"sku": "{sku}", "on_hand": 5}]}),
    Route("GET", f"{_STORE}/stock/{{sku}}", VIEWER),
    Route("PUT", f"{_STORE}/stock/{{sku}}", EMPLOYEE, {"on_hand": 5}),
    Route("PATCH", f"{_STORE}/stock/{{sku}}", MANAGER, {"low_threshold": 2}),
    Route("DELETE", f"{_STORE}/stock/{{sku}}", MANAGER),
    Route("POST", f"{_STORE}/stock/{{sku}}/adjustments", EMPLOYEE, {"delta": 1}),
    Route("GET", f"{_STORE}/stock/{{sku}}/history", VIEWER),
    Route("GET", f"{_STORE}/prints", VIEWER),
    Route("DELETE", f"{_STORE}/prints/{{job_id}}", EMPLOYEE),
    Route("POST", "/v1/customers/search", EMPLOYEE, {**OF_ONE_STORE, "phone": "+1 555 0100"}),
    Route("POST", "/v1/customers/export", MANAGER, {**OF_ONE_STORE, "order_id": "{order_id}"}),
    Route("POST", "/v1/customers/erase", ADMIN, {**OF_ONE_STORE, "order_id": "{order_id}", "confirm": True}),
    Route("GET", "/v1/connections", MANAGER),
    Route("POST", "/v1/connections", ADMIN, CONNECTION),
    Route("GET", "/v1/connections/{connection_id}", MANAGER),
    Route("PATCH", "/v1/connections/{connection_id}", ADMIN, {"name": "x"}),
    Route("DELETE", "/v1/connections/{connection_id}", ADMIN),
    Route("POST", "/v1/connections/{connection_id}/verify", MANAGER),
    Route("GET", "/v1/subscriptions", MANAGER),
    Route("POST", "/v1/subscriptions", ADMIN, SUBSCRIPTION),
    Route("GET", "/v1/subscriptions/event-types", VIEWER),
    Route("GET", _SUBSCRIPTION, MANAGER),
    Route("PATCH", _SUBSCRIPTION, ADMIN, {"description": "x"}),
    Route("DELETE", _SUBSCRIPTION, ADMIN),
    Route("POST", f"{_SUBSCRIPTION}/rotate-secret", ADMIN),
    Route("POST", f"{_SUBSCRIPTION}/enable", MANAGER),
    Route("POST", f"{_SUBSCRIPTION}/disable", MANAGER),
    Route("POST", f"{_SUBSCRIPTION}/test", MANAGER),
    Route("POST", f"{_SUBSCRIPTION}/replay", MANAGER, {"since": "2026-10-01T00:00:00Z"}),
    Route("GET", f"{_SUBSCRIPTION}/deliveries", MANAGER),
    Route("GET", f"{_SUBSCRIPTION}/deliveries/{{delivery_id}}", MANAGER),
    Route("POST", f"{_SUBSCRIPTION}/deliveries/{{delivery_id}}/replay", MANAGER),
    Route("GET", "/v1/api-keys", ADMIN),
    Route("POST", "/v1/api-keys", ADMIN, {"name": "x", "role": "viewer", "stores": ["{store_id}"]}),
    Route("DELETE", "/v1/api-keys/{key_id}", ADMIN),
    Route("GET", "/v1/audit", ADMIN),
]


def mark(store_id: str) -> str:
    """A word that is in everything of a store, and nowhere else."""
    return f"only-at-{store_id}"


def furnish(hub: Hub, store_id: str) -> dict[str, str]:
    """A store with one of everything; the ids of it all."""
    word = mark(store_id)
    if store_id == STORE:  # each hub begins with it
        _made(hub, "PATCH", f"/v1/stores/{STORE}", {"name": word})
    else:
        hub.add_store(store_id, name=word)
    order_id, sku = f"ord-{store_id}", f"sku-{store_id}"
    stored(
        order_id,
        store_id=store_id,
        placed_at=NOW,
        display_id=word,
        customer=Customer(name=word, phone="+15550100", email=f"{word}@example.com"),
        items=[an_item(id=f"itm-{store_id}", sku=sku, name=word)],
        notes=word,
    )
    order, store = f"/v1/orders/{order_id}", f"/v1/stores/{store_id}"
    made = {
        "issue_id": _made(hub, "POST", f"{order}/issues", {"type": "other", "description": word}),
        "job_id": _made(hub, "POST", f"{order}/reprint"),
        "employee_id": _made(hub, "PUT", f"{store}/employees/emp-{store_id}", {"name": word, "role": "store_employee"}),
        "key_id": _made(hub, "POST", "/v1/api-keys", {"name": word, "role": "viewer", "stores": [store_id]}),
    }
    photo = {"name": f"{word}.png", "content_type": "image/png", "size": 9}
    made["attachment_id"] = _made(hub, "POST", f"{order}/issues/{made['issue_id']}/attachments", photo)
    _made(hub, "PUT", f"{store}/stock/{sku}", {"on_hand": 7})
    connection_id = hub.connect("square", store=store_id, name=word)
    _made(hub, "PUT", f"{store}/items/{sku}/availability", {"available": False})
    asked = {"url": "https://pos.example.com/hooks", "store_ids": [store_id], "description": word}
    subscription_id = _made(hub, "POST", "/v1/subscriptions", asked)
    made["delivery_id"] = _made(hub, "POST", f"/v1/subscriptions/{subscription_id}/test")
    return {
        "store_id": store_id,
        "order_id": order_id,
        "item_id": f"itm-{store_id}",
        "sku": sku,
        "connection_id": connection_id,
        "subscription_id": subscription_id,
        **made,
    }


def _made(hub: Hub, method: str, path: str, body: Any = None) -> str:
    reply = hub.api(method, path, body, caller=EVERYTHING)
    assert reply.status in (200, 201, 202), reply
    made: str = reply.json.get("attachment", reply.json).get("id", "")
    return made


def nothing(things: dict[str, str]) -> dict[str, str]:
    """Ids of the same kinds, of which there is none."""
    return {name: f"{name}-none" for name in things}
