"""Tables and bucket: safe, private, and there after the stack is gone."""

import pytest

from tests.template.cloudformation import Template, load, names, properties
from tests.template.rules import storage

TEMPLATE = load()
TABLES = names(TEMPLATE, "AWS::DynamoDB::Table")
BUCKETS = names(TEMPLATE, "AWS::S3::Bucket")


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_encrypted_restorable_and_protected_in_production(stack: Template, table: str) -> None:
    assert storage.table_is_safe(stack, table) == []


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_blocks_public_access_and_plain_http(stack: Template, bucket: str) -> None:
    assert storage.bucket_is_private(stack, bucket) == []


@pytest.mark.parametrize("store", TABLES + BUCKETS)
def test_data_outlives_the_stack(stack: Template, store: str) -> None:
    assert storage.data_outlives_the_stack(stack, store) == []


def test_raw_bodies_never_expire(stack: Template) -> None:
    """The timeline points to them, and it is kept for ever."""
    lifecycle = properties(stack, "BlobsBucket")["LifecycleConfiguration"]["Rules"]
    assert [rule["Id"] for rule in lifecycle if "ExpirationInDays" in rule or "ExpirationDate" in rule] == []


def test_the_stream_of_orders_carries_new_items(stack: Template) -> None:
    assert properties(stack, "OrdersTable")["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
