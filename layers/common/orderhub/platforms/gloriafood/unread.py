"""Fields of GloriaFood that we know and have no use for; any other that we do not read counts as unknown.

Names without their place: https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md
"""

from __future__ import annotations

from pydantic import BaseModel

from orderhub.platforms.payload import unknown_fields

_ORDER = """
    billing_details client_ip_address client_language client_marketing_consent client_order_count company_account_id
    delivery_by_distance delivery_zone_name dine_in_subtype_custom_text integration_payment_amount
    integration_payment_provider outside_delivery_area reference restaurant_city restaurant_country restaurant_key
    restaurant_latitude restaurant_longitude restaurant_name restaurant_phone restaurant_state restaurant_street
    restaurant_timezone restaurant_zipcode tax_name
"""
_LINE = "cart_discount cart_discount_rate kitchen_internal_name parent_id tax_rate tax_type"
_NAMES = frozenset(f"{_ORDER} {_LINE}".split())
_MOST = 100


def unexpected(payload: BaseModel) -> list[str]:
    """Dotted names of the fields that nobody told us of."""
    return [name for name in unknown_fields(payload, at_most=_MOST) if name.rpartition(".")[2] not in _NAMES]
