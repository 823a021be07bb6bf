"""Ids that are computed, so that whoever meets an order first gives it the same id."""

from __future__ import annotations

import hashlib
import json
from datetime import date


def order_id(platform: str, connection_id: str, external_id: str, business_date: date | None = None) -> str:
    """The hub's id of an order: `ord_` and 32 hexadecimal digits.

    business_date is given only by platforms whose own ids start again each day.
    """
    parts = [platform, connection_id, external_id]
    if business_date is not None:
        parts.append(business_date.isoformat())
    return "ord_" + digest(*parts)


def item_id(*parts: str) -> str:
    """The hub's id of an order line or modifier, stable over updates: `itm_` and 32 hexadecimal digits.

    parts: what identifies the line at its platform, from the outside in (line key, group, option...).
    """
    return "itm_" + digest(*parts)


def digest(*parts: str) -> str:
    """32 hexadecimal digits (128 bits of SHA-256) that stand for these strings in this order."""
    data = json.dumps(parts).encode()  # quoted, so that no two lists of parts are the same bytes
    return hashlib.sha256(data).hexdigest()[:32]
