"""Reading the orders table's stream again, for what could not be dispatched when it came."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orderhub.storage.aws import client, passing

Batch = Callable[[Mapping[str, Any]], None]


def redrive(dead_letters_url: str, consume: Batch) -> int:
    """Gives the records of each failed batch to a consumer, and forgets the batch; returns how many batches.

    The queue holds positions of the stream, which keeps records for a day. Raises Retry, also when they are gone.
    """
    sqs, done = client("sqs"), 0
    while True:
        with passing():
            found = sqs.receive_message(QueueUrl=dead_letters_url, MaxNumberOfMessages=10).get("Messages", [])
        if not found:
            return done
        for message in found:
            consume({"Records": list(_records(json.loads(message["Body"])["DDBStreamBatchInfo"]))})
            with passing():
                sqs.delete_message(QueueUrl=dead_letters_url, ReceiptHandle=message["ReceiptHandle"])
            done += 1


def _records(batch: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The records from the first to the last of a batch."""
    stream, last = client("dynamodbstreams"), int(batch["endSequenceNumber"])
    with passing():
        iterator = stream.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
    while iterator:
        with passing():
            page = stream.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            if int(record["dynamodb"]["SequenceNumber"]) > last:
                return
            yield record
        if not page["Records"] or int(page["Records"][-1]["dynamodb"]["SequenceNumber"]) >= last:
            return
        iterator = page.get("NextShardIterator")
