"""What a webhook of Toast says.

https://doc.toasttab.com/doc/devguide/devOrdersWebhookRef.html
https://doc.toasttab.com/doc/devguide/apiGuestOrderFulfillmentStatusWebhook.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.messages import Ignored, InboundMessage, OrderReference, OrderSnapshot, StatusReport
from orderhub.order.status import CLOSED
from orderhub.order.times import parse_time
from orderhub.platforms.base import Connection, Reading, body_key, parse_as
from orderhub.platforms.http_types import Request
from orderhub.platforms.payload import unknown_fields
from orderhub.platforms.toast import mapper
from orderhub.platforms.toast.models import Event, GuestStatus
from orderhub.platforms.toast.statuses import GUEST_STATUSES

RESTAURANT_HEADER = "Toast-Restaurant-External-ID"

ORDER_CATEGORIES = frozenset({"order_updated", "channel_order_updated"})
GUEST_CATEGORY = "guest_order_status"
# https://doc.toasttab.com/doc/devguide/apiSubscriptions.html
_NO_ORDERS = frozenset(
    {
        *("stock", "menus", "partners", "packaging", "ordering_schedule"),
        *("restaurant_availability", "restaurant_availability_toggle"),
    }
)

# A webhook leaves out who ordered, the address and the channel's reference: what it has of these fills a gap, and the
# fetch that follows it tells them.
_FIRST_WITHIN = timedelta(seconds=10)
_NOT_TOLD = frozenset({"customer", "address", "source"})


def read(request: Request, connection: Connection[Any, Any]) -> Reading:
    """The messages in an authentic request; the answer is 200 with an empty body. Raises Quarantine."""
    event = parse_as(Event, request.json())
    if event.event_category is None and event.event_type is None:
        raise Quarantine("neither eventCategory nor eventType is told")
    kind = event.event_category or event.event_type
    key = event.guid or body_key(request, kind or "")
    restaurant = request.header(RESTAURANT_HEADER)
    if kind in ORDER_CATEGORIES:
        messages = _order(event, key, restaurant, connection)
    elif kind == GUEST_CATEGORY:
        messages = [_guest_status(event, key, restaurant)]
    else:
        reason = "not about an order" if kind in _NO_ORDERS else "an event type we do not know"
        messages = [Ignored(delivery_key=key, reason=f"{str(kind)[:100]}: {reason}")]
    return Reading(messages, unknown_fields=unknown_fields(event))


def _order(
    event: Event, key: str, restaurant: str | None, connection: Connection[Any, Any]
) -> Sequence[InboundMessage]:
    """The order as far as the webhook tells it, at once; who ordered and where to is left to be fetched."""
    details = event.details
    if not isinstance(details, dict) or not isinstance(details.get("order"), dict):
        raise Quarantine(f"{event.event_category} without an order")
    if not details.get("restaurantGuid"):
        details = {**details, "restaurantGuid": restaurant}
    version = mapper.version_of(details["order"].get("modifiedDate"))
    try:
        order = mapper.to_order(details, connection)
    except mapper.NothingOnIt as nothing:
        return [without_content(nothing, key, version)]
    resolved = order.source.get(mapper.DINING_OPTION) in connection.settings.dining_options
    where = {mapper.RESTAURANT: order.store_external_id} if order.store_external_id else {}
    return [
        OrderSnapshot(
            delivery_key=key,
            source_version=version,
            order=order,
            is_new=_is_first(details["order"]),
            guessed=_NOT_TOLD if resolved else _NOT_TOLD | {"fulfillment"},
            fetch=where,
        ),
    ]


def _is_first(order: Mapping[str, Any]) -> bool:
    """Whether this is most likely the first word of an order: it was changed at most seconds after it was made."""
    try:
        made, changed = (parse_time(str(order.get(name))) for name in ("createdDate", "modifiedDate"))
    except Quarantine:
        return False
    return changed - made <= _FIRST_WITHIN


def without_content(nothing: mapper.NothingOnIt, key: str, version: str | None) -> InboundMessage:
    """What an order with nothing on it says: that it has ended, to who knew it, and otherwise nothing."""
    if nothing.status not in CLOSED:
        return Ignored(delivery_key=key, reason=str(nothing))
    return StatusReport(
        delivery_key=key,
        source_version=version,
        external_id=nothing.external_id,
        store_external_id=nothing.restaurant,
        status=nothing.status,
        reason=nothing.reason,
        only_if_known=True,
    )


def _guest_status(event: Event, key: str, restaurant: str | None) -> InboundMessage:
    """Where an order stands, as its guest is told. Its time is not that of the order's last change, and no version."""
    told = parse_as(GuestStatus, event.details)
    status = GUEST_STATUSES.get(told.guest_order_status or "")
    store = told.restaurant_guid or restaurant
    if status is None:
        return OrderReference(
            delivery_key=key, external_id=told.order_guid, ref={mapper.RESTAURANT: store} if store else {}
        )
    return StatusReport(delivery_key=key, external_id=told.order_guid, store_external_id=store, status=status)
