"""What Shipday is told of a delivery. It has no idempotency keys: what may have been made is looked for first.

https://docs.shipday.com/reference/insert-delivery-order
https://docs.shipday.com/reference/edit-order
https://docs.shipday.com/reference/order-ready-to-pickup
https://docs.shipday.com/reference/order-status-update
"""

from __future__ import annotations

from orderhub.errors import Retry
from orderhub.order.status import Status
from orderhub.platforms.base import Done, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.shipday import mapper
from orderhub.platforms.shipday.config import ShipdayConnection
from orderhub.platforms.shipday.models import Inserted
from orderhub.platforms.shipday.reads import ID, deliveries_of, id_of, known_in
from orderhub.platforms.shipday.statuses import MOVES
from orderhub.platforms.targets import Delivery


def find_delivery(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done | None:
    """The delivery of this number: the one that is known by its id, else the newest."""
    rows = deliveries_of(delivery, http)
    found = known_in(delivery, rows) or next(iter(rows), None)
    return None if found is None else Done(ids={ID: found.order_id})


def create_delivery(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done:
    """Inserts it. Raises Retry when it is not told under which id: it can be found by its number."""
    reply = http.request("POST", "/orders", json=mapper.insert(delivery, connection))
    made = parse_as(Inserted, reply.json())
    if made.order_id is None or not made.order_id.isdecimal():
        raise Retry("Shipday took the delivery and did not say under which id")
    return Done(ids={ID: made.order_id})


def change_delivery(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done:
    """Tells all of it again."""
    shipday_id = id_of(delivery)
    http.request("PUT", f"/order/edit/{shipday_id}", json=mapper.edit(delivery, connection, shipday_id))
    return Done(ids={ID: str(shipday_id)})


def move_delivery(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done:
    """That it can be fetched; or, where staff and no driver says so, that it is on its way or there."""
    shipday_id, status = id_of(delivery), delivery.order.status
    if status is Status.READY:
        http.request("PUT", f"/orders/{shipday_id}/meta", json={"readyToPickup": True})
    elif status in MOVES:
        http.request("PUT", f"/orders/{shipday_id}/status", json={"status": MOVES[status]})
    else:
        return Done(note=f"Shipday knows no step for {status.replace('_', ' ')}")
    return Done()
