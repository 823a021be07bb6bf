"""Changing the lines of an order, and giving money back.

https://woocommerce.github.io/woocommerce-rest-api-docs/#update-an-order, #create-a-refund
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from orderhub.errors import Reject
from orderhub.order.models import Order
from orderhub.order.money import exponent, minor_units
from orderhub.platforms.base import CartEdit, Done, RefundRequest
from orderhub.platforms.http_types import Http
from orderhub.platforms.woocommerce import notes
from orderhub.platforms.woocommerce.lines import parents_of
from orderhub.platforms.woocommerce.models import Line
from orderhub.platforms.woocommerce.models import Order as Theirs
from orderhub.platforms.woocommerce.reads import order_path, path_part, present
from orderhub.platforms.woocommerce.settings import ShopConnection
from orderhub.platforms.woocommerce.statuses import ENDED

_FINEST = Decimal("0.000001")


def edit_cart(order: Order, edits: Sequence[CartEdit], connection: ShopConnection, http: Http) -> Done:
    """Changes all lines in one call; what is in a combo goes with it. A line that is as asked for is left alone.

    Raises Reject ITEM_NOT_FOUND, INVALID_QUANTITY, ORDER_ENDED before anything is changed.
    """
    there = present(order, http)
    if there.status in ENDED:
        raise Reject("ORDER_ENDED", f"WooCommerce has this order as {there.status}", details={"status": there.status})
    changes = [change for edit in edits for change in _changes(edit, order, there)]
    if not changes:
        return Done("WooCommerce had these lines already")
    http.request("PUT", order_path(order), json={"line_items": changes})
    said = "; ".join(filter(None, (edit.note for edit in edits)))
    return Done(ids=notes.add(order, f"Lines changed by the store: {said}", http, once="") if said else {})


def refund(order: Order, wanted: RefundRequest, connection: ShopConnection, http: Http) -> Done:
    """Gives `amount` back, as the settings say through the payment gateway or only in the books.

    The lines it is for are told when the amount is what they come to with tax; WooCommerce then counts them back into
    stock. Two refunds that are alike in everything need keys that differ. Raises Reject ITEM_NOT_FOUND and
    WooCommerce's codes.
    """
    there = present(order, http)
    mark = notes.mark(order.id, "refund", wanted.key or f"{wanted.amount} {wanted.reason} {sorted(wanted.item_ids)}")
    made = next((one for one in there.refunds if mark in (one.reason or "")), None)
    if made is not None:
        return Done("WooCommerce had this refund already", {"refund": made.id} if made.id else {})
    currency = order.amounts.currency
    lines = [_line_of(item_id, order, there) for item_id in wanted.item_ids]
    told = [line for line in lines if line is not None]
    worth = sum(minor_units((line.total or 0) + (line.total_tax or 0), currency) for line in told)
    whole = bool(told) and worth == wanted.amount
    body = {
        "amount": _major(wanted.amount, currency),
        "reason": " ".join(filter(None, (wanted.reason, mark))),
        "api_refund": connection.settings.api_refund,
        "api_restock": connection.settings.restock_on_refund,
        **({"line_items": [_back(line) for line in told]} if whole else {}),
    }
    reply = http.request("POST", f"{order_path(order)}/refunds", json=body).json()
    ids = {"refund": str(reply["id"])} if isinstance(reply, dict) and reply.get("id") else {}
    if wanted.item_ids and not whole:
        return Done("booked without its lines, as the amount is not what they come to", ids)
    return Done(ids=ids)


def _back(line: Line) -> dict[str, Any]:
    """A whole line to be given back. WooCommerce takes numbers here, to as many places as it sent."""
    taxes = [{"id": int(tax.id), "refund_total": float(tax.total)} for tax in line.taxes if tax.id and tax.total]
    return {
        "id": int(line.id),
        "quantity": _number(line.quantity),
        "refund_total": float(line.total or 0),
        "refund_tax": taxes,
    }


def _changes(edit: CartEdit, order: Order, there: Theirs) -> Iterator[dict[str, Any]]:
    line = _line_of(edit.item_id, order, there)
    if line is None:
        return  # it is gone already, and what replaces it came in the same call
    left = edit.quantity if edit.action == "reduce" else Decimal(0)
    if left is None or not 0 <= left <= line.quantity:
        raise Reject("INVALID_QUANTITY", f"of {line.name!r} there are {line.quantity}: it can only become fewer")
    if left == line.quantity:
        return
    for one in _with_parts(line, there):
        yield _resized(one, left / line.quantity, order.amounts.currency)
    if edit.action == "substitute":
        yield _substitute(edit, line)


def _with_parts(line: Line, there: Theirs) -> list[Line]:
    """A line and all that is in it."""
    parents = parents_of(there.line_items)
    found = [line]
    for one in found:
        found.extend(part for part in there.line_items if parents.get(part.id) == one.id and part not in found)
    return found


def _resized(line: Line, share: Decimal, currency: str) -> dict[str, Any]:
    """The line with a share of its quantity. The sums have to be told: WooCommerce works out the tax alone."""
    if not share:
        return {"id": int(line.id), "quantity": 0}
    sums = {"subtotal": line.subtotal, "total": line.total}
    return {
        "id": int(line.id),
        "quantity": _number((line.quantity * share).quantize(_FINEST)),
        **{
            name: _major(minor_units(amount * share, currency), currency)
            for name, amount in sums.items()
            if amount is not None
        },
    }


def _substitute(edit: CartEdit, line: Line) -> dict[str, Any]:
    """Another product in its place: `product` or `product/variation`, by the shop's ids. The shop sets its price."""
    product, _, variation = (edit.substitute_external_id or "").partition("/")
    quantity = _number(line.quantity if edit.quantity is None else edit.quantity)
    chosen = {"variation_id": int(path_part(variation))} if variation else {}
    return {"product_id": int(path_part(product)), **chosen, "quantity": quantity}


def _line_of(item_id: str, order: Order, there: Theirs) -> Line | None:
    """The shop's line of one of our items, None when the shop has it no more. Raises Reject ITEM_NOT_FOUND."""
    item = next((one for one in order.items if one.id == item_id), None)
    if item is None:
        raise Reject("ITEM_NOT_FOUND", f"the order has no line {item_id}")
    return next((line for line in there.line_items if line.id == item.external_id), None)


def _number(quantity: Decimal) -> int | float:
    """A whole number as one: WooCommerce removes a line for 0, not for 0.0."""
    return int(quantity) if quantity == int(quantity) else float(quantity)


def _major(amount: int, currency: str) -> str:
    return f"{Decimal(amount).scaleb(-exponent(currency)):f}"
