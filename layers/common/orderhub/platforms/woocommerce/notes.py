"""Notes on an order: how a shop is told what it has no step for. Each is marked, so that it is added once.

https://woocommerce.github.io/woocommerce-rest-api-docs/#order-notes
"""

from __future__ import annotations

from orderhub.order.ids import digest
from orderhub.order.models import Order
from orderhub.platforms.http_types import Http
from orderhub.platforms.woocommerce.reads import order_path, rows_of


def mark(*parts: str) -> str:
    """What marks the thing that these parts stand for as ours, and tells it from others: WooCommerce has no keys."""
    return f"[ref {digest(*parts)[:12]}]"


def add(order: Order, words: str, http: Http, *, once: str, for_customer: bool = False) -> dict[str, str]:
    """Adds a note unless it is there; the id of a new one. once: what tells it from a note of the same words.

    for_customer: WooCommerce mails it to them.
    """
    ours = mark(order.id, words, once)
    path = f"{order_path(order)}/notes"
    if any(ours in str(row.get("note")) for row in rows_of(http.request("GET", path)) if isinstance(row, dict)):
        return {}
    made = http.request("POST", path, json={"note": f"{words} {ours}", "customer_note": for_customer}).json()
    return {"note": str(made["id"])} if isinstance(made, dict) and made.get("id") else {}
