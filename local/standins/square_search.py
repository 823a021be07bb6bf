"""Finding orders and catalog objects at Square.

https://developer.squareup.com/reference/square/orders-api/search-orders
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.square_parts import CATALOG_VERSION, variation_id
from local.standins.samples.square_prices import money
from local.standins.square_updates import bad_request, refused
from local.standins.vendor import Json

MOST_LOCATIONS = 10
LARGEST_PAGE = 1000
USUAL_PAGE = 500
TIME_FIELDS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "CLOSED_AT": "closed_at"}


def search_orders(held: Iterable[Json], body: Json) -> Json:
    """Answer POST /v2/orders/search. The cursor holds the last place seen, so pages stay right while orders change."""
    locations, limit, query = body.get("location_ids"), body.get("limit", USUAL_PAGE), body.get("query", {})
    if not isinstance(locations, list) or not 1 <= len(locations) <= MOST_LOCATIONS:
        raise bad_request("location_ids must name from 1 to 10 locations.", "location_ids")
    if not isinstance(limit, int) or not 1 <= limit <= LARGEST_PAGE:
        raise bad_request("limit must be from 1 to 1000.", "limit")
    field, newest_first = _sorting(query)
    found = sorted(
        (order for order in held if order["location_id"] in locations and _matches(order, query, field)),
        key=lambda order: (str(order.get(field, "")), str(order["id"])),
        reverse=newest_first,
    )
    mark = hashlib.sha256(json.dumps([locations, query], sort_keys=True).encode()).hexdigest()[:16]
    if body.get("cursor"):
        last = _read_cursor(body["cursor"], mark)
        found = [order for order in found if _after([str(order.get(field, "")), order["id"]], last, newest_first)]
    page = found[:limit]
    answer: Json = {"orders": page}
    if body.get("return_entries"):
        names = ("id", "location_id", "version")
        answer = {
            "order_entries": [
                {("order_id" if name == "id" else name): order[name] for name in names if name in order}
                for order in page
            ]
        }
    if len(found) > limit:
        answer["cursor"] = _write_cursor(mark, [str(page[-1].get(field, "")), page[-1]["id"]])
    return answer


def _sorting(query: Json) -> tuple[str, bool]:
    """The field to sort by and whether the newest comes first; it must be the field that times are filtered by."""
    filtered = list(query.get("filter", {}).get("date_time_filter", {}))
    sort = query.get("sort", {})
    field = sort.get("sort_field", "CREATED_AT")
    if field not in TIME_FIELDS:
        raise bad_request("Unknown sort_field.", "query.sort.sort_field")
    if len(filtered) > 1 or (filtered and filtered[0] != TIME_FIELDS[field]):
        raise bad_request("sort_field must be the one field of date_time_filter.", "query.sort.sort_field")
    return TIME_FIELDS[field], sort.get("sort_order", "DESC") == "DESC"


def _matches(order: Json, query: Json, field: str) -> bool:
    filters = query.get("filter", {})
    states = filters.get("state_filter", {}).get("states")
    span = filters.get("date_time_filter", {}).get(field, {})
    ways = filters.get("fulfillment_filter", {})
    entries = order.get("fulfillments", [])
    at = str(order.get(field, ""))
    return (
        (states is None or order["state"] in states)
        and _instant(span.get("start_at"), "") <= _instant(at, "")
        and (not span.get("end_at") or _instant(at, "") <= _instant(span["end_at"], ""))
        and all(
            not ways.get(name) or any(entry[key] in ways[name] for entry in entries)
            for name, key in (("fulfillment_types", "type"), ("fulfillment_states", "state"))
        )
    )


def _instant(text: Any, default: str) -> str:
    """RFC 3339 in UTC with milliseconds, so that two times compare as text."""
    if not text:
        return default
    return kitchen.utc(kitchen.read_time(str(text)))


def _after(place: list[str], last: list[str], newest_first: bool) -> bool:
    return place < last if newest_first else place > last


def _write_cursor(mark: str, place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([mark, *place]).encode()).decode()


def _read_cursor(cursor: str, mark: str) -> list[str]:
    try:
        read = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        read = [None]
    if read[0] != mark:
        raise refused("INVALID_CURSOR", "The cursor is not of this query.", "cursor")
    return [str(part) for part in read[1:]]


def search_catalog(body: Json) -> Json:
    """Answer POST /v2/catalog/search for variations by an exact SKU."""
    if "ITEM_VARIATION" not in body.get("object_types", []):
        return {"objects": [], "latest_time": "2026-10-01T00:00:00.000Z"}
    exact = body.get("query", {}).get("exact_query", {})
    if exact.get("attribute_name") != "sku":
        raise bad_request("Variations can be found here by exact sku only.", "query.exact_query")
    found = [_variation(dish) for dish in kitchen.MENU if dish.sku == exact.get("attribute_value")]
    return {"objects": found, "latest_time": "2026-10-01T00:00:00.000Z"}


def _variation(dish: kitchen.Dish) -> Json:
    return {
        "type": "ITEM_VARIATION",
        "id": variation_id(dish.sku),
        "updated_at": "2026-10-01T00:00:00.000Z",
        "version": CATALOG_VERSION,
        "is_deleted": False,
        "present_at_all_locations": True,
        "item_variation_data": {
            "item_id": variation_id(f"item:{dish.sku}"),
            "name": dish.variation,
            "sku": dish.sku,
            "pricing_type": "FIXED_PRICING",
            "price_money": money(dish.price),
            "track_inventory": True,
        },
    }
