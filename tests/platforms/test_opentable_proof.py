"""Who may make OpenTable's calls: a secret in the place that was chosen, and nothing else, proves one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from orderhub.errors import Misconfigured, NotAuthentic
from orderhub.platforms.http_types import Request
from orderhub.platforms.opentable import PLATFORM
from tests.platforms.conformance import NOW, connection_for
from tests.platforms.samples import AnyConnection

SECRET = "the-secret-of-today"
MAKE = {"rid": 888, "date_time": "2026-10-09T18:15", "party_size": 2}
BARE = Request("POST", "/webhooks/opentable/con_test/make", {}, {}, json.dumps(MAKE).encode(), NOW)
BASIC = "hub:a-long-password"


def guarded(proof: str, *secrets: str, **settings: Any) -> AnyConnection:
    return connection_for("opentable", {"webhook_secrets": list(secrets)}, {"proof": proof, **settings})


@pytest.mark.parametrize(
    ("proof", "settings", "where"),
    [
        ("path", {}, {"path": f"/webhooks/opentable/con_test/{SECRET}/make"}),
        ("query", {}, {"query": {"token": SECRET}}),
        ("query", {"proof_name": "key"}, {"query": {"key": SECRET}}),
        ("header", {}, {"headers": {"x-orderhub-secret": SECRET}}),
        ("header", {"proof_name": "X-OT-Token"}, {"headers": {"x-ot-token": SECRET}}),
        ("bearer", {}, {"headers": {"authorization": f"Bearer {SECRET}"}}),
        ("basic", {}, {"headers": {"authorization": "Basic aHViOmEtbG9uZy1wYXNzd29yZA=="}}),
    ],
)
def test_a_secret_proves_a_call_where_the_settings_say(
    proof: str, settings: dict[str, Any], where: dict[str, Any]
) -> None:
    connection = guarded(proof, BASIC if proof == "basic" else SECRET, **settings)
    request = replace(BARE, **where)

    PLATFORM.authenticate(request, connection)

    assert PLATFORM.sign(BARE, connection) == request


def test_a_secret_in_the_path_comes_behind_the_connection_wherever_the_api_lies() -> None:
    outside = replace(BARE, path="/v9/prod/webhooks/opentable/con_test")

    signed = PLATFORM.sign(outside, guarded("path", SECRET))

    assert signed.path == f"/v9/prod/webhooks/opentable/con_test/{SECRET}"


def test_the_scheme_of_a_bearer_token_may_be_in_small_letters() -> None:
    PLATFORM.authenticate(BARE.with_headers({"Authorization": f"bearer {SECRET}"}), guarded("bearer", SECRET))


@pytest.mark.parametrize("proof", ["path", "query", "header", "bearer", "basic"])
@pytest.mark.parametrize("elsewhere", ["path", "query", "header", "bearer", "basic", "nowhere"])
def test_a_secret_elsewhere_proves_nothing(proof: str, elsewhere: str) -> None:
    request = BARE if elsewhere == "nowhere" else PLATFORM.sign(BARE, guarded(elsewhere, SECRET))
    if proof == elsewhere:
        request = PLATFORM.sign(BARE, guarded(elsewhere, "another-secret"))

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request, guarded(proof, SECRET))


@pytest.mark.parametrize("proof", ["path", "query", "header", "bearer", "basic"])
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_secret_everything_is_refused(proof: str, secrets: tuple[str, ...]) -> None:
    connection = guarded(proof, *secrets)
    given = {"authorization": "Bearer ", "x-orderhub-secret": ""}

    for request in (BARE, replace(BARE, headers=given), replace(BARE, query={"token": ""})):
        with pytest.raises(NotAuthentic):
            PLATFORM.authenticate(request, connection)
    with pytest.raises(Misconfigured):
        PLATFORM.sign(BARE, connection)


@pytest.mark.parametrize("proof", ["path", "query", "header", "bearer", "basic"])
def test_all_secrets_are_good_while_they_rotate(proof: str) -> None:
    rotating = guarded(proof, "the-secret-of-tomorrow", SECRET)

    for secret in ("the-secret-of-tomorrow", SECRET):
        PLATFORM.authenticate(PLATFORM.sign(BARE, guarded(proof, secret)), rotating)
    assert PLATFORM.sign(BARE, rotating) == PLATFORM.sign(BARE, guarded(proof, "the-secret-of-tomorrow"))


@pytest.mark.parametrize(("address", "allowed"), [("203.0.113.7", True), ("203.0.114.7", False), ("", False)])
def test_calls_may_be_limited_to_networks(address: str, allowed: bool) -> None:
    connection = guarded("header", SECRET, allowed_addresses=["203.0.113.0/24", "2001:db8::/32"])
    request = replace(PLATFORM.sign(BARE, connection), source_ip=address)

    if allowed:
        PLATFORM.authenticate(request, connection)
        return
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request, connection)


def test_an_address_alone_proves_nothing() -> None:
    connection = guarded("header", allowed_addresses=["203.0.113.0/24"])

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(replace(BARE, source_ip="203.0.113.7"), connection)
