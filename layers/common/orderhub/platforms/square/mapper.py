"""Square's order as a canonical order. Pure."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from orderhub.errors import Ignore, Quarantine
from orderhub.order.models import (
    Address,
    Check,
    Courier,
    Customer,
    DeliveredBy,
    Fulfillment,
    Order,
    StatusReason,
    Tracking,
)
from orderhub.order.status import Status
from orderhub.order.times import parse_duration, parse_time
from orderhub.platforms.base import StoreRef, parse_as
from orderhub.platforms.pieces import joined
from orderhub.platforms.square import models
from orderhub.platforms.square.config import SquareConnection
from orderhub.platforms.square.lines import items_of, line_discounts
from orderhub.platforms.square.statuses import ENDED, FULFILLMENT_TYPES, status_of
from orderhub.platforms.square.sums import amounts_of, discounts_of, payment_of, refunded

REFUNDED = "REFUNDED"
_SANDBOX = "squareupsandbox"
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


def to_order(payload: Any, connection: SquareConnection) -> Order:
    """The order in an answer of Square, `{"order": {...}}` or the order alone; `customer` beside it is used as well.

    Raises Quarantine when it is not of the documented shape, Ignore for what is no order yet, or no longer one.
    """
    wrapped = payload if isinstance(payload, dict) and "order" in payload else {"order": payload}
    order = parse_as(models.Order, wrapped["order"])
    profile = wrapped.get("customer")
    customer = None if profile is None else parse_as(models.Customer, profile)
    try:
        return _order(order, customer, connection)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise Quarantine(f"no order can be made of it: {places}") from None


def _order(order: models.Order, customer: models.Customer | None, connection: SquareConnection) -> Order:
    if order.is_return:
        sources = ", ".join(one.source_order_id or "an unknown order" for one in order.returns)
        raise Ignore(f"a return of {sources[:200]}: there is nothing to make")
    settings = connection.settings
    status, checks = status_of(order, settings.fulfillment_statuses, takes_tickets=settings.take_unpaid_tickets)
    store = connection.store(order.location_id)
    main = _main(order)
    details = main.details
    items = items_of(order)
    amounts = amounts_of(order, items, store.currency, settings.delivery_charge_words)
    given_back = refunded(order)
    if given_back:
        checks.append(_refund_check(given_back, amounts.total))
    return Order(
        id=connection.order_id(order.id),
        platform=connection.platform,
        connection_id=connection.id,
        channel=_channel(order, connection.platform),
        external_id=order.id,
        display_id=order.ticket_name or order.reference_id,
        store_id=store.id,
        store_external_id=order.location_id,
        status=status,
        status_reason=_reason(order, status),
        fulfillment=_kind(main),
        delivered_by=_delivered_by(main),
        placed_at=_time(order.created_at or details.placed_at, store),
        scheduled_for=_time(_wanted(details), store),
        accept_by=_time(details.expires_at, store),
        ready_at=_time(_ready(details), store),
        delivery_at=_time(details.deliver_at, store),
        prep_minutes=_minutes(details.prep_time_duration),
        customer=_customer(order, main, customer),
        address=_address(main),
        items=items,
        amounts=amounts,
        discounts=discounts_of(order),
        payment=payment_of(order),
        notes=_notes(order),
        courier=_courier(main),
        tracking=_tracking(order),
        is_test=_SANDBOX in settings.base_url,
        source=_source(order, main, given_back),
        checks=checks,
    )


def _main(order: models.Order) -> models.Fulfillment:
    """The fulfillment that says how the goods go out: the first that is not over."""
    live = (one for one in order.fulfillments if one.state not in ENDED)
    return next(live, order.fulfillments[0] if order.fulfillments else models.Fulfillment())


def _channel(order: models.Order, platform: str) -> str:
    """Where it was created, which stays, else the source, which changes with each app that touches the order."""
    product = order.creation_source.product if order.creation_source else None
    name = product or (order.source.name if order.source else None) or platform
    return _NOT_WORDS.sub("_", name.lower()).strip("_") or platform


def _kind(main: models.Fulfillment) -> Fulfillment | None:
    if main.type == "PICKUP" and main.details.is_curbside_pickup:
        return Fulfillment.CURBSIDE
    return FULFILLMENT_TYPES.get(main.type or "")


def _delivered_by(main: models.Fulfillment) -> DeliveredBy | None:
    details = main.details
    if main.type != "DELIVERY":
        return None
    if details.managed_delivery or details.courier_provider_name or details.square_delivery_id:
        return DeliveredBy.PLATFORM
    return DeliveredBy.STORE if details.managed_delivery is False else None


def _wanted(details: models.Details) -> str | None:
    """What the customer chose. As soon as possible: nothing, though Square writes its own estimate there."""
    if details.schedule_type == "ASAP":
        return None
    return details.pickup_at or details.deliver_at or details.expected_shipped_at


def _ready(details: models.Details) -> str | None:
    """When it was ready, else when somebody comes for it."""
    return (
        details.ready_at or details.prepared_at or details.packaged_at or details.courier_pickup_at or details.pickup_at
    )


def _time(text: str | None, store: StoreRef) -> datetime | None:
    return parse_time(text, store.time_zone) if text else None


def _minutes(duration: str | None) -> int | None:
    return math.ceil(parse_duration(duration) / timedelta(minutes=1)) if duration else None


def _customer(order: models.Order, main: models.Fulfillment, profile: models.Customer | None) -> Customer | None:
    recipient = main.details.recipient or models.Recipient()
    profile = profile or models.Customer()
    payers = [tender.customer_id for tender in order.tenders]
    customer = Customer(
        name=recipient.display_name or joined((profile.given_name, profile.family_name), " ") or profile.company_name,
        phone=recipient.phone_number or profile.phone_number,
        email=recipient.email_address or profile.email_address,
        external_id=next(filter(None, (recipient.customer_id, order.customer_id, *payers)), None),
    )
    return None if customer == Customer() else customer


def _address(main: models.Fulfillment) -> Address | None:
    recipient = main.details.recipient
    if recipient is None or recipient.address is None:
        return None
    given = recipient.address
    return Address(
        line1=given.address_line_1,
        line2=joined((given.address_line_2, given.address_line_3), ", "),
        city=given.locality,
        region=given.administrative_district_level_1,
        postal_code=given.postal_code,
        country=given.country,
        instructions=joined(_at_the_door(main.details), "\n"),
    )


def _at_the_door(details: models.Details) -> tuple[str | None, ...]:
    return details.dropoff_notes, "No-contact delivery" if details.is_no_contact_delivery else None


def _notes(order: models.Order) -> str | None:
    """All notes of all fulfillments, each once, one a line."""
    notes: list[str | None] = []
    for one in order.fulfillments:
        details = one.details
        curbside = details.curbside_pickup_details
        notes += [details.note, *_at_the_door(details), details.shipping_note]
        notes.append(curbside.curbside_details if curbside else None)
    return joined(dict.fromkeys(notes), "\n")


def _courier(main: models.Fulfillment) -> Courier | None:
    details = main.details
    if not (details.courier_provider_name or details.courier_support_phone_number):
        return None
    return Courier(
        name=details.courier_provider_name,
        phone=details.courier_support_phone_number,
        delivered_by=_delivered_by(main),
    )


def _tracking(order: models.Order) -> list[Tracking]:
    return [
        Tracking(carrier=details.carrier, code=details.tracking_number, url=details.tracking_url)
        for details in (one.details for one in order.fulfillments if one.state not in ENDED)
        if details.tracking_number or details.tracking_url or details.carrier
    ]


def _reason(order: models.Order, status: Status) -> StatusReason | None:
    """Square's free text for why it ended; there are no codes."""
    if status not in (Status.CANCELLED, Status.DENIED):
        return None
    texts = (one.details.cancel_reason or one.details.failure_reason for one in order.fulfillments)
    text = next(filter(None, texts), None)
    return StatusReason(details=text) if text else None


