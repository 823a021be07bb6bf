"""Stock over HTTP: orders reserve, take and return goods exactly once, and a shop that sells them too hears of it."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

SKU = "FRIES-L"


@pytest.fixture(scope="module")
def shop(hub: RunningHub) -> Line:
    """A store with a shop of WooCommerce, whose products it sells at the counter as well."""
    return connect(hub, "woocommerce")


@pytest.fixture(scope="module")
def keys(hub: RunningHub, shop: Line) -> dict[str, str]:
    return {role: hub.add_key(role, shop.store_id) for role in ("viewer", "store_employee", "store_manager")}


def path(line: Line, sku: str = SKU) -> str:
    return f"/stores/{line.store_id}/stock/{sku}"


def sell(hub: RunningHub, line: Line, sku: str, quantity: int) -> str:
    """An order made at the counter; its id."""
    items = [{"name": "anything", "sku": sku, "quantity": quantity, "unit_price": 300}]
    return str(hub.ask("POST", "/orders", {"store_id": line.store_id, "fulfillment": "pickup", "items": items})["id"])


def numbers(found: Json) -> tuple[str, str, str]:
    return found["on_hand"], found["reserved"], found["available"]


def comes_to(hub: RunningHub, line: Line, sku: str, *wanted: str) -> Json:
    """The stock, once it is on hand, reserved and available as wanted."""
    return eventually(lambda: hub.ask("GET", path(line, sku)), lambda found: numbers(found) == wanted)


def told(hub: RunningHub, line: Line) -> list[int]:
    """The numbers that the shop was told."""
    calls: list[Json] = hub.vendor(line.slug, "GET", "calls")["calls"]
    return [
        call["body"]["stock_quantity"] for call in calls if call["method"] == "PUT" and "/products/" in call["path"]
    ]


def heard(hub: RunningHub, line: Line, number: int) -> list[int]:
    """All the shop was told, once that number has arrived."""

    def has(found: Json) -> bool:
        (row,) = found["platforms"]
        return (row["told"], row["sync"]["state"]) == (number, "confirmed")

    eventually(lambda: hub.ask("GET", path(line)), has)
    return told(hub, line)


def test_the_goods_of_orders_are_reserved_taken_and_returned(hub: RunningHub, shop: Line, keys: dict[str, str]) -> None:
    counted = hub.api("PUT", path(shop), {"on_hand": 40}, key=keys["store_employee"])
    assert (counted.status_code, counted.headers["etag"]) == (200, '"1"')
    assert heard(hub, shop, 40)[-1] == 40

    first, second = sell(hub, shop, SKU, 3), sell(hub, shop, SKU, 2)
    comes_to(hub, shop, SKU, "40", "5", "35")
    assert heard(hub, shop, 35)[-1] == 35
    hub.ask("PUT", f"/orders/{first}/accept")
    hub.ask("PUT", f"/orders/{first}/complete")
    hub.ask("PUT", f"/orders/{second}/cancel", {"reason": "CUSTOMER_REQUEST"})
    comes_to(hub, shop, SKU, "37", "0", "37")
    assert heard(hub, shop, 37)[-1] == 37

    moves = hub.ask("GET", f"{path(shop)}/history", key=keys["viewer"])["movements"]
    assert sorted((one["kind"], one["on_hand"], one["reserved"]) for one in moves) == [
        ("counted", "40", "0"),
        ("released", "0", "-2"),
        ("reserved", "0", "2"),
        ("reserved", "0", "3"),
        ("taken", "-3", "-3"),
    ]
    assert {one["order_id"] for one in moves} == {None, first, second}


def test_a_shop_is_not_told_of_what_it_sold_itself(hub: RunningHub, shop: Line) -> None:
    hub.ask("PUT", path(shop), {"on_hand": 90})
    before = heard(hub, shop, 90)
    made = shop.receive(order_with(shop, SKU))
    lines = hub.wait_for(shop.order_id(made))["items"]
    quantity = sum(Decimal(item["quantity"]) for item in lines if item["sku"] == SKU)
    left = 90 - int(quantity)
    comes_to(hub, shop, SKU, "90", str(quantity), str(left))
    sell(hub, shop, SKU, 1)
    assert heard(hub, shop, left - 1) == [*before, left - 1]


def order_with(line: Line, sku: str) -> Json:
    """The shop's next order that has an item in it."""
    return next(order for order in iter(line.new_order, None) if sku in {one["sku"] for one in order["line_items"]})


def test_many_orders_at_once_come_to_the_piece(hub: RunningHub, shop: Line, keys: dict[str, str]) -> None:
    counts = {"counts": [{"sku": sku, "on_hand": 100, "low_threshold": 90} for sku in ("MANY-1", "MANY-2")]}
    assert len(hub.ask("PUT", f"/stores/{shop.store_id}/stock", counts, key=keys["store_manager"])["stock"]) == 2

    def buy(number: int) -> None:
        order_id = sell(hub, shop, "MANY-1", 2)
        if number % 3 == 0:
            hub.ask("PUT", f"/orders/{order_id}/accept")
            hub.ask("PUT", f"/orders/{order_id}/complete")
        elif number % 3 == 1:
            hub.ask("PUT", f"/orders/{order_id}/cancel", {"reason": "CUSTOMER_REQUEST"})

    with ThreadPoolExecutor(6) as tills:
        list(tills.map(buy, range(12)))
    found = comes_to(hub, shop, "MANY-1", "92", "8", "84")
    assert found["level"] == "low"
    low = hub.ask("GET", f"/stores/{shop.store_id}/stock?low=true", key=keys["viewer"])
    assert [one["sku"] for one in low["stock"]] == ["MANY-1"]
    moves = hub.ask("GET", f"{path(shop, 'MANY-1')}/history?limit=100")["movements"]
    assert sum(Decimal(one["on_hand"]) for one in moves) == 92
    assert sum(Decimal(one["reserved"]) for one in moves) == 8
    crossings = [name for one in reversed(moves) for name in one["events"]]
    assert crossings[::2] == ["stock.low"] * len(crossings[::2])
    assert crossings[1::2] == ["stock.ok"] * len(crossings[1::2])
    assert crossings[-1] == "stock.low"


def test_goods_that_come_in_are_added_once_and_only_by_who_may(
    hub: RunningHub, shop: Line, keys: dict[str, str]
) -> None:
    one = path(shop, "SHELF-1")
    hub.ask("PUT", one, {"on_hand": 2}, key=keys["store_employee"])
    adjust, delivery = f"{one}/adjustments", {"delta": 6, "reason": "delivery"}
    with ThreadPoolExecutor(5) as hands:
        replies = list(hands.map(lambda _: hub.api("POST", adjust, delivery, idempotency_key="delivery-1"), range(5)))
    assert {reply.status_code for reply in replies} == {200}
    assert hub.ask("GET", one)["on_hand"] == "8"
    assert hub.api("POST", adjust, delivery, key=keys["viewer"]).status_code == 403
    assert hub.api("PATCH", one, {"low_threshold": 3}, key=keys["store_employee"]).status_code == 403
    assert hub.ask("PATCH", one, {"low_threshold": 8}, key=keys["store_manager"])["level"] == "low"
    assert hub.api("DELETE", one, key=keys["store_manager"]).status_code == 204
    assert hub.api("GET", one).status_code == 404
    stranger = hub.add_key("store_manager", hub.add_store())
    assert hub.api("GET", one, key=stranger).status_code == 404
