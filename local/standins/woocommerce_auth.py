"""How a WooCommerce shop checks who calls: the key itself over https, OAuth 1.0a without a token over plain http.

https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from werkzeug.wrappers import Request

from local.standins.vendor import Json, Refused

CONSUMER_KEY = "ck_corner_kitchen"
CONSUMER_SECRET = "cs_corner_kitchen"  # noqa: S105 - made up, good only here

_WINDOW = timedelta(minutes=15)
_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_NEEDED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")


def error(code: str, message: str, status: int, **more: object) -> Json:
    """An error as the REST API words it."""
    return {"code": code, "message": message, "data": {"status": status, **more}}


def refused(code: str, message: str, status: int, **more: object) -> Refused:
    """A refusal in the vendor's shape."""
    return Refused(status, error(code, message, status, **more))


def check(request: Request, settings: Mapping[str, object], nonces: set[str], now: datetime) -> None:
    """Raise `Refused` unless the call proves itself and its key may do what it does. nonces: those seen so far."""
    if request.scheme == "https":
        _check_key(request, drops_header=bool(settings["drops_authorization"]))
    else:
        _check_signature(request, nonces, now)
    needed = "read" if request.method in {"GET", "HEAD"} else "write"
    if settings["permissions"] not in (needed, "read_write"):
        raise _wrong(f"The API key provided does not have {needed} permissions.")


def _check_key(request: Request, *, drops_header: bool) -> None:
    key, secret = (request.args.get(name, "") for name in ("consumer_key", "consumer_secret"))
    given = None if drops_header else request.authorization
    if not key and given is not None and given.type == "basic":
        key, secret = given.username or "", given.password or ""
    if key != CONSUMER_KEY or not secret:
        raise _nobody()  # an unknown key makes no user
    if not hmac.compare_digest(secret.encode(), CONSUMER_SECRET.encode()):
        raise _wrong("Consumer secret is invalid.")


def _check_signature(request: Request, nonces: set[str], now: datetime) -> None:
    given = request.args.to_dict()
    missing = [name for name in _NEEDED if not given.get(name)]
    if len(missing) == len(_NEEDED):
        raise _nobody()
    if missing:
        code = "woocommerce_rest_authentication_missing_parameter"
        raise refused(code, f"Missing OAuth parameters {', '.join(missing)}", 401)
    if given["oauth_consumer_key"] != CONSUMER_KEY:
        raise _wrong("Consumer key is invalid.")
    if given["oauth_signature_method"] not in _HASHES:
        raise _wrong("Invalid signature - signature method is invalid.")
    if not hmac.compare_digest(given["oauth_signature"], _signature(request, given)):
        raise _wrong("Invalid signature - provided signature does not match.")
    if not given["oauth_timestamp"].isdecimal() or abs(now.timestamp() - int(given["oauth_timestamp"])) > (
        _WINDOW.total_seconds()
    ):
        raise _wrong("Invalid timestamp.")
    if given["oauth_nonce"] in nonces:
        raise _wrong("Invalid nonce - nonce has already been used.")
    nonces.add(given["oauth_nonce"])


def _signature(request: Request, given: Mapping[str, str]) -> str:
    """Over method, address and, sorted by name, all parameters but the signature itself."""
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in given.items())
    query = "&".join(f"{name}={value}" for name, value in pairs if name != "oauth_signature")
    text = "&".join(quote(part, safe="~") for part in (request.method, request.base_url, query))
    digest = _HASHES[given["oauth_signature_method"]]
    return base64.b64encode(hmac.new(f"{CONSUMER_SECRET}&".encode(), text.encode(), digest).digest()).decode()


def _nobody() -> Refused:
    return refused("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)


def _wrong(message: str) -> Refused:
    return refused("woocommerce_rest_authentication_error", message, 401)
