"""Square: what comes in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from orderhub.errors import Misconfigured, NotAuthentic
from orderhub.order.messages import Ignored, InboundMessage, OrderReference, StockReport
from orderhub.platforms.base import TokenRequest
from orderhub.platforms.http_types import Call, Request
from orderhub.platforms.square import PLATFORM
from orderhub.platforms.square.versions import version_of
from tests.platforms.conformance import MAIN_STORE, NOW, Conformance, connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection

CALL = Call("GET", "https://api.example.com/")
URL = "https://hub.example.com/webhooks/square/con_test"
LOCATION = "LHARBORKITCHEN1"


class TestSquare(Conformance):
    slug = "square"
    settings: ClassVar[Mapping[str, Any]] = {"notification_url": URL}
    stores: ClassVar[Mapping[str, Any]] = {LOCATION: MAIN_STORE}

    @staticmethod
    def credentials(*secrets: str) -> dict[str, object]:
        return {"signature_keys": list(secrets), "access_token": "EAAA-example-token"}


def connected(settings: Mapping[str, Any] | None = None, **credentials: Any) -> AnyConnection:
    given = credentials or {"signature_keys": ["sq-signature-key"], "access_token": "EAAA-example-token"}
    return connection_for("square", given, {"notification_url": URL, **(settings or {})}, stores={LOCATION: MAIN_STORE})


def said(sample: str, settings: Mapping[str, Any] | None = None) -> list[InboundMessage]:
    connection = connected(settings)
    return list(PLATFORM.read(request_for(load_sample("square", sample), connection), connection).messages)


def event_id_of(sample: str) -> str:
    return str(json.loads(load_sample("square", sample).body)["event_id"])


# --- signatures: the vendor's own vector, and one of ours ----------------------------------------------------------

VENDORS = {
    "key": "Ibxx_5AKakO-3qeNVR61Dw",
    "url": "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9",
    "body": '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification",'
    '"event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z",'
    '"data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}',
    "signature": "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=",
}
OURS = {
    "key": "sq-signature-key",
    "url": "https://hub.example.com/webhooks/square",
    "body": '{"merchant_id":"5S9MXCS9Y99KK","type":"order.updated","event_id":"4b8e5c91-9f17-4cf1-900a-4a0629f81add",'
    '"created_at":"2020-04-16T23:14:26.359Z","data":{"type":"order_updated","id":"eA3vssLHKJrv9H0IdJCM3gNqfdcZY",'
    '"object":{"order_updated":{"order_id":"eA3vssLHKJrv9H0IdJCM3gNqfdcZY","version":2,"location_id":"FPYCBCHYMXFK1",'
    '"state":"OPEN","created_at":"2020-04-16T23:14:26.129Z","updated_at":"2020-04-16T23:14:26.359Z"}}}}',
    "signature": "NTyx8xXmImQkN8s2JeYfdjThDVJpYjyuL67O3hD1QB8=",
}
WITHOUT_THE_URL = "SEteNaBCxESiZb0ACmiEawbVFoWNRGqbwxCA8M87+cQ="


def check(vector: Mapping[str, str], *, url: str | None = None, **changes: Any) -> None:
    keys = ["another-subscription", vector["key"]]
    settings = {"notification_url": vector["url"] if url is None else url}
    headers = {"x-square-hmacsha256-signature": vector["signature"]}
    request = Request("POST", "/webhooks/square/x", headers, {}, vector["body"].encode(), NOW)
    PLATFORM.authenticate(replace(request, **changes), connection_for("square", {"signature_keys": keys}, settings))


@pytest.mark.parametrize("vector", [VENDORS, OURS], ids=["vendor's", "ours"])
def test_a_known_signature_is_accepted_by_any_of_the_keys(vector: Mapping[str, str]) -> None:
    check(vector)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"headers": {"x-square-hmacsha256-signature": WITHOUT_THE_URL}}, id="signed without the URL"),
        pytest.param({"headers": {"x-square-signature": OURS["signature"]}}, id="only the older header"),
        pytest.param({"url": OURS["url"] + "/"}, id="another URL"),
        pytest.param({"url": ""}, id="no URL in the settings"),
        pytest.param({"body": b""}, id="no body"),
    ],
)
def test_one_thing_changed_makes_a_signature_worthless(change: Mapping[str, Any]) -> None:
    with pytest.raises(NotAuthentic):
        check(OURS, **change)


def test_an_empty_body_is_refused_even_when_it_is_signed() -> None:
    connection = connected()
    empty = Request("POST", "/", {}, {}, b"", NOW)

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(PLATFORM.sign(empty, connection), connection)


def test_the_older_header_beside_the_new_one_is_not_looked_at() -> None:
    check(OURS, headers={"x-square-hmacsha256-signature": OURS["signature"], "x-square-signature": "junk"})


def test_without_a_key_nothing_can_be_signed() -> None:
    request = Request("POST", "/", {}, {}, b"{}", NOW)

    with pytest.raises(Misconfigured):
        PLATFORM.sign(request, connected(access_token="t"))


# --- events --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "external_id", "version"),
    [
        ("order_created__pickup", "ORDPICKUP0001", "00000000000000000001"),
        ("order_updated__completed", "ORDPICKUP0001", "00000000000000000007"),
        ("order_fulfillment_updated__accepted", "ORDPICKUP0001", "00000000000000000003"),
        ("payment_created__counter_sale", "ORDPOS000001", None),
        ("payment_updated__tip_added", "ORDPOS000002", None),
        ("refund_created__return", "ORDRETURN001", None),
        ("refund_updated__partly_refunded", "ORDREFUND001", None),
    ],
)
def test_an_event_names_the_order_to_fetch(sample: str, external_id: str, version: str | None) -> None:
    expected = OrderReference(
        delivery_key=event_id_of(sample),
        source_version=version,
        external_id=external_id,
        ref={"location_id": LOCATION},
    )

    assert said(sample) == [expected]


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (
            "catalog_version_updated__any",
            "catalog.version.updated: orders carry the names and prices they were made with",
        ),
        ("webhooks_test_notification__any", "webhooks.test_notification: a test"),
        ("unknown__loyalty", "loyalty.account.created: not an event we know a use for"),
        ("payment_updated__without_order", "payment PAYALONE1 belongs to no order"),
    ],
)
def test_what_asks_for_nothing_is_ignored_with_the_reason(sample: str, reason: str) -> None:
    key = event_id_of(sample)

    assert said(sample) == [Ignored(delivery_key=key, reason=reason)]


def test_counts_of_goods_on_the_shelf_are_reported_each_for_itself() -> None:
    key = event_id_of("inventory_count_updated__several")

    assert said("inventory_count_updated__several") == [
        StockReport(
            delivery_key=f"{key}#0",
            source_version="2026-10-05T14:46:00.120000Z",
            external_item_id="VARHADDOCK",
            store_external_id=LOCATION,
            quantity=Decimal("12.75"),
        ),
        StockReport(
            delivery_key=f"{key}#2",
            source_version="2026-10-05T14:46:01.000000Z",
            external_item_id="VARSODA",
            store_external_id=LOCATION,
            quantity=Decimal(-1),
        ),
    ]


def test_events_of_another_merchant_are_ignored() -> None:
    of_another = said("order_created__pickup", {"merchant_id": "MLANOTHER"})
    of_ours = said("order_created__pickup", {"merchant_id": "ML4HUBEXAMPLE1"})

    assert [type(message) for message in (*of_another, *of_ours)] == [Ignored, OrderReference]


def test_orders_of_an_unknown_location_are_ignored_when_that_is_chosen() -> None:
    connection = replace(connected({"only_mapped_locations": True}), stores={"LOTHER": MAIN_STORE})
    request = request_for(load_sample("square", "payment_created__counter_sale"), connection)

    [message] = PLATFORM.read(request, connection).messages

    assert isinstance(message, Ignored)
    assert message.reason == f"location {LOCATION} is not one of this connection"


def test_an_event_without_its_id_is_known_by_its_body() -> None:
    connection = connected()
    bodies = (b'{"type": "x"}', b'{"type": "x"}', b'{"type": "y"}')
    keys = [
        PLATFORM.read(Request("POST", "/", {}, {}, body, NOW), connection).messages[0].delivery_key for body in bodies
    ]

    assert keys[0] == keys[1] != keys[2]


# --- versions ------------------------------------------------------------------------------------------------------


def test_versions_sort_as_their_numbers_do_and_after_every_time() -> None:
    times = [version_of(None, "0999-12-31T23:59:59Z"), version_of(None, "2026-10-05T18:00:06.000Z")]
    numbers = [version_of(0, None), version_of(2, "2026-10-05T18:00:06Z"), version_of(10, "2001-01-01T00:00:00Z")]

    assert sorted([*numbers[::-1], *times[::-1]], key=str) == [*times, *numbers]
    assert version_of(None, None) is None


# --- how calls are made --------------------------------------------------------------------------------------------


def test_a_personal_token_is_used_as_it_is() -> None:
    connection = connected()

    assert PLATFORM.token_request(connection) is None
    assert PLATFORM.base_url(connection) == "https://connect.squareup.com"
    assert PLATFORM.authorize(CALL, connection, None).headers == {
        "Authorization": "Bearer EAAA-example-token",
        "Square-Version": "2026-08-19",
    }


def test_an_application_refreshes_its_token() -> None:
    connection = connected(
        {"base_url": "https://connect.squareupsandbox.com", "api_version": "2026-01-22"},
        client_id="sq0idp-1",
        client_secret="secret",
        refresh_token="refresh",
    )

    request = PLATFORM.token_request(connection)

    assert isinstance(request, TokenRequest)
    assert (request.url, request.form) == (
        "https://connect.squareupsandbox.com/oauth2/token",
        {
            "client_id": "sq0idp-1",
            "client_secret": "secret",
            "grant_type": "refresh_token",
            "refresh_token": "refresh",
        },
    )
    assert PLATFORM.authorize(CALL, connection, "EAAA-new").headers == {
        "Authorization": "Bearer EAAA-new",
        "Square-Version": "2026-01-22",
    }


def test_calls_without_any_credentials_say_what_is_missing() -> None:
    with pytest.raises(Misconfigured, match="access_token, or client_id, client_secret and refresh_token"):
        PLATFORM.token_request(connected(client_id="sq0idp-1"))


def test_receiving_webhooks_loads_nothing_that_makes_calls() -> None:
    show = "import sys, orderhub.platforms.square; print(*sorted(sys.modules))"
    shown = subprocess.run(
        [sys.executable, "-c", show], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )

    loaded = set(shown.stdout.split())

    assert "orderhub.platforms.square.events" in loaded
    assert loaded.isdisjoint(
        {
            "requests",
            "boto3",
            "iso4217",
            "orderhub.runtime",
            *(
                f"orderhub.platforms.square.{name}"
                for name in ("cart", "client", "polling", "reading", "refunds", "stock")
            ),
        }
    )
