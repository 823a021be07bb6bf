"""The platforms, played by the stand-ins of `local` without sockets; and what the hub needs to connect to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
from werkzeug.test import Client

from local.standins import shopify as shopify_standin
from local.standins import square as square_standin
from local.standins import uber_eats as uber_standin
from local.standins.samples import shopify, square, uber_eats
from local.standins.server import StandIns
from local.standins.vendor import system_clock
from tests.unit.standins_client import Caller

BASE_URL = "http://vendors.test"
OLD_SECRET, NEW_SECRET = "the-secret-of-yesterday", "the-secret-of-tomorrow"


@cache
def _standins() -> StandIns:
    return StandIns(clock=system_clock)


class Vendors(Caller):
    """All stand-ins, as new and on the clock of the test. down: whether no call gets an answer."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.app = _standins()
        self.app.sleep = self.slept.append
        self.client = Client(self.app)
        self.down = False
        for slug in PLATFORMS:
            self.control("POST", f"{slug}/reset")

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        """Answers a call that the hub makes with `requests`."""
        if self.down:
            raise requests.ConnectionError("nobody listens")
        path = (request.url or "").removeprefix(BASE_URL)
        reply = self.client.open(path, method=request.method, data=request.body, headers=dict(request.headers))
        return reply.status_code, dict(reply.headers), reply.get_data()

    def made(self, slug: str) -> list[tuple[str, str, int]]:
        """The calls a stand-in received apart from those for tokens: method, path and status of the answer."""
        calls = [(call["method"], call["path"], call["status"]) for call in self.calls(slug)]
        return [call for call in calls if "token" not in call[1]]

    def token_requests(self, slug: str) -> int:
        """How often a stand-in was asked for an access token."""
        return int(self.control("GET", f"{slug}/stats")["token_requests"])


@dataclass(frozen=True)
class Played:
    """How a test plays one platform.

    credentials: of a connection whose webhooks are signed with a secret. store: the platform's id of the store.
    order: the n-th sample order. told: headers and body of a webhook about an order, by event and delivery id.
    first: the event that tells of a new order.
    """

    credentials: Callable[[str], dict[str, Any]]
    secret: str
    settings: Mapping[str, Any]
    store: str
    first: str
    order: Callable[..., dict[str, Any]]
    told: Callable[..., tuple[dict[str, str], bytes]]
    external_id: Callable[[Mapping[str, Any]], str]


def _shopify(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> tuple[dict[str, str], bytes]:
    body = shopify.notification(event, order, **changes)
    return shopify.headers(event, webhook_id=key), shopify.wire(body)


def _uber_eats(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> tuple[dict[str, str], bytes]:
    body = uber_eats.notification(event, order, event_id=key, **changes)
    return uber_eats.headers(), uber_eats.wire(body)


def _square(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> tuple[dict[str, str], bytes]:
    body = square.notification(event, order, event_id=key, **changes)
    return square.headers(), square.wire(body)


def _inner_id(order: Mapping[str, Any]) -> str:
    return str(order.get("order", order)["id"])


PLATFORMS: dict[str, Played] = {
    "shopify": Played(
        credentials=lambda secret: {"client_id": shopify_standin.CLIENT_ID, "client_secret": secret},
        secret=shopify_standin.CLIENT_SECRET,
        settings={"shop": shopify.SHOP_DOMAIN, "base_url": f"{BASE_URL}/shopify"},
        store=shopify.SHOP_DOMAIN,
        first="orders/create",
        order=shopify.order,
        told=_shopify,
        external_id=_inner_id,
    ),
    "uber_eats": Played(
        credentials=lambda secret: {"client_id": uber_eats.CLIENT_ID, "client_secret": secret},
        secret=uber_standin.CLIENT_SECRET,
        settings={"base_url": f"{BASE_URL}/uber_eats", "token_url": f"{BASE_URL}/uber_eats/oauth/v2/token"},
        store=uber_eats.STORE_ID,
        first="orders.notification",
        order=uber_eats.order,
        told=_uber_eats,
        external_id=_inner_id,
    ),
    "square": Played(
        credentials=lambda secret: {"signature_keys": [secret], "access_token": square_standin.ACCESS_TOKEN},
        secret=square_standin.SIGNATURE_KEY,
        settings={"base_url": f"{BASE_URL}/square"},
        store=square.LOCATION_ID,
        first="order.created",
        order=square.order,
        told=_square,
        external_id=_inner_id,
    ),
}
