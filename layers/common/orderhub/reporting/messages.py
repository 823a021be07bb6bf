"""What is sent: one event in the shape that a subscription asks for, as the bytes that are signed and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orderhub.order.events import Event
from orderhub.order.ids import digest
from orderhub.order.models import Order
from orderhub.order.status import Status
from orderhub.order.times import sortable
from orderhub.reporting.catalogue import LINES, EventType, has_moved
from orderhub.reporting.deliverect import deliverect_message
from orderhub.reporting.subscription import MessageFormat, Subscription

# What is for the hub alone: its adapters' notes, and what a platform has been told.
_WITHHELD = frozenset({"source", "sync", "cart", "offer", "source_version", "source_status"})
_TOLD_OF_STOCK = ("store_id", "sku", "on_hand", "reserved", "available", "low_threshold", "order_id")
_TOLD_OF_HAND_OVERS = ("with", "id", "state", "trouble", "step", "reason")
_ID_TIME = str.maketrans("", "", "-:.")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing to report. order: as it is now, None for what is of no order; time_zone: of its store."""

    kind: EventType
    event: Event
    order: Order | None
    time_zone: str = "UTC"

    @property
    def id(self) -> str:
        """The message's id: the same for whoever makes it, and sorted by the event's time."""
        return message_id(self.event.at, self.event.order_id, self.event.key, self.kind)

    @property
    def store_id(self) -> str:
        """Whose store it is about."""
        return self.order.store_id if self.order is not None else str(self.event.summary.get("store_id", ""))

    @property
    def status(self) -> Status | None:
        """The order's status after the event."""
        if self.order is None:
            return None
        return Status(self.event.summary["to"]) if has_moved(self.event.summary) else self.order.status

    def shown(self) -> dict[str, Any]:
        """The message in our own format."""
        return {"type": self.kind.value, "timestamp": sortable(self.event.at), "data": _data(self)}


def message_id(at: datetime, *parts: str) -> str:
    """`msg_`, a time that sorts, and a digest; no full stop, which signatures have between their parts."""
    return f"msg_{sortable(at).translate(_ID_TIME)}_{digest(*parts)[:24]}"


def ids_of(event: Event) -> set[str]:
    """The ids that messages about a line of a timeline may have, also when what it told was erased."""
    kinds = {LINES[event.type], EventType.ORDER_STATUS_CHANGED} if event.type in LINES else set()
    return {message_id(event.at, event.order_id, event.key, kind) for kind in kinds}


def is_wanted(news: News, subscription: Subscription) -> bool:
    """Whether a subscription hears of it."""
    if not subscription.wants(news.kind):
        return False
    if news.order is None or news.status is None:
        return subscription.is_of_store(news.store_id)
    return subscription.wants_order(news.order, news.status)


def body_of(news: News, subscription: Subscription) -> bytes | None:
    """The bytes to send; None when the subscription's format has no message for it."""
    if subscription.format is MessageFormat.ORDERHUB:
        return _bytes(news.shown())
    if news.order is None or news.status is None:
        return None
    told = deliverect_message(news.kind, news.event, news.order, news.status, subscription.deliverect, news.time_zone)
    return None if told is None else _bytes(told)


def _bytes(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def _data(news: News) -> dict[str, Any]:
    summary, order = news.event.summary, news.order
    if order is None:
        return {name: summary[name] for name in _TOLD_OF_STOCK if name in summary} | {"version": news.event.version}
    data: dict[str, Any] = {
        "order_id": order.id,
        "store_id": order.store_id,
        "platform": order.platform,
        "channel": order.channel,
        "external_id": order.external_id,
        "display_id": order.display_id,
        "version": news.event.version,
        "cause": news.event.cause.actor.value,
        "status": news.status,
    }
    if has_moved(summary) and news.kind is not EventType.ORDER_CREATED:
        data["previous_status"] = summary.get("from")
    for name in ("issue", "refund"):
        if news.kind.value.startswith(name):
            data[f"{name}_id"] = summary.get(name)
            data[name] = {key: value for key, value in summary.items() if key not in (name, "request")}
    if news.kind in (EventType.DELIVERY_UPDATED, EventType.WAREHOUSE_UPDATED):
        target, _, what = news.event.type.partition(".")
        data[target] = {"change": what, **{name: summary[name] for name in _TOLD_OF_HAND_OVERS if name in summary}}
    data["order"] = order.model_dump(mode="json", exclude=set(_WITHHELD))
    return data
