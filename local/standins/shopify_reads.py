"""What can be asked of the shop over GraphQL: resolvers of the query root, and paging.

https://shopify.dev/docs/api/usage/search-syntax and https://shopify.dev/docs/api/usage/pagination-graphql
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from local.standins.samples import kitchen
from local.standins.samples import shopify as samples
from local.standins.samples.shopify_lines import gid, variant_number
from local.standins.samples.shopify_node import location_node
from local.standins.shopify_shop import SCOPES, Shop, number_of, skus
from local.standins.vendor import Json

LARGEST_PAGE = 250
TERM = re.compile(r"(?P<not>-)?(?P<field>\w+):(?P<sign>>=|<=|>|<)?(?P<value>'[^']*'|\"[^\"]*\"|\S+)")
SORT_FIELDS = {
    "CREATED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "PROCESSED_AT": "processed_at",
    "ID": "id",
    "ORDER_NUMBER": "order_number",
}
STATUS = {None: "unfulfilled", "partial": "partial", "fulfilled": "fulfilled"}


def page(nodes: Sequence[Any], cursors: Sequence[str], arguments: Mapping[str, Any]) -> Json:
    """A connection. As at Shopify, `first` or `last` must be given, and be 250 at most."""
    first, last, after = arguments.get("first"), arguments.get("last"), arguments.get("after")
    size = first if first is not None else last
    if size is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    if not 0 <= size <= LARGEST_PAGE:
        raise GraphQLError(f"a page holds from 0 to {LARGEST_PAGE} entries", extensions={"code": "BAD_REQUEST"})
    start = cursors.index(after) + 1 if after in cursors else 0
    if first is None:
        start = max(len(nodes) - size, start)
    end = start + size
    shown = list(zip(nodes[start:end], cursors[start:end], strict=True))
    return {
        "nodes": [node for node, _ in shown],
        "edges": [{"node": node, "cursor": cursor} for node, cursor in shown],
        "pageInfo": {
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": start > 0,
            "startCursor": shown[0][1] if shown else None,
            "endCursor": shown[-1][1] if shown else None,
        },
    }


def page_of_list(nodes: Sequence[Any], arguments: Mapping[str, Any]) -> Json:
    """A connection over a list that does not change: a cursor is a place in it."""
    return page(nodes, [_cursor([place]) for place in range(len(nodes))], arguments)


def _cursor(place: list[Any]) -> str:
    return base64.b64encode(json.dumps(place).encode()).decode()


def find_orders(shop: Shop, arguments: Json) -> Json:
    """Orders by the search syntax, sorted; a cursor names the last order seen, so that pages stay right meanwhile."""
    name = SORT_FIELDS[arguments.get("sortKey") or "PROCESSED_AT"]
    backwards = bool(arguments.get("reverse"))
    wanted = _conditions(arguments.get("query") or "")

    def place(order: Json) -> list[Any]:
        value = order.get(name)
        return [_instant(value) if name.endswith("_at") else value, order["id"]]

    found = sorted((order for order in shop.orders.values() if wanted(order)), key=place, reverse=backwards)
    after = arguments.get("after")
    seen = json.loads(base64.b64decode(after)) if after else None
    if seen is not None:
        found = [order for order in found if (place(order) < seen if backwards else place(order) > seen)]
    shown = page(found, [_cursor(place(order)) for order in found], {**arguments, "after": None})
    shown["nodes"] = [shop.show_order(order) for order in shown["nodes"]]
    shown["edges"] = [
        {"node": node, "cursor": edge["cursor"]} for node, edge in zip(shown["nodes"], shown["edges"], strict=True)
    ]
    shown["pageInfo"]["hasPreviousPage"] = seen is not None
    return shown


def _conditions(query: str) -> Callable[[Json], bool]:
    terms = [match.groupdict() for match in TERM.finditer(query)]
    return lambda order: all(_holds(order, term) != bool(term["not"]) for term in terms)


def _holds(order: Json, term: Mapping[str, str]) -> bool:
    """Whether one term of the search syntax holds; a field that is not known here does not narrow the search."""
    name, sign, value = term["field"], term["sign"], term["value"].strip("'\"")
    if name in {"created_at", "updated_at", "processed_at"}:
        return _compare(_instant(order[name]), sign, _instant(value))
    if name == "id":
        return _compare(order["id"], sign, number_of(f"/{value}"))
    state = "cancelled" if order.get("cancelled_at") else "closed" if order.get("closed_at") else "open"
    exact = {
        "name": order["name"],
        "financial_status": order["financial_status"],
        "fulfillment_status": STATUS.get(order.get("fulfillment_status")),
        "status": state if value != "any" else "any",
        "tag": value if value in [tag.strip() for tag in order.get("tags", "").split(",")] else None,
    }
    return name not in exact or exact[name] == value


def _compare(left: Any, sign: str | None, right: Any) -> bool:
    outcomes = {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right}
    return bool(outcomes.get(sign or "", left == right))


def _instant(text: Any) -> str:
    at = datetime.fromisoformat(str(text))
    return kitchen.utc(at if at.tzinfo else at.replace(tzinfo=UTC))


def find_variants(shop: Shop, arguments: Json) -> Json:
    """Variants, all or by `sku:` or `id:`."""
    terms = [match.groupdict() for match in TERM.finditer(arguments.get("query") or "")]
    wanted = {term["value"].strip("'\"") for term in terms if term["field"] in {"sku", "id"}}
    variants = [shop.show_variant(sku) for sku in skus()]
    found = [one for one in variants if not wanted or {one["sku"], str(number_of(one["id"]))} & wanted]
    return page_of_list(found, arguments)


def find_item(shop: Shop, arguments: Json) -> Json | None:
    """An inventory item."""
    return next((item for item in map(shop.show_item, skus()) if item["id"] == arguments["id"]), None)


def find_node(shop: Shop, arguments: Json) -> Json | None:
    """Anything by its global id."""
    kind = (["", "", *arguments["id"].split("/")])[-2]
    finders = {
        "Order": find_order,
        "FulfillmentOrder": find_routed,
        "Fulfillment": find_fulfillment,
        "InventoryItem": find_item,
        "Location": find_location,
    }
    return finders[kind](shop, arguments) if kind in finders else None


def find_order(shop: Shop, arguments: Json) -> Json | None:
    """An order."""
    order = shop.order(arguments["id"])
    return shop.show_order(order) if order else None


def find_routed(shop: Shop, arguments: Json) -> Json | None:
    """A fulfillment order."""
    routed = shop.fulfillment_orders.get(arguments["id"])
    return shop.show_routed(routed) if routed else None


def find_fulfillment(shop: Shop, arguments: Json) -> Json | None:
    """A fulfillment."""
    found = shop.fulfillment(arguments["id"])
    return shop.show_fulfillment(*found) if found else None


def find_location(_shop: Shop, arguments: Json) -> Json | None:
    """The one location, also when none is named."""
    return location_node() if arguments.get("id") in {None, location_node()["id"]} else None


def find_job(shop: Shop, arguments: Json) -> Json | None:
    """A job; all are done by the time one asks."""
    return {"id": arguments["id"], "done": True} if arguments["id"] in shop.jobs else None


def show_shop(_shop: Shop, _arguments: Json) -> Json:
    """The shop itself."""
    return {
        "id": gid("Shop", 64_000_000_001),
        "name": kitchen.STORE_NAME,
        "email": "kitchen@example.com",
        "myshopifyDomain": samples.SHOP_DOMAIN,
        "currencyCode": kitchen.CURRENCY,
        "ianaTimezone": "America/Chicago",
    }


def show_installation(_shop: Shop, _arguments: Json) -> Json:
    """The app as installed: what its token may do."""
    return {
        "id": gid("AppInstallation", 510_000_001),
        "accessScopes": [{"handle": scope} for scope in SCOPES.split()],
    }


QUERIES: Mapping[str, Callable[[Shop, Json], Any]] = {
    "currentAppInstallation": show_installation,
    "fulfillment": find_fulfillment,
    "fulfillmentOrder": find_routed,
    "inventoryItem": find_item,
    "job": find_job,
    "location": find_location,
    "locations": lambda _shop, arguments: page_of_list([location_node()], arguments),
    "node": find_node,
    "order": find_order,
    "orders": find_orders,
    "productVariants": find_variants,
    "shop": show_shop,
}


def _order_of(shop: Shop, source: Json, _arguments: Json) -> Json:
    return shop.show_order(shop.orders[number_of(source["orderId"])])


def _item_of(shop: Shop, source: Json, _arguments: Json) -> Json:
    return shop.show_item(source["sku"] or "")


def _available_of(shop: Shop, source: Json, _arguments: Json) -> int:
    return shop.available(variant_number(source["sku"] or ""))


def _level_of(shop: Shop, source: Json, arguments: Json) -> Json | None:
    return shop.show_level(source["sku"]) if arguments["locationId"] == location_node()["id"] else None


def _levels_of(shop: Shop, source: Json, arguments: Json) -> Json:
    return page_of_list([shop.show_level(source["sku"])], arguments)


def _quantities_of(_shop: Shop, source: Json, arguments: Json) -> list[Json]:
    return [
        {"id": f"{source['id']}&name={name}", "name": name, "quantity": source["stock"].get(name, 0)}
        for name in arguments["names"]
    ]


def _changes_of(_shop: Shop, source: Json, arguments: Json) -> list[Json]:
    names = arguments.get("quantityNames")
    return [change for change in source["changes"] if names is None or change["name"] in names]


FIELDS: Mapping[tuple[str, str], Callable[[Shop, Json, Json], Any]] = {
    ("Fulfillment", "order"): _order_of,
    ("FulfillmentOrder", "order"): _order_of,
    ("InventoryAdjustmentGroup", "changes"): _changes_of,
    ("InventoryItem", "inventoryLevel"): _level_of,
    ("InventoryItem", "inventoryLevels"): _levels_of,
    ("InventoryLevel", "quantities"): _quantities_of,
    ("ProductVariant", "inventoryItem"): _item_of,
    ("ProductVariant", "inventoryQuantity"): _available_of,
    ("Refund", "order"): _order_of,
}
"""Fields that lead on to other things; every other field is in its node."""
