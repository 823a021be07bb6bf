"""The API against its own description, in one process: the quick half of tests/local/test_contract.py."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from orderhub.api.app import app
from orderhub.service.access import to_context
from tests import contract
from tests.functional.hub import ADMIN, Hub, function

KEY = "oh_for_the_tests"
EXAMPLES = 5
TAGS = sorted({tag for route in (*app._static_routes, *app._dynamic_routes) for tag in route.tags})


def gateway(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """API Gateway in front of the function: WSGI in, payload format 2.0 out."""
    request = Request(environ)
    body = request.get_data()
    known = request.headers.get("authorization") == f"Bearer {KEY}"
    is_open = request.path in ("/v1/openapi.json", "/v1/docs")
    if not known and not is_open:
        return Response('{"message":"Unauthorized"}', 401, mimetype="application/json")(environ, start_response)
    query = request.query_string.decode("latin-1")
    event = {
        "version": "2.0",
        "routeKey": "ANY /v1/{proxy+}",
        "rawPath": request.path,
        "rawQueryString": query,
        "queryStringParameters": {name: ",".join(values) for name, values in request.args.lists()},
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "requestContext": {
            "http": {"method": request.method, "path": request.path},
            "requestId": "request-1",
            "domainName": "hub.example.com",
            "stage": "$default",
            **({} if is_open else {"authorizer": {"lambda": to_context(ADMIN)}}),
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }
    answer = function("api")(event, None)
    content = answer.get("body") or ""
    raw = base64.b64decode(content) if answer.get("isBase64Encoded") else content.encode()
    response = Response(raw, answer["statusCode"], {**(answer.get("headers") or {})})
    if response.status_code in (204, 304):
        del response.headers["Content-Type"]
    return response(environ, start_response)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tag", TAGS)
def test_every_answer_is_as_described(hub: Hub, tag: str) -> None:
    def ask(method: str, path: str, body: Any) -> Any:
        reply = hub.api(method, path, body)
        assert reply.status < 300, reply
        return reply.json

    known = contract.things(ask, [hub.connect("square")])
    config = contract.configuration(KEY, known, examples=EXAMPLES)

    found = contract.run(contract.of_app(gateway, config).include(tag=tag))

    assert not found.wrong, found.report
    assert found.requests > EXAMPLES
