"""Orders and timelines in the table: each access pattern, each guard."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orderhub.errors import Reject, Retry
from orderhub.order.models import Order, Sync, SyncState
from orderhub.order.status import CLOSED, OPEN, Status
from orderhub.storage import links, orders, timelines
from orderhub.storage.aws import client
from orderhub.storage.links import SOURCE
from orderhub.storage.orders import Conflict
from orderhub.storage.timelines import Duplicate, Written
from tests.functional.cloud import items
from tests.functional.conftest import NOW, Clock
from tests.functional.made import an_event, changed, store, stored
from tests.unit.made import an_item, an_order

MINUTE = timedelta(minutes=1)


def ids(found: list[Order]) -> list[str]:
    return [order.id for order in found]


def listed(store_id: str = "sto_1", **more: Any) -> list[str]:
    return ids(list(orders.list_open(store_id, **{"limit": 100, **more}).orders))


def of_day(day: date, store_id: str = "sto_1") -> list[str]:
    return ids(list(orders.list_day(store_id, day, limit=100).orders))


# --- one order -------------------------------------------------------------------------------------------------------


def test_an_order_comes_back_as_it_was_written() -> None:
    order = stored(items=[an_item(notes="très épicé 🌶")], placed_at=NOW, source={"generation": "v1"}, notes="\x00")

    assert orders.get("ord_1") == order


def test_an_order_that_is_not_there_is_none() -> None:
    assert orders.get("ord_1") is None
    assert orders.view("ord_1") is None


def test_an_order_and_its_event_are_written_together_or_not_at_all() -> None:
    timelines.add_event(an_event(key="k-1"))

    assert orders.write(an_order(version=1), an_event(key="k-1")) == Duplicate()
    assert orders.get("ord_1") is None


def test_a_new_order_meets_one_that_is_there() -> None:
    first = stored()

    assert orders.write(an_order(version=1), an_event(key="k-2")) == Conflict(first)
    assert timelines.get_event("ord_1", "k-2") is None


def test_a_change_of_another_version_than_the_one_that_is_there_meets_what_is_there() -> None:
    second = store(changed(stored(), notes="two"))

    assert orders.write(second, an_event(key="k-3")) == Conflict(second)
    assert timelines.get_event("ord_1", "k-3") is None


def test_a_change_of_an_order_that_is_gone_meets_nothing() -> None:
    assert orders.write(an_order(version=2), an_event()) == Conflict(None)
    assert items() == []


def test_a_repeat_is_a_duplicate_although_the_order_has_moved_on() -> None:
    order = stored()
    store(changed(order))

    assert orders.write(order, an_event(key="v1")) == Duplicate()


def test_while_another_transaction_has_the_item_the_write_waits_and_tries_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = client("dynamodb").transact_write_items, iter([False, False, True])

    def busy(**given: Any) -> Any:
        if next(tries):
            return real(**given)
        raise cancelled("None", "TransactionConflict")

    monkeypatch.setattr(client("dynamodb"), "transact_write_items", busy)

    assert orders.write(an_order(version=1), an_event()) == Written()
    assert len(clock.slept) == 2


def test_a_write_that_never_gets_its_turn_is_to_be_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(**_: Any) -> None:
        raise cancelled("None", "TransactionConflict")

    monkeypatch.setattr(client("dynamodb"), "transact_write_items", busy)

    with pytest.raises(Retry, match="too many writers"):
        orders.write(an_order(version=1), an_event())


def cancelled(*codes: str) -> ClientError:
    response: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(response, "TransactWriteItems")


# --- what the platform has confirmed ---------------------------------------------------------------------------------


def asked(version: int = 1) -> Sync:
    return Sync(state=SyncState.PENDING, version=version, status=Status.ACCEPTED)


def confirm(version: int) -> Sync:
    sync = Sync(state=SyncState.CONFIRMED, version=version, status=Status.ACCEPTED, attempts=1, at=NOW)
    link = links.claim("ord_1", SOURCE, NOW, MINUTE)
    assert link is not None
    links.finish(links.Link("ord_1", SOURCE, sync=sync))
    return sync


def test_an_order_is_shown_with_what_its_platform_has_confirmed() -> None:
    stored(sync=asked())
    told = confirm(1)

    shown = [orders.view("ord_1"), *orders.list_open("sto_1", limit=10).orders]

    assert [order and order.sync for order in shown] == [told, told]


def test_what_was_confirmed_of_an_earlier_change_does_not_hide_that_a_newer_one_waits() -> None:
    confirm(1)
    stored(sync=asked(2))

    shown = [orders.view("ord_1"), *orders.list_open("sto_1", limit=10).orders]

    assert [order and order.sync for order in shown] == [asked(2), asked(2)]


def test_an_order_nobody_was_told_of_is_shown_without() -> None:
    stored()

    shown = orders.view("ord_1")

    assert shown is not None
    assert shown.sync == Sync()


# --- open orders of a store ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_an_order_is_listed_as_open_until_it_ends(status: Status) -> None:
    stored(status=status)

    assert listed() == (["ord_1"] if status in OPEN else [])


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_an_order_that_ends_leaves_the_list_and_one_that_is_corrected_comes_back(status: Status) -> None:
    first = stored()
    ended = store(changed(first, status=status))
    assert listed() == []

    store(changed(ended, status=Status.READY))
    assert listed() == ["ord_1"]


def test_open_orders_are_listed_by_the_time_they_were_placed() -> None:
    for name, minutes in (("b", 2), ("a", 3), ("c", 1)):
        stored(name, placed_at=NOW + minutes * MINUTE)

    assert listed() == ["c", "b", "a"]


def test_an_order_without_a_time_is_listed_by_when_it_came() -> None:
    stored("a", placed_at=NOW + MINUTE)
    stored("b", created_at=NOW)

    assert listed() == ["b", "a"]


def test_each_store_has_a_list_of_its_own() -> None:
    stored("a", store_id="sto_1")
    stored("b", store_id="sto_2")

    assert (listed("sto_1"), listed("sto_2"), listed("sto_3")) == (["a"], ["b"], [])


def test_an_order_that_moves_to_another_store_moves_to_its_list() -> None:
    store(changed(stored("a", store_id="sto_1"), store_id="sto_2"))

    assert (listed("sto_1"), listed("sto_2")) == ([], ["a"])


def test_a_long_list_comes_in_pages() -> None:
    for number in range(5):
        stored(f"ord_{number}", placed_at=NOW + number * MINUTE)

    pages, cursor = [], None
    while True:
        page = orders.list_open("sto_1", limit=2, cursor=cursor)
        pages.append(ids(list(page.orders)))
        cursor = page.next_cursor
        if cursor is None:
            break

    assert [one for one in pages if one] == [["ord_0", "ord_1"], ["ord_2", "ord_3"], ["ord_4"]]


def test_orders_that_end_between_two_pages_do_not_disturb_the_next_page() -> None:
    made = [stored(f"ord_{number}", placed_at=NOW + number * MINUTE) for number in range(4)]
    cursor = orders.list_open("sto_1", limit=2).next_cursor
    store(changed(made[1], status=Status.CANCELLED))

    assert listed(cursor=cursor) == ["ord_2", "ord_3"]


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "bm90IGpzb24", "W10", "eyJhIjoxfQ", "bnVsbA", "ÿ", "e30"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Reject) as refused:
        orders.list_open("sto_1", limit=2, cursor=cursor)

    assert refused.value.code == "INVALID_CURSOR"


def test_a_cursor_of_another_kind_of_list_is_refused() -> None:
    for number in range(3):
        stored(f"ord_{number}", placed_at=NOW)
    cursor = orders.list_day("sto_1", NOW.date(), limit=1).next_cursor

    with pytest.raises(Reject) as refused:
        orders.list_open("sto_1", limit=1, cursor=cursor)

    assert refused.value.code == "INVALID_CURSOR"


def test_a_cursor_of_another_store_is_refused() -> None:
    for number in range(3):
        stored(f"ord_{number}", store_id="sto_2")
    cursor = orders.list_open("sto_2", limit=1).next_cursor

    with pytest.raises(Reject) as refused:
        orders.list_open("sto_1", limit=1, cursor=cursor)

    assert refused.value.code == "INVALID_CURSOR"


# --- orders of a day -------------------------------------------------------------------------------------------------


def test_an_order_belongs_to_the_day_at_its_store() -> None:
    late = NOW.replace(hour=3, minute=30)  # 23:30 of the day before in New York
    store(an_order(id="a", version=1, placed_at=late), time_zone="America/New_York")
    store(an_order(id="b", version=1, placed_at=late), time_zone="Europe/Helsinki")

    assert (of_day(date(2026, 10, 4)), of_day(date(2026, 10, 5))) == (["a"], ["b"])


def test_a_day_lists_newest_first_and_keeps_what_has_ended() -> None:
    stored("a", placed_at=NOW)
    ended = store(changed(stored("b", placed_at=NOW + MINUTE), status=Status.COMPLETED))

    found = orders.list_day("sto_1", NOW.date(), limit=10).orders

    assert ids(list(found)) == ["b", "a"]
    assert found[0] == ended


def test_a_change_that_does_not_speak_of_the_day_leaves_it(clock: Clock) -> None:
    order = stored(placed_at=NOW)
    assert orders.write(changed(order, status=Status.READY), an_event(key="v2")) == Written()

    assert of_day(NOW.date()) == ["ord_1"]


def test_an_order_whose_time_is_corrected_moves_to_its_day() -> None:
    store(changed(stored(placed_at=NOW), placed_at=NOW - timedelta(days=1)))

    assert (of_day(NOW.date()), of_day(NOW.date() - timedelta(days=1))) == ([], ["ord_1"])


def test_a_full_page_of_a_day_comes_at_once() -> None:
    for number in range(61):  # each is two reads, of which DynamoDB takes 100 at once
        stored(f"ord_{number:03d}", placed_at=NOW + number * MINUTE / 100, sync=asked())

    first = orders.list_day("sto_1", NOW.date(), limit=60)
    rest = orders.list_day("sto_1", NOW.date(), limit=60, cursor=first.next_cursor)

    assert len(first.orders) == 60
    assert ids([*first.orders, *rest.orders]) == [f"ord_{number:03d}" for number in reversed(range(61))]


# --- what waits for an answer ----------------------------------------------------------------------------------------


def test_incoming_orders_wait_until_they_have_to_be_answered() -> None:
    for number in range(20):
        stored(f"ord_{number}", accept_by=NOW + number * MINUTE)
    stored("accepted", status=Status.ACCEPTED, accept_by=NOW)
    stored("no deadline")

    assert sorted(orders.waiting(NOW + 3 * MINUTE)) == [("toy", NOW + number * MINUTE) for number in range(3)]


def test_an_order_that_is_answered_waits_no_longer() -> None:
    store(changed(stored(accept_by=NOW), status=Status.ACCEPTED))

    assert orders.waiting(NOW + MINUTE) == []
