"""Asking the older API what has changed: `LatestChanges` tells orders and products at once, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.messages import InboundMessage
from orderhub.order.times import from_epoch
from orderhub.platforms.base import Page
from orderhub.platforms.http_types import Http
from orderhub.platforms.ogoship import legacy, models, reports
from orderhub.platforms.ogoship.config import OgoshipConnection
from orderhub.platforms.ogoship.refusals import info_of

_FURTHEST = timedelta(days=7)


def poll(cursor: Mapping[str, str], connection: OgoshipConnection, http: Http, now: datetime) -> Page:
    """All that has changed.

    cursor: `timestamp`, seconds, as the last answer gave it; OGOship looks back 7 days at most.
    """
    first = now - timedelta(hours=connection.settings.first_poll_hours)
    since = max(_seconds(cursor.get("timestamp")) or int(first.timestamp()), int((now - _FURTHEST).timestamp()))
    reply = http.request("GET", "/LatestChanges", params={"TimeStamp": str(since)})
    response, info = legacy.response_in(reply), info_of(reply)
    told = _seconds(info.timestamp if info else None)
    at = from_epoch(told) if told else None
    orders = models.listed(response.get("orders"), "order")
    products = models.listed(response.get("products"), "product")
    heard = [reports.order_report(row, connection, now) for row in orders]
    messages = [*(one for one in heard if one is not None), *(_stock(row, at) for row in products)]
    return Page(messages, {"timestamp": str(told or since)})


def _stock(row: Any, at: datetime | None) -> InboundMessage:
    raw = reports.raw_of(row)
    try:
        product = models.read_as(models.LegacyProduct, row)
    except Quarantine as error:
        return reports.unreadable(raw, error)
    return reports.free_to_sell(product.code, product.stockavailable, at, raw)


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 12 else None
