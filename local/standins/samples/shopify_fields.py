"""The parts of a GraphQL order, each made from the matching part of the REST order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local.standins.samples.kitchen import identity
from local.standins.samples.shopify_lines import gid

Json = dict[str, Any]

FULFILLMENT_STATUS = {
    None: "UNFULFILLED",
    "partial": "PARTIALLY_FULFILLED",
    "fulfilled": "FULFILLED",
    "restocked": "RESTOCKED",
}

SAME = {
    "name": "name",
    "confirmationNumber": "confirmation_number",
    "confirmed": "confirmed",
    "test": "test",
    "note": "note",
    "email": "email",
    "phone": "phone",
    "sourceName": "source_name",
    "sourceIdentifier": "source_identifier",
    "currencyCode": "currency",
    "presentmentCurrencyCode": "presentment_currency",
    "taxesIncluded": "taxes_included",
    "estimatedTaxes": "estimated_taxes",
    "paymentGatewayNames": "payment_gateway_names",
    "customerLocale": "customer_locale",
    "statusPageUrl": "order_status_url",
    "poNumber": "po_number",
    "number": "order_number",
}
"""Fields of the GraphQL order that hold what a field of the REST order holds."""

TIMES = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "processedAt": "processed_at",
    "closedAt": "closed_at",
    "cancelledAt": "cancelled_at",
}

AMOUNTS = {
    "subtotalPriceSet": "subtotal_price",
    "totalPriceSet": "total_price",
    "originalTotalPriceSet": "total_price",
    "totalTaxSet": "total_tax",
    "totalDiscountsSet": "total_discounts",
    "totalTipReceivedSet": "total_tip_received",
    "totalOutstandingSet": "total_outstanding",
    "currentSubtotalPriceSet": "current_subtotal_price",
    "currentTotalPriceSet": "current_total_price",
    "currentTotalTaxSet": "current_total_tax",
    "currentTotalDiscountsSet": "current_total_discounts",
}


def instant(text: str | None) -> str | None:
    """A REST time with offset as the GraphQL API writes it, in UTC."""
    if not text:
        return None
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def bag(amount: str | Decimal | None, currency: str) -> Json:
    """A MoneyBag; no amount is zero."""
    money = {"amount": f"{Decimal(amount or 0):.2f}", "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": dict(money)}


def order_fields(order: Mapping[str, Any]) -> Json:
    """What an order says in single values: identity, times, states."""
    financial, cancelled = order["financial_status"], order.get("cancelled_at")
    codes = [entry["code"] for entry in order.get("discount_codes", [])]
    return {
        "__typename": "Order",
        "id": gid("Order", order["id"]),
        "legacyResourceId": str(order["id"]),
        **{field: order.get(name) for field, name in SAME.items()},
        **{field: instant(order.get(name)) for field, name in TIMES.items()},
        "cancelReason": order["cancel_reason"].upper() if order.get("cancel_reason") else None,
        "closed": bool(order.get("closed_at")),
        "edited": False,
        "tags": [tag.strip() for tag in order.get("tags", "").split(",") if tag.strip()],
        "customAttributes": [
            {"key": entry["name"], "value": entry["value"]} for entry in order.get("note_attributes", [])
        ],
        "displayFinancialStatus": financial.upper() if financial else None,
        "displayFulfillmentStatus": FULFILLMENT_STATUS.get(order.get("fulfillment_status"), "UNFULFILLED"),
        "fullyPaid": financial == "paid",
        "unpaid": financial in {"pending", "authorized"},
        "canMarkAsPaid": financial in {"pending", "authorized", "partially_paid"} and not cancelled,
        "fulfillable": order.get("fulfillment_status") != "fulfilled" and not cancelled,
        "requiresShipping": any(line["requires_shipping"] for line in order["line_items"]),
        "discountCode": codes[0] if codes else None,
        "discountCodes": codes,
    }


def order_amounts(order: Mapping[str, Any]) -> Json:
    """The sums of an order."""
    currency = order["currency"]
    refunded = refunded_total(order["refunds"])
    received = Decimal(order["total_price"]) - Decimal(order.get("total_outstanding") or 0)
    shipping = sum((Decimal(line["price"]) for line in order["shipping_lines"]), Decimal(0))
    if order["financial_status"] in {"pending", "authorized", "voided", "expired"}:
        received = Decimal(0)
    return {
        **{field: bag(order.get(name), currency) for field, name in AMOUNTS.items()},
        "totalShippingPriceSet": bag(shipping, currency),
        "currentShippingPriceSet": bag(shipping, currency),
        "totalReceivedSet": bag(received, currency),
        "totalRefundedSet": bag(refunded, currency),
        "netPaymentSet": bag(received - refunded, currency),
    }


def refunded_total(refunds: Iterable[Mapping[str, Any]]) -> Decimal:
    """What refunds gave back, in major units."""
    return sum((Decimal(entry["amount"]) for refund in refunds for entry in refund["transactions"]), Decimal(0))


def line_node(line: Mapping[str, Any], order: Mapping[str, Any]) -> Json:
    """A LineItem for a line of a REST order; its discounts point to those of the order."""
    currency, applications = order["currency"], application_nodes(order)
    price, quantity = Decimal(line["price"]), line["quantity"]
    off = sum((Decimal(entry["amount"]) for entry in line["discount_allocations"]), Decimal(0))
    return {
        "__typename": "LineItem",
        "id": line.get("admin_graphql_api_id") or gid("LineItem", line["id"]),
        **{field: line[field] for field in ("name", "title", "sku", "vendor", "quantity", "taxable")},
        "variantTitle": line["variant_title"],
        "currentQuantity": line["current_quantity"],
        "unfulfilledQuantity": line["fulfillable_quantity"],
        "refundableQuantity": line["current_quantity"],
        "requiresShipping": line["requires_shipping"],
        "isGiftCard": line["gift_card"],
        "customAttributes": [{"key": entry["name"], "value": entry["value"]} for entry in line["properties"]],
        "originalUnitPriceSet": bag(price, currency),
        "originalTotalSet": bag(price * quantity, currency),
        "discountedTotalSet": bag(price * quantity - off, currency),
        "discountedUnitPriceSet": bag(price, currency),
        "totalDiscountSet": bag(off, currency),
        "discountAllocations": [
            {
                "allocatedAmountSet": bag(entry["amount"], currency),
                "discountApplication": applications[entry["discount_application_index"]],
            }
            for entry in line["discount_allocations"]
        ],
        "taxLines": tax_nodes(line["tax_lines"], currency),
        "variant": _variant(line) if line["variant_id"] else None,
        "product": {"id": gid("Product", line["product_id"]), "title": line["title"]} if line["product_id"] else None,
    }


def _variant(line: Mapping[str, Any]) -> Json:
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", line["variant_id"]),
        "sku": line["sku"],
        "title": line["variant_title"] or "Default Title",
        "price": line["price"],
        "inventoryPolicy": "DENY",
    }


def shipping_line_node(line: Mapping[str, Any], currency: str) -> Json:
    """A ShippingLine for a REST shipping line."""
    return {
        "id": gid("ShippingLine", line["id"]),
        "title": line["title"],
        "code": line["code"],
        "source": line["source"],
        "isRemoved": line.get("is_removed", False),
        "originalPriceSet": bag(line["price"], currency),
        "discountedPriceSet": bag(line["discounted_price"], currency),
        "taxLines": tax_nodes(line["tax_lines"], currency),
    }


def tax_nodes(lines: Iterable[Mapping[str, Any]], currency: str) -> list[Json]:
    """TaxLines for REST tax lines."""
    return [
        {
            "title": line["title"],
            "rate": line["rate"],
            "ratePercentage": round(line["rate"] * 100, 4),
            "channelLiable": line.get("channel_liable"),
            "priceSet": bag(line["price"], currency),
        }
        for line in lines
    ]


def application_nodes(order: Mapping[str, Any]) -> list[Json]:
    """DiscountApplications for those of the REST order."""
    return [
        {
            "__typename": "DiscountCodeApplication" if entry.get("code") else "ManualDiscountApplication",
            "index": index,
            "code": entry.get("code"),
            "title": entry.get("title") or "",
            "targetType": entry["target_type"].upper(),
            "targetSelection": entry["target_selection"].upper(),
            "allocationMethod": entry["allocation_method"].upper(),
            "value": {"__typename": "PricingPercentageValue", "percentage": float(entry["value"])}
            if entry["value_type"] == "percentage"
            else {
                "__typename": "MoneyV2",
                "amount": f"{Decimal(entry['value']):.2f}",
                "currencyCode": order["currency"],
            },
        }
        for index, entry in enumerate(order.get("discount_applications", []))
    ]


def customer_node(customer: Mapping[str, Any] | None) -> Json | None:
    """A Customer for a REST customer."""
    if not customer:
        return None
    first, last = customer.get("first_name") or "", customer.get("last_name") or ""
    email, phone = customer.get("email"), customer.get("phone")
    return {
        "id": gid("Customer", customer["id"]),
        "legacyResourceId": str(customer["id"]),
        "firstName": first,
        "lastName": last,
        "displayName": f"{first} {last}".strip() or email or "",
        "email": email,
        "phone": phone,
        "defaultEmailAddress": {"emailAddress": email} if email else None,
        "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
        "note": customer.get("note"),
    }


def address_node(address: Mapping[str, Any] | None) -> Json | None:
    """A MailingAddress for a REST address."""
    if not address:
        return None
    same = ("name", "company", "address1", "address2", "city", "zip", "province", "country", "phone")
    return {
        **{field: address.get(field) for field in (*same, "latitude", "longitude")},
        "id": gid("MailingAddress", identity("shopify-address", address.get("address1") or "")),
        "firstName": address.get("first_name"),
        "lastName": address.get("last_name"),
        "provinceCode": address.get("province_code"),
        "countryCodeV2": address.get("country_code"),
    }


def transaction_nodes(order: Mapping[str, Any]) -> list[Json]:
    """The sale that paid the order, where it is paid, and its refunds."""
    currency, gateways = order["currency"], order.get("payment_gateway_names") or ["manual"]
    sale = {
        "id": gid("OrderTransaction", order["id"] + 900_000_000_000),
        "kind": "SALE",
        "status": "SUCCESS",
        "gateway": gateways[0],
        "formattedGateway": gateways[0].replace("_", " ").title(),
        "test": order["test"],
        "createdAt": instant(order["created_at"]),
        "processedAt": instant(order["processed_at"]),
        "amountSet": bag(order["total_price"], currency),
    }
    refunds = [
        {
            **sale,
            "id": gid("OrderTransaction", entry["id"]),
            "kind": "REFUND",
            "gateway": entry["gateway"],
            "amountSet": bag(entry["amount"], currency),
            "createdAt": instant(entry["created_at"]),
            "processedAt": instant(entry["processed_at"]),
        }
        for refund in order["refunds"]
        for entry in refund["transactions"]
    ]
    paid = order["financial_status"] in {"paid", "partially_refunded", "refunded"}
    return ([sale] if paid else []) + refunds
