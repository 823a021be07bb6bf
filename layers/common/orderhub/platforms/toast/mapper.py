"""Toast's order as a canonical order. Pure.

It takes the order as `GET /orders/v2/orders/{guid}` answers it, the `details` of a webhook, or what `client.fetch` has
put together: the order with the dining options and pre-modifiers of its restaurant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from orderhub.errors import Ignore, Quarantine
from orderhub.order.models import Address, Customer, Fulfillment, Order, Reservation, StatusReason
from orderhub.order.models import Check as Flagged
from orderhub.order.status import CLOSED, Status
from orderhub.order.times import parse_duration, parse_time, sortable
from orderhub.platforms.base import Connection, parse_as
from orderhub.platforms.pieces import UNREADABLE_TIME
from orderhub.platforms.toast import models
from orderhub.platforms.toast.lines import Items, discounts_of, group_ids, is_food, is_request, live_checks, live_lines
from orderhub.platforms.toast.models import Check, CurbsidePickupInfo, DeliveryInfo, Selection, Told
from orderhub.platforms.toast.statuses import (
    APPROVALS,
    BEHAVIORS,
    CHECK_CLOSED,
    CHECK_STATUSES,
    DELIVERY_STATES,
    LINE_READY,
    LINE_STATUSES,
)
from orderhub.platforms.toast.sums import amounts_of, charges_in_words, payment_of, payments_in_words, refunded

UNKNOWN_STATUS = "UNKNOWN_STATUS"

RESTAURANT = "restaurant"
"""Where `Order.source` and `OrderReference.ref` name the restaurant."""
DINING_OPTION = "dining_option"
VOID = "void"
"""Where `Order.source` says that our own client may void the order."""


class NothingOnIt(Ignore):
    """An order with no line that counts and nobody's name. status: where it stands, with its reason."""

    def __init__(self, external_id: str, restaurant: str | None, status: Status, reason: StatusReason | None) -> None:
        super().__init__("nothing is on the check, and nobody's name")
        self.external_id = external_id
        self.restaurant = restaurant
        self.status = status
        self.reason = reason


def to_order(payload: Any, connection: Connection[Any, Any]) -> Order:
    """One full order. Raises Quarantine, NothingOnIt."""
    told = parse_as(Told, payload) if isinstance(payload, dict) and "order" in payload else _bare(payload)
    try:
        return _order(told, connection)
    except (ValidationError, ArithmeticError) as error:
        raise Quarantine(f"an order beyond all measure: {type(error).__name__}") from None


def _bare(payload: Any) -> Told:
    return Told.model_construct(order=parse_as(models.Order, payload))


def version_of(modified: object) -> str | None:
    """The version of an order: its time of change as text that sorts. None when there is none, or no time."""
    try:
        return sortable(parse_time(modified)) if isinstance(modified, str) else None
    except Quarantine:
        return None


def the_store(connection: Connection[Any, Any]) -> str | None:
    """The restaurant of whatever names none: the only one on the map."""
    return next(iter(connection.stores)) if len(connection.stores) == 1 else None


