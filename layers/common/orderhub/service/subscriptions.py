"""Subscriptions: which of a merchant's own systems hear of what. Their secrets are shown once, and never again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from orderhub.errors import Misconfigured, Reject, Retry
from orderhub.order.ids import digest
from orderhub.order.models import Utc
from orderhub.outbound import guard
from orderhub.reporting import signing
from orderhub.reporting.signing import Secrets
from orderhub.reporting.subscription import MessageFormat, Subscription, SubscriptionFields, SubscriptionState
from orderhub.runtime import now, settings
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.service.once import create, kept, new_id
from orderhub.storage import config, reports, secrets, subscriptions
from orderhub.storage.config import Collection, Entry
from orderhub.storage.reports import Health

PORTS = frozenset({443, 8443})
"""Ports that a receiver may listen at."""

_MOST_HEADERS = 20
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,998}[\x21-\x7e])?")
_OVERLAP_HOURS = 24
_LONGEST_OVERLAP_HOURS = 7 * 24


class NewSubscription(SubscriptionFields):
    """A subscription to be made. format: the shape of its messages, for good; headers: sent along, such as a token."""

    format: MessageFormat = MessageFormat.ORDERHUB
    headers: dict[str, str] = Field(default={})


class SubscriptionChange(SubscriptionFields):
    """What is to change of a subscription; what is left out stays. headers: all of them, in place of those before."""

    url: str = Field(default_factory=str, min_length=1, max_length=2000)
    headers: dict[str, str] = Field(default={})


class SubscriptionView(SubscriptionFields):
    """A subscription as it is shown.

    since: when it came to its state; reason: why. failing_since: since its last success, with the failures since then;
    paused_until: its receiver is left alone until then, for it asked for that or was too slow.
    """

    id: str
    format: MessageFormat
    state: SubscriptionState
    reason: str | None
    since: Utc
    header_names: list[str]
    previous_secret_until: Utc | None
    failing_since: Utc | None
    failures: int
    paused_until: Utc | None
    version: int


class IssuedSubscription(SubscriptionView):
    """A subscription as it is shown once: secret is null when the request is a repeat, for it cannot be shown again."""

    secret: str | None


class Rotation(BaseModel):
    """How to rotate a secret. overlap_hours: for how long messages are signed with the one before as well."""

    model_config = ConfigDict(extra="forbid")

    overlap_hours: int = Field(default=_OVERLAP_HOURS, ge=0, le=_LONGEST_OVERLAP_HOURS)


class Disabling(BaseModel):
    """Why a subscription is disabled."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=200)


def create_subscription(caller: Caller, new: NewSubscription, idempotency_key: str | None) -> IssuedSubscription:
    """Makes a subscription with a secret. Raises Reject INVALID_STORE, INVALID_FIELD_VALUE, ALREADY_EXISTS; Retry."""
    caller.require(Role.ADMIN)
    _require_stores(caller, new.store_ids)
    _check_url(new.url)
    _check_headers(new.headers)
    subscription_id = new_id("sub_", caller.id, idempotency_key)
    made = Subscription(
        id=subscription_id, since=now(), header_names=sorted(new.headers), **new.model_dump(exclude={"headers"})
    )
    secret = signing.new_secret()
    if config.get(Collection.SUBSCRIPTIONS, subscription_id) is None:
        subscriptions.put_secrets(subscription_id, Secrets(secret, headers=new.headers))
    document = subscriptions.document_of(made)
    entry, is_new = create(Collection.SUBSCRIPTIONS, subscription_id, document, new.model_dump(mode="json"))
    subscriptions.forget_subscriptions()
    return _issued(entry, secret if is_new else None)


def get_subscription(caller: Caller, subscription_id: str) -> SubscriptionView:
    """A subscription. Raises Reject SUBSCRIPTION_NOT_FOUND."""
    caller.require(Role.STORE_MANAGER)
    return _view(entry_of(caller, subscription_id))


