"""Orders and events as storage is given them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.order.events import Actor, Cause, Event
from orderhub.order.models import Order
from orderhub.storage import orders, timelines
from tests.functional.conftest import NOW
from tests.unit.made import an_order

CAUSE = Cause(Actor.PLATFORM)


def an_event(order_id: str = "ord_1", key: str = "k-1", **told: Any) -> Event:
    least: dict[str, Any] = {
        "order_id": order_id,
        "key": key,
        "type": "order.updated",
        "effect": "applied",
        "at": NOW,
        "cause": CAUSE,
        "platform": "toy",
        "connection_id": "con_1",
    }
    return Event(**{**least, **told})


def store(order: Order, key: str | None = None, *, time_zone: str = "UTC", at: datetime = NOW) -> Order:
    """Writes an order of version 1 or the version after that which is stored, with an event."""
    written = orders.write(order, an_event(order.id, key or f"v{order.version}", at=at), time_zone=time_zone)
    assert written == timelines.Written(), written
    return order


def stored(order_id: str = "ord_1", **told: Any) -> Order:
    """A new order, in storage."""
    return store(an_order(id=order_id, **{"version": 1, "created_at": NOW, "updated_at": NOW, **told}))


def changed(order: Order, **told: Any) -> Order:
    """The next version of an order, not stored yet."""
    return order.model_copy(update={"version": order.version + 1, **told})
