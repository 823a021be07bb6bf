"""Many items of the orders table at once: read, or written all or none."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from orderhub.errors import Quarantine, Retry
from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import Item

_TRIES_WHEN_BUSY = 6
_REFUSED = "ValidationException"


def batch_get(keys: Sequence[Item]) -> dict[str, Item]:
    """Items by "pk sk", as many as there are; 100 a request. Raises Retry."""
    found: dict[str, Item] = {}
    wanted = list(keys)
    table = settings().orders_table
    for attempt in range(_TRIES_WHEN_BUSY + len(keys) // 100):
        if not wanted:
            return found
        time.sleep(0.05 * max(0, attempt - len(keys) // 100))  # what was left over, DynamoDB had no time for
        with passing():
            page = client("dynamodb").batch_get_item(RequestItems={table: {"Keys": wanted[:100]}})
        left = page.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        wanted = [*left, *wanted[100:]]
        found |= {f"{item['pk']['S']} {item['sk']['S']}": item for item in page["Responses"].get(table, [])}
    raise Retry("DynamoDB is too busy to read a page of orders")


def transact(writes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """Writes all or nothing. None when written, else the reason of each write.

    Raises Quarantine for what is too large for an item, Retry.
    """
    for attempt in range(_TRIES_WHEN_BUSY):
        with passing():
            try:
                client("dynamodb").transact_write_items(TransactItems=list(writes))
                return None
            except ClientError as error:
                response: Mapping[str, Any] = error.response
                reasons: list[dict[str, Any]] = response.get("CancellationReasons", [])
                if error_code(error) not in ("TransactionCanceledException", _REFUSED):
                    raise
                refused = error_code(error) == _REFUSED
        codes = {reason["Code"] for reason in reasons}
        if "ConditionalCheckFailed" in codes:
            return reasons
        if refused or "ValidationError" in codes:
            raise Quarantine("DynamoDB does not take it: the order is too large for an item")
        time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311  (another transaction has the item)
    raise Retry("too many writers at the same order")
