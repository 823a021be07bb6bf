"""Uber Eats: the conformance suite, and what its notifications say."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from orderhub.errors import NotAuthentic, Quarantine
from orderhub.order.messages import CourierReport, Ignored, InboundMessage, OrderReference, StatusReport
from orderhub.order.models import Courier, StatusReason
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.uber_eats import PLATFORM
from orderhub.platforms.uber_eats.webhook import RELEASED
from tests.platforms.conformance import Conformance, connection_for, load_sample, request_for
from tests.platforms.samples import ROOT, AnyConnection

LARKSPUR = "c2703a2b-1293-5d08-a544-2599d5e9970b"
SECOND = "a0eda692-794c-5909-b6f6-d86ff6af9f4b"
STORES = {
    LARKSPUR: StoreRef("sto_larkspur", "America/Chicago", "USD"),
    SECOND: StoreRef("sto_second", "America/Chicago", "USD"),
}
ORDER = "febe7f55-e6c8-57f5-99ba-fa7eb03a40da"


def credentials(*secrets: str) -> dict[str, object]:
    return {
        "client_id": "larkspur-app",
        "client_secret": secrets[0] if secrets else "",
        "old_client_secrets": list(secrets[1:]),
    }


def connect(**settings: object) -> AnyConnection:
    return connection_for("uber_eats", credentials("secret"), settings, stores=STORES)


class TestUberEats(Conformance):
    slug = "uber_eats"
    stores = STORES
    credentials = staticmethod(credentials)


# --- who sent it --------------------------------------------------------------------------------------------------

VECTOR_SECRET = "test_client_secret_123"
VECTOR_BODY = (
    b'{"event_id":"5b3f2b1e-8c6a-4f7b-9a53-0d2c4e6f8a10","event_type":"orders.notification","event_time":1729651095000,'
    b'"resource_href":"https://api.uber.com/v1/delivery/order/1676a555-1a6f-4d49-be91-c9bb8f94af49","meta":{"user_id":'
    b'"bd1ed236-ee79-11ed-a05b-0242ac120003","resource_id":"1676a555-1a6f-4d49-be91-c9bb8f94af49","status":"pos"}}'
)
VECTOR_SIGNATURE = "df0ee639e8acf53af06700ac8ab017b28dc57284ec839663ec06e6173177892f"


def request(body: bytes, **headers: str) -> Request:
    return Request("POST", "/webhooks/uber_eats/con_test", headers, {}, body, datetime(2026, 10, 5, 15, tzinfo=UTC))


def test_the_signature_of_the_vector_is_the_one_we_would_make() -> None:
    connection = connection_for("uber_eats", credentials(VECTOR_SECRET))

    assert PLATFORM.sign(request(VECTOR_BODY), connection).header("x-uber-signature") == VECTOR_SIGNATURE


@pytest.mark.parametrize("signature", [VECTOR_SIGNATURE, VECTOR_SIGNATURE.upper()], ids=["lower case", "upper case"])
def test_the_vector_is_authentic_in_either_case(signature: str) -> None:
    connection = connection_for("uber_eats", credentials(VECTOR_SECRET))

    PLATFORM.authenticate(request(VECTOR_BODY, **{"x-uber-signature": signature}), connection)


def test_the_vector_with_one_digit_changed_is_refused() -> None:
    connection = connection_for("uber_eats", credentials(VECTOR_SECRET))

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request(VECTOR_BODY, **{"x-uber-signature": "0" + VECTOR_SIGNATURE[1:]}), connection)


def test_credentials_for_a_trial_know_the_secret_alone() -> None:
    trial = PLATFORM.credentials_for(VECTOR_SECRET).model_dump(mode="json")
    connection = connection_for("uber_eats", {**trial, "client_secret": VECTOR_SECRET})

    PLATFORM.authenticate(request(VECTOR_BODY, **{"x-uber-signature": VECTOR_SIGNATURE}), connection)


# --- what it says -------------------------------------------------------------------------------------------------


def read(
    body: Mapping[str, Any], connection: AnyConnection | None = None, headers: Mapping[str, str] | None = None
) -> list[InboundMessage]:
    made = request(json.dumps(body).encode(), **(headers or {}))
    return list(PLATFORM.read(made, connection or connect()).messages)


def notification(**changes: object) -> dict[str, Any]:
    body = {
        "event_id": "e-1",
        "event_type": "orders.notification",
        "event_time": 1791211331000,
        "resource_href": f"https://api.uber.com/v1/delivery/order/{ORDER}",
        "meta": {"user_id": LARKSPUR, "resource_id": ORDER, "status": "pos"},
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not ...}


AT = "2026-10-05T14:42:11.000000Z"


def reference(purpose: str, *, key: str = "e-1", generation: str = "v1") -> OrderReference:
    ref = {"generation": generation, "purpose": purpose, "since": AT}
    return OrderReference(delivery_key=key, source_version=AT, external_id=ORDER, ref=ref)


@pytest.mark.parametrize(
    ("event_type", "purpose"),
    [
        ("orders.notification", "offer"),
        ("orders.scheduled.notification", "scheduled_offer"),
        ("orders.fulfillment_issues.resolved", "issues_resolved"),
        ("order.fulfillment_issues.resolved", "issues_resolved"),
    ],
)
def test_news_of_an_order_refer_to_it(event_type: str, purpose: str) -> None:
    assert read(notification(event_type=event_type)) == [reference(purpose)]


def test_a_cancelled_order_is_cancelled_by_the_notification_alone() -> None:
    assert read(notification(event_type="orders.cancel")) == [
        StatusReport(
            delivery_key="e-1",
            source_version=AT,
            external_id=ORDER,
            status=Status.CANCELLED,
            reason=StatusReason(source_code="orders.cancel"),
        )
    ]


def test_a_failed_order_is_cancelled_at_once_and_its_reason_fetched() -> None:
    assert read(notification(event_type="orders.failure")) == [
        StatusReport(delivery_key="e-1", source_version=AT, external_id=ORDER, status=Status.CANCELLED),
        reference("failure", key="e-1:details"),
    ]


def courier(status: str | None, moved_to: Status | None) -> CourierReport:
    return CourierReport(
        delivery_key="e-1", source_version=AT, external_id=ORDER, courier=Courier(status=status), status=moved_to
    )


def test_a_released_order_says_that_the_courier_is_near() -> None:
    assert read(notification(event_type="orders.release")) == [courier(RELEASED, None)]


@pytest.mark.parametrize(
    ("told", "moved_to"),
    [
        ("SCHEDULED", None),
        ("EN_ROUTE_TO_PICKUP", None),
        ("ARRIVED_AT_PICKUP", None),
        ("EN_ROUTE_TO_DROPOFF", Status.PICKED_UP),
        ("ARRIVED_AT_DROPOFF", Status.PICKED_UP),
        ("COMPLETED", Status.COMPLETED),
        ("FAILED", None),
        ("BEAMED_UP", None),
        (None, None),
    ],
)
def test_a_courier_s_move_moves_the_order_where_the_table_says(told: str | None, moved_to: Status | None) -> None:
    meta = {"courier_trip_id": "t", "store_id": LARKSPUR, "order_id": ORDER, "external_order_id": "", "status": told}

    assert read(notification(event_type="delivery.state_changed", meta=meta)) == [courier(told, moved_to)]


@pytest.mark.parametrize(
    "event_type",
    [
        "store.provisioned",
        "store.deprovisioned",
        "store.status.changed",
        "eats.store.status.notification",
        "store.menu_refresh_request",
        "eats.report.success",
    ],
)
def test_news_of_the_store_ask_for_nothing(event_type: str) -> None:
    assert read(notification(event_type=event_type)) == [
        Ignored(delivery_key="e-1", reason=f"{event_type}: about the store, not about an order")
    ]


def test_an_unknown_event_asks_for_nothing() -> None:
    assert read(notification(event_type="orders.weighed")) == [
        Ignored(delivery_key="e-1", reason="orders.weighed: an event type we do not know")
    ]


def test_everything_is_answered_with_nothing() -> None:
    reading = PLATFORM.read(request(json.dumps(notification()).encode()), connect())

    assert reading.answer == Answer(200, "", {}) == PLATFORM.quarantine_answer(request(b""))


@pytest.mark.parametrize("told", [1791211331000, 1791211331, "1791211331000"], ids=["ms", "s", "text"])
def test_the_time_of_an_event_is_read_in_seconds_and_in_milliseconds(told: object) -> None:
    assert read(notification(event_time=told))[0].source_version == AT


def test_an_event_without_a_time_has_no_version() -> None:
    (message,) = read(notification(event_time=None))

    assert message == OrderReference(
        delivery_key="e-1", external_id=ORDER, ref={"generation": "v1", "purpose": "offer"}
    )


def test_an_event_without_an_id_is_known_by_its_body() -> None:
    one, again = (read(notification(event_id=None))[0].delivery_key for _ in range(2))
    other = read(notification(event_id=None, event_time=1791211332000))[0].delivery_key

    assert one == again != other


def test_an_event_about_no_order_in_particular_goes_to_quarantine() -> None:
    with pytest.raises(Quarantine, match="which order"):
        read(notification(meta={"user_id": LARKSPUR}))


# --- which generation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("href", "generation"),
    [
        (f"https://api.uber.com/v1/delivery/order/{ORDER}", "v1"),
        (f"https://api.uber.com/v2/eats/order/{ORDER}", "v2"),
        (f"https://API.UBER.COM/v2/eats/order/{ORDER}", "v2"),
        (f"https://test-api.uber.com/v1/delivery/order/{ORDER}", "v1"),
        (f"http://127.0.0.1:8090/v2/eats/order/{ORDER}", "v2"),
    ],
)
def test_the_generation_is_read_from_the_link(href: str, generation: str) -> None:
    connection = connect(base_url="http://127.0.0.1:8090/uber_eats")

    assert read(notification(resource_href=href), connection) == [reference("offer", generation=generation)]


@pytest.mark.parametrize("generation", ["v1", "v2"])
def test_without_a_link_the_generation_is_that_of_the_settings(generation: str) -> None:
    messages = read(notification(resource_href=...), connect(generation=generation))

    assert messages == [reference("offer", generation=generation)]


@pytest.mark.parametrize(
    "href",
    [
        f"https://api.uber.com.example.com/v1/delivery/order/{ORDER}",
        f"https://notuber.com/v1/delivery/order/{ORDER}",
        f"https://api.uber.com@example.com/v1/delivery/order/{ORDER}",
        f"/v1/delivery/order/{ORDER}",
        f"https://api.uber.com/v3/order/{ORDER}",
        "https://[api.uber.com/v1",
    ],
)
def test_a_link_elsewhere_goes_to_quarantine(href: str) -> None:
    with pytest.raises(Quarantine):
        read(notification(resource_href=href))


def test_the_order_that_is_fetched_is_the_one_named_not_the_one_linked() -> None:
    (message,) = read(notification(resource_href="https://api.uber.com/v1/delivery/order/another"))

    assert isinstance(message, OrderReference)
    assert message.external_id == ORDER


def test_further_domains_are_a_setting() -> None:
    href = f"https://eats.example.com/v2/eats/order/{ORDER}"

    messages = read(notification(resource_href=href), connect(hosts=["example.com"]))

    assert messages == [reference("offer", generation="v2")]


# --- sandbox and production ----------------------------------------------------------------------------------------


def test_an_event_of_the_sandbox_never_reaches_a_production_store() -> None:
    (message,) = read(notification(), headers={"x-environment": "Sandbox"})

    assert message == Ignored(delivery_key="e-1", reason="an event of the sandbox on a production connection")


def test_a_production_event_on_a_sandbox_connection_waits_for_somebody_to_look() -> None:
    with pytest.raises(Quarantine, match="environment"):
        read(notification(), connect(environment="sandbox"), {"x-environment": "production"})


@pytest.mark.parametrize(
    ("environment", "header"),
    [("production", "production"), ("production", ""), ("sandbox", "sandbox"), ("sandbox", "")],
)
def test_an_event_of_its_own_environment_or_of_none_is_taken(environment: str, header: str) -> None:
    assert read(notification(), connect(environment=environment), {"x-environment": header}) == [reference("offer")]


# --- weight --------------------------------------------------------------------------------------------------------


def test_taking_in_a_webhook_loads_neither_the_mapper_nor_the_client() -> None:
    sample = load_sample("uber_eats", "orders_failure__v1_cancelled")
    body = request_for(sample, connect()).body.decode()
    program = f"""
import sys
from datetime import UTC, datetime
from orderhub.platforms.base import Connection, StoreRef
from orderhub.platforms.http_types import Request
from orderhub.platforms.uber_eats import PLATFORM
connection = Connection("c", "uber_eats", PLATFORM.credentials_for("secret"), PLATFORM.Settings(), StoreRef("s"))
request = Request("POST", "/", {{}}, {{}}, {body!r}.encode(), datetime.now(UTC))
request = PLATFORM.sign(request, connection)
PLATFORM.authenticate(request, connection)
assert len(PLATFORM.read(request, connection).messages) == 2
print(sorted(name for name in sys.modules if name.startswith("orderhub.platforms.uber_eats.")))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "layers" / "common")},
    )

    loaded = {name.rpartition(".")[2] for name in json.loads(ran.stdout.replace("'", '"'))}
    assert loaded == {"models", "statuses", "webhook"}
