"""Connections: one merchant account on one platform. Secrets go in, and never come out again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from orderhub.errors import Misconfigured, Reject
from orderhub.intake.connections import assemble, forget_connections
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Done, Platform
from orderhub.platforms.registry import load
from orderhub.service.access import Caller, Role
from orderhub.service.once import create, kept, new_id
from orderhub.service.stores import Store, get_store
from orderhub.storage import config, secrets
from orderhub.storage.config import Collection, Entry


class ConnectionFields(BaseModel):
    """What can be said of a connection.

    default_store_id: takes the orders of platform stores that are not on the map; stores: the platform's store id ->
    our store id; settings: of the platform, see its guide; active: whether messages are taken and polls made.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    default_store_id: str
    stores: dict[str, str] = {}
    settings: dict[str, Any] = {}
    active: bool = True


class NewConnection(ConnectionFields):
    """A connection to be made. credentials: of the platform, see its guide."""

    platform: str
    credentials: dict[str, Any]


class ConnectionChange(BaseModel):
    """What is to change of a connection; what is left out stays. credentials: all of them, in place of those before."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default_factory=str, min_length=1, max_length=200)
    default_store_id: str = ""
    stores: dict[str, str] = {}
    settings: dict[str, Any] = {}
    active: bool = True
    credentials: dict[str, Any] = {}


class ConnectionView(ConnectionFields):
    """A connection as it is shown: credential_names says which are stored. webhook_url: to register at the platform."""

    id: str
    platform: str
    version: int
    webhook_url: str
    credential_names: list[str]


class Verification(BaseModel):
    """What came of a trial read with a connection's credentials."""

    ok: bool
    message: str


def create_connection(caller: Caller, new: NewConnection, base_url: str, idempotency_key: str | None) -> ConnectionView:
    """Makes a connection; its credentials are stored before it is. Raises Reject, Misconfigured for wrong fields."""
    caller.require(Role.ADMIN)
    platform = load(new.platform)
    connection_id = new_id("con_", caller.id, idempotency_key)
    document = _document(caller, platform, connection_id, new, base_url)
    _check(platform, connection_id, document, new.credentials)
    document["credential_names"] = sorted(new.credentials)
    if config.get(Collection.CONNECTIONS, connection_id) is None:
        secrets.put(connection_id, new.credentials)
    entry, _ = create(Collection.CONNECTIONS, connection_id, document, [document, new.credentials])
    return _view(entry, base_url)


def get_connection(caller: Caller, connection_id: str, base_url: str) -> ConnectionView:
    """A connection. Raises Reject CONNECTION_NOT_FOUND."""
    caller.require(Role.STORE_MANAGER)
    return _view(_entry(caller, connection_id), base_url)


def list_connections(
    caller: Caller, base_url: str, *, limit: int, cursor: str | None
) -> tuple[list[ConnectionView], str | None]:
    """The connections of the caller's stores, and where the list goes on."""
    caller.require(Role.STORE_MANAGER)
    page = config.page(Collection.CONNECTIONS, limit=limit, cursor=cursor)
    return [_view(entry, base_url) for entry in page.entries if _seen(caller, entry)], page.next_cursor


def change_connection(
    caller: Caller, connection_id: str, change: ConnectionChange, base_url: str, expected_version: int | None
) -> ConnectionView:
    """Changes a connection. Raises Reject CONNECTION_NOT_FOUND, VERSION_CONFLICT, Misconfigured for wrong fields."""
    caller.require(Role.ADMIN)
    entry = _entry(caller, connection_id)
    platform = load(entry.document["platform"])
    before = _view(entry, base_url).model_dump(include=set(ConnectionFields.model_fields))
    asked = change.model_dump(exclude_unset=True, exclude={"credentials"})
    fields = ConnectionFields.model_validate({**before, **asked})
    document = _document(caller, platform, connection_id, fields, base_url)
    renewed = "credentials" in change.model_fields_set
    credentials = change.credentials if renewed else secrets.get(connection_id)
    _check(platform, connection_id, document, credentials)
    version = entry.version if expected_version is None else expected_version
    if version != entry.version:
        raise Reject("VERSION_CONFLICT", f"{connection_id} has changed since: it is at version {entry.version} now")
    if renewed:
        secrets.put(connection_id, change.credentials)
        secrets.delete_token(connection_id)
    document["credential_names"] = sorted(credentials)
    changed = {**kept(entry), **document}
    stored = config.put(Collection.CONNECTIONS, connection_id, changed, expected_version=version)
    forget_connections()
    return _view(stored, base_url)


