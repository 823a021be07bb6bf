"""Stock as orders move it, exactly once; and what platforms are told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from local.standins.samples.shopify import LOCATION_ID
from orderhub.errors import Retry
from orderhub.intake.connections import forget_connections
from orderhub.order.events import Actor
from orderhub.order.models import Item, Order
from orderhub.order.status import CLOSED, Status
from orderhub.order.stock import NOTHING, Place, holds
from orderhub.storage import links, orders, stock, timelines
from orderhub.storage.aws import client
from orderhub.storage.movements import stock_id
from tests.functional import cloud
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, function, queue_url, stream_record
from tests.functional.made import changed, store, stored
from tests.unit.made import an_item

Numbers = tuple[str, str, str]


class Stream:
    """The orders table's stream, as its second reader gets it: each item as it was last written."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], Any] = {}

    def new(self) -> list[dict[str, Any]]:
        images = cloud.images()
        found = [
            stream_record(image, "MODIFY" if key in self.seen else "INSERT")
            for key, image in images.items()
            if (key[1] == "ORDER" or key[1].startswith("SKU#")) and key[0][0] in "OS" and self.seen.get(key) != image
        ]
        self.seen = dict(images)
        return found

    def flow(self) -> None:
        """Lets all that was written be booked, and what follows from that."""
        while records := self.new():
            give(*records)


def give(*records: Mapping[str, Any]) -> None:
    function("streams.books")({"Records": list(records)}, None)


@pytest.fixture
def stream(hub: Hub) -> Stream:
    return Stream()


def count(hub: Hub, sku: str, on_hand: float, store_id: str = STORE, **told: Any) -> None:
    reply = hub.api("PUT", f"/v1/stores/{store_id}/stock/{sku}", {"on_hand": on_hand, **told})
    assert reply.status == 200, reply


def shown(hub: Hub, sku: str, store_id: str = STORE) -> dict[str, Any]:
    reply = hub.api("GET", f"/v1/stores/{store_id}/stock/{sku}")
    assert reply.status == 200, reply
    found: dict[str, Any] = reply.json
    return found


def numbers(hub: Hub, sku: str, store_id: str = STORE) -> Numbers:
    """On hand, reserved, available."""
    found = shown(hub, sku, store_id)
    return found["on_hand"], found["reserved"], found["available"]


def lines(hub: Hub, sku: str) -> list[tuple[str, str, str]]:
    """The history, oldest first: kind, how much more on hand, how much more reserved."""
    reply = hub.api("GET", f"/v1/stores/{STORE}/stock/{sku}/history")
    return [(one["kind"], one["on_hand"], one["reserved"]) for one in reversed(reply.json["movements"])]


def goods(sku: str, quantity: float = 1, **told: Any) -> Item:
    return an_item(id=f"itm_{sku}", sku=sku, quantity=Decimal(str(quantity)), **told)


def placed(*items: Item, order_id: str = "ord_1", **told: Any) -> Order:
    return stored(order_id, **{"store_id": STORE, "placed_at": NOW, "items": list(items), **told})


def becomes(order: Order, status: Status, **told: Any) -> Order:
    return store(changed(order, status=status, times={**order.times, status: NOW}, **told))


def happened(sku: str) -> list[str]:
    """The events of a stock, as reporting finds them in the stream."""
    prefix = f"O#{stock_id(Place(STORE, sku))}"
    return [row["type"] for row in cloud.events() if row["pk"] == prefix]


# --- what orders do ---------------------------------------------------------------------------------------------------


def test_the_goods_of_an_order_are_reserved_then_taken(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10)
    order = placed(goods("A", 2))
    stream.flow()
    assert numbers(hub, "A") == ("10", "2", "8")
    order = becomes(order, Status.ACCEPTED)
    stream.flow()
    assert numbers(hub, "A") == ("10", "2", "8")
    becomes(order, Status.COMPLETED)
    stream.flow()
    assert numbers(hub, "A") == ("8", "0", "8")
    assert lines(hub, "A") == [("counted", "10", "0"), ("reserved", "0", "2"), ("taken", "-2", "-2")]


@pytest.mark.parametrize("end", [Status.CANCELLED, Status.DENIED])
def test_the_goods_of_an_order_that_ends_early_are_back(hub: Hub, stream: Stream, end: Status) -> None:
    count(hub, "A", 10)
    order = placed(goods("A", 2))
    stream.flow()
    becomes(order, end)
    stream.flow()
    assert numbers(hub, "A") == ("10", "0", "10")
    assert lines(hub, "A")[-1] == ("released", "0", "-2")


