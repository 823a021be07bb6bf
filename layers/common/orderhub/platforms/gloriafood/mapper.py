"""GloriaFood's order as a canonical order. Pure.

https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from orderhub.errors import Ignore, Quarantine
from orderhub.order.ids import item_id
from orderhub.order.models import Address, Check, Customer, Fulfillment, Item, Order, Reservation, StatusReason
from orderhub.order.pricing import line_total
from orderhub.order.status import Status
from orderhub.order.times import parse_time
from orderhub.platforms.base import Connection, StoreRef, parse_as
from orderhub.platforms.gloriafood import models
from orderhub.platforms.gloriafood.statuses import (
    API_VERSION,
    CURBSIDE,
    FULFILLMENTS,
    HANDOVERS,
    ITEM,
    MISSED_REASONS,
    STATUSES,
    TABLE_RESERVATION,
    TEST_SOURCE,
)
from orderhub.platforms.gloriafood.sums import (
    amounts_of,
    discounts_of,
    doubts,
    fees_told,
    money,
    payment_of,
    taxes_told,
)
from orderhub.platforms.pieces import joined

UNKNOWN_TYPE = "UNKNOWN_TYPE"


def to_order(payload: Any, connection: Connection[Any, Any]) -> Order:
    """One order of a document. Raises Quarantine, Ignore for what has nothing to be made (a table reservation)."""
    theirs = parse_as(models.Order, payload)
    if theirs.api_version not in (None, API_VERSION):
        raise Quarantine(f"api_version {theirs.api_version}: only version {API_VERSION} can be read")
    if theirs.type == TABLE_RESERVATION:
        raise Ignore("a table reservation: there is nothing to be made")
    if theirs.type not in FULFILLMENTS and not theirs.items:
        raise Ignore(f"of the type {theirs.type!r}, and without items: there is nothing to be made")
    try:
        return _order(theirs, connection)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Quarantine(f"no order can be made of it: {error.title} {place}: {first['msg']}") from None


def _order(theirs: models.Order, connection: Connection[Any, Any]) -> Order:
    store = _store(theirs, connection)
    currency = (theirs.currency or store.currency).upper()
    items = [_item(n, line, currency) for n, line in enumerate(theirs.items) if line.type == ITEM]
    amounts = amounts_of(theirs, items, currency)
    # The time that the customer asked for, else the promise that the restaurant gave.
    at, later, brought = _time(theirs.fulfill_at), bool(theirs.for_later), theirs.type == "delivery"
    return Order(
        id=connection.order_id(theirs.id),
        platform=connection.platform,
        connection_id=connection.id,
        channel=connection.platform,
        external_id=theirs.id,
        display_id=theirs.id,
        store_id=store.id,
        store_external_id=theirs.restaurant_id,
        status=_status(theirs),
        status_reason=_reason(theirs),
        fulfillment=_fulfillment(theirs),
        placed_at=_time(theirs.accepted_at),
        scheduled_for=at if later else None,
        ready_at=None if later or brought else at,
        delivery_at=at if brought and not later else None,
        customer=_customer(theirs),
        address=_address(theirs),
        items=items,
        amounts=amounts,
        discounts=discounts_of(theirs, currency),
        payment=payment_of(theirs, amounts.total),
        notes=_notes(theirs),
        reservation=_table(theirs),
        is_test=theirs.source == TEST_SOURCE,
        source=_source(theirs),
        checks=[*_unknown_type(theirs), *doubts(theirs)],
    )


def _store(theirs: models.Order, connection: Connection[Any, Any]) -> StoreRef:
    """Our store, by GloriaFood's id of the restaurant or by the token that the restaurant has set there.

    Raises Quarantine for a restaurant that is not on the map, unless the settings say that it is the default store's.
    """
    known, default = connection.stores, connection.default_store
    ours = {store.id: store for store in (default, *known.values())}
    restaurant, token = theirs.restaurant_id or "", theirs.restaurant_token or ""
    found = known.get(restaurant) or known.get(token) or ours.get(token)
    if found is None and known and connection.settings.known_restaurants_only:
        raise Quarantine(f"restaurant {restaurant!r} (token {token!r}) is none of this connection's stores")
    return found or default


def _status(theirs: models.Order) -> Status:
    """Where it stands. Raises Quarantine for a word that we do not know: the order stays as it is, and people look."""
    status = STATUSES.get(theirs.status or "")
    if status is None:
        raise Quarantine(f"GloriaFood says that the order is {theirs.status!r}, which may mean anything")
    return Status.READY if status is Status.ACCEPTED and theirs.ready else status


def _reason(theirs: models.Order) -> StatusReason | None:
    word = theirs.missed_reason
    return None if word is None else StatusReason(details=MISSED_REASONS.get(word), source_code=word)


def _fulfillment(theirs: models.Order) -> Fulfillment | None:
    known = FULFILLMENTS.get(theirs.type or "")
    curbside = known is Fulfillment.PICKUP and theirs.fulfillment_option == CURBSIDE
    return Fulfillment.CURBSIDE if curbside else known


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def _customer(theirs: models.Order) -> Customer | None:
    customer = Customer(
        name=joined([theirs.client_first_name, theirs.client_last_name], " "),
        phone=theirs.client_phone,
        email=theirs.client_email,
        external_id=theirs.client_id,
    )
    return None if customer == Customer() else customer


def _address(theirs: models.Order) -> Address | None:
    """Where it goes. Without an address the coordinates are not the customer's, though they may be there."""
    if theirs.client_address is None:
        return None
    parts = theirs.client_address_parts or models.AddressParts()
    inside = (parts.bloc, parts.floor, parts.apartment, parts.intercom, parts.more_address)
    return Address(
        line1=parts.street or parts.full_address or theirs.client_address,
        line2=joined(inside, ", "),
        city=parts.city,
        postal_code=parts.zipcode,
        lat=theirs.latitude,
        lng=theirs.longitude,
        instructions=HANDOVERS.get(theirs.fulfillment_option or ""),
    )


