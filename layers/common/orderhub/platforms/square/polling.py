"""Looking for what no event told us: sales of the Point of Sale app above all.

https://developer.squareup.com/docs/orders-api/manage-orders/search-orders
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Ignore, Misconfigured, Quarantine, Reject
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage, OrderReference, OrderSnapshot, Unreadable
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Page, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.square import reading
from orderhub.platforms.square.config import SquareConnection
from orderhub.platforms.square.mapper import to_order
from orderhub.platforms.square.models import Order
from orderhub.platforms.square.versions import version_of

AT_ONCE = 10  # locations in one search
_STATES = ["OPEN", "COMPLETED", "CANCELED"]


def poll(cursor: Mapping[str, str], connection: SquareConnection, http: Http, now: datetime) -> Page:
    """One page of the orders that were updated since the last run.

    cursor: `since` up to where all is read; while a run is under way also its window (`start`, `end`), its `locations`
    and the `group` of them that is being read, and within a group Square's `page`, the time up to which rows were
    `seen`, and from where it was taken up again (`resumed`). Raises Misconfigured when the merchant has no location.
    """
    run = dict(cursor) if "end" in cursor else _new_run(cursor, connection, http, now)
    locations = run["locations"].split(",")
    group = int(run["group"])
    try:
        answer = _search(run, locations[AT_ONCE * group : AT_ONCE * (group + 1)], connection, http)
    except Reject:
        if "page" not in run:
            raise
        # Square forgets its pages after a while. Rows come by time, so the group is taken up where it was left.
        return Page([], _without_page(run) | {"resumed": run.get("seen", run["start"])}, more=True)
    rows = answer.get("orders") or []
    rows = rows if isinstance(rows, list) else []
    messages = [_message(row, connection) for row in rows]
    cursor, more = _next(run, rows, answer.get("cursor"), last=AT_ONCE * (group + 1) >= len(locations))
    return Page(messages, cursor, more=more)


def _new_run(cursor: Mapping[str, str], connection: SquareConnection, http: Http, now: datetime) -> dict[str, str]:
    settings = connection.settings
    since = parse_time(cursor["since"]) if "since" in cursor else now - timedelta(hours=settings.first_poll_hours)
    locations = sorted(connection.stores) or reading.location_ids(http)
    if not locations:
        raise Misconfigured("the merchant has no active location at Square")
    start = since - timedelta(minutes=settings.poll_overlap_minutes)
    return {
        "since": sortable(since),
        "start": sortable(start),
        "end": sortable(now),
        "locations": ",".join(locations),
        "group": "0",
    }


def _search(run: Mapping[str, str], locations: list[str], connection: SquareConnection, http: Http) -> dict[str, Any]:
    window = {"start_at": run.get("resumed", run["start"]), "end_at": run["end"]}
    query = {
        "filter": {"state_filter": {"states": _STATES}, "date_time_filter": {"updated_at": window}},
        "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
    }
    page = {"cursor": run["page"]} if "page" in run else {}  # with the very query it belongs to
    body = {"location_ids": locations, "limit": connection.settings.poll_page_size, "query": query, **page}
    answer = http.request("POST", "/v2/orders/search", json=body).json()
    if not isinstance(answer, dict):
        raise Quarantine("the answer to a search is not an object")
    return answer


def _next(run: Mapping[str, str], rows: list[Any], page: Any, *, last: bool) -> tuple[dict[str, str], bool]:
    """Where to go on: the next page, the next group of locations, or the next run from the end of this one."""
    if isinstance(page, str) and page:
        return {**run, "page": page, **_seen(rows)}, True
    if not last:
        group = str(int(run["group"]) + 1)
        return {**_without_page(run), "group": group}, True
    return {"since": run["end"]}, False


def _without_page(run: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in run.items() if name not in ("page", "seen", "resumed")}


def _seen(rows: list[Any]) -> dict[str, str]:
    """The time of the last row: all before it has been read."""
    times = [row["updated_at"] for row in rows if isinstance(row, dict) and isinstance(row.get("updated_at"), str)]
    return {"seen": times[-1]} if times else {}


def _message(row: Any, connection: SquareConnection) -> InboundMessage:
    """A row is a whole order; one that cannot be read is kept by itself."""
    raw = json.dumps(row, default=str).encode()
    try:
        return _read(row, raw, connection)
    except Quarantine as error:
        return Unreadable(delivery_key="poll-" + digest(raw.decode()), raw=raw, reason=str(error))


def _read(row: Any, raw: bytes, connection: SquareConnection) -> InboundMessage:
    order = parse_as(Order, row)
    version = version_of(order.version, order.updated_at)
    key = "poll-" + digest(order.id, version or raw.decode(), order.updated_at or "")
    if order.is_return:
        return _returned(order, key, raw)
    try:
        mapped = to_order(row, connection)
    except Ignore as error:
        return Ignored(delivery_key=key, source_version=version, raw=raw, reason=str(error))
    return OrderSnapshot(delivery_key=key, source_version=version, raw=raw, order=mapped)


def _returned(order: Order, key: str, raw: bytes) -> InboundMessage:
    """A return is never made; the order it takes back is looked at again."""
    source = next((one.source_order_id for one in order.returns if one.source_order_id), None)
    if source is None:
        return Ignored(delivery_key=key, raw=raw, reason="a return of no known order")
    return OrderReference(delivery_key=key, raw=raw, external_id=source, ref={"returned_by": order.id})
