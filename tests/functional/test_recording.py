"""What becomes of messages that meet: late, early, at once, too large, or while the database is away."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from local.standins.samples import shopify as shopify_samples
from orderhub.errors import Quarantine
from orderhub.intake.record import Recorded, record, record_staff
from orderhub.order.events import Actor, Cause, Raw
from orderhub.order.merge import CONTENT_MISSING, Effect
from orderhub.order.messages import (
    CourierReport,
    OrderReference,
    OrderSnapshot,
    StaffChange,
    StatusReport,
    TableRequest,
    TableRules,
    TableStep,
    TrackingReport,
    Unreadable,
)
from orderhub.order.models import Courier, Order, StatusReason, Tracking
from orderhub.order.status import Status
from orderhub.platforms.base import Connection
from orderhub.platforms.registry import load
from orderhub.runtime import measured
from orderhub.storage import orders, quarantine, timelines
from tests.functional.cloud import Cloud, aws, items
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import STORE, Hub, Reply
from tests.functional.vendors import PLATFORMS

MINUTE = timedelta(minutes=1)


def shop_order(n: int = 1, **changes: Any) -> dict[str, Any]:
    return shopify_samples.order(n, placed_at=NOW, **changes)


def order_id_of(hub: Hub, connection_id: str, order: dict[str, Any]) -> str:
    played = PLATFORMS[hub.slug(connection_id)]
    return hub.connection(connection_id).order_id(played.external_id(order))


# --- out of order ----------------------------------------------------------------------------------------------------


def test_an_older_version_that_comes_later_changes_nothing_and_is_in_the_timeline_as_stale(
    hub: Hub, shopify: str, metrics: Metrics
) -> None:
    order = shop_order()
    order_id = order_id_of(hub, shopify, order)
    hub.tell(shopify, "orders/create", order, "delivery-1")
    hub.tell(shopify, "orders/updated", order, "delivery-3", at=NOW + 2 * MINUTE, note="By the side door")
    known = hub.order(order_id)

    assert (
        hub.tell(shopify, "orders/updated", order, "delivery-2", at=NOW + MINUTE, note="By the front door").status
        == 200
    )

    assert hub.order(order_id) == known
    assert sorted((event.key, event.effect) for event in hub.timeline(order_id)) == [
        ("delivery-1", "applied"),
        ("delivery-2", "stale"),
        ("delivery-3", "applied"),
    ]
    assert metrics()["StaleMessages shopify"] == [1]


def test_a_stale_message_is_kept_whole_as_well(hub: Hub, shopify: str) -> None:
    order = shop_order()
    hub.tell(shopify, "orders/create", order, "delivery-1", at=NOW + MINUTE)
    headers, body = PLATFORMS["shopify"].told("orders/updated", order, "delivery-2", at=NOW)
    hub.send(shopify, body, headers)

    raw = timelines.received(order_id_of(hub, shopify, order), "delivery-2")

    assert raw is not None
    assert raw.body == body


def test_a_report_before_its_order_makes_a_placeholder(hub: Hub, uber: str) -> None:
    order = PLATFORMS["uber_eats"].order(1)
    hub.tell(uber, "orders.failure", order, "delivery-1")

    placeholder = hub.order(order_id_of(hub, uber, order))

    assert (placeholder.status, placeholder.version, placeholder.items) == (Status.CANCELLED, 1, [])
    assert [check.code for check in placeholder.checks] == [CONTENT_MISSING]


def test_the_content_that_comes_after_a_report_fills_the_placeholder(hub: Hub, uber: str, clock: Clock) -> None:
    order = PLATFORMS["uber_eats"].order(1)
    order_id = order_id_of(hub, uber, order)
    hub.vendors.put("uber_eats", order)
    hub.tell(uber, "delivery.state_changed", order, "delivery-1", status="EN_ROUTE_TO_PICKUP")
    clock.wait(5)
    hub.tell(uber, "orders.notification", order, "delivery-2")
    hub.run()

    filled = hub.order(order_id)

    assert filled.status is Status.INCOMING
    assert filled.items != []
    assert filled.checks == []
    assert hub.told(order_id) == [
        ("courier.updated", "applied"),
        ("order.referenced", "applied"),
        ("order.created", "applied"),
    ]


# --- at once ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Lets something else happen between the next reading of an order and the writing of its change."""
    real = orders.write

    def arrange(happens: Callable[[], Any]) -> None:
        def write(*given: Any, **named: Any) -> Any:
            monkeypatch.setattr(orders, "write", real)
            happens()
            return real(*given, **named)

        monkeypatch.setattr(orders, "write", write)

    return arrange


