"""Asking the REST API which orders and which stock have changed.

https://openapi.ogoship.com/ : `modifiedAfter`, `limit` and `page`; a page that is not full is the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.order.messages import InboundMessage
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Page
from orderhub.platforms.http_types import Http
from orderhub.platforms.ogoship import models, reports
from orderhub.platforms.ogoship.config import OgoshipConnection, OgoshipSettings
from orderhub.platforms.pieces import rfc3339

ORDERS, STOCK = "orders", "stock"
_PATHS = {ORDERS: "/Orders", STOCK: "/Stock"}
_WALK = frozenset({"walk", "since", "page", "newest"})


def poll(cursor: Mapping[str, str], connection: OgoshipConnection, http: Http, now: datetime) -> Page:
    """One page: of the orders that changed first, then of the stock, where it is time for that.

    cursor: `orders` and `stock`, the newest change seen of each, by their clock; `stock_at` and `full_at`, when stock
    was last read, and all of it, by ours. Within a walk through pages also `walk`, what is read, `since` when, `page`,
    and `newest`; `since` is empty for the stock of all products.
    """
    walk, page = cursor.get("walk", ORDERS), int(cursor.get("page", "1"))
    since = cursor["since"] if "since" in cursor else _since(cursor, walk, connection.settings, now)
    asked = {"limit": str(connection.settings.page_size), "page": str(page)}
    asked |= {"modifiedAfter": since} if since else {}
    rows = models.rows_of(http.request("GET", _PATHS[walk], params=asked))
    messages = [one for one in (_message(row, walk, connection, now) for row in rows) if one is not None]
    newest = max([cursor.get("newest", ""), *(_changed(row, walk, connection) for row in rows)])
    if len(rows) >= connection.settings.page_size:
        on = {"walk": walk, "since": since, "page": str(page + 1)}
        return Page(messages, {**cursor, **on, "newest": newest}, more=True)
    after, more = _after({**cursor, "walk": walk, "since": since}, newest, connection.settings, now)
    return Page(messages, after, more=more)


def _since(cursor: Mapping[str, str], walk: str, settings: OgoshipSettings, now: datetime) -> str:
    """From when on, a little before the newest that was seen; empty for all there is."""
    if walk in cursor:
        return rfc3339(parse_time(cursor[walk]) - timedelta(minutes=settings.overlap_minutes))
    return rfc3339(now - timedelta(hours=settings.first_poll_hours)) if walk == ORDERS else ""


def _after(
    cursor: Mapping[str, str], newest: str, settings: OgoshipSettings, now: datetime
) -> tuple[dict[str, str], bool]:
    """Where to go on when all pages are read, and whether at once.

    A row of theirs that is ahead of our clock must not hide what changes until then.
    """
    kept = {name: value for name, value in cursor.items() if name not in _WALK}
    walk = cursor["walk"]
    seen = max(cursor.get(walk, ""), min(newest, sortable(now)))
    if seen:
        kept[walk] = seen
    if walk == STOCK:
        kept["stock_at"] = sortable(now)
        if not cursor["since"]:
            kept["full_at"] = sortable(now)
        return kept, False
    if _is_due(cursor.get("full_at"), timedelta(hours=settings.full_stock_hours), now):
        return {**kept, "walk": STOCK, "since": ""}, True
    if _is_due(cursor.get("stock_at"), timedelta(minutes=settings.stock_minutes), now):
        return {**kept, "walk": STOCK}, True
    return kept, False


def _is_due(last: str | None, every: timedelta, now: datetime) -> bool:
    # A schedule is a little early at times: that is no reason to wait for the next.
    return last is None or now - parse_time(last) >= every - timedelta(seconds=30)


def _message(row: Any, walk: str, connection: OgoshipConnection, now: datetime) -> InboundMessage | None:
    if walk == ORDERS:
        return reports.order_report(row, connection, now)
    return reports.stock_report(row, connection)


def _changed(row: Any, walk: str, connection: OgoshipConnection) -> str:
    """When a row last changed, as text that sorts; empty when that cannot be read."""
    return reports.changed_at(row, "edittime" if walk == ORDERS else "modified", connection)
