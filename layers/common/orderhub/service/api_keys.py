"""API keys: shown once, stored hashed."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from pydantic import BaseModel, ConfigDict, Field

from orderhub.errors import Reject
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.service.once import create, new_id
from orderhub.storage import config
from orderhub.storage.config import Collection, Entry

PREFIX = "oh_"


class NewApiKey(BaseModel):
    """A key to be made. stores: ids of the stores it is for, `*` for all."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    role: Role
    stores: list[str] = Field(default=[EVERY_STORE], min_length=1)


class ApiKeyView(BaseModel):
    """A key as it is listed."""

    id: str
    name: str
    role: Role
    stores: list[str]


class IssuedApiKey(ApiKeyView):
    """A key as it is shown once: key is None when the request is a repeat, for it cannot be shown again."""

    key: str | None


def issue_key(caller: Caller, new: NewApiKey, idempotency_key: str | None) -> IssuedApiKey:
    """Makes a key. Raises Reject PERMISSION_DENIED for a role or store that the caller does not have."""
    caller.require(Role.ADMIN)
    for store_id in new.stores:
        caller.require_store(store_id)
    key_id = new_id("key_", caller.id, idempotency_key)
    # The id is part of the key, so that a key is looked up by its id and proved by its hash.
    key = f"{PREFIX}{key_id.removeprefix('key_')}_{secrets.token_urlsafe(32)}"
    asked = new.model_dump(mode="json")
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
    return Caller(view.id, view.name, view.role, frozenset(view.stores))


def _reaches(caller: Caller, entry: Entry) -> bool:
    """Whether the caller works for all stores that a key is for."""
    return all(caller.sees(store_id) for store_id in entry.document["stores"])


def _hash(key: str) -> str:
    """SHA-256 is enough: a key is 256 random bits, there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


def _view(entry: Entry) -> ApiKeyView:
    document = entry.document
    return ApiKeyView(id=entry.id, name=document["name"], role=Role(document["role"]), stores=document["stores"])
