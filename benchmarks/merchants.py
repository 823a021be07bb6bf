"""One ordinary merchant on each platform: an order, and the webhooks that platforms send of what we do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from local.standins.played import played
from local.standins.samples import shopify, square, uber_eats

STORE_ID = "sto_bench"
NUMBER = 7
"""The sample order that all figures are of: two lines, one with options, a note, a customer and an address."""

Json = dict[str, Any]
Message = tuple[dict[str, str], bytes]


def order(slug: str, number: int) -> Json:
    """An order as its platform holds it."""
    return _ORDERS[slug](number) if slug in _ORDERS else played()[slug].order(number)


def echoes(slug: str, before: Json, now: Json) -> list[Message]:
    """The webhooks that a platform sends of a change, ours included, from the order as it held it before and holds it.

    Only those are told that the vendor documents, or that were seen.
    """
    return _ECHOES[slug](before, now) if slug in _ECHOES and before != now else []


def _shopify_echoes(before: Json, now: Json) -> list[Message]:
    """Of each change the whole order once more, and a fulfillment when there is a new one."""
    known = len(before["order"]["fulfillments"])
    bodies = [("orders/updated", now["order"])]
    bodies += [("fulfillments/create", parcel) for parcel in now["order"]["fulfillments"][known:]]
    return [(shopify.headers(topic, webhook_id=f"bench-{uuid4()}"), shopify.wire(body)) for topic, body in bodies]


def _square_echoes(_before: Json, now: Json) -> list[Message]:
    """Of each change two: the order has changed, and its fulfillment has."""
    events = ("order.updated", "order.fulfillment.updated")
    return [(square.headers(), square.wire(square.notification(event, now))) for event in events]


def _woocommerce_echoes(_before: Json, now: Json) -> list[Message]:
    """Of each change the whole order once more."""
    return [played()["woocommerce"].told("order.updated", now, f"bench-{uuid4()}")]


# Delivered by the store, so that every step of the store's can be told.
_ORDERS: Mapping[str, Callable[[int], Json]] = {
    "uber_eats": lambda number: uber_eats.order(number, fulfillment="DELIVERY_BY_MERCHANT"),
}
_ECHOES: Mapping[str, Callable[[Json, Json], list[Message]]] = {
    "shopify": _shopify_echoes,
    "square": _square_echoes,
    "woocommerce": _woocommerce_echoes,
}
