"""What DoorDash tells us. All webhooks may come to one URL, and are told apart by what is in them.

https://developer.doordash.com/en-US/docs/marketplace/overview/getting_started/create_webhook_subscription_getting_started
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import CourierReport, Ignored, OrderSnapshot, StatusReport
from orderhub.order.models import Courier, DeliveredBy
from orderhub.order.status import Status
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Connection, Reading, body_key, parse_as
from orderhub.platforms.doordash import mapper, models
from orderhub.platforms.doordash.statuses import ACCEPT_WITHIN, DASHER_MOVES
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.payload import unknown_fields
from orderhub.platforms.pieces import joined

TAKEN = Answer(202)
"""To the Orders webhook: we have it and confirm it later. 200 would accept it, and anything else would fail it."""

_DONE = Answer(200)
# Times are DoorDash's only order of things, and two webhooks have none: a new order is its first word, and a
# cancellation its last.
_FIRST = sortable(datetime.min.replace(tzinfo=UTC))
_LAST = sortable(datetime.max.replace(tzinfo=UTC))

_Reader = Callable[[Mapping[str, Any], Request, Connection[Any, Any]], Reading]


def read(request: Request, connection: Connection[Any, Any]) -> Reading:
    """The messages in an authentic request. Raises Quarantine when it cannot be understood."""
    body = request.json()
    if not isinstance(body, dict) or not body:
        raise Quarantine("the body is not a JSON object with something in it")
    return _reader(body)(body, request, connection)


def _reader(body: Mapping[str, Any]) -> _Reader:
    """By the event's type where there is one, else by the keys. Raises Quarantine for an order we might lose."""
    kind = _kind(body)
    if kind is not None:
        if isinstance(kind, str) and kind in _BY_TYPE:
            return _BY_TYPE[kind]
        if "order" in body:
            raise Quarantine(f"an order in an event of an unknown type: {_shown(kind)}")
        return _ignored
    for keys, reader in _BY_KEYS:
        if keys <= body.keys():
            return reader
    if body.keys() & _OF_AN_ORDER:
        raise Quarantine("about an order, and like none of DoorDash's webhooks")
    return _ignored


def _kind(body: Mapping[str, Any]) -> object:
    event = body.get("event")
    return event.get("type") if isinstance(event, dict) else event


def _ordered(body: Mapping[str, Any], request: Request, connection: Connection[Any, Any]) -> Reading:
    """A new order. It does not say when it was placed, nor until when it waits: its arrival has to stand in."""
    told = mapper.parse(body)
    if mapper.is_adjusted(told):
        return _adjusted(body, request, connection)
    order = mapper.to_order(told, connection)
    guesses = {"placed_at": order.placed_at or request.received_at, "accept_by": request.received_at + ACCEPT_WITHIN}
    snapshot = OrderSnapshot(
        delivery_key=digest("order", order.external_id),
        source_version=_version(told.order.created_at) or _FIRST,
        order=order.model_copy(update=guesses),
        is_new=True,
        guessed=frozenset(name for name in guesses if getattr(order, name) is None),
    )
    return Reading([snapshot], TAKEN, _unknown(told, body))


def _adjusted(body: Mapping[str, Any], request: Request, connection: Connection[Any, Any]) -> Reading:
    """The order again, whole: its lines replace what we hold, and so do DoorDash's keys of them."""
    told = mapper.parse(body)
    order = mapper.to_order(told, connection)
    metadata = told.order_adjustment_metadata
    at = _version(told.event.event_time if told.event else None)
    at = at or _version(metadata.adjustment_timestamp if metadata else None)
    snapshot = OrderSnapshot(
        delivery_key=digest("adjustment", order.external_id, at) if at else body_key(request, "adjustment"),
        source_version=at,
        order=order.model_copy(update={"placed_at": order.placed_at or request.received_at}),
        guessed=frozenset({"placed_at"} if order.placed_at is None else ()),
    )
    return Reading([snapshot], _DONE, _unknown(told, body))


