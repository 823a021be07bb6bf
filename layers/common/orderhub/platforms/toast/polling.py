"""Orders that no webhook told of: each restaurant's orders by the time they were changed.

https://doc.toasttab.com/doc/devguide/apiOrdersGetDetailedInfoAboutMultipleOrders.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Misconfigured, Quarantine, Reject
from orderhub.order.ids import digest
from orderhub.order.messages import InboundMessage, OrderSnapshot, Unreadable
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Connection, Page
from orderhub.platforms.http_types import Http
from orderhub.platforms.toast import mapper
from orderhub.platforms.toast.client import headers, known_words, written
from orderhub.platforms.toast.webhook import without_content

PAGE_SIZE = 100
_LONGEST = timedelta(days=28)  # Toast takes a month at most


def poll(cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
    """One page of one restaurant's orders.

    cursor: `since <restaurant>`, until when its orders are known; and on the way through the restaurants `store`, with
    `until` and `page` when that one has further pages. A restaurant that Toast refuses to list stays where it is, and
    does not keep the others waiting.
    """
    settings, stores = connection.settings, sorted(connection.stores)
    known = {name: cursor[name] for name in (f"since {store}" for store in stores) if name in cursor}
    store = next((one for one in stores if one >= cursor.get("store", "")), None)
    if store is None:
        return Page(cursor=known)
    on_the_way = cursor if store == cursor.get("store") else {}
    mark, page = f"since {store}", int(on_the_way.get("page", "1"))
    since = parse_time(known[mark]) if mark in known else now - timedelta(hours=settings.poll_back)
    until = parse_time(on_the_way["until"]) if "until" in on_the_way else min(now, since + _LONGEST)
    try:
        rows = _listed(store, since - timedelta(minutes=settings.poll_overlap), until, page, http)
    except (Reject, Misconfigured) as refusal:
        if len(stores) == 1:
            raise
        return _next(Page(cursor=known, trouble=f"restaurant {store}: {refusal}"), store, stores)
    messages = _messages(rows, store, connection, http)
    if len(rows) == PAGE_SIZE:
        further = {"store": store, "until": sortable(until), "page": str(page + 1)}
        return Page(messages, {**known, **further}, more=True)
    return _next(Page(messages, {**known, mark: sortable(until)}), store, stores)


def _next(page: Page, store: str, stores: Sequence[str]) -> Page:
    """The page, and with it that the next restaurant is to be asked, if there is one."""
    following = next((one for one in stores if one > store), None)
    return replace(page, cursor={**page.cursor, "store": following}, more=True) if following else page


def _listed(store: str, start: datetime, until: datetime, page: int, http: Http) -> list[Any]:
    """The rows of a page. Raises Quarantine when the answer is no list."""
    reply = http.request(
        "GET",
        "/orders/v2/ordersBulk",
        params={
            "startDate": written(start),
            "endDate": written(until),
            "pageSize": str(PAGE_SIZE),
            "page": str(page),
        },
        headers=headers(store),
    )
    rows = reply.json()
    if not isinstance(rows, list):
        raise Quarantine("Toast's list of orders is no list")
    return rows


def _messages(rows: list[Any], store: str, connection: Connection[Any, Any], http: Http) -> list[InboundMessage]:
    words = known_words(rows, store, connection, http) if rows else {}
    return [_row({"restaurantGuid": store, "order": row}, words, connection) for row in rows]


def _row(told: Mapping[str, Any], words: Mapping[str, Any], connection: Connection[Any, Any]) -> InboundMessage:
    """One order. Read again and again, one that has not changed is one message. What is kept names its restaurant."""
    raw = json.dumps(told, default=float).encode()
    key = f"poll-{digest(raw.decode())}"
    try:
        order = mapper.to_order({**told, **words}, connection)
    except mapper.NothingOnIt as nothing:
        return without_content(nothing, key, mapper.version_of(told["order"].get("modifiedDate")))
    except Quarantine as error:
        return Unreadable(delivery_key=key, raw=raw, reason=str(error))
    version = mapper.version_of(told["order"].get("modifiedDate"))
    return OrderSnapshot(delivery_key=key, source_version=version, order=order, raw=raw)
