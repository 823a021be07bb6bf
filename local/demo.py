"""The demo: a store with a connection to each platform, and sample orders that go their whole way."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from rich.console import Console

from local.deploy import Stack
from local.hubfile import Connection, Hub
from local.standins import shopify as standins_shopify
from local.standins import square as standins_square
from local.standins import uber_eats as standins_uber_eats
from local.standins.samples import shopify, square, uber_eats
from orderhub.intake.connections import assemble
from orderhub.platforms.http_types import Request
from orderhub.platforms.registry import load
from orderhub.service import api_keys, connections, stores
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.storage import config
from orderhub.storage.config import Collection

STORE_ID = "demo-kitchen"
LAUNCHER = Caller("launcher", "local engine", Role.ADMIN, frozenset({EVERY_STORE}))
TIMEOUT = 10.0
SECONDS_TO_WAIT = 20.0

_console = Console()


@dataclass(frozen=True)
class DemoPlatform:
    """How the demo plays one platform.

    credentials, settings: of its connection; settings are made from the address of its stand-in. secret: what webhooks
    are signed with. store: its id of the demo store. order: makes the n-th sample order; notify: the headers and bytes
    of the webhook that tells of it; external_id: its id of that order.
    """

    credentials: Mapping[str, Any]
    secret: str
    settings: Callable[[str], dict[str, Any]]
    store: str
    order: Callable[[int], dict[str, Any]]
    notify: Callable[[dict[str, Any]], tuple[dict[str, str], bytes]]
    external_id: Callable[[dict[str, Any]], str]


def _notify_shopify(order: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    headers = shopify.headers("orders/create", webhook_id=f"demo-{order['id']}")
    return headers, shopify.wire(order)


def _notify_uber_eats(order: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    return uber_eats.headers(), uber_eats.wire(uber_eats.notification("orders.notification", order))


def _notify_square(order: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    return square.headers(), square.wire(square.notification("order.created", order))


PLATFORMS: dict[str, DemoPlatform] = {
    "shopify": DemoPlatform(
        credentials={"client_id": standins_shopify.CLIENT_ID, "client_secret": standins_shopify.CLIENT_SECRET},
        secret=standins_shopify.CLIENT_SECRET,
        settings=lambda standin: {"shop": shopify.SHOP_DOMAIN, "base_url": standin},
        store=shopify.SHOP_DOMAIN,
        order=shopify.order,
        notify=_notify_shopify,
        external_id=lambda order: str(order["id"]),
    ),
    "uber_eats": DemoPlatform(
        credentials={"client_id": uber_eats.CLIENT_ID, "client_secret": standins_uber_eats.CLIENT_SECRET},
        secret=standins_uber_eats.CLIENT_SECRET,
        settings=lambda standin: {"base_url": standin, "token_url": f"{standin}/oauth/v2/token"},
        store=uber_eats.STORE_ID,
        order=uber_eats.order,
        notify=_notify_uber_eats,
        external_id=lambda order: str(order["order"]["id"]),
    ),
    "square": DemoPlatform(
        credentials={
            "signature_keys": [standins_square.SIGNATURE_KEY],
            "access_token": standins_square.ACCESS_TOKEN,
        },
        secret=standins_square.SIGNATURE_KEY,
        settings=lambda standin: {"base_url": standin},
        store=square.LOCATION_ID,
        order=square.order,
        notify=_notify_square,
        external_id=lambda order: str(order["order"]["id"]),
    ),
}


def prepare(stack: Stack, standins: str) -> Hub:
    """Makes the store, a connection to each platform and an admin key, or finds those of the run before."""
    use_stack(stack.outputs)
    stores.create_store(
        LAUNCHER,
        stores.NewStore(
            id=STORE_ID, name="Demo Kitchen", time_zone="America/New_York", currency="USD", prep_minutes=15
        ),
        None,
    )
    known = {entry.document["name"]: entry.id for entry in config.every(Collection.CONNECTIONS)}
    made = {
        slug: _connect(slug, platform, stack.api_url, f"{standins}/{slug}", known.get(f"demo {slug}"))
        for slug, platform in PLATFORMS.items()
    }
    return Hub(
        api_url=stack.api_url,
        api_key=_api_key(stack.previous),
        connections=made,
        standins={slug: f"{standins}/{slug}" for slug in PLATFORMS},
    )


def use_stack(outputs: Mapping[str, str]) -> None:
    """Points the hub's own code in this process at the tables and queues of a deployed stack."""
    names = {
        "ORDERS_TABLE": "OrdersTableName",
        "CONFIG_TABLE": "ConfigTableName",
        "BLOBS_BUCKET": "BlobsBucketName",
        "SECRETS_PREFIX": "SecretsPrefix",
        "FETCH_ORDER_QUEUE_URL": "FetchOrderQueueUrl",
        "PUSH_STATUS_QUEUE_URL": "PushStatusQueueUrl",
        "POLL_QUEUE_URL": "PollQueueUrl",
    }
    os.environ.update({name: outputs[output] for name, output in names.items()}, ALLOW_PRIVATE_ADDRESSES="true")


def _connect(slug: str, platform: DemoPlatform, api_url: str, standin: str, known: str | None) -> Connection:
    if known is None:
        new = connections.NewConnection(
            platform=slug,
            name=f"demo {slug}",
            default_store_id=STORE_ID,
            stores={platform.store: STORE_ID},
            settings=platform.settings(standin),
            credentials=dict(platform.credentials),
        )
        known = connections.create_connection(LAUNCHER, new, api_url, None).id
    return Connection(known, platform.secret, connections.webhook_url(api_url, slug, known))


