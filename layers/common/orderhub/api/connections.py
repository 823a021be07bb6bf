"""/v1/connections."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel

from orderhub.api.call import (
    IdempotencyKey,
    IfMatch,
    Versioned,
    base_url,
    caller,
    expected_version,
    idempotency_key,
    versioned,
)
from orderhub.api.orders import Cursor, Limit
from orderhub.service import connections
from orderhub.service.connections import ConnectionChange, ConnectionView, NewConnection, Verification

router = Router()

ConnectionId = Annotated[str, Path()]


class ConnectionList(BaseModel):
    """Part of the list of connections."""

    connections: list[ConnectionView]
    next_cursor: str | None


@router.get("/connections", summary="Connections", tags=["connections"])
def list_connections(limit: Limit = 50, cursor: Cursor = None) -> ConnectionList:
    """The connections of your stores, without their secrets."""
    found, next_cursor = connections.list_connections(caller(router), base_url(router), limit=limit, cursor=cursor)
    return ConnectionList(connections=found, next_cursor=next_cursor)


@router.post("/connections", summary="Connect a platform", tags=["connections"], status_code=201)
def create_connection(new: Annotated[NewConnection, Body()], key: IdempotencyKey = None) -> Versioned[ConnectionView]:
    """Makes a connection. Its credentials are stored as a secret and are never shown again."""
    made = connections.create_connection(caller(router), new, base_url(router), idempotency_key(key))
    return _one(made, 201)


@router.get("/connections/<connection_id>", summary="One connection", tags=["connections"])
def get_connection(connection_id: ConnectionId) -> Versioned[ConnectionView]:
    """The connection, with its version as ETag and without its secrets."""
    return _one(connections.get_connection(caller(router), connection_id, base_url(router)))


@router.patch("/connections/<connection_id>", summary="Change a connection", tags=["connections"])
def change_connection(
    connection_id: ConnectionId, change: Annotated[ConnectionChange, Body()], if_match: IfMatch = None
) -> Versioned[ConnectionView]:
    """Changes what is given. Webhooks may go by the old settings for up to five minutes."""
    changed = connections.change_connection(
        caller(router), connection_id, change, base_url(router), expected_version(if_match)
    )
    return _one(changed)


@router.delete("/connections/<connection_id>", summary="Remove a connection", tags=["connections"], status_code=204)
def delete_connection(connection_id: ConnectionId) -> Response[None]:
    """Removes the connection and its credentials; its orders stay."""
    connections.delete_connection(caller(router), connection_id)
    return Response(204)


@router.post("/connections/<connection_id>/verify", summary="Try the credentials", tags=["connections"])
def verify_connection(connection_id: ConnectionId) -> Verification:
    """One cheap read at the platform with the stored credentials."""
    return connections.verify_connection(caller(router), connection_id)


def _one(connection: ConnectionView, status: int = 200) -> Versioned[ConnectionView]:
    return versioned(connection, connection.version, status)
