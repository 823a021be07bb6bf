"""Reading: one order, what has changed, the shop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from orderhub.errors import Reject, Retry
from orderhub.order.ids import digest
from orderhub.order.messages import OrderReference
from orderhub.order.times import parse_time, sortable
from orderhub.platforms.base import Done, Fetched, Page
from orderhub.platforms.http_types import Http
from orderhub.platforms.shopify import graphql, queries
from orderhub.platforms.shopify.from_graphql import nodes_of, value_of
from orderhub.platforms.shopify.mapper import ShopConnection, version_of

# Changes that are written while a page is read come again: https://shopify.dev/docs/api/usage/pagination-graphql
OVERLAP = timedelta(minutes=5)
_MOST_PAGES = 25  # of 40 lines; an order has 500 at most


def fetch(reference: OrderReference, connection: ShopConnection, http: Http, now: datetime) -> Fetched:
    """One order. One with many lines takes several answers, which are kept as a list.

    Raises Reject ORDER_NOT_FOUND, also for an order older than 60 days that the app may not read.
    """
    gid = graphql.gid("Order", reference.external_id)
    answers = [graphql.ask(queries.ORDER, {"id": gid}, connection, http)]
    if answers[0].root is None:
        raise Reject("ORDER_NOT_FOUND", f"Shopify has no order {reference.external_id}, or does not show it to us")
    while (after := _next_page(answers[-1].root, "lineItems")) and len(answers) < _MOST_PAGES:
        answers.append(graphql.ask(queries.ORDER_LINES, {"id": gid, "after": after}, connection, http))
    version = version_of(value_of(answers[0].root, "updatedAt"))
    if len(answers) == 1:
        return Fetched(answers[0].body, answers[0].raw, version)
    raw = b"[" + b",".join(answer.raw for answer in answers) + b"]"
    return Fetched([answer.body for answer in answers], raw, version)


def poll(cursor: Mapping[str, str], connection: ShopConnection, http: Http, now: datetime) -> Page:
    """One page of the orders that changed since the cursor, with their version: most of them we know already.

    cursor: `since`, the newest change that was seen; within a walk through pages also `after` and `newest`.
    """
    settings = connection.settings
    since = cursor.get("since") or sortable(now - timedelta(hours=settings.first_poll_hours))
    query = f"updated_at:>='{(parse_time(since) - OVERLAP).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
    variables = {"first": settings.page_size, "after": cursor.get("after"), "query": query}
    root = graphql.ask(queries.ORDERS_UPDATED, variables, connection, http).root
    if root is None:
        raise Retry("Shopify answered without a page of orders")
    messages = [_reference(row) for row in nodes_of(root)]
    newest = max([since, cursor.get("newest", ""), *(one.source_version or "" for one in messages)])
    after = _next_page({"page": root}, "page")
    if after:
        return Page(messages, {"since": since, "after": after, "newest": newest}, more=True)
    return Page(messages, {"since": newest})


def verify_connection(connection: ShopConnection, http: Http) -> Done:
    """The shop's name, and a warning when an API version is asked for that Shopify no longer serves."""
    answer = graphql.ask(queries.SHOP, {}, connection, http)
    note = f"connected to {value_of(answer.root, 'name')}"
    wanted = connection.settings.api_version
    if answer.version and answer.version != wanted:
        note += f"; Shopify serves API version {answer.version} in place of {wanted}: set a newer one"
    return Done(note)


def _reference(row: Mapping[str, Any]) -> OrderReference:
    number, version = str(row.get("legacyResourceId")), version_of(row.get("updatedAt"))
    return OrderReference(
        delivery_key="poll-" + digest(number, version or ""), source_version=version, external_id=number
    )


def _next_page(owner: Any, connection: str) -> str | None:
    page = value_of(owner, connection, "pageInfo") or {}
    return value_of(page, "endCursor") if value_of(page, "hasNextPage") else None
