"""Who may call which route."""

import pytest

from tests.template.cloudformation import Template, load, names, properties
from tests.template.rules import api, functions

TEMPLATE = load()
WEBHOOKS = [
    name
    for name in names(TEMPLATE, "AWS::Serverless::Function")
    if properties(TEMPLATE, name)["CodeUri"].startswith("functions/webhooks/")
]
BEHIND_THE_API = sorted({owner for owner, _ in api.routes(TEMPLATE).values()} | {"Authorizer"})
# Platforms prove themselves to the webhooks; the API's description holds no secret.
OPEN_ROUTES = {("GET", "/v1/openapi.json"), ("GET", "/v1/docs")}


@pytest.mark.parametrize("function", WEBHOOKS)
def test_the_route_of_a_webhook_matches_its_slug_and_is_open(template: Template, function: str) -> None:
    assert api.webhook_route_matches_its_slug(template, function) == []


def test_every_other_route_asks_the_authorizer(template: Template) -> None:
    unguarded = {
        route
        for route, (owner, authorizer) in api.routes(template).items()
        if owner not in WEBHOOKS and authorizer is None
    }
    assert unguarded == OPEN_ROUTES


def test_the_authorizer_is_asked_with_the_token_alone_and_again_after_a_minute(stack: Template) -> None:
    scheme = properties(stack, "HttpApi")["Body"]["components"]["securitySchemes"]["StaffAuthorizer"]
    answer = scheme["x-amazon-apigateway-authorizer"]
    assert answer == {
        "type": "request",
        "authorizerUri": answer["authorizerUri"],
        "identitySource": ["$request.header.Authorization"],
        "authorizerPayloadFormatVersion": "2.0",
        "authorizerResultTtlInSeconds": 60,
        "enableSimpleResponses": True,
    }


@pytest.mark.parametrize("function", BEHIND_THE_API)
def test_a_function_behind_the_api_answers_before_the_gateway_gives_up(stack: Template, function: str) -> None:
    assert functions.api_function_answers_before_the_gateway_gives_up(stack, function) == []


def test_the_api_lets_no_web_page_use_a_staff_members_credentials(stack: Template) -> None:
    assert api.api_admits_no_strange_origin(stack, "HttpApi") == []


def test_the_access_log_holds_no_path_and_no_query(template: Template) -> None:
    """Some platforms prove themselves by a secret in the URL."""
    written = properties(template, "HttpApi")["AccessLogSettings"]["Format"]
    assert [name for name in ("$context.path", "queryString", "$context.domain") if name in written] == []
