"""What was ordered with the classic API (v2), and what it costs; unknown fields are kept.

https://developer.uber.com/docs/eats/references/api/v2/get-eats-order-orderid
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from orderhub.platforms.payload import NullAsEmpty, Payload, Text
from orderhub.platforms.uber_eats.models import AsList, MenuItem, Number

_CAPITAL = re.compile("(?<=[a-z])[A-Z]")


def _allergen(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


def _in_snake_case(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {_CAPITAL.sub(lambda found: f"_{found[0].lower()}", name): one for name, one in value.items()}


class Money(Payload):
    """amount: minor units."""

    amount: Number | None = None
    currency_code: Text = None


class ItemPrice(Payload):
    """unit_price, total_price: with the options chosen; base_unit_price: without them."""

    unit_price: Money | None = None
    total_price: Money | None = None
    base_unit_price: Money | None = None


class Allergen(Payload):
    """freeform_text: which allergen it is when the type is OTHER."""

    type: Text = None
    freeform_text: Text = None


class Allergy(Payload):
    """What the customer must not eat."""

    allergens_to_exclude: Annotated[list[Annotated[Allergen, BeforeValidator(_allergen)]], NullAsEmpty] = []
    allergy_instructions: Text = None


class SpecialRequests(Payload):
    """The customer's wishes for one line."""

    allergy: Allergy | None = None


class Item(MenuItem):
    """A line, or an option. instance_id: the key of the line."""

    instance_id: Text = None
    quantity: Number | None = None
    price: ItemPrice | None = None
    special_instructions: Text = None
    special_requests: Annotated[list[SpecialRequests], AsList] = []
    selected_modifier_groups: Annotated[list[ModifierGroup], NullAsEmpty] = []
    eater_id: Text = None


class ModifierGroup(Payload):
    """removed_items: what is on the dish unless the customer takes it off."""

    id: Text = None
    title: Text = None
    selected_items: Annotated[list[Item], NullAsEmpty] = []
    removed_items: Annotated[list[Item], NullAsEmpty] = []


class RootItem(Payload):
    """The line an issue is about."""

    title: Text = None


class FulfillmentIssue(Payload):
    """A line the store has reported as not to be had."""

    fulfillment_issue_type: Text = None
    fulfillment_action_type: Text = None
    root_item: RootItem | None = None


class Cart(Payload):
    """What was ordered."""

    items: Annotated[list[Item], NullAsEmpty] = []
    special_instructions: Text = None
    fulfillment_issues: Annotated[list[FulfillmentIssue], NullAsEmpty] = []


class Charges(Payload):
    """sub_total: before promotions; the fields `..._promo_applied` are after those that the merchant pays for."""

    total: Money | None = None
    sub_total: Money | None = None
    tax: Money | None = None
    total_fee: Money | None = None
    bag_fee: Money | None = None
    delivery_fee: Money | None = None
    small_order_fee: Money | None = None
    pick_and_pack_fee: Money | None = None
    tip: Money | None = None
    cash_amount_due: Money | None = None
    total_promo_applied: Money | None = None
    sub_total_promo_applied: Money | None = None
    tax_promo_applied: Money | None = None


class Payee(Payload):
    """An amount of tax."""

    value: Money | None = None


class Remittance(Payload):
    """Tax by who pays it to the state."""

    uber: Annotated[list[Payee], NullAsEmpty] = []


class TaxRemittance(Payload):
    """Tax by what it is on."""

    tax: Remittance | None = None
    total_fee_tax: Remittance | None = None
    delivery_fee_tax: Remittance | None = None
    small_order_fee_tax: Remittance | None = None


class Tax(Payload):
    """One tax on a line."""

    is_inclusive: bool | None = None


class TaxInfo(Payload):
    """The taxes on a line."""

    taxes: Annotated[list[Tax], NullAsEmpty] = []


class TaxBreakdown(Payload):
    """The taxes line by line."""

    items: Annotated[list[TaxInfo], NullAsEmpty] = []


class TaxReporting(Payload):
    """Taxes in detail, for apps that have it enabled."""

    breakdown: TaxBreakdown | None = None


class Accounting(Payload):
    """Who pays which tax to the state. The reference has underscores in these names, its example is in camel case."""

    tax_remittance: Annotated[TaxRemittance | None, BeforeValidator(_in_snake_case)] = None
    tax_reporting: TaxReporting | None = None


class FundingSplit(Payload):
    """What one party pays of a promotion."""

    funding_source: Text = None
    amount_paid: Money | None = None


class DiscountedItem(Payload):
    """discount_amount_applied: minor units, negative."""

    discount_amount_applied: Number | None = None


class Promotion(Payload):
    """promo_discount_value, promo_delivery_fee_value: minor units."""

    external_promotion_id: Text = None
    promotion_uuid: Text = None
    promo_type: Text = None
    promo_discount_value: Number | None = None
    promo_delivery_fee_value: Number | None = None
    discount_items: Annotated[list[DiscountedItem], NullAsEmpty] = []
    promo_funding_splits: Annotated[list[FundingSplit], NullAsEmpty] = []


class Promotions(Payload):
    """The promotions applied."""

    promotions: Annotated[list[Promotion], NullAsEmpty] = []


class Payment(Payload):
    """promotions: for apps that have it enabled."""

    charges: Charges | None = None
    accounting: Annotated[Accounting | None, BeforeValidator(_in_snake_case)] = None
    promotions: Promotions | None = None
