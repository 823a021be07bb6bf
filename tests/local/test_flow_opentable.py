"""OpenTable over real HTTP: it asks for tables and the hub's answer is the booking; and Sync, which is only read."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from orderhub.order.ids import order_id
from tests.local.hub import TIMEOUT_SECONDS, Json, RunningHub, eventually
from tests.local.line import Line, connect

UPDATES = "/resoupdate/resoupdate"
GUEST_CENTER = "its Sync is for reading only: act in OpenTable's Guest Center"


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "opentable", settings={"seats": 20})


def ask(line: Line, event: str, order: Json, **more: Any) -> tuple[int, Json]:
    """A call of OpenTable; status and JSON of the answer. key: its request id."""
    reply = line.tell(event, order, **more)
    return reply.status_code, reply.json()


def booked(line: Line, **fields: Any) -> Json:
    """A reservation that OpenTable has made with the hub; its row, with the number."""
    return line.receive(line.new_order(**fields))


def updates(line: Line, order: Json) -> list[Json]:
    """The calls by which OpenTable was told of a reservation; its number is that of one restaurant only."""
    return [call for call in line.calls(order, path=UPDATES) if str(call["body"]["RID"]) == line.theirs]


def echoes(line: Line, order: Json) -> list[Json]:
    """What OpenTable was told of a reservation."""
    return [call["body"] for call in updates(line, order)]


def held(line: Line, order: Json) -> Json:
    """The reservation as OpenTable has it."""
    return line.hub.vendor("opentable", "GET", f"orders/{order['id']}")


def denied(hub: RunningHub, line: Line) -> list[Json]:
    orders: list[Json] = hub.ask("GET", f"/stores/{line.store_id}/orders?status=denied&limit=100")["orders"]
    return orders


def local_minute(order: Json) -> str:
    """The time of a reservation as an update has it."""
    return str(order["scheduled_time"])[:16].replace("T", " ")


# --- the hub keeps the book -------------------------------------------------------------------------------------------


def test_a_table_is_locked_booked_and_echoed(hub: RunningHub, line: Line) -> None:
    row = line.new_order(party_size=4)
    status, lock = ask(line, "lock", row)
    assert (status, lock["expiration_seconds"], lock["party_size"]) == (200, 180, 4)

    status, answer = ask(line, "make", row, lock_id=lock["lock_id"])
    row["confirmation_number"] = number = answer["confirmation_number"]
    assert (status, answer) == (
        200,
        {
            "confirmation_number": number,
            "rid": row["rid"],
            "date_time": row["scheduled_time"][:16],
            "party_size": 4,
        },
    )
    assert 0 < number < 2**31

    order = hub.wait_told(line.order_id(row))
    assert (order["status"], order["display_id"], order["external_id"]) == ("accepted", str(number), str(number))
    assert (order["fulfillment"], order["reservation"]["party_size"], order["items"]) == ("dine_in", 4, [])
    assert (order["store_id"], order["sync"]["state"]) == (line.store_id, "confirmed")
    assert datetime.fromisoformat(order["scheduled_for"]).astimezone(UTC).minute == int(row["scheduled_time"][14:16])
    (echo,) = echoes(line, row)
    assert (echo["ConfirmationNumber"], echo["RID"], echo["ReservationState"]) == (number, row["rid"], "Pending")
    assert (echo["DateTime"], echo["PartySize"], echo["SequenceNumber"]) == (local_minute(row), 4, 0)


def test_a_make_that_comes_twice_is_one_reservation_and_one_answer(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"seats": 20})
    row = line.new_order()
    first = line.tell("make", row, key="the-same")
    again = line.tell("make", row, key="the-same")
    other = line.tell("make", row, key="another")

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert other.json()["confirmation_number"] != first.json()["confirmation_number"]
    assert len(hub.open_orders(line.store_id)) == 2


def test_who_comes_to_a_full_house_is_sent_away_and_seen(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"seats": 6})
    row = line.new_order(party_size=4)
    assert ask(line, "make", row)[0] == 200
    status, answer = ask(line, "lock", {**row, "party_size": 3})
    assert (status, answer["error"]) == (409, "no_table")
    status, answer = ask(line, "make", {**row, "party_size": 3}, key="sent-away")
    assert (status, answer["error"], bool(answer["error_description"])) == (409, "no_table", True)
    assert ask(line, "make", {**row, "party_size": 3}, key="sent-away") == (status, answer)

    (order,) = denied(hub, line)
    assert (order["reservation"]["party_size"], order["status_reason"]["details"]) == (3, "full")
    assert (order["sync"]["state"], order["allowed_actions"]) == ("not_needed", [])
    assert ask(line, "make", {**row, "party_size": 2})[0] == 200


@pytest.mark.parametrize(
    ("settings", "fields", "error"),
    [
        ({"largest": 4}, {"party_size": 5}, "party_too_large"),
        ({"service": [["17:00", "21:00"]]}, {"scheduled_time": "2030-01-01T12:00:00"}, "closed"),
        ({"seats": 0}, {}, "no_table"),
        ({"mode": "sync"}, {}, "no_table"),
    ],
)
def test_a_table_is_given_out_by_the_rules_of_the_settings(
    hub: RunningHub, settings: Json, fields: Json, error: str
) -> None:
    line = connect(hub, "opentable", settings=settings)
    status, answer = ask(line, "lock", line.new_order(**fields))
    assert (status, answer["error"]) == (409, error)


def test_eight_at_once_never_overbook(hub: RunningHub, measured: Callable[[str], None]) -> None:
    line = connect(hub, "opentable", settings={"seats": 6})
    rows = [line.new_order(party_size=2, scheduled_time="2030-05-01T19:00:00") for _ in range(8)]

    def make(row: Json) -> requests.Response:
        """OpenTable asks again, as it does after a failure: three times in all."""
        asked = (line.tell("make", row, key=f"last-seats-{row['id']}") for _ in range(3))
        return next(reply for reply in asked if reply.status_code < 500)

    def check(row: Json) -> int:
        reply = requests.get(f"{line.url}/{line.secret}/frn", params={"rid": row["rid"]}, timeout=TIMEOUT_SECONDS)
        return reply.status_code

    with ThreadPoolExecutor(8) as diners:
        assert set(diners.map(check, rows)) == {200}, "as many processes as it takes are there"
        replies = list(diners.map(make, rows))
    measured(f"answers to 8 at once: {sorted(round(reply.elapsed.total_seconds() * 1000) for reply in replies)} ms")
    assert sorted(reply.status_code for reply in replies) == [200] * 3 + [409] * 5
    numbers = {reply.json()["confirmation_number"] for reply in replies if reply.status_code == 200}
    assert len(numbers) == 3
    assert {order["external_id"] for order in hub.open_orders(line.store_id)} == {str(number) for number in numbers}
    assert len(denied(hub, line)) == 5


def test_a_lock_that_has_run_out_is_still_tried(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"seats": 4, "hold_seconds": 1})
    row = line.new_order(party_size=4)
    status, lock = ask(line, "lock", row)
    assert status == 200
    # The seats of the first lock go to the second when it has run out, and to the first guests when that has, too.
    eventually(lambda: ask(line, "lock", row)[0], lambda status: status == 200)
    status, answer = eventually(lambda: ask(line, "make", row, lock_id=lock["lock_id"]), lambda told: told[0] == 200)
    assert answer["confirmation_number"] > 0
    assert ask(line, "make", row, lock_id=lock["lock_id"])[0] == 409


def test_a_diner_changes_time_and_party(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"seats": 8})
    row = booked(line, party_size=2, scheduled_time="2030-05-02T18:00:00")
    status, answer = ask(line, "update", row, date_time="2030-05-02T21:15", party_size=6)
    assert (status, answer["confirmation_number"], answer["party_size"]) == (200, row["confirmation_number"], 6)

    order = hub.wait_for(line.order_id(row), lambda order: order["reservation"]["party_size"] == 6)
    assert order["scheduled_for"] == "2030-05-03T02:15:00Z", "21:15 in Chicago"
    assert order["status"] == "accepted"
    status, answer = ask(line, "update", row, party_size=9)
    assert status == 409, "as many as there are seats, and no more"
    assert ask(line, "make", {**row, "party_size": 8})[0] == 200, "the seats of the old time are free"


def test_a_diner_cancels(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"seats": 4})
    row = booked(line, party_size=4)
    hub.wait_told(line.order_id(row))
    answer = {"confirmation_number": row["confirmation_number"], "rid": row["rid"]}
    assert ask(line, "cancel", row) == (200, answer)
    assert ask(line, "cancel", row) == (200, answer), "once more, as another request"

    order = hub.wait_for(line.order_id(row), lambda order: order["status"] == "cancelled")
    assert order["allowed_actions"] == []
    assert [echo["ReservationState"] for echo in echoes(line, row)] == ["Pending"], "OpenTable knows"
    assert ask(line, "update", row)[0] == 409
    assert ask(line, "cancel", {**row, "confirmation_number": 1})[1]["error"] == "unknown_reservation"
    assert ask(line, "make", row)[0] == 200, "the seats are free"


def test_a_late_retry_of_a_make_does_not_bring_a_cancelled_reservation_back(hub: RunningHub) -> None:
    line = connect(hub, "opentable")
    row = line.new_order()
    first = line.tell("make", row, key="late")
    row["confirmation_number"] = first.json()["confirmation_number"]
    ask(line, "cancel", row)
    assert line.tell("make", row, key="late").content == first.content
    assert hub.open_orders(line.store_id) == []


def test_the_check_after_failures(hub: RunningHub, line: Line) -> None:
    def check(rid: str, secret: str = line.secret) -> tuple[int, Any]:
        reply = hub.http.get(f"{line.url}/{secret}/frn", params={"rid": rid}, timeout=TIMEOUT_SECONDS)
        return reply.status_code, reply.json()

    assert check(line.theirs) == (200, {"rid": int(line.theirs), "online": True})
    assert check("12") == (400, {"error": "ECannotFindRestaurant"})
    assert check(line.theirs, "a-guess")[0] == 401


def test_without_a_secret_every_call_is_refused(hub: RunningHub) -> None:
    line = connect(hub, "opentable", webhook_secrets=[])
    row = line.new_order()
    assert [line.tell(event, row).status_code for event in ("lock", "make")] == [401, 401]
    assert line.post(b"{}", url=f"{line.url}/make").status_code == 401
    assert hub.open_orders(line.store_id) == []
    assert denied(hub, line) == []


def test_a_booking_that_cannot_be_read_is_refused_and_never_booked(hub: RunningHub) -> None:
    line = connect(hub, "opentable")
    status, answer = ask(line, "make", line.new_order(), date_time="tomorrow at eight")
    assert (status, answer["error"]) == (409, "not_understood")

    shown = hub.orderhub("quarantine", "list", "--json", "--limit", "1000")
    (kept,) = [one for one in json.loads(shown.stdout) if one["connection_id"] == line.id]
    assert line.secret not in shown.stdout
    hub.orderhub("quarantine", "replay", kept["id"])
    assert hub.open_orders(line.store_id) == []


# --- what staff do ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "state", "there"),
    [
        ({"reason": "KITCHEN_CLOSED", "details": "A burst pipe"}, "Cancelled", "Canceled"),
        ({"reason": "OTHER", "details": "No show"}, "NoShow", "NoShow"),
    ],
)
def test_staff_cancel_and_opentable_is_told(hub: RunningHub, line: Line, reason: Json, state: str, there: str) -> None:
    row = booked(line)
    hub.wait_told(line.order_id(row))
    line.act(row, "cancel", reason)
    order = hub.wait_told(line.order_id(row))
    assert (order["status"], order["sync"]["state"]) == ("cancelled", "confirmed")
    assert [echo["ReservationState"] for echo in echoes(line, row)] == ["Pending", state]
    assert held(line, row)["state"] == there


def test_seats_of_a_reservation_that_staff_cancelled_are_given_out_again(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"seats": 4})
    row = booked(line, party_size=4)
    assert ask(line, "make", row)[0] == 409
    line.act(row, "cancel", {"reason": "CUSTOMER_REQUEST"})
    assert ask(line, "make", row)[0] == 200


def test_guests_are_seated(hub: RunningHub, line: Line) -> None:
    row = booked(line)
    hub.wait_told(line.order_id(row))
    ready = line.act(row, "ready")
    assert (ready["status"], ready["sync"]["state"]) == ("ready", "unsupported")
    line.act(row, "picked_up")
    order = hub.wait_told(line.order_id(row))
    assert (order["status"], order["sync"]["state"]) == ("picked_up", "confirmed")
    assert [echo["ReservationState"] for echo in echoes(line, row)] == ["Pending", "Seated"]
    done = line.act(row, "complete")
    assert (done["status"], done["sync"]["state"]) == ("completed", "unsupported")
    assert held(line, row)["state"] == "Seated"


def test_staff_move_a_reservation(hub: RunningHub, line: Line) -> None:
    row = booked(line)
    hub.wait_told(line.order_id(row))
    later = (datetime.now(UTC) + timedelta(days=2)).replace(hour=23, minute=30, second=0, microsecond=0)
    hub.ask("PATCH", f"/orders/{line.order_id(row)}/ready-time", {"ready_at": later.isoformat()})
    order = hub.wait_told(line.order_id(row))
    assert order["sync"]["state"] == "confirmed"
    moved = held(line, row)["scheduled_time"]
    assert moved[11:] in ("17:30:00", "18:30:00"), "23:30 UTC in Chicago"
    assert echoes(line, row)[-1]["DateTime"] == moved[:16].replace("T", " ")


def test_opentable_s_database_is_down_for_a_while(hub: RunningHub) -> None:
    line = connect(hub, "opentable")
    hub.vendor("opentable", "POST", "faults", {"match": {"body_contains": line.theirs}, "status": 404, "times": 2})
    row = booked(line)
    order = hub.wait_told(line.order_id(row))
    assert (order["sync"]["state"], order["sync"]["attempts"]) == ("confirmed", 3)
    calls = updates(line, row)
    assert [call["status"] for call in calls] == [404, 404, 200]
    assert len({call["headers"]["X-Request-Id"] for call in calls}) == 1


# --- OpenTable keeps the book -----------------------------------------------------------------------------------------


def test_reservations_are_read_and_nothing_is_told(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"mode": "sync", "page_size": 2})
    states = {"Booked": "accepted", "Not Confirmed": "incoming", "Seated": "picked_up", "DONE": "completed"}
    rows = [line.hold(line.new_order(state=state)) for state in states]
    ids = {row["state"]: order_id("opentable", line.id, row["id"]) for row in rows}
    line.ask_for_a_poll()
    read = {state: hub.wait_for(one)["status"] for state, one in ids.items()}
    assert read == states

    for one in (ids["Booked"], ids["Not Confirmed"]):
        cancelled = hub.ask("PUT", f"/orders/{one}/cancel", {"reason": "CUSTOMER_REQUEST"})
        assert (cancelled["sync"]["state"], GUEST_CENTER in cancelled["sync"]["detail"]) == ("unsupported", True)
    made = hub.vendor("opentable", "GET", "calls")["calls"]
    about = [call for call in made if line.theirs in json.dumps([call["path"], call["query"], call["body"]])]
    assert {call["method"] for call in about} == {"GET"}


def test_a_no_show_who_came_after_all(hub: RunningHub) -> None:
    line = connect(hub, "opentable", settings={"mode": "sync"})
    row = line.hold(line.new_order(state="NoShow"))
    one = order_id("opentable", line.id, row["id"])
    line.ask_for_a_poll()
    assert hub.wait_for(one)["status_reason"]["details"] == "The guests did not come"
    hub.vendor("opentable", "PATCH", f"orders/{row['id']}", {"state": "Seated"})
    line.ask_for_a_poll()
    assert hub.wait_for(one, lambda order: order["status"] == "picked_up")["status_reason"] is None
