"""/v1/orders and a store's orders."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.api.call import caller, expected_version, idempotency_key, is_known, shown, versioned
from orderhub.errors import Reject
from orderhub.order.events import Event
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import CancelReason, Status
from orderhub.service import orders

router = Router()

Limit = Annotated[int, Query(ge=1, le=100, description="how many at most")]
Cursor = Annotated[str | None, Query(description="next_cursor of the answer before")]
Statuses = Annotated[list[Status] | None, Query(description="only these; may be given more than once")]
OrderId = Annotated[str, Path(description="the hub's id, ord_...")]


class AdviceView(BaseModel):
    """What staff should know before they take an action; with a reason: it is so with that reason only."""

    action: str
    text: str
    reason: CancelReason | None = None


class OrderView(Order):
    """An order, what staff may do with it now, and what they should know before they do."""

    allowed_actions: list[str]
    advice: list[AdviceView]


class OrderList(BaseModel):
    """Part of a list of orders."""

    orders: list[OrderView]
    next_cursor: str | None


class EventView(BaseModel):
    """One line of a timeline. cause: who; effect: applied, unchanged, stale, dropped or failed."""

    key: str
    type: str
    effect: str
    at: AwareDatetime
    cause: dict[str, str]
    version: int
    source_version: str | None
    summary: dict[str, Any]


class Timeline(BaseModel):
    """All that happened to an order, oldest first."""

    events: list[EventView]
    next_cursor: str | None = None


class Promise(BaseModel):
    """When the order will be ready: either a time or minutes from now."""

    model_config = ConfigDict(extra="forbid")

    ready_at: AwareDatetime | None = None
    prep_minutes: int | None = Field(default=None, ge=0, le=43200)


class Refusal(BaseModel):
    """Why an order is denied or cancelled. items: ids of the order lines it is about; OTHER needs details.

    confirmed: the person knows what the platform does besides (see `advice` of the order) and wants it.
    """

    model_config = ConfigDict(extra="forbid")

    reason: CancelReason
    details: str | None = Field(default=None, max_length=1000)
    items: list[str] = []
    confirmed: bool = False


@router.get("/orders", summary="Open orders, oldest first", tags=["orders"])
def list_open(
    store_id: Annotated[str | None, Query(description="one store; all of yours when left out")] = None,
    status: Statuses = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderList:
    """Open orders of one store or of all stores the key is for."""
    page = orders.list_open(caller(router), store_id, status or [], limit=limit, cursor=cursor)
    return _listed(page.orders, page.next_cursor)


@router.get("/stores/<store_id>/orders", summary="A store's orders of a day, newest first", tags=["orders"])
def list_day(
    store_id: Annotated[str, Path()],
    day: Annotated[
        date | None, Query(alias="date", description="in the store's time zone; today when left out")
    ] = None,
    status: Statuses = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderList:
    """All orders of a store's day, open or not."""
    page = orders.list_day(caller(router), store_id, day, status or [], limit=limit, cursor=cursor)
    return _listed(page.orders, page.next_cursor)


@router.get("/orders/<order_id>", summary="One order", tags=["orders"], responses={200: {"description": "the order"}})
def get_order(order_id: OrderId) -> Response[OrderView | None]:
    """The order as it is, with its version as ETag; 304 when If-None-Match names that version."""
    order = orders.get_order(caller(router), order_id)
    if is_known(router, order.version):
        return Response(304, headers={"etag": f'"{_etag(order)}"'})
    return Response(200, "application/json", _view(order), headers={"etag": f'"{_etag(order)}"'})


@router.get("/orders/<order_id>/timeline", summary="All that happened to an order", tags=["orders"])
def get_timeline(order_id: OrderId) -> Timeline:
    """Every message, change, call to the platform and its result, oldest first."""
    return Timeline(events=[_event(event) for event in orders.timeline(caller(router), order_id)])


