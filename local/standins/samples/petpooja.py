"""Orders, bills and news of Petpooja and of ordering apps, in the vendor's schema, with values of our own.

Schema: https://onlineorderingapisv210.docs.apiary.io/ ; bills are shaped as real ones are. Money is in rupees: text in
orders, numbers in bills. Times are those of the restaurant's clock, and say no zone. None of the bodies has its keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from local.standins.samples import kitchen
from local.standins.samples.kitchen import Line, compact, merged, moment

STORE_ID = "ck4c0rner1"
ZONE = "America/New_York"
"""Where the demo's store is."""
DELIVERY, PACKING = 4_000, 1_500
"""Charges in hundredths of a rupee."""
TAX_BASIS_POINTS = 250
"""Each of the two taxes, in hundredths of a percent."""

wire = compact


def order_id(n: int) -> str:
    """The ordering app's id of sample order `n`."""
    return f"APP-{n:06d}"


def order(
    n: int,
    *,
    placed_at: datetime | None = None,
    zone: str = ZONE,
    order_type: str = "H",
    callback_url: str = "",
    **overrides: Any,
) -> dict[str, Any]:
    """Order `n` as an ordering app pushes it to save_order. `overrides` replace fields of the order's details.

    order_type is H, P or D; placed_at defaults to now; without a callback_url it names none.
    """
    person, at = kitchen.customer(n), _local(moment(placed_at), zone)
    lines = kitchen.basket(n)
    subtotal, discount = sum(line.total for line in lines), kitchen.discount(n)
    delivery = DELIVERY if order_type == "H" else 0
    tax = _tax(subtotal - discount)
    details = {
        "orderID": order_id(n),
        "preorder_date": f"{at:%Y-%m-%d}",
        "preorder_time": f"{at:%H:%M:%S}",
        "advanced_order": "N",
        "urgent_order": False,
        "urgent_time": "",
        "order_type": order_type,
        "payment_type": "COD" if n % 2 else "ONLINE",
        "collect_cash": "",
        "table_no": "T7" if order_type == "D" else "",
        "no_of_persons": "2" if order_type == "D" else "0",
        "discount_total": _rupees(discount) if discount else "",
        "discount_type": "F" if discount else "",
        "tax_total": _rupees(2 * tax),
        "delivery_charges": _rupees(delivery) if delivery else "",
        "dc_tax_amount": "",
        "dc_gst_details": [],
        "packing_charges": _rupees(PACKING),
        "pc_tax_amount": "",
        "pc_gst_details": [],
        "service_charge": "",
        "sc_tax_amount": "",
        "total": _rupees(subtotal - discount + 2 * tax + delivery + PACKING),
        "description": "Please ring at the side door" if n % 4 == 1 else "",
        "created_on": f"{at:%Y-%m-%d %H:%M:%S}",
        "enable_delivery": n % 2,
        "min_prep_time": 20,
        "callback_url": callback_url,
        "otp": f"{n % 10_000:04d}",
    }
    info = {
        "Restaurant": {"details": _restaurant()},
        "Customer": {
            "details": {
                "name": person.name,
                "email": person.email,
                "phone": person.phone,
                "address": f"{person.street}, {person.city}" if order_type == "H" else "",
                "latitude": str(person.latitude) if order_type == "H" else "",
                "longitude": str(person.longitude) if order_type == "H" else "",
            }
        },
        "Order": {"details": merged(details, overrides)},
        "OrderItem": {"details": [_line(line) for line in lines]},
        "Tax": {
            "details": [
                {"id": number, "title": title, "type": "P", "price": "2.5", "tax": _rupees(tax)}
                for number, title in (("11", "CGST"), ("12", "SGST"))
            ]
        },
        "Discount": {
            "details": [{"id": "362", "title": "Voucher", "type": "F", "price": _rupees(discount)}] if discount else []
        },
    }
    return {"orderinfo": {"OrderInfo": info, "udid": "", "device_type": "Web"}}


def details_of(order: Mapping[str, Any]) -> dict[str, Any]:
    """The details of an order. Raises KeyError for what is none."""
    details: dict[str, Any] = order["orderinfo"]["OrderInfo"]["Order"]["details"]
    return details


def restaurant_of(order: Mapping[str, Any]) -> str:
    """The restaurant of an order or bill. Raises KeyError for what is neither."""
    told = order["orderinfo"]["OrderInfo"]["Restaurant"]["details"] if "orderinfo" in order else order["Restaurant"]
    return str(told["restID"])


def move(order: dict[str, Any], restaurant: str) -> None:
    """Gives an order or bill to another restaurant."""
    told = order["orderinfo"]["OrderInfo"]["Restaurant"]["details"] if "orderinfo" in order else order["Restaurant"]
    told["restID"] = restaurant


def cancellation(order: Mapping[str, Any], *, reason: str = "The customer has changed their mind") -> dict[str, Any]:
    """What the app sends to update_order_status when an order is cancelled."""
    return {
        "restID": restaurant_of(order),
        "orderID": "",
        "clientorderID": details_of(order)["orderID"],
        "cancelReason": reason,
        "status": "-1",
    }


