"""Orders at the stand-in for Shopify: fulfilled, cancelled, refunded, edited."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.samples import shopify as samples
from tests.unit.standins_client import START
from tests.unit.standins_shopify import CANCEL, CREATE, EVENT, Shopify

PREPARED = """mutation ($id: ID!) { fulfillmentOrderLineItemsPreparedForPickup(
  input: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: $id}]}) { userErrors { code } } }"""

EDIT = """mutation ($id: ID!, $line: ID!, $quantity: Int!) {
  orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $quantity) {
    calculatedLineItem { quantity } userErrors { field message } } }"""

BEGIN = """mutation ($id: ID!) { orderEditBegin(id: $id) {
  calculatedOrder { id lineItems(first: 50) { nodes { id quantity sku } } } userErrors { field message } } }"""

COMMIT = """mutation ($id: ID!) { orderEditCommit(id: $id) {
  order { currentTotalPriceSet { shopMoney { amount } } } userErrors { field message } } }"""


@pytest.fixture
def shop() -> Shopify:
    return Shopify()


@pytest.fixture
def gid(shop: Shopify) -> str:
    shop.put("shopify", samples.order(1, placed_at=START))
    return f"gid://shopify/Order/{samples.order_id(1)}"


def test_a_new_order_has_one_open_fulfillment_order(shop: Shopify, gid: str) -> None:
    routed = shop.routed(gid)
    lines = samples.order(1)["line_items"]
    assert (routed["status"], routed["deliveryMethod"]["methodType"], routed["order"]["id"]) == ("OPEN", "LOCAL", gid)
    assert {"action": "CREATE_FULFILLMENT"} in routed["supportedActions"]
    assert [(line["sku"], line["remainingQuantity"]) for line in routed["lineItems"]["nodes"]] == [
        (line["sku"], line["quantity"]) for line in lines
    ]


@pytest.mark.parametrize("method", ["LOCAL", "SHIPPING", "PICK_UP"])
def test_the_delivery_method_is_the_one_ordered(shop: Shopify, method: str) -> None:
    shop.put("shopify", samples.order(1, method=method))
    assert shop.routed(f"gid://shopify/Order/{samples.order_id(1)}")["deliveryMethod"]["methodType"] == method


def test_a_delivery_time_can_be_put_beside_the_order(shop: Shopify) -> None:
    method = {"minDeliveryDateTime": "2026-10-06T18:00:00Z"}
    shop.put("shopify", {"order": samples.order(1), "delivery_method": method})
    query = """query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes {
      deliveryMethod { minDeliveryDateTime methodType } } } } }"""
    node = shop.ask(query, id=f"gid://shopify/Order/{samples.order_id(1)}")["order"]["fulfillmentOrders"]["nodes"][0]
    assert node["deliveryMethod"] == {**method, "methodType": "LOCAL"}


def test_a_fulfillment_closes_the_fulfillment_order_and_shows_in_the_order(shop: Shopify, gid: str) -> None:
    shop.wait(minutes=5)
    made = shop.fulfil(gid, tracking={"company": "Other", "number": "CK1", "url": "https://example.com/t/CK1"})
    assert made["userErrors"] == []
    assert made["fulfillment"]["trackingInfo"] == [
        {"company": "Other", "number": "CK1", "url": "https://example.com/t/CK1"}
    ]
    assert made["fulfillment"]["order"] == {"name": "#2001"}
    rest = shop.rest(1)
    assert (rest["fulfillment_status"], rest["fulfillments"][0]["tracking_numbers"]) == ("fulfilled", ["CK1"])
    assert rest["updated_at"] == "2026-10-05T12:05:00-05:00"
    closed = shop.routed(gid)
    assert (closed["status"], closed["supportedActions"]) == ("CLOSED", [])


def test_what_is_fulfilled_cannot_be_fulfilled_again(shop: Shopify, gid: str) -> None:
    shop.fulfil(gid)
    again = shop.fulfil(gid)
    assert (again["fulfillment"], len(again["userErrors"])) == (None, 1)
    assert len(shop.rest(1)["fulfillments"]) == 1


def test_lines_can_be_fulfilled_in_parts(shop: Shopify, gid: str) -> None:
    line = shop.routed(gid)["lineItems"]["nodes"][0]
    made = shop.fulfil(gid, [{"id": line["id"], "quantity": 1}])
    assert made["fulfillment"]["totalQuantity"] == 1
    assert (shop.rest(1)["fulfillment_status"], shop.routed(gid)["status"]) == ("partial", "IN_PROGRESS")
    too_many = shop.fulfil(gid, [{"id": line["id"], "quantity": line["totalQuantity"]}])
    assert too_many["userErrors"][0]["message"] == "Invalid fulfillment order line item quantity requested."
    shop.fulfil(gid)
    assert shop.rest(1)["fulfillment_status"] == "fulfilled"


def test_an_unknown_fulfillment_order_is_a_user_error(shop: Shopify) -> None:
    told = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/1"}]}
    made = shop.ask(CREATE, f=told)["fulfillmentCreate"]
    assert made["userErrors"][0]["field"] == ["fulfillment", "lineItemsByFulfillmentOrder", "0", "fulfillmentOrderId"]


def test_an_order_on_hold_is_not_fulfilled_until_released(shop: Shopify, gid: str) -> None:
    hold = """mutation ($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: {reason: INVENTORY_OUT_OF_STOCK}) {
      fulfillmentOrder { status fulfillmentHolds { reason } } userErrors { code } } }"""
    release = "mutation ($id: ID!) { fulfillmentOrderReleaseHold(id: $id) { fulfillmentOrder { status } } }"
    routed = shop.routed(gid)["id"]
    held = shop.ask(hold, id=routed)["fulfillmentOrderHold"]
    assert held["fulfillmentOrder"]["fulfillmentHolds"] == [{"reason": "INVENTORY_OUT_OF_STOCK"}]
    assert shop.fulfil(gid)["fulfillment"] is None
    assert shop.ask(hold, id=routed)["fulfillmentOrderHold"]["userErrors"] == [{"code": "TAKEN"}]
    assert shop.ask(release, id=routed)["fulfillmentOrderReleaseHold"]["fulfillmentOrder"]["status"] == "OPEN"
    assert shop.fulfil(gid)["userErrors"] == []


def test_tracking_and_courier_events_show_on_the_fulfillment(shop: Shopify, gid: str) -> None:
    made = shop.fulfil(gid)["fulfillment"]["id"]
    tracking = """mutation ($id: ID!) { fulfillmentTrackingInfoUpdate(fulfillmentId: $id, notifyCustomer: false,
      trackingInfoInput: {numbers: ["A", "B"], urls: ["https://example.com/a"]}) {
        fulfillment { trackingInfo { number url } } userErrors { message } } }"""
    told = shop.ask(tracking, id=made)["fulfillmentTrackingInfoUpdate"]["fulfillment"]["trackingInfo"]
    assert told == [{"number": "A", "url": "https://example.com/a"}, {"number": "B", "url": None}]
    assert shop.ask(EVENT, id=made)["fulfillmentEventCreate"]["userErrors"] == []
    node = shop.ask("query ($id: ID!) { fulfillment(id: $id) { displayStatus deliveredAt } }", id=made)["fulfillment"]
    assert node == {"displayStatus": "DELIVERED", "deliveredAt": "2026-10-05T17:30:00Z"}
    assert shop.rest(1)["fulfillments"][0]["shipment_status"] == "delivered"
    unknown = shop.ask(EVENT, id="gid://shopify/Fulfillment/1")["fulfillmentEventCreate"]
    assert len(unknown["userErrors"]) == 1


def test_a_cancelled_fulfillment_gives_its_lines_back(shop: Shopify, gid: str) -> None:
    made = shop.fulfil(gid)["fulfillment"]["id"]
    cancel = "mutation ($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status } userErrors { message } } }"
    assert shop.ask(cancel, id=made)["fulfillmentCancel"]["fulfillment"] == {"status": "CANCELLED"}
    assert (shop.rest(1)["fulfillment_status"], shop.routed(gid)["status"]) == (None, "OPEN")
    assert shop.fulfil(gid)["userErrors"] == []


def test_a_pickup_order_is_prepared_once(shop: Shopify) -> None:
    shop.put("shopify", samples.order(1, method="PICK_UP"))
    gid = f"gid://shopify/Order/{samples.order_id(1)}"
    routed = shop.routed(gid)["id"]
    name = "fulfillmentOrderLineItemsPreparedForPickup"
    assert shop.ask(PREPARED, id=routed)[name]["userErrors"] == []
    assert shop.routed(gid)["status"] == "IN_PROGRESS"
    again = shop.ask(PREPARED, id=routed)[name]["userErrors"]
    assert again == [{"code": "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER"}]


def test_only_a_pickup_order_can_be_prepared(shop: Shopify, gid: str) -> None:
    told = shop.ask(PREPARED, id=shop.routed(gid)["id"])["fulfillmentOrderLineItemsPreparedForPickup"]
    assert told["userErrors"] == [{"code": "FULFILLMENT_ORDER_INVALID"}]


def test_cancelling_is_a_job_and_refunds(shop: Shopify, gid: str) -> None:
    job = shop.ask(CANCEL, id=gid)["orderCancel"]["job"]
    assert job["done"] is False
    assert shop.ask("query ($id: ID!) { job(id: $id) { done } }", id=job["id"]) == {"job": {"done": True}}
    rest = shop.rest(1)
    assert (rest["cancel_reason"], rest["financial_status"], rest["current_total_price"]) == (
        "inventory",
        "refunded",
        "0.00",
    )
    assert shop.routed(gid)["status"] == "CANCELLED"


def test_an_order_is_cancelled_once_and_not_with_a_fulfillment(shop: Shopify, gid: str) -> None:
    shop.ask(CANCEL, id=gid)
    assert shop.ask(CANCEL, id=gid)["orderCancel"]["orderCancelUserErrors"] == [{"code": "INVALID"}]
    shop.put("shopify", samples.order(2))
    other = f"gid://shopify/Order/{samples.order_id(2)}"
    shop.fulfil(other)
    assert shop.ask(CANCEL, id=other)["orderCancel"]["orderCancelUserErrors"] == [{"code": "INVALID"}]
    missing = shop.ask(CANCEL, id="gid://shopify/Order/404")["orderCancel"]
    assert missing == {"job": None, "orderCancelUserErrors": [{"code": "NOT_FOUND"}]}


def test_tags_are_added_and_removed_and_order_update_overwrites(shop: Shopify, gid: str) -> None:
    add = "mutation ($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { node { id } userErrors { message } } }"
    update = "mutation ($i: OrderInput!) { orderUpdate(input: $i) { order { note tags } userErrors { message } } }"
    shop.ask(add, id=gid, t=["accepted", "hub"])
    shop.ask(add, id=gid, t=["accepted"])
    shop.ask('mutation ($id: ID!) { tagsRemove(id: $id, tags: ["hub"]) { userErrors { message } } }', id=gid)
    assert shop.rest(1)["tags"] == "accepted"
    told = {"id": gid, "note": "20 minutes", "tags": ["ready"], "customAttributes": [{"key": "eta", "value": "18:00"}]}
    assert shop.ask(update, i=told)["orderUpdate"]["order"] == {"note": "20 minutes", "tags": ["ready"]}
    assert shop.rest(1)["note_attributes"] == [{"name": "eta", "value": "18:00"}]
    assert len(shop.ask(add, id="gid://shopify/Order/404", t=["x"])["tagsAdd"]["userErrors"]) == 1


def test_cash_is_received_once(shop: Shopify) -> None:
    gateways = ["Cash on Delivery (COD)"]
    order = samples.order(1, financial_status="pending", payment_gateway_names=gateways, total_outstanding="20.00")
    shop.put("shopify", order)
    paid = """mutation ($id: ID!) { orderMarkAsPaid(input: {id: $id}) { order { displayFinancialStatus fullyPaid }
      userErrors { message } } }"""
    gid = f"gid://shopify/Order/{samples.order_id(1)}"
    first, second = (shop.ask(paid, id=gid)["orderMarkAsPaid"] for _ in range(2))
    assert first["order"] == {"displayFinancialStatus": "PAID", "fullyPaid": True}
    assert (second["order"], len(second["userErrors"])) == (None, 1)


def test_a_refund_lowers_what_is_left_once_for_a_key(shop: Shopify, gid: str) -> None:
    before = shop.rest(1)
    made = [shop.refund(gid, "k1") for _ in range(2)]
    assert made[0] == made[1]
    assert made[0]["refund"]["totalRefundedSet"] == {"shopMoney": {"amount": "5.00"}}
    after = shop.rest(1)
    line = after["line_items"][0]
    assert (len(after["refunds"]), after["financial_status"]) == (1, "partially_refunded")
    assert float(after["current_total_price"]) == pytest.approx(float(before["total_price"]) - 5)
    assert line["current_quantity"] == line["quantity"] - 1
    assert shop.routed(gid)["lineItems"]["nodes"][0]["remainingQuantity"] == line["quantity"] - 1


@pytest.mark.parametrize("asked", [{"quantity": 99}, {"amount": "9999.00"}])
def test_no_more_is_refunded_than_was_bought(shop: Shopify, gid: str, asked: Any) -> None:
    assert shop.refund(gid, "k1", **asked)["refund"] is None
    assert shop.rest(1)["refunds"] == []


def test_a_mutation_hidden_by_a_fault_has_happened(shop: Shopify, gid: str) -> None:
    routed = shop.routed(gid)["id"]
    shop.fault("shopify", match={"body_contains": "fulfillmentCreate"}, status=502, after_effect=True)
    told = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": routed}]}
    assert shop.post(CREATE, f=told).status_code == 502
    assert shop.rest(1)["fulfillment_status"] == "fulfilled"


def test_an_order_cancelled_on_the_vendors_side_has_nothing_left_to_fulfil(shop: Shopify, gid: str) -> None:
    changes = {"cancelled_at": "2026-10-05T12:10:00-05:00", "cancel_reason": "customer"}
    shop.control("PATCH", f"shopify/orders/{samples.order_id(1)}", changes)
    assert shop.fulfil(gid)["fulfillment"] is None


def test_an_edit_lowers_a_line_and_the_current_sums(shop: Shopify, gid: str) -> None:
    before = shop.rest(1)
    calculated = shop.ask(BEGIN, id=gid)["orderEditBegin"]["calculatedOrder"]
    line = calculated["lineItems"]["nodes"][0]
    shop.ask(EDIT, id=calculated["id"], line=line["id"], quantity=line["quantity"] - 1)
    assert shop.rest(1) == before
    done = shop.ask(COMMIT, id=calculated["id"])["orderEditCommit"]
    after = shop.rest(1)
    sold = after["line_items"][0]
    tax = float(sold["tax_lines"][0]["price"]) / sold["quantity"]
    assert after["total_price"] == before["total_price"]
    assert float(after["current_total_price"]) == pytest.approx(
        float(before["total_price"]) - float(sold["price"]) - tax, abs=0.01
    )
    assert done["order"]["currentTotalPriceSet"]["shopMoney"]["amount"] == after["current_total_price"]
    assert (sold["current_quantity"], sold["fulfillable_quantity"]) == (line["quantity"] - 1, line["quantity"] - 1)
    assert shop.routed(gid)["lineItems"]["nodes"][0]["remainingQuantity"] == line["quantity"] - 1
    assert shop.ask(COMMIT, id=calculated["id"])["orderEditCommit"]["userErrors"][0]["field"] == ["id"]


def test_what_is_fulfilled_cannot_be_edited_away(shop: Shopify, gid: str) -> None:
    shop.fulfil(gid)
    calculated = shop.ask(BEGIN, id=gid)["orderEditBegin"]["calculatedOrder"]
    line = calculated["lineItems"]["nodes"][0]
    told = shop.ask(EDIT, id=calculated["id"], line=line["id"], quantity=0)["orderEditSetQuantity"]
    assert (told["calculatedLineItem"], told["userErrors"][0]["field"]) == (None, ["quantity"])


def test_a_cancelled_order_and_an_unknown_line_cannot_be_edited(shop: Shopify, gid: str) -> None:
    calculated = shop.ask(BEGIN, id=gid)["orderEditBegin"]["calculatedOrder"]
    for edit, line in ((calculated["id"], "nothing"), ("nothing", "nothing")):
        assert len(shop.ask(EDIT, id=edit, line=line, quantity=0)["orderEditSetQuantity"]["userErrors"]) == 1
    shop.ask(CANCEL, id=gid)
    assert shop.ask(BEGIN, id=gid)["orderEditBegin"]["calculatedOrder"] is None
