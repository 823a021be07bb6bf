"""What Shopify's words mean, as tables; the first row that fits decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orderhub.errors import Ignore
from orderhub.order.models import Check, Fulfillment, StatusReason
from orderhub.order.status import CancelReason, Status, rank
from orderhub.platforms.shopify.models import Fulfillment as Parcel
from orderhub.platforms.shopify.models import Order

UNKNOWN_STATUS = "UNKNOWN_STATUS"
NEEDS_STAFF = "NEEDS_STAFF"
ON_HOLD = "ON_HOLD"

# --- the order ----------------------------------------------------------------------------------------------------
# https://shopify.dev/docs/api/admin-rest/latest/resources/order (financial_status, fulfillment_status, cancel_reason)

# Money that is there, or surely coming. "refunded" does not cancel: what was given back is noted, the order goes on.
SETTLED = frozenset({"paid", "authorized", "partially_paid", "partially_refunded", "refunded"})
NOT_SETTLED = frozenset({"voided", "expired"})
FINANCIAL = SETTLED | NOT_SETTLED | {"pending"}

CANCEL_REASONS: dict[str, CancelReason] = {
    "customer": CancelReason.CUSTOMER_REQUEST,
    "inventory": CancelReason.OUT_OF_STOCK,
    "fraud": CancelReason.FRAUD_SUSPECTED,
    "declined": CancelReason.PAYMENT_ISSUE,
    "staff": CancelReason.OTHER,
    "other": CancelReason.OTHER,
}

# Ours to theirs: https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderCancelReason
SHOPIFY_REASONS: dict[CancelReason, str] = {
    CancelReason.OUT_OF_STOCK: "INVENTORY",
    CancelReason.KITCHEN_CLOSED: "OTHER",
    CancelReason.EQUIPMENT_FAILURE: "OTHER",
    CancelReason.STAFF_SHORTAGE: "OTHER",
    CancelReason.STORE_EMERGENCY: "OTHER",
    CancelReason.CUSTOMER_REQUEST: "CUSTOMER",
    CancelReason.PAYMENT_ISSUE: "DECLINED",
    CancelReason.DELIVERY_ADDRESS_ISSUE: "OTHER",
    CancelReason.PLATFORM_ERROR: "OTHER",
    CancelReason.DUPLICATE_ORDER: "OTHER",
    CancelReason.FRAUD_SUSPECTED: "FRAUD",
    CancelReason.WEATHER_RELATED: "OTHER",
    CancelReason.OTHER: "OTHER",
}

# --- fulfillments -------------------------------------------------------------------------------------------------
# https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillment (status, shipment_status)

SHIPMENT: dict[str, Status] = {
    "confirmed": Status.ACCEPTED,
    "label_purchased": Status.BAGGING,
    "label_printed": Status.BAGGING,
    "ready_for_pickup": Status.READY,
    "in_transit": Status.PICKED_UP,
    "out_for_delivery": Status.PICKED_UP,
    "attempted_delivery": Status.PICKED_UP,
    "delayed": Status.PICKED_UP,
    "carrier_picked_up": Status.PICKED_UP,
    "delivered": Status.COMPLETED,
}
FAILED = frozenset({"cancelled", "error", "failure"})

# --- fulfillment orders -------------------------------------------------------------------------------------------
# https://shopify.dev/docs/api/admin-graphql/latest/enums/FulfillmentOrderStatus

FULFILLMENT_ORDER: dict[str, Status] = {
    "OPEN": Status.INCOMING,
    "SCHEDULED": Status.INCOMING,
    "ON_HOLD": Status.INCOMING,
    "INCOMPLETE": Status.INCOMING,
    "IN_PROGRESS": Status.ACCEPTED,
    "CLOSED": Status.COMPLETED,
    "CANCELLED": Status.CANCELLED,
}
# Their status -> the flag to raise, and what it says.
FULFILLMENT_ORDER_FLAGS: dict[str, tuple[str, str]] = {
    "ON_HOLD": (ON_HOLD, "Shopify holds this order back: look at its fulfillment in the admin"),
    "INCOMPLETE": (NEEDS_STAFF, "Shopify says that a fulfillment cannot be completed as asked"),
}

# https://shopify.dev/docs/api/admin-graphql/latest/enums/DeliveryMethodType
METHODS: dict[str, Fulfillment | None] = {
    "SHIPPING": Fulfillment.SHIPPING,
    "LOCAL": Fulfillment.DELIVERY,
    "PICKUP_POINT": Fulfillment.SHIPPING,
    "PICK_UP": Fulfillment.PICKUP,
    "RETAIL": Fulfillment.DINE_IN,
    "NONE": None,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows look at.

    to_collect: a manual way of paying is named. on_the_way: when it is fulfilled somebody has yet to bring it.
    """

    order: Order
    to_collect: bool
    on_the_way: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: when it fits, the status, or why there is nothing to do."""

    fits: Callable[[Facts], bool]
    status: Callable[[Facts], Status] | None = None
    ignored: str = ""


def _financial(facts: Facts) -> str:
    return (facts.order.financial_status or "").lower()


def _progress(facts: Facts) -> str:
    return (facts.order.fulfillment_status or "").lower()


def _is_awaited(facts: Facts) -> bool:
    return _financial(facts) == "pending" and not facts.to_collect


def _from_parcels(facts: Facts) -> Status:
    """Of an order that is fulfilled: as far as its slowest parcel."""
    silent = Status.PICKED_UP if facts.on_the_way else Status.COMPLETED
    told = [
        Status.PICKED_UP if has_failed(parcel) else SHIPMENT.get(parcel.shipment_status or "", silent)
        for parcel in facts.order.fulfillments
        if parcel.status == "success"
    ]
    return min(told, key=rank, default=silent)


def _from_fulfillment_orders(facts: Facts) -> Status:
    """Of an order on which nothing is fulfilled yet: what its open fulfillment orders say, if they are known."""
    told = {
        FULFILLMENT_ORDER.get((one.status or "").upper(), Status.INCOMING) for one in facts.order.fulfillment_orders
    }
    alive = told - {Status.CANCELLED, Status.COMPLETED} or told - {Status.CANCELLED} or told
    return min(alive, key=rank, default=Status.INCOMING)


ROWS: tuple[Row, ...] = (
    Row(lambda facts: facts.order.cancelled_at is not None, lambda _: Status.CANCELLED),
    Row(lambda facts: _progress(facts) == "" and _financial(facts) in SETTLED, _from_fulfillment_orders),
    Row(
        lambda facts: _progress(facts) == "" and _financial(facts) == "pending" and facts.to_collect,
        _from_fulfillment_orders,
    ),
    Row(_is_awaited, ignored="it is not paid yet: Shopify tells when it is (orders/paid)"),
    Row(lambda facts: _financial(facts) in NOT_SETTLED, ignored="its payment was voided or has expired"),
    Row(lambda facts: _progress(facts) == "partial", lambda _: Status.BAGGING),
    Row(lambda facts: _progress(facts) == "fulfilled", _from_parcels),
    Row(lambda facts: _progress(facts) == "restocked", lambda _: Status.CANCELLED),
    Row(
        lambda facts: _progress(facts) == "pending", ignored="fulfillment status 'pending' is in old test messages only"
    ),
)


def status_of(facts: Facts) -> tuple[Status, list[Check]]:
    """Where an order stands, and what people should look at. Raises Ignore when it is not to be made (yet)."""
    row = next((row for row in ROWS if row.fits(facts)), None)
    if row is None:
        return Status.INCOMING, [*_unknown(facts), *_flags(facts.order)]
    if row.status is None:
        raise Ignore(f"order {facts.order.name or facts.order.id}: {row.ignored}")
    status = row.status(facts)
    return status, [] if status is Status.CANCELLED else [*_unknown(facts), *_flags(facts.order)]


def _unknown(facts: Facts) -> Iterable[Check]:
    known = {
        "financial_status": (_financial(facts), FINANCIAL),
        "fulfillment_status": (_progress(facts), {"", "partial", "fulfilled", "restocked", "pending"}),
    }
    for name, (value, values) in known.items():
        if value not in values:
            yield Check(code=UNKNOWN_STATUS, message=f"{name} {value[:40]!r} is new to us")
    for one in facts.order.fulfillment_orders:
        if (one.status or "").upper() not in FULFILLMENT_ORDER:
            yield Check(code=UNKNOWN_STATUS, message=f"fulfillment order {(one.status or '')[:40]!r} is new to us")


def _flags(order: Order) -> Iterable[Check]:
    for word in dict.fromkeys((one.status or "").upper() for one in order.fulfillment_orders):
        if word in FULFILLMENT_ORDER_FLAGS:
            code, message = FULFILLMENT_ORDER_FLAGS[word]
            yield Check(code=code, message=message)
    replaced = (order.fulfillment_status or "").lower() == "fulfilled"  # what failed was done again since
    for parcel in order.fulfillments:
        if has_failed(parcel) and not (replaced and parcel.status in FAILED):
            failure = parcel.status if parcel.status in FAILED else parcel.shipment_status
            yield Check(code=NEEDS_STAFF, message=f"fulfillment {parcel.name or parcel.id or ''}: {failure}")


def has_failed(parcel: Parcel) -> bool:
    """Whether people have to look after this parcel."""
    return parcel.status in FAILED or parcel.shipment_status == "failure"


def parcel_status(parcel: Parcel) -> Status | None:
    """What a fulfillment by itself says of its order; None when it needs staff, or says nothing we know."""
    if has_failed(parcel) or parcel.status != "success":
        return None
    if parcel.shipment_status is None:
        return Status.PICKED_UP
    return SHIPMENT.get(parcel.shipment_status)


def cancel_reason(order: Order) -> StatusReason:
    """Why Shopify says the order ended."""
    word = order.cancel_reason
    code = CANCEL_REASONS.get((word or "").lower())
    details = f"Shopify: {word}" if code is CancelReason.OTHER else None
    return StatusReason(code=code, source_code=word, details=details)
