"""One ordinary merchant on each platform: the connection, an order, and the messages that tell of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from local.standins import shopify as shopify_api
from local.standins import square as square_api
from local.standins import uber_eats as uber_eats_api
from local.standins.samples import shopify, square, uber_eats

STORE_ID = "sto_bench"
NUMBER = 7
"""The sample order that all figures are of: two lines, one with options, a note, a customer and an address."""

Json = dict[str, Any]
Message = tuple[dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Merchant:
    """credentials, settings: of the connection, from the address of the stand-in. store: the platform's id of ours.

    order: the order as the platform holds it. announce: headers and bytes of the webhook that tells of it. echoes: the
    webhooks that the platform sends of a change, ours included, from the order as it held it before and holds it now.
    """

    credentials: Json
    settings: Callable[[str], Json]
    store: str
    order: Callable[[int], Json]
    announce: Callable[[Mapping[str, Any]], Message]
    echoes: Callable[[Json, Json], list[Message]]


def _shopify_created(order: Mapping[str, Any]) -> Message:
    return shopify.headers("orders/create", webhook_id=f"bench-{order['id']}"), shopify.wire(order)


def _shopify_echoes(before: Json, now: Json) -> list[Message]:
    """Of each change the whole order once more, and a fulfillment when there is a new one."""
    if before == now:
        return []
    known = len(before["order"]["fulfillments"])
    bodies = [("orders/updated", now["order"])]
    bodies += [("fulfillments/create", parcel) for parcel in now["order"]["fulfillments"][known:]]
    return [(shopify.headers(topic, webhook_id=f"bench-{uuid4()}"), shopify.wire(body)) for topic, body in bodies]


def _uber_eats_offered(order: Mapping[str, Any]) -> Message:
    return uber_eats.headers(), uber_eats.wire(uber_eats.notification("orders.notification", order))


def _square_created(order: Mapping[str, Any]) -> Message:
    return square.headers(), square.wire(square.notification("order.created", order))


def _square_echoes(before: Json, now: Json) -> list[Message]:
    """Of each change two: the order has changed, and its fulfillment has."""
    events = ("order.updated", "order.fulfillment.updated") if before != now else ()
    return [(square.headers(), square.wire(square.notification(event, now))) for event in events]


MERCHANTS: Mapping[str, Merchant] = {
    "shopify": Merchant(
        credentials={"client_id": shopify_api.CLIENT_ID, "client_secret": shopify_api.CLIENT_SECRET},
        settings=lambda url: {"shop": shopify.SHOP_DOMAIN, "base_url": url},
        store=shopify.SHOP_DOMAIN,
        order=shopify.order,
        announce=_shopify_created,
        echoes=_shopify_echoes,
    ),
    "uber_eats": Merchant(
        credentials={"client_id": uber_eats.CLIENT_ID, "client_secret": uber_eats_api.CLIENT_SECRET},
        settings=lambda url: {"base_url": url, "token_url": f"{url}/oauth/v2/token"},
        store=uber_eats.STORE_ID,
        # Delivered by the store, so that every step of the store's can be told.
        order=lambda number: uber_eats.order(number, fulfillment="DELIVERY_BY_MERCHANT"),
        announce=_uber_eats_offered,
        echoes=lambda _before, _now: [],
    ),
    "square": Merchant(
        credentials={"signature_keys": [square_api.SIGNATURE_KEY], "access_token": square_api.ACCESS_TOKEN},
        settings=lambda url: {"base_url": url},
        store=square.LOCATION_ID,
        order=square.order,
        announce=_square_created,
        echoes=_square_echoes,
    ),
}
