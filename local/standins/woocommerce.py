"""Plays the REST API of a WooCommerce shop, version wc/v3, as its documentation and source describe it.

https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from local.standins import woocommerce_auth as auth
from local.standins.played import Played, Told, only_store
from local.standins.samples import woocommerce as samples
from local.standins.tokens import Tokens
from local.standins.vendor import Json, Vendor, answer, body_of, system_clock
from local.standins.woocommerce_auth import error, refused
from local.standins.woocommerce_shop import Shop

WEBHOOK_SECRET = "demo-woocommerce-secret"  # noqa: S105 - made up, good only here
LARGEST_PAGE = 100
STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft")
NOT_ANY = frozenset({"trash", "auto-draft", "checkout-draft"})
ORDERINGS = {"date": "date_created_gmt", "id": "id", "modified": "date_modified_gmt"}
_ROUTE = "/wc/v3"
_API = f"/wp-json{_ROUTE}"


class WooCommerce(Vendor):
    """The stand-in. It knows the settings of `default_settings`; webhooks are those that the shop lists."""

    slug = "woocommerce"
    routes = (
        ("GET", f"{_API}/orders", "list_orders"),
        ("GET", f"{_API}/orders/<int:order_id>", "get_order"),
        ("PUT", f"{_API}/orders/<int:order_id>", "update_order"),
        ("GET", f"{_API}/orders/<int:order_id>/notes", "list_notes"),
        ("POST", f"{_API}/orders/<int:order_id>/notes", "add_note"),
        ("GET", f"{_API}/orders/<int:order_id>/refunds", "list_refunds"),
        ("POST", f"{_API}/orders/<int:order_id>/refunds", "add_refund"),
        ("GET", f"{_API}/products", "list_products"),
        ("GET", f"{_API}/products/<int:product_id>", "get_product"),
        ("PUT", f"{_API}/products/<int:product_id>", "update_product"),
        ("GET", f"{_API}/products/<int:parent_id>/variations/<int:product_id>", "get_product"),
        ("PUT", f"{_API}/products/<int:parent_id>/variations/<int:product_id>", "update_product"),
        ("GET", f"{_API}/webhooks", "list_webhooks"),
        *((method, "/index.php", "by_route") for method in ("GET", "PUT", "POST")),
    )
    open_routes = frozenset()
    default_settings: ClassVar[Mapping[str, object]] = {
        "permissions": "read_write",
        "drops_authorization": False,
        "sorts_by_modified": True,
        "filters_by_modified": True,
        "own_statuses": [],
        "webhooks": [],
    }
    kept = ("shop",)

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("")
        self.shop = Shop(self.clock)

    def memory(self) -> Json:
        """As of every vendor; the clock stays behind."""
        return {**super().memory(), "shop": replace(self.shop, clock=system_clock)}

    def recall(self, memory: Json) -> None:
        """As of every vendor, by this one's clock."""
        super().recall(memory)
        self.shop.clock = self.clock

    def credentials(self) -> Json:
        """What a connection needs."""
        return {
            "consumer_key": auth.CONSUMER_KEY,
            "consumer_secret": auth.CONSUMER_SECRET,
            "webhook_secrets": [WEBHOOK_SECRET],
        }

    def authorize(self, request: Request) -> None:
        """The key over https, a signature over plain http; and what the key may do."""
        auth.check(request, self.settings, self.shop.nonces, self.clock())

    def no_such_path(self) -> Response:
        """404 in WordPress's shape."""
        return answer(error("rest_no_route", "No route was found matching the URL and request method.", 404), 404)

    def by_route(self, request: Request) -> Response:
        """Without pretty permalinks the path of the API is a parameter."""
        route = request.args.get("rest_route", "")
        try:
            name, arguments = self._paths.bind("").match(f"/wp-json{route}", method=request.method)
        except HTTPException:
            return self.no_such_path()
        handled: Response = getattr(self, name)(request, **arguments)
        return handled

    # --- orders -------------------------------------------------------------------------------------------------------

    def list_orders(self, request: Request) -> Response:
        """Orders by status and time of change, sorted, in pages. `any` leaves out drafts and the bin."""
        after, by = self._modified_after(request), request.args.get("orderby", "date")
        known = [name for name in ORDERINGS if name != "modified" or self.settings["sorts_by_modified"]]
        if by not in known:
            raise _invalid("orderby", f"orderby is not one of {', '.join(known)}.")
        wanted = request.args.get("status", "any")
        found = [
            order
            for order in self.shop.orders.values()
            if (order["status"] not in NOT_ANY if wanted == "any" else order["status"] in wanted.split(","))
            and (order["date_modified_gmt"] > after or not self.settings["filters_by_modified"])
        ]
        found.sort(key=lambda order: (order[ORDERINGS[by]], order["id"]), reverse=request.args.get("order") != "asc")
        return _paged(request, found)

    def get_order(self, _request: Request, order_id: int) -> Response:
        """An order."""
        return answer(self._order(order_id))

    def update_order(self, request: Request, order_id: int) -> Response:
        """Change an order; a status has to be one of the shop's."""
        order, changes = self._order(order_id), body_of(request)
        status = changes.get("status")
        if status is not None and status not in (*STATUSES, *self.settings["own_statuses"]):
            raise _invalid("status", "status is not one of the order statuses of this shop.")
        self.shop.update(order, changes)
        return answer(order)

    def list_notes(self, _request: Request, order_id: int) -> Response:
        """An order's notes, the newest first."""
        self._order(order_id, "woocommerce_rest_order_invalid_id")
        return answer(self.shop.notes[order_id][::-1])

    def add_note(self, request: Request, order_id: int) -> Response:
        """Add a note; one for the customer is mailed to them."""
        self._order(order_id, "woocommerce_rest_order_invalid_id")
        body = body_of(request)
        if not isinstance(body.get("note"), str):
            raise refused("rest_missing_callback_param", "Missing parameter(s): note", 400, params=["note"])
        note = {"id": self.shop.next_id(), "author": "WooCommerce", **samples.times("date_created", self.clock())}
        self.shop.notes[order_id].append(
            {**note, "note": body["note"], "customer_note": bool(body.get("customer_note"))}
        )
        return answer(self.shop.notes[order_id][-1], 201)

    def list_refunds(self, _request: Request, order_id: int) -> Response:
        """An order's refunds."""
        return answer(self._order(order_id, "woocommerce_rest_invalid_order_id")["refunds"])

    def add_refund(self, request: Request, order_id: int) -> Response:
        """Give money back."""
        order = self._order(order_id, "woocommerce_rest_invalid_order_id")
        return answer(self.shop.refund(order, body_of(request)), 201)

    # --- products, webhooks -------------------------------------------------------------------------------------------

    def list_products(self, request: Request) -> Response:
        """Products, or the one product or variation of a SKU."""
        sku = request.args.get("sku")
        products = self.shop.products.values()
        found = [one for one in products if (one["sku"] == sku if sku else not one["parent_id"])]
        return _paged(request, found)

    def get_product(self, _request: Request, product_id: int, parent_id: int = 0) -> Response:
        """A product, or a variation of one."""
        return answer(self._product(product_id, parent_id))

    def update_product(self, request: Request, product_id: int, parent_id: int = 0) -> Response:
        """Change the stock: a number decides whether there is any, without one the status does."""
        product, body = self._product(product_id, parent_id), body_of(request)
        product.update(
            {name: body[name] for name in ("manage_stock", "stock_quantity", "stock_status") if name in body}
        )
        if product["manage_stock"] is True:
            product["stock_quantity"] = product["stock_quantity"] or 0
            product["stock_status"] = "instock" if product["stock_quantity"] > 0 else "outofstock"
        else:
            product["stock_quantity"] = None
        return answer(product)

    def list_webhooks(self, request: Request) -> Response:
        """The shop's webhooks."""
        return _paged(request, list(self.settings["webhooks"]))

    # --- what tests and the demo do -----------------------------------------------------------------------------------

    def put_order(self, body: Json) -> str:
        """Hold an order."""
        return str(self.shop.put(body))

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Something happens in the shop: replace fields; it changed now, unless they tell when."""
        order = self.shop.orders[int(order_id)]
        self.shop.touch(order)
        order.update(changes)
        return order

    def view(self, order_id: str) -> Json:
        """An order with its notes, which the API keeps apart."""
        return {**self.shop.orders[int(order_id)], "notes": self.shop.notes[int(order_id)]}

    def order_ids(self) -> list[str]:
        """The orders held."""
        return [str(number) for number in self.shop.orders]

    def aliases(self, _order_id: str) -> set[str]:
        """An order has one id."""
        return set()

    def _order(self, order_id: int, code: str = "woocommerce_rest_shop_order_invalid_id") -> Json:
        order = self.shop.orders.get(order_id)
        if order is None:
            raise refused(code, "Invalid ID.", 404)
        return order

    def _product(self, product_id: int, parent_id: int) -> Json:
        product = self.shop.products.get(product_id)
        if product is None or product["parent_id"] != parent_id:
            what = "product_variation" if parent_id else "product"
            raise refused(f"woocommerce_rest_{what}_invalid_id", "Invalid ID.", 404)
        return product

    def _modified_after(self, request: Request) -> str:
        """In UTC if they say that it is, else on the shop's clock."""
        text = request.args.get("modified_after")
        if text is None:
            return ""
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise _invalid("modified_after", "Invalid date.") from None
        if request.args.get("dates_are_gmt") != "true":
            at = at.replace(tzinfo=samples.SHOP_ZONE)
            return str(samples.times("at", at)["at_gmt"])
        return at.replace(tzinfo=None).isoformat()


