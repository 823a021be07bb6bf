"""Who brings it, where the merchant has the hub say so: a driver of their own, or a courier on demand.

https://docs.shipday.com/reference/assign
https://docs.shipday.com/reference/availability-1
https://docs.shipday.com/reference/estimate
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orderhub.errors import Misconfigured, Quarantine, Reject
from orderhub.order.money import minor_units
from orderhub.platforms.base import Done, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.pieces import rfc3339
from orderhub.platforms.shipday import mapper
from orderhub.platforms.shipday.config import ShipdayConnection, ShipdaySettings
from orderhub.platforms.shipday.lines import major, major_text
from orderhub.platforms.shipday.models import Driver, OnDemand, Quote
from orderhub.platforms.shipday.plain import told
from orderhub.platforms.shipday.reads import deliveries_of, id_of, known_in, rows_of, service_for
from orderhub.platforms.shipday.statuses import COURIER_GONE
from orderhub.platforms.targets import Delivery

DRIVER, SERVICE, REFERENCE = "driver", "service", "reference"
"""Who was assigned, among what Shipday answered: a driver's id, or a service and its own number of the delivery."""


def verify_connection(connection: ShipdayConnection, http: Http) -> Done:
    """Lists the drivers. Raises Misconfigured when the settings prefer one whom Shipday does not have."""
    drivers = rows_of(http.request("GET", "/carriers"), Driver)
    unknown = [one for one in connection.settings.drivers if not any(_is(one, driver) for driver in drivers)]
    if unknown:
        raise Misconfigured(f"Shipday has no driver {', '.join(unknown)}")
    on_shift = sum(map(_can_drive, drivers))
    return Done(note=f"Shipday has {len(drivers)} drivers, {on_shift} of them on shift")


def find_courier(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done | None:
    """Whoever was assigned, by us or by anybody."""
    service = service_for(id_of(delivery), http)
    if service is not None:
        return Done(ids=_of_service(service))
    found = known_in(delivery, deliveries_of(delivery, http))
    driver = found.assigned_carrier if found is not None else None
    return Done(ids={DRIVER: driver.id}) if driver is not None and driver.id is not None else None


def assign_courier(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done:
    """Assigns whom the settings prefer. Raises Reject when there is nobody, or nobody at the price."""
    match connection.settings.courier:
        case "driver":
            return _assign_driver(delivery, connection.settings, http)
        case "provider" | "cheapest":
            return _book(delivery, connection, http)
        case _:
            return Done(note="Shipday assigns by itself")


def _assign_driver(delivery: Delivery, settings: ShipdaySettings, http: Http) -> Done:
    """The first of the preferred drivers who is on shift."""
    shipday_id = id_of(delivery)
    drivers = rows_of(http.request("GET", "/carriers"), Driver)
    wanted = (driver for one in settings.drivers for driver in drivers if _is(one, driver) and _can_drive(driver))
    driver = next(wanted, None)
    if driver is None:
        raise Reject("NO_DRIVER_ON_SHIFT", "none of the preferred drivers is on shift at Shipday")
    http.request("PUT", f"/orders/assign/{shipday_id}/{driver.id}", json={})
    return Done(note=f"assigned to {driver.name or driver.id}", ids={DRIVER: str(driver.id)})


def _is(wanted: str, driver: Driver) -> bool:
    return wanted == driver.id or wanted.casefold() == (driver.email or "").casefold()


def _can_drive(driver: Driver) -> bool:
    return driver.id is not None and driver.is_on_shift is True and driver.is_active is not False


def _book(delivery: Delivery, connection: ShipdayConnection, http: Http) -> Done:
    """A courier on demand at the best quote. The quote's id holds its price."""
    shipday_id, settings = id_of(delivery), connection.settings
    amounts = delivery.order.amounts
    quotes = _estimates(shipday_id, http) if settings.quote_by == "estimate" else _available(delivery, connection, http)
    quote, fee = _best(quotes, settings, amounts.currency)
    tip = amounts.driver_tip if amounts.driver_tip is not None else amounts.tip
    many = len(settings.proof) > 1
    body = {
        "name": quote.name,
        "orderId": shipday_id,
        # A tip of zero would replace the one of the order.
        "tip": major(tip, amounts.currency) if tip else None,
        "estimateReference": quote.id,
        "contactlessDelivery": settings.contactless,
        "podTypes": list(settings.proof) if many else None,
        "podType": settings.proof[0] if settings.proof and not many else None,
    }
    booked = _booked(http.request("POST", "/on-demand/assign", json=told(body)).json())
    if booked.status in COURIER_GONE:
        raise Reject("COURIER_REFUSED", f"{quote.name} did not take the delivery")
    named = booked.model_copy(update={"third_party_name": booked.third_party_name or quote.name})
    price = f"{major_text(fee, amounts.currency)} {amounts.currency}"
    return Done(note=f"{named.third_party_name} brings it for {price}", ids=_of_service(named))


def _estimates(shipday_id: int, http: Http) -> list[Quote]:
    """An object by the documentation, an array in practice."""
    body = http.request("GET", f"/on-demand/estimate/{shipday_id}").json()
    return [parse_as(Quote, row) for row in (body if isinstance(body, list) else [body])]


def _available(delivery: Delivery, connection: ShipdayConnection, http: Http) -> list[Quote]:
    order, pickup = delivery.order, delivery.pickup
    fetched, brought = mapper.pickup_time(order), mapper.delivery_time(order, connection.settings)
    body = {
        "pickupAddress": mapper.one_line(pickup.address) if pickup.address else None,
        "deliveryAddress": mapper.one_line(order.address) if order.address else None,
        "pickUpTime": rfc3339(fetched) if fetched else None,
        "deliveryTime": rfc3339(brought) if brought else None,
    }
    return rows_of(http.request("POST", "/on-demand/availability", json=told(body)), Quote)


def _best(quotes: list[Quote], settings: ShipdaySettings, currency: str) -> tuple[Quote, int]:
    """The cheapest quote of those that count, and its price in minor units. Raises Reject when there is none."""
    wanted = settings.provider.casefold() if settings.courier == "provider" else None
    there = [
        (quote, minor_units(_price(quote), currency))
        for quote in quotes
        if not quote.error and quote.name and quote.fee is not None and wanted in (None, quote.name.casefold())
    ]
    if not there:
        who = settings.provider if wanted else "courier on demand"
        raise Reject("NO_COURIER_AVAILABLE", f"Shipday has no {who} for this delivery now")
    quote, price = min(there, key=lambda one: one[1])
    if settings.most_fee is not None and price > settings.most_fee:
        told_price = f"{major_text(price, currency)} {currency}"
        raise Reject("COURIER_TOO_EXPENSIVE", f"{quote.name} asks {told_price}, more than the settings allow")
    return quote, price


def _price(quote: Quote) -> Decimal:
    """What is billed is more than the fee where regulations or a minimum say so."""
    return max((quote.fee or Decimal(0)) + (quote.regulatory_fee or 0), quote.min_billable_fee or Decimal(0))


def _booked(body: Any) -> OnDemand:
    if not isinstance(body, dict):
        raise Quarantine("the answer to a booking is not an object")
    return parse_as(OnDemand, body)


def _of_service(service: OnDemand) -> dict[str, str]:
    known = {SERVICE: service.third_party_name, REFERENCE: service.reference_id}
    return {name: value for name, value in known.items() if value}
