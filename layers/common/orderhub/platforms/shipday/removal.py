"""How a delivery is taken back: its courier first, who would come all the same; then the delivery itself.

https://docs.shipday.com/reference/delete-order
"""

from __future__ import annotations

from dataclasses import replace

from orderhub.errors import Reject
from orderhub.platforms.base import Done
from orderhub.platforms.http_types import Http
from orderhub.platforms.shipday.client import find_delivery
from orderhub.platforms.shipday.config import ShipdayConnection
from orderhub.platforms.shipday.reads import ID, deliveries_of, id_of, is_not_there, known_in, service_for
from orderhub.platforms.shipday.statuses import COURIER_DONE
from orderhub.platforms.targets import Delivery

GONE = "Shipday does not have it any more"


def remove_delivery(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done:
    """Takes it back. Raises Reject when a courier who is paid for cannot be cancelled, or it cannot be deleted."""
    if ID not in delivery.ids:
        found = find_delivery(delivery, connection, http)
        if found is None:
            return Done(note=GONE)
        delivery = replace(delivery, ids={**delivery.ids, **found.ids})
    shipday_id = id_of(delivery)
    _free_courier(shipday_id, http)
    try:
        http.request("DELETE", f"/orders/{shipday_id}")
    except Reject as error:
        if _is_gone(error, delivery, http):
            return Done(note=GONE)
        raise
    return Done()


def _is_gone(error: Reject, delivery: Delivery, http: Http) -> bool:
    """404 says so; 400 may say anything, and the delivery itself tells."""
    if error.details.get("status") == 404:
        return True
    return is_not_there(error) and known_in(delivery, deliveries_of(delivery, http)) is None


def _free_courier(shipday_id: int, http: Http) -> None:
    service = service_for(shipday_id, http)
    booked = service is not None and service.status not in COURIER_DONE
    path = f"/on-demand/cancel/{shipday_id}" if booked else f"/orders/unassign/{shipday_id}"
    try:
        http.request("POST" if booked else "PUT", path, json={})
    except Reject as error:
        # Nobody was assigned, or the courier was lost meanwhile, or there is no such delivery: the next call tells.
        if not is_not_there(error) or (booked and service_for(shipday_id, http) is not None):
            raise
