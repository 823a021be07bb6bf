"""A caller of the stand-ins without sockets, with a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import Client, TestResponse

from local.standins.server import StandIns
from orderhub.platforms.base import Connection
from orderhub.platforms.http_types import Call, Http, Reply
from orderhub.platforms.registry import load

START = datetime(2026, 10, 5, 17, 0, tzinfo=UTC)


class Caller:
    """Calls the stand-ins; `slept` holds the seconds that faults made them wait."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []
        self.app = StandIns(clock=lambda: self.now, sleep=self.slept.append)
        self.client = Client(self.app, use_cookies=False)

    def wait(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call to `/_control`; its JSON, None for an empty answer. Fails on an error."""
        answer = self.client.open(f"/_control/{path}", method=method, json=body)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json() if answer.data else None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """A call to a vendor's path with a JSON body."""
        return self.client.open(path, method=method, json=body, headers=headers)

    def calls(self, slug: str, **query: Any) -> list[Any]:
        """The calls a stand-in received."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        found: list[Any] = self.control("GET", f"{slug}/calls?{asked}")["calls"]
        return found

    def fault(self, slug: str, **fault: Any) -> None:
        """Arm a fault."""
        self.control("POST", f"{slug}/faults", fault)

    def put(self, slug: str, order: Any) -> str:
        """The vendor holds this order; its id."""
        return str(self.control("POST", f"{slug}/orders", order)["id"])

    def held(self, slug: str, order_id: str) -> Any:
        """An order as the vendor holds it."""
        return self.control("GET", f"{slug}/orders/{order_id}")


class VendorHttp(Http):
    """The calls of an adapter to its stand-in: authorized by the adapter, refused as the hub's own client refuses.

    token: what the stand-in gave for a login, where it wants one.
    """

    def __init__(self, caller: Caller, connection: Connection[Any, Any], token: str | None = None) -> None:
        self.caller, self.connection, self.token = caller, connection, token
        self.platform = load(connection.platform)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        url = path if not path.startswith("/") else self.platform.base_url(self.connection) + path
        made = Call(method, url, params or {}, headers or {}, json)
        call = self.platform.authorize(made, self.connection, self.token)
        where = urlsplit(call.url)
        got = self.caller.client.open(
            where.path,
            method=call.method,
            base_url=f"{where.scheme}://{where.netloc}",
            query_string={**dict(parse_qsl(where.query)), **call.params},
            headers=dict(call.headers),
            json=call.json,
        )
        reply = Reply(got.status_code, {name.lower(): text for name, text in got.headers.items()}, got.get_data())
        if self.platform.is_refusal(reply):
            raise self.platform.refusal(reply)
        return reply

    def remembered(self, path: str, *, headers: Mapping[str, str] | None = None, keep: timedelta) -> Reply:
        assert keep > timedelta()
        return self.request("GET", path, headers=headers)
