"""What ordering apps send, as far as we read it. Unknown fields are kept.

https://onlineorderingapisv210.docs.apiary.io/
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from orderhub.platforms.payload import Degrees, Id, Payload, Text
from orderhub.platforms.petpooja.fields import (
    Amount,
    AsList,
    AsObject,
    Count,
    Flag,
    Many,
    MaybeQuantity,
    One,
    Quantity,
    Words,
)


class Keyed(Payload):
    """A body with the three keys in it. They are proved before anything is read, and stand here to be known fields."""

    app_key: Any = Field(default=None, repr=False)
    app_secret: Any = Field(default=None, repr=False)
    access_token: Any = Field(default=None, repr=False)


class GstShare(Payload):
    """Who owes how much of a tax: `vendor` is the ordering app."""

    gst_liable: Words = None
    amount: Amount = None


class ItemTax(Payload):
    """One tax on a line."""

    id: Words = None
    name: Words = None
    amount: Amount = None


class Addon(Payload):
    """One add-on; price: of one."""

    id: Words = None
    name: Words = None
    group_id: Words = None
    group_name: Words = None
    price: Amount = None
    quantity: MaybeQuantity = None

    @property
    def per_unit(self) -> Decimal:
        """How many of it each unit of the line has."""
        return Decimal(1) if self.quantity is None else self.quantity


class Line(Payload):
    """One line. price: of one unit, with its add-ons. final_price: after the discount; of what, senders differ."""

    id: Id
    name: Words = None
    quantity: Quantity
    price: Amount = None
    final_price: Amount = None
    item_discount: Amount = None
    gst_liability: Words = None
    item_tax: Annotated[list[ItemTax], AsList] = []
    variation_id: Words = None
    variation_name: Words = None
    description: Words = None
    addon_item: Annotated[Many[Addon] | None, AsObject] = Field(default=None, alias="AddonItem")

    @property
    def addons(self) -> list[Addon]:
        """Its add-ons."""
        return self.addon_item.details if self.addon_item else []


class Restaurant(Payload):
    """Whose order it is."""

    rest_id: Id = Field(alias="restID")


class Customer(Payload):
    """Who ordered; address is one line."""

    name: Words = None
    phone: Words = None
    email: Words = None
    address: Words = None
    latitude: Degrees = None
    longitude: Degrees = None


class Details(Payload):
    """The order itself. Times are local, and have no zone."""

    order_id: Id = Field(alias="orderID")
    order_type: Words = None
    created_on: Words = None
    advanced_order: Flag = None
    preorder_date: Words = None
    preorder_time: Words = None
    urgent_order: Flag = None
    urgent_time: Count = None
    min_prep_time: Count = None
    description: Words = None
    table_no: Words = None
    no_of_persons: Count = None
    enable_delivery: Flag = None
    otp: Words = None
    payment_type: Words = None
    collect_cash: Amount = None
    total: Amount = None
    tax_total: Amount = None
    discount_total: Amount = None
    discount_type: Words = None
    delivery_charges: Amount = None
    packing_charges: Amount = None
    service_charge: Amount = None
    dc_tax_amount: Amount = None
    pc_tax_amount: Amount = None
    sc_tax_amount: Amount = None
    dc_gst_details: Annotated[list[GstShare], AsList] = []
    pc_gst_details: Annotated[list[GstShare], AsList] = []
    sc_gst_details: Annotated[list[GstShare], AsList] = []
    callback_url: Text = None
    ondc_bap: Words = None


class Discount(Payload):
    """One discount. price: of type F an amount, of type P a percentage."""

    id: Words = None
    title: Words = None
    type: Words = None
    price: Amount = None


class Info(Payload):
    """`OrderInfo`."""

    restaurant: One[Restaurant] = Field(alias="Restaurant")
    customer: Annotated[One[Customer] | None, AsObject] = Field(default=None, alias="Customer")
    order: One[Details] = Field(alias="Order")
    order_item: Many[Line] = Field(alias="OrderItem")
    discount: Annotated[Many[Discount] | None, AsObject] = Field(default=None, alias="Discount")


class Wrapper(Payload):
    """`orderinfo`."""

    info: Info = Field(alias="OrderInfo")


class SaveOrder(Keyed):
    """The body of save_order."""

    orderinfo: Wrapper


class Change(Keyed):
    """The body of update_order_status. client_order_id: the sender's own id; orderID is always empty."""

    client_order_id: Id = Field(alias="clientorderID")
    rest_id: Text = Field(default=None, alias="restID")
    order_id: Any = Field(default=None, alias="orderID")
    status: Words = None
    cancel_reason: Words = Field(default=None, alias="cancelReason")


class Rider(Payload):
    """Who brings it; some senders name the fields otherwise."""

    rider_name: Words = None
    rider_phone_number: Words = None
    name: Words = None
    contact: Words = None


class RiderUpdate(Keyed):
    """The body of rider_status_update. outlet_id: the restaurant, which most senders leave out."""

    order_id: Id
    outlet_id: Text = None
    status: Words = None
    rider_data: Annotated[Rider | None, AsObject] = None
    external_order_id: Any = None


class Stock(Payload):
    """What a restaurant's POS has or has not. item_ids: of items or add-ons, as `type` says."""

    rest_id: Id = Field(alias="restID")
    type: Words = None
    in_stock: bool = Field(alias="inStock")
    item_ids: list[Id] = Field(alias="itemID")
    auto_turn_on_time: Any = Field(default=None, alias="autoTurnOnTime")
    custom_turn_on_time: Any = Field(default=None, alias="customTurnOnTime")


class Callback(Payload):
    """What a restaurant's POS tells of an order. order_id: the ordering app's id."""

    rest_id: Id = Field(alias="restID")
    order_id: Id = Field(alias="orderID")
    status: Words = None
    cancel_reason: Words = None
    minimum_prep_time: Any = None
    minimum_delivery_time: Any = None
    rider_name: Words = None
    rider_phone_number: Words = None
    is_modified: Any = None
