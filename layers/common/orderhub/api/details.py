"""GET /v1/orders/{id}: one order with all there is to know of it, and how it is delivered."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zlib import crc32

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BaseModel

from orderhub.api.call import IfNoneMatch, Versioned, caller, is_known, shown
from orderhub.api.orders import OrderId, OrderView
from orderhub.order.events import Event, Raw
from orderhub.order.issues import IssueStatus, IssueType, Priority
from orderhub.order.models import Address, Courier, DeliveredBy, Fulfillment, Order, Tracking
from orderhub.service import hand_overs, issues, listing, orders
from orderhub.service.hand_overs import HandOverView

router = Router()

_MOST_SHOWN = 1_000_000  # characters of what was received
_BROUGHT = (Fulfillment.DELIVERY, Fulfillment.SHIPPING)


class TicketView(BaseModel):
    """An issue of an order, in short."""

    id: str
    type: IssueType
    status: IssueStatus
    priority: Priority
    due_at: AwareDatetime


class DeliveryView(BaseModel):
    """How an order reaches its customer, as far as anybody has said.

    delivered_by: whose courier it is; handed_to: who took the goods, as staff said; tracking: parcels.
    """

    order_id: str
    fulfillment: Fulfillment | None
    delivered_by: DeliveredBy | None
    address: Address | None
    ready_at: AwareDatetime | None
    delivery_at: AwareDatetime | None
    handed_to: str | None
    courier: Courier | None
    tracking: list[Tracking]


class OrderDetails(OrderView):
    """An order with its issues (a hundred at most), deliveries (none when it is fetched), and who it was handed to."""

    tickets: list[TicketView]
    deliveries: list[DeliveryView]
    handed_over: list[HandOverView]


class Received(BaseModel):
    """What the platform last sent of an order, in a form that is its own.

    event: key of the line in the timeline that came of it; size: bytes; body: at most the first million characters, in
    base64 where it is no text; headers: without those that carry secrets.
    """

    event: str
    type: str
    at: AwareDatetime
    headers: dict[str, str]
    size: int
    encoding: Literal["utf-8", "base64"]
    body: str


class OrderWithSource(OrderDetails):
    """An order with what its platform last sent of it; null when nothing was received, as for orders made here."""

    received: Received | None


@router.get(
    "/orders/<order_id>",
    summary="One order",
    tags=["orders"],
    responses={
        200: {"description": "the order"},
        304: {"description": "Not modified: If-None-Match names what it still is"},
    },
)
def get_order(
    order_id: OrderId,
    source: Annotated[bool, Query(description="with what the platform last sent of it; for admins")] = False,
    if_none_match: IfNoneMatch = None,
) -> Versioned[OrderWithSource | OrderDetails | None]:
    """The order as it is, its version in the ETag; 304 when If-None-Match has that ETag, unless with source."""
    order = orders.get_order(caller(router), order_id)
    beside = _beside(order)
    tag = _tag(order, beside)
    if source:
        received = _received(listing.last_received(caller(router), order_id))
        whole = OrderWithSource.model_validate({**shown(order), **beside, "received": received})
        return Response(200, "application/json", whole, headers={"etag": f'"{tag}"'})
    if is_known(if_none_match, tag):
        return Response(304, headers={"etag": f'"{tag}"'})
    details = OrderDetails.model_validate({**shown(order), **beside})
    return Response(200, "application/json", details, headers={"etag": f'"{tag}"'})


@router.get("/orders/<order_id>/delivery", summary="How an order is delivered", tags=["orders"])
def get_delivery(order_id: OrderId) -> DeliveryView:
    """Courier, position, parcels and times."""
    return _delivery(orders.get_order(caller(router), order_id))


def _tag(order: Order, beside: Mapping[str, list[BaseModel]]) -> str:
    """Names what is shown: the order's version, and a sum of what changes without it: issues, what others were told."""
    told = [order.sync] if order.sync.version else []
    others = [*beside["tickets"], *beside["handed_over"], *told]
    written = "".join(one.model_dump_json() for one in others)
    return f"{order.version}-{crc32(written.encode())}" if others else str(order.version)


def _beside(order: Order) -> dict[str, list[BaseModel]]:
    """What is shown of an order besides itself."""
    brought = order.fulfillment in _BROUGHT or order.courier is not None or order.tracking
    return {
        "tickets": [
            TicketView(id=one.id, type=one.type, status=one.status, priority=one.priority, due_at=one.due_at)
            for one in issues.tickets_of(order)
        ],
        "deliveries": [_delivery(order)] if brought else [],
        "handed_over": list(hand_overs.of_order(order)),
    }


def _delivery(order: Order) -> DeliveryView:
    known = {name: getattr(order, name) for name in DeliveryView.model_fields if name != "order_id"}
    return DeliveryView(order_id=order.id, **known)


def _received(found: tuple[Event, Raw] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    event, raw = found
    about = {"event": event.key, "type": event.type, "at": event.at, "headers": raw.headers, "size": len(raw.body)}
    try:
        return {**about, "encoding": "utf-8", "body": raw.body.decode()[:_MOST_SHOWN]}
    except UnicodeDecodeError:
        return {**about, "encoding": "base64", "body": b64encode(raw.body).decode()[:_MOST_SHOWN]}
