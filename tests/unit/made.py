"""Orders and messages to test with: each is the same plain one but for what is told. And what they make of an order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from orderhub.order.merge import Identity, Outcome, apply
from orderhub.order.messages import (
    CourierReport,
    OrderMessage,
    OrderSnapshot,
    StaffChange,
    StatusReport,
    TrackingReport,
)
from orderhub.order.models import Amounts, Courier, Item, Order, Tracking
from orderhub.order.status import Status

NOW = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
IDENTITY = Identity(
    order_id="ord_1", platform="toy", connection_id="con_1", external_id="A1", store_id="sto_1", currency="USD"
)


def an_item(**told: Any) -> Item:
    return Item(**{"id": "itm_1", "name": "Pizza", "quantity": Decimal(1), **told})


def an_order(**told: Any) -> Order:
    """An order as an adapter maps it: incoming, nothing in it."""
    least = {
        "id": IDENTITY.order_id,
        "platform": IDENTITY.platform,
        "connection_id": IDENTITY.connection_id,
        "channel": IDENTITY.platform,
        "external_id": IDENTITY.external_id,
        "store_id": IDENTITY.store_id,
        "status": Status.INCOMING,
        "amounts": Amounts(currency=IDENTITY.currency),
    }
    return Order(**{**least, **told})


def a_snapshot(version: str | None = None, **told: Any) -> OrderSnapshot:
    return OrderSnapshot(delivery_key=f"snapshot-{version}", source_version=version, order=an_order(**told))


def a_report(status: Status, version: str | None = None, **told: Any) -> StatusReport:
    return StatusReport(
        delivery_key=f"report-{version}",
        source_version=version,
        external_id=IDENTITY.external_id,
        status=status,
        **told,
    )


def told(*messages: OrderMessage) -> Order:
    """The order after these messages, each at the next minute."""
    current: Order | None = None
    for minute, message in enumerate(messages):
        current = apply(current, message, NOW + timedelta(minutes=minute), IDENTITY).order or current
    assert current is not None
    return current


def then(current: Order | None, message: OrderMessage) -> Outcome:
    """What a message at LATER does to the order."""
    return apply(current, message, LATER, IDENTITY)


def changed(current: Order, **update: Any) -> Order:
    """The order as a change at LATER leaves it."""
    times = {update.get("status", current.status): LATER, **current.times}
    return current.model_copy(update={"version": current.version + 1, "updated_at": LATER, "times": times, **update})


def by_staff(status: Status | None = None, **more: Any) -> StaffChange:
    return StaffChange(delivery_key="staff", status=status, **more)


def courier(version: str | None = None, status: Status | None = None, **news: Any) -> CourierReport:
    return CourierReport(
        delivery_key="courier", source_version=version, external_id="A1", courier=Courier(**news), status=status
    )


def parcels(*tracking: Tracking, version: str | None = None, status: Status | None = None) -> TrackingReport:
    return TrackingReport(
        delivery_key="parcels", source_version=version, external_id="A1", tracking=tracking, status=status
    )


def after(current: Order, message: OrderMessage) -> Order:
    order = then(current, message).order
    assert order is not None
    return order
