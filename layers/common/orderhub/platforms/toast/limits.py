"""What Toast cannot be told, and why: sentences for the staff of a store."""

from __future__ import annotations

from collections.abc import Mapping

from orderhub.order.models import Fulfillment, Order
from orderhub.platforms.base import Operation
from orderhub.platforms.toast.mapper import VOID

# https://doc.toasttab.com/doc/devguide/apiOverview.html: none of these is among its calls.
WHY: Mapping[str, str] = {
    Operation.ACCEPT: "its API has no such call; approve the order on the POS",
    Operation.DENY: "its API has no such call; turn the order down on the POS",
    Operation.BAGGING: "its API has no such call; the kitchen display shows the order as sent",
    Operation.READY: "its API has no such call; mark the order as fulfilled on the POS or the kitchen display",
    Operation.SET_READY_TIME: "its API has no such call; change the time on the POS",
    Operation.EDIT_CART: "its API can add lines, and not change or remove them; change the order on the POS",
    Operation.REFUND: "its API has no such call; refund on the POS",
    Operation.SET_STORE_STATUS: "its API has no such call; pause online orders on the POS",
    Operation.ADD_TRACKING: "its orders do not go out as parcels",
}
NO_DELIVERY = "it takes the progress of deliveries only; close the check on the POS"
NOT_OURS = "it lets nobody void an order but the client that placed it; turn it down or void it on the POS"


def of_this_order(operation: Operation, order: Order) -> str | None:
    """Why Toast takes an operation of other orders, and not of this one; None when it takes it."""
    if operation in (Operation.PICKED_UP, Operation.COMPLETE) and order.fulfillment is not Fulfillment.DELIVERY:
        return NO_DELIVERY
    if operation is Operation.CANCEL and VOID not in order.source:
        return NOT_OURS
    return None
