"""The WSGI application of all stand-ins: hands each call to its vendor, past the faults, and keeps a record of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from local.standins.control import Control
from local.standins.journal import Fault, Journal
from local.standins.played import played, receivers
from local.standins.samples.kitchen import utc
from local.standins.vendor import Clock, Vendor, answer, system_clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class StandIns:
    """All stand-ins behind one port, told apart by the first part of the path.

    `clock` is the vendors' present; `sleep` waits out a fault's delay, in seconds.
    """

    def __init__(self, clock: Clock = system_clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self.clock, self.sleep = clock, sleep
        self.vendors: dict[str, Vendor] = {
            **{slug: one.standin(clock) for slug, one in played().items()},
            **{slug: one.standin(clock) for slug, one in receivers().items()},
        }
        self.journals = {slug: Journal() for slug in self.vendors}
        self.control = Control(self.vendors, self.journals)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        slug, _, rest = str(environ.get("PATH_INFO", "")).lstrip("/").partition("/")
        inner = {**environ, "PATH_INFO": f"/{rest}", "SCRIPT_NAME": f"/{slug}"}
        request = Request(inner)
        if slug == "_control":
            response = self.control.handle(request)
        elif slug in self.vendors:
            response = self._call(slug, request)
        else:
            response = answer({"error": f"no stand-in is called {slug!r}"}, 404)
        return response(inner, start_response)

    def _call(self, slug: str, request: Request) -> Response:
        vendor, journal = self.vendors[slug], self.journals[slug]
        request.get_data(cache=True, parse_form_data=False)
        came = utc(self.clock())
        with journal.in_flight():
            fault = journal.take_fault(request, request.path)
            response = self._answer(vendor, request, fault)
            times = (came, utc(self.clock()))
            journal.record(request, request.path, response, times, fault.kind if fault else None)
        return response

    def _answer(self, vendor: Vendor, request: Request, fault: Fault | None) -> Response:
        if fault is None:
            return vendor.handle(request)
        if fault.delay_seconds:
            self.sleep(fault.delay_seconds)
        if fault.status is None:
            return vendor.handle(request)
        if fault.after_effect:
            vendor.handle(request)
        return answer(fault.body, fault.status, fault.headers)
