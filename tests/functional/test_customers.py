"""The index of customers as the stream keeps it, and erasing: nothing stays, whenever it is interrupted."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from orderhub.actions.index_customers import forget_written
from orderhub.errors import Reject, Retry
from orderhub.order.events import Raw
from orderhub.order.models import Customer, Order
from orderhub.order.status import Status
from orderhub.runtime import settings
from orderhub.service import customers as service
from orderhub.service import erasure
from orderhub.service.access import Caller
from orderhub.service.customers import Sought
from orderhub.storage import blobs, bulk, customers, quarantine, timelines
from orderhub.storage.aws import client
from orderhub.storage.codec import unpack
from orderhub.storage.customers import Entry
from tests.functional import cloud
from tests.functional.cloud import aws
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import ADMIN, STORE, Hub, function, stream_record
from tests.functional.made import an_event, changed, store, stored
from tests.functional.vendors import PLATFORMS

PHONE = "+1 202 555 0123"
SAM = Customer(name="Sam Sample", phone=PHONE, email="sam@example.com")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "DeleteObject")


@pytest.fixture(autouse=True)
def memory() -> Iterator[None]:
    """A process that has written nothing yet."""
    forget_written()
    yield
    forget_written()


def read_stream() -> None:
    """The second reader of the stream is given all orders as they are now."""
    found = [image for (pk, sk), image in cloud.images().items() if sk == "ORDER" and pk.startswith("O#")]
    give(*found)


def give(*images: Mapping[str, Any]) -> None:
    function("streams.books")({"Records": [stream_record(image) for image in images]}, None)


def image_of(order_id: str) -> Mapping[str, Any]:
    return cloud.images()[(f"O#{order_id}", "ORDER")]


def entries() -> list[str]:
    """The orders that the index leads to, one for each entry; and those whose list of entries is not empty."""
    leading = [row["sk"].partition("#")[2] for row in cloud.items() if row["pk"].startswith("PERSON#")]
    assert set(leading) >= {row["pk"][2:] for row in cloud.items() if "entries" in row}
    return leading


def found(**told: Any) -> list[str]:
    page = service.search(ADMIN, Sought(**told), limit=100, cursor=None)
    return [order.id for order in page.orders]


def of_sam(order_id: str = "ord_1", **told: Any) -> Order:
    return stored(order_id, **{"store_id": STORE, "placed_at": NOW, "customer": SAM, **told})


# --- the index --------------------------------------------------------------------------------------------------------


def test_an_order_is_found_by_phone_and_by_e_mail(hub: Hub) -> None:
    of_sam()

    read_stream()

    assert found(phone=PHONE) == found(email="SAM@example.com") == ["ord_1"]
    assert found(phone="+1 202 555 0199") == found(email="kim@example.com") == []


def test_reading_the_stream_again_changes_nothing(hub: Hub) -> None:
    of_sam()
    read_stream()
    state = cloud.items()

    for _ in range(2):
        read_stream()
        forget_written()

    assert cloud.items() == state
    assert len(entries()) == 2


def test_an_order_that_changes_costs_no_writes_while_its_customer_stays(hub: Hub) -> None:
    order = of_sam()
    read_stream()
    store(changed(order, status=Status.ACCEPTED))

    with Counted() as writes:
        give(image_of("ord_1"))

    assert [name for name in writes if name != "GetItem"] == []


def test_a_customer_who_is_corrected_is_found_by_both(hub: Hub) -> None:
    order = of_sam()
    read_stream()
    store(changed(order, customer=SAM.model_copy(update={"phone": "+1 202 555 0124"})))
    read_stream()

    assert found(phone=PHONE) == found(phone="+1 202 555 0124") == ["ord_1"]


def test_numbers_without_a_country_are_of_the_store_s(hub: Hub) -> None:
    hub.add_store("sto_fi", address={"country": "FI"})
    of_sam("ord_fi", store_id="sto_fi", customer=Customer(phone="040 123 4567"))
    of_sam("ord_us", customer=Customer(phone="040 123 4567"))
    read_stream()

    assert found(phone="+358 40 1234567") == ["ord_fi"]
    assert found(phone="0401234567", store_id="sto_fi") == ["ord_fi"]
    assert found(phone="0401234567", store_id=STORE) == ["ord_us"]


def test_what_a_marketplace_relays_leads_to_nobody(hub: Hub) -> None:
    of_sam("ord_uber", platform="uber_eats", channel="uber_eats")
    of_sam("ord_coded", customer=Customer(phone=PHONE, phone_code="12 34"))
    of_sam("ord_nobody", customer=None)

    read_stream()

    assert entries() == []


def test_old_records_bring_nobody_back(hub: Hub) -> None:
    of_sam(status=Status.COMPLETED)
    old = image_of("ord_1")
    read_stream()
    service.erase(ADMIN, Sought(phone=PHONE), confirmed=True, idempotency_key=None)

    forget_written()
    give(old)
    give(old, image_of("ord_1"))

    assert entries() == []
    assert "sam@example.com" not in everything()


def test_an_entry_that_is_written_while_the_order_is_erased_is_taken_back(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_sam(status=Status.COMPLETED)
    listed = customers._list

    def erased_meanwhile(order_id: str, written: Any) -> bool:
        service.erase(ADMIN, Sought(order_id=order_id), confirmed=True, idempotency_key=None)
        return listed(order_id, written)

    monkeypatch.setattr(customers, "_list", erased_meanwhile)
    read_stream()

    assert entries() == []


def test_pages_lead_through_all_orders_of_all_stores_newest_first(hub: Hub) -> None:
    hub.add_store("sto_other")
    for number in range(7):
        of_sam(f"ord_{number}", store_id=(STORE, "sto_other")[number % 2], placed_at=NOW - timedelta(hours=number))
    read_stream()
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = service.search(ADMIN, Sought(email="sam@example.com"), limit=3, cursor=cursor)
        seen += [order.id for order in page.orders]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [f"ord_{number}" for number in range(7)]


def test_a_page_does_not_tear_apart_what_leads_to_one_order(hub: Hub) -> None:
    hub.add_store("sto_other")
    for number in range(4):
        order = of_sam(
            f"ord_{number}", store_id=("sto_other", STORE)[number % 2], placed_at=NOW - timedelta(hours=number)
        )
        read_stream()
        store(changed(order, store_id=(STORE, "sto_other")[number % 2]))
    read_stream()
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = service.search(ADMIN, Sought(phone=PHONE), limit=1, cursor=cursor)
        seen += [order.id for order in page.orders]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [f"ord_{number}" for number in range(4)]


def test_an_order_that_moved_to_another_store_is_found_there(hub: Hub) -> None:
    hub.add_store("sto_other")
    order = of_sam()
    read_stream()
    store(changed(order, store_id="sto_other"))
    read_stream()

    assert found(phone=PHONE, store_id=STORE) == []
    assert found(phone=PHONE, store_id="sto_other") == found(phone=PHONE) == ["ord_1"]


# --- erasing ----------------------------------------------------------------------------------------------------------

SECRET = "Zaphod"
SECRETS = (SECRET, "202 555 0123", f"{SECRET}@example.com")


class Story:
    """An order of a shop that has lived through everything, of a customer who is named in all of it."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.connection_id = hub, hub.connect("shopify")
        order = PLATFORMS["shopify"].order(1)
        order |= {"email": f"{SECRET}@example.com", "phone": PHONE, "note": f"{SECRET} is deaf"}
        order["shipping_address"] = {
            "name": SECRET,
            "address1": f"{SECRET} Lane 1",
            "phone": PHONE,
            "country_code": "US",
        }
        order["customer"] = {"id": 7, "first_name": SECRET, "last_name": SECRET, "email": f"{SECRET}@example.com"}
        self.theirs = order
        self.id = hub.receive(self.connection_id, order=order)
        self._at_the_store()
        self._large_and_not_understood()
        hub.run()
        read_stream()

    def _at_the_store(self) -> None:
        self.do("PATCH", "items/" + self.hub.order(self.id).items[0].id, {"notes": f"{SECRET} likes it hot"})
        self.do("POST", "accept", {"note": f"{SECRET} called"})
        issue = self.do("POST", "issues", {"type": "other", "description": f"{SECRET} is angry"})["id"]
        self.do("POST", f"issues/{issue}/comments", {"text": f"{SECRET} calmed down"})
        photo = {"name": f"{SECRET}.png", "content_type": "image/png", "size": 9}
        file = self.do("POST", f"issues/{issue}/attachments", photo)["attachment"]["id"]
        key = f"attachments/{self.id}/{issue}/{file}"
        aws("s3").put_object(Bucket=settings().blobs_bucket, Key=key, Body=SECRET.encode())
        self.do("POST", "reprint")
        for step in ("bagging", "ready"):
            self.do("POST", step)
        self.do("POST", "picked_up", {"handed_to": SECRET})
        self.do("POST", "complete")
        self.do("POST", "refunds", {"amount": 100, "reason": f"{SECRET} was angry"})

    def _large_and_not_understood(self) -> None:
        event = an_event(self.id, "large", at=self.hub_now(), connection_id=self.connection_id, platform="shopify")
        raw = Raw(SECRET.encode() * 60_000)
        timelines.add_event(type(event)(**{**{name: getattr(event, name) for name in event.__slots__}, "raw": raw}))
        unread = json.dumps({"id": self.theirs["id"], "note": SECRET})[:-1]
        self.hub.send(self.connection_id, unread.encode(), {"x-shopify-topic": "orders/updated"})

    def hub_now(self) -> Any:
        return NOW

    def do(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.hub.api(method, f"/v1/orders/{self.id}/{path}", body)
        assert reply.status in (200, 201, 202), reply
        return reply.json

    def again(self, key: str) -> None:
        """The shop sends the whole order once more, changed."""
        headers, body = PLATFORMS["shopify"].told("orders/updated", {**self.theirs, "note": f"{SECRET}!"}, key)
        assert self.hub.send(self.connection_id, body, headers).status == 200


def everything() -> str:
    """All that is stored, unpacked, as one text."""
    texts = [json.dumps([unpacked(value) for value in row.values()]) for row in cloud.items()]
    texts += [json.dumps(list(row.values()), default=str) for row in cloud.items("ConfigTable")]
    for found in aws("s3").list_objects_v2(Bucket=settings().blobs_bucket).get("Contents", []):
        body = aws("s3").get_object(Bucket=settings().blobs_bucket, Key=found["Key"])["Body"].read()
        texts.append(f"{found['Key']} {unpacked(body)}")
    return "\n".join(texts).lower()


def unpacked(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return unpack(value).decode("latin-1")
    except zlib.error:
        return value.decode("latin-1")


def leaks() -> list[str]:
    text = everything()
    return [secret for secret in SECRETS if secret.lower() in text]


class Interrupted(Exception):
    """The process died."""


class Counted:
    """Counts the writes, and lets the process die at one of them when told to, before or after it is done."""

    def __init__(self, dies_at: int | None = None, *, before: bool = False) -> None:
        self.dies_at, self.when = dies_at, "before-call" if before else "after-call"
        self.names: list[str] = []

    def __enter__(self) -> list[str]:
        for name in ("dynamodb", "s3"):
            client(name).meta.events.register(f"{self.when}.{name}", self._seen, unique_id="counted")
        return self.names

    def __exit__(self, *_: object) -> None:
        for name in ("dynamodb", "s3"):
            client(name).meta.events.unregister(f"{self.when}.{name}", unique_id="counted")

    def _seen(self, model: Any, **_: Any) -> None:
        if model.name in WRITES:
            self.names.append(model.name)
            if len(self.names) == self.dies_at:
                raise Interrupted


def erase(**told: Any) -> service.Erased:
    return service.erase(ADMIN, Sought(**(told or {"phone": PHONE})), confirmed=True, idempotency_key=None)


def test_the_story_is_full_of_the_customer(hub: Hub) -> None:
    Story(hub)

    assert leaks() == list(SECRETS)


def test_nothing_of_the_customer_stays(hub: Hub) -> None:
    story = Story(hub)
    before = hub.order(story.id)

    erased = erase()

    assert leaks() == []
    after = hub.order(story.id)
    assert (after.status, after.amounts, after.times) == (before.status, before.amounts, before.times)
    assert [item.name for item in after.items] == [item.name for item in before.items]
    counts = {"orders": 1, "events": 0, "bodies": 2, "issues": 1, "attachments": 1, "quarantined": 1}
    assert {**erased.counts, "events": 0} == counts
    assert (list(erased.open_orders), erased.complete) == ([], True)
    assert {"order.erased", "issue.erased"} <= {event.type for event in hub.timeline(story.id)}
    assert entries() == []


def test_what_the_platform_sends_later_brings_nobody_back(hub: Hub, clock: Clock) -> None:
    story = Story(hub)
    erase()
    clock.wait(60)

    story.again("later")
    hub.run()
    read_stream()

    assert leaks() == []
    assert hub.told(story.id)[-1][0] in ("order.updated", "order.completed")
    assert timelines.received(story.id, hub.timeline(story.id)[-1].key) is None


def test_what_is_erased_cannot_be_replayed(hub: Hub) -> None:
    story = Story(hub)
    (held,) = quarantine.page().held
    erase()

    assert quarantine.page().held == []
    assert quarantine.get(held.id).raw == Raw(b"")
    story.hub.send(story.connection_id, json.dumps({"id": story.theirs["id"], "note": SECRET})[:-1].encode())
    assert quarantine.page().held == []
    assert leaks() == []


@pytest.mark.parametrize("before", [False, True], ids=["after the write", "before the write"])
@pytest.mark.timeout(300)
def test_whenever_it_dies_it_can_be_repeated_until_nothing_is_left(hub: Hub, before: bool) -> None:
    Story(hub)
    images = cloud.images()
    files = {
        found["Key"]: aws("s3").get_object(Bucket=settings().blobs_bucket, Key=found["Key"])["Body"].read()
        for found in aws("s3").list_objects_v2(Bucket=settings().blobs_bucket)["Contents"]
    }
    died, writes = 0, list[str]()
    while True:
        restore(images, files)
        try:
            with Counted(died + 1, before=before) as writes:
                erase()
        except (Interrupted, Retry):
            died += 1
        else:
            break
        erase()
        assert leaks() == [], f"interrupted at write {died}, {writes[-1]}"
        assert entries() == [], died
    assert died == len(writes) > 10


def restore(images: Mapping[tuple[str, str], Any], files: Mapping[str, bytes]) -> None:
    table = settings().orders_table
    for pk, sk in cloud.images().keys() - images.keys():
        aws("dynamodb").delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for image in images.values():
        aws("dynamodb").put_item(TableName=table, Item=image)
    for key, body in files.items():
        aws("s3").put_object(Bucket=settings().blobs_bucket, Key=key, Body=body)


def test_open_orders_are_left_and_named(hub: Hub) -> None:
    of_sam("ord_open")
    of_sam("ord_done", status=Status.COMPLETED)
    read_stream()

    erased = erase(email="sam@example.com")

    assert (erased.counts["orders"], list(erased.open_orders)) == (1, ["ord_open"])
    assert hub.order("ord_open").customer == SAM
    assert found(phone=PHONE) == ["ord_open"]


def test_an_order_of_a_marketplace_is_erased_by_its_id(hub: Hub) -> None:
    of_sam("ord_uber", platform="uber_eats", channel="uber_eats", status=Status.COMPLETED)

    assert erase(order_id="ord_uber").counts["orders"] == 1
    assert erase(order_id="ord_uber").counts["orders"] == 0
    assert "sam@example.com" not in everything()


def test_more_orders_than_one_call_erases_take_more_calls(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ERASED", 2)
    for number in range(5):
        of_sam(f"ord_{number}", status=Status.CANCELLED)
    read_stream()

    calls = [erase() for _ in range(3)]

    assert [(one.counts["orders"], one.complete) for one in calls] == [(2, False), (2, False), (1, True)]
    assert found(phone=PHONE) == []


def test_three_hundred_orders_are_forgotten_in_calls_that_end(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "transact", one_by_one)
    monkeypatch.setattr(erasure, "erase_order", only_forget)
    for number in range(300):
        placed = NOW - timedelta(hours=number)
        of_sam(f"ord_{number:03}", status=Status.COMPLETED, placed_at=placed, customer=Customer(phone=PHONE))
    read_stream()
    calls = [erase()]
    while not calls[-1].complete:
        calls.append(erase())

    assert [(one.counts["orders"], one.complete) for one in calls] == [(50, False)] * 5 + [(50, True)]
    assert entries() == []


def one_by_one(writes: Sequence[Mapping[str, Any]]) -> None:
    """Does what a transaction does, where nobody else writes: moto copies all tables for each."""
    for write in writes:
        ((name, request),) = write.items()
        told = {key: value for key, value in request.items() if not key.startswith("ReturnValuesOn")}
        (client("dynamodb").put_item if name == "Put" else client("dynamodb").update_item)(**told)


def only_forget(_caller: Caller, order: Order, found_by: Sequence[Entry], _waiting: Any) -> Counter[str]:
    """The last step of erasing an order alone; the others are as many for each order."""
    customers.forget(order.id, found_by)
    return Counter(orders=1)


def test_an_order_takes_some_twenty_writes(hub: Hub) -> None:
    Story(hub)

    with Counted() as writes:
        erase()

    assert len(writes) <= 20


def test_the_name_that_an_order_goes_by_is_not_printed_any_more(hub: Hub) -> None:
    of_sam(status=Status.COMPLETED, platform="square", display_id=SECRET)
    assert hub.api("POST", "/v1/orders/ord_1/reprint").status == 201
    told = {"type": "other", "description": "cold"}
    assert hub.api("POST", "/v1/orders/ord_1/issues", told).status == 201
    assert SECRET.lower() in everything()

    erase(order_id="ord_1")

    assert SECRET.lower() not in everything()
    assert hub.api("GET", f"/v1/stores/{STORE}/prints").json["jobs"] == []


def test_other_people_keep_what_is_theirs(hub: Hub) -> None:
    of_sam(status=Status.COMPLETED)
    kim = Customer(name="Kim", phone="+1 202 555 0124", email="kim@example.com")
    of_sam("ord_kim", status=Status.COMPLETED, customer=kim)
    read_stream()

    erase()

    assert hub.order("ord_kim").customer == kim
    assert found(phone="+1 202 555 0124") == ["ord_kim"]


def test_an_order_that_was_opened_again_meanwhile_is_not_erased(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    of_sam()
    read_stream()
    monkeypatch.setattr(service, "needs_its_customer", lambda *_: False)

    with pytest.raises(Reject) as refusal:
        erase()

    assert refusal.value.code == "ORDER_NOT_MODIFIABLE"
    assert hub.order("ord_1").customer == SAM


def test_a_body_that_is_gone_already_is_nothing(hub: Hub) -> None:
    assert blobs.find("raw/2026/10/05/none") is None
    blobs.delete("raw/2026/10/05/none")
