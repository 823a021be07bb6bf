"""What tests and the demo do to the stand-ins, over HTTP with JSON bodies. `{slug}` is the platform's.

| call | what it does |
| --- | --- |
| GET /_control | tells that all stand-ins listen, and their names |
| POST /_control/{slug}/orders | the vendor now holds this order (the vendor's JSON, wrapped or bare); answers its id |
| GET /_control/{slug}/orders | the ids held |
| GET /_control/{slug}/orders/{id} | an order as the vendor sees it now |
| PATCH /_control/{slug}/orders/{id} | something happens on the vendor's side: top-level fields are replaced |
| GET /_control/{slug}/calls?order_id=&since= | the calls received, in order, after number `since`; secrets left out |
| DELETE /_control/{slug}/calls | forgets them |
| POST /_control/{slug}/faults | arms an error: see `journal.Fault` for the fields |
| GET, DELETE /_control/{slug}/faults | the errors still armed; disarms them |
| GET /_control/{slug}/stats | calls by path, the most at once, requests for tokens |
| GET /_control/{slug}/credentials | the credentials that are good here |
| DELETE /_control/{slug}/tokens | makes every token issued so far invalid |
| GET, PATCH /_control/{slug}/settings | the vendor's settings, such as how long a token lives |
| POST /_control/{slug}/reset | back to the beginning |
"""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.standins.journal import Fault, Journal
from local.standins.vendor import Vendor, answer, body_of

ROUTES = (
    ("GET", "/", "list_vendors"),
    ("POST", "/<slug>/orders", "put_order"),
    ("GET", "/<slug>/orders", "list_orders"),
    ("GET", "/<slug>/orders/<order_id>", "get_order"),
    ("PATCH", "/<slug>/orders/<order_id>", "change_order"),
    ("GET", "/<slug>/calls", "list_calls"),
    ("DELETE", "/<slug>/calls", "clear_calls"),
    ("POST", "/<slug>/faults", "add_fault"),
    ("GET", "/<slug>/faults", "list_faults"),
    ("DELETE", "/<slug>/faults", "clear_faults"),
    ("GET", "/<slug>/stats", "get_stats"),
    ("GET", "/<slug>/credentials", "get_credentials"),
    ("DELETE", "/<slug>/tokens", "revoke_tokens"),
    ("GET", "/<slug>/settings", "get_settings"),
    ("PATCH", "/<slug>/settings", "change_settings"),
    ("POST", "/<slug>/reset", "reset"),
)


class Control:
    """The control endpoints; every answer is JSON, an error says what is wrong in `error`."""

    def __init__(self, vendors: Mapping[str, Vendor], journals: Mapping[str, Journal]) -> None:
        self._vendors, self._journals = vendors, journals
        self._paths = Map([Rule(path, methods=[method], endpoint=name) for method, path, name in ROUTES])

    def handle(self, request: Request) -> Response:
        """Answer a call; `request.path` is what follows `/_control`."""
        try:
            name, found = self._paths.bind_to_environ(request.environ).match()
        except HTTPException as error:
            return answer({"error": error.description}, error.code or 404)
        arguments = dict(found)
        slug = arguments.pop("slug", None)
        if slug is None:
            return answer({"status": "ready", "vendors": sorted(self._vendors)})
        if slug not in self._vendors:
            return answer({"error": f"no stand-in is called {slug!r}"}, 404)
        vendor = self._vendors[slug]
        try:
            with vendor.lock:
                handled: Response = getattr(self, name)(request, vendor, self._journals[slug], **arguments)
        except KeyError as error:
            return answer({"error": f"not found: {error}"}, 404)
        except (TypeError, ValueError) as error:
            return answer({"error": str(error)}, 400)
        return handled

    def put_order(self, request: Request, vendor: Vendor, _: Journal) -> Response:
        """The vendor now holds this order."""
        try:
            order_id = vendor.put_order(body_of(request))
        except KeyError as error:
            return answer({"error": f"this is no order of {vendor.slug}: it has no {error}"}, 400)
        return answer({"id": order_id}, 201)

    def list_orders(self, _request: Request, vendor: Vendor, _: Journal) -> Response:
        """The ids held."""
        return answer({"ids": vendor.order_ids()})

    def get_order(self, _request: Request, vendor: Vendor, _: Journal, order_id: str) -> Response:
        """An order as the vendor sees it now."""
        return answer(vendor.view(order_id))

    def change_order(self, request: Request, vendor: Vendor, _: Journal, order_id: str) -> Response:
        """Something happens on the vendor's side."""
        return answer(vendor.change_order(order_id, body_of(request)))

    def list_calls(self, request: Request, vendor: Vendor, journal: Journal) -> Response:
        """The calls received."""
        order_id = request.args.get("order_id")
        names = None if order_id is None else {order_id} | vendor.aliases(order_id)
        return answer({"calls": journal.calls(names, int(request.args.get("since") or 0))})

    def clear_calls(self, _request: Request, _vendor: Vendor, journal: Journal) -> Response:
        """Forget the calls."""
        journal.clear_calls()
        return answer(status=204)

    def add_fault(self, request: Request, _vendor: Vendor, journal: Journal) -> Response:
        """Arm an error."""
        journal.add_fault(Fault(**body_of(request)))
        return answer({"faults": journal.faults()}, 201)

    def list_faults(self, _request: Request, _vendor: Vendor, journal: Journal) -> Response:
        """The errors still armed."""
        return answer({"faults": journal.faults()})

    def clear_faults(self, _request: Request, _vendor: Vendor, journal: Journal) -> Response:
        """Disarm all errors."""
        journal.clear_faults()
        return answer(status=204)

    def get_stats(self, _request: Request, vendor: Vendor, journal: Journal) -> Response:
        """Figures."""
        return answer({**journal.stats(), "token_requests": vendor.token_requests})

    def get_credentials(self, _request: Request, vendor: Vendor, _: Journal) -> Response:
        """The credentials that are good here."""
        return answer(vendor.credentials())

    def revoke_tokens(self, _request: Request, vendor: Vendor, _: Journal) -> Response:
        """Make every token issued so far invalid."""
        vendor.tokens.revoke_all()
        return answer(status=204)

    def get_settings(self, _request: Request, vendor: Vendor, _: Journal) -> Response:
        """The vendor's settings."""
        return answer(vendor.settings)

    def change_settings(self, request: Request, vendor: Vendor, _: Journal) -> Response:
        """Change settings that exist."""
        changes = body_of(request)
        unknown = sorted(set(changes) - set(vendor.default_settings))
        if unknown:
            raise ValueError(f"{vendor.slug} has no setting {', '.join(unknown)}")
        vendor.settings.update(changes)
        return answer(vendor.settings)

    def reset(self, _request: Request, vendor: Vendor, journal: Journal) -> Response:
        """Back to the beginning."""
        vendor.reset()
        journal.reset()
        return answer(status=204)
