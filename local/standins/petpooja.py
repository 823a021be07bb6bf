"""Plays both sides that the hub calls: an ordering app that waits for news of its orders, and Petpooja's list of bills.

The app's three addresses are its own choice; what is sent to them, and the answers, are those of the Online Ordering
API: https://onlineorderingapisv210.docs.apiary.io/ . Both refuse with status 200. What the app refuses is assumed: news
of an order that it does not know, that has ended or would go back, and a cancellation that does not say why.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from local.standins.played import Played, Told
from local.standins.samples import petpooja as samples
from local.standins.tokens import Tokens
from local.standins.vendor import Json, Refused, Vendor, answer, body_of

APP_KEY = "demo0petpooja0app0key00000000001"
APP_SECRET = "demo0petpooja0app0secret0000000000000001"  # noqa: S105 - made up, good only here
ACCESS_TOKEN = "demo0petpooja0access0token00000000000001"  # noqa: S105 - made up, good only here
COOKIE = "demo0petpooja0cookie"
SECRET = f"{APP_KEY}.{APP_SECRET}.{ACCESS_TOKEN}"
LISTING = "/V1/thirdparty/generic_get_orders/"

STEPS = {"": 0, "1": 1, "2": 1, "3": 1, "5": 2, "4": 3, "10": 4}
"""How far each code is along the way of an order."""
CANCELLED, DELIVERED = "-1", "10"

CDN_PAGE = "<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR</TITLE></HEAD><BODY><H1>403 ERROR</H1>Bad request.</BODY></HTML>"


class Petpooja(Vendor):
    """The stand-in. It holds orders of the app by their id, and bills by `samples.bill_id`."""

    slug = "petpooja"
    routes = (
        ("POST", "/callback", "take_status"),
        ("POST", "/stock", "take_stock"),
        ("POST", "/store_status", "take_store_status"),
        ("POST", LISTING, "list_bills"),
        ("GET", LISTING, "stop_at_the_cdn"),
    )
    open_routes = frozenset({"take_status", "take_stock", "take_store_status", "stop_at_the_cdn"})
    default_settings: ClassVar[Mapping[str, object]] = {"lags_by_days": 0}

    kept = ("orders", "bills", "items", "stores")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("")
        self.orders: dict[str, Json] = {}
        self.bills: dict[str, Json] = {}
        self.items: dict[str, Json] = {}
        self.stores: dict[str, Json] = {}

    def credentials(self) -> Json:
        """What a connection needs to list bills; ordering apps send the same keys."""
        return {"app_key": APP_KEY, "app_secret": APP_SECRET, "access_token": ACCESS_TOKEN, "pull_cookie": COOKIE}

    def authorize(self, request: Request) -> None:
        """Keys in the body and a cookie. The message says which half is wrong, and nothing more."""
        body = body_of(request)
        if request.cookies.get("PETPOOJA_API") != COOKIE:
            raise _refused("100", "Invalid client credentials.")
        if (body.get("app_key"), body.get("app_secret")) != (APP_KEY, APP_SECRET):
            raise _refused("100", "Invalid client credentials.")
        if body.get("access_token") != ACCESS_TOKEN:
            raise _refused("101", "Invalid Token.")

    def no_such_path(self) -> Response:
        """404."""
        return answer({"success": "0", "message": "Not found"}, 404)

    # --- the ordering app ------------------------------------------------------------------------------------------

    def take_status(self, request: Request) -> Response:
        """What a restaurant tells of an order, by the app's own id of it."""
        body = body_of(request)
        held = self.orders.get(str(body.get("orderID")))
        if held is None or samples.restaurant_of(held) != body.get("restID"):
            raise Refused(200, {"success": "0", "message": "There is no such order"})
        status, known = body.get("status"), held.get("status", "")
        if status not in {*STEPS, CANCELLED} or status == "":
            raise Refused(200, {"success": "0", "message": "There is no such status"})
        if status == CANCELLED and not body.get("cancel_reason"):
            raise Refused(200, {"success": "0", "message": "It does not say why"})
        if known in (CANCELLED, DELIVERED) and status != known:
            raise _too_late()
        if status != CANCELLED and STEPS[str(status)] < STEPS.get(known, 0):
            raise _too_late()
        held |= {"status": status, "told": body}
        return answer({"http_code": 200, "status": "success", "message": "Order updated"})

    def take_stock(self, request: Request) -> Response:
        """Items or add-ons that are in stock or not; those that are not need a time."""
        body = body_of(request)
        if body.get("type") not in ("item", "addon") or not body.get("itemID"):
            raise _failed("There are no items in it")
        if body.get("inStock") is False:
            _require_time(body.get("customTurnOnTime"), "%Y-%m-%d %H:%M")
        for item in body["itemID"]:
            self.items[f"{body['type']}:{item}"] = body
        return answer({"code": 200, "status": "success", "message": "Stock status updated"})

    def take_store_status(self, request: Request) -> Response:
        """A restaurant that is open (1) or paused (0)."""
        body = body_of(request)
        if body.get("store_status") not in (0, 1):
            raise Refused(200, {"http_code": 400, "status": "failed", "message": "There is no such store status"})
        if body.get("turn_on_time"):
            _require_time(body["turn_on_time"], "%Y-%m-%d %H:%M:%S")
        self.stores[str(body.get("restID"))] = body
        return answer({"http_code": 200, "status": "success", "message": "Store status updated"})

    # --- Petpooja ----------------------------------------------------------------------------------------------------

    def list_bills(self, request: Request) -> Response:
        """The bills of a business day and of the day before it, of one restaurant."""
        body = body_of(request)
        restaurant = str(body.get("restID"))
        if restaurant != samples.STORE_ID and restaurant not in map(samples.restaurant_of, self.bills.values()):
            raise _refused("103", "There were some error in restaurant mapping.", errorCode="GN_105")
        try:
            day = date.fromisoformat(str(body.get("order_date")))
        except ValueError:
            raise _refused("101", "The order date is not valid.") from None
        day -= timedelta(days=int(self.settings["lags_by_days"]))
        days = {day.isoformat(), (day - timedelta(days=1)).isoformat()}
        found = [
            bill
            for bill in self.bills.values()
            if samples.restaurant_of(bill) == restaurant and bill["Order"]["order_date"] in days
        ]
        return answer({"code": "200", "success": "1", "message": "Orders found", "order_json": found})

    def stop_at_the_cdn(self, _request: Request) -> Response:
        """The documented GET does not reach the API any more."""
        return Response(CDN_PAGE, 403, mimetype="text/html")

    # --- its control -------------------------------------------------------------------------------------------------

    def put_order(self, body: Json) -> str:
        """Hold an order that the app has pushed, or a bill that was printed."""
        if "orderinfo" in body:
            order_id = str(samples.details_of(body)["orderID"])
            self.orders[order_id] = copy.deepcopy(body)
            return order_id
        bill = body.get("properties", body)
        bill_id = samples.bill_id(bill)
        self.bills[bill_id] = copy.deepcopy(bill)
        return bill_id

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Replace top-level fields of an order, or fields of a bill's `Order`."""
        if order_id in self.bills:
            self.bills[order_id]["Order"].update(changes)
        else:
            self.orders[order_id].update(changes)
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """An order as it was pushed, with the `status` it has and what was `told` last; or a bill."""
        return self.bills[order_id] if order_id in self.bills else self.orders[order_id]

    def order_ids(self) -> list[str]:
        """The orders and bills held."""
        return [*self.orders, *self.bills]

    def aliases(self, _order_id: str) -> set[str]:
        """An order has one id."""
        return set()


