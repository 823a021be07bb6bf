"""WooCommerce: the conformance suite, who sent a webhook, and what becomes of it."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from orderhub.errors import Ignore, NotAuthentic, Quarantine
from orderhub.order.merge import Effect, Identity, apply
from orderhub.order.messages import Ignored, InboundMessage, OrderSnapshot, StaffChange, StatusReport
from orderhub.order.models import Check, Order, StatusReason
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.base import Operation
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.woocommerce import PLATFORM
from tests.platforms.conformance import NOW, Conformance, connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection

SHOP = "https://juniper.example.com"


def credentials(*secrets: str) -> dict[str, object]:
    return {"consumer_key": "ck_test", "consumer_secret": "cs_test", "webhook_secrets": list(secrets)}


def connect(*secrets: str, **settings: object) -> AnyConnection:
    return connection_for("woocommerce", credentials(*(secrets or ("secret",))), {"base_url": SHOP, **settings})


class TestWooCommerce(Conformance):
    slug = "woocommerce"
    settings = {"base_url": SHOP}
    credentials = staticmethod(credentials)
    open_objects = frozenset({"line_items.meta_data.value", "line_items.meta_data.display_value"})


# --- who sent it --------------------------------------------------------------------------------------------------

BODY = b'{"id":1001,"number":"1001","status":"processing","currency":"EUR","total":"34.90"}'
VECTORS = [
    pytest.param("woo-webhook-secret", "X4sUD8SXHxTaE6V4Sn7Ev0w/dKqgrdo7L7MRGrnzqOA=", id="plain"),
    pytest.param("a&b<c", "xI9xhC4DKILXHHxHpGj7sEeOSE9tzIb8q43ikAfzL10=", id="with signs of HTML"),
]
OLDER = "M49YsDAWr/ln22+zKdUodALoSPwIJBjGgMWugOY8FIA="


def request(body: bytes, **headers: str) -> Request:
    return Request("POST", "/webhooks/woocommerce/con_test", headers, {}, body, NOW)


def signed_as(signature: str) -> Request:
    return request(BODY).with_headers({"X-WC-Webhook-Signature": signature})


@pytest.mark.parametrize(("secret", "signature"), VECTORS)
def test_the_vector_is_what_we_would_sign_and_is_authentic(secret: str, signature: str) -> None:
    connection = connect(secret)

    PLATFORM.authenticate(signed_as(signature), connection)

    assert PLATFORM.sign(request(BODY), connection) == signed_as(signature)


def test_an_older_shop_signs_with_the_secret_as_html() -> None:
    PLATFORM.authenticate(signed_as(OLDER), connect("a&b<c"))

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(signed_as(OLDER), connect("a&b"))


@pytest.mark.parametrize("stored", ["it&#039;s &quot;us&quot;", 'it\'s "us"'])
def test_an_older_shop_may_store_quotes_either_way(stored: str) -> None:
    older, ours = connect(stored), connect('it\'s "us"')

    PLATFORM.authenticate(PLATFORM.sign(request(BODY), older), ours)


def test_a_connection_needs_a_webhook_secret() -> None:
    with pytest.raises(ValidationError):
        connection_for("woocommerce", credentials())

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(signed_as(OLDER), connect(""))


@pytest.mark.parametrize("body", [b"webhook_id=42", b"webhook_id=7"])
def test_the_ping_of_a_new_webhook_is_answered_without_a_signature(body: bytes) -> None:
    assert PLATFORM.greet(request(body)) == Answer(200)


@pytest.mark.parametrize(
    "body",
    [b"", b"webhook_id=", b"webhook_id=42\n", b"webhook_id=42&x=1", b" webhook_id=42", b"webhook_id=-1", BODY, b"{}"],
)
def test_whatever_else_is_unsigned_is_no_ping_and_is_refused(body: bytes) -> None:
    assert PLATFORM.greet(request(body)) is None

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request(body), connect())


def test_an_order_event_is_never_taken_for_a_ping() -> None:
    assert PLATFORM.greet(request(b"webhook_id=42", **{"x-wc-webhook-topic": "order.deleted"})) is None


def test_webhooks_load_nothing_that_only_calls_need() -> None:
    loaded = "import sys, orderhub.platforms.woocommerce; print(*sys.modules)"

    seen = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()

    mine = {name.rpartition(".")[2] for name in seen if name.startswith("orderhub.platforms.woocommerce.")}
    assert mine == {"settings", "statuses", "models", "lines", "amounts", "mapper", "topics"}
    assert {"oauthlib", "requests"}.isdisjoint(seen)


def test_nothing_is_sent_twice_so_the_hub_has_to_keep_what_it_could_not_store() -> None:
    assert PLATFORM.sends_again is False


def test_a_trial_needs_no_more_than_the_secret_that_signs() -> None:
    trial = replace(connect(), credentials=PLATFORM.credentials_for("woo-webhook-secret"))

    PLATFORM.authenticate(signed_as("X4sUD8SXHxTaE6V4Sn7Ev0w/dKqgrdo7L7MRGrnzqOA="), trial)


# --- what it says -------------------------------------------------------------------------------------------------

AT = "2026-10-05T14:42:12"
VERSION = "2026-10-05T14:42:12.000000Z"
BARE: dict[str, Any] = {"id": 1001, "status": "processing", "currency": "EUR", "date_modified_gmt": AT}


def read(body: Any, topic: str = "order.updated", *, delivery: str = "", settings: dict[str, Any] | None = None) -> Any:
    """The one message of a body. delivery: the delivery id."""
    headers = {"x-wc-webhook-topic": topic, "x-wc-webhook-delivery-id": delivery}
    made = request(json.dumps(body).encode(), **headers)
    (message,) = PLATFORM.read(made, connect(**(settings or {}))).messages
    return message


def message_in(sample: str) -> InboundMessage:
    connection = connect()
    (message,) = PLATFORM.read(request_for(load_sample("woocommerce", sample), connection), connection).messages
    return message


# https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties (status)
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("processing", Status.INCOMING),
        ("completed", Status.COMPLETED),
        ("cancelled", Status.CANCELLED),
        ("refunded", Status.CANCELLED),
        ("trash", Status.CANCELLED),
    ],
)
def test_a_status_is_read(theirs: str, ours: Status) -> None:
    message = read({**BARE, "status": theirs})

    assert isinstance(message, OrderSnapshot)
    reason = StatusReason(source_code=theirs) if ours is Status.CANCELLED else None
    assert (message.order.status, message.order.status_reason) == (ours, reason)


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        ("pending", "not paid yet"),
        ("checkout-draft", "a draft"),
        ("auto-draft", "a draft"),
        ("draft", "a draft"),
        ("on-hold", "waits for a bank transfer or a review"),
        ("baking", "its status 'baking' is not one we know: tell what it means in `statuses`"),
        (None, "its status None is not one we know: tell what it means in `statuses`"),
    ],
)
def test_an_order_that_is_none_yet_is_ignored_with_the_reason(theirs: str | None, why: str) -> None:
    message = read({**BARE, "status": theirs})

    assert isinstance(message, Ignored)
    assert message.reason == f"order 1001: {why}"
    with pytest.raises(Ignore):
        PLATFORM.to_order({**BARE, "status": theirs}, connect())


def test_a_failed_payment_ends_an_order_that_we_had_and_no_other() -> None:
    message = read({**BARE, "status": "failed"})

    assert message == StatusReport(
        delivery_key=message.delivery_key,
        source_version=VERSION,
        external_id="1001",
        store_external_id=SHOP,
        status=Status.CANCELLED,
        reason=StatusReason(source_code="failed"),
        only_if_known=True,
    )
    with pytest.raises(Ignore, match="its payment failed"):
        PLATFORM.to_order({**BARE, "status": "failed"}, connect())


def test_a_deleted_order_is_cancelled_if_we_had_it() -> None:
    message = read({"id": 1001}, "order.deleted")

    assert message == StatusReport(
        delivery_key=message.delivery_key,
        external_id="1001",
        store_external_id=SHOP,
        status=Status.CANCELLED,
        reason=StatusReason(source_code="order.deleted"),
        only_if_known=True,
    )


@pytest.mark.parametrize(
    ("theirs", "settings", "ours"),
    [
        ("on-hold", {"on_hold_is_incoming": True}, Status.INCOMING),
        ("baking", {"statuses": {"baking": "bagging"}}, Status.BAGGING),
        ("on-hold", {"statuses": {"on-hold": "accepted"}}, Status.ACCEPTED),
        ("failed", {"statuses": {"failed": "denied"}}, Status.DENIED),
        ("processing", {"statuses": {"processing": "accepted"}}, Status.ACCEPTED),
        ("preparing", {"accepted_status": "preparing"}, Status.ACCEPTED),
        ("in-the-oven", {"bagging_status": "in-the-oven"}, Status.BAGGING),
        ("on-the-counter", {"ready_status": "on-the-counter"}, Status.READY),
    ],
)
def test_a_shop_s_own_statuses_mean_what_the_settings_say(theirs: str, settings: dict[str, Any], ours: Status) -> None:
    assert read({**BARE, "status": theirs}, settings=settings).order.status is ours


@pytest.mark.parametrize(
    "topic", ["product.updated", "customer.created", "coupon.deleted", "action.woocommerce_add_to_cart", "order.new"]
)
def test_a_topic_about_no_order_is_ignored(topic: str) -> None:
    message = read({"id": 1001}, topic)

    assert isinstance(message, Ignored)
    assert message.reason == f"nothing to do for topic {topic!r}"


def test_headers_that_got_lost_are_told_by_the_body() -> None:
    message = message_in("order_updated__without_headers")

    assert isinstance(message, OrderSnapshot)
    assert isinstance(read({"id": 1001}, ""), StatusReport), "only a deletion says no more than the id"
    with pytest.raises(Quarantine, match="no topic is named"):
        read({"id": 1001, "name": "Fries"}, "")


@pytest.mark.parametrize("topic", ["order.created", "order.updated", "order.restored"])
def test_only_a_creation_says_that_it_is_new(topic: str) -> None:
    message = read(BARE, topic)

    assert (message.is_new, message.source_version) == (topic == "order.created", VERSION)


# --- once, and in order -------------------------------------------------------------------------------------------


def test_two_orders_of_one_second_share_a_delivery_id_and_both_count() -> None:
    first, second = (read({**BARE, "id": number}, delivery="0" * 32) for number in (1001, 1002))

    assert first.delivery_key != second.delivery_key
    assert first.order.id != second.order.id


def test_two_deletions_of_one_second_share_a_delivery_id_and_both_count() -> None:
    known, draft = message_in("order_deleted__known"), message_in("order_deleted__draft")

    assert known.delivery_key != draft.delivery_key


def test_one_body_by_two_deliveries_counts_once() -> None:
    first = read(BARE, "order.created", delivery="1" * 32)
    again = read(BARE, "order.updated", delivery="2" * 32)

    assert first.delivery_key == again.delivery_key


def test_an_order_deleted_restored_and_deleted_again_is_deleted_twice() -> None:
    first = read({"id": 1001}, "order.deleted", delivery="1" * 32)
    again = read({"id": 1001}, "order.deleted", delivery="2" * 32)

    assert first.delivery_key != again.delivery_key


@pytest.mark.parametrize("change", [{"status": "completed"}, {"date_modified_gmt": "2026-10-05T14:42:13"}, {"x": 1}])
def test_whatever_changes_makes_another_delivery(change: dict[str, Any]) -> None:
    assert read({**BARE, **change}).delivery_key != read(BARE).delivery_key


IDENTITY = Identity("ord", "woocommerce", "con_test", "1001", "sto_main", "USD")


def tell(current: Order | None, message: Any) -> Any:
    return apply(current, message, NOW, IDENTITY)


def order_at(**fields: Any) -> Order:
    order: Order = tell(None, read({**BARE, **fields})).order
    return order


def by_staff(order: Order, status: Status) -> Order:
    told: Order = tell(order, StaffChange(delivery_key="staff", status=status)).order
    return told


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.READY])
def test_our_own_change_coming_back_changes_nothing(status: Status) -> None:
    taken = by_staff(order_at(), Status.ACCEPTED)
    known = taken if status is Status.ACCEPTED else by_staff(taken, status)

    echo = tell(known, read({**BARE, "date_modified_gmt": "2026-10-05T14:50:00"}))

    assert (echo.effect, echo.order) == (Effect.UNCHANGED, None)


def test_an_order_that_was_merely_looked_at_is_unchanged() -> None:
    looked_at = read({**BARE, "date_modified_gmt": "2026-10-05T16:00:00", "meta_data": [{"key": "_seen", "value": 1}]})

    assert tell(order_at(), looked_at).effect is Effect.UNCHANGED


def test_a_denial_by_staff_stays_one_when_the_shop_says_cancelled() -> None:
    order = order_at()
    reason = StatusReason(code=CancelReason.OUT_OF_STOCK, details="no beetroot")
    denied = tell(order, StaffChange(delivery_key="staff", status=Status.DENIED, reason=reason)).order

    echo = tell(denied, read({**BARE, "status": "cancelled", "date_modified_gmt": "2026-10-05T14:50:00"}))

    assert (echo.order.status, echo.order.status_reason) == (Status.DENIED, reason)


def test_a_body_with_an_older_time_is_stale() -> None:
    newer = order_at(date_modified_gmt="2026-10-05T15:00:00")

    assert tell(newer, read({**BARE, "status": "cancelled"})).effect is Effect.STALE


def test_the_first_body_in_process_is_the_order_whatever_the_topic() -> None:
    assert isinstance(message_in("order_created__draft"), Ignored)

    placed = message_in("order_updated__draft_is_placed")

    assert (tell(None, placed).effect, tell(None, placed).type) == (Effect.APPLIED, "order.created")


@pytest.mark.parametrize("body", [{"status": "failed"}, None])
def test_an_end_is_no_news_of_an_order_that_we_never_had(body: dict[str, Any] | None) -> None:
    message = read({**BARE, **body}) if body else read({"id": 1001}, "order.deleted")

    assert tell(None, message).order is None
    assert tell(order_at(), message).order.status is Status.CANCELLED


def test_an_order_paid_after_all_is_taken_up_again() -> None:
    failed = tell(order_at(), read({**BARE, "status": "failed", "date_modified_gmt": "2026-10-05T14:50:00"})).order

    again = tell(failed, read({**BARE, "date_modified_gmt": "2026-10-05T14:55:00"}))

    assert (failed.status, again.order.status) == (Status.CANCELLED, Status.INCOMING)


def test_an_order_taken_out_of_the_bin_is_taken_up_again() -> None:
    message = message_in("order_updated__trash")
    gone = tell(tell(None, message_in("order_created__pickup_point")).order, message).order

    again = tell(gone, message_in("order_restored__from_trash"))

    assert (gone.status, again.order.status) == (Status.CANCELLED, Status.INCOMING)


def test_a_refund_of_all_cancels_a_completed_order() -> None:
    done = order_at(status="completed")

    refunded = tell(done, read({**BARE, "status": "refunded", "date_modified_gmt": "2026-10-05T15:00:00"})).order

    assert refunded.status is Status.CANCELLED


def test_all_but_the_pause_of_a_shop_can_be_told() -> None:
    assert set(Operation) - PLATFORM.capabilities == {Operation.SET_STORE_STATUS}
    assert "paused" in PLATFORM.why[Operation.SET_STORE_STATUS]


def test_a_refund_of_a_part_leaves_the_status_and_is_flagged() -> None:
    message = message_in("order_updated__partially_refunded")

    assert isinstance(message, OrderSnapshot)
    order = message.order
    text = "WooCommerce has 2 refund(s) of this order: actual is what was given back"
    assert (order.status, order.amounts.total) == (Status.INCOMING, 6000)
    assert order.checks == [Check(code="REFUNDED", message=text, actual=650)]
    assert (order.source["refunded"], order.source["refunds"]) == ("650", "3190=-500 Juice was warm; 3191=-150")
