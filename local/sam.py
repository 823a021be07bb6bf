"""From ``template.yaml`` to a CloudFormation template the engine understands. Pure: files in, values out.

One thing differs from what AWS gets: the routes of an HTTP API, which SAM puts into an OpenAPI body that the engine
ignores, become resources of their own.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse
from yaml import YAMLError

from local.packages import Package, make_package
from local.settings import LaunchError

Template = dict[str, Any]

CODE_PROPERTY = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
LAYER = "AWS::Serverless::LayerVersion"
# It warns, at each deployment, of usage metrics it has nowhere to send.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

ANY_METHOD = "x-amazon-apigateway-any-method"
SQS_CALLS_WITH_BATCH = ("sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
WORKERS_AT_ONCE = 4
API_ID_TAG = "ms-custom-id"


@dataclass(frozen=True)
class Translation:
    """A deployable template, the packages it points to, and by API id the CORS settings the engine must be told."""

    template: Template
    packages: list[Package]
    cors: dict[str, dict[str, Any]]


def translate(template: Template, folder: Path, bucket: str, parameters: Mapping[str, str]) -> Translation:
    """Translate a SAM template, changing it, with its code (paths relative to ``folder``) packaged for ``bucket``.

    Raises LaunchError, naming what is wrong, for a template that cannot be translated or lacks its code.
    """
    packages = package(template, folder, bucket)
    try:
        translated: Template = transform(template, dict(parameters), NoManagedPolicies())
    except InvalidDocumentException as error:
        reasons = [str(cause.message) for cause in error.causes] or [str(error)]
        raise LaunchError("\n".join(["The template is not valid SAM:", *reasons])) from error
    allow_batches(translated)
    allow_plain_http(translated)
    work_on_few(translated)
    return Translation(translated, packages, explode_http_apis(translated))


def allow_batches(template: Template) -> None:
    """Allow the batch form of each allowed SQS call: AWS checks it as the single call, the engine as one of its own."""
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        for policy in resource["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                allowed = [actions] if isinstance(actions, str) else list(actions)
                batches = [f"{action}Batch" for action in allowed if action in SQS_CALLS_WITH_BATCH]
                statement["Action"] = allowed + batches


def allow_plain_http(template: Template) -> None:
    """Take out the bucket policies that deny all but TLS: the engine speaks plain HTTP, on loopback only."""
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::S3::BucketPolicy":
            document = resource["Properties"]["PolicyDocument"]
            kept = [one for one in document["Statement"] if "aws:SecureTransport" not in str(one.get("Condition"))]
            if kept:
                document["Statement"] = kept
            else:
                del template["Resources"][name]


def work_on_few(template: Template) -> None:
    """Let few copies of a queue's function work at once: here each is a process of some 55 MB on your machine."""
    for resource in template["Resources"].values():
        scaling = resource.get("Properties", {}).get("ScalingConfig")
        if resource["Type"] == "AWS::Lambda::EventSourceMapping" and scaling:
            scaling["MaximumConcurrency"] = min(scaling["MaximumConcurrency"], WORKERS_AT_ONCE)


class NoManagedPolicies:
    """What the translator asks for names of AWS managed policies; the engine takes them as they are."""

    def load(self) -> dict[str, str]:
        """Return no names."""
        return {}


