"""Reports: one message to one subscription, with what became of it; and how its receiver has been of late.

Item in the orders table   pk                     sk
message                    D#<subscription id>    <message id>: `msg_`, the time of the event, and a digest
health of the receiver     D#<subscription id>    HEALTH

A message is kept for thirty days, its body as the very bytes that are signed.

Index worklist: work_pk = reports#<shard>, work_sk = when somebody has to look at it: when it is due, or a little later
where a queue holds it until then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from orderhub.errors import Retry
from orderhub.order.times import parse_time, sortable
from orderhub.runtime import settings
from orderhub.storage import bulk, config, queues
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import from_item, pack, to_item, to_json, unpack
from orderhub.storage.config import LONGEST_ID, Collection, Entry
from orderhub.storage.pages import query_page

KEPT_FOR = timedelta(days=30)
GRACE = timedelta(minutes=2)
"""How long a queue has for a message that is due, until the schedule asks again."""

LONGEST_IN_QUEUE = timedelta(seconds=queues.LONGEST_DELAY)
"""For how long a queue keeps a message back; the schedule alone sees to what is due later."""

PLATFORM = "reporting"
_HEALTH = "HEALTH"
_MESSAGES = "msg_"
_SHARDS = 8
_MOST_ATTEMPTS_KEPT = 20
# What a list shows: all but the bodies.
_SHOWN = (
    *("pk", "sk", "kind", "at", "created_at", "order_id", "store_id"),
    *("state", "tries", "failed", "trigger", "due_at", "attempts"),
)
_SAME_TRY = "tries = :before"
_REFUSED = "ConditionalCheckFailedException"


class ReportState(StrEnum):
    """What became of a message. held: recorded while its subscription was off; nobody sends it by itself."""

    PENDING = "pending"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"


OPEN = frozenset({ReportState.PENDING, ReportState.RETRYING})


class Trigger(StrEnum):
    """Why a message is sent. manual: somebody asked for this one; replay: for all of a time."""

    AUTO = "auto"
    MANUAL = "manual"
    REPLAY = "replay"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. status: of the answer; error: its class; answer: how it begins; seconds: how long it took."""

    number: int
    at: str
    trigger: str
    seconds: float
    status: int | None = None
    error: str | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A message as it is stored.

    kind: its event type; at: when the event was; tries: attempts so far; failed: those since it was last asked for;
    due_at: when it is to be tried next, None when it is not. body: None once it was erased.
    """

    subscription_id: str
    id: str
    kind: str
    at: datetime
    created_at: datetime
    state: ReportState
    order_id: str | None = None
    store_id: str = ""
    tries: int = 0
    failed: int = 0
    trigger: Trigger = Trigger.AUTO
    due_at: datetime | None = None
    body: bytes | None = None
    attempts: Sequence[Attempt] = field(default=())


@dataclass(frozen=True, slots=True)
class Health:
    """How a receiver has been of late.

    failing_since: since its last success; failures: attempts since then; timeouts: of them in a row; paused_until: it
    is left alone until then.
    """

    failing_since: datetime | None = None
    failures: int = 0
    timeouts: int = 0
    paused_until: datetime | None = None


# --- messages ---------------------------------------------------------------------------------------------------------


def add(report: Report) -> bool:
    """Stores a new message; False when it is there already. Raises Retry."""
    item = {
        **_keys(report),
        "kind": report.kind,
        "at": sortable(report.at),
        "created_at": sortable(report.created_at),
        "order_id": report.order_id,
        "store_id": report.store_id,
        "state": report.state.value,
        "tries": report.tries,
        "failed": report.failed,
        "trigger": report.trigger.value,
        "body": pack(report.body) if report.body is not None else None,
        "expires_at": int((report.created_at + KEPT_FOR).timestamp()),
        **(_due(report, report.due_at, report.created_at) if report.due_at is not None else {}),
    }
    with passing():
        try:
            client("dynamodb").put_item(
                TableName=settings().orders_table,
                Item=to_item(item),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if error_code(error) != _REFUSED:
                raise
            return False
    return True


def get(subscription_id: str, report_id: str) -> Report | None:
    """A message, None when there is none. Raises Retry."""
    if not report_id.startswith(_MESSAGES) or len(report_id) > LONGEST_ID:
        return None
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().orders_table,
            Key=to_item({"pk": _pk(subscription_id), "sk": report_id}),
            ConsistentRead=True,
        )
    return _report(from_item(found["Item"])) if "Item" in found else None


def to_send(subscription_id: str, report_id: str) -> tuple[Report | None, Health, Entry | None]:
    """A message, how its receiver has been and its subscription as they are now, in one request. Raises Retry."""
    orders_table, config_table = settings().orders_table, settings().config_table
    keys = [to_item({"pk": _pk(subscription_id), "sk": sk}) for sk in (report_id, _HEALTH)]
    asked = {
        orders_table: {"Keys": keys, "ConsistentRead": True},
        config_table: {"Keys": [config.key(Collection.SUBSCRIPTIONS, subscription_id)], "ConsistentRead": True},
    }
    with passing():
        found = client("dynamodb").batch_get_item(RequestItems=asked)
    if found.get("UnprocessedKeys"):
        raise Retry("DynamoDB is too busy to read a report")
    items = {item["sk"]["S"]: item for item in found["Responses"].get(orders_table, [])}
    entries = [config.entry_of(item) for item in found["Responses"].get(config_table, [])]
    report = _report(from_item(items[report_id])) if report_id in items else None
    return report, _health(items.get(_HEALTH)), next(iter(entries), None)


def page(
    subscription_id: str,
    *,
    since: datetime | None,
    until: datetime | None,
    only: Mapping[str, str],
    limit: int,
    cursor: str | None,
    states: Sequence[str] = (),
) -> tuple[list[Report], str | None]:
    """Messages of a subscription, newest event first, without their bodies.

    since, until: of their events, the latter excluded; only: values of kind or order_id; states: any of them.
    Raises Reject INVALID_CURSOR, Retry.
    """
    first, last = _from(since), _from(until) if until else "msg_~"
    if last < first:
        return [], None
    values: dict[str, str] = {f":{name}": value for name, value in only.items()}
    values |= {f":state{number}": state for number, state in enumerate(states)}
    asked = [f"#{name} = :{name}" for name in only]
    if states:
        asked.append(f"#state IN ({', '.join(f':state{number}' for number in range(len(states)))})")
    request: dict[str, Any] = {
        "TableName": settings().orders_table,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": to_item({":pk": _pk(subscription_id), ":first": first, ":last": last, **values}),
        "ExpressionAttributeNames": {f"#{name}": name for name in _SHOWN},
        "ProjectionExpression": ", ".join(f"#{name}" for name in _SHOWN),
        "ScanIndexForward": False,
        "Limit": limit,
        **({"FilterExpression": " AND ".join(asked)} if asked else {}),
    }
    items, next_cursor = query_page(request, cursor)
    return [_report(from_item(item)) for item in items], next_cursor


def settle(report: Report, attempt: Attempt, state: ReportState, due_at: datetime | None, at: datetime) -> bool:
    """Stores what came of an attempt; False when another worker made that attempt as well. Raises Retry.

    due_at: when to try again, None for never by itself; at: now.
    """
    log = [*report.attempts, attempt][-_MOST_ATTEMPTS_KEPT:]
    sets: dict[str, Any] = {
        "state": state.value,
        "tries": report.tries + 1,
        "failed": 0 if state is ReportState.DELIVERED else report.failed + 1,
        "attempts": pack(to_json([_told(one) for one in log]).encode()),
        **(_due(report, due_at, at) if due_at is not None else {}),
    }
    return _update(report, sets, _SAME_TRY, {":before": report.tries}, ends=due_at is None)


def postpone(report: Report, due_at: datetime, at: datetime) -> bool:
    """Leaves a message until then, without an attempt. Raises Retry."""
    return _update(report, _due(report, due_at, at), _SAME_TRY, {":before": report.tries})


def hold(report: Report) -> bool:
    """Keeps a message for when somebody asks for it. Raises Retry."""
    return _update(report, {"state": ReportState.HELD.value}, _SAME_TRY, {":before": report.tries}, ends=True)


def ask_again(report: Report, trigger: Trigger, at: datetime) -> bool:
    """Makes a message due now, with all its retries before it; False when it is gone or was erased. Raises Retry."""
    sets = {"state": ReportState.PENDING.value, "failed": 0, "trigger": trigger.value, **_due(report, at, at)}
    return _update(report, sets, "attribute_exists(body)", {})


def erase(subscription_id: str, report_id: str) -> bool:
    """Forgets what a message says; False when there is none, or nothing in it. Raises Retry."""
    with passing():
        try:
            client("dynamodb").update_item(
                TableName=settings().orders_table,
                Key=to_item({"pk": _pk(subscription_id), "sk": report_id}),
                UpdateExpression="SET #state = :failed REMOVE body, attempts, due_at, work_pk, work_sk",
                ConditionExpression="attribute_exists(body)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=to_item({":failed": ReportState.FAILED.value}),
            )
        except ClientError as error:
            if error_code(error) != _REFUSED:
                raise
            return False
    return True


# --- the schedule and the queue ---------------------------------------------------------------------------------------


def due(at: datetime) -> Iterator[tuple[str, str]]:
    """Subscription and id of messages to look at by now: a query for each shard and megabyte. Raises Retry."""
    for shard in range(_SHARDS):
        request = {
            "TableName": settings().orders_table,
            "IndexName": "worklist",
            "KeyConditionExpression": "work_pk = :pk AND work_sk < :now",
            "ExpressionAttributeValues": to_item({":pk": f"reports#{shard}", ":now": sortable(at)}),
            "ProjectionExpression": "pk, sk",
        }
        with passing():
            for found in client("dynamodb").get_paginator("query").paginate(**request):
                rows = map(from_item, found["Items"])
                yield from ((row["pk"][2:], row["sk"]) for row in rows)


def leave_to_queue(subscription_id: str, report_id: str, until: datetime) -> None:
    """Says that a queue has a message until then; nothing when it needs no one any more. Raises Retry."""
    with passing():
        try:
            client("dynamodb").update_item(
                TableName=settings().orders_table,
                Key=to_item({"pk": _pk(subscription_id), "sk": report_id}),
                UpdateExpression="SET work_sk = :until",
                ConditionExpression="attribute_exists(work_sk)",
                ExpressionAttributeValues=to_item({":until": sortable(until)}),
            )
        except ClientError as error:
            if error_code(error) != _REFUSED:
                raise


def send(subscription_id: str, report_ids: Sequence[str], *, after: timedelta = timedelta(0)) -> None:
    """Asks for a worker for each of these messages, in a while. Raises Retry."""
    messages = [
        (subscription_id, {"platform": PLATFORM, "subscription_id": subscription_id, "report_id": report_id})
        for report_id in report_ids
    ]
    queues.send(settings().send_report_queue_url, messages, delay_seconds=after.total_seconds())


# --- health -----------------------------------------------------------------------------------------------------------


def healths(subscription_ids: Sequence[str]) -> dict[str, Health]:
    """How receivers have been of late. Raises Retry."""
    found = bulk.batch_get([to_item({"pk": _pk(one), "sk": _HEALTH}) for one in subscription_ids])
    return {one: _health(found.get(f"{_pk(one)} {_HEALTH}")) for one in subscription_ids}


def note_failure(subscription_id: str, at: datetime, *, timed_out: bool) -> Health:
    """Counts a failed attempt; how the receiver is then. Raises Retry."""
    sets = "failing_since = if_not_exists(failing_since, :now), failures = if_not_exists(failures, :none) + :one"
    timeouts = "timeouts = if_not_exists(timeouts, :none) + :one" if timed_out else "timeouts = :none"
    with passing():
        stored = client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item({"pk": _pk(subscription_id), "sk": _HEALTH}),
            UpdateExpression=f"SET {sets}, {timeouts}",
            ExpressionAttributeValues=to_item({":now": sortable(at), ":none": 0, ":one": 1}),
            ReturnValues="ALL_NEW",
        )
    return _health(stored["Attributes"])


def pause(subscription_id: str, until: datetime) -> None:
    """Leaves a receiver alone until then. Raises Retry."""
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item({"pk": _pk(subscription_id), "sk": _HEALTH}),
            UpdateExpression="SET paused_until = :until",
            ExpressionAttributeValues=to_item({":until": sortable(until)}),
        )


def recover(subscription_id: str) -> None:
    """Forgets that a receiver failed. Raises Retry."""
    with passing():
        client("dynamodb").update_item(
            TableName=settings().orders_table,
            Key=to_item({"pk": _pk(subscription_id), "sk": _HEALTH}),
            UpdateExpression="REMOVE failing_since, failures, timeouts, paused_until",
        )


# --- items ------------------------------------------------------------------------------------------------------------


def _pk(subscription_id: str) -> str:
    return f"D#{subscription_id}"


def _keys(report: Report) -> dict[str, str]:
    return {"pk": _pk(report.subscription_id), "sk": report.id}


def _from(at: datetime | None) -> str:
    """The first id that a message of this time may have."""
    return _MESSAGES + (sortable(at).translate(str.maketrans("", "", "-:.")) if at is not None else "")


def _work(report: Report, at: datetime) -> dict[str, str]:
    return {"work_pk": f"reports#{sum(report.id.encode()) % _SHARDS}", "work_sk": sortable(at)}


def _due(report: Report, due_at: datetime, at: datetime) -> dict[str, str]:
    queued = due_at - at <= LONGEST_IN_QUEUE
    return {"due_at": sortable(due_at), **_work(report, due_at + GRACE if queued else due_at)}


def _update(
    report: Report, sets: Mapping[str, Any], condition: str, values: Mapping[str, Any], *, ends: bool = False
) -> bool:
    """Whether the condition held. ends: nobody has to look at it again."""
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in sets)
    with passing():
        try:
            client("dynamodb").update_item(
                TableName=settings().orders_table,
                Key=to_item(_keys(report)),
                UpdateExpression=expression + (" REMOVE due_at, work_pk, work_sk" if ends else ""),
                ConditionExpression=condition,
                ExpressionAttributeNames={f"#{name}": name for name in sets},
                ExpressionAttributeValues=to_item({**{f":{name}": value for name, value in sets.items()}, **values}),
            )
        except ClientError as error:
            if error_code(error) != _REFUSED:
                raise
            return False
    return True


def _told(attempt: Attempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in Attempt.__slots__ if getattr(attempt, name) not in (None, "")}


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        subscription_id=row["pk"][2:],
        id=row["sk"],
        kind=row["kind"],
        at=parse_time(row["at"]),
        created_at=parse_time(row["created_at"]),
        state=ReportState(row["state"]),
        order_id=row.get("order_id"),
        store_id=row.get("store_id", ""),
        tries=row["tries"],
        failed=row["failed"],
        trigger=Trigger(row["trigger"]),
        due_at=parse_time(row["due_at"]) if "due_at" in row else None,
        body=unpack(row["body"]) if "body" in row else None,
        attempts=[Attempt(**one) for one in json.loads(unpack(row["attempts"]))] if "attempts" in row else (),
    )


def _health(item: Mapping[str, Any] | None) -> Health:
    row = from_item(item) if item is not None else {}
    return Health(
        failing_since=parse_time(row["failing_since"]) if "failing_since" in row else None,
        failures=row.get("failures", 0),
        timeouts=row.get("timeouts", 0),
        paused_until=parse_time(row["paused_until"]) if "paused_until" in row else None,
    )
