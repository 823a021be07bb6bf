"""What becomes of an order by those it was handed to: a fleet that brings it, a warehouse that ships it. Pure."""

from __future__ import annotations

from typing import Any

from orderhub.order.dominance import Owner
from orderhub.order.messages import HandedOver, HandOverReport
from orderhub.order.models import Courier, DeliveredBy, Fulfillment, HandOver, Order, Tracking
from orderhub.order.status import CLOSED, PROGRESS, Status, rank

# Where an order goes back to when whoever has it undoes a step.
_BEFORE = {Status.PICKED_UP: Status.READY}


def wanted(order: Order) -> str | None:
    """What the order may have to be handed over for: `delivery`, `warehouse`, or nothing."""
    if order.duplicate_of is not None:
        return None
    if order.fulfillment is Fulfillment.DELIVERY and order.delivered_by is DeliveredBy.STORE:
        return Owner.DELIVERY
    return Owner.WAREHOUSE if order.fulfillment is Fulfillment.SHIPPING else None


def heard(message: HandOverReport, order: Order) -> tuple[Order, str, dict[str, Any]]:
    """The order after news of its delivery or shipment, the event's type, and what the timeline says of it.

    They move an order forward alone. That the goods do not arrive is trouble, which people have to look at.
    """
    status = _next(message, order)
    courier, tracking = _courier(message, order), _tracking(message, order)
    after = order.model_copy(
        update={"status": status, "courier": courier, "tracking": tracking, "hand_overs": _noted(message, order)}
    )
    trouble = _trouble(message, order)
    told = {name: value for name, value in (("trouble", trouble), ("state", message.state)) if value}
    moved = {} if status == order.status else {"from": order.status, "to": status}
    if trouble is not None:
        kind = f"{message.target}.trouble"
    elif moved:
        kind = f"order.{status}"
    elif tracking != order.tracking:
        kind = "tracking.updated"
    elif courier != order.courier:
        kind = "courier.updated"
    else:
        kind = f"{message.target}.updated"
    return after, kind, {**told, **moved, **({"undone": True} if moved and message.undone else {})}


def handed(message: HandedOver, order: Order) -> tuple[Order, str, dict[str, Any]]:
    """The order after it was handed over or taken back, the event's type, and what the timeline says of it."""
    others = {target: one for target, one in order.hand_overs.items() if target != message.target}
    now = others if message.to is None else {**others, message.target: message.to}
    done = "removed" if message.to is None else "changed" if message.target in order.hand_overs else "created"
    whose = message.to or order.hand_overs.get(message.target)
    told = {"with": whose.platform, "id": whose.id} if whose is not None else {}
    return order.model_copy(update={"hand_overs": now}), f"{message.target}.{done}", told


def is_old(message: HandOverReport, order: Order) -> bool:
    """Whether whoever has the order told us something newer before."""
    known = order.hand_overs.get(message.target)
    return known is not None and known.heard_at is not None and message.at < known.heard_at


def _noted(message: HandOverReport, order: Order) -> dict[str, HandOver]:
    known = order.hand_overs.get(message.target)
    if known is None:
        return order.hand_overs
    news = {"state": message.state, "heard_at": message.at, "id": known.id or message.external_id}
    return {**order.hand_overs, message.target: known.model_copy(update=news)}


def _trouble(message: HandOverReport, order: Order) -> str | None:
    """What somebody has to look at; nothing of an order that has ended early, which we had them take back."""
    if order.status in (Status.CANCELLED, Status.DENIED):
        return None
    gone = message.status is Status.CANCELLED and message.target == Owner.WAREHOUSE and order.is_open
    return message.trouble or ("it was cancelled there" if gone else None)


def _next(message: HandOverReport, order: Order) -> Status:
    if order.status in CLOSED:
        return order.status
    if message.undone:
        return _BEFORE.get(order.status, order.status)
    if message.status is Status.CANCELLED and message.target == Owner.DELIVERY:
        return Status.CANCELLED  # where the merchant's settings want that
    forward = message.status in PROGRESS and rank(message.status) > rank(order.status)
    return message.status if message.status is not None and forward else order.status


def _courier(message: HandOverReport, order: Order) -> Courier | None:
    if message.no_courier:
        return None
    if message.courier is None:
        return order.courier
    known = order.courier or Courier()
    return known.model_copy(update={name: value for name, value in message.courier if value is not None})


def _tracking(message: HandOverReport, order: Order) -> list[Tracking]:
    known = {parcel.code or parcel.url: parcel for parcel in order.tracking}
    told = {parcel.code or parcel.url: parcel for parcel in message.tracking}
    return [_fuller(parcel, known.get(name)) for name, parcel in {**known, **told}.items()]


def _fuller(parcel: Tracking, known: Tracking | None) -> Tracking:
    """A parcel with what was known of it before."""
    return known.model_copy(update=parcel.model_dump(exclude_none=True)) if known is not None else parcel
