"""The calls to GloriaFood: taking orders off its queue, and reading the menu to try a key.

https://github.com/GlobalFood/integration_docs
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Unsupported
from orderhub.platforms.base import Connection, Done, Operation, Page, parse_as
from orderhub.platforms.gloriafood.models import Menu
from orderhub.platforms.gloriafood.statuses import API_VERSION
from orderhub.platforms.http_types import Http, parse_json

_NEXT = "next"
"""In the cursor: the position of the restaurant key whose turn it is."""
_NOTHING_TO_TRY = "to try a restaurant key is to take orders off its queue; with a menu_key, that one can be tried"


def poll(cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
    """Takes what waits for one restaurant off its queue; more until each restaurant key had its turn.

    GloriaFood hands out nothing twice, so what it gives goes on as it came, to be stored before anybody reads it.
    What one of several keys runs into is told, and does not keep the others waiting. Raises Retry, Reject,
    Misconfigured.
    """
    keys = connection.credentials.restaurant_keys
    if not keys:
        raise Misconfigured("this connection is polled, and has no restaurant key")
    turn = int(cursor.get(_NEXT, 0)) % len(keys)
    following = (turn + 1) % len(keys)
    moved_on, more = {_NEXT: str(following)}, following != 0
    try:
        reply = http.request("POST", "/pos/order/pop", headers=_headers(keys[turn]))
    except HubError as error:
        if len(keys) == 1:
            raise
        return Page(cursor=moved_on, more=more, trouble=f"restaurant key {turn + 1} of {len(keys)}: {error}")
    return Page(cursor=moved_on, more=more, body=None if _is_empty(reply.body) else reply.body)


def verify(connection: Connection[Any, Any], http: Http) -> Done:
    """Reads the menu, which takes no order off a queue.

    Raises Unsupported without a key for it, Retry, Reject, Misconfigured.
    """
    key = connection.credentials.menu_key
    if key is None:
        why = (
            "to try a restaurant key is to take orders off its queue; give the connection a menu_key to have that tried"
        )
        raise Unsupported(Operation.VERIFY_CONNECTION, "GloriaFood", why)
    reply = http.request("GET", "/pos/menu", headers=_headers(key))
    try:
        menu = parse_as(Menu, parse_json(reply.body))
    except Quarantine as error:
        raise Reject("NOT_A_MENU", f"GloriaFood answered with something else than a menu: {error}") from None
    return Done(note=f"the menu of restaurant {menu.restaurant_id} can be read")


def _headers(key: SecretStr) -> dict[str, str]:
    """The key is bare, without a scheme. Without the version the fields are those of version 1."""
    return {
        "Authorization": key.get_secret_value(),
        "Glf-Api-Version": str(API_VERSION),
        "Accept": "application/json",
    }


def _is_empty(body: bytes) -> bool:
    """Whether nothing waited. What is no document at all is not empty: it is kept, for people to look at."""
    try:
        document = parse_json(body)
    except Quarantine:
        return not body.strip()
    if not isinstance(document, dict) or document.get("orders"):
        return False
    return document.get("count") == 0 or document.get("orders") == []
