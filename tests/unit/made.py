"""Orders and messages to test with: each is the same plain one but for what is told."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from orderhub.order.merge import Identity
from orderhub.order.messages import OrderSnapshot, StatusReport
from orderhub.order.models import Amounts, Item, Order
from orderhub.order.status import Status

NOW = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)
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
