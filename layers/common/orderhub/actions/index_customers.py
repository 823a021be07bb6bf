"""Keeping the index of customers: each order is found by the phone and e-mail that it came with."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from orderhub.order.customers import contacts_of
from orderhub.order.models import Customer
from orderhub.order.times import parse_time
from orderhub.runtime import logger
from orderhub.storage import config, customers, orders
from orderhub.storage.codec import unpack
from orderhub.storage.config import Collection
from orderhub.storage.customers import Entry
from orderhub.storage.links import order_pk

_ORDER = order_pk("")
_MOST_REMEMBERED = 20_000
# Order -> its entries that this process has written; an order changes many times, and its customer seldom.
_written: dict[str, frozenset[Entry]] = {}


def index_customers(batch: Mapping[str, Any], _context: object) -> None:
    """Indexes the orders in a batch of stream records. Raises Retry when that cannot be done now.

    Then Lambda gives the whole batch again, which indexes nothing twice.
    """
    country_of = cache(_country_of)
    indexed = sum(_index(order, country_of) for order in _orders(batch))
    if indexed:
        logger.info("customers indexed", extra={"orders": indexed})


def forget_written() -> None:
    """Forgets what this process has written."""
    _written.clear()


def _index(order: Mapping[str, Any], country_of: Callable[[str], str | None]) -> bool:
    """Writes the entries of an order that are not there yet; whether there were any."""
    order_id, entries = order["id"], frozenset(_entries(order, country_of))
    known = _written.get(order_id, frozenset())
    new = entries - known
    if not new:
        return False
    customers.add(order_id, sorted(new))
    if len(_written) >= _MOST_REMEMBERED:
        forget_written()
    _written[order_id] = known | entries
    return True


def _entries(order: Mapping[str, Any], country_of: Callable[[str], str | None]) -> Iterator[Entry]:
    customer, placed = order.get("customer"), order.get("placed_at") or order.get("created_at")
    if not customer or placed is None or order.get("erased_at") is not None:
        return
    store_id = order["store_id"]
    marketplaces = (order["platform"], order["channel"])
    for contact in contacts_of(Customer(**customer), marketplaces, country_of(store_id)):
        yield customers.entry_of(contact.key(store_id), order["id"], parse_time(placed))


def _orders(batch: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The order documents in a batch, as they are stored: four of their fields are looked at, and none is checked."""
    for record in batch["Records"]:
        image = record["dynamodb"].get("NewImage", {})
        pk, sk = (image.get(name, {}).get("S", "") for name in ("pk", "sk"))
        if sk == orders.ORDER_KEY and pk.startswith(_ORDER):
            yield json.loads(unpack(b64decode(image["doc"]["B"])))


def _country_of(store_id: str) -> str | None:
    """The country of a store, as its address says it."""
    entry = config.get(Collection.STORES, store_id)
    address = entry.document.get("address") if entry is not None else None
    return address.get("country") if address else None
