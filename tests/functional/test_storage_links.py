"""Links: one worker at a time, and nothing that was confirmed is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from orderhub.order.models import Sync, SyncState
from orderhub.order.status import Status
from orderhub.storage import links
from orderhub.storage.links import SOURCE, Link
from tests.functional.conftest import NOW

LEASE = timedelta(seconds=75)
FIRST = Link("ord_1", SOURCE)
CONFIRMED = Sync(state=SyncState.CONFIRMED, version=2, status=Status.ACCEPTED, attempts=1, at=NOW)


def claimed(order_id: str = "ord_1", target: str = SOURCE, seconds: float = 0) -> Link | None:
    return links.claim(order_id, target, NOW + timedelta(seconds=seconds), LEASE)


def test_a_link_that_was_never_used_knows_nothing() -> None:
    assert claimed() == FIRST


def test_a_link_that_is_held_is_given_to_nobody_else() -> None:
    assert [claimed(), claimed()] == [FIRST, None]


def test_a_worker_that_died_holds_a_link_no_longer_than_its_lease() -> None:
    claimed()

    assert claimed(seconds=74) is None
    assert claimed(seconds=76) == FIRST


def test_a_link_that_was_let_go_can_be_claimed_at_once() -> None:
    claimed()
    links.release(FIRST)

    assert claimed() == FIRST


def test_what_is_saved_on_the_way_outlives_the_worker() -> None:
    claimed()
    saved = replace(FIRST, state={"status": "accepted", "offer": ""}, ids={"job": "7"})
    links.save(saved)

    assert claimed() is None
    assert claimed(seconds=76) == saved


def test_finishing_saves_and_lets_go_at_once() -> None:
    claimed()
    done = replace(FIRST, state={"status": "ready"}, sync=CONFIRMED)
    links.finish(done)

    assert claimed() == done


def test_letting_go_keeps_what_was_saved() -> None:
    saved = replace(FIRST, state={"status": "ready"}, sync=CONFIRMED)
    links.finish(saved)
    claimed()

    links.release(FIRST)

    assert claimed() == saved


def test_links_to_different_targets_and_of_different_orders_do_not_mix() -> None:
    links.finish(replace(FIRST, state={"status": "ready"}))

    assert claimed(target="courier") == Link("ord_1", "courier")
    assert claimed("ord_2") == Link("ord_2", SOURCE)
