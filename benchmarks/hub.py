"""The hub in this process: the functions of template.yaml, AWS played by moto, the platforms by their stand-ins.

One after the other, never at once, which is where moto is right. What the functions ask of AWS is counted on the way.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber
from werkzeug.test import Client

from benchmarks import blueprint, merchants, meter
from benchmarks.capture import captured_output
from benchmarks.events import CONTEXT, authorizer_event, http_event, queue_event, staff_body, stream_record
from benchmarks.merchants import STORE_ID
from benchmarks.meter import Read
from benchmarks.settings import BUCKET, CONFIG, ORDERS, PLATFORMS_URL, QUEUES, REGION
from benchmarks.units import Write
from benchmarks.wire import Answer, Call, Exchange, answered_by
from local.standins.played import played
from local.standins.server import StandIns
from orderhub.dispatch.hand_over import forget_served
from orderhub.intake.connections import assemble, forget_connections
from orderhub.platforms.http_types import Request
from orderhub.platforms.registry import load
from orderhub.runtime import now
from orderhub.service import access, api_keys, connections, stores
from orderhub.storage.subscriptions import forget_subscriptions

_BOSS = access.Caller("bench", "bench", access.Role.ADMIN, frozenset({access.EVERY_STORE}))


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function, and all it did. log: what it wrote."""

    function: str
    event: Mapping[str, Any]
    result: Any
    exchanges: list[Exchange]
    writes: list[Write]
    reads: list[Read]
    log: str


@dataclass
class _Tally:
    exchanges: list[Exchange] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)


STREAM_READERS = ("Dispatch", "KeepBooks")


