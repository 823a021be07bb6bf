"""WooCommerce's order as the canonical one. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import ValidationError

from orderhub.errors import Ignore, Quarantine
from orderhub.order import models
from orderhub.order.models import Check, Customer, DeliveredBy, Fulfillment, Order, StatusReason
from orderhub.order.status import Status
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import StoreRef
from orderhub.platforms.woocommerce import amounts as money
from orderhub.platforms.woocommerce import models as woo
from orderhub.platforms.woocommerce.lines import items_of, minor, plain
from orderhub.platforms.woocommerce.settings import ShopConnection, WooCommerceSettings
from orderhub.platforms.woocommerce.statuses import status_of, why_ignored

CURRENCY_ASSUMED = "CURRENCY_ASSUMED"
SCHEDULE_UNREADABLE = "SCHEDULE_UNREADABLE"

_NOBODY = woo.Person()


def to_order(order: woo.Order, connection: ShopConnection, shop: str | None = None) -> Order:
    """Maps one order. shop: the URL it came from, where the settings do not say.

    Raises Quarantine when it makes no sense, Ignore when there is nothing to make (yet).
    """
    status = status_of(order.status, connection.settings)
    if status is None:
        raise Ignore(f"order {order.id}: {why_ignored(order.status)}")
    try:
        return _map(order, status, connection, shop_of(connection, shop))
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise Quarantine(f"order {order.id}: {places}") from None
    except RecursionError:
        raise Quarantine(f"order {order.id} is nested too deeply") from None


def version_of(order: woo.Order, connection: ShopConnection) -> str | None:
    """When it last changed in the shop, as text that sorts. Raises Quarantine when that is no time."""
    changed = _time(order.date_modified_gmt, order.date_modified, connection.default_store)
    return sortable(changed) if changed else None


def shop_of(connection: ShopConnection, told: str | None = None) -> str | None:
    """The shop's home URL without its slash: as set, so that webhooks and polls agree, else as the webhook tells it."""
    settings = connection.settings
    return settings.shop_url or settings.base_url or (told or "").rstrip("/") or None


def _map(order: woo.Order, status: Status, connection: ShopConnection, shop: str | None) -> Order:
    settings = connection.settings
    store = connection.store(shop)
    currency = order.currency or store.currency
    items = items_of(order, currency)
    amounts = money.amounts_of(order, items, currency, settings)
    fulfillment = _fulfillment(order, settings)
    scheduled_for, schedule_checks = _schedule(order, store, settings)
    customer = _customer(order)
    ended = status in (Status.CANCELLED, Status.DENIED)
    return Order(
        id=connection.order_id(order.id),
        platform=connection.platform,
        connection_id=connection.id,
        channel=connection.platform,
        external_id=order.id,
        display_id=order.number or order.id,
        store_id=store.id,
        store_external_id=shop,
        status=status,
        status_reason=StatusReason(source_code=order.status) if ended else None,
        fulfillment=fulfillment,
        delivered_by=DeliveredBy.STORE if fulfillment in (Fulfillment.DELIVERY, Fulfillment.SHIPPING) else None,
        placed_at=_time(order.date_created_gmt, order.date_created, store),
        scheduled_for=scheduled_for,
        customer=customer,
        address=_address(order, customer),
        items=items,
        amounts=amounts,
        discounts=money.discounts_of(order, currency),
        payment=money.payment_of(order, amounts, settings),
        notes=order.customer_note,
        source=_source(order, currency, settings),
        checks=[*_currency_checks(order, currency), *schedule_checks, *money.refund_checks(order, currency)],
    )


def _currency_checks(order: woo.Order, currency: str) -> Iterator[Check]:
    if not order.currency:
        yield Check(code=CURRENCY_ASSUMED, message=f"no currency is said: {currency} of the store is assumed")


def _time(utc: str | None, local: str | None, store: StoreRef) -> datetime | None:
    """A time of the shop: the one that is UTC, where there is one."""
    if utc:
        return parse_time(utc)
    return parse_time(local, store.time_zone) if local else None


def _fulfillment(order: woo.Order, settings: WooCommerceSettings) -> Fulfillment | None:
    """How the goods travel; None when there is no shipping line. A method may be followed by its `:instance`."""
    methods = {(line.method_id or "").partition(":")[0] for line in order.shipping_lines}
    if not methods:
        return None
    return Fulfillment.PICKUP if methods <= set(settings.pickup_methods) else Fulfillment(settings.brought_as)