def _invalid(name: str, why: str) -> Any:
    return refused("rest_invalid_param", f"Invalid parameter(s): {name}", 400, params={name: why})


def _paged(request: Request, rows: list[Json]) -> Response:
    size, page = (request.args.get(name, default) for name, default in (("per_page", "10"), ("page", "1")))
    if not size.isdecimal() or not 1 <= int(size) <= LARGEST_PAGE:
        raise _invalid("per_page", f"per_page must be between 1 (inclusive) and {LARGEST_PAGE} (inclusive)")
    if not page.isdecimal() or int(page) < 1:
        raise _invalid("page", "page must be greater than or equal to 1")
    pages, first = -(-len(rows) // int(size)), (int(page) - 1) * int(size)
    headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
    if int(page) < pages:
        headers["Link"] = f'<{request.base_url}?page={int(page) + 1}>; rel="next"'
    return answer(rows[first : first + int(size)], headers=headers)


def _told(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> Told:
    return samples.headers(event, delivery_id=key), samples.wire(samples.notification(event, order, **changes))


PLAYED = Played(
    standin=WooCommerce,
    secret=WEBHOOK_SECRET,
    credentials=lambda secret: {
        "consumer_key": auth.CONSUMER_KEY,
        "consumer_secret": auth.CONSUMER_SECRET,
        "webhook_secrets": [secret],
    },
    settings=lambda standin: {"base_url": standin, "shop_url": samples.SHOP_URL},
    store=samples.SHOP_URL,
    store_ids=lambda: samples.SHOP_URL,  # a connection is one shop
    order=samples.order,
    at_store=only_store,
    told=_told,
    first="order.created",
)
