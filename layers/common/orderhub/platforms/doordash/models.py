"""What DoorDash sends, as far as we read it. Unknown fields are kept. Money: whole cents.

https://developer.doordash.com/en-US/api/marketplace
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orderhub.platforms.payload import Degrees, Id, NullAsEmpty, Payload, Text


def _in_field(name: str) -> BeforeValidator:
    """For an object that may come as plain text, which is then this field of it."""
    return BeforeValidator(lambda value: {name: value} if isinstance(value, str) else value)


# The bounds keep a number such as 1E+999999999 from being written out.
Cents = Annotated[int, Field(ge=-(10**12), le=10**12)]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6, allow_inf_nan=False)]


class Option(Payload):
    """A choice: quantity and price are for one unit of what it belongs to. extra: as one sample spells extras."""

    merchant_supplied_id: Text = None
    name: Text = None
    price: Cents | None = None
    quantity: Quantity | None = None
    line_option_id: Text = None
    extras: Annotated[list[Extra], NullAsEmpty] = []
    extra: Annotated[list[Extra], NullAsEmpty] = []


class Extra(Payload):
    """A group of choices."""

    merchant_supplied_id: Text = None
    name: Text = None
    options: Annotated[list[Option], NullAsEmpty] = []


class DiscountDetail(Payload):
    """One promotion. merchant_funded and doordash_funded are its parts; discount_amount: its older name."""

    total_discount_amount: Cents | None = None
    discount_amount: Cents | None = None
    promo_id: Text = None
    promo_code: Text = None
    external_campaign_id: Text = None
    merchant_funded_discount_amount: Cents | None = None
    doordash_funded_discount_amount: Cents | None = None


class Substitute(Payload):
    """What may come instead."""

    merchant_supplied_id: Text = None
    name: Text = None


class SubstitutionPreferences(Payload):
    """What the customer wants when an item is out: refund, substitute, contact or generic_category.

    DoorDash does not publish whether a choice comes as an object or as text.
    """

    out_of_stock_preference: Text = None
    substitution_choices: Annotated[list[Annotated[Substitute, _in_field("name")]], NullAsEmpty] = []


class Item(Payload):
    """A line. price: of one unit without options. options: in one sample they are here, without a group."""

    merchant_supplied_id: Text = None
    name: Text = None
    price: Cents | None = None
    quantity: Quantity | None = None
    line_item_id: Text = None
    consumer_name: Text = None
    special_instructions: Text = None
    extras: Annotated[list[Extra], NullAsEmpty] = []
    extra: Annotated[list[Extra], NullAsEmpty] = []
    options: Annotated[list[Option], NullAsEmpty] = []
    substitution_preferences: SubstitutionPreferences | None = None
    applied_item_discount_details: Annotated[list[DiscountDetail], NullAsEmpty] = []
    snap_amount: Cents | None = None


class Category(Payload):
    """A part of the menu, with what was ordered of it."""

    merchant_supplied_id: Text = None
    name: Text = None
    items: Annotated[list[Item], NullAsEmpty] = []


class Consumer(Payload):
    """Who ordered. last_name: its initial; phone: masked, or DoorDash's support; email: DoorDash's support."""

    id: Text = None
    first_name: Text = None
    last_name: Text = None
    phone: Text = None
    email: Text = None


class Store(Payload):
    """Where it was ordered. merchant_supplied_id: our own id of the store."""

    merchant_supplied_id: Text = None
    provider_type: Text = None
    timezone: Text = None


class Address(Payload):
    """Where it goes; only in orders that the store delivers itself."""

    street: Text = None
    subpremise: Text = None
    city: Text = None
    state: Text = None
    zip_code: Text = None
    country_code: Text = None
    lat: Degrees = None
    lng: Degrees = None
    address_instructions: Text = None


class Fee(Payload):
    """A fee and the tax on it. type: BAG_FEE."""

    type: Text = None
    price: Cents | None = None
    tax: Cents | None = None


class Order(Payload):
    """An order. It has no total, and neither currency nor created_at are documented; they are read when they come."""

    id: Id
    store_order_cart_id: Text = None
    delivery_short_code: Text = None
    currency: Text = None
    created_at: Text = None
    experience: Text = None
    fulfillment_type: Text = None
    is_pickup: bool | None = None
    is_scheduled: bool | None = None
    estimated_pickup_time: Text = None
    order_special_instructions: Text = None
    special_instructions: Text = None
    consumer: Consumer | None = None
    store: Store | None = None
    delivery_address: Annotated[Address | None, _in_field("street")] = None
    address_instructions: Text = None
    categories: Annotated[list[Category], NullAsEmpty] = []
    subtotal: Cents | None = None
    subtotal_for_tax: Cents | None = None
    tax: Cents | None = None
    subtotal_tax_amount: Cents | None = None
    is_tax_remitted_by_doordash: bool | None = None
    tax_amount_remitted_by_doordash: Cents | None = None
    custom_fee: Annotated[list[Fee], NullAsEmpty] = []
    delivery_fee: Cents | None = None
    taxes_on_fees: Cents | None = None
    extra_cart_order_fee: Cents | None = None
    merchant_tip_amount: Cents | None = None
    tip_amount: Annotated[Decimal, Field(max_digits=15, decimal_places=4, allow_inf_nan=False)] | None = None
    applied_discounts_details: Annotated[list[DiscountDetail], NullAsEmpty] = []
    total_merchant_funded_discount_amount: Cents | None = None
    applied_discounts: Annotated[list[DiscountDetail], NullAsEmpty] = []
    discount_amount: Cents | None = None
    subtotal_discount_funding_source: Text = None
    commission_type: Text = None
    is_plastic_ware_option_selected: bool | None = None


class Event(Payload):
    """What a webhook says of itself. status: NEW."""

    type: Text = None
    status: Text = None
    event_time: Text = None


class AdjustmentMetadata(Payload):
    """Who changed the lines, and when."""

    adjustment_source: Text = None
    adjustment_timestamp: Text = None


class OrderEvent(Payload):
    """A new order, or one whose lines were changed."""

    event: Event | None = None
    order: Order
    order_adjustment_metadata: AdjustmentMetadata | None = None


class Cancellation(Payload):
    """The Order Canceled webhook. client_order_id: our id of the order; there is no reason."""

    external_order_id: Id
    client_order_id: Text = None
    store: Store | None = None
    is_asap: bool | None = None


class Vehicle(Payload):
    """What the Dasher drives."""

    color: Text = None
    make: Text = None
    model: Text = None


class Dasher(Payload):
    """DoorDash's courier."""

    first_name: Text = None
    last_name: Text = None
    phone_number: Text = None
    vehicle: Vehicle | None = None
    latitude: Degrees = None
    longitude: Degrees = None


class Release(Payload):
    """The Order Release webhook: the Dasher is near. distance_from_store: metres."""

    external_order_id: Id
    client_order_id: Text = None
    store: Store | None = None
    distance_from_store: Any = None
    dasher: Dasher | None = None


class Delivery(Payload):
    """Where the Dasher is. location_id: our own id of the store."""

    external_order_id: Id
    client_order_id: Text = None
    location_id: Text = None
    dasher_status: Text = None
    dasher: Dasher | None = None


class DasherStatus(Payload):
    """The Dasher Status webhook."""

    event: Event | None = None
    created_at: Text = None
    delivery: Delivery
