"""The answer to a listing of a store's orders: `GET /v1/delivery/store/{store}/orders`."""

from __future__ import annotations

from typing import Annotated, Any

from orderhub.platforms.payload import NullAsEmpty, Payload, Text


class Pagination(Payload):
    """next_page_token: there only when there is a next page."""

    next_page_token: Text = None


class Listing(Payload):
    """data: orders, each in its wrapper or bare."""

    data: Annotated[list[Any], NullAsEmpty] = []
    pagination_data: Pagination | None = None
