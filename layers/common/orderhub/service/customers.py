"""A person's orders: finding them, giving them out, and forgetting whose they were."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from orderhub.errors import Reject
from orderhub.order.customers import Kind, contacts_to_find
from orderhub.order.erasure import needs_its_customer
from orderhub.order.events import Event
from orderhub.order.ids import digest
from orderhub.order.issues import Issue
from orderhub.order.models import Order
from orderhub.runtime import now
from orderhub.service import erasure
from orderhub.service.access import Caller, Role
from orderhub.service.orders import get_order
from orderhub.service.stores import Store, get_store, list_all
from orderhub.storage import customers, issues, orders, timelines
from orderhub.storage.codec import to_json
from orderhub.storage.customers import Entry
from orderhub.storage.orders import OrderPage

COUNTED = ("orders", "events", "bodies", "issues", "attachments", "quarantined")
"""What an erasure counts: orders, lines of timelines, what was received with them, issues, their files, messages."""
MOST_ERASED = 50
"""Orders that one call erases; each takes some twenty writes."""
# Lambda's answers end at 6 MB, and the text is quoted once more on its way.
_LARGEST_EXPORT = 4_000_000
_REMEMBERED = timedelta(days=1)
_LONGEST_PLACE = 500
_LONGEST_CURSOR = 700


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose orders: one of phone, email and order_id (of an order that no phone or e-mail leads to).

    store_id: those of one store; None for all of the caller's.
    """

    store_id: str | None = None
    phone: str | None = None
    email: str | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """All that the hub holds of one order and its customer, but for the messages it is made of."""

    order: Order
    timeline: Sequence[Event]
    issues: Sequence[Issue]


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased, by name: orders, and what lay with them.

    open_orders: ids of those that are left as they are, for somebody has work with them; complete: whether no others
    are left.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    open_orders: Sequence[str] = ()
    complete: bool = True