def load(template_file: Path) -> Template:
    """Read a template with CloudFormation's short forms (``!Ref``...). Raises LaunchError when it is not one."""
    try:
        template = yaml_parse(template_file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LaunchError(f"There is no {template_file}: run this in the project's folder.") from error
    except (YAMLError, ValueError) as error:
        raise LaunchError(f"{template_file.name} cannot be read: {error}") from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise LaunchError(f"{template_file.name} has no Resources.")
    return template


def parameter_values(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Each parameter the template declares: ours where we have one, else its default."""
    defaults = {
        name: declared["Default"] for name, declared in template.get("Parameters", {}).items() if "Default" in declared
    }
    ours = {name: value for name, value in given.items() if name in template.get("Parameters", {})}
    return {name: str(value) for name, value in {**defaults, **ours}.items()}


def http_api(template: Template) -> str:
    """The logical id of the template's HTTP API. Raises LaunchError when it has none."""
    for logical_id, resource in template["Resources"].items():
        if resource.get("Type") == "AWS::Serverless::HttpApi":
            return str(logical_id)
    raise LaunchError("The template has no AWS::Serverless::HttpApi, so there is nothing to call.")


def package(template: Template, folder: Path, bucket: str) -> list[Package]:
    """Package each function and layer, and point the template at ``bucket``. Raises LaunchError if code is missing."""
    packages = []
    for logical_id, resource in template["Resources"].items():
        name = CODE_PROPERTY.get(resource.get("Type"))
        if not name:
            continue
        source = folder / str(resource["Properties"].get(name, ""))
        if not source.is_dir():
            raise LaunchError(f"{logical_id} has its code in {source}, which is not a folder.")
        packages.append(make_package(logical_id, source, layer=resource["Type"] == LAYER))
        resource["Properties"][name] = f"s3://{bucket}/{packages[-1].key}"
        resource.pop("Metadata", None)
    return packages


def api_id(logical_id: str) -> str:
    """The fixed id (8 hex digits) of an HTTP API on the engine, so that its URL survives redeploys and restarts."""
    return hashlib.sha256(logical_id.encode()).hexdigest()[:8]


def explode_http_apis(template: Template) -> dict[str, dict[str, Any]]:
    """Turn the OpenAPI body of each HTTP API into integrations, authorizers and routes; return CORS by API id."""
    resources, cors = template["Resources"], {}
    for logical_id, api in list(resources.items()):
        properties = api.get("Properties", {})
        if api["Type"] != "AWS::ApiGatewayV2::Api" or "Body" not in properties:
            continue
        body = properties.pop("Body")
        properties.setdefault("Name", body.get("info", {}).get("title", logical_id))
        properties["ProtocolType"] = "HTTP"
        properties.setdefault("Tags", {})[API_ID_TAG] = api_id(logical_id)
        if settings := body.get("x-amazon-apigateway-cors"):
            cors[api_id(logical_id)] = {name[0].upper() + name[1:]: value for name, value in settings.items()}
        for name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
            if settings := scheme.get("x-amazon-apigateway-authorizer"):
                resources[f"{logical_id}Auth{name}"] = authorizer(logical_id, name, settings)
        for path, method, operation, condition in operations(body["paths"]):
            resources.update(route(logical_id, path, method, operation, condition))
    return cors


def operations(paths: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], str | None]]:
    """Path, method and operation of each route, and the condition of its function, if it has one."""
    for path, item in paths.items():
        methods, path_condition = unconditional(item)
        for method, declared in methods.items():
            operation, condition = unconditional(declared)
            if "x-amazon-apigateway-integration" in operation:
                yield path, method, operation, condition or path_condition


def unconditional(value: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """What SAM wrapped in a condition (``Fn::If`` with nothing otherwise), and that condition."""
    condition, wrapped, _ = value.get("Fn::If", (None, value, None))
    return wrapped, condition


def route(api: str, path: str, method: str, operation: dict[str, Any], condition: str | None) -> Template:
    """The integration and route resources of one operation."""
    declared = operation["x-amazon-apigateway-integration"]
    name = api + hashlib.sha256(f"{method} {path}".encode()).hexdigest()[:8]
    verb = "ANY" if method == ANY_METHOD else method.upper()
    security = [scheme for entry in operation.get("security", []) for scheme in entry if scheme != "NONE"]
    integration = {
        "ApiId": {"Ref": api},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": declared["uri"],
        "IntegrationMethod": "POST",
        "PayloadFormatVersion": str(declared.get("payloadFormatVersion", "2.0")),
    }
    properties = {
        "ApiId": {"Ref": api},
        "RouteKey": "$default" if path == "/$default" else f"{verb} {path}",
        "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
    }
    if security:
        properties["AuthorizationType"] = "CUSTOM"
        properties["AuthorizerId"] = {"Ref": f"{api}Auth{security[0]}"}
    when = {"Condition": condition} if condition else {}
    return {
        f"{name}Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration, **when},
        f"{name}Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": properties, **when},
    }


def authorizer(api: str, name: str, settings: dict[str, Any]) -> Template:
    """The authorizer resource of a security scheme: a function asked with each request's identity."""
    source = settings.get("identitySource", "$request.header.Authorization")
    return {
        "Type": "AWS::ApiGatewayV2::Authorizer",
        "Properties": {
            "ApiId": {"Ref": api},
            "Name": name,
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": settings["authorizerUri"],
            "IdentitySource": [part.strip() for part in source.split(",")] if isinstance(source, str) else source,
            "AuthorizerPayloadFormatVersion": str(settings.get("authorizerPayloadFormatVersion", "2.0")),
            "EnableSimpleResponses": bool(settings.get("enableSimpleResponses")),
            "AuthorizerResultTtlInSeconds": settings.get("authorizerResultTtlInSeconds", 300),
        },
    }


def as_json(template: Template) -> str:
    """The template as CloudFormation takes it."""
    return json.dumps(template, default=str)
