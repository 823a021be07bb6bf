"""Our own calls to the stand-in for WooCommerce: every operation, every way to prove one, every refusal, the poll."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from local.standins.samples import woocommerce as samples
from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.order.ids import item_id
from orderhub.order.messages import OrderReference, OrderSnapshot
from orderhub.order.models import StatusReason, Tracking
from orderhub.order.pricing import check_sums
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.base import CartEdit, Done, ItemAvailability, RefundRequest, StockLevel
from orderhub.platforms.woocommerce import PLATFORM
from tests.platforms.samples import AnyConnection
from tests.unit.standins_client import START, VendorHttp
from tests.unit.test_standins_woocommerce import HTTP, HTTPS, Shop, connect, stock_of


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The shop, on a clock that is everybody's."""
    with time_machine.travel(START, tick=False):
        yield Shop()


@pytest.fixture(params=["key", "key in query", "signature", "rest_route", "signed rest_route"])
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    plain = {"base_url": f"{HTTP}/woocommerce"}
    by_route = {"pretty_permalinks": False}
    ways: dict[str, dict[str, Any]] = {
        "key": {},
        "key in query": {"key_in_query": True},
        "signature": plain,
        "rest_route": by_route,
        "signed rest_route": {**plain, **by_route},
    }
    return ways[request.param]


class Store:
    """Our side of one order of the shop: what staff would do to it."""

    def __init__(self, shop: Shop, n: int = 1, *, held: bool = True, **settings: Any) -> None:
        self.shop, self.connection = shop, connect(**settings)
        self.http = VendorHttp(shop, self.connection)
        body = samples.order(n, placed_at=START)
        self.order_id = shop.put("woocommerce", body) if held else str(body["id"])
        self.order = PLATFORM.to_order(body, self.connection)

    def do(self, operation: str, *arguments: Any, **changes: Any) -> Done:
        """An operation on the order, twice: a repeat changes nothing."""
        order = self.order.model_copy(update=changes)
        first: Done = getattr(PLATFORM, operation)(order, *arguments, self.connection, self.http)
        before = self.held()
        getattr(PLATFORM, operation)(order, *arguments, self.connection, self.http)
        assert self.held() == before
        return first

    def held(self) -> Any:
        return self.shop.held("woocommerce", self.order_id)

    def notes(self) -> list[str]:
        return [note["note"].partition(" [ref")[0] for note in self.held()["notes"]]


def test_an_order_can_be_read_by_every_way_to_prove_a_call(shop: Shop, settings: dict[str, Any]) -> None:
    store = Store(shop, **settings)
    reference = OrderReference(delivery_key="d", external_id=store.order_id)

    fetched = PLATFORM.fetch(reference, store.connection, store.http, START)

    assert PLATFORM.to_order(fetched.payload, store.connection) == store.order
    assert fetched.source_version == "2026-10-05T17:00:00.000000Z"


REASON = StatusReason(code=CancelReason.OUT_OF_STOCK, details="no beetroot")
DENIED = {"status": Status.DENIED, "status_reason": REASON}
CANCELLED = {"status": Status.CANCELLED, "status_reason": REASON}
NEW_TIME = "New time, ready at 2026-10-05 13:00 (America/New_York)"


@pytest.mark.parametrize(
    ("operation", "changes", "own", "status", "note"),
    [
        ("accept", {"status": Status.ACCEPTED}, {}, "processing", "Accepted by the store"),
        ("accept", {"status": Status.ACCEPTED}, {"accepted_status": "taken"}, "taken", "Accepted by the store"),
        ("deny", DENIED, {}, "cancelled", "Denied by the store (OUT_OF_STOCK: no beetroot)"),
        ("cancel", CANCELLED, {}, "cancelled", "Cancelled by the store (OUT_OF_STOCK: no beetroot)"),
        ("bagging", {}, {}, "processing", "Being prepared"),
        ("bagging", {}, {"bagging_status": "taken"}, "taken", "Being prepared"),
        ("ready", {}, {}, "processing", "Ready"),
        ("ready", {}, {"ready_status": "taken"}, "taken", "Ready"),
        ("picked_up", {}, {}, "processing", "Left the store"),
        ("complete", {}, {}, "completed", None),
        ("set_ready_time", {"ready_at": START}, {}, "processing", NEW_TIME),
    ],
)  # fmt: skip
def test_what_staff_do_reaches_the_shop_once(
    shop: Shop, operation: str, changes: dict[str, Any], own: dict[str, Any], status: str, note: str | None
) -> None:
    shop.settle(own_statuses=["taken"])
    store = Store(shop, **own)

    store.do(operation, **changes)

    assert (store.held()["status"], store.notes()) == (status, [note] if note else [])


