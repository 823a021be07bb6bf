"""Fields of Shopify's payloads that we know and have no use for; any other that we do not read counts as unknown.

Names without their place: https://shopify.dev/docs/api/admin-rest/latest/resources/order and its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from pydantic import BaseModel

_ORDER = """
    app_id browser_ip buyer_accepts_marketing cart_token checkout_id checkout_token client_details closed_at company
    confirmation_number confirmed current_quantity current_shipping_price_set current_subtotal_price
    current_subtotal_price_set current_total_additional_fees_set current_total_discounts current_total_discounts_set
    current_total_duties_set current_total_price_set current_total_tax current_total_tax_set customer_locale device_id
    duties_included estimated_taxes gateway landing_site landing_site_ref merchant_business_entity_id
    merchant_of_record_app_id number order_status_url original_total_additional_fees_set original_total_duties_set
    payment_details payment_terms po_number processing_method reference referring_site source_identifier source_url
    subtotal_price subtotal_price_set tags tax_exempt token total_cash_rounding_payment_adjustment_set
    total_cash_rounding_refund_adjustment_set total_discounts_set total_line_items_price_set total_price_set
    total_price_usd total_tax_set total_tip_received_set total_weight transactions user_id checkout_name
"""
_LINE = """
    admin_graphql_api_id applied_discount attributed_staffs destination_location duties fulfillable_quantity
    fulfillment_line_item_id fulfillment_service fulfillment_status grams origin_location parent_relationship
    pre_tax_price pre_tax_price_set price_set product_exists product_id quantity_set rate rounding_set
    sales_line_item_group_id taxable tip_payment_gateway tip_payment_method total_discount total_discount_set
    variant_title vendor
"""
_PARTS = """
    allocation_method amount_set carrier_identifier code currency_code current_discounted_price_set delivery_category
    discounted_price discounted_price_set first_name id is_discountable last_name phone presentment_money
    requested_fulfillment_service_id shipping_rate_handle source target_selection target_type tax_lines title type value
    value_type
"""
_CUSTOMER = """
    accepts_marketing accepts_marketing_updated_at addresses created_at currency default_address email_marketing_consent
    last_order_id last_order_name marketing_opt_in_level metafield multipass_identifier orders_count
    sms_marketing_consent state tax_exemptions total_spent updated_at verified_email
"""
_FULFILLMENT = "line_items location_id origin_address receipt service v2_id variant_inventory_management"
_NOTICES = """
    additional_fees app_id committed_at discounts duties note notify_customer order_adjustments processed_at
    refund_line_items refund_shipping_lines restock return shipping_lines staff_note total_additional_fees_set
    total_duties_set
"""
_TRANSACTION = """
    amount_rounding authorization currency_exchange_adjustment error_code gateway location_id manual_payment_gateway
    message order_id parent_id payment_id payments_refund_attributes source_name test
"""

_UNREAD = frozenset(f"{_ORDER} {_LINE} {_PARTS} {_CUSTOMER} {_FULFILLMENT} {_NOTICES} {_TRANSACTION}".split())
_AT_MOST = 20
_NESTED = (BaseModel, list)


def unexpected(payload: BaseModel) -> list[str]:
    """Dotted names of fields that are new to us, the first few."""
    return list(dict.fromkeys(islice(_new_fields(payload, ""), _AT_MOST)))


def _new_fields(value: object, place: str) -> Iterator[str]:
    """Set arithmetic first: all but a few of the names are known, and this runs for every message."""
    if isinstance(value, BaseModel):
        for name in sorted((value.model_extra or {}).keys() - _UNREAD):
            yield place + name
        for name, one in value.__dict__.items():
            if isinstance(one, _NESTED):
                yield from _new_fields(one, f"{place}{name}.")
    elif isinstance(value, list):
        for one in value:
            yield from _new_fields(one, place)
