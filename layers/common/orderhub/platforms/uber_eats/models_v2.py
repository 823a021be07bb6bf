"""An order of the classic API (v2); only what is read of it, unknown fields are kept.

https://developer.uber.com/docs/eats/references/api/v2/get-eats-order-orderid
"""

from __future__ import annotations

from typing import Annotated

from orderhub.platforms.payload import Degrees, Id, NullAsEmpty, Payload, Text
from orderhub.platforms.uber_eats.models_v2_cart import Cart, Payment


class Store(Payload):
    """Where it was ordered."""

    id: Text = None
    integrator_store_id: Text = None
    integrator_brand_id: Text = None
    merchant_store_id: Text = None


class Location(Payload):
    """type: STREET_ADDRESS, or GOOGLE_PLACE, which has a place id and no street."""

    type: Text = None
    street_address: Text = None
    google_place_id: Text = None
    title: Text = None
    unit_number: Text = None
    business_name: Text = None
    latitude: Degrees = None
    longitude: Degrees = None


class EaterDelivery(Payload):
    """Where a restaurant with couriers of its own delivers to."""

    location: Location | None = None
    type: Text = None
    notes: Text = None


class Eater(Payload):
    """phone_code: to be dialled after the number, which is anonymised. delivery: where the restaurant delivers."""

    id: Text = None
    first_name: Text = None
    last_name: Text = None
    phone: Text = None
    phone_code: Text = None
    corporate_tax_id_taiwan: Text = None
    delivery: EaterDelivery | None = None


class Vehicle(Payload):
    """What the courier rides."""

    make: Text = None
    model: Text = None
    color: Text = None
    license_plate: Text = None


class Delivery(Payload):
    """One of Uber's couriers."""

    first_name: Text = None
    phone: Text = None
    phone_code: Text = None
    vehicle: Vehicle | None = None
    current_state: Text = None
    estimated_pickup_time: Text = None


class DisposableItems(Payload):
    """should_include: null when the customer did not choose."""

    should_include: bool | None = None


class Packaging(Payload):
    """What is packed with the order."""

    disposable_items: DisposableItems | None = None


class OrderV2(Payload):
    """The answer of `GET /v2/eats/order/{id}`."""

    id: Id
    display_id: Text = None
    external_reference_id: Text = None
    current_state: Text = None
    type: Text = None
    brand: Text = None
    store: Store | None = None
    eater: Eater | None = None
    eaters: Annotated[list[Eater], NullAsEmpty] = []
    cart: Cart | None = None
    payment: Payment | None = None
    packaging: Packaging | None = None
    placed_at: Text = None
    estimated_ready_for_pickup_at: Text = None
    deliveries: Annotated[list[Delivery], NullAsEmpty] = []
