"""The whole hub in one process: its functions are called as AWS would call them, its queues emptied by hand."""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from local.standins.played import played, receivers
from orderhub.dispatch.hand_over import forget_served
from orderhub.intake.connections import assemble
from orderhub.order.events import Event
from orderhub.order.models import Order
from orderhub.platforms.base import Connection
from orderhub.platforms.http_types import Request
from orderhub.platforms.registry import load
from orderhub.runtime import settings
from orderhub.service import connections, orders, stores
from orderhub.service.access import EVERY_STORE, Caller, Role, to_context
from orderhub.storage import config, secrets, timelines
from orderhub.storage.config import Collection
from tests.functional import cloud
from tests.functional.cloud import aws
from tests.functional.vendors import BASE_URL, Vendors

ADMIN = Caller("key_admin", "the tests", Role.ADMIN, frozenset({EVERY_STORE}))
STORE = "sto_main"
ZONE = "America/New_York"
HUB_URL = "https://hub.example.com"
QUEUES = (
    *(
        "fetch_order",
        "push_status",
        "record_late",
        "push_stock",
        "deliver",
        "fulfill",
        "tell_store",
        "send_cart",
        "send_refund",
    ),
    "report_event",
    "send_report",
    "poll",
)


@dataclass(frozen=True)
class Reply:
    """What a function answers to HTTP. headers: names in lower case."""

    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        """Status and code of an error of the API, which has its one shape."""
        told = self.json
        assert list(told) == ["error", "message", "details", "request_id"], told
        assert told["message"], told
        assert (type(told["details"]), told["request_id"]) == (dict, "request-1"), told
        assert self.headers["content-type"] == "application/json", self.headers
        return self.status, told["error"]


