"""What WooCommerce sends, as far as we read it: the order of the REST API, version wc/v3.

https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties
Money is text in major units; nothing is "" more often than null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orderhub.platforms.payload import Id, NullAsEmpty, Payload, Text, unknown_fields


def _not_blank(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value


def _one_line(value: Any) -> Any:
    """The id of one line: plugins give it as a number, as text, or in a list; "" and 0 are none."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if value not in ("", "0", 0, None) else None


# The bounds keep a number such as 1E+999999999 from being written out.
Amount = Annotated[
    Annotated[Decimal, Field(gt=-(10**13), lt=10**13, max_digits=40, allow_inf_nan=False)] | None,
    BeforeValidator(_not_blank),
]
Quantity = Annotated[Decimal, Field(ge=0, lt=10**9, max_digits=20, decimal_places=6, allow_inf_nan=False)]
LineId = Annotated[Text, BeforeValidator(_one_line)]


class Meta(Payload):
    """What a plugin keeps; keys that start with an underscore are not meant for people."""

    id: Text = None
    key: Text = None
    value: Any = None
    display_key: Text = None
    display_value: Any = None


class Tax(Payload):
    """A line's share of one tax rate."""

    id: Text = None
    total: Amount = None


class Line(Payload):
    """A line. subtotal: before discounts; total: after them; both for all units, and without tax."""

    id: Id
    name: Text = None
    product_id: Text = None
    variation_id: LineId = None
    sku: Text = None
    quantity: Quantity = Decimal(1)
    subtotal: Amount = None
    subtotal_tax: Amount = None
    total: Amount = None
    total_tax: Amount = None
    taxes: Annotated[list[Tax], NullAsEmpty] = []
    meta_data: Annotated[list[Meta], NullAsEmpty] = []
    composite_parent: LineId = None
    bundled_by: LineId = None

    @property
    def parent(self) -> str | None:
        """The line of which this one is a part."""
        return self.bundled_by or self.composite_parent


class Person(Payload):
    """A billing or shipping address."""

    first_name: Text = None
    last_name: Text = None
    company: Text = None
    address_1: Text = None
    address_2: Text = None
    city: Text = None
    state: Text = None
    postcode: Text = None
    country: Text = None
    email: Text = None
    phone: Text = None


class TaxLine(Payload):
    """What one tax rate comes to."""

    label: Text = None
    rate_code: Text = None
    tax_total: Amount = None
    shipping_tax_total: Amount = None


class ShippingLine(Payload):
    """How it is sent."""

    method_id: Text = None
    method_title: Text = None
    meta_data: Annotated[list[Meta], NullAsEmpty] = []


class FeeLine(Payload):
    """Something charged, or taken off, that is not goods."""

    name: Text = None
    total: Amount = None
    total_tax: Amount = None


class CouponLine(Payload):
    """A coupon; discount is positive."""

    code: Text = None
    discount: Amount = None


class Refund(Payload):
    """Money given back; total is negative."""

    id: Text = None
    reason: Text = None
    total: Amount = None


class Order(Payload):
    """A whole order. Times ending in `_gmt` are UTC without saying so, the others local to the shop."""

    id: Id
    number: Text = None
    status: Text
    created_via: Text = None
    currency: Text = None
    date_created: Text = None
    date_created_gmt: Text = None
    date_modified: Text = None
    date_modified_gmt: Text = None
    date_paid_gmt: Text = None
    discount_total: Amount = None
    shipping_total: Amount = None
    shipping_tax: Amount = None
    total: Amount = None
    total_tax: Amount = None
    prices_include_tax: bool | None = None
    customer_id: LineId = None
    customer_note: Text = None
    billing: Person | None = None
    shipping: Person | None = None
    payment_method: Text = None
    payment_method_title: Text = None
    transaction_id: Text = None
    meta_data: Annotated[list[Meta], NullAsEmpty] = []
    line_items: Annotated[list[Line], NullAsEmpty] = []
    tax_lines: Annotated[list[TaxLine], NullAsEmpty] = []
    shipping_lines: Annotated[list[ShippingLine], NullAsEmpty] = []
    fee_lines: Annotated[list[FeeLine], NullAsEmpty] = []
    coupon_lines: Annotated[list[CouponLine], NullAsEmpty] = []
    refunds: Annotated[list[Refund], NullAsEmpty] = []


class Deleted(Payload):
    """The body of order.deleted."""

    id: Id


class Webhook(Payload):
    """A webhook of the shop; its status is active, paused or disabled."""

    id: Text = None
    name: Text = None
    status: Text = None
    topic: Text = None
    delivery_url: Text = None


class Product(Payload):
    """A product or a variation. manage_stock: whether it is counted; a variation may leave that to its parent."""

    id: Id
    parent_id: LineId = None
    manage_stock: bool | str | None = None
    stock_quantity: int | None = None
    stock_status: Text = None


# Fields that are documented and of no use to us, by name without their place.
_NAMES = """
    _links amount bundled_item_title bundled_items cart_hash cart_tax composite_children compound currency_symbol
    customer_ip_address customer_user_agent date_completed date_completed_gmt date_paid discount_tax discount_type
    free_shipping gift_cards global_unique_id id image instance_id is_editable meta_data needs_payment needs_processing
    nominal_amount order_key parent_id parent_name payment_url price rate_id rate_percent refund subtotal tax_class
    tax_status taxes total total_tax version
"""
_UNREAD = frozenset(_NAMES.split())


def unexpected(payload: Payload) -> list[str]:
    """Dotted names of the fields that are new to us, the first few."""
    new = (name for name in unknown_fields(payload, at_most=200) if name.rpartition(".")[2] not in _UNREAD)
    return [name for name, _ in zip(new, range(20), strict=False)]
