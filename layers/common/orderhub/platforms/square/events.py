"""Square's webhook events as messages. They carry no orders, only their ids: what they are about is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from orderhub.errors import Quarantine
from orderhub.order.messages import Ignored, InboundMessage, OrderReference, StockReport
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Reading, body_key, parse_as
from orderhub.platforms.http_types import Request
from orderhub.platforms.payload import unknown_fields
from orderhub.platforms.square.config import SquareConnection
from orderhub.platforms.square.event_models import Envelope, EventData, InventoryCount, OrderChange, PaymentChange
from orderhub.platforms.square.versions import version_of

_IN_STOCK = "IN_STOCK"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Event:
    """One authentic event on its way to its messages."""

    envelope: Envelope
    key: str
    connection: SquareConnection

    @property
    def data(self) -> EventData:
        return self.envelope.data or EventData()

    def content(self, name: str) -> Any:
        """What the event is about. Raises Quarantine when there is nothing under that name."""
        found = (self.data.object or {}).get(name)
        if found is None:
            raise Quarantine(f"{self.envelope.type} without data.object.{name}")
        return found

    def ignored(self, reason: str) -> Ignored:
        return Ignored(delivery_key=self.key, reason=reason[:200])

    def reference(self, order_id: str, location_id: str | None, source_version: str | None) -> InboundMessage:
        """A reference to an order, unless it is of a location that is not ours."""
        settings, stores = self.connection.settings, self.connection.stores
        if settings.only_mapped_locations and location_id and location_id not in stores:
            return self.ignored(f"location {location_id} is not one of this connection")
        return OrderReference(
            delivery_key=self.key,
            source_version=source_version,
            external_id=order_id,
            ref={"location_id": location_id} if location_id else {},
        )


_Read = tuple[Sequence[InboundMessage], Sequence[BaseModel]]


def read(request: Request, connection: SquareConnection) -> Reading:
    """The messages in an authentic request. Raises Quarantine when it is not of the documented shape."""
    envelope = parse_as(Envelope, request.json())
    event = _Event(envelope, envelope.event_id or body_key(request), connection)
    ours = connection.settings.merchant_id
    if ours and envelope.merchant_id != ours:
        return Reading([event.ignored(f"of merchant {envelope.merchant_id}, not of this connection's")])
    reader = READERS.get(envelope.type)
    if reader is None:
        why = IGNORED.get(envelope.type, "not an event we know a use for")
        return Reading([event.ignored(f"{envelope.type}: {why}")], unknown_fields=unknown_fields(envelope))
    messages, contents = reader(event)
    return Reading(messages, unknown_fields=[name for one in (envelope, *contents) for name in unknown_fields(one)])


def _order_change(name: str) -> Callable[[_Event], _Read]:
    def read_change(event: _Event) -> _Read:
        change = parse_as(OrderChange, {"order_id": event.data.id, **_object(event.content(name), name)})
        version = version_of(change.version, change.updated_at)
        return [event.reference(change.order_id, change.location_id, version)], [change]

    return read_change


def _payment_change(name: str) -> Callable[[_Event], _Read]:
    """Payments and refunds have versions of their own, which say nothing of the order's: so it is always fetched."""

    def read_change(event: _Event) -> _Read:
        change = parse_as(PaymentChange, event.content(name))
        if change.order_id is None:
            return [event.ignored(f"{name} {change.id} belongs to no order")], []
        return [event.reference(change.order_id, change.location_id, None)], []

    return read_change


def _counts(event: _Event) -> _Read:
    """One report for each variation and location; goods in any other state than on the shelf are not for sale."""
    listed = event.content("inventory_counts")
    if not isinstance(listed, list):
        raise Quarantine("inventory_counts is not a list")
    counts = [parse_as(InventoryCount, one) for one in listed]
    reports = [
        StockReport(
            delivery_key=event.key if len(counts) == 1 else f"{event.key}#{index}",
            source_version=sortable(parse_time(count.calculated_at)) if count.calculated_at else None,
            external_item_id=count.catalog_object_id,
            store_external_id=count.location_id,
            quantity=count.quantity,
        )
        for index, count in enumerate(counts)
        if count.state in (_IN_STOCK, None)
    ]
    return reports or [event.ignored("no counts of goods on the shelf")], counts


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Quarantine(f"data.object.{name} is not an object")
    return value


# https://developer.squareup.com/docs/webhooks/v2webhook-events-tech-ref
READERS: dict[str, Callable[[_Event], _Read]] = {
    "order.created": _order_change("order_created"),
    "order.updated": _order_change("order_updated"),
    "order.fulfillment.updated": _order_change("order_fulfillment_updated"),
    "payment.created": _payment_change("payment"),
    "payment.updated": _payment_change("payment"),
    "refund.created": _payment_change("refund"),
    "refund.updated": _payment_change("refund"),
    "inventory.count.updated": _counts,
}
IGNORED: dict[str, str] = {
    "catalog.version.updated": "orders carry the names and prices they were made with",
    "webhooks.test_notification": "a test",
}