def _schedule(order: woo.Order, store: StoreRef, settings: WooCommerceSettings) -> tuple[datetime | None, list[Check]]:
    """When the customer wants it, as a plugin keeps it, on the store's clock."""
    told = " ".join(value for key in settings.schedule_keys if (value := _meta(order, (key,))))
    if not told:
        return None, []
    for one in settings.schedule_formats:
        try:
            wanted = datetime.strptime(told, one).replace(tzinfo=UTC)  # the zone is that of the store
            return parse_time(wanted.replace(tzinfo=None).isoformat(), store.time_zone), []
        except (ValueError, Quarantine):
            continue
    return None, [Check(code=SCHEDULE_UNREADABLE, message=f"the customer asks for {told[:80]!r}")]


def _customer(order: woo.Order) -> Customer | None:
    billing, shipping = order.billing or _NOBODY, order.shipping or _NOBODY
    found = Customer(
        name=_name(billing) or _name(shipping),
        phone=billing.phone or shipping.phone,
        email=billing.email,
        external_id=order.customer_id,
    )
    return None if found == Customer() else found


def _name(person: woo.Person) -> str | None:
    return " ".join(filter(None, (person.first_name, person.last_name))) or None


def _address(order: woo.Order, customer: Customer | None) -> models.Address | None:
    """The shipping address, else the billing address. WooCommerce keeps no coordinates."""
    shipping = order.shipping if order.shipping and order.shipping.address_1 else None
    place = shipping or order.billing or _NOBODY
    recipient = _name(place)
    found = models.Address(
        line1=place.address_1,
        line2=place.address_2,
        city=place.city,
        region=place.state,
        postal_code=place.postcode,
        country=place.country,
        company=place.company,
        instructions=f"For {recipient}" if recipient and customer and recipient != customer.name else None,
    )
    return None if found == models.Address() else found


def _meta(order: woo.Order, keys: tuple[str, ...]) -> str | None:
    """The first value that the order, or one of its shipping lines, keeps under one of these keys."""
    kept = [*order.meta_data, *(meta for line in order.shipping_lines for meta in line.meta_data)]
    found = {meta.key: str(meta.value).strip() for meta in kept if isinstance(meta.value, str | int)}
    return next((found[key] for key in keys if found.get(key)), None)


def _source(order: woo.Order, currency: str, settings: WooCommerceSettings) -> dict[str, str]:
    """WooCommerce's own words that have no other place; amounts in minor units, with their tax behind a plus."""
    given_back = money.refunded(order, currency)
    words = {
        "created_via": order.created_via,
        "payment_method": order.payment_method,
        "payment_method_title": plain(order.payment_method_title),
        "transaction_id": order.transaction_id,
        "prices_include_tax": None if order.prices_include_tax is None else json.dumps(order.prices_include_tax),
        "shipping_tax": _text(minor(order.shipping_tax, currency)),
        "shipping": "; ".join(
            " ".join(filter(None, (plain(line.method_title), f"({line.method_id})" if line.method_id else None)))
            for line in order.shipping_lines
        ),
        "fees": "; ".join(
            f"{plain(fee.name) or 'fee'}={minor(fee.total, currency)}+{minor(fee.total_tax, currency) or 0}"
            for fee in order.fee_lines
        ),
        "taxes": "; ".join(
            f"{tax.label or tax.rate_code or 'tax'}={minor(tax.tax_total, currency)}"
            f"+{minor(tax.shipping_tax_total, currency) or 0}"
            for tax in order.tax_lines
        ),
        "line_totals": _by_line(order, "total", "subtotal", currency),
        "line_subtotal_taxes": _by_line(order, "subtotal_tax", "total_tax", currency),
        "refunds": "; ".join(
            " ".join(filter(None, (f"{one.id or 'refund'}={minor(one.total, currency)}", one.reason)))
            for one in order.refunds
        ),
        "refunded": _text(given_back),
        "pickup_point_code": _meta(order, settings.pickup_point_keys),
        **{f"meta:{key}": _meta(order, (key,)) for key in settings.kept_meta},
    }
    return {name: value for name, value in words.items() if value}


def _by_line(order: woo.Order, wanted: str, other: str, currency: str) -> str:
    """`line id=minor units` of an amount, for the lines in which it differs from another: the discounted ones."""
    pairs = [(line.id, getattr(line, wanted), getattr(line, other)) for line in order.line_items]
    return " ".join(f"{line}={minor(one, currency)}" for line, one, two in pairs if one is not None and one != two)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
