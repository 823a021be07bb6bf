"""Orders that somebody else brings or ships: whoever serves their store may have to hear of each change."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orderhub.dispatch.rules import Action
from orderhub.order.dominance import Owner
from orderhub.platforms.registry import TARGETS, load
from orderhub.runtime import logger
from orderhub.storage import config, orders
from orderhub.storage.config import Collection

ACTIONS: dict[str, Action] = {Owner.DELIVERY: Action.DELIVER, Owner.WAREHOUSE: Action.FULFILL}
"""What for -> the action that does it."""

_AGAIN = "order.resend_asked"
_KEEP = 60.0  # seconds
_memory: list[tuple[Mapping[tuple[str, str], Served], float]] = []


@dataclass(frozen=True, slots=True)
class Served:
    """Who serves a store."""

    platform: str
    connection_id: str


@dataclass(frozen=True, slots=True)
class _Wish:
    order_id: str
    store_id: str
    target: str
    event: str
    again: bool = False


def asked_of(records: Iterable[Mapping[str, Any]]) -> dict[Action, list[tuple[str, dict[str, Any]]]]:
    """The messages, by action, each with its group, that the orders in a batch of stream records ask for. Raises Retry.

    One for each order, however often it is in the batch: workers look at the order as it then is.
    """
    asked: dict[Action, dict[str, tuple[str, dict[str, Any]]]] = {}
    for wish in _orders(records):
        served = served_by().get((wish.target, wish.store_id))
        if served is not None and wish.target in ACTIONS:
            about = {"again": True} if wish.again else {}
            messages = asked.setdefault(ACTIONS[wish.target], {})
            messages.setdefault(f"{wish.order_id}{wish.again}", message(served, wish.order_id, wish.event, **about))
    return {action: list(messages.values()) for action, messages in asked.items()}


def message(served: Served, order_id: str, event: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """What a worker is told, and the group that it waits in."""
    about = {"order_id": order_id, "connection_id": served.connection_id, "platform": served.platform, "event": event}
    return served.connection_id, {**about, **more}


def served_by() -> Mapping[tuple[str, str], Served]:
    """(what for, store) -> who serves it, as of a minute ago. Of several the first by id. Raises Retry."""
    if _memory and time.monotonic() - _memory[0][1] < _KEEP:
        return _memory[0][0]
    found: dict[tuple[str, str], Served] = {}
    for entry in config.every(Collection.CONNECTIONS):
        slug = entry.document.get("platform")
        if slug in TARGETS and entry.document.get("active", True):
            for store in (entry.document["default_store"], *entry.document.get("stores", {}).values()):
                found.setdefault((load(slug).target, store["id"]), Served(slug, entry.id))
    _memory[:] = [(found, time.monotonic())]
    logger.debug("targets", extra={"stores": len(found)})
    return found


def forget_served() -> None:
    """Empties the memory."""
    _memory.clear()


def _orders(records: Iterable[Mapping[str, Any]]) -> Iterator[_Wish]:
    """Orders in a batch that may have to be handed over, and those that staff want to be so once more."""
    for record in records:
        image = record["dynamodb"].get("NewImage", {})
        order_id, key = (image.get(name, {}).get("S", "") for name in ("pk", "sk"))
        if key == orders.ORDER_KEY and "hand_over" in image:
            version = image["version"]["N"]
            yield _Wish(order_id[2:], image["store_id"]["S"], image["hand_over"]["S"], f"v{version}")
        elif image.get("type", {}).get("S") == _AGAIN:
            asked = json.loads(image.get("summary", {}).get("S", "{}"))
            if "hand_over" in asked:
                yield _Wish(order_id[2:], asked["store_id"], asked["hand_over"], key[2:], again=True)
