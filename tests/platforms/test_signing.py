"""The signing schemes: each refused request is one changed thing away from an accepted one.

Signatures here were made with openssl; those that platforms publish are tested with their platforms.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.errors import Misconfigured, NotAuthentic
from orderhub.platforms.http_types import Request
from orderhub.platforms.signing import Basic, Hmac, StaticToken
from tests.platforms.samples import NOW

BODY = b'{"order":"A1","total":900}'
SECRET = "s3cret"
HEX_KEY = b"\x00\xffkey\xfe".hex()
BASE64_KEY = base64.b64encode(b"\x00\xffkey\xfe").decode()
BY_DECODED_KEY = "6fba2545fb836d5615900dff765e5197711ebd43696a74ea7fc832fa6babffb9"
KEYS = {"text": SECRET, "hex": HEX_KEY, "base64": BASE64_KEY}

HEX = Hmac(headers=("x-signature", "x-old-signature"))
SCHEMES = {
    f"{digest} {encoding} key as {key} prefix {prefix!r}": Hmac(
        headers=("x-signature",), digest=digest, encoding=encoding, key=key, prefix=prefix
    )
    for digest in ("sha256", "sha1")
    for encoding in ("hex", "base64")
    for key in ("text", "hex", "base64")
    for prefix in ("", "sha=")
}
schemes = pytest.mark.parametrize("scheme", list(SCHEMES.values()), ids=list(SCHEMES))


def a_request(headers: dict[str, str] | None = None, **told: Any) -> Request:
    least = {"method": "POST", "path": "/webhooks/toy/con_1", "query": {}, "body": BODY, "received_at": NOW}
    return Request(headers=headers or {}, **{**least, **told})


def is_authentic(scheme: Hmac, request: Request, *secrets: str) -> bool:
    try:
        scheme.verify(request, request.body, secrets)
    except NotAuthentic:
        return False
    return True


# --- HMAC -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "secret", "signature"),
    [
        (Hmac(("x",)), SECRET, "804e7150e2924610ba71149c0ea82a9836d32f85000cdf136c3341ee78967f21"),
        (Hmac(("x",), encoding="base64"), SECRET, "gE5xUOKSRhC6cRScDqgqmDbTL4UADN8TbDNB7niWfyE="),
        (Hmac(("x",), digest="sha1"), SECRET, "984cf48d7c50795ce22ce7c241febabe2e869435"),
        (Hmac(("x",), digest="sha1", encoding="base64"), SECRET, "mEz0jXxQeVziLOfCQf66vi6GlDU="),
        (Hmac(("x",), key="hex"), HEX_KEY, BY_DECODED_KEY),
        (Hmac(("x",), key="base64", prefix="v1="), BASE64_KEY, f"v1={BY_DECODED_KEY}"),
    ],
)
def test_a_signature_is_what_others_make_it(scheme: Hmac, secret: str, signature: str) -> None:
    assert scheme.sign(BODY, secret) == {"x": signature}


@schemes
def test_a_signed_request_is_authentic(scheme: Hmac) -> None:
    request = a_request(scheme.sign(BODY, KEYS[scheme.key]))

    assert is_authentic(scheme, request, KEYS[scheme.key])


@schemes
def test_a_request_with_another_body_is_not(scheme: Hmac) -> None:
    request = a_request(scheme.sign(BODY, KEYS[scheme.key]), body=BODY + b"\n")

    assert not is_authentic(scheme, request, KEYS[scheme.key])


@schemes
def test_a_request_without_a_signature_is_not(scheme: Hmac) -> None:
    assert not is_authentic(scheme, a_request(), KEYS[scheme.key])


@schemes
def test_a_request_with_a_signature_cut_short_is_not(scheme: Hmac) -> None:
    (name, signature) = next(iter(scheme.sign(BODY, KEYS[scheme.key]).items()))

    assert not is_authentic(scheme, a_request({name: signature[:-4]}), KEYS[scheme.key])


@pytest.mark.parametrize("secrets", [("other",), (), ("",), ("", ""), (SECRET.upper(),), (SECRET + " ",)], ids=repr)
def test_a_request_signed_with_none_of_our_secrets_is_not(secrets: tuple[str, ...]) -> None:
    assert not is_authentic(HEX, a_request(HEX.sign(BODY, SECRET)), *secrets)


def test_an_empty_secret_proves_nothing_even_to_who_signs_with_it() -> None:
    signature = hmac.new(b"", BODY, hashlib.sha256).hexdigest()

    assert not is_authentic(HEX, a_request({"x-signature": signature}), "")


@pytest.mark.parametrize("secrets", [("new", SECRET), (SECRET, "new"), ("a", "b", SECRET), ("", SECRET)])
def test_during_a_rotation_any_of_our_secrets_will_do(secrets: tuple[str, ...]) -> None:
    assert is_authentic(HEX, a_request(HEX.sign(BODY, SECRET)), *secrets)


def test_a_signature_in_capitals_is_the_same_signature() -> None:
    (signature,) = HEX.sign(BODY, SECRET).values()

    assert is_authentic(HEX, a_request({"x-signature": signature.upper()}), SECRET)


@schemes
def test_spaces_around_a_signature_do_not_matter(scheme: Hmac) -> None:
    (signature,) = scheme.sign(BODY, KEYS[scheme.key]).values()

    assert is_authentic(scheme, a_request({"x-signature": f"{signature} "}), KEYS[scheme.key])


def test_a_base64_signature_in_capitals_is_another_signature() -> None:
    scheme = replace(HEX, encoding="base64")
    (signature,) = scheme.sign(BODY, SECRET).values()

    assert not is_authentic(scheme, a_request({"x-signature": signature.upper()}), SECRET)


def test_a_signature_in_the_other_encoding_is_not_authentic() -> None:
    in_base64 = replace(HEX, encoding="base64")

    assert not is_authentic(in_base64, a_request(HEX.sign(BODY, SECRET)), SECRET)
    assert not is_authentic(HEX, a_request(in_base64.sign(BODY, SECRET)), SECRET)


def test_a_signature_of_the_other_digest_is_not_authentic() -> None:
    assert not is_authentic(HEX, a_request(replace(HEX, digest="sha1").sign(BODY, SECRET)), SECRET)


def test_a_signature_without_its_prefix_is_not_authentic() -> None:
    prefixed = replace(HEX, prefix="sha256=")

    assert is_authentic(prefixed, a_request(prefixed.sign(BODY, SECRET)), SECRET)
    assert not is_authentic(prefixed, a_request(HEX.sign(BODY, SECRET)), SECRET)
    assert not is_authentic(HEX, a_request(prefixed.sign(BODY, SECRET)), SECRET)


def test_a_signature_may_come_under_any_of_its_names_and_the_first_counts() -> None:
    (signature,) = HEX.sign(BODY, SECRET).values()

    assert is_authentic(HEX, a_request({"x-old-signature": signature}), SECRET)
    assert is_authentic(HEX, a_request({"x-signature": signature, "x-old-signature": "junk"}), SECRET)
    assert not is_authentic(HEX, a_request({"x-signature": "junk", "x-old-signature": signature}), SECRET)


def test_what_is_signed_may_be_more_than_the_body() -> None:
    url = b"https://hub.example.com/webhooks/toy/con_1"
    request = a_request(HEX.sign(url + BODY, SECRET))

    HEX.verify(request, url + BODY, [SECRET])
    with pytest.raises(NotAuthentic, match="does not match"):
        HEX.verify(request, BODY, [SECRET])


NO_KEYS = [("hex", "no hex"), ("hex", "abc"), ("base64", "!"), ("base64", "abcde")]


@pytest.mark.parametrize(("key", "secret"), NO_KEYS)
def test_a_secret_that_is_no_key_cannot_sign(key: Any, secret: str) -> None:
    with pytest.raises(Misconfigured, match=f"not {key}"):
        replace(HEX, key=key).sign(BODY, secret)


@pytest.mark.parametrize(("key", "secret"), NO_KEYS)
def test_a_secret_that_is_no_key_proves_nothing_and_does_not_stand_in_the_way_of_another(key: Any, secret: str) -> None:
    scheme = replace(HEX, key=key)
    request = a_request(scheme.sign(BODY, KEYS[key]))

    assert not is_authentic(scheme, request, secret)
    assert is_authentic(scheme, request, secret, KEYS[key])


@schemes
@pytest.mark.parametrize("junk", ["", " ", "é", "\ud800", "=", "====", "zz", "sha=", "sha==", "\x00", "0" * 100_000])
def test_junk_for_a_signature_is_refused_and_breaks_nothing(scheme: Hmac, junk: str) -> None:
    assert not is_authentic(scheme, a_request({"x-signature": junk}), KEYS[scheme.key])


def test_a_refusal_says_why_and_holds_no_secret() -> None:
    with pytest.raises(NotAuthentic) as refused:
        HEX.verify(a_request({"x-signature": "00"}), BODY, [SECRET])

    assert (refused.value.code, str(refused.value)) == ("NOT_AUTHENTIC", "the signature does not match")


@given(st.binary(), st.text(min_size=1), st.sampled_from(list(SCHEMES.values())))
def test_any_body_signed_with_any_secret_is_authentic_and_with_one_byte_more_is_not(
    body: bytes, secret: str, scheme: Hmac
) -> None:
    key = KEYS[scheme.key] if scheme.key != "text" else secret
    request = a_request(scheme.sign(body, key), body=body)

    assert is_authentic(scheme, request, key)
    assert not is_authentic(scheme, replace(request, body=body + b"\x00"), key)


# --- a token as it is -----------------------------------------------------------------------------------------------

PLACES: dict[str, tuple[StaticToken, dict[str, Any], dict[str, Any] | None]] = {
    "header": (StaticToken("header", "X-Token"), {"headers": {"x-token": SECRET}}, None),
    "header with a prefix": (
        StaticToken("header", "Authorization", prefix="Bearer "),
        {"headers": {"authorization": f"Bearer {SECRET}"}},
        None,
    ),
    "query": (StaticToken("query", "token"), {"query": {"token": SECRET}}, None),
    "path": (StaticToken("path"), {"path": f"/webhooks/toy/con_1/{SECRET}"}, None),
    "body": (StaticToken("body", "token"), {}, {"token": SECRET, "order": "A1"}),
}
in_each_place = pytest.mark.parametrize(("scheme", "told", "body"), list(PLACES.values()), ids=list(PLACES))


@in_each_place
def test_a_token_is_found_where_the_platform_puts_it(scheme: StaticToken, told: Any, body: Any) -> None:
    scheme.verify(a_request(**told), [SECRET], body)
    scheme.verify(a_request(**told), ["new", SECRET], body)


@in_each_place
@pytest.mark.parametrize("secrets", [["other"], [], [""], [SECRET[:-1]], [SECRET.upper()]], ids=repr)
def test_another_token_is_refused(scheme: StaticToken, told: Any, body: Any, secrets: list[str]) -> None:
    with pytest.raises(NotAuthentic):
        scheme.verify(a_request(**told), secrets, body)


@in_each_place
def test_no_token_is_refused_even_if_a_secret_is_empty(scheme: StaticToken, told: Any, body: Any) -> None:
    for nothing in (None, {}, {"token": ""}, {"token": None}, {"token": 1}, {"token": [SECRET]}):
        with pytest.raises(NotAuthentic):
            scheme.verify(a_request(path="/"), ["", SECRET], nothing)


@in_each_place
@pytest.mark.parametrize("junk", ["é", "\ud800", "\x00", "0" * 100_000])
def test_junk_for_a_token_is_refused_and_breaks_nothing(scheme: StaticToken, told: Any, body: Any, junk: str) -> None:
    request = a_request(headers={"x-token": junk, "authorization": junk}, query={"token": junk}, path=f"/{junk}")

    with pytest.raises(NotAuthentic):
        scheme.verify(request, [SECRET], {"token": junk})


def test_a_token_without_its_prefix_is_refused() -> None:
    scheme = StaticToken("header", "Authorization", prefix="Bearer ")

    with pytest.raises(NotAuthentic, match="does not start with 'Bearer '"):
        scheme.verify(a_request({"authorization": SECRET}), [SECRET])


def test_a_token_at_the_end_of_a_path_may_be_followed_by_a_slash() -> None:
    StaticToken("path").verify(a_request(path=f"/webhooks/{SECRET}/"), [SECRET])


def test_the_header_that_carries_a_token_is_named_as_the_platform_names_it() -> None:
    assert StaticToken("header", "X-Token", prefix="key ").sign(SECRET) == {"X-Token": f"key {SECRET}"}


# --- user and password ----------------------------------------------------------------------------------------------

USER = "hub:pass:word"


def basic_of(user: str) -> str:
    return Basic().sign(user)["authorization"]


def test_user_and_password_are_authentic() -> None:
    Basic().verify(a_request(Basic().sign(USER)), [USER])
    Basic().verify(a_request(Basic().sign(USER)), ["new:secret", USER])


def test_basic_is_written_as_the_standard_writes_it() -> None:
    assert Basic().sign("Aladdin:open sesame") == {"authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "Basic"])
def test_the_word_basic_may_be_in_any_case(scheme: str) -> None:
    given_text = base64.b64encode(USER.encode()).decode()

    Basic().verify(a_request({"authorization": f"{scheme}  {given_text} "}), [USER])


@pytest.mark.parametrize(
    "header",
    [
        *("", "Basic", "Basic ", "Basic !", "Basic é", "Basic \ud800", USER, f"Bearer {USER}", f"Basic {USER}"),
        *map(basic_of, ("hub:password", "hub:", ":pass:word", "HUB:pass:word", "")),
    ],
)
def test_any_other_authorization_is_refused(header: str) -> None:
    with pytest.raises(NotAuthentic):
        Basic().verify(a_request({"authorization": header}), [USER])


@pytest.mark.parametrize("secrets", [[], [""], ["other:secret"]], ids=repr)
def test_user_and_password_that_are_none_of_ours_are_refused(secrets: list[str]) -> None:
    with pytest.raises(NotAuthentic):
        Basic().verify(a_request(Basic().sign(USER)), secrets)


def test_nobody_is_refused_even_if_a_secret_is_empty() -> None:
    with pytest.raises(NotAuthentic):
        Basic().verify(a_request(Basic().sign("")), [""])
