"""orderhub send: samples go to a hub as their platform would send them, or as it should not."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from orderhub.cli.sending import AT_ONCE, Chaos, parse_chaos
from tests.functional.cloud import events, items
from tests.functional.hub import Hub
from tests.functional.vendors import BASE_URL, PLATFORMS
from tests.unit.command import Command, Result

EVENTS = Path(__file__).parents[2] / "events"
PICKUP = EVENTS / "square" / "order_created__pickup.json"
CURBSIDE = EVENTS / "square" / "order_created__curbside.json"
SHOPIFY = EVENTS / "shopify" / "orders_create__local_delivery.json"
URL = "http://hub.test/webhooks"


@pytest.fixture
def orderhub(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def running(hub: Hub, internet: responses.RequestsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub runs from this folder: its webhooks are reached over HTTP, as are the stand-ins."""
    made = {slug: hub.connect(slug, settings=signed_url(slug)) for slug in ("shopify", "square")}

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        connection_id = (request.url or "").rsplit("/", 1)[1]
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else body
        reply = hub.send(made[connection_id], sent, dict(request.headers), proof={})
        return reply.status, dict(reply.headers), reply.body

    internet.add_callback("POST", re.compile(re.escape(URL)), answer)
    shown = {
        "api_url": "http://hub.test",
        "connections": {
            slug: {"id": connection_id, "secret": PLATFORMS[slug].secret, "url": f"{URL}/{slug}"}
            for slug, connection_id in made.items()
        },
        "standins": {slug: f"{BASE_URL}/{slug}" for slug in made},
    }
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "hub.json").write_text(json.dumps(shown))
    monkeypatch.chdir(tmp_path)
    return hub


def signed_url(slug: str) -> dict[str, str]:
    return {"notification_url": f"{URL}/square"} if slug == "square" else {}


def rows(result: Result) -> Any:
    """What the command printed, after what the hub itself printed in this process."""
    return json.loads(result.out[result.out.index("[\n") :])


def sent_to(hub: Hub) -> list[int]:
    """The statuses of the hub's answers to webhooks."""
    return [answer.status for answer in hub.answers]


# --- one sample -------------------------------------------------------------------------------------------------------


def test_a_sample_is_signed_and_sent_to_the_running_hub(orderhub: Command, running: Hub) -> None:
    result = orderhub("send", SHOPIFY, "--json")

    assert result.code == 0
    assert rows(result) == [
        {"sample": "orders_create__local_delivery.json", "url": f"{URL}/shopify", "status": 200, "answer": ""}
    ]
    assert [row["type"] for row in events()] == ["order.created"]


def test_what_a_notification_speaks_of_is_held_by_the_stand_in(orderhub: Command, running: Hub) -> None:
    assert orderhub("send", PICKUP).code == 0
    running.run()

    assert sorted(row["type"] for row in events()) == ["order.created", "order.referenced"]


def test_the_exact_bytes_of_a_sample_are_sent(orderhub: Command, running: Hub, tmp_path: Path) -> None:
    sample = tmp_path / "odd.json"
    sample.write_text(json.dumps({"says": "x", "body_text": '{"type" : "loyalty.x","event_id":"1"}  '}))

    assert orderhub("send", sample, "--slug", "square").code == 0


def test_a_url_and_a_secret_may_be_given(orderhub: Command, running: Hub, tmp_path: Path) -> None:
    (tmp_path / ".local" / "hub.json").unlink()

    result = orderhub("send", PICKUP, "--url", f"{URL}/square", "--secret", PLATFORMS["square"].secret)

    assert (result.code, sent_to(running)) == (0, [200])


def test_what_was_sent_is_printed_for_people(orderhub: Command, running: Hub) -> None:
    result = orderhub("send", PICKUP)

    assert (result.code, "Sent" in result.out, "200" in result.out) == (0, True, True)


# --- answers that are not wanted --------------------------------------------------------------------------------------


def test_a_wrong_secret_ends_with_1(orderhub: Command, running: Hub) -> None:
    result = orderhub("send", PICKUP, "--secret", "wrong", "--json")

    assert (result.code, rows(result)[0]["status"], rows(result)[0]["answer"]) == (1, 401, '{"error":"NOT_AUTHENTIC"}')
    assert items() == []


def test_a_hub_that_does_not_answer_ends_with_1_and_a_sentence(
    orderhub: Command, internet: responses.RequestsMock
) -> None:
    internet.add("POST", f"{URL}/square", body=requests.ConnectionError("refused"))

    result = orderhub("send", PICKUP, "--url", f"{URL}/square", "--secret", "x")

    assert (result.code, result.out) == (1, "")
    assert result.err == f"Retry: {URL}/square does not answer: ConnectionError\n"


