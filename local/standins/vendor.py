"""What the stand-ins have in common: routing by the vendor's paths, authentication, settings, and answers."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.standins.tokens import Tokens

Json = dict[str, Any]
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class Refused(Exception):
    """The vendor refuses a call: the status and the body to answer."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers


def answer(body: object = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An HTTP answer: JSON without blanks, text as it is, or no body at all for None."""
    if body is None or isinstance(body, str):
        return Response(body or "", status, headers, mimetype="text/plain")
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, mimetype="application/json")


def body_of(request: Request) -> Json:
    """The JSON object or the form in a request; an empty object for anything else."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.to_dict()
    try:
        read = json.loads(request.get_data(as_text=True) or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def bearer(request: Request) -> str:
    """The bearer token of a request, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Vendor(ABC):
    """One stand-in. A subclass lists its routes and says how it authenticates and how it refuses.

    All calls of one stand-in run one after another, so its state needs no locks of its own.
    """

    slug: ClassVar[str]
    routes: ClassVar[Sequence[tuple[str, str, str]]]
    """Method, path as a werkzeug rule, and the name of the method that handles it."""
    open_routes: ClassVar[frozenset[str]] = frozenset({"issue_token"})
    """Handlers that take calls without a token."""
    default_settings: ClassVar[Mapping[str, Any]]
    kept: ClassVar[tuple[str, ...]]
    """What outlives a restart, beside tokens and settings, by attribute."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self._paths = Map([Rule(path, methods=[method], endpoint=name) for method, path, name in self.routes])
        self.settings: Json = {}
        self.tokens = Tokens("")
        self.token_requests = 0
        self.reset()

    def reset(self) -> None:
        """Forget orders, tokens and settings."""
        with self.lock:
            self.settings = dict(self.default_settings)
            self.token_requests = 0
            self.clear()

    def memory(self) -> Json:
        """What outlives a restart."""
        return {name: getattr(self, name) for name in ("settings", "tokens", "token_requests", *self.kept)}

    def recall(self, memory: Json) -> None:
        """Go on from what `memory` gave."""
        for name, value in memory.items():
            setattr(self, name, value)

    def handle(self, request: Request) -> Response:
        """Answer a call to the vendor's API; `request.path` is the vendor's path."""
        try:
            name, arguments = self._paths.bind_to_environ(request.environ).match()
        except HTTPException:
            return self.no_such_path()
        try:
            with self.lock:
                if name not in self.open_routes:
                    self.authorize(request)
                handled: Response = getattr(self, name)(request, **arguments)
        except Refused as refused:
            return answer(refused.body, refused.status, refused.headers)
        return handled

    @abstractmethod
    def clear(self) -> None:
        """Start anew: no orders, new `tokens`."""

    @abstractmethod
    def authorize(self, request: Request) -> None:
        """Raise `Refused`, in the vendor's shape, unless the request carries a token that is good now."""

    @abstractmethod
    def no_such_path(self) -> Response:
        """What the vendor answers to a path it does not have."""

    @abstractmethod
    def credentials(self) -> Json:
        """What a connection needs to call this stand-in and to verify its webhooks."""

    @abstractmethod
    def put_order(self, body: Json) -> str:
        """Hold an order in the vendor's shape; its id. Raises KeyError for a body that is no order."""

    @abstractmethod
    def change_order(self, order_id: str, changes: Json) -> Json:
        """Something happened on the vendor's side: replace top-level fields. As `view`; KeyError if unknown."""

    @abstractmethod
    def view(self, order_id: str) -> Json:
        """An order as the vendor holds it now. KeyError if unknown."""

    @abstractmethod
    def order_ids(self) -> list[str]:
        """The orders held, in the order they came."""

    @abstractmethod
    def aliases(self, order_id: str) -> set[str]:
        """Every other id by which a call may name this order; none if it is not held."""
