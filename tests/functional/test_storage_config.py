"""The configuration table: versions, pages, claims."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderhub.errors import Reject
from orderhub.storage import config
from orderhub.storage.config import Collection, Entry
from tests.functional.cloud import items
from tests.functional.conftest import NOW

STORES, TOKENS = Collection.STORES, Collection.TOKENS
LEASE = timedelta(seconds=15)


def code_of(**put: object) -> str:
    with pytest.raises(Reject) as refused:
        config.put(STORES, "a", {}, **put)  # type: ignore[arg-type]
    return refused.value.code


def test_a_document_comes_back_as_it_was_stored() -> None:
    document = {"name": "Zoë's", "hours": [1, 2.5, None, {"deep": True}], "stores": {}}

    assert config.put(STORES, "a", document) == Entry("a", document, 1)
    assert config.get(STORES, "a") == Entry("a", document, 1)


def test_what_is_not_there_is_none() -> None:
    assert config.get(STORES, "a") is None


def test_collections_do_not_mix() -> None:
    config.put(STORES, "a", {})

    assert config.get(Collection.CONNECTIONS, "a") is None


def test_each_change_is_the_next_version() -> None:
    versions = [config.put(STORES, "a", {"n": number}).version for number in range(3)]

    assert versions == [1, 2, 3]


def test_a_change_of_the_version_that_is_there_is_stored() -> None:
    config.put(STORES, "a", {"n": 1})

    assert config.put(STORES, "a", {"n": 2}, expected_version=1) == Entry("a", {"n": 2}, 2)


@pytest.mark.parametrize("expected", [0, 2])
def test_a_change_of_another_version_is_refused(expected: int) -> None:
    config.put(STORES, "a", {"n": 1})

    assert code_of(expected_version=expected) == "VERSION_CONFLICT"
    assert config.get(STORES, "a") == Entry("a", {"n": 1}, 1)


def test_a_change_of_what_is_not_there_is_refused() -> None:
    assert code_of(expected_version=1) == "VERSION_CONFLICT"
    assert config.get(STORES, "a") is None


def test_a_new_document_is_stored_when_there_is_none() -> None:
    assert config.put(STORES, "a", {}, expected_version=0) == Entry("a", {}, 1)


def test_a_document_with_an_end_carries_it_for_the_table_to_drop_it() -> None:
    config.put(TOKENS, "a", {}, expires_at=NOW)

    assert [row["expires_at"] for row in items("ConfigTable")] == [int(NOW.timestamp())]


def test_a_removed_document_is_gone_and_removing_it_again_is_no_error() -> None:
    config.put(STORES, "a", {})

    for _ in range(2):
        config.delete(STORES, "a")

    assert config.get(STORES, "a") is None


def test_a_collection_is_listed_by_id_in_pages() -> None:
    for name in "cab":
        config.put(STORES, name, {})

    first = config.page(STORES, limit=2)
    second = config.page(STORES, limit=2, cursor=first.next_cursor)

    assert [entry.id for entry in first.entries] == ["a", "b"]
    assert ([entry.id for entry in second.entries], second.next_cursor) == (["c"], None)


def test_all_of_a_collection_is_all_of_it() -> None:
    for number in range(30):
        config.put(STORES, f"{number:02d}", {"text": "x" * 50_000})

    assert [entry.id for entry in config.every(STORES)] == [f"{number:02d}" for number in range(30)]


@pytest.mark.parametrize("cursor", ["x", "e30", "eyJhIjoxfQ", "W10"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Reject) as refused:
        config.page(STORES, cursor=cursor)

    assert refused.value.code == "INVALID_CURSOR"


def test_a_cursor_of_another_collection_is_refused() -> None:
    for name in "ab":
        config.put(Collection.API_KEYS, name, {})
    cursor = config.page(Collection.API_KEYS, limit=1).next_cursor

    with pytest.raises(Reject) as refused:
        config.page(STORES, cursor=cursor)

    assert refused.value.code == "INVALID_CURSOR"


def test_one_caller_at_a_time_has_the_right_to_renew() -> None:
    assert [config.claim(TOKENS, "a", NOW, LEASE) for _ in range(2)] == [True, False]


def test_a_claim_ends_by_itself() -> None:
    config.claim(TOKENS, "a", NOW, LEASE)

    assert not config.claim(TOKENS, "a", NOW + LEASE - timedelta(seconds=1), LEASE)
    assert config.claim(TOKENS, "a", NOW + LEASE + timedelta(seconds=1), LEASE)


def test_claims_of_different_documents_have_nothing_to_do_with_each_other() -> None:
    assert [config.claim(TOKENS, name, NOW, LEASE) for name in "ab"] == [True, True]


def test_a_claim_leaves_the_document_as_it_is() -> None:
    stored = config.put(TOKENS, "a", {"token": "t"})

    config.claim(TOKENS, "a", NOW, LEASE)

    assert config.get(TOKENS, "a") == stored


def test_what_is_only_claimed_is_an_empty_document() -> None:
    config.claim(TOKENS, "a", NOW, LEASE)

    assert config.get(TOKENS, "a") == Entry("a", {}, 0)
