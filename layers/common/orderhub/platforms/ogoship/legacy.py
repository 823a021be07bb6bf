"""What the hub does at the older API, which OGOship keeps for merchants without an API client.

https://github.com/ogoship/woocommerce, /Magento : as OGOship's own plugins call it. It has no statuses to write.
"""

from __future__ import annotations

from typing import Any

from orderhub.errors import Quarantine, Reject, Retry
from orderhub.platforms.base import Done
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.ogoship import legacy_mapper, models, rest
from orderhub.platforms.ogoship.config import OgoshipConnection
from orderhub.platforms.ogoship.refusals import DUPLICATE, LEGACY
from orderhub.platforms.ogoship.statuses import CANCELLED
from orderhub.platforms.pieces import path_part
from orderhub.platforms.targets import Product, Shipment
from orderhub.runtime import now


def find(shipment: Shipment, http: Http) -> models.Order | None:
    """The order of this reference, if there is one: one that is not there is refused, in words that nobody told us."""
    try:
        return _order_in(http.request("GET", _path(shipment)))
    except Reject as refusal:
        if refusal.code != LEGACY:
            raise
        return None


def create(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Makes the order. Raises Reject REFERENCE_TAKEN when another one has the reference, or it was cancelled there."""
    body = legacy_mapper.order_of(shipment, connection)
    try:
        return _done(http.request("PUT", _path(shipment), json=body))
    except Reject as refusal:
        there = find(shipment, http) if refusal.code == DUPLICATE else None
        if there is None:
            raise
        return rest.same(there, shipment, connection)


def change(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Tells all of the order again. Raises Reject once it is being collected, or when it is not there."""
    states = rest.known_states(shipment) or _read_state(shipment, http)
    rest.refuse_late(states)
    rest.refuse_cancelled(states)
    return _done(http.request("POST", _path(shipment), json=legacy_mapper.order_of(shipment, connection)))


def cancel(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Takes the order back. Raises Reject once it is being collected, or when it is not there."""
    states = rest.known_states(shipment) or _read_state(shipment, http)
    if CANCELLED in states:
        return Done("OGOship had cancelled it already", dict(shipment.ids))
    rest.refuse_late(states)
    http.request("DELETE", _path(shipment))
    return Done(ids={**shipment.ids, "state": CANCELLED})


def put_product(product: Product, connection: OgoshipConnection, http: Http) -> Done:
    """Makes the product, or makes it as it is at the shop."""
    http.request("POST", "/Products", json=legacy_mapper.products_of(product, connection.settings))
    return Done()


def verify(http: Http) -> Done:
    """Reads what has changed this second: nothing, most likely."""
    http.request("GET", "/LatestChanges", params={"TimeStamp": str(int(now().timestamp()))})
    return Done("connected to OGOship's older API")


def response_in(reply: Reply) -> dict[str, Any]:
    """What is in `Response`, names in lower case. Raises Retry for an answer of another shape."""
    try:
        body = models.lowered(reply.json())
    except Quarantine as error:
        raise Retry(f"OGOship did not answer with JSON: {error}") from None
    inside = body.get("response") if isinstance(body, dict) else None
    if not isinstance(inside, dict):
        raise Retry("OGOship answered without a Response")
    return inside


def _read_state(shipment: Shipment, http: Http) -> set[str]:
    """Where the order is. Raises Reject when it is not there."""
    there = _order_in(http.request("GET", _path(shipment)))
    return {there.state} if there else set()


def _done(reply: Reply) -> Done:
    """What is to be kept of an answer, which need not show the order."""
    there = _order_in(reply)
    return rest.done(there) if there else Done()


def _order_in(reply: Reply) -> models.Order | None:
    order = response_in(reply).get("order")
    if not isinstance(order, dict):
        return None
    try:
        return models.read_as(models.Order, order)
    except Quarantine as error:
        raise Retry(f"OGOship does not show an order: {error}") from None


def _path(shipment: Shipment) -> str:
    return f"/Order/{path_part(shipment.reference)}"
