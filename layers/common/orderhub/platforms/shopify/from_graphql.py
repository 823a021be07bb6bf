"""An order as the GraphQL Admin API gives it, brought into the shape of the REST order, which the mapper takes.

Names: https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orderhub.errors import Quarantine

Json = dict[str, Any]

_SAME = {
    "id": "admin_graphql_api_id",
    "name": "name",
    "createdAt": "created_at",
    "processedAt": "processed_at",
    "updatedAt": "updated_at",
    "cancelledAt": "cancelled_at",
    "test": "test",
    "note": "note",
    "email": "email",
    "phone": "phone",
    "sourceName": "source_name",
    "currencyCode": "currency",
    "presentmentCurrencyCode": "presentment_currency",
    "taxesIncluded": "taxes_included",
    "paymentGatewayNames": "payment_gateway_names",
}
_AMOUNTS = {
    "totalPriceSet": "total_price",
    "totalTaxSet": "total_tax",
    "totalDiscountsSet": "total_discounts",
    "totalTipReceivedSet": "total_tip_received",
    "totalOutstandingSet": "total_outstanding",
    "currentTotalPriceSet": "current_total_price",
}
_ADDRESS = {
    "name": "name",
    "company": "company",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zip": "zip",
    "province": "province",
    "provinceCode": "province_code",
    "country": "country",
    "countryCodeV2": "country_code",
    "phone": "phone",
    "latitude": "latitude",
    "longitude": "longitude",
}
# Where the words differ from those of REST; the others are the same in capitals.
_FULFILLMENT_STATUS = {
    "PARTIALLY_FULFILLED": "partial",
    "FULFILLED": "fulfilled",
    "RESTOCKED": "restocked",
    # These say what the fulfillment orders say: nothing has been fulfilled.
    **dict.fromkeys(("UNFULFILLED", "OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED", "PENDING_FULFILLMENT")),
    "REQUEST_DECLINED": None,
}
# Display statuses that are no news of the parcel, but of the fulfillment as such.
_NO_SHIPMENT = frozenset({"FULFILLED", "MARKED_AS_FULFILLED", "SUBMITTED", "CANCELED", "LABEL_VOIDED", "PICKED_UP"})
_SHIPMENT = {"NOT_DELIVERED": "failure"}


def is_graphql(payload: Any) -> bool:
    """Whether this is an answer of the GraphQL API (several, when the order has many lines), not a REST order."""
    return isinstance(payload, list) or (isinstance(payload, dict) and ("data" in payload or "createdAt" in payload))


def rest_order(payload: Any) -> Json:
    """The REST order for the answers to ORDER and, after it, ORDER_LINES; an Order by itself will do.

    Raises Quarantine when there is no order in them, or when they are not of the schema's shape.
    """
    answers = payload if isinstance(payload, list) else [payload]
    orders = [value_of(answer, "data", "order") if "data" in _object(answer) else answer for answer in answers]
    if not orders or not orders[0]:
        raise Quarantine("the answer holds no order")
    lines = [line for order in orders for line in nodes_of(order, "lineItems")]
    return _order(_object(orders[0]), lines)


def number_of(gid: Any) -> Any:
    """The number at the end of a global id (gid://shopify/Order/1), which REST calls the id."""
    return gid.rpartition("/")[2] if isinstance(gid, str) else gid


def _order(order: Json, lines: list[Json]) -> Json:
    tip = _amount(order, "totalTipReceivedSet")
    return {
        **{rest: order[name] for name, rest in _SAME.items() if name in order},
        **{rest: _amount(order, name) for name, rest in _AMOUNTS.items()},
        "id": order.get("legacyResourceId") or number_of(order.get("id")),
        "cancel_reason": _lower(order.get("cancelReason")),
        "financial_status": _lower(order.get("displayFinancialStatus")),
        "fulfillment_status": _fulfillment_status(order.get("displayFulfillmentStatus")),
        "location_id": value_of(order, "retailLocation", "legacyResourceId"),
        "note_attributes": _pairs(order),
        "total_shipping_price_set": {"shop_money": {"amount": _amount(order, "totalShippingPriceSet")}},
        "tax_lines": [_tax(one) for one in objects_of(order.get("taxLines"))],
        "discount_applications": _applications(order),
        "customer": _customer(order.get("customer")),
        "shipping_address": _renamed(order.get("shippingAddress"), _ADDRESS),
        "billing_address": _renamed(order.get("billingAddress"), _ADDRESS),
        "line_items": [_line(line, tip) for line in lines],
        "fulfillments": [_fulfillment(one) for one in objects_of(order.get("fulfillments"))],
        "fulfillment_orders": [_fulfillment_order(one) for one in nodes_of(order, "fulfillmentOrders")],
        "refunds": _refunds(_amount(order, "totalRefundedSet")),
    }


def _line(line: Json, tip: Any) -> Json:
    price = _amount(line, "originalUnitPriceSet")
    is_tip = line.get("name") == "Tip" and not line.get("variant") and bool(tip) and price == tip
    return {
        "id": number_of(line.get("id")),
        "variant_id": number_of(value_of(line, "variant", "id")),
        "sku": line.get("sku"),
        "name": line.get("name"),
        "title": line.get("title"),
        "quantity": line.get("quantity"),
        "current_quantity": line.get("currentQuantity"),
        "price": price,
        "gift_card": line.get("isGiftCard"),
        "requires_shipping": line.get("requiresShipping"),
        "properties": _pairs(line),
        "tax_lines": [_tax(one) for one in objects_of(line.get("taxLines"))],
        "discount_allocations": [
            {
                "amount": _amount(one, "allocatedAmountSet"),
                "discount_application_index": value_of(one, "discountApplication", "index"),
            }
            for one in objects_of(line.get("discountAllocations"))
        ],
        **({"tip_payment_gateway": None} if is_tip else {}),
    }


def _fulfillment(one: Json) -> Json:
    parcels = objects_of(one.get("trackingInfo"))
    return {
        "id": number_of(one.get("id")),
        "name": one.get("name"),
        "status": _lower(one.get("status")),
        "shipment_status": _shipment_status(one.get("displayStatus")),
        "tracking_company": next((parcel.get("company") for parcel in parcels), None),
        "tracking_numbers": [parcel.get("number") for parcel in parcels],
        "tracking_urls": [parcel.get("url") for parcel in parcels],
    }


def _fulfillment_order(one: Json) -> Json:
    method, location = one.get("deliveryMethod"), value_of(one, "assignedLocation", "location")
    return {
        "id": number_of(one.get("id")),
        "status": one.get("status"),
        "assigned_location_id": value_of(location, "legacyResourceId") or number_of(value_of(location, "id")),
        "delivery_method": {
            "method_type": value_of(method, "methodType"),
            "min_delivery_date_time": value_of(method, "minDeliveryDateTime"),
            "max_delivery_date_time": value_of(method, "maxDeliveryDateTime"),
        }
        if method
        else None,
    }


def _applications(order: Json) -> list[Json]:
    """In the order of their index, by which the lines refer to them."""
    found = {
        one["index"]: {"code": one.get("code"), "title": one.get("title")}
        for one in nodes_of(order, "discountApplications")
        if isinstance(one.get("index"), int) and 0 <= one["index"] < 1_000
    }
    return [found.get(index, {}) for index in range(max(found, default=-1) + 1)]


def _customer(customer: Any) -> Json | None:
    if not customer:
        return None
    return {
        "id": value_of(customer, "legacyResourceId"),
        "first_name": value_of(customer, "firstName"),
        "last_name": value_of(customer, "lastName"),
        "email": value_of(customer, "defaultEmailAddress", "emailAddress"),
        "phone": value_of(customer, "defaultPhoneNumber", "phoneNumber"),
    }


def _refunds(given_back: Any) -> list[Json]:
    return [{"transactions": [{"kind": "refund", "amount": given_back}]}] if given_back else []


def _tax(one: Json) -> Json:
    return {"price": _amount(one, "priceSet"), "channel_liable": one.get("channelLiable")}


def _fulfillment_status(word: Any) -> Any:
    return _FULFILLMENT_STATUS.get(word, _lower(word)) if isinstance(word, str) else word


def _shipment_status(word: Any) -> Any:
    if not isinstance(word, str):
        return word
    return None if word in _NO_SHIPMENT else _SHIPMENT.get(word, word.lower())


def _pairs(owner: Json) -> list[Json]:
    return [{"name": one.get("key"), "value": one.get("value")} for one in objects_of(owner.get("customAttributes"))]


def _renamed(value: Any, names: Mapping[str, str]) -> Json | None:
    return {rest: _object(value).get(name) for name, rest in names.items()} if value else None


# --- reading what may not be as the schema says ------------------------------------------------------------------


def _amount(owner: Any, name: str) -> Any:
    return value_of(owner, name, "shopMoney", "amount")


def _lower(word: Any) -> Any:
    return word.lower() if isinstance(word, str) else word


def value_of(value: Any, *path: str) -> Any:
    """What is at the end of a path, None where it is not led on. Raises Quarantine where it leads through no object."""
    for name in path:
        if value is None:
            return None
        value = _object(value).get(name)
    return value


def nodes_of(owner: Any, *path: str) -> list[Json]:
    """The nodes of the connection at the end of a path. Raises Quarantine as `value_of`."""
    return objects_of(value_of(owner, *path, "nodes"))


def objects_of(value: Any) -> list[Json]:
    """A list of objects; none for null. Raises Quarantine for anything else."""
    if value is None:
        return []
    if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
        raise Quarantine(f"{str(value)[:40]!r} is no list, where the schema has one")
    return [_object(one) for one in value]


def _object(value: Any) -> Json:
    if not isinstance(value, dict):
        raise Quarantine(f"{str(value)[:40]!r} is no object, where the schema has one")
    return value
