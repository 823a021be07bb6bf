"""A caller of the stand-in for Shopify, and the documents that several tests send."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from local.standins.samples import shopify as samples
from local.standins.shopify import ADMIN_TOKEN
from tests.unit.standins_client import Caller

ROUTED = """query ($id: ID!) { order(id: $id) { displayFulfillmentStatus fulfillmentOrders(first: 5) { nodes {
  id status supportedActions { action } deliveryMethod { methodType } lineItems(first: 50) { nodes {
    id remainingQuantity totalQuantity sku } } order { id } } } } }"""

CREATE = """mutation ($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) {
  fulfillment { id status displayStatus totalQuantity trackingInfo { company number url } order { name } }
  userErrors { field message } } }"""

EVENT = """mutation ($id: ID!) { fulfillmentEventCreate(fulfillmentEvent: {fulfillmentId: $id, status: DELIVERED,
  happenedAt: "2026-10-05T17:30:00Z"}) { fulfillmentEvent { status } userErrors { message } } }"""

REFUND = """mutation ($input: RefundInput!, $key: String!) { refundCreate(input: $input) @idempotent(key: $key) {
  refund { totalRefundedSet { shopMoney { amount } } refundLineItems(first: 5) { nodes { quantity } } order { id } }
  order { displayFinancialStatus currentTotalPriceSet { shopMoney { amount } } } userErrors { message } } }"""

CANCEL = """mutation ($id: ID!) { orderCancel(orderId: $id, reason: INVENTORY, restock: true,
  refundMethod: {originalPaymentMethodsRefund: true}, notifyCustomer: false, staffNote: "Sold out") {
    job { id done } orderCancelUserErrors { code } } }"""


class Shopify(Caller):
    """A caller with the fixed token."""

    token = ADMIN_TOKEN

    def post(self, document: str, /, **variables: Any) -> TestResponse:
        path = f"/shopify/admin/api/{samples.API_VERSION}/graphql.json"
        return self.call(
            "POST", path, {"query": document, "variables": variables}, **{"X-Shopify-Access-Token": self.token}
        )

    def ask(self, document: str, /, **variables: Any) -> Any:
        answer = self.post(document, **variables).get_json()
        assert "errors" not in answer, answer
        return answer["data"]

    def routed(self, gid: str) -> Any:
        return self.ask(ROUTED, id=gid)["order"]["fulfillmentOrders"]["nodes"][0]

    def fulfil(self, gid: str, lines: Any = None, tracking: Any = None) -> Any:
        entry = {"fulfillmentOrderId": self.routed(gid)["id"]} | ({"fulfillmentOrderLineItems": lines} if lines else {})
        told = {"lineItemsByFulfillmentOrder": [entry]} | ({"trackingInfo": tracking} if tracking else {})
        return self.ask(CREATE, f=told)["fulfillmentCreate"]

    def rest(self, n: int) -> Any:
        return self.held("shopify", str(samples.order_id(n)))["order"]

    def refund(self, gid: str, key: str, quantity: int = 1, amount: str = "5.00", n: int = 1) -> Any:
        line = f"gid://shopify/LineItem/{samples.order(n)['line_items'][0]['id']}"
        told = {
            "orderId": gid,
            "refundLineItems": [{"lineItemId": line, "quantity": quantity, "restockType": "CANCEL"}],
            "transactions": [{"orderId": gid, "kind": "REFUND", "gateway": "shopify_payments", "amount": amount}],
        }
        return self.ask(REFUND, input=told, key=key)["refundCreate"]