def _order(told: Told, connection: Connection[Any, Any]) -> Order:
    theirs = told.order
    flags: list[Flagged] = []
    checks = live_checks(theirs)
    lines = live_lines(checks)
    status = _status(theirs, checks, lines, flags)
    named = checks or theirs.checks
    customer = next((check.customer for check in named if check.customer is not None), None)
    restaurant = told.restaurant_guid or the_store(connection)
    once_had_some = status in CLOSED and any(check.selections for check in theirs.checks)
    if not lines and customer is None and not once_had_some:
        raise NothingOnIt(theirs.guid, restaurant, status, _reason(theirs, status))
    store = connection.store(restaurant)
    pre_modifiers = {one.guid: one for one in told.pre_modifiers}
    items = Items(store.currency, pre_modifiers).of(line for line in lines if is_food(line) and not is_request(line))
    discounts = discounts_of(checks, store.currency)
    time = _reader(store.time_zone, flags)
    return Order(
        id=connection.order_id(theirs.guid),
        platform=connection.platform,
        connection_id=connection.id,
        channel=_channel(theirs.source, connection.platform),
        external_id=theirs.guid,
        display_id=theirs.display_number or next((one.display_number for one in named if one.display_number), None),
        store_id=store.id,
        store_external_id=restaurant,
        status=status,
        status_reason=_reason(theirs, status),
        fulfillment=_fulfillment(told, connection),
        placed_at=time(theirs.created_date or theirs.opened_date, "createdDate"),
        scheduled_for=time(theirs.promised_date, "promisedDate"),
        ready_at=time(theirs.estimated_fulfillment_date, "estimatedFulfillmentDate"),
        prep_minutes=_minutes(theirs.required_prep_time, flags),
        customer=_customer(customer),
        address=_address(theirs.delivery_info),
        items=items,
        amounts=amounts_of(checks, lines, discounts, items, store.currency),
        discounts=discounts,
        payment=payment_of(checks, store.currency),
        notes=_notes(theirs, lines),
        reservation=Reservation(party_size=theirs.number_of_guests, table=theirs.table.guid) if theirs.table else None,
        is_test=bool(theirs.created_in_test_mode),
        source=_source(told, restaurant, lines, store.currency, connection),
        checks=flags,
    )


# --- where it stands ----------------------------------------------------------------------------------------------


def _is_closed(order: models.Order, checks: Sequence[Check], _: Sequence[Selection]) -> bool:
    return bool(order.closed_date and checks) and all(one.payment_status == CHECK_CLOSED for one in checks)


def _is_ready(_order: models.Order, _checks: Sequence[Check], lines: Sequence[Selection]) -> bool:
    return bool(lines) and all(one.fulfillment_status == LINE_READY for one in lines)


def _is_delivered_as(status: Status) -> Callable[[models.Order, Sequence[Check], Sequence[Selection]], bool]:
    return lambda order, _checks, _lines: DELIVERY_STATES.get(_delivery_state(order) or "") is status


# The first that holds says where the order stands; after these, its approval does.
_RULES: tuple[tuple[Callable[[models.Order, Sequence[Check], Sequence[Selection]], bool], Status], ...] = (
    (lambda order, _checks, _lines: bool(order.voided or order.deleted), Status.CANCELLED),
    (lambda order, _checks, _lines: APPROVALS.get(order.approval_status or "") is Status.DENIED, Status.DENIED),
    (_is_closed, Status.COMPLETED),
    (_is_delivered_as(Status.COMPLETED), Status.COMPLETED),
    (_is_delivered_as(Status.PICKED_UP), Status.PICKED_UP),
    (_is_ready, Status.READY),
)


def _status(order: models.Order, checks: Sequence[Check], lines: Sequence[Selection], flags: list[Flagged]) -> Status:
    """Where the order stands. An approval that is not known waits for somebody to look."""
    words = [
        ("approvalStatus", order.approval_status, APPROVALS),
        ("deliveryState", _delivery_state(order), DELIVERY_STATES),
        *(("paymentStatus", check.payment_status, CHECK_STATUSES) for check in checks),
        *(("fulfillmentStatus", line.fulfillment_status, LINE_STATUSES) for line in lines),
    ]
    unknown = dict.fromkeys((name, word) for name, word, known in words if word is not None and word not in known)
    flags += [
        Flagged(code=UNKNOWN_STATUS, message=f"Toast says {name} {word[:60]!r}") for name, word in list(unknown)[:5]
    ]
    for holds, status in _RULES:
        if holds(order, checks, lines):
            return status
    return APPROVALS.get(order.approval_status or "APPROVED", Status.INCOMING)


def _delivery_state(order: models.Order) -> str | None:
    return order.delivery_info.delivery_state if order.delivery_info else None


def _reason(order: models.Order, status: Status) -> StatusReason | None:
    """Toast has no codes for why. A deleted order lives on in another: the guest has nothing to be told."""
    if status is Status.DENIED:
        return StatusReason(source_code="NOT_APPROVED")
    if status is not Status.CANCELLED:
        return None
    if order.voided:
        return StatusReason(source_code="voided")
    return StatusReason(source_code="deleted", details="deleted on the POS, or combined with another order there")


# --- who, how, when -----------------------------------------------------------------------------------------------