def test_a_correction_of_the_platform_brings_goods_back(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10)
    order = becomes(placed(goods("A", 2)), Status.COMPLETED)
    stream.flow()
    assert numbers(hub, "A") == ("8", "0", "8")
    order = becomes(order, Status.CANCELLED)
    stream.flow()
    becomes(order, Status.ACCEPTED)
    stream.flow()
    assert numbers(hub, "A") == ("10", "2", "8")


def test_what_was_picked_is_taken(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10)
    order = placed(goods("A", 2.5))
    stream.flow()
    assert numbers(hub, "A") == ("10", "2.5", "7.5")
    becomes(order, Status.COMPLETED, items=[goods("A", 2.5, picked_quantity=Decimal("2.25"))])
    stream.flow()
    assert numbers(hub, "A") == ("7.75", "0", "7.75")


def test_another_cart_holds_other_goods(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10)
    count(hub, "B", 10)
    order = placed(goods("A", 2))
    stream.flow()
    store(changed(order, items=[goods("A"), goods("B", 3)]))
    stream.flow()
    assert (numbers(hub, "A"), numbers(hub, "B")) == (("10", "1", "9"), ("10", "3", "7"))


def test_more_is_sold_than_there_is_and_the_stock_says_so(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 1)
    placed(goods("A", 3))
    stream.flow()
    found = shown(hub, "A")
    assert (found["available"], found["oversold"], found["level"]) == ("-2", "2", "out")


def test_open_orders_that_came_before_the_item_was_kept_hold_it_from_then_on(hub: Hub, stream: Stream) -> None:
    early, other = placed(goods("A", 2)), placed(goods("B", 2), order_id="ord_2")
    becomes(placed(goods("A", 3), order_id="ord_3"), Status.COMPLETED)
    stream.flow()
    count(hub, "A", 10)
    stream.flow()
    assert numbers(hub, "A") == ("10", "2", "8")
    becomes(early, Status.COMPLETED)
    becomes(other, Status.COMPLETED)
    stream.flow()
    assert numbers(hub, "A") == ("8", "0", "8")


def test_what_was_completed_before_the_count_is_part_of_it(hub: Hub, stream: Stream, clock: Clock) -> None:
    order = becomes(placed(goods("A", 3)), Status.COMPLETED)
    clock.wait(60)
    count(hub, "A", 10)
    stream.flow()
    store(changed(order, notes="a parcel number came later"))
    stream.flow()
    assert numbers(hub, "A") == ("10", "0", "10")


def test_an_item_that_is_no_longer_kept_is_left_alone_and_begins_anew(hub: Hub, stream: Stream, clock: Clock) -> None:
    count(hub, "A", 10)
    order = placed(goods("A", 2))
    stream.flow()
    assert hub.api("DELETE", f"/v1/stores/{STORE}/stock/A").status == 204
    clock.wait(60)
    store(changed(order, notes="anything"))
    stream.flow()
    assert hub.api("GET", f"/v1/stores/{STORE}/stock/A").error == (404, "ITEM_NOT_FOUND")
    count(hub, "A", 5)
    stream.flow()
    assert numbers(hub, "A") == ("5", "2", "3")
    assert [kind for kind, _, _ in lines(hub, "A")] == ["counted", "reserved", "removed", "counted", "reserved"]


def test_an_order_that_moves_frees_the_goods_of_its_first_store(hub: Hub, stream: Stream) -> None:
    hub.add_store("sto_other")
    count(hub, "A", 10)
    order = placed(goods("A", 2))
    stream.flow()
    store(changed(order, store_id="sto_other"))
    stream.flow()
    assert numbers(hub, "A") == ("10", "0", "10")


def test_an_order_of_more_items_than_one_transaction_takes(hub: Hub, stream: Stream) -> None:
    skus = [f"S{number:03}" for number in range(60)]
    counts = {"counts": [{"sku": sku, "on_hand": 5} for sku in skus]}
    assert hub.api("PUT", f"/v1/stores/{STORE}/stock", counts).status == 200
    order = placed(*(goods(sku, 2) for sku in skus))
    stream.flow()
    assert {numbers(hub, sku) for sku in skus} == {("5", "2", "3")}
    becomes(order, Status.CANCELLED)
    stream.flow()
    assert {numbers(hub, sku) for sku in skus} == {("5", "0", "5")}


# --- exactly once -----------------------------------------------------------------------------------------------------


