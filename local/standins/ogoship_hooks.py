"""The webhooks that OGOship sends of what happens: signed, once, to whoever subscribed.

https://openapi.ogoship.com/using-ogoship-openapi-759749m0 ; the bodies are taken to be the API's own rows.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping

import requests
from werkzeug.wrappers import Request

from local.standins.ogoship_floor import refused
from local.standins.samples.kitchen import compact
from local.standins.vendor import Json, body_of

ORDER_SHIPPED, STOCK_CHANGED = "OrderShipped", "ProductStockLevelChanged"
Send = Callable[[str, Mapping[str, str], bytes], None]
_SECONDS = 5


def read(request: Request) -> Json:
    """A webhook that somebody makes. Raises Refused."""
    body = body_of(request)
    missing = [name for name in ("url", "key", "type") if not body.get(name)]
    if missing:
        raise refused(400, f"The {missing[0]} field is required.")
    return {name: body.get(name) for name in ("url", "key", "type", "customHeaders")}


def headers(body: bytes, key: str) -> dict[str, str]:
    """What proves a body."""
    mac = hmac.new(key.encode(), body, hashlib.sha256).digest()
    return {"Content-Type": "application/json", "X-OGOship-Hmac-SHA256": base64.b64encode(mac).decode()}


def tell(webhooks: Iterable[Json], kind: str, row: Json, send: Send) -> None:
    """Send a row to all that subscribed to this kind."""
    body = compact(row)
    for hook in webhooks:
        if hook["type"] == kind:
            send(hook["url"], {**headers(body, hook["key"]), **(hook.get("customHeaders") or {})}, body)


def send_over_http(url: str, with_headers: Mapping[str, str], body: bytes) -> None:
    """One attempt; nobody knows of a second."""
    with contextlib.suppress(requests.RequestException):
        requests.post(url, data=body, headers=dict(with_headers), timeout=_SECONDS)
