"""Shopify's order as the canonical one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from typing import Any

from pydantic import ValidationError

from orderhub.errors import Ignore, Quarantine
from orderhub.order import models
from orderhub.order.models import Check, Courier, Customer, DeliveredBy, Fulfillment, Order, Tracking
from orderhub.order.status import Status
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Connection, StoreRef, parse_as
from orderhub.platforms.shopify import amounts as money
from orderhub.platforms.shopify import from_graphql, statuses
from orderhub.platforms.shopify import models as shopify
from orderhub.platforms.shopify.lines import changes, items_of
from orderhub.platforms.shopify.schedule import Schedule, is_about_time, schedule_of
from orderhub.platforms.shopify.settings import Credentials, Settings

CURRENCY_ASSUMED = "CURRENCY_ASSUMED"
UNKNOWN_METHOD = "UNKNOWN_METHOD"

ShopConnection = Connection[Credentials, Settings]

_NOBODY, _NOWHERE = shopify.Customer(), shopify.Address()


def read_order(payload: Any) -> shopify.Order:
    """An order as a webhook or the GraphQL API gives it. Raises Quarantine when it is neither."""
    return parse_as(shopify.Order, from_graphql.rest_order(payload) if from_graphql.is_graphql(payload) else payload)


def to_order(order: shopify.Order, connection: ShopConnection, shop: str | None = None) -> Order:
    """Maps one order. shop: the domain it came from, where the settings do not say.

    Raises Quarantine when it makes no sense, Ignore when it is not to be made (yet), or a test that is to be dropped.
    """
    try:
        return _map(order, connection, shop)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise Quarantine(f"order {order.id}: {places}") from None


def version_of(updated_at: str | None, time_zone: str = "UTC") -> str | None:
    """When it last changed at Shopify, as text that sorts. Raises Quarantine when that is no time."""
    return sortable(parse_time(updated_at, time_zone)) if updated_at else None


def guessed(order: shopify.Order) -> frozenset[str]:
    """The fields that an order from a webhook does not really tell: only the API knows its fulfillment orders."""
    if order.fulfillment_orders:
        return frozenset()
    how = frozenset({"fulfillment", "delivered_by"})
    return how if order.location_id else how | {"store_id", "store_external_id"}


def tracking_of(parcel: shopify.Fulfillment) -> list[Tracking]:
    """The parcels of a fulfillment, one for each number."""
    numbers = parcel.tracking_numbers or [parcel.tracking_number]
    urls = parcel.tracking_urls or [parcel.tracking_url]
    return [
        Tracking(carrier=parcel.tracking_company, code=number, url=url)
        for number, url in zip_longest(numbers, urls)
        if number or url
    ]


def _map(order: shopify.Order, connection: ShopConnection, shop: str | None) -> Order:
    settings = connection.settings
    if order.test and settings.test_orders == "drop":
        raise Ignore(f"order {order.name or order.id}: it is a test")
    external_store = _store_of(order, connection) or shop
    store = connection.store(external_store)
    currency = order.currency or store.currency
    fulfillment, method_checks = _fulfillment(order, settings)
    status, status_checks = statuses.status_of(_facts(order, fulfillment, settings))
    items = items_of(order, currency)
    amounts = money.amounts_of(order, items, currency)
    placed_at = _time(order.created_at or order.processed_at, store)
    schedule = schedule_of(order, fulfillment, placed_at, store, settings)
    customer = _customer(order)
    brought = fulfillment in {Fulfillment.DELIVERY, Fulfillment.SHIPPING}
    return Order(
        id=connection.order_id(order.id),
        platform=connection.platform,
        connection_id=connection.id,
        channel=connection.platform,
        external_id=order.id,
        display_id=order.name or (f"#{order.order_number}" if order.order_number else None),
        store_id=store.id,
        store_external_id=external_store,
        status=status,
        status_reason=statuses.cancel_reason(order) if status is Status.CANCELLED else None,
        fulfillment=fulfillment,
        delivered_by=DeliveredBy.STORE if brought else None,
        placed_at=placed_at,
        scheduled_for=schedule.scheduled_for,
        delivery_at=schedule.delivery_at,
        customer=customer,
        address=_address(order, customer),
        items=items,
        amounts=amounts,
        discounts=money.discounts_of(order, currency),
        payment=money.payment_of(order, amounts, settings),
        notes=_notes(order, settings),
        courier=_courier(order),
        tracking=[one for parcel in order.fulfillments if parcel.status == "success" for one in tracking_of(parcel)],
        is_test=bool(order.test),
        source=_source(order, currency),
        checks=[*method_checks, *status_checks, *_checks(order, amounts, schedule)],
    )


def _checks(order: shopify.Order, amounts: models.Amounts, schedule: Schedule) -> Iterator[Check]:
    if not order.currency:
        yield Check(code=CURRENCY_ASSUMED, message=f"no currency is said: {amounts.currency} of the store is assumed")
    yield from schedule.checks
    yield from changes(order)
    yield from money.money_checks(order, amounts)


def _store_of(order: shopify.Order, connection: ShopConnection) -> str | None:
    """The till's location; else the location that has to make it, if it is one of ours; else the shop."""
    if order.location_id:
        return order.location_id
    assigned = {one.assigned_location_id for one in order.fulfillment_orders if one.assigned_location_id}
    if len(assigned) == 1 and (location := assigned.pop()) in connection.stores:
        return location
    return connection.settings.shop or None


