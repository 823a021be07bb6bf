"""What the store tells Square about an order: read it as it is, change it, name the version the change is for.

https://developer.squareup.com/docs/orders-api/manage-orders/update-orders
https://developer.squareup.com/docs/orders-api/fulfillments
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from orderhub.errors import Reject, Unsupported
from orderhub.order.ids import digest
from orderhub.order.models import Order, StatusReason, Tracking
from orderhub.order.status import CancelReason
from orderhub.order.times import parse_time
from orderhub.platforms.base import Done, Operation
from orderhub.platforms.http_types import Http
from orderhub.platforms.square import models
from orderhub.platforms.square.config import SquareConnection
from orderhub.platforms.square.models import DETAILS, Fulfillment
from orderhub.platforms.square.reading import order_in, order_path
from orderhub.platforms.square.statuses import ENDED, REASON_LENGTH, REASONS, rank
from orderhub.platforms.square.sums import amount_due, paid
from orderhub.platforms.square.versions import WHY_POS, is_of_point_of_sale

_WITH_REASON = ("PICKUP", "DELIVERY", "SHIPMENT")
_OPEN = ("OPEN", "DRAFT", None)

Change = dict[str, Any]


def accept(order: Order, connection: SquareConnection, http: Http) -> Done:
    """Puts what is proposed in progress, with the time promised where Square shows another."""
    return _advance(order, http, Operation.ACCEPT, "RESERVED", _promise_of(order))


def ready(order: Order, connection: SquareConnection, http: Http) -> Done:
    """Marks it as prepared."""
    return _advance(order, http, Operation.READY, "PREPARED")


def picked_up(order: Order, connection: SquareConnection, http: Http) -> Done:
    """Marks it as handed over; a parcel with its tracking code."""
    return _advance(order, http, Operation.PICKED_UP, "COMPLETED")


def complete(order: Order, connection: SquareConnection, http: Http) -> Done:
    """Completes the order with whatever of it was still under way. Square keeps an unpaid order open."""
    theirs = read(order, http, Operation.COMPLETE)
    if theirs.state == "COMPLETED":
        return Done(note="Square has it as completed already")
    _refuse_cancelled(theirs)
    change: Change = {}
    under_way = [one for one in theirs.fulfillments if one.state not in ENDED and one.state != "COMPLETED"]
    if under_way:
        change["fulfillments"] = [{"uid": one.uid, "state": "COMPLETED"} for one in under_way]
    unpaid = bool(amount_due(theirs))
    if not unpaid:
        change["state"] = "COMPLETED"
    note = "Square keeps the order open until it is paid" if unpaid else None
    if change:
        update(order, theirs, http, Operation.COMPLETE, change)
    return Done(note=note)


def deny(order: Order, connection: SquareConnection, http: Http) -> Done:
    """As `cancel`: Square does not tell the two apart."""
    return _cancel(order, http, Operation.DENY)


def cancel(order: Order, connection: SquareConnection, http: Http) -> Done:
    """Cancels every fulfillment that has not been handed over, and the order itself where nothing is paid.

    Raises Reject when it has been handed over or completed.
    """
    return _cancel(order, http, Operation.CANCEL)


def _cancel(order: Order, http: Http, operation: Operation) -> Done:
    theirs = read(order, http, operation)
    if theirs.state == "CANCELED":
        return Done(note="Square has it as cancelled already")
    if theirs.state == "COMPLETED":
        raise Reject("ORDER_ALREADY_COMPLETED", "Square has completed this order; its payment can be refunded")
    live = [one for one in theirs.fulfillments if one.state not in ENDED]
    stoppable = [one for one in live if one.state != "COMPLETED"]
    if live and not stoppable:
        raise Reject("ORDER_ALREADY_COMPLETED", "Square has it as handed over; its payment can be refunded")
    text = reason_text(order.status_reason)
    change: Change = {}
    if stoppable:
        change["fulfillments"] = [_cancelled(one, text) for one in stoppable]
    if not _is_paid(theirs):
        change["state"] = "CANCELED"
    if change:
        update(order, theirs, http, operation, change)
    return Done(note="Square keeps the payment: refund it separately" if _is_paid(theirs) else None)


def set_ready_time(order: Order, connection: SquareConnection, http: Http) -> Done:
    """Moves the pickup to `order.ready_at`, a delivery only to a later time. Raises Reject when it is too late."""
    if order.ready_at is None:
        raise Reject("READY_TIME_MISSING", "there is no ready time to tell")
    theirs = read(order, http, Operation.SET_READY_TIME)
    _refuse_cancelled(theirs)
    live = [one for one in theirs.fulfillments if one.state not in ENDED and rank(one.state) < rank("COMPLETED")]
    if theirs.state == "COMPLETED" or (theirs.fulfillments and not live):
        raise Reject("ORDER_ALREADY_COMPLETED", "Square has it as handed over")
    timed = [one for one in live if one.type in ("PICKUP", "DELIVERY")]
    if not timed:
        raise Unsupported(Operation.SET_READY_TIME, "Square", "only pickups and deliveries have a time to move")
    changes = [_timed(one, order.ready_at, earlier=one.type == "PICKUP") for one in timed]
    told = [{"uid": one.uid, **change} for one, change in zip(timed, changes, strict=True) if change]
    if not told:
        return Done(note="Square shows a time that fits already")
    update(order, theirs, http, Operation.SET_READY_TIME, {"fulfillments": told})
    return Done()


def add_tracking(order: Order, connection: SquareConnection, http: Http) -> Done:
    """Writes the parcels' tracking into the shipments. Square has room for one parcel in each."""
    if not order.tracking:
        raise Reject("TRACKING_MISSING", "there is no parcel to tell")
    theirs = read(order, http, Operation.ADD_TRACKING)
    _refuse_cancelled(theirs)
    shipments = [one for one in theirs.fulfillments if one.type == "SHIPMENT" and one.state not in ENDED]
    if not shipments:
        raise Unsupported(Operation.ADD_TRACKING, "Square", "only shipments carry a tracking code")
    if theirs.state == "COMPLETED":
        raise Reject("ORDER_ALREADY_COMPLETED", "Square takes no changes to a completed order")
    told = [{"uid": one.uid, **change} for one, change in _with_parcels(shipments, order.tracking) if change]
    room, parcels = len(shipments), len(order.tracking)
    note = f"Square has room for {room} of the {parcels} parcels" if parcels > room else None
    if told:
        update(order, theirs, http, Operation.ADD_TRACKING, {"fulfillments": told})
    return Done(note=note)


