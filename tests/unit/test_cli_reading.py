"""orderhub map, verify, platforms, version: no network, no AWS."""

from __future__ import annotations

import base64
import hmac
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from orderhub import __version__
from orderhub.cli.reading import signing_connection
from orderhub.platforms import capabilities
from orderhub.platforms.base import Operation
from orderhub.platforms.http_types import Request
from orderhub.platforms.registry import SLUGS, load
from tests.platforms.samples import samples_of
from tests.unit.command import Command

EVENTS = Path(__file__).parents[2] / "events"
SHOPIFY = EVENTS / "shopify" / "orders_create__local_delivery.json"
SQUARE = EVENTS / "square" / "order_created__pickup.json"
URL = "https://hub.example.com/webhooks/square/con_1"


@pytest.fixture
def orderhub(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Writes a file and gives its path."""

    def write(content: object, name: str = "file.json") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def sample(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    return told


# --- map --------------------------------------------------------------------------------------------------------------


def test_map_prints_what_the_adapter_reads(orderhub: Command, file: Any) -> None:
    told = sample(SHOPIFY)

    result = orderhub("map", "shopify", file(told["body"]), "--headers", file(told["headers"], "headers.json"))

    assert (result.code, result.err) == (0, "")
    assert result.json["answer"] == {"status": 200, "body": "", "headers": {}}
    (message,) = result.json["messages"]
    assert (message["type"], message["is_new"]) == ("OrderSnapshot", True)
    assert message["delivery_key"]
    assert message["source_version"]
    assert (message["order"]["platform"], message["order"]["status"]) == ("shopify", "incoming")
    assert message["order"]["items"] != []


def test_map_prints_a_reference_as_a_report(orderhub: Command, file: Any) -> None:
    result = orderhub("map", "square", file(sample(SQUARE)["body"]))

    (message,) = result.json["messages"]
    assert message == {
        "type": "OrderReference",
        "delivery_key": "5e1f0c00-77aa-4b1e-9c3d-000000000001",
        "source_version": message["source_version"],
        "report": {"external_id": "ORDPICKUP0001", "identity": [], "ref": message["report"]["ref"]},
    }


def test_map_takes_what_a_fetch_returned(orderhub: Command, file: Any) -> None:
    result = orderhub("map", "square", file(sample(SQUARE)["fetched"]), "--fetched")

    (message,) = result.json["messages"]
    assert (result.code, message["type"], message["order"]["external_id"]) == (0, "OrderSnapshot", "ORDPICKUP0001")


def test_map_takes_settings_and_stores(orderhub: Command, file: Any) -> None:
    told = {
        "take_unpaid_tickets": True,
        "stores": {"LHARBORKITCHEN1": {"id": "sto_harbor", "time_zone": "UTC", "currency": "USD"}},
        "default_store": {"id": "sto_default"},
    }

    result = orderhub(
        "map", "square", file(sample(SQUARE)["fetched"]), "--fetched", "--settings", file(told, "settings.json")
    )

    assert result.json["messages"][0]["order"]["store_id"] == "sto_harbor"


def test_map_reads_standard_input(orderhub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps(sample(SQUARE)["body"]).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))

    assert orderhub("map", "square", "-").json["messages"][0]["type"] == "OrderReference"


def test_map_names_fields_that_nobody_knows(orderhub: Command, file: Any) -> None:
    told = sample(SHOPIFY)
    headers = file(told["headers"], "headers.json")

    result = orderhub("map", "shopify", file({**told["body"], "brand_new": 1}), "--headers", headers)

    assert result.json["unknown_fields"] == ["brand_new"]


def test_map_flags_sums_that_do_not_agree(orderhub: Command, file: Any) -> None:
    told = sample(SHOPIFY)
    headers = file(told["headers"], "headers.json")

    result = orderhub("map", "shopify", file({**told["body"], "total_price": "1.00"}), "--headers", headers)

    assert result.json["messages"][0]["order"]["checks"] != []


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'{"type": "order.created"}'])
def test_map_ends_with_1_for_what_it_does_not_understand(orderhub: Command, file: Any, body: bytes) -> None:
    result = orderhub("map", "square", file(body))

    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("not understood: ")


def test_map_of_a_draft_is_nothing_to_do(orderhub: Command, file: Any) -> None:
    draft = sample(EVENTS / "square" / "order_created__draft.json")["fetched"]

    result = orderhub("map", "square", file(draft), "--fetched")

    assert (result.code, result.json["messages"]) == (0, [])
    assert result.err.startswith("nothing to do: ")


# --- verify -----------------------------------------------------------------------------------------------------------


def verify(orderhub: Command, file: Any, body: bytes, secret: str, **headers: str) -> Any:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return orderhub("verify", "shopify", file(body, "body"), "--headers", file(told, "h.json"), "--secret", secret)


def test_verify_says_authentic(orderhub: Command, file: Any) -> None:
    signature = base64.b64encode(hmac.digest(b"secret", b'{"id": 1}', "sha256")).decode()

    result = verify(orderhub, file, b'{"id": 1}', "secret", X_Shopify_Hmac_Sha256=signature)

    assert (result.code, result.out, result.err) == (0, "authentic\n", "")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"X_Shopify_Hmac_Sha256": base64.b64encode(b"x" * 32).decode()}, "the signature does not match"),
        ({}, "no header x-shopify-hmac-sha256"),
        ({"X_Shopify_Hmac_Sha256": "%%%"}, "header x-shopify-hmac-sha256 is not base64"),
    ],
)
def test_verify_says_why_not(orderhub: Command, file: Any, headers: dict[str, str], why: str) -> None:
    result = verify(orderhub, file, b'{"id": 2}', "secret", **headers)

    assert (result.code, result.out, result.err) == (1, "", f"not authentic: {why}\n")


@pytest.mark.parametrize("slug", SLUGS)
def test_verify_agrees_with_how_each_platform_signs(orderhub: Command, file: Any, slug: str) -> None:
    platform = load(slug)
    body = samples_of(slug)[0].body
    request = Request("POST", urlsplit(URL).path, {}, {}, body, datetime.now(UTC))
    signed = platform.sign(request, signing_connection(platform, "the-secret", URL))
    url = urlsplit(URL)._replace(path=signed.path, query=urlencode(signed.query)).geturl()
    told = (file(signed.body, "body"), "--headers", file(dict(signed.headers), "h.json"), "--url", url)

    good = orderhub("verify", slug, *told, "--secret", "the-secret")
    bad = orderhub("verify", slug, *told, "--secret", "another")

    assert (good.code, bad.code) == (0, 1)


# --- platforms --------------------------------------------------------------------------------------------------------


def test_platforms_prints_a_row_for_each(orderhub: Command) -> None:
    result = orderhub("platforms")

    assert result.code == 0
    assert all(load(slug).name.split()[0] in result.out for slug in SLUGS)


def test_platforms_prints_json_for_programs(orderhub: Command) -> None:
    rows = {row["slug"]: row for row in orderhub("platforms", "--json").json}

    assert set(rows) == set(SLUGS)
    assert (rows["square"]["name"], rows["square"]["inbound"]) == ("Square", ["webhook", "fetch", "poll"])
    for slug, row in rows.items():
        told = {*row["outbound"], *row["missing"]}
        assert told == {operation.value for operation in Operation} - {"fetch", "poll", "verify_connection"}
        assert set(row["outbound"]) <= {operation.value for operation in load(slug).capabilities}


def test_platforms_prints_the_table_of_the_readme(orderhub: Command) -> None:
    assert orderhub("platforms", "--markdown").out == capabilities.markdown()


# --- all of them ------------------------------------------------------------------------------------------------------


def test_version_prints_the_version(orderhub: Command) -> None:
    assert orderhub("version").out == f"{__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("map", "myspace", "body.json"),
        ("map", "square", "no-such-file.json"),
        ("map", "square"),
        ("map", "square", "body.json", "--color", "red"),
        ("verify", "square", "body.json", "--secret", "x"),
        ("dance",),
        ("platforms", "extra"),
    ],
)
def test_what_cannot_be_carried_out_ends_with_2(
    orderhub: Command, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "body.json").write_text("{}")
    monkeypatch.chdir(tmp_path)

    result = orderhub(*arguments)

    assert (result.code, result.out) == (2, "")
    assert result.err


def test_a_settings_file_that_is_not_json_ends_with_2(orderhub: Command, file: Any) -> None:
    result = orderhub("map", "square", file({}, "body.json"), "--settings", file("{", "settings.json"))

    assert (result.code, "is not JSON" in result.err) == (2, True)


@pytest.mark.parametrize("told", [{"color": "red"}, {"poll_page_size": 0}, 7, {"stores": {"L1": {}}}])
def test_settings_that_do_not_fit_end_with_2_and_a_sentence(orderhub: Command, file: Any, told: Any) -> None:
    result = orderhub("map", "square", file({}, "body.json"), "--settings", file(told, "settings.json"))

    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err


@pytest.mark.parametrize("told", [7, '"text"'])
def test_headers_that_are_no_object_end_with_2_and_a_sentence(orderhub: Command, file: Any, told: Any) -> None:
    result = orderhub("map", "square", file({}, "body.json"), "--headers", file(told, "headers.json"))

    assert (result.code, result.out) == (2, "")


@pytest.mark.parametrize("command", [(), ("map",), ("verify",), ("platforms",), ("send",), ("quarantine", "list")])
def test_help_teaches(orderhub: Command, command: tuple[str, ...]) -> None:
    result = orderhub(*command, "--help")

    assert result.code == 0
    assert "Usage" in result.out
