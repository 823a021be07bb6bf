"""Reads template.yaml: as it is written, and as CloudFormation gets it from SAM."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
Template = dict[str, Any]
Resource = dict[str, Any]


class _NoManagedPolicies:
    """SAM asks AWS for the managed policies that templates name; ours names none."""

    def load(self) -> dict[str, str]:
        return {}


def load() -> Template:
    """template.yaml, intrinsic functions in their long form."""
    template: Template = yaml_parse((ROOT / "template.yaml").read_text())
    return template


def translate(template: Template) -> Template:
    """What SAM makes of a template for CloudFormation, parameters at their defaults."""
    packaged = deepcopy(template)
    for resource in packaged["Resources"].values():
        for code in ("CodeUri", "ContentUri"):
            if code in resource.get("Properties", {}):
                resource["Properties"][code] = "s3://bucket/key"
    defaults = {name: parameter["Default"] for name, parameter in packaged["Parameters"].items()}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        translated: Template = transform(packaged, defaults, _NoManagedPolicies())
    return translated


def names(template: Template, kind: str) -> list[str]:
    """The logical ids of a type, in the template's order."""
    return [name for name, resource in template["Resources"].items() if resource["Type"] == kind]


def properties(template: Template, name: str) -> Resource:
    """The properties of a resource; empty if it has none or does not exist."""
    found: Resource = template["Resources"].get(name, {}).get("Properties", {})
    return found


def text(value: object) -> str:
    """A value as one line: references as ${Name} and ${Name.Attribute}, the way Fn::Sub writes them."""
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Sub": str(pattern)}:
            return pattern
        case _:
            return json.dumps(value, sort_keys=True)


def many(value: Any) -> list[Any]:
    """A list, also where a policy has one thing in place of a list of one."""
    return value if isinstance(value, list) else [value]