def delete_connection(caller: Caller, connection_id: str) -> None:
    """Removes a connection with its credentials; its orders stay. Raises Reject CONNECTION_NOT_FOUND."""
    caller.require(Role.ADMIN)
    _entry(caller, connection_id)
    config.delete(Collection.CONNECTIONS, connection_id)
    secrets.delete(connection_id)
    config.delete(Collection.CURSORS, connection_id)
    forget_connections()


def verify_connection(caller: Caller, connection_id: str) -> Verification:
    """Tries the credentials with one cheap read. Raises Reject CONNECTION_NOT_FOUND, Unsupported, Retry."""
    caller.require(Role.STORE_MANAGER)
    document = _entry(caller, connection_id).document
    platform = load(document["platform"])
    connection = assemble(platform, connection_id, document, secrets.get(connection_id))
    try:
        done: Done = platform.verify_connection(connection, PlatformHttp(platform, connection))
    except (Misconfigured, Reject) as error:
        return Verification(ok=False, message=str(error))
    return Verification(ok=True, message=done.note or f"{platform.name} takes the credentials")


def webhook_url(base_url: str, platform: str, connection_id: str) -> str:
    """Where a platform sends what concerns a connection."""
    return f"{base_url}/webhooks/{platform}/{connection_id}"


def _document(
    caller: Caller, platform: Platform[Any, Any], connection_id: str, fields: ConnectionFields, base_url: str
) -> dict[str, Any]:
    ours = [get_store(caller, store_id) for store_id in {fields.default_store_id, *fields.stores.values()}]
    refs = {store.id: _ref(store) for store in ours}
    settings = dict(fields.settings)
    if "notification_url" in platform.Settings.model_fields and not settings.get("notification_url"):
        # Some platforms sign the very URL they were given: unless the merchant says otherwise it is ours.
        settings["notification_url"] = webhook_url(base_url, platform.slug, connection_id)
    return {
        "platform": platform.slug,
        "name": fields.name,
        "active": fields.active,
        "settings": settings,
        "default_store": refs[fields.default_store_id],
        "stores": {theirs: refs[store_id] for theirs, store_id in fields.stores.items()},
        "auto_accept": {store.id: store.accepting for store in ours if store.accepting is not None},
    }


def _ref(store: Store) -> dict[str, str]:
    ref = store.ref
    return {"id": ref.id, "time_zone": ref.time_zone, "currency": ref.currency}


def _check(
    platform: Platform[Any, Any], connection_id: str, document: Mapping[str, Any], credentials: Mapping[str, Any]
) -> None:
    try:
        assemble(platform, connection_id, document, credentials)
    except Misconfigured as error:
        raise Reject("INVALID_FIELD_VALUE", str(error)) from None


def _entry(caller: Caller, connection_id: str) -> Entry:
    entry = config.get(Collection.CONNECTIONS, connection_id)
    if entry is None or not _seen(caller, entry):
        raise Reject("CONNECTION_NOT_FOUND", f"there is no connection {connection_id}")
    return entry


def _seen(caller: Caller, entry: Entry) -> bool:
    stores = (entry.document["default_store"], *entry.document["stores"].values())
    return any(caller.sees(store["id"]) for store in stores)


def _view(entry: Entry, base_url: str) -> ConnectionView:
    document = entry.document
    return ConnectionView(
        id=entry.id,
        platform=document["platform"],
        name=document["name"],
        active=document["active"],
        settings=document["settings"],
        default_store_id=document["default_store"]["id"],
        stores={theirs: ours["id"] for theirs, ours in document["stores"].items()},
        version=entry.version,
        webhook_url=webhook_url(base_url, document["platform"], entry.id),
        credential_names=document.get("credential_names", []),
    )
