"""Ready, gone, arrived, and the parcels: what Shopify calls fulfillment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from orderhub.errors import Reject, Unsupported
from orderhub.order.models import Fulfillment, Order, Tracking
from orderhub.platforms.base import Done, Operation
from orderhub.platforms.http_types import Http
from orderhub.platforms.shopify import graphql, queries
from orderhub.platforms.shopify.client import state_of
from orderhub.platforms.shopify.mapper import ShopConnection
from orderhub.platforms.shopify.nodes import BROUGHT, WORKABLE, FulfillmentOrder, OrderState
from orderhub.platforms.shopify.nodes import Fulfillment as Made

ALREADY_PREPARED = "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER"


def ready(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Tells the customer to come. Raises Unsupported unless the order is picked up, Reject ON_HOLD."""
    state = _open_state(order, connection, http)
    pickups = [one for one in state.fulfillment_orders if one.method == "PICK_UP"]
    if not pickups:
        methods = ", ".join(sorted({one.method for one in state.fulfillment_orders} - {""})) or "not known"
        why = f"it takes this for orders that are picked up only; the delivery method of this one is {methods}"
        raise Unsupported(Operation.READY, "Shopify", why)
    waiting = [one for one in pickups if one.status in WORKABLE]
    if not waiting:
        if any(one.is_left for one in pickups):
            raise _stuck(pickups)
        return Done("Shopify has it as handed over already")
    told = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": one.id} for one in waiting]}
    try:
        graphql.mutate(queries.PREPARED_FOR_PICKUP, {"input": told}, connection, http)
    except Reject as refusal:
        if refusal.code != ALREADY_PREPARED:
            raise
        return Done("Shopify had it as ready already")
    return Done()


def picked_up(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Fulfills all that is open. Raises Reject ON_HOLD or NOT_FULFILLABLE when there is nothing we may fulfill."""
    state = _open_state(order, connection, http)
    made = _fulfill(order, state, connection, http)
    if not made and not state.made:
        raise _stuck(state.fulfillment_orders)
    return Done(_note(made, state), _ids(made))


def complete(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Fulfills all that is open, then tells the arrival of whatever somebody brought."""
    state = _open_state(order, connection, http)
    made = _fulfill(order, state, connection, http)
    if not made and not state.made:
        raise _stuck(state.fulfillment_orders)
    arrived = made + [one.id for one in state.made if one.display_status != "DELIVERED"]
    if not _is_brought(order, state):
        arrived = []
    for fulfillment in arrived:
        event = {"fulfillmentId": fulfillment, "status": "DELIVERED"}
        graphql.mutate(queries.FULFILLMENT_EVENT_CREATE, {"fulfillmentEvent": event}, connection, http)
    return Done(_note(made or arrived, state), _ids(made))


def add_tracking(order: Order, connection: ShopConnection, http: Http) -> Done:
    """Puts parcels that Shopify does not know yet on the first fulfillment without any, else on the last.

    Raises Reject ON_HOLD or NOT_FULFILLABLE when there is no fulfillment and none can be made.
    """
    if not order.tracking:
        return Done("there are no parcels to tell of")
    state = _open_state(order, connection, http)
    if not state.made:
        made = _fulfill(order, state, connection, http)
        if not made:
            raise _stuck(state.fulfillment_orders)
        return Done(_note(made, state), _ids(made))
    known = {info.number or info.url for one in state.made for info in one.tracking_info}
    news = [parcel for parcel in order.tracking if (parcel.code or parcel.url) not in known]
    if not news:
        return Done("Shopify had these parcels already")
    target = next((one for one in state.made if not one.tracking_info), state.made[-1])
    variables = {
        "fulfillmentId": target.id,
        "trackingInfoInput": _tracking_info([*_parcels(target), *news]),
        "notifyCustomer": connection.settings.notify_customer,
    }
    graphql.mutate(queries.TRACKING_UPDATE, variables, connection, http)
    return Done(ids={"fulfillment": target.id})


def _open_state(order: Order, connection: ShopConnection, http: Http) -> OrderState:
    state = state_of(order, connection, http)
    if state.cancelled_at is not None:
        raise Reject("ORDER_CANCELLED", "Shopify has cancelled this order")
    return state


def _fulfill(order: Order, state: OrderState, connection: ShopConnection, http: Http) -> list[str]:
    """Makes one fulfillment for each location that has open work; what is closed since is not made again."""
    parcels = {"trackingInfo": _tracking_info(order.tracking)} if order.tracking else {}
    made = []
    work = sorted((one for one in state.fulfillment_orders if one.is_fulfillable), key=lambda one: one.location)
    for _, group in groupby(work, key=lambda one: one.location):
        fulfillment = {
            "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": one.id} for one in group],
            "notifyCustomer": connection.settings.notify_customer,
            **parcels,
        }
        payload = graphql.mutate(queries.FULFILLMENT_CREATE, {"fulfillment": fulfillment}, connection, http)
        made.append(_id_of(payload.get("fulfillment")))
    return made


def _id_of(fulfillment: Any) -> str:
    if not isinstance(fulfillment, dict) or not fulfillment.get("id"):
        raise Reject("EMPTY_ANSWER", "Shopify answered without the fulfillment it made")
    return str(fulfillment["id"])


def _is_brought(order: Order, state: OrderState) -> bool:
    methods = {one.method for one in state.fulfillment_orders} - {""}
    if methods:
        return bool(methods & BROUGHT)
    return order.fulfillment in {Fulfillment.DELIVERY, Fulfillment.SHIPPING}


def _stuck(fulfillment_orders: Sequence[FulfillmentOrder]) -> Reject:
    """Why nothing can be done: held, scheduled, at another app's location, or nothing there at all."""
    left = [one for one in fulfillment_orders if one.is_left]
    held = bool(left) and all(one.status == "ON_HOLD" for one in left)
    where = ", ".join(f"{one.place} is {one.status}" for one in left) or "nothing is left to fulfill"
    return Reject("ON_HOLD" if held else "NOT_FULFILLABLE", f"Shopify: {where}")


def _note(done: Sequence[str], state: OrderState) -> str | None:
    left = [one for one in state.fulfillment_orders if one.is_left and not one.is_fulfillable]
    if left:
        return "still open: " + ", ".join(f"{one.place} is {one.status}" for one in left)
    return None if done else "Shopify had it as fulfilled already"


def _ids(made: Sequence[str]) -> dict[str, str]:
    return {"fulfillment": " ".join(made)} if made else {}


def _parcels(fulfillment: Made) -> list[Tracking]:
    return [Tracking(carrier=one.company, code=one.number, url=one.url) for one in fulfillment.tracking_info]


def _tracking_info(parcels: Sequence[Tracking]) -> dict[str, Any]:
    """Numbers and addresses belong together by position, so either all parcels have an address or none is sent."""
    carriers = {parcel.carrier for parcel in parcels}
    urls = [parcel.url for parcel in parcels]
    return {
        **({"company": parcels[0].carrier} if len(carriers) == 1 and parcels[0].carrier else {}),
        "numbers": [parcel.code or parcel.url or "" for parcel in parcels],
        **({"urls": urls} if all(urls) else {}),
    }
