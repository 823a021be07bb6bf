"""How much a warehouse has: its word counts in every store that it serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from orderhub.errors import Retry
from orderhub.order.events import Actor, Cause
from orderhub.order.messages import StockReport
from orderhub.order.stock import Kind, Movement, Place, Stock, moved, thousandths
from orderhub.platforms.base import Connection
from orderhub.storage import stock

_TRIES = 8


def take_stock(message: StockReport, connection: Connection[Any, Any], at: datetime) -> int:
    """Makes what can be sold in each store be what the warehouse says is free; in how many of them it was not.

    The warehouse has set aside already what open orders hold, so that counts on top of it here. Raises Retry.
    """
    sku, free = message.sku or message.external_item_id, message.quantity
    if free is None or not sku:
        return 0
    stores = sorted({connection.default_store.id, *(store.id for store in connection.stores.values())})
    cause = Cause(Actor.TARGET, connection.platform)
    return sum(_take(Place(store_id, sku), thousandths(free), cause, at) for store_id in stores)


def _take(place: Place, free: int, cause: Cause, at: datetime) -> bool:
    for _ in range(_TRIES):
        before = stock.get(place)
        if before is not None and before.available == free:
            return False
        if before is None:
            stock.mark_kept()
        if stock.write([_counted(place, before, free, cause, at)], cause):
            return True
    raise Retry("the stock is being changed by many at once")


def _counted(place: Place, before: Stock | None, free: int, cause: Cause, at: datetime) -> Movement:
    kept = before or Stock(place=place, since=at, counted_at=at)
    on_hand = free + kept.reserved
    after = replace(kept, on_hand=on_hand, counted_at=at, changed_by=cause.name, changed_at=at)
    return moved(before, after, Kind.COUNTED, at, by=cause.name)