def test_a_batch_that_comes_again_books_nothing_twice(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10)
    order = becomes(placed(goods("A", 2)), Status.COMPLETED)
    records = stream.new()
    for _ in range(3):
        give(*records)
    assert numbers(hub, "A") == ("8", "0", "8")
    early = records
    becomes(order, Status.CANCELLED)
    stream.flow()
    give(*early)
    assert numbers(hub, "A") == ("10", "0", "10")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_day_in_any_order_and_twice_comes_to_the_same(hub: Hub, stream: Stream, seed: int) -> None:
    random, skus = Random(seed), ["A", "B", "C"]  # noqa: S311
    for sku in skus:
        count(hub, sku, 100)
    last, records = dict[str, Order](), stream.new()
    for number in range(8):
        order = placed(*_some(random, skus), order_id=f"ord_{number}")
        records += stream.new()
        while order.status not in CLOSED and random.random() < 0.8:
            status = random.choice([Status.ACCEPTED, Status.READY, Status.COMPLETED, Status.CANCELLED])
            order = becomes(order, status, items=_some(random, skus))
            records += stream.new()
        last[order.id] = order
    records *= 2
    random.shuffle(records)
    for start in range(0, len(records), 7):
        give(*records[start : start + 7])
    for sku in skus:
        held = [holds(order).get(Place(STORE, sku), NOTHING) for order in last.values()]
        kept = stock.get(Place(STORE, sku))
        assert kept is not None
        assert kept.on_hand == 100_000 - sum(one.taken for one in held)
        assert kept.reserved == sum(one.reserved for one in held)


def _some(random: Random, skus: list[str]) -> list[Item]:
    return [goods(sku, random.randint(1, 4)) for sku in random.sample(skus, random.randint(1, 3))]


