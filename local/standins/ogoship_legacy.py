"""OGOship's older API: signed by a SHA-1 in the query, answering 200 to everything.

https://github.com/ogoship/woocommerce , as OGOship's own plugins call it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from local.standins.ogoship_floor import Floor, stamp
from local.standins.vendor import Json, Refused, answer, body_of

ORDER = {"PUT": "add", "POST": "update", "DELETE": "remove", "GET": "info"}
_CUSTOMER = {
    "Name": "name",
    "Company": "company",
    "Address1": "address1",
    "Address2": "address2",
    "City": "city",
    "Country": "countryCode",
    "Zip": "zip",
    "Phone": "phone",
    "Email": "email",
}
_PRODUCT = {
    "Code": "code",
    "Name": "name",
    "Description": "description",
    "EANCode": "eanCode",
    "SalesPrice": "salesPrice",
    "Currency": "currencyCode",
    "InfoUrl": "infoUrl",
    "PictureUrl": "pictureUrl",
}


def check(request: Request, words: tuple[str, ...], token: str) -> None:
    """Raise Refused unless the query has the SHA-1 of these words."""
    right = hashlib.sha1(",".join((*words, token)).encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(request.args.get("SHA1", "").encode(), right.encode()):
        raise failed("SHA1 does not match")


def failed(message: str) -> Refused:
    """A failure, which is answered with 200."""
    return Refused(200, {"Response": {"Info": {"@Success": "false", "@Error": message}}})


def done(more: Json | None = None, **info: str) -> Response:
    """A success."""
    return answer({"Response": {"Info": {"@Success": "true", **info}, **(more or {})}})


def handle_order(request: Request, reference: str, floor: Floor, shipping_codes: list[str]) -> Response:
    """Add, change, cancel or read an order."""
    try:
        if request.method == "GET":
            return done({"Order": shown(floor.find(reference))})
        if request.method == "DELETE":
            floor.update(floor.find(reference), {"status": "cancelled"}, shipping_codes)
        elif request.method == "PUT":
            floor.add({**_read(request), "reference": reference, "status": "new"}, shipping_codes)
        else:
            order = floor.find(reference)
            floor.update(order, {"status": "draft"}, shipping_codes)
            floor.update(order, {**_read(request), "status": "new"}, shipping_codes)
    except Refused as refusal:
        raise failed(_message(refusal)) from None
    return done()


def handle_products(request: Request, floor: Floor) -> Response:
    """Make or change several products."""
    for product in body_of(request).get("Products", {}).get("Product", ()):
        named = {name: product[old] for old, name in _PRODUCT.items() if old in product}
        try:
            floor.put_product(str(named.get("code")), {"languageCode": "en", **named})
        except Refused as refusal:
            raise failed(_message(refusal)) from None
    return done()


def latest_changes(request: Request, floor: Floor, now: datetime) -> Response:
    """What has changed since, collapsed as only this API does it."""
    since = stamp(datetime.fromtimestamp(int(request.args["TimeStamp"]), UTC))
    orders = [shown(one) for one in floor.orders.values() if one["editTime"] > since]
    products = [
        {"Code": code, "StockAvailable": str(floor.stock_of(code)["stockAvailable"])}
        for code in floor.products
        if floor.changed[code] > since
    ]
    sections = {"Orders": _collapsed("Order", orders), "Products": _collapsed("Product", products)}
    return done(sections, **{"@Timestamp": str(int(now.timestamp()))})


def shown(order: Json) -> Json:
    """An order as this API words it."""
    lines = [{"Code": one["code"], "Quantity": str(one["quantity"])} for one in order["orderLines"]]
    return {
        "Reference": order["reference"],
        "Status": order["status"].upper(),
        "TrackingNumber": order["trackingNumber"],
        "ShippingCode": order.get("shippingCode"),
        "EditTime": order["editTime"],
        "OrderLines": _collapsed("OrderLine", lines),
    }


def _collapsed(name: str, rows: list[Json]) -> Any:
    """One thing bare, several as a list, none as an empty text."""
    if not rows:
        return ""
    return {name: rows[0] if len(rows) == 1 else rows}


def _read(request: Request) -> Json:
    """An order of this API in the words of the other."""
    told = body_of(request).get("Order", {})
    if None in told.values():
        raise failed("Object reference not set to an instance of an object.")
    lines = [
        {"code": one["Code"], "quantity": one["Quantity"], "unitPrice": one.get("UnitPriceWithVat")}
        for one in told.get("OrderLine", ())
    ]
    customer = {name: told["Customer"][old] for old, name in _CUSTOMER.items() if old in told.get("Customer", {})}
    read = {
        "orderLines": lines,
        "customer": customer,
        "shippingCode": told.get("ShippingCode"),
        "comments": told.get("Comments"),
        "test": told.get("TestOnly") == "true",
    }
    return {name: value for name, value in read.items() if value}


def _message(refusal: Refused) -> str:
    body = refusal.body
    if isinstance(body, dict) and "message" in body:
        return str(body["message"])
    inside: Any = body
    return str(inside["Response"]["Info"]["@Error"])
