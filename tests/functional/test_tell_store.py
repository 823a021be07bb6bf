"""Making platforms as staff want them to be: told once, told again after a failure, and reopened in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhub.actions import due
from orderhub.actions.tell_store import tell_store
from orderhub.actions.worker import Task
from orderhub.errors import Reject, Retry
from orderhub.platforms.base import Done, StoreStatus
from orderhub.platforms.registry import load
from orderhub.storage import config, wishes
from orderhub.storage.config import Collection
from tests.functional.cloud import items, waiting
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, function, queue_url

PATH = f"/v1/stores/{STORE}/status"
UNTIL = "2026-10-05T15:30:00Z"
PAUSE = {"is_open": False, "until": UNTIL, "reason": "STAFF_SHORTAGE"}
OPEN = {"is_open": True}


def ask(hub: Hub, change: dict[str, Any]) -> int:
    """Staff ask, and the hub does what follows; how many messages come back."""
    assert hub.api("PUT", PATH, change).status == 200
    return hub.run()


def minute(hub: Hub) -> int:
    """The schedule's work, and what follows."""
    function("schedules.due")({"source": "aws.scheduler"}, None)
    return hub.run()


def row(hub: Hub) -> dict[str, Any]:
    (found,) = hub.api("GET", PATH).json["platforms"]
    return dict(found)


def told(hub: Hub, slug: str = "uber_eats") -> list[Any]:
    """The bodies of what a platform was told."""
    return [call["body"] for call in hub.vendors.calls(slug) if "status" in call["path"]]


def wish(connection_id: str) -> dict[str, Any]:
    """The stored wish."""
    (found,) = [item for item in items() if item["sk"] == f"STATUS#{connection_id}"]
    return found


def fail(hub: Hub, times: int = 1, **fault: Any) -> None:
    hub.vendors.control(
        "POST", "uber_eats/faults", {"match": {"path_contains": "update-store-status"}, "times": times, **fault}
    )


# --- told -------------------------------------------------------------------------------------------------------------


def test_the_platform_is_told_of_a_pause_with_its_end_and_reason(hub: Hub, uber: str, clock: Clock) -> None:
    assert ask(hub, PAUSE) == 0

    assert told(hub) == [{"status": "OFFLINE", "reason": "STAFF_SHORTAGE", "is_offline_until": UNTIL}]
    assert row(hub)["sync"] == {
        "state": "confirmed",
        "detail": "offline",
        "attempts": 1,
        "at": clock.now.isoformat().replace("+00:00", "Z"),
    }
    assert "held_until" not in wish(uber)


@pytest.mark.usefixtures("uber")
def test_reopening_tells_no_reason(hub: Hub) -> None:
    ask(hub, PAUSE)
    ask(hub, OPEN)

    assert told(hub)[1:] == [{"status": "ONLINE"}]
    assert (row(hub)["is_open"], row(hub)["sync"]["detail"]) == (True, "online")


def test_a_message_that_comes_again_calls_nobody(hub: Hub, uber: str) -> None:
    ask(hub, PAUSE)
    (place,) = [one.place for one in wishes.of_store(STORE).values()]
    before = wish(uber)

    wishes.send([place, place])

    assert (hub.run(), len(told(hub)), wish(uber)) == (0, 1, before)


@pytest.mark.usefixtures("uber")
def test_of_changes_that_nobody_was_told_of_yet_the_last_counts(hub: Hub) -> None:
    hub.api("PUT", PATH, PAUSE)
    hub.api("PUT", PATH, OPEN)

    assert hub.run() == 0
    assert told(hub) == [{"status": "ONLINE"}]


def test_every_store_of_the_platform_that_is_ours_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def note(status: StoreStatus, *_: Any) -> Done:
        seen.append(status.store_external_id)
        return Done(f"told {status.store_external_id}")

    monkeypatch.setattr(load("doordash"), "set_store_status", note, raising=False)
    hub.add_store("sto_other")
    hub.connect("doordash", stores={"two": STORE, "one": STORE, "three": "sto_other"})

    ask(hub, PAUSE)

    assert seen == ["one", "two"]
    assert row(hub)["sync"]["detail"] == "told one; told two"


