"""CPU of warm functions, in a process of its own: started by `warm.py` with the path of a task, answers with JSON.

What AWS and the platforms answered when the functions really ran is answered again, at the socket.
"""

from __future__ import annotations

import base64
import gc
import hmac
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.events import CONTEXT
from benchmarks.wire import Answer, Exchange, Replay, answered_by, from_json

Work = Callable[[], object]


def main(path: str) -> None:
    """Runs the task and prints microseconds of CPU for each call."""
    task = json.loads(Path(path).read_bytes())
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    measured = compare(task) if task["kind"] == "webhook" else replay_all(task)
    os.write(answer, json.dumps(measured).encode())


def compare(task: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook beside its floors, in turns."""
    handler, event = _handler(task["function"]), task["event"]
    exchanges = from_json(task["exchanges"])
    with answered_by(Replay(exchanges, from_json(task["other"]))):
        handler(event, CONTEXT)
    written = next(one for one in exchanges if one.call.operation in _WRITES)
    # The plainest stub there is, for it is in both figures.
    answers = {one.call.target: one.answer for one in exchanges} | {_TRANSACTION: Answer(200, {}, b"{}")}
    with answered_by(lambda call: answers[call.target]):
        works = {"webhook": lambda: handler(event, CONTEXT), **_floors(event, written)}
        times = _in_turns(works, task["rounds"])
    return {
        "micros": {name: median(found) for name, found in times.items()},
        # Of calls that were neighbours in time, as the machine is not equally fast all the while.
        "ratio": median(one / floor for one, floor in zip(times["webhook"], times["floor"], strict=True)),
        "body": len(event["body"]),
        "sent": len(written.call.body),
    }


_WRITES = ("TransactWriteItems", "PutItem")
_TRANSACTION = "DynamoDB_20120810.TransactWriteItems"


def _floors(event: Mapping[str, Any], written: Exchange) -> dict[str, Work]:
    """What the figure is compared with.

    floor: HMAC-SHA256 of the body, json.loads of it, and one TransactWriteItems by botocore of the items the webhook
    wrote, with a client of botocore's as it comes. as_sent: the same, the write being the operation the webhook used.
    """
    import botocore.session

    dynamodb: Any = botocore.session.get_session().create_client("dynamodb")
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
    sent = _with_bytes(json.loads(written.call.body))
    items = sent.get("TransactItems", [{"Put": sent}])
    secret = b"a secret of the usual length, 38 bytes"

    def floor() -> None:
        hmac.digest(secret, body, "sha256")
        json.loads(body)
        dynamodb.transact_write_items(TransactItems=items)

    def as_sent() -> None:
        hmac.digest(secret, body, "sha256")
        json.loads(body)
        dynamodb.put_item(**sent)

    return {"floor": floor} if "TransactItems" in sent else {"floor": floor, "as_sent": as_sent}


def _with_bytes(value: Any) -> Any:
    """Parameters as a caller gives them: bytes that are base64 on the wire as bytes."""
    if isinstance(value, list):
        return [_with_bytes(one) for one in value]
    if isinstance(value, dict):
        return {
            name: base64.b64decode(one) if name == "B" and isinstance(one, str) else _with_bytes(one)
            for name, one in value.items()
        }
    return value


def _in_turns(works: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Microseconds of CPU of each call. Call by call in turns, so that none finds the processor's caches warm."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(_micros(work))
    return times


def _micros(work: Work) -> float:
    started = time.process_time_ns()
    work()
    return (time.process_time_ns() - started) / 1000


def replay_all(task: Mapping[str, Any]) -> dict[str, Any]:
    """The CPU of each invocation of an order's life."""
    handlers = {name: _handler(folder) for name, folder in task["functions"].items()}
    life = [(one["function"], one["event"], from_json(one["exchanges"])) for one in task["life"]]
    other = [*from_json(task["other"]), *(exchange for _, _, exchanges in life for exchange in exchanges)]
    replays = [Replay(exchanges, other) for _, _, exchanges in life]
    micros: list[list[float]] = [[] for _ in life]
    for _ in range(task["rounds"]):
        for (function, event, _), replay, found in zip(life, replays, micros, strict=True):
            with answered_by(replay):
                found.append(_micros(partial(handlers[function], event, CONTEXT)))
    return {"micros": [median(found) for found in micros]}


def _handler(folder: str) -> Callable[[Any, Any], Any]:
    path = Path(folder) / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{abs(hash(folder))}", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    gc.collect()
    handler: Callable[[Any, Any], Any] = module.handler
    return handler


if __name__ == "__main__":
    main(sys.argv[1])