def search(caller: Caller, sought: Sought, *, limit: int, cursor: str | None) -> OrderPage:
    """A person's orders, newest first.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, INVALID_FIELD_VALUE for no phone or e-mail, INVALID_CURSOR,
    ORDER_NOT_FOUND; Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    return _page(caller, sought, limit, cursor)


def export(caller: Caller, sought: Sought, *, limit: int, cursor: str | None) -> tuple[list[Holding], str | None]:
    """What the hub holds of a person, newest order first, and where it goes on. Raises as `search`.

    A page that would be too large for an answer holds fewer orders.
    """
    caller.require(Role.STORE_MANAGER)
    while True:
        page = _page(caller, sought, limit, cursor)
        found = [Holding(order, timelines.timeline(order.id), issues.every_of_order(order.id)) for order in page.orders]
        if limit == 1 or sum(map(_size, found)) <= _LARGEST_EXPORT:
            return found, page.next_cursor
        limit = max(1, limit // 2)


def erase(caller: Caller, sought: Sought, *, confirmed: bool, idempotency_key: str | None) -> Erased:
    """Forgets for good whose a person's orders were, MOST_ERASED of them in one call; open ones are left as they are.

    It may be interrupted at any point, and repeated until nothing is left. Raises Reject CONFIRMATION_REQUIRED with
    what it would do, IDEMPOTENCY_KEY_REUSED, and as `search`; Retry.
    """
    caller.require(Role.ADMIN)
    answer_key, request = digest("erase", caller.id, idempotency_key or ""), digest(idempotency_key or "", repr(sought))
    given = customers.answer_given(answer_key, now()) if idempotency_key and confirmed else None
    if given is not None:
        if given.pop("request") != request:
            raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")
        return Erased(**given)
    found = _all(caller, sought)
    needed = [order.id for order, _ in found if needs_its_customer(order, now())]
    ended = [(order, entries) for order, entries in found if order.id not in needed]
    if not confirmed:
        message = f"{len(ended)} orders would be erased for good, and {len(needed)} are still needed: say `confirm`"
        raise Reject("CONFIRMATION_REQUIRED", message, details={"orders": len(ended), "open_orders": needed})
    counts = Counter(dict.fromkeys(COUNTED, 0))
    now_erased = ended[:MOST_ERASED]
    waiting = erasure.waiting_for_people([order for order, _ in now_erased])
    for order, entries in now_erased:
        counts.update(erasure.erase_order(caller, order, entries, waiting.get(order.id, ())))
    erased = Erased(dict(counts), needed, complete=len(ended) <= MOST_ERASED)
    if idempotency_key:
        customers.remember_answer(answer_key, {"request": request, **asdict(erased)}, now() + _REMEMBERED)
    return erased


def _page(caller: Caller, sought: Sought, limit: int, cursor: str | None) -> OrderPage:
    if sought.order_id is not None:
        return OrderPage([_one(caller, sought.order_id, sought.store_id)], None)
    stores = _keys(caller, sought)
    entries = customers.find(list(stores), limit=limit, before=_from_cursor(cursor))
    found = [order for order, _ in _orders(entries, stores)]
    return OrderPage(found, None if customers.is_last(entries, limit) else _to_cursor(entries[-1].place))


def _all(caller: Caller, sought: Sought) -> list[tuple[Order, list[Entry]]]:
    """All orders of a person, newest first, each with what it was found by."""
    if sought.order_id is not None:
        return [(_one(caller, sought.order_id, sought.store_id), [])]
    stores = _keys(caller, sought)
    return _orders(customers.find_all(list(stores)), stores)


def _one(caller: Caller, order_id: str, store_id: str | None) -> Order:
    order = get_order(caller, order_id)
    if store_id not in (None, order.store_id):
        raise Reject("ORDER_NOT_FOUND", f"there is no order {order_id} at this store")
    return order


def _keys(caller: Caller, sought: Sought) -> dict[str, str]:
    """What a person's orders are found by -> the store it is of. Raises Reject INVALID_FIELD_VALUE, INVALID_STORE."""
    kind, text = (Kind.PHONE, sought.phone) if sought.phone is not None else (Kind.EMAIL, sought.email or "")
    stores = [get_store(caller, sought.store_id)] if sought.store_id is not None else list_all(caller)
    contacts = {store.id: contacts_to_find(kind, text, _country(store)) for store in stores}
    if stores and not any(contacts.values()):
        raise Reject("INVALID_FIELD_VALUE", f"that is no {kind} by which a person could be known")
    return {contact.key(store_id): store_id for store_id, known in contacts.items() for contact in known}


def _country(store: Store) -> str | None:
    return store.address.country if store.address is not None else None


def _orders(entries: Sequence[Entry], stores: Mapping[str, str]) -> list[tuple[Order, list[Entry]]]:
    """The orders that entries lead to and that are still of the store they were indexed for; each once."""
    by_order: dict[str, list[Entry]] = {}
    for entry in entries:
        by_order.setdefault(entry.order_id, []).append(entry)
    found = orders.views(list(by_order))
    return [
        (order, by_order[order.id])
        for order in found
        if any(stores[entry.key] == order.store_id for entry in by_order[order.id])
    ]


def _size(holding: Holding) -> int:
    """About the bytes that it takes in an answer."""
    texts = (holding.order.model_dump_json(), *(one.model_dump_json() for one in holding.issues))
    lines = (to_json(dict(event.summary)) for event in holding.timeline)
    return sum(map(len, texts)) + sum(len(line) + 300 for line in lines)


def _to_cursor(place: str) -> str:
    return urlsafe_b64encode(json.dumps([place]).encode()).decode().rstrip("=")


def _from_cursor(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError(cursor)
        (place,) = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        place = None
    if not isinstance(place, str) or not 0 < len(place) <= _LONGEST_PLACE or not place.isascii():
        raise Reject("INVALID_CURSOR", "the cursor is not one of ours")
    return place
