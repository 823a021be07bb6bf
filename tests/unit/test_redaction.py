"""Secrets that a platform sent along: gone before anything is read or stored, and nothing else with them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from orderhub.intake.redaction import without_secrets
from orderhub.platforms.base import Connection, Credentials, Settings, StoreRef
from orderhub.platforms.http_types import Request
from tests.platforms.toy import Toy

SECRET, SHORT = "s3cret-of-the-shop", "k7"
PATH = "/webhooks/toy/con_1"


class Key(BaseModel):
    """One of several keys."""

    name: str
    value: SecretStr


class Safe(Credentials):
    """Credentials of every form there is."""

    client_id: str = "client-1"
    secret: SecretStr = SecretStr("")
    several: tuple[SecretStr, ...] = ()
    by_name: dict[str, SecretStr] = {}
    nested: Key | None = None
    listed: list[Key] = []
    maybe: SecretStr | None = None


def a_request(body: bytes = b"{}", **told: Any) -> Request:
    least = {"method": "POST", "path": PATH, "headers": {"content-type": "application/json"}, "query": {"page": "1"}}
    return Request(**{**least, "body": body, "received_at": datetime(2026, 10, 5, 15, tzinfo=UTC), **told})


def blanked(request: Request, *secrets: str, fields: tuple[str, ...] = (), safe: Safe | None = None) -> Request:
    """The request without secrets. fields: the platform's secret fields."""
    platform = type("Made", (Toy,), {"secret_fields": fields})()
    credentials = safe or Safe(several=tuple(map(SecretStr, secrets)))
    return without_secrets(request, platform, Connection("con_1", "toy", credentials, Settings(), StoreRef("sto_1")))


def body_of(body: str, *secrets: str, fields: tuple[str, ...] = ()) -> str:
    """A body without secrets."""
    return blanked(a_request(body.encode()), *secrets, fields=fields).body.decode()


# --- the body ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('{"token": "s3cret-of-the-shop"}', '{"token": "***"}'),
        ('{"token":"s3cret-of-the-shop","a":[{"b":"s3cret-of-the-shop"}]}', '{"token":"***","a":[{"b":"***"}]}'),
        ('{"auth": "Bearer s3cret-of-the-shop"}', '{"auth": "Bearer ***"}'),
        ("token=s3cret-of-the-shop&x=1", "token=***&x=1"),
        ('{"token": "s3cret-of-the-shop', '{"token": "***'),
        ("<html>s3cret-of-the-shop</html>", "<html>***</html>"),
        ('{"token": "S3CRET-OF-THE-SHOP"}', '{"token": "S3CRET-OF-THE-SHOP"}'),
        ("", ""),
    ],
)
def test_a_secret_is_blanked_wherever_it_stands_in_the_body(body: str, left: str) -> None:
    assert body_of(body, SECRET) == left


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        pytest.param('with "quotes" in it', r'"with \"quotes\" in it"', id="quotes"),
        pytest.param("with\\a backslash", r'"with\\a backslash"', id="a backslash"),
        pytest.param("backslash at the end\\", r'"backslash at the end\\"', id="a backslash at its end"),
        pytest.param("geheimer Schlüssel", r'"geheimer Schl\u00fcssel"', id="an umlaut as ASCII"),
        pytest.param("geheimer Schlüssel", '"geheimer Schlüssel"', id="an umlaut as it is"),
        pytest.param("key-ü", r'"key-\u00fc"', id="a short one with an umlaut as ASCII"),
        pytest.param("key-ü", '"key-ü"', id="a short one with an umlaut as it is"),
        pytest.param("qL2/x9+Z/7Tb==", '"qL2/x9+Z/7Tb=="', id="base64"),
        pytest.param("qL2/x9+Z/7Tb==", r'"qL2\/x9+Z\/7Tb=="', id="base64 as PHP writes it"),
    ],
)
def test_a_secret_is_blanked_however_json_writes_it(secret: str, written: str) -> None:
    assert json.loads(written) == secret
    assert body_of(f'{{"token": {written}, "id": 1}}', secret) == '{"token": "***", "id": 1}'


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('{"token": "k7", "id": "k7-1", "note": "desk7"}', '{"token": "***", "id": "k7-1", "note": "desk7"}'),
        ("token=k7", "token=k7"),
    ],
)
def test_a_short_secret_is_blanked_as_a_whole_text_only(body: str, left: str) -> None:
    assert body_of(body, SHORT) == left


