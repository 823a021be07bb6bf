"""OpenTable's calls to us: each asks for a decision, and our answer is the booking.

https://github.com/opentable/slate (OpenTable Developer's Guide: "Booking a Reservation", "Exchanging Reservation
Updates", "FRN Recovery")
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import Decision, Ignored, TableRequest, TableStep
from orderhub.order.times import parse_time
from orderhub.platforms.base import Reading, body_key, parse_as
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.opentable import mapper, proof
from orderhub.platforms.opentable.models import CancelCall, LockCall, MakeCall, UpdateCall
from orderhub.platforms.opentable.settings import OpenTableConnection, rules_of
from orderhub.platforms.opentable.statuses import REFUSALS
from orderhub.platforms.payload import unknown_fields

_GRANTED, _BAD_REQUEST, _NOT_FOUND, _CONFLICT = 200, 400, 404, 409
_JSON = {"content-type": "application/json"}

NOT_UNDERSTOOD = ("not_understood", "The request could not be read; nothing has been booked or changed.")
NO_SUCH_CALL = ("unknown_call", "There is no such call; nothing has been booked or changed.")
NO_RESTAURANT = "ECannotFindRestaurant"

LOCK_FIELD, NUMBER_FIELD = "lock_id", "confirmation_number"

AnyCall = LockCall | MakeCall | UpdateCall | CancelCall


@dataclass(frozen=True, slots=True)
class Wording:
    """Words a decision as the answer to a call. echoed: fields of the call that its answer repeats."""

    echoed: Mapping[str, Any]
    number_field: str

    def __call__(self, decision: Decision) -> Answer:
        """The answer: 200 with the number, or 409 with the reason."""
        if not decision.granted:
            return refused(*REFUSALS.get(decision.why, REFUSALS["full"]))
        lasts = decision.expires_in if self.number_field == LOCK_FIELD else None
        expiry = {} if lasts is None else {"expiration_seconds": round(lasts.total_seconds())}
        return _answer(_GRANTED, {self.number_field: decision.number, **self.echoed, **expiry})


def read(request: Request, connection: OpenTableConnection) -> Reading:
    """What a call asks for. Raises Quarantine when it is not understood."""
    if request.method == "GET":
        return _availability_check(request, connection)
    body = request.json()
    if not isinstance(body, dict):
        raise Quarantine("the body is not an object")
    name = proof.call_in_path(request, connection) or _by_shape(body)
    reader = _READERS.get(name)
    if reader is None:
        key = body_key(request, "unknown", name)
        return Reading([Ignored(delivery_key=key, reason=f"no call of ours: {name[:100]!r}")], _no_such_call())
    model, step, number_field = reader
    call: AnyCall = parse_as(model, body)
    echoed = {field: body[field] for field in _ECHOED if field in model.model_fields}
    return Reading(
        [_request(step, call, request, connection)],
        unknown_fields=unknown_fields(call),
        decided=Wording(echoed, number_field),
    )


def refusal(request: Request) -> Answer:
    """The answer to a call that was not understood: nothing is booked by it."""
    error, description = NOT_UNDERSTOOD
    return _answer(_BAD_REQUEST, {"error": error}) if request.method == "GET" else refused(error, description)


def refused(error: str, description: str) -> Answer:
    """The answer that turns a request down."""
    return _answer(_CONFLICT, {"error": error, "error_description": description})


# Part of the path -> the call it is, what it asks for, and the field of the answer that has our number.
_READERS: Mapping[str, tuple[type[AnyCall], TableStep, str]] = {
    "lock": (LockCall, TableStep.HOLD, LOCK_FIELD),
    "make": (MakeCall, TableStep.MAKE, NUMBER_FIELD),
    "update": (UpdateCall, TableStep.CHANGE, NUMBER_FIELD),
    "cancel": (CancelCall, TableStep.CANCEL, NUMBER_FIELD),
}
_ECHOED = ("rid", "date", "date_time", "party_size")

# Whether a body without a path is that call; the first that fits.
_SHAPES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "update": lambda body: "confirmation_number" in body and not {"date_time", "party_size", "guest"}.isdisjoint(body),
    "cancel": lambda body: "confirmation_number" in body,
    "make": lambda body: not {"date_time", "guest", "lock_id", "slot_lock_id"}.isdisjoint(body),
    "lock": lambda body: not {"date", "party_size"}.isdisjoint(body),
}


def _by_shape(body: Mapping[str, Any]) -> str:
    if "rid" not in body:
        raise Quarantine("a call about no restaurant: it has no rid")
    return next((name for name, fits in _SHAPES.items() if fits(body)), "")


def _request(step: TableStep, call: AnyCall, request: Request, connection: OpenTableConnection) -> TableRequest:
    key, remember = _delivery(step, call, request, connection)
    common: dict[str, Any] = {
        "delivery_key": key,
        "step": step,
        "store_external_id": str(call.rid),
        "rules": rules_of(str(call.rid), connection),
        "remember": remember,
    }
    zone = connection.store(str(call.rid)).time_zone
    match call:
        case LockCall():
            return TableRequest(**common, at=parse_time(call.date, zone), party_size=call.party_size)
        case CancelCall():
            return TableRequest(**common, number=call.confirmation_number)
        case UpdateCall():
            order = mapper.asked_for(call, connection, None)
            number = call.confirmation_number
            return TableRequest(
                **common, at=order.scheduled_for, party_size=call.party_size, number=number, order=order
            )
        case MakeCall():
            order = mapper.asked_for(call, connection, request.received_at)
            hold = mapper.lock_of(call)
            return TableRequest(**common, at=order.scheduled_for, party_size=call.party_size, hold=hold, order=order)


def _delivery(
    step: TableStep, call: AnyCall, request: Request, connection: OpenTableConnection
) -> tuple[str, timedelta]:
    """What makes a request the same as one before, and how long its answer is remembered."""
    settings, request_id = connection.settings, request.header("x-request-id")
    if request_id:
        return f"{step}-{digest('id', str(call.rid), request_id)}", timedelta(days=settings.remember_days)
    return f"{step}-{body_key(request, 'body')}", timedelta(minutes=settings.repeat_minutes)


def _availability_check(request: Request, connection: OpenTableConnection) -> Reading:
    """Whether a restaurant can be booked again, after calls to us have failed ("FRN Recovery")."""
    rid = request.query.get("rid", "")
    if rid not in connection.stores:
        return Reading([], _answer(_BAD_REQUEST, {"error": NO_RESTAURANT}))
    number: Any = int(rid) if rid.isascii() and rid.isdigit() else rid
    return Reading([], _answer(_GRANTED, {"rid": number, "online": True}))


def _no_such_call() -> Answer:
    error, description = NO_SUCH_CALL
    return _answer(_NOT_FOUND, {"error": error, "error_description": description})


def _answer(status: int, body: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(body, separators=(",", ":")), _JSON)
