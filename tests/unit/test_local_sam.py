"""What the launcher makes of a SAM template: explicit routes, and packages that depend on their content only."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local import packages, sam
from local.settings import LaunchError

INTEGRATION = {
    "httpMethod": "POST",
    "type": "aws_proxy",
    "uri": {"Fn::Sub": "arn:${AWS::Partition}:apigateway:path/functions/${Read.Arn}/invocations"},
    "payloadFormatVersion": "2.0",
}


def http_api(paths: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A translated template with one HTTP API, as SAM leaves it."""
    properties = {"Body": {"info": {"title": "shop"}, "paths": paths, **body}}
    return {"Resources": {"Http": {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}}}


def operation(**more: Any) -> dict[str, Any]:
    return {"x-amazon-apigateway-integration": INTEGRATION, "responses": {}, **more}


def resources_of(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [found for found in template["Resources"].values() if found["Type"] == f"AWS::ApiGatewayV2::{kind}"]


def test_a_path_becomes_an_integration_and_a_route_to_it() -> None:
    template = http_api({"/orders/{id}": {"get": operation()}})
    assert sam.explode_http_apis(template) == {}
    (name,) = [name for name in template["Resources"] if name.endswith("Integration")]
    assert resources_of(template, "Integration") == [
        {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": INTEGRATION["uri"],
                "IntegrationMethod": "POST",
                "PayloadFormatVersion": "2.0",
            },
        }
    ]
    assert resources_of(template, "Route") == [
        {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "RouteKey": "GET /orders/{id}",
                "Target": {"Fn::Sub": f"integrations/${{{name}}}"},
            },
        }
    ]


def test_the_api_keeps_its_name_and_gets_a_fixed_id_instead_of_the_body() -> None:
    template = http_api({})
    sam.explode_http_apis(template)
    assert template["Resources"]["Http"]["Properties"] == {
        "Name": "shop",
        "ProtocolType": "HTTP",
        "Tags": {"ms-custom-id": sam.api_id("Http")},
    }


@pytest.mark.parametrize(
    ("path", "method", "key"),
    [
        ("/orders", "post", "POST /orders"),
        ("/v1/{proxy+}", "x-amazon-apigateway-any-method", "ANY /v1/{proxy+}"),
        ("/$default", "x-amazon-apigateway-any-method", "$default"),
    ],
)
def test_route_keys(path: str, method: str, key: str) -> None:
    template = http_api({path: {method: operation()}})
    sam.explode_http_apis(template)
    assert [route["Properties"]["RouteKey"] for route in resources_of(template, "Route")] == [key]


def test_methods_of_a_path_are_routes_of_their_own() -> None:
    template = http_api({"/orders": {"get": operation(), "post": operation()}})
    sam.explode_http_apis(template)
    keys = [route["Properties"]["RouteKey"] for route in resources_of(template, "Route")]
    assert keys == ["GET /orders", "POST /orders"]


def test_a_route_behind_an_authorizer_names_it_and_an_open_one_does_not() -> None:
    scheme = {
        "type": "apiKey",
        "x-amazon-apigateway-authorizer": {
            "type": "request",
            "authorizerUri": {"Fn::Sub": "uri"},
            "authorizerResultTtlInSeconds": 0,
            "identitySource": ["$request.header.Authorization"],
            "authorizerPayloadFormatVersion": "2.0",
            "enableSimpleResponses": True,
        },
    }
    paths = {"/v1": {"get": operation(security=[{"Keys": []}])}, "/docs": {"get": operation(security=[{"NONE": []}])}}
    template = http_api(paths, components={"securitySchemes": {"Keys": scheme}})
    sam.explode_http_apis(template)
    assert template["Resources"]["HttpAuthKeys"] == {
        "Type": "AWS::ApiGatewayV2::Authorizer",
        "Properties": {
            "ApiId": {"Ref": "Http"},
            "Name": "Keys",
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": {"Fn::Sub": "uri"},
            "IdentitySource": ["$request.header.Authorization"],
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": True,
            "AuthorizerResultTtlInSeconds": 0,
        },
    }
    guarded = {route["Properties"]["RouteKey"]: route["Properties"] for route in resources_of(template, "Route")}
    assert guarded["GET /v1"]["AuthorizationType"] == "CUSTOM"
    assert guarded["GET /v1"]["AuthorizerId"] == {"Ref": "HttpAuthKeys"}
    assert guarded["GET /docs"].keys().isdisjoint({"AuthorizationType", "AuthorizerId"})


def test_the_route_of_a_conditional_function_has_its_condition() -> None:
    nothing = {"Ref": "AWS::NoValue"}
    path = {"Fn::If": ["PathCondition", {"get": {"Fn::If": ["IsDev", operation(), nothing]}}, nothing]}
    template = http_api({"/open": path})
    sam.explode_http_apis(template)
    assert [made["Condition"] for made in resources_of(template, "Integration")] == ["IsDev"]
    assert [made["Condition"] for made in resources_of(template, "Route")] == ["IsDev"]


def test_cors_is_returned_in_the_shape_the_engine_is_told() -> None:
    cors = {"allowOrigins": ["https://console.example.com"], "allowMethods": ["GET"]}
    told = sam.explode_http_apis(http_api({}, **{"x-amazon-apigateway-cors": cors}))
    expected = {"AllowOrigins": ["https://console.example.com"], "AllowMethods": ["GET"]}
    assert told == {sam.api_id("Http"): expected}


