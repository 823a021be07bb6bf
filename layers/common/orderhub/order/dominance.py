"""Who wins when two systems say something about the same order, as a table."""

from __future__ import annotations

from enum import StrEnum

from orderhub.order.messages import CourierReport, OrderMessage, StatusReport, TrackingReport
from orderhub.order.models import DeliveredBy, Item, Order
from orderhub.order.status import Status


class Owner(StrEnum):
    """A system whose word counts."""

    SOURCE = "source"  # the platform the order came from
    STAFF = "staff"  # the people of the store, through our API
    HUB = "hub"  # our own bookkeeping
    DELIVERY = "delivery"  # whoever brings it
    WAREHOUSE = "warehouse"  # whoever ships it


# Order field -> whose value stays when the source platform sends the order again. What SOURCE owns is replaced, unless
# the platform says nothing of it; what others own is kept. Status has rules of its own: order/merge.py.
OWNERS: dict[str, Owner] = {
    "id": Owner.HUB,
    "version": Owner.HUB,
    "times": Owner.HUB,
    "created_at": Owner.HUB,
    "updated_at": Owner.HUB,
    "sync": Owner.HUB,
    "refunds": Owner.HUB,
    "cart": Owner.HUB,
    "erased_at": Owner.HUB,
    "handed_to": Owner.HUB,
    "hand_overs": Owner.HUB,
    "status_by": Owner.HUB,
    "enters_at": Owner.HUB,
    "status": Owner.STAFF,
    "status_reason": Owner.STAFF,
    "promised_at": Owner.STAFF,
    "courier": Owner.DELIVERY,
    "tracking": Owner.DELIVERY,
    **dict.fromkeys(
        (
            *("platform", "connection_id", "channel", "external_id", "display_id", "store_id", "store_external_id"),
            *("fulfillment", "delivered_by", "placed_at", "scheduled_for", "accept_by", "ready_at", "prep_minutes"),
            *(
                "delivery_at",
                "customer",
                "address",
                "items",
                "amounts",
                "discounts",
                "payment",
                "notes",
                "include_cutlery",
            ),
            *(
                "reservation",
                "duplicate_of",
                "is_test",
                "brand",
                "source_status",
                "source_version",
                "offer",
                "source",
                "checks",
            ),
        ),
        Owner.SOURCE,
    ),
}

# Once the store has promised a time, a platform's prediction no longer replaces it.
KEPT_AFTER_ACCEPT: frozenset[str] = frozenset({"ready_at", "prep_minutes"})
# An empty list here means that this read did not carry it, not that it is gone.
LISTS_THAT_STAY: frozenset[str] = frozenset({"items", "tracking"})
# Line fields the people who pick the goods fill in.
STAFF_ITEM_FIELDS: tuple[str, ...] = ("status", "picked_quantity")


# Once an order is handed over, its platform has no say in what whoever has it decides.
TAKEN_OVER: dict[type[OrderMessage], Owner] = {
    CourierReport: Owner.DELIVERY,
    TrackingReport: Owner.WAREHOUSE,
}
# Where an order is on its way is the word of whoever brings it.
ON_ITS_WAY: frozenset[Status] = frozenset({Status.PICKED_UP, Status.COMPLETED})


def owner_instead(current: Order, message: OrderMessage) -> Owner | None:
    """Who decides what a platform says here, where that is not the platform; None when its word counts."""
    owner = TAKEN_OVER.get(type(message))
    if isinstance(message, StatusReport) and message.status in ON_ITS_WAY:
        owner = Owner.DELIVERY
    if isinstance(message, TrackingReport) and all(parcel in current.tracking for parcel in message.tracking):
        return None  # it says what the warehouse said before
    return owner if owner is not None and owner.value in current.hand_overs else None


def settle(current: Order, incoming: Order, guessed: frozenset[str] = frozenset()) -> Order:
    """The order's content after its platform sent it again; status, version and times of change are left as they are.

    A field that the platform leaves out keeps what is known: silence is not a deletion. Nor does a guessed field
    replace what is known.
    """
    taken = [field for field in OWNERS if _takes_theirs(field, current, incoming, guessed)]
    update: dict[str, object] = {field: getattr(incoming, field) for field in taken}
    kept = {item.id: _kept_of_line(item) for item in current.items}
    update["items"] = [item.model_copy(update=kept.get(item.id, {})) for item in incoming.items or current.items]
    return current.model_copy(update=update)


def _kept_of_line(item: Item) -> dict[str, object]:
    """What of a line stays when the platform sends it again: what staff filled in, and the texts they wrote."""
    filled = {name: getattr(item, name) for name in STAFF_ITEM_FIELDS if getattr(item, name) is not None}
    written = {name: getattr(item, name) for name in item.edited}
    return {**filled, **written, **({"edited": item.edited} if item.edited else {})}


def _takes_theirs(field: str, current: Order, incoming: Order, guessed: frozenset[str]) -> bool:
    ours, theirs = getattr(current, field), getattr(incoming, field)
    if theirs is None or (field in LISTS_THAT_STAY and not theirs):
        return False
    unknown = ours is None or ours == []
    owner = OWNERS[field]
    brought_by_source = owner is Owner.DELIVERY and incoming.delivered_by is DeliveredBy.PLATFORM
    if owner is Owner.SOURCE or brought_by_source:
        promised = current.promised_at is not None and field in KEPT_AFTER_ACCEPT
        return not promised and (unknown or field not in guessed)
    return unknown and owner is not Owner.HUB and field != "status"
