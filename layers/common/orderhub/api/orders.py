"""/v1/orders/{id}: the timeline of an order, and what staff do with it."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

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


class Note(BaseModel):
    """What staff want to remember of a step; it stays in the timeline."""

    model_config = ConfigDict(extra="forbid")

    note: str | None = Field(default=None, max_length=500)


class Handover(Note):
    """Who took the goods: a courier's or customer's name."""

    handed_to: str | None = Field(default=None, min_length=1, max_length=200)


class Promise(Note):
    """When the order will be ready: either a time or minutes from now."""

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


@router.get("/orders/<order_id>/timeline", summary="All that happened to an order", tags=["orders"])
def get_timeline(order_id: OrderId) -> Timeline:
    """Every message, change, call to the platform and its result, oldest first."""
    return Timeline(events=[event_view(event) for event in orders.timeline(caller(router), order_id)])


@router.route("/orders/<order_id>/accept", method=["PUT", "POST"], summary="Accept", tags=["orders"])
def accept(
    order_id: OrderId,
    promise: Annotated[Promise | None, Body()] = None,
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[OrderView]:
    """The store makes the order, ready in prep_minutes or at ready_at; its usual minutes when neither is given."""
    if promise is not None and promise.ready_at is not None and promise.prep_minutes is not None:
        raise Reject("INVALID_FIELD_VALUE", "give either ready_at or prep_minutes")
    given = promise or Promise()
    return _change(
        order_id, "accept", if_match, key, ready_at=given.ready_at, prep_minutes=given.prep_minutes, note=given.note
    )


@router.route("/orders/<order_id>/deny", method=["PUT", "POST"], summary="Deny", tags=["orders"])
def deny(
    order_id: OrderId, refusal: Annotated[Refusal, Body()], if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[OrderView]:
    """The store does not take an incoming order."""
    return _change(order_id, "deny", if_match, key, reason=_reason(refusal), confirmed=refusal.confirmed)


@router.route("/orders/<order_id>/cancel", method=["PUT", "POST"], summary="Cancel", tags=["orders"])
def cancel(
    order_id: OrderId, refusal: Annotated[Refusal, Body()], if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[OrderView]:
    """The store cannot finish an order."""
    return _change(order_id, "cancel", if_match, key, reason=_reason(refusal), confirmed=refusal.confirmed)


@router.route("/orders/<order_id>/bagging", method=["PUT", "POST"], summary="Being prepared", tags=["orders"])
def bagging(
    order_id: OrderId, said: Annotated[Note | None, Body()] = None, if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[OrderView]:
    """The order is being prepared."""
    return _change(order_id, "bagging", if_match, key, note=said and said.note)


@router.route("/orders/<order_id>/ready", method=["PUT", "POST"], summary="Ready", tags=["orders"])
def ready(
    order_id: OrderId, said: Annotated[Note | None, Body()] = None, if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[OrderView]:
    """The order waits for whoever takes it."""
    return _change(order_id, "ready", if_match, key, note=said and said.note)


@router.route("/orders/<order_id>/picked_up", method=["PUT", "POST"], summary="Picked up", tags=["orders"])
def picked_up(
    order_id: OrderId,
    said: Annotated[Handover | None, Body()] = None,
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[OrderView]:
    """The order has left the store, with whom it was handed to."""
    return _change(order_id, "picked_up", if_match, key, note=said and said.note, handed_to=said and said.handed_to)


@router.route("/orders/<order_id>/complete", method=["PUT", "POST"], summary="Complete", tags=["orders"])
def complete(
    order_id: OrderId, said: Annotated[Note | None, Body()] = None, if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[OrderView]:
    """The customer has the order."""
    return _change(order_id, "complete", if_match, key, note=said and said.note)


@router.post("/orders/<order_id>/undo", summary="Take the last step back", tags=["orders"])
def undo(order_id: OrderId, if_match: IfMatch = None, key: IdempotencyKey = None) -> Versioned[OrderView]:
    """For two minutes, and only a step that the platform does not hear of; `allowed_actions` says when."""
    version, once = expected_version(if_match), idempotency_key(key)
    return _one(orders.undo(caller(router), order_id, expected_version=version, idempotency_key=once))


@router.patch("/orders/<order_id>/ready-time", summary="Promise another time", tags=["orders"])
def set_ready_time(
    order_id: OrderId, promise: Annotated[Promise, Body()], if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[OrderView]:
    """Another time, told to the platform where it takes one."""
    order = orders.change_ready_time(
        caller(router),
        order_id,
        ready_at=promise.ready_at,
        prep_minutes=promise.prep_minutes,
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
    )
    return _one(order)


def _change(order_id: str, action: str, if_match: str | None, key: str | None, **given: Any) -> Versioned[OrderView]:
    order = orders.change_status(
        caller(router),
        order_id,
        action,
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
        **given,
    )
    return _one(order)


def _reason(refusal: Refusal) -> StatusReason:
    return StatusReason(code=refusal.reason, details=refusal.details, items=refusal.items)


def _one(order: Order) -> Versioned[OrderView]:
    return versioned(view(order), order.version)


def view(order: Order) -> OrderView:
    """An order as answers show it."""
    return OrderView.model_validate(shown(order))


def event_view(event: Event) -> EventView:
    """A line of a timeline as answers show it."""
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
