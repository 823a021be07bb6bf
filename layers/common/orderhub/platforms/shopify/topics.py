"""What Shopify's webhooks say, by topic.

https://shopify.dev/docs/api/webhooks. Topics that are not listed are answered and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orderhub.errors import Ignore, Quarantine
from orderhub.order.messages import (
    Ignored,
    InboundMessage,
    OrderReference,
    OrderSnapshot,
    StockReport,
    TrackingReport,
)
from orderhub.platforms.base import Reading, body_key, parse_as
from orderhub.platforms.http_types import Request
from orderhub.platforms.payload import Payload
from orderhub.platforms.shopify import mapper, models, statuses
from orderhub.platforms.shopify.mapper import ShopConnection
from orderhub.platforms.shopify.unread import unexpected


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery. key: its delivery key; shop: the domain it came from."""

    topic: str
    key: str
    shop: str | None
    connection: ShopConnection


Understood = tuple[list[InboundMessage], Payload | None]
Reader = Callable[[Any, Notice], Understood]


def read(request: Request, connection: ShopConnection) -> Reading:
    """The messages in one delivery, which is always answered with 200. Raises Quarantine."""
    topic = header(request, "topic") or ""
    body = None
    if not topic:
        body = request.json()
        topic = _topic_of(body)
    key = header(request, "webhook-id") or body_key(request, topic)
    notice = Notice(topic, key, header(request, "shop-domain"), connection)
    reader = READERS.get(topic)
    if reader is None:
        return Reading([Ignored(delivery_key=key, reason=f"nothing to do for topic {topic[:80]!r}")])
    messages, payload = reader(request.json() if body is None else body, notice)
    return Reading(messages, unknown_fields=unexpected(payload) if payload is not None else ())


def header(request: Request, name: str) -> str | None:
    """A header of Shopify's; its newer webhooks send the same names without the X."""
    return request.header(f"x-shopify-{name}", f"shopify-{name}")


def _order(body: Any, notice: Notice) -> Understood:
    """orders/*: the whole order. Where each order is read through the API, only the hint to do so."""
    order = parse_as(models.Order, body)
    version = mapper.version_of(order.updated_at, notice.connection.default_store.time_zone)
    try:
        snapshot = mapper.to_order(order, notice.connection, notice.shop)
    except Ignore as error:
        return [Ignored(delivery_key=notice.key, reason=str(error))], order
    if notice.connection.settings.read_through_api:
        return [OrderReference(delivery_key=notice.key, source_version=version, external_id=order.id)], order
    message = OrderSnapshot(
        delivery_key=notice.key,
        source_version=version,
        order=snapshot,
        is_new=notice.topic == "orders/create",
        guessed=mapper.guessed(order),
    )
    return [message], order


def _order_edit(body: Any, notice: Notice) -> Understood:
    """orders/edited: what was added and removed, but not the order."""
    edit = parse_as(models.OrderEditNotice, body)
    return [OrderReference(delivery_key=notice.key, external_id=edit.order_edit.order_id)], edit


def _refund(body: Any, notice: Notice) -> Understood:
    """refunds/create: what was given back; what is left of the order is read from Shopify."""
    refund = parse_as(models.RefundNotice, body)
    return [OrderReference(delivery_key=notice.key, external_id=refund.order_id)], refund


def _fulfillment(body: Any, notice: Notice) -> Understood:
    """fulfillments/*: a parcel. When people have to look after it, the order is read as well, which shows the flag.

    No source_version: the clock of a fulfillment is not that of its order, and a parcel is news however late.
    """
    parcel = parse_as(models.FulfillmentNotice, body)
    whole = notice.connection.settings.split_shipments
    messages: list[InboundMessage] = [
        TrackingReport(
            delivery_key=notice.key,
            external_id=parcel.order_id,
            tracking=tuple(mapper.tracking_of(parcel)) if parcel.status == "success" else (),
            status=None if whole else statuses.parcel_status(parcel),
        )
    ]
    if whole or statuses.has_failed(parcel):
        messages.append(OrderReference(delivery_key=f"{notice.key}:order", external_id=parcel.order_id))
    return messages, parcel


def _inventory_level(body: Any, notice: Notice) -> Understood:
    """inventory_levels/update: how many of an item one location has for sale."""
    level = parse_as(models.InventoryLevel, body)
    report = StockReport(
        delivery_key=notice.key,
        source_version=mapper.version_of(level.updated_at),
        external_item_id=level.inventory_item_id,
        store_external_id=level.location_id,
        quantity=None if level.available is None else Decimal(level.available),
    )
    return [report], level


def _uninstalled(_body: Any, notice: Notice) -> Understood:
    """app/uninstalled: the shop itself. From now on our token is refused, and no webhook comes."""
    reason = f"the app was removed from {notice.shop or 'the shop'}: install it again, or delete this connection"
    return [Ignored(delivery_key=notice.key, reason=reason)], None


READERS: dict[str, Reader] = {
    **dict.fromkeys(
        (
            "orders/create",
            "orders/paid",
            "orders/updated",
            "orders/cancelled",
            "orders/partially_fulfilled",
            "orders/fulfilled",
        ),
        _order,
    ),
    "orders/edited": _order_edit,
    "refunds/create": _refund,
    "fulfillments/create": _fulfillment,
    "fulfillments/update": _fulfillment,
    "inventory_levels/update": _inventory_level,
    "app/uninstalled": _uninstalled,
}

# A body whose headers are lost tells its topic by its fields; the first row that fits.
_SHAPES: Sequence[tuple[frozenset[str], str]] = (
    (frozenset({"order_edit"}), "orders/edited"),
    (frozenset({"order_id", "refund_line_items"}), "refunds/create"),
    (frozenset({"order_id", "tracking_numbers"}), "fulfillments/update"),
    (frozenset({"inventory_item_id", "location_id"}), "inventory_levels/update"),
    (frozenset({"id", "line_items"}), "orders/updated"),
)


def _topic_of(body: Any) -> str:
    fields = set(body) if isinstance(body, dict) else set()
    topic = next((topic for needed, topic in _SHAPES if needed <= fields), None)
    if topic is None:
        raise Quarantine("no topic is named, and the body does not tell it")
    return topic
