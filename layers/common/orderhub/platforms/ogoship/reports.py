"""What a row of OGOship's says: where an order stands, how much there is of a product. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import HandOverReport, InboundMessage, StockReport, Unreadable
from orderhub.order.models import Tracking
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.ogoship import models
from orderhub.platforms.ogoship.config import OgoshipConnection, OgoshipSettings
from orderhub.platforms.ogoship.statuses import status_of, trouble_of


def order_report(row: Any, connection: OgoshipConnection, now: datetime) -> InboundMessage | None:
    """Where an order stands; None for one that is not of ours. now: when it happened, where they do not say."""
    raw = raw_of(row)
    try:
        order = models.read_as(models.Order, row)
        if not _is_ours(order.reference, connection.settings):
            return None
        at = _time(order.edittime, connection)
    except Quarantine as error:
        return unreadable(raw, error)
    settings = connection.settings
    return HandOverReport(
        delivery_key="poll-" + digest(*_told(order)),
        source_version=sortable(at) if at else None,
        raw=raw,
        number=order.reference,
        external_id=order.id or order.reference,
        state=order.state,
        at=at or now,
        status=status_of(order.state, settings),
        tracking=tracking_of(order, settings),
        trouble=trouble_of(order.state, order.warehousecomments, settings),
    )


def stock_report(row: Any, connection: OgoshipConnection) -> InboundMessage:
    """How much of a product is free to sell."""
    raw = raw_of(row)
    try:
        stock = models.read_as(models.Stock, row)
        at = _time(stock.modified, connection)
    except Quarantine as error:
        return unreadable(raw, error)
    return free_to_sell(stock.productcode, stock.stockavailable, at, raw)


def free_to_sell(code: str, number: int | None, at: datetime | None, raw: bytes) -> StockReport:
    """The report of a number; of less than none there is none to sell."""
    version = sortable(at) if at else None
    return StockReport(
        delivery_key="poll-" + digest("stock", code, str(number), version or ""),
        source_version=version,
        raw=raw,
        external_item_id=code,
        sku=code,
        quantity=None if number is None else Decimal(max(number, 0)),
    )


def tracking_of(order: models.Order, settings: OgoshipSettings) -> tuple[Tracking, ...]:
    """The parcels. There is one address for all of them: it is that of the code it holds, else of the first."""
    codes = [code for part in (order.trackingnumber or "").split(",") if (code := part.strip())]
    url = order.trackingurl
    if not codes:
        return (Tracking(url=url),) if url else ()
    whose = next((code for code in codes if url and code in url), codes[0])
    carriers = {code.casefold(): name for code, name in settings.carriers.items()}
    carrier = carriers.get((order.shippingcode or order.shipping or "").casefold())
    return tuple(
        Tracking(carrier=carrier, code=code, url=url if code == whose else None) for code in dict.fromkeys(codes)
    )


def changed_at(row: Any, name: str, connection: OgoshipConnection) -> str:
    """When a row last changed, by the field of this name, as text that sorts; empty when that cannot be read."""
    try:
        told = models.lowered(row)
        text = told.get(name) if isinstance(told, dict) else None
        at = _time(text, connection) if isinstance(text, str) else None
    except Quarantine:
        return ""
    return sortable(at) if at else ""


def _told(order: models.Order) -> tuple[str, ...]:
    """What makes this row other news than the one before."""
    words = (order.status, order.trackingnumber, order.trackingurl, order.warehousecomments, order.edittime)
    return ("order", order.reference, *(word or "" for word in words))


def _is_ours(reference: str, settings: OgoshipSettings) -> bool:
    return not settings.reference_prefixes or reference.startswith(settings.reference_prefixes)


def _time(text: str | None, connection: OgoshipConnection) -> datetime | None:
    return parse_time(text, connection.settings.time_zone) if text else None


def raw_of(row: Any) -> bytes:
    """A row by itself."""
    return json.dumps(row, default=str).encode()


def unreadable(raw: bytes, error: Quarantine) -> Unreadable:
    """A row that cannot be read is kept whole."""
    return Unreadable(delivery_key="poll-" + digest(raw.decode()), raw=raw, reason=str(error))
