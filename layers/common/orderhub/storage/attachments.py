"""Files of issues in S3, which people upload and open by themselves with links that we sign.

Key: attachments/<order id>/<issue id>/<attachment id>
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from botocore.exceptions import ClientError

from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing

# S3 says 403 in place of 404 to whoever may not list the bucket.
_NOT_THERE = ("404", "403", "NoSuchKey", "AccessDenied")


@dataclass(frozen=True, slots=True)
class Form:
    """What to send to S3: a POST of multipart/form-data with these fields and then the file as `file`."""

    url: str
    fields: Mapping[str, str]


def key_of(order_id: str, issue_id: str, attachment_id: str) -> str:
    """Where a file lies."""
    return f"attachments/{order_id}/{issue_id}/{attachment_id}"


def sign_upload(key: str, content_type: str, size: int, seconds: int) -> Form:
    """Lets whoever has the form upload one file of this type, of 1 to `size` bytes, for so many seconds."""
    form = client("s3").generate_presigned_post(
        Bucket=settings().blobs_bucket,
        Key=key,
        Fields={"Content-Type": content_type},
        Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, size]],
        ExpiresIn=seconds,
    )
    return Form(form["url"], form["fields"])


def sign_link(key: str, name: str, content_type: str, seconds: int) -> str:
    """Lets whoever has the link see the file for so many seconds. name: what it is called where it is saved."""
    link: str = client("s3").generate_presigned_url(
        "get_object",
        Params={
            "Bucket": settings().blobs_bucket,
            "Key": key,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
        },
        ExpiresIn=seconds,
    )
    return link


def is_there(key: str) -> bool:
    """Whether the file was uploaded. Raises Retry."""
    with passing():
        try:
            client("s3").head_object(Bucket=settings().blobs_bucket, Key=key)
        except ClientError as error:
            if error_code(error) not in _NOT_THERE:
                raise
            return False
    return True


def delete(key: str) -> None:
    """Forgets a file, if it is there. Raises Retry."""
    with passing():
        client("s3").delete_object(Bucket=settings().blobs_bucket, Key=key)