def _cancelled(body: Mapping[str, Any], request: Request, connection: Connection[Any, Any]) -> Reading:
    """An order that we had confirmed is over; DoorDash does not say why."""
    told = parse_as(models.Cancellation, body)
    report = StatusReport(
        delivery_key=digest("cancelled", told.external_order_id),
        source_version=_LAST,
        external_id=told.external_order_id,
        store_external_id=told.store.merchant_supplied_id if told.store else None,
        status=Status.CANCELLED,
    )
    return Reading([report], _DONE, unknown_fields(told))


def _released(body: Mapping[str, Any], request: Request, connection: Connection[Any, Any]) -> Reading:
    """The Dasher is near: time to pack."""
    told = parse_as(models.Release, body)
    report = CourierReport(
        delivery_key=body_key(request, "released"),
        external_id=told.external_order_id,
        store_external_id=told.store.merchant_supplied_id if told.store else None,
        courier=_courier(told.dasher, None),
        status=Status.BAGGING,
    )
    return Reading([report], _DONE, unknown_fields(told))


def _on_the_way(body: Mapping[str, Any], request: Request, connection: Connection[Any, Any]) -> Reading:
    told = parse_as(models.DasherStatus, body)
    delivery, at = told.delivery, _version(told.created_at)
    status = delivery.dasher_status or ""
    report = CourierReport(
        delivery_key=digest("dasher", delivery.external_order_id, status, at) if at else body_key(request, "dasher"),
        source_version=at,
        external_id=delivery.external_order_id,
        store_external_id=delivery.location_id,
        courier=_courier(delivery.dasher, delivery.dasher_status),
        status=DASHER_MOVES.get(status),
    )
    return Reading([report], _DONE, unknown_fields(told))


def _ignored(body: Mapping[str, Any], request: Request, connection: Connection[Any, Any]) -> Reading:
    """About menus, stores, reports or carts; or a delivery of Drive, which is another product."""
    kind = _kind(body) or body.get("event_name")
    reason = "about no order" if kind is None else f"{_shown(kind)}: about no order"
    return Reading([Ignored(delivery_key=body_key(request, "ignored"), reason=reason)], _DONE)


def _courier(dasher: models.Dasher | None, status: str | None) -> Courier:
    dasher = dasher or models.Dasher()
    ride = dasher.vehicle or models.Vehicle()
    return Courier(
        name=joined([dasher.first_name, dasher.last_name], " "),
        phone=dasher.phone_number,
        vehicle=joined([ride.color, ride.make, ride.model], " "),
        status=status,
        lat=dasher.latitude,
        lng=dasher.longitude,
        delivered_by=DeliveredBy.PLATFORM,
    )


def _shown(word: object) -> str:
    return ascii(word[:60]) if isinstance(word, str) else type(word).__name__


def _version(text: str | None) -> str | None:
    """A time of DoorDash as text that sorts; None when it cannot be read, for what it dates counts all the same."""
    try:
        return None if text is None else sortable(parse_time(text))
    except Quarantine:
        return None


def _unknown(told: models.OrderEvent, body: Mapping[str, Any]) -> list[str]:
    return unknown_fields(told if "order" in body else told.order)


_BY_TYPE: Mapping[str, _Reader] = {
    "OrderCreate": _ordered,
    **dict.fromkeys(mapper.ADJUSTMENTS, _adjusted),
    "dasher_status_update": _on_the_way,
}
# The first whose keys are all there.
_BY_KEYS: tuple[tuple[frozenset[str], _Reader], ...] = (
    (frozenset({"order"}), _ordered),
    (frozenset({"external_order_id", "dasher"}), _released),
    (frozenset({"external_order_id", "distance_from_store"}), _released),
    (frozenset({"external_order_id", "store"}), _cancelled),
    (frozenset({"delivery"}), _on_the_way),
    (frozenset({"id", "categories"}), _ordered),
)
_OF_AN_ORDER = frozenset({"external_order_id", "client_order_id", "delivery_short_code", "estimated_pickup_time"})
