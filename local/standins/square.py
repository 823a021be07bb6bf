"""Plays the Square API: orders, catalog, inventory, refunds, customers, locations, OAuth.

https://developer.squareup.com/reference/square
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from local.standins.played import Played, Told
from local.standins.samples import kitchen
from local.standins.samples import square as samples
from local.standins.samples.kitchen import utc
from local.standins.square_ledger import counted, refunded, stock_count
from local.standins.square_search import search_catalog, search_orders
from local.standins.square_updates import bad_request, not_found, refused, updated
from local.standins.tokens import Tokens, TokenState
from local.standins.vendor import Json, Refused, Vendor, answer, bearer, body_of

ACCESS_TOKEN = "demo-square-personal-access-token"  # noqa: S105 - made up, good only here
APPLICATION_ID = "sq0idp-demo-corner-kitchen"
APPLICATION_SECRET = "demo-square-application-secret"  # noqa: S105 - made up, good only here
REFRESH_TOKEN = "demo-square-refresh-token"  # noqa: S105 - made up, good only here
AUTHORIZATION_CODE = "demo-square-authorization-code"
SIGNATURE_KEY = "demo-square-signature-key"
LONGEST_KEY = 45
"""Characters of an idempotency key for refunds."""
OPENING_STOCK = 50

TOKEN_CODES = {
    TokenState.EXPIRED: "ACCESS_TOKEN_EXPIRED",
    TokenState.REVOKED: "ACCESS_TOKEN_REVOKED",
    TokenState.UNKNOWN: "UNAUTHORIZED",
}


class Square(Vendor):
    """The stand-in. It knows the settings of `default_settings`; times are in seconds."""

    slug = "square"
    routes = (
        ("POST", "/oauth2/token", "issue_token"),
        ("GET", "/v2/orders/<order_id>", "read_order"),
        ("PUT", "/v2/orders/<order_id>", "update_order"),
        ("POST", "/v2/orders/search", "search_orders"),
        ("POST", "/v2/orders/batch-retrieve", "read_orders"),
        ("POST", "/v2/inventory/changes/batch-create", "change_stock"),
        ("GET", "/v2/inventory/<object_id>", "read_stock"),
        ("POST", "/v2/catalog/search", "search_catalog"),
        ("POST", "/v2/refunds", "refund"),
        ("GET", "/v2/locations", "list_locations"),
        ("GET", "/v2/locations/<location_id>", "read_location"),
        ("GET", "/v2/customers/<customer_id>", "read_customer"),
    )
    default_settings: ClassVar[Mapping[str, object]] = {"token_seconds": 2_592_000}

    kept = ("orders", "used_keys", "stock", "refunds")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("square-")
        self.orders: dict[str, Json] = {}
        self.used_keys: dict[str, Json] = {}
        self.stock: dict[tuple[str, str], Json] = {}
        self.refunds: dict[str, Json] = {}

    def credentials(self) -> Json:
        """What a connection needs; webhooks are signed with the subscription's key."""
        return {
            "access_token": ACCESS_TOKEN,
            "client_id": APPLICATION_ID,
            "client_secret": APPLICATION_SECRET,
            "refresh_token": REFRESH_TOKEN,
            "code": AUTHORIZATION_CODE,
            "signature_key": SIGNATURE_KEY,
            "location_id": samples.LOCATION_ID,
            "merchant_id": samples.MERCHANT_ID,
        }

    def issue_token(self, request: Request) -> Response:
        """OAuth: by authorization code or refresh token, which stays the same."""
        self.token_requests += 1
        body = body_of(request)
        if (body.get("client_id"), body.get("client_secret")) != (APPLICATION_ID, APPLICATION_SECRET):
            raise self._unauthorized("UNAUTHORIZED")
        proof = {
            "authorization_code": body.get("code") == AUTHORIZATION_CODE,
            "refresh_token": body.get("refresh_token") == REFRESH_TOKEN,
        }
        if not proof.get(str(body.get("grant_type"))):
            raise self._unauthorized("UNAUTHORIZED")
        lifetime = timedelta(seconds=float(self.settings["token_seconds"]))
        return answer(
            {
                "access_token": self.tokens.issue(self.clock(), lifetime),
                "token_type": "bearer",
                "expires_at": utc(self.clock() + lifetime),
                "merchant_id": samples.MERCHANT_ID,
                "refresh_token": REFRESH_TOKEN,
                "short_lived": False,
            }
        )

    def authorize(self, request: Request) -> None:
        """The personal access token, or an OAuth token that is good now."""
        token = bearer(request)
        state = TokenState.GOOD if token == ACCESS_TOKEN else self.tokens.state(token, self.clock())
        if state is not TokenState.GOOD:
            raise self._unauthorized(TOKEN_CODES[state])

    def no_such_path(self) -> Response:
        """404 in the vendor's shape."""
        refusal = not_found("The resource")
        return answer(refusal.body, refusal.status)

    def read_order(self, _request: Request, order_id: str) -> Response:
        """One order."""
        return answer({"order": self._held(order_id)})

    def read_orders(self, request: Request) -> Response:
        """Several orders; unknown ones are left out."""
        wanted = body_of(request).get("order_ids", [])
        return answer({"orders": [self.orders[order_id] for order_id in wanted if order_id in self.orders]})

    def update_order(self, request: Request, order_id: str) -> Response:
        """Change an order; a key used before changes nothing and is answered 200 all the same."""
        held, body = self._held(order_id), body_of(request)
        key = f"order:{order_id}:{body.get('idempotency_key')}"
        if key not in self.used_keys:
            held = updated(held, body.get("order", {}), body.get("fields_to_clear", []), utc(self.clock()))
            self.orders[order_id] = held
        if body.get("idempotency_key"):
            self.used_keys[key] = {}
        return answer({"order": held})

    def search_orders(self, request: Request) -> Response:
        """Orders by location, state and time."""
        return answer(search_orders(self.orders.values(), body_of(request)))

    def search_catalog(self, request: Request) -> Response:
        """Variations by SKU."""
        return answer(search_catalog(body_of(request)))

    def change_stock(self, request: Request) -> Response:
        """Physical counts, not older than a day and not in the future; a key used before changes nothing."""
        body = body_of(request)
        key = f"stock:{self._key(body)}"
        if key not in self.used_keys:
            counts = [counted(change, self.clock()) for change in body.get("changes", [])]
            if not counts:
                raise bad_request("Missing required parameter.", "changes")
            self.stock.update({(count["catalog_object_id"], count["location_id"]): count for count in counts})
            self.used_keys[key] = {"counts": counts}
        return answer(self.used_keys[key])

    def read_stock(self, _request: Request, object_id: str) -> Response:
        """The counts of one variation."""
        start = stock_count(object_id, samples.LOCATION_ID, str(OPENING_STOCK), self.clock())
        return answer({"counts": [self.stock.get((object_id, samples.LOCATION_ID), start)]})

    def refund(self, request: Request) -> Response:
        """Give money back on a payment of a held order, at most what is left of it; a key used before refunds once."""
        body = body_of(request)
        key = f"refund:{self._key(body, LONGEST_KEY)}"
        if key not in self.used_keys:
            made = refunded(self.orders.values(), self.refunds.values(), body, self.clock())
            self.refunds[made["id"]] = made
            self.used_keys[key] = {"refund": made}
        return answer(self.used_keys[key])

    def list_locations(self, _request: Request) -> Response:
        """The merchant's one location."""
        return answer({"locations": [_location()]})

    def read_location(self, _request: Request, location_id: str) -> Response:
        """One location."""
        if location_id != samples.LOCATION_ID:
            raise not_found("The location")
        return answer({"location": _location()})

    def read_customer(self, _request: Request, customer_id: str) -> Response:
        """One of the kitchen's customers."""
        person = next((one for one in kitchen.PEOPLE if samples.customer_id(one) == customer_id), None)
        if person is None:
            raise not_found("The customer")
        return answer(samples.customer(person))

    def put_order(self, body: Json) -> str:
        """Hold an order, `{"order": {...}}` or bare."""
        inner = copy.deepcopy(body.get("order", body))
        order_id, _, _, _ = str(inner["id"]), inner["location_id"], inner["state"], inner["updated_at"]
        self.orders[order_id] = inner
        return order_id

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Replace fields, one version on (for orders that have versions) and updated now, unless given."""
        held = self.orders[order_id]
        version = {"version": held["version"] + 1} if "version" in held else {}
        self.orders[order_id] = {**held, **version, "updated_at": utc(self.clock()), **changes}
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """The order in its wrapper, with what was refunded."""
        refunds = [entry for entry in self.refunds.values() if entry["order_id"] == order_id]
        return {"order": self.orders[order_id]} | ({"refunds": refunds} if refunds else {})

    def order_ids(self) -> list[str]:
        """The orders held."""
        return list(self.orders)

    def aliases(self, order_id: str) -> set[str]:
        """The ids of its payments."""
        return {tender["payment_id"] for tender in self.orders.get(order_id, {}).get("tenders", [])}

    def _held(self, order_id: str) -> Json:
        if order_id not in self.orders:
            raise not_found("The order")
        return self.orders[order_id]

    def _key(self, body: Json, longest: int = 128) -> str:
        key = body.get("idempotency_key")
        if not key:
            raise bad_request("Missing required parameter.", "idempotency_key")
        if len(key) > longest:
            raise refused("VALUE_TOO_LONG", "The key is too long.", "idempotency_key")
        return str(key)

    def _unauthorized(self, code: str) -> Refused:
        return refused(code, "This request could not be authorized.", status=401, category="AUTHENTICATION_ERROR")


def _location() -> Json:
    return {
        "id": samples.LOCATION_ID,
        "name": kitchen.STORE_NAME,
        "address": {
            "address_line_1": "1 Kitchen Row",
            "locality": "Chicago",
            "administrative_district_level_1": "IL",
            "postal_code": "60601",
            "country": "US",
        },
        "timezone": "America/Chicago",
        "capabilities": ["CREDIT_CARD_PROCESSING"],
        "status": "ACTIVE",
        "created_at": "2026-01-05T10:00:00.000Z",
        "merchant_id": samples.MERCHANT_ID,
        "country": "US",
        "currency": kitchen.CURRENCY,
        "type": "PHYSICAL",
    }


def _told(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> Told:
    body = samples.notification(event, order, event_id=key, **changes)
    return samples.headers(), samples.wire(body)


def _at_store(order: Json, store: str) -> None:
    order.get("order", order)["location_id"] = store


PLAYED = Played(
    standin=Square,
    secret=SIGNATURE_KEY,
    credentials=lambda secret: {"signature_keys": [secret], "access_token": ACCESS_TOKEN},
    settings=lambda standin: {"base_url": standin},
    store=samples.LOCATION_ID,
    order=samples.order,
    at_store=_at_store,
    told=_told,
    first="order.created",
)
