"""Looking for what no webhook told. Deliveries are listed by when they were placed, the newest first.

https://docs.shipday.com/reference/delivery-orders-query
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage, Unreadable
from orderhub.order.models import Courier
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Page, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.pieces import joined, rfc3339
from orderhub.platforms.shipday.config import ShipdayConnection
from orderhub.platforms.shipday.models import Row, RowCarrier
from orderhub.platforms.shipday.statuses import STATES
from orderhub.platforms.targets import DeliveryReport


def poll(cursor: Mapping[str, str], connection: ShipdayConnection, http: Http, now: datetime) -> Page:
    """One page of what has happened since the last run.

    cursor: `since`, up to when all is read; while a run is under way also its window (`start`, `end`) and the number of
    the next row (`row`). A change is seen as long as its delivery was placed within the window.
    """
    settings = connection.settings
    run = dict(cursor) if "end" in cursor else _new_run(cursor, connection, now)
    first = int(run["row"])
    body = {
        "startTime": run["start"],
        "endTime": run["end"],
        **({"orderStatus": settings.poll_status} if settings.poll_status else {}),
        "startCursor": first,
        "endCursor": first + settings.poll_page_size - 1,
    }
    rows = http.request("POST", "/orders/query", json=body).json()
    if not isinstance(rows, list):
        raise Quarantine("the answer to a query is not an array")
    after = parse_time(run["since"]) - timedelta(minutes=settings.poll_overlap_minutes) if "since" in run else None
    messages = [message for row in rows if (message := _message(row, after)) is not None]
    if len(rows) < settings.poll_page_size:
        return Page(messages, {"since": run["end"]})
    return Page(messages, {**run, "row": str(first + len(rows))}, more=True)


def _new_run(cursor: Mapping[str, str], connection: ShipdayConnection, now: datetime) -> dict[str, str]:
    """From as long ago as an order is looked at, and that long before the last run where it is longer ago."""
    since = {"since": cursor["since"]} if "since" in cursor else {}
    known = min(now, parse_time(cursor["since"])) if since else now
    start = known - timedelta(hours=connection.settings.poll_hours)
    return {**since, "start": rfc3339(start), "end": rfc3339(now), "row": "1"}


def _message(told: Any, after: datetime | None) -> InboundMessage | None:
    """News of a delivery; None where nothing has happened since. A row that cannot be read is kept by itself."""
    raw = json.dumps(told, default=str).encode()
    try:
        row = parse_as(Row, told)
    except Quarantine as error:
        return Unreadable(delivery_key="poll-" + digest(raw.decode()), raw=raw, reason=str(error))
    happened = _latest(row)
    if happened is not None and after is not None and happened < after:
        return None
    meaning = STATES.get(row.status or "")
    key = "poll-" + digest(row.order_id, row.status or "", sortable(happened) if happened else "", _name(row.carrier))
    if meaning is None or happened is None:
        what = f"{(row.status or '')[:60]!r} is a status that is new to us" if meaning is None else "it has no time"
        return Ignored(delivery_key=key, raw=raw, reason=what)
    return DeliveryReport(
        delivery_key=key,
        source_version=sortable(happened),
        raw=raw,
        number=row.order_number or "",
        external_id=row.order_id,
        state=row.status or "",
        at=happened,
        status=meaning.status,
        courier=_courier(row),
        trouble=meaning.trouble,
        source=row.order_source,
        reference=row.additional_id,
    )


def _latest(row: Row) -> datetime | None:
    """When the last of its steps was made; a correction has no time of its own."""
    steps = (
        *(row.placement_time, row.assigned_time, row.start_time, row.pickedup_time),
        *(row.arrived_time, row.delivery_time, row.failed_delivery_time),
    )
    return max((at for at in steps if at is not None), default=None)


def _courier(row: Row) -> Courier | None:
    own = row.carrier
    if own is None or not (own.name or own.phone):
        return None
    vehicle = joined((own.vehicle_description, own.vehicle_plate_number), ", ")
    return Courier(name=own.name, phone=own.phone, vehicle=vehicle, status=row.status)


def _name(carrier: RowCarrier | None) -> str:
    return (carrier.id or "") if carrier else ""