@pytest.mark.usefixtures("uber")
def test_what_staff_change_while_the_platform_is_being_told_is_told_as_well(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def change_meanwhile(status: StoreStatus, *_: Any) -> Done:
        seen.append(status.is_open)
        if len(seen) == 1:
            hub.api("PUT", PATH, OPEN)
        return Done("told")

    monkeypatch.setattr(load("uber_eats"), "set_store_status", change_meanwhile, raising=False)

    assert ask(hub, PAUSE) == 0
    assert seen == [False, True]
    assert (row(hub)["is_open"], row(hub)["sync"]["state"]) == (True, "confirmed")


# --- not told ---------------------------------------------------------------------------------------------------------


def test_a_platform_that_is_down_is_told_when_it_is_back(hub: Hub, uber: str, clock: Clock) -> None:
    fail(hub, status=503)

    assert ask(hub, PAUSE) == 1
    assert (row(hub)["sync"]["state"], row(hub)["sync"]["attempts"]) == ("retrying", 1)
    assert "held_until" not in wish(uber)

    clock.wait(minutes=5)
    assert hub.run() == 0
    assert (row(hub)["sync"]["state"], row(hub)["sync"]["attempts"]) == ("confirmed", 2)
    assert row(hub)["last_error"] == {"detail": "Uber Eats answered 503", "at": "2026-10-05T15:00:00Z"}


@pytest.mark.usefixtures("uber")
def test_a_refusal_is_final(hub: Hub) -> None:
    fail(hub, status=404)

    assert ask(hub, PAUSE) == 0

    sync = row(hub)["sync"]
    assert (sync["state"], sync["attempts"]) == ("failed", 1)
    assert row(hub)["last_error"]["detail"] == sync["detail"]
    assert hub.run() == 0
    assert len(told(hub)) == 1


@pytest.mark.usefixtures("uber")
def test_credentials_that_are_refused_show_as_failed_and_are_tried_again(hub: Hub, clock: Clock) -> None:
    fail(hub, status=403)

    assert ask(hub, PAUSE) == 1
    assert row(hub)["sync"]["state"] == "failed"

    clock.wait(minutes=10)
    assert (hub.run(), row(hub)["sync"]["state"]) == (0, "confirmed")


@pytest.mark.usefixtures("uber")
def test_a_bug_of_an_adapter_shows_to_staff_and_comes_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall_over(*_: Any) -> Done:
        raise KeyError("oops")

    monkeypatch.setattr(load("uber_eats"), "set_store_status", fall_over, raising=False)

    assert ask(hub, PAUSE) == 1
    assert row(hub)["sync"]["detail"] == "the adapter failed: KeyError"


def test_a_platform_that_can_not_do_it_as_it_is_set_up_says_so(hub: Hub) -> None:
    hub.connect("petpooja", settings={"store_status_url": ""})

    assert ask(hub, PAUSE) == 0

    assert row(hub)["sync"]["state"] == "unsupported"
    assert row(hub)["last_error"] is None


def test_a_connection_that_is_removed_meanwhile_ends_it(hub: Hub, uber: str) -> None:
    hub.api("PUT", PATH, PAUSE)
    config.delete(Collection.CONNECTIONS, uber)

    assert hub.run() == 0
    assert wish(uber)["state"] == "failed"


def test_a_store_that_is_taken_off_the_map_meanwhile_is_not_told(hub: Hub, uber: str) -> None:
    hub.add_store("sto_other")
    hub.api("PUT", PATH, PAUSE)
    moved = {"stores": {"elsewhere": "sto_other"}, "default_store_id": "sto_other"}
    assert hub.api("PATCH", f"/v1/connections/{uber}", moved).status == 200

    assert hub.run() == 0
    assert (told(hub), wish(uber)["state"]) == ([], "failed")


def test_where_no_store_is_on_the_map_the_refusal_says_so(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(status: StoreStatus, *_: Any) -> Done:
        assert status.store_external_id == ""
        raise Reject("HTTP_404", "Uber Eats answered 404")

    hub.connect("uber_eats", stores={})
    monkeypatch.setattr(load("uber_eats"), "set_store_status", refuse, raising=False)

    ask(hub, PAUSE)

    assert row(hub)["sync"]["detail"] == "Uber Eats answered 404; no store of Uber Eats is on this connection's map"


# --- two workers ------------------------------------------------------------------------------------------------------


def test_two_workers_never_tell_at_once(hub: Hub, uber: str, clock: Clock) -> None:
    hub.api("PUT", PATH, PAUSE)
    found = wishes.get(STORE, f"STATUS#{uber}")
    assert found is not None
    assert wishes.claim(found, clock.now, timedelta(seconds=75)) is not None

    assert (hub.run(), told(hub)) == (1, [])

    clock.wait(76)  # the other never came back
    assert (hub.run(), len(told(hub))) == (0, 1)


def test_a_wish_that_changes_without_end_is_let_go(hub: Hub, uber: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def change_meanwhile(*_: Any) -> Done:
        hub.api("PUT", PATH, PAUSE)
        return Done()

    monkeypatch.setattr(load("uber_eats"), "set_store_status", change_meanwhile, raising=False)
    hub.api("PUT", PATH, PAUSE)
    task = Task({"platform": "uber_eats", "store_id": STORE, "wish": f"STATUS#{uber}"}, 1)

    with pytest.raises(Retry, match="faster"):
        tell_store(task)

    assert "held_until" not in wish(uber)


# --- the schedule -----------------------------------------------------------------------------------------------------


def test_a_pause_ends_by_itself(hub: Hub, uber: str, clock: Clock) -> None:
    ask(hub, PAUSE)
    clock.wait(minutes=29)
    minute(hub)
    assert (row(hub)["is_open"], len(told(hub))) == (False, 1)

    clock.wait(minutes=2)
    assert minute(hub) == 0

    found = row(hub)
    assert (found["is_open"], found["until"], found["reason"]) == (True, None, None)
    assert found["changed_by"] == "the hub, as the time was over"
    assert found["sync"]["state"] == "confirmed"
    assert told(hub)[1:] == [{"status": "ONLINE"}]
    assert "work_pk" not in wish(uber)


@pytest.mark.usefixtures("uber")
def test_a_pause_is_ended_once(hub: Hub, clock: Clock) -> None:
    ask(hub, PAUSE)
    clock.wait(minutes=31)
    for _ in range(3):
        minute(hub)
        clock.wait(minutes=1)

    assert len(told(hub)) == 2


@pytest.mark.usefixtures("uber")
def test_a_pause_that_staff_prolonged_does_not_end_when_it_was_to(hub: Hub, clock: Clock) -> None:
    ask(hub, PAUSE)
    ask(hub, {**PAUSE, "until": "2026-10-05T17:00:00Z"})
    clock.wait(minutes=31)

    minute(hub)

    assert (row(hub)["is_open"], len(told(hub))) == (False, 2)


@pytest.mark.usefixtures("uber")
def test_a_pause_without_an_end_stays(hub: Hub, clock: Clock) -> None:
    ask(hub, {"is_open": False})
    clock.wait(days=30)

    minute(hub)

    assert row(hub)["is_open"] is False


@pytest.mark.usefixtures("uber")
def test_a_pause_that_ended_before_the_platform_heard_of_it_is_no_pause(hub: Hub, clock: Clock) -> None:
    hub.api("PUT", PATH, PAUSE)
    clock.wait(minutes=31)
    hub.run()

    assert told(hub) == [{"status": "ONLINE"}]
    minute(hub)
    assert (row(hub)["is_open"], row(hub)["sync"]["state"]) == (True, "confirmed")


def test_a_pause_of_a_platform_that_can_not_be_told_ends_on_the_screen(hub: Hub, square: str, clock: Clock) -> None:
    ask(hub, PAUSE)
    clock.wait(minutes=31)

    assert minute(hub) == 0
    assert (row(hub)["is_open"], row(hub)["sync"]["state"]) == (True, "unsupported")
    assert "work_pk" not in wish(square)


def test_the_schedule_asks_again_for_what_no_worker_has_taken_but_not_each_minute(
    hub: Hub, uber: str, clock: Clock
) -> None:
    hub.api("PUT", PATH, PAUSE)
    assert len(waiting(queue_url("tell_store"))) == 1  # and lost
    found = []
    for _ in range(5):
        clock.wait(minutes=1)
        function("schedules.due")({}, None)
        found.append(len(waiting(queue_url("tell_store"))))

    assert found == [0, 0, 1, 0, 0]
    assert wish(uber)["version"] == 1


@pytest.mark.usefixtures("uber")
def test_the_schedule_leaves_alone_what_is_told(hub: Hub, clock: Clock) -> None:
    ask(hub, {"is_open": False})
    clock.wait(minutes=10)

    function("schedules.due")({}, None)

    assert waiting(queue_url("tell_store")) == []


def test_what_failed_comes_from_the_queue_alone(hub: Hub, uber: str, clock: Clock) -> None:
    fail(hub, times=100, status=503)
    ask(hub, {"is_open": False})
    clock.wait(minutes=10)

    assert wishes.due(clock.now) == []
    assert wish(uber)["state"] == "retrying"


def test_items_whose_names_begin_alike_are_told_apart(uber: str) -> None:
    def asked(sku: str) -> wishes.Asked:
        return wishes.Asked(
            uber, "uber_eats", sku, on=False, until=None, reason=None, external_id=None, by="Emil", at=NOW
        )

    wishes.put(STORE, [asked("A"), asked(f"A#{uber}")])

    assert [wish.sku for wish in wishes.of_item(STORE, "A").values()] == ["A"]
    assert [wish.sku for wish in wishes.of_item(STORE, f"A#{uber}").values()] == [f"A#{uber}"]


def test_one_work_that_fails_keeps_no_other_from_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def fall_over() -> None:
        done.append("first")
        raise Retry("DynamoDB is busy")

    monkeypatch.setattr(due, "WORKS", (fall_over, lambda: done.append("second")))

    with pytest.raises(Retry, match="busy"):
        function("schedules.due")({}, None)
    assert done == ["first", "second"]
