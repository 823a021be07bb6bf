"""API keys: shown once, stored hashed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from orderhub.errors import Reject
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.service.once import create, new_id
from orderhub.storage import config, people
from orderhub.storage.config import Collection, Entry

PREFIX = "oh_"


class NewApiKey(BaseModel):
    """A key to be made. stores: ids of the stores it is for, `*` for all.

    employee_id: the employee who is to use it, of the one store it is for; it then never may more than they may, and
    is worth nothing once they are gone.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    role: Role
    stores: list[str] = Field(default=[EVERY_STORE], min_length=1)
    employee_id: str | None = Field(default=None, min_length=1, max_length=64)


class ApiKeyView(BaseModel):
    """A key as it is listed."""

    id: str
    name: str
    role: Role
    stores: list[str]
    employee_id: str | None = None


class IssuedApiKey(ApiKeyView):
    """A key as it is shown once: key is None when the request is a repeat, for it cannot be shown again."""

    key: str | None


def issue_key(caller: Caller, new: NewApiKey, idempotency_key: str | None) -> IssuedApiKey:
    """Makes a key.

    Raises Reject PERMISSION_DENIED for a role that the caller does not have, INVALID_STORE, EMPLOYEE_NOT_FOUND,
    INVALID_FIELD_VALUE for an employee of several stores or of a lesser role.
    """
    caller.require(Role.ADMIN)
    for store_id in new.stores:
        caller.require_store(store_id)
    if new.employee_id is not None:
        _check_employee(new.stores, new.employee_id, new.role)
    key_id = new_id("key_", caller.id, idempotency_key)
    # The id is part of the key, so that a key is looked up by its id and proved by its hash.
    key = f"{PREFIX}{key_id.removeprefix('key_')}_{secrets.token_urlsafe(32)}"
    asked = new.model_dump(mode="json", exclude_none=True)
    entry, is_new = create(Collection.API_KEYS, key_id, {**asked, "hash": _hash(key)}, asked)
    return IssuedApiKey(**_view(entry).model_dump(), key=key if is_new else None)


def list_keys(caller: Caller, *, limit: int, cursor: str | None) -> tuple[list[ApiKeyView], str | None]:
    """The keys there are, and where the list goes on."""
    caller.require(Role.ADMIN)
    page = config.page(Collection.API_KEYS, limit=limit, cursor=cursor)
    return [_view(entry) for entry in page.entries if _reaches(caller, entry)], page.next_cursor


def revoke_key(caller: Caller, key_id: str) -> None:
    """Makes a key worthless; calls already let in may go on for the minute that the authorizer's answer is kept."""
    caller.require(Role.ADMIN)
    entry = config.get(Collection.API_KEYS, key_id)
    if entry is None or not _reaches(caller, entry):
        raise Reject("NOT_FOUND", f"there is no key {key_id}")
    config.delete(Collection.API_KEYS, key_id)


def caller_of_key(key: str) -> Caller | None:
    """Who holds this key; None when it is none of ours. Raises Retry."""
    key_id = "key_" + key.removeprefix(PREFIX).partition("_")[0]
    entry = config.get(Collection.API_KEYS, key_id)
    if entry is None or not hmac.compare_digest(entry.document.get("hash", ""), _hash(key)):
        return None
    view = _view(entry)
    caller = Caller(view.id, view.name, view.role, frozenset(view.stores))
    return caller if view.employee_id is None else as_employee(caller, view.employee_id)


def as_employee(caller: Caller, employee_id: str) -> Caller | None:
    """The caller as an employee of the one store they work for, with the lesser of both roles.

    None when there is no such employee (any more), or it is not one store. Raises Retry.
    """
    if len(caller.stores) != 1:
        return None
    (store_id,) = caller.stores
    entry = people.employee(store_id, employee_id)
    if entry is None:
        return None
    theirs = Role(entry.document["role"])
    role = caller.role if theirs.covers(caller.role) else theirs
    return replace(caller, name=entry.document["name"], role=role, employee_id=employee_id)


def _check_employee(stores: list[str], employee_id: str, role: Role) -> None:
    if len(stores) != 1 or EVERY_STORE in stores:
        raise Reject("INVALID_FIELD_VALUE", "an employee's key is for the one store they work in")
    entry = people.employee(stores[0], employee_id)
    if entry is None:
        raise Reject("EMPLOYEE_NOT_FOUND", f"store {stores[0]} has no employee {employee_id[:100]}")
    if not Role(entry.document["role"]).covers(role):
        raise Reject("INVALID_FIELD_VALUE", f"a key may not more than its employee, who is {entry.document['role']}")


def _reaches(caller: Caller, entry: Entry) -> bool:
    """Whether the caller works for all stores that a key is for."""
    return all(caller.sees(store_id) for store_id in entry.document["stores"])


def _hash(key: str) -> str:
    """SHA-256 is enough: a key is 256 random bits, there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


def _view(entry: Entry) -> ApiKeyView:
    document = entry.document
    return ApiKeyView(
        id=entry.id,
        name=document["name"],
        role=Role(document["role"]),
        stores=document["stores"],
        employee_id=document.get("employee_id"),
    )
