"""An example of each message, for the catalogue and for test events: of an order that never was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from orderhub.order.events import Actor, Cause, Event
from orderhub.order.models import (
    Address,
    Amounts,
    Courier,
    Customer,
    DeliveredBy,
    Discount,
    Fulfillment,
    Item,
    Order,
    Payment,
    PaymentMethod,
    Tracking,
)
from orderhub.order.status import Status
from orderhub.reporting.catalogue import EventType
from orderhub.reporting.messages import News

PLACED = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)
_LATER = timedelta(minutes=4)
_BY_STAFF = Cause(Actor.STAFF, "Front desk")
_BY_PLATFORM = Cause(Actor.PLATFORM)

# What the line of the timeline says besides.
_SUMMARIES: dict[EventType, dict[str, Any]] = {
    EventType.ORDER_CREATED: {"to": "incoming"},
    EventType.ORDER_STATUS_CHANGED: {"from": "incoming", "to": "accepted"},
    EventType.DELIVERY_UPDATED: {"with": "shipday", "state": "STARTED"},
    EventType.WAREHOUSE_UPDATED: {"with": "ogoship", "state": "COLLECTING"},
    EventType.ISSUE_OPENED: {"issue": "iss_example", "type": "missing_items", "priority": "high"},
    EventType.ISSUE_UPDATED: {"issue": "iss_example", "from": "open", "status": "resolved"},
    **{
        kind: {"refund": "ref_example", "amount": 1100}
        for kind in (EventType.REFUND_ASKED, EventType.REFUND_CONFIRMED, EventType.REFUND_FAILED)
    },
}
_STOCK: dict[EventType, str] = {EventType.STOCK_LOW: "3", EventType.STOCK_OUT: "0", EventType.STOCK_OK: "20"}


def example(kind: EventType, *, at: datetime = PLACED + _LATER, store_id: str = "sto_example", key: str = "") -> News:
    """An example of an event. at: when it shall have been; key: tells it from other examples."""
    if kind.is_of_stock:
        left = _STOCK[kind]
        summary = {"store_id": store_id, "sku": "PIZZA-MARGHERITA", "on_hand": left, "reserved": "0"}
        return News(kind=kind, event=_event(kind, at, key, {**summary, "available": left}), order=None)
    summary = _SUMMARIES.get(kind, {})
    order = _order(at, store_id, Status(summary.get("to", "accepted")) if "to" in summary else Status.ACCEPTED)
    return News(kind=kind, event=_event(kind, at, key, summary), order=order)


def _event(kind: EventType, at: datetime, key: str, summary: dict[str, Any]) -> Event:
    return Event(
        order_id="stock:example" if kind.is_of_stock else "ord_example",
        key=f"example-{kind}-{key}",
        type=kind.value,
        effect="applied",
        at=at,
        cause=_BY_PLATFORM if kind is EventType.ORDER_CREATED else _BY_STAFF,
        platform="uber_eats",
        connection_id="con_example",
        version=1 if kind is EventType.ORDER_CREATED else 2,
        summary=summary,
    )


def _order(at: datetime, store_id: str, status: Status) -> Order:
    placed = at - _LATER
    return Order(
        id="ord_example",
        platform="uber_eats",
        connection_id="con_example",
        channel="uber_eats",
        external_id="example-0001",
        display_id="A1B2C",
        store_id=store_id,
        status=status,
        fulfillment=Fulfillment.DELIVERY,
        delivered_by=DeliveredBy.PLATFORM,
        placed_at=placed,
        ready_at=placed + timedelta(minutes=25),
        delivery_at=placed + timedelta(minutes=45),
        customer=Customer(name="Sam Doe", phone="+15550100", email="sam@example.com"),
        address=Address(
            line1="1 Main Street", city="Springfield", postal_code="12345", country="US", lat=40.5, lng=-89.5
        ),
        items=[
            Item(
                id="itm_example",
                sku="PIZZA-MARGHERITA",
                name="Pizza Margherita",
                quantity=Decimal(2),
                unit_price=1100,
                total=2400,
                modifiers=[
                    Item(
                        id="itm_cheese",
                        sku="CHEESE",
                        name="Extra cheese",
                        quantity=Decimal(1),
                        unit_price=100,
                        total=100,
                    )
                ],
            )
        ],
        amounts=Amounts(
            currency="USD",
            subtotal=2400,
            tax=200,
            tax_included=False,
            delivery_fee=300,
            tip=0,
            discount=200,
            total=2700,
        ),
        discounts=[Discount(code="WELCOME", name="Welcome", amount=200, funded_by=DeliveredBy.PLATFORM)],
        payment=Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0),
        courier=Courier(name="Alex Rider", status="en_route_to_pickup", eta=placed + timedelta(minutes=20)),
        tracking=[Tracking(carrier="Parcels", code="TRACK-1", url="https://parcels.example.com/TRACK-1")],
        is_test=True,
        version=2,
        times={Status.INCOMING: placed, **({status: at} if status is not Status.INCOMING else {})},
        created_at=placed,
        updated_at=at,
    )
