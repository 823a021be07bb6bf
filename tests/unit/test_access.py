"""Roles, stores, and the caller on its way through API Gateway."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.service.access import EVERY_STORE, Caller, Role, from_context, to_context

ROBIN = Caller("key_1", "Robin, at the till", Role.STORE_EMPLOYEE, frozenset({"sto_1", "sto_2"}))
RANKS = {Role.VIEWER: 0, Role.STORE_EMPLOYEE: 1, Role.STORE_MANAGER: 2, Role.ADMIN: 3}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
def test_each_role_may_do_what_those_before_it_may(role: Role, needed: Role) -> None:
    assert role.covers(needed) is (RANKS[role] >= RANKS[needed])


def test_a_caller_without_the_role_is_refused_with_both_named() -> None:
    with pytest.raises(Reject, match="this needs the role admin, you have store_employee") as refused:
        ROBIN.require(Role.ADMIN)

    assert refused.value.code == "PERMISSION_DENIED"


def test_a_caller_with_the_role_is_not_refused() -> None:
    ROBIN.require(Role.VIEWER)
    ROBIN.require(Role.STORE_EMPLOYEE)


@pytest.mark.parametrize(
    ("stores", "store_id", "seen"),
    [
        ({"sto_1"}, "sto_1", True),
        ({"sto_1"}, "sto_2", False),
        ({EVERY_STORE}, "sto_2", True),
        (set(), "sto_1", False),
        ({"sto_1"}, EVERY_STORE, False),
        ({"sto_1"}, "", False),
    ],
)
def test_a_caller_sees_the_stores_it_is_for(stores: set[str], store_id: str, seen: bool) -> None:
    assert Caller("x", "x", Role.ADMIN, frozenset(stores)).sees(store_id) is seen


def test_another_store_is_refused_as_if_there_were_none() -> None:
    with pytest.raises(Reject, match="there is no store sto_9") as refused:
        ROBIN.require_store("sto_9")

    assert refused.value.code == "INVALID_STORE"


@pytest.mark.parametrize(
    "caller",
    [
        ROBIN,
        Caller("x", "x", Role.ADMIN, frozenset({EVERY_STORE})),
        Caller("x", "é", Role.VIEWER, frozenset()),
        Caller("key_1", "Robin", Role.VIEWER, frozenset({"sto_1"}), "emp_7"),
    ],
)
def test_a_caller_comes_through_api_gateway_unchanged(caller: Caller) -> None:
    context = to_context(caller)

    assert all(isinstance(value, str) for value in context.values())
    assert from_context(context) == caller


@pytest.mark.parametrize("missing", ["id", "name", "role", "stores"])
def test_a_context_with_something_missing_lets_nobody_in(missing: str) -> None:
    context: dict[str, Any] = dict(to_context(ROBIN))
    del context[missing]

    with pytest.raises(Reject) as refused:
        from_context(context)
    assert refused.value.code == "PERMISSION_DENIED"


@pytest.mark.parametrize(("employee_id", "name"), [("", "Robin (key_1)"), ("emp_7", "Robin (emp_7)")])
def test_a_cause_names_the_employee_or_else_the_key(employee_id: str, name: str) -> None:
    assert Caller("key_1", "Robin", Role.VIEWER, frozenset({"sto_1"}), employee_id).cause_name == name
