"""What WooCommerce's errors mean for us: `{code, message, data: {status, params}}`.

https://woocommerce.github.io/woocommerce-rest-api-docs/#errors
"""

from __future__ import annotations

from typing import Any

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.http_types import Reply

# The words of the documentation's errors that have one of ours.
_CODES = {
    "woocommerce_rest_shop_order_invalid_id": "ORDER_NOT_FOUND",
    "woocommerce_rest_order_invalid_id": "ORDER_NOT_FOUND",
    "woocommerce_rest_invalid_order_id": "ORDER_NOT_FOUND",
    "woocommerce_rest_product_invalid_id": "ITEM_NOT_FOUND",
    "woocommerce_rest_product_variation_invalid_id": "ITEM_NOT_FOUND",
}
# Said with status 500, and final all the same: a refund beyond what was paid, a payment gateway that refuses.
_FINAL = frozenset({"woocommerce_rest_cannot_create_order_refund"})
_NO_API = frozenset({"rest_no_route"})
_BUSY = frozenset({408, 425, 429})

_KEY = "check the API key: it needs Read/Write, and a user who manages the shop; if the host drops the Authorization \
header, set key_in_query"
_ADDRESS = "check base_url, and pretty_permalinks"


def is_refusal(reply: Reply) -> bool:
    """Whether it is no answer of the API: an error, a redirect, or a page in its place (a login, a firewall)."""
    return reply.status >= 300 or not reply.body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"["))


def read(reply: Reply) -> HubError:
    """The error that such an answer stands for."""
    code, text, params = _said(reply)
    message = f"WooCommerce answered {reply.status} {code}: {text}" if code else f"the shop answered {reply.status}"
    if reply.status < 300:
        return Retry(f"{message} with something that is not JSON: a firewall or a maintenance page")
    if reply.status < 400:
        return Misconfigured(f"{message}: it is at {reply.headers.get('location', 'another address')}; {_ADDRESS}")
    if code in _FINAL:
        return Reject(code.upper(), message)
    if reply.status in _BUSY or reply.status >= 500 or (reply.status == 403 and not code):
        return Retry(message)  # a 403 that is not WooCommerce's is a firewall's
    if reply.status in (401, 403):
        return Misconfigured(f"{message}; {_KEY}")
    if code in _NO_API or (reply.status == 404 and not code):
        return Misconfigured(f"{message}: there is no WooCommerce API at this address; {_ADDRESS}")
    details = {"status": reply.status, **({"params": params} if params else {})}
    return Reject(_CODES.get(code, code.upper()) or f"HTTP_{reply.status}", message, details=details)


def _said(reply: Reply) -> tuple[str, str, list[str]]:
    """Code, message and the parameters it is about, of a body that is WooCommerce's."""
    try:
        body: Any = reply.json()
    except Quarantine:
        return "", "", []
    if not isinstance(body, dict) or not isinstance(body.get("code"), str):
        return "", "", []
    data = body.get("data")
    params = data.get("params") if isinstance(data, dict) else None
    return body["code"], str(body.get("message", ""))[:300], sorted(params) if isinstance(params, dict) else []
