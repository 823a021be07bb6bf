"""Orders and products in the words of the older API, as OGOship's own plugins write them.

https://github.com/ogoship/woocommerce . A null upsets it, so that what is not known is left out.
"""

from __future__ import annotations

from typing import Any

from orderhub.platforms.ogoship.config import OgoshipConnection, OgoshipSettings
from orderhub.platforms.ogoship.lines import Line, lines_of, major
from orderhub.platforms.ogoship.mapper import (
    comments,
    product_of,
    receipts,
    recipient,
    said,
    shipping_code,
)
from orderhub.platforms.targets import Product, Shipment

Json = dict[str, Any]

# The REST API's name -> the older one's.
_CUSTOMER = {
    "name": "Name",
    "company": "Company",
    "address1": "Address1",
    "address2": "Address2",
    "city": "City",
    "countryCode": "Country",
    "zip": "Zip",
    "phone": "Phone",
    "email": "Email",
}
_PRODUCT = {
    "code": "Code",
    "name": "Name",
    "description": "Description",
    "eanCode": "EANCode",
    "salesPrice": "SalesPrice",
    "currencyCode": "Currency",
    "infoUrl": "InfoUrl",
    "pictureUrl": "PictureUrl",
}


def order_of(shipment: Shipment, connection: OgoshipConnection) -> Json:
    """A whole order, with its wrapper. Raises Reject as the REST API's `order_of`."""
    order, settings = shipment.order, connection.settings
    total, currency = order.amounts.total, order.amounts.currency
    fields = {
        "OrderLine": [_line(line) for line in lines_of(shipment, settings)],
        "PriceTotal": None if total is None else str(major(total, currency)),
        "PriceCurrency": currency,
        "Customer": _renamed(recipient(order, settings), _CUSTOMER),
        "Comments": comments(order),
        "Shipping": order.source.get("shipping"),
        "ShippingCode": shipping_code(order, settings),
        "PickUpPointCode": order.source.get("pickup_point_code"),
        "Documents": _documents(receipts(shipment, settings)),
        "TestOnly": "true" if settings.test or order.is_test else "false",
    }
    return {"Order": said(fields)}


def products_of(product: Product, settings: OgoshipSettings) -> Json:
    """A list of one product, with its wrapper. Raises Reject SKU_MISSING."""
    return {"Products": {"Product": [_renamed(product_of(product, settings), _PRODUCT)]}}


def _line(line: Line) -> Json:
    return said(
        {
            "Code": line.code,
            "Quantity": line.quantity,
            "UnitPrice": None if line.net_price is None else float(line.net_price),
            "UnitPriceWithVat": None if line.unit_price is None else float(line.unit_price),
        }
    )


def _documents(urls: list[str]) -> Json:
    return {"Document": [{"Type": "receipt", "URL": url} for url in urls]} if urls else {}


def _renamed(fields: Json, names: dict[str, str]) -> Json:
    return {names[name]: value for name, value in fields.items() if name in names}
