"""Who calls, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from orderhub.errors import Reject

EVERY_STORE = "*"


class Role(StrEnum):
    """What a key or person may do, least first; each may do what those before it may."""

    VIEWER = "viewer"
    STORE_EMPLOYEE = "store_employee"
    STORE_MANAGER = "store_manager"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what needs the other."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


@dataclass(frozen=True, slots=True)
class Caller:
    """A key or person that was let in. stores: ids of our stores, or EVERY_STORE alone.

    employee_id: of the store's employee whose key or token it is; then the name is theirs, too. Empty for none.
    """

    id: str
    name: str
    role: Role
    stores: frozenset[str]
    employee_id: str = ""

    @property
    def cause_name(self) -> str:
        """Who it was, for timelines and audits: a name, and the employee's id or else the key's."""
        return f"{self.name} ({self.employee_id or self.id})"

    def require(self, role: Role) -> None:
        """Raises Reject PERMISSION_DENIED unless the caller has at least this role."""
        if not self.role.covers(role):
            raise Reject("PERMISSION_DENIED", f"this needs the role {role}, you have {self.role}")

    def sees(self, store_id: str) -> bool:
        """Whether the caller works for a store."""
        return EVERY_STORE in self.stores or store_id in self.stores

    def require_store(self, store_id: str) -> None:
        """Raises Reject INVALID_STORE for a store the caller does not work for, whether or not there is one."""
        if not store_id or not self.sees(store_id):
            raise Reject("INVALID_STORE", f"there is no store {store_id}")


def to_context(caller: Caller) -> dict[str, str]:
    """The caller as API Gateway passes it on from the authorizer."""
    employee = {"employee_id": caller.employee_id} if caller.employee_id else {}
    stores = ",".join(sorted(caller.stores))
    return {"id": caller.id, "name": caller.name, "role": caller.role, "stores": stores, **employee}


def from_context(context: Mapping[str, Any]) -> Caller:
    """The caller the authorizer let in. Raises Reject PERMISSION_DENIED when there is none."""
    try:
        stores = frozenset(filter(None, context["stores"].split(",")))
        employee_id = str(context.get("employee_id", ""))
        return Caller(context["id"], context["name"], Role(context["role"]), stores, employee_id)
    except (KeyError, ValueError, AttributeError):
        raise Reject("PERMISSION_DENIED", "the call does not say who makes it") from None
