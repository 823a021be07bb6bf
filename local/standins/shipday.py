"""Plays the API of Shipday for one account, and sends its webhooks.

https://docs.shipday.com/reference
"""

from __future__ import annotations

import copy
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from local.standins.shipday_checks import check_edit, check_insert, refused
from local.standins.shipday_couriers import ROUTES, Couriers, time_of
from local.standins.shipday_dispatch import (
    DELETED,
    EVENTS,
    FINAL,
    SET_BY_CALL,
    Dispatch,
    carrier_of,
    newest_first,
)
from local.standins.shipday_hooks import Send, post, send_one
from local.standins.shipday_shapes import details, row
from local.standins.tokens import Tokens
from local.standins.vendor import Clock, Json, Refused, answer, body_of, system_clock

API_KEY = "demo-shipday-key"
WEBHOOK_TOKEN = "demo-shipday-webhook-token"  # noqa: S105 - made up, good only here
CARRIERS = (
    {"id": 4417, "name": "Dana Ruiz", "email": "dana@example.com", "phoneNumber": "+15555550142"},
    {"id": 4418, "name": "Lee Park", "email": "lee@example.com", "phoneNumber": "+15555550143"},
)
SERVICES = (
    {"name": "Uber", "fee": 9.99, "regulatoryFee": 0, "minBillableFee": None},
    {"name": "DoorDash", "fee": 8.5, "regulatoryFee": 2.0, "minBillableFee": None},
)
LARGEST_PAGE = 100
_ID = "<int:order_id>"


