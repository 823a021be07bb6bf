"""Orders that staff make, and changes of the cart, over HTTP: to the end of an order, and to a platform and back."""

from uuid import uuid4

import pytest

from tests.local.hub import Json, RunningHub
from tests.local.line import connect

LINES: list[Json] = [
    {"name": "Veggie Burger", "sku": "BURGER-V", "quantity": 2, "unit_price": 950, "modifiers": []},
    {"name": "Lemonade", "sku": "LEMONADE", "unit_price": 300},
]


@pytest.fixture(scope="module")
def store_id(hub: RunningHub) -> str:
    return hub.add_store()


@pytest.fixture(scope="module")
def key(hub: RunningHub, store_id: str) -> str:
    """The key of an employee of the store."""
    return hub.add_key("store_employee", store_id)


def new(store_id: str, **changes: object) -> Json:
    home = {"line1": "1 Main Street", "city": "Springfield"}
    least = {"store_id": store_id, "fulfillment": "delivery", "address": home, "items": LINES, "tax": 220, "tip": 100}
    return {**least, **changes}


def test_an_order_made_by_staff_is_made_once_and_goes_to_its_end(hub: RunningHub, store_id: str, key: str) -> None:
    once = uuid4().hex
    tried = hub.ask("POST", "/orders?dry_run=true", new(store_id), key=key, idempotency_key=once)
    assert (tried["version"], tried["amounts"]["total"]) == (0, 2520)
    assert hub.open_orders(store_id) == []

    answers = [hub.api("POST", "/orders", new(store_id), key=key, idempotency_key=once) for _ in range(2)]
    assert [reply.status_code for reply in answers] == [201, 201]
    made = answers[0].json()
    assert answers[1].json() == made
    assert (made["channel"], made["amounts"]["total"], made["sync"]["state"]) == ("LulaDirect", 2520, "not_needed")
    other = hub.api("POST", "/orders", new(store_id, tip=0), key=key, idempotency_key=once)
    assert (other.status_code, other.json()["error"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert [one["id"] for one in hub.open_orders(store_id)] == [made["id"]]

    for action in ("accept", "bagging", "ready", "picked_up", "complete"):
        assert hub.ask("PUT", f"/orders/{made['id']}/{action}", key=key)["sync"]["state"] == "not_needed"
    told = hub.told(made["id"])
    assert (told[0], len(told)) == (("staff", "order.created", "applied"), 6)
    assert {actor for actor, _, _ in told} == {"staff"}


def test_the_cart_of_such_an_order_is_changed_at_once(hub: RunningHub, store_id: str, key: str) -> None:
    made = hub.ask("POST", "/orders", new(store_id), key=key)
    burger, lemonade = (item["id"] for item in made["items"])
    path = f"/orders/{made['id']}/cart"
    cake = {"action": "add_item", "item": {"name": "Cake", "unit_price": 400}}
    edits = [
        {"action": "reduce_quantity", "item_id": burger, "quantity": 1},
        {"action": "update_item", "item_id": lemonade, "quantity": 3, "notes": "no ice"},
        cake,
    ]
    tried = hub.ask("PATCH", path, {"edits": edits, "dry_run": True}, key=key)
    assert (tried["difference"]["difference"], tried["customer_approval_needed"]) == (55, True)
    assert tried["order"]["version"] == 1

    refused = hub.api("PATCH", path, {"edits": edits}, key=key)
    assert (refused.status_code, refused.json()["error"]) == (409, "CONFIRMATION_REQUIRED")
    old = hub.api("PATCH", path, {"edits": edits, "customer_approved": True}, key=key, if_match='"7"')
    assert (old.status_code, old.json()["error"]) == (412, "VERSION_CONFLICT")
    changed = hub.ask("PATCH", path, {"edits": edits, "customer_approved": True}, key=key, if_match='"1"')
    assert [(item["name"], item["total"]) for item in changed["order"]["items"]] == [
        ("Veggie Burger", 950),
        ("Lemonade", 900),
        ("Cake", 400),
    ]
    assert changed["order"]["amounts"]["total"] == tried["difference"]["after"] == 2575


def test_a_platform_takes_a_change_and_then_the_order_has_it(hub: RunningHub) -> None:
    line = connect(hub, "woocommerce")
    order_id = line.order_id(line.receive())
    before = hub.wait_for(order_id, lambda order: len(order["items"]) > 1)
    *_, last = before["items"]
    path = f"/orders/{order_id}/cart"

    asked = hub.ask("PATCH", path, {"edits": [{"action": "remove_item", "item_id": last["id"]}]})
    assert asked["order"]["cart"]["state"] == "pending"
    assert asked["order"]["items"] == before["items"]

    after = hub.wait_for(order_id, lambda order: order["cart"]["state"] != "pending")
    assert (after["cart"]["state"], len(after["items"])) == ("confirmed", len(before["items"]) - 1)
    assert after["amounts"]["total"] == asked["difference"]["after"]
    told = [(actor, kind) for actor, kind, _ in hub.told(order_id) if kind.startswith("cart.")]
    assert told == [("staff", "cart.changed"), ("system", "cart.confirmed")]

    cake = {"action": "add_item", "item": {"name": "Cake", "unit_price": 400}}
    refused = hub.api("PATCH", path, {"edits": [cake], "customer_approved": True})
    assert (refused.status_code, refused.json()["error"]) == (409, "UNSUPPORTED")
