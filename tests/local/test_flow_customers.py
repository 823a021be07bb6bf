"""A person's orders over HTTP: found by phone and e-mail on every platform, given out, and forgotten for good."""

import itertools
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import requests

from orderhub.storage.codec import unpack
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

NUMBERS = itertools.count(10)
STEPS = ("accept", "bagging", "ready", "picked_up", "complete")
COUNTED = ("orders", "events", "bodies", "issues", "attachments", "quarantined")
BOOKS = ("id", "platform", "store_id", "external_id", "status", "placed_at", "times", "amounts", "discounts", "payment")


@dataclass
class Person:
    """Somebody who writes phone and e-mail in one way here and in another there."""

    number: int = field(default_factory=lambda: next(NUMBERS))

    @property
    def name(self) -> str:
        return f"Zaphod{self.number}"

    @property
    def phone(self) -> str:
        return f"+1 312 555 01{self.number}"

    @property
    def phone_at_home(self) -> str:
        return f"(312) 555-01{self.number}"

    @property
    def email(self) -> str:
        return f"{self.name}@Example.com"

    @property
    def traces(self) -> tuple[str, ...]:
        """What tells of them wherever it is written, in lower case."""
        return self.name.lower(), self.phone, self.phone_at_home, f"+1312555 01{self.number}".replace(" ", "")


@dataclass
class Shop:
    """Three stores of one merchant: on Shopify, on Square, and on the telephone."""

    hub: RunningHub
    shopify: Line
    square: Line
    telephone: str
    admin: str

    @property
    def stores(self) -> tuple[str, ...]:
        return self.shopify.store_id, self.square.store_id, self.telephone

    def on_shopify(self, person: Person) -> Json:
        """The shop's new order of a person; it as Shopify has it."""
        order = self.shopify.new_order(note=f"{person.name} rings twice", placed_at=ago(minutes=2))
        known = {"first_name": person.name, "last_name": "Sample", "phone": person.phone, "email": person.email}
        order["customer"] |= known
        order |= {"email": person.email, "contact_email": person.email}
        for address in ("shipping_address", "billing_address"):
            order[address] = {**order[address], "name": person.name, "first_name": person.name, "phone": person.phone}
        return self.shopify.receive(order)

    def on_square(self, person: Person) -> str:
        """The hub's id of a new order at the counter, where tickets are called by name."""
        order = self.square.new_order(ticket_name=person.name, placed_at=ago(minutes=1))
        recipient = {
            "display_name": person.name,
            "phone_number": person.phone_at_home,
            "email_address": person.email.upper(),
        }
        order["order"]["fulfillments"][0]["pickup_details"]["recipient"] = recipient
        return self.square.order_id(self.square.receive(order))

    def on_the_telephone(self, person: Person) -> str:
        """The hub's id of an order that staff made."""
        customer = {
            "name": person.name,
            "phone": person.phone_at_home.replace("-", "."),
            "email": person.email.lower(),
        }
        home = {"line1": f"{person.name} Lane 1", "city": "Springfield"}
        lines = [{"name": "Lemonade", "sku": "LEMONADE", "unit_price": 300}]
        made = {"store_id": self.telephone, "fulfillment": "delivery", "items": lines, "notes": f"for {person.name}"}
        return str(self.hub.ask("POST", "/orders", {**made, "customer": customer, "address": home})["id"])

    def three_orders(self, person: Person) -> list[str]:
        """The ids of one order on each, newest first, once all of them are in the index."""
        first = self.shopify.order_id(self.on_shopify(person))
        made = [self.on_the_telephone(person), self.on_square(person), first]
        eventually(lambda: sorted(self.found(phone=person.phone)), lambda ids: ids == sorted(made))
        return made

    def end(self, order_ids: Iterable[str]) -> None:
        """Brings orders to their end, and their platforms as well."""
        for order_id in order_ids:
            for step in STEPS:
                self.hub.ask("PUT", f"/orders/{order_id}/{step}")
            self.hub.wait_told(order_id)

    def ask(self, what: str, key: str | None = None, **told: Any) -> Json:
        return self.hub.ask("POST", f"/customers/{what}", told, key=key or self.admin)

    def refused(self, what: str, key: str | None = None, **told: Any) -> tuple[int, str, Json]:
        reply = self.hub.api("POST", f"/customers/{what}", told, key=key or self.admin)
        return reply.status_code, reply.json()["error"], reply.json()["details"]

    def found(self, key: str | None = None, **told: Any) -> list[str]:
        return [order["id"] for order in self.ask("search", key, **told)["orders"]]

    def only_found(self, order_ids: list[str], *people: Person) -> None:
        """Waits until these alone are found; who writes the index late takes it back a moment afterwards."""
        for person in people:
            for told in ({"phone": person.phone}, {"email": person.email}):
                eventually(partial(self.found, **told), lambda ids: ids == order_ids)

    def books(self, order_ids: Iterable[str]) -> list[Json]:
        """What the books need of orders: what was sold, when, and for how much."""
        orders = [self.hub.ask("GET", f"/orders/{order_id}") for order_id in order_ids]
        return [
            {name: order[name] for name in BOOKS}
            | {"items": [(item["name"], item["quantity"], item["total"]) for item in order["items"]]}
            for order in orders
        ]

    def shown(self, person: Person, order_ids: Iterable[str]) -> str:
        """All that an admin is shown where the person could be, as one text."""
        tails = ("", "?source=true", "/timeline", "/issues", "/items", "/delivery")
        pages = [self.hub.ask("GET", f"/orders/{order_id}{tail}") for order_id in order_ids for tail in tails]
        for store_id in self.stores:
            pages += [self.hub.ask("GET", f"/stores/{store_id}/orders?q={sought}") for sought in ("", person.name)]
            pages.append(self.hub.ask("GET", f"/issues?store_id={store_id}&status=open&status=closed"))
        pages.append(self.ask("export", phone=person.phone))
        pages.append(self.hub.ask("GET", "/audit?limit=100"))
        return json.dumps(pages)


