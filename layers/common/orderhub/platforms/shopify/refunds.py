"""Giving money back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID, uuid5

from orderhub.errors import Reject
from orderhub.order.ids import digest
from orderhub.order.models import Order
from orderhub.order.money import exponent, minor_units
from orderhub.platforms.base import Done, RefundRequest, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.shopify import graphql, queries
from orderhub.platforms.shopify.client import gid_of
from orderhub.platforms.shopify.mapper import ShopConnection
from orderhub.platforms.shopify.nodes import Refundable, Transaction

# The same request has the same key, so that Shopify answers a repeat with the first result.
_KEYS = UUID("5b0c1d3e-8a57-4f0e-9a35-6d3f7a1c2e90")
_PAYMENTS = frozenset({"SALE", "CAPTURE"})


def refund(order: Order, wanted: RefundRequest, connection: ShopConnection, http: Http) -> Done:
    """Gives `amount` back by the way it was paid, and notes the lines it is for; goods are not put back into stock.

    Two refunds that are alike in everything need keys that differ. Raises Reject NOTHING_TO_REFUND, REFUND_TOO_LARGE,
    ITEM_NOT_FOUND, FOREIGN_CURRENCY (refunds are made in the customer's currency, which we do not keep).
    """
    root = graphql.ask(queries.REFUNDABLE, {"id": gid_of(order)}, connection, http).root
    if root is None:
        raise Reject("ORDER_NOT_FOUND", f"Shopify has no order {order.external_id}, or does not show it to us")
    paid = parse_as(Refundable, root)
    if paid.presentment_currency_code not in {None, paid.currency_code}:
        currency = paid.presentment_currency_code
        raise Reject("FOREIGN_CURRENCY", f"the customer paid in {currency}: give it back in Shopify's admin")
    refund_input = {
        "orderId": gid_of(order),
        "note": wanted.reason,
        "notify": connection.settings.notify_customer,
        "refundLineItems": list(_lines(order, wanted.item_ids)),
        "transactions": _transactions(paid, wanted.amount, gid_of(order)),
    }
    same = wanted.key or digest(str(wanted.amount), wanted.reason or "", *wanted.item_ids)
    variables = {
        "input": refund_input,
        "idempotencyKey": str(uuid5(_KEYS, f"{connection.id} {order.external_id} {same}")),
    }
    payload = graphql.mutate(queries.REFUND_CREATE, variables, connection, http)
    made = payload.get("refund")
    return Done(ids={"refund": str(made["id"])} if isinstance(made, dict) and made.get("id") else {})


def _lines(order: Order, item_ids: Sequence[str]) -> Iterator[dict[str, object]]:
    items = {item.id: item for item in order.items}
    for item_id in item_ids:
        item = items.get(item_id)
        if item is None or item.external_id is None:
            raise Reject("ITEM_NOT_FOUND", f"the order has no line {item_id}")
        if item.quantity:
            line = graphql.gid("LineItem", item.external_id)
            yield {"lineItemId": line, "quantity": int(item.quantity), "restockType": "NO_RESTOCK"}


def _transactions(paid: Refundable, amount: int, order: str) -> list[dict[str, str]]:
    """The amount spread over the payments, in the order they were made, none beyond what is left of it."""
    currency = paid.currency_code
    succeeded = [one for one in paid.transactions if one.status == "SUCCESS"]
    given_back: dict[str, int] = {}
    for one in succeeded:
        if one.kind == "REFUND":
            given_back[one.gateway or ""] = given_back.get(one.gateway or "", 0) + _minor(one, currency)
    found: list[dict[str, str]] = []
    missing = amount
    for one in (one for one in succeeded if one.kind in _PAYMENTS):
        gateway = one.gateway or ""
        used = min(given_back.get(gateway, 0), _minor(one, currency))
        given_back[gateway] = given_back.get(gateway, 0) - used
        part = min(_minor(one, currency) - used, missing)
        if part > 0:
            missing -= part
            found.append(
                {
                    "orderId": order,
                    "parentId": one.id,
                    "kind": "REFUND",
                    "gateway": gateway,
                    "amount": _major(part, currency),
                }
            )
    if not found:
        raise Reject("NOTHING_TO_REFUND", "Shopify has no payment of this order that could be given back")
    if missing > 0:
        left = _major(amount - missing, currency)
        raise Reject("REFUND_TOO_LARGE", f"only {left} {currency} can be given back", details={"refundable": left})
    return found


def _minor(transaction: Transaction, currency: str) -> int:
    money = transaction.amount_set and transaction.amount_set.shop_money
    return minor_units(money.amount, currency) if money and money.amount is not None else 0


def _major(amount: int, currency: str) -> str:
    return f"{Decimal(amount).scaleb(-exponent(currency)):f}"
