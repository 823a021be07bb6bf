"""What is read of a delivery, and of its courier.

https://docs.shipday.com/reference/retrieve-order-details
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from orderhub.errors import Quarantine, Reject
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.pieces import path_part
from orderhub.platforms.shipday.models import Details, OnDemand
from orderhub.platforms.shipday.statuses import COURIER_GONE
from orderhub.platforms.targets import Delivery

ID = "delivery"
"""Shipday's id of the delivery, among what it answered."""

# What a read answers for something that is not there: 404 is usual, and of 400 no other reason is documented.
NOT_THERE = frozenset({400, 404})

M = TypeVar("M", bound=BaseModel)


def id_of(delivery: Delivery) -> int:
    """Shipday's id of the delivery. Raises Reject when it has never been told of it."""
    known = delivery.ids.get(ID, "")
    if not known.isdecimal():
        raise Reject("NOT_HANDED_OVER", "Shipday does not have this delivery")
    return int(known)


def rows_of(reply: Reply, model: type[M]) -> list[M]:
    """The rows of an answer that is an array. Raises Quarantine when it is none."""
    rows = reply.json()
    if not isinstance(rows, list):
        raise Quarantine(f"an answer that should be an array of {model.__name__} is none")
    return [parse_as(model, row) for row in rows]


def is_not_there(error: Reject) -> bool:
    """Whether a refusal says that there is no such thing."""
    return error.details.get("status") in NOT_THERE


def deliveries_of(delivery: Delivery, http: Http) -> list[Details]:
    """The deliveries of its number, the newest first: numbers need not be unique there."""
    try:
        reply = http.request("GET", f"/orders/{path_part(delivery.number)}")
    except Reject as error:
        if is_not_there(error):
            return []
        raise
    rows = [row for row in rows_of(reply, Details) if row.order_id.isdecimal()]
    ours = [row for row in rows if row.order_number in (None, delivery.number)]
    return sorted(ours, key=lambda row: int(row.order_id), reverse=True)


def known_in(delivery: Delivery, rows: list[Details]) -> Details | None:
    """The delivery whose id we know, or the one that has taken its place there."""
    known = delivery.ids.get(ID)
    return next((row for row in rows if known in (row.order_id, row.parent_id)), None) if known else None


def service_for(shipday_id: int, http: Http) -> OnDemand | None:
    """The courier on demand who was booked for it and not lost again; None when there is none."""
    try:
        reply = http.request("GET", f"/on-demand/details/{shipday_id}")
    except Reject as error:
        if is_not_there(error):
            return None
        raise
    body = reply.json() if reply.body.strip() else None
    if not isinstance(body, dict):
        return None
    found = parse_as(OnDemand, body)
    if found.status in COURIER_GONE or not (found.third_party_name or found.reference_id):
        return None
    return found
