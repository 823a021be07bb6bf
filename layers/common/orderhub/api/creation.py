"""POST /v1/orders: orders that staff make themselves."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from orderhub.api.call import IdempotencyKey, Versioned, caller, idempotency_key, shown, versioned
from orderhub.api.orders import OrderView
from orderhub.order.native import NewOrder
from orderhub.service import creation

router = Router()


@router.post(
    "/orders",
    summary="Make an order",
    tags=["orders"],
    responses={200: {"description": "Priced, and not stored"}, 201: {"description": "Made"}},
)
def create_order(
    new: Annotated[NewOrder, Body()],
    dry_run: Annotated[bool, Query(description="price it and store nothing; answers 200 and version 0")] = False,
    key: IdempotencyKey = None,
) -> Versioned[OrderView]:
    """Makes an order of the store's own shop or of the telephone, with all its sums."""
    order = creation.create_order(caller(router), new, idempotency_key(key), dry_run=dry_run)
    return versioned(OrderView.model_validate(shown(order)), order.version, 200 if dry_run else 201)