def _api_key(previous: Hub | None) -> str:
    if previous is not None and api_keys.caller_of_key(previous.api_key) is not None:
        return previous.api_key
    issued = api_keys.issue_key(LAUNCHER, api_keys.NewApiKey(name="demo", role=Role.ADMIN), None)
    if issued.key is None:
        raise RuntimeError("a new key was not shown")
    return issued.key


# --- the samples ---------------------------------------------------------------------------------------------------


def send_samples(hub: Hub) -> None:
    """Two orders from each platform: one is accepted and finished, the other denied. Prints each step as it is seen."""
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {hub.api_key}"
    number = int(datetime.now(UTC).timestamp()) % 1_000_000
    for slug in PLATFORMS:
        for offset, steps in ((0, ("accept", "ready", "picked_up", "complete")), (1, ("deny",))):
            _follow(Sample(hub, api, slug, number * 2 + offset), steps)


@dataclass(frozen=True)
class Sample:
    """One sample order on its way through a hub."""

    hub: Hub
    api: requests.Session
    slug: str
    number: int

    def send(self) -> str:
        """Gives the order to the stand-in, sends the signed webhook, and returns the hub's id of the order."""
        platform = PLATFORMS[self.slug]
        order = platform.order(self.number)
        hold(self.hub, self.slug, order)
        headers, body = platform.notify(order)
        connection = self.hub.connections[self.slug]
        reply = send_signed(self.slug, connection, headers, body)
        _say(self.slug, "sent", f"{connection.url} answered {reply.status_code}")
        reply.raise_for_status()
        order_id: str = load_connection(self.slug, connection).order_id(platform.external_id(order))
        return order_id

    def see(self, order_id: str, what: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Waits until the API shows the order so. Raises TimeoutError."""
        deadline = time.monotonic() + SECONDS_TO_WAIT
        while time.monotonic() < deadline:
            reply = self.api.get(f"{self.hub.api_url}/v1/orders/{order_id}", timeout=TIMEOUT)
            if reply.status_code == requests.codes.ok and until(order := reply.json()):
                return dict(order)
            time.sleep(0.1)
        raise TimeoutError(f"{order_id} of {self.slug} was not {what} within {SECONDS_TO_WAIT:.0f} seconds")

    def act(self, order_id: str, action: str) -> dict[str, Any]:
        """Does as staff would, and waits for what the platform says to it."""
        body = {"reason": "KITCHEN_CLOSED", "details": "the demo kitchen closes"} if action == "deny" else None
        reply = self.api.put(f"{self.hub.api_url}/v1/orders/{order_id}/{action}", json=body, timeout=TIMEOUT)
        reply.raise_for_status()
        return self.see(order_id, f"told of {action}", lambda order: order["sync"].get("state") not in _ON_ITS_WAY)


_ON_ITS_WAY = ("pending", "retrying")


def _follow(sample: Sample, steps: tuple[str, ...]) -> None:
    try:
        order_id = sample.send()
        order = sample.see(order_id, "there", lambda _: True)
        _say(sample.slug, "order", _described(order))
        for action in steps:
            order = sample.act(order_id, action)
            sync = order["sync"]
            _say(sample.slug, action, f"{order['status']}; the platform: {sync['state']} {sync['detail'] or ''}")
    except (requests.RequestException, TimeoutError) as error:
        _say(sample.slug, "failed", str(error))


def hold(hub: Hub, slug: str, order: dict[str, Any]) -> None:
    """Lets the stand-in of a platform hold an order, as the platform would."""
    control = hub.standins[slug].removesuffix(f"/{slug}") + f"/_control/{slug}/orders"
    requests.post(control, json=order, timeout=TIMEOUT).raise_for_status()


def send_signed(slug: str, connection: Connection, headers: Mapping[str, str], body: bytes) -> requests.Response:
    """Sends a webhook as the platform would, signed with the connection's secret."""
    request = Request("POST", "/", {k.lower(): v for k, v in headers.items()}, {}, body, datetime.now(UTC))
    signature = load(slug).sign(request, load_connection(slug, connection))
    return requests.post(connection.url, data=body, headers={**headers, **signature}, timeout=TIMEOUT)


def load_connection(slug: str, connection: Connection) -> Any:
    """The hub's own connection of the demo, enough of it to sign and to compute ids."""
    platform = PLATFORMS[slug]
    document = {
        "settings": {**platform.settings(""), **_signed_url(slug, connection)},
        "default_store": {"id": STORE_ID},
    }
    return assemble(load(slug), connection.id, document, platform.credentials)


def _signed_url(slug: str, connection: Connection) -> dict[str, str]:
    return {"notification_url": connection.url} if "notification_url" in load(slug).Settings.model_fields else {}


def _described(order: Mapping[str, Any]) -> str:
    lines = ", ".join(f"{item['quantity']} {item['name']}" for item in order["items"])
    total = f"{order['amounts']['total']} {order['amounts']['currency']} in minor units"
    return f"{order['display_id'] or order['external_id']} {order['status']}: {lines}; {total}"


def _say(slug: str, step: str, text: str) -> None:
    _console.print(f"          [bold]{slug:<10}[/] [cyan]{step:<10}[/] {text}", highlight=False, soft_wrap=True)
