"""The builders: the sums of every sample order agree, ids are stable, and what webhooks say fits the order."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.standins.samples import kitchen, shopify, square, uber_eats
from tests.unit.standins_client import START, Caller

NUMBERS = range(1, 13)


def e5(amount: Any, part: str = "net") -> int:
    """Cents of a v1 amount of Uber Eats."""
    return int(amount[part]["amount_e5"]) // 1000


def cents(amount: Any) -> int:
    """Cents of a Square amount, or of a v2 amount of Uber Eats."""
    return int(amount["amount"])


@pytest.mark.parametrize("n", NUMBERS)
def test_the_same_number_gives_the_same_order(n: int) -> None:
    builders = (shopify.order, uber_eats.order, uber_eats.order_v2, square.order, square.pos_order)
    assert [build(n, placed_at=START) for build in builders] == [build(n, placed_at=START) for build in builders]


def test_numbers_give_different_ids() -> None:
    orders = [
        *(shopify.order(n)["id"] for n in NUMBERS),
        *(uber_eats.order(n)["order"]["id"] for n in NUMBERS),
        *(uber_eats.order_v2(n)["id"] for n in NUMBERS),
        *(square.order(n)["order"]["id"] for n in NUMBERS),
        *(square.pos_order(n)["order"]["id"] for n in NUMBERS),
    ]
    assert len(set(orders)) == 5 * len(NUMBERS)


def test_orders_are_placed_now_unless_told() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert datetime.fromisoformat(square.order(1)["order"]["created_at"]) >= before
    assert square.order(1, placed_at=START)["order"]["created_at"] == "2026-10-05T17:00:00.000Z"


def test_overrides_replace_fields() -> None:
    assert shopify.order(1, test=True)["test"] is True
    assert uber_eats.order(1, state="ACCEPTED")["order"]["state"] == "ACCEPTED"
    assert uber_eats.order_v2(1, current_state="ACCEPTED")["current_state"] == "ACCEPTED"
    assert square.order(1, version=7)["order"]["version"] == 7


@pytest.mark.parametrize("method", ["LOCAL", "SHIPPING", "PICK_UP"])
@pytest.mark.parametrize("n", NUMBERS)
def test_a_shopify_order_adds_up(n: int, method: str) -> None:
    order = shopify.order(n, method=method)
    lines = order["line_items"]
    items = sum(Decimal(line["price"]) * line["quantity"] for line in lines)
    off = sum(Decimal(one["amount"]) for line in lines for one in line["discount_allocations"])
    shipping = sum(Decimal(line["price"]) for line in order["shipping_lines"])
    tax = sum(Decimal(one["price"]) for line in lines for one in line["tax_lines"])
    assert (
        Decimal(order["total_line_items_price"])
        == items
        == sum(line.total for line in kitchen.basket(n)) / Decimal(100)
    )
    assert (Decimal(order["total_discounts"]), Decimal(order["total_tax"])) == (off, tax)
    assert Decimal(order["subtotal_price"]) == items - off
    tip = Decimal(order["total_tip_received"])
    assert Decimal(order["total_price"]) == items - off + shipping + tip + tax
    assert order["total_price_set"]["shop_money"]["amount"] == order["total_price"]


@pytest.mark.parametrize("n", NUMBERS)
def test_the_graphql_node_agrees_with_the_rest_order(n: int) -> None:
    order = shopify.order(n, placed_at=START)
    node = shopify.order_node(order)
    assert node["id"] == order["admin_graphql_api_id"]
    assert node["createdAt"] == "2026-10-05T17:00:00Z"
    sums = {name: node[name]["shopMoney"]["amount"] for name in ("totalPriceSet", "subtotalPriceSet", "totalTaxSet")}
    assert sums == {
        "totalPriceSet": order["total_price"],
        "subtotalPriceSet": order["subtotal_price"],
        "totalTaxSet": order["total_tax"],
    }
    assert [(line["sku"], line["quantity"]) for line in node["lineItems"]["nodes"]] == [
        (line["sku"], line["quantity"]) for line in order["line_items"]
    ]


@pytest.mark.parametrize("fulfillment", ["DELIVERY_BY_UBER", "DELIVERY_BY_MERCHANT", "PICKUP", "DINE_IN"])
@pytest.mark.parametrize("n", NUMBERS)
def test_an_uber_eats_order_adds_up(n: int, fulfillment: str) -> None:
    detail = uber_eats.order(n, fulfillment=fulfillment)["order"]["payment"]["payment_detail"]
    entries = {entry["cart_item_id"]: entry for entry in detail["item_charges"]["price_breakdown"]}
    subtotal, tax, fees = detail["item_charges"]["total"], detail["item_charges"]["total"], detail["fees"]
    for part, total in (("net", subtotal), ("tax", tax)):
        assert _lines(n, fulfillment, entries, part) == e5(total, part)
    assert sum(e5(fee["amount"]) for fee in fees["details"]) == e5(fees["total"])
    tip = e5(detail["tips"]["total"]) if "tips" in detail else 0
    promotions = detail["promotions"]["total"]
    assert e5(detail["order_total"]) == e5(subtotal) + e5(fees["total"]) + tip - e5(promotions)
    assert e5(detail["order_total"], "tax") == e5(subtotal, "tax") - e5(promotions, "tax")
    assert e5(detail["order_total"], "gross") == e5(detail["order_total"]) + e5(detail["order_total"], "tax")
    assert ("tips" in detail) == (fulfillment == "DELIVERY_BY_MERCHANT")


def _lines(n: int, fulfillment: str, entries: Any, part: str) -> int:
    """An item's total is for all its pieces, an option's for one piece of its parent; a free option has no entry."""
    total = 0
    for item in uber_eats.order(n, fulfillment=fulfillment)["order"]["carts"][0]["items"]:
        options = [one for group in item["selected_modifier_groups"] or [] for one in group["selected_items"]]
        priced = sum(
            e5(entries[one["cart_item_id"]]["total"], part) for one in options if one["cart_item_id"] in entries
        )
        total += e5(entries[item["cart_item_id"]]["total"], part) + item["quantity"]["amount"] * priced
    return total


@pytest.mark.parametrize("fulfillment", ["DELIVERY_BY_UBER", "DELIVERY_BY_RESTAURANT", "PICK_UP"])
@pytest.mark.parametrize("n", NUMBERS)
def test_a_classic_uber_eats_order_adds_up(n: int, fulfillment: str) -> None:
    order = uber_eats.order_v2(n, fulfillment=fulfillment)
    charges = {name: cents(value) for name, value in order["payment"]["charges"].items()}
    items = order["cart"]["items"]
    assert charges["sub_total"] == sum(cents(item["price"]["total_price"]) for item in items)
    assert charges["total_fee"] == charges["bag_fee"] + charges.get("delivery_fee", 0)
    assert charges["total"] == charges["sub_total"] + charges["tax"] + charges["total_fee"] + charges.get("tip", 0)
    for item in items:
        options = [one for group in item["selected_modifier_groups"] or [] for one in group["selected_items"]]
        extra = sum(cents(one["price"]["total_price"]) for one in options)
        assert cents(item["price"]["unit_price"]) == cents(item["price"]["base_unit_price"]) + extra


@pytest.mark.parametrize("fulfillment", ["PICKUP", "DELIVERY", "SHIPMENT"])
@pytest.mark.parametrize("n", NUMBERS)
def test_a_square_order_adds_up(n: int, fulfillment: str) -> None:
    _assert_square_sums(square.order(n, fulfillment=fulfillment)["order"])


@pytest.mark.parametrize("n", NUMBERS)
def test_a_counter_sale_adds_up_and_has_neither_version_nor_fulfillment(n: int) -> None:
    order = square.pos_order(n)["order"]
    _assert_square_sums(order)
    assert {"version", "fulfillments"}.isdisjoint(order)
    assert (order["state"], order["tenders"][0]["type"]) == ("COMPLETED", "CASH")


def _assert_square_sums(order: Any) -> None:
    lines = order["line_items"]
    gross = sum(cents(line["gross_sales_money"]) for line in lines)
    for line in lines:
        extras = sum(cents(modifier["total_price_money"]) for modifier in line.get("modifiers", []))
        assert cents(line["gross_sales_money"]) == cents(line["base_price_money"]) * int(line["quantity"]) + extras
    for name in ("discount", "tax"):
        assert cents(order[f"total_{name}_money"]) == sum(cents(line[f"total_{name}_money"]) for line in lines)
    assert cents(order["total_money"]) == gross - cents(order["total_discount_money"]) + cents(
        order["total_tax_money"]
    ) + cents(order["total_service_charge_money"]) + cents(order["total_tip_money"])
    assert cents(order["total_money"]) == sum(cents(tender["amount_money"]) for tender in order["tenders"])
    assert cents(order["net_amount_due_money"]) == 0


def test_an_unpaid_square_order_owes_its_total() -> None:
    order = square.order(1, paid=False)["order"]
    assert order["net_amount_due_money"] == order["total_money"]


def test_all_platforms_sell_the_same_basket() -> None:
    wanted = [(line.dish.sku, line.quantity) for line in kitchen.basket(7)]
    v1 = uber_eats.order(7)["order"]["carts"][0]["items"]
    assert [(item["external_data"], item["quantity"]["amount"]) for item in v1] == wanted
    assert [(item["external_data"], item["quantity"]) for item in uber_eats.order_v2(7)["cart"]["items"]] == wanted
    sold = [(line["catalog_object_id"], int(line["quantity"])) for line in square.order(7)["order"]["line_items"]]
    assert sold == [(square.variation_id(sku), quantity) for sku, quantity in wanted]
    dishes = {dish.sku for dish in kitchen.MENU}
    rest = [(line["sku"], line["quantity"]) for line in shopify.order(7)["line_items"] if line["sku"] in dishes]
    assert rest == wanted


def test_shopify_escapes_slashes_and_the_others_do_not() -> None:
    assert shopify.wire({"url": "https://x/ü"}) == '{"url":"https:\\/\\/x\\/ü"}'.encode()
    assert json.loads(shopify.wire(shopify.order(1, placed_at=START))) == shopify.order(1, placed_at=START)
    assert square.wire({"url": "https://x"}) == uber_eats.wire({"url": "https://x"}) == b'{"url":"https://x"}'


@pytest.mark.parametrize("topic", ["orders/create", "orders/paid", "orders/updated"])
def test_shopify_order_topics_carry_the_order(topic: str) -> None:
    order = shopify.order(1, placed_at=START)
    later = datetime(2026, 10, 5, 17, 5, tzinfo=UTC)
    assert shopify.notification(topic, order, at=later) == {**order, "updated_at": "2026-10-05T12:05:00-05:00"}


def test_shopify_tells_a_cancelled_order_a_fulfillment_a_refund_and_an_edit() -> None:
    order = shopify.order(1, placed_at=START)
    assert shopify.notification("orders/cancelled", order)["cancelled_at"] == order["updated_at"]
    shipped = shopify.notification("fulfillments/create", order, shipment_status="in_transit")
    assert (shipped["order_id"], shipped["shipment_status"], len(shipped["line_items"])) == (
        order["id"],
        "in_transit",
        len(order["line_items"]),
    )
    refund = shopify.notification("refunds/create", order)
    assert Decimal(refund["transactions"][0]["amount"]) == Decimal(str(refund["refund_line_items"][0]["subtotal"]))
    assert shopify.notification("orders/edited", order)["order_edit"]["order_id"] == order["id"]
    headers = shopify.headers("orders/create", webhook_id="w-1", at=START)
    assert (headers["X-Shopify-Topic"], headers["X-Shopify-Triggered-At"]) == (
        "orders/create",
        "2026-10-05T17:00:00.000Z",
    )


@pytest.mark.parametrize(
    "event",
    ["orders.notification", "orders.scheduled.notification", "orders.failure", "orders.fulfillment_issues.resolved"],
)
def test_uber_eats_tells_of_a_v1_order(event: str) -> None:
    order = uber_eats.order(1)
    told = uber_eats.notification(event, order, at=START)
    assert (told["event_type"], told["event_time"]) == (event, 1791219600000)
    assert told["resource_href"] == f"https://api.uber.com/v1/delivery/order/{order['order']['id']}"
    assert told["meta"] == {"user_id": uber_eats.STORE_ID, "resource_id": order["order"]["id"], "status": "pos"}
    assert told["webhook_meta"]["webhook_msg_timestamp"] == 1791219600


def test_uber_eats_tells_of_a_classic_order_in_seconds() -> None:
    order = uber_eats.order_v2(1)
    told = uber_eats.notification("orders.cancel", order, at=START, event_id="e-1")
    assert told == {
        "event_id": "e-1",
        "event_type": "orders.cancel",
        "event_time": 1791219600,
        "resource_href": f"https://api.uber.com/v2/eats/order/{order['id']}",
        "meta": {"user_id": uber_eats.STORE_ID, "resource_id": order["id"], "status": "pos"},
    }


def test_uber_eats_tells_where_the_courier_is() -> None:
    order = uber_eats.order(1, external_id="hub-1")
    meta = uber_eats.notification("delivery.state_changed", order, status="ARRIVED_AT_PICKUP")["meta"]
    assert (meta["order_id"], meta["external_order_id"], meta["status"]) == (
        order["order"]["id"],
        "hub-1",
        "ARRIVED_AT_PICKUP",
    )
    assert "resource_id" not in meta
    assert uber_eats.headers("sandbox")["X-Environment"] == "sandbox"


def test_a_scheduled_order_says_when() -> None:
    order = uber_eats.scheduled_order(1, placed_at=START)["order"]
    assert (order["status"], order["scheduled_order_target_delivery_time_range"]["start_time"]) == (
        "SCHEDULED",
        "2026-10-05T20:00:00.000Z",
    )
    square_order = square.order(1, placed_at=START, scheduled_for=datetime(2026, 10, 5, 20, tzinfo=UTC))["order"]
    details = square_order["fulfillments"][0]["pickup_details"]
    assert (details["schedule_type"], details["pickup_at"]) == ("SCHEDULED", "2026-10-05T20:00:00.000Z")


def test_square_tells_version_and_state() -> None:
    order = square.order(1, placed_at=START, version=3)
    told = square.notification("order.updated", order)
    inner = order["order"]
    assert told["data"] == {
        "type": "order_updated",
        "id": inner["id"],
        "object": {
            "order_updated": {
                "order_id": inner["id"],
                "location_id": square.LOCATION_ID,
                "state": "OPEN",
                "version": 3,
                "created_at": inner["created_at"],
                "updated_at": inner["updated_at"],
            }
        },
    }
    assert "updated_at" not in square.notification("order.created", order)["data"]["object"]["order_created"]
    moved = square.notification("order.fulfillment.updated", order, old_state="RESERVED")
    assert moved["data"]["object"]["order_fulfillment_updated"]["fulfillment_update"][0]["old_state"] == "RESERVED"
    assert square.headers()["square-version"] == "2026-08-19"


def test_square_tells_of_a_counter_sale_by_its_payment() -> None:
    order = square.pos_order(1, placed_at=START)
    told = square.notification("payment.updated", order, at=START, event_id="e-1")
    payment = told["data"]["object"]["payment"]
    assert (told["event_id"], told["created_at"], payment["order_id"]) == (
        "e-1",
        "2026-10-05T17:00:00.000Z",
        order["order"]["id"],
    )
    assert "version" not in square.notification("order.updated", order)["data"]["object"]["order_updated"]


def test_every_sample_is_an_order_the_stand_ins_hold() -> None:
    caller = Caller()
    for n in NUMBERS:
        for slug, order in (
            ("shopify", shopify.order(n)),
            ("uber_eats", uber_eats.order(n)),
            ("uber_eats", uber_eats.order_v2(n)),
            ("square", square.order(n)),
            ("square", square.pos_order(n)),
        ):
            order_id = caller.put(slug, order)
            assert order_id in caller.control("GET", f"{slug}/orders")["ids"]
