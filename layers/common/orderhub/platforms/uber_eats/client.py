"""Reads, and the calls about stores and their menus.

https://developer.uber.com/docs/eats/introduction
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Misconfigured, Quarantine, Reject, Retry
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage, OrderReference, OrderSnapshot, Unreadable
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Connection, Done, Fetched, ItemAvailability, Page, StoreStatus, parse_as
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.pieces import path_part, rfc3339
from orderhub.platforms.uber_eats import mapper
from orderhub.platforms.uber_eats.listing import Listing
from orderhub.platforms.uber_eats.webhook import FAILURE

EXPAND = "carts,deliveries,payment"
"""The parts of a v1 order that come only when asked for."""

"""The purpose of a reference to an order that a listing showed and that could not be mapped."""

_GZIP = {"Accept-Encoding": "gzip"}
_PAGE_SIZE = "50"
# Uber tells of a failure at once, and may not be able to show the failed order yet: how long that is believed.
_NOT_YET = timedelta(minutes=10)
_ASK_AGAIN = 30.0  # seconds
# In Uber's own example this moment in the year 2243 stands for "until further notice".
_FURTHER_NOTICE = 8_640_000_000


def generation_of(told: Mapping[str, str], connection: Connection[Any, Any]) -> str:
    """v1 or v2. told: the reference's or the order's own words."""
    return told.get("generation") or str(connection.settings.generation)


def read(external_id: str, generation: str, http: Http) -> Reply:
    """Reads one whole order."""
    order_id = path_part(external_id)
    if generation == "v2":
        return http.request("GET", f"/v2/eats/order/{order_id}", headers=_GZIP)
    return http.request("GET", f"/v1/delivery/order/{order_id}", params={"expand": EXPAND}, headers=_GZIP)


def fetch(reference: OrderReference, connection: Connection[Any, Any], http: Http, now: datetime) -> Fetched:
    """Reads one order. Raises Retry when it is not there yet, Reject when it is not there."""
    try:
        reply = read(reference.external_id, generation_of(reference.ref, connection), http)
    except Reject as refusal:
        if _too_early(reference, now):
            raise Retry(str(refusal), after=_ASK_AGAIN) from refusal
        raise
    return Fetched(payload=reply.json(), raw=reply.body, source_version=sortable(now))


def _too_early(reference: OrderReference, now: datetime) -> bool:
    since = reference.ref.get("since")
    return reference.ref.get("purpose") == FAILURE and since is not None and now < parse_time(since) + _NOT_YET


def poll(cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
    """One page of the open v1 orders of one store; cursor: `store` and `page`, nothing when all stores are through.

    A store that Uber refuses to list does not keep the others waiting.
    """
    stores = sorted(connection.stores)
    store = next((one for one in stores if one >= cursor.get("store", "")), None)
    if store is None:
        return Page([], {})
    token = cursor.get("page") if store == cursor.get("store") else None
    following = next((one for one in stores if one > store), None)
    after = Page([], {"store": following} if following else {}, more=following is not None)
    try:
        reply = http.request(
            "GET",
            f"/v1/delivery/store/{path_part(store)}/orders",
            params={
                "expand": EXPAND,
                "state": connection.settings.poll_states,
                "start_time": rfc3339(now - timedelta(days=connection.settings.poll_days)),
                "page_size": _PAGE_SIZE,
                **({"next_page_token": token} if token else {}),
            },
            headers=_GZIP,
        )
    except Reject as refusal:
        if len(stores) == 1:
            raise
        refused = Ignored(delivery_key=digest("poll", store, sortable(now)), reason=f"store {store}: {refusal}")
        return Page([refused], after.cursor, after.more)
    listing = parse_as(Listing, reply.json())
    messages = [_row(row, connection, now) for row in listing.data]
    token = listing.pagination_data.next_page_token if listing.pagination_data else None
    if token:
        return Page(messages, {"store": store, "page": token}, more=True)
    return Page(messages, after.cursor, after.more)


def _row(row: Any, connection: Connection[Any, Any], now: datetime) -> InboundMessage:
    """An order of a listing; one that cannot be mapped is kept by itself."""
    raw = json.dumps(row, default=str).encode()
    try:
        order = mapper.to_order(row, connection)
    except Quarantine as error:
        return Unreadable(delivery_key=f"poll-{digest(raw.decode())}", raw=raw, reason=str(error))
    # Read again and again, an order that has not changed is one message: its courier's position is no change.
    courier = order.courier.model_copy(update={"lat": None, "lng": None, "eta": None}) if order.courier else None
    content = order.model_copy(update={"courier": courier}).model_dump_json()
    return OrderSnapshot(delivery_key=f"poll-{digest(content)}", source_version=sortable(now), order=order, raw=raw)


def verify_connection(connection: Connection[Any, Any], http: Http) -> Done:
    """One cheap read. Raises Misconfigured when there is no store to read of, or Uber refuses the credentials."""
    stores: Sequence[str] = sorted(connection.stores)
    if not stores:
        raise Misconfigured("no store of Uber Eats is on this connection's map: put Uber's store id there")
    path = f"/v1/delivery/store/{path_part(stores[0])}/orders"
    http.request("GET", path, params={"page_size": "1"}, headers=_GZIP)
    return Done(note=f"Uber Eats lists the orders of store {stores[0]}")


def set_item_availability(change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
    """Suspends an item until a time or until further notice, or ends its suspension."""
    until = int(change.until.timestamp()) if change.until else _FURTHER_NOTICE
    suspension = (
        {"suspend_until": None, "reason": None}
        if change.available
        else {"suspend_until": until, "reason": "Out of stock"}
    )
    store, item = path_part(change.store_external_id), path_part(change.item)
    http.request(
        "POST",
        f"/v2/eats/stores/{store}/menus/items/{item}",
        json={"suspension_info": {"suspension": suspension}},
    )
    return Done(note="on sale again" if change.available else "suspended")


def set_store_status(status: StoreStatus, connection: Connection[Any, Any], http: Http) -> Done:
    """Puts a store online, or offline until a time or until further notice."""
    body: dict[str, str] = {"status": "ONLINE"}
    if not status.is_open:
        body = {"status": "OFFLINE", "reason": status.reason or "Paused by the store"}
        if status.until is not None:
            body["is_offline_until"] = rfc3339(status.until)
    http.request("POST", f"/v1/delivery/store/{path_part(status.store_external_id)}/update-store-status", json=body)
    return Done(note="online" if status.is_open else "offline")
