"""Pages of Sync: each row is a whole reservation as it is now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from orderhub.errors import Ignore, Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage, OrderSnapshot, Unreadable
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Reading, parse_as
from orderhub.platforms.opentable import mapper
from orderhub.platforms.opentable.models import SyncPage
from orderhub.platforms.opentable.settings import OpenTableConnection
from orderhub.platforms.payload import unknown_fields


def is_page(body: Any) -> bool:
    """Whether JSON is a list of Sync."""
    return isinstance(body, dict) and "items" in body and "rid" not in body


def read(body: Any, connection: OpenTableConnection) -> Reading:
    """The reservations of a page that somebody kept, as the poll would read them. Raises Quarantine."""
    page = parse_as(SyncPage, body)
    return Reading(messages_of(page.items, connection), unknown_fields=unknown_fields(page))


def messages_of(rows: Sequence[Any], connection: OpenTableConnection) -> list[InboundMessage]:
    """One message for each row. One that cannot be read does not keep the others from being recorded."""
    return [_message(row, connection) for row in rows]


def changed_at(row: Any) -> str | None:
    """When a row was changed last, as text that sorts; None when it does not say so."""
    text = row.get("updated_at_utc") if isinstance(row, dict) else None
    try:
        return sortable(parse_time(text)) if isinstance(text, str) else None
    except Quarantine:
        return None


def _message(row: Any, connection: OpenTableConnection) -> InboundMessage:
    raw = json.dumps(row, default=str).encode()
    version = changed_at(row)
    try:
        order = mapper.to_order(row, connection)
    except Ignore as error:
        return Ignored(delivery_key=_key(raw.decode()), source_version=version, reason=str(error))
    except Quarantine as error:
        return Unreadable(delivery_key=_key(raw.decode()), raw=raw, reason=str(error))
    # Read again and again, a row that has not changed is one message.
    key = _key(order.external_id, version or raw.decode())
    return OrderSnapshot(delivery_key=key, source_version=version, order=order, raw=raw)


def _key(*parts: str) -> str:
    return "row-" + digest(*parts)
