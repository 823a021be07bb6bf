"""What Toast sends, as far as we read it. Unknown fields are kept.

https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Order
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderhub.platforms.payload import Degrees, Id, NullAsEmpty, Payload, Text

# Major units; taxes and shares of discounts may have any number of digits. The bounds keep sums of them sane.
Amount = Annotated[Decimal, Field(ge=-(10**9), le=10**9, allow_inf_nan=False)]
Quantity = Annotated[Decimal, Field(ge=0, le=10**6, allow_inf_nan=False)]
Flag = bool | None


class ToastPayload(Payload):
    """Base of the models: names as Toast writes them."""

    model_config = ConfigDict(alias_generator=to_camel)  # type: ignore[pydantic-alias]  # never made by name


class Reference(ToastPayload):
    """What is configured elsewhere, by its id alone."""

    guid: Text = None
    multi_location_id: Text = None


class LoyaltyDetails(ToastPayload):
    """vendor: whose loyalty programme a discount belongs to."""

    vendor: Text = None


class Discount(ToastPayload):
    """A discount on a line or check; the amount is positive."""

    name: Text = None
    discount_amount: Amount | None = None
    processing_state: Text = None
    loyalty_details: LoyaltyDetails | None = None
    applied_promo_code: Text = None


class Selection(ToastPayload):
    """A line, or one modifier of a line; its quantity counts for all units of what it is on.

    receipt_line_price: of one, without modifiers and discounts; with taxes where they are included. pre_discount_price:
    of all of them with modifiers, without tax. price: the same after discounts.
    """

    guid: Id
    item: Reference | None = None
    plu: Text = None
    display_name: Text = None
    quantity: Quantity | None = None
    receipt_line_price: Amount | None = None
    pre_discount_price: Amount | None = None
    price: Amount | None = None
    tax: Amount | None = None
    tax_inclusion: Text = None
    voided: Flag = None
    selection_type: Text = None
    fulfillment_status: Text = None
    pre_modifier: Reference | None = None
    applied_discounts: Annotated[list[Discount], NullAsEmpty] = []
    modifiers: Annotated[list[Selection], NullAsEmpty] = []


class ServiceCharge(ToastPayload):
    """A fee. delivery, takeout, dine_in: the kinds of order it is for; gratuity: it is a tip."""

    name: Text = None
    charge_amount: Amount | None = None
    delivery: Flag = None
    takeout: Flag = None
    dine_in: Flag = None
    gratuity: Flag = None
    service_charge_category: Text = None


class Refund(ToastPayload):
    """Money given back for a payment."""

    refund_amount: Amount | None = None
    tip_refund_amount: Amount | None = None


class Payment(ToastPayload):
    """amount: without the tip."""

    type: Text = None
    payment_status: Text = None
    amount: Amount | None = None
    tip_amount: Amount | None = None
    refund_status: Text = None
    refund: Refund | None = None


class Customer(ToastPayload):
    """Who ordered; a webhook tells no more than the id."""

    guid: Text = None
    first_name: Text = None
    last_name: Text = None
    phone: Text = None
    email: Text = None


class Check(ToastPayload):
    """A part of the bill. total_amount: with tax, without tips and gratuities."""

    display_number: Text = None
    voided: Flag = None
    deleted: Flag = None
    payment_status: Text = None
    tax_amount: Amount | None = None
    total_amount: Amount | None = None
    customer: Customer | None = None
    selections: Annotated[list[Selection], NullAsEmpty] = []
    applied_discounts: Annotated[list[Discount], NullAsEmpty] = []
    applied_service_charges: Annotated[list[ServiceCharge], NullAsEmpty] = []
    payments: Annotated[list[Payment], NullAsEmpty] = []


class DeliveryInfo(ToastPayload):
    """Where it goes; a webhook leaves out the address."""

    address1: Text = None
    address2: Text = None
    city: Text = None
    state: Text = None
    zip_code: Text = None
    latitude: Degrees = None
    longitude: Degrees = None
    notes: Text = None
    delivery_state: Text = None


class CurbsidePickupInfo(ToastPayload):
    """The car to look for."""

    transport_description: Text = None
    transport_color: Text = None
    notes: Text = None


class Order(ToastPayload):
    """A whole order. closed_date: when it was last closed; a deleted order has been merged into another."""

    guid: Id
    display_number: Text = None
    external_id: Text = None
    source: Text = None
    created_in_test_mode: Flag = None
    approval_status: Text = None
    voided: Flag = None
    deleted: Flag = None
    dining_option: Reference | None = None
    table: Reference | None = None
    number_of_guests: Annotated[int, Field(ge=0, lt=10**6)] | None = None
    created_date: Text = None
    opened_date: Text = None
    promised_date: Text = None
    estimated_fulfillment_date: Text = None
    closed_date: Text = None
    modified_date: Text = None
    required_prep_time: Text = None
    delivery_info: DeliveryInfo | None = None
    curbside_pickup_info: CurbsidePickupInfo | None = None
    checks: Annotated[list[Check], NullAsEmpty] = []


class DiningOption(ToastPayload):
    """How a restaurant hands orders out.

    https://doc.toasttab.com/openapi/configuration/tag/Data-definitions/schema/DiningOption
    """

    guid: Id
    behavior: Text = None
    curbside: Flag = None


class PreModifier(ToastPayload):
    """A word such as NO or EXTRA in front of a modifier, or behind it; configured, too."""

    guid: Id
    name: Text = None
    display_mode: Text = None


class Told(ToastPayload):
    """An order with what it takes to understand it: the `details` of a webhook, or what a fetch put together."""

    order: Order
    restaurant_guid: Text = None
    dining_options: Annotated[list[DiningOption], NullAsEmpty] = []
    pre_modifiers: Annotated[list[PreModifier], NullAsEmpty] = []


class Event(ToastPayload):
    """The body of every webhook. guid: the same when it is sent again. details: read by who knows the type."""

    timestamp: Text = None
    event_category: Text = None
    event_type: Text = None
    guid: Text = None
    details: Any = None


class GuestStatus(ToastPayload):
    """`details` of a guest order status."""

    order_guid: Id
    restaurant_guid: Text = None
    guest_order_status: Text = None
    event_guid: Text = None
    last_updated: Text = None
    version: Any = None
