"""Plays GloriaFood's API as its documentation describes it: orders wait on a queue and are handed out once.

https://github.com/GlobalFood/integration_docs
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from local.standins.played import Played, Told
from local.standins.samples import gloriafood as samples
from local.standins.samples.kitchen import utc
from local.standins.tokens import Tokens
from local.standins.vendor import Json, Refused, Vendor, answer

MASTER_KEY = "demo-gloriafood-master-key"

API_VERSION = "2"


class Gloriafood(Vendor):
    """The stand-in.

    polled_restaurants: ids of those with a "Poll Accepted Order v2" integration: their orders wait on a queue, and only
    their keys are known to it. The orders of the others are pushed, which is up to whoever plays GloriaFood.
    """

    slug = "gloriafood"
    routes = (("POST", "/pos/order/pop", "pop"), ("GET", "/pos/menu", "read_menu"))
    default_settings: ClassVar[Mapping[str, Any]] = {"polled_restaurants": []}
    kept = ("orders", "queues")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("")  # it has none: each integration of a restaurant has a key
        self.orders: dict[str, Json] = {}
        self.queues: dict[str, list[str]] = {}

    def credentials(self) -> Json:
        """What a connection needs; the master key is what a push is proved with."""
        return {
            "master_key": MASTER_KEY,
            "restaurant_key": samples.poll_key(samples.STORE_ID),
            "menu_key": samples.menu_key(samples.STORE_ID),
            "restaurant_id": samples.STORE_ID,
        }

    def authorize(self, request: Request) -> None:
        """Each path has keys of its own; the bare key says whose restaurant it is."""
        if request.headers.get("Authorization", "") not in self._restaurants(request.path):
            raise Refused(401, {"error": "Unauthorized"})

    def no_such_path(self) -> Response:
        """404."""
        return answer({"error": "Not Found"}, 404)

    def pop(self, request: Request) -> Response:
        """The orders that wait for the restaurant, as they are now; from then on they are gone."""
        waiting = self.queues.pop(self._restaurant(request), [])
        version = int(request.headers.get("Glf-Api-Version", "1"))
        return answer(samples.document(*({**self.orders[one], "api_version": version} for one in waiting)))

    def read_menu(self, request: Request) -> Response:
        """The menu, in the version that is documented."""
        if request.headers.get("Glf-Api-Version") != API_VERSION:
            raise Refused(400, {"error": "Bad Request"})
        return answer(samples.menu(self._restaurant(request)))

    def put_order(self, body: Json) -> str:
        """Hold an order, bare; it waits on the queue if its restaurant is polled."""
        order_id, _ = str(body["id"]), (body["status"], body["restaurant_id"], body["restaurant_key"])
        self.orders[order_id] = copy.deepcopy(body)
        self._line_up(order_id)
        return order_id

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Replace fields, as of now; the order waits on the queue once more if its restaurant is polled."""
        self.orders[order_id].update({"updated_at": utc(self.clock()), **changes})
        self._line_up(order_id)
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """The whole order."""
        return self.orders[order_id]

    def order_ids(self) -> list[str]:
        """The orders held, handed out or not."""
        return list(self.orders)

    def aliases(self, _order_id: str) -> set[str]:
        """An order has one id."""
        return set()

    def _line_up(self, order_id: str) -> None:
        restaurant = str(self.orders[order_id]["restaurant_id"])
        if restaurant in map(str, self.settings["polled_restaurants"]):
            queue = self.queues.setdefault(restaurant, [])
            queue += [] if order_id in queue else [order_id]

    def _restaurant(self, request: Request) -> str:
        return self._restaurants(request.path)[request.headers["Authorization"]]

    def _restaurants(self, path: str) -> Mapping[str, str]:
        """The keys that a path knows, and whose they are. A menu can be read of every restaurant there is."""
        if path == "/pos/order/pop":
            return {samples.poll_key(str(one)): str(one) for one in self.settings["polled_restaurants"]}
        there = {samples.STORE_ID, *(str(order["restaurant_id"]) for order in self.orders.values())}
        return {samples.menu_key(one): one for one in there}


def _told(event: str, order: Json, _key: str, **changes: Any) -> Told:
    """A push of one order. It has no id of its own."""
    headers = {"Content-Type": "application/json"}
    return headers, samples.wire(samples.document(samples.state(event, order, **changes)))


PLAYED = Played(
    standin=Gloriafood,
    secret=MASTER_KEY,
    credentials=lambda secret: {"master_keys": [secret], "menu_key": samples.menu_key(samples.STORE_ID)},
    settings=lambda standin: {"base_url": standin},
    store=samples.STORE_ID,
    order=samples.order,
    at_store=samples.at_store,
    told=_told,
    first="order.accepted",
    store_ids=lambda: str(10_000_000 + uuid4().int % 80_000_000),
)
