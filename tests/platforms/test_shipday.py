"""Shipday: who sent it, what it says of itself, and what it makes of whatever comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from orderhub.errors import HubError, NotAuthentic, Quarantine, Unsupported
from orderhub.platforms.http_types import Request
from orderhub.platforms.registry import TARGETS, load
from orderhub.platforms.shipday import PLATFORM
from tests.platforms.rules.authenticity import Authenticity
from tests.platforms.rules.quality import Quality
from tests.platforms.rules.reading import Reading
from tests.platforms.rules.robustness import Robustness
from tests.platforms.samples import NOW, AnyConnection, connection_for, request_for, samples_of

DOCUMENTED = "k3Zt9sQ1vB7xW2mN5pR8uY4cE6hJ0aLd"
"""A token of the longest length there is."""


def connected(*tokens: str, **settings: Any) -> AnyConnection:
    credentials = {"api_key": "key-of-the-dashboard", "webhook_tokens": list(tokens or ("t0ken",))}
    return connection_for("shipday", credentials, settings)


class TestShipday(Authenticity, Reading, Robustness, Quality):
    """The rules for what comes in. No orders come from it, so those about mapping and recording orders do not apply."""

    slug = "shipday"
    signs_body = False

    @staticmethod
    def credentials(*secrets: str) -> Mapping[str, Any]:
        return {"api_key": "key-of-the-dashboard", "webhook_tokens": list(secrets)}

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda body: body[: len(body) // 2], id="cut off in the middle"),
            pytest.param(lambda body: body[:-1], id="cut off at the end"),
            pytest.param(lambda _: b"<html>502 Bad Gateway</html>", id="not JSON"),
            pytest.param(lambda _: b"\xff\xfe\x00", id="not UTF-8"),
            pytest.param(lambda _: b"", id="empty"),
            pytest.param(lambda _: b"[" * 100_000, id="nested without end"),
            pytest.param(lambda _: b'"text"', id="no object"),
            pytest.param(lambda _: b"{}", id="nothing in it"),
            pytest.param(lambda _: b'{"event":"ORDER_PIKEDUP","order":{}}', id="an order without an id"),
            pytest.param(lambda _: b'{"event":" ","order":{"id":1}}', id="a blank event"),
        ],
    )
    def test_a_body_that_cannot_be_read_goes_to_quarantine(self, spoil: Callable[[bytes], bytes]) -> None:
        connection = self.connect()
        for sample in samples_of(self.slug):
            with pytest.raises(Quarantine):
                PLATFORM.read(request_for(sample, connection, body=spoil(sample.body)), connection)

    def test_no_payload_whatever_breaks_mapping(self) -> None:
        with pytest.raises(Unsupported):
            PLATFORM.to_order({"id": 1}, self.connect())


def test_it_is_found_among_the_targets() -> None:
    assert "shipday" in TARGETS
    assert load("shipday") is PLATFORM


# --- the token -------------------------------------------------------------------------------------------------------


def refusal(headers: Mapping[str, str], *tokens: str) -> type[HubError] | None:
    request = Request("POST", "/webhooks/shipday/con_test", {}, {}, b"{}", NOW)
    try:
        PLATFORM.authenticate(request.with_headers(headers), connected(*tokens))
    except HubError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"token": DOCUMENTED}, None),
        ({"Token": DOCUMENTED}, None),
        ({"TOKEN": DOCUMENTED}, None),
        ({}, NotAuthentic),
        ({"token": ""}, NotAuthentic),
        ({"token": DOCUMENTED.swapcase()}, NotAuthentic),
        ({"token": DOCUMENTED.lower()}, NotAuthentic),
        ({"token": f"{DOCUMENTED} "}, NotAuthentic),
        ({"token": f" {DOCUMENTED}"}, NotAuthentic),
        ({"token": DOCUMENTED[:-1]}, NotAuthentic),
        ({"token": f"{DOCUMENTED}0"}, NotAuthentic),
        ({"x-token": DOCUMENTED}, NotAuthentic),
        ({"authorization": f"Bearer {DOCUMENTED}"}, NotAuthentic),
    ],
    ids=str,
)
def test_the_token_is_a_header_whose_value_is_exactly_ours(
    headers: Mapping[str, str], refused: type[HubError] | None
) -> None:
    assert refusal(headers, DOCUMENTED) is refused


def test_a_token_in_the_query_or_the_body_proves_nothing() -> None:
    request = Request("POST", "/webhooks/shipday/con_test", {}, {"token": "t0ken"}, b'{"token":"t0ken"}', NOW)

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request, connected())


def test_a_token_longer_than_shipday_takes_is_not_a_token() -> None:
    with pytest.raises(ValidationError):
        connected(f"{DOCUMENTED}0")


def test_the_body_may_be_anything_as_it_proves_nothing() -> None:
    sample = samples_of("shipday")[0]
    request = request_for(sample, connected())

    PLATFORM.authenticate(replace(request, body=b"anything"), connected())


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"courier": "driver"},
        {"courier": "provider"},
        {"courier": "somebody"},
        {"drivers": [""]},
        {"starts_at": "picked_up"},
        {"calling_code": "+1"},
        {"source_name": ""},
        {"source_name": "a:b"},
        {"most_fee": -1},
        {"proof": ["DANCE"]},
        {"delivery_minutes": -1},
        {"poll_page_size": 0},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        connected(**settings)


@pytest.mark.parametrize("status", ["incoming", "accepted", "ready"])
def test_the_merchant_chooses_when_an_order_goes_there(status: str) -> None:
    assert PLATFORM.starts_at(connected(starts_at=status)) == status


def test_usually_an_order_goes_there_once_it_is_accepted_and_shipday_assigns_by_itself() -> None:
    assert PLATFORM.starts_at(connected()) == "accepted"
    assert PLATFORM.wants_courier(connected()) is False


@pytest.mark.parametrize(
    "settings",
    [{"courier": "driver", "drivers": ["1"]}, {"courier": "provider", "provider": "Uber"}, {"courier": "cheapest"}],
)
def test_the_hub_names_the_courier_where_the_merchant_prefers_one(settings: dict[str, Any]) -> None:
    assert PLATFORM.wants_courier(connected(**settings)) is True


@pytest.mark.parametrize(("minutes", "seconds"), [(5, 300), (60, 3600), (0, None)])
def test_how_often_it_is_polled_is_a_setting(minutes: int, seconds: int | None) -> None:
    interval = PLATFORM.poll_interval(connected(poll_minutes=minutes).settings)

    assert (interval.total_seconds() if interval else None) == seconds