def test_when_somebody_else_moves_the_stock_meanwhile_it_is_looked_at_again(
    hub: Hub, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(hub, "A", 10)
    placed(goods("A", 2))
    records, book = stream.new(), stock.book

    def late(*given: Any) -> bool:
        monkeypatch.setattr(stock, "book", book)
        path = f"/v1/stores/{STORE}/stock/A/adjustments"
        assert hub.api("POST", path, {"delta": 5}).status == 200
        return book(*given)

    monkeypatch.setattr(stock, "book", late)
    give(*records)
    assert numbers(hub, "A") == ("15", "2", "13")


def test_a_stock_that_never_holds_still_comes_back_later(
    hub: Hub, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(hub, "A", 10)
    placed(goods("A", 2))
    monkeypatch.setattr(stock, "book", lambda *_: False)
    with pytest.raises(Retry, match="faster than it can be booked"):
        stream.flow()
    assert numbers(hub, "A") == ("10", "0", "10")


def test_where_nobody_keeps_stock_an_order_costs_one_read(hub: Hub, stream: Stream) -> None:
    order = placed(goods("A", 2))
    placed(goods("B"), order_id="ord_2")
    assert calls(stream) == ["GetItem"]
    assert orders.get(order.id) == order


def test_an_order_that_holds_what_it_held_is_only_looked_at(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10)
    order = placed(goods("A", 2))
    stream.flow()
    becomes(order, Status.ACCEPTED)
    assert calls(stream) == ["GetItem", "Query"]


def calls(stream: Stream) -> list[str]:
    """What the next batch asks of DynamoDB."""
    found: list[str] = []
    hook = "before-call.dynamodb"
    client("dynamodb").meta.events.register(hook, lambda model, **_: found.append(model.name), unique_id="counting")
    give(*stream.new())
    client("dynamodb").meta.events.unregister(hook, unique_id="counting")
    return found


# --- low and out ------------------------------------------------------------------------------------------------------


def test_one_event_for_each_time_it_falls(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10, low_threshold=5)
    placed(goods("A", 4))
    stream.flow()
    assert happened("A") == []
    second = placed(goods("A", 1), order_id="ord_2")
    stream.flow()
    third = placed(goods("A", 5), order_id="ord_3")
    stream.flow()
    assert sorted(happened("A")) == ["stock.low", "stock.out"]
    becomes(third, Status.CANCELLED)
    stream.flow()
    assert sorted(happened("A")) == ["stock.low", "stock.out"]
    becomes(second, Status.CANCELLED)
    stream.flow()
    assert sorted(happened("A")) == ["stock.low", "stock.ok", "stock.out"]
    moves = hub.api("GET", f"/v1/stores/{STORE}/stock/A/history").json["movements"]
    assert [one["events"] for one in reversed(moves)] == [[], [], ["stock.low"], ["stock.out"], [], ["stock.ok"]]


def test_an_event_says_what_is_left_and_whose_order_it_was(hub: Hub, stream: Stream) -> None:
    count(hub, "A", 10, low_threshold=8.5)
    placed(goods("A", 2))
    stream.flow()
    event = timelines.timeline(stock_id(Place(STORE, "A")))[0]
    assert (event.type, event.cause.actor, event.platform) == ("stock.low", Actor.SYSTEM, "direct")
    assert event.summary == {
        "store_id": STORE,
        "sku": "A",
        "on_hand": "10",
        "reserved": "2",
        "available": "8",
        "low_threshold": "8.5",
        "order_id": "ord_1",
    }


def test_the_list_of_what_is_low_reads_nothing_else(hub: Hub, stream: Stream) -> None:
    counts = [{"sku": f"S{number:02}", "on_hand": number, "low_threshold": 2} for number in range(30)]
    assert hub.api("PUT", f"/v1/stores/{STORE}/stock", {"counts": counts}).status == 200
    first = hub.api("GET", f"/v1/stores/{STORE}/stock", query={"low": "true", "limit": 2}).json
    rest = hub.api("GET", f"/v1/stores/{STORE}/stock", query={"low": "true", "cursor": first["next_cursor"]}).json
    assert [(one["sku"], one["level"]) for one in first["stock"]] == [("S00", "out"), ("S01", "low")]
    assert ([one["sku"] for one in rest["stock"]], rest["next_cursor"]) == (["S02"], None)


# --- what platforms are told ------------------------------------------------------------------------------------------

DISH = "FRIES-L"


@pytest.fixture
def shopify(hub: Hub) -> str:
    return hub.connect("shopify", settings={"location_id": str(LOCATION_ID)})


def told(hub: Hub, sku: str = DISH) -> dict[str, tuple[int | None, str]]:
    """By platform: the number it has taken last, and what became of the last one."""
    return {one["platform"]: (one["told"], one["sync"]["state"]) for one in shown(hub, sku)["platforms"]}


def sets(hub: Hub, slug: str = "shopify") -> list[int]:
    """The numbers that Shopify was told."""
    calls = [call for call in hub.vendors.calls(slug) if "inventorySetQuantities" in str(call["body"])]
    return [call["body"]["variables"]["input"]["quantities"][0]["quantity"] for call in calls]


def known(hub: Hub) -> list[int | None]:
    """What Shopify was taken to hold, each time."""
    calls = [call for call in hub.vendors.calls("shopify") if "inventorySetQuantities" in str(call["body"])]
    return [call["body"]["variables"]["input"]["quantities"][0]["changeFromQuantity"] for call in calls]


def sold_at(connection_id: str, quantity: int, order_id: str = "ord_1", platform: str = "shopify") -> Order:
    return placed(goods(DISH, quantity), order_id=order_id, connection_id=connection_id, platform=platform)


def test_platforms_are_told_what_is_available(hub: Hub, stream: Stream, shopify: str, uber: str) -> None:
    count(hub, DISH, 20)
    assert told(hub) == {"shopify": (None, "pending"), "uber_eats": (None, "unsupported")}
    stream.flow()
    assert hub.work("push_stock") == 0
    assert told(hub)["shopify"] == (20, "confirmed")
    order = sold_at(uber, 3, platform="uber_eats")
    stream.flow()
    assert told(hub)["shopify"] == (20, "pending")
    hub.work("push_stock")
    becomes(order, Status.COMPLETED)
    stream.flow()
    hub.work("push_stock")
    assert (sets(hub), known(hub)) == ([20, 17], [None, 20])
    assert told(hub)["shopify"] == (17, "confirmed")


def test_only_the_last_of_many_levels_is_told(hub: Hub, stream: Stream, shopify: str) -> None:
    for on_hand in (20, 19, 18):
        count(hub, DISH, on_hand)
        give(*stream.new())
    assert hub.work("push_stock") == 0
    assert sets(hub) == [18]


def test_a_platform_that_counts_by_itself_is_not_told_of_its_own_sales(hub: Hub, stream: Stream, shopify: str) -> None:
    count(hub, DISH, 20)
    stream.flow()
    hub.work("push_stock")
    order = sold_at(shopify, 3)
    stream.flow()
    hub.work("push_stock")
    assert (sets(hub), told(hub)["shopify"]) == ([20], (20, "confirmed"))
    becomes(order, Status.CANCELLED)
    sold_at("con_elsewhere", 1, "ord_2", "uber_eats")
    stream.flow()
    hub.work("push_stock")
    assert (sets(hub), known(hub)) == ([20, 19], [None, 20])


def test_a_shop_that_counts_its_own_sales_and_the_hub_come_to_the_same(hub: Hub, stream: Stream) -> None:
    woo = hub.connect("woocommerce")
    shop: Any = hub.vendors.app.vendors["woocommerce"]
    first = hub.order(hub.receive(woo)).items[0]
    sku = first.sku or ""
    product = next(one for one in shop.shop.products.values() if one["sku"] == sku)

    count(hub, sku, 100)
    stream.flow()
    hub.work("push_stock")
    left = 100 - int(first.quantity)
    assert (product["stock_quantity"], told(hub, sku)["woocommerce"]) == (left, (left, "confirmed"))
    puts = [call for call in hub.vendors.made("woocommerce") if call[0] == "PUT"]

    second = hub.order(hub.receive(woo, 9))
    quantity = sum(item.quantity for item in second.items if item.sku == sku)
    assert quantity > 0
    stream.flow()
    hub.work("push_stock")
    assert product["stock_quantity"] == Decimal(numbers(hub, sku)[2]) == left - quantity
    assert [call for call in hub.vendors.made("woocommerce") if call[0] == "PUT"] == puts

    placed(goods(sku, 4), order_id="ord_1")
    stream.flow()
    assert hub.work("push_stock") == 0
    assert product["stock_quantity"] == Decimal(numbers(hub, sku)[2])


def test_a_sale_we_have_yet_to_hear_of_is_waited_for(
    hub: Hub, stream: Stream, shopify: str, uber: str, clock: Clock
) -> None:
    count(hub, DISH, 20)
    stream.flow()
    hub.work("push_stock")
    at_shopify(hub, 18)
    sold_at(uber, 1, platform="uber_eats")
    stream.flow()
    assert hub.work("push_stock") == 1
    assert told(hub)["shopify"] == (20, "retrying")
    sold_at(shopify, 2, "ord_2")
    stream.flow()
    clock.wait(minutes=10)
    assert hub.work("push_stock") == 0
    assert (known(hub), sets(hub)[-1]) == ([None, 20, 18], 17)
    assert told(hub)["shopify"] == (17, "confirmed")


def test_in_the_end_our_number_counts(hub: Hub, stream: Stream, shopify: str, uber: str, clock: Clock) -> None:
    count(hub, DISH, 20)
    stream.flow()
    hub.work("push_stock")
    at_shopify(hub, 3)
    sold_at(uber, 1, platform="uber_eats")
    stream.flow()
    assert attempts(hub, clock) == 4
    assert (known(hub), told(hub)["shopify"]) == ([None, 20, 20, 20, None], (19, "confirmed"))


def at_shopify(hub: Hub, quantity: int) -> None:
    """What Shopify holds by now, whoever changed it."""
    shop: Any = hub.vendors.app.vendors["shopify"]
    shop.shop.stock = dict.fromkeys(shop.shop.stock, quantity)


def attempts(hub: Hub, clock: Clock) -> int:
    """Works until nothing comes back; how often it took."""
    for attempt in range(1, 20):
        if hub.work("push_stock") == 0:
            return attempt
        clock.wait(hours=2)
    raise AssertionError("it never comes to an end")


def test_a_failure_shows_until_it_is_mended(hub: Hub, stream: Stream, shopify: str, clock: Clock) -> None:
    hub.vendors.fault("shopify", match={"body_contains": "inventorySetQuantities"}, times=1, status=503)
    count(hub, DISH, 20)
    stream.flow()
    assert hub.work("push_stock") == 1
    row = next(one for one in shown(hub, DISH)["platforms"] if one["platform"] == "shopify")
    assert (row["told"], row["sync"]["state"], row["sync"]["attempts"]) == (None, "retrying", 1)
    assert "503" in row["sync"]["detail"]
    clock.wait(minutes=1)
    assert hub.work("push_stock") == 0
    assert told(hub)["shopify"] == (20, "confirmed")


def test_a_number_that_may_have_arrived_is_told_again(
    hub: Hub, stream: Stream, shopify: str, uber: str, clock: Clock
) -> None:
    count(hub, DISH, 20)
    stream.flow()
    hub.work("push_stock")
    fault = {"match": {"body_contains": "inventorySetQuantities"}, "status": 502, "after_effect": True}
    hub.vendors.fault("shopify", times=1, **fault)
    order = sold_at(uber, 1, platform="uber_eats")
    stream.flow()
    assert hub.work("push_stock") == 1
    becomes(order, Status.CANCELLED)
    stream.flow()
    clock.wait(minutes=1)
    attempts(hub, clock)
    assert told(hub)["shopify"] == (20, "confirmed")
    assert sets(hub)[-1] == 20


def test_a_platform_without_the_item_is_asked_again_when_somebody_counts(
    hub: Hub, stream: Stream, shopify: str
) -> None:
    count(hub, "NOWHERE", 5)
    stream.flow()
    assert hub.work("push_stock") == 0
    assert told(hub, "NOWHERE") == {"shopify": (None, "failed")}
    asked = len(hub.vendors.calls("shopify"))
    placed(goods("NOWHERE"))
    stream.flow()
    hub.work("push_stock")
    assert len(hub.vendors.calls("shopify")) == asked
    count(hub, "NOWHERE", 5)
    stream.flow()
    hub.work("push_stock")
    assert len(hub.vendors.calls("shopify")) > asked


def test_a_platform_is_told_by_the_id_it_knows(hub: Hub, stream: Stream) -> None:
    hub.connect("toast")
    count(hub, DISH, 4)
    given = {"external_item_ids": {"toast": "1234"}}
    assert hub.api("PATCH", f"/v1/stores/{STORE}/stock/{DISH}", given).status == 200
    stream.flow()
    assert hub.work("push_stock") == 0
    rows = [
        json.loads(call["body"]) for call in hub.vendors.calls("toast") if call["path"].endswith("/inventory/update")
    ]
    assert rows == [[{"multiLocationId": "1234", "status": "QUANTITY", "quantity": 4}]]


def test_while_one_worker_tells_another_waits(hub: Hub, stream: Stream, shopify: str, clock: Clock) -> None:
    count(hub, DISH, 4)
    stream.flow()
    links.claim(stock_id(Place(STORE, DISH)), shopify, clock.now, timedelta(seconds=75))
    assert hub.work("push_stock") == 1
    assert sets(hub) == []
    clock.wait(minutes=10)
    assert hub.work("push_stock") == 0
    assert sets(hub) == [4]


def test_a_connection_that_is_gone_is_told_nothing(hub: Hub, stream: Stream, shopify: str) -> None:
    count(hub, DISH, 4)
    stream.flow()
    assert hub.api("DELETE", f"/v1/connections/{shopify}").status == 204
    forget_connections()
    assert hub.work("push_stock") == 0
    count(hub, DISH, 5)
    stream.flow()
    assert cloud.waiting(queue_url("push_stock")) == []


def test_an_item_that_is_no_longer_kept_is_not_told(hub: Hub, stream: Stream, shopify: str) -> None:
    count(hub, DISH, 4)
    stream.flow()
    assert hub.api("DELETE", f"/v1/stores/{STORE}/stock/{DISH}").status == 204
    assert hub.work("push_stock") == 0
    assert sets(hub) == []


def test_of_many_messages_that_fail_one_comes_back(hub: Hub, stream: Stream, shopify: str, clock: Clock) -> None:
    hub.vendors.fault("shopify", match={"body_contains": "inventorySetQuantities"}, times=3, status=503)
    for on_hand in (20, 19, 18):
        count(hub, DISH, on_hand)
        give(*stream.new())
    assert hub.work("push_stock") == 1
    assert sets(hub) == [18, 18, 18]
    clock.wait(minutes=1)
    assert hub.work("push_stock") == 0
    assert told(hub)["shopify"] == (18, "confirmed")
    assert cloud.waiting(queue_url("push_stock")) == []


def test_a_message_that_was_given_up_leaves_the_next_one_its_tries(
    hub: Hub, stream: Stream, shopify: str, clock: Clock
) -> None:
    hub.vendors.fault("shopify", match={"body_contains": "inventorySetQuantities"}, times=13, status=503)
    count(hub, DISH, 20)
    stream.flow()
    for _ in range(12):
        assert hub.work("push_stock") == 1
        clock.wait(hours=2)
    assert (hub.work("push_stock"), told(hub)["shopify"]) == (0, (None, "failed"))
    sold_at("con_elsewhere", 1, platform="uber_eats")
    stream.flow()
    assert hub.work("push_stock") == 1
    clock.wait(minutes=1)
    assert (hub.work("push_stock"), told(hub)["shopify"]) == (0, (19, "confirmed"))
