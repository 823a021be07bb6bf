"""Plays the DoorDash Marketplace API, as its reference describes it.

https://developer.doordash.com/en-US/api/marketplace
"""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import jwt
from werkzeug.wrappers import Request, Response

from local.standins.doordash_orders import ACTIONS, CANCELLATIONS, HeldOrder, refused
from local.standins.played import Played, Told
from local.standins.samples import doordash as samples
from local.standins.samples import kitchen
from local.standins.samples.kitchen import utc
from local.standins.tokens import Tokens
from local.standins.vendor import Json, Vendor, answer, bearer, body_of

DEVELOPER_ID = "3b9f1c2e-0000-4000-8000-0000000000d1"
KEY_ID = "3b9f1c2e-0000-4000-8000-0000000000d2"
SIGNING_SECRET = base64.urlsafe_b64encode(b"a-demo-secret-of-thirty-two-bytes").rstrip(b"=").decode()
WEBHOOK_TOKEN = "demo-doordash-webhook-token"  # noqa: S105 - made up, good only here

API = "/marketplace/api/v1"
_LONGEST_LIFE = timedelta(minutes=30)
_USER_AGENT = re.compile(r"[A-Z][A-Za-z0-9]*/\d+\.\d+")
_PAUSES = frozenset(
    {
        "out_of_business",
        "operational_issues",
        "delete_store",
        "payment_issue",
        "store_self_disabled_in_their_POS_portal",
        "store_pos_connectivity_issues",
    }
)


