"""What was ordered with the Order Fulfillment API 1.0.0 (v1), and what it costs; unknown fields are kept.

https://developer.uber.com/docs/eats/api/v1/get-delivery-order-orderid
"""

from __future__ import annotations

from typing import Annotated

from orderhub.platforms.payload import NullAsEmpty, Payload, Text
from orderhub.platforms.uber_eats.models import AsList, MenuItem, Number


class Amount(Payload):
    """amount_e5: major units times 100000, whatever the currency."""

    amount_e5: Number | None = None
    currency_code: Text = None


class Money(Payload):
    """A charge without, of and with its tax. is_tax_inclusive: prices are told with tax."""

    net: Amount | None = None
    tax: Amount | None = None
    gross: Amount | None = None
    is_tax_inclusive: bool | None = None


class WeightUnit(Payload):
    """The unit of a weight: `WEIGHT_UNIT_TYPE_...`."""

    unit_type: Text = None


class MeasurementUnit(Payload):
    """MEASUREMENT_TYPE_COUNT or MEASUREMENT_TYPE_WEIGHT."""

    measurement_type: Text = None
    weight: WeightUnit | None = None


class Measure(Payload):
    """amount_e5: the quantity times 100000."""

    amount_e5: Number | None = None
    measurement_unit: MeasurementUnit | None = None


class Quantity(Payload):
    """unit: PIECE, POUND, KILOGRAM, GRAM. in_sellable_unit: how the customer saw it, for goods by weight."""

    amount: Number | None = None
    unit: Text = None
    in_sellable_unit: Measure | None = None


class Allergy(Payload):
    """What the customer must not eat."""

    allergens: Annotated[list[Text], AsList] = []
    instructions: Text = None


class CustomerRequest(Payload):
    """The customer's wishes for one line."""

    special_instructions: Text = None
    allergy: Allergy | None = None


class Substitute(Payload):
    """An item the customer would take instead."""

    id: Text = None


class FulfillmentAction(Payload):
    """What the customer wants done when a line cannot be had."""

    item_substitutes: Annotated[list[Substitute], NullAsEmpty] = []


class CartItem(MenuItem):
    """A line, or an option. cart_item_id: the key of the line. customer_requests: an older name."""

    cart_item_id: Text = None
    customer_id: Text = None
    quantity: Quantity | None = None
    customer_request: Annotated[list[CustomerRequest], AsList] = []
    customer_requests: Annotated[list[CustomerRequest], AsList] = []
    selected_modifier_groups: Annotated[list[ModifierGroup], NullAsEmpty] = []
    fulfillment_action: FulfillmentAction | None = None


class ModifierGroup(Payload):
    """removed_items: what is on the dish unless the customer takes it off."""

    id: Text = None
    title: Text = None
    selected_items: Annotated[list[CartItem], NullAsEmpty] = []
    removed_items: Annotated[list[CartItem], NullAsEmpty] = []


class IssueItem(Payload):
    """The line an issue is about."""

    cart_item_id: Text = None
    title: Text = None


class FulfillmentIssue(Payload):
    """A line the store has reported as not to be had."""

    issue_type: Text = None
    action_type: Text = None
    root_item: IssueItem | None = None


class Cart(Payload):
    """One shopping cart; an order may have several."""

    items: Annotated[list[CartItem], NullAsEmpty] = []
    fulfillment_issues: Annotated[list[FulfillmentIssue], NullAsEmpty] = []
    special_instructions: Text = None
    include_single_use_items: bool | None = None
    revision_id: Text = None


class Price(Payload):
    """price_type: ITEM, whose total is for all units; OPTION, whose total is for one unit of its parent; others."""

    cart_item_id: Text = None
    price_type: Text = None
    unit: Money | None = None
    total: Money | None = None


class ItemCharges(Payload):
    """The lines before promotions, together and one by one."""

    total: Money | None = None
    price_breakdown: Annotated[list[Price], NullAsEmpty] = []


class Fee(Payload):
    """id: SMALL_ORDER_FEE, DELIVERY_FEE, PICK_AND_PACK_FEE, BAG_FEE."""

    id: Text = None
    amount: Money | None = None


class Fees(Payload):
    """The fees that go to the merchant."""

    total: Money | None = None
    details: Annotated[list[Fee], NullAsEmpty] = []


class Tips(Payload):
    """The tip; only where the merchant delivers."""

    total: Money | None = None


class FundingSplit(Payload):
    """What one party pays of a promotion."""

    funding_source: Text = None
    amount_paid: Money | None = None


class DiscountedItem(Payload):
    """discount_amount_applied: minor units, negative as documented."""

    discount_amount_applied: Number | None = None


class Promotion(Payload):
    """discount_value, discount_delivery_fee_value: minor units."""

    external_promotion_id: Text = None
    promotion_uuid: Text = None
    type: Text = None
    discount_value: Text = None
    discount_delivery_fee_value: Text = None
    discount_items: Annotated[list[DiscountedItem], NullAsEmpty] = []
    promo_funding_splits: Annotated[list[FundingSplit], NullAsEmpty] = []


class Promotions(Payload):
    """total: positive in real orders, negative in some documents."""

    total: Money | None = None
    details: Annotated[list[Promotion], NullAsEmpty] = []


class PaymentDetail(Payload):
    """order_total: after promotions."""

    order_total: Money | None = None
    item_charges: ItemCharges | None = None
    fees: Fees | None = None
    tips: Tips | None = None
    promotions: Promotions | None = None
    currency_code: Text = None
    cash_amount_due: Money | None = None


class Remittance(Payload):
    """Tax that an entity (UBER, MERCHANT...) pays to the state."""

    entity: Text = None
    amount: Amount | None = None


class TaxReporting(Payload):
    """Who pays which tax to the state."""

    remittance_info: Annotated[list[Remittance], NullAsEmpty] = []


class Payment(Payload):
    """The money of an order."""

    payment_detail: PaymentDetail | None = None
    tax_reporting: TaxReporting | None = None