@router.route("/orders/<order_id>/accept", method=["PUT", "POST"], summary="Accept", tags=["orders"])
def accept(order_id: OrderId, promise: Annotated[Promise | None, Body()] = None) -> Response[OrderView]:
    """The store makes the order, ready in prep_minutes or at ready_at; its usual minutes when neither is given."""
    if promise is not None and promise.ready_at is not None and promise.prep_minutes is not None:
        raise Reject("INVALID_FIELD_VALUE", "give either ready_at or prep_minutes")
    given = promise or Promise()
    return _change(order_id, "accept", ready_at=given.ready_at, prep_minutes=given.prep_minutes)


@router.route("/orders/<order_id>/deny", method=["PUT", "POST"], summary="Deny", tags=["orders"])
def deny(order_id: OrderId, refusal: Annotated[Refusal, Body()]) -> Response[OrderView]:
    """The store does not take an incoming order."""
    return _change(order_id, "deny", reason=_reason(refusal), confirmed=refusal.confirmed)


@router.route("/orders/<order_id>/cancel", method=["PUT", "POST"], summary="Cancel", tags=["orders"])
def cancel(order_id: OrderId, refusal: Annotated[Refusal, Body()]) -> Response[OrderView]:
    """The store cannot finish an order."""
    return _change(order_id, "cancel", reason=_reason(refusal), confirmed=refusal.confirmed)


@router.route("/orders/<order_id>/bagging", method=["PUT", "POST"], summary="Being prepared", tags=["orders"])
def bagging(order_id: OrderId) -> Response[OrderView]:
    """The order is being prepared."""
    return _change(order_id, "bagging")


@router.route("/orders/<order_id>/ready", method=["PUT", "POST"], summary="Ready", tags=["orders"])
def ready(order_id: OrderId) -> Response[OrderView]:
    """The order waits for whoever takes it."""
    return _change(order_id, "ready")


@router.route("/orders/<order_id>/picked_up", method=["PUT", "POST"], summary="Picked up", tags=["orders"])
def picked_up(order_id: OrderId) -> Response[OrderView]:
    """The order has left the store."""
    return _change(order_id, "picked_up")


@router.route("/orders/<order_id>/complete", method=["PUT", "POST"], summary="Complete", tags=["orders"])
def complete(order_id: OrderId) -> Response[OrderView]:
    """The customer has the order."""
    return _change(order_id, "complete")


@router.patch("/orders/<order_id>/ready-time", summary="Promise another time", tags=["orders"])
def set_ready_time(order_id: OrderId, promise: Annotated[Promise, Body()]) -> Response[OrderView]:
    """Another time, told to the platform where it takes one."""
    order = orders.change_ready_time(
        caller(router),
        order_id,
        ready_at=promise.ready_at,
        prep_minutes=promise.prep_minutes,
        expected_version=expected_version(router),
        idempotency_key=idempotency_key(router),
    )
    return _one(order)


def _change(order_id: str, action: str, **given: Any) -> Response[OrderView]:
    order = orders.change_status(
        caller(router),
        order_id,
        action,
        expected_version=expected_version(router),
        idempotency_key=idempotency_key(router),
        **given,
    )
    return _one(order)


def _reason(refusal: Refusal) -> StatusReason:
    return StatusReason(code=refusal.reason, details=refusal.details, items=refusal.items)


def _one(order: Order) -> Response[OrderView]:
    return versioned(_view(order), order.version)


def _view(order: Order) -> OrderView:
    return OrderView.model_validate(shown(order))


def _etag(order: Order) -> str:
    return str(order.version)


def _listed(found: Any, next_cursor: str | None) -> OrderList:
    return OrderList(orders=[_view(order) for order in found], next_cursor=next_cursor)


def _event(event: Event) -> EventView:
    return EventView(
        key=event.key,
        type=event.type,
        effect=event.effect,
        at=event.at,
        cause={"actor": event.cause.actor.value, "name": event.cause.name},
        version=event.version,
        source_version=event.source_version,
        summary=dict(event.summary),
    )
