"""The stand-in for WooCommerce: who may call, orders, notes, refunds, stock."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from local.standins.played import played
from local.standins.samples import kitchen
from local.standins.samples import woocommerce as samples
from local.standins.woocommerce_auth import CONSUMER_KEY, CONSUMER_SECRET
from orderhub.order.pricing import check_sums
from orderhub.platforms.http_types import Call
from orderhub.platforms.woocommerce import PLATFORM
from tests.platforms.samples import AnyConnection, connection_for
from tests.unit.standins_client import START, Caller

API = "/woocommerce/wp-json/wc/v3"
HTTPS, HTTP = "https://shop.test", "http://shop.test"


def connect(**settings: Any) -> AnyConnection:
    """A connection to the shop; over https unless told otherwise."""
    credentials = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "webhook_secrets": ["s"]}
    return connection_for("woocommerce", credentials, {"base_url": f"{HTTPS}/woocommerce", **settings})


class Shop(Caller):
    """A caller with a good key, over https unless told otherwise."""

    def api(self, method: str, path: str, body: Any = None, *, base: str = HTTPS, **headers: str) -> TestResponse:
        key = base64.b64encode(f"{CONSUMER_KEY}:{CONSUMER_SECRET}".encode()).decode()
        sent = {"Authorization": f"Basic {key}", **headers}
        return self.client.open(f"{API}{path}", method=method, json=body, headers=sent, base_url=base)

    def get(self, path: str) -> Any:
        reply = self.api("GET", path)
        assert reply.status_code == 200, reply.get_data(as_text=True)
        return reply.get_json()

    def order(self, n: int = 1, **more: Any) -> str:
        return self.put("woocommerce", samples.order(n, placed_at=START, **more))

    def settle(self, **settings: Any) -> None:
        self.control("PATCH", "woocommerce/settings", settings)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The shop, on a clock that is everybody's."""
    with time_machine.travel(START, tick=False):
        yield Shop()


def code(reply: TestResponse) -> tuple[int, str]:
    body = reply.get_json()
    assert body["data"]["status"] == reply.status_code
    return reply.status_code, body["code"]


# --- the samples --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["flat_rate", "local_pickup"])
@pytest.mark.parametrize("n", range(1, 13))
def test_the_sums_of_a_sample_agree(n: int, method: str) -> None:
    order = PLATFORM.to_order(samples.order(n, placed_at=START, method=method), connect())

    assert check_sums(order) == []
    assert order.amounts.subtotal == sum(line.total for line in kitchen.basket(n))


def test_a_sample_is_the_same_for_the_same_number() -> None:
    assert samples.order(7, placed_at=START) == samples.order(7, placed_at=START)
    assert samples.order(7)["id"] != samples.order(8)["id"]
    assert samples.order(7, status="pending")["status"] == "pending"


def test_a_body_is_written_as_php_does() -> None:
    assert samples.wire({"url": "https://a.example/b"}) == b'{"url":"https:\\/\\/a.example\\/b"}'


# --- who may call -------------------------------------------------------------------------------------------------


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (basic(CONSUMER_KEY, CONSUMER_SECRET), None),
        (basic(CONSUMER_KEY, "cs_guess"), "woocommerce_rest_authentication_error"),
        (basic("ck_guess", CONSUMER_SECRET), "woocommerce_rest_cannot_view"),
        ("Bearer token", "woocommerce_rest_cannot_view"),
        ("", "woocommerce_rest_cannot_view"),
    ],
)
def test_over_https_the_key_has_to_be_good(shop: Shop, authorization: str, expected: str | None) -> None:
    reply = shop.api("GET", "/orders", Authorization=authorization)

    assert reply.status_code == 200 if expected is None else code(reply) == (401, expected)


def test_the_key_may_come_in_the_query_and_has_to_where_the_header_is_dropped(shop: Shop) -> None:
    shop.settle(drops_authorization=True)

    assert code(shop.api("GET", "/orders")) == (401, "woocommerce_rest_cannot_view")
    query = f"?consumer_key={CONSUMER_KEY}&consumer_secret={CONSUMER_SECRET}"
    assert shop.api("GET", f"/orders{query}").status_code == 200


