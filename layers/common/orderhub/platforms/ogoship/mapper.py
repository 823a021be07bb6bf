"""Orders and products in the words of the REST API. What is not known is left out.

https://openapi.ogoship.com/ ; fields as OGOship's clients describe them: https://github.com/ogoship/DotNetApi
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from orderhub.errors import Reject
from orderhub.order.models import Order
from orderhub.platforms.ogoship.config import OgoshipConnection, OgoshipSettings
from orderhub.platforms.ogoship.lines import Line, lines_of, major
from orderhub.platforms.pieces import joined, path_part
from orderhub.platforms.targets import Product, Shipment

Json = dict[str, Any]

_REQUIRED = {"name": "a name", "address1": "a street", "city": "a city", "countryCode": "a country (two letters)"}
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_METHOD = re.compile(r"(?P<title>.*?)\s*\((?P<id>[^()]*)\)")


def order_of(shipment: Shipment, connection: OgoshipConnection, status: str) -> Json:
    """A whole order. Raises Reject when it lacks what OGOship must have (`lines_of`, `status_only`)."""
    order, settings = shipment.order, connection.settings
    return said(
        {
            **status_only(shipment, connection, status),
            "shippingCode": shipping_code(order, settings),
            "pickUpPointCode": order.source.get("pickup_point_code"),
            "orderLines": [_line(line) for line in lines_of(shipment, settings)],
            "comments": comments(order),
            "priceTotal": _price(order.amounts.total, order),
            "priceCurrency": order.amounts.currency,
            "cashOnDelivery": _cash_on_delivery(shipment),
            "documents": [{"type": "receipt", "url": url} for url in receipts(shipment, settings)],
            "test": settings.test or order.is_test,
        }
    )


def status_only(shipment: Shipment, connection: OgoshipConnection, status: str) -> Json:
    """An order with a status and what every change must have. Raises Reject ADDRESS_INCOMPLETE."""
    customer = recipient(shipment.order, connection.settings)
    return {"reference": shipment.reference, "status": status, "customer": customer}


def product_of(product: Product, settings: OgoshipSettings) -> Json:
    """A product. Raises Reject SKU_MISSING."""
    code = product.code.strip()
    if not code:
        raise Reject("SKU_MISSING", f"{product.title!r} has no SKU, which is how OGOship knows its products")
    priced = product.price is not None and product.currency is not None
    return said(
        {
            "code": code,
            "languageCode": settings.language,
            "name": product.title,
            "description": product.description,
            "eanCode": product.barcode,
            "salesPrice": float(major(product.price or 0, product.currency or "")) if priced else None,
            "currencyCode": product.currency if priced else None,
            "infoUrl": product.page_url,
            "pictureUrl": product.picture_url,
        }
    )


def recipient(order: Order, settings: OgoshipSettings) -> Json:
    """Who gets it, and where. Raises Reject ADDRESS_INCOMPLETE with what is missing."""
    who, where = order.customer, order.address
    line1, line2 = _lines_of(where.line1 if where else None, where.line2 if where else None, settings.address_length)
    found = said(
        {
            "name": (who and who.name) or (where and where.company),
            "company": where and where.company,
            "address1": line1,
            "address2": line2,
            "city": where and where.city,
            "zip": where and where.postal_code,
            "countryCode": _country(where.country if where else None, settings),
            "phone": who and who.phone,
            "email": who and who.email,
        }
    )
    missing = [words for name, words in _REQUIRED.items() if name not in found]
    if missing:
        raise Reject(
            "ADDRESS_INCOMPLETE", f"OGOship needs {', '.join(missing)} to ship to", details={"missing": missing}
        )
    return found


def shipping_code(order: Order, settings: OgoshipSettings) -> str | None:
    """OGOship's code of the shipping method, by the first word for it that the settings know."""
    codes = {word.casefold(): code for word, code in settings.shipping_codes.items()}
    known = (codes[word.casefold()] for word in _methods(order) if word.casefold() in codes)
    return next(known, settings.shipping_code) or None


def comments(order: Order) -> str | None:
    """What the customer and whoever brings it should know."""
    return joined((order.notes, order.address.instructions if order.address else None), "\n")


def receipts(shipment: Shipment, settings: OgoshipSettings) -> list[str]:
    """Where a receipt to be printed is, if the shop has any."""
    names = {"reference": shipment.reference, "display_id": shipment.order.display_id or shipment.order.external_id}
    url = settings.receipt_url
    for name, text in names.items():
        url = url.replace(f"{{{name}}}", path_part(text))
    return [url] if url else []


def said(fields: Json) -> Json:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _line(line: Line) -> Json:
    return said(
        {
            "code": line.code,
            "quantity": line.quantity,
            "unitPrice": None if line.unit_price is None else float(line.unit_price),
            "vatPercentage": None if line.vat is None else float(line.vat),
        }
    )


def _cash_on_delivery(shipment: Shipment) -> Json | None:
    """What the carrier has to collect. Where nobody says that it is not paid, nothing."""
    order, payment = shipment.order, shipment.order.payment
    if payment is None or payment.prepaid is not False:
        return None
    due = order.amounts.total if payment.amount_due is None else payment.amount_due
    if not due or due < 0:
        return None
    return {
        "amount": _price(due, order),
        "currencyCode": order.amounts.currency,
        "reference": shipment.reference,
    }


def _price(minor: int | None, order: Order) -> float | None:
    return None if minor is None else float(major(minor, order.amounts.currency))


def _country(text: str | None, settings: OgoshipSettings) -> str | None:
    country = (text or settings.default_country).strip()
    return country.upper() if _COUNTRY.fullmatch(country) else None


def _lines_of(line1: str | None, line2: str | None, longest: int) -> tuple[str | None, str | None]:
    """The two lines of an address, the first as short as asked for where it has a blank to be parted at."""
    if not line1 or not longest or len(line1) <= longest:
        return line1, line2
    cut = line1.rfind(" ", 1, longest + 1)
    if cut < 0:
        return line1, line2
    return line1[:cut].rstrip(" ,"), joined((line1[cut:].strip(), line2), ", ")


def _methods(order: Order) -> Iterator[str]:
    """Words for how an order is sent: the shop's own for the method, then those for the kind of delivery."""
    for method in order.source.get("shipping", "").split("; "):
        yield method
        if parts := _METHOD.fullmatch(method):
            yield from (parts["title"], parts["id"], parts["id"].partition(":")[0])
    yield from order.source.get("delivery_method", "").split(", ")
    if order.fulfillment is not None:
        yield order.fulfillment.value