def _fulfillment(told: Told, connection: Connection[Any, Any]) -> Fulfillment | None:
    """By its dining option; where that is not known, by what is filled in."""
    order = told.order
    guid = order.dining_option.guid if order.dining_option else None
    option = next((one for one in told.dining_options if one.guid == guid), None)
    behavior = option.behavior if option else connection.settings.dining_options.get(guid or "")
    if option and option.curbside and behavior == "TAKE_OUT":
        behavior = "CURBSIDE"
    known = BEHAVIORS.get(behavior or "")
    if known is not None:
        return known
    guesses = (
        (order.delivery_info and order.delivery_info.address1, Fulfillment.DELIVERY),
        (order.curbside_pickup_info, Fulfillment.PICKUP),
        (order.table, Fulfillment.DINE_IN),
    )
    return next((guess for filled_in, guess in guesses if filled_in), None)


def _channel(source: str | None, platform: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in (source or "").lower()).split()
    return "_".join(words) or platform


def _customer(theirs: models.Customer | None) -> Customer | None:
    """Who ordered; None where a webhook leaves everything out but the id."""
    if theirs is None:
        return None
    name = " ".join(part for part in (theirs.first_name, theirs.last_name) if part) or None
    if not (name or theirs.phone or theirs.email):
        return None
    return Customer(name=name, phone=theirs.phone, email=theirs.email, external_id=theirs.guid)


def _address(theirs: DeliveryInfo | None) -> Address | None:
    """Where it goes; None where a webhook leaves out all but the place on the map."""
    if theirs is None or not (theirs.address1 or theirs.city or theirs.zip_code):
        return None
    return Address(
        line1=theirs.address1,
        line2=theirs.address2,
        city=theirs.city,
        region=theirs.state,
        postal_code=theirs.zip_code,
        lat=theirs.latitude,
        lng=theirs.longitude,
    )


def _notes(order: models.Order, lines: Sequence[Selection]) -> str | None:
    """What the guest wants the store to know: of the delivery or the car, and wishes that are on no line."""
    delivery, curbside = order.delivery_info or DeliveryInfo(), order.curbside_pickup_info or CurbsidePickupInfo()
    car = " ".join(part for part in (curbside.transport_color, curbside.transport_description) if part)
    told = [delivery.notes] if delivery.notes else [curbside.notes, car]
    wishes = [line.display_name for line in lines if is_request(line)]
    return "; ".join(part for part in (*told, *wishes) if part) or None


def _reader(zone: str, flags: list[Flagged]) -> Callable[[str | None, str], datetime | None]:
    """Reads times that an order can do without: one that cannot be read is flagged."""

    def read(text: str | None, what: str) -> datetime | None:
        try:
            return None if text is None else parse_time(text, zone)
        except Quarantine as error:
            flags.append(Flagged(code=UNREADABLE_TIME, message=f"{what}: {error}"))
            return None

    return read


def _minutes(text: str | None, flags: list[Flagged]) -> int | None:
    try:
        return None if text is None else parse_duration(text) // timedelta(minutes=1)
    except Quarantine as error:
        flags.append(Flagged(code=UNREADABLE_TIME, message=f"requiredPrepTime: {error}"))
        return None


def _source(
    told: Told, restaurant: str | None, lines: Sequence[Selection], currency: str, connection: Connection[Any, Any]
) -> dict[str, str]:
    """What Toast says that has no place of its own, and what it takes to act on the order."""
    order, settings = told.order, connection.settings
    ours = bool(settings.own_prefix) and (order.external_id or "").startswith(settings.own_prefix)
    given_back = refunded(order.checks, currency)
    found = {
        RESTAURANT: restaurant,
        DINING_OPTION: order.dining_option.guid if order.dining_option else None,
        VOID: "allowed" if settings.may_void and ours else None,
        "source": order.source,
        "reference": order.external_id,
        "approval": order.approval_status,
        "guests": None if order.number_of_guests is None else str(order.number_of_guests),
        "payments": payments_in_words(order.checks),
        "charges": charges_in_words(order.checks),
        "multi_location_ids": group_ids(lines),
        "refunded": str(given_back) if given_back else None,
    }
    return {name: value for name, value in found.items() if value}