class Hub:
    """A hub with one store, a connection to each platform, and an API key. Use it inside `running()`."""

    def __init__(self) -> None:
        self._moto = BotocoreStubber()
        self._moto.enabled = True
        self.standins = StandIns(sleep=lambda _: None)
        self._platforms = Client(self.standins, use_cookies=False)
        self._tables = {name: blueprint.table(source) for source, name in _TABLES.items()}
        self._keys = {name: table.keys for name, table in self._tables.items()}
        self._handlers: dict[str, Callable[[Any, Any], Any]] = {}
        self._tally = _Tally()
        self._sequence = 0
        self._external_ids: dict[str, str] = {}
        self.connections: dict[str, str] = {}
        self.api_key = ""
        self.forgetful = False

    @contextmanager
    def running(self) -> Iterator[Hub]:
        """Inside, this process talks to the hub's own AWS and stand-ins."""
        with answered_by(self._answer):
            self._create_resources()
            self._create_merchant()
            yield self

    # --- what the outside does ------------------------------------------------------------------------------------

    def announce(self, slug: str, number: int) -> tuple[str, Invocation]:
        """Lets a platform hold an order and tell of it; the hub's id of it, and the webhook's invocation."""
        platform = played()[slug]
        order = merchants.order(slug, number)
        external_id = self.standins.vendors[slug].put_order(order)
        headers, body = platform.told(platform.first, order, f"bench-{number}")
        webhook = self.notify(slug, headers, body, platform.path(platform.first))
        platform.answered(order, webhook.result["body"].encode())
        order_id: str = self._connection(slug, load(slug)).order_id(*platform.identity_of(order))
        self._external_ids[order_id] = external_id
        return order_id, webhook

    def notify(self, slug: str, headers: Mapping[str, str], body: bytes, path: str = "") -> Invocation:
        """A platform sends a webhook, signed. path: what follows the connection's URL."""
        return self.invoke(blueprint.webhook_function(slug), self._webhook_event(slug, headers, body, path))

    def held(self, slug: str, order_id: str) -> dict[str, Any]:
        """An order as its platform holds it now."""
        return copy.deepcopy(self.standins.vendors[slug].view(self._external_ids[order_id]))

    def act(self, order_id: str, action: str) -> list[Invocation]:
        """Staff do one of their actions: the authorizer, then the API."""
        path = f"/v1/orders/{order_id}/{action}"
        let_in = self.invoke("Authorizer", authorizer_event("PUT", path, self.api_key))
        return [let_in, self.invoke("Api", self._api_event("PUT", path, let_in.result["context"], staff_body(action)))]

    def show(self, order_id: str) -> dict[str, Any]:
        """An order as the API shows it."""
        event = self._api_event("GET", f"/v1/orders/{order_id}", access.to_context(_BOSS), b"")
        shown: dict[str, Any] = json.loads(self.invoke("Api", event).result["body"])
        return shown

    def list_open(self, limit: int) -> Invocation:
        """Staff look at the first page of a store's open orders."""
        event = self._api_event("GET", "/v1/orders", access.to_context(_BOSS), b"")
        asked = {"store_id": STORE_ID, "limit": str(limit)}
        return self.invoke("Api", {**event, "queryStringParameters": asked})

    def history(self, first: str, last: str) -> Invocation:
        """Staff look at what a store's orders came to, day by day."""
        event = self._api_event("GET", "/v1/orders/history", access.to_context(_BOSS), b"")
        asked = {"store_id": STORE_ID, "date_from": first, "date_to": last, "granularity": "day"}
        return self.invoke("Api", {**event, "queryStringParameters": asked})

    def put_item(self, table: str, item: Mapping[str, Any]) -> None:
        """Puts an item there, uncounted."""
        self._look("PutItem", {"TableName": table, "Item": item})

    def settle(self, cause: list[Invocation]) -> list[Invocation]:
        """Everything that follows from some invocations, until all is quiet."""
        waiting, done = deque(cause), list[Invocation]()
        while waiting:
            for function, event in self._consequences(waiting.popleft()):
                follow_up = self.invoke(function, event)
                done.append(follow_up)
                waiting.append(follow_up)
        return done

    # --- functions ------------------------------------------------------------------------------------------------

    def invoke(self, function: str, event: Mapping[str, Any]) -> Invocation:
        """Calls a function as Lambda would, counting what it does; when `forgetful`, as in a new environment each."""
        if self.forgetful:
            forget_connections()
            forget_served()
            forget_subscriptions()
        self._tally = tally = _Tally()
        with captured_output() as log:
            result = self._handler(function)(event, CONTEXT)
        done = Invocation(function, event, result, tally.exchanges, tally.writes, tally.reads, log())
        self._tally = _Tally()
        if _failed(result):
            raise RuntimeError(f"{function} failed: {result} {done.log}")
        return done

    def _handler(self, function: str) -> Callable[[Any, Any], Any]:
        if function not in self._handlers:
            path = blueprint.functions()[function].folder / "app.py"
            spec = importlib.util.spec_from_file_location(f"bench_{function}", path)
            if spec is None or spec.loader is None:
                raise RuntimeError(f"{path} cannot be loaded")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            self._handlers[function] = module.handler
        return self._handlers[function]

    def _consequences(self, done: Invocation) -> Iterator[tuple[str, dict[str, Any]]]:
        """The functions that AWS calls next: readers of the stream for new records, workers for messages sent."""
        records = [
            record
            for write in done.writes
            if write.table == ORDERS
            and (record := stream_record(write, self._keys[ORDERS], self._next_number())) is not None
        ]
        for reader in STREAM_READERS:
            passed = [record for record in records if blueprint.passes_filter(f"{reader}Source", record)]
            if passed:
                yield reader, {"Records": passed}
        for exchange in done.exchanges:
            if exchange.call.service == "sqs" and exchange.call.operation == "SendMessageBatch":
                sent = json.loads(exchange.call.body)
                function = next(
                    name for name, variable, _ in QUEUES.values() if os.environ[variable] == sent["QueueUrl"]
                )
                for entry in sent["Entries"]:
                    yield function, queue_event(entry, sent["QueueUrl"])

    def _next_number(self) -> int:
        self._sequence += 1
        return self._sequence

    # --- what answers ---------------------------------------------------------------------------------------------

    def _answer(self, call: Call) -> Answer:
        aimed = meter.aims(call, self._keys, self._look)
        answer = self._ask_platform(call) if call.service == "http" else self._ask_aws(call)
        self._tally.exchanges.append(Exchange(call, answer))
        self._tally.writes += meter.writes(aimed, self._look)
        read = meter.read(call, answer, self._look)
        if read is not None:
            self._tally.reads.append(read)
        return answer

    def _ask_aws(self, call: Call) -> Answer:
        if call.operation == "ChangeMessageVisibility":  # moto never handed the message out
            return Answer(200, {}, b"{}")
        headers = HTTPHeaders.from_dict(call.headers)
        request = AWSPreparedRequest(call.method, f"https://{call.host}{call.path}", headers, call.body, False)  # noqa: FBT003
        asked = self._moto.process_request(request)
        if asked is None:
            raise RuntimeError(f"moto does not know {call.host}")
        status, told, body = asked
        texts = {str(name): str(value) for name, value in told.items()}
        return Answer(status, texts, body.encode() if isinstance(body, str) else body)

    def _ask_platform(self, call: Call) -> Answer:
        reply = self._platforms.open(
            call.path, base_url=PLATFORMS_URL, method=call.method, headers=dict(call.headers), data=call.body
        )
        return Answer(reply.status_code, dict(reply.headers), reply.get_data())

    def _look(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=testing/20261005/{REGION}/dynamodb/aws4_request",
        }
        body = json.dumps(parameters).encode()
        answer = self._ask_aws(Call(f"dynamodb.{REGION}.amazonaws.com", "POST", "/", headers, body))
        found: dict[str, Any] = json.loads(answer.body)
        if answer.status != 200:
            raise RuntimeError(f"{operation}: {found}")
        return found

    # --- making it ------------------------------------------------------------------------------------------------

    def _create_resources(self) -> None:
        dynamodb, sqs, s3 = boto3.client("dynamodb"), boto3.client("sqs"), boto3.client("s3")
        for source, name in _TABLES.items():
            dynamodb.create_table(TableName=name, **blueprint.table_properties(source))
        for _, _, queue in QUEUES.values():
            sqs.create_queue(QueueName=queue)
        s3.create_bucket(Bucket=BUCKET)

    def _create_merchant(self) -> None:
        new_store = stores.NewStore(
            id=STORE_ID, name="Bench Kitchen", time_zone="America/Chicago", currency="USD", prep_minutes=15
        )
        stores.create_store(_BOSS, new_store, None)
        for slug, merchant in played().items():
            new = connections.NewConnection(
                platform=slug,
                name=f"bench {slug}",
                default_store_id=STORE_ID,
                stores={merchant.store: STORE_ID},
                settings=merchant.settings(f"{PLATFORMS_URL}/{slug}"),
                credentials=merchant.credentials(merchant.secret),
            )
            self.connections[slug] = connections.create_connection(_BOSS, new, "https://hub.example.com", None).id
        new_key = api_keys.NewApiKey(name="bench", role=access.Role.STORE_EMPLOYEE, stores=[STORE_ID])
        self.api_key = api_keys.issue_key(_BOSS, new_key, None).key or ""
        forget_connections()

    def _connection(self, slug: str, platform: Any) -> Any:
        merchant = played()[slug]
        given = merchant.settings(f"{PLATFORMS_URL}/{slug}")
        if "notification_url" in platform.Settings.model_fields:
            given["notification_url"] = f"https://hub.example.com/webhooks/{slug}/{self.connections[slug]}"
        ours = {"id": STORE_ID, "time_zone": "America/Chicago"}
        document = {"settings": given, "default_store": ours, "stores": {merchant.store: ours}}
        return assemble(platform, self.connections[slug], document, merchant.credentials(merchant.secret))

    def _webhook_event(self, slug: str, headers: Mapping[str, str], body: bytes, inner: str) -> dict[str, Any]:
        platform, path = load(slug), f"/webhooks/{slug}/{self.connections[slug]}{inner}"
        lower = {name.lower(): value for name, value in headers.items()}
        request = Request("POST", path, lower, {}, body, now())
        signed = platform.sign(request, self._connection(slug, platform))
        return http_event(
            "POST",
            f"ANY /webhooks/{slug}/{{connection_id}}",
            signed.path,
            headers=dict(signed.headers),
            body=signed.body,
            parameters={"connection_id": self.connections[slug]},
        )

    def _api_event(self, method: str, path: str, caller: Mapping[str, str], body: bytes) -> dict[str, Any]:
        headers = {"content-type": "application/json", "accept": "application/json", "accept-encoding": "gzip"}
        return http_event(method, "ANY /v1/{proxy+}", path, headers=headers, body=body, authorizer=caller)


_TABLES = {"OrdersTable": ORDERS, "ConfigTable": CONFIG}


def _worker_of(queue_url: str) -> str:
    """The function that works on a queue."""
    return next(function for function, _, name in QUEUES.values() if queue_url.endswith(f"/{name}"))


def _failed(result: Any) -> bool:
    """Whether a handler's answer says that something went wrong: then the figures would not be of an ordinary order."""
    if not isinstance(result, Mapping):
        return False
    return bool(result.get("batchItemFailures")) or result.get("statusCode", 200) >= 400
