"""The quarantine in the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from orderhub.errors import Reject, Retry
from orderhub.order.events import Raw
from orderhub.storage import orders, quarantine
from orderhub.storage.quarantine import Held
from tests.functional.conftest import NOW
from tests.functional.made import stored

HELD = Held(
    id="qm_1",
    platform="square",
    connection_id="con_1",
    kind="request",
    reason="odd",
    at=NOW,
    raw=Raw(b"\x00\xff\n[", {"content-type": "text/plain"}),
    about={"method": "POST", "query": {}},
)


def test_a_held_message_comes_back_as_it_was_put() -> None:
    assert quarantine.put(HELD)

    assert quarantine.get("qm_1") == HELD


def test_a_message_that_is_there_already_is_left_as_it_is() -> None:
    quarantine.put(HELD)

    assert not quarantine.put(replace(HELD, reason="another", at=NOW + timedelta(hours=1)))
    assert quarantine.get("qm_1") == HELD


def test_a_message_that_is_not_there_is_not_found() -> None:
    with pytest.raises(Reject) as refused:
        quarantine.get("qm_1")

    assert refused.value.code == "NOT_FOUND"


def test_a_large_message_comes_back_whole() -> None:
    large = replace(HELD, raw=Raw(b"x" * 500_000, {}))
    quarantine.put(large)

    assert quarantine.get("qm_1") == large


def test_a_long_reason_is_cut() -> None:
    quarantine.put(replace(HELD, reason="x" * 5000))

    assert quarantine.get("qm_1").reason == "x" * 1000


def test_the_list_tells_all_but_what_was_received() -> None:
    quarantine.put(HELD)

    assert quarantine.page().held == [replace(HELD, raw=Raw(b""))]


def test_the_list_is_oldest_first_in_pages() -> None:
    for number in (2, 0, 1):
        quarantine.put(replace(HELD, id=f"qm_{number}", at=NOW + timedelta(minutes=number)))

    first = quarantine.page(limit=2)
    rest = quarantine.page(limit=2, cursor=first.next_cursor)

    assert [held.id for held in first.held] == ["qm_0", "qm_1"]
    assert ([held.id for held in rest.held], rest.next_cursor) == (["qm_2"], None)


def test_a_cursor_of_another_list_is_refused() -> None:
    for number in range(2):
        stored(f"ord_{number}")
    cursor = orders.list_open("sto_1", limit=1).next_cursor

    with pytest.raises(Reject) as refused:
        quarantine.page(cursor=cursor)

    assert refused.value.code == "INVALID_CURSOR"


def test_orders_that_wait_are_not_in_the_list_nor_is_quarantine_among_them() -> None:
    quarantine.put(HELD)
    stored(accept_by=NOW)

    assert [held.id for held in quarantine.page().held] == ["qm_1"]
    assert orders.waiting(NOW + timedelta(days=9999)) == [("toy", NOW)]


def test_a_replayed_message_leaves_the_list_and_is_kept() -> None:
    quarantine.put(HELD)
    later = NOW + timedelta(hours=1)

    quarantine.mark_replayed("qm_1", later)

    assert quarantine.page().held == []
    assert quarantine.get("qm_1") == replace(HELD, replayed_at=later)


def test_marking_what_is_not_there_makes_nothing() -> None:
    with pytest.raises(Retry) as retry:
        quarantine.mark_replayed("qm_1", NOW)

    assert isinstance(retry.value.__cause__, ClientError)
    assert quarantine.page().held == []
