"""The second reader of the orders table's stream: it keeps the books, of what orders come to, stock and customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderhub.actions.count_orders import count_orders
from orderhub.actions.index_customers import index_customers
from orderhub.actions.keep_stock import keep_stock


def keep_books(batch: Mapping[str, Any], context: object) -> None:
    """Does all of it for a batch of stream records. Raises Retry.

    Then Lambda gives the whole batch again; each does everything once.
    """
    count_orders(batch, context)
    keep_stock(batch, context)
    index_customers(batch, context)
