"""Sending, delaying and redriving messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderhub.errors import Retry
from orderhub.storage import queues
from orderhub.storage.aws import client
from tests.functional.cloud import Cloud, aws, waiting
from tests.functional.conftest import Clock


@pytest.fixture
def url(cloud: Cloud) -> str:
    return cloud.ids["FetchOrderQueue"]


@pytest.fixture
def dead(cloud: Cloud) -> str:
    return cloud.ids["FetchOrderDLQ"]


def numbered(count: int) -> list[tuple[str, dict[str, int]]]:
    return [("con_1", {"n": number}) for number in range(count)]


def receive(url: str) -> Any:
    return aws("sqs").receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages", [])


def test_more_messages_than_fit_in_one_request_are_all_sent(url: str) -> None:
    queues.send(url, numbered(23))

    assert sorted(body["n"] for body in waiting(url)) == list(range(23))


def test_each_message_has_the_group_of_its_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def send_message_batch(**given: Any) -> dict[str, Any]:
        sent.append(given)
        return {}

    monkeypatch.setattr(client("sqs"), "send_message_batch", send_message_batch)

    queues.send(url, [("con_1", {"n": 1}), ("con_2", {"n": 2})])

    assert sent == [
        {
            "QueueUrl": url,
            "Entries": [
                {"Id": "0", "MessageBody": '{"n":1}', "MessageGroupId": "con_1"},
                {"Id": "1", "MessageBody": '{"n":2}', "MessageGroupId": "con_2"},
            ],
        }
    ]


def test_nothing_to_send_is_no_request(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(type(client("sqs")), "send_message_batch")

    queues.send(url, [])


def test_a_message_that_is_not_taken_is_to_be_tried_again(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "InternalError"}]}
    monkeypatch.setattr(client("sqs"), "send_message_batch", lambda **_: answer)

    with pytest.raises(Retry, match="SQS did not take 1 of 2 messages: InternalError"):
        queues.send(url, numbered(2))


def test_a_queue_that_is_not_there_is_to_be_tried_again(url: str) -> None:
    with pytest.raises(Retry, match="AWS does not answer as it should"):
        queues.send(url + "-gone", numbered(1))


@pytest.mark.parametrize(("asked", "seconds"), [(7.4, 7), (0.2, 0), (-3, 0)])
def test_a_message_comes_back_after_as_long_as_was_asked(url: str, clock: Clock, asked: float, seconds: int) -> None:
    queues.send(url, numbered(1))
    (message,) = receive(url)
    queues.delay(url, message["ReceiptHandle"], asked)

    clock.wait(seconds - 0.5)
    early = receive(url) if seconds else []
    clock.wait(1)

    assert early == []
    assert len(receive(url)) == 1


def test_no_message_waits_longer_than_sqs_allows(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        client("sqs"), "change_message_visibility", lambda **given: asked.append(given["VisibilityTimeout"])
    )

    queues.delay(url, "handle", 24 * 3600)

    assert asked == [12 * 3600 - 60]


def test_redrive_puts_every_message_back_on_its_queue(url: str, dead: str) -> None:
    queues.send(dead, numbered(12))

    assert queues.redrive(dead, url) == 12

    assert sorted(body["n"] for body in waiting(url)) == list(range(12))
    assert (queues.depth(dead), waiting(dead)) == (0, [])


def test_redrive_of_an_empty_queue_moves_nothing(url: str, dead: str) -> None:
    assert queues.redrive(dead, url) == 0


def test_redrive_loses_no_message_when_the_queue_does_not_take_it(url: str, dead: str, clock: Clock) -> None:
    queues.send(dead, numbered(2))

    with pytest.raises(Retry):
        queues.redrive(dead, url + "-gone")
    clock.wait(3600)

    assert sorted(body["n"] for body in waiting(dead)) == [0, 1]


def test_a_message_put_back_keeps_its_group(url: str, dead: str) -> None:
    queues.send(dead, numbered(1))

    queues.redrive(dead, url)

    (message,) = receive(url)
    assert (json.loads(message["Body"]), message["Attributes"].get("MessageGroupId")) == ({"n": 0}, "con_1")


def test_the_depth_of_a_queue_is_the_messages_that_wait(url: str) -> None:
    queues.send(url, numbered(3))

    assert queues.depth(url) == 3
