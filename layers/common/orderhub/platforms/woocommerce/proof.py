"""How our calls prove themselves to a shop, and where its API is.

https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from orderhub.errors import Misconfigured
from orderhub.platforms.http_types import Call
from orderhub.platforms.woocommerce.settings import ShopConnection

_API = "/wp-json/wc/v3"
_ROUTE = "/wc/v3"
_METHODS: Mapping[str, Literal["GET", "POST", "PUT"]] = {"GET": "GET", "POST": "POST", "PUT": "PUT"}


def api_url(connection: ShopConnection) -> str:
    """Where the API of a shop is. Raises Misconfigured when the settings do not say which shop."""
    home = connection.settings.base_url
    if not home:
        raise Misconfigured("set base_url: the shop's home URL")
    return home + _API


def proved(call: Call, connection: ShopConnection) -> Call:
    """The call as the shop takes it: over https with the key itself, over plain http signed, so that none is shown."""
    call = call if connection.settings.pretty_permalinks else _with_route(call, connection)
    key = connection.credentials.consumer_key.get_secret_value()
    secret = connection.credentials.consumer_secret.get_secret_value()
    if urlsplit(call.url).scheme == "http":
        return _signed(call, key, secret)
    if connection.settings.key_in_query:
        return call.with_params({"consumer_key": key, "consumer_secret": secret})
    return call.with_headers({"Authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode()})


def _with_route(call: Call, connection: ShopConnection) -> Call:
    """Without pretty permalinks the route is a parameter of /index.php, as WordPress itself writes it."""
    path = call.url.removeprefix(api_url(connection))
    there = Call(call.method, f"{connection.settings.base_url}/index.php", {}, call.headers, call.json)
    return there.with_params({"rest_route": _ROUTE + path, **call.params})


def _signed(call: Call, key: str, secret: str) -> Call:
    """OAuth 1.0a without a token, its parameters in the query: the one way that shops take over plain http."""
    from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client  # noqa: PLC0415  (few need it)

    client = Client(
        key,
        client_secret=secret,
        signature_method=SIGNATURE_HMAC_SHA256,
        signature_type=SIGNATURE_TYPE_QUERY,
    )
    url = f"{call.url}?{urlencode(call.params)}" if call.params else call.url
    signed, _, _ = client.sign(url, http_method=_METHODS[call.method])
    return call.with_params(dict(parse_qsl(urlsplit(signed).query, keep_blank_values=True)))
