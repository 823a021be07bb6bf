"""Timelines in the table, and what came with their events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderhub.order.events import Actor, Cause, Raw
from orderhub.storage import timelines
from orderhub.storage.timelines import Duplicate, Written
from tests.functional.conftest import NOW
from tests.functional.made import an_event

MINUTE = timedelta(minutes=1)


def test_a_timeline_tells_each_event_whole_and_oldest_first() -> None:
    first = an_event(key="b", at=NOW, summary={"to": "incoming"}, source_version="7", ref={"external_id": "A1"})
    second = an_event(key="a", at=NOW + MINUTE, version=3, cause=Cause(Actor.STAFF, "Robin (key_1)"))
    for event in (second, first, an_event("ord_2", "c")):
        timelines.add_event(event)

    assert timelines.timeline("ord_1") == [first, second]


def test_events_of_one_moment_are_told_by_version() -> None:
    for key, version in (("a", 2), ("b", 1), ("c", 3)):
        timelines.add_event(an_event(key=key, version=version))

    assert [event.key for event in timelines.timeline("ord_1")] == ["b", "a", "c"]


def test_an_event_counts_once() -> None:
    assert timelines.add_event(an_event()) == Written()
    assert timelines.add_event(an_event(at=NOW + MINUTE)) == Duplicate()
    assert timelines.timeline("ord_1") == [an_event()]


def test_the_same_key_at_another_order_is_another_event() -> None:
    assert [timelines.add_event(an_event(order_id)) for order_id in ("ord_1", "ord_2")] == [Written(), Written()]


def test_an_event_is_found_by_its_key() -> None:
    event = an_event(key="k-1", summary={"to": "ready"}, version=3)
    timelines.add_event(event)

    assert (timelines.get_event("ord_1", "k-1"), timelines.get_event("ord_1", "k-2")) == (event, None)


def test_what_came_with_an_event_comes_back_byte_for_byte() -> None:
    raw = Raw(b'{"line": "one\ntwo\n\n"}\n\x00\xff', {"x-name": "Zoë\nand a line", "x-empty": ""})
    timelines.add_event(an_event(raw=raw))

    assert timelines.received("ord_1", "k-1") == raw


def test_nothing_came_with_an_event_of_ours() -> None:
    timelines.add_event(an_event())

    assert timelines.received("ord_1", "k-1") is None
    assert timelines.received("ord_1", "k-2") is None


@pytest.mark.parametrize("key", ["x" * 5000, "é" * 100, "\ud800", "ключ", "x" * 200, "a#b", "\x00"])
def test_any_text_can_be_a_delivery_key(key: str) -> None:
    raw = Raw(b"{}", {})

    assert [timelines.add_event(an_event(key=key, raw=raw)) for _ in range(2)] == [Written(), Duplicate()]
    assert timelines.get_event("ord_1", key) is not None
    assert timelines.received("ord_1", key) == raw


def test_long_keys_that_differ_at_their_end_only_are_different() -> None:
    assert [timelines.add_event(an_event(key="x" * 5000 + end)) for end in "ab"] == [Written(), Written()]


def test_a_long_timeline_comes_whole() -> None:
    for number in range(60):
        timelines.add_event(an_event(key=f"{number:02d}", summary={"text": "x" * 30_000}))

    assert len(timelines.timeline("ord_1")) == 60
