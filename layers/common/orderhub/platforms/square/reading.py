"""Reads: one order with its customer, and the locations."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from orderhub.errors import Ignore, Misconfigured, Quarantine, Reject
from orderhub.order.messages import OrderReference
from orderhub.platforms.base import Done, Fetched, parse_as
from orderhub.platforms.http_types import Http, Reply, parse_json
from orderhub.platforms.payload import Payload, Text
from orderhub.platforms.pieces import path_part
from orderhub.platforms.square.config import SquareConnection
from orderhub.platforms.square.models import Order
from orderhub.platforms.square.versions import version_of

NOT_FOUND = "NOT_FOUND"


class _Location(Payload):
    id: Text = None
    name: Text = None
    status: Text = None


class _Locations(Payload):
    locations: list[_Location] = []


def fetch(reference: OrderReference, connection: SquareConnection, http: Http, now: datetime) -> Fetched:
    """An order as it is now, and its customer where the order has nothing but the id; of a return, the order it undoes.

    Raises Ignore when Square has no such order: samples sent from the Developer Console name orders that never were.
    An order that shows up late is found by the poll.
    """
    reply, order = _read(reference.external_id, http)
    undone = next((one.source_order_id for one in order.returns if one.source_order_id), None)
    if order.is_return and undone is not None:
        reply, order = _read(undone, http)
    payload, raw = reply.json(), reply.body
    profile = _profile(order, connection, http)
    if profile is not None:
        raw = json.dumps({**payload, "customer": profile}, default=str).encode()
        payload = parse_json(raw)
    return Fetched(payload, raw, version_of(order.version, order.updated_at))


def _read(order_id: str, http: Http) -> tuple[Reply, Order]:
    try:
        reply = http.request("GET", order_path(order_id))
    except Reject as error:
        if error.code != NOT_FOUND:
            raise
        raise Ignore(f"Square knows no order {order_id[:60]}: a test, or not this merchant's") from None
    return reply, order_in(reply.json())


def order_path(order_id: str) -> str:
    """The path of an order."""
    return f"/v2/orders/{path_part(order_id)}"


def order_in(payload: Any) -> Order:
    """The order in an answer. Raises Quarantine when there is none."""
    if not isinstance(payload, dict) or "order" not in payload:
        raise Quarantine("an answer without an order")
    return parse_as(Order, payload["order"])


def location_ids(http: Http) -> list[str]:
    """All active locations of the merchant."""
    return [one.id for one in _locations(http) if one.id and one.status in ("ACTIVE", None)]


def verify_connection(connection: SquareConnection, http: Http) -> Done:
    """Proves the token by reading the locations, and says what of the set-up does not fit them."""
    found = {one.id: one.name or one.id for one in _locations(http) if one.id}
    notes = [f"locations: {', '.join(found.values())}"]
    strangers = sorted(set(connection.stores) - set(found))
    if strangers:
        notes.append(f"not at Square: {', '.join(strangers)}")
    if not connection.settings.notification_url:
        notes.append("notification_url is not set, so webhooks are refused")
    return Done(note="; ".join(notes)[:1000])


def _locations(http: Http) -> list[_Location]:
    return parse_as(_Locations, http.request("GET", "/v2/locations").json()).locations


def _profile(order: Order, connection: SquareConnection, http: Http) -> Any:
    """The customer's profile, when the order names it and says nothing of it. An order without it is still an order."""
    recipients = [one.details.recipient for one in order.fulfillments if one.details.recipient]
    known = any(one.display_name or one.phone_number or one.email_address for one in recipients)
    customer_id = next(filter(None, (*(one.customer_id for one in recipients), order.customer_id)), None)
    if known or customer_id is None or not connection.settings.fetch_customers:
        return None
    try:
        answer = http.request("GET", f"/v2/customers/{path_part(customer_id)}").json()
    except (Reject, Misconfigured):
        return None
    return answer.get("customer") if isinstance(answer, dict) else None
