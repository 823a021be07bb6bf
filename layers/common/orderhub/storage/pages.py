"""Lists a page at a time, with a cursor that says where the next one starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from orderhub.errors import Reject
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import Item, from_cursor, to_cursor


def query_page(request: Mapping[str, Any], cursor: str | None) -> tuple[list[Item], str | None]:
    """One page of a DynamoDB query, and the cursor of the next.

    Raises Reject INVALID_CURSOR for a cursor that is not ours, or of another list; Retry.
    """
    start = from_cursor(cursor)
    more = {"ExclusiveStartKey": start} if cursor is not None else {}
    with passing():
        try:
            page = client("dynamodb").query(**request, **more)
        except ClientError as error:
            if cursor is None or error_code(error) != "ValidationException":
                raise
            raise Reject("INVALID_CURSOR", "the cursor is of another list") from None
    return page["Items"], to_cursor(page.get("LastEvaluatedKey"))