def read(order: Order, http: Http, operation: str) -> models.Order:
    """The order as Square has it now. Raises Unsupported when it cannot be changed from outside."""
    if is_of_point_of_sale(order):
        raise Unsupported(operation, "Square", WHY_POS)
    theirs = order_in(http.request("GET", order_path(order.external_id)).json())
    if theirs.version is None:
        raise Unsupported(operation, "Square", WHY_POS)
    return theirs


def update(
    order: Order, theirs: models.Order, http: Http, step: str, change: Change, clear: Sequence[str] = ()
) -> None:
    """Changes the order at Square.

    The idempotency key stands for the step, the version and the change: a repeat does nothing twice, and once the order
    has moved on the key is another. (Square takes a used key, answers 200, and changes nothing.)
    """
    sparse = {"location_id": theirs.location_id, "version": theirs.version, **change}
    content = json.dumps([sparse, list(clear)], sort_keys=True)
    body: Change = {"idempotency_key": digest(order.id, step, str(theirs.version), content), "order": sparse}
    if clear:
        body["fields_to_clear"] = list(clear)
    http.request("PUT", order_path(theirs.id), json=body)


def reason_text(reason: StatusReason | None) -> str:
    """Our reason in words, as long as Square takes."""
    if reason is None:
        return "Cancelled by the store"
    words = REASONS[reason.code] if reason.code else None
    if reason.code is CancelReason.OTHER and reason.details:
        words = None
    return (": ".join(filter(None, (words, reason.details))) or "Cancelled by the store")[:REASON_LENGTH]


def is_open(theirs: models.Order) -> bool:
    """Whether Square takes changes to it."""
    return theirs.state in _OPEN


