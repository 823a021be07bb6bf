"""Credentials and tokens of connections, secrets of subscriptions: one SSM SecureString each, and nowhere else."""

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
    values = _get(_name("connections", connection_id))
    if values is None:
        raise Misconfigured(f"connection {connection_id} has no credentials")
    return values


def put(connection_id: str, credentials: Mapping[str, Any]) -> None:
    """Stores the credentials of a connection, in place of those before. Raises Retry."""
    _put(_name("connections", connection_id), credentials)


def delete(connection_id: str) -> None:
    """Forgets the credentials of a connection and its token, if there are any. Raises Retry."""
    _delete(_name("connections", connection_id))
    delete_token(connection_id)


def get_token(connection_id: str) -> dict[str, Any] | None:
    """The access token of a connection, with when it ends; None when there is none. Raises Retry."""
    return _get(_name("tokens", connection_id))


def put_token(connection_id: str, token: Mapping[str, Any]) -> None:
    """Stores the access token of a connection. Raises Retry."""
    _put(_name("tokens", connection_id), token)


def delete_token(connection_id: str) -> None:
    """Forgets the access token of a connection, if there is one. Raises Retry."""
    _delete(_name("tokens", connection_id))


def get_subscription(subscription_id: str) -> dict[str, Any]:
    """The secrets of a subscription. Raises Misconfigured when there are none, Retry."""
    values = _get(_name("subscriptions", subscription_id))
    if values is None:
        raise Misconfigured(f"subscription {subscription_id} has no secret")
    return values


def put_subscription(subscription_id: str, values: Mapping[str, Any]) -> None:
    """Stores the secrets of a subscription, in place of those before. Raises Retry."""
    _put(_name("subscriptions", subscription_id), values)


def delete_subscription(subscription_id: str) -> None:
    """Forgets the secrets of a subscription, if there are any. Raises Retry."""
    _delete(_name("subscriptions", subscription_id))


def _get(name: str) -> dict[str, Any] | None:
    with passing():
        try:
            found = client("ssm").get_parameter(Name=name, WithDecryption=True)
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise
            return None
    values: dict[str, Any] = json.loads(found["Parameter"]["Value"])
    return values


def _put(name: str, values: Mapping[str, Any]) -> None:
    with passing():
        client("ssm").put_parameter(Name=name, Value=to_json(values), Type="SecureString", Overwrite=True)


def _delete(name: str) -> None:
    with passing():
        try:
            client("ssm").delete_parameter(Name=name)
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise


def _name(kind: str, connection_id: str) -> str:
    return f"{settings().secrets_prefix}/{kind}/{connection_id}"
