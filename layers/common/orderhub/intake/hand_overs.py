"""What those say that orders are handed to: whose order it is, and what becomes of it; how much a warehouse has."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from orderhub.errors import Quarantine, Retry
from orderhub.intake.quarantine import hold_fetched
from orderhub.intake.record import Recorded, record_order
from orderhub.intake.warehouse_stock import take_stock
from orderhub.order.events import Actor, Cause, Raw
from orderhub.order.messages import HandOverReport, Ignored, InboundMessage, PollNow, StockReport, Unreadable
from orderhub.platforms.base import Connection
from orderhub.platforms.registry import load
from orderhub.runtime import logger, settings
from orderhub.storage import orders, queues, references


def record_of_target(message: InboundMessage, connection: Connection[Any, Any], raw: Raw, now: datetime) -> Recorded:
    """Stores what a fleet or warehouse told us. Raises Quarantine for what is none of theirs to say, Retry."""
    match message:
        case HandOverReport():
            return _heard(message, connection, raw, now)
        case StockReport():
            take_stock(message, connection, now)
            return Recorded("counted")
        case PollNow():
            asked = {"connection_id": connection.id, "platform": connection.platform}
            queues.send(settings().poll_queue_url, [(connection.id, asked)])
            return Recorded("polled")
        case Unreadable():
            about = {"source_version": message.source_version}
            hold_fetched("row", connection.platform, connection.id, message.reason, raw.body, about, now)
            return Recorded("held")
        case Ignored():
            logger.info("ignored", extra={"platform": connection.platform, "reason": message.reason})
            return Recorded("ignored")
        case _:
            raise Quarantine(f"a {type(message).__name__} of one that orders are handed to")


def _heard(message: HandOverReport, connection: Connection[Any, Any], raw: Raw, now: datetime) -> Recorded:
    """News of an order. What others have handed to them is none of ours: it is ignored."""
    order_id = references.get(connection.id, message.number)
    if order_id is None:
        logger.info("not ours", extra={"platform": connection.platform, "number": message.number})
        return Recorded("ignored")
    order = orders.get(order_id)
    if order is None:
        raise Retry("the order is not stored yet")
    told = replace(message, target=load(connection.platform).target)
    return record_order(order, told, raw, Cause(Actor.TARGET, connection.platform), now)
