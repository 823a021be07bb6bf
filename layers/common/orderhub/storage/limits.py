"""How often somebody has called: a counter for each span of time, which DynamoDB forgets by itself.

Config table: pk R#<who>, sk <number of the span>; calls, expires_at.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import to_item

_KEPT = timedelta(hours=1)


def spend(who: str, at: datetime, most: int, span: timedelta) -> timedelta | None:
    """Counts a call; None when it is among the first `most` of its span, else the time until the next. Raises Retry."""
    number, into = divmod(at.timestamp(), span.total_seconds())
    with passing():
        try:
            client("dynamodb").update_item(
                TableName=settings().config_table,
                Key=to_item({"pk": f"R#{who}", "sk": str(int(number))}),
                UpdateExpression="ADD calls :one SET expires_at = :expires",
                ConditionExpression="attribute_not_exists(calls) OR calls < :most",
                ExpressionAttributeValues=to_item(
                    {":one": 1, ":most": most, ":expires": int((at + _KEPT).timestamp())}
                ),
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return span - timedelta(seconds=into)
    return None