def _advance(order: Order, http: Http, operation: Operation, target: str, promise: datetime | None = None) -> Done:
    """Takes every fulfillment that is behind up to a state; one that is there or further is left alone."""
    theirs = read(order, http, operation)
    _refuse_cancelled(theirs)
    if theirs.state == "COMPLETED":
        return Done(note="Square has it as completed already")
    live = [one for one in theirs.fulfillments if one.state not in ENDED]
    if theirs.fulfillments and not live:
        raise Reject("FULFILLMENT_CANCELLED", "Square has cancelled the fulfillment of this order")
    behind = [one for one in live if rank(one.state) < rank(target)]
    if not behind:
        return Done(
            note=f"Square has it as {target} or further already" if live else "Square has no fulfillment to mark"
        )
    extras = dict(_with_extras(order, behind, target, promise))
    told = [{"uid": one.uid, "state": target, **extras.get(one.uid or "", {})} for one in behind]
    update(order, theirs, http, operation, {"fulfillments": told})
    return Done()


def _with_extras(
    order: Order, behind: Sequence[Fulfillment], target: str, promise: datetime | None
) -> Iterable[tuple[str, Change]]:
    """What goes with a step: the promised time with accepting, the tracking code with sending."""
    if promise is not None:
        for one in behind:
            yield one.uid or "", _timed(one, promise, earlier=one.type == "PICKUP" and _is_asap(one))
    if target == "COMPLETED" and order.tracking:
        shipments = [one for one in behind if one.type == "SHIPMENT"]
        for one, change in _with_parcels(shipments, order.tracking):
            yield one.uid or "", change


def _promise_of(order: Order) -> datetime | None:
    """The time the store promised, if it did."""
    return order.ready_at if order.promised_at is not None else None


def _is_asap(one: Fulfillment) -> bool:
    return one.details.schedule_type == "ASAP"


def _timed(one: Fulfillment, at: datetime, *, earlier: bool) -> Change:
    """The time of a pickup or delivery, if it has to move. earlier: whether it may also come forward.

    What a customer has chosen is never brought forward, nor is a delivery: it takes its way after the food is ready.
    """
    field = {"PICKUP": "pickup_at", "DELIVERY": "deliver_at"}.get(one.type or "")
    if field is None:
        return {}
    shown = getattr(one.details, field)
    known = parse_time(shown) if shown else None
    if known is not None and (rfc3339(known) == rfc3339(at) or (at < known and not earlier)):
        return {}
    return {DETAILS[one.type or ""]: {field: rfc3339(at)}}


def _with_parcels(
    shipments: Sequence[Fulfillment], parcels: Sequence[Tracking]
) -> Iterable[tuple[Fulfillment, Change]]:
    """Each shipment with the change that tells its parcel; no change when Square knows it."""
    for index, one in enumerate(shipments):
        parcel = parcels[min(index, len(parcels) - 1)]
        told = {"carrier": parcel.carrier, "tracking_number": parcel.code, "tracking_url": parcel.url}
        news = {name: value for name, value in told.items() if value and getattr(one.details, name) != value}
        yield one, ({"shipment_details": news} if news else {})


def _cancelled(one: Fulfillment, text: str) -> Change:
    cancelled: Change = {"uid": one.uid, "state": "CANCELED"}
    if one.type in _WITH_REASON:
        cancelled[DETAILS[one.type]] = {"cancel_reason": text}
    return cancelled


def _is_paid(theirs: models.Order) -> bool:
    """Whether there is money in it: by its payments, or because nothing is due of a total that is not zero."""
    total = theirs.total_money.cents if theirs.total_money else 0
    return paid(theirs) > 0 or (amount_due(theirs) == 0 and total > 0)


def _refuse_cancelled(theirs: models.Order) -> None:
    if theirs.state == "CANCELED":
        raise Reject("ORDER_CANCELLED", "Square has cancelled this order")


def rfc3339(at: datetime) -> str:
    """A UTC time as Square writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(amount: int, currency: str) -> Mapping[str, Any]:
    """An amount of minor units as Square writes it."""
    return {"amount": amount, "currency": currency}
