"""The calls a stand-in received, and the errors it was told to answer with."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from local.standins.vendor import Json, body_of

MOST_CALLS = 50_000
"""Calls kept per stand-in; the oldest go first."""

SECRET_HEADERS = frozenset({"authorization", "x-shopify-access-token", "cookie"})
SECRET_FIELDS = frozenset(
    {
        *("client_secret", "refresh_token", "access_token", "code", "code_verifier", "clientSecret"),
        *("app_key", "app_secret", "consumer_key", "consumer_secret", "oauth_signature"),
    }
)
"""Of bodies and queries."""
ID_IN_TEXT = re.compile(r"[A-Za-z0-9_-]{6,}")


@dataclass(frozen=True)
class Call:
    """One call, as `/_control/{slug}/calls` shows it. `at` and `answered_at` are RFC 3339 in UTC."""

    number: int
    at: str
    answered_at: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int
    fault: str | None

    @property
    def ids(self) -> set[str]:
        """Everything in the path and body that looks like an id."""
        return set(ID_IN_TEXT.findall(self.path)) | set(ID_IN_TEXT.findall(json.dumps(self.body)))


@dataclass
class Fault:
    """An answer to give instead of, or after, the right one.

    It hits the next `times` calls that match: `method`, `path_contains` and `body_contains`, each optional. With a
    `status` of null the call is only delayed. With `after_effect` the call has its effect first, and the caller does
    not learn of it.
    """

    match: dict[str, str] = field(default_factory=dict)
    times: int = 1
    status: int | None = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    delay_seconds: float = 0.0
    after_effect: bool = False

    def __post_init__(self) -> None:
        unknown = set(self.match) - {"method", "path_contains", "body_contains"}
        if unknown:
            raise ValueError(f"a fault cannot match on {', '.join(sorted(unknown))}")

    def hits(self, request: Request, path: str) -> bool:
        """Whether this fault is for the request."""
        return (
            self.times > 0
            and self.match.get("method", request.method).upper() == request.method
            and self.match.get("path_contains", "") in path
            and self.match.get("body_contains", "") in request.get_data(as_text=True)
        )

    @property
    def kind(self) -> str:
        """In a word, for the list of calls."""
        if self.status is None:
            return "delayed"
        return "after_effect" if self.after_effect else "refused"


class Journal:
    """Calls, faults and figures of one stand-in; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self._numbers = itertools.count(1)
        self._faults: list[Fault] = []
        self._in_flight = 0
        self._counted: Counter[str] = Counter()
        self._most_in_flight = 0

    def reset(self) -> None:
        """Forget calls, faults and figures. Numbers go on, so that a reader's `since` stays good."""
        with self._lock:
            self._calls.clear()
            self._faults.clear()
            self._counted.clear()
            self._most_in_flight = self._in_flight

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a call as under way."""
        with self._lock:
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def add_fault(self, fault: Fault) -> None:
        """Arm a fault; the one armed first is used first."""
        with self._lock:
            self._faults.append(fault)

    def take_fault(self, request: Request, path: str) -> Fault | None:
        """The fault this request meets, used up by one."""
        with self._lock:
            fault = next((fault for fault in self._faults if fault.hits(request, path)), None)
            if fault is not None:
                fault.times -= 1
                self._faults = [known for known in self._faults if known.times > 0]
            return fault

    def faults(self) -> list[Json]:
        """The faults still armed."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear_faults(self) -> None:
        """Disarm all."""
        with self._lock:
            self._faults.clear()

    def record(
        self, request: Request, path: str, response: Response, times: tuple[str, str], fault: str | None
    ) -> None:
        """Keep a call, without its secrets. `times` are when it came and when it was answered."""
        with self._lock:
            call = Call(
                number=next(self._numbers),
                at=times[0],
                answered_at=times[1],
                method=request.method,
                path=path,
                query=_without_secrets(request.args.to_dict()),
                headers={name: text for name, text in request.headers.items() if name.lower() not in SECRET_HEADERS},
                body=_shown(request),
                status=response.status_code,
                fault=fault,
            )
            self._calls.append(call)
            self._counted[f"{request.method} {path}"] += 1

    def calls(self, names: set[str] | None = None, since: int = 0) -> list[Json]:
        """The calls after number `since`, in order; with `names`, only those that mention one of these ids."""
        with self._lock:
            found = [call for call in self._calls if call.number > since]
        return [asdict(call) for call in found if names is None or not names.isdisjoint(call.ids)]

    def clear_calls(self) -> None:
        """Forget the calls, not the figures."""
        with self._lock:
            self._calls.clear()

    def stats(self) -> Json:
        """Calls by method and path, how many are under way, and the most that ever were at once."""
        with self._lock:
            return {
                "calls": sum(self._counted.values()),
                "calls_by_path": dict(sorted(self._counted.items())),
                "in_flight": self._in_flight,
                "most_in_flight": self._most_in_flight,
            }

    def memory(self) -> tuple[list[Call], Counter[str]]:
        """What outlives a restart: calls and figures."""
        with self._lock:
            return list(self._calls), self._counted

    def recall(self, memory: tuple[list[Call], Counter[str]]) -> None:
        """Go on from what `memory` gave."""
        with self._lock:
            self._calls.extend(memory[0])
            self._counted.update(memory[1])
            self._numbers = itertools.count(self._calls[-1].number + 1 if self._calls else 1)


def _shown(request: Request) -> Any:
    """A body as the list of calls shows it: JSON or form without secrets, else text."""
    read = body_of(request)
    if read:
        return _without_secrets(read)
    return request.get_data(as_text=True) or None


def _without_secrets(fields: Json) -> Json:
    return {name: "***" if name in SECRET_FIELDS else value for name, value in fields.items()}