def list_subscriptions(caller: Caller, *, limit: int, cursor: str | None) -> tuple[list[SubscriptionView], str | None]:
    """The subscriptions to the caller's stores, and where the list goes on."""
    caller.require(Role.STORE_MANAGER)
    page = config.page(Collection.SUBSCRIPTIONS, limit=limit, cursor=cursor)
    seen = [entry for entry in page.entries if _sees(caller, entry)]
    found = reports.healths([entry.id for entry in seen])
    return [_shown(entry, found[entry.id]) for entry in seen], page.next_cursor


def change_subscription(
    caller: Caller, subscription_id: str, change: SubscriptionChange, expected_version: int | None
) -> SubscriptionView:
    """Changes a subscription. Raises Reject as `create_subscription`, SUBSCRIPTION_NOT_FOUND, VERSION_CONFLICT."""
    caller.require(Role.ADMIN)
    entry = entry_of(caller, subscription_id)
    _check_version(entry, expected_version)
    asked = change.model_dump(exclude_unset=True, exclude={"headers"})
    before = subscriptions.of_entry(entry)
    after = Subscription.model_validate({**before.model_dump(), **asked})
    if "store_ids" in asked:
        _require_stores(caller, after.store_ids)
    if "url" in asked:
        _check_url(after.url)
    if "headers" in change.model_fields_set:
        _check_headers(change.headers)
        held = subscriptions.read_secrets(subscription_id)
        replaced = Secrets(held.current, held.previous, held.previous_until, change.headers)
        subscriptions.put_secrets(subscription_id, replaced)
        names = {"header_names": sorted(change.headers), "secrets_version": before.secrets_version + 1}
        after = after.model_copy(update=names)
    return _view(_store(entry, after))


def delete_subscription(caller: Caller, subscription_id: str) -> None:
    """Removes a subscription with its secret; what it was sent is kept for its time. Raises Reject."""
    caller.require(Role.ADMIN)
    entry_of(caller, subscription_id)
    config.delete(Collection.SUBSCRIPTIONS, subscription_id)
    secrets.delete_subscription(subscription_id)
    subscriptions.forget_subscriptions()


def rotate_secret(
    caller: Caller, subscription_id: str, rotation: Rotation, expected_version: int | None, idempotency_key: str | None
) -> IssuedSubscription:
    """Gives a new secret; messages are signed with the one before, too, for a while.

    Raises Reject SUBSCRIPTION_NOT_FOUND, VERSION_CONFLICT; Retry.
    """
    caller.require(Role.ADMIN)
    entry = entry_of(caller, subscription_id)
    before = subscriptions.of_entry(entry)
    request = digest(caller.id, idempotency_key) if idempotency_key else ""
    if request and before.rotation == request:
        return _issued(entry, None)
    _check_version(entry, expected_version)
    held = subscriptions.read_secrets(subscription_id)
    until = now() + timedelta(hours=rotation.overlap_hours)
    secret = signing.new_secret()
    subscriptions.put_secrets(subscription_id, Secrets(secret, held.current, until, held.headers))
    update = {"secrets_version": before.secrets_version + 1, "previous_secret_until": until, "rotation": request}
    return _issued(_store(entry, before.model_copy(update=update)), secret)


def set_state(
    caller: Caller, subscription_id: str, state: SubscriptionState, reason: str | None, expected_version: int | None
) -> SubscriptionView:
    """Enables or disables a subscription; it is told of nothing meanwhile, and can be later. Raises Reject, Retry."""
    caller.require(Role.STORE_MANAGER)
    entry = entry_of(caller, subscription_id)
    _check_version(entry, expected_version)
    before = subscriptions.of_entry(entry)
    if state is SubscriptionState.ENABLED:
        reports.recover(subscription_id)
    if before.state is state:
        return _view(entry)
    return _view(_store(entry, before.changed_to(state, reason, now())))