@pytest.fixture(scope="module")
def shop(hub: RunningHub) -> Shop:
    shopify, square = connect(hub, "shopify"), connect(hub, "square")
    for line in (shopify, square):
        hub.ask("PATCH", f"/stores/{line.store_id}", {"address": {"country": "US"}})
    telephone = hub.add_store(address={"country": "US"})
    return Shop(hub, shopify, square, telephone, hub.add_key("admin", shopify.store_id, square.store_id, telephone))


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def traces(person: Person, text: str) -> list[str]:
    return [trace for trace in person.traces if trace in text.lower()]


def stored(hub: RunningHub) -> str:
    """All that the orders table and the bucket hold, unpacked, as one text."""
    with hub.aws("dynamodb") as tables, hub.aws("s3") as buckets:
        scan = tables.get_paginator("scan").paginate(TableName=hub.output("OrdersTableName"))
        values = [value for page in scan for item in page["Items"] for one in item.values() for value in one.values()]
        bucket = hub.output("BlobsBucketName")
        keys = [one["Key"] for one in buckets.list_objects_v2(Bucket=bucket).get("Contents", [])]
        values += [buckets.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    return "\n".join(map(unpacked, values))


def unpacked(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return unpack(value).decode("latin-1")
    except zlib.error:
        return value.decode("latin-1")


def complain(hub: RunningHub, order_id: str, person: Person) -> str:
    """Opens an issue with a photo; where the photo is asked for."""
    told = {"type": "other", "description": f"{person.name} is angry"}
    path = f"/orders/{order_id}/issues/{hub.ask('POST', f'/orders/{order_id}/issues', told)['id']}/attachments"
    new = {"name": f"{person.name}.png", "content_type": "image/png", "size": 100}
    form = hub.ask("POST", path, new)
    sent = requests.post(form["url"], data=form["fields"], files={"file": person.name.encode()}, timeout=60)
    assert sent.status_code in (200, 204)
    return f"{path}/{form['attachment']['id']}"


def test_a_person_is_found_at_all_stores_of_the_caller_and_nobody_else_is(hub: RunningHub, shop: Shop) -> None:
    person, another = Person(), Person()
    newest_first = shop.three_orders(person)
    others = shop.three_orders(another)

    for way in (person.phone, person.phone_at_home, person.phone.replace(" ", "")):
        assert shop.found(phone=way) == newest_first
    for way in (person.email, person.email.lower(), f" {person.email.upper()} "):
        assert shop.found(email=way) == newest_first
    assert shop.found(email=another.email) == others
    assert shop.found(order_id=others[0]) == [others[0]]
    for store_id, order_id in zip((shop.telephone, shop.square.store_id), newest_first, strict=False):
        assert shop.found(phone=person.phone, store_id=store_id) == [order_id]
        clerk = hub.add_key("store_employee", store_id)
        assert shop.found(clerk, email=person.email) == [order_id]
    page = hub.ask("POST", "/customers/search?limit=2", {"phone": person.phone}, key=shop.admin)
    rest = hub.ask("POST", f"/customers/search?cursor={page['next_cursor']}", {"phone": person.phone}, key=shop.admin)
    assert [one["id"] for one in page["orders"] + rest["orders"]] == newest_first


def test_another_store_s_people_find_export_and_erase_nothing(hub: RunningHub, shop: Shop) -> None:
    person = Person()
    made = shop.three_orders(person)
    elsewhere = hub.add_store(name="Another Kitchen", address={"country": "US"})
    manager, stranger = (hub.add_key(role, elsewhere) for role in ("store_manager", "admin"))

    for sought in ({"phone": person.phone}, {"email": person.email}):
        assert shop.found(manager, **sought) == []
        assert shop.ask("export", manager, **sought)["orders"] == []
        assert shop.ask("erase", stranger, confirm=True, **sought)["orders"] == 0
    for what, key in (("search", manager), ("export", manager), ("erase", stranger)):
        assert shop.refused(what, key, order_id=made[0])[:2] == (404, "ORDER_NOT_FOUND")
        assert shop.refused(what, key, phone=person.phone, store_id=shop.telephone)[:2] == (404, "INVALID_STORE")
    assert shop.refused("erase", manager, phone=person.phone)[:2] == (403, "PERMISSION_DENIED")
    assert shop.found(phone=person.phone) == made


def test_an_export_holds_orders_timelines_and_issues(hub: RunningHub, shop: Shop) -> None:
    person = Person()
    made = shop.three_orders(person)
    complain(hub, made[0], person)

    exported = shop.ask("export", email=person.email)

    assert [one["order"]["id"] for one in exported["orders"]] == made
    assert {one["order"]["customer"]["name"].split()[0] for one in exported["orders"]} == {person.name}
    assert [one["order"] for one in exported["orders"]] == shop.ask("search", phone=person.phone)["orders"]
    assert [one["timeline"] for one in exported["orders"]] == [hub.timeline(order_id) for order_id in made]
    ((issue,), *others) = [one["issues"] for one in exported["orders"]]
    assert (issue["description"], issue["attachments"][0]["name"]) == (f"{person.name} is angry", f"{person.name}.png")
    assert others == [[], []]


def test_erasing_forgets_the_person_and_keeps_the_books(hub: RunningHub, shop: Shop) -> None:
    person, another = Person(), Person()
    theirs = shop.on_shopify(person)
    made = [shop.on_the_telephone(person), shop.on_square(person), shop.shopify.order_id(theirs)]
    kept = shop.on_square(another)
    eventually(lambda: shop.found(phone=person.phone), lambda ids: len(ids) == 3)
    eventually(lambda: shop.found(phone=another.phone), lambda ids: len(ids) == 1)
    photo = complain(hub, made[0], person)
    shop.end(made[:2])

    # Without a word that it is meant nothing happens, and open orders are left whatever is said.
    status, code, details = shop.refused("erase", phone=person.phone)
    assert (status, code, details) == (409, "CONFIRMATION_REQUIRED", {"orders": 2, "open_orders": [made[2]]})
    assert shop.found(phone=person.phone) == made
    assert hub.ask("GET", photo)["url"] is not None
    books = shop.books(made)
    first = shop.ask("erase", phone=person.phone, confirm=True)
    assert (first["orders"], first["open_orders"], first["complete"]) == (2, [made[2]], True)
    assert (first["issues"], first["attachments"]) == (1, 1)
    shop.only_found([made[2]], person)
    assert shop.books(made[:2]) == books[:2]
    assert hub.api("GET", photo).status_code == 404

    # The last one ends, and is forgotten as well; a repeat under its key is answered as the first was.
    shop.end(made[2:])
    books = shop.books(made)
    told = {"phone": person.phone, "confirm": True}
    once = hub.ask("POST", "/customers/erase", told, key=shop.admin, idempotency_key=person.name)
    assert (once["orders"], once["open_orders"]) == (1, [])
    assert hub.ask("POST", "/customers/erase", told, key=shop.admin, idempotency_key=person.name) == once
    nothing = {**dict.fromkeys(COUNTED, 0), "open_orders": [], "complete": True}
    assert shop.ask("erase", email=person.email, confirm=True) == nothing
    assert shop.books(made) == books
    for order_id in made:
        order = hub.ask("GET", f"/orders/{order_id}?source=true")
        assert (order["customer"], order["address"], order["notes"], order["received"]) == (None, None, None, None)
        assert order["erased_at"] is not None
        assert "order.erased" in [kind for _, kind, _ in hub.told(order_id)]
    shop.only_found([], person)
    assert shop.ask("export", phone=person.phone)["orders"] == shop.ask("export", email=person.email)["orders"] == []
    assert traces(person, shop.shown(person, made)) == []
    everything = stored(hub)
    assert (traces(person, everything), bool(traces(another, everything))) == ([], True)
    assert shop.found(phone=another.phone) == [kept]
    assert another.name in hub.ask("GET", f"/orders/{kept}")["customer"]["name"]

    # Shopify tells of the whole order once more, and of something that is new to us.
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert shop.shopify.tell("orders/updated", theirs, at=later, note=f"{person.name} again").status_code == 200
    eventually(lambda: hub.timeline(made[2])[-1]["cause"]["actor"], lambda actor: actor == "platform")
    assert traces(person, shop.shown(person, made)) == []
    assert traces(person, stored(hub)) == []
    shop.only_found([], person)


def test_the_command_exports_and_erases(hub: RunningHub, shop: Shop) -> None:
    person = Person()
    made = shop.three_orders(person)
    shop.end(made[:2])
    file = hub.project / "person.json"

    exported = hub.orderhub("export", "--phone", person.phone)
    assert exported.returncode == 0, exported.stderr
    records = json.loads(exported.stdout)["orders"]
    assert [one["order"]["id"] for one in records] == made
    assert all(one["timeline"] for one in records)
    assert hub.orderhub("export", "--email", person.email, "--out", str(file)).returncode == 0
    assert json.loads(file.read_text())["orders"] == records

    unasked = hub.orderhub("erase", "--phone", person.phone)
    assert (unasked.returncode, all(order_id in unasked.stdout for order_id in made)) == (130, True), "nobody answers"
    assert shop.found(phone=person.phone) == made
    some = hub.orderhub("erase", "--phone", person.phone, "--yes", "--json")
    assert some.returncode == 1
    assert (json.loads(some.stdout)["orders"], json.loads(some.stdout)["open_orders"]) == (2, [made[2]])
    assert f"{made[2]} is still needed" in some.stderr
    shop.end(made[2:])
    rest = hub.orderhub("erase", "--order", made[2], "--yes", "--json")
    assert (rest.returncode, json.loads(rest.stdout)["orders"]) == (0, 1), rest.stderr

    shop.only_found([], person)
    gone = hub.orderhub("erase", "--email", person.email, "--yes")
    assert (gone.returncode, gone.stderr.strip()) == (2, "NOT_FOUND: nobody is known by that"), gone.stdout
    nothing = hub.orderhub("export", "--phone", person.phone)
    assert (nothing.returncode, json.loads(nothing.stdout)["orders"]) == (0, [])
    assert traces(person, shop.shown(person, made)) == []
    assert traces(person, stored(hub)) == []
    assert hub.orderhub("erase").returncode == 2
