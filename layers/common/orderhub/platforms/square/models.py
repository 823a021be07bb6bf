"""Square's order and customer, as far as we read them. Unknown fields are kept.

https://developer.squareup.com/reference/square/objects/Order
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from orderhub.order.money import LARGEST
from orderhub.platforms.payload import Id, NullAsEmpty, Payload, Text

# Whole numbers only, and no conversion: 1E+999999999 must not become an int on the way to being refused.
Cents = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Version = Annotated[int, Field(strict=True, ge=0, lt=10**18)]
# Square keeps up to five decimals; the bounds keep 1E-999999999 from being written out.
Quantity = Annotated[Decimal, Field(max_digits=19, decimal_places=10, ge=0, lt=10**9, allow_inf_nan=False)]


class Money(Payload):
    """An amount in minor units; zero where Square leaves the number out."""

    amount: Cents | None = None
    currency: Text = None

    @property
    def cents(self) -> int:
        """Minor units."""
        return self.amount or 0


class Address(Payload):
    """A postal address."""

    address_line_1: Text = None
    address_line_2: Text = None
    address_line_3: Text = None
    locality: Text = None
    administrative_district_level_1: Text = None
    postal_code: Text = None
    country: Text = None


class Recipient(Payload):
    """Who gets the goods. Deliveries run by a third party hide some of it."""

    customer_id: Text = None
    display_name: Text = None
    email_address: Text = None
    phone_number: Text = None
    address: Address | None = None


class Curbside(Payload):
    """Where the car stands."""

    curbside_details: Text = None


class Details(Payload):
    """The particulars of a fulfillment: pickup, delivery, shipment and in-store share most of their names."""

    recipient: Recipient | None = None
    schedule_type: Text = None
    placed_at: Text = None
    pickup_at: Text = None
    deliver_at: Text = None
    expected_shipped_at: Text = None
    courier_pickup_at: Text = None
    expires_at: Text = None
    prep_time_duration: Text = None
    pickup_window_duration: Text = None
    delivery_window_duration: Text = None
    accepted_at: Text = None
    in_progress_at: Text = None
    ready_at: Text = None
    prepared_at: Text = None
    packaged_at: Text = None
    rejected_at: Text = None
    cancel_reason: Text = None
    failure_reason: Text = None
    note: Text = None
    dropoff_notes: Text = None
    shipping_note: Text = None
    is_no_contact_delivery: bool | None = None
    is_curbside_pickup: bool | None = None
    curbside_pickup_details: Curbside | None = None
    managed_delivery: bool | None = None
    courier_provider_name: Text = None
    courier_support_phone_number: Text = None
    square_delivery_id: Text = None
    external_delivery_id: Text = None
    carrier: Text = None
    shipping_type: Text = None
    tracking_number: Text = None
    tracking_url: Text = None


# Fulfillment type -> the field that holds its particulars.
DETAILS: dict[str, str] = {
    "PICKUP": "pickup_details",
    "DELIVERY": "delivery_details",
    "SHIPMENT": "shipment_details",
    "IN_STORE": "in_store_details",
}


class Fulfillment(Payload):
    """How some or all of an order reaches its customer."""

    uid: Text = None
    type: Text = None
    state: Text = None
    pickup_details: Details | None = None
    delivery_details: Details | None = None
    shipment_details: Details | None = None
    in_store_details: Details | None = None

    @property
    def details(self) -> Details:
        """The particulars of its own type, else whichever are there."""
        own = DETAILS.get(self.type or "")
        names = [own] if own else []
        found = (getattr(self, name) for name in (*names, *DETAILS.values()))
        return next((one for one in found if one is not None), None) or Details()


class Modifier(Payload):
    """A choice on a line. quantity is for one piece of the line."""

    uid: Text = None
    catalog_object_id: Text = None
    name: Text = None
    quantity: Quantity | None = None
    base_price_money: Money | None = None
    total_price_money: Money | None = None


class AppliedTax(Payload):
    """The part of a tax that falls on one line."""

    tax_uid: Text = None
    applied_money: Money | None = None


class MeasurementUnit(Payload):
    """A unit of measure: one of these is set."""

    custom_unit: dict[str, Any] | None = None
    area_unit: Text = None
    length_unit: Text = None
    volume_unit: Text = None
    weight_unit: Text = None
    time_unit: Text = None


class QuantityUnit(Payload):
    """What a quantity counts, when it is not pieces."""

    measurement_unit: MeasurementUnit | None = None


class LineItem(Payload):
    """One line. Custom amounts have no catalog id and may have no name."""

    uid: Text = None
    catalog_object_id: Text = None
    name: Text = None
    variation_name: Text = None
    item_type: Text = None
    note: Text = None
    quantity: Quantity = Decimal(1)
    quantity_unit: QuantityUnit | None = None
    base_price_money: Money | None = None
    gross_sales_money: Money | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None
    total_money: Money | None = None
    modifiers: Annotated[list[Modifier], NullAsEmpty] = []
    applied_taxes: Annotated[list[AppliedTax], NullAsEmpty] = []


class Tax(Payload):
    """A tax of the order: on top of the prices (ADDITIVE) or inside them (INCLUSIVE)."""

    uid: Text = None
    type: Text = None
    applied_money: Money | None = None


class Discount(Payload):
    """A discount of the order or of lines; the amount is positive."""

    catalog_object_id: Text = None
    name: Text = None
    percentage: Text = None
    amount_money: Money | None = None
    applied_money: Money | None = None
    reward_ids: Annotated[list[Id], NullAsEmpty] = []


class ServiceCharge(Payload):
    """A charge on top: delivery, service, gratuity. Its additive tax is not in applied_money."""

    name: Text = None
    type: Text = None
    amount_money: Money | None = None
    applied_money: Money | None = None
    total_money: Money | None = None


class Tender(Payload):
    """One payment; the amount includes the tip."""

    id: Text = None
    payment_id: Text = None
    type: Text = None
    customer_id: Text = None
    amount_money: Money | None = None
    tip_money: Money | None = None


class Refund(Payload):
    """Money given back on one tender."""

    id: Text = None
    tender_id: Text = None
    status: Text = None
    reason: Text = None
    amount_money: Money | None = None


class OrderReturn(Payload):
    """Goods of another order that come back with this one."""

    source_order_id: Text = None


class MoneyAmounts(Payload):
    """A roll-up of amounts."""

    total_money: Money | None = None


class RoundingAdjustment(Payload):
    """What cash rounding adds to the total."""

    amount_money: Money | None = None


class Origin(Payload):
    """Where an order comes from."""

    product: Text = None
    name: Text = None


class Order(Payload):
    """One order, sale or return."""

    id: Id
    location_id: Text = None
    reference_id: Text = None
    ticket_name: Text = None
    creation_source: Origin | None = None
    source: Origin | None = None
    customer_id: Text = None
    state: Text = None
    version: Version | None = None
    created_at: Text = None
    updated_at: Text = None
    line_items: Annotated[list[LineItem], NullAsEmpty] = []
    taxes: Annotated[list[Tax], NullAsEmpty] = []
    discounts: Annotated[list[Discount], NullAsEmpty] = []
    service_charges: Annotated[list[ServiceCharge], NullAsEmpty] = []
    fulfillments: Annotated[list[Fulfillment], NullAsEmpty] = []
    tenders: Annotated[list[Tender], NullAsEmpty] = []
    refunds: Annotated[list[Refund], NullAsEmpty] = []
    returns: Annotated[list[OrderReturn], NullAsEmpty] = []
    return_amounts: MoneyAmounts | None = None
    net_amounts: MoneyAmounts | None = None
    rounding_adjustment: RoundingAdjustment | None = None
    metadata: dict[str, Any] | None = None
    total_money: Money | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None
    total_tip_money: Money | None = None
    total_service_charge_money: Money | None = None
    net_amount_due_money: Money | None = None

    @property
    def is_return(self) -> bool:
        """Whether it only takes goods back: there is nothing in it to make."""
        return bool(self.returns) and not self.line_items


class Customer(Payload):
    """A customer's profile."""

    given_name: Text = None
    family_name: Text = None
    company_name: Text = None
    email_address: Text = None
    phone_number: Text = None
