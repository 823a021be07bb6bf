"""GloriaFood's words for where an order stands, how it goes out, how it is paid and what a line is, as tables.

All of them: https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md
"""

from __future__ import annotations

from collections.abc import Mapping

from orderhub.order.models import Fulfillment, PaymentMethod
from orderhub.order.status import Status

API_VERSION = 2

# Orders, `status`. An accepted order with `ready` is ready.
STATUSES: Mapping[str, Status] = {
    "pending": Status.INCOMING,
    "accepted": Status.ACCEPTED,
    "rejected": Status.DENIED,
    "timed_out": Status.DENIED,
    "canceled": Status.CANCELLED,
}

# Orders, `missed_reason`: none of them is a reason that a store gives.
MISSED_REASONS: Mapping[str, str] = {
    "NO_CONNECTION": "the order did not reach the order-taking app",
    "TIMED_OUT": "the order reached the order-taking app, and nobody accepted it in time",
}

# Orders, `type`.
FULFILLMENTS: Mapping[str, Fulfillment] = {
    "delivery": Fulfillment.DELIVERY,
    "pickup": Fulfillment.PICKUP,
    "dine_in": Fulfillment.DINE_IN,
    "order_ahead": Fulfillment.DINE_IN,
}
TABLE_RESERVATION = "table_reservation"
CURBSIDE = "curbside_pickup"

# Orders, `fulfillment_option`, in words for whoever hands the order over.
HANDOVERS: Mapping[str, str] = {
    "in_person": "Hand over in person",
    "meet_rider": "The customer meets the rider outside",
    "no_contact": "Leave it without contact",
    "at_counter": "The customer comes to the counter",
    "outside_venue": "Hand over outside the venue",
    CURBSIDE: "Bring it to the customer's car",
}

# Orders, `payment` and `used_payment_methods`. Only what is ONLINE is paid when the order comes.
ONLINE = "ONLINE"
PAYMENT_METHODS: Mapping[str, PaymentMethod] = {
    ONLINE: PaymentMethod.ONLINE,
    "CASH": PaymentMethod.CASH,
    "CARD": PaymentMethod.CARD,
    "CARD_PHONE": PaymentMethod.CARD,
    **dict.fromkeys(
        ("Bit", "PayLah", "Paynow", "Picpay", "SnapScan", "Zapper", "Cartão refeição/alimentação"), PaymentMethod.WALLET
    ),
}

# Order items, `type`: which amount of the order a line belongs to.
ITEM = "item"
TIP = "tip"
PROMOTIONS = frozenset({"promo_cart", "promo_item", "promo_cart_item"})
# A cash discount is negative and takes a service fee back; it is no discount on the goods.
AMOUNTS: Mapping[str, str] = {
    "delivery_fee": "delivery_fee",
    TIP: "tip",
    "service_fee_subtotal": "service_fee",
    "service_fee_total": "service_fee",
    "cash_discount": "service_fee",
}

# Orders, `tax_type`: on top of the prices, or within them.
NET, GROSS = "NET", "GROSS"

# Orders, `source`: an order out of the menu editor's preview.
TEST_SOURCE = "admin"
