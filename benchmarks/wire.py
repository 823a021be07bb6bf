"""What stands in for the network: one place, urllib3's `urlopen`, under botocore and under our own HTTP client alike.

Everything above it runs for real: signing, serialising, parsing, retries. Below it nothing is sent.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any
from unittest.mock import patch

from urllib3 import HTTPResponse
from urllib3.connectionpool import HTTPConnectionPool


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request as it would leave. path: with its query."""

    host: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """The operation of an AWS service that speaks JSON, `DynamoDB_20120810.PutItem`; empty for others."""
        return self.headers.get("X-Amz-Target", "")

    @property
    def service(self) -> str:
        """`dynamodb`, `sqs`, `ssm`, `s3`; `http` for whoever is not AWS."""
        return self.host.split(".")[0] if self.host.endswith(".amazonaws.com") else "http"

    @property
    def operation(self) -> str:
        """`PutItem`; for others the method."""
        return self.target.partition(".")[2] or self.method


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer."""

    call: Call
    answer: Answer


Answerer = Callable[[Call], Answer]


@contextmanager
def answered_by(answerer: Answerer) -> Iterator[None]:
    """Inside, every HTTP request of this process is answered by `answerer`."""

    def urlopen(
        pool: HTTPConnectionPool, method: str, url: str, body: Any = None, headers: Any = None, **_: object
    ) -> HTTPResponse:
        answer = answerer(Call(pool.host, method, url, _texts(headers or {}), _bytes(body)))
        return HTTPResponse(BytesIO(answer.body), answer.headers, answer.status, preload_content=False)

    with patch.object(HTTPConnectionPool, "urlopen", urlopen):
        yield


def _texts(headers: Mapping[Any, Any]) -> dict[str, str]:
    return {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if hasattr(body, "read"):
        return bytes(body.read())
    return body.encode() if isinstance(body, str) else bytes(body)


class Replay:
    """Answers as it was answered before: the very same request the same, else the next of the same operation.

    Of the same operation on the same table, so that a write that carries another time finds its answer. Earlier layers
    go first. A request that nothing was recorded for is an error.
    """

    def __init__(self, *layers: Iterable[Exchange]) -> None:
        self._layers: list[dict[tuple[object, ...], deque[Answer]]] = []
        for exchanges in layers:
            layer: dict[tuple[object, ...], deque[Answer]] = defaultdict(deque)
            for exchange in exchanges:
                for key in _keys(exchange.call):
                    layer[key].append(exchange.answer)
            self._layers.append(layer)

    def __call__(self, call: Call) -> Answer:
        """The recorded answer. Raises LookupError."""
        for key in _keys(call):
            for layer in self._layers:
                if key in layer:
                    answers = layer[key]
                    answers.rotate(-1)
                    return answers[-1]
        raise LookupError(f"nothing recorded for {call.method} {call.host}{call.path} {call.target}")


def _keys(call: Call) -> Iterator[tuple[object, ...]]:
    """What a request is known by: all of it, and what it is about."""
    yield call.host, call.method, call.path, call.body
    if call.target:
        table = json.loads(call.body).get("TableName") if call.service == "dynamodb" else None
        yield call.host, call.target, table
    else:
        yield call.host, call.method, call.path.partition("?")[0]


def to_json(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Exchanges as plain JSON, for another process."""
    return [{"call": _plain(asdict(one.call)), "answer": _plain(asdict(one.answer))} for one in exchanges]


def from_json(exchanges: Iterable[Mapping[str, Any]]) -> list[Exchange]:
    """What `to_json` gave."""
    return [Exchange(Call(**_unplain(one["call"])), Answer(**_unplain(one["answer"]))) for one in exchanges]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "headers": dict(values["headers"]), "body": base64.b64encode(values["body"]).decode()}


def _unplain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "body": base64.b64decode(values["body"])}
