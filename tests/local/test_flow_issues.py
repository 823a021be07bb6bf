"""Complaints, their photos and refunds over HTTP: from the first word to the money at the platform."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.local.hub import TIMEOUT_SECONDS, Json, RunningHub
from tests.local.line import Line, connect

RACERS = 8


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "square")


@pytest.fixture(scope="module")
def keys(hub: RunningHub, line: Line) -> dict[str, str]:
    made = {role: hub.add_key(role, line.store_id) for role in ("viewer", "store_employee", "store_manager")}
    return {**made, "elsewhere": hub.add_key("store_manager", hub.add_store(name="Another Kitchen"))}


def arrived(line: Line) -> str:
    return line.order_id(line.receive())


def error(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]


def settled(hub: RunningHub, order_id: str) -> list[Json]:
    """The refunds of an order, once all of them have come to something."""
    order = hub.wait_for(order_id, lambda one: all(r["state"] not in ("pending", "retrying") for r in one["refunds"]))
    return list(order["refunds"])


# --- issues -----------------------------------------------------------------------------------------------------------


def test_an_issue_from_its_opening_to_its_end(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    order_id, key = arrived(line), keys["store_employee"]
    items = [item["id"] for item in hub.ask("GET", f"/orders/{order_id}")["items"]]
    told = {"type": "missing_items", "description": "No drink", "priority": "critical", "item_ids": items[:1]}
    issue = hub.ask("POST", f"/orders/{order_id}/issues", told, key=key, idempotency_key="i1")
    assert hub.ask("POST", f"/orders/{order_id}/issues", told, key=key, idempotency_key="i1") == issue
    path = f"/orders/{order_id}/issues/{issue['id']}"
    assert (issue["priority"], issue["item_ids"]) == ("urgent", items[:1])

    first = hub.api("PATCH", path, {"status": "in_progress", "assigned_to": "emp_1"}, key=key, if_match='"1"')
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    late = hub.api("PATCH", path, {"status": "escalated"}, key=key, if_match='"1"')
    assert error(late) == (412, "VERSION_CONFLICT")
    assert len(hub.ask("POST", f"{path}/comments", {"text": "Called her"}, key=key)["comments"]) == 1
    query = f"/issues?store_id={line.store_id}&status=open&status=in_progress&priority=urgent&assignee=emp_1"
    assert [one["id"] for one in hub.ask("GET", query, key=keys["viewer"])["issues"]] == [issue["id"]]

    hub.ask("PATCH", path, {"status": "closed", "resolution_description": "Brought it"}, key=key)
    assert error(hub.api("PATCH", path, {"status": "open"}, key=key)) == (403, "PERMISSION_DENIED")
    assert hub.ask("PATCH", path, {"status": "open"}, key=keys["store_manager"])["status"] == "open"

    told_of = [one["type"] for one in hub.timeline(order_id) if one["type"].startswith("issue.")]
    assert told_of == [
        *("issue.opened", "issue.changed", "issue.commented", "issue.changed", "issue.changed"),
    ]
    assert [one["id"] for one in hub.ask("GET", f"/orders/{order_id}/issues", key=key)["issues"]] == [issue["id"]]


def test_issues_are_for_those_of_the_store(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    order_id = arrived(line)
    issue = hub.ask("POST", f"/orders/{order_id}/issues", {"type": "other", "description": "x"})
    path = f"/orders/{order_id}/issues"

    for method, where, body in (
        ("GET", path, None),
        ("GET", f"{path}/{issue['id']}", None),
        ("PATCH", f"{path}/{issue['id']}", {"priority": "low"}),
        ("POST", f"{path}/{issue['id']}/comments", {"text": "x"}),
    ):
        assert error(hub.api(method, where, body, key=keys["elsewhere"])) == (404, "ORDER_NOT_FOUND")
    assert hub.ask("GET", "/issues", key=keys["elsewhere"])["issues"] == []
    refused = hub.api("POST", path, {"type": "other", "description": "x"}, key=keys["viewer"])
    assert error(refused) == (403, "PERMISSION_DENIED")


# --- attachments ------------------------------------------------------------------------------------------------------


def test_a_photo_is_uploaded_and_seen_and_nothing_else_is(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    order_id, key = arrived(line), keys["store_employee"]
    issue = hub.ask("POST", f"/orders/{order_id}/issues", {"type": "quality_issues", "description": "Burnt"}, key=key)
    path = f"/orders/{order_id}/issues/{issue['id']}/attachments"
    photo = b"\x89PNG" + bytes(1000)
    new = {"name": "burnt pizza.png", "content_type": "image/png", "size": len(photo)}
    form = hub.ask("POST", path, new, key=key)
    where = f"{path}/{form['attachment']['id']}"
    assert hub.ask("GET", where, key=keys["viewer"])["url"] is None

    assert upload(form, photo + b"and more").status_code >= 400
    assert upload(form, photo, **{"Content-Type": "text/html"}).status_code >= 400
    assert upload(form, photo, key="attachments/elsewhere").status_code >= 400
    assert hub.ask("GET", where, key=keys["viewer"])["url"] is None
    assert upload(form, photo).status_code in (200, 204)

    link = hub.ask("GET", where, key=keys["viewer"])["url"]
    assert requests.get(link, timeout=TIMEOUT_SECONDS).content == photo
    assert error(hub.api("GET", where, key=keys["elsewhere"])) == (404, "ORDER_NOT_FOUND")
    too_large = hub.api("POST", path, {**new, "size": 10 * 1024 * 1024 + 1}, key=key)
    assert error(too_large) == (422, "INVALID_ATTACHMENT")


def upload(form: Json, data: bytes, **other: Any) -> requests.Response:
    """Sends a file as a browser would."""
    fields = {**form["fields"], **other}
    return requests.post(form["url"], data=fields, files={"file": data}, timeout=TIMEOUT_SECONDS)


# --- refunds ----------------------------------------------------------------------------------------------------------


def given_back(hub: RunningHub, external_id: str) -> int:
    """Cents that Square has given back of an order."""
    order = hub.vendor("square", "GET", f"orders/{external_id}")
    return sum(int(one["amount_money"]["amount"]) for one in order.get("refunds", []))


def test_money_is_given_back_at_the_platform(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    made = line.receive()
    order_id, key = line.order_id(made), keys["store_manager"]
    path = f"/orders/{order_id}/refunds"
    refused = hub.api("POST", path, {"reason": "cold"}, key=keys["store_employee"])
    assert error(refused) == (403, "PERMISSION_DENIED")

    first = hub.ask("POST", path, {"amount": 500, "reason": "cold"}, key=key, idempotency_key="r1")
    again = hub.ask("POST", path, {"amount": 500, "reason": "cold"}, key=key, idempotency_key="r1")
    assert (first["state"], again["id"]) == ("pending", first["id"])
    assert [one["state"] for one in settled(hub, order_id)] == ["confirmed"]
    assert given_back(hub, line.external_id(made)) == 500

    order = hub.ask("GET", f"/orders/{order_id}")
    line_id = order["items"][-1]["id"]
    hub.ask("POST", path, {"items": [line_id], "reason": "not there"}, key=key)
    hub.ask("POST", path, {"reason": "the rest"}, key=key)
    assert [one["state"] for one in settled(hub, order_id)] == ["confirmed"] * 3
    assert given_back(hub, line.external_id(made)) == order["amounts"]["total"]
    assert hub.ask("GET", path, key=keys["viewer"])["balance"]["left"] == 0
    assert error(hub.api("POST", path, {"amount": 1, "reason": "more"}, key=key)) == (409, "REFUND_FAILED")
    told = sorted(kind for _, kind, _ in hub.told(order_id) if kind.startswith("refund."))
    assert told == ["refund.asked"] * 3 + ["refund.confirmed"] * 3


def test_many_at_once_give_back_no_more_than_was_paid(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    made = line.receive()
    order_id = line.order_id(made)
    fit = hub.ask("GET", f"/orders/{order_id}")["amounts"]["total"] // 1000

    def ask(number: int) -> int:
        body = {"amount": 1000, "reason": f"number {number}"}
        reply = hub.api("POST", f"/orders/{order_id}/refunds", body, key=keys["store_manager"])
        assert reply.status_code in (201, 409), reply.text
        return reply.status_code

    with ThreadPoolExecutor(RACERS) as racers:
        answers = list(racers.map(ask, range(RACERS)))

    assert 0 < fit < RACERS
    assert sorted(answers) == [201] * fit + [409] * (RACERS - fit)
    assert [one["state"] for one in settled(hub, order_id)] == ["confirmed"] * fit
    assert given_back(hub, line.external_id(made)) == fit * 1000


def test_a_refund_survives_a_platform_that_fails(hub: RunningHub, line: Line, keys: dict[str, str]) -> None:
    made = line.receive()
    order_id = line.order_id(made)
    hub.vendor("square", "POST", "faults", {"match": {"path_contains": "/v2/refunds"}, "status": 500, "times": 1})

    hub.ask("POST", f"/orders/{order_id}/refunds", {"amount": 700, "reason": "late"}, key=keys["store_manager"])

    assert [one["state"] for one in settled(hub, order_id)] == ["confirmed"]
    assert given_back(hub, line.external_id(made)) == 700


def test_where_the_platform_gives_nothing_back_the_answer_says_so(hub: RunningHub) -> None:
    line = connect(hub, "uber_eats")
    order_id = arrived(line)

    refund = hub.ask("POST", f"/orders/{order_id}/refunds", {"amount": 100, "reason": "cold"})

    assert (refund["state"], refund["detail"][:22]) == ("unsupported", "Uber Eats is not told ")
    assert hub.ask("GET", f"/orders/{order_id}")["refunds"] == [refund]