def test_over_plain_http_a_key_is_worth_nothing(shop: Shop) -> None:
    assert code(shop.api("GET", "/orders", base=HTTP)) == (401, "woocommerce_rest_cannot_view")


@pytest.mark.parametrize(
    ("permissions", "method", "status"),
    [("read", "GET", 200), ("read", "PUT", 401), ("write", "GET", 401), ("write", "PUT", 200)],
)
def test_a_key_may_do_what_it_was_made_for(shop: Shop, permissions: str, method: str, status: int) -> None:
    order_id = shop.order()
    shop.settle(permissions=permissions)

    assert shop.api(method, f"/orders/{order_id}", {}).status_code == status


def signed(shop: Shop, **changes: Any) -> TestResponse:
    """A call that our adapter signed, with these parameters changed; None takes one away."""
    connection = connect(base_url=f"{HTTP}/woocommerce")
    call = PLATFORM.authorize(Call("GET", f"{HTTP}{API}/orders", {"page": "1"}), connection, None)
    params = {name: value for name, value in {**call.params, **changes}.items() if value is not None}
    return shop.client.open(f"{API}/orders", query_string=params, base_url=HTTP)


def test_a_signed_call_is_taken_over_plain_http(shop: Shop) -> None:
    assert signed(shop).status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"page": "2"}, "woocommerce_rest_authentication_error"),
        ({"extra": "1"}, "woocommerce_rest_authentication_error"),
        ({"oauth_consumer_key": "ck_guess"}, "woocommerce_rest_authentication_error"),
        ({"oauth_signature": "AAAA"}, "woocommerce_rest_authentication_error"),
        ({"oauth_signature_method": "PLAINTEXT"}, "woocommerce_rest_authentication_error"),
        ({"oauth_nonce": None}, "woocommerce_rest_authentication_missing_parameter"),
    ],
)
def test_a_call_that_is_not_as_it_was_signed_is_refused(shop: Shop, changes: Mapping[str, Any], expected: str) -> None:
    assert code(signed(shop, **changes)) == (401, expected)


def test_a_signature_is_good_once_and_for_a_quarter_of_an_hour(shop: Shop) -> None:
    call = PLATFORM.authorize(Call("GET", f"{HTTP}{API}/orders"), connect(base_url=f"{HTTP}/woocommerce"), None)

    def send() -> TestResponse:
        return shop.client.open(f"{API}/orders", query_string=dict(call.params), base_url=HTTP)

    assert (send().status_code, code(send())) == (200, (401, "woocommerce_rest_authentication_error"))
    shop.wait(minutes=16)
    assert code(signed(shop)) == (401, "woocommerce_rest_authentication_error")


# --- its rules ----------------------------------------------------------------------------------------------------


def test_a_path_that_is_not_there(shop: Shop) -> None:
    assert code(shop.api("GET", "/carts")) == (404, "rest_no_route")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders/7", "woocommerce_rest_shop_order_invalid_id"),
        ("PUT", "/orders/7", "woocommerce_rest_shop_order_invalid_id"),
        ("GET", "/orders/7/notes", "woocommerce_rest_order_invalid_id"),
        ("POST", "/orders/7/notes", "woocommerce_rest_order_invalid_id"),
        ("POST", "/orders/7/refunds", "woocommerce_rest_invalid_order_id"),
        ("GET", "/products/7", "woocommerce_rest_product_invalid_id"),
        ("PUT", "/products/90/variations/7", "woocommerce_rest_product_variation_invalid_id"),
        ("GET", "/products/91/variations/900", "woocommerce_rest_product_variation_invalid_id"),
    ],
)
def test_a_thing_that_is_not_there(shop: Shop, method: str, path: str, expected: str) -> None:
    assert code(shop.api(method, path, {})) == (404, expected)


@pytest.mark.parametrize(
    "query", ["per_page=0", "per_page=101", "page=0", "page=x", "orderby=price", "modified_after=yesterday"]
)
def test_a_parameter_out_of_bounds(shop: Shop, query: str) -> None:
    reply = shop.api("GET", f"/orders?{query}")

    assert code(reply) == (400, "rest_invalid_param")
    assert list(reply.get_json()["data"]["params"]) == [query.partition("=")[0]]


