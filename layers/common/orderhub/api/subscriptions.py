"""/v1/subscriptions: which of your own systems hear of what, and what they were sent."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import AwareDatetime, BaseModel

from orderhub.api.call import IdempotencyKey, IfMatch, Versioned, caller, expected_version, idempotency_key, versioned
from orderhub.api.orders import Cursor, Limit
from orderhub.reporting.catalogue import EventType
from orderhub.reporting.subscription import SubscriptionState
from orderhub.service import deliveries, subscriptions
from orderhub.service.deliveries import EventTypeView, ExampleEvent, Replay, Replayed, ReportDetails, ReportView
from orderhub.service.subscriptions import (
    Disabling,
    IssuedSubscription,
    NewSubscription,
    Rotation,
    SubscriptionChange,
    SubscriptionView,
)
from orderhub.storage.reports import ReportState

router = Router()

SubscriptionId = Annotated[str, Path()]
DeliveryId = Annotated[str, Path()]
States = Annotated[list[ReportState] | None, Query(description="only these; may be given more than once")]
Since = Annotated[AwareDatetime | None, Query(description="only of events from then on")]
Until = Annotated[AwareDatetime | None, Query(description="only of events before then")]
Kind = Annotated[EventType | None, Query(alias="type", description="only of this type of event")]
OfOrder = Annotated[str | None, Query(description="only of this order")]


class SubscriptionList(BaseModel):
    """Part of the list of subscriptions."""

    subscriptions: list[SubscriptionView]
    next_cursor: str | None


class EventTypeList(BaseModel):
    """All types of events."""

    event_types: list[EventTypeView]
    next_cursor: None = None


class DeliveryList(BaseModel):
    """Part of what a subscription was sent."""

    deliveries: list[ReportView]
    next_cursor: str | None


@router.get("/subscriptions", summary="Subscriptions", tags=["subscriptions"])
def list_subscriptions(limit: Limit = 50, cursor: Cursor = None) -> SubscriptionList:
    """The subscriptions to your stores, without their secrets."""
    found, next_cursor = subscriptions.list_subscriptions(caller(router), limit=limit, cursor=cursor)
    return SubscriptionList(subscriptions=found, next_cursor=next_cursor)


@router.get("/subscriptions/event-types", summary="What can be subscribed to", tags=["subscriptions"])
def list_event_types() -> EventTypeList:
    """Each type of event with an example."""
    return EventTypeList(event_types=deliveries.event_types(caller(router)))


@router.post("/subscriptions", summary="Subscribe", tags=["subscriptions"], status_code=201)
def create_subscription(
    new: Annotated[NewSubscription, Body()], key: IdempotencyKey = None
) -> Versioned[IssuedSubscription]:
    """Makes a subscription. This answer is the only one that shows its secret."""
    made = subscriptions.create_subscription(caller(router), new, idempotency_key(key))
    return versioned(made, made.version, 201)


@router.get("/subscriptions/<subscription_id>", summary="One subscription", tags=["subscriptions"])
def get_subscription(subscription_id: SubscriptionId) -> Versioned[SubscriptionView]:
    """The subscription, with its version as ETag and without its secret."""
    return _one(subscriptions.get_subscription(caller(router), subscription_id))


@router.patch("/subscriptions/<subscription_id>", summary="Change a subscription", tags=["subscriptions"])
def change_subscription(
    subscription_id: SubscriptionId, change: Annotated[SubscriptionChange, Body()], if_match: IfMatch = None
) -> Versioned[SubscriptionView]:
    """Changes what is given. Which events are reported follows within some seconds."""
    version = expected_version(if_match)
    return _one(subscriptions.change_subscription(caller(router), subscription_id, change, version))


@router.delete("/subscriptions/<subscription_id>", summary="Unsubscribe", tags=["subscriptions"], status_code=204)
def delete_subscription(subscription_id: SubscriptionId) -> Response[None]:
    """Removes the subscription and its secret."""
    subscriptions.delete_subscription(caller(router), subscription_id)
    return Response(204)


@router.post("/subscriptions/<subscription_id>/rotate-secret", summary="Another secret", tags=["subscriptions"])
def rotate_secret(
    subscription_id: SubscriptionId,
    rotation: Annotated[Rotation | None, Body()] = None,
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[IssuedSubscription]:
    """Gives a new secret, shown in this answer alone; messages are signed with the one before, too, for a day."""
    issued = subscriptions.rotate_secret(
        caller(router), subscription_id, rotation or Rotation(), expected_version(if_match), idempotency_key(key)
    )
    return versioned(issued, issued.version)


@router.post("/subscriptions/<subscription_id>/enable", summary="Send again", tags=["subscriptions"])
def enable(
    subscription_id: SubscriptionId, if_match: IfMatch = None, key: IdempotencyKey = None
) -> Versioned[SubscriptionView]:
    """From now on messages are sent. Those of the time between wait to be replayed."""
    idempotency_key(key)
    version = expected_version(if_match)
    return _one(subscriptions.set_state(caller(router), subscription_id, SubscriptionState.ENABLED, None, version))


@router.post("/subscriptions/<subscription_id>/disable", summary="Stop sending", tags=["subscriptions"])
def disable(
    subscription_id: SubscriptionId,
    why: Annotated[Disabling | None, Body()] = None,
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[SubscriptionView]:
    """From now on messages are kept and not sent."""
    idempotency_key(key)
    reason, version = (why.reason if why is not None else None), expected_version(if_match)
    return _one(subscriptions.set_state(caller(router), subscription_id, SubscriptionState.DISABLED, reason, version))


@router.post(
    "/subscriptions/<subscription_id>/test", summary="Send an example", tags=["subscriptions"], status_code=202
)
def send_test(
    subscription_id: SubscriptionId, asked: Annotated[ExampleEvent | None, Body()] = None, key: IdempotencyKey = None
) -> Response[ReportView]:
    """Sends an example of an event, once; look at the delivery for what came of it."""
    made = deliveries.send_test(caller(router), subscription_id, asked or ExampleEvent(), idempotency_key(key))
    return Response(202, "application/json", made)


@router.post(
    "/subscriptions/<subscription_id>/replay",
    summary="Send what was not delivered",
    tags=["subscriptions"],
    status_code=202,
)
def replay_deliveries(
    subscription_id: SubscriptionId, asked: Annotated[Replay, Body()], key: IdempotencyKey = None
) -> Response[Replayed]:
    """Sends messages of a time again, a hundred at a time: go on with `next_cursor`. Ids and bodies stay the same."""
    done = deliveries.replay_range(caller(router), subscription_id, asked, idempotency_key(key))
    return Response(202, "application/json", done)


@router.get("/subscriptions/<subscription_id>/deliveries", summary="What was sent", tags=["subscriptions"])
def list_deliveries(
    subscription_id: SubscriptionId,
    state: States = None,
    since: Since = None,
    until: Until = None,
    kind: Kind = None,
    order_id: OfOrder = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryList:
    """Newest event first, for thirty days. A page may be short, or empty, and still go on."""
    found, next_cursor = deliveries.list_deliveries(
        caller(router),
        subscription_id,
        since=since,
        until=until,
        states=state or (),
        kind=kind,
        order_id=order_id,
        limit=limit,
        cursor=cursor,
    )
    return DeliveryList(deliveries=found, next_cursor=next_cursor)


@router.get("/subscriptions/<subscription_id>/deliveries/<delivery_id>", summary="One message", tags=["subscriptions"])
def get_delivery(subscription_id: SubscriptionId, delivery_id: DeliveryId) -> ReportDetails:
    """The message with what was sent, and each attempt."""
    return deliveries.get_delivery(caller(router), subscription_id, delivery_id)


@router.post(
    "/subscriptions/<subscription_id>/deliveries/<delivery_id>/replay",
    summary="Send one again",
    tags=["subscriptions"],
    status_code=202,
)
def replay_delivery(
    subscription_id: SubscriptionId, delivery_id: DeliveryId, key: IdempotencyKey = None
) -> Response[ReportView]:
    """Sends a message again: the same id and body, a new time and signature."""
    idempotency_key(key)
    return Response(202, "application/json", deliveries.replay_one(caller(router), subscription_id, delivery_id))


def _one(subscription: SubscriptionView) -> Versioned[SubscriptionView]:
    return versioned(subscription, subscription.version)
