"""The notifications Uber Eats sends, and the field types that all of its payloads share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orderhub.platforms.payload import Id, Payload, Text


def _list(value: Any) -> Any:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


Number = Annotated[Decimal, Field(max_digits=30, decimal_places=12)]
"""A number of a sane size, as JSON has it or as text."""

AsList = BeforeValidator(_list)
"""For what comes as a list, as a single value, or as null."""


class MenuItem(Payload):
    """What every line and option has. id: the merchant's own; external_data: the merchant's free text."""

    id: Text = None
    title: Text = None
    external_data: Text = None


class Meta(Payload):
    """What the event is about. user_id: the store. delivery.state_changed has order_id in place of resource_id."""

    user_id: Text = None
    resource_id: Text = None
    status: Text = None
    courier_trip_id: Text = None
    store_id: Text = None
    order_id: Text = None
    external_order_id: Text = None


class WebhookMeta(Payload):
    """About the sending itself; v1 only."""

    client_id: Text = None
    webhook_config_id: Text = None
    webhook_msg_timestamp: Number | None = None
    webhook_msg_uuid: Text = None


class Notification(Payload):
    """The body of every webhook. event_time: Unix time, in seconds or in milliseconds."""

    event_type: Id
    event_id: Text = None
    event_time: Number | None = None
    resource_href: Text = None
    meta: Meta | None = None
    webhook_meta: WebhookMeta | None = None
