"""When a platform does not take what it is told: tried again, looked at again, or said to staff. Never lost."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.models import SyncState
from orderhub.order.status import Status
from orderhub.platforms.registry import load
from orderhub.storage import queues
from tests.functional.cloud import Cloud, aws
from tests.functional.conftest import Clock, Metrics
from tests.functional.hub import Hub, queue_url
from tests.functional.test_push_status import act, paths, pushes, synced, tell
from tests.functional.vendors import PLATFORMS

ATTEMPTS = 12


@pytest.fixture
def order_id(hub: Hub, uber: str, clock: Clock) -> str:
    """An order of Uber Eats that waits for an answer. Nothing has been called since it came."""
    received = hub.receive(uber)
    hub.vendors.control("DELETE", "uber_eats/calls")
    clock.wait(60)
    return received


def uber_id() -> str:
    return PLATFORMS["uber_eats"].external_id(PLATFORMS["uber_eats"].order(1))


def at_uber(hub: Hub, **changes: Any) -> None:
    """Something happens to the order on Uber's side."""
    hub.vendors.control("PATCH", f"uber_eats/orders/{uber_id()}", changes)


def give_up(hub: Hub, clock: Clock) -> int:
    """Lets time pass until nothing comes back; how many attempts that took."""
    for attempt in range(1, 10 * ATTEMPTS):
        clock.wait(minutes=10)
        hub.run()
        if not in_flight("push_status"):
            return attempt
    raise AssertionError("it is tried for ever")


