"""Plays Toast's APIs of orders, configuration, restaurants and stock, as its guide and OpenAPI files describe them.

https://doc.toasttab.com/doc/devguide/
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from local.standins.played import Played, Told
from local.standins.samples import toast as samples
from local.standins.samples.toast_parts import written
from local.standins.toast_orders import deliver, void
from local.standins.toast_refusals import refused
from local.standins.tokens import Tokens, TokenState
from local.standins.vendor import Json, Vendor, answer, bearer, body_of

CLIENT_SECRET = "demo-toast-secret"  # noqa: S105 - made up, good only here
WEBHOOK_SECRET = "demo-toast-webhook-secret"  # noqa: S105
LARGEST_PAGE = 100
LONGEST_RANGE = timedelta(days=31)
STOCK_STATUSES = frozenset({"IN_STOCK", "OUT_OF_STOCK", "QUANTITY"})


class Toast(Vendor):
    """The stand-in. It knows the settings of `default_settings`; times are in seconds.

    retry_after: when set, every call but a login is answered 429 with it. no_scope: parts of paths that the client has
    no scope for. not_connected: restaurants whose owner has not let the client in. unknown_items: ids that the stock
    call answers INVALID for.
    """

    slug = "toast"
    routes = (
        ("POST", "/authentication/v1/authentication/login", "issue_token"),
        ("GET", "/orders/v2/orders/<order_id>", "read"),
        ("GET", "/orders/v2/ordersBulk", "list_orders"),
        ("POST", "/orders/v2/orders/<order_id>/void", "void_order"),
        ("PATCH", "/orders/v2/orders/<order_id>/deliveryInfo", "update_delivery"),
        ("GET", "/config/v2/diningOptions", "list_dining_options"),
        ("GET", "/config/v2/preModifiers", "list_pre_modifiers"),
        ("GET", "/restaurants/v1/restaurants/<guid>", "read_restaurant"),
        ("PUT", "/stock/v1/inventory/update", "update_stock"),
    )
    default_settings: ClassVar[Mapping[str, object]] = {
        "token_seconds": 86_400,
        "logins_per_hour": 2,
        "retry_after": 0,
        "no_scope": [],
        "not_connected": [],
        "unknown_items": [],
    }

    kept = ("orders", "stock")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("toast-")
        self.orders: dict[str, Json] = {}
        self.stock: dict[str, Json] = {}

    def credentials(self) -> Json:
        """What a connection needs; webhooks are signed with a secret of their subscription."""
        return {
            "client_id": samples.CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "webhook_secret": WEBHOOK_SECRET,
            "restaurant": samples.STORE_ID,
        }

    def issue_token(self, request: Request) -> Response:
        """A login; two of them an hour for each client."""
        self.token_requests += 1
        now, told = self.clock(), body_of(request)
        if self.tokens.asked_within(now, timedelta(hours=1)) > self.settings["logins_per_hour"]:
            raise refused(429, "Too many logins for this client", headers={"Retry-After": "1800"})
        if (told.get("clientId"), told.get("clientSecret")) != (samples.CLIENT_ID, CLIENT_SECRET):
            raise refused(401, "Unknown client, or wrong secret")
        if told.get("userAccessType") != "TOAST_MACHINE_CLIENT":
            raise refused(400, "userAccessType must be TOAST_MACHINE_CLIENT")
        lifetime = int(self.settings["token_seconds"])
        token = self.tokens.issue(now, timedelta(seconds=lifetime))
        return answer(
            {
                "@class": ".SuccessfulResponse",
                "token": {"tokenType": "Bearer", "accessToken": token, "expiresIn": lifetime},
                "status": "SUCCESS",
            }
        )

    def authorize(self, request: Request) -> None:
        """A good token, within the limits, with the scope, at a restaurant that is named and connected."""
        if self.tokens.state(bearer(request), self.clock()) is not TokenState.GOOD:
            raise refused(401, "The token is not valid")
        if self.settings["retry_after"]:
            raise refused(429, "Rate limit exceeded", headers={"Retry-After": str(self.settings["retry_after"])})
        if any(part in request.path for part in self.settings["no_scope"]):
            raise refused(403, "The client lacks the scope for this")
        named = request.headers.get("Toast-Restaurant-External-ID")
        if not named:
            raise refused(400, "Toast-Restaurant-External-ID is missing")
        if named in self.settings["not_connected"]:
            raise refused(403, "The restaurant is not connected to this client")

    def no_such_path(self) -> Response:
        """404 in the vendor's shape."""
        nothing = refused(404, "There is nothing at this path")
        return answer(nothing.body, 404)

    def read(self, request: Request, order_id: str) -> Response:
        """An order with its guest."""
        return answer(self._held(request, order_id))

    def list_orders(self, request: Request) -> Response:
        """A restaurant's orders by the time they were changed, the start included and the end not, in pages."""
        start, end = _moment(request, "startDate"), _moment(request, "endDate")
        if not start < end <= start + LONGEST_RANGE:
            raise refused(400, "endDate must be after startDate, by a month at most")
        size, page = _number(request, "pageSize"), _number(request, "page")
        if size > LARGEST_PAGE:
            raise refused(400, f"pageSize must be at most {LARGEST_PAGE}")
        named = request.headers["Toast-Restaurant-External-ID"]
        found = [
            held["order"]
            for held in self.orders.values()
            if held["restaurantGuid"] == named and start <= datetime.fromisoformat(held["order"]["modifiedDate"]) < end
        ]
        rows = found[(page - 1) * size : page * size]
        return answer(rows, headers={"Link": _links(request, page, more=page * size < len(found))})

    def void_order(self, request: Request, order_id: str) -> Response:
        """Void an order for good, as far as its own client may."""
        order = self._held(request, order_id)
        void(order, body_of(request), written(self.clock()))
        return answer(order)

    def update_delivery(self, request: Request, order_id: str) -> Response:
        """Say how a delivery goes, until it has arrived."""
        order = self._held(request, order_id)
        deliver(order, body_of(request))
        order["modifiedDate"] = written(self.clock())
        return answer(order)

    def list_dining_options(self, _request: Request) -> Response:
        """How the restaurant hands orders out."""
        return answer(list(samples.DINING_OPTIONS.values()))

    def list_pre_modifiers(self, _request: Request) -> Response:
        """The words in front of modifiers."""
        return answer(list(samples.PRE_MODIFIERS.values()))

    def read_restaurant(self, _request: Request, guid: str) -> Response:
        """What is known of a restaurant."""
        return answer(samples.restaurant(guid))

    def update_stock(self, request: Request) -> Response:
        """Change how much there is of items; one that is not on the menu is answered as INVALID."""
        rows = request.get_json(silent=True)
        if not isinstance(rows, list) or not rows:
            raise refused(400, "The body must be a list of items")
        return answer([self._stocked(row) for row in rows])

    def _stocked(self, row: Json) -> Json:
        item, status, quantity = row.get("guid") or row.get("multiLocationId"), row.get("status"), row.get("quantity")
        if not item or status not in STOCK_STATUSES:
            raise refused(400, "An item needs a guid or multiLocationId, and a status")
        if (status == "QUANTITY") != (isinstance(quantity, int | float) and quantity > 0):
            raise refused(400, "A quantity above 0 goes with the status QUANTITY, and with no other")
        if item in self.settings["unknown_items"]:
            return {**row, "itemGuidValidity": "INVALID", "status": "OUT_OF_STOCK"}
        self.stock[item] = row
        return {"quantity": None, **row, "itemGuidValidity": "VALID"}

    def put_order(self, body: Json) -> str:
        """Hold an order: with its restaurant as `{"restaurantGuid", "order"}`; bare, it is of every restaurant."""
        inner = body.get("order", body)
        order_id, _ = str(inner["guid"]), inner["checks"]
        held = {"restaurantGuid": body.get("restaurantGuid"), "order": copy.deepcopy(inner)}
        held["order"].setdefault("modifiedDate", written(self.clock()))
        self.orders[order_id] = held
        return order_id

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Replace fields of an order; it was changed just now."""
        self.orders[order_id]["order"].update({"modifiedDate": written(self.clock()), **changes})
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """The order, with its restaurant."""
        return self.orders[order_id]

    def order_ids(self) -> list[str]:
        """The orders held."""
        return list(self.orders)

    def aliases(self, _order_id: str) -> set[str]:
        """An order has one id."""
        return set()

    def _held(self, request: Request, order_id: str) -> Json:
        held = self.orders.get(order_id)
        named = request.headers["Toast-Restaurant-External-ID"]
        if held is None or held["restaurantGuid"] not in (None, named):
            raise refused(404, "There is no such order at this restaurant")
        order: Json = held["order"]
        return order


def _moment(request: Request, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(request.args.get(name, ""))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise refused(400, f"{name} must be a time with an offset")
    return at


def _number(request: Request, name: str) -> int:
    text = request.args.get(name, "")
    if not text.isdecimal() or int(text) < 1:
        raise refused(400, f"{name} must be a number from 1")
    return int(text)


def _links(request: Request, page: int, *, more: bool) -> str:
    """The Link header: first, self, and the pages before and after; the last one nobody tells."""
    pages = {
        "first": 1,
        "self": page,
        **({"prev": page - 1} if page > 1 else {}),
        **({"next": page + 1} if more else {}),
    }
    kept = "&".join(f"{name}={value}" for name, value in request.args.items() if name != "page")
    return ", ".join(f'<{request.base_url}?{kept}&page={number}>; rel="{name}"' for name, number in pages.items())


def _told(event: str, order: Mapping[str, Json], key: str, **changes: Any) -> Told:
    body = samples.notification(event, order, event_id=key, **changes)
    return samples.headers(event, str(order["restaurantGuid"])), samples.wire(body)


def _at_store(order: Json, store: str) -> None:
    order["restaurantGuid"] = store


PLAYED = Played(
    standin=Toast,
    secret=WEBHOOK_SECRET,
    credentials=lambda secret: {
        "client_id": samples.CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "webhook_secrets": [secret],
    },
    settings=lambda standin: {"base_url": standin, "own_prefix": samples.OWN_PREFIX, "may_void": True},
    store=samples.STORE_ID,
    order=samples.order,
    at_store=_at_store,
    told=_told,
    first="order_updated",
    external_id=lambda order: str(order.get("order", order)["guid"]),
    store_ids=lambda: str(uuid4()),
)
