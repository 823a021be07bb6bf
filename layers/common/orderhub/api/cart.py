"""PATCH /v1/orders/{order_id}/cart: other lines."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field

from orderhub.api.call import (
    IdempotencyKey,
    IfMatch,
    Versioned,
    caller,
    expected_version,
    idempotency_key,
    shown,
    versioned,
)
from orderhub.api.orders import OrderId, OrderView
from orderhub.order.cart import Difference
from orderhub.order.edits import Edit
from orderhub.service import cart

router = Router()


class CartEdits(BaseModel):
    """What is to change, all of it or nothing.

    customer_approved: the customer agrees; needed where it costs more or another article comes. dry_run: say what it
    costs, and change nothing.
    """

    model_config = ConfigDict(extra="forbid")

    edits: list[Edit] = Field(min_length=1, max_length=50)
    customer_approved: bool = False
    dry_run: bool = False


class CartView(BaseModel):
    """The order as it is, what the edits do to its price, and whether the customer has to agree."""

    order: OrderView
    difference: Difference
    customer_approval_needed: bool
    dry_run: bool


@router.patch("/orders/<order_id>/cart", summary="Change the lines of an order", tags=["orders"])
def change_cart(
    order_id: OrderId, wanted: Annotated[CartEdits, Body()], if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[CartView]:
    """Changes lines at once on an order of our own; else asks its platform, and `cart` of the order says what came."""
    changed = cart.change_cart(
        caller(router),
        order_id,
        wanted.edits,
        approved=wanted.customer_approved,
        dry_run=wanted.dry_run,
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
    )
    view = CartView(
        order=OrderView.model_validate(shown(changed.order)),
        difference=changed.cost,
        customer_approval_needed=changed.approval_needed,
        dry_run=wanted.dry_run,
    )
    return versioned(view, changed.order.version)
