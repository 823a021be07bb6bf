"""WooCommerce's words and ours.

https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties
"""

from __future__ import annotations

from collections.abc import Mapping

from orderhub.order.models import PaymentMethod
from orderhub.order.status import Status
from orderhub.platforms.woocommerce.settings import WooCommerceSettings

# Without the prefix `wc-`, as the API gives them. A paid order is in process from the start; so is one that is paid in
# cash on delivery.
STATUSES: Mapping[str, Status] = {
    "processing": Status.INCOMING,
    "completed": Status.COMPLETED,
    "cancelled": Status.CANCELLED,
    "refunded": Status.CANCELLED,
    "trash": Status.CANCELLED,
}

# Nothing to make yet. An order is born as a draft while the customer still types.
NOT_YET: Mapping[str, str] = {
    "pending": "not paid yet",
    "on-hold": "waits for a bank transfer or a review",
    "checkout-draft": "a draft",
    "auto-draft": "a draft",
    "draft": "a draft",
}

ON_HOLD = "on-hold"
FAILED = "failed"  # the payment failed, or was not made

# Statuses from which the shop does not go on by itself.
ENDED = frozenset({"completed", "cancelled", "refunded", FAILED, "trash"})
# Those in which nobody gets the goods any more.
CALLED_OFF = ENDED - {"completed"}

# Every other way of paying goes through the shop's payment gateways.
METHODS: Mapping[str, PaymentMethod] = {
    "cod": PaymentMethod.CASH,
    "bacs": PaymentMethod.OTHER,  # bank transfer
    "cheque": PaymentMethod.OTHER,
}


def status_of(slug: str | None, settings: WooCommerceSettings) -> Status | None:
    """What a status means here; None when there is nothing to do about an order in it."""
    if slug == ON_HOLD and settings.on_hold_is_incoming:
        return settings.statuses.get(slug, Status.INCOMING)
    return {**settings.own_statuses, **STATUSES, **settings.statuses}.get(slug or "")


def why_ignored(slug: str | None) -> str:
    """Why there is nothing to do about an order in this status."""
    if slug == FAILED:
        return "its payment failed"
    return NOT_YET.get(slug or "", f"its status {slug!r} is not one we know: tell what it means in `statuses`")
