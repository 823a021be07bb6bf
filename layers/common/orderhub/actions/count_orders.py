"""Counting: orders that have ended, every change of them after that, and issues, into the rollups of their store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from orderhub.order.facts import Contribution, contribution, issue_contribution
from orderhub.order.issues import Issue
from orderhub.runtime import logger
from orderhub.storage import config, rollups
from orderhub.storage.config import Collection
from orderhub.storage.rollups import Image


def count_orders(batch: Mapping[str, Any], _context: object) -> None:
    """Counts the orders and issues in a batch of stream records. Raises Retry when they cannot be counted now.

    Then Lambda gives the whole batch again, which counts nothing twice.
    """
    time_zone = cache(_time_zone)
    images = list(_newest(batch["Records"]))
    counted = sum(rollups.count(image, _adds(image, time_zone(image.thing.store_id))) for image in images)
    logger.info("counted", extra={"images": len(images), "changed": counted})


def _adds(image: Image, time_zone: str) -> Contribution | None:
    """What an image adds; nothing when its platform opened an order again: open ones are looked up when asked for."""
    if isinstance(image.thing, Issue):
        return issue_contribution(image.thing, time_zone)
    return None if image.thing.is_open else contribution(image.thing, time_zone, image.day)


def _newest(records: Iterable[Mapping[str, Any]]) -> Iterable[Image]:
    """Each order and issue of a batch once, as it came last."""
    found: dict[tuple[str, str], Image] = {}
    for record in records:
        image = rollups.image_of(record["dynamodb"].get("NewImage", {}))
        known = found.get(image.key) if image is not None else None
        if image is not None and (known is None or known.thing.version < image.thing.version):
            found[image.key] = image
    return found.values()


def _time_zone(store_id: str) -> str:
    """The zone of a store; UTC when there is none any more, as for the days that orders are listed under."""
    entry = config.get(Collection.STORES, store_id)
    return str(entry.document.get("time_zone", "UTC")) if entry is not None else "UTC"
