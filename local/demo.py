"""The demo: a store with a connection to each platform, and sample orders that go their whole way."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from rich.console import Console

from local.deploy import Stack
from local.hubfile import Connection, Hub
from local.standins.played import Played, played
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
        for slug, platform in played().items()
    }
    return Hub(
        api_url=stack.api_url,
        api_key=_api_key(stack.previous),
        connections=made,
        standins={slug: f"{standins}/{slug}" for slug in made},
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
        "RECORD_LATE_QUEUE_URL": "RecordLateQueueUrl",
        "PUSH_STOCK_QUEUE_URL": "PushStockQueueUrl",
        "TELL_STORE_QUEUE_URL": "TellStoreQueueUrl",
        "SEND_CART_QUEUE_URL": "SendCartQueueUrl",
        "SEND_REFUND_QUEUE_URL": "SendRefundQueueUrl",
        "REPORT_EVENT_QUEUE_URL": "ReportEventQueueUrl",
        "SEND_REPORT_QUEUE_URL": "SendReportQueueUrl",
        "POLL_QUEUE_URL": "PollQueueUrl",
    }
    os.environ.update({name: outputs[output] for name, output in names.items()}, ALLOW_PRIVATE_ADDRESSES="true")


def _connect(slug: str, platform: Played, api_url: str, standin: str, known: str | None) -> Connection:
    if known is None:
        new = connections.NewConnection(
            platform=slug,
            name=f"demo {slug}",
            default_store_id=STORE_ID,
            stores={platform.store: STORE_ID},
            settings=platform.settings(standin),
            credentials=platform.credentials(platform.secret),
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
    """Two orders from each platform: one is taken to its end, the other refused. Prints each step as it is seen."""
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {hub.api_key}"
    number = int(datetime.now(UTC).timestamp()) % 1_000_000
    for slug in hub.connections:
        _follow(Sample(hub, api, slug, number * 2), (("accept",), ("ready",), ("picked_up",), ("complete",)))
        _follow(Sample(hub, api, slug, number * 2 + 1), (("deny", "cancel"),))


@dataclass(frozen=True)
class Sample:
    """One sample order on its way through a hub."""

    hub: Hub
    api: requests.Session
    slug: str
    number: int

    def send(self) -> str:
        """Gives the order to the stand-in, sends the signed webhook, and returns the hub's id of the order."""
        platform = played()[self.slug]
        order = platform.order(self.number)
        hold(self.hub, self.slug, order)
        connection = self.hub.connections[self.slug]
        reply = tell(self.slug, connection, platform.first, order, f"demo-{self.number}")
        _say(self.slug, "sent", f"{connection.url} answered {reply.status_code}")
        reply.raise_for_status()
        platform.answered(order, reply.content)
        order_id: str = load_connection(self.slug, connection).order_id(*platform.identity_of(order))
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
        refuses = action in ("deny", "cancel")
        body = {"reason": "OTHER", "details": "the demo kitchen closes"} if refuses else None
        reply = self.api.put(f"{self.hub.api_url}/v1/orders/{order_id}/{action}", json=body, timeout=TIMEOUT)
        reply.raise_for_status()
        return self.see(order_id, f"told of {action}", lambda order: order["sync"].get("state") not in _ON_ITS_WAY)


_ON_ITS_WAY = ("pending", "retrying")


def _follow(sample: Sample, steps: tuple[tuple[str, ...], ...]) -> None:
    """Takes an order step by step; of each step the first action that it allows, for some are accepted as they come."""
    try:
        order_id = sample.send()
        order = sample.see(order_id, "there", lambda _: True)
        _say(sample.slug, "order", _described(order))
        for choices in steps:
            action = next((one for one in choices if one in order["allowed_actions"]), None)
            if action is None:
                continue
            order = sample.act(order_id, action)
            sync = order["sync"]
            _say(sample.slug, action, f"{order['status']}; the platform: {sync['state']} {sync['detail'] or ''}")
    except (requests.RequestException, TimeoutError) as error:
        _say(sample.slug, "failed", str(error))


def hold(hub: Hub, slug: str, order: dict[str, Any]) -> None:
    """Lets the stand-in of a platform hold an order, as the platform would."""
    control = hub.standins[slug].removesuffix(f"/{slug}") + f"/_control/{slug}/orders"
    requests.post(control, json=order, timeout=TIMEOUT).raise_for_status()


def tell(
    slug: str, connection: Connection, event: str, order: Mapping[str, Any], key: str, **changes: Any
) -> requests.Response:
    """The platform's webhook about an order. key: its delivery id."""
    with requests.Session() as session:
        return session.send(webhook(slug, connection, event, order, key, **changes), timeout=TIMEOUT)


def webhook(
    slug: str, connection: Connection, event: str, order: Mapping[str, Any], key: str, **changes: Any
) -> requests.PreparedRequest:
    """The request that a platform would send about an order, proved with the connection's secret."""
    platform = played()[slug]
    headers, body = platform.told(event, order, key, **changes)
    url = urlsplit(connection.url + platform.path(event))
    lowered = {"content-type": "application/json", **{name.lower(): text for name, text in headers.items()}}
    request = Request("POST", url.path, lowered, {}, body, datetime.now(UTC))
    signed = load(slug).sign(request, load_connection(slug, connection))
    target = url._replace(path=signed.path, query=urlencode(signed.query)).geturl()
    return requests.Request("POST", target, headers=dict(signed.headers), data=signed.body).prepare()


def load_connection(slug: str, connection: Connection) -> Any:
    """The hub's own connection of the demo, enough of it to sign and to compute ids."""
    platform = played()[slug]
    document = {
        "settings": {**platform.settings(""), **_signed_url(slug, connection)},
        "default_store": {"id": STORE_ID},
    }
    return assemble(load(slug), connection.id, document, platform.credentials(connection.secret))


def _signed_url(slug: str, connection: Connection) -> dict[str, str]:
    return {"notification_url": connection.url} if "notification_url" in load(slug).Settings.model_fields else {}


def _described(order: Mapping[str, Any]) -> str:
    lines = ", ".join(f"{item['quantity']} {item['name']}" for item in order["items"])
    total = f"{order['amounts']['total']} {order['amounts']['currency']} in minor units"
    what = f"a table for {order['reservation']['party_size']}" if order["reservation"] else f"{lines}; {total}"
    return f"{order['display_id'] or order['external_id']} {order['status']}: {what}"


def _say(slug: str, step: str, text: str) -> None:
    _console.print(f"          [bold]{slug:<10}[/] [cyan]{step:<10}[/] {text}", highlight=False, soft_wrap=True)