def rider(order: Mapping[str, Any], *, status: str = "rider-assigned") -> dict[str, Any]:
    """What the app sends to rider_status_update."""
    return {
        "order_id": details_of(order)["orderID"],
        "outlet_id": restaurant_of(order),
        "status": status,
        "rider_data": {"rider_name": "Sam Okafor", "rider_phone_number": "+1 555 0146"},
        "external_order_id": "",
    }


def bill(
    n: int,
    *,
    printed_at: datetime | None = None,
    zone: str = ZONE,
    order_from: str = "POS",
    **overrides: Any,
) -> dict[str, Any]:
    """Bill `n` as a list of bills has it. `overrides` replace fields of its order.

    order_from is POS, Zomato or Swiggy; printed_at defaults to now.
    """
    at, lines = _local(moment(printed_at), zone), kitchen.basket(n)
    core, discount = sum(line.total for line in lines), kitchen.discount(n)
    tax = _tax(core - discount)
    from_app = order_from != "POS"
    details = {
        "orderID": n,
        "customer_invoice_id": f"CK-{n}",
        "order_type": "Delivery" if from_app else "Dine In",
        "order_from": order_from,
        "order_from_id": f"60540{n:05d}" if from_app else "",
        "sub_order_type": order_from if from_app else "AC",
        "status": "Success",
        "created_on": f"{at:%Y-%m-%d %H:%M:%S}",
        "order_date": f"{at:%Y-%m-%d}",
        "core_total": core / 100,
        "discount_total": discount / 100,
        "tax_total": 2 * tax / 100,
        "delivery_charges": 0,
        "packaging_charge": 0,
        "service_charge": 0,
        "round_off": "0.00",
        "total": (core - discount + 2 * tax) / 100,
        "payment_type": "Online" if from_app else "Cash",
        "table_no": "" if from_app else "T7",
        "no_of_persons": 0 if from_app else 2,
        "comment": "",
    }
    customer = {"name": "Guest" if from_app else "", "phone": "", "address": "", "gstin": ""}
    return {
        "Restaurant": _restaurant(),
        "Customer": customer,
        "Order": merged(details, overrides),
        "OrderItem": [_bill_line(line) for line in lines],
        "Tax": [{"title": title, "type": "P", "rate": 2.5, "amount": tax / 100} for title in ("CGST@2.5", "SGST@2.5")],
        "Discount": [{"title": "Voucher", "type": "F", "rate": 0, "amount": discount / 100}] if discount else [],
    }


def bill_id(bill: Mapping[str, Any]) -> str:
    """What tells a bill from all others: `<restaurant>.<number>@<day>`. Raises KeyError for what is none."""
    return f"{restaurant_of(bill)}.{bill['Order']['orderID']}@{bill['Order']['order_date']}"


def pushed(bill: Mapping[str, Any]) -> dict[str, Any]:
    """A bill as it is pushed: in an envelope, and without the business day that lists have."""
    details = {name: value for name, value in bill["Order"].items() if name != "order_date"}
    return {"event": "orderdetails", "properties": {**bill, "Order": details}}


def _restaurant() -> dict[str, str]:
    return {
        "res_name": kitchen.STORE_NAME,
        "address": "4 Sample Lane",
        "contact_information": "+1 555 0100",
        "restID": STORE_ID,
    }


def _line(line: Line) -> dict[str, Any]:
    """A line: its price is that of one unit with its add-ons."""
    return {
        "id": line.dish.sku,
        "name": line.dish.name,
        "quantity": str(line.quantity),
        "price": _rupees(line.unit_total),
        "final_price": _rupees(line.unit_total),
        "item_discount": "",
        "item_tax": [],
        "gst_liability": "restaurant",
        "variation_id": f"{line.dish.sku}-V",
        "variation_name": line.dish.variation,
        "description": line.note,
        "AddonItem": {
            "details": [
                {
                    "id": option.sku,
                    "name": option.name,
                    "group_id": f"{line.dish.sku}-EXTRAS",
                    "group_name": "Extras",
                    "price": _rupees(option.price),
                    "quantity": str(quantity),
                }
                for option, quantity in line.choices
            ]
        },
    }


def _bill_line(line: Line) -> dict[str, Any]:
    return {
        "itemid": f"{line.dish.sku}-ID",
        "itemcode": line.dish.sku,
        "name": f"{line.dish.name} ({line.dish.variation})",
        "quantity": line.quantity,
        "price": line.unit_total / 100,
        "total": line.total / 100,
        "discount": 0,
        "tax": 0,
        "category_name": "Mains",
        "specialnotes": line.note,
        "sap_code": "",
        "addon": [
            {
                "addonid": option.sku,
                "name": option.name,
                "group_name": "Extras",
                "price": option.price / 100,
                "quantity": str(quantity),
            }
            for option, quantity in line.choices
        ],
    }


def _tax(amount: int) -> int:
    return (amount * TAX_BASIS_POINTS + 5_000) // 10_000


def _rupees(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))
