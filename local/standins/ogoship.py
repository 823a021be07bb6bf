"""Plays OGOship: its tokens, the REST API v1, the older API, and its webhooks.

https://openapi.ogoship.com/ ; see `ogoship_legacy` for the older API. What happens in the warehouse is told by
`PATCH /_control/ogoship/orders/{reference}` (a status, tracking), or `PUT /ogoship/_floor/stock/{code}` with the pieces
that there are (`{"stock": 5}`).
"""

from __future__ import annotations

import base64
import binascii
import copy
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from local.standins import ogoship_hooks as hooks
from local.standins import ogoship_legacy as legacy
from local.standins.ogoship_floor import Floor, refused, stamp
from local.standins.tokens import Tokens, TokenState
from local.standins.vendor import Json, Refused, Vendor, answer, bearer, body_of, system_clock

MERCHANT_ID = "4711"
SECRET_TOKEN = "demo-ogoship-token"  # noqa: S105 - made up, good only here
CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-client-secret"  # noqa: S105
API_KEY = "demo-ogoship-key"
WEBHOOK_KEY = "demo-ogoship-webhook-key"
LARGEST_PAGE = 250
TOKEN_SECONDS = 5_400

_API, _MY = "/api/v1", f"/merchant/{MERCHANT_ID}"
_PROVED_BY_SHA1 = ("legacy_order", "legacy_products", "legacy_changes")
_REST = (
    ("GET", "/orders", "list_orders"),
    ("POST", "/orders", "add_order"),
    ("PUT", "/orders/<path:reference>", "update_order"),
    ("GET", "/products", "list_products"),
    ("POST", "/products", "add_product"),
    ("PUT", "/products/<path:code>", "update_product"),
    ("GET", "/stock", "list_stock"),
    *((method, "/webhooks", "all_webhooks") for method in ("GET", "POST")),
    *((method, "/webhooks/<webhook_id>", "one_webhook") for method in ("GET", "PUT", "DELETE")),
)


def _rest_routes() -> Iterator[tuple[str, str, str]]:
    """The case of a path does not matter there."""
    for method, path, name in _REST:
        for first in (path[1], path[1].upper()):
            yield (method, f"{_API}/{first}{path[2:]}", name)