def test_an_older_shop_cannot_sort_by_change(shop: Shop) -> None:
    assert shop.api("GET", "/orders?orderby=modified").status_code == 200
    shop.settle(sorts_by_modified=False)
    assert code(shop.api("GET", "/orders?orderby=modified")) == (400, "rest_invalid_param")


def test_orders_come_in_pages(shop: Shop) -> None:
    numbers = [int(shop.order(n)) for n in range(1, 13)]

    first, second = shop.api("GET", "/orders?order=asc"), shop.api("GET", "/orders?order=asc&page=2")

    assert [order["id"] for reply in (first, second) for order in reply.get_json()] == numbers
    assert (first.headers["X-WP-Total"], first.headers["X-WP-TotalPages"]) == ("12", "2")
    assert 'rel="next"' in first.headers["Link"]
    assert "Link" not in second.headers


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("modified_after=2026-10-05T16:59:59&dates_are_gmt=true", 1),
        ("modified_after=2026-10-05T17:00:00&dates_are_gmt=true", 0),
        ("modified_after=2026-10-05T11:59:59", 1),  # on the shop's clock, five hours behind
        ("modified_after=2026-10-05T12:00:00", 0),
    ],
)
def test_changes_after_a_time(shop: Shop, query: str, found: int) -> None:
    shop.order()

    assert len(shop.get(f"/orders?{query}")) == found


def test_any_status_leaves_out_drafts_and_the_bin(shop: Shop) -> None:
    kept = [
        shop.order(n, status=status) for n, status in enumerate(("processing", "checkout-draft", "trash", "failed"))
    ]

    assert {str(order["id"]) for order in shop.get("/orders?status=any")} == {kept[0], kept[3]}
    assert [str(order["id"]) for order in shop.get("/orders?status=trash,checkout-draft&order=asc")] == kept[1:3]


def test_a_status_has_to_be_one_of_the_shop_s(shop: Shop) -> None:
    order_id = shop.order()

    assert code(shop.api("PUT", f"/orders/{order_id}", {"status": "baking"})) == (400, "rest_invalid_param")
    shop.settle(own_statuses=["baking"])
    assert shop.api("PUT", f"/orders/{order_id}", {"status": "baking"}).get_json()["status"] == "baking"


def test_a_change_moves_the_time_of_change(shop: Shop) -> None:
    order_id = shop.order()
    shop.wait(minutes=3)

    changed = shop.api("PUT", f"/orders/{order_id}", {"customer_note": "Later, please"}).get_json()

    assert changed["date_modified_gmt"] == "2026-10-05T17:03:00"
    assert changed["date_modified"] == "2026-10-05T12:03:00"
    assert changed["date_created_gmt"] == "2026-10-05T17:00:00"


def stock_of(shop: Shop, sku: str) -> int:
    (row,) = shop.get(f"/products?sku={sku}")
    return int(row["stock_quantity"])


def test_an_order_takes_stock_and_its_cancellation_gives_it_back(shop: Shop) -> None:
    line = kitchen.basket(1)[0]

    order_id = shop.order(1)
    taken = stock_of(shop, line.dish.sku)
    shop.api("PUT", f"/orders/{order_id}", {"status": "cancelled"})

    assert (taken, stock_of(shop, line.dish.sku)) == (50 - line.quantity, 50)


def test_what_is_paid_at_the_door_is_paid_when_it_is_completed(shop: Shop) -> None:
    order_id = shop.order(3)

    before = shop.get(f"/orders/{order_id}")
    after = shop.api("PUT", f"/orders/{order_id}", {"status": "completed"}).get_json()

    assert (before["payment_method"], before["date_paid_gmt"]) == ("cod", None)
    assert after["date_paid_gmt"] == after["date_completed_gmt"] == "2026-10-05T17:00:00"


