"""Orders that nobody has to accept: the hub does so as they come, where the store has decided that beforehand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderhub.order.merge import is_placeholder
from orderhub.order.messages import StaffChange
from orderhub.order.models import Order
from orderhub.order.status import Status
from orderhub.platforms import telling
from orderhub.platforms.base import Connection
from orderhub.platforms.registry import SLUGS, load


def acceptance_of(order: Order, connection: Connection[Any, Any], now: datetime) -> StaffChange | None:
    """The change that accepts an order by its store's policy; None where a person has to.

    An order that is for later has its time already: nothing is promised then.
    """
    policy = connection.auto_accept.get(order.store_id)
    zones = {store.id: store.time_zone for store in (connection.default_store, *connection.stores.values())}
    if policy is None or is_placeholder(order) or not policy.takes(order, now, zones.get(order.store_id, "UTC")):
        return None
    return StaffChange(
        delivery_key=f"auto-accept-{order.offer or 'first'}",
        status=Status.ACCEPTED,
        prep_minutes=policy.prep_minutes if order.scheduled_for is None else None,
        usual=True,
        untold=telling.untold(load(order.platform), order, Status.ACCEPTED) if order.platform in SLUGS else None,
    )
