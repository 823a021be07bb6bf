"""References: what an outside system knows a thing of ours by.

Item         pk                             sk      attributes
reference    X#<connection id>#<their name> THING   thing: an order's id, or an issue's as `<order id>/<issue id>`
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import Item, from_item, to_item


def put(connection_id: str, theirs: str, thing: str) -> bool:
    """Notes whose name it is, before it is used; False when it is another thing's already. Raises Retry."""
    with passing():
        try:
            client("dynamodb").put_item(
                TableName=settings().orders_table,
                Item={**_key(connection_id, theirs), **to_item({"thing": thing})},
                ConditionExpression="attribute_not_exists(pk) OR thing = :thing",
                ExpressionAttributeValues=to_item({":thing": thing}),
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return False
    return True


def get(connection_id: str, theirs: str) -> str | None:
    """The thing of that name; None when it is not ours. Raises Retry."""
    with passing():
        found = client("dynamodb").get_item(
            TableName=settings().orders_table, Key=_key(connection_id, theirs), ConsistentRead=True
        )
    return str(from_item(found["Item"])["thing"]) if "Item" in found else None


def _key(connection_id: str, theirs: str) -> Item:
    return to_item({"pk": f"X#{connection_id}#{theirs}", "sk": "THING"})
