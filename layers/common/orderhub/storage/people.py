"""The people who work in a store: documents of the configuration table, `employees` / `<store id>#<employee id>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderhub.storage import config
from orderhub.storage.config import Collection, Entry, EntryPage


def employee(store_id: str, employee_id: str) -> Entry | None:
    """An employee of a store, None when there is none. Raises Retry."""
    return config.get(Collection.EMPLOYEES, _id(store_id, employee_id))


def put_employee(store_id: str, employee_id: str, document: Mapping[str, Any], *, expected_version: int) -> Entry:
    """Stores an employee; expected_version: 0 for a new one. Raises Reject VERSION_CONFLICT, Retry."""
    return config.put(Collection.EMPLOYEES, _id(store_id, employee_id), document, expected_version=expected_version)


def delete_employee(store_id: str, employee_id: str) -> None:
    """Removes an employee, if there is one. Raises Retry."""
    config.delete(Collection.EMPLOYEES, _id(store_id, employee_id))


def employees(store_id: str, *, limit: int, cursor: str | None) -> EntryPage:
    """The employees of a store by id. Raises Reject INVALID_CURSOR, Retry."""
    return config.page(Collection.EMPLOYEES, limit=limit, cursor=cursor, prefix=_id(store_id, ""))


def employee_id(entry: Entry) -> str:
    """The id of an employee within their store."""
    return entry.id.partition("#")[2]


def _id(store_id: str, employee_id: str) -> str:
    return f"{store_id}#{employee_id}"
