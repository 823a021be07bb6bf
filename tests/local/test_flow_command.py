"""The `orderhub` command against the running hub: samples sent well and badly, and a hub looked after."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import connect, demo_line

SLUGS = ("shopify", "uber_eats", "square")
# A pickup that is created, changed and cancelled: three messages about one order.
STORY = ("orders_create__pickup", "orders_updated__new_note", "orders_cancelled__out_of_stock")
DELAYED = {"status": 503, "headers": {"Retry-After": "3600"}}
WRONG_WAYS = "duplicate,reorder,late,truncate,badsig,burst=20"


def events(hub: RunningHub, slug: str, names: Iterable[str] = ("*",)) -> list[str]:
    found = [path for name in names for path in sorted((hub.project / "events" / slug).glob(f"{name}.json"))]
    assert found
    return [str(path.relative_to(hub.project)) for path in found]


def sent(hub: RunningHub, *arguments: str) -> list[Json]:
    """What `orderhub send` says of each request, when it ends well."""
    done = hub.orderhub("send", *arguments, "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    rows: list[Json] = json.loads(done.stdout)
    return rows


def quarantined(hub: RunningHub) -> list[str]:
    listed = hub.orderhub("quarantine", "list", "--limit", "1000", "--json")
    return [f"{one['platform']}: {one['reason']}" for one in json.loads(listed.stdout)]


def findings(hub: RunningHub) -> dict[str, bool]:
    """What the doctor found, by subject; asserts that its exit code agrees."""
    visit = hub.orderhub("doctor", "--json")
    found = {one["subject"]: one["ok"] for one in json.loads(visit.stdout)}
    assert visit.returncode == (0 if all(found.values()) else 1)
    return found


def fetches(hub: RunningHub) -> int:
    """About how many orders are due to be fetched; those that the stand-ins do not have yet are asked for later."""
    name = "ApproximateNumberOfMessages"
    with hub.aws("sqs") as sqs:
        found = sqs.get_queue_attributes(QueueUrl=hub.output("FetchOrderQueueUrl"), AttributeNames=[name])
    return int(found["Attributes"][name])


def to_be_fetched(hub: RunningHub, slug: str) -> set[str]:
    """The hub's ids of the orders that the samples name and the stand-in has, where they are orders to be made."""
    samples = [json.loads((hub.project / path).read_text()) for path in events(hub, slug)]
    given = [sample["fetched"] for sample in samples if "fetched" in sample and "unmapped" not in sample]
    line = demo_line(hub, slug)
    return {line.order_id(order) for order in given if "id" in order.get("order", order)}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_sample_gets_the_answer_its_platform_wants(hub: RunningHub, slug: str) -> None:
    before = quarantined(hub)
    rows = sent(hub, *events(hub, slug))
    assert sorted(row["sample"] for row in rows) == sorted(Path(path).name for path in events(hub, slug))
    assert {(row["status"], row["answer"]) for row in rows} == {(200, "")}
    for order_id in to_be_fetched(hub, slug):
        hub.wait_for(order_id)
    eventually(lambda: fetches(hub) == 0)
    assert [one for one in quarantined(hub) if one not in before] == []


def test_samples_sent_twice_backwards_late_and_in_a_burst_make_one_order(hub: RunningHub) -> None:
    line = connect(hub, "shopify")
    story = events(hub, "shopify", STORY)
    where = ("--url", line.url, "--secret", line.secret)
    rows = sent(hub, *story, *where, "--chaos", "duplicate,reorder,late,burst=20")
    assert len(rows) == 3 * 2 * 20 + 3
    made = json.loads((hub.project / story[0]).read_text())["body"]
    order_id = line.order_id(made)
    order = hub.wait_for(order_id)
    assert order["status"] == "cancelled"
    told = hub.told(order_id)
    assert [kind for _, kind, _ in told].count("order.created") == 1
    assert len(told) == 3, "one line for each of the three messages"
    eventually(lambda: hub.open_orders(line.store_id) == [])  # an index follows its table


