"""The merchant's stores."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from orderhub.errors import HubError, Reject
from orderhub.order.acceptance import AutoAccept, Escalation, EscalationStep
from orderhub.order.models import Address
from orderhub.order.money import exponent
from orderhub.order.times import zone
from orderhub.platforms.base import StoreRef
from orderhub.platforms.registry import SLUGS
from orderhub.service.access import Caller, Role
from orderhub.service.once import create, kept, new_id
from orderhub.storage import config
from orderhub.storage.config import Collection, Entry


def _zone(name: str) -> str:
    try:
        zone(name)
    except HubError as error:
        raise ValueError(str(error)) from None
    return name


def _currency(code: str) -> str:
    try:
        exponent(code)
    except HubError as error:
        raise ValueError(str(error)) from None
    return code


def _auto_accept(policy: AutoAccept) -> AutoAccept:
    _check_platforms(policy.platforms)
    return policy


def _steps(steps: list[EscalationStep]) -> list[EscalationStep]:
    """The steps by their time, each of platforms that there are, a denial with its reason."""
    for step in steps:
        _check_platforms(step.platforms)
        if (step.action is Escalation.DENY) != (step.reason is not None):
            raise ValueError("a denial, and nothing else, needs a reason")
    return sorted(steps, key=lambda step: step.at_percent)


def _check_platforms(slugs: list[str]) -> None:
    strange = sorted(set(slugs) - set(SLUGS))
    if strange:
        raise ValueError(f"there is no platform {', '.join(strange)[:200]}")


TimeZone = Annotated[str, AfterValidator(_zone)]
Currency = Annotated[str, AfterValidator(_currency)]
Accepting = Annotated[AutoAccept, AfterValidator(_auto_accept)]
Steps = Annotated[list[EscalationStep], Field(max_length=20), AfterValidator(_steps)]


class StoreFields(BaseModel):
    """What a merchant says of a store.

    time_zone: IANA name; currency: ISO 4217; prep_minutes: what is promised when staff accept without a time.
    auto_accept: the orders that nobody has to accept, None for none; acceptance_escalation: what is to be done, step by
    step, about an order that nobody answers.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    time_zone: TimeZone = "UTC"
    currency: Currency = "USD"
    phone: str | None = None
    address: Address | None = None
    prep_minutes: int | None = Field(default=None, ge=0, le=1440)
    auto_accept: Accepting | None = None
    acceptance_escalation: Steps = []


class NewStore(StoreFields):
    """A store to be made. id: of the merchant's choosing, drawn when left out."""

    id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")


class StoreChange(BaseModel):
    """What is to change of a store; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default_factory=str, min_length=1, max_length=200)
    time_zone: TimeZone = "UTC"
    currency: Currency = "USD"
    phone: str | None = None
    address: Address | None = None
    prep_minutes: int | None = Field(default=None, ge=0, le=1440)
    auto_accept: Accepting | None = None
    acceptance_escalation: Steps = []


class Store(StoreFields):
    """A store. version: grows by one with each change."""

    id: str
    version: int

    @property
    def ref(self) -> StoreRef:
        """What platform adapters need to know of it."""
        return StoreRef(self.id, self.time_zone, self.currency)

    @property
    def accepting(self) -> dict[str, Any] | None:
        """What connections carry of its orders that nobody has to accept; None for none."""
        if self.auto_accept is None:
            return None
        usual = {"prep_minutes": self.prep_minutes} if self.auto_accept.prep_minutes is None else {}
        return {**self.auto_accept.model_dump(mode="json"), **usual}


def create_store(caller: Caller, new: NewStore, idempotency_key: str | None) -> Store:
    """Makes a store. Raises Reject PERMISSION_DENIED, ALREADY_EXISTS."""
    caller.require(Role.ADMIN)
    store_id = new.id or new_id("sto_", caller.id, idempotency_key)
    document = new.model_dump(mode="json", exclude={"id"})
    entry, _ = create(Collection.STORES, store_id, document, document)
    return _store(entry)


def get_store(caller: Caller, store_id: str) -> Store:
    """A store. Raises Reject INVALID_STORE when there is none that the caller works for."""
    return _store(_entry(caller, store_id))


def list_stores(caller: Caller, *, limit: int, cursor: str | None) -> tuple[list[Store], str | None]:
    """The stores the caller works for, and where the list goes on."""
    page = config.page(Collection.STORES, limit=limit, cursor=cursor)
    return [_store(entry) for entry in page.entries if caller.sees(entry.id)], page.next_cursor


def list_all(caller: Caller) -> list[Store]:
    """All stores the caller works for, by id."""
    return [_store(entry) for entry in config.every(Collection.STORES) if caller.sees(entry.id)]


def stores_of(caller: Caller, store_id: str | None) -> list[Store]:
    """The store that is named, or all that the caller works for. Raises Reject INVALID_STORE."""
    if store_id is not None:
        return [get_store(caller, store_id)]
    return [_store(entry) for entry in config.every(Collection.STORES) if caller.sees(entry.id)]


def store_ids(caller: Caller) -> list[str]:
    """Ids of all stores the caller works for, in order."""
    return [entry.id for entry in config.every(Collection.STORES) if caller.sees(entry.id)]


def change_store(caller: Caller, store_id: str, change: StoreChange, expected_version: int | None) -> Store:
    """Changes a store, and what connections know of it. Raises Reject INVALID_STORE, VERSION_CONFLICT."""
    caller.require(Role.STORE_MANAGER)
    stored = _entry(caller, store_id)
    before = _store(stored)
    fields = {**before.model_dump(mode="json"), **change.model_dump(mode="json", exclude_unset=True)}
    document = StoreFields.model_validate({k: v for k, v in fields.items() if k not in ("id", "version")})
    version = before.version if expected_version is None else expected_version
    changed = {**kept(stored), **document.model_dump(mode="json")}
    entry = config.put(Collection.STORES, store_id, changed, expected_version=version)
    store = _store(entry)
    if (store.ref, store.accepting) != (before.ref, before.accepting):
        _tell_connections(store.ref, store.accepting)
    return store


def _tell_connections(ref: StoreRef, accepting: dict[str, Any] | None) -> None:
    """Connections carry what adapters need of a store, so that a webhook reads one document only."""
    ours = {"id": ref.id, "time_zone": ref.time_zone, "currency": ref.currency}
    for entry in config.every(Collection.CONNECTIONS):
        document = dict(entry.document)
        stores = {theirs: ours if one["id"] == ref.id else one for theirs, one in document.get("stores", {}).items()}
        default = ours if document["default_store"]["id"] == ref.id else document["default_store"]
        changed: dict[str, Any] = {**document, "stores": stores, "default_store": default}
        if ours in (default, *stores.values()):
            policies = {**document.get("auto_accept", {}), ref.id: accepting}
            changed["auto_accept"] = {store_id: policy for store_id, policy in policies.items() if policy is not None}
        if changed != document:
            config.put(Collection.CONNECTIONS, entry.id, changed, expected_version=entry.version)


def _entry(caller: Caller, store_id: str) -> Entry:
    caller.require_store(store_id)
    entry = config.get(Collection.STORES, store_id)
    if entry is None:
        raise Reject("INVALID_STORE", f"there is no store {store_id}")
    return entry


def _store(entry: Entry) -> Store:
    known = {name: value for name, value in entry.document.items() if name in StoreFields.model_fields}
    return Store(id=entry.id, version=entry.version, **known)
