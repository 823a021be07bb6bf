"""Bills as Petpooja prints, pushes and lists them, as far as we read them. Unknown fields are kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from orderhub.platforms.payload import Id, Payload, Text
from orderhub.platforms.petpooja.fields import Amount, AsList, AsObject, Count, MaybeQuantity, Quantity, Words


class Addon(Payload):
    """One add-on; price: of one."""

    addonid: Words = None
    addon_id: Words = None
    name: Words = None
    group_name: Words = None
    price: Amount = None
    quantity: MaybeQuantity = None

    @property
    def id(self) -> str | None:
        """Its id, which is spelled in two ways."""
        return self.addonid or self.addon_id

    @property
    def per_unit(self) -> Decimal:
        """How many of it each unit of the line has."""
        return Decimal(1) if self.quantity is None else self.quantity


class Line(Payload):
    """One line. total: before discounts; discount: its share of that of the whole bill."""

    itemid: Words = None
    itemcode: Words = None
    sap_code: Words = None
    name: Words = None
    quantity: Quantity
    price: Amount = None
    total: Amount = None
    discount: Amount = None
    tax: Amount = None
    category_name: Words = None
    specialnotes: Words = None
    addon: Annotated[list[Addon], AsList] = []


class Restaurant(Payload):
    """Whose bill it is."""

    rest_id: Id = Field(alias="restID")


class Customer(Payload):
    """Who ordered; all of it may be empty, and is on bills of marketplaces."""

    name: Words = None
    phone: Words = None
    address: Words = None
    gstin: Words = None


class PartPayment(Payload):
    """One of several payments."""

    payment_type: Words = None
    amount: Amount = None


class Details(Payload):
    """The bill itself. Times are local, and have no zone; order_date: the business day, in lists only."""

    order_id: Id = Field(alias="orderID")
    customer_invoice_id: Words = None
    order_from: Words = None
    order_from_too: Words = Field(default=None, alias="orderFrom")
    order_from_id: Words = None
    order_type: Words = None
    sub_order_type: Words = None
    status: Words = None
    created_on: Text = None
    order_date: Words = None
    core_total: Amount = None
    discount_total: Amount = None
    tax_total: Amount = None
    delivery_charges: Amount = None
    packaging_charge: Amount = None
    service_charge: Amount = None
    round_off: Amount = None
    total_charges: Amount = Field(default=None, alias="totalCharges")
    total: Amount = None
    payment_type: Words = None
    custom_payment_type: Words = None
    part_payments: Annotated[list[PartPayment], AsList] = []
    table_no: Words = None
    no_of_persons: Count = None
    token_no: Words = None
    biller: Words = None
    assignee: Words = None
    comment: Words = None

    @property
    def origin(self) -> str | None:
        """`POS`, or the marketplace; it is spelled in two ways."""
        return self.order_from or self.order_from_too


class Rate(Payload):
    """A tax or discount. type: P or percentage, or F; amount: in rupees, whatever the type."""

    title: Words = None
    type: Words = None
    rate: Amount = None
    amount: Amount = None


class Bill(Payload):
    """One bill: the `properties` of a pushed one, or a row of a list."""

    restaurant: Restaurant = Field(alias="Restaurant")
    customer: Annotated[Customer | None, AsObject] = Field(default=None, alias="Customer")
    order: Details = Field(alias="Order")
    tax: Annotated[list[Rate], AsList] = Field(default=[], alias="Tax")
    discount: Annotated[list[Rate], AsList] = Field(default=[], alias="Discount")
    lines: Annotated[list[Line], AsList] = Field(default=[], alias="OrderItem")


class BareBill(Bill):
    """A bill that comes without its envelope, perhaps with the token beside it."""

    token: Any = Field(default=None, repr=False)
    big_token: Any = Field(default=None, repr=False, alias="Token")


class Event(Payload):
    """The envelope of a pushed bill; properties: the bill, if that is what the event is about."""

    event: Words = None
    token: Any = Field(default=None, repr=False)
    big_token: Any = Field(default=None, repr=False, alias="Token")
    properties: Any = None
