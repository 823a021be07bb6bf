"""What a request is about: told by the fields at the root of its body, as its URL need not say."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from orderhub.errors import Quarantine
from orderhub.platforms.http_types import Request
from orderhub.platforms.petpooja.config import Mode


class Kind(StrEnum):
    """Kinds of requests."""

    ORDER = "save_order"
    CHANGE = "update_order_status"
    RIDER = "rider_status_update"
    EVENT = "bill event"
    BILL = "bill"  # without the envelope of an event
    CALLBACK = "callback"
    STOCK = "stock"
    UNKNOWN = "unknown"


# The first whose fields are all there. Petpooja spells the id of an order in two ways: clientorderID comes in, and
# clientOrderID goes out.
_SIGNS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"orderinfo"}), Kind.ORDER),
    (frozenset({"clientorderID"}), Kind.CHANGE),
    (frozenset({"rider_data"}), Kind.RIDER),
    (frozenset({"event"}), Kind.EVENT),
    (frozenset({"properties"}), Kind.EVENT),
    (frozenset({"Restaurant", "Order", "OrderItem"}), Kind.BILL),
    (frozenset({"restID", "orderID", "status"}), Kind.CALLBACK),
    (frozenset({"restID", "itemID", "inStock"}), Kind.STOCK),
)

FROM_APPS = frozenset({Kind.ORDER, Kind.CHANGE, Kind.RIDER})
"""What ordering apps send, with their three keys in the body."""

FROM_POS = frozenset({Kind.CALLBACK, Kind.STOCK})
"""What the POS tells an ordering app, with nothing in it that proves who sent it."""

BILLS = frozenset({Kind.EVENT, Kind.BILL})


def kind_of(body: Any) -> Kind:
    """The kind of a request with this parsed body."""
    if not isinstance(body, dict):
        return Kind.UNKNOWN
    return next((kind for signs, kind in _SIGNS if signs <= body.keys()), Kind.UNKNOWN)


def mode_of(kind: Kind) -> Mode:
    """The way in which orders come that a known kind belongs to."""
    return Mode.BILL_PUSH if kind in BILLS else Mode.ORDERING_API


def body_of(request: Request) -> dict[str, Any]:
    """The body as an object, an empty one for anything else."""
    try:
        body = request.json()
    except Quarantine:
        return {}
    return body if isinstance(body, dict) else {}
