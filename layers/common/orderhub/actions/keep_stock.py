"""Keeping stock: orders reserve, take and return goods, and the platforms of a store hear how much there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import cache
from typing import Any

from orderhub.errors import Retry
from orderhub.order.stock import Place, booked_after, bookings, holds, is_booked
from orderhub.platforms.base import Operation
from orderhub.platforms.registry import SLUGS, load
from orderhub.runtime import logger, now, settings
from orderhub.storage import config, links, orders, queues, rollups, stock
from orderhub.storage.config import Collection
from orderhub.storage.stock import MOST_AT_ONCE

_TRIES = 8
_ORDER = links.order_pk("")
_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


def keep_stock(batch: Mapping[str, Any], _context: object) -> None:
    """Books the orders in a batch of stream records, and has platforms told of the stocks in it. Raises Retry.

    Then Lambda gives the whole batch again, which books nothing twice. The stream only says which orders to look at:
    booked is what they hold now. Where no store keeps stock, this costs one read.
    """
    images = [record["dynamodb"].get("NewImage", {}) for record in batch["Records"]]
    stocks = [stock.stock_of_image(image) for image in images if _sort_key(image).startswith(stock.SKU)]
    changed = [image["pk"]["S"].removeprefix(_ORDER) for image in images if _is_order(image)]
    if changed and not stock.is_kept_anywhere():
        changed = []
    begun = _open_orders({one.place for one in stocks if one.version == 1})
    booked = sum(_book(order_id, anew=order_id in begun) for order_id in dict.fromkeys([*changed, *begun]))
    told = _ask_for_workers(dict.fromkeys(one.place for one in stocks if one.moved == one.version))
    if booked or told:
        logger.info("stock kept", extra={"booked": booked, "messages": told})


def _sort_key(image: Mapping[str, Any]) -> str:
    return str(image.get("sk", {}).get("S", ""))


def _is_order(image: Mapping[str, Any]) -> bool:
    return _sort_key(image) == orders.ORDER_KEY and str(image["pk"]["S"]).startswith(_ORDER)


def _open_orders(places: AbstractSet[Place]) -> set[str]:
    """The open orders that hold something of these: they came before it was kept."""
    return {
        order.id
        for store_id in {place.store_id for place in places}
        for order in rollups.open_orders(store_id, *_EVER)
        if places & holds(order).keys()
    }


def _book(order_id: str, *, anew: bool) -> bool:
    """Makes the stocks hold what an order holds now; whether anything had to move.

    anew: an item of it is kept for the first time, or again.
    """
    refused, moved_any = 0, False
    while refused < _TRIES:
        found = stock.of_order(order_id)
        if found is None:
            return moved_any
        order, booked = found
        if is_booked(order, booked) and not anew:
            return moved_any
        stocks = stock.get_many([*holds(order), *booked.shares])
        movements = bookings(order, booked, stocks, now())[:MOST_AT_ONCE]
        if not movements:
            return moved_any
        if stock.book(booked, booked_after(order, booked, movements), movements):
            moved_any = True
        else:
            refused += 1  # somebody else sold of the same item
    raise Retry("the stock of an order's items changes faster than it can be booked")


def _ask_for_workers(places: Iterable[Place]) -> int:
    """Asks for a worker for each platform that can be told of one of these stocks; for how many."""
    listeners = cache(_listeners)
    messages = [
        (
            connection_id,
            {
                "platform": platform,
                "connection_id": connection_id,
                "store_id": place.store_id,
                "sku": place.sku,
            },
        )
        for place in places
        for connection_id, platform in listeners(place.store_id)
    ]
    if messages:
        queues.send(settings().push_stock_queue_url, messages)
    return len(messages)


def _listeners(store_id: str) -> list[tuple[str, str]]:
    """The connections of a store whose platform takes numbers, with the platform."""
    return [
        (entry.id, entry.document["platform"])
        for entry in config.every(Collection.CONNECTIONS)
        if entry.document.get("active", True)
        and _is_on(entry.document, store_id)
        and _takes(entry.document["platform"])
    ]


def _is_on(document: Mapping[str, Any], store_id: str) -> bool:
    """Whether a store is on a connection: on its map, or the only one where the platform names no stores."""
    mapped = [store["id"] for store in document["stores"].values()]
    return store_id in (mapped or [document["default_store"]["id"]])


def _takes(slug: str) -> bool:
    return slug in SLUGS and Operation.SET_STOCK in load(slug).capabilities
