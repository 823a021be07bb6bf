"""DynamoDB's rules of size and capacity, as the benchmarks count them."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.units import (
    Index,
    Table,
    Write,
    index_entry,
    index_units,
    item_size,
    read_units,
    stored_bytes,
    table_units,
    units_by_place,
    write_units,
)

OPEN = Index("open", ("open_pk", "open_sk"))
KEYS = Index("keys", ("open_pk", "open_sk"), frozenset())
SOME = Index("some", ("open_pk", "open_sk"), frozenset({"status"}))
TABLE = Table(("pk", "sk"), (OPEN,))


def order(size: int = 100, **attributes: str | None) -> dict[str, dict[str, str]]:
    """An open order whose `doc` has so many bytes."""
    own = {"pk": "O#1", "sk": "ORDER", "open_pk": "sto_1", "open_sk": "2026", "doc": "x" * size, **attributes}
    return {name: {"S": value} for name, value in own.items() if value is not None}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "é"}, 2),
        ({"N": "0"}, 2),
        ({"N": "7"}, 2),
        ({"N": "12"}, 2),
        ({"N": "123"}, 3),
        ({"N": "1000"}, 2),
        ({"N": "-12"}, 3),
        ({"N": "0.0012"}, 2),
        ({"B": base64.b64encode(b"12345").decode()}, 5),
        ({"B": b"12345"}, 5),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "22"]}, 4),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}]}, 6),
        ({"M": {}}, 3),
        ({"M": {"ab": {"S": "c"}}}, 7),
    ],
)
def test_a_value_counts_as_the_developer_guide_says(value: Any, size: int) -> None:
    assert item_size({"name": value}) == len("name") + size


def test_a_type_that_dynamodb_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="no type 'X'"):
        item_size({"name": {"X": "1"}})


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (2048, 2), (2049, 3)])
def test_each_kilobyte_begun_is_a_write_unit(size: int, units: int) -> None:
    assert write_units(size) == units


@pytest.mark.parametrize(
    ("size", "consistent", "units"),
    [(0, True, 1), (0, False, 0.5), (4096, True, 1), (4097, True, 2), (4097, False, 1), (12_000, False, 1.5)],
)
def test_each_four_kilobytes_begun_are_a_read_unit_or_half_of_one(size: int, consistent: bool, units: float) -> None:
    assert read_units(size, consistent=consistent) == units


def test_a_write_is_paid_by_the_larger_of_the_two_images() -> None:
    assert table_units(Write("t", "UpdateItem", order(3000), order(10))) == 3


def test_a_transaction_pays_twice() -> None:
    assert table_units(Write("t", "PutItem", None, order(1500), transactional=True)) == 4


def test_a_write_that_finds_nothing_is_paid_as_the_smallest_one() -> None:
    assert table_units(Write("t", "DeleteItem", None, None)) == 1


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        pytest.param(None, order(), 1, id="joins the index"),
        pytest.param(None, order(1500), 2, id="joins it with more than a kilobyte"),
        pytest.param(order(2500), order(2500, open_pk=None, open_sk=None), 3, id="leaves it: the old entry"),
        pytest.param(order(2500), None, 3, id="is deleted: the old entry"),
        pytest.param(order(), order(), 0, id="stays as it is"),
        pytest.param(order(1500), order(1501), 2, id="changes in place: once"),
        pytest.param(order(2500), order(10), 3, id="shrinks in place: the larger image"),
        pytest.param(order(1500), order(1500, open_sk="2027"), 4, id="moves: out and in"),
        pytest.param(order(open_sk=None), order(open_sk=None, status="ready"), 0, id="is not in it, for lack of a key"),
        pytest.param(None, None, 0, id="never was"),
    ],
)
def test_an_index_is_paid_for_what_becomes_of_its_entry(before: Any, after: Any, units: int) -> None:
    assert index_units(Write("t", "UpdateItem", before, after), TABLE, OPEN) == units


def test_an_index_is_paid_once_in_a_transaction_too() -> None:
    assert index_units(Write("t", "PutItem", None, order(), transactional=True), TABLE, OPEN) == 1


@pytest.mark.parametrize(("index", "units"), [(KEYS, 0), (SOME, 1), (OPEN, 2)])
def test_an_index_is_paid_only_for_attributes_that_it_holds(index: Index, units: int) -> None:
    write = Write("t", "UpdateItem", order(1500, status="incoming"), order(1500, status="accepted"))
    assert index_units(write, TABLE, index) == units


def test_an_entry_holds_the_keys_of_the_table_and_of_the_index_and_what_is_included() -> None:
    assert index_entry(order(status="ready"), TABLE, SOME) == {
        "pk": {"S": "O#1"},
        "sk": {"S": "ORDER"},
        "open_pk": {"S": "sto_1"},
        "open_sk": {"S": "2026"},
        "status": {"S": "ready"},
    }


def test_units_are_told_by_place_and_untouched_indexes_left_out() -> None:
    table = Table(("pk", "sk"), (OPEN, Index("day", ("day_pk", "day_sk"))))
    write = Write("t", "PutItem", None, order(), transactional=True)
    assert units_by_place(write, table) == {"table": 2, "open": 1}


def test_stored_bytes_are_those_of_the_item_and_its_entries_with_a_hundred_each() -> None:
    item = order()
    assert stored_bytes(item, TABLE) == 2 * (item_size(item) + 100)


@given(st.integers(0, 5000), st.integers(0, 5000), st.booleans())
def test_overwriting_is_never_cheaper_than_writing_anew(first: int, last: int, transactional: bool) -> None:
    direct = table_units(Write("t", "PutItem", None, order(last), transactional))
    overwriting = table_units(Write("t", "PutItem", order(first), order(last), transactional))
    assert overwriting >= direct