def test_eight_characters_are_long_enough_to_be_blanked_anywhere() -> None:
    assert [body_of("x=1234567", "1234567"), body_of("x=12345678", "12345678")] == ["x=1234567", "x=***"]


def test_what_is_no_secret_stays() -> None:
    body = '{"client_id": "client-1", "name": "main", "secret": ""}'

    assert body_of(body, SECRET, "") == body


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    request = a_request(b"\xff\x00" + SECRET.encode() + b"\xfe")

    assert blanked(request, SECRET).body == b"\xff\x00***\xfe"


def test_of_two_secrets_of_which_one_begins_the_other_nothing_is_left() -> None:
    pairs = [(f"{number}-secret", f"{number}-secret-and-more") for number in range(20)]

    left = [body_of(f'{{"a": "x {longer}", "b": "x {one}"}}', one, longer) for one, longer in pairs]

    assert left == ['{"a": "x ***", "b": "x ***"}'] * 20


# --- the credentials --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "safe",
    [
        Safe(secret=SecretStr(SECRET)),
        Safe(several=(SecretStr("another-secret"), SecretStr(SECRET))),
        Safe(by_name={"main": SecretStr(SECRET)}),
        Safe(nested=Key(name="main", value=SecretStr(SECRET))),
        Safe(listed=[Key(name="old", value=SecretStr("old-secret")), Key(name="main", value=SecretStr(SECRET))]),
        Safe(maybe=SecretStr(SECRET)),
        Safe(secret=SecretStr(f" {SECRET}\n")),
    ],
)
def test_secrets_are_found_wherever_the_credentials_have_them(safe: Safe) -> None:
    request = a_request(f'{{"token": "{SECRET}", "client_id": "client-1", "name": "main"}}'.encode())

    assert blanked(request, safe=safe).json() == {"token": "***", "client_id": "client-1", "name": "main"}


# --- around the body --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (f"{PATH}/{SECRET}/make", f"{PATH}/***/make"),
        (f"{PATH}/{SECRET}", f"{PATH}/***"),
        (f"{PATH}/v1.{SECRET}", f"{PATH}/***"),
        (f"{PATH}/make", f"{PATH}/make"),
    ],
)
def test_a_secret_that_is_a_part_of_the_path_is_blanked(path: str, left: str) -> None:
    assert blanked(a_request(path=path), SECRET) == a_request(path=left)


def test_a_path_keeps_its_parts() -> None:
    assert blanked(a_request(path=f"{PATH}/{SECRET}/make"), SECRET).inner_path == ("***", "make")


def test_a_value_of_the_query_with_a_secret_in_it_is_blanked() -> None:
    request = a_request(query={"key": SECRET, "both": f"id:{SECRET}", "page": "2"})

    assert blanked(request, SECRET) == a_request(query={"key": "***", "both": "***", "page": "2"})


def test_a_header_with_a_secret_in_it_is_blanked() -> None:
    request = a_request(headers={"x-token": SECRET, "x-auth": f"Token {SECRET}", "x-event": "order"})

    assert blanked(request, SECRET) == a_request(headers={"x-token": "***", "x-auth": "***", "x-event": "order"})


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("k7", "***"),
        ("Bearer k7", "***"),
        ("desk7", "desk7"),
        ("k7, k8", "k7, k8"),
        ("back7", "back7"),
    ],
)
def test_a_short_secret_is_blanked_as_a_whole_value_or_after_a_scheme(value: str, left: str) -> None:
    request = a_request(headers={"x-token": value}, query={"key": value}, path=f"{PATH}/{value}")

    assert blanked(request, SHORT) == a_request(headers={"x-token": left}, query={"key": left}, path=f"{PATH}/{left}")


def test_all_places_are_blanked_at_once_and_the_rest_is_the_same_request() -> None:
    told = {"method": "PUT", "source_ip": "192.0.2.7"}
    request = a_request(
        f'["{SECRET}"]'.encode(), path=f"{PATH}/{SECRET}", query={"k": SECRET}, headers={"x-k": SECRET}, **told
    )

    expected = a_request(b'["***"]', path=f"{PATH}/***", query={"k": "***"}, headers={"x-k": "***"}, **told)
    assert blanked(request, SECRET) == expected


