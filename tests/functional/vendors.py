"""The platforms, played by the stand-ins of `local` without sockets; and what the hub needs to connect to each."""

from __future__ import annotations

from functools import cache

import requests
from werkzeug.test import Client

from local.standins.played import played, receivers
from local.standins.server import StandIns
from local.standins.vendor import system_clock
from tests.unit.standins_client import Caller

BASE_URL = "http://vendors.test"
OLD_SECRET, NEW_SECRET = "the-secret-of-yesterday", "the-secret-of-tomorrow"


@cache
def _standins() -> StandIns:
    return StandIns(clock=system_clock)


class Vendors(Caller):
    """All stand-ins, as new and on the clock of the test. down: whether no call gets an answer."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.app = _standins()
        self.app.sleep = self.slept.append
        self.client = Client(self.app, use_cookies=False)
        self.down = False
        for slug in (*played(), *receivers()):
            self.control("POST", f"{slug}/reset")

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        """Answers a call that the hub makes with `requests`."""
        if self.down:
            raise requests.ConnectionError("nobody listens")
        path = (request.url or "").removeprefix(BASE_URL)
        reply = self.client.open(
            path, base_url=BASE_URL, method=request.method, data=request.body, headers=dict(request.headers)
        )
        return reply.status_code, dict(reply.headers), reply.get_data()

    def made(self, slug: str) -> list[tuple[str, str, int]]:
        """The calls a stand-in received apart from those for tokens: method, path and status of the answer."""
        calls = [(call["method"], call["path"], call["status"]) for call in self.calls(slug)]
        return [call for call in calls if "token" not in call[1]]

    def token_requests(self, slug: str) -> int:
        """How often a stand-in was asked for an access token."""
        return int(self.control("GET", f"{slug}/stats")["token_requests"])


# The platforms that the core is tried with: one whose webhooks carry orders, and two whose orders are fetched.
PLATFORMS = {slug: played()[slug] for slug in ("shopify", "square", "uber_eats")}
