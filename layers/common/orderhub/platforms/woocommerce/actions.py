"""What the store tells a shop about an order: by a status where the shop has one for it, else by a note.

https://woocommerce.github.io/woocommerce-rest-api-docs/#update-an-order
Each looks before it acts, so that a repeat changes nothing.
"""

from __future__ import annotations

from typing import Any

from orderhub.errors import Reject
from orderhub.order.ids import digest
from orderhub.order.models import Order, StatusReason, Tracking
from orderhub.order.times import sortable, zone
from orderhub.platforms.base import Done
from orderhub.platforms.http_types import Http
from orderhub.platforms.woocommerce import models, notes
from orderhub.platforms.woocommerce.reads import order_path, present
from orderhub.platforms.woocommerce.settings import ShopConnection
from orderhub.platforms.woocommerce.statuses import CALLED_OFF, ENDED
from orderhub.runtime import now

CANCELLED, COMPLETED = "cancelled", "completed"


def accept(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Gives the order its status for accepted orders, and says so with the ready time.

    Raises Reject ORDER_ENDED when the shop has cancelled, refunded or completed it.
    """
    _move(order, connection.settings.accepted_status, http)
    return _say(order, f"Accepted by the store{_when(order, connection)}", http)


def cancel(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Cancels the order, and says why. WooCommerce restocks, but gives no payment back.

    Raises Reject ORDER_ENDED when the shop has completed it.
    """
    reason = order.status_reason or StatusReason()
    _move(order, CANCELLED, http)
    said = ": ".join(filter(None, (reason.code or reason.source_code, reason.details)))
    done = _say(order, f"{order.status.capitalize()} by the store{f' ({said})' if said else ''}", http)
    paid = order.payment is not None and order.payment.prepaid
    return Done("WooCommerce keeps the payment: give it back with a refund", done.ids) if paid else done


def bagging(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Tells that the order is being prepared."""
    _move(order, connection.settings.bagging_status, http)
    return _say(order, "Being prepared", http)


def ready(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Tells that the order is ready."""
    _move(order, connection.settings.ready_status, http)
    return _say(order, "Ready", http)


def picked_up(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Notes that the order has left the store; WooCommerce has no step for it."""
    return _say(order, "Left the store", http)


def complete(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Completes the order; WooCommerce mails the customer."""
    _move(order, COMPLETED, http)
    return Done()


def set_ready_time(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Notes the new ready time, and puts it under the meta key of the settings."""
    key = connection.settings.ready_time_meta
    if key and order.ready_at is not None:
        http.request("PUT", order_path(order), json={"meta_data": [{"key": key, "value": sortable(order.ready_at)}]})
    return _say(order, f"New time{_when(order, connection)}", http)


def add_tracking(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Adds the parcels that the shop has not got yet for the Shipment Tracking extension, and tells the customer."""
    key = connection.settings.tracking_meta
    known = _parcels(present(order, http), key) if key else []
    numbers = {one.get("tracking_number") for one in known}
    new = [_parcel(order, one) for one in order.tracking if one.code not in numbers]
    if key and new:
        http.request("PUT", order_path(order), json={"meta_data": [{"key": key, "value": [*known, *new]}]})
    ids: dict[str, str] = {}
    for one in order.tracking:
        words = " ".join(filter(None, ("Your order is on its way:", one.carrier, one.code, one.url)))
        ids |= notes.add(order, words, http, once="", for_customer=True)
    return Done(ids=ids)


def _parcels(order: models.Order, key: str) -> list[dict[str, Any]]:
    kept = next((meta.value for meta in order.meta_data if meta.key == key), None)
    return [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []


def _parcel(order: Order, parcel: Tracking) -> dict[str, str]:
    return {
        "tracking_provider": (parcel.carrier or "").lower(),
        "custom_tracking_provider": "",
        "custom_tracking_link": parcel.url or "",
        "tracking_number": parcel.code or "",
        "date_shipped": str(int(now().timestamp())),
        "tracking_id": digest(order.id, parcel.carrier or "", parcel.code or ""),
    }


def _move(order: Order, status: str, http: Http) -> None:
    """Gives the order a status that it has not got. An order that has ended in the shop stays as it is."""
    if not status:
        return
    there = present(order, http).status
    if there == status or (status == CANCELLED and there in CALLED_OFF):
        return
    if there in ENDED:
        raise Reject("ORDER_ENDED", f"WooCommerce has this order as {there}", details={"status": there})
    http.request("PUT", order_path(order), json={"status": status})


def _say(order: Order, words: str, http: Http) -> Done:
    """A note for the shop's staff. The same words about another promise are another note."""
    once = sortable(order.promised_at) if order.promised_at else ""
    return Done(ids=notes.add(order, words, http, once=once))


def _when(order: Order, connection: ShopConnection) -> str:
    if order.ready_at is None:
        return ""
    clock = connection.store(order.store_external_id).time_zone
    return f", ready at {order.ready_at.astimezone(zone(clock)):%Y-%m-%d %H:%M} ({clock})"
