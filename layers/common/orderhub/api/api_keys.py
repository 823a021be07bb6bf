"""/v1/api-keys."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel

from orderhub.api.call import IdempotencyKey, caller, idempotency_key
from orderhub.api.orders import Cursor, Limit
from orderhub.service import api_keys
from orderhub.service.api_keys import ApiKeyView, IssuedApiKey, NewApiKey

router = Router()


class ApiKeyList(BaseModel):
    """Part of the list of keys."""

    api_keys: list[ApiKeyView]
    next_cursor: str | None


@router.get("/api-keys", summary="API keys", tags=["api keys"])
def list_keys(limit: Limit = 50, cursor: Cursor = None) -> ApiKeyList:
    """The keys there are, without the keys themselves."""
    found, next_cursor = api_keys.list_keys(caller(router), limit=limit, cursor=cursor)
    return ApiKeyList(api_keys=found, next_cursor=next_cursor)


@router.post("/api-keys", summary="Make an API key", tags=["api keys"], status_code=201)
def issue_key(new: Annotated[NewApiKey, Body()], key: IdempotencyKey = None) -> IssuedApiKey:
    """Makes a key. This answer is the only one that shows it."""
    return api_keys.issue_key(caller(router), new, idempotency_key(key))


@router.delete("/api-keys/<key_id>", summary="Revoke an API key", tags=["api keys"], status_code=204)
def revoke_key(key_id: Annotated[str, Path()]) -> Response[None]:
    """Makes a key worthless, within a minute."""
    api_keys.revoke_key(caller(router), key_id)
    return Response(204)
