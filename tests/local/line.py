"""One connection of a running hub, with its platform at the other end: what it sends, and what it is told."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from local import demo
from local.hubfile import Connection
from local.standins.played import Played, played
from orderhub.order.ids import order_id
from tests.local.hub import TIMEOUT_SECONDS, Json, RunningHub


def _hmac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()


# How platforms that sign prove a request, made here again from their documentation: secret, URL and body in, headers
# out. For the others their adapter's own proof will do: it holds a secret, and nothing is computed.
PROOFS: dict[str, Callable[[str, str, bytes], dict[str, str]]] = {
    "shopify": lambda secret, _, body: {"X-Shopify-Hmac-Sha256": base64.b64encode(_hmac(secret, body)).decode()},
    "uber_eats": lambda secret, _, body: {"X-Uber-Signature": _hmac(secret, body).hex()},
    "square": lambda secret, url, body: {
        "X-Square-Hmacsha256-Signature": base64.b64encode(_hmac(secret, url.encode() + body)).decode()
    },
    "woocommerce": lambda secret, _, body: {"X-WC-Webhook-Signature": base64.b64encode(_hmac(secret, body)).decode()},
    "toast": lambda secret, _, body: {
        "Toast-Signature": base64.b64encode(_hmac(secret, body + json.loads(body)["timestamp"].encode())).decode()
    },
}


@dataclass(frozen=True)
class Line:
    """A connection: its id, webhook URL and secret, our store, and the platform's id of that store."""

    hub: RunningHub
    slug: str
    id: str
    url: str
    secret: str
    store_id: str
    theirs: str

    @property
    def played(self) -> Played:
        return played()[self.slug]

    def new_order(self, make: Callable[..., Json] | None = None, **more: Any) -> Json:
        """The platform's next order, by its usual sample or by another."""
        order = (make or self.played.order)(self.hub.next_number(), **more)
        self.played.at_store(order, self.theirs)
        return order

    def external_id(self, order: Mapping[str, Any]) -> str:
        return self.played.external_id(order)

    def order_id(self, order: Mapping[str, Any]) -> str:
        """The hub's id of an order."""
        return order_id(self.slug, self.id, *self.played.identity_of(order))

    def proof(self, body: bytes) -> dict[str, str]:
        """The headers that prove a body, for platforms that sign."""
        return PROOFS[self.slug](self.secret, self.url, body)

    def post(
        self, body: bytes, headers: Mapping[str, str] | None = None, *, url: str | None = None
    ) -> requests.Response:
        """A request to the webhook's URL, or another, as it is."""
        return self.hub.http.post(
            url or self.url,
            data=body,
            headers={"Content-Type": "application/json", **(headers or {})},
            timeout=TIMEOUT_SECONDS,
        )

    def tell(self, event: str, order: Mapping[str, Any], *, key: str | None = None, **more: Any) -> requests.Response:
        """The platform's signed webhook about an order. key: its delivery id, a new one when left out."""
        if self.slug not in PROOFS:
            known = Connection(self.id, self.secret, self.url)
            return demo.tell(self.slug, known, event, order, key or str(uuid4()), **more)
        headers, body = self.played.told(event, order, key or str(uuid4()), **more)
        return self.post(body, {**headers, **self.proof(body)})

    def hold(self, order: Json) -> Json:
        """The platform's stand-in holds an order from now on."""
        self.hub.vendor(self.slug, "POST", "orders", order)
        return order

    def change(self, order: Mapping[str, Any], **fields: Any) -> Json:
        """Something happens to an order at its platform; the order as it then is there."""
        return self.hub.vendor(self.slug, "PATCH", f"orders/{self.external_id(order)}", fields)

    def held(self, order: Mapping[str, Any]) -> Json:
        """An order as its platform has it, out of its wrapper."""
        found = self.hub.vendor(self.slug, "GET", f"orders/{self.external_id(order)}")
        return dict(found.get("order", found))

    def receive(self, order: Json | None = None) -> Json:
        """The platform has a new order and tells of it, and the hub takes it in; the platform's order."""
        made = self.hold(order or self.new_order())
        reply = self.tell(self.played.first, made)
        assert reply.status_code in (200, 202), reply.text
        self.played.answered(made, reply.content)
        self.hub.wait_for(self.order_id(made))
        return made

    def act(self, order: Mapping[str, Any], action: str, body: Any = None, **headers: str) -> Json:
        """Does as staff would; the order as the API answers."""
        return self.hub.ask("PUT", f"/orders/{self.order_id(order)}/{action}", body, **headers)

    def calls(self, order: Mapping[str, Any], method: str = "POST", path: str = "") -> list[Json]:
        """The calls about an order that the stand-in got, by method and end of the path."""
        made: list[Json] = self.hub.vendor(self.slug, "GET", f"calls?order_id={self.external_id(order)}")["calls"]
        return [call for call in made if call["method"] == method and call["path"].endswith(path)]

    def fault(self, order: Mapping[str, Any], path: str, **fault: Any) -> None:
        """The stand-in answers calls about an order otherwise, by the end of the path."""
        match = {"path_contains": f"{self.external_id(order)}{path}", **fault.pop("match", {})}
        self.hub.vendor(self.slug, "POST", "faults", {"match": match, **fault})

    def ask_for_a_poll(self) -> None:
        """What the schedule sends when a connection's poll is due."""
        self.hub.post_message("PollQueueUrl", {"connection_id": self.id, "platform": self.slug})

    def poll_to_the_end(self) -> str:
        """Poll until a new order is found that nobody told of: all older ones were seen by then. The hub's id of it."""
        last = self.hold(self.new_order())
        self.ask_for_a_poll()
        return str(self.hub.wait_for(self.order_id(last))["id"])


def demo_line(hub: RunningHub, slug: str) -> Line:
    """The demo's connection to a platform."""
    known = hub.file.connections[slug]
    return Line(hub, slug, known.id, known.url, known.secret, demo.STORE_ID, played()[slug].store)


def connect(hub: RunningHub, slug: str, *, settings: Mapping[str, Any] | None = None, **credentials: Any) -> Line:
    """A new connection of a new store of ours, to a store of its own at the platform unless that knows only one."""
    platform = played()[slug]
    store_id = hub.add_store()
    theirs = platform.store_ids()
    new = {
        "platform": slug,
        "name": f"{slug} of {store_id}",
        "default_store_id": store_id,
        "stores": {theirs: store_id},
        "settings": {**platform.settings(hub.file.standins[slug]), **(settings or {})},
        "credentials": {**platform.credentials(platform.secret), **credentials},
    }
    made = hub.ask("POST", "/connections", new)
    return Line(hub, slug, made["id"], made["webhook_url"], platform.secret, store_id, theirs)
