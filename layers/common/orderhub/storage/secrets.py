"""Credentials of connections: one SSM SecureString each, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from orderhub.errors import Misconfigured
from orderhub.runtime import settings
from orderhub.storage.aws import client, error_code, passing
from orderhub.storage.codec import to_json


def get(connection_id: str) -> dict[str, Any]:
    """The credentials of a connection. Raises Misconfigured when there are none, Retry."""
    with passing():
        try:
            found = client("ssm").get_parameter(Name=_name(connection_id), WithDecryption=True)
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise
            raise Misconfigured(f"connection {connection_id} has no credentials") from None
    values: dict[str, Any] = json.loads(found["Parameter"]["Value"])
    return values


def put(connection_id: str, credentials: Mapping[str, Any]) -> None:
    """Stores the credentials of a connection, in place of those before. Raises Retry."""
    with passing():
        client("ssm").put_parameter(
            Name=_name(connection_id), Value=to_json(credentials), Type="SecureString", Overwrite=True
        )


def delete(connection_id: str) -> None:
    """Forgets the credentials of a connection, if there are any. Raises Retry."""
    with passing():
        try:
            client("ssm").delete_parameter(Name=_name(connection_id))
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise


def _name(connection_id: str) -> str:
    return f"{settings().secrets_prefix}/connections/{connection_id}"
