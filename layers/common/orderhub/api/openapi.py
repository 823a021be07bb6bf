"""The API's description of itself: OpenAPI, and pages made of it."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

_ABOUT = (
    "Orders of every platform, in one place. Money is in minor units of `amounts.currency`; times are UTC. "
    "Send `Authorization: Bearer <key>`. Every POST takes an `Idempotency-Key`; changes take `If-Match` with the ETag "
    "of an earlier answer. Errors have one shape: `error`, `message`, `details`, `request_id`."
)


def publish(app: APIGatewayHttpResolver, prefix: str, version: str) -> None:
    """Adds the description at /openapi.json and its pages at /docs, both open to everybody."""
    about: dict[str, Any] = {
        "title": "Orderhub",
        "version": version,
        "description": _ABOUT,
        "security_schemes": {"key": HTTPBearer(bearerFormat="oh_... or JWT")},
        "security": [{"key": []}],
    }
    app.enable_swagger(path=f"{prefix}/docs", **about)

    @app.get(f"{prefix}/openapi.json", include_in_schema=False)
    def describe() -> Response[str]:
        return Response(200, "application/json", app.get_openapi_json_schema(**about))
