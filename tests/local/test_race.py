"""Twenty tablets, one order: of all who decide it in the same moment one wins, and the others are told who it was."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
import requests

from tests.local.hub import Json, RunningHub
from tests.local.line import Line, connect

ROUNDS = 5
# What each of ten people wants; everyone has two tablets and presses on both, and some tablets PUT what others POST.
WISHES = ("accept", "deny", "cancel") * 3 + ("accept",)
BODIES: dict[str, Json | None] = {
    "accept": None,
    "deny": {"reason": "STAFF_SHORTAGE"},
    "cancel": {"reason": "STORE_EMERGENCY"},
}
BECOMES = {"accept": "accepted", "deny": "denied", "cancel": "cancelled"}
AT_SQUARE = {"accepted": "RESERVED", "denied": "CANCELED", "cancelled": "CANCELED"}


@dataclass(frozen=True)
class Tablet:
    """A tablet in somebody's hand. person: as timelines name them."""

    person: str
    key: str
    method: str
    wish: str


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "square")


@pytest.fixture(scope="module")
def tablets(hub: RunningHub, line: Line) -> list[Tablet]:
    """Two for each of ten employees."""
    found = []
    for number, wish in enumerate(WISHES):
        who, name = f"emp_{number}", f"Person {number}"
        employee = {"name": name, "role": "store_employee"}
        assert hub.api("PUT", f"/stores/{line.store_id}/employees/{who}", employee).status_code == 201
        for method in ("PUT", "POST"):
            asked = {"name": method, "role": "store_employee", "stores": [line.store_id], "employee_id": who}
            key = str(hub.ask("POST", "/api-keys", asked)["key"])
            found.append(Tablet(f"{name} ({who})", key, method, wish))
    assert len(found) == 20
    return found


def own_order(hub: RunningHub, line: Line) -> str:
    """A new order of the store's own."""
    items = [{"name": "Tea", "sku": "TEA", "unit_price": 300}]
    return str(hub.ask("POST", "/orders", {"store_id": line.store_id, "items": items})["id"])


def race(
    hub: RunningHub, order_id: str, tablets: Sequence[Tablet], number: int, **headers: str
) -> list[tuple[Tablet, requests.Response]]:
    """Everyone presses in the same moment; what each tablet is answered. number: of the round, who stands first."""
    gate = Barrier(len(tablets))
    first = 7 * number % len(tablets)
    lined_up = [*tablets[first:], *tablets[:first]]

    def press(tablet: Tablet) -> requests.Response:
        gate.wait()
        path = f"/orders/{order_id}/{tablet.wish}"
        return hub.api(tablet.method, path, BODIES[tablet.wish], key=tablet.key, **headers)

    with ThreadPoolExecutor(len(tablets)) as hands:
        return list(zip(lined_up, hands.map(press, lined_up), strict=True))


def refusal(wish: str, status: str) -> str:
    """What those are told who come too late: an order that is accepted can still be cancelled, but not denied."""
    return "ORDER_NOT_MODIFIABLE" if (wish, status) == ("deny", "accepted") else "ORDER_ALREADY_PROCESSED"


def decided(hub: RunningHub, order_id: str, version: int, answers: Sequence[tuple[Tablet, requests.Response]]) -> str:
    """The status that the winner brought an order to, after all that has to be so of any race.

    version: that the order had before.
    """
    order = hub.order(order_id)
    assert order is not None
    status, winner = order["status"], order["status_by"]
    won = [tablet for tablet, reply in answers if reply.status_code == 200]
    # Both tablets of the one who won: the second of them changed nothing.
    assert {tablet.person for tablet in won} == {winner}
    assert [BECOMES[tablet.wish] for tablet in won] == [status, status]
    assert {(reply.json()["status"], reply.json()["version"]) for _, reply in answers if reply.ok} == {
        (status, version + 1)
    }

    for tablet, reply in answers:
        if tablet not in won:
            told = reply.json()
            assert (reply.status_code, told["error"]) == (409, refusal(tablet.wish, status)), told
            assert told["details"]["status"] == status

    changes = [one for one in hub.timeline(order_id) if "from" in one["summary"]]
    assert [(one["type"], one["effect"], one["cause"]["name"]) for one in changes] == [
        (f"order.{status}", "applied", winner)
    ]
    assert order["version"] == version + 1
    return str(status)


def test_of_twenty_who_decide_an_order_of_a_platform_one_wins_and_the_platform_hears_of_that_one(
    hub: RunningHub, line: Line, tablets: list[Tablet], measured: Callable[[str], None]
) -> None:
    made = [line.receive() for _ in range(ROUNDS)]
    won: dict[str, str] = {}
    codes = Counter[int]()
    for number, order in enumerate(made):
        order_id = line.order_id(order)
        before = hub.wait_for(order_id)["version"]
        answers = race(hub, order_id, tablets, number)
        won[order_id] = decided(hub, order_id, before, answers)
        codes.update(reply.status_code for _, reply in answers)

    for order in made:
        order_id = line.order_id(order)
        sync = hub.wait_told(order_id)["sync"]
        assert (sync["state"], sync["status"], sync["attempts"]) == ("confirmed", won[order_id], 1)
    for order in made:  # only now, so that whatever else is on its way is there too
        state = AT_SQUARE[won[line.order_id(order)]]
        written = [call["body"]["order"]["fulfillments"] for call in line.calls(order, "PUT")]
        assert [[one["state"] for one in fulfillments] for fulfillments in written] == [[state]]
        assert line.held(order)["fulfillments"][0]["state"] == state
    assert codes == {200: 2 * ROUNDS, 409: 18 * ROUNDS}
    measured(f"Square: {ROUNDS} orders, {dict(codes)}, won by {dict(Counter(won.values()))}")


def test_of_twenty_who_decide_an_order_of_our_own_one_wins(
    hub: RunningHub, line: Line, tablets: list[Tablet], measured: Callable[[str], None]
) -> None:
    won, codes = Counter[str](), Counter[int]()
    for number in range(ROUNDS):
        order_id = own_order(hub, line)
        answers = race(hub, order_id, tablets, ROUNDS + number)
        won[decided(hub, order_id, 1, answers)] += 1
        codes.update(reply.status_code for _, reply in answers)
        order = hub.order(order_id)
        assert order is not None
        assert order["sync"]["state"] == "not_needed"

    assert codes == {200: 2 * ROUNDS, 409: 18 * ROUNDS}
    measured(f"our own: {ROUNDS} orders, {dict(codes)}, won by {dict(won)}")


def test_of_twenty_who_name_the_version_that_they_saw_one_wins_and_the_others_are_told_the_new_one(
    hub: RunningHub, line: Line, tablets: list[Tablet], measured: Callable[[str], None]
) -> None:
    codes = Counter[int]()
    for number in range(2):
        order_id = own_order(hub, line)
        seen = hub.api("GET", f"/orders/{order_id}").headers["etag"]
        answers = race(hub, order_id, tablets, number, if_match=seen)
        codes.update(reply.status_code for _, reply in answers)

        (winner,) = [tablet for tablet, reply in answers if reply.ok]
        status = BECOMES[winner.wish]
        details = [reply.json()["details"] for _, reply in answers if reply.status_code == 412]
        assert details == [{"version": 2, "status": status}] * 19
        order = hub.order(order_id)
        assert order is not None
        assert (order["status"], order["status_by"], order["version"]) == (status, winner.person, 2)
        assert hub.told(order_id) == [("staff", "order.created", "applied"), ("staff", f"order.{status}", "applied")]
    measured(f"with If-Match: 2 orders, {dict(codes)}")