def in_flight(queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws("sqs").get_queue_attributes(QueueUrl=queue_url(queue), AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


# --- passing ---------------------------------------------------------------------------------------------------------


def test_three_errors_and_then_a_success_end_confirmed(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.fault("uber_eats", match={"path_contains": "/accept"}, status=500, times=3)

    comes_back = [tell(hub, order_id, "accept")]
    while comes_back[-1]:
        assert synced(hub, order_id)[0] is SyncState.RETRYING
        clock.wait(60)
        comes_back.append(hub.run())

    assert comes_back == [1, 1, 1, 0]
    assert paths(hub) == [("accept", 500), ("accept", 500), ("accept", 500), ("accept", 200)]
    assert synced(hub, order_id) == (SyncState.CONFIRMED, "accepted", 4)


def test_the_timeline_tells_each_attempt(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.fault("uber_eats", match={"path_contains": "/accept"}, status=500, times=1)
    tell(hub, order_id, "accept")
    clock.wait(60)
    hub.run()

    assert pushes(hub, order_id) == [
        (
            "push.retrying",
            "failed",
            {"status": "accepted", "attempt": 1, "code": "RETRY", "reason": "Uber Eats answered 500"},
        ),
        ("push.confirmed", "applied", {"status": "accepted", "attempt": 2}),
    ]


def test_no_answer_at_all_is_tried_again(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.down = True
    assert tell(hub, order_id, "accept") == 1
    assert synced(hub, order_id)[:2] == (SyncState.RETRYING, "Uber Eats does not answer: ConnectionError")

    hub.vendors.down = False
    clock.wait(60)

    assert hub.run() == 0
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_a_call_that_had_its_effect_before_the_answer_was_lost_ends_confirmed(
    hub: Hub, order_id: str, clock: Clock
) -> None:
    hub.vendors.fault("uber_eats", match={"path_contains": "/accept"}, status=502, times=1, after_effect=True)
    assert tell(hub, order_id, "accept") == 1
    clock.wait(60)

    assert hub.run() == 0

    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_a_retry_after_is_honoured(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.fault(
        "uber_eats", match={"path_contains": "/accept"}, status=429, headers={"Retry-After": "300"}, times=1
    )
    assert tell(hub, order_id, "accept") == 1

    clock.wait(295)
    assert (hub.run(), paths(hub)) == (0, [("accept", 429)])

    clock.wait(10)
    assert (hub.run(), paths(hub)) == (0, [("accept", 429), ("accept", 200)])


def test_a_platform_that_never_answers_is_a_failure_on_the_order_in_the_end(
    hub: Hub, order_id: str, clock: Clock, cloud: Cloud, metrics: Metrics
) -> None:
    hub.vendors.control("PATCH", "uber_eats/settings", {"accept_within_seconds": 10**7})
    hub.vendors.fault("uber_eats", match={"path_contains": "/accept"}, status=503, times=100)
    metrics()
    tell(hub, order_id, "accept")
    give_up(hub, clock)

    assert synced(hub, order_id) == (SyncState.FAILED, "Uber Eats answered 503", ATTEMPTS)
    assert pushes(hub, order_id)[-1][0] == "push.failed"
    assert metrics()["ActionFailed uber_eats"] == [1]
    assert queues.depth(cloud.ids["PushStatusDLQ"]) == 1


def test_a_bug_of_ours_is_a_failure_on_the_order_in_the_end(
    hub: Hub, order_id: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("total")

    monkeypatch.setattr(type(load("uber_eats")), "accept", fail)
    tell(hub, order_id, "accept")
    give_up(hub, clock)

    assert synced(hub, order_id)[0] is SyncState.FAILED
    assert pushes(hub, order_id)[-1][0] == "push.failed"


def test_messages_put_back_after_a_fix_end_confirmed(hub: Hub, order_id: str, clock: Clock, cloud: Cloud) -> None:
    hub.vendors.control("PATCH", "uber_eats/settings", {"accept_within_seconds": 10**7})
    hub.vendors.fault("uber_eats", match={"path_contains": "/accept"}, status=503, times=100)
    tell(hub, order_id, "accept")
    give_up(hub, clock)
    hub.vendors.control("DELETE", "uber_eats/faults")

    queues.redrive(cloud.ids["PushStatusDLQ"], cloud.ids["PushStatusQueue"])
    hub.run()

    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


# --- final -----------------------------------------------------------------------------------------------------------


def test_an_order_the_platform_no_longer_knows_is_a_failure_on_the_order_and_in_the_timeline(
    hub: Hub, order_id: str, metrics: Metrics
) -> None:
    hub.vendors.control("POST", "uber_eats/reset")

    assert tell(hub, order_id, "accept") == 0

    why = "Uber Eats answered 404 resource_not_found: Order not found"
    assert synced(hub, order_id) == (SyncState.FAILED, why, 1)
    assert pushes(hub, order_id) == [
        (
            "push.failed",
            "failed",
            {"status": "accepted", "attempt": 1, "code": "RESOURCE_NOT_FOUND", "reason": why},
        )
    ]


def test_an_offer_that_has_run_out_is_a_failure_and_the_order_is_shown_as_cancelled(
    hub: Hub, order_id: str, clock: Clock
) -> None:
    clock.wait(minutes=11)

    assert tell(hub, order_id, "accept") == 0

    state, why, _ = synced(hub, order_id)
    assert state is SyncState.FAILED
    assert why is not None
    assert "400" in why
    assert hub.order(order_id).status is Status.CANCELLED
    assert ("order.cancelled", "applied") in hub.told(order_id)


def test_a_refusal_is_final_and_not_tried_again(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.control("POST", "uber_eats/reset")
    tell(hub, order_id, "accept")
    made = len(hub.vendors.made("uber_eats"))

    clock.wait(hours=5)
    hub.run()

    assert len(hub.vendors.made("uber_eats")) == made


def test_after_a_failure_staff_may_press_the_button_again(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.fault("uber_eats", match={"path_contains": "/accept"}, status=404, times=1)
    tell(hub, order_id, "accept")
    assert synced(hub, order_id)[0] is SyncState.FAILED
    clock.wait(5)

    tell(hub, order_id, "accept")

    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_refused_credentials_are_a_failure_that_a_person_can_mend(hub: Hub, clock: Clock) -> None:
    square = hub.connect("square")
    order_id = hub.receive(square)
    good = PLATFORMS["square"].credentials(PLATFORMS["square"].secret)
    assert hub.api("PATCH", f"/v1/connections/{square}", {"credentials": {**good, "access_token": "x"}}).status == 200

    assert tell(hub, order_id, "accept") == 1
    state, why, _ = synced(hub, order_id)
    assert (state, "401" in (why or "")) == (SyncState.FAILED, True)

    assert hub.api("PATCH", f"/v1/connections/{square}", {"credentials": good}).status == 200
    clock.wait(305)
    assert hub.run() == 0
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_an_order_of_a_connection_that_was_removed_is_a_failure_on_the_order(
    hub: Hub, uber: str, order_id: str
) -> None:
    assert hub.api("DELETE", f"/v1/connections/{uber}").status == 204

    assert tell(hub, order_id, "accept") == 0

    assert synced(hub, order_id)[:2] == (SyncState.FAILED, f"there is no connection {uber}")


# --- refused, and yet ------------------------------------------------------------------------------------------------


def test_what_the_platform_refuses_because_it_is_there_already_is_confirmed(hub: Hub, order_id: str) -> None:
    at_uber(hub, state="ACCEPTED")

    assert tell(hub, order_id, "accept") == 0

    assert paths(hub)[-1] == ("accept", 400)
    assert synced(hub, order_id)[0] is SyncState.CONFIRMED
    assert hub.order(order_id).status is not Status.INCOMING


def test_an_order_that_was_accepted_on_a_tablet_while_we_refused_it_is_shown_as_it_is(hub: Hub, order_id: str) -> None:
    at_uber(hub, state="ACCEPTED")

    assert tell(hub, order_id, "deny", {"reason": "OUT_OF_STOCK"}) == 0

    assert synced(hub, order_id)[0] in (SyncState.FAILED, SyncState.CONFIRMED)
    ended = hub.vendors.held("uber_eats", uber_id())["order"]["state"]
    assert (synced(hub, order_id)[0] is SyncState.CONFIRMED) == (ended == "FAILED")


def test_an_order_that_the_customer_cancelled_meanwhile_is_shown_as_cancelled(hub: Hub, order_id: str) -> None:
    at_uber(hub, state="FAILED", failure_info={"reason": "CANCELED", "failure_attributed_to_party": "CUSTOMER"})

    assert tell(hub, order_id, "accept") == 0

    assert hub.order(order_id).status is Status.CANCELLED
    assert synced(hub, order_id)[0] is SyncState.FAILED
    assert [kind for kind, _ in hub.told(order_id)][-2:] in (
        ["order.cancelled", "push.failed"],
        ["push.failed", "order.cancelled"],
    )


def test_a_cancellation_of_what_is_cancelled_there_already_is_confirmed(hub: Hub, order_id: str) -> None:
    tell(hub, order_id, "accept")
    at_uber(hub, state="FAILED", failure_info={"reason": "CANCELED", "failure_attributed_to_party": "CUSTOMER"})

    assert tell(hub, order_id, "cancel", {"reason": "KITCHEN_CLOSED"}) == 0

    assert synced(hub, order_id)[0] is SyncState.CONFIRMED


def test_an_order_cancelled_by_its_platform_before_anybody_was_told_is_not_accepted_there(
    hub: Hub, uber: str, order_id: str
) -> None:
    act(hub, order_id, "accept")
    hub.tell(uber, "orders.cancel", PLATFORMS["uber_eats"].order(1), "delivery-2")

    assert hub.run() == 0

    assert paths(hub) == []
    assert hub.order(order_id).status is Status.CANCELLED
    assert hub.order(order_id).sync.state is not SyncState.PENDING


def test_a_task_for_an_order_that_is_not_there_yet_comes_back(hub: Hub, uber: str, cloud: Cloud) -> None:
    body = {"order_id": "ord_none", "connection_id": uber, "platform": "uber_eats", "event": "staff-1"}
    queues.send(cloud.ids["PushStatusQueue"], [(uber, body)])

    assert hub.work("push_status") == 1
