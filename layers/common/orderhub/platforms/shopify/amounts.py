"""The money of an order: sums, discounts, payment, and what has changed since the sale."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import chain

from orderhub.order.models import Amounts, Check, DeliveredBy, Discount, Item, Payment, PaymentMethod
from orderhub.order.pricing import complete
from orderhub.platforms.shopify.lines import goods, minor, tips, total
from orderhub.platforms.shopify.models import Allocation, Order
from orderhub.platforms.shopify.settings import Settings
from orderhub.platforms.shopify.statuses import FINANCIAL

TOTAL_CHANGED = "TOTAL_CHANGED"
REFUNDED = "REFUNDED"
PAYMENT_MISMATCH = "PAYMENT_MISMATCH"

# Names of gateways, lower case: https://shopify.dev/docs/api/admin-rest/latest/resources/order (payment_gateway_names)
METHODS: dict[str, PaymentMethod] = {
    **dict.fromkeys(("shopify_payments", "stripe", "visa", "mastercard", "american_express"), PaymentMethod.CARD),
    **dict.fromkeys(("paypal", "shop_pay", "apple_pay", "google_pay", "amazon_payments"), PaymentMethod.WALLET),
    **dict.fromkeys(("gift_card", "shopify_store_credit"), PaymentMethod.VOUCHER),
    **dict.fromkeys(("cash", "cash on delivery (cod)"), PaymentMethod.CASH),
}
# Financial states in which the customer has nothing left to pay; an authorized payment is taken by the shop later.
PREPAID = frozenset({"paid", "authorized", "partially_refunded", "refunded"})


def amounts_of(order: Order, items: list[Item], currency: str) -> Amounts:
    """The sums as they were at the sale; the subtotal is worked out of the lines as sold where it is not said."""
    subtotal, computed = minor(order.total_line_items_price, currency), []
    if subtotal is None and (lines := goods(order)) and all(line.price is not None for line in lines):
        subtotal = total((_times(line.price, line.quantity) for line in lines), currency)
        computed = ["subtotal"]
    remitted = [tax.price for tax in order.tax_lines if tax.channel_liable]
    found = complete(
        Amounts(
            currency=currency,
            subtotal=subtotal,
            tax=_tax(order, currency),
            tax_included=order.taxes_included,
            tax_remitted_by_platform=total(remitted, currency) if remitted else None,
            delivery_fee=_delivery_fee(order, currency),
            tip=_tip(order, currency),
            discount=minor(order.total_discounts, currency),
            total=minor(order.total_price, currency),
            computed=computed,
        ),
        items,
    )
    return Amounts.model_validate(found.model_dump()) if found.computed else found  # a sum may be beyond all bounds


def _times(price: Decimal | None, quantity: int) -> Decimal:
    return (price or Decimal(0)) * quantity


def _tax(order: Order, currency: str) -> int | None:
    if order.total_tax is not None or not order.tax_lines:
        return minor(order.total_tax, currency)
    return total((tax.price for tax in order.tax_lines), currency)


def _delivery_fee(order: Order, currency: str) -> int | None:
    said = order.total_shipping_price_set
    if said is not None and said.shop_money is not None and said.shop_money.amount is not None:
        return minor(said.shop_money.amount, currency)
    if order.shipping_lines is None:
        return None
    return total((line.price for line in order.shipping_lines if not line.is_removed), currency)


def _tip(order: Order, currency: str) -> int | None:
    said = minor(order.total_tip_received, currency)
    if said or not tips(order):
        return said
    return total((_times(line.price, line.quantity) for line in tips(order)), currency)


# --- discounts ----------------------------------------------------------------------------------------------------


def discounts_of(order: Order, currency: str) -> list[Discount]:
    """One discount for each that was applied, with what it took off all lines; the shop always bears it.

    What it took off is the sum of its allocations, else the amount of its code, else what nothing else accounts for.
    """
    codes = {code.code: minor(code.amount, currency) for code in order.discount_codes if code.code}
    allocated = _allocated(order, currency)
    found: list[tuple[str | None, str | None, int | None]] = []
    for index, one in enumerate(order.discount_applications):
        name = one.title or one.description or one.code
        code = one.code or (name if name in codes else None)
        found.append((code, name, allocated.get(index) or codes.get(code or "")))
    if not found:
        found = [(code, code, amount) for code, amount in codes.items()]
    rest = (minor(order.total_discounts, currency) or 0) - sum(amount or 0 for _, _, amount in found)
    unknown = sum(amount is None for _, _, amount in found)
    return [
        Discount(
            code=code,
            name=name,
            amount=amount if amount is not None or unknown > 1 else max(rest, 0),
            funded_by=DeliveredBy.STORE,
        )
        for code, name, amount in found
    ]


def line_discounts(order: Order, currency: str) -> str:
    """What was taken off each line, as `line id=minor units`, for those who need it by line."""
    sums = {line.id: _sum(line.discount_allocations, currency) for line in goods(order)}
    return " ".join(f"{line}={amount}" for line, amount in sums.items() if amount)


def _allocated(order: Order, currency: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for allocation in chain.from_iterable(
        line.discount_allocations for line in (*order.line_items, *(order.shipping_lines or ()))
    ):
        index = allocation.discount_application_index
        if index is not None:
            found[index] = found.get(index, 0) + (minor(allocation.amount, currency) or 0)
    return found


def _sum(allocations: Iterable[Allocation], currency: str) -> int:
    return total((one.amount for one in allocations), currency)


# --- payment ------------------------------------------------------------------------------------------------------


def gateways_of(order: Order) -> list[str]:
    """The ways of paying that Shopify names."""
    return [name for name in order.payment_gateway_names if name]


def is_manual(name: str, settings: Settings) -> bool:
    """Whether a way of paying is collected by hand."""
    return name.casefold() in {one.casefold() for one in settings.manual_gateways}


def payment_of(order: Order, amounts: Amounts, settings: Settings) -> Payment:
    """How the order is paid, and what is left to collect."""
    state = (order.financial_status or "").lower()
    prepaid = state in PREPAID if state in FINANCIAL else None
    due = order.current_total_price if order.total_outstanding is None else order.total_outstanding
    return Payment(
        method=_method(order, settings),
        prepaid=prepaid,
        amount_due=0 if prepaid else amounts.total if due is None else minor(due, amounts.currency),
    )


def _method(order: Order, settings: Settings) -> PaymentMethod | None:
    """Of several, the one that money still comes by: a gift card was used up at the till."""
    methods = [
        METHODS.get(name.lower()) or (PaymentMethod.OTHER if is_manual(name, settings) else PaymentMethod.ONLINE)
        for name in gateways_of(order)
    ]
    return next((one for one in methods if one is not PaymentMethod.VOUCHER), methods[0] if methods else None)


# --- since the sale -----------------------------------------------------------------------------------------------


def money_checks(order: Order, amounts: Amounts) -> Iterable[Check]:
    """What people should know of the money: it was given back, or the order is worth something else now."""
    now = minor(order.current_total_price, amounts.currency)
    if now is not None and amounts.total is not None and now != amounts.total:
        message = "edits or refunds changed the order after it was sold: expected as sold, actual now"
        yield Check(code=TOTAL_CHANGED, message=message, expected=amounts.total, actual=now)
    if (order.financial_status or "").lower() in {"refunded", "partially_refunded"}:
        message = f"Shopify says {order.financial_status}: actual is what was given back"
        yield Check(code=REFUNDED, message=message, actual=_given_back(order, amounts.currency))
    due = minor(order.total_outstanding, amounts.currency)
    if (order.financial_status or "").lower() == "paid" and due:
        message = "Shopify says that it is paid, and that something is outstanding: nothing is collected"
        yield Check(code=PAYMENT_MISMATCH, message=message, expected=0, actual=due)


def _given_back(order: Order, currency: str) -> int | None:
    moved = [
        one.amount
        for refund in order.refunds
        for one in refund.transactions
        if one.kind == "refund" and one.status in {None, "success"} and one.currency in {None, currency}
    ]
    return total(moved, currency) if moved else None
