"""The refunds of an order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel

from orderhub.api.call import IdempotencyKey, IfMatch, Versioned, caller, expected_version, idempotency_key, versioned
from orderhub.api.orders import OrderId
from orderhub.order.models import Refund
from orderhub.service import refunds
from orderhub.service.refunds import NewRefund

router = Router()


class BalanceView(BaseModel):
    """The money of an order in minor units. given_back: confirmed; under_way: not confirmed yet; left: may be given."""

    currency: str
    paid: int
    given_back: int
    under_way: int
    left: int


class RefundList(BaseModel):
    """The refunds of an order, oldest first. balance: null when the platform does not say what was paid."""

    refunds: list[Refund]
    balance: BalanceView | None
    next_cursor: str | None = None


@router.post("/orders/<order_id>/refunds", summary="Give money back", tags=["refunds"], status_code=201)
def ask_refund(
    order_id: OrderId, new: Annotated[NewRefund, Body()], if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[Refund]:
    """Gives back an amount, some lines, or all that is left; never more than was paid.

    `state` says what becomes of it at the platform, and is `unsupported` at once where it takes no refunds. The ETag is
    that of the order.
    """
    refund, order = refunds.ask_refund(
        caller(router),
        order_id,
        new,
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
    )
    return versioned(refund, order.version, 201)


@router.get("/orders/<order_id>/refunds", summary="Refunds of an order", tags=["refunds"])
def list_refunds(order_id: OrderId) -> RefundList:
    """What was given back, what is under way, and what is left."""
    found, balance = refunds.list_refunds(caller(router), order_id)
    return RefundList(refunds=found, balance=BalanceView(**asdict(balance)) if balance else None)
