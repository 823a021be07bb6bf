"""How a queue is worked on: one message after another, each with its own retries."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from orderhub.errors import HubError, Misconfigured, Retry
from orderhub.runtime import Metric, count, logger, measured
from orderhub.storage import queues

_FIRST_WAIT = 2.0  # seconds
_LONGEST_WAIT = 3600.0
# A credential that is refused will not mend itself within seconds.
_MISCONFIGURED_WAIT = 300.0


@dataclass(frozen=True, slots=True)
class Task:
    """One message. attempt: 1 the first time; last: whether the queue gives up on it after this attempt."""

    body: Mapping[str, Any]
    attempt: int
    last: bool = False


Work = Callable[[Task], None]


def queue_handler(work: Work, queue_url: Callable[[], str], *, attempts: int) -> Callable[..., dict[str, Any]]:
    """The Lambda handler that does `work` for each message and answers which of them have to come back.

    work raises Retry (again later, no sooner than its `after`) or Misconfigured (again, slowly); any other error is a
    bug and is tried again as well. attempts: the queue's maxReceiveCount, after which a message goes to the DLQ.
    """

    def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        failures = [
            {"itemIdentifier": record["messageId"]}
            for record in event["Records"]
            if not _done(record, work, queue_url(), attempts)
        ]
        return {"batchItemFailures": failures}

    return handler


def _done(record: Mapping[str, Any], work: Work, queue_url: str, attempts: int) -> bool:
    attempt = int(record["attributes"]["ApproximateReceiveCount"])
    last = attempt >= attempts
    body = _body(record)
    with measured(body.get("platform")):
        try:
            if not body:
                raise Misconfigured("a message that is none of ours")
            work(Task(body, attempt, last))
        except Exception as error:  # noqa: BLE001  (whatever it is, the message must come back)
            count(Metric.ACTION_FAILED if last else Metric.ACTION_RETRIED)
            _send_back(record["receiptHandle"], Task(body, attempt, last), queue_url, error)
            return False
        count(Metric.ACTION_SUCCEEDED)
        return True


def _body(record: Mapping[str, Any]) -> dict[str, Any]:
    """The message; an empty one for what is none of ours."""
    try:
        body = json.loads(record["body"])
    except ValueError:
        body = None
    return body if isinstance(body, dict) and "platform" in body else {}


def _send_back(receipt_handle: str, task: Task, queue_url: str, error: Exception) -> None:
    wait = backoff(task.attempt, error)
    known = isinstance(error, HubError)
    tell = logger.warning if known else logger.error
    tell(
        "given up" if task.last else "comes back",
        exc_info=not known,
        extra={"task": task.body, "attempt": task.attempt, "wait": wait, "reason": str(error)},
    )
    try:
        queues.delay(queue_url, receipt_handle, wait)
    except Retry as failure:
        # It comes back when its usual visibility timeout ends.
        logger.warning("not delayed", extra={"task": task.body, "reason": str(failure)})


def backoff(attempt: int, error: Exception) -> float:
    """Seconds until the next attempt: doubling, with jitter so that a platform that is back is not run over.

    Never less than a platform's Retry-After.
    """
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
    wait = random.uniform(longest / 2, longest)  # noqa: S311
    if isinstance(error, Misconfigured):
        wait = max(wait, _MISCONFIGURED_WAIT)
    if isinstance(error, Retry) and error.after is not None:
        wait = max(wait, error.after + random.uniform(0, 1))  # noqa: S311
    return wait
