"""An order of the Order Fulfillment API 1.0.0 (v1); only what is read of it, unknown fields are kept.

https://developer.uber.com/docs/eats/api/v1/get-delivery-order-orderid
"""

from __future__ import annotations

from typing import Annotated

from orderhub.platforms.payload import Degrees, Id, NullAsEmpty, Payload, Text
from orderhub.platforms.uber_eats.models import Number
from orderhub.platforms.uber_eats.models_v1_cart import Cart, Payment


class PartnerIdentifier(Payload):
    """type: MERCHANT_STORE_ID, INTEGRATOR_STORE_ID, INTEGRATOR_BRAND_ID... id: an older name of value."""

    type: Text = None
    value: Text = None
    id: Text = None


class MerchantType(Payload):
    """MERCHANT_TYPE_RESTAURANT, MERCHANT_TYPE_GROCERY..."""

    type: Text = None


class Store(Payload):
    """Where it was ordered."""

    id: Text = None
    partner_identifiers: Annotated[list[PartnerIdentifier], NullAsEmpty] = []
    uber_merchant_type: MerchantType | None = None


class Name(Payload):
    """The name of a person."""

    display_name: Text = None
    first_name: Text = None
    last_name: Text = None


class Phone(Payload):
    """pin_code: to be dialled after the number, which is anonymised."""

    number: Text = None
    pin_code: Text = None


class Contact(Payload):
    """How to reach a person."""

    phone: Phone | None = None


class TaxProfile(Payload):
    """Who the invoice is for."""

    tax_id: Text = None


class Customer(Payload):
    """One of those who ordered."""

    id: Text = None
    name: Name | None = None
    contact: Contact | None = None
    is_primary_customer: bool | None = None
    tax_profiles: Annotated[list[TaxProfile], NullAsEmpty] = []


class Location(Payload):
    """type: STREET_ADDRESS, or GOOGLE_PLACE, whose id is in location_type_value."""

    type: Text = None
    street_address_line_one: Text = None
    street_address_line_two: Text = None
    client_provided_street_address_line_one: Text = None
    unit_number: Text = None
    business_name: Text = None
    city: Text = None
    postal_code: Text = None
    country: Text = None
    latitude: Degrees = None
    longitude: Degrees = None
    location_type_value: Text = None


class Vehicle(Payload):
    """What the courier rides; type: CAR, BICYCLE, MOTORBIKE, PEDESTRIAN."""

    type: Text = None
    make: Text = None
    model: Text = None
    color: Text = None
    license_plate: Text = None


class Position(Payload):
    """Where the courier is."""

    latitude: Degrees = None
    longitude: Degrees = None


class DeliveryPartner(Payload):
    """The courier; named once on the way to the store."""

    name: Name | None = None
    contact: Contact | None = None
    vehicle: Vehicle | None = None
    current_location: Position | None = None


class Delivery(Payload):
    """One trip of a courier. location: only where the merchant delivers."""

    status: Text = None
    delivery_partner: DeliveryPartner | None = None
    location: Location | None = None
    estimated_pick_up_time: Text = None
    estimated_dropoff_time: Text = None
    interaction_type: Text = None
    instructions: Text = None


class TimeRange(Payload):
    """Between when and when."""

    start_time: Text = None
    end_time: Text = None


class PreparationTime(Payload):
    """ready_for_pickup_time_secs: from the order's acceptance to ready_for_pickup_time."""

    ready_for_pickup_time: Text = None
    ready_for_pickup_time_secs: Number | None = None


class Eligibility(Payload):
    """Whether the store may do something."""

    is_eligible: bool | None = None


class EligibleActions(Payload):
    """What the store may do with the order now."""

    adjust_ready_for_pickup_time: Eligibility | None = None
    mark_out_of_item: Eligibility | None = None
    cancel: Eligibility | None = None


class FailureInfo(Payload):
    """Why a FAILED order failed."""

    reason: Text = None
    failure_attributed_to_party: Text = None
    will_merchant_be_paid: bool | None = None
    description: Text = None


class TrackingMetadata(Payload):
    """A link for the merchant's own courier."""

    url: Text = None


class OrderV1(Payload):
    """carts, deliveries and payment are there only when asked for with `expand`."""

    id: Id
    display_id: Text = None
    external_id: Text = None
    state: Text = None
    status: Text = None
    preparation_status: Text = None
    ordering_platform: Text = None
    fulfillment_type: Text = None
    scheduled_order_target_delivery_time_range: TimeRange | None = None
    store: Store | None = None
    customers: Annotated[list[Customer], NullAsEmpty] = []
    deliveries: Annotated[list[Delivery], NullAsEmpty] = []
    carts: list[Cart] | None = None
    payment: Payment | None = None
    store_instructions: Text = None
    preparation_time: PreparationTime | None = None
    eligible_actions: EligibleActions | None = None
    failure_info: FailureInfo | None = None
    created_time: Text = None
    order_tracking_metadata: TrackingMetadata | None = None
