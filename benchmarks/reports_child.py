"""CPU of sending reports, in a process of its own: started by `reports.py` with the path of a task, answers with JSON.

The receiver is real: an HTTP server in another process of this machine. AWS is answered at the socket.
"""

from __future__ import annotations

import base64
import hmac
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from urllib3.connectionpool import HTTPConnectionPool

from benchmarks.events import CONTEXT
from benchmarks.wire import Answer, Call, answered_by

SUBSCRIPTION = "sub_bench"


def main(path: str) -> None:
    """Runs the task and prints microseconds of CPU for each delivery."""
    task = json.loads(Path(path).read_bytes())
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with _receiver() as url:
        measured = _compare(url, task["rounds"])
    os.write(answer, json.dumps(measured).encode())


def _compare(url: str, rounds: int) -> dict[str, Any]:
    """A delivery beside its floor, in turns."""
    import requests

    from functions.actions.send_report.app import handler
    from orderhub.reporting import signing
    from orderhub.reporting.catalogue import EventType
    from orderhub.reporting.examples import example
    from orderhub.reporting.messages import body_of
    from orderhub.reporting.subscription import MessageFormat, Subscription
    from orderhub.runtime import now
    from orderhub.storage.reports import Report, ReportState

    news = example(EventType.ORDER_STATUS_CHANGED)
    subscription = Subscription(id=SUBSCRIPTION, url=url, since=now())
    body = body_of(news, subscription)
    if body is None:
        raise RuntimeError("there is no such message")
    secret = signing.new_secret()
    report = Report(
        subscription_id=SUBSCRIPTION,
        id=news.id,
        kind=news.kind.value,
        at=news.event.at,
        created_at=news.event.at,
        state=ReportState.PENDING,
        due_at=news.event.at,
        body=body,
    )
    event = {"Records": [_record({"platform": "reporting", "subscription_id": SUBSCRIPTION, "report_id": report.id})]}
    headers = signing.headers(
        MessageFormat.ORDERHUB, report.id, report.kind, body, signing.Secrets(secret), news.event.at
    )
    session = requests.Session()
    key = base64.b64decode(secret.removeprefix("whsec_"))

    def floor() -> None:
        hmac.digest(key, body, "sha256")
        session.post(url, data=body, headers=headers, timeout=10)

    with _aws(report, subscription, secret):
        works = {"delivery": lambda: _delivered(handler, event), "floor": floor}
        times = _in_turns(works, rounds)
    return {
        "micros": {name: median(found) for name, found in times.items()},
        "ratio": median(one / least for one, least in zip(times["delivery"], times["floor"], strict=True)),
        "body": len(body),
    }


def _delivered(handler: Callable[..., Any], event: Any) -> None:
    if handler(event, CONTEXT)["batchItemFailures"]:
        raise RuntimeError("the report was not delivered")


def _in_turns(works: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    for work in works.values():
        work()  # so that the connection is there
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            started = time.process_time_ns()
            work()
            times[name].append((time.process_time_ns() - started) / 1000)
    return times


def _record(body: dict[str, str]) -> dict[str, Any]:
    return {
        "messageId": "1",
        "receiptHandle": "1",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"},
    }


# --- AWS, and the receiver --------------------------------------------------------------------------------------------


@contextmanager
def _aws(report: Any, subscription: Any, secret: str) -> Iterator[None]:
    """AWS answers as it would for a report that is due; what is no AWS is really called."""
    from orderhub.storage import reports, subscriptions

    stored: list[dict[str, Any]] = []

    def keep(call: Call) -> Answer:
        if call.operation == "PutItem":
            stored.append(json.loads(call.body)["Item"])
        return Answer(200, {}, b"{}")

    with answered_by(keep):
        reports.add(report)
    document = json.dumps(subscriptions.document_of(subscription))
    entry = {"pk": {"S": "subscriptions"}, "sk": {"S": SUBSCRIPTION}, "doc": {"S": document}}
    values = json.dumps({"current": secret})
    read = {os.environ["ORDERS_TABLE"]: stored, os.environ["CONFIG_TABLE"]: [entry]}
    answers = {
        "BatchGetItem": {"Responses": read, "UnprocessedKeys": {}},
        "GetParameter": {"Parameter": {"Value": values}},
        "UpdateItem": {},
    }
    ready = {name: Answer(200, {}, json.dumps(one).encode()) for name, one in answers.items()}
    called = HTTPConnectionPool.urlopen
    with answered_by(lambda call: ready[call.operation]):
        answered = HTTPConnectionPool.urlopen

        def urlopen(pool: HTTPConnectionPool, *told: Any, **more: Any) -> Any:
            return (answered if pool.host.endswith(".amazonaws.com") else called)(pool, *told, **more)

        with patch.object(HTTPConnectionPool, "urlopen", urlopen):
            yield


class _Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # the answer in one piece

    def do_POST(self) -> None:
        """Takes whatever comes."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        """Keeps quiet."""


def _listen(port: Any) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    port.put(server.server_address[1])
    server.serve_forever()


@contextmanager
def _receiver() -> Iterator[str]:
    context = multiprocessing.get_context("spawn")
    port: Any = context.Queue()
    process = context.Process(target=_listen, args=(port,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{port.get(timeout=30)}/hook"
    finally:
        process.terminate()
        process.join(10)


if __name__ == "__main__":
    main(sys.argv[1])