@dataclass
class Hub:
    """The hub and the platforms around it. answers: all that it answered so far."""

    vendors: Vendors
    dispatched: set[tuple[str, ...]] = field(default_factory=set)
    answers: list[Reply] = field(default_factory=list)

    # --- what there is -----------------------------------------------------------------------------------------------

    def add_store(self, store_id: str = STORE, **fields: Any) -> None:
        told = {"name": "Main Street", "time_zone": ZONE, "prep_minutes": 15, **fields}
        stores.create_store(ADMIN, stores.NewStore(id=store_id, **told), None)

    def connect(self, slug: str, *, store: str = STORE, secret: str | None = None, **fields: Any) -> str:
        """Makes a connection to a stand-in; its id."""
        platform = played()[slug]
        new = connections.NewConnection(
            platform=slug,
            name=fields.pop("name", slug),
            default_store_id=store,
            stores=fields.pop("stores", {platform.store: store}),
            settings={**platform.settings(f"{BASE_URL}/{slug}"), **fields.pop("settings", {})},
            credentials=fields.pop("credentials", None) or platform.credentials(secret or platform.secret),
            **fields,
        )
        return connections.create_connection(ADMIN, new, HUB_URL, None).id

    def serve(self, slug: str, *, store: str = STORE, **settings: Any) -> str:
        """Makes a connection to somebody that a store's orders are handed to; its id."""
        new = connections.NewConnection(
            platform=slug,
            name=slug,
            default_store_id=store,
            settings={**receivers()[slug].settings(f"{BASE_URL}/{slug}"), **settings},
            credentials=self.vendors.app.vendors[slug].credentials(),
        )
        made = connections.create_connection(ADMIN, new, HUB_URL, None).id
        forget_served()
        return made

    def connection(self, connection_id: str, secret: str | None = None) -> Connection[Any, Any]:
        """The connection as storage holds it now. secret: another in place of its own."""
        document, slug = self._document(connection_id), self.slug(connection_id)
        credentials = secrets.get(connection_id) if secret is None else played()[slug].credentials(secret)
        return assemble(load(slug), connection_id, document, credentials)

    def slug(self, connection_id: str) -> str:
        return str(self._document(connection_id)["platform"])

    def _document(self, connection_id: str) -> dict[str, Any]:
        entry = config.get(Collection.CONNECTIONS, connection_id)
        assert entry is not None, f"there is no connection {connection_id}"
        return entry.document

    def rotate(self, connection_id: str, secret: str) -> None:
        """Another process stores another secret: the memory of this one does not learn of it."""
        secrets.put(connection_id, played()[self.slug(connection_id)].credentials(secret))

    def order(self, order_id: str) -> Order:
        """The order as staff see it."""
        return orders.get_order(ADMIN, order_id)

    def timeline(self, order_id: str) -> list[Event]:
        """All events of an order, whether or not there is one to show."""
        return timelines.timeline(order_id)

    def told(self, order_id: str) -> list[tuple[str, str]]:
        """Type and effect of each line of an order's timeline."""
        return [(event.type, event.effect) for event in self.timeline(order_id)]

    # --- what comes in -----------------------------------------------------------------------------------------------

    def send(
        self,
        connection_id: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        slug: str | None = None,
        secret: str | None = None,
        proof: Mapping[str, str] | None = None,
        encoded: bool = True,
        method: str = "POST",
        below: str = "",
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """A webhook request.

        secret: another than the connection's. proof: the headers to send in place of the right signature. slug: needed
        only when there is no such connection. encoded: whether the gateway gives the body as base64. below: what
        follows the connection's URL.
        """
        slug = slug or self.slug(connection_id)
        told = {"content-type": "application/json", **lowered(headers or {}), **lowered(proof or {})}
        path = f"/webhooks/{slug}/{connection_id}{below}"
        request = Request(method, path, told, query or {}, body, datetime.now(UTC))
        if proof is None:
            request = load(slug).sign(request, self.connection(connection_id, secret))
        event = {
            "version": "2.0",
            "rawPath": request.path,
            "headers": dict(request.headers),
            "queryStringParameters": dict(request.query),
            "pathParameters": {"connection_id": connection_id},
            "requestContext": {"http": {"method": method, "path": request.path, "sourceIp": "192.0.2.7"}},
            "body": base64.b64encode(request.body).decode() if encoded else request.body.decode(),
            "isBase64Encoded": encoded,
        }
        return self._answered(function(f"webhooks.{slug}")(event, None))

    def sign(self, connection_id: str, body: bytes, secret: str | None = None) -> dict[str, str]:
        """The headers that prove a body."""
        connection = self.connection(connection_id, secret)
        request = Request("POST", "/", {}, {}, body, datetime.now(UTC))
        return dict(load(connection.platform).sign(request, connection).headers)

    def tell(self, connection_id: str, event: str, order: Mapping[str, Any], key: str, **changes: Any) -> Reply:
        """The platform's webhook about an order. key: its delivery id."""
        headers, body = played()[self.slug(connection_id)].told(event, order, key, **changes)
        return self.send(connection_id, body, headers)

    def receive(self, connection_id: str, n: int = 1, order: Mapping[str, Any] | None = None) -> str:
        """The platform makes its n-th order and tells of it, and the hub takes it in; its id here."""
        connection = self.connection(connection_id)
        platform = played()[connection.platform]
        made = order or platform.order(n)
        self.vendors.put(connection.platform, made)
        reply = self.tell(connection_id, platform.first, made, f"first-{platform.external_id(made)}")
        assert reply.status == 200, reply
        self.run()
        return connection.order_id(*platform.identity_of(made))

    # --- what goes on inside -----------------------------------------------------------------------------------------

    def dispatch(self) -> None:
        """Gives the new items of the orders table to the stream's consumer."""
        found = {key: image for key, image in _records().items() if key not in self.dispatched}
        self.dispatched.update(found)
        function("streams.dispatch")({"Records": [stream_record(image) for image in found.values()]}, None)

    def work(self, queue: str) -> int:
        """Gives the messages of a queue that are due to its function, one by one; how many of them come back."""
        url, comes_back = queue_url(queue), 0
        for message in list(_received(url)):
            answer = function(f"actions.{_ACTIONS[queue]}")({"Records": [sqs_record(message)]}, None)
            if answer["batchItemFailures"]:
                comes_back += 1
            else:
                aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return comes_back

    def run(self) -> int:
        """Lets everything happen that is due now; how many messages have to come back."""
        comes_back = 0
        for _ in range(10):
            before = len(self.dispatched)
            self.dispatch()
            comes_back += sum(self.work(queue) for queue in QUEUES)
            if len(self.dispatched) == before and _records().keys() <= self.dispatched:
                return comes_back
        raise AssertionError("the hub does not come to rest")

    # --- the staff API -----------------------------------------------------------------------------------------------

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        caller: Caller | None = ADMIN,
        query: Mapping[str, Any] | None = None,
        **headers: str,
    ) -> Reply:
        """A call to the staff API by somebody whom the authorizer let in. headers: if_match for If-Match."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        context = {"authorizer": {"lambda": to_context(caller)}} if caller is not None else {}
        event = {
            "version": "2.0",
            "routeKey": "ANY /v1/{proxy+}",
            "rawPath": path,
            "rawQueryString": urlencode(query or {}),
            "queryStringParameters": {name: str(value) for name, value in (query or {}).items()},
            "headers": {"content-type": "application/json", **given},
            "requestContext": {
                "http": {"method": method, "path": path},
                "requestId": "request-1",
                "domainName": "hub.example.com",
                "stage": "$default",
                **context,
            },
            "body": body if body is None or isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }
        return self._answered(function("api")(event, None))

    def _answered(self, answer: Mapping[str, Any]) -> Reply:
        body = answer.get("body") or ""
        text = base64.b64decode(body).decode() if answer.get("isBase64Encoded") else body
        reply = Reply(answer["statusCode"], text, lowered(answer.get("headers") or {}))
        self.answers.append(reply)
        return reply


def _records() -> dict[tuple[str, ...], Any]:
    """What lies in the orders table, an order once for each of its versions."""
    return {(*key, image["version"]["N"]) if key[1] == "ORDER" else key: image for key, image in cloud.images().items()}


_ACTIONS = {queue: queue for queue in QUEUES} | {"poll": "poll_connection"}


def function(name: str) -> Any:
    """The handler of a Lambda function, by its folder."""
    return importlib.import_module(f"functions.{name}.app").handler


def queue_url(queue: str) -> str:
    """The URL of a queue of the hub."""
    return str(getattr(settings(), f"{queue}_queue_url"))


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def stream_record(image: Mapping[str, Any], name: str = "INSERT") -> dict[str, Any]:
    """An item as a record of the stream: its bytes are base64 text there."""
    shown = {
        key: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value for key, value in image.items()
    }
    keys = {key: shown[key] for key in ("pk", "sk")}
    return {"eventName": name, "dynamodb": {"Keys": keys, "NewImage": shown, "SequenceNumber": "1"}}


def sqs_record(message: Mapping[str, Any]) -> dict[str, Any]:
    """A received message as Lambda gets it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }


def _received(url: str) -> Iterator[dict[str, Any]]:
    sqs = aws("sqs")
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
    while found := sqs.receive_message(**asked).get("Messages", []):
        yield from found
