"""The stack's tables, queues and bucket in moto, made from template.yaml so that they cannot drift from it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import ClientError

from orderhub.runtime import settings
from orderhub.storage.aws import client
from orderhub.storage.codec import from_item
from tests.template.cloudformation import Template, load, names, properties

_TABLE = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode", "StreamSpecification")


@cache
def admin(service: str) -> Any:
    """A client for what the hub itself never does; the hub's own know its few calls only."""
    return botocore.session.get_session().create_client(service)


@cache
def template() -> Template:
    """template.yaml."""
    return load()


@cache
def aws(service: str) -> Any:
    """A client that can do all that AWS can, to look behind the scenes; the hub's own know its calls alone."""
    return botocore.session.get_session().create_client(service)


class Cloud:
    """One account with the stack's storage in it. ids: logical id in the template -> name, queue URL or ARN."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        for name in names(template(), "AWS::DynamoDB::Table"):
            self._make_table(name)
        checked = "before-parameter-build.dynamodb.Query"
        client("dynamodb").meta.events.register(checked, _check_start, unique_id="check-start")
        for name in sorted(names(template(), "AWS::SQS::Queue"), key=lambda name: not name.endswith("DLQ")):
            self._make_queue(name)
        for name in names(template(), "AWS::S3::Bucket"):
            self.ids[name] = name.lower()
            aws("s3").create_bucket(Bucket=self.ids[name])

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that the template gives every function."""
        given = template()["Globals"]["Function"]["Environment"]["Variables"]
        return {name: self._resolved(value) for name, value in given.items()}

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack."""
        return {name: self._resolved(output["Value"]) for name, output in template()["Outputs"].items()}

    def deploy(self, stack: str) -> None:
        """Makes a CloudFormation stack that has the template's outputs."""
        shown = {name: {"Value": value} for name, value in self.outputs.items()}
        body = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": shown}
        aws("cloudformation").create_stack(StackName=stack, TemplateBody=json.dumps(body))

    def _make_table(self, name: str) -> None:
        given = {key: value for key, value in properties(template(), name).items() if key in _TABLE}
        if "StreamSpecification" in given:
            given["StreamSpecification"] = {"StreamEnabled": True, **given["StreamSpecification"]}
        aws("dynamodb").create_table(TableName=name, **given)
        self.ids[name] = name

    def _make_queue(self, name: str) -> None:
        given = properties(template(), name)
        attributes = {}
        if "VisibilityTimeout" in given:
            attributes["VisibilityTimeout"] = str(given["VisibilityTimeout"])
        if "RedrivePolicy" in given:
            target = given["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"]
            most = given["RedrivePolicy"]["maxReceiveCount"]
            arn = self.ids[".".join(target)]
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": most})
        url = aws("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        region, account = url.split("/")[2].split(".")[1], url.split("/")[3]
        self.ids |= {name: url, f"{name}.Arn": f"arn:aws:sqs:{region}:{account}:{name}"}

    def _resolved(self, value: Any) -> str:
        defaults = {name: str(one["Default"]) for name, one in template()["Parameters"].items()}
        match value:
            case {"Ref": str(name)}:
                return {**defaults, **self.ids}.get(name, name)
            case {"Fn::Sub": str(pattern)}:
                for name, default in defaults.items():
                    pattern = pattern.replace(f"${{{name}}}", default)
                return pattern
            case _:
                return str(value)


def _check_start(params: Mapping[str, Any], **_: Any) -> None:
    """Refuses a query that starts outside of what it asks for, as DynamoDB does and moto does not."""
    start = params.get("ExclusiveStartKey")
    if start is None:
        return
    table = properties(template(), params["TableName"])
    schemas = {one["IndexName"]: one["KeySchema"] for one in table.get("GlobalSecondaryIndexes", [])}
    schema = [*table["KeySchema"], *schemas.get(params.get("IndexName"), [])]
    asked = re.match(r"(\w+) = (:\w+)", params["KeyConditionExpression"])
    partition, value = asked.groups() if asked else ("", "")
    whole = set(start) == {key["AttributeName"] for key in schema}
    if not whole or start[partition] != params["ExpressionAttributeValues"][value]:
        told: Any = {"Error": {"Code": "ValidationException", "Message": "The provided starting key is invalid"}}
        raise ClientError(told, "Query")


def items(table: str | None = None) -> list[dict[str, Any]]:
    """Every item of a table (the orders table when none is named) as values, by key."""
    found = aws("dynamodb").scan(TableName=table or settings().orders_table, ConsistentRead=True)["Items"]
    return sorted((from_item(item) for item in found), key=lambda row: (row["pk"], row["sk"]))


def events() -> list[dict[str, Any]]:
    """Every event item."""
    return [row for row in items() if row["sk"].startswith("E#")]


def images() -> dict[tuple[str, str], Mapping[str, Any]]:
    """Every item of the orders table in DynamoDB's notation, by its key."""
    found = aws("dynamodb").scan(TableName=settings().orders_table, ConsistentRead=True)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}


def waiting(queue_url: str) -> list[Any]:
    """The bodies of the messages in a queue, which is emptied."""
    sqs, bodies = aws("sqs"), []
    while found := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", []):
        for message in found:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return bodies
