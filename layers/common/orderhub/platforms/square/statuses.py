"""Square's words for where an order stands and why it ends, as tables."""

from __future__ import annotations

from collections.abc import Mapping

from orderhub.errors import Ignore
from orderhub.order.models import Check, Fulfillment, PaymentMethod
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.square.models import Order

UNKNOWN_STATUS = "UNKNOWN_STATUS"

# https://developer.squareup.com/reference/square/enums/FulfillmentState
# The way forward, in order; what Square adds one day counts as the first.
PROGRESS: tuple[str, ...] = ("PROPOSED", "RESERVED", "PREPARED", "COMPLETED")
ENDED: frozenset[str] = frozenset({"CANCELED", "FAILED"})
FULFILLMENT_STATUSES: dict[str, Status] = {
    "PROPOSED": Status.INCOMING,
    "RESERVED": Status.ACCEPTED,
    "PREPARED": Status.READY,
    "COMPLETED": Status.PICKED_UP,
}
# A parcel in progress is being packed.
SHIPMENT_STATUSES: dict[str, Status] = {"RESERVED": Status.BAGGING}

# https://developer.squareup.com/reference/square/enums/OrderState
ORDER_STATES: frozenset[str] = frozenset({"DRAFT", "OPEN", "COMPLETED", "CANCELED"})

# https://developer.squareup.com/reference/square/enums/FulfillmentType
FULFILLMENT_TYPES: dict[str, Fulfillment] = {
    "PICKUP": Fulfillment.PICKUP,
    "DELIVERY": Fulfillment.DELIVERY,
    "SHIPMENT": Fulfillment.SHIPPING,
    "IN_STORE": Fulfillment.DINE_IN,
}

# https://developer.squareup.com/reference/square/enums/TenderType
TENDER_METHODS: dict[str, PaymentMethod] = {
    "CARD": PaymentMethod.CARD,
    "CASH": PaymentMethod.CASH,
    "THIRD_PARTY_CARD": PaymentMethod.CARD,
    "SQUARE_GIFT_CARD": PaymentMethod.VOUCHER,
    "NO_SALE": PaymentMethod.OTHER,
    "BANK_ACCOUNT": PaymentMethod.ONLINE,
    "WALLET": PaymentMethod.WALLET,
    "BUY_NOW_PAY_LATER": PaymentMethod.ONLINE,
    "SQUARE_ACCOUNT": PaymentMethod.WALLET,
    "OTHER": PaymentMethod.OTHER,
}

# Square has no codes, only a text of at most 100 characters that the seller and the customer may read.
# https://developer.squareup.com/reference/square/objects/FulfillmentPickupDetails
REASON_LENGTH = 100
REASONS: dict[CancelReason, str] = {
    CancelReason.OUT_OF_STOCK: "Out of stock",
    CancelReason.KITCHEN_CLOSED: "Kitchen closed",
    CancelReason.EQUIPMENT_FAILURE: "Equipment failure",
    CancelReason.STAFF_SHORTAGE: "Not enough staff",
    CancelReason.STORE_EMERGENCY: "Emergency at the store",
    CancelReason.CUSTOMER_REQUEST: "Customer asked to cancel",
    CancelReason.PAYMENT_ISSUE: "Payment problem",
    CancelReason.DELIVERY_ADDRESS_ISSUE: "Delivery address problem",
    CancelReason.PLATFORM_ERROR: "Technical problem",
    CancelReason.DUPLICATE_ORDER: "Duplicate order",
    CancelReason.FRAUD_SUSPECTED: "Order could not be verified",
    CancelReason.WEATHER_RELATED: "Weather",
    CancelReason.OTHER: "Other reason",
}

# Any of these means that somebody took the order on.
_TAKEN_ON = ("accepted_at", "in_progress_at", "ready_at", "prepared_at", "packaged_at")


def rank(state: str | None) -> int:
    """How far along a fulfillment is: 0 for PROPOSED and for what we do not know."""
    return PROGRESS.index(state) if state in PROGRESS else 0


def status_of(
    order: Order, overrides: Mapping[str, Status], *, takes_tickets: bool = False
) -> tuple[Status, list[Check]]:
    """Where an order stands, and flags for words we do not know.

    overrides: fulfillment state -> status, in place of the table's; takes_tickets: unpaid orders without fulfillment
    count as well. Raises Ignore for drafts and open tickets.
    """
    checks = _unknown_words(order)
    match order.state:
        case "DRAFT":
            raise Ignore("a draft: it becomes an order when it is opened")
        case "COMPLETED":
            return Status.COMPLETED, checks
        case "CANCELED":
            return _cancelled(order), checks
    if not order.fulfillments:
        if not takes_tickets and order.net_amount_due_money is not None and order.net_amount_due_money.cents > 0:
            raise Ignore("an open ticket without a fulfillment: it counts once it is paid")
        return Status.INCOMING, checks
    return _of_fulfillments(order, overrides), checks


def _of_fulfillments(order: Order, overrides: Mapping[str, Status]) -> Status:
    live = [one for one in order.fulfillments if one.state not in ENDED]
    if not live:
        rejected = all(one.state == "CANCELED" and one.details.rejected_at for one in order.fulfillments)
        return Status.DENIED if rejected else Status.CANCELLED
    least = min(live, key=lambda one: rank(one.state))
    table = FULFILLMENT_STATUSES | (SHIPMENT_STATUSES if least.type == "SHIPMENT" else {}) | dict(overrides)
    return table.get(least.state or "", Status.INCOMING)


def _cancelled(order: Order) -> Status:
    """Cancelled, or denied when there was something to accept and nobody did."""
    accepted = any(getattr(one.details, name) for one in order.fulfillments for name in _TAKEN_ON)
    return Status.CANCELLED if accepted or not order.fulfillments else Status.DENIED


def _unknown_words(order: Order) -> list[Check]:
    words = [] if order.state in ORDER_STATES else [f"order state {order.state!r}"]
    known = {*PROGRESS, *ENDED}
    words += [f"fulfillment state {one.state!r}" for one in order.fulfillments if one.state not in known]
    return [Check(code=UNKNOWN_STATUS, message=f"Square says {word[:100]}, which is new to us") for word in words]
