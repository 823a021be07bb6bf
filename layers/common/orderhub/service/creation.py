"""Orders that staff make themselves: of the merchant's own shop, or taken by telephone."""

from __future__ import annotations

from orderhub.errors import Reject, Retry
from orderhub.intake.record import record
from orderhub.order import native
from orderhub.order.events import Raw
from orderhub.order.merge import Effect
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import Order
from orderhub.order.native import NewOrder
from orderhub.platforms.base import Connection, Credentials, Settings
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.changes import cause_of, request_digest
from orderhub.service.once import new_id
from orderhub.service.stores import get_store
from orderhub.storage import orders


def create_order(caller: Caller, new: NewOrder, idempotency_key: str | None, *, dry_run: bool = False) -> Order:
    """Makes an order, or returns the one that the same request made before. dry_run: prices it and stores nothing.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, INVALID_FIELD_VALUE, IDEMPOTENCY_KEY_REUSED (for another request);
    Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    store = get_store(caller, new.store_id)
    connection = Connection(native.CONNECTION, native.PLATFORM, Credentials(), Settings(), store.ref)
    external_id = new_id("dir_", caller.id, idempotency_key)
    order_id = connection.order_id(external_id)
    body, at = new.model_dump_json(), now()
    request = request_digest(idempotency_key, body)
    # Looked up first: what was to come when the first request was made may have passed by now.
    if request and not dry_run and (known := orders.view(order_id)) is not None:
        return _same(known, request)
    order = native.make(
        new,
        order_id=order_id,
        external_id=external_id,
        currency=store.currency,
        request=request,
        at=at,
        usual_minutes=store.prep_minutes,
    )
    if dry_run:
        return order
    message = OrderSnapshot(delivery_key=f"create-{external_id}", order=order, is_new=True)
    recorded = record(message, connection, Raw(body.encode()), cause_of(caller), at)
    if recorded.effect == Effect.APPLIED and recorded.order is not None:
        return recorded.order
    made = orders.view(order_id)
    if made is None:
        raise Retry("the order is being made by another request just now")
    return _same(made, request)


def _same(known: Order, request: str) -> Order:
    if known.source.get("request") != request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")
    return known
