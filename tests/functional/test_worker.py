"""How a queue is worked on: one message after another, each with its own retries."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orderhub.actions.worker import Task, queue_handler
from orderhub.errors import HubError, Misconfigured, Retry
from orderhub.storage import queues
from orderhub.storage.aws import client
from tests.functional import hub
from tests.functional.cloud import Cloud, aws, template
from tests.functional.conftest import Clock, Metrics

ATTEMPTS = 12


class Worker:
    """A worker at the fetch queue whose messages fail as their number says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.tasks: list[Task] = []
        self.errors: dict[int, Exception] = {}
        self.handler = queue_handler(self.do, lambda: url, attempts=ATTEMPTS)

    def do(self, task: Task) -> None:
        self.tasks.append(task)
        if task.body["n"] in self.errors:
            raise self.errors[task.body["n"]]

    def send(self, *numbers: int) -> None:
        queues.send(self.url, [("con_1", {"n": number, "platform": "toy"}) for number in numbers])

    def receive(self) -> list[dict[str, Any]]:
        asked = {"QueueUrl": self.url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
        found: list[dict[str, Any]] = aws("sqs").receive_message(**asked).get("Messages", [])
        return found

    def work(self, attempt: int | None = None) -> list[str]:
        """Works on what is there; the bodies of the messages that have to come back."""
        records = [hub.sqs_record(message) for message in self.receive()]
        if attempt is not None:
            records = [{**one, "attributes": {"ApproximateReceiveCount": str(attempt)}} for one in records]
        bodies = {record["messageId"]: record["body"] for record in records}
        answer = self.handler({"Records": records}, None)
        return [bodies[failure["itemIdentifier"]] for failure in answer["batchItemFailures"]]


@pytest.fixture
def worker(cloud: Cloud) -> Worker:
    return Worker(cloud.ids["FetchOrderQueue"])


def test_a_message_that_worked_does_not_come_back(worker: Worker) -> None:
    worker.send(1)

    assert worker.work() == []
    assert worker.tasks == [Task({"n": 1, "platform": "toy"}, attempt=1, last=False)]


def test_of_a_batch_only_what_failed_comes_back(worker: Worker) -> None:
    worker.send(1, 2, 3, 4)
    worker.errors = {2: Retry("busy"), 4: KeyError("bug")}

    assert worker.work() == ['{"n":2,"platform":"toy"}', '{"n":4,"platform":"toy"}']
    assert [task.body["n"] for task in worker.tasks] == [1, 2, 3, 4]


@pytest.mark.parametrize("error", [Retry("busy"), Misconfigured("no"), KeyError("bug"), HubError("odd")])
def test_whatever_goes_wrong_the_message_comes_back(worker: Worker, error: Exception) -> None:
    worker.send(1)
    worker.errors = {1: error}

    assert worker.work() == ['{"n":1,"platform":"toy"}']


@pytest.mark.parametrize(
    ("error", "attempt", "earliest", "latest"),
    [
        (Retry("busy"), 1, 1, 2),
        (Retry("busy"), 4, 8, 16),
        (Retry("busy", after=40), 1, 40, 41),
        (Misconfigured("no"), 1, 300, 300),
    ],
)
def test_it_comes_back_after_a_while_and_not_before(
    worker: Worker, clock: Clock, error: Exception, attempt: int, earliest: float, latest: float
) -> None:
    worker.send(1)
    worker.errors = {1: error}
    worker.work(attempt)

    clock.wait(earliest - 0.9)
    early = worker.receive()
    clock.wait(latest - earliest + 1.9)

    assert (early, len(worker.receive())) == ([], 1)


def test_each_attempt_is_told_its_number(worker: Worker, clock: Clock) -> None:
    worker.errors = {1: Retry("busy", after=1)}
    worker.send(1)
    for _ in range(3):
        worker.work()
        clock.wait(3600)

    assert [task.attempt for task in worker.tasks] == [1, 2, 3]


@pytest.mark.parametrize(("attempt", "last"), [(11, False), (12, True), (13, True)])
def test_the_last_attempt_knows_that_it_is(worker: Worker, attempt: int, last: bool) -> None:
    worker.send(1)

    worker.work(attempt)

    assert worker.tasks[0].last is last


@pytest.mark.parametrize(
    ("error", "attempt", "counted"),
    [
        (None, 1, "ActionSucceeded toy"),
        (None, 12, "ActionSucceeded toy"),
        (Retry("busy"), 1, "ActionRetried toy"),
        (KeyError("bug"), 11, "ActionRetried toy"),
        (Retry("busy"), 12, "ActionFailed toy"),
        (KeyError("bug"), 12, "ActionFailed toy"),
    ],
)
def test_each_attempt_is_counted_as_what_it_came_to(
    worker: Worker, metrics: Metrics, error: Exception | None, attempt: int, counted: str
) -> None:
    worker.send(1)
    worker.errors = {1: error} if error else {}

    worker.work(attempt)

    assert metrics() == {counted: [1]}


def test_a_bug_is_logged_with_its_trace(worker: Worker, logged: Callable[[], str]) -> None:
    worker.send(1)
    worker.errors = {1: KeyError("the-missing-field")}

    worker.work()

    assert "Traceback" in logged()
    assert "the-missing-field" in logged()


def test_a_wait_that_sqs_does_not_take_leaves_the_message_to_its_usual_timeout(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "MessageNotInflight"}}, "ChangeMessageVisibility")

    monkeypatch.setattr(client("sqs"), "change_message_visibility", refuse)
    worker.send(1, 2)
    worker.errors = {1: Retry("busy")}

    assert worker.work() == ['{"n":1,"platform":"toy"}']
    assert [task.body["n"] for task in worker.tasks] == [1, 2]


@pytest.mark.parametrize("body", ["not json", "[]", "{}", '{"n": 1}'])
def test_a_message_that_nobody_understands_keeps_no_other_from_being_worked_on(worker: Worker, body: str) -> None:
    aws("sqs").send_message(QueueUrl=worker.url, MessageBody=body)
    worker.send(2)

    assert worker.work() == [body]
    assert [task.body["n"] for task in worker.tasks] == [2]


def test_a_message_that_never_works_ends_with_the_dead_letters(worker: Worker, cloud: Cloud, clock: Clock) -> None:
    worker.errors = {1: Retry("busy")}
    worker.send(1)
    for _ in range(40):
        worker.work()
        clock.wait(minutes=10)

    assert [task.attempt for task in worker.tasks] == list(range(1, ATTEMPTS + 1))
    assert queues.depth(worker.url) == 0
    assert queues.depth(cloud.ids["FetchOrderDLQ"]) == 1
    assert worker.tasks[-1].last


@pytest.mark.parametrize(
    ("function", "queue"),
    [("fetch_order", "FetchOrderQueue"), ("push_status", "PushStatusQueue"), ("poll_connection", "PollQueue")],
)
def test_the_functions_know_how_often_their_queue_tries(function: str, queue: str) -> None:
    attempts = inspect.getclosurevars(hub.function(f"actions.{function}")).nonlocals["attempts"]

    assert attempts == template()["Resources"][queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
