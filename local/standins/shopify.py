"""Plays Shopify's Admin API: tokens by client credentials, and the GraphQL endpoint.

Answers to GraphQL are HTTP 200, with `errors` or `userErrors` where something is wrong, and tell the cost of the query.
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from local.standins import shopify_graphql as engine
from local.standins.played import Played, Told, only_store
from local.standins.samples import shopify as samples
from local.standins.shopify_shop import SCOPES, Shop
from local.standins.tokens import Tokens, TokenState
from local.standins.vendor import Json, Refused, Vendor, answer, body_of, system_clock
from orderhub.platforms.shopify.from_graphql import is_graphql, rest_order

CLIENT_ID = "demo-shopify-client"
CLIENT_SECRET = "demo-shopify-secret"  # noqa: S105 - made up, good only here
ADMIN_TOKEN = "shpat_demo-fixed-token"  # noqa: S105 - made up, good only here


class Shopify(Vendor):
    """The stand-in. Settings: seconds a token lives; points of the query bucket, and how many come back a second."""

    slug = "shopify"
    routes = (
        ("POST", "/admin/oauth/access_token", "issue_token"),
        ("POST", "/admin/api/<version>/graphql.json", "graphql"),
    )
    default_settings: ClassVar[Mapping[str, object]] = {
        "token_seconds": 86_399,
        "bucket_points": 20_000,
        "points_per_second": 1_000,
    }

    kept = ("shop",)

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("shpat_")
        self.shop = Shop(self.clock)
        self.bucket = engine.Bucket()

    def memory(self) -> Json:
        """As of every vendor; the clock stays behind."""
        return {**super().memory(), "shop": replace(self.shop, clock=system_clock)}

    def recall(self, memory: Json) -> None:
        """As of every vendor, by this one's clock."""
        super().recall(memory)
        self.shop.clock = self.clock

    def credentials(self) -> Json:
        """What a connection needs; webhooks are signed with the client secret."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "access_token": ADMIN_TOKEN,
            "shop_domain": samples.SHOP_DOMAIN,
            "location_id": samples.LOCATION_ID,
        }

    def issue_token(self, request: Request) -> Response:
        """Client credentials."""
        self.token_requests += 1
        form = body_of(request)
        if form.get("grant_type") != "client_credentials":
            raise Refused(400, {"error": "unsupported_grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refused(400, {"error": "invalid_client", "error_description": "The client could not be recognised."})
        lifetime = int(self.settings["token_seconds"])
        token = self.tokens.issue(self.clock(), timedelta(seconds=lifetime))
        return answer({"access_token": token, "scope": SCOPES.replace(" ", ","), "expires_in": lifetime})

    def authorize(self, request: Request) -> None:
        """The fixed token of an older custom app, or one that is good now."""
        token = request.headers.get("X-Shopify-Access-Token", "")
        if token != ADMIN_TOKEN and self.tokens.state(token, self.clock()) is not TokenState.GOOD:
            told = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            raise Refused(401, {"errors": told})

    def no_such_path(self) -> Response:
        """404 in the vendor's shape."""
        return answer({"errors": "Not Found"}, 404)

    def graphql(self, request: Request, version: str) -> Response:
        """Run a query or mutation, if there are points for it."""
        body, headers = body_of(request), {"X-Shopify-API-Version": version}
        if not isinstance(body.get("query"), str):
            return answer({"errors": {"query": "Required parameter missing or invalid"}}, 400, headers)
        document, errors = engine.read_query(body["query"])
        if document is None or errors:
            return answer({"errors": [error.formatted for error in errors]}, 200, headers)
        points = engine.cost(document, body.get("operationName"))
        if points > self._points_left():
            throttled = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return answer({"errors": [throttled], "extensions": self._cost(points, None)}, 200, headers)
        self.bucket.spend(points)
        result = engine.run(self.shop, document, body.get("variables"), body.get("operationName"))
        shown: Json = dict(result.formatted)
        return answer({**shown, "extensions": self._cost(points, points)}, 200, headers)

    def put_order(self, body: Json) -> str:
        """Hold a REST order, bare or as `{"order": {...}, "delivery_method": {GraphQL fields}}`, or GraphQL as is."""
        if is_graphql(body):
            return str(self.shop.put(_with_numbers(rest_order(body)), None))
        return str(self.shop.put(body.get("order", body), body.get("delivery_method")))

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Replace fields of the REST order; it is updated now unless `updated_at` is given."""
        order = self.shop.orders[int(order_id)]
        order.update({"updated_at": self.shop.now(), **changes})
        if order.get("cancelled_at"):
            for routed in self.shop.routed(order["id"]):
                routed["status"] = "CANCELLED"
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """The REST order with its fulfillment orders and the events of its fulfillments."""
        order = self.shop.orders[int(order_id)]
        events = {str(entry["id"]): self.shop.events.get(entry["id"], []) for entry in order["fulfillments"]}
        return {"order": order, "fulfillment_orders": self.shop.routed(order["id"]), "fulfillment_events": events}

    def order_ids(self) -> list[str]:
        """The orders held."""
        return [str(order_id) for order_id in self.shop.orders]

    def aliases(self, order_id: str) -> set[str]:
        """The numbers of its fulfillment orders and fulfillments."""
        number = int(order_id) if order_id.isdecimal() else 0
        routed = {one["id"].rpartition("/")[2] for one in self.shop.routed(number)}
        order: Mapping[str, Any] = self.shop.orders.get(number, {"fulfillments": []})
        return routed | {str(entry["id"]) for entry in order["fulfillments"]}

    def _points_left(self) -> float:
        size, rate = float(self.settings["bucket_points"]), float(self.settings["points_per_second"])
        return self.bucket.left(self.clock(), size, rate)

    def _cost(self, requested: int, actual: int | None) -> Json:
        return {
            "cost": {
                "requestedQueryCost": requested,
                "actualQueryCost": actual,
                "throttleStatus": {
                    "maximumAvailable": float(self.settings["bucket_points"]),
                    "currentlyAvailable": int(self._points_left()),
                    "restoreRate": float(self.settings["points_per_second"]),
                },
            }
        }


def _with_numbers(value: Any) -> Any:
    """The same with ids as numbers, as REST has them."""
    if isinstance(value, dict):
        return {
            name: int(one) if name.endswith("id") and isinstance(one, str) and one.isdecimal() else _with_numbers(one)
            for name, one in value.items()
        }
    return [_with_numbers(one) for one in value] if isinstance(value, list) else value


def _told(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> Told:
    body = samples.notification(event, order, **changes)
    return samples.headers(event, webhook_id=key), samples.wire(body)


PLAYED = Played(
    standin=Shopify,
    secret=CLIENT_SECRET,
    credentials=lambda secret: {"client_id": CLIENT_ID, "client_secret": secret},
    settings=lambda standin: {"shop": samples.SHOP_DOMAIN, "base_url": standin},
    store=samples.SHOP_DOMAIN,
    store_ids=lambda: samples.SHOP_DOMAIN,  # a connection is one shop
    order=samples.order,
    at_store=only_store,
    told=_told,
    first="orders/create",
)