def _notes(theirs: models.Order) -> str | None:
    """What the customer wrote; and how to hand over what is not brought to an address."""
    handover = None if theirs.client_address else HANDOVERS.get(theirs.fulfillment_option or "")
    return joined([theirs.instructions, handover], "\n")


def _table(theirs: models.Order) -> Reservation | None:
    """Where the guests are. `persons` is 0 where nobody asked."""
    seating = theirs.dine_in_subtype_custom_name if theirs.dine_in_subtype == "custom" else None
    table = Reservation(
        party_size=theirs.persons or None, table=theirs.table_number, seating=seating or theirs.dine_in_subtype
    )
    return None if table == Reservation() else table


def _item(position: int, line: models.Line, currency: str) -> Item:
    key = line.id or f"#{position}"
    return Item(
        id=item_id(key),
        external_id=line.id,
        sku=line.type_id,
        name=line.name or key,
        quantity=line.quantity,
        unit_price=money(line.price, currency),
        total=money(line.total_item_price, currency),
        tax=money(line.tax_value, currency),
        notes=line.instructions,
        modifiers=[_modifier(key, n, option, currency) for n, option in enumerate(line.options)],
    )


def _modifier(line: str, position: int, option: models.Option, currency: str) -> Item:
    key = option.id or f"#{position}"
    item = Item(
        id=item_id(line, key),
        external_id=option.id,
        sku=option.type_id,
        name=option.name or key,
        quantity=option.quantity,
        unit_price=money(option.price, currency),
        category=option.group_name or option.type,
    )
    return item.model_copy(update={"total": line_total(item)})


def _source(theirs: models.Order) -> dict[str, str]:
    """What has no place in an order of ours, in GloriaFood's words."""
    told: Mapping[str, str | None] = {
        "type": theirs.type,
        "pos_system_id": theirs.pos_system_id,
        "restaurant_token": theirs.restaurant_token,
        "ordered_with": theirs.source,
        "client_address": theirs.client_address,
        "pin_skipped": "true" if theirs.client_address and theirs.pin_skipped else None,
        "fulfillment_option": theirs.fulfillment_option,
        "payment": theirs.payment,
        "used_payment_methods": joined(theirs.used_payment_methods, ", "),
        "gateway_type": theirs.gateway_type,
        "gateway_transaction_id": theirs.gateway_transaction_id,
        "card_type": theirs.card_type,
        "coupons": joined(theirs.coupons, ", "),
        "fees": fees_told(theirs),
        "taxes": taxes_told(theirs),
    }
    return {name: value for name, value in told.items() if value}


def _unknown_type(theirs: models.Order) -> list[Check]:
    if theirs.type in FULFILLMENTS:
        return []
    return [Check(code=UNKNOWN_TYPE, message=f"GloriaFood says that the order is of the type {theirs.type!r}")]
