"""The payloads of Shopify's webhooks, and which of their fields we know of but do not need.

Orders are those of the REST Admin API: https://shopify.dev/docs/api/admin-rest/latest/resources/order. Orders read
through GraphQL are brought into the same shape (from_graphql.py), with `fulfillment_orders` besides.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orderhub.platforms.payload import Id, NullAsEmpty, Payload, Text


def _no_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _coordinate(value: Any) -> float | None:
    """A float, or text in old orders. What is none is left out: an order is worth more than its place on the map."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= 180 else None


def _pairs(value: Any) -> Any:
    """Old orders hold line properties as an object instead of a list of names and values."""
    if isinstance(value, dict):
        return [{"name": name, "value": one} for name, one in value.items()]
    return [] if value is None else value


def _shown(value: Any) -> Any:
    """A property may be a number or a choice; lists and objects are for apps, not for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal | float):
        return str(value)
    return None if isinstance(value, list | dict) else value


_Sane = Annotated[Decimal, Field(max_digits=20, allow_inf_nan=False)]
Amount = Annotated[_Sane | None, BeforeValidator(_no_blank)]
"""Money in major units: a decimal string, sometimes a number; blank is None."""

Count = Annotated[int, Field(ge=0, lt=10**9)]
Coordinate = Annotated[float | None, BeforeValidator(_coordinate)]
Flag = bool | None


class Pair(Payload):
    """A name and a value: a property of a line, an attribute of an order."""

    name: Text = None
    value: Annotated[Text, BeforeValidator(_shown)] = None


class Money(Payload):
    """An amount in one currency."""

    amount: Amount = None


class MoneySet(Payload):
    """An amount in the shop's currency (and in the customer's, which we leave)."""

    shop_money: Money | None = None


class TaxLine(Payload):
    """One tax. channel_liable: whether the sales channel pays it to the state."""

    price: Amount = None
    channel_liable: Flag = None


class Allocation(Payload):
    """What one discount takes off one line."""

    amount: Amount = None
    discount_application_index: int | None = None


class Line(Payload):
    """One line. quantity: as sold; current_quantity: after refunds and edits; price: of one, before discounts."""

    id: Id
    variant_id: Text = None
    sku: Text = None
    name: Text = None
    title: Text = None
    quantity: Count = 0
    current_quantity: Count | None = None
    price: Amount = None
    gift_card: Flag = None
    requires_shipping: Flag = None
    properties: Annotated[list[Pair], BeforeValidator(_pairs)] = []
    tax_lines: Annotated[list[TaxLine], NullAsEmpty] = []
    discount_allocations: Annotated[list[Allocation], NullAsEmpty] = []

    @property
    def is_tip(self) -> bool:
        """Whether the line is a tip, which Shopify marks by the mere presence of this key."""
        return "tip_payment_gateway" in (self.model_extra or {})


class ShippingLine(Payload):
    """What is asked for the way to the customer."""

    price: Amount = None
    is_removed: Flag = None
    discount_allocations: Annotated[list[Allocation], NullAsEmpty] = []


class DiscountCode(Payload):
    """A code the customer gave, and what it took off."""

    code: Text = None
    amount: Amount = None


class DiscountApplication(Payload):
    """A discount, by its code or its name."""

    code: Text = None
    title: Text = None
    description: Text = None


class Address(Payload):
    """Where it goes, or who pays."""

    name: Text = None
    company: Text = None
    address1: Text = None
    address2: Text = None
    city: Text = None
    zip: Text = None
    province: Text = None
    province_code: Text = None
    country: Text = None
    country_code: Text = None
    phone: Text = None
    latitude: Coordinate = None
    longitude: Coordinate = None


class Customer(Payload):
    """Who ordered; null at the till, in draft orders, and without approval for protected customer data."""

    id: Text = None
    first_name: Text = None
    last_name: Text = None
    email: Text = None
    phone: Text = None


class Fulfillment(Payload):
    """A parcel, or a hand-over. order_id: there when it comes alone."""

    id: Text = None
    order_id: Text = None
    name: Text = None
    status: Text = None
    shipment_status: Text = None
    tracking_company: Text = None
    tracking_number: Text = None
    tracking_numbers: Annotated[list[Text], NullAsEmpty] = []
    tracking_url: Text = None
    tracking_urls: Annotated[list[Text], NullAsEmpty] = []


class FulfillmentNotice(Fulfillment):
    """The body of fulfillments/create and fulfillments/update."""

    order_id: Id


class DeliveryMethod(Payload):
    """How a fulfillment order travels. Times: the window that was promised."""

    method_type: Text = None
    min_delivery_date_time: Text = None
    max_delivery_date_time: Text = None


class FulfillmentOrder(Payload):
    """What one location has to do of an order; known through the API only."""

    status: Text = None
    assigned_location_id: Text = None
    assigned_location_name: Text = None
    delivery_method: DeliveryMethod | None = None


class Transaction(Payload):
    """A movement of money within a refund."""

    kind: Text = None
    status: Text = None
    amount: Amount = None
    currency: Text = None


class Refund(Payload):
    """Money given back."""

    transactions: Annotated[list[Transaction], NullAsEmpty] = []


class RefundNotice(Payload):
    """The body of refunds/create."""

    order_id: Id


class OrderEdit(Payload):
    """What orders/edited is about: the change, not the order."""

    order_id: Id


class OrderEditNotice(Payload):
    """The body of orders/edited."""

    order_edit: OrderEdit


class InventoryLevel(Payload):
    """The body of inventory_levels/update. available: null when the item is not tracked."""

    inventory_item_id: Id
    location_id: Text = None
    available: int | None = Field(None, gt=-(10**9), lt=10**9)
    updated_at: Text = None


class Order(Payload):
    """An order. Amounts without `current_` keep the value they had at the sale."""

    id: Id
    admin_graphql_api_id: Text = None
    name: Text = None
    order_number: Text = None
    created_at: Text = None
    processed_at: Text = None
    updated_at: Text = None
    cancelled_at: Text = None
    cancel_reason: Text = None
    financial_status: Text = None
    fulfillment_status: Text = None
    test: Flag = None
    note: Text = None
    note_attributes: Annotated[list[Pair], BeforeValidator(_pairs)] = []
    email: Text = None
    contact_email: Text = None
    phone: Text = None
    source_name: Text = None
    location_id: Text = None
    currency: Text = None
    presentment_currency: Text = None
    taxes_included: Flag = None
    payment_gateway_names: Annotated[list[Text], NullAsEmpty] = []
    total_line_items_price: Amount = None
    total_discounts: Amount = None
    total_tax: Amount = None
    total_shipping_price_set: MoneySet | None = None
    total_tip_received: Amount = None
    total_price: Amount = None
    current_total_price: Amount = None
    total_outstanding: Amount = None
    tax_lines: Annotated[list[TaxLine], NullAsEmpty] = []
    discount_codes: Annotated[list[DiscountCode], NullAsEmpty] = []
    discount_applications: Annotated[list[DiscountApplication], NullAsEmpty] = []
    customer: Customer | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    line_items: Annotated[list[Line], NullAsEmpty] = []
    shipping_lines: list[ShippingLine] | None = None
    fulfillments: Annotated[list[Fulfillment], NullAsEmpty] = []
    fulfillment_orders: Annotated[list[FulfillmentOrder], NullAsEmpty] = []
    refunds: Annotated[list[Refund], NullAsEmpty] = []