@pytest.mark.parametrize("reason", list(CancelReason))
def test_every_reason_reaches_the_shop_in_words(shop: Shop, reason: CancelReason) -> None:
    store = Store(shop)

    store.do("deny", status=Status.DENIED, status_reason=StatusReason(code=reason))

    assert store.notes() == [f"Denied by the store ({reason})"]


def test_a_cancelled_order_that_was_paid_says_where_the_money_is(shop: Shop) -> None:
    done = Store(shop).do("cancel", status=Status.CANCELLED)

    assert done.note == "WooCommerce keeps the payment: give it back with a refund"


def test_a_first_try_whose_answer_got_lost_is_not_made_twice(shop: Shop) -> None:
    store = Store(shop)
    shop.fault("woocommerce", match={"method": "POST", "path_contains": "/notes"}, status=500, after_effect=True)

    with pytest.raises(Retry):
        PLATFORM.ready(store.order, store.connection, store.http)
    PLATFORM.ready(store.order, store.connection, store.http)

    assert store.notes() == ["Ready"]


def test_parcels_are_told_once_and_those_of_others_stay(shop: Shop) -> None:
    store = Store(shop)
    tracking = [Tracking(carrier="Posti", code="JJFI1", url="https://track.example.com/JJFI1")]

    store.do("add_tracking", tracking=tracking)
    store.do("add_tracking", tracking=[*tracking, Tracking(carrier="Budbee", code="B9")])

    meta = next(one["value"] for one in store.held()["meta_data"] if one["key"] == "_wc_shipment_tracking_items")
    assert [(one["tracking_provider"], one["tracking_number"], len(one["tracking_id"])) for one in meta] == [
        ("posti", "JJFI1", 32),
        ("budbee", "B9", 32),
    ]
    assert meta[0]["date_shipped"] == str(int(START.timestamp()))
    assert [note["customer_note"] for note in store.held()["notes"]] == [True, True]
    assert store.notes()[1] == "Your order is on its way: Budbee B9"


def test_lines_are_changed_and_the_sums_still_agree(shop: Shop) -> None:
    store = Store(shop, n=5)
    first, second, third = store.order.items

    store.do(
        "edit_cart",
        [
            CartEdit("reduce", second.id, quantity=second.quantity - 1),
            CartEdit("substitute", third.id, substitute_external_id="95"),
        ],
    )

    changed = PLATFORM.to_order(store.held(), store.connection)
    assert [(item.sku, item.quantity) for item in changed.items] == [
        (first.sku, first.quantity),
        (second.sku, second.quantity - 1),
        ("COOKIE-OAT", third.quantity),
    ]
    assert check_sums(changed) == []


def test_a_line_is_given_back_with_its_tax_and_its_goods(shop: Shop) -> None:
    store = Store(shop, n=1)
    line = store.held()["line_items"][1]
    amount = round((float(line["total"]) + float(line["total_tax"])) * 100)
    before = stock_of(shop, line["sku"])

    done = store.do("refund", RefundRequest(amount=amount, item_ids=[item_id(str(line["id"]))], reason="Cold", key="k"))

    (refund,) = store.held()["refunds"]
    assert (done.ids, done.note) == ({"refund": str(refund["id"])}, None)
    assert (refund["total"], refund["reason"].partition(" [ref")[0]) == (f"-{samples.decimal(amount)}", "Cold")
    assert stock_of(shop, line["sku"]) == before + line["quantity"]


def test_two_refunds_alike_are_two_by_their_keys(shop: Shop) -> None:
    store = Store(shop, n=1)

    for key in ("k1", "k2"):
        store.do("refund", RefundRequest(amount=100, key=key))

    assert [one["total"] for one in store.held()["refunds"]] == ["-1.00", "-1.00"]