def _refused(code: str, message: str, **more: str) -> Refused:
    return Refused(200, {"code": code, "success": "0", "message": message, **more})


def _failed(message: str) -> Refused:
    return Refused(200, {"code": "400", "status": "failed", "message": message})


def _too_late() -> Refused:
    return Refused(200, {"success": "0", "message": "The order has changed since", "errorCode": "UOS_105"})


def _require_time(text: Any, form: str) -> None:
    try:
        datetime.strptime(str(text), form)  # noqa: DTZ007 - a restaurant's clock has no zone
    except ValueError:
        raise _failed("There is no time in it") from None


# --- how it is played ------------------------------------------------------------------------------------------------

PATHS = {
    "save_order": "/save_order",
    "update_order_status": "/update_order_status",
    "rider_status_update": "/rider_status_update",
    "orderdetails": "",
}
BODIES: Mapping[str, Callable[..., Json]] = {
    "save_order": lambda order: order,
    "update_order_status": samples.cancellation,
    "rider_status_update": samples.rider,
    "orderdetails": samples.pushed,
}


def _told(event: str, order: Mapping[str, Any], _key: str, **changes: Any) -> Told:
    return {"Content-Type": "application/json"}, samples.wire(BODIES[event](order, **changes))


def _credentials(secret: str) -> Json:
    """Three keys, or one text for all of them; the whole of it is the token of bills and the secret of the path."""
    keys = secret.split(".") if secret.count(".") == 2 else [secret] * 3
    return {
        "keys": [dict(zip(("app_key", "app_secret", "access_token"), keys, strict=True))],
        "bill_tokens": [secret],
        "path_secrets": [secret],
        "pull_cookie": COOKIE,
    }


def _settings(standin: str) -> Json:
    return {
        "base_url": standin,
        "modes": ["ordering_api", "bill_push", "bill_pull"],
        "callback_url": f"{standin}/callback",
        "callback_hosts": [urlsplit(standin).netloc],
        "stock_url": f"{standin}/stock",
        "store_status_url": f"{standin}/store_status",
    }


PLAYED = Played(
    standin=Petpooja,
    secret=SECRET,
    credentials=_credentials,
    settings=_settings,
    store=samples.STORE_ID,
    order=samples.order,
    at_store=samples.move,
    told=_told,
    first="save_order",
    path=lambda event: PATHS[event],
    external_id=lambda order: str(samples.details_of(order)["orderID"]),
    identity=lambda order: (str(samples.details_of(order)["orderID"]), samples.restaurant_of(order)),
)
