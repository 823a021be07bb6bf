"""Asking a platform for other lines of an order, and what comes of it. Each change is asked for by itself, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter

from orderhub.actions.outside import adapter, held
from orderhub.actions.worker import Task
from orderhub.errors import HubError, Reject, Retry, Unsupported
from orderhub.intake.connections import connection_of
from orderhub.intake.record import record_staff
from orderhub.order import native
from orderhub.order.cart import MODIFIABLE
from orderhub.order.edits import Edit, ReduceQuantity, RemoveItem, SubstituteItem
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.messages import CartChange
from orderhub.order.models import Order, SyncState
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import CartEdit, Done, Operation
from orderhub.runtime import now
from orderhub.storage import links, orders, timelines
from orderhub.storage.links import Link

_CAUSE = Cause(Actor.SYSTEM, "send_cart")
_EDITS: TypeAdapter[tuple[Edit, ...]] = TypeAdapter(tuple[Edit, ...])


def send_cart(task: Task) -> None:
    """Asks the platform of an order for the edits of one event, until it has said yes or no. Raises Retry.

    What comes of it is in the order's `cart` and in its timeline. A credential that is refused, or a platform that does
    not answer to the last attempt, is a no: staff can ask again, and the customer waits.
    """
    if task.body["platform"] == native.PLATFORM:
        return  # the store's own order has its lines already
    order_id, key, at = str(task.body["order_id"]), str(task.body["event"]), now()
    with held(order_id, f"cart-{key}", at) as mine:
        mine.link = _settle(mine.link, order_id, key, task, at)


def _settle(link: Link, order_id: str, key: str, task: Task, at: datetime) -> Link:
    """Asks, if that is left to do, and notes the answer. Returns the link that knows it."""
    if "answer" in link.state:
        return link
    order, event = orders.get(order_id), timelines.get_event(order_id, key)
    if order is None or event is None:
        raise Retry("the order is not stored yet")
    edits = _EDITS.validate_python(event.summary["edits"])
    if "taken" not in link.state:
        try:
            done = _ask(order, edits)
        except HubError as error:
            if isinstance(error, Retry) and not task.last:
                _note_retry(order, key, error, task, at)
                raise
            state = SyncState.UNSUPPORTED if isinstance(error, Unsupported) else SyncState.FAILED
            return _answered(link, order, edits, task, at, state, str(error))
        link = replace(link, state={"taken": done.note or ""}, ids=dict(done.ids))
        links.save(link)  # whatever becomes of our own write, the platform is not asked twice
    return _answered(link, order, edits, task, at, SyncState.CONFIRMED, link.state["taken"] or None)


def _ask(order: Order, edits: Sequence[Edit]) -> Done:
    """Makes the call. Raises as the adapter does, Reject ORDER_NOT_MODIFIABLE; Retry for a bug of the adapter."""
    if order.status not in MODIFIABLE:
        raise Reject("ORDER_NOT_MODIFIABLE", f"the order is {order.status} by now")
    platform, connection = connection_of(order.connection_id)
    why = platform.why_not(Operation.EDIT_CART, order)
    if why is not None:
        raise Unsupported(Operation.EDIT_CART, platform.name, why)
    told = [_told(edit) for edit in edits]
    with adapter():
        return platform.edit_cart(order, told, connection, PlatformHttp(platform, connection))


def _told(edit: Edit) -> CartEdit:
    """An edit in the words of the contract. Raises Reject for one that has none."""
    match edit:
        case RemoveItem():
            return CartEdit("remove", edit.item_id, note=edit.note)
        case ReduceQuantity():
            return CartEdit("reduce", edit.item_id, edit.quantity, note=edit.note)
        case SubstituteItem(item=new):
            return CartEdit("substitute", edit.item_id, new.quantity, new.external_id or new.sku, edit.note)
        case _:
            raise Reject("UNKNOWN_EDIT", f"platforms know no {edit.action}")


def _answered(
    link: Link, order: Order, edits: tuple[Edit, ...], task: Task, at: datetime, state: SyncState, detail: str | None
) -> Link:
    """Writes the answer to the order and its timeline, once."""
    change = CartChange(
        delivery_key=f"{task.body['event']}-answer", edits=edits, state=state, detail=detail, attempts=task.attempt
    )
    record_staff(order, change, _CAUSE, at)
    return replace(link, state={**link.state, "answer": state.value})


def _note_retry(order: Order, key: str, error: Retry, task: Task, at: datetime) -> None:
    timelines.add_event(
        Event(
            order_id=order.id,
            key=f"{key}-retry-{task.attempt}",
            type="cart.retrying",
            effect="failed",
            at=at,
            cause=_CAUSE,
            platform=order.platform,
            connection_id=order.connection_id,
            version=order.version,
            summary={"attempt": task.attempt, "reason": str(error)},
        )
    )