class Ogoship(Vendor):
    """The stand-in. It knows the settings of `default_settings`.

    shipping_codes: the methods that are enabled at the merchant, none for a single one without a name. webhooks: those
    that were made, as the API shows them. token_seconds: how long a token lives.
    """

    slug = "ogoship"
    routes = (
        ("POST", "/OAuth/Token", "issue_token"),
        *_rest_routes(),
        *((method, f"{_MY}/Order/<path:reference>", "legacy_order") for method in legacy.ORDER),
        ("POST", f"{_MY}/Products", "legacy_products"),
        ("GET", f"{_MY}/LatestChanges", "legacy_changes"),
        ("PUT", "/_floor/stock/<path:code>", "set_stock"),
    )
    open_routes = frozenset({"issue_token", "set_stock", *_PROVED_BY_SHA1})
    default_settings: ClassVar[Mapping[str, Any]] = {
        "shipping_codes": [],
        "webhooks": [],
        "token_seconds": TOKEN_SECONDS,
    }
    kept = ("floor", "refresh_tokens")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("ogo-")
        self.floor = Floor(self.clock)
        self.refresh_tokens: set[str] = set()
        self.send: hooks.Send = hooks.send_over_http
        self.settings["webhooks"] = []

    def memory(self) -> Json:
        """As of every vendor; the clock stays behind."""
        return {**super().memory(), "floor": replace(self.floor, clock=system_clock)}

    def recall(self, memory: Json) -> None:
        """As of every vendor, by this one's clock."""
        super().recall(memory)
        self.floor.clock = self.clock

    def credentials(self) -> Json:
        """What a connection needs."""
        return {
            "merchant_id": MERCHANT_ID,
            "secret_token": SECRET_TOKEN,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "api_key": API_KEY,
            "webhook_keys": [WEBHOOK_KEY],
        }

    def issue_token(self, request: Request) -> Response:
        """A password grant, or one use of a refresh token; a form, never JSON."""
        self.token_requests += 1
        form = request.form.to_dict()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refused(400, {"error": "invalid_client"})
        if form.get("grant_type") == "password":
            if (form.get("username"), form.get("password")) != (MERCHANT_ID, SECRET_TOKEN):
                raise Refused(400, {"error": "invalid_grant"})
        elif form.get("grant_type") != "refresh_token" or form.get("refresh_token") not in self.refresh_tokens:
            raise Refused(400, {"error": "invalid_grant"})
        self.refresh_tokens.discard(form.get("refresh_token", ""))
        lifetime, refresh = int(self.settings["token_seconds"]), secrets.token_hex(16)
        self.refresh_tokens.add(refresh)
        token = self.tokens.issue(self.clock(), timedelta(seconds=lifetime))
        told = {"access_token": token, "token_type": "bearer", "expires_in": lifetime, "refresh_token": refresh}
        return answer(told)

    def authorize(self, request: Request) -> None:
        """A token that is good now, or the API key."""
        if request.headers.get("X-OgoKey") == API_KEY:
            return
        if self.tokens.state(bearer(request), self.clock()) is not TokenState.GOOD:
            raise refused(401, "Authorization has been denied for this request.")

    def no_such_path(self) -> Response:
        """404 in the vendor's shape."""
        return answer(refused(404, "No HTTP resource was found that matches the request.").body, 404)

    # --- orders -------------------------------------------------------------------------------------------------------

    def list_orders(self, request: Request) -> Response:
        """Orders by reference and time of change, in pages."""
        wanted, after = request.args.get("reference"), _modified_after(request)
        rows = [one for one in self.floor.orders.values() if wanted in (None, one["reference"])]
        return _paged(request, [_shown(one) for one in rows if one["editTime"] > after])

    def add_order(self, request: Request) -> Response:
        """A new order."""
        return answer(_shown(self.floor.add(body_of(request), self._codes)))

    def update_order(self, request: Request, reference: str) -> Response:
        """Change an order, or give it a status."""
        order = self.floor.find(reference)
        return answer(_shown(self.floor.update(order, body_of(request), self._codes)))

    # --- products, stock ----------------------------------------------------------------------------------------------

    def list_products(self, request: Request) -> Response:
        """Products by code or EAN."""
        code, ean = request.args.get("code"), request.args.get("eanCode")
        rows = [
            one
            for one in self.floor.products.values()
            if code in (None, one["code"]) and ean in (None, one.get("eanCode"))
        ]
        return _paged(request, rows)

    def add_product(self, request: Request) -> Response:
        """A new product."""
        body = body_of(request)
        if body.get("code") in self.floor.products:
            raise refused(400, f"Product {body['code']} already exists.")
        return answer(self.floor.put_product(str(body.get("code")), body))

    def update_product(self, request: Request, code: str) -> Response:
        """Change a product; its code may be written in base64url."""
        if request.args.get("base64url") == "true":
            try:
                code = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise refused(400, "The code is not base64url.") from None
        if code not in self.floor.products:
            raise refused(404, f"Product {code} was not found.")
        return answer(self.floor.put_product(code, body_of(request)))

    def list_stock(self, request: Request) -> Response:
        """The stock of all products, or of those where it changed."""
        wanted, after = request.args.get("productCode"), _modified_after(request)
        rows = [self.floor.stock_of(code) for code in self.floor.products if wanted in (None, code)]
        return _paged(request, [row for row in rows if row["modified"] > after])

    def set_stock(self, request: Request, code: str) -> Response:
        """Goods came in, or somebody counted."""
        if code not in self.floor.products:
            raise refused(404, f"Product {code} was not found.")
        self.floor.set_stock(code, int(body_of(request)["stock"]))
        row = self.floor.stock_of(code)
        hooks.tell(self.settings["webhooks"], hooks.STOCK_CHANGED, row, self.send)
        return answer(row)

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def all_webhooks(self, request: Request) -> Response:
        """Those there are, which is `null` for none; or a new one."""
        if request.method == "POST":
            hook = {"id": secrets.token_hex(8), **hooks.read(request)}
            self.settings["webhooks"] = [*self.settings["webhooks"], hook]
            return answer(hook)
        if not self.settings["webhooks"]:
            return Response("null", mimetype="application/json")
        return answer(self.settings["webhooks"])

    def one_webhook(self, request: Request, webhook_id: str) -> Response:
        """Show, change or take away one."""
        hook = next((one for one in self.settings["webhooks"] if one["id"] == webhook_id), None)
        if hook is None:
            raise refused(404, "The webhook was not found.")
        if request.method == "DELETE":
            self.settings["webhooks"] = [one for one in self.settings["webhooks"] if one is not hook]
            return answer(status=204)
        if request.method == "PUT":
            hook.update(hooks.read(request))
        return answer(hook)

    # --- the older API ------------------------------------------------------------------------------------------------

    def legacy_order(self, request: Request, reference: str) -> Response:
        """Add, change, cancel or read an order."""
        legacy.check(request, ("order", legacy.ORDER[request.method], reference), SECRET_TOKEN)
        return legacy.handle_order(request, reference, self.floor, self._codes)

    def legacy_products(self, request: Request) -> Response:
        """Make or change products."""
        legacy.check(request, ("product", "all"), SECRET_TOKEN)
        return legacy.handle_products(request, self.floor)

    def legacy_changes(self, request: Request) -> Response:
        """What has changed."""
        legacy.check(request, ("order", "latestchanges", request.args.get("TimeStamp", "")), SECRET_TOKEN)
        return legacy.latest_changes(request, self.floor, self.clock())

    # --- what tests and the demo do -----------------------------------------------------------------------------------

    def put_order(self, body: Json) -> str:
        """Somebody made an order in myOGO. Raises KeyError."""
        reference = str(body["reference"])
        self.floor.add(body, self._codes)
        return reference

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Something happens in the warehouse; that an order was shipped is told to those who subscribed."""
        order = self.floor.orders[order_id]
        before = order["status"]
        self.floor.drive(order, changes)
        if order["status"] == "shipped" != before:
            hooks.tell(self.settings["webhooks"], hooks.ORDER_SHIPPED, _shown(order), self.send)
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """An order."""
        return _shown(self.floor.orders[order_id])

    def order_ids(self) -> list[str]:
        """The references held."""
        return list(self.floor.orders)

    def aliases(self, order_id: str) -> set[str]:
        """The id that OGOship gave it."""
        order = self.floor.orders.get(order_id)
        return {str(order["id"])} if order else set()

    @property
    def _codes(self) -> list[str]:
        return list(self.settings["shipping_codes"])


def _shown(order: Json) -> Json:
    """An order as the API shows it."""
    return copy.deepcopy({name: value for name, value in order.items() if name != "shelved"})


def _modified_after(request: Request) -> str:
    text = request.args.get("modifiedAfter")
    if text is None:
        return ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise refused(400, "The value of modifiedAfter is not valid.") from None
    return stamp(at.astimezone(UTC) if at.tzinfo else at)


def _paged(request: Request, rows: list[Json]) -> Response:
    """A bare list; both parameters are wanted."""
    limit, page = request.args.get("limit", ""), request.args.get("page", "")
    if not limit.isdecimal() or not 1 <= int(limit) <= LARGEST_PAGE or not page.isdecimal() or int(page) < 1:
        raise refused(400, "The values of limit and page are not valid.")
    first = (int(page) - 1) * int(limit)
    return answer(rows[first : first + int(limit)])


def connection_settings(address: str) -> Json:
    """Settings of a connection to this stand-in at an address."""
    return {"base_url": address, "my_url": address}
