"""The people who work in a store, and what they may do."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.errors import Reject
from orderhub.order.times import sortable
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.stores import get_store
from orderhub.storage import people
from orderhub.storage.config import Entry

ID_PATTERN = r"^[A-Za-z0-9._@-]{1,64}$"


class EmployeeFields(BaseModel):
    """What is said of an employee. role: the most that a key or token of theirs may do in this store."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    role: Role
    email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)


class Employee(EmployeeFields):
    """An employee. id: the merchant's own; version: grows by one with each change."""

    id: str
    version: int
    changed_by: str
    changed_at: AwareDatetime


def put_employee(
    caller: Caller, store_id: str, employee_id: str, fields: EmployeeFields, expected_version: int | None
) -> tuple[Employee, bool]:
    """Makes an employee, or changes one; True when they are new.

    Raises Reject PERMISSION_DENIED for a role above the caller's own, before or after; INVALID_STORE, VERSION_CONFLICT.
    """
    caller.require(Role.STORE_MANAGER)
    get_store(caller, store_id)
    caller.require(fields.role)
    before = people.employee(store_id, employee_id)
    if before is not None:
        caller.require(Role(before.document["role"]))
    known = before.version if before is not None else 0
    if expected_version not in (None, known):
        raise Reject("VERSION_CONFLICT", f"{employee_id} has changed since: the version now is {known}")
    document = {
        **fields.model_dump(mode="json"),
        "changed_by": caller.cause_name,
        "changed_at": sortable(now()),
    }
    return _employee(people.put_employee(store_id, employee_id, document, expected_version=known)), before is None


def get_employee(caller: Caller, store_id: str, employee_id: str) -> Employee:
    """An employee. Raises Reject PERMISSION_DENIED, INVALID_STORE, EMPLOYEE_NOT_FOUND."""
    return _employee(_entry(caller, store_id, employee_id))


def list_employees(
    caller: Caller, store_id: str, *, limit: int, cursor: str | None
) -> tuple[list[Employee], str | None]:
    """The employees of a store by id, and where the list goes on. Raises as `get_employee`."""
    caller.require(Role.STORE_MANAGER)
    get_store(caller, store_id)
    page = people.employees(store_id, limit=limit, cursor=cursor)
    return [_employee(entry) for entry in page.entries], page.next_cursor


def delete_employee(caller: Caller, store_id: str, employee_id: str) -> None:
    """Removes an employee; keys and tokens of theirs are worth nothing within a minute.

    Raises Reject PERMISSION_DENIED for one of a role above the caller's own, INVALID_STORE, EMPLOYEE_NOT_FOUND.
    """
    entry = _entry(caller, store_id, employee_id)
    caller.require(Role(entry.document["role"]))
    people.delete_employee(store_id, employee_id)


def _entry(caller: Caller, store_id: str, employee_id: str) -> Entry:
    caller.require(Role.STORE_MANAGER)
    get_store(caller, store_id)
    entry = people.employee(store_id, employee_id)
    if entry is None:
        raise Reject("EMPLOYEE_NOT_FOUND", f"store {store_id} has no employee {employee_id}")
    return entry


def _employee(entry: Entry) -> Employee:
    return Employee(id=people.employee_id(entry), version=entry.version, **entry.document)
