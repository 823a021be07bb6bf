"""What a platform has to hear of a stock, by what it was told before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderhub.order.stock import UNIT, Stock

COUNT_THEMSELVES = frozenset({"shopify", "square", "woocommerce"})
"""Platforms that count an item down by themselves when they sell it, and up when that order is cancelled.

Of what their own orders take or bring back they know already; all others are told of every change.
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a platform is to be told. known: what it should hold by now, None when that is not known."""

    quantity: int
    known: int | None


def telling(stock: Stock, connection_id: str, platform: str, state: Mapping[str, Any]) -> Telling | None:
    """What a platform has to hear, by what it was told last (`told_state`); None when it knows.

    Platforms count whole pieces, and none below nothing.
    """
    wanted = max(0, stock.available // UNIT)
    if not _is_of(stock, state):
        return Telling(wanted, None)
    if state.get("lacks") == stock.asked:
        return None
    told = state.get("told")
    if told is None:
        return Telling(wanted, None)
    by_itself = stock.sold.get(connection_id, 0) - state["sold"] if platform in COUNT_THEMSELVES else 0
    theirs = told * UNIT - by_itself
    sure = "unsure" not in state and state["asked"] == stock.asked
    if sure and max(0, theirs // UNIT) == wanted:
        return None
    return Telling(wanted, None if theirs % UNIT else theirs // UNIT)


def told_state(stock: Stock, connection_id: str, quantity: int) -> dict[str, Any]:
    """What to remember once a platform has taken a number."""
    return {
        "since": stock.since.isoformat(),
        "asked": stock.asked,
        "told": quantity,
        "sold": stock.sold.get(connection_id, 0),
    }


def refused_state(stock: Stock, state: Mapping[str, Any], *, lacks: bool) -> dict[str, Any]:
    """What to remember when a platform did not: nobody knows what it holds now.

    lacks: it has no such item, so it is not asked again before staff say so.
    """
    kept = state if _is_of(stock, state) else {"since": stock.since.isoformat()}
    return {**kept, "unsure": 1, **({"lacks": stock.asked} if lacks else {})}


def _is_of(stock: Stock, state: Mapping[str, Any]) -> bool:
    return bool(state.get("since") == stock.since.isoformat())
