"""Rules of the HTTP API."""

from tests.template.cloudformation import Template, names, properties


def routes(template: Template) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Method and path of each route of the SAM template, with its function and authorizer."""
    return {
        (route["Method"], route["Path"]): (name, route.get("Auth", {}).get("Authorizer"))
        for name in names(template, "AWS::Serverless::Function")
        for event in properties(template, name).get("Events", {}).values()
        if event["Type"] == "HttpApi" and (route := event["Properties"])
    }


# Platforms that call several URLs of ours, each below the connection's own.
CALL_BELOW = frozenset({"opentable", "petpooja"})


def webhook_route_matches_its_slug(template: Template, name: str) -> list[str]:
    slug = properties(template, name)["CodeUri"].removeprefix("functions/webhooks/")
    found = {route: open_to for route, (owner, open_to) in routes(template).items() if owner == name}
    wanted: dict[tuple[str, str], str | None] = {("ANY", f"/webhooks/{slug}/{{connection_id}}"): None}
    if slug in CALL_BELOW:
        wanted["ANY", f"/webhooks/{slug}/{{connection_id}}/{{below+}}"] = None
    return [] if found == wanted else [f"{name} serves {found}, not {wanted}"]


def api_admits_no_strange_origin(stack: Template, name: str) -> list[str]:
    """Any origin together with credentials would let every web page act as the staff member who opens it."""
    api = properties(stack, name)
    cors = {
        key.lower(): value
        for source in (api.get("CorsConfiguration", {}), api.get("Body", {}).get("x-amazon-apigateway-cors", {}))
        for key, value in source.items()
    }
    if cors.get("allowcredentials") and "*" in cors.get("alloworigins", []):
        return [f"{name} lets any web page use a staff member's credentials"]
    return []