def test_without_a_running_hub_it_ends_with_1_and_says_what_to_do(
    orderhub: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = orderhub("send", PICKUP)

    assert (result.code, "start one with `make run`" in result.err) == (1, True)


def test_a_platform_the_running_hub_has_no_connection_to_ends_with_2(orderhub: Command, running: Hub) -> None:
    sample = min((EVENTS / "uber_eats").glob("orders_notification__v1_*.json"))

    result = orderhub("send", sample)

    assert (result.code, "the running hub has no connection to uber_eats" in result.err) == (2, True)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"says": "x"}', '{"body": {}, "headers": []}'])
def test_a_file_that_is_no_sample_ends_with_2_and_a_sentence(
    orderhub: Command, running: Hub, tmp_path: Path, content: str
) -> None:
    (tmp_path / "x.json").write_text(content)

    result = orderhub("send", tmp_path / "x.json", "--slug", "square")

    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err


def test_a_file_in_a_folder_of_no_platform_ends_with_2(orderhub: Command, running: Hub, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"body": {}}')

    result = orderhub("send", tmp_path / "x.json")

    assert (result.code, "say which with --slug" in result.err) == (2, True)


# --- chaos ------------------------------------------------------------------------------------------------------------


def test_duplicates_change_nothing(orderhub: Command, running: Hub) -> None:
    result = orderhub("send", SHOPIFY, "--chaos", "duplicate", "--json")

    assert (result.code, [row["status"] for row in rows(result)]) == (0, [200, 200])
    assert len(events()) == 1


def test_samples_are_sent_in_reverse_order(orderhub: Command, running: Hub) -> None:
    result = orderhub("send", PICKUP, CURBSIDE, "--chaos", "reorder", "--json")

    assert [row["sample"] for row in rows(result)] == [CURBSIDE.name, PICKUP.name]


def test_late_ones_come_again_when_all_have_been_sent(orderhub: Command, running: Hub) -> None:
    result = orderhub("send", PICKUP, CURBSIDE, "--chaos", "late", "--json")

    assert [row["sample"] for row in rows(result)] == [PICKUP.name, CURBSIDE.name, PICKUP.name, CURBSIDE.name]


def test_half_a_body_goes_to_quarantine(orderhub: Command, running: Hub) -> None:
    assert orderhub("send", SHOPIFY, "--chaos", "truncate").code == 0

    assert [row["sk"] for row in items()] == ["MESSAGE"]


def test_a_refused_signature_is_what_is_wanted_of_badsig(orderhub: Command, running: Hub) -> None:
    result = orderhub("send", SHOPIFY, "--chaos", "badsig", "--json")

    assert (result.code, [row["status"] for row in rows(result)], items()) == (0, [401], [])


def test_a_hub_that_takes_a_bad_signature_ends_with_1(orderhub: Command, internet: responses.RequestsMock) -> None:
    internet.add("POST", f"{URL}/square", body="")

    assert orderhub("send", PICKUP, "--url", f"{URL}/square", "--secret", "x", "--chaos", "badsig").code == 1


def test_a_burst_sends_each_as_often_as_was_asked(orderhub: Command, internet: responses.RequestsMock) -> None:
    internet.add("POST", f"{URL}/square", body="")

    result = orderhub(
        "send", PICKUP, CURBSIDE, "--url", f"{URL}/square", "--secret", "x", "--chaos", "burst=20", "--json"
    )

    assert result.code == 0
    assert Counter(row["sample"] for row in rows(result)) == {PICKUP.name: 20, CURBSIDE.name: 20}
    assert AT_ONCE == 8


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", {}),
        ("duplicate", {Chaos.DUPLICATE: 1}),
        (" reorder , late ", {Chaos.REORDER: 1, Chaos.LATE: 1}),
        ("burst=50,badsig", {Chaos.BURST: 50, Chaos.BADSIG: 1}),
    ],
)
def test_chaos_is_asked_for_in_words(text: str, asked: dict[Chaos, int]) -> None:
    assert parse_chaos(text) == asked


@pytest.mark.parametrize("text", ["sabotage", "burst", "burst=", "burst=many", "burst=-1", "duplicate;late", "burst=0"])
def test_other_words_end_with_2(orderhub: Command, text: str) -> None:
    result = orderhub("send", PICKUP, "--url", URL, "--secret", "x", "--chaos", text)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("--chaos takes duplicate, reorder, late, truncate, badsig, burst=N")


def test_each_platform_s_samples_are_accepted(orderhub: Command, running: Hub) -> None:
    samples: list[Any] = [path for slug in ("shopify", "square") for path in sorted((EVENTS / slug).glob("*.json"))]

    result = orderhub("send", *samples, "--json")

    assert {row["sample"]: row["status"] for row in rows(result) if row["status"] != 200} == {}
    assert result.code == 0
