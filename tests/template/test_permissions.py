"""Least privilege: each role names what it may do, to what."""

import pytest

from tests.template.cloudformation import Resource, Template, load, many, names, properties, text, translate
from tests.template.rules import permissions

STACK = translate(load())
POLICY_HOLDERS = [name for name in STACK["Resources"] if {"PolicyDocument", "KeyPolicy"} & set(properties(STACK, name))]

# What may be deleted: wishes that are fulfilled, stock that is no longer kept, tickets that are printed, and whose an
# erased order was.
DELETABLE = {"W#*", "S#*", "P#*", "PERSON#*"}

every_role = pytest.mark.parametrize("role", names(STACK, "AWS::IAM::Role"))


@every_role
def test_a_role_names_what_it_may_do_and_to_what(stack: Template, role: str) -> None:
    assert permissions.role_names_what_it_may_touch(stack, role) == []


@every_role
def test_a_role_has_no_managed_policy_but_those_with_a_reason(stack: Template, role: str) -> None:
    assert permissions.role_has_no_broad_managed_policy(stack, role) == []


@pytest.mark.parametrize("holder", POLICY_HOLDERS)
def test_a_resource_lets_in_only_services_acting_for_the_account_and_the_account(stack: Template, holder: str) -> None:
    assert permissions.resource_policy_lets_in_only_aws_services_and_the_account(stack, holder) == []


def test_each_function_has_a_role_of_its_own(stack: Template) -> None:
    roles = [text(properties(stack, name)["Role"]) for name in names(stack, "AWS::Lambda::Function")]
    assert len(set(roles)) == len(roles)


def test_only_the_staff_api_writes_credentials(stack: Template) -> None:
    writers = {
        role
        for role in names(stack, "AWS::IAM::Role")
        for statement in permissions.statements(stack, role)
        if {"ssm:PutParameter", "ssm:DeleteParameter"} & set(many(statement["Action"]))
        if any("/connections/" in text(resource) for resource in many(statement["Resource"]))
    }
    assert writers == {"ApiRole"}


def test_nobody_deletes_orders(stack: Template) -> None:
    deleters = {
        role
        for role in names(stack, "AWS::IAM::Role")
        for statement in permissions.statements(stack, role)
        if "dynamodb:DeleteItem" in many(statement["Action"])
        and any("OrdersTable" in text(resource) for resource in many(statement["Resource"]))
        and not _deletable(statement)
    }
    assert deleters == set()


def _deletable(statement: Resource) -> bool:
    conditions = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
    return set(conditions.get("dynamodb:LeadingKeys", ["*"])) <= DELETABLE


def test_every_exception_to_the_rules_is_still_needed(stack: Template) -> None:
    used = {
        text(resource)
        for role in names(stack, "AWS::IAM::Role")
        for statement in permissions.statements(stack, role)
        for resource in many(statement["Resource"])
    }
    attached = {
        text(arn).partition(":policy/")[2]
        for role in names(stack, "AWS::IAM::Role")
        for arn in properties(stack, role)["ManagedPolicyArns"]
    }
    assert set(permissions.OPEN_RESOURCES) <= used
    assert set(permissions.MANAGED_POLICIES) == attached
