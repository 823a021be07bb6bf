"""Giving money back, payment by payment.

https://developer.squareup.com/docs/refunds-api/overview
"""

from __future__ import annotations

from orderhub.errors import Reject
from orderhub.order.ids import digest
from orderhub.order.models import Order
from orderhub.platforms.base import Done, RefundRequest, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.payload import Id, Payload, Text
from orderhub.platforms.square import models
from orderhub.platforms.square.client import money
from orderhub.platforms.square.config import SquareConnection
from orderhub.platforms.square.reading import order_in, order_path

_NOT_GIVEN_BACK = ("REJECTED", "FAILED")
_REASON_LENGTH = 150  # Square takes 192; our mark comes behind it


class _Refund(Payload):
    id: Id
    status: Text = None


class _Answer(Payload):
    refund: _Refund


def refund(order: Order, request: RefundRequest, connection: SquareConnection, http: Http) -> Done:
    """Refunds the amount on the payments of the order, each as far as it goes, in the order they were made.

    A repeat is safe: each refund has a key made of the request and its payment, and a mark in its reason, by which a
    later try sees what an earlier one has given back. Raises Reject when the payments do not hold that much.
    """
    if request.amount <= 0:
        raise Reject("REFUND_AMOUNT_INVALID", "a refund is more than nothing")
    theirs = order_in(http.request("GET", order_path(order.external_id)).json())
    key = request.key or digest(str(request.amount), *request.item_ids, request.reason or "")
    mark = f"({digest(order.id, key)[:8]})"
    done = [one for one in theirs.refunds if mark in (one.reason or "") and one.status not in _NOT_GIVEN_BACK]
    reason = f"{(request.reason or 'Refund by the store')[:_REASON_LENGTH]} {mark}"
    made = {one.tender_id or "": one.id or "" for one in done}
    for tender, amount in _shares(theirs, request.amount - sum(_cents(one) for one in done)):
        payment_id = tender.payment_id or tender.id or ""
        currency = (tender.amount_money.currency if tender.amount_money else None) or order.amounts.currency
        body = {
            "idempotency_key": digest(order.id, key, payment_id),
            "payment_id": payment_id,
            "amount_money": money(amount, currency),
            "reason": reason,
        }
        given = parse_as(_Answer, http.request("POST", "/v2/refunds", json=body).json()).refund
        if given.status in _NOT_GIVEN_BACK:
            raise Reject(f"REFUND_{given.status}", f"Square has {(given.status or '').lower()} refund {given.id}")
        made[payment_id] = given.id
    return Done(ids={f"refund.{payment_id}": refund_id for payment_id, refund_id in made.items()})


def _shares(theirs: models.Order, amount: int) -> list[tuple[models.Tender, int]]:
    """How much to give back on each payment. Raises Reject when they do not hold it."""
    shares: list[tuple[models.Tender, int]] = []
    for tender in theirs.tenders:
        free = _cents(tender) - sum(
            _cents(one) for one in theirs.refunds if one.tender_id == tender.id and one.status not in _NOT_GIVEN_BACK
        )
        share = min(amount - sum(given for _, given in shares), free)
        if share > 0:
            shares.append((tender, share))
    if amount > sum(given for _, given in shares):
        raise Reject("REFUND_TOO_LARGE", "the payments of this order do not hold that much any more")
    return shares


def _cents(one: models.Tender | models.Refund) -> int:
    return one.amount_money.cents if one.amount_money else 0