def test_a_line_goes_by_the_whole_number_0_alone_and_sums_are_as_told(shop: Shop) -> None:
    order_id = shop.order(1)
    first, second = shop.get(f"/orders/{order_id}")["line_items"]
    changes = [
        {"id": first["id"], "quantity": 1, "subtotal": "1.00", "total": "1.00"},
        {"id": second["id"], "quantity": 0},
    ]

    changed = shop.api("PUT", f"/orders/{order_id}", {"line_items": changes}).get_json()

    assert [(line["quantity"], line["total"], line["total_tax"]) for line in changed["line_items"]] == [
        (1, "1.00", "0.08")
    ]
    assert changed["total"] == samples.decimal(100 + 8 + samples.SHIPPING)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"id": 1, "quantity": 1}, "woocommerce_rest_invalid_item_id"),
        ({"product_id": 1, "quantity": 1}, "woocommerce_rest_required_product_reference"),
    ],
)
def test_a_line_that_cannot_be_changed(shop: Shop, line: Any, expected: str) -> None:
    assert code(shop.api("PUT", f"/orders/{shop.order()}", {"line_items": [line]})) == (400, expected)


def test_meta_data_is_replaced_by_its_key(shop: Shop) -> None:
    order_id = shop.order()
    for value in ("a", "b"):
        shop.api("PUT", f"/orders/{order_id}", {"meta_data": [{"key": "_ready_at", "value": value}]})

    kept = {meta["key"]: meta["value"] for meta in shop.get(f"/orders/{order_id}")["meta_data"]}
    assert kept == {"is_vat_exempt": "no", "_ready_at": "b"}


def test_a_note_needs_words(shop: Shop) -> None:
    order_id = shop.order()

    assert code(shop.api("POST", f"/orders/{order_id}/notes", {})) == (400, "rest_missing_callback_param")
    assert shop.api("POST", f"/orders/{order_id}/notes", {"note": "Hello"}).status_code == 201
    assert [note["note"] for note in shop.get(f"/orders/{order_id}/notes")] == ["Hello"]


@pytest.mark.parametrize(
    ("n", "amount", "status", "expected"),
    [
        (1, "-1.00", 400, "woocommerce_rest_invalid_order_refund"),
        (1, "999.00", 500, "woocommerce_rest_cannot_create_order_refund"),
        (1, "0.00", 500, "woocommerce_rest_cannot_create_order_refund"),
        (3, "1.00", 500, "woocommerce_rest_cannot_create_order_refund"),  # paid at the door: no gateway
    ],
)
def test_a_refund_that_cannot_be_made(shop: Shop, n: int, amount: str, status: int, expected: str) -> None:
    reply = shop.api("POST", f"/orders/{shop.order(n)}/refunds", {"amount": amount})

    assert code(reply) == (status, expected)


def test_the_last_refund_ends_the_order(shop: Shop) -> None:
    order_id = shop.order(1)
    total = shop.get(f"/orders/{order_id}")["total"]
    rest = samples.decimal(round(float(total) * 100) - 100)
    statuses = []
    for amount in ("1.00", rest):
        assert shop.api("POST", f"/orders/{order_id}/refunds", {"amount": amount}).status_code == 201
        statuses.append(shop.get(f"/orders/{order_id}")["status"])

    assert statuses == ["processing", "refunded"]
    assert [one["total"] for one in shop.get(f"/orders/{order_id}/refunds")] == ["-1.00", f"-{rest}"]


def test_a_product_is_found_by_its_sku_with_its_parent(shop: Shop) -> None:
    (variation,), (simple,) = shop.get("/products?sku=FRIES-L"), shop.get("/products?sku=COOKIE-OAT")

    assert [(row["id"], row["parent_id"], row["type"]) for row in (variation, simple)] == [
        (902, 92, "variation"),
        (95, 0, "simple"),
    ]
    assert shop.get("/products?sku=NOTHING") == []


def test_the_shop_goes_on_after_a_restart(shop: Shop) -> None:
    order_id = shop.order()
    vendor, fresh = shop.app.vendors["woocommerce"], played()["woocommerce"].standin(lambda: START + timedelta(hours=1))

    fresh.recall(vendor.memory())

    assert fresh.view(order_id) == vendor.view(order_id)
    changed = fresh.change_order(order_id, {"status": "failed"})
    assert (changed["status"], changed["date_modified_gmt"]) == ("failed", "2026-10-05T18:00:00")
