"""Reporting: from an event to a receiver that verifies what it gets, and everything that may go wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import responses
from standardwebhooks import Webhook

from orderhub.actions.send_report import send_report
from orderhub.actions.worker import Task
from orderhub.outbound import webhooks
from orderhub.reporting import schedule
from orderhub.runtime import settings
from orderhub.storage import reports, subscriptions
from tests.functional.cloud import aws, items, waiting
from tests.functional.conftest import Clock, Metrics
from tests.functional.hub import ADMIN, STORE, Hub, function, queue_url

URL = "https://pos.example.com/hooks"


@dataclass
class Receiver:
    """A system of the merchant's. answers: status, headers and body to give, the last one for ever."""

    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=lambda: [(200, {}, "ok")])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def answer(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.got.append((dict(request.headers), request.body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def will(self, *statuses: int) -> None:
        self.answers = [(status, {}, f"says {status}") for status in statuses]

    @property
    def messages(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]

    @property
    def kinds(self) -> list[str]:
        return [one["type"] for one in self.messages]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
def receiver(internet: responses.RequestsMock) -> Receiver:
    made = Receiver()
    internet.add_callback("POST", URL, made.answer)
    return made


Subscribe = Callable[..., dict[str, Any]]


@pytest.fixture
def subscribe(hub: Hub) -> Subscribe:
    def make(**fields: Any) -> dict[str, Any]:
        reply = hub.api("POST", "/v1/subscriptions", {"url": URL, **fields})
        assert reply.status == 201, reply
        made: dict[str, Any] = reply.json
        return made

    return make


def change(hub: Hub, order_id: str, action: str, body: Any = None) -> None:
    reply = hub.api("PUT", f"/v1/orders/{order_id}/{action}", body)
    assert reply.status == 200, reply
    hub.run()


def deliveries(hub: Hub, made: Mapping[str, Any], **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hub.api("GET", f"/v1/subscriptions/{made['id']}/deliveries", query=query).json[
        "deliveries"
    ]
    return found


def shown(hub: Hub, made: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = hub.api("GET", f"/v1/subscriptions/{made['id']}").json
    return found


def minute(hub: Hub, clock: Clock, **wait: float) -> None:
    """Time passes, and the schedule and the queues do what is due then."""
    clock.wait(**wait)
    function("schedules.due")({}, None)
    hub.run()


# --- the way of a message ---------------------------------------------------------------------------------------------


def test_a_receiver_with_the_library_verifies_what_an_order_s_life_sends(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe
) -> None:
    made = subscribe()
    order_id = hub.receive(square)
    change(hub, order_id, "accept", {"prep_minutes": 20})
    change(hub, order_id, "ready")

    book = Webhook(made["secret"])
    read = [book.verify(body, headers) for headers, body in receiver.got]

    assert [one["type"] for one in read] == ["order.created", "order.status_changed", "order.status_changed"]
    assert [one["data"]["version"] for one in read] == [1, 2, 3]
    assert [(one["data"].get("previous_status"), one["data"]["status"]) for one in read[1:]] == [
        ("incoming", "accepted"),
        ("accepted", "ready"),
    ]
    assert read[0]["data"]["order"]["items"]
    assert read[0]["data"]["order_id"] == order_id
    assert "source" not in read[0]["data"]["order"]
    assert all("." not in one for one in receiver.ids)
    assert len(set(receiver.ids)) == 3


def test_an_event_that_nobody_subscribed_to_puts_no_message_on_a_queue(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    subscribe(events=["stock.low"])
    hub.receive(square)
    hub.dispatched.clear()
    hub.dispatch()

    assert waiting(queue_url("report_event")) == []
    assert receiver.got == []
    assert [row for row in items() if row["pk"].startswith("D#")] == []


def test_without_subscriptions_all_events_of_some_seconds_cost_one_query(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def every(collection: str) -> list[Any]:
        asked.append(collection)
        return []

    monkeypatch.setattr("orderhub.storage.config.every", every)
    subscriptions.forget_subscriptions()

    for n in range(3):
        change(hub, hub.receive(square, n), "accept")

    assert asked == ["subscriptions"]
    assert waiting(queue_url("report_event")) == []


def test_the_same_event_handled_twice_makes_one_message_and_one_delivery(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe
) -> None:
    made = subscribe(events=["order.created"])
    hub.receive(square)
    for _ in range(3):
        hub.dispatched.clear()
        hub.run()

    assert receiver.kinds == ["order.created"]
    assert [one["state"] for one in deliveries(hub, made)] == ["delivered"]


def test_a_message_asked_for_twenty_times_is_sent_once(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe
) -> None:
    made = subscribe(events=["order.created"])
    hub.receive(square)
    (delivery,) = deliveries(hub, made)
    for _ in range(20):
        reports.send(made["id"], [delivery["id"]])
    hub.run()

    assert receiver.ids == [delivery["id"]]
    assert deliveries(hub, made)[0]["attempts"] == 1


def test_a_worker_that_dies_before_it_notes_the_answer_sends_the_same_message_once_more(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = subscribe(events=["order.created"])

    def die(*_: Any, **__: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(reports, "settle", die)
        hub.receive(square)
    assert len(receiver.got) == 1
    minute(hub, clock, minutes=3)

    assert len(receiver.got) == 2
    assert len(set(receiver.ids)) == 1
    assert receiver.got[0][1] == receiver.got[1][1]
    assert [(one["state"], one["attempts"]) for one in deliveries(hub, made)] == [("delivered", 1)]


def test_two_workers_with_one_message_note_one_attempt(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = subscribe(events=["order.created"])
    real, nested = webhooks.post, list[str]()

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> webhooks.Answer:
        if not nested:
            nested.append(url)
            task = {"platform": "reporting", "subscription_id": made["id"], "report_id": headers["webhook-id"]}
            send_report(Task(task, 1))
        return real(url, body, headers)

    monkeypatch.setattr(webhooks, "post", post)
    hub.receive(square)

    assert len(receiver.got) == 2
    assert [(one["state"], one["attempts"]) for one in deliveries(hub, made)] == [("delivered", 1)]


def test_a_retry_sends_the_same_id_and_bytes_with_a_new_time_and_signature(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe(events=["order.created"])
    receiver.will(500, 200)
    order_id = hub.receive(square)
    change(hub, order_id, "accept")
    minute(hub, clock, seconds=8)

    (first, body), (second, again) = receiver.got
    assert body == again
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 8
    assert first["webhook-signature"] != second["webhook-signature"]
    Webhook(made["secret"]).verify(again, second)
    (delivery,) = deliveries(hub, made)
    told = hub.api("GET", f"/v1/subscriptions/{made['id']}/deliveries/{delivery['id']}").json
    assert told["body"] == body.decode()
    assert [(one["number"], one["status"], one["error"], one["answer"], one["trigger"]) for one in told["log"]] == [
        (1, 500, "http", "says 500", "auto"),
        (2, 200, None, "says 200", "auto"),
    ]


# --- what a subscription hears of -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({"events": ["order.created"]}, ["order.created"]),
        ({"events": ["order.status_changed"], "statuses": ["accepted"]}, ["order.status_changed"]),
        ({"statuses": ["ready"]}, ["order.status_changed"]),
        ({"store_ids": [STORE]}, ["order.created", "order.status_changed", "order.status_changed"]),
        ({"platforms": ["square"], "events": ["order.created"]}, ["order.created"]),
        ({"platforms": ["shopify"]}, []),
        ({"channels": ["doordash"]}, []),
    ],
)
def test_a_subscription_hears_of_what_it_asks_for(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, asked: dict[str, Any], kinds: list[str]
) -> None:
    subscribe(**asked)
    order_id = hub.receive(square)
    change(hub, order_id, "accept")
    change(hub, order_id, "ready")

    assert receiver.kinds == kinds


def test_a_subscription_of_another_store_hears_nothing(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe
) -> None:
    hub.add_store("sto_other")
    subscribe(store_ids=["sto_other"])

    hub.receive(square)

    assert receiver.got == []


def test_issues_refunds_and_stock_are_reported(hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe) -> None:
    subscribe(events=["issue.opened", "issue.updated", "refund.asked", "stock.low", "stock.out"])
    order_id = hub.receive(square)
    path = f"/v1/orders/{order_id}/issues"
    issue = hub.api("POST", path, {"type": "missing_items", "description": "no tea"}).json
    hub.api("POST", f"{path}/{issue['id']}/comments", {"text": "called"})
    hub.api("PUT", f"/v1/stores/{STORE}/stock/TEA", {"on_hand": 10, "low_threshold": 5})
    hub.api("PUT", f"/v1/stores/{STORE}/stock/TEA", {"on_hand": 0})
    hub.run()

    assert sorted(receiver.kinds) == ["issue.opened", "issue.updated", "stock.low", "stock.out"]
    told = {one["type"]: one["data"] for one in receiver.messages}
    assert told["issue.opened"]["issue_id"] == issue["id"]
    assert told["issue.opened"]["order"]["id"] == order_id
    assert told["stock.out"] == {
        "store_id": STORE,
        "sku": "TEA",
        "on_hand": "0",
        "reserved": "0",
        "available": "0",
        "low_threshold": "5",
        "version": told["stock.out"]["version"],
    }


# --- a receiver that is down ------------------------------------------------------------------------------------------


def test_a_receiver_that_is_down_for_hours_gets_everything_in_the_end(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe()
    receiver.will(503)
    orders = [hub.receive(square, n) for n in range(1, 4)]
    for order_id in orders:
        change(hub, order_id, "accept")
    down = clock.now
    while clock.now - down < timedelta(hours=5):
        minute(hub, clock, minutes=7)
    assert {one["state"] for one in deliveries(hub, made)} == {"retrying"}
    receiver.will(200)
    receiver.got.clear()
    while clock.now - down < timedelta(hours=14):
        minute(hub, clock, minutes=7)

    assert sorted(receiver.kinds) == ["order.created"] * 3 + ["order.status_changed"] * 3
    assert len(set(receiver.ids)) == 6
    assert {one["state"] for one in deliveries(hub, made)} == {"delivered"}
    assert shown(hub, made)["failing_since"] is None
    assert shown(hub, made)["failures"] == 0


def test_what_is_tried_again_waits_as_the_schedule_says_and_ends_after_ten_attempts(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, _high: low)
    monkeypatch.setattr(schedule, "GIVEN_UP_AFTER", timedelta(days=50))
    made = subscribe(events=["order.created"])
    receiver.will(500)
    hub.receive(square)
    for tries, wait in enumerate(schedule.WAITS, start=1):
        minute(hub, clock, seconds=wait.total_seconds() - 2)
        assert len(receiver.got) == tries, wait
        minute(hub, clock, seconds=3)
        assert len(receiver.got) == tries + 1, wait
    for _ in range(3):
        minute(hub, clock, hours=30)

    assert len(receiver.got) == 10
    (delivery,) = deliveries(hub, made)
    assert (delivery["state"], delivery["attempts"], delivery["due_at"]) == ("failed", 10, None)


def test_a_receiver_that_says_when_is_not_asked_before(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe(events=["order.created"])
    receiver.answers = [(429, {"Retry-After": "1200"}, "slow down"), (200, {}, "")]
    hub.receive(square)
    for _ in range(19):
        minute(hub, clock, minutes=1)
    assert len(receiver.got) == 1

    hub.receive(square, 2)
    assert len(receiver.got) == 1  # nor is it asked for others meanwhile
    for _ in range(5):
        minute(hub, clock, minutes=1)

    assert receiver.kinds == ["order.created"] * 3
    assert {one["state"] for one in deliveries(hub, made)} == {"delivered"}


def test_a_message_that_a_queue_lost_is_found_by_the_schedule(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(events=["order.created"])
    monkeypatch.setattr(reports, "send", lambda *_, **__: None)
    hub.receive(square)
    monkeypatch.undo()
    assert receiver.got == []

    minute(hub, clock, minutes=1)
    assert receiver.got == []
    minute(hub, clock, minutes=2)

    assert receiver.kinds == ["order.created"]


def test_a_receiver_that_is_gone_is_disabled_at_once_and_said_to_be(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, metrics: Metrics, logged: Callable[[], str]
) -> None:
    made = subscribe(events=["order.created"])
    receiver.will(410)
    hub.receive(square)
    hub.receive(square, 2)

    found = shown(hub, made)
    assert (found["state"], found["reason"]) == ("auto_disabled", "the receiver answered 410: it is gone")
    assert len(receiver.got) == 1
    assert sorted(one["state"] for one in deliveries(hub, made)) == ["failed", "held"]
    assert sum(metrics()["SubscriptionsDisabled reporting"]) == 1
    assert "subscription disabled" in logged()


def test_a_receiver_that_fails_for_five_days_is_disabled_and_what_it_missed_can_be_replayed(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe(events=["order.created"])
    began = clock.now
    receiver.will(500)
    n = 0
    while shown(hub, made)["state"] == "enabled":
        n += 1
        hub.receive(square, n)
        assert clock.now - began < timedelta(days=6)
        minute(hub, clock, hours=11)
    hub.receive(square, n + 1)
    assert clock.now - began >= timedelta(days=5)
    assert "and no success" in shown(hub, made)["reason"]
    path = f"/v1/subscriptions/{made['id']}"
    since = {"since": began.isoformat()}
    assert hub.api("POST", f"{path}/replay", since).error == (409, "SUBSCRIPTION_DISABLED")

    receiver.will(200)
    receiver.got.clear()
    assert hub.api("POST", f"{path}/enable").json["state"] == "enabled"
    done = hub.api("POST", f"{path}/replay", since)
    hub.run()

    assert done.status == 202
    assert done.json["next_cursor"] is None
    assert done.json["replayed"] == len(receiver.got) >= 2
    minute(hub, clock, hours=30)
    assert len(set(receiver.ids)) == n + 1
    assert {one["state"] for one in deliveries(hub, made)} == {"delivered"}


def test_a_success_between_failures_keeps_a_receiver(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe(events=["order.created"])
    receiver.answers = [(500 if n % 5 else 200, {}, "") for n in range(400)]
    n = 0
    began = clock.now
    while clock.now - began < timedelta(days=8):
        n += 1
        hub.receive(square, n)
        minute(hub, clock, hours=10)

    assert shown(hub, made)["state"] == "enabled"


def test_a_receiver_that_lets_requests_time_out_is_left_alone_for_a_minute(
    hub: Hub, square: str, subscribe: Subscribe, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, _high: low)
    subscribe(events=["order.created"])
    asked: list[str] = []

    def post(url: str, _body: bytes, _headers: Mapping[str, str]) -> webhooks.Answer:
        asked.append(url)
        return webhooks.Answer(None, "timeout", "ReadTimeout", 15.0)

    monkeypatch.setattr(webhooks, "post", post)
    for n in range(1, 9):
        hub.receive(square, n)
    assert len(asked) == 3

    for _ in range(3):
        minute(hub, clock, seconds=15)
    assert len(asked) == 3
    minute(hub, clock, seconds=20)
    assert 3 < len(asked) <= 8


def test_no_more_messages_a_second_than_a_subscription_wants(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    subscribe(events=["order.created"], rate_limit=2)
    for n in range(1, 6):
        hub.receive(square, n)
    assert len(receiver.got) == 2

    for _ in range(20):
        before = len(receiver.got)
        minute(hub, clock, seconds=1)
        assert len(receiver.got) - before <= 2
    assert len(set(receiver.ids)) == 5


# --- what staff do ----------------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_and_lies_in_no_table(hub: Hub, subscribe: Subscribe, receiver: Receiver) -> None:
    made = subscribe(headers={"Authorization": "Bearer hush-hush"})

    assert made["secret"].startswith("whsec_")
    assert made["header_names"] == ["Authorization"]
    assert "secret" not in shown(hub, made)
    everything = str(items("OrdersTable")) + str(items("ConfigTable"))
    assert made["secret"] not in everything
    assert "hush-hush" not in everything + str([reply.body for reply in hub.answers])
    parameter = aws("ssm").get_parameter(Name=f"{settings().secrets_prefix}/subscriptions/{made['id']}")["Parameter"]
    assert parameter["Type"] == "SecureString"


def test_a_request_repeated_with_its_key_makes_one_subscription(hub: Hub) -> None:
    asked = {"url": URL, "events": ["order.created"]}
    first = hub.api("POST", "/v1/subscriptions", asked, idempotency_key="k")
    again = hub.api("POST", "/v1/subscriptions", asked, idempotency_key="k")

    assert (first.status, again.status) == (201, 201)
    assert again.json == {**first.json, "secret": None}
    other = hub.api("POST", "/v1/subscriptions", {**asked, "url": f"{URL}2"}, idempotency_key="k")
    assert other.error == (409, "ALREADY_EXISTS")


def test_while_a_secret_is_rotated_both_prove_a_message_and_then_the_new_one_alone(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe(events=["order.created"])
    path = f"/v1/subscriptions/{made['id']}/rotate-secret"
    hub.receive(square, 1)
    rotated = hub.api("POST", path, {"overlap_hours": 2}, idempotency_key="once")
    repeated = hub.api("POST", path, {"overlap_hours": 2}, idempotency_key="once")
    hub.receive(square, 2)
    headers, body = receiver.got[-1]

    assert rotated.json["secret"] not in (None, made["secret"])
    assert repeated.json == {**rotated.json, "secret": None}
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (made["secret"], rotated.json["secret"]):
        Webhook(secret).verify(body, headers)
    newest, _ = headers["webhook-signature"].split(" ")
    Webhook(rotated.json["secret"]).verify(body, {**headers, "webhook-signature": newest})

    clock.wait(hours=2)
    hub.receive(square, 3)
    headers, body = receiver.got[-1]
    assert len(headers["webhook-signature"].split(" ")) == 1
    Webhook(rotated.json["secret"]).verify(body, headers)


def test_headers_of_a_subscription_are_sent_along(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe
) -> None:
    made = subscribe(events=["order.created"], headers={"X-Api-Key": "one"})
    hub.receive(square, 1)
    hub.api("PATCH", f"/v1/subscriptions/{made['id']}", {"headers": {"X-Api-Key": "two"}})
    hub.receive(square, 2)

    assert [headers["X-Api-Key"] for headers, _ in receiver.got] == ["one", "two"]


def test_an_example_of_every_type_can_be_sent_even_while_it_is_disabled(
    hub: Hub, receiver: Receiver, subscribe: Subscribe
) -> None:
    made = subscribe(events=["order.created"])
    path = f"/v1/subscriptions/{made['id']}"
    hub.api("POST", f"{path}/disable", {"reason": "not ready"})
    kinds = [one["type"] for one in hub.api("GET", "/v1/subscriptions/event-types").json["event_types"]]
    for kind in kinds:
        assert hub.api("POST", f"{path}/test", {"type": kind}).status == 202
    hub.run()

    assert sorted(receiver.kinds) == sorted(kinds)
    for headers, body in receiver.got:
        Webhook(made["secret"]).verify(body, headers)
    assert {one["last"]["trigger"] for one in deliveries(hub, made)} == {"test"}


def test_an_example_is_sent_once_for_each_idempotency_key_and_is_not_tried_again(
    hub: Hub, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe()
    receiver.will(500)
    path = f"/v1/subscriptions/{made['id']}/test"
    first, again = (hub.api("POST", path, idempotency_key="k") for _ in range(2))
    hub.run()
    minute(hub, clock, hours=1)

    assert first.json["id"] == again.json["id"]
    assert len(receiver.got) == 1
    assert [one["state"] for one in deliveries(hub, made)] == ["failed"]
    assert shown(hub, made)["failures"] == 0


def test_one_message_can_be_sent_again(hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe) -> None:
    made = subscribe(events=["order.created"])
    hub.receive(square)
    (delivery,) = deliveries(hub, made)

    reply = hub.api("POST", f"/v1/subscriptions/{made['id']}/deliveries/{delivery['id']}/replay")
    hub.run()

    assert (reply.status, reply.json["state"]) == (202, "pending")
    assert receiver.ids == [delivery["id"]] * 2
    assert receiver.got[0][1] == receiver.got[1][1]
    assert deliveries(hub, made)[0]["last"]["trigger"] == "manual"


def test_a_range_is_replayed_in_pages_and_only_what_failed_unless_all_is_asked_for(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderhub.service.deliveries.MOST_AT_ONCE", 2)
    made = subscribe(events=["order.created"])
    path = f"/v1/subscriptions/{made['id']}"
    began = clock.now
    for n in range(1, 6):
        if n == 3:
            hub.api("POST", f"{path}/disable")
        hub.receive(square, n)
        clock.wait(minutes=1)
    hub.api("POST", f"{path}/enable")
    receiver.got.clear()

    def replay(**asked: Any) -> int:
        total = 0
        while True:
            page = hub.api("POST", f"{path}/replay", asked).json
            total += int(page["replayed"])
            asked["cursor"] = page["next_cursor"]
            if asked["cursor"] is None:
                hub.run()
                return total

    assert replay(since=began.isoformat(), until=(began + timedelta(minutes=4)).isoformat()) == 2
    assert len(receiver.got) == 2
    assert replay(since=began.isoformat()) == 1
    assert replay(since=began.isoformat()) == 0
    assert replay(since=began.isoformat(), only_failed=False) == 5
    assert len(set(receiver.ids)) == 5


def test_what_was_sent_is_found_by_state_time_type_and_order(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe()
    first = hub.receive(square, 1)
    clock.wait(minutes=5)
    middle = clock.now
    receiver.will(500)
    change(hub, first, "accept")
    second = hub.receive(square, 2)

    def found(**query: Any) -> int:
        return len(deliveries(hub, made, **query))

    assert found() == 3
    assert found(state="delivered") == 1
    assert found(state="retrying") == 2
    assert found(since=middle.isoformat()) == 2
    assert found(until=middle.isoformat()) == 1
    assert found(type="order.created") == 2
    assert found(order_id=second) == 1
    assert found(order_id=first, type="order.status_changed") == 1
    assert "body" not in deliveries(hub, made)[0]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"url": "https://user:pw@pos.example.com/"}, "without a user"),
        ({"url": "ftp://pos.example.com/"}, "not the address"),
        ({"url": "https://"}, "not the address"),
        ({"url": "https://pos.example.com/#x"}, "fragment"),
        ({"url": "https://pos.example.com:99999/"}, "out of range"),
        ({"headers": {"webhook-id": "x"}}, "set by the hub"),
        ({"headers": {"Content-Type": "x"}}, "set by the hub"),
        ({"headers": {"HOST": "x"}}, "set by the hub"),
        ({"headers": {"Transfer-Encoding": "x"}}, "set by the hub"),
        ({"headers": {"X-Deliverect-Signature": "x"}}, "set by the hub"),
        ({"headers": {"X-A": "a\r\nHost: b"}}, "no header"),
        ({"headers": {"X A": "a"}}, "no header"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "each name once"),
    ],
)
def test_what_no_subscription_may_be_is_refused(hub: Hub, fields: dict[str, Any], word: str) -> None:
    reply = hub.api("POST", "/v1/subscriptions", {"url": URL, **fields})

    assert reply.error == (422, "INVALID_FIELD_VALUE")
    assert word in reply.json["message"]


@pytest.mark.parametrize(
    "url",
    [
        "http://pos.example.com/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://10.0.0.7/",
        "https://rebinds.example.com/",
        "https://pos.example.com:6379/",
    ],
)
def test_a_url_into_our_own_network_is_refused_when_it_is_given(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "false")
    settings.cache_clear()
    named = {"rebinds.example.com": "192.168.1.1"}
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda host, *_, **__: [(2, 1, 6, "", (named.get(host, "93.184.216.34"), 443))]
    )

    assert hub.api("POST", "/v1/subscriptions", {"url": url}).error == (422, "INVALID_FIELD_VALUE")


def test_a_key_for_some_stores_subscribes_to_those_alone(hub: Hub) -> None:
    from dataclasses import replace

    mine = replace(ADMIN, stores=frozenset({STORE}))
    hub.add_store("sto_other")

    assert hub.api("POST", "/v1/subscriptions", {"url": URL}, caller=mine).error == (422, "INVALID_FIELD_VALUE")
    asked = {"url": URL, "store_ids": [STORE, "sto_other"]}
    assert hub.api("POST", "/v1/subscriptions", asked, caller=mine).error == (404, "INVALID_STORE")
    both = hub.api("POST", "/v1/subscriptions", asked).json["id"]
    assert hub.api("GET", f"/v1/subscriptions/{both}", caller=mine).error == (404, "SUBSCRIPTION_NOT_FOUND")
    assert hub.api("GET", "/v1/subscriptions", caller=mine).json["subscriptions"] == []
    own = hub.api("POST", "/v1/subscriptions", {"url": URL, "store_ids": [STORE]}, caller=mine).json["id"]
    reply = hub.api("PATCH", f"/v1/subscriptions/{own}", {"store_ids": ["sto_other"]}, caller=mine)
    assert reply.error == (404, "INVALID_STORE")


def test_a_span_of_time_that_ends_before_it_begins_holds_nothing(hub: Hub, subscribe: Subscribe) -> None:
    made = subscribe()

    assert deliveries(hub, made, since="2026-10-05T00:00:00Z", until="2026-10-04T00:00:00Z") == []


def test_a_change_of_an_older_version_is_refused(hub: Hub, subscribe: Subscribe) -> None:
    made = subscribe()
    path = f"/v1/subscriptions/{made['id']}"

    changed = hub.api("PATCH", path, {"description": "till"}, if_match='"1"')
    assert (changed.json["description"], changed.headers["etag"]) == ("till", '"2"')
    assert hub.api("PATCH", path, {"description": "x"}, if_match='"1"').error == (412, "VERSION_CONFLICT")
    assert hub.api("POST", f"{path}/rotate-secret", if_match='"1"').error == (412, "VERSION_CONFLICT")


def test_a_subscription_that_is_removed_is_told_nothing_more(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe, clock: Clock
) -> None:
    made = subscribe()
    receiver.will(500)
    hub.receive(square)
    assert hub.api("DELETE", f"/v1/subscriptions/{made['id']}").status == 204
    minute(hub, clock, minutes=10)
    hub.receive(square, 2)

    assert len(receiver.got) == 1
    assert shown(hub, made)["error"] == "SUBSCRIPTION_NOT_FOUND"


def test_when_a_customer_is_erased_so_is_what_was_sent_of_their_orders(
    hub: Hub, square: str, receiver: Receiver, subscribe: Subscribe
) -> None:
    made = subscribe()
    order_id = hub.receive(square)
    change(hub, order_id, "accept")
    change(hub, order_id, "complete")
    other = hub.receive(square, 2)
    asked = {"store_id": STORE, "order_id": order_id, "confirm": True}
    assert hub.api("POST", "/v1/customers/erase", asked).status == 200
    hub.run()

    def bodies(about: str) -> list[str | None]:
        found = deliveries(hub, made, order_id=about)
        path = f"/v1/subscriptions/{made['id']}/deliveries"
        return [hub.api("GET", f"{path}/{one['id']}").json["body"] for one in found if one["type"] != "order.erased"]

    assert bodies(order_id) == [None, None, None]
    assert [body is not None for body in bodies(other)] == [True]
    assert receiver.kinds[-1] == "order.erased"
    (gone, *_) = [one for one in deliveries(hub, made, order_id=order_id) if one["type"] == "order.created"]
    hub.api("POST", f"/v1/subscriptions/{made['id']}/deliveries/{gone['id']}/replay")
    before = len(receiver.got)
    hub.run()
    assert len(receiver.got) == before
