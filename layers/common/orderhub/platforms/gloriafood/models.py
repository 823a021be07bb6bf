"""What GloriaFood sends, as far as we read it. Unknown fields are kept.

https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md: the same document is pushed and
popped. Fields come and go over the years, so all but the id may be missing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from orderhub.platforms.payload import Degrees, Id, NullAsEmpty, Payload, Text

# The bounds keep a number such as 1E+99 from being written out.
Amount = Annotated[Decimal, Field(gt=-(10**9), lt=10**9, decimal_places=20, allow_inf_nan=False)]
"""Major units, with two decimals or four."""
Quantity = Annotated[Decimal, Field(ge=0, lt=10**6, decimal_places=6, allow_inf_nan=False)]


class Option(Payload):
    """A size or an extra: quantity and price are for one unit of the line. type_id: of the menu."""

    id: Text = None
    name: Text = None
    group_name: Text = None
    type: Text = None
    type_id: Text = None
    quantity: Quantity = Decimal(1)
    price: Amount | None = None


class Line(Payload):
    """A dish, a fee, the tip or a promotion, as `type` says.

    price: one unit without options. total_item_price: all units with options, before discounts. item_discount: on a
    promotion what it takes off, positive. type_id: of the menu item, or of the fee that a cash discount is about.
    """

    id: Text = None
    type: Text = None
    type_id: Text = None
    name: Text = None
    quantity: Quantity = Decimal(1)
    price: Amount | None = None
    total_item_price: Amount | None = None
    tax_value: Amount | None = None
    item_discount: Amount | None = None
    coupon: Text = None
    instructions: Text = None
    options: Annotated[list[Option], NullAsEmpty] = []


class Tax(Payload):
    """The tax of one kind of line at one rate; 0.19 is 19 %."""

    type: Text = None
    rate: Amount | None = None
    value: Amount | None = None


class AddressParts(Payload):
    """Where it goes. full_address: all of it in one, in orders of old."""

    street: Text = None
    bloc: Text = None
    floor: Text = None
    apartment: Text = None
    intercom: Text = None
    more_address: Text = None
    zipcode: Text = None
    city: Text = None
    full_address: Text = None


class Order(Payload):
    """A whole order as it is now. Times are ISO 8601 in UTC; sub_total_price is what is left after promotions."""

    id: Id
    api_version: Annotated[int | None, Field(ge=0, lt=10**6)] = None
    pos_system_id: Text = None
    restaurant_id: Text = None
    restaurant_token: Text = None
    source: Text = None
    status: Text = None
    missed_reason: Text = None
    ready: bool | None = None
    type: Text = None
    for_later: bool | None = None
    accepted_at: Text = None
    fulfill_at: Text = None
    updated_at: Text = None
    client_id: Text = None
    client_first_name: Text = None
    client_last_name: Text = None
    client_phone: Text = None
    client_email: Text = None
    client_address: Text = None
    client_address_parts: AddressParts | None = None
    latitude: Degrees = None
    longitude: Degrees = None
    pin_skipped: bool | None = None
    instructions: Text = None
    fulfillment_option: Text = None
    table_number: Text = None
    dine_in_subtype: Text = None
    dine_in_subtype_custom_name: Text = None
    persons: Annotated[int | None, Field(ge=0, lt=10**6)] = None
    currency: Text = None
    sub_total_price: Amount | None = None
    tax_value: Amount | None = None
    tax_type: Text = None
    tax_list: Annotated[list[Tax], NullAsEmpty] = []
    total_price: Amount | None = None
    payment: Text = None
    used_payment_methods: Annotated[list[Text], NullAsEmpty] = []
    gateway_type: Text = None
    gateway_transaction_id: Text = None
    card_type: Text = None
    coupons: Annotated[list[Text], NullAsEmpty] = []
    items: Annotated[list[Line], NullAsEmpty] = []


class Document(Payload):
    """What is pushed or popped: any number of orders, each to be read by itself."""

    count: Any = None
    orders: list[Any] | None = None


class Menu(Payload):
    """A restaurant's menu, as far as it says whose it is.

    https://github.com/GlobalFood/integration_docs/blob/master/fetch_menu/README.md
    """

    restaurant_id: Text = None