def test_what_was_paid_at_the_door_is_given_back_in_the_books(shop: Shop) -> None:
    with pytest.raises(Reject) as refused:
        Store(shop, n=3).do("refund", RefundRequest(amount=100))
    store = Store(shop, n=7, api_refund=False)
    store.do("refund", RefundRequest(amount=100))

    assert refused.value.code == "WOOCOMMERCE_REST_CANNOT_CREATE_ORDER_REFUND"
    assert [one["total"] for one in store.held()["refunds"]] == ["-1.00"]


@pytest.mark.parametrize("sku", ["FRIES-L", "COOKIE-OAT"])
def test_stock_is_set_and_an_item_taken_off_sale(shop: Shop, sku: str) -> None:
    connection = connect()
    http = VendorHttp(shop, connection)

    PLATFORM.set_stock(StockLevel("any", "", 7, sku=sku, known=50), connection, http)
    counted = stock_of(shop, sku)
    off = PLATFORM.set_item_availability(ItemAvailability("any", "", available=False, sku=sku), connection, http)
    (row,) = shop.get(f"/products?sku={sku}")

    assert (counted, row["stock_status"], row["manage_stock"]) == (7, "outofstock", False)
    assert off.note == "WooCommerce no longer counts this item: set its stock to have it counted again"
    PLATFORM.set_item_availability(ItemAvailability("any", "", available=True, sku=sku), connection, http)
    assert shop.get(f"/products?sku={sku}")[0]["stock_status"] == "instock"


def test_a_number_that_was_overtaken_is_due_again(shop: Shop) -> None:
    connection = connect()

    with pytest.raises(Retry, match="holds 50"):
        PLATFORM.set_stock(StockLevel("any", "", 7, sku="FRIES-L", known=49), connection, VendorHttp(shop, connection))


def test_the_shop_is_asked_for_its_webhooks(shop: Shop) -> None:
    url = "https://hub.example.com/webhooks/woocommerce/con_test"
    topics = ("order.created", "order.updated", "order.deleted")
    rows = [
        {"id": n, "name": "Hub", "status": "active", "topic": one, "delivery_url": url} for n, one in enumerate(topics)
    ]
    rows[1]["status"] = "disabled"
    shop.settle(webhooks=rows)
    connection = connect()

    done = PLATFORM.verify_connection(connection, VendorHttp(shop, connection))

    assert done.note == "connected to the shop; its webhook 'Hub' (order.updated) is disabled: activate it again"


# --- its refusals, as our calls see them --------------------------------------------------------------------------


def read_only(shop: Shop) -> None:
    shop.settle(permissions="read")


def down(shop: Shop) -> None:
    shop.fault("woocommerce", status=503, times=9, headers={"Retry-After": "7"})


def firewall(shop: Shop) -> None:
    shop.fault("woocommerce", status=403, times=9, body="<html>Blocked</html>")


def too_many(shop: Shop) -> None:
    shop.fault("woocommerce", status=429, times=9)


def nothing(shop: Shop) -> None:
    """Nothing happens."""


@pytest.mark.parametrize(
    ("happens", "more", "error", "told"),
    [
        (read_only, {}, Misconfigured, "does not have write permissions"),
        (nothing, {"accepted_status": "unheard-of"}, Reject, "Invalid parameter(s): status"),
        (nothing, {"held": False}, Reject, "Invalid ID."),
        (nothing, {"base_url": f"{HTTPS}/elsewhere"}, Misconfigured, "no WooCommerce API"),
        (down, {}, Retry, "503"),
        (firewall, {}, Retry, "403"),
        (too_many, {}, Retry, "429"),
    ],
)
def test_a_refusal_is_understood(
    shop: Shop, happens: Callable[[Shop], None], more: dict[str, Any], error: type[HubError], told: str
) -> None:
    store = Store(shop, **more)
    happens(shop)

    with pytest.raises(error, match=told.replace("(", r"\(").replace(")", r"\)")):
        PLATFORM.accept(store.order, store.connection, store.http)


@pytest.mark.parametrize("status", ["cancelled", "refunded", "failed", "trash", "completed"])
def test_an_order_that_has_ended_is_not_brought_back(shop: Shop, status: str) -> None:
    store = Store(shop)
    shop.control("PATCH", f"woocommerce/orders/{store.order_id}", {"status": status})

    with pytest.raises(Reject) as refused:
        PLATFORM.accept(store.order, store.connection, store.http)

    assert (refused.value.code, store.held()["status"], store.notes()) == ("ORDER_ENDED", status, [])


