"""Requests that come in, answers we give, and the calls that adapters make: plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from orderhub.errors import Quarantine

_LONGEST_NUMBER = 100  # digits


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request of a platform. headers: names in lower case. body: the raw bytes. received_at: UTC.

    source_ip: where it came from, as the gateway saw it; empty when nobody knows.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime
    source_ip: str = ""

    def header(self, *names: str) -> str | None:
        """The first of these headers that is there and not empty."""
        return next((value for name in names if (value := self.headers.get(name.lower()))), None)

    def json(self) -> Any:
        """The body as JSON, numbers with a fraction as Decimal. Raises Quarantine when it is none."""
        return parse_json(self.body)

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The same request with these headers as well."""
        return replace(self, headers={**self.headers, **{name.lower(): value for name, value in headers.items()}})

    @property
    def inner_path(self) -> tuple[str, ...]:
        """The parts of the path behind the connection's id, for platforms that call several URLs of ours."""
        return tuple(part for part in self.path.split("/") if part)[3:]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform gets back."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of ours to a platform, as it goes out. url: without the params; json: None for no body."""

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None

    def with_headers(self, headers: Mapping[str, str]) -> Call:
        """The same call with these headers as well."""
        return replace(self, headers={**self.headers, **headers})

    def with_params(self, params: Mapping[str, str]) -> Call:
        """The same call with these query parameters as well."""
        return replace(self, params={**self.params, **params})


@dataclass(frozen=True, slots=True)
class Reply:
    """What a platform answered to a call of ours. headers: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises Quarantine when it is none."""
        return parse_json(self.body)


class Http(Protocol):
    """Calls to one connection's platform. Authentication, timeouts and error mapping are done behind it.

    Raises Retry (network, 429, 5xx), Reject (other refusals), Misconfigured (credentials refused).
    """

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Sends one request.

        path: below the connection's base URL, starting with a slash; or a whole URL whose host the adapter has checked.
        """
        ...

    def remembered(self, path: str, *, headers: Mapping[str, str] | None = None, keep: timedelta) -> Reply:
        """What GET answers, or answered not longer than `keep` ago: for reference data that hardly changes."""
        ...


def parse_json(body: bytes) -> Any:
    """JSON with fractions as Decimal. Raises Quarantine for anything else, saying where it goes wrong."""
    try:
        return json.loads(body, parse_float=_fraction, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Quarantine("the body is not UTF-8") from None
    except RecursionError:
        raise Quarantine("the body is nested too deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise Quarantine(f"the body is not JSON: {error}") from None


def _fraction(text: str) -> Decimal:
    """A number as Decimal, unless its exponent is a trap: 1e999999999 takes eleven bytes, and gigabytes as a whole."""
    value = Decimal(text)
    if len(text) > _LONGEST_NUMBER or abs(value.adjusted()) > _LONGEST_NUMBER:
        raise ValueError("a number out of all proportion")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
