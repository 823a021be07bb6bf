"""What WooCommerce's webhooks say, by topic, and what one order in full says, wherever it was read.

https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks: the body is the order as the API gives it.
"""

from __future__ import annotations

from typing import Any

from orderhub.errors import Ignore, Quarantine
from orderhub.order.messages import Ignored, InboundMessage, OrderSnapshot, StatusReport
from orderhub.order.models import StatusReason
from orderhub.order.status import Status
from orderhub.platforms.base import Reading, body_key, parse_as
from orderhub.platforms.http_types import Request
from orderhub.platforms.woocommerce import mapper, models
from orderhub.platforms.woocommerce.settings import ShopConnection
from orderhub.platforms.woocommerce.statuses import FAILED

CREATED, UPDATED, DELETED = "order.created", "order.updated", "order.deleted"
_WHOLE = frozenset({CREATED, UPDATED, "order.restored"})


def read(request: Request, connection: ShopConnection) -> Reading:
    """The message in one delivery, which is always answered with 200. Raises Quarantine."""
    topic = request.header("x-wc-webhook-topic") or _topic_of(request.json())
    if topic == DELETED:
        return _deleted(request, connection)
    if topic not in _WHOLE:
        reason = f"nothing to do for topic {topic[:80]!r}"
        return Reading([Ignored(delivery_key=body_key(request, topic), reason=reason)])
    order = parse_as(models.Order, request.json())
    key = body_key(request, order.id, order.date_modified_gmt or "", order.status or "")
    message = message_of(order, connection, key, shop=request.header("x-wc-webhook-source"), is_new=topic == CREATED)
    return Reading([message], unknown_fields=models.unexpected(order))


def message_of(
    order: models.Order,
    connection: ShopConnection,
    key: str,
    *,
    shop: str | None = None,
    is_new: bool = False,
    raw: bytes | None = None,
) -> InboundMessage:
    """What a whole order says. Raises Quarantine."""
    version = mapper.version_of(order, connection)
    try:
        mapped = mapper.to_order(order, connection, shop)
    except Ignore as ignored:
        if order.status == FAILED:
            return _cancelled(order.id, FAILED, connection, key, shop=shop, version=version, raw=raw)
        return Ignored(delivery_key=key, source_version=version, reason=str(ignored))
    return OrderSnapshot(delivery_key=key, source_version=version, order=mapped, is_new=is_new, raw=raw)


def _deleted(request: Request, connection: ShopConnection) -> Reading:
    """Nothing but the id is told. An order can be deleted, restored and deleted again: the deliveries differ then."""
    deleted = parse_as(models.Deleted, request.json())
    key = body_key(request, DELETED, deleted.id, request.header("x-wc-webhook-delivery-id") or "")
    shop = request.header("x-wc-webhook-source")
    return Reading(
        [_cancelled(deleted.id, DELETED, connection, key, shop=shop)], unknown_fields=models.unexpected(deleted)
    )


def _cancelled(
    external_id: str,
    word: str,
    connection: ShopConnection,
    key: str,
    *,
    shop: str | None,
    version: str | None = None,
    raw: bytes | None = None,
) -> StatusReport:
    """The end of an order, if it is one that we took in: shops clear away drafts and old orders, too."""
    return StatusReport(
        delivery_key=key,
        source_version=version,
        raw=raw,
        external_id=external_id,
        store_external_id=mapper.shop_of(connection, shop),
        status=Status.CANCELLED,
        reason=StatusReason(source_code=word),
        only_if_known=True,
    )


def _topic_of(body: Any) -> str:
    """The topic of a delivery whose headers got lost on the way."""
    if isinstance(body, dict) and {"id", "status", "line_items"} <= body.keys():
        return UPDATED
    if isinstance(body, dict) and body.keys() == {"id"}:
        return DELETED
    raise Quarantine("no topic is named, and the body is no order")
