"""Taking, refusing and changing orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from orderhub.errors import Reject, Unsupported
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import CartEdit, Done, Operation, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.shopify import graphql, queries
from orderhub.platforms.shopify.from_graphql import number_of
from orderhub.platforms.shopify.mapper import ShopConnection
from orderhub.platforms.shopify.nodes import CalculatedLine, CalculatedOrder, OrderState
from orderhub.platforms.shopify.statuses import SHOPIFY_REASONS

_LONGEST_NOTE = 255


def accept(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Adds the tag; adding one that is there changes nothing."""
    tag = connection.settings.accepted_tag
    if not tag:
        raise Unsupported(Operation.ACCEPT, "Shopify", "it has no such step, and no tag is set that could stand for it")
    graphql.mutate(queries.TAGS_ADD, {"id": gid_of(order), "tags": [tag]}, connection, http)
    return Done()


def cancel(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Cancels; Shopify does it in the background. An order that is cancelled already is no error.

    Raises Reject with Shopify's code: with parcels on the way or an open return an order can no longer be cancelled.
    """
    reason = order.status_reason or StatusReason()
    code = reason.code or CancelReason.OTHER
    settings = connection.settings
    variables = {
        "orderId": gid_of(order),
        "reason": SHOPIFY_REASONS[code],
        "restock": settings.restock_on_cancel and code is not CancelReason.OUT_OF_STOCK,
        "refundMethod": {"originalPaymentMethodsRefund": settings.refund_on_cancel},
        "notifyCustomer": settings.notify_customer,
        "staffNote": ": ".join(filter(None, (code.value, reason.details)))[:_LONGEST_NOTE],
    }
    try:
        payload = graphql.mutate(queries.ORDER_CANCEL, variables, connection, http)
    except Reject:
        if state_of(order, connection, http).cancelled_at is None:
            raise
        return Done("Shopify had cancelled it already")
    job = payload.get("job")
    return Done(ids={"job": str(job["id"])} if isinstance(job, dict) and job.get("id") else {})


def edit_cart(order: Order, edits: Sequence[CartEdit], connection: ShopConnection, http: Http) -> Done:
    """Stages all edits, then commits them together. Lines that are as asked for are left alone.

    Raises Unsupported for a substitute, Reject ITEM_NOT_FOUND or INVALID_QUANTITY before anything is changed.
    """
    if any(edit.action not in _KEEPS for edit in edits):
        raise Unsupported(
            Operation.EDIT_CART, "Shopify", "a substitute changes what the customer owes; do that in Shopify's admin"
        )
    begun = graphql.mutate(queries.EDIT_BEGIN, {"id": gid_of(order)}, connection, http)
    calculated = parse_as(CalculatedOrder, begun.get("calculatedOrder"))
    lines = {str(number_of(line.id)): line for line in calculated.line_items}
    wanted = {line.id: quantity for line, quantity in (_target(edit, order, lines) for edit in edits)}
    changed = {
        line.id: wanted[line.id]
        for line in calculated.line_items
        if wanted.get(line.id, line.quantity) != line.quantity
    }
    if not changed:
        return Done("Shopify had these quantities already")
    for line, quantity in changed.items():
        staged = {"id": calculated.id, "lineItemId": line, "quantity": quantity, "restock": False}
        graphql.mutate(queries.EDIT_SET_QUANTITY, staged, connection, http)
    note = "; ".join(filter(None, (edit.note for edit in edits)))[:_LONGEST_NOTE] or None
    commit = {"id": calculated.id, "notifyCustomer": connection.settings.notify_customer, "staffNote": note}
    graphql.mutate(queries.EDIT_COMMIT, commit, connection, http)
    return Done()


def state_of(order: Order, connection: ShopConnection, http: Http) -> OrderState:
    """The order as Shopify has it now. Raises Reject ORDER_NOT_FOUND."""
    found = graphql.ask(queries.ORDER_STATE, {"id": gid_of(order)}, connection, http).root
    if found is None:
        raise Reject("ORDER_NOT_FOUND", f"Shopify has no order {order.external_id}, or does not show it to us")
    return parse_as(OrderState, found)


def gid_of(order: Order) -> str:
    """The order's global id."""
    return order.source.get("gid") or graphql.gid("Order", order.external_id)


# What may become of a line: how many of it stay.
_KEEPS: Mapping[str, str] = {"remove": "none", "reduce": "fewer"}


def _target(edit: CartEdit, order: Order, lines: Mapping[str, CalculatedLine]) -> tuple[CalculatedLine, int]:
    """The line of the edit at Shopify, and how many of it shall stay."""
    item = next((one for one in order.items if one.id == edit.item_id), None)
    line = lines.get((item and item.external_id) or "")
    if item is None or line is None:
        raise Reject("ITEM_NOT_FOUND", f"the order has no line {edit.item_id}")
    quantity = Decimal(0) if edit.action == "remove" else edit.quantity
    if quantity is None or quantity != int(quantity) or not 0 <= quantity <= line.quantity:
        raise Reject("INVALID_QUANTITY", f"of {item.name!r} there are {line.quantity}: it can only become fewer")
    return line, int(quantity)
