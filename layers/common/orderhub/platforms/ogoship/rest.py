"""What the hub does at the REST API.

https://openapi.ogoship.com/ ; a reference is one of a kind at a merchant, so that no order is made twice.
"""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from typing import Any

from orderhub.errors import Quarantine, Reject, Retry
from orderhub.platforms.base import Done
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.ogoship import mapper, models
from orderhub.platforms.ogoship.config import OgoshipConnection
from orderhub.platforms.ogoship.lines import lines_of, pieces
from orderhub.platforms.ogoship.statuses import CANCELLED, DRAFT, TOO_LATE
from orderhub.platforms.pieces import path_part
from orderhub.platforms.targets import Product, Shipment, Target

# A duplicate reference is refused with one of these, in words that are not documented.
_MAYBE_DUPLICATE = ("HTTP_400", "HTTP_409")
_NOT_FOUND = "HTTP_404"
_NONE = "OGOship has no order of this reference"
_PLAIN_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._~-]*")


def find(shipment: Shipment, http: Http) -> models.Order | None:
    """The order of this reference, if there is one. Raises Retry for an answer that cannot be read."""
    rows = models.rows_of(
        http.request("GET", "/Orders", params={"reference": shipment.reference, "limit": "1", "page": "1"})
    )
    found = [one for one in (_read(row) for row in rows) if one.reference == shipment.reference]
    return found[0] if found else None


def create(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Makes the order. Raises Reject REFERENCE_TAKEN when another one has the reference, or it was cancelled there."""
    body = mapper.order_of(shipment, connection, connection.settings.send_as)
    try:
        return done(_order_in(http.request("POST", "/Orders", json=body)))
    except Reject as refusal:
        there = find(shipment, http) if refusal.code in _MAYBE_DUPLICATE else None
        if there is None:
            raise
        return same(there, shipment, connection)


def change(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Tells all of the order again, and that it is to be sent. Raises Reject once it is being collected."""
    states = known_states(shipment) or _read_state(shipment, http)
    if not states:
        raise Reject("SHIPMENT_NOT_FOUND", _NONE)
    refuse_late(states)
    refuse_cancelled(states)
    body = mapper.order_of(shipment, connection, connection.settings.send_as)
    if connection.settings.edit_through_draft:
        http.request("PUT", _path(shipment), json=mapper.status_only(shipment, connection, DRAFT))
    return done(_order_in(http.request("PUT", _path(shipment), json=body)))


def cancel(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Takes the order back; done as well when it is not there. Raises Reject once it is being collected."""
    states = known_states(shipment) or _read_state(shipment, http)
    if CANCELLED in states:
        return Done("OGOship had cancelled it already", dict(shipment.ids))
    if not states:
        return Done(_NONE)
    refuse_late(states)
    body = mapper.status_only(shipment, connection, CANCELLED)
    try:
        return done(_order_in(http.request("PUT", _path(shipment), json=body)))
    except Reject as refusal:
        if refusal.code != _NOT_FOUND:
            raise
        return Done(_NONE)


def put_product(product: Product, connection: OgoshipConnection, http: Http) -> Done:
    """Makes the product, or writes what differs from what is there."""
    body = mapper.product_of(product, connection.settings)
    rows = models.rows_of(http.request("GET", "/Products", params={"code": body["code"], "limit": "1", "page": "1"}))
    known = next((row for row in map(models.lowered, rows) if _code(row) == body["code"]), None)
    if known is None:
        made = http.request("POST", "/Products", json=body)
        return Done(ids=_product_ids(_object_in(made)))
    if known.get("eancode"):
        body.pop("eanCode", None)  # what is there is not overwritten
    if all(_same(known.get(name.lower()), value) for name, value in body.items()):
        return Done("OGOship had this product as it is", _product_ids(known))
    path, params = product_path(body["code"])
    return Done(ids=_product_ids(_object_in(http.request("PUT", path, json=body, params=params))))


def verify(http: Http) -> Done:
    """Reads one order, or none."""
    models.rows_of(http.request("GET", "/Orders", params={"limit": "1", "page": "1"}))
    return Done("connected to OGOship")


def same(there: models.Order, shipment: Shipment, connection: OgoshipConnection) -> Done:
    """An order that was there before, if it is this one. Raises Reject REFERENCE_TAKEN."""
    details = {"reference": shipment.reference, "state": there.state}
    if there.pieces != pieces(lines_of(shipment, connection.settings)):
        raise Reject("REFERENCE_TAKEN", "OGOship has another order of this reference", details=details)
    if there.state == CANCELLED:
        raise Reject("REFERENCE_TAKEN", "OGOship has this order as cancelled and will not ship it", details=details)
    return Done("OGOship had this order already", done(there).ids)


def done(order: models.Order) -> Done:
    """What is to be kept of an order that OGOship has."""
    return Done(ids=mapper.said({"shipment": order.id, "state": order.state}))


def known_states(shipment: Shipment) -> set[str]:
    """Where the order was when it was last told of: in an answer to us, and by the last poll."""
    told = shipment.order.hand_overs.get(Target.WAREHOUSE)
    return {word.lower() for word in (shipment.ids.get("state"), told.state if told else None) if word}


def refuse_late(states: set[str]) -> None:
    """Raises Reject WAREHOUSE_HAS_IT when the warehouse would not listen any more."""
    for state in states & TOO_LATE:
        raise Reject(
            "WAREHOUSE_HAS_IT",
            f"OGOship has this order as {state}: only a request in myOGO may still stop it",
            details={"state": state},
        )


def refuse_cancelled(states: set[str]) -> None:
    """Raises Reject SHIPMENT_CANCELLED for what will not be shipped, whatever it is changed to."""
    if CANCELLED in states:
        raise Reject("SHIPMENT_CANCELLED", "OGOship has cancelled this order", details={"state": CANCELLED})


def product_path(code: str) -> tuple[str, dict[str, str]]:
    """Where a product is, and the parameters that say how its code is written there."""
    if _PLAIN_CODE.fullmatch(code):
        return f"/Products/{code}", {}
    written = base64.urlsafe_b64encode(code.encode()).decode().rstrip("=")
    return f"/Products/{written}", {"base64url": "true"}


def _read_state(shipment: Shipment, http: Http) -> set[str]:
    """Where the order is; nothing when there is none."""
    there = find(shipment, http)
    return {there.state} if there else set()


def _path(shipment: Shipment) -> str:
    return f"/Orders/{path_part(shipment.reference)}"


def _order_in(reply: Reply) -> models.Order:
    """The order in an answer. Raises Retry: it was taken, and the next try finds it."""
    return _read(_object_in(reply))


def _read(row: Any) -> models.Order:
    try:
        return models.read_as(models.Order, row)
    except Quarantine as error:
        raise Retry(f"OGOship does not show an order: {error}") from None


def _object_in(reply: Reply) -> dict[str, Any]:
    try:
        body = models.lowered(reply.json())
    except Quarantine as error:
        raise Retry(f"OGOship did not answer with JSON: {error}") from None
    if not isinstance(body, dict):
        raise Retry("OGOship did not answer with an object")
    return body


def _code(row: Any) -> str | None:
    return row.get("code") if isinstance(row, dict) else None


def _product_ids(product: dict[str, Any]) -> dict[str, str]:
    return {"product": str(product["id"])} if product.get("id") else {}


def _same(there: Any, ours: Any) -> bool:
    """Whether a field is as we would write it; 19.90 is 19.9."""
    if isinstance(ours, float) and isinstance(there, int | Decimal):
        return float(there) == ours
    return bool(there == ours)
