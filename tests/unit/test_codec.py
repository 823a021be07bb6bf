"""Values as DynamoDB items and back, bodies as bytes, positions as text."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.errors import Reject
from orderhub.order.events import Raw
from orderhub.order.models import Customer
from orderhub.storage.codec import (
    from_cursor,
    from_item,
    pack,
    pack_raw,
    to_cursor,
    to_item,
    to_json,
    unpack,
    unpack_raw,
)
from orderhub.storage.vocabulary import WORDS
from tests.unit.made import an_item, an_order

VALUES = st.one_of(st.text(), st.integers(min_value=-(10**30), max_value=10**30), st.binary())
HEADERS = st.dictionaries(st.text(), st.text())


@given(st.dictionaries(st.text(min_size=1), VALUES))
def test_an_item_comes_back_as_its_values(values: dict[str, Any]) -> None:
    assert from_item(to_item(values)) == values


def test_each_kind_of_value_has_its_notation() -> None:
    assert to_item({"text": "a", "number": 7, "bytes": b"x"}) == {
        "text": {"S": "a"},
        "number": {"N": "7"},
        "bytes": {"B": b"x"},
    }


def test_what_is_not_there_is_left_out() -> None:
    assert to_item({"a": None, "b": 0, "c": ""}) == {"b": {"N": "0"}, "c": {"S": ""}}


@given(st.binary())
def test_what_was_packed_comes_back(data: bytes) -> None:
    assert unpack(pack(data)) == data


def test_the_words_never_change_for_what_is_stored_cannot_be_read_with_others() -> None:
    assert (len(WORDS), hashlib.sha256(WORDS).hexdigest()[:16]) == (2539, "53cbcf636ebab07f")


def test_what_was_compressed_without_them_is_read_too() -> None:
    assert unpack(zlib.compress(b'{"id":"ord_1"}')) == b'{"id":"ord_1"}'


@pytest.mark.parametrize("data", [b"", pack(b"an order")[:-1], zlib.compress(b"an order")[:-1], b"an order"])
def test_what_is_no_whole_document_is_refused(data: bytes) -> None:
    with pytest.raises(zlib.error):
        unpack(data)


def test_an_order_is_a_third_smaller_than_by_compression_alone() -> None:
    document = an_order(customer=Customer(name="Lena", phone="+15550100"), items=[an_item(), an_item(id="itm_2")])
    text = document.model_dump_json(exclude_defaults=True).encode()

    assert len(pack(text)) < len(zlib.compress(text)) * 2 / 3


def test_packing_makes_json_small() -> None:
    body = json.dumps([{"name": "Pizza", "quantity": 1, "price": 900}] * 100).encode()

    assert len(pack(body)) < len(body) / 10


@given(st.binary(), HEADERS)
def test_what_was_received_comes_back_byte_for_byte(body: bytes, headers: dict[str, str]) -> None:
    assert unpack_raw(pack_raw(Raw(body, headers))) == Raw(body, headers)


def test_json_is_compact() -> None:
    assert to_json({"a": [1, None]}) == '{"a":[1,null]}'


# --- cursors ----------------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_a_cursor_leads_to_the_key_it_was_made_of(key: dict[str, str]) -> None:
    assert from_cursor(to_cursor(to_item(key))) == to_item(key)


@pytest.mark.parametrize("key", [None, {}])
def test_at_the_end_of_a_list_there_is_no_cursor(key: Any) -> None:
    assert to_cursor(key) is None
    assert from_cursor(None) is None


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_a_cursor_can_stand_in_a_url_as_it_is(key: dict[str, str]) -> None:
    cursor = to_cursor(to_item(key))

    assert cursor is not None
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(min_size=1))
def test_any_text_is_a_cursor_of_ours_or_is_refused(text: str) -> None:
    try:
        key = from_cursor(text)
    except Reject as refused:
        assert refused.code == "INVALID_CURSOR"  # noqa: PT017  (either will do)
    else:
        assert key is not None
        assert all(set(value) == {"S"} for value in key.values())


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_a_cursor_that_holds_something_else_is_refused(value: Any) -> None:
    text = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    with pytest.raises(Reject) as refused:
        from_cursor(text or "x")
    assert refused.value.code == "INVALID_CURSOR"
