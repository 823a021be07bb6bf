"""Ids that are computed, so that whoever meets an order first gives it the same id."""

from __future__ import annotations

import hashlib
import json


def order_id(platform: str, connection_id: str, *identity: str) -> str:
    """The hub's id of an order: `ord_` and 32 hexadecimal digits.

    identity: what tells the order from all others at its platform: its id there; followed by what that id is only
    unique within (a store, a business date), for platforms whose ids repeat.
    """
    return "ord_" + digest(platform, connection_id, *identity)


def item_id(*parts: str) -> str:
    """The hub's id of an order line or modifier, stable over updates: `itm_` and 32 hexadecimal digits.

    parts: what identifies the line at its platform, from the outside in (line key, group, option...).
    """
    return "itm_" + digest(*parts)


def digest(*parts: str) -> str:
    """32 hexadecimal digits (128 bits of SHA-256) that stand for these strings in this order."""
    data = json.dumps(parts).encode()  # quoted, so that no two lists of parts are the same bytes
    return hashlib.sha256(data).hexdigest()[:32]