class DoorDash(Vendor):
    """The stand-in. It knows the settings of `default_settings`; times are in seconds."""

    slug = "doordash"
    routes = (
        ("PATCH", f"{API}/orders/<order_id>", "confirm"),
        ("PATCH", f"{API}/orders/<order_id>/<path:action>", "act"),
        ("POST", f"{API}/orders/<order_id>/<action>", "act"),
        ("PUT", f"{API}/stores/<store_id>/items/status", "update_items"),
        ("PUT", f"{API}/stores/<store_id>/item_options/status", "update_items"),
        ("PUT", f"{API}/stores/<store_id>/status", "update_store"),
        ("GET", f"{API}/stores/<store_id>/store_details", "read_store"),
    )
    default_settings: ClassVar[Mapping[str, object]] = {
        "confirm_within_seconds": 180,
        "allowed": ["cancellation", "adjustment", "return"],
        "sandbox": False,
    }
    kept = ("orders", "stores", "items")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("")
        self.orders: dict[str, HeldOrder] = {}
        self.stores: dict[str, Json] = {}
        self.items: dict[str, bool] = {}

    def credentials(self) -> Json:
        """What a connection needs."""
        return _credentials(WEBHOOK_TOKEN)

    def authorize(self, request: Request) -> None:
        """A token that the developer has signed, of half an hour at most, and the two headers that go with it."""
        now = self.clock()
        try:
            claims = jwt.decode(
                bearer(request),
                base64.urlsafe_b64decode(SIGNING_SECRET + "=" * (-len(SIGNING_SECRET) % 4)),
                algorithms=["HS256"],
                audience="doordash",
                options={"verify_exp": False, "verify_iat": False, "require": ["iss", "kid", "exp", "iat"]},
            )
            version = jwt.get_unverified_header(bearer(request)).get("dd-ver")
        except jwt.PyJWTError:
            raise refused(401) from None
        life = timedelta(seconds=claims["exp"] - claims["iat"])
        in_time = claims["iat"] <= now.timestamp() + 60 and now.timestamp() < claims["exp"]
        named = (claims["iss"], claims["kid"], version) == (DEVELOPER_ID, KEY_ID, "DD-JWT-V1")
        if not named or not in_time or life > _LONGEST_LIFE or request.headers.get("auth-version") != "v2":
            raise refused(401)
        if not _USER_AGENT.fullmatch(request.headers.get("User-Agent", "")):
            raise refused(403)

    def no_such_path(self) -> Response:
        """404 without a word."""
        return answer(status=404)

    def confirm(self, request: Request, order_id: str) -> Response:
        """Accept or deny an order."""
        return self.act(request, order_id, "")

    def act(self, request: Request, order_id: str, action: str) -> Response:
        """What the store does with an order; some of it only if DoorDash has allowed it."""
        if action not in ACTIONS:
            return self.no_such_path()
        if action in NEED_LEAVE - set(self.settings["allowed"]):
            raise refused(403)
        if action == "adjustment" and self.settings["sandbox"] and "dd-tenant-id" not in request.headers:
            raise refused(403)
        order, now = self._held(order_id), self.clock()
        response = ACTIONS[action](order, body_of(request), now)
        off = CANCELLATIONS.get(order.told.get("cancel_reason", "")) if action == "cancellation" else None
        if off is not None:
            self._store(order.body["store"]["merchant_supplied_id"]).update(is_active=False, end_time=utc(now + off))
        return response

    def update_items(self, request: Request, store_id: str) -> Response:
        """Take items or options off the menu, or put them back: all of them or none."""
        self._store(store_id)
        changes = request.get_json(silent=True)
        known = {dish.sku for dish in kitchen.MENU} | {option.sku for dish in kitchen.MENU for option in dish.options}
        if not isinstance(changes, list) or any(one.get("merchant_supplied_id") not in known for one in changes):
            raise refused()
        self.items.update({one["merchant_supplied_id"]: bool(one["is_active"]) for one in changes})
        return answer(status=200)

    def update_store(self, request: Request, store_id: str) -> Response:
        """Open or pause a store; a pause needs a reason of the list."""
        body, store = body_of(request), self._store(store_id)
        if not isinstance(body.get("is_active"), bool):
            raise refused()
        if not body["is_active"] and body.get("reason") not in _PAUSES:
            raise refused()
        store.update(is_active=body["is_active"], reason=body.get("reason"), end_time=body.get("end_time"))
        return answer(status=200)

    def read_store(self, _request: Request, store_id: str) -> Response:
        """What DoorDash knows of a store."""
        store = self._store(store_id)
        off = [{"reason": store["reason"], "end_time": store["end_time"]}] if not store["is_active"] else []
        return answer(
            {
                "provider_name": samples.PROVIDER_TYPE,
                "merchant_supplied_id": store_id,
                "is_active": store["is_active"],
                "is_order_protocol_pos": True,
                "current_deactivations": off,
            }
        )

    def put_order(self, body: Json) -> str:
        """Hold an order, in its event or bare; its time to be confirmed starts now."""
        inner = copy.deepcopy(body.get("order", body))
        order_id, _, _ = str(inner["id"]), inner["store"]["merchant_supplied_id"], inner["categories"]
        self.orders[order_id] = HeldOrder(inner, self.clock())
        return order_id

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Replace fields; `phase` is where the order stands."""
        order = self.orders[order_id]
        order.phase = changes.pop("phase", order.phase)
        order.body.update(changes)
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """The order, and what became of it."""
        order = self.orders[order_id]
        order.expire(self.clock(), self._within)
        return order.shown()

    def order_ids(self) -> list[str]:
        """The orders held."""
        return list(self.orders)

    def aliases(self, order_id: str) -> set[str]:
        """The store's own id of the order, once it has told it."""
        order = self.orders.get(order_id)
        own = order.told.get("client_order_id") if order else None
        return {own} if own else set()

    @property
    def _within(self) -> timedelta:
        return timedelta(seconds=float(self.settings["confirm_within_seconds"]))

    def _held(self, order_id: str) -> HeldOrder:
        order = self.orders.get(order_id)
        if order is None:
            raise refused(404)
        order.expire(self.clock(), self._within)
        return order

    def _store(self, store_id: str) -> Json:
        known = {order.body["store"]["merchant_supplied_id"] for order in self.orders.values()}
        if store_id not in known | {samples.STORE_ID}:
            raise refused(404)
        store = self.stores.setdefault(store_id, {"is_active": True, "reason": None, "end_time": None})
        if store["end_time"] and datetime.fromisoformat(store["end_time"]) <= self.clock():
            store.update(is_active=True, reason=None, end_time=None)
        return store


NEED_LEAVE = frozenset({"cancellation", "adjustment", "return"})
"""Actions that DoorDash has to allow first."""


def _credentials(webhook_token: str) -> Json:
    return {
        "developer_id": DEVELOPER_ID,
        "key_id": KEY_ID,
        "signing_secret": SIGNING_SECRET,
        "webhook_tokens": [webhook_token],
    }


def _told(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> Told:
    return samples.headers(), samples.wire(samples.notification(event, order, reference=key, **changes))


def _at_store(order: Json, store: str) -> None:
    order.get("order", order)["store"]["merchant_supplied_id"] = store


PLAYED = Played(
    standin=DoorDash,
    secret=WEBHOOK_TOKEN,
    credentials=_credentials,
    settings=lambda standin: {"base_url": f"{standin}/marketplace", "provider_type": samples.PROVIDER_TYPE},
    store=samples.STORE_ID,
    order=samples.order,
    at_store=_at_store,
    told=_told,
    first="OrderCreate",
)
