"""Rules of who may do what."""

from collections.abc import Iterator

from tests.template.cloudformation import Resource, Template, many, properties, text

# Permissions that are wider than one named thing, each with its reason.
MANAGED_POLICIES = {
    "service-role/AWSLambdaBasicExecutionRole": "SAM attaches it to each role it makes; it only writes logs",
    "AWSXrayWriteOnlyAccess": "Tracing: Active needs it; X-Ray knows no resources to limit it to",
}
OPEN_RESOURCES = {
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/orderhub/${Stage}/connections/*": (
        "connections are made while the hub runs, so their parameters have no name here"
    ),
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/orderhub/${Stage}/tokens/*": (
        "one parameter per connection that calls its platform with a token"
    ),
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/orderhub/${Stage}/subscriptions/*": (
        "one parameter per subscription, made while the hub runs"
    ),
    "${BlobsBucket.Arn}/raw/*": "a body's key is the hash of its content",
    "${BlobsBucket.Arn}/attachments/*": "the API makes up the key of each",
}


def statements(stack: Template, role: str) -> Iterator[Resource]:
    """The inline statements of a role."""
    for policy in properties(stack, role).get("Policies", []):
        yield from many(policy["PolicyDocument"]["Statement"])


def role_names_what_it_may_touch(stack: Template, name: str) -> list[str]:
    return [problem for statement in statements(stack, name) for problem in _wildcards(name, statement)]


def _wildcards(name: str, statement: Resource) -> Iterator[str]:
    if statement["Effect"] != "Allow":
        return
    if {"NotAction", "NotResource", "NotPrincipal"} & set(statement):
        yield f"{name} allows all but something"
    for action in many(statement.get("Action", [])):
        if "*" in action:
            yield f"{name} may do {action}"
    for resource in map(text, many(statement.get("Resource", []))):
        if "*" in resource and resource not in OPEN_RESOURCES:
            yield f"{name} may touch {resource}"


def role_has_no_broad_managed_policy(stack: Template, name: str) -> list[str]:
    attached = [text(arn).partition(":policy/")[2] for arn in properties(stack, name).get("ManagedPolicyArns", [])]
    return [f"{name} has {policy}" for policy in attached if policy not in MANAGED_POLICIES]


def resource_policy_lets_in_only_aws_services_and_the_account(stack: Template, name: str) -> list[str]:
    resource = properties(stack, name)
    document = resource.get("PolicyDocument") or resource.get("KeyPolicy") or {"Statement": []}
    return [
        problem
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for problem in _strangers(name, statement)
    ]


def _strangers(name: str, statement: Resource) -> Iterator[str]:
    match statement["Principal"]:
        case {"Service": str()}:
            if "aws:SourceAccount" not in statement.get("Condition", {}).get("StringEquals", {}):
                yield f"{name} lets a service act for other accounts"
        case {"AWS": principal} if text(principal) == "arn:${AWS::Partition}:iam::${AWS::AccountId}:root":
            return
        case _:
            yield f"{name} lets in {text(statement['Principal'])}"
