"""Stock counts and refunds at Square.

https://developer.squareup.com/docs/inventory-api/what-it-does and https://developer.squareup.com/docs/refunds-api/overview
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import identity, utc
from local.standins.samples.square_prices import amount, money
from local.standins.square_updates import bad_request, not_found, refused
from local.standins.vendor import Json

OLDEST_COUNT = timedelta(hours=24)


def counted(change: Json, now: datetime) -> Json:
    """The stock after a physical count, which must be of the last day."""
    count: Any = change.get("physical_count")
    if change.get("type") != "PHYSICAL_COUNT" or not isinstance(count, dict):
        raise bad_request("Only physical counts are known here.", "changes.type")
    try:
        at = kitchen.read_time(count["occurred_at"])
        object_id, location_id = str(count["catalog_object_id"]), str(count["location_id"])
        state, quantity = count["state"], str(count["quantity"])
    except (KeyError, ValueError) as error:
        raise bad_request("A count needs its object, location, state, quantity and time.", "changes") from error
    if state != "IN_STOCK" or not now - OLDEST_COUNT <= at <= now + timedelta(seconds=1):
        raise bad_request("occurred_at must lie within the last day.", "changes.physical_count.occurred_at")
    return stock_count(object_id, location_id, quantity, now)


def stock_count(object_id: str, location_id: str, quantity: str, now: datetime) -> Json:
    """A count as Square shows it."""
    return {
        "catalog_object_id": object_id,
        "catalog_object_type": "ITEM_VARIATION",
        "state": "IN_STOCK",
        "location_id": location_id,
        "quantity": quantity,
        "calculated_at": utc(now),
    }


def refunded(orders: Iterable[Json], refunds: Iterable[Json], body: Json, now: datetime) -> Json:
    """A refund of a payment of one of the orders, at most what earlier refunds left of it."""
    payment_id, asked = body.get("payment_id"), amount(body.get("amount_money"))
    payments = {tender["payment_id"]: (order, tender) for order in orders for tender in order.get("tenders", [])}
    if payment_id not in payments:
        raise not_found("The payment")
    order, tender = payments[payment_id]
    given = sum(amount(one["amount_money"]) for one in refunds if one["payment_id"] == payment_id)
    if not 0 < asked <= amount(tender["amount_money"]) - given:
        told = "The refund is more than what is left of the payment."
        raise refused("REFUND_AMOUNT_INVALID", told, "amount_money", category="REFUND_ERROR")
    return {
        "id": f"{payment_id}_{identity('square-refund', str(body['idempotency_key']))[:8]}",
        "status": "PENDING",
        "amount_money": money(asked),
        "payment_id": payment_id,
        "order_id": order["id"],
        "location_id": order["location_id"],
        "reason": body.get("reason", ""),
        "created_at": utc(now),
        "updated_at": utc(now),
    }
