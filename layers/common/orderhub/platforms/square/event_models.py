"""Square's webhook bodies, as far as we read them. Unknown fields are kept.

https://developer.squareup.com/docs/webhooks/v2webhook-events-tech-ref
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from orderhub.platforms.payload import Id, Payload, Text
from orderhub.platforms.square.models import Version

# Oversold goods count below zero.
Count = Annotated[Decimal, Field(max_digits=19, decimal_places=10, allow_inf_nan=False)]


class EventData(Payload):
    """The thing an event is about, under a key that depends on the event."""

    type: Text = None
    id: Text = None
    object: dict[str, Any] | None = None


class Envelope(Payload):
    """What every webhook body is wrapped in."""

    merchant_id: Text = None
    type: Id
    event_id: Text = None
    created_at: Text = None
    data: EventData | None = None


class OrderChange(Payload):
    """What order events tell of an order."""

    order_id: Id
    location_id: Text = None
    state: Text = None
    version: Version | None = None
    created_at: Text = None
    updated_at: Text = None
    fulfillment_update: Any = None


class PaymentChange(Payload):
    """What payment and refund events tell, as far as it leads to an order."""

    id: Text = None
    order_id: Text = None
    location_id: Text = None
    status: Text = None


class InventoryCount(Payload):
    """How many of a variation are in one state at one location."""

    catalog_object_id: Id
    state: Text = None
    location_id: Text = None
    quantity: Count | None = None
    calculated_at: Text = None