def _facts(order: shopify.Order, fulfillment: Fulfillment | None, settings: Settings) -> statuses.Facts:
    on_the_way = {Fulfillment.SHIPPING, *((Fulfillment.DELIVERY,) if settings.delivered_ends_delivery else ())}
    return statuses.Facts(
        order=order,
        to_collect=any(money.is_manual(name, settings) for name in money.gateways_of(order)),
        on_the_way=fulfillment in on_the_way,
    )


def _fulfillment(order: shopify.Order, settings: Settings) -> tuple[Fulfillment | None, list[Check]]:
    """How it travels: as the fulfillment orders say, else a guess by whether there is an address."""
    told = [
        one.delivery_method.method_type.upper()
        for one in order.fulfillment_orders
        if one.delivery_method and one.delivery_method.method_type
    ]
    known = [method for method in told if method in statuses.METHODS]
    if known:
        return next((found for one in known if (found := statuses.METHODS[one])), None), []
    checks = [Check(code=UNKNOWN_METHOD, message=f"delivery method {one[:40]!r} is new to us") for one in told[:1]]
    guess = settings.fulfillment_with_address if order.shipping_address else settings.fulfillment_without_address
    return guess, checks


def _time(text: str | None, store: StoreRef) -> datetime | None:
    return parse_time(text, store.time_zone) if text else None


def _customer(order: shopify.Order) -> Customer | None:
    customer = order.customer or _NOBODY
    shipping, billing = order.shipping_address or _NOWHERE, order.billing_address or _NOWHERE
    name = " ".join(filter(None, (customer.first_name, customer.last_name)))
    found = Customer(
        name=name or shipping.name or billing.name,
        phone=customer.phone or order.phone or shipping.phone or billing.phone,
        email=order.email or order.contact_email or customer.email,
        external_id=customer.id,
    )
    return None if found == Customer() else found


def _address(order: shopify.Order, customer: Customer | None) -> models.Address | None:
    address = order.shipping_address
    if address is None:
        return None
    recipient = address.name if customer and address.name != customer.name else None
    return models.Address(
        line1=address.address1,
        line2=address.address2,
        city=address.city,
        region=address.province_code or address.province,
        postal_code=address.zip,
        country=address.country_code or address.country,
        lat=address.latitude,
        lng=address.longitude,
        company=address.company,
        instructions=f"For {recipient}" if recipient else None,
    )


def _notes(order: shopify.Order, settings: Settings) -> str | None:
    """The note, and what else the customer was asked for in the cart (but not when they want it)."""
    asked = [
        f"{pair.name}: {pair.value}"
        for pair in order.note_attributes
        if pair.name and pair.value and not pair.name.startswith("_") and not is_about_time(pair, settings)
    ]
    return "\n".join(filter(None, (order.note, *asked))) or None


def _courier(order: shopify.Order) -> Courier | None:
    """News of the last parcel that has any."""
    parcel = next((one for one in reversed(order.fulfillments) if one.shipment_status), None)
    if parcel is None:
        return None
    url = next((one.url for one in tracking_of(parcel) if one.url), None)
    return Courier(status=parcel.shipment_status, tracking_url=url, delivered_by=DeliveredBy.STORE)


def _source(order: shopify.Order, currency: str) -> dict[str, str]:
    """Shopify's own words that have no other place, and what we need to act on the order."""
    methods = (one.delivery_method.method_type for one in order.fulfillment_orders if one.delivery_method)
    words = {
        "gid": order.admin_graphql_api_id,
        "source_name": order.source_name,
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "payment_gateways": ", ".join(money.gateways_of(order)),
        "presentment_currency": order.presentment_currency if order.presentment_currency != order.currency else None,
        "current_total_price": None if order.current_total_price is None else str(order.current_total_price),
        "total_outstanding": None if order.total_outstanding is None else str(order.total_outstanding),
        "delivery_method": ", ".join(sorted({method for method in methods if method})),
        "location": ", ".join(sorted({one.assigned_location_id or "" for one in order.fulfillment_orders} - {""})),
        "line_discounts": money.line_discounts(order, currency),
    }
    return {name: value for name, value in words.items() if value}
