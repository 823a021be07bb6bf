"""Reading: one order, what has changed, whether the shop is in order.

https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import Quarantine, Reject, Retry
from orderhub.order.ids import digest
from orderhub.order.messages import InboundMessage, OrderReference, Unreadable
from orderhub.order.models import Order
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Done, Fetched, Page, parse_as
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.woocommerce import mapper, models, topics
from orderhub.platforms.woocommerce.settings import ShopConnection

OVERLAP = timedelta(minutes=5)
LARGEST_PAGE = 100
_INVALID = "REST_INVALID_PARAM"
_BY_CHANGE, _BY_AGE = "modified", "date"


def fetch(reference: OrderReference, connection: ShopConnection, http: Http, now: datetime) -> Fetched:
    """One order. Raises Reject ORDER_NOT_FOUND."""
    reply = http.request("GET", f"/orders/{path_part(reference.external_id)}")
    body = reply.json()
    return Fetched(body, reply.body, mapper.version_of(parse_as(models.Order, body), connection))


def present(order: Order, http: Http) -> models.Order:
    """An order as the shop has it now. Raises Reject ORDER_NOT_FOUND, Retry for an answer that is none."""
    try:
        return parse_as(models.Order, http.request("GET", order_path(order)).json())
    except Quarantine as error:
        raise Retry(f"WooCommerce does not show order {order.external_id}: {error}") from None


def order_path(order: Order) -> str:
    """Where the order is in the API."""
    return f"/orders/{path_part(order.external_id)}"


def path_part(external_id: str) -> str:
    """An id of the shop, which goes into a path. Raises Reject for one that is no number."""
    if not (external_id.isascii() and external_id.isdecimal()):
        raise Reject("NOT_FOUND", f"WooCommerce has numbers for ids, not {external_id[:40]!r}")
    return external_id


def rows_of(reply: Reply) -> list[Any]:
    """The rows of a list. Raises Retry when the shop answered with something else."""
    try:
        rows = reply.json()
    except Quarantine as error:
        raise Retry(f"WooCommerce did not answer with a list: {error}") from None
    if not isinstance(rows, list):
        raise Retry("WooCommerce did not answer with a list")
    return rows


# --- what has changed ---------------------------------------------------------------------------------------------


def poll(cursor: Mapping[str, str], connection: ShopConnection, http: Http, now: datetime) -> Page:
    """One page of the orders that changed since the cursor, latest change first, whole.

    cursor: `since`, the newest change seen, on the shop's clock; within a walk through pages also `newest` and `page`,
    and `orderby` when the shop is too old to sort by change. An order that changes while pages are read moves to the
    front and pushes others back, so that some come twice and none is passed over; it is found itself by the next poll.
    """
    since = cursor.get("since") or sortable(now - timedelta(hours=connection.settings.first_poll_hours))
    after = sortable(parse_time(since) - OVERLAP)
    page, by = int(cursor.get("page", 1)), cursor.get("orderby", _BY_CHANGE)
    try:
        reply = _list(http, after, page, by)
    except Reject as refusal:
        if refusal.code != _INVALID or by == _BY_AGE or "orderby" not in refusal.details.get("params", ()):
            raise
        page, by = 1, _BY_AGE
        reply = _list(http, after, page, by)
    rows = rows_of(reply)
    messages = [one for one in (_message(row, connection) for row in rows) if (one.source_version or after) >= after]
    newest = max([since, cursor.get("newest", ""), *(one.source_version or "" for one in messages)])
    # Shops before 2021 do not know `modified_after` and list all orders: they tell when it is enough.
    enough = len(messages) < len(rows) if by == _BY_CHANGE else not messages
    if enough or not _has_more(reply, rows, page):
        # A shop whose clock is ahead must not hide what changes until ours is as far.
        return Page(messages, {"since": min(newest, sortable(now))})
    on = {"since": since, "newest": newest, "page": str(page + 1)}
    return Page(messages, on if by == _BY_CHANGE else {**on, "orderby": by}, more=True)


def _list(http: Http, after: str, page: int, by: str) -> Reply:
    return http.request(
        "GET",
        "/orders",
        params={
            "modified_after": f"{parse_time(after):%Y-%m-%dT%H:%M:%S}",
            "dates_are_gmt": "true",
            "status": "any",
            "orderby": by,
            "order": "desc",
            "per_page": str(LARGEST_PAGE),
            "page": str(page),
        },
    )


def _has_more(reply: Reply, rows: Sequence[Any], page: int) -> bool:
    pages = reply.headers.get("x-wp-totalpages", "")
    if pages.isdecimal():
        return page < int(pages)
    if "link" in reply.headers:
        return 'rel="next"' in reply.headers["link"]
    return len(rows) >= LARGEST_PAGE


def _message(row: Any, connection: ShopConnection) -> InboundMessage:
    raw = json.dumps(row, default=float).encode()
    key = "poll-" + digest(raw.decode())
    try:
        return topics.message_of(parse_as(models.Order, row), connection, key, raw=raw)
    except Quarantine as error:
        return Unreadable(delivery_key=key, raw=raw, reason=str(error))


# --- the shop -----------------------------------------------------------------------------------------------------


def verify_connection(connection: ShopConnection, http: Http) -> Done:
    """Reads the shop's webhooks, which needs the key; tells what is wrong with those for orders."""
    rows = rows_of(http.request("GET", "/webhooks", params={"per_page": str(LARGEST_PAGE)}))
    hooks = [parse_as(models.Webhook, row) for row in rows]
    ours = [hook for hook in hooks if connection.id in (hook.delivery_url or "")]
    off = [hook for hook in ours if hook.status != "active"]
    wanted = {topics.CREATED, topics.UPDATED, topics.DELETED}
    missing = sorted(wanted - {hook.topic for hook in ours if hook.topic})
    told = [f"its webhook {hook.name or hook.id!r} ({hook.topic}) is {hook.status}: activate it again" for hook in off]
    if missing:
        told.append(f"no webhook of the shop tells this connection of {', '.join(missing)}")
    return Done("; ".join(["connected to the shop", *told]))