class Shipday(Couriers):
    """The stand-in.

    Its settings. carriers: the drivers; one who is not `isOnShift` is off shift. services: those on demand, with what
    they ask; one with `error` has nobody. refuses_inserts: why no order is taken, with status 200; unknown_number: the
    status for a number that is not there. cancels_couriers: whether couriers on demand can be cancelled. webhook_url,
    webhook_token: where events go, and with what.
    """

    slug = "shipday"
    routes = (
        ("POST", "/orders", "insert_order"),
        ("GET", "/orders", "list_active"),
        ("POST", "/orders/query", "query_orders"),
        ("GET", "/orders/<path:number>", "read_orders"),
        ("DELETE", f"/orders/{_ID}", "delete_order"),
        ("PUT", f"/order/edit/{_ID}", "edit_order"),
        ("PUT", f"/orders/{_ID}/meta", "set_meta"),
        ("PUT", f"/orders/{_ID}/status", "set_status"),
        *ROUTES,
    )
    open_routes = frozenset()
    default_settings: ClassVar[Mapping[str, Any]] = {
        "carriers": [{**one, "isOnShift": True, "isActive": True} for one in CARRIERS],
        "services": [dict(one) for one in SERVICES],
        "refuses_inserts": "",
        "unknown_number": 200,
        "cancels_couriers": True,
        "webhook_url": "",
        "webhook_token": WEBHOOK_TOKEN,
    }
    kept = ("dispatch",)

    def __init__(self, clock: Clock = system_clock, send: Send = post) -> None:
        self.send = send
        super().__init__(clock)

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("")
        self.dispatch = Dispatch(self.clock)

    def memory(self) -> Json:
        """As of every vendor; the clock stays behind."""
        return {**super().memory(), "dispatch": replace(self.dispatch, clock=system_clock)}

    def recall(self, memory: Json) -> None:
        """As of every vendor, by this one's clock."""
        super().recall(memory)
        self.dispatch.clock = self.clock

    def credentials(self) -> Json:
        """What a connection needs."""
        return {"api_key": API_KEY, "webhook_tokens": [WEBHOOK_TOKEN]}

    def authorize(self, request: Request) -> None:
        """The key as it is, whatever `Basic` means elsewhere. A wrong one is answered without a body."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic" or not given:
            raise Refused(401, {"errorMessage": "Unauthorized"})
        if not hmac.compare_digest(given.encode(), API_KEY.encode()):
            raise Refused(403, None)

    def no_such_path(self) -> Response:
        """404."""
        return answer({"errorMessage": "Not found"}, 404)

    def handle(self, request: Request) -> Response:
        """As of every vendor; what happened by it is told afterwards."""
        response = super().handle(request)
        self._tell()
        return response

    # --- deliveries ---------------------------------------------------------------------------------------------------

    def insert_order(self, request: Request) -> Response:
        """A new delivery. Nothing keeps it from being made twice."""
        body = body_of(request)
        check_insert(body)
        if self.settings["refuses_inserts"]:
            return answer({"success": False, "response": self.settings["refuses_inserts"]})
        order = self.dispatch.insert(body, self.drivers)
        number = order["orderId"]
        return answer({"success": True, "response": f"Order inserted with id {number}", "orderId": number})

    def edit_order(self, request: Request, order_id: int) -> Response:
        """All of a delivery again, until it is over."""
        order, body = self.there(order_id), body_of(request)
        check_edit(body, order_id)
        if order["status"] in FINAL:
            return answer({"success": False, "response": "The order is over"})
        self.dispatch.edit(order, body)
        return answer({"success": True, "response": f"Order {order_id} updated"})

    def delete_order(self, _request: Request, order_id: int) -> Response:
        """A delivery that is not over goes. A courier on demand who was not cancelled comes all the same."""
        order = self.there(order_id)
        if order["status"] == "ALREADY_DELIVERED":
            raise refused("The order is delivered", "ORDER_DELIVERED")
        self.dispatch.happen(order, DELETED, self.drivers)
        return answer(status=204)

    def read_orders(self, _request: Request, number: str) -> Response:
        """The deliveries of a number, an array of any length."""
        found = self.dispatch.of_number(number)
        if not found and self.settings["unknown_number"] != 200:
            return answer({}, self.settings["unknown_number"])
        return answer([details(one, carrier_of(one, self.drivers)) for one in found])

    def list_active(self, _request: Request) -> Response:
        """The deliveries that are not over."""
        active = [one for one in newest_first(self.dispatch.orders) if one["status"] not in FINAL]
        return answer([details(one, carrier_of(one, self.drivers)) for one in active])

    def query_orders(self, request: Request) -> Response:
        """Deliveries by when they were placed, the newest first; rows from one number to another."""
        body = body_of(request)
        start, end = time_of(body.get("startTime")), time_of(body.get("endTime"))
        first, last = body.get("startCursor", 1), body.get("endCursor", LARGEST_PAGE)
        if start is None or end is None or type(first) is not int or type(last) is not int or not 1 <= first <= last:
            raise refused("the query is not whole")
        wanted = body.get("orderStatus")
        found = [
            row(one, carrier_of(one, self.drivers))
            for one in newest_first(self.dispatch.orders)
            if start <= one["times"]["placement"] <= end
            and (wanted in (None, one["status"]) or (wanted == "ACTIVE" and one["status"] not in FINAL))
        ]
        return answer(found[first - 1 : last])

    def set_meta(self, request: Request, order_id: int) -> Response:
        """That it can be fetched."""
        order, ready = self.there(order_id), body_of(request).get("readyToPickup")
        if not isinstance(ready, bool):
            raise refused("readyToPickup is true or false")
        order["readyToPickup"] = ready
        return answer(status=200)

    def set_status(self, request: Request, order_id: int) -> Response:
        """A step that somebody says was made."""
        order, status = self.there(order_id), body_of(request).get("status")
        if status not in SET_BY_CALL:
            raise refused(f"{status} is not a status")
        self.dispatch.happen(order, SET_BY_CALL[status], self.drivers)
        return answer({"orderId": order_id, "success": True, "response": "Status updated"})

    # --- what tests and the demo do -----------------------------------------------------------------------------------

    def put_order(self, body: Json) -> str:
        """Somebody else makes a delivery: fields of an insert, the rest is made up. Raises KeyError."""
        made_up = {
            "customerName": "Lena Brook",
            "customerAddress": "7 Specimen Court, Chicago, IL, 60610, US",
            "customerPhoneNumber": "+15555550103",
            "restaurantName": "Corner Kitchen",
            "restaurantAddress": "1 Kitchen Row, Chicago, IL, 60601, US",
        }
        order = self.dispatch.insert({**made_up, **body, "orderNumber": str(body["orderNumber"])}, self.drivers)
        self._tell()
        return str(order["orderId"])

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Something happens to a delivery at Shipday. Raises KeyError.

        carrier: it is proposed to this driver; service: this one is booked by hand; event: one of `EVENTS`. Before
        that: eta (milliseconds), proof (URLs), auto (the state of automatic assignment) are set. dropped: it is lost,
        and made again under another id. again: the last event about it is sent once more. silently: no webhook tells.
        """
        order = self.dispatch.orders[int(order_id)]
        if changes.get("event", DELETED) not in EVENTS:
            raise KeyError(changes["event"])
        order.update({name: changes[name] for name in ("eta", "proof", "auto") if name in changes})
        if "carrier" in changes:
            self.dispatch.assign(order, changes["carrier"], self.drivers)
        if "service" in changes:
            fee = next(one["fee"] for one in self.services if one["name"] == changes["service"])
            self.dispatch.book(order, changes["service"], fee, self.drivers)
        if "event" in changes:
            self.dispatch.happen(order, changes["event"], self.drivers)
        if changes.get("dropped"):
            order["deleted"] = True
            order = self.dispatch.insert(order["body"], self.drivers, parent=order["orderId"])
        if changes.get("again"):
            self.dispatch.untold.append(self._events(order)[-1])
        if changes.get("silently"):
            self.dispatch.take_untold()
        self._tell()
        return self._view(order)

    def view(self, order_id: str) -> Json:
        """A delivery, also one that was deleted, with the events about it."""
        return self._view(self.dispatch.orders[int(order_id)])

    def order_ids(self) -> list[str]:
        """The deliveries there ever were."""
        return [str(one) for one in self.dispatch.orders]

    def aliases(self, order_id: str) -> set[str]:
        """Its number."""
        order = self.dispatch.orders.get(int(order_id)) if order_id.isdecimal() else None
        return {order["body"]["orderNumber"]} if order else set()

    def _events(self, order: Json) -> list[Json]:
        return [one for one in self.dispatch.told if one["order"]["id"] == order["orderId"]]

    def _view(self, order: Json) -> Json:
        return {**copy.deepcopy(order), "events": self._events(order)}

    def _tell(self) -> None:
        with self.lock:
            untold = self.dispatch.take_untold()
        for event in untold:
            send_one(event, self.settings["webhook_url"], self.settings["webhook_token"], self.send)


def connection_settings(address: str) -> Json:
    """Settings of a connection to this stand-in at an address."""
    return {"base_url": address}
