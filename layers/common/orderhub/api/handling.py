"""/v1/orders/{id}/resend and reprint, and what waits to be printed at a store."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, ConfigDict, Field

from orderhub.api.call import IdempotencyKey, Versioned, caller, idempotency_key, versioned
from orderhub.api.orders import Cursor, Limit, OrderId, OrderView, view
from orderhub.service import handling
from orderhub.storage.prints import PrintJob

router = Router()

StoreId = Annotated[str, Path(description="the store's id")]
JobId = Annotated[str, Path(description="the print job's id, prt_...")]


class Reprint(BaseModel):
    """How many tickets are wanted."""

    model_config = ConfigDict(extra="forbid")

    copies: int = Field(default=1, ge=1, le=5)


class PrintList(BaseModel):
    """Part of what waits to be printed."""

    jobs: list[PrintJob]
    next_cursor: str | None


@router.post("/orders/<order_id>/resend", summary="Tell the platform again", tags=["orders"], status_code=202)
def resend_order(order_id: OrderId, key: IdempotencyKey = None) -> Versioned[OrderView]:
    """Tries again what the platform has not confirmed; `sync` says what, and a moment later what came of it."""
    order = handling.resend(caller(router), order_id, idempotency_key(key))
    return versioned(view(order), order.version, 202)


@router.post("/orders/<order_id>/reprint", summary="Print an order's ticket", tags=["printing"], status_code=201)
def reprint_order(
    order_id: OrderId, wanted: Annotated[Reprint | None, Body()] = None, key: IdempotencyKey = None
) -> PrintJob:
    """Puts the ticket on the list of its store, from which printers take it."""
    copies = (wanted or Reprint()).copies
    return handling.reprint(caller(router), order_id, copies, idempotency_key(key))


@router.get("/stores/<store_id>/prints", summary="What waits to be printed", tags=["printing"])
def list_prints(store_id: StoreId, limit: Limit = 50, cursor: Cursor = None) -> PrintList:
    """Oldest first. A job that nobody took is dropped after a day."""
    page = handling.list_prints(caller(router), store_id, limit=limit, cursor=cursor)
    return PrintList(jobs=page.jobs, next_cursor=page.next_cursor)


@router.delete("/stores/<store_id>/prints/<job_id>", summary="Done printing", tags=["printing"], status_code=204)
def delete_print(store_id: StoreId, job_id: JobId) -> Response[None]:
    """Takes a ticket off the list; one that is not there is no error, for two printers may have printed it."""
    handling.printed(caller(router), store_id, job_id)
    return Response(204)
