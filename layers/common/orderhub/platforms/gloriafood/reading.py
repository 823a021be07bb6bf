"""What a document of GloriaFood says: each of its orders is a message of its own, and none spoils the others."""

from __future__ import annotations

import json
from itertools import chain, islice
from typing import Any

from orderhub.errors import Ignore, Quarantine
from orderhub.order.ids import digest
from orderhub.order.messages import Ignored, InboundMessage, OrderSnapshot, Unreadable
from orderhub.order.status import Status
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Connection, Reading, body_key, parse_as
from orderhub.platforms.gloriafood import mapper, models
from orderhub.platforms.gloriafood.unread import unexpected
from orderhub.platforms.http_types import Answer, Request

# Any answer within 15 seconds will do.
# https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md#push-cloud-system
OK = Answer(200, '{"status":"ok"}', {"content-type": "application/json"})

_MOST_NAMES = 20


def read(request: Request, connection: Connection[Any, Any]) -> Reading:
    """The messages in a document, pushed or popped. Raises Quarantine when it is none."""
    document = _document(request.json())
    if not document.orders:
        return Reading([Ignored(delivery_key=body_key(request, "empty"), reason="a document without orders")], OK)
    heard = [_hear(payload, connection) for payload in document.orders]
    names = dict.fromkeys(chain(unexpected(document), *(more for _, more in heard)))
    return Reading([message for message, _ in heard], OK, unknown_fields=list(islice(names, _MOST_NAMES)))


def _document(body: Any) -> models.Document:
    """The document; an order that was put aside by itself comes again without one. Raises Quarantine."""
    if isinstance(body, dict) and "orders" not in body and "id" in body:
        return models.Document(count=1, orders=[body])
    document = parse_as(models.Document, body)
    if document.orders is None and document.count != 0:
        raise Quarantine("a document without `orders`")
    return document


def _hear(payload: Any, connection: Connection[Any, Any]) -> tuple[InboundMessage, list[str]]:
    """What one order of a document says, and the names of the fields in it that we do not know."""
    try:
        raw = json.dumps(payload, separators=(",", ":"), default=float).encode()  # fractions were read as Decimal
    except RecursionError:
        raise Quarantine("an order is nested too deeply") from None
    try:
        theirs = parse_as(models.Order, payload)
        key, version = _key(theirs), _version(theirs)
    except Quarantine as error:
        return _unreadable(error, raw), []
    try:
        order = mapper.to_order(theirs, connection)
    except Ignore as nothing:
        return Ignored(delivery_key=key, raw=raw, reason=f"order {theirs.id}: {nothing}"), []
    except Quarantine as error:
        return _unreadable(error, raw, version), []
    first = order.status in (Status.INCOMING, Status.ACCEPTED)  # all else is news of an order
    snapshot = OrderSnapshot(delivery_key=key, source_version=version, raw=raw, order=order, is_new=first)
    return snapshot, unexpected(theirs)


def _unreadable(error: Quarantine, raw: bytes, version: str | None = None) -> Unreadable:
    key = digest("unreadable", raw.decode())
    return Unreadable(delivery_key=key, source_version=version, raw=raw, reason=str(error))


def _version(theirs: models.Order) -> str | None:
    """When it was last changed, as text that sorts. Raises Quarantine."""
    at = theirs.updated_at or theirs.accepted_at
    return None if at is None else sortable(parse_time(at))


def _key(theirs: models.Order) -> str:
    """The same for an order that comes twice, another for each change of it.

    By the documentation `id` and `pos_system_id` tell a repeat; the others tell a changed order from it.
    """
    told = (theirs.id, theirs.pos_system_id, theirs.status, theirs.ready, theirs.updated_at)
    return digest(*("" if one is None else str(one) for one in told))
