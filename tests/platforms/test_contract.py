"""What all adapters stand on: requests, payload fields, and a platform that can do nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from inspect import signature
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry, Unsupported
from orderhub.order.ids import order_id
from orderhub.platforms.base import (
    Connection,
    Credentials,
    Operation,
    Platform,
    Settings,
    StoreRef,
    body_key,
    parse_as,
)
from orderhub.platforms.http_types import Answer, Call, Reply, Request, parse_json
from orderhub.platforms.payload import Id, NullAsEmpty, Payload, Text, unknown_fields
from tests.platforms.samples import MAIN_STORE, NOW

CALL = Call("GET", "https://api.example.com/")
DEPOT = StoreRef("sto_depot", "Europe/Helsinki", "EUR")
CONNECTION = Connection(
    id="con_1",
    platform="toy",
    credentials=Credentials(),
    settings=Settings(),
    default_store=MAIN_STORE,
    stores={"17": DEPOT},
)
REQUEST = Request("POST", "/webhooks/toy/con_1", {"x-topic": "orders", "x-empty": ""}, {}, b"{}", NOW)


class Nothing(Platform[Credentials, Settings]):
    slug = "nothing"
    name = "Nothing"
    docs_url = "https://example.com"
    why = {"refund": "it keeps the money"}


class Line(Payload):
    price: Decimal = Decimal(0)


class Sheet(Payload):
    id: Id
    note: Text = None
    lines: Annotated[list[Line], NullAsEmpty] = []
    first: Line | None = None


# --- JSON -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1.10}', {"a": Decimal("1.10")}),
        (b'{"a": 820982911946154508}', {"a": 820982911946154508}),
        (b'{"a": -0.0}', {"a": Decimal("-0.0")}),
        ('["é", null, true]'.encode(), ["é", None, True]),
        (b'"\\/"', "/"),
    ],
)
def test_json_keeps_all_the_digits_of_its_numbers(body: bytes, value: Any) -> None:
    assert parse_json(body) == value


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"{", b"{'a': 1}", b"<html>", b"\xff", b"\xef\xbb\xbf", b"[NaN]", b"[Infinity]", b"[-Infinity]"),
        *(b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5_000, b"0." + b"9" * 5_000),
        *(b"1e999999999", b"1e-999999999", b"-1E+99999999999999999999", b"0e99999999999999999999"),
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_or_no_number_of_this_world_goes_to_quarantine(body: bytes) -> None:
    with pytest.raises(Quarantine):
        parse_json(body)


@given(st.binary() | st.text().map(str.encode) | st.floats().map(lambda number: json.dumps(number).encode()))
def test_any_body_is_json_that_can_be_written_again_or_goes_to_quarantine(body: bytes) -> None:
    try:
        value = parse_json(body)
    except Quarantine:
        return
    assert json.loads(json.dumps(value, default=float)) == json.loads(body)


# --- requests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (("x-topic",), "orders"),
        (("X-Topic",), "orders"),
        (("topic", "x-topic"), "orders"),
        (("x-empty", "x-topic"), "orders"),
        (("x-empty",), None),
        (("topic",), None),
        ((), None),
    ],
)
def test_a_header_is_found_by_any_of_its_names(names: tuple[str, ...], value: str | None) -> None:
    assert REQUEST.header(*names) == value


def test_a_body_makes_a_key_with_what_it_is_about() -> None:
    other = replace(REQUEST, body=b"\xff")
    keys = {body_key(REQUEST), body_key(REQUEST, "A1"), body_key(other), body_key(other, "A1")}

    assert len(keys) == 4
    assert body_key(replace(REQUEST, headers={}), "A1") in keys


# --- payload fields -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"id": 820982911946154508}, Sheet(id="820982911946154508")),
        ({"id": " A1 "}, Sheet(id="A1")),
        ({"id": "1", "note": ""}, Sheet(id="1")),
        ({"id": "1", "note": "  "}, Sheet(id="1")),
        ({"id": "1", "note": 7}, Sheet(id="1", note="7")),
        ({"id": "1", "lines": None}, Sheet(id="1")),
        ({"id": "1", "lines": [{"price": "1.5"}]}, Sheet(id="1", lines=[Line(price=Decimal("1.5"))])),
    ],
)
def test_fields_are_read_whatever_form_they_come_in(told: dict[str, Any], read: Sheet) -> None:
    assert parse_as(Sheet, told) == read


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({}, "id"),
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"id": True}, "id"),
        ({"id": Decimal("1.5")}, "id"),
        ({"id": []}, "id"),
        ({"id": "\ud800"}, "id"),
        ({"id": "1", "note": {}}, "note"),
        ({"id": "1", "note": "\ud800"}, "note"),
        ({"id": "1", "lines": {}}, "lines"),
        ({"id": "1", "lines": [None]}, "lines.0"),
        ({"id": "1", "lines": [{}, {"price": "NaN"}]}, "lines.1.price"),
        ([], "Sheet"),
        (None, "Sheet"),
        ("text", "Sheet"),
    ],
    ids=repr,
)
def test_a_payload_that_does_not_fit_goes_to_quarantine_with_the_place(told: Any, place: str) -> None:
    with pytest.raises(Quarantine, match=f"not the documented shape of Sheet.*{place}"):
        parse_as(Sheet, told)


def test_a_quarantined_payload_names_three_places_at_most() -> None:
    with pytest.raises(Quarantine) as refused:
        parse_as(Sheet, {"id": "1", "lines": [None] * 100})

    assert str(refused.value).count("lines.") == 3


def test_fields_that_models_do_not_know_are_kept_and_named_once() -> None:
    sheet = parse_as(
        Sheet, {"id": "1", "new": 1, "lines": [{"price": 1, "size": "L"}, {"size": "M"}], "first": {"colour": "red"}}
    )

    assert unknown_fields(sheet) == ["new", "lines.size", "first.colour"]
    assert sheet.model_extra == {"new": 1}


def test_of_many_unknown_fields_the_first_few_are_named() -> None:
    sheet = parse_as(Sheet, {"id": "1", **{f"new{number}": 1 for number in range(1000)}})

    assert unknown_fields(sheet, at_most=3) == ["new0", "new1", "new2"]
    assert len(unknown_fields(sheet)) == 20


# --- connections ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("external_id", "store"), [("17", DEPOT), ("18", MAIN_STORE), ("", MAIN_STORE), (None, MAIN_STORE)]
)
def test_a_store_that_is_not_on_the_map_is_the_default_store_so_that_nothing_is_lost(
    external_id: str | None, store: StoreRef
) -> None:
    assert CONNECTION.store(external_id) == store


def test_a_connection_computes_the_ids_of_its_orders() -> None:
    assert CONNECTION.order_id("A1") == order_id("toy", "con_1", "A1")


@pytest.mark.parametrize("model", [Credentials, Settings])
def test_a_setting_that_does_not_exist_is_refused(model: type[Credentials | Settings]) -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        model.model_validate({"colour": "red"})


# --- a platform that can do nothing ---------------------------------------------------------------------------------


def test_a_platform_has_no_operation_but_those_it_names_a_function_for() -> None:
    class Accepts(Nothing):
        calls = {Operation.ACCEPT: "client.accept"}

    assert Nothing().capabilities == frozenset()
    assert Accepts().capabilities == {Operation.ACCEPT}


@pytest.mark.parametrize("operation", list(Operation))
def test_an_operation_that_is_not_there_says_so(operation: Operation) -> None:
    method = getattr(Nothing(), operation)

    with pytest.raises(Unsupported) as refused:
        method(**dict.fromkeys(signature(method).parameters))

    why = "it keeps the money" if operation == "refund" else "its API offers no such call"
    assert (refused.value.operation, refused.value.platform, refused.value.why) == (operation, "Nothing", why)
    assert why in str(refused.value)


@pytest.mark.parametrize("member", ["authenticate", "sign", "read", "to_order", "credentials_for"])
def test_what_every_platform_must_define_is_unsupported_until_it_does(member: str) -> None:
    method = getattr(Nothing(), member)

    with pytest.raises(Unsupported):
        method(**dict.fromkeys(signature(method).parameters))


def test_until_told_otherwise_quarantine_is_answered_with_success() -> None:
    assert Nothing().quarantine_answer(REQUEST) == Answer(200)


def test_until_told_otherwise_calls_carry_a_bearer_token_if_there_is_one() -> None:
    assert Nothing().authorize(CALL, CONNECTION, "abc").headers == {"Authorization": "Bearer abc"}
    assert Nothing().authorize(CALL, CONNECTION, None) == CALL
    assert Nothing().token_request(CONNECTION) is None


def test_the_address_of_the_api_is_a_setting() -> None:
    connection = replace(CONNECTION, settings=Settings(base_url="https://sandbox.example.com"))

    assert Nothing().base_url(connection) == "https://sandbox.example.com"


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        *((status, Retry, None) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, Misconfigured, None) for status in (401, 403)),
        *((status, Reject, f"HTTP_{status}") for status in (400, 404, 405, 409, 410, 422)),
    ],
)
def test_a_refusal_is_an_error_by_what_to_do_about_it(status: int, error: type[HubError], code: str | None) -> None:
    refusal = Nothing().refusal(Reply(status, {}, b""))

    assert type(refusal) is error
    assert getattr(refusal, "code", None) == code
    assert str(status) in str(refusal)
