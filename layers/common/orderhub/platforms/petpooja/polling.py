"""Asking Petpooja for bills: all of a restaurant's business day in one answer, and those of the day before.

The vendor documents a GET with a body. Its CDN answers that with a page of HTML, so it is a POST.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from orderhub.errors import Ignore, Misconfigured, Quarantine, Reject
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage, OrderSnapshot, Unreadable
from orderhub.platforms.base import Connection, Page, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.payload import NullAsEmpty, Payload
from orderhub.platforms.petpooja import bills, mapper
from orderhub.platforms.petpooja.config import Keys
from orderhub.platforms.petpooja.pull import PATH


class Listing(Payload):
    """What is answered. order_json: bills, each to be read by itself."""

    order_json: Annotated[list[Any], NullAsEmpty] = []


def poll(cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
    """The bills of one restaurant and business day; cursor: `restaurant` and `days_back` of the next to ask for.

    A restaurant that Petpooja refuses to list does not keep the others waiting.
    """
    places = [(one, back) for one in restaurants(connection) for back in range(connection.settings.poll_days)]
    start = (cursor.get("restaurant", ""), int(cursor.get("days_back", "0")))
    left = [place for place in places if place >= start]
    if not left:
        return Page()
    restaurant, back = left[0]
    following = {"restaurant": left[1][0], "days_back": str(left[1][1])} if len(left) > 1 else {}
    asked = days(restaurant, connection, now)
    try:
        rows = ask(restaurant, asked[back], http)
    except Reject as refusal:
        return Page((), following, more=bool(following), trouble=f"restaurant {restaurant}: {refusal}")
    messages = [_row(row, connection) for row in rows if _day(row) in (None, *asked)]
    return Page(messages, following, more=bool(following))


def restaurants(connection: Connection[Any, Any]) -> Sequence[str]:
    """The restaurants to ask about. Raises Misconfigured when there is none."""
    if not connection.stores:
        raise Misconfigured("no restaurant of Petpooja is on this connection's map: put its restID there")
    return sorted(connection.stores)


def keys_of(connection: Connection[Any, Any]) -> Keys:
    """The keys to ask with. Raises Misconfigured when there are none."""
    if not connection.credentials.keys:
        raise Misconfigured("Petpooja lists bills only with app_key, app_secret and access_token in `keys`")
    keys: Keys = connection.credentials.keys[0]
    return keys


def days(restaurant: str, connection: Connection[Any, Any], now: datetime) -> list[str]:
    """The restaurant's business days to ask for, today's first."""
    today = bills.business_day(now, connection.store(restaurant), connection)
    return [(today - timedelta(days=back)).isoformat() for back in range(connection.settings.poll_days)]


def ask(restaurant: str, day: str, http: Http) -> list[Any]:
    """The bills of a day and of the day before it; the keys go in on the way out."""
    reply = http.request("POST", PATH, json={"restID": restaurant, "order_date": day, "refId": ""})
    return parse_as(Listing, reply.json()).order_json


def _day(row: Any) -> str | None:
    """The business day that a bill says it belongs to: after midnight, that before."""
    order = row.get("Order") if isinstance(row, dict) else None
    day = order.get("order_date") if isinstance(order, dict) else None
    return day.strip()[:10] or None if isinstance(day, str) else None


def _row(row: Any, connection: Connection[Any, Any]) -> InboundMessage:
    """One bill. Listed again and again, it is one message for as long as it says the same."""
    raw = json.dumps(row, default=str).encode()
    try:
        order = mapper.to_order(row, connection)
    except Ignore as reason:
        return Ignored(delivery_key=f"pull-{digest(raw.decode())}", reason=str(reason))
    except Quarantine as error:
        return Unreadable(delivery_key=f"pull-{digest(raw.decode())}", raw=raw, reason=str(error))
    key = f"pull-{digest(order.model_dump_json())}"
    return OrderSnapshot(delivery_key=key, source_version=bills.version_of(order), order=order, raw=raw)