def test_samples_cut_short_are_put_aside_and_answered(hub: RunningHub) -> None:
    line = connect(hub, "uber_eats")
    samples = events(hub, "uber_eats", ("orders_notification__v*",))
    rows = sent(hub, *samples, "--url", line.url, "--secret", line.secret, "--chaos", "truncate")
    assert {row["status"] for row in rows} == {200}
    listed = json.loads(hub.orderhub("quarantine", "list", "--limit", "1000", "--json").stdout)
    assert [one["kind"] for one in listed if one["connection_id"] == line.id] == ["request"] * len(samples)
    assert hub.open_orders(line.store_id) == []


def test_samples_signed_wrong_are_refused_whatever_else_is_done_to_them(hub: RunningHub) -> None:
    line = connect(hub, "square")
    samples = events(hub, "square", ("order_created__pickup", "order_updated__completed"))
    before = quarantined(hub)
    rows = sent(hub, *samples, "--url", line.url, "--secret", line.secret, "--chaos", WRONG_WAYS)
    assert len(rows) == 2 * 2 * 20 + 2
    assert {row["status"] for row in rows} == {401}
    assert hub.open_orders(line.store_id) == []
    assert quarantined(hub) == before


def test_a_command_that_cannot_be_carried_out_says_so(hub: RunningHub, tmp_path: Path) -> None:
    for arguments, code, words in (
        (("send", "events/shopify/nothing.json"), 2, "No such file"),
        (("send", *events(hub, "shopify", STORY), "--chaos", "sunspots"), 2, "--chaos takes"),
        (("redrive", "letters"), 2, "there is no queue letters"),
        (("replay", "qm_unknown"), 2, "nothing in quarantine has the id qm_unknown"),
    ):
        done = hub.orderhub(*arguments)
        assert (done.returncode, words in done.stderr) == (code, True), (arguments, done.stdout, done.stderr)


def test_a_message_that_was_given_up_on_is_found_and_driven_back(hub: RunningHub) -> None:
    line = demo_line(hub, "uber_eats")
    made = line.receive()
    line.fault(made, "/accept", **DELAYED)
    line.act(made, "accept")
    order_id = line.order_id(made)
    hub.wait_for(order_id, lambda order: order["sync"]["state"] == "retrying")
    body = {"order_id": order_id, "connection_id": line.id, "platform": line.slug, "event": "given-up"}
    hub.post_message("PushStatusDLQUrl", body)

    found = findings(hub)
    assert found["dead letters of push_status"] is False
    assert [one for one, ok in found.items() if line.id in one and not ok] == []
    driven = hub.orderhub("redrive", "push_status")
    assert (driven.returncode, driven.stdout.strip()) == (0, "push_status: 1 put back")
    assert hub.wait_told(order_id)["sync"]["state"] == "confirmed"
    assert findings(hub)["dead letters of push_status"] is True
    assert [call["status"] for call in line.calls(made, path="/accept")] == [503, 200]


def test_the_doctor_tells_which_connection_is_ill(hub: RunningHub) -> None:
    well, ill = connect(hub, "shopify"), connect(hub, "shopify", client_id="nobody-knows-it")
    found = findings(hub)
    assert [ok for subject, ok in found.items() if well.id in subject] == [True]
    assert [ok for subject, ok in found.items() if ill.id in subject] == [False]


def test_keys_are_made_shown_once_and_revoked(hub: RunningHub) -> None:
    store_id = hub.add_store()
    made: list[str] = []
    for name in ("the till", "the tablet"):
        done = hub.orderhub("keys", "create", name, "--role", "viewer", "--store", store_id)
        assert done.returncode == 0, done.stderr
        made.append(done.stdout.strip())
    till, tablet = made
    listed = hub.orderhub("keys", "list", "--json").stdout
    ids = {one["name"]: one["id"] for one in json.loads(listed) if one["stores"] == [store_id]}
    assert set(ids) == {"the till", "the tablet"}
    assert not any(key.split("_", 2)[2] in listed for key in made)  # the secret itself may hold underscores

    assert hub.ask("GET", "/orders", key=till) == {"orders": [], "next_cursor": None}
    assert hub.orderhub("keys", "revoke", ids["the tablet"]).returncode == 0
    assert hub.api("GET", "/orders", key=tablet).status_code == 403


def test_the_platforms_are_told_by_the_code_that_runs(hub: RunningHub) -> None:
    rows: list[dict[str, Any]] = json.loads(hub.orderhub("platforms", "--json").stdout)
    assert [row["slug"] for row in rows if row["slug"] in SLUGS] == sorted(SLUGS)
