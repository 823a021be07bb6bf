"""Square orders, customers and webhook bodies in the vendor's schema, with values of our own.

Orders are what `GET /v2/orders/{id}` answers; `priced` works out all their totals, from lines to tips.
Schema: https://developer.squareup.com/reference/square/objects/Order
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import compact, identity, later, merged, moment, utc
from local.standins.samples.square_parts import (
    customer,
    customer_id,
    delivery_charge,
    fulfillment_of,
    line_item,
    sales_tax,
    short_id,
    variation_id,
    voucher,
)
from local.standins.samples.square_prices import money, priced

MERCHANT_ID = "MDEMOKITCHEN1"
LOCATION_ID = "LDEMOKITCHEN1"
APPLICATION_ID = "sq0idp-demo-corner-kitchen"
__all__ = [
    "LOCATION_ID",
    "MERCHANT_ID",
    "customer",
    "customer_id",
    "headers",
    "notification",
    "order",
    "order_id",
    "payment",
    "pos_order",
    "variation_id",
    "wire",
]

wire = compact


def order_id(n: int) -> str:
    """Square's id of sample order `n`."""
    return short_id("square-order", n)


def order(
    n: int,
    *,
    placed_at: datetime | None = None,
    fulfillment: str = "PICKUP",
    scheduled_for: datetime | None = None,
    paid: bool = True,
    **overrides: Any,
) -> dict[str, Any]:
    """Order `n` of an online shop as `GET /v2/orders/{id}` answers it: `{"order": {...}}`, OPEN with a PROPOSED one.

    `fulfillment` is PICKUP, DELIVERY or SHIPMENT, as soon as possible unless `scheduled_for`; `placed_at` defaults to
    now; `paid` is by card, in full; `overrides` replace fields of the inner order.
    """
    placed, person = moment(placed_at), kitchen.customer(n)
    body: dict[str, Any] = {
        "id": order_id(n),
        "location_id": LOCATION_ID,
        "creation_source": {"product": "ONLINE_STORE", "name": "Square Online"},
        "source": {"name": "Square Online"},
        "customer_id": customer_id(person),
        "line_items": [line_item(index, line) for index, line in enumerate(kitchen.basket(n))],
        "taxes": [sales_tax()],
        "fulfillments": [fulfillment_of(n, placed, fulfillment, scheduled_for)],
        "metadata": {},
        "created_at": utc(placed),
        "updated_at": utc(placed),
        "state": "OPEN",
        "version": 1,
        "ticket_name": f"A{n}",
    }
    if kitchen.discount(n):
        body["discounts"] = [voucher(kitchen.discount(n))]
    if fulfillment == "DELIVERY":
        body["service_charges"] = [delivery_charge()]
    tip = kitchen.tip(n) if fulfillment == "DELIVERY" else 0
    return {"order": merged(_paid(priced(body), placed, tip) if paid else priced(body), overrides)}


def pos_order(n: int, *, placed_at: datetime | None = None, **overrides: Any) -> dict[str, Any]:
    """Counter sale `n` of the Point of Sale app: paid in cash, COMPLETED, without fulfillment and without `version`."""
    placed = moment(placed_at)
    body: dict[str, Any] = {
        "id": short_id("square-pos", n),
        "location_id": LOCATION_ID,
        "creation_source": {"product": "SQUARE_POS", "name": "Square POS for Android"},
        "source": {"name": "Square Point of Sale"},
        "line_items": [line_item(index, line) for index, line in enumerate(kitchen.basket(n))],
        "taxes": [sales_tax()],
        "created_at": utc(placed),
        "updated_at": utc(later(placed, 0.1)),
        "closed_at": utc(later(placed, 0.1)),
        "state": "COMPLETED",
        "ticket_name": f"Counter {n}",
    }
    sold = _paid(priced(body), placed, 0)
    tender = sold["tenders"][0]
    del tender["card_details"]
    tender |= {
        "type": "CASH",
        "cash_details": {"buyer_tendered_money": tender["amount_money"], "change_back_money": money(0)},
    }
    return {"order": merged(sold, overrides)}


def payment(order: Mapping[str, Any]) -> dict[str, Any]:
    """The payment of a paid order (wrapped or bare), as payment webhooks carry it."""
    inner = order.get("order", order)
    tender = inner["tenders"][0]
    tip = tender.get("tip_money", money(0))
    return {
        "id": tender["payment_id"],
        "created_at": tender["created_at"],
        "updated_at": inner["updated_at"],
        "amount_money": money(tender["amount_money"]["amount"] - tip["amount"]),
        "tip_money": tip,
        "total_money": tender["amount_money"],
        "status": "COMPLETED",
        "source_type": tender["type"],
        "location_id": inner["location_id"],
        "order_id": inner["id"],
        "receipt_number": tender["payment_id"][:4],
        "version_token": identity("square-payment-version", inner["id"]).replace("-", ""),
    }


def notification(
    event_type: str,
    order: Mapping[str, Any],
    *,
    at: datetime | None = None,
    event_id: str | None = None,
    old_state: str = "PROPOSED",
) -> dict[str, Any]:
    """The webhook body for `event_type` about an order (wrapped or bare), telling its present version and state.

    Knows order.created, order.updated, order.fulfillment.updated (from `old_state` to the present state of its first
    fulfillment), payment.created and payment.updated. A Point of Sale order has no version, so neither has its body.
    """
    inner = order.get("order", order)
    created = utc(moment(at)) if at else inner["updated_at"]
    if event_type.startswith("payment."):
        kind, content = "payment", payment(inner)
        data_id = content["id"]
    else:
        kind, data_id = event_type.replace(".", "_"), inner["id"]
        content = {"order_id": inner["id"], "location_id": inner["location_id"], "state": inner["state"]}
        content |= {"version": inner["version"]} if "version" in inner else {}
        content |= {"created_at": inner["created_at"]}
        if event_type != "order.created":
            content["updated_at"] = inner["updated_at"]
        if event_type == "order.fulfillment.updated":
            first = inner["fulfillments"][0]
            content["fulfillment_update"] = [
                {"fulfillment_uid": first["uid"], "old_state": old_state, "new_state": first["state"]}
            ]
    return {
        "merchant_id": MERCHANT_ID,
        "type": event_type,
        "event_id": event_id or identity("square-event", f"{event_type}:{data_id}:{inner.get('version')}:{created}"),
        "created_at": created,
        "data": {"type": kind, "id": data_id, "object": {kind: content}},
    }


def headers(environment: str = "Production") -> dict[str, str]:
    """The headers of a webhook request apart from its signature."""
    return {"Content-Type": "application/json", "square-environment": environment, "square-version": "2026-08-19"}


def _paid(body: dict[str, Any], at: datetime, tip: int) -> dict[str, Any]:
    """The order paid in full by card, with `tip` cents on top."""
    payment_id = short_id("square-payment", body["id"])
    tender = {
        "id": payment_id,
        "location_id": body["location_id"],
        "transaction_id": body["id"],
        "created_at": utc(at),
        "amount_money": money(body["total_money"]["amount"] + tip),
        "tip_money": money(tip),
        "type": "CARD",
        "card_details": {
            "status": "CAPTURED",
            "card": {"card_brand": "VISA", "last_4": "4242", "exp_month": 12, "exp_year": 2031},
            "entry_method": "KEYED",
        },
        "payment_id": payment_id,
    }
    return priced({**body, "tenders": [tender]})
