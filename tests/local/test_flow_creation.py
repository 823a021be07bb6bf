"""Orders that staff make, for now and for later, and changes of the cart, over HTTP: to a platform and back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.local.hub import Json, RunningHub, eventually
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


# --- for later --------------------------------------------------------------------------------------------------------


def later(store_id: str, ahead: timedelta, **changes: object) -> Json:
    """An order for some time from now."""
    return new(store_id, scheduled_for=(datetime.now(UTC) + ahead).isoformat(), **changes)


def listed(hub: RunningHub, store_id: str) -> tuple[list[str], list[str]]:
    """The orders of a store that are open, and those that wait for their time."""
    waiting = hub.ask("GET", f"/orders?waiting=true&store_id={store_id}")["orders"]
    return [one["id"] for one in hub.open_orders(store_id)], [one["id"] for one in waiting]


def entered(hub: RunningHub, order_id: str) -> list[Json]:
    return [one for one in hub.timeline(order_id) if one["type"] == "order.entered"]


def test_an_order_for_later_is_not_among_the_open_ones(hub: RunningHub) -> None:
    store_id = hub.add_store(prep_minutes=20)
    asked = later(store_id, timedelta(hours=2))
    tried = hub.ask("POST", "/orders?dry_run=true", asked)
    made = hub.ask("POST", "/orders", asked)

    enters_at = datetime.fromisoformat(made["enters_at"])
    assert enters_at == datetime.fromisoformat(asked["scheduled_for"]) - timedelta(minutes=20)
    assert (made["status"], tried["enters_at"]) == ("incoming", made["enters_at"])
    assert listed(hub, store_id) == ([], [made["id"]])
    assert hub.ask("GET", f"/orders/{made['id']}")["enters_at"] == made["enters_at"]
    counts = hub.ask("GET", f"/orders/counts?store_id={store_id}")
    assert (counts["open"], counts["unacknowledged"]) == (0, 0)
    assert hub.ask("GET", f"/orders/history?store_id={store_id}")["period_summary"]["orders"] == 0


def test_an_order_whose_time_has_come_enters_once_though_several_schedules_run(hub: RunningHub) -> None:
    store_id = hub.add_store()
    soon = later(store_id, timedelta(seconds=6), prep_minutes=0)
    made = hub.ask("POST", "/orders", soon)["id"]
    distant = hub.ask("POST", "/orders", later(store_id, timedelta(hours=5)))["id"]
    assert listed(hub, store_id) == ([], [made, distant])

    def due() -> tuple[list[str], list[str]]:
        with ThreadPoolExecutor(3) as schedules:
            for done in [schedules.submit(hub.invoke, "due") for _ in range(3)]:  # each minute, by as many as may be
                done.result()
        return listed(hub, store_id)

    eventually(due, lambda found: found == ([made], [distant]))
    due()

    order = hub.order(made)
    assert order is not None
    assert (order["status"], order["enters_at"], order["version"]) == ("incoming", None, 2)
    assert order["times"]["incoming"] >= order["scheduled_for"]
    assert hub.told(made) == [("staff", "order.created", "applied"), ("system", "order.entered", "applied")]
    assert [one["cause"]["name"] for one in entered(hub, made)] == ["schedule"]
    assert entered(hub, distant) == []
    assert hub.ask("GET", f"/orders/counts?store_id={store_id}")["unacknowledged"] == 1


def test_an_order_for_later_may_be_accepted_early_or_cancelled(hub: RunningHub) -> None:
    store_id = hub.add_store()
    early, unwanted = (hub.ask("POST", "/orders", later(store_id, timedelta(hours=hours)))["id"] for hours in (3, 4))

    accepted = hub.ask("PUT", f"/orders/{early}/accept")
    cancelled = hub.ask("PUT", f"/orders/{unwanted}/cancel", {"reason": "CUSTOMER_REQUEST"})

    assert (accepted["status"], accepted["enters_at"]) == ("accepted", None)
    assert (cancelled["status"], cancelled["enters_at"]) == ("cancelled", None)
    assert listed(hub, store_id) == ([early], [])
    assert [entered(hub, one) for one in (early, unwanted)] == [[], []]


# --- the cart ---------------------------------------------------------------------------------------------------------


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
