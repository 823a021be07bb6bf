"""Reads: one order with what it takes to understand it, and the restaurant.

https://doc.toasttab.com/doc/devguide/apiHttpHeaders.html: every call names the restaurant it is about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Misconfigured, Reject
from orderhub.order.messages import OrderReference
from orderhub.platforms.base import Connection, Done, Fetched, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.payload import Payload, Text
from orderhub.platforms.pieces import path_part
from orderhub.platforms.toast import mapper
from orderhub.platforms.toast.lines import DEEPEST
from orderhub.platforms.toast.models import ToastPayload
from orderhub.platforms.toast.webhook import RESTAURANT_HEADER

_KEEP = timedelta(days=1)


def headers(restaurant: str) -> dict[str, str]:
    """The header that says which restaurant a call is about."""
    return {RESTAURANT_HEADER: restaurant}


def restaurant_of(told: Mapping[str, str], connection: Connection[Any, Any]) -> str:
    """The restaurant of an order. told: the reference's or the order's own words. Raises Misconfigured."""
    restaurant = told.get(mapper.RESTAURANT) or mapper.the_store(connection)
    if restaurant is None:
        raise Misconfigured("it is not known which restaurant of Toast this is about: put it on the connection's map")
    return restaurant


def order_path(external_id: str) -> str:
    """Where an order is."""
    return f"/orders/v2/orders/{path_part(external_id)}"


def written(at: datetime) -> str:
    """A UTC time as Toast writes it: 2026-10-05T14:42:11.000+0000."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def fetch(reference: OrderReference, connection: Connection[Any, Any], http: Http, now: datetime) -> Fetched:
    """Reads one order with its guest. Raises Reject when there is none, Misconfigured, Retry."""
    restaurant = restaurant_of(reference.ref, connection)
    reply = http.request("GET", order_path(reference.external_id), headers=headers(restaurant))
    order = reply.json()
    version = mapper.version_of(order.get("modifiedDate")) if isinstance(order, dict) else None
    beside = {"restaurantGuid": restaurant, **known_words([order], restaurant, connection, http)}
    # Kept as it came, with what it does not tell itself: a replay maps it to the same restaurant.
    raw = b'{"order":' + reply.body + b"," + json.dumps(beside, default=str).encode()[1:]
    return Fetched(payload={"order": order, **beside}, raw=raw, source_version=version)


def known_words(
    orders: Iterable[Any], restaurant: str, connection: Connection[Any, Any], http: Http
) -> dict[str, list[Any]]:
    """What stands behind the ids in these orders, as far as any of them needs it: read once a day."""
    found: dict[str, list[Any]] = {}
    settled = connection.settings.dining_options
    orders = [order for order in orders if isinstance(order, dict)]
    if any(_guid(order.get("diningOption")) not in settled for order in orders):
        found["diningOptions"] = _configured("/config/v2/diningOptions", restaurant, http)
    if any(_guid(line.get("preModifier")) for order in orders for line in _lines(order)):
        found["preModifiers"] = _configured("/config/v2/preModifiers", restaurant, http)
    return found


def _configured(path: str, restaurant: str, http: Http) -> list[Any]:
    """What is configured; nothing when we may not read it, for an order can do without."""
    try:
        told = http.remembered(path, headers=headers(restaurant), keep=_KEEP).json()
    except (Reject, Misconfigured):
        return []
    return told if isinstance(told, list) else []


def _guid(reference: Any) -> str | None:
    guid = reference.get("guid") if isinstance(reference, dict) else None
    return guid if isinstance(guid, str) else None


def _lines(order: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every line of an order, and every modifier."""
    checks = order.get("checks")
    for check in checks if isinstance(checks, list) else []:
        if isinstance(check, dict):
            yield from _selections(check.get("selections"), 0)


def _selections(lines: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    for line in lines if isinstance(lines, list) and depth <= DEEPEST else []:
        if isinstance(line, dict):
            yield line
            yield from _selections(line.get("modifiers"), depth + 1)


class General(ToastPayload):
    """What the hub is told of a restaurant by its store, and Toast knows too."""

    name: Text = None
    currency_code: Text = None
    time_zone: Text = None


class Restaurant(Payload):
    """The answer to `GET /restaurants/v1/restaurants/{guid}`."""

    general: General = General()


def verify_connection(connection: Connection[Any, Any], http: Http) -> Done:
    """Reads the first restaurant on the map. Raises Misconfigured when there is none, or we are refused."""
    if not connection.stores:
        raise Misconfigured("no restaurant of Toast is on this connection's map: put its GUID there")
    guid, store = min(connection.stores.items())
    reply = http.request("GET", f"/restaurants/v1/restaurants/{path_part(guid)}", headers=headers(guid))
    told = parse_as(Restaurant, reply.json()).general
    compared = (("currency", told.currency_code, store.currency), ("time zone", told.time_zone, store.time_zone))
    differing = [
        f"its {what} is {theirs} there, and {ours} in the hub"
        for what, theirs, ours in compared
        if theirs not in (None, ours)
    ]
    return Done(note="; ".join([f"Toast knows {told.name or guid}", *differing]))