def test_parameters_are_ours_where_declared_else_the_defaults() -> None:
    template = {"Parameters": {"Stage": {"Default": "prod"}, "Days": {"Default": 30}, "Key": {"Type": "String"}}}
    assert sam.parameter_values(template, {"Stage": "dev", "Unknown": "x"}) == {"Stage": "dev", "Days": "30"}


def test_a_template_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n  - [\n")
    with pytest.raises(LaunchError, match=r"(?s)template\.yaml cannot be read: .*line 3"):
        sam.load(file)


def test_a_template_that_is_not_sam_says_why(tmp_path: Path) -> None:
    template = {"Resources": {"Http": {"Type": "AWS::Serverless::HttpApi", "Properties": {"Nonsense": 1}}}}
    with pytest.raises(LaunchError, match=r"not valid SAM:\n.*Http"):
        sam.translate(template, tmp_path, "bucket", {})


def make_layer(folder: Path) -> Path:
    (folder / "shop" / "__pycache__").mkdir(parents=True)
    (folder / "shop" / "__pycache__" / "old.pyc").write_bytes(b"old")
    (folder / "shop" / "__init__.py").write_text("GREETING = 'hello'\n")
    (folder / "shop" / "table.yaml").write_text("a: 1\n")
    (folder / "Makefile").write_text("build:\n")
    (folder / "requirements.txt").write_text("pydantic\n")
    return folder


def names_in(package: packages.Package) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(package.body)) as archive:
        return [name for name in archive.namelist() if not name.endswith(".pyc")]


def run_python(source: str) -> str:
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout


def test_a_layer_is_packaged_as_on_aws_without_what_builds_it(tmp_path: Path) -> None:
    package = packages.make_package("Common", make_layer(tmp_path), layer=True)
    assert names_in(package) == ["python/shop/__init__.py", "python/shop/table.yaml"]


def test_a_function_is_packaged_whole(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    (tmp_path / "page.html").write_text("<p>")
    assert names_in(packages.make_package("Page", tmp_path, layer=False)) == ["app.py", "page.html"]


def test_the_same_code_gives_the_same_package_wherever_and_whenever(tmp_path: Path) -> None:
    first, second = make_layer(tmp_path / "first"), make_layer(tmp_path / "second")
    (second / "shop" / "__init__.py").touch()
    (second / "shop" / "table.yaml").chmod(0o755)
    assert packages.make_package("C", first, layer=True) == packages.make_package("C", second, layer=True)


def test_changed_code_gives_another_key(tmp_path: Path) -> None:
    layer = make_layer(tmp_path)
    before = packages.make_package("Common", layer, layer=True)
    (layer / "shop" / "__init__.py").write_text("GREETING = 'good evening'\n")
    assert packages.make_package("Common", layer, layer=True).key != before.key


def test_packaged_code_is_compiled_already(tmp_path: Path) -> None:
    package = packages.make_package("Common", make_layer(tmp_path / "layer"), layer=True)
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(package.body)) as archive:
        archive.extractall(unpacked)
        (compiled,) = [name for name in archive.namelist() if name.endswith(".pyc")]
    (unpacked / "python/shop/__init__.py").write_text("raise AssertionError('read the source')")
    source = f"import sys; sys.path.insert(0, {str(unpacked / 'python')!r}); import shop; print(shop.GREETING)"
    assert compiled.startswith("python/shop/__pycache__/__init__.")
    assert run_python(source) == "hello\n"


def test_code_with_a_syntax_error_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("ok = 1\ndef broken(:\n")
    with pytest.raises(LaunchError, match=r"app\.py, line 2: invalid syntax"):
        packages.make_package("Page", tmp_path, layer=False)


def test_code_that_is_missing_is_named(tmp_path: Path) -> None:
    template = {"Resources": {"Page": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "gone"}}}}
    with pytest.raises(LaunchError, match=r"Page has its code in .*gone, which is not a folder"):
        sam.package(template, tmp_path, "bucket")


def test_packages_are_where_the_template_points(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "app.py").write_text("")
    function = {"Type": "AWS::Serverless::Function", "Metadata": {}, "Properties": {"CodeUri": "page"}}
    template = {"Resources": {"Page": function, "Table": {"Type": "AWS::DynamoDB::Table"}}}
    (package,) = sam.package(template, tmp_path, "bucket")
    assert function == {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": f"s3://bucket/{package.key}"}}


def test_few_workers_of_a_queue_work_at_once() -> None:
    source = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"ScalingConfig": {"MaximumConcurrency": 50}}}
    stream = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {}}
    template = {"Resources": {"Source": source, "Stream": stream}}

    sam.work_on_few(template)

    assert source["Properties"] == {"ScalingConfig": {"MaximumConcurrency": sam.WORKERS_AT_ONCE}}
    assert stream["Properties"] == {}


def test_a_policy_that_only_demands_tls_is_left_out() -> None:
    tls_only = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    other = {"Effect": "Allow", "Action": "s3:GetObject"}
    policies = {
        name: {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Statement": statements}}}
        for name, statements in {"Alone": [tls_only], "Among": [tls_only, other]}.items()
    }
    template = {"Resources": policies}

    sam.allow_plain_http(template)

    assert list(template["Resources"]) == ["Among"]
    assert policies["Among"]["Properties"] == {"PolicyDocument": {"Statement": [other]}}


def test_who_may_send_may_send_in_batches() -> None:
    statement = {"Effect": "Allow", "Action": ["sqs:SendMessage", "dynamodb:Query"]}
    policy = {"PolicyDocument": {"Statement": [statement]}}
    sam.allow_batches({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}}})

    assert statement["Action"] == ["sqs:SendMessage", "dynamodb:Query", "sqs:SendMessageBatch"]
