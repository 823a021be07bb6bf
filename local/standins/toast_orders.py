"""What a client may do to an order at Toast, and when that is refused.

https://doc.toasttab.com/doc/devguide/apiVoidOrder.html
https://doc.toasttab.com/doc/devguide/apiUpdatingDeliveryInfoForAnOrder.html
"""

from __future__ import annotations

from local.standins.samples.toast import OWN_PREFIX
from local.standins.toast_refusals import refused
from local.standins.vendor import Json

DELIVERY_FIELDS = frozenset({"deliveryState", "dispatchedDate", "deliveredDate", "deliveryEmployee", "notes"})
DELIVERY_STATES = ("PENDING", "PICKED_UP", "IN_PROGRESS", "DELIVERED")
_ALL = {"selections": {"voidAll": True}, "payments": {"voidAll": True}}


def void(order: Json, told: Json, now: str) -> None:
    """Void an order with all that is on it; only the client that placed it may, and only if it was paid elsewhere."""
    if told != _ALL:
        raise refused(400, "Only the whole order can be voided: voidAll for selections and payments")
    if order["voided"] or order["deleted"]:
        raise refused(400, "The order is voided or deleted already")
    if not str(order["externalId"] or "").startswith(OWN_PREFIX):
        raise refused(400, "The order was not placed by this client")
    payments = [payment for check in order["checks"] for payment in check["payments"]]
    if any(payment["type"] != "OTHER" for payment in payments):
        raise refused(400, "Only payments of type OTHER can be voided")
    for payment in payments:
        payment["paymentStatus"] = "VOIDED"
    for check in order["checks"]:
        check.update(voided=True, amount=0, taxAmount=0, totalAmount=0)
        for selection in check["selections"]:
            selection["voided"] = True
    order.update(voided=True, voidDate=now, modifiedDate=now)


def deliver(order: Json, told: Json) -> None:
    """Change how the delivery goes; nothing more once it has arrived."""
    info = order["deliveryInfo"]
    if info is None:
        raise refused(400, "The order has no delivery")
    if info["deliveryState"] == "DELIVERED":
        raise refused(400, "The order is delivered already")
    if not told or told.keys() - DELIVERY_FIELDS:
        raise refused(400, "There is nothing to change, or something that cannot be changed")
    if told.get("deliveryState", "PENDING") not in DELIVERY_STATES:
        raise refused(400, f"deliveryState must be one of {', '.join(DELIVERY_STATES)}")
    info.update(told)
