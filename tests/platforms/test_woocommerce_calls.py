"""How our calls prove themselves to a shop, where they go, and what an answer of another kind means."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.platforms.http_types import Call, Reply
from orderhub.platforms.woocommerce import PLATFORM
from tests.platforms.test_woocommerce import SHOP, connect

ORDERS = f"{SHOP}/wp-json/wc/v3/orders"
KEY = {"consumer_key": "ck_test", "consumer_secret": "cs_test"}
BASIC = {"Authorization": "Basic " + base64.b64encode(b"ck_test:cs_test").decode()}


def proved(call: Call, **settings: object) -> Call:
    return PLATFORM.authorize(call, connect(**settings), None)


def test_the_api_is_below_the_shop_s_home() -> None:
    assert PLATFORM.base_url(connect(base_url=f"{SHOP}/")) == f"{SHOP}/wp-json/wc/v3"


def test_a_connection_that_names_no_shop_calls_nobody() -> None:
    with pytest.raises(Misconfigured, match="base_url"):
        PLATFORM.base_url(connect(base_url=""))


def test_over_https_the_key_goes_along() -> None:
    call = Call("GET", ORDERS, {"page": "1"})

    assert proved(call) == Call("GET", ORDERS, {"page": "1"}, BASIC)


def test_a_host_that_drops_the_header_gets_the_key_in_the_query() -> None:
    call = Call("GET", ORDERS, {"page": "1"})

    assert proved(call, key_in_query=True) == Call("GET", ORDERS, {"page": "1", **KEY})


def test_without_pretty_permalinks_the_route_is_a_parameter() -> None:
    call = Call("PUT", f"{ORDERS}/42", {"page": "1"}, json={"status": "processing"})

    there = Call("PUT", f"{SHOP}/index.php", {"rest_route": "/wc/v3/orders/42", "page": "1"}, BASIC, call.json)
    assert proved(call, pretty_permalinks=False) == there


# --- plain http: https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-http ----------------


def signature_of(method: str, url: str, params: Mapping[str, str], secret: str) -> str:
    """What WooCommerce works out for a signed call, made here again from its documentation."""
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in params.items())
    query = "&".join(f"{name}={value}" for name, value in pairs if name != "oauth_signature")
    signed = "&".join(quote(part, safe="~") for part in (method, url, query))
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), signed.encode(), hashlib.sha256)).decode()


PLAIN = "http://juniper.example.com"


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/orders", {"modified_after": "2026-10-05T12:00:00", "status": "any", "page": "1"}),
        ("GET", "/products", {"sku": "Käse & Öl 50%/1+1=~2"}),
        ("PUT", "/orders/42", {}),
        ("POST", "/orders/42/notes", {}),
    ],
)
@pytest.mark.parametrize("shop", [PLAIN, "http://127.0.0.1:8700/woocommerce"])
def test_over_plain_http_a_call_is_signed_and_the_secret_stays_here(
    shop: str, method: str, path: str, params: dict[str, str]
) -> None:
    url = f"{shop}/wp-json/wc/v3{path}"

    call = proved(Call(method, url, params, json={"a": 1}), base_url=shop)

    assert (call.url, call.headers, call.json) == (url, {}, {"a": 1})
    assert params.items() <= call.params.items()
    assert call.params["oauth_consumer_key"] == "ck_test"
    assert call.params["oauth_signature_method"] == "HMAC-SHA256"
    assert call.params["oauth_signature"] == signature_of(method, url, call.params, "cs_test")
    assert "cs_test" not in str(call)


def test_no_two_signed_calls_are_the_same() -> None:
    first, second = (proved(Call("GET", f"{PLAIN}/wp-json/wc/v3/orders"), base_url=PLAIN) for _ in range(2))

    assert first.params["oauth_nonce"] != second.params["oauth_nonce"]


def test_a_signed_call_of_a_shop_without_pretty_permalinks() -> None:
    call = proved(Call("GET", f"{PLAIN}/wp-json/wc/v3/orders"), base_url=PLAIN, pretty_permalinks=False)

    assert (call.url, call.params["rest_route"]) == (f"{PLAIN}/index.php", "/wc/v3/orders")
    assert call.params["oauth_signature"] == signature_of("GET", call.url, call.params, "cs_test")


# --- what an answer means -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (200, b'{"id": 1}', False),
        (201, b'\xef\xbb\xbf\r\n {"id": 1}', False),
        (200, b"[]", False),
        (200, b"<!DOCTYPE html>", True),
        (200, b"", True),
        (302, b"[]", True),
        (404, b"{}", True),
    ],
)
def test_only_json_of_a_good_status_is_an_answer(status: int, body: bytes, *, refused: bool) -> None:
    assert PLATFORM.is_refusal(Reply(status, {}, body)) is refused


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<html>Checking your browser</html>", Retry),
        (302, b"", Misconfigured),
        (400, b'{"code": "rest_invalid_param", "message": "no", "data": {"status": 400, "params": {"a": 1}}}', Reject),
        (401, b'{"code": "woocommerce_rest_cannot_edit", "message": "no"}', Misconfigured),
        (401, b"<html>Who are you?</html>", Misconfigured),
        (403, b'{"code": "woocommerce_rest_cannot_create", "message": "no"}', Misconfigured),
        (403, b"<html>Blocked</html>", Retry),
        (404, b'{"code": "woocommerce_rest_shop_order_invalid_id", "message": "no"}', Reject),
        (404, b'{"code": "rest_no_route", "message": "no"}', Misconfigured),
        (404, b"<html>Not found</html>", Misconfigured),
        (408, b"", Retry),
        (429, b"", Retry),
        (500, b'{"code": "internal_server_error", "message": "no"}', Retry),
        (500, b'{"code": "woocommerce_rest_cannot_create_order_refund", "message": "no"}', Reject),
        (503, b'{"code": ["x"]}', Retry),
        (400, b'["code"]', Reject),
    ],
)
def test_a_refusal_says_what_to_do_about_it(status: int, body: bytes, error: type[HubError]) -> None:
    refusal = PLATFORM.refusal(Reply(status, {}, body))

    assert type(refusal) is error
    assert str(status) in str(refusal)


def test_a_refused_key_tells_where_to_look() -> None:
    body = b'{"code": "woocommerce_rest_authentication_error", "message": "Consumer key is missing."}'

    told = str(PLATFORM.refusal(Reply(401, {}, body)))

    assert "Consumer key is missing." in told
    assert "key_in_query" in told


def test_a_redirect_tells_where_the_shop_is() -> None:
    refusal = PLATFORM.refusal(Reply(301, {"location": "https://www.juniper.example.com/"}, b""))

    assert "https://www.juniper.example.com/" in str(refusal)