# --- the poll -----------------------------------------------------------------------------------------------------


def walk(
    shop: Shop, connection: AnyConnection, cursor: Mapping[str, str]
) -> tuple[list[OrderSnapshot], Mapping[str, str]]:
    """All pages of one poll: the orders in them, and the cursor for the next."""
    http, found = VendorHttp(shop, connection), []
    for _ in range(20):
        page = PLATFORM.poll(cursor, connection, http, shop.now)
        found += [one for one in page.messages if isinstance(one, OrderSnapshot)]
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the walk has no end")


def orders_of(found: list[OrderSnapshot]) -> set[str]:
    return {one.order.external_id for one in found}


@pytest.mark.parametrize("knows", [{}, {"sorts_by_modified": False}], ids=["a shop of today", "an older shop"])
@pytest.mark.parametrize("apart", [0, 2], ids=["in one second", "two seconds apart"])
def test_a_poll_walks_through_all_pages(shop: Shop, apart: int, knows: dict[str, Any]) -> None:
    shop.settle(**knows)
    numbers = set()
    for n in range(250):
        at = START - timedelta(minutes=30) + timedelta(seconds=apart * n)
        numbers.add(shop.put("woocommerce", samples.order(n, placed_at=at)))

    found, cursor = walk(shop, connect(), {})

    assert orders_of(found) == numbers
    assert cursor == {"since": max(one.source_version or "" for one in found)}


@pytest.mark.parametrize("sorts", [True, False])
def test_a_shop_that_knows_no_filter_is_not_read_to_its_beginning(shop: Shop, *, sorts: bool) -> None:
    shop.settle(filters_by_modified=False, sorts_by_modified=sorts)
    for n in range(400):
        shop.put("woocommerce", samples.order(n, placed_at=START - timedelta(days=30, minutes=-n)))
    new = {shop.put("woocommerce", samples.order(n, placed_at=START)) for n in range(400, 420)}

    found, _ = walk(shop, connect(), {})

    assert orders_of(found) == new
    pages = [call["query"]["page"] for call in shop.calls("woocommerce") if call["status"] == 200]
    assert pages == (["1"] if sorts else ["1", "2"])


def test_the_next_poll_finds_what_has_changed_and_no_page_more(shop: Shop) -> None:
    numbers = [shop.order(n) for n in range(3)]
    _, cursor = walk(shop, connect(), {})
    shop.wait(minutes=6)
    shop.control("PATCH", f"woocommerce/orders/{numbers[1]}", {"customer_note": "The back door"})

    again, cursor = walk(shop, connect(), cursor)
    shop.wait(minutes=10)
    last, _ = walk(shop, connect(), cursor)

    assert orders_of(again) == set(numbers)  # five minutes are asked for once more
    assert orders_of(last) == {numbers[1]}
    assert {one.delivery_key for one in last} <= {one.delivery_key for one in again}


def test_orders_that_move_while_pages_are_read_push_none_out(shop: Shop) -> None:
    numbers = [
        shop.put("woocommerce", samples.order(n, placed_at=START - timedelta(minutes=20) + timedelta(seconds=n)))
        for n in range(150)
    ]
    connection = connect()
    first = PLATFORM.poll({}, connection, VendorHttp(shop, connection), shop.now)
    moved = {*numbers[:15], *numbers[-15:]}  # some were read already, some not: all of them go to the front
    for one in moved:
        shop.control("PATCH", f"woocommerce/orders/{one}", {"customer_note": "Hurry"})

    rest, cursor = walk(shop, connection, first.cursor)
    next_poll, _ = walk(shop, connection, cursor)

    read = {one.order.external_id for one in first.messages if isinstance(one, OrderSnapshot)} | orders_of(rest)
    assert read == set(numbers[15:])
    assert moved <= orders_of(next_poll)


def test_an_order_polled_is_the_order_sent(shop: Shop) -> None:
    body = samples.order(4, placed_at=START)
    shop.put("woocommerce", body)
    connection = connect()

    (polled,), _ = walk(shop, connection, {})

    assert polled.order == PLATFORM.to_order(body, connection)
