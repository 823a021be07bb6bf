"""Systems of a merchant's, on this machine: they read messages as somebody would who knows the documentation alone."""

import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

Answer = tuple[int, Mapping[str, str], bytes]
OK: Answer = (200, {}, b"ok")


@dataclass
class Message:
    """What came to a path: when, as seconds of a clock that only goes forward; answered: the status."""

    path: str
    headers: dict[str, str]
    body: bytes
    came: float
    answered: int = 0

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receivers:
    """Many receivers behind one port, told apart by their paths. answers: what a path answers, 200 when not told."""

    port: int = 0
    got: list[Message] = field(default_factory=list)
    answers: dict[str, Callable[[Message], Answer]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def of(self, name: str) -> list[Message]:
        with self.lock:
            return [one for one in self.got if one.path == f"/{name}"]

    def take(self, message: Message) -> Answer:
        with self.lock:
            self.got.append(message)
        make = self.answers.get(message.path.lstrip("/"))
        answer = make(message) if make is not None else OK
        message.answered = answer[0]
        return answer


@contextmanager
def receivers(context: ssl.SSLContext | None = None) -> Iterator[Receivers]:
    """Receivers that listen while the block runs. context: for TLS."""
    made = Receivers()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            told = {name.lower(): value for name, value in self.headers.items()}
            status, headers, text = made.take(Message(self.path, told, body, time.monotonic()))
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Keeps quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            """Keeps quiet: some callers hang up, and mean to."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def verified(message: Message, secret: str) -> Any:
    """A message as the Standard Webhooks library reads it; raises for one that is not proved."""
    return Webhook(secret).verify(message.body, message.headers)


class NotDeliverect(Exception):
    """A message that such a receiver throws away."""


@dataclass
class DeliverectReceiver:
    """What a receiver written for Deliverect's reporting webhooks makes of messages.

    It proves each by both header names, tells the three kinds apart by their keys, and calculates with what it relies
    on. orders: by id, with the last status.
    """

    secret: str
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self, message: Message) -> tuple[str, int]:
        """Kind and status of a message."""
        wanted = hmac.new(self.secret.encode(), message.body, hashlib.sha256).hexdigest()
        for name in ("x-server-authorization-hmac-sha256", "x-deliverect-signature"):
            if not hmac.compare_digest(message.headers.get(name, ""), wanted):
                raise NotDeliverect(f"{name} does not fit")
        told = message.json
        if "_id" in told and "items" in told:
            return "new order", self._order(told)
        if {"orderId", "status", "timeStamp"} <= told.keys():
            self.orders[told["orderId"]]["status"] = told["status"]
            return "status", int(told["status"])
        if {"orderId", "courier"} <= told.keys():
            self.orders[told["orderId"]]["courier"] = told["courier"]["firstName"]
            return "courier", int(told["courier"]["status"])
        raise NotDeliverect("none of the three kinds")

    def _order(self, told: dict[str, Any]) -> int:
        factor = 10 ** told["decimalDigits"]
        lines = sum(_line(item) for item in told["items"])
        extras = sum(told[name] for name in ("deliveryCost", "serviceCharge", "bagFee", "tip", "driverTip"))
        total = (lines + extras + told["discountTotal"]) / factor
        assert isinstance(told["orderIsAlreadyPaid"], bool)
        assert isinstance(told["payment"]["type"], int)
        assert isinstance(told["channel"], int)
        self.orders[told["_id"]] = {
            "status": told["status"],
            "total": told["payment"]["amount"] / factor,
            "without_tax": total,
            "names": [item["name"] for item in told["items"]],
        }
        return int(told["status"])


def _line(item: dict[str, Any]) -> int:
    one = item["price"] + sum(_line(part) for part in item["subItems"])
    return int(item["quantity"] * one)
