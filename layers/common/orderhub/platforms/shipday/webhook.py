"""What Shipday tells us: where a delivery stands, whole, after each event.

There is no id of an event; its time orders them, as they may come again and in any order.
https://docs.shipday.com/reference/order-status-update-2
"""

from __future__ import annotations

from orderhub.errors import Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage
from orderhub.order.models import Courier
from orderhub.order.status import Status
from orderhub.order.times import sortable
from orderhub.platforms.base import Reading, body_key, parse_as
from orderhub.platforms.http_types import Request
from orderhub.platforms.payload import unknown_fields
from orderhub.platforms.pieces import joined
from orderhub.platforms.shipday.config import ShipdayConnection, ShipdaySettings
from orderhub.platforms.shipday.models import Event, ThirdParty
from orderhub.platforms.shipday.statuses import (
    DELETED,
    DELETED_THERE,
    NOBODY,
    POSITION,
    PROOF_UPLOADED,
    STATES,
    TAKEN_BACK,
    UNASSIGNABLE,
    UNASSIGNED,
    Meaning,
)
from orderhub.platforms.targets import DeliveryReport


def read(request: Request, connection: ShipdayConnection) -> Reading:
    """What an authentic request says. Raises Quarantine when it cannot be understood."""
    body = request.json()
    if not isinstance(body, dict) or not isinstance(body.get("event"), str):
        raise Quarantine("the body is not a JSON object with an event")
    if body["event"].strip().upper() == POSITION:
        return _ignored(request, "the positions of drivers are not followed")
    if "order" not in body:
        return _ignored(request, f"{body['event'][:60]!r} is an event about no order")
    event = parse_as(Event, body)
    meaning = _meaning(event, connection.settings)
    if meaning is None:
        return _ignored(request, f"{(event.order_status or '')[:60]!r} is a status that is new to us")
    return Reading([_report(event, meaning, request)], unknown_fields=unknown_fields(event))


def _ignored(request: Request, reason: str) -> Reading:
    message: InboundMessage = Ignored(delivery_key=body_key(request, "ignored"), reason=reason)
    return Reading([message])


def _meaning(event: Event, settings: ShipdaySettings) -> Meaning | None:
    """By the status after the event; by the event where the status means nothing. None for a word we do not know."""
    if event.event == DELETED:
        return Meaning(Status.CANCELLED if settings.deleted_is_cancelled else None, DELETED_THERE)
    if event.event == PROOF_UPLOADED:
        return Meaning(Status.COMPLETED if settings.proof_completes else None)
    known = STATES.get(event.order_status or "")
    if known is None and event.event in TAKEN_BACK:
        return Meaning()
    return known


def _report(event: Event, meaning: Meaning, request: Request) -> DeliveryReport:
    """An event without a time of its own happened when it came."""
    order = event.order
    state = DELETED if event.event == DELETED else event.order_status or event.event
    when = event.timestamp
    said = (order.id, event.event, event.order_status or "")
    unassigned = event.event == UNASSIGNED
    return DeliveryReport(
        delivery_key=digest(*said, sortable(when)) if when else body_key(request, *said),
        source_version=sortable(when) if when else None,
        number=order.order_number or "",
        external_id=order.id,
        state=state,
        at=when or request.received_at,
        status=meaning.status,
        courier=None if unassigned else _courier(event),
        no_courier=unassigned,
        # Off its way again and still picked up: nothing of ours is undone by that.
        undone=event.event in TAKEN_BACK and meaning.status is None,
        trouble=meaning.trouble or _unassignable(event),
        source=order.order_source,
        instead_of=order.parent_id if (order.parent_id or "0").strip("0").isdecimal() else None,
        proof=tuple(order.proof),
    )


def _unassignable(event: Event) -> str | None:
    """Once somebody is assigned by hand, what Shipday could not do by itself is no trouble any more."""
    if event.order_status != NOBODY:
        return None
    return UNASSIGNABLE.get(event.order.auto_assignment_status or "")


def _courier(event: Event) -> Courier | None:
    """A driver of the merchant's own; of a service on demand the driver is named elsewhere, and `carrier` is empty."""
    own, service = event.carrier, event.third_party
    common = {"eta": event.order.eta, "tracking_url": event.tracking_url}
    if own is not None and (own.name or own.phone):
        vehicle = joined((own.vehicle_description, own.plate_number), ", ")
        told = {"name": own.name, "phone": own.phone, "vehicle": vehicle, "status": event.order_status}
    elif service is not None and (service.driver_name or service.driver_phone or service.third_party_name):
        name = _of_service(service)
        told = {"name": name, "phone": service.driver_phone, "vehicle": None, "status": service.status}
    else:
        told = {}
    courier = Courier.model_validate({**told, **common})
    return courier if courier != Courier() else None


def _of_service(service: ThirdParty) -> str | None:
    """The driver and whose driver it is: "Jude (Uber)"."""
    if not service.driver_name or not service.third_party_name:
        return service.driver_name or service.third_party_name
    return f"{service.driver_name} ({service.third_party_name})"
