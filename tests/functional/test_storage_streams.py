"""Reading the stream again: batches that could not be dispatched when they came."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from orderhub.errors import Retry
from orderhub.storage import queues, streams, timelines
from orderhub.storage.aws import client
from tests.functional.cloud import Cloud, images, waiting
from tests.functional.conftest import Clock
from tests.functional.hub import queue_url, stream_record
from tests.functional.made import an_event
from tests.unit.command import Command

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/OrdersTable/stream/2026"


class Stream:
    """A shard of twenty records, numbered from 100, that gives seven at a time. gone: whether it was trimmed."""

    def __init__(self) -> None:
        self.records = [{"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(100 + n)}} for n in range(20)]
        self.asked: list[Mapping[str, Any]] = []
        self.gone = False

    def get_shard_iterator(self, **given: Any) -> dict[str, str]:
        self.asked.append(given)
        if self.gone:
            error: Any = {"Error": {"Code": "TrimmedDataAccessException", "Message": "trimmed"}}
            raise ClientError(error, "GetShardIterator")
        return {"ShardIterator": str(int(given["SequenceNumber"]) - 100)}

    def get_records(self, ShardIterator: str) -> dict[str, Any]:  # noqa: N803  (AWS's name)
        start = int(ShardIterator)
        page = self.records[start : start + 7]
        following = {"NextShardIterator": str(start + 7)} if start + 7 < len(self.records) else {}
        return {"Records": page, **following}


@pytest.fixture
def stream(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Stream:
    played = Stream()
    others = client
    monkeypatch.setattr(streams, "client", lambda name: played if name == "dynamodbstreams" else others(name))
    return played


@pytest.fixture
def dead(cloud: Cloud) -> str:
    return cloud.ids["DispatchDLQ"]


def fail(dead: str, start: int, end: int) -> None:
    """Lambda gives up on a batch."""
    info = {
        "shardId": "shard-1",
        "startSequenceNumber": str(start),
        "endSequenceNumber": str(end),
        "streamArn": ARN,
        "batchSize": end - start + 1,
    }
    queues.send(dead, [("dispatch", {"version": "1.0", "DDBStreamBatchInfo": info})])


def numbers(batches: list[Any]) -> list[list[int]]:
    return [[int(record["dynamodb"]["SequenceNumber"]) for record in batch["Records"]] for batch in batches]


@pytest.mark.parametrize(("start", "end"), [(100, 100), (103, 105), (100, 106), (104, 117), (100, 119), (119, 119)])
def test_each_record_of_a_batch_is_given_and_no_other(stream: Stream, dead: str, start: int, end: int) -> None:
    fail(dead, start, end)
    given: list[Any] = []

    assert streams.redrive(dead, given.append) == 1

    assert numbers(given) == [list(range(start, end + 1))]
    assert stream.asked == [
        {
            "StreamArn": ARN,
            "ShardId": "shard-1",
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "SequenceNumber": str(start),
        }
    ]


def test_each_batch_is_forgotten_once_it_was_taken(stream: Stream, dead: str) -> None:
    fail(dead, 100, 101)
    fail(dead, 105, 105)
    given: list[Any] = []

    assert streams.redrive(dead, given.append) == 2

    assert sorted(numbers(given)) == [[100, 101], [105]]
    assert waiting(dead) == []


def test_a_batch_that_is_not_taken_stays(stream: Stream, dead: str, clock: Clock) -> None:
    def refuse(_: Any) -> None:
        raise Retry("the queue does not take it")

    fail(dead, 100, 101)

    with pytest.raises(Retry):
        streams.redrive(dead, refuse)
    clock.wait(3600)
    assert len(waiting(dead)) == 1


def test_records_that_are_gone_from_the_stream_are_said_to_be(stream: Stream, dead: str, clock: Clock) -> None:
    stream.gone = True
    fail(dead, 100, 101)

    with pytest.raises(Retry, match="TrimmedDataAccessException"):
        streams.redrive(dead, lambda _: None)
    clock.wait(3600)
    assert len(waiting(dead)) == 1


def test_nothing_to_read_again_is_nothing(stream: Stream, dead: str) -> None:
    assert streams.redrive(dead, lambda _: None) == 0


def test_the_command_dispatches_what_it_reads(
    stream: Stream, dead: str, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    timelines.add_event(an_event(type="order.referenced", ref={"external_id": "A1"}))
    record = stream_record(next(iter(images().values())))
    stream.records = [{**record, "dynamodb": {**record["dynamodb"], "SequenceNumber": "100"}}]
    fail(dead, 100, 100)
    cloud.deploy("orderhub-dev")

    with patch.dict(os.environ):
        result = Command(capsys)("redrive", "dispatch", "--stack", "orderhub-dev")

    assert result.code == 0
    assert result.out.splitlines()[-1] == "dispatch: 1 batches of the stream read again"
    assert [body["event"] for body in waiting(queue_url("fetch_order"))] == ["k-1"]
