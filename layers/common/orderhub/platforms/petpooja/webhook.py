"""What a request says, and the answer to it. An answer has status 200 whatever it says: `success` counts, as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from orderhub.errors import Ignore, Quarantine
from orderhub.order.messages import CourierReport, Ignored, InboundMessage, OrderSnapshot, StatusReport, StockReport
from orderhub.order.models import Courier, StatusReason
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, Reading, body_key, parse_as
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.payload import unknown_fields
from orderhub.platforms.petpooja import bills, orders
from orderhub.platforms.petpooja.bill_models import BareBill, Bill, Event
from orderhub.platforms.petpooja.kinds import FROM_APPS, Kind, body_of, kind_of, mode_of
from orderhub.platforms.petpooja.models import Callback, Change, Rider, RiderUpdate, SaveOrder, Stock
from orderhub.platforms.petpooja.pieces import restaurant_of
from orderhub.platforms.petpooja.statuses import CANCELLED, CODES, RIDER_MOVES
from orderhub.runtime import logger

_PRINTED = "orderdetails"
"""The event that carries a bill."""

_JSON = {"content-type": "application/json"}
_TAKEN = {"success": "1", "message": "Received"}

Reader = Callable[[Request, Any, Connection[Any, Any]], Reading]


def read(request: Request, connection: Connection[Any, Any]) -> Reading:
    """The messages in an authentic request. Raises Quarantine."""
    body = request.json()
    kind = kind_of(body)
    reader = _READERS.get(kind)
    if reader is None:
        raise Quarantine("neither an order of an ordering app, nor news of one, nor a bill")
    if mode_of(kind) not in connection.settings.modes:
        raise Quarantine(f"{kind} came, and {mode_of(kind)} is not among the connection's modes")
    return reader(request, body, connection)


def refused(request: Request) -> Answer:
    """The answer to what we cannot read: an ordering app is told that its order was not taken."""
    kind = kind_of(body_of(request))
    if kind not in FROM_APPS:
        return _answer(_TAKEN)
    code = "SO_105" if kind is Kind.ORDER else "UOS_105"
    message = "The request could not be understood; the restaurant has been told"
    return _answer({"success": "0", "message": message, "errorCode": code, "validation_errors": {}})


# --- ordering apps ---------------------------------------------------------------------------------------------------


def _order(request: Request, body: Any, connection: Connection[Any, Any]) -> Reading:
    told = parse_as(SaveOrder, body)
    order = orders.to_order(told, connection)
    key = body_key(request, Kind.ORDER, order.external_id, order.store_external_id or "")
    answer = {
        "success": "1",
        "message": "Your order is saved",
        "restID": order.store_external_id,
        "clientOrderID": order.external_id,
        "orderID": order.id,
    }
    snapshot = OrderSnapshot(delivery_key=key, order=order, is_new=True)
    return Reading([snapshot], _answer(answer), unknown_fields(told))


def _change(request: Request, body: Any, connection: Connection[Any, Any]) -> Reading:
    """The app cancels; it can say nothing else."""
    told = parse_as(Change, body)
    restaurant = restaurant_of(told.rest_id, connection)
    key = body_key(request, Kind.CHANGE, told.client_order_id, restaurant)
    answer = {
        "success": "1",
        "message": "Order status updated",
        "restID": restaurant,
        "orderID": connection.order_id(told.client_order_id, restaurant),
        "status": told.status,
    }
    message: InboundMessage
    if told.status == CANCELLED:
        message = StatusReport(
            delivery_key=key,
            external_id=told.client_order_id,
            identity=(told.client_order_id, restaurant),
            store_external_id=restaurant,
            status=Status.CANCELLED,
            reason=StatusReason(details=told.cancel_reason, source_code=CANCELLED),
        )
    else:
        message = _unknown(key, f"an ordering app gives an order the status {told.status!r}")
    return Reading([message], _answer(answer), unknown_fields(told))


def _rider(request: Request, body: Any, connection: Connection[Any, Any]) -> Reading:
    told = parse_as(RiderUpdate, body)
    restaurant = restaurant_of(told.outlet_id, connection)
    rider = told.rider_data or Rider()
    report = CourierReport(
        delivery_key=body_key(request, Kind.RIDER, told.order_id, restaurant),
        external_id=told.order_id,
        identity=(told.order_id, restaurant),
        store_external_id=restaurant,
        only_if_known=True,
        courier=Courier(
            name=rider.rider_name or rider.name,
            phone=rider.rider_phone_number or rider.contact,
            status=told.status,
        ),
        status=RIDER_MOVES.get(told.status or ""),
    )
    answer = {"code": "200", "success": "success", "message": "Rider status saved"}
    return Reading([report], _answer(answer), unknown_fields(told))


def _callback(request: Request, body: Any, connection: Connection[Any, Any]) -> Reading:
    """The POS tells what became of an order: for ordering apps that send their orders to it and to us."""
    told = parse_as(Callback, body)
    about = (told.order_id, restaurant_of(told.rest_id, connection))
    key = body_key(request, Kind.CALLBACK, *about)
    status = CODES.get(told.status or "")
    messages: list[InboundMessage] = []
    if status is None:
        messages.append(_unknown(key, f"the POS gives an order the status {told.status!r}"))
    else:
        reason = StatusReason(details=told.cancel_reason, source_code=told.status)
        messages.append(
            StatusReport(
                delivery_key=key,
                external_id=told.order_id,
                identity=about,
                store_external_id=about[1],
                only_if_known=True,
                status=status,
                reason=reason if told.status == CANCELLED else None,
            )
        )
    if told.rider_name or told.rider_phone_number:
        messages.append(
            CourierReport(
                delivery_key=f"{key}:rider",
                external_id=told.order_id,
                identity=about,
                store_external_id=about[1],
                only_if_known=True,
                courier=Courier(name=told.rider_name, phone=told.rider_phone_number),
            )
        )
    return Reading(messages, _answer(_TAKEN), unknown_fields(told))


def _stock(request: Request, body: Any, connection: Connection[Any, Any]) -> Reading:
    """The POS has run out of items, or has them again: how many, it does not say."""
    told = parse_as(Stock, body)
    restaurant = restaurant_of(told.rest_id, connection)
    key = body_key(request, Kind.STOCK)
    messages = [
        StockReport(
            delivery_key=f"{key}:{number}",
            external_item_id=item,
            store_external_id=restaurant,
            quantity=None if told.in_stock else Decimal(0),
        )
        for number, item in enumerate(dict.fromkeys(told.item_ids))
    ]
    answer = {"code": 200, "status": "success", "message": "Stock status updated"}
    return Reading(messages, _answer(answer), unknown_fields(told))


# --- bills -----------------------------------------------------------------------------------------------------------


def _event(request: Request, body: Any, connection: Connection[Any, Any]) -> Reading:
    told = parse_as(Event, body)
    if told.event is not None and told.event.lower() != _PRINTED:
        ignored = Ignored(delivery_key=body_key(request, Kind.EVENT), reason=f"{told.event}: not about a bill")
        return Reading([ignored], _answer(_TAKEN))
    bill = parse_as(Bill, told.properties)
    return _bill(request, bill, connection, [*unknown_fields(told), *unknown_fields(bill)])


def _bare_bill(request: Request, body: Any, connection: Connection[Any, Any]) -> Reading:
    told = parse_as(BareBill, body)
    return _bill(request, told, connection, unknown_fields(told))


def _bill(request: Request, bill: Bill, connection: Connection[Any, Any], unknown: Sequence[str]) -> Reading:
    """A bill, or one that was printed before and has changed: its number, restaurant and day are then the same."""
    key = body_key(request, Kind.BILL)
    message: InboundMessage
    try:
        order = bills.to_order(bill, connection)
    except Ignore as reason:
        message = _unknown(key, str(reason))
    else:
        printed = order.status is Status.COMPLETED
        message = OrderSnapshot(delivery_key=key, source_version=bills.version_of(order), order=order, is_new=printed)
    return Reading([message], _answer(_TAKEN), unknown)


def _unknown(key: str, reason: str) -> Ignored:
    """For words that nobody has met: said aloud, for the order stays as it is."""
    logger.warning("a word of Petpooja that we do not know", extra={"reason": reason})
    return Ignored(delivery_key=key, reason=reason)


def _answer(body: Mapping[str, object]) -> Answer:
    return Answer(200, json.dumps(body), _JSON)


_READERS: Mapping[Kind, Reader] = {
    Kind.ORDER: _order,
    Kind.CHANGE: _change,
    Kind.RIDER: _rider,
    Kind.EVENT: _event,
    Kind.BILL: _bare_bill,
    Kind.CALLBACK: _callback,
    Kind.STOCK: _stock,
}
