"""Lines that cannot be had: the out-of-item path of both generations.

A restaurant asks, and the customer decides; a shop that picks goods from shelves decides itself. The order is read
first, for Uber's keys of its lines and the kind of its store.

v1: https://developer.uber.com/docs/eats/guides/retail-order-fulfillment and `resolve-fulfillment-issues`.
v2: https://developer.uber.com/docs/eats/references/api/v2/patch-eats-orders-orderid-cart (grocery stores only).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from orderhub.errors import Reject, Unsupported
from orderhub.order.models import Order
from orderhub.platforms.base import CartEdit, Connection, Done, Operation
from orderhub.platforms.http_types import Http
from orderhub.platforms.pieces import path_part
from orderhub.platforms.uber_eats import client, mapper, mapper_v1, mapper_v2, money_v1
from orderhub.platforms.uber_eats.models_v1 import OrderV1
from orderhub.platforms.uber_eats.models_v1_cart import CartItem
from orderhub.platforms.uber_eats.models_v2 import OrderV2
from orderhub.platforms.uber_eats.models_v2_cart import Item

Body = dict[str, Any]
Found = TypeVar("Found")

# What Uber calls otherwise, or does not say, is taken for a restaurant.
_RETAIL = frozenset(
    f"MERCHANT_TYPE_{kind}"
    for kind in ("GROCERY", "LIQUOR", "SPECIALTY_FOOD", "CONVENIENCE", "PHARMACY", "FLORIST", "PET_SUPPLY", "RETAIL")
)


def edit_cart(order: Order, edits: Sequence[CartEdit], connection: Connection[Any, Any], http: Http) -> Done:
    """Reports the lines, all in one call. Raises Reject for a line that is not in the order, Unsupported."""
    if not edits:
        raise Reject("NOTHING_TO_EDIT", "no line of the order is to be changed")
    reply = client.read(order.external_id, client.generation_of(order.source, connection), http)
    match mapper.parse(reply.json()):
        case OrderV1() as read:
            return _resolve(order, read, edits, http)
        case OrderV2() as read:
            return _patch(order, read, edits, http)


def _resolve(order: Order, read: OrderV1, edits: Sequence[CartEdit], http: Http) -> Done:
    reader = mapper_v1.cart_reader(read, money_v1.purse_of(read, order.amounts.currency), [])
    lines = {line.id for line in reader.lines(read.carts or [])}
    kind = read.store.uber_merchant_type.type if read.store and read.store.uber_merchant_type else None
    issues = [
        _retail_issue(edit, _find(edit, reader.keys))
        if kind in _RETAIL
        else _restaurant_issue(edit, _find(edit, reader.keys), is_option=edit.item_id not in lines)
        for edit in edits
    ]
    path = f"/v1/delivery/order/{path_part(order.external_id)}/resolve-fulfillment-issues"
    reply = http.request("POST", path, json={"fulfillment_issues": issues})
    answer = reply.json() if reply.body else None
    waits = isinstance(answer, dict) and answer.get("should_wait_for_customer_response") is True
    return Done(note="waiting for the customer's answer" if waits else "reported to Uber")


def _restaurant_issue(edit: CartEdit, item: CartItem, *, is_option: bool) -> Body:
    if edit.action != "remove":
        why = "a restaurant can only report a line that cannot be had; its customer decides what comes instead"
        raise Unsupported(Operation.EDIT_CART, "Uber Eats", why)
    kind = "OUT_OF_MODIFIER_OPTION" if is_option else "OUT_OF_ITEM"
    return {"issue_type": kind, "action_type": "ASK_CUSTOMER", **_about(edit, item)}


def _retail_issue(edit: CartEdit, item: CartItem) -> Body:
    match edit.action:
        case "reduce":
            available = {"items_available": {"amount": _pieces(edit.quantity)}}
            return {"issue_type": "PARTIAL_AVAILABILITY", **_about(edit, item), "item_availability": available}
        case "substitute":
            wanted = item.fulfillment_action.item_substitutes if item.fulfillment_action else []
            own_choice = edit.substitute_external_id in [one.id for one in wanted]
            return {
                "issue_type": "OUT_OF_ITEM",
                "action_type": "SUBSTITUTE_ME" if own_choice else "REPLACE_FOR_ME",
                **_about(edit, item),
                "item_substitute": {
                    "id": _substitute(edit),
                    "quantity": {"amount": _pieces(edit.quantity, item.quantity.amount if item.quantity else None)},
                },
            }
        case _:
            return {"issue_type": "OUT_OF_ITEM", "action_type": "REMOVE_ITEM", **_about(edit, item)}


def _about(edit: CartEdit, item: CartItem) -> Body:
    about: Body = {"item": {"cart_item_id": item.cart_item_id}}
    return {**about, "store_response": edit.note} if edit.note else about


def _patch(order: Order, read: OrderV2, edits: Sequence[CartEdit], http: Http) -> Done:
    reader = mapper_v2.cart_reader(read)
    reader.lines(read.cart)
    issues = [_classic_issue(edit, _find(edit, reader.keys)) for edit in edits]
    path = f"/v2/eats/orders/{path_part(order.external_id)}/cart"
    http.request("PATCH", path, json={"fulfillment_issues": issues})
    return Done(note="the cart is changed")


def _classic_issue(edit: CartEdit, item: Item) -> Body:
    requested = _pieces(item.quantity, Decimal(1))
    about: Body = {"root_item": {"id": item.id, "instance_id": item.instance_id}}
    match edit.action:
        case "reduce":
            about["fulfillment_issue_type"] = "PARTIAL_AVAILABILITY"
            available = _pieces(edit.quantity)
        case "substitute":
            available = _pieces(edit.quantity, item.quantity)
            about |= {"fulfillment_issue_type": "OUT_OF_ITEM", "fulfillment_action_type": "REPLACE_FOR_ME"}
            about["item_substitute"] = {"id": _substitute(edit), "quantity": available}
        case _:
            available = 0
            about |= {"fulfillment_issue_type": "OUT_OF_ITEM", "fulfillment_action_type": "REMOVE_ITEM"}
    return {**about, "item_availability_info": {"items_requested": requested, "items_available": available}}


def _find(edit: CartEdit, keys: Mapping[str, Found]) -> Found:
    found = keys.get(edit.item_id)
    if found is None:
        raise Reject("UNKNOWN_ITEM", f"the order at Uber has no line {edit.item_id}")
    return found


def _pieces(quantity: Decimal | None, otherwise: Decimal | None = None) -> int:
    told = quantity if quantity is not None else otherwise
    if told is None:
        raise Reject("QUANTITY_MISSING", "how many there are has to be said")
    return int(told)


def _substitute(edit: CartEdit) -> str:
    if not edit.substitute_external_id:
        raise Reject("SUBSTITUTE_MISSING", "which item comes instead has to be said")
    return edit.substitute_external_id
