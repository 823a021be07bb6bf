"""Toast's words for where an order stands, how it goes out and how it is paid, as tables."""

from __future__ import annotations

from collections.abc import Mapping

from orderhub.order.models import Fulfillment, PaymentMethod
from orderhub.order.status import Status

# https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Order : approvalStatus. Null or missing is as good
# as approved, for the POS itself took the order.
APPROVALS: Mapping[str, Status] = {
    "NEEDS_APPROVAL": Status.INCOMING,
    "FUTURE": Status.ACCEPTED,
    "APPROVED": Status.ACCEPTED,
    "NOT_APPROVED": Status.DENIED,
}

# https://doc.toasttab.com/doc/devguide/apiUpdatingDeliveryInfoForAnOrder.html : deliveryInfo.deliveryState
DELIVERY_STATES: Mapping[str, Status | None] = {
    "PENDING": None,
    "PICKED_UP": Status.PICKED_UP,
    "IN_PROGRESS": Status.PICKED_UP,
    "DELIVERED": Status.COMPLETED,
}

# https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Check : paymentStatus
CHECK_CLOSED = "CLOSED"
CHECK_STATUSES = frozenset({"OPEN", "PAID", CHECK_CLOSED})

# https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Selection : fulfillmentStatus
LINE_READY = "READY"
LINE_STATUSES = frozenset({"NEW", "HOLD", "SENT", LINE_READY})

# https://doc.toasttab.com/doc/devguide/apiGuestOrderFulfillmentStatusWebhook.html : guestOrderStatus
GUEST_STATUSES: Mapping[str, Status] = {
    "RECEIVED": Status.INCOMING,
    "IN_PREPARATION": Status.ACCEPTED,
    "READY_FOR_PICKUP": Status.READY,
    "CLOSED": Status.COMPLETED,
    "VOIDED": Status.CANCELLED,
}

# https://doc.toasttab.com/doc/devguide/apiOrderTypeDetails.html : behavior of a dining option. CURBSIDE is our word for
# TAKE_OUT with `curbside`.
BEHAVIORS: Mapping[str, Fulfillment] = {
    "DINE_IN": Fulfillment.DINE_IN,
    "TAKE_OUT": Fulfillment.PICKUP,
    "DELIVERY": Fulfillment.DELIVERY,
    "CURBSIDE": Fulfillment.CURBSIDE,
}

# https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Payment : type
PAYMENT_METHODS: Mapping[str, PaymentMethod] = {
    "CASH": PaymentMethod.CASH,
    "CREDIT": PaymentMethod.CARD,
    "GIFTCARD": PaymentMethod.VOUCHER,
    "HOUSE_ACCOUNT": PaymentMethod.OTHER,
    "REWARDCARD": PaymentMethod.VOUCHER,
    "LEVELUP": PaymentMethod.WALLET,
    "TOAST_SV": PaymentMethod.VOUCHER,
    "OTHER": PaymentMethod.OTHER,
    "UNDETERMINED": PaymentMethod.OTHER,
}

# The same page: paymentStatus, told of cards only. Not yet paid, and never to be paid.
PAYMENT_UNDER_WAY = frozenset({"OPEN", "PROCESSING"})
PAYMENT_DEAD = frozenset(
    {"ERROR", "ERROR_NETWORK", "DENIED", "PROCESSING_VOID", "VOIDED_AT_RISK", "CANCELLED", "VOIDED"}
)
PAYMENT_DONE = frozenset({"AUTHORIZED_AT_RISK", "AUTHORIZED", "CAPTURE_IN_PROGRESS", "CAPTURED"})

# https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/AppliedDiscount : processingState
DISCOUNT_VOID = frozenset({"VOID", "PENDING_VOID"})

# Selection again: selectionType, and the name of lines that sell a gift card.
SPECIAL_REQUEST = "SPECIAL_REQUEST"
NOT_FOOD = frozenset({"HOUSE_ACCOUNT_PAY_BALANCE", "TOAST_CARD_SELL", "TOAST_CARD_RELOAD"})
GIFT_CARD = "gift card"
TAX_INCLUDED = "INCLUDED"