def _refund_check(given_back: int, total: int | None) -> Check:
    left = None if total is None else max(-(10**15), total - given_back)
    return Check(code=REFUNDED, message="money has been given back", expected=total, actual=left)


def _source(order: models.Order, main: models.Fulfillment, given_back: int) -> dict[str, str]:
    """What Square says that has no place of its own, in its own words."""
    details = main.details
    metadata = order.metadata or {}
    found: dict[str, str | None] = {
        "pos": "true" if order.version is None else None,
        "creation_source": order.creation_source.product if order.creation_source else None,
        "source_name": order.source.name if order.source else None,
        "reference_id": order.reference_id,
        "fulfillment_type": main.type if main.type not in FULFILLMENT_TYPES else None,
        "pickup_window": details.pickup_window_duration,
        "delivery_window": details.delivery_window_duration,
        "shipping_type": details.shipping_type,
        "square_delivery_id": details.square_delivery_id,
        "external_delivery_id": details.external_delivery_id,
        "tenders": _tenders(order) if len(order.tenders) > 1 else None,
        "line_discounts": line_discounts(order),
        "refunded": str(given_back) if given_back else None,
        "returns_of": joined((one.source_order_id for one in order.returns), ", "),
        **{f"metadata.{name}": value for name, value in metadata.items() if isinstance(value, str)},
    }
    return {name: value for name, value in found.items() if value}


def _tenders(order: models.Order) -> str:
    """Each payment with its amount in minor units."""
    return ", ".join(
        f"{tender.type or 'OTHER'} {tender.amount_money.cents if tender.amount_money else 0}"
        for tender in order.tenders
    )