def entry_of(caller: Caller, subscription_id: str) -> Entry:
    """A subscription of the caller's stores, as it is stored. Raises Reject SUBSCRIPTION_NOT_FOUND."""
    entry = config.get(Collection.SUBSCRIPTIONS, subscription_id)
    if entry is None or not _sees(caller, entry):
        raise Reject("SUBSCRIPTION_NOT_FOUND", f"there is no subscription {subscription_id}")
    return entry


# --- checks -----------------------------------------------------------------------------------------------------------


def _require_stores(caller: Caller, store_ids: list[str]) -> None:
    """Who asks for all stores, or for some, has to work for them."""
    if not store_ids and EVERY_STORE not in caller.stores:
        raise Reject("INVALID_FIELD_VALUE", "say which of your stores: this key is not for all of them")
    for store_id in store_ids:
        caller.require_store(store_id)
        if config.get(Collection.STORES, store_id) is None:
            raise Reject("INVALID_STORE", f"there is no store {store_id}")


def _sees(caller: Caller, entry: Entry) -> bool:
    store_ids = entry.document.get("store_ids", [])
    return all(map(caller.sees, store_ids)) if store_ids else EVERY_STORE in caller.stores


def _check_url(url: str) -> None:
    """Raises Reject INVALID_FIELD_VALUE for a URL that is not to be called."""
    try:
        parts = urlsplit(url)
        port = parts.port
        guard.check_address(url)
    except (ValueError, Misconfigured, Retry) as error:
        raise Reject("INVALID_FIELD_VALUE", f"url: {error}") from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Reject("INVALID_FIELD_VALUE", "url: without a user, a password or a fragment; give a header instead")
    if not url.isascii() or any(sign.isspace() for sign in url):
        raise Reject("INVALID_FIELD_VALUE", "url: what is not ASCII has to be encoded")
    if port is not None and port not in PORTS and not settings().allow_private_addresses:
        raise Reject("INVALID_FIELD_VALUE", f"url: port {port} is none of {sorted(PORTS)}")


def _check_headers(headers: Mapping[str, str]) -> None:
    """Raises Reject INVALID_FIELD_VALUE; never with a value, which may be secret."""
    if len(headers) > _MOST_HEADERS:
        raise Reject("INVALID_FIELD_VALUE", f"headers: {_MOST_HEADERS} at most")
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise Reject("INVALID_FIELD_VALUE", f"headers: {name[:100]!r} is no header, or its value is none")
        if signing.is_reserved(name):
            raise Reject("INVALID_FIELD_VALUE", f"headers: {name} is set by the hub or the connection")
    if len({name.lower() for name in headers}) < len(headers):
        raise Reject("INVALID_FIELD_VALUE", "headers: each name once")


def _check_version(entry: Entry, expected: int | None) -> None:
    if expected is not None and expected != entry.version:
        raise Reject("VERSION_CONFLICT", f"{entry.id} has changed since: it is at version {entry.version} now")


# --- what is stored and shown -----------------------------------------------------------------------------------------


def _store(entry: Entry, after: Subscription) -> Entry:
    document = {**kept(entry), **subscriptions.document_of(after)}
    stored = config.put(Collection.SUBSCRIPTIONS, entry.id, document, expected_version=entry.version)
    subscriptions.forget_subscriptions()
    return stored


def _view(entry: Entry) -> SubscriptionView:
    return _shown(entry, reports.healths([entry.id])[entry.id])


def _shown(entry: Entry, health: Health) -> SubscriptionView:
    return SubscriptionView(**_fields(entry, health))


def _issued(entry: Entry, secret: str | None) -> IssuedSubscription:
    return IssuedSubscription(**_fields(entry, reports.healths([entry.id])[entry.id]), secret=secret)


def _fields(entry: Entry, health: Health) -> dict[str, Any]:
    subscription = subscriptions.of_entry(entry)
    return {
        **subscription.model_dump(exclude={"secrets_version", "rotation"}),
        "failing_since": health.failing_since,
        "failures": health.failures,
        "paused_until": health.paused_until,
        "version": entry.version,
    }