def accept(hub: Hub, order_id: str) -> Reply:
    return hub.api("POST", f"/v1/orders/{order_id}/accept", {"prep_minutes": 10})


def test_staff_and_platform_at_once_end_in_one_state_with_both_in_the_timeline(
    hub: Hub, shopify: str, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    order = shop_order()
    order_id = order_id_of(hub, shopify, order)
    hub.tell(shopify, "orders/create", order, "delivery-1")
    meanwhile(lambda: hub.tell(shopify, "orders/updated", order, "delivery-2", at=NOW + MINUTE, note="Ring twice"))

    assert accept(hub, order_id).status == 200

    both = hub.order(order_id)
    assert (both.status, both.version, both.notes) == (Status.ACCEPTED, 3, both.notes)
    assert "Ring twice" in (both.notes or "")
    assert [(event.type, event.version) for event in hub.timeline(order_id)] == [
        ("order.created", 1),
        ("order.updated", 2),
        ("order.accepted", 3),
    ]


def test_the_platform_s_message_is_applied_to_what_staff_did_meanwhile(
    hub: Hub, shopify: str, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    order = shop_order()
    order_id = order_id_of(hub, shopify, order)
    hub.tell(shopify, "orders/create", order, "delivery-1")
    meanwhile(lambda: accept(hub, order_id))

    assert hub.tell(shopify, "orders/cancelled", order, "delivery-2", at=NOW + MINUTE).status == 200

    assert (hub.order(order_id).status, hub.order(order_id).version) == (Status.CANCELLED, 3)
    assert [(event.type, event.version) for event in hub.timeline(order_id)] == [
        ("order.created", 1),
        ("order.accepted", 2),
        ("order.cancelled", 3),
    ]


def test_what_staff_decide_is_refused_when_the_order_ended_meanwhile(
    hub: Hub, shopify: str, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    order = shop_order()
    order_id = order_id_of(hub, shopify, order)
    hub.tell(shopify, "orders/create", order, "delivery-1")
    meanwhile(lambda: hub.tell(shopify, "orders/cancelled", order, "delivery-2", at=NOW + MINUTE))

    answer = accept(hub, order_id)

    assert (answer.status, answer.json["error"]) == (409, "ORDER_ALREADY_PROCESSED")
    assert hub.order(order_id).status is Status.CANCELLED


def test_two_first_messages_at_once_make_one_order(
    hub: Hub, shopify: str, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    order = shop_order()
    meanwhile(lambda: hub.tell(shopify, "orders/create", order, "delivery-1"))

    hub.tell(shopify, "orders/paid", order, "delivery-2", at=NOW)

    rows = [(row["sk"], row.get("effect"), row["version"]) for row in items()]
    assert rows == [("E#delivery-1", "applied", 1), ("E#delivery-2", "unchanged", 1), ("ORDER", None, 1)]


def test_the_same_message_at_once_counts_once(
    hub: Hub, shopify: str, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    order = shop_order()
    meanwhile(lambda: hub.tell(shopify, "orders/create", order, "delivery-1"))

    assert hub.tell(shopify, "orders/create", order, "delivery-1").status == 200

    assert [(row["sk"], row["version"]) for row in items()] == [("E#delivery-1", 1), ("ORDER", 1)]


def test_a_webhook_a_poll_and_a_replay_that_meet_make_one_order(hub: Hub, square: str) -> None:
    order = PLATFORMS["square"].order(1)
    order_id = hub.receive(square, order=order)
    snapshot = OrderSnapshot(
        delivery_key="poll-1",
        source_version=hub.order(order_id).source_version,
        order=load("square").to_order(order, hub.connection(square)),
    )
    known = hub.order(order_id)

    effects = [
        record(snapshot, hub.connection(square), Raw(b""), Cause(actor), NOW).effect
        for actor in (Actor.POLL, Actor.SYSTEM)
    ]

    assert effects == ["unchanged", "unchanged"]
    assert hub.order(order_id) == known
    assert len({row["pk"] for row in items()}) == 1


def test_a_row_of_a_poll_that_says_nothing_new_leaves_no_event(hub: Hub, shopify: str) -> None:
    order = shop_order()
    hub.tell(shopify, "orders/create", order, "delivery-1")
    before = items()
    snapshot = OrderSnapshot(
        delivery_key="poll-1",
        source_version=hub.order(order_id_of(hub, shopify, order)).source_version,
        order=load("shopify").to_order(order, hub.connection(shopify)),
    )

    result = record(snapshot, hub.connection(shopify), Raw(b"{}"), Cause(Actor.POLL), NOW)

    assert result.effect == Effect.UNCHANGED
    assert items() == before


def test_a_staff_change_on_an_order_that_is_gone_is_refused(hub: Hub, shopify: str) -> None:
    order = shop_order()
    order_id = order_id_of(hub, shopify, order)
    hub.tell(shopify, "orders/create", order, "delivery-1")
    known = orders.get(order_id)
    assert known is not None
    for row in items():
        aws("dynamodb").delete_item(TableName="OrdersTable", Key={"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}})

    refused = refusal_of(known, StaffChange(delivery_key="staff-1", status=Status.CANCELLED, reason=StatusReason()))

    assert refused == "ORDER_NOT_FOUND"
    assert items() == []


def refusal_of(order: Order, change: StaffChange) -> str:
    from orderhub.errors import Reject

    with pytest.raises(Reject) as refused:
        record_staff(order, change, Cause(Actor.STAFF), NOW)
    return refused.value.code


# --- large bodies ----------------------------------------------------------------------------------------------------


def test_a_body_over_300_kb_goes_to_the_bucket_and_comes_back(hub: Hub, shopify: str, cloud: Cloud) -> None:
    order = shop_order(note="x" * 310_000)
    headers, body = PLATFORMS["shopify"].told("orders/create", order, "delivery-1")
    assert hub.send(shopify, body, headers).status == 200

    order_id = order_id_of(hub, shopify, order)
    raw = timelines.received(order_id, "delivery-1")
    (stored,) = aws("s3").list_objects_v2(Bucket=cloud.ids["BlobsBucket"])["Contents"]

    assert raw is not None
    assert raw.body == body
    assert stored["Key"].startswith("raw/2026/10/05/")
    assert [event.raw_at for event in hub.timeline(order_id)] == [stored["Key"]]


def test_a_body_of_300_kb_stays_in_its_event(hub: Hub, shopify: str, cloud: Cloud) -> None:
    order = shop_order(note="x" * 290_000)
    headers, body = PLATFORMS["shopify"].told("orders/create", order, "delivery-1")
    assert hub.send(shopify, body, headers).status == 200

    assert "Contents" not in aws("s3").list_objects_v2(Bucket=cloud.ids["BlobsBucket"])
    raw = timelines.received(order_id_of(hub, shopify, order), "delivery-1")
    assert raw is not None
    assert raw.body == body


def test_an_order_too_large_for_an_item_is_not_asked_for_again_and_again(hub: Hub, shopify: str) -> None:
    noise = base64.urlsafe_b64encode(random.Random(1).randbytes(700_000)).decode()  # noqa: S311  (no secret)

    assert hub.tell(shopify, "orders/create", shop_order(note=noise), "delivery-1").status == 200

    (held,) = quarantine.page().held
    assert noise.encode() in quarantine.get(held.id).raw.body


def test_what_was_recorded_says_so(hub: Hub, shopify: str) -> None:
    order = shop_order()
    snapshot = OrderSnapshot(delivery_key="k", order=load("shopify").to_order(order, hub.connection(shopify)))

    result = record(snapshot, hub.connection(shopify), Raw(b"{}"), Cause(Actor.FETCH), NOW)

    order_id = order_id_of(hub, shopify, order)
    assert result == Recorded(Effect.APPLIED, order_id, orders.get(order_id))


# --- which order, and at which store ----------------------------------------------------------------------------------

SOURCE = Cause(Actor.PLATFORM)


@pytest.fixture
def two_stores(hub: Hub) -> Connection[Any, Any]:
    """A connection of a platform that has two of our stores."""
    hub.add_store("sto_euro", time_zone="Europe/Helsinki", currency="EUR")
    return hub.connection(hub.connect("square", stores={"L1": STORE, "L2": "sto_euro"}))


def cancelled(**told: Any) -> StatusReport:
    return StatusReport(delivery_key="delivery-1", external_id="A1", status=Status.CANCELLED, **told)


@pytest.mark.parametrize(
    ("theirs", "store", "currency"),
    [("L1", STORE, "USD"), ("L2", "sto_euro", "EUR"), ("L9", STORE, "USD"), (None, STORE, "USD")],
)
def test_a_placeholder_is_at_the_store_that_its_report_names(
    two_stores: Connection[Any, Any], theirs: str | None, store: str, currency: str
) -> None:
    placeholder = record(cancelled(store_external_id=theirs), two_stores, Raw(b"{}"), SOURCE, NOW).order

    assert placeholder is not None
    assert (placeholder.store_id, placeholder.amounts.currency, placeholder.external_id) == (store, currency, "A1")
    assert placeholder == orders.get(two_stores.order_id("A1"))


def test_a_placeholder_is_listed_at_its_store_on_the_day_there(hub: Hub, two_stores: Connection[Any, Any]) -> None:
    at = NOW.replace(hour=22)  # past midnight in Helsinki, not in New York
    recorded = record(cancelled(store_external_id="L2"), two_stores, Raw(b"{}"), SOURCE, at)

    (listed,) = orders.list_day("sto_euro", date(2026, 10, 6), limit=10).orders
    assert listed.id == recorded.order_id


NEWS = {
    "status": cancelled(identity=("L2", "A1")),
    "courier": CourierReport(delivery_key="d", external_id="A1", identity=("L2", "A1"), courier=Courier(name="Sam")),
    "tracking": TrackingReport(
        delivery_key="d", external_id="A1", identity=("L2", "A1"), tracking=(Tracking(code="1"),)
    ),
    "reference": OrderReference(delivery_key="d", external_id="A1", identity=("L2", "A1"), ref={"store": "L2"}),
}


@pytest.mark.parametrize("message", NEWS.values(), ids=NEWS)
def test_news_find_the_order_by_all_that_tells_it_apart(two_stores: Connection[Any, Any], message: Any) -> None:
    recorded = record(message, two_stores, Raw(b"{}"), SOURCE, NOW)

    assert recorded.order_id == two_stores.order_id("L2", "A1") != two_stores.order_id("A1")
    assert [event.key for event in timelines.timeline(two_stores.order_id("L2", "A1"))] == [message.delivery_key]


def test_orders_of_one_number_at_two_stores_are_two(two_stores: Connection[Any, Any]) -> None:
    for store in ("L1", "L2"):
        report = replace(cancelled(identity=(store, "A1")), delivery_key=f"delivery-{store}", store_external_id=store)
        record(report, two_stores, Raw(b"{}"), SOURCE, NOW)

    found = [orders.get(two_stores.order_id(store, "A1")) for store in ("L1", "L2")]

    assert [order and (order.external_id, order.store_id) for order in found] == [("A1", STORE), ("A1", "sto_euro")]


# --- reports of orders we never had -----------------------------------------------------------------------------------


def test_a_report_that_is_no_news_of_an_unknown_order_is_a_line_in_the_timeline_and_no_order(
    two_stores: Connection[Any, Any],
) -> None:
    recorded = record(cancelled(only_if_known=True), two_stores, Raw(b'{"a": 1}'), SOURCE, NOW)

    order_id = two_stores.order_id("A1")
    assert recorded == Recorded(Effect.UNCHANGED, order_id, None)
    assert [(row["sk"], row["effect"], row["version"]) for row in items()] == [("E#delivery-1", "unchanged", 0)]
    assert timelines.received(order_id, "delivery-1") == Raw(b'{"a": 1}')


def test_the_order_of_which_there_was_no_news_can_still_come(hub: Hub, shopify: str) -> None:
    order = shop_order()
    order_id = order_id_of(hub, shopify, order)
    report = replace(cancelled(only_if_known=True), external_id=PLATFORMS["shopify"].external_id(order))
    record(report, hub.connection(shopify), Raw(b"{}"), SOURCE, NOW)

    hub.tell(shopify, "orders/create", order, "delivery-2")

    assert (hub.order(order_id).status, hub.order(order_id).version) == (Status.INCOMING, 1)
    assert hub.told(order_id) == [("order.cancelled", "unchanged"), ("order.created", "applied")]


def test_a_report_that_is_news_of_known_orders_changes_one(hub: Hub, shopify: str) -> None:
    order = shop_order()
    hub.tell(shopify, "orders/create", order, "delivery-0")
    report = replace(cancelled(only_if_known=True), external_id=PLATFORMS["shopify"].external_id(order))

    record(report, hub.connection(shopify), Raw(b"{}"), SOURCE, NOW)

    assert hub.order(order_id_of(hub, shopify, order)).status is Status.CANCELLED


# --- what is put aside ------------------------------------------------------------------------------------------------


def test_what_cannot_be_read_of_a_message_is_put_aside_by_itself(two_stores: Connection[Any, Any]) -> None:
    message = Unreadable(delivery_key="d", source_version="7", raw=b'{"id": "A1"}', reason="no total")

    assert record(message, two_stores, Raw(b"the whole page"), SOURCE, NOW) == Recorded("held")

    (listed,) = quarantine.page().held
    held = quarantine.get(listed.id)
    assert (held.kind, held.reason, held.raw.body, held.about) == (
        *("row", "no total", b'{"id": "A1"}'),
        {"source_version": "7"},
    )


def test_a_request_for_a_table_that_nobody_waits_for_is_not_decided(two_stores: Connection[Any, Any]) -> None:
    rules = TableRules(seats=10, largest=8, turn=90 * MINUTE, hold=MINUTE)
    request = TableRequest(
        delivery_key="d", step=TableStep.HOLD, store_external_id="L1", rules=rules, remember=MINUTE, at=NOW
    )

    with pytest.raises(Quarantine, match="outside of a request that waits for the decision"):
        record(request, two_stores, Raw(b"{}"), SOURCE, NOW)
    assert items() == []


def test_an_order_that_we_have_from_its_marketplace_too_is_shown_and_not_counted(
    hub: Hub, shopify: str, metrics: Metrics
) -> None:
    order = load("shopify").to_order(shop_order(), hub.connection(shopify))
    copy = order.model_copy(update={"duplicate_of": "ord_of_the_marketplace"})
    message = OrderSnapshot(delivery_key="k", order=copy)

    with measured("shopify"):
        record(message, hub.connection(shopify), Raw(b"{}"), SOURCE, NOW)

    assert metrics() == {}
    assert hub.order(copy.id).duplicate_of == "ord_of_the_marketplace"
