"""The API's description of itself: OpenAPI, and pages made of it."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi import models
from pydantic import TypeAdapter

from orderhub.api.errors import Problem

_ABOUT = (
    "Orders of every platform, in one place. Money is in minor units of `amounts.currency`; times are UTC. "
    "Send `Authorization: Bearer <key>`. Every POST takes an `Idempotency-Key`; changes take `If-Match` with the ETag "
    "of an earlier answer. Errors have one shape: `error`, `message`, `details`, `request_id`."
)
_ERRORS: dict[int, str] = {
    401: "No token (answered by API Gateway, in its own shape)",
    403: "Not allowed to this role; or no valid token (then answered by API Gateway)",
    404: "There is no such thing, or not for you",
    409: "Not as things stand",
    412: "Somebody was faster: it is at another version than If-Match says",
    422: "The request does not fit",
    503: "Try again, after the seconds in Retry-After",
}
_METHODS = ("get", "post", "put", "patch", "delete")


class DescribedResolver(APIGatewayHttpResolver):
    """A resolver whose description tells the errors as they really are."""

    def get_openapi_schema(self, **about: Any) -> models.OpenAPI:
        """The description, with the one shape of error in place of the framework's."""
        described = super().get_openapi_schema(**about)
        if described.components is None:
            described.components = models.Components()
        schemas = described.components.schemas or {}
        schemas["Problem"] = TypeAdapter(models.Schema).validate_python(Problem.model_json_schema())
        described.components.schemas = schemas
        for path in (described.paths or {}).values():
            for method in _METHODS:
                operation = getattr(path, method)
                if operation is not None:
                    operation.responses = {**(operation.responses or {}), **_errors()}
        return described


def publish(app: APIGatewayHttpResolver, prefix: str, version: str) -> None:
    """Adds the description at /openapi.json and its pages at /docs, both open to everybody."""
    about: dict[str, Any] = {
        "title": "Orderhub",
        "version": version,
        "description": _ABOUT,
        "security_schemes": {"key": models.HTTPBearer(bearerFormat="oh_... or JWT")},
        "security": [{"key": []}],
    }
    app.enable_swagger(path=f"{prefix}/docs", **about)

    @app.get(f"{prefix}/openapi.json", include_in_schema=False)
    def describe() -> Response[str]:
        return Response(200, "application/json", app.get_openapi_json_schema(**about))


def _errors() -> dict[int, models.Response]:
    problem = models.MediaType.model_validate({"schema": {"$ref": "#/components/schemas/Problem"}})
    return {
        status: models.Response(description=meaning, content={"application/json": problem})
        for status, meaning in _ERRORS.items()
    }
