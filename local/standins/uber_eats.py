"""Plays the Uber Eats Marketplace API, both generations, as its guides and OpenAPI files describe it.

https://developer.uber.com/docs/eats/references/api
"""

from __future__ import annotations

import copy
import gzip
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from local.standins import uber_eats_actions as actions
from local.standins.played import Played, Told
from local.standins.samples import uber_eats as samples
from local.standins.tokens import Tokens, TokenState
from local.standins.uber_eats_actions import error, invalid, not_found
from local.standins.uber_eats_orders import HeldOrder
from local.standins.vendor import Json, Refused, Vendor, answer, bearer, body_of

CLIENT_SECRET = "demo-uber-eats-secret"  # noqa: S105 - made up, good only here
LARGEST_PAGE = 50


class UberEats(Vendor):
    """The stand-in. It knows the settings of `default_settings`; times are in seconds."""

    slug = "uber_eats"
    routes = (
        ("POST", "/oauth/v2/token", "issue_token"),
        ("GET", "/v1/delivery/order/<order_id>", "read"),
        ("GET", "/v2/eats/order/<order_id>", "read_classic"),
        ("POST", "/v1/delivery/order/<order_id>/<action>", "act"),
        ("POST", "/v1/eats/orders/<order_id>/<path:action>", "act_classic"),
        ("PATCH", "/v2/eats/orders/<order_id>/cart", "patch_cart"),
        ("GET", "/v1/delivery/store/<store_id>/orders", "list_store_orders"),
        ("GET", "/v1/eats/stores/<store_id>/canceled-orders", "list_canceled"),
        ("POST", "/v2/eats/stores/<store_id>/menus/items/<item_id>", "update_item"),
        ("POST", "/v1/delivery/store/<store_id>/update-store-status", "update_store_status"),
        ("GET", "/v1/delivery/store/<store_id>/status", "read_store_status"),
    )
    default_settings: ClassVar[Mapping[str, object]] = {
        "token_seconds": 2_592_000,
        "tokens_per_hour": 100,
        "accept_within_seconds": 690,
        "stores_without_menu": [],
    }

    kept = ("orders", "stores", "items")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("uber-", most_alive=100)
        self.orders: dict[str, HeldOrder] = {}
        self.stores: dict[str, Json] = {}
        self.items: dict[str, Json] = {}

    def credentials(self) -> Json:
        """What a connection needs; webhooks are signed with the client secret."""
        return {"client_id": samples.CLIENT_ID, "client_secret": CLIENT_SECRET, "store_id": samples.STORE_ID}

    def issue_token(self, request: Request) -> Response:
        """OAuth 2 client credentials: at most 100 requests an hour, and only the newest 100 tokens live."""
        self.token_requests += 1
        now, form = self.clock(), body_of(request)
        if self.tokens.asked_within(now, timedelta(hours=1)) > self.settings["tokens_per_hour"]:
            raise Refused(429, {"error": "rate_limit_exceeded", "error_description": "Too many token requests"})
        if (form.get("client_id"), form.get("client_secret")) != (samples.CLIENT_ID, CLIENT_SECRET):
            raise Refused(401, {"error": "invalid_client", "error_description": "Invalid client credentials"})
        if form.get("grant_type") != "client_credentials":
            raise Refused(400, {"error": "unsupported_grant_type"})
        if not form.get("scope"):
            raise Refused(400, {"error": "invalid_scope", "error_description": "scope is missing"})
        lifetime = int(self.settings["token_seconds"])
        token = self.tokens.issue(now, timedelta(seconds=lifetime))
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "scope": form["scope"]})

    def authorize(self, request: Request) -> None:
        """A bearer token that is good now."""
        if self.tokens.state(bearer(request), self.clock()) is not TokenState.GOOD:
            raise Refused(401, error("unauthorized", "Invalid OAuth 2.0 credentials provided."))

    def no_such_path(self) -> Response:
        """404 in the vendor's shape."""
        return answer(error("not_found", "Not found"), 404)

    def read(self, request: Request, order_id: str) -> Response:
        """A v1 order, with the parts asked for."""
        order = self._held(order_id)
        if order.generation != "v1":
            raise not_found()
        return _zipped(request, {"order": order.shown(_expanded(request))})

    def read_classic(self, request: Request, order_id: str) -> Response:
        """A v2 order."""
        order = self._held(order_id)
        if order.generation != "v2":
            raise not_found()
        return _zipped(request, order.shown(set()))

    def act(self, request: Request, order_id: str, action: str) -> Response:
        """A v1 action; `ready` serves classic orders too."""
        return self._act(actions.V1, request, order_id, action)

    def act_classic(self, request: Request, order_id: str, action: str) -> Response:
        """A classic action; reports of the store's own courier serve both generations."""
        return self._act(actions.CLASSIC, request, order_id, action)

    def patch_cart(self, _request: Request, order_id: str) -> Response:
        """Carts can be patched for grocery stores only, and this is a restaurant."""
        self._held(order_id)
        raise invalid("Order cart can only be patched for grocery stores")

    def list_store_orders(self, request: Request, store_id: str) -> Response:
        """A store's v1 orders, oldest first, by state, status and time of creation, in pages."""
        wanted = {name: set(filter(None, request.args.get(name, "").split(","))) for name in ("state", "status")}
        start, end = (_moment(request, name) for name in ("start_time", "end_time"))
        size = int(request.args.get("page_size") or LARGEST_PAGE)
        first = int(request.args.get("next_page_token") or 0)
        if not 1 <= size <= LARGEST_PAGE:
            raise invalid("page_size must be from 1 to 50", "page_size")
        found = [
            order
            for order in map(self._held, list(self.orders))
            if order.generation == "v1"
            and order.body["store"]["id"] == store_id
            and all(not values or order.body[name] in values for name, values in wanted.items())
            and (start is None or datetime.fromisoformat(order.body["created_time"]) >= start)
            and (end is None or datetime.fromisoformat(order.body["created_time"]) <= end)
        ]
        page = found[first : first + size]
        pagination: Json = {"page_size": len(page)}
        if first + size < len(found):
            pagination["next_page_token"] = str(first + size)
        data = [{"order": order.shown(_expanded(request))} for order in page]
        return _zipped(request, {"data": data, "pagination_data": pagination})

    def list_canceled(self, _request: Request, store_id: str) -> Response:
        """The ids of a store's classic orders cancelled in the last two hours."""
        since = self.clock() - timedelta(hours=2)
        found = [
            {"id": order_id, "current_state": order.body["current_state"], "placed_at": order.body["placed_at"]}
            for order_id, order in self.orders.items()
            if order.body.get("current_state") == "CANCELED"
            and order.body["store"]["id"] == store_id
            and order.changed_at >= since
        ]
        return answer({"orders": found})

    def update_item(self, request: Request, store_id: str, item_id: str) -> Response:
        """Change a menu item, such as its suspension; a store that never uploaded a menu has none."""
        if store_id in self.settings["stores_without_menu"]:
            raise not_found("Menu")
        self.items.setdefault(item_id, {}).update(body_of(request))
        return answer(status=204)

    def update_store_status(self, request: Request, store_id: str) -> Response:
        """Open or pause a store."""
        body, store = body_of(request), self._store(store_id)
        if body.get("status") not in {"ONLINE", "OFFLINE"}:
            raise invalid("status must be ONLINE or OFFLINE", "status")
        previous, store["status"] = store["status"], body["status"]
        store["is_offline_until"] = body.get("is_offline_until")
        until = {"is_offline_until": body["is_offline_until"]} if body.get("is_offline_until") else {}
        return answer({"status": store["status"], "previous_status": previous, **until})

    def read_store_status(self, _request: Request, store_id: str) -> Response:
        """Whether a store is open."""
        store = self._store(store_id)
        return answer({name: value for name, value in store.items() if value is not None})

    def put_order(self, body: Json) -> str:
        """Hold an order: v1 as `{"order": {...}}` or bare, or v2; its time to accept starts now."""
        inner = body.get("order", body)
        order_id, _, _ = str(inner["id"]), inner["store"]["id"], inner.get("current_state") or inner["state"]
        self.orders[order_id] = HeldOrder(copy.deepcopy(inner), self.clock(), self.clock())
        return order_id

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Replace fields; back to OFFERED (a scheduled order becomes active) starts its time to accept again."""
        order = self.orders[order_id]
        order.body.update(changes)
        order.changed_at = self.clock()
        if changes.get("state") == "OFFERED":
            order.offered_at = self.clock()
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """The whole order, v1 in its wrapper."""
        order = self.orders[order_id]
        order.expire(self.clock(), self._accept_within)
        return {"order": order.body} if order.generation == "v1" else order.body

    def order_ids(self) -> list[str]:
        """The orders held."""
        return list(self.orders)

    def aliases(self, _order_id: str) -> set[str]:
        """An order has one id."""
        return set()

    @property
    def _accept_within(self) -> timedelta:
        return timedelta(seconds=float(self.settings["accept_within_seconds"]))

    def _held(self, order_id: str) -> HeldOrder:
        order = self.orders.get(order_id)
        if order is None:
            raise not_found()
        order.expire(self.clock(), self._accept_within)
        return order

    def _act(self, known: Mapping[str, actions.Action], request: Request, order_id: str, action: str) -> Response:
        if action not in known:
            return self.no_such_path()
        return known[action](self._held(order_id), body_of(request), self.clock())

    def _store(self, store_id: str) -> Json:
        if store_id != samples.STORE_ID and not any(
            order.body["store"]["id"] == store_id for order in self.orders.values()
        ):
            raise not_found("Store")
        return self.stores.setdefault(store_id, {"status": "ONLINE", "is_offline_until": None})


def _expanded(request: Request) -> set[str]:
    return {name.strip() for name in request.args.get("expand", "").split(",")}


def _moment(request: Request, name: str) -> datetime | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise invalid(f"{name} must be an RFC 3339 time", name)
    return at


def _zipped(request: Request, body: Json) -> Response:
    """Order reads are gzipped for those who accept it."""
    response = answer(body)
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _told(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> Told:
    body = samples.notification(event, order, event_id=key, **changes)
    return samples.headers(), samples.wire(body)


def _at_store(order: Json, store: str) -> None:
    order.get("order", order)["store"]["id"] = store


PLAYED = Played(
    standin=UberEats,
    secret=CLIENT_SECRET,
    credentials=lambda secret: {"client_id": samples.CLIENT_ID, "client_secret": secret},
    settings=lambda standin: {"base_url": standin, "token_url": f"{standin}/oauth/v2/token"},
    store=samples.STORE_ID,
    order=samples.order,
    at_store=_at_store,
    told=_told,
    first="orders.notification",
)