def test_what_has_no_secrets_in_it_is_blanked_to_itself() -> None:
    once = blanked(a_request(f'{{"token": "{SECRET}"}}'.encode(), query={"k": SECRET}), SECRET)

    assert blanked(once, SECRET) is once


# --- nothing to hide --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b'{"id": 1}', b'{"pin": 1}', b"\xff\x00"])
@pytest.mark.parametrize("fields", [(), ("restaurant_key",)])
@pytest.mark.parametrize("secrets", [(), (SECRET,), ("", "  ")])
def test_a_request_without_secrets_is_the_very_same_request(
    body: bytes, fields: tuple[str, ...], secrets: tuple[str, ...]
) -> None:
    request = a_request(body)

    assert blanked(request, *secrets, fields=fields) is request


# --- fields of the merchant's secrets ---------------------------------------------------------------------------------

FIELDS = ("restaurant_key", "a.b")


@pytest.mark.parametrize(
    ("body", "left"),
    [
        pytest.param('{"restaurant_key": "any"}', '{"restaurant_key": "***"}', id="its value"),
        pytest.param(
            '[{"restaurant_key":"a"},{"x":{"restaurant_key" : "b"}}]',
            '[{"restaurant_key":"***"},{"x":{"restaurant_key" : "***"}}]',
            id="wherever it is",
        ),
        pytest.param(r'{"restaurant_key": "a\"b\\", "id": 1}', '{"restaurant_key": "***", "id": 1}', id="escaped"),
        pytest.param('{"restaurant_key": ""}', '{"restaurant_key": "***"}', id="empty"),
        pytest.param('{"restaurant_key": null}', '{"restaurant_key": null}', id="none"),
        pytest.param('{"id": 1, "restaurant_key": "a', '{"id": 1, "restaurant_key": "***', id="cut off"),
        pytest.param('{"id": 1, "restaurant_key": "a\\', '{"id": 1, "restaurant_key": "***', id="cut off in an escape"),
        pytest.param('{"id": 1, "restaurant_key": "', '{"id": 1, "restaurant_key": "***', id="cut off before it"),
        pytest.param('{"restaurant_key": "a\n', '{"restaurant_key": "***', id="cut off after a line"),
        pytest.param('{"restaurant_key": "a" and so on', '{"restaurant_key": "***" and so on', id="broken"),
        pytest.param('{"the_restaurant_key": "a"}', '{"the_restaurant_key": "a"}', id="another name"),
        pytest.param('{"name": "restaurant_key", "x": "y"}', '{"name": "restaurant_key", "x": "y"}', id="no name"),
        pytest.param('{"a.b": "c", "axb": "c"}', '{"a.b": "***", "axb": "c"}', id="a name is no pattern"),
        pytest.param('{"restaurant_key": 4711, "id": 1}', '{"restaurant_key": "***", "id": 1}', id="a number"),
    ],
)
def test_the_value_of_a_secret_field_is_blanked_also_in_a_body_that_is_broken(body: str, left: str) -> None:
    assert body_of(body, fields=FIELDS) == left


def test_a_field_is_secret_for_its_platform_only() -> None:
    assert body_of('{"restaurant_key": "any"}', fields=("api_key",)) == '{"restaurant_key": "any"}'


@given(st.text(min_size=1), st.text(), st.booleans())
def test_a_body_of_json_is_json_still_and_differs_in_the_secret_field_alone(
    value: str, other: str, ascii_only: bool
) -> None:
    body = json.dumps({"restaurant_key": value, "other": other}, ensure_ascii=ascii_only)

    left = blanked(a_request(body.encode("utf-8", "surrogatepass")), fields=FIELDS).body

    assert json.loads(left.decode("utf-8", "surrogatepass")) == {"restaurant_key": "***", "other": other}


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=8).filter(lambda text: len(text.strip()) >= 8),
    st.booleans(),
)
def test_no_long_secret_is_left_in_a_body_of_json(secret: str, ascii_only: bool) -> None:
    body = json.dumps({"a": secret.strip(), "b": [secret.strip()]}, ensure_ascii=ascii_only).encode()

    left = blanked(a_request(body), secret).body

    assert json.loads(left) == {"a": "***", "b": ["***"]}
