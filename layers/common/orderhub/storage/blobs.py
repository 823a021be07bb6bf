"""Bodies too large for an item, in S3, named by what they contain."""

from __future__ import annotations

import hashlib
from datetime import datetime

from botocore.exceptions import ClientError

from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing

INLINE_LIMIT = 300 * 1024
"""Bytes of a body up to which it stays in its event; DynamoDB takes 400 KB an item."""
# S3 says that it is denied in place of not there to whoever may not list the bucket.
_NOT_THERE = ("NoSuchKey", "AccessDenied")


def put(data: bytes, at: datetime) -> str:
    """Stores bytes and returns their key: raw/yyyy/mm/dd/sha256. Writing the same again changes nothing."""
    key = f"raw/{at:%Y/%m/%d}/{hashlib.sha256(data).hexdigest()}"
    with passing():
        client("s3").put_object(Bucket=settings().blobs_bucket, Key=key, Body=data)
    return key


def get(key: str) -> bytes:
    """The bytes of a key. Raises Retry."""
    with passing():
        data: bytes = client("s3").get_object(Bucket=settings().blobs_bucket, Key=key)["Body"].read()
    return data


def find(key: str) -> bytes | None:
    """The bytes of a key, None when they are not there any more. Raises Retry."""
    with passing():
        try:
            data: bytes = client("s3").get_object(Bucket=settings().blobs_bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error_code(error) not in _NOT_THERE:
                raise
            return None
    return data


def delete(key: str) -> None:
    """Forgets the bytes of a key, if they are there. Raises Retry."""
    with passing():
        client("s3").delete_object(Bucket=settings().blobs_bucket, Key=key)
