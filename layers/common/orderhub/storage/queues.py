"""The queues between the stream and the actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from orderhub.errors import Retry
from orderhub.storage.aws import client, passing
from orderhub.storage.codec import to_json

LONGEST_WAIT = 12 * 3600 - 60
"""Seconds: SQS ends a visibility timeout at 12 hours after the message was received."""

LONGEST_DELAY = 15 * 60
"""Seconds that SQS keeps a new message back at most."""


def send(queue_url: str, messages: Sequence[tuple[str, Mapping[str, Any]]], *, delay_seconds: float = 0) -> None:
    """Sends messages, each with its group: SQS serves groups fairly, so one busy connection delays no other.

    delay_seconds: until they may be received, `LONGEST_DELAY` at most.

    Raises Retry when some were not taken; sending all again is harmless, as actions look at what is left to do.
    """
    later = {"DelaySeconds": min(ceil(delay_seconds), LONGEST_DELAY)} if delay_seconds > 0 else {}
    for start in range(0, len(messages), 10):
        entries = [
            {"Id": str(number), "MessageBody": to_json(body), "MessageGroupId": group, **later}
            for number, (group, body) in enumerate(messages[start : start + 10])
        ]
        with passing():
            failed = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries).get("Failed", [])
        if failed:
            raise Retry(f"SQS did not take {len(failed)} of {len(entries)} messages: {failed[0].get('Code')}")


def delay(queue_url: str, receipt_handle: str, seconds: float) -> None:
    """Lets a message that is being worked on come back after so many seconds. Raises Retry."""
    with passing():
        client("sqs").change_message_visibility(
            QueueUrl=queue_url,
            ReceiptHandle=receipt_handle,
            VisibilityTimeout=max(0, min(round(seconds), LONGEST_WAIT)),
        )


def redrive(dead_letters_url: str, queue_url: str, *, at_most: int = 1000) -> int:
    """Moves messages from a dead-letter queue back to where they came from; returns how many. Raises Retry.

    One by one, sent before deleted: a message may be worked on twice, which is harmless, but is never lost.
    """
    moved = 0
    sqs = client("sqs")
    while moved < at_most:
        with passing():
            batch = sqs.receive_message(
                QueueUrl=dead_letters_url, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId"]
            ).get("Messages", [])
            if not batch:
                return moved
            for message in batch:
                group = message.get("Attributes", {}).get("MessageGroupId", "redriven")
                sqs.send_message(QueueUrl=queue_url, MessageBody=message["Body"], MessageGroupId=group)
                sqs.delete_message(QueueUrl=dead_letters_url, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
    return moved


def depth(queue_url: str) -> int:
    """About how many messages wait in a queue. Raises Retry."""
    with passing():
        found = client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])
