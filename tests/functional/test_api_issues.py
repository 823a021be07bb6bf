"""Complaints about orders: opened, worked on, listed by store, commented; and the files that belong to them."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from orderhub.order.events import Actor, Cause
from orderhub.order.issues import MOST_ATTACHMENTS
from orderhub.order.models import Order
from orderhub.runtime import settings
from orderhub.service.access import Caller, Role
from orderhub.storage import issues, orders, timelines
from orderhub.storage.aws import client
from tests.functional.cloud import aws
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, Reply
from tests.functional.made import store, stored
from tests.unit.made import an_item

OTHER = "sto_other"
ROBIN = Caller("key_robin", "Robin", Role.STORE_EMPLOYEE, frozenset({STORE}))
MORGAN = Caller("key_morgan", "Morgan", Role.STORE_MANAGER, frozenset({STORE}))
VIEWER = Caller("key_viewer", "a viewer", Role.VIEWER, frozenset({STORE}))
STRANGER = Caller("key_stranger", "a stranger", Role.STORE_MANAGER, frozenset({OTHER}))
COLD = {"type": "quality_issues", "description": "The pizza was cold"}
PATH = "/v1/orders/ord_1/issues"


@pytest.fixture(autouse=True)
def order(hub: Hub) -> Order:
    hub.add_store(OTHER)
    lines = [an_item(id="itm_1"), an_item(id="itm_2"), an_item(id="itm_3")]
    return stored(store_id=STORE, placed_at=NOW, items=lines, display_id="#41")


def opened(hub: Hub, order_id: str = "ord_1", **told: Any) -> dict[str, Any]:
    """A new issue, as the API answers it."""
    reply = hub.api("POST", f"/v1/orders/{order_id}/issues", {**COLD, **told}, caller=ROBIN)
    assert reply.status == 201, reply
    shown: dict[str, Any] = reply.json
    return shown


def change(hub: Hub, issue: dict[str, Any], body: Any, *, caller: Caller = ROBIN, **headers: Any) -> Reply:
    path = f"/v1/orders/{issue['order_id']}/issues/{issue['id']}"
    return hub.api("PATCH", path, body, caller=caller, **headers)


def listed(hub: Hub, caller: Caller = ROBIN, **query: Any) -> list[str]:
    reply = hub.api("GET", "/v1/issues", caller=caller, query=query)
    assert (reply.status, reply.json["next_cursor"]) == (200, None), reply
    return [issue["id"] for issue in reply.json["issues"]]


def lines(kind: str = "issue.") -> list[tuple[str, Cause, dict[str, Any]]]:
    """The lines of the timeline about issues."""
    events = [event for event in timelines.timeline("ord_1") if event.type.startswith(kind)]
    return [(event.type, event.cause, dict(event.summary)) for event in events]


# --- opening ----------------------------------------------------------------------------------------------------------


def test_an_issue_is_opened_with_what_was_said_of_it(hub: Hub) -> None:
    told = {**COLD, "priority": "high", "item_ids": ["itm_1", "itm_3"], "customer_contacted": True}

    reply = hub.api("POST", PATH, told, caller=ROBIN)

    assert (reply.status, reply.headers["etag"]) == (201, '"1"')
    shown = reply.json
    assert shown == {
        "id": shown["id"],
        "order_id": "ord_1",
        "order_display_id": "#41",
        "store_id": STORE,
        "platform": "toy",
        "type": "quality_issues",
        "description": "The pizza was cold",
        "priority": "high",
        "status": "open",
        "item_ids": ["itm_1", "itm_3"],
        "customer_contacted": True,
        "customer_satisfied": None,
        "assigned_to": None,
        "resolution_description": None,
        "follow_up_date": None,
        "due_at": "2026-10-05T19:00:00Z",
        "opened_at": "2026-10-05T15:00:00Z",
        "opened_by": "Robin (key_robin)",
        "updated_at": "2026-10-05T15:00:00Z",
        "updated_by": "Robin (key_robin)",
        "reopened_at": None,
        "resolved_at": None,
        "closed_at": None,
        "comments": [],
        "attachments": [],
        "version": 1,
        "overdue": False,
        "allowed_statuses": ["closed", "escalated", "in_progress", "investigating", "resolved"],
    }
    assert shown["id"].startswith("iss_")
    assert hub.api("GET", f"{PATH}/{shown['id']}").json == shown


@pytest.mark.parametrize(("given", "priority"), [("critical", "urgent"), ("urgent", "urgent"), (None, "medium")])
def test_critical_is_another_word_for_urgent(hub: Hub, given: str | None, priority: str) -> None:
    assert opened(hub, **({"priority": given} if given else {}))["priority"] == priority


def test_the_opening_is_in_the_order_s_timeline_and_leaves_the_order_as_it_is(hub: Hub, order: Order) -> None:
    issue = opened(hub, item_ids=["itm_1"])

    told = {"issue": issue["id"], "type": "quality_issues", "priority": "medium", "items": 1}
    assert lines() == [("issue.opened", Cause(Actor.STAFF, "Robin (key_robin)"), told)]
    assert orders.get("ord_1") == order


@pytest.mark.parametrize("items", [["itm_9"], ["itm_1", "itm_9"], ["itm_1", "itm_1"]])
def test_an_issue_is_about_lines_of_its_order(hub: Hub, items: list[str]) -> None:
    reply = hub.api("POST", PATH, {**COLD, "item_ids": items})

    assert reply.error == (422, "INVALID_FIELD_VALUE")
    assert reply.json["details"] == {"items": sorted(set(items) - {"itm_1"})}
    assert lines() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "other"},
        {**COLD, "type": "weather"},
        {**COLD, "priority": "whenever"},
        {**COLD, "description": ""},
        {**COLD, "description": "x" * 4001},
        {**COLD, "opened_by": "somebody else"},
        {**COLD, "status": "closed"},
    ],
)
def test_what_does_not_fit_is_not_opened(hub: Hub, body: Any) -> None:
    assert hub.api("POST", PATH, body).error == (422, "VALIDATION_ERROR")


def test_the_same_key_opens_one_issue(hub: Hub) -> None:
    replies = [hub.api("POST", PATH, COLD, caller=ROBIN, idempotency_key="k1") for _ in range(2)]

    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].json == replies[1].json
    assert len(lines()) == 1


def test_the_same_key_for_another_request_is_refused(hub: Hub) -> None:
    hub.api("POST", PATH, COLD, caller=ROBIN, idempotency_key="k1")

    again = hub.api("POST", PATH, {**COLD, "type": "other"}, caller=ROBIN, idempotency_key="k1")

    assert again.error == (409, "IDEMPOTENCY_KEY_REUSED")
    assert hub.api("POST", PATH, COLD, caller=MORGAN, idempotency_key="k1").status == 201


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_viewer_sees_issues_and_changes_none(hub: Hub) -> None:
    issue = opened(hub)

    assert hub.api("GET", f"{PATH}/{issue['id']}", caller=VIEWER).status == 200
    assert listed(hub, VIEWER) == [issue["id"]]
    assert hub.api("POST", PATH, COLD, caller=VIEWER).error == (403, "PERMISSION_DENIED")
    assert change(hub, issue, {"priority": "low"}, caller=VIEWER).error == (403, "PERMISSION_DENIED")
    comments = f"{PATH}/{issue['id']}/comments"
    assert hub.api("POST", comments, {"text": "x"}, caller=VIEWER).error == (403, "PERMISSION_DENIED")


def test_another_store_s_issues_are_not_there(hub: Hub) -> None:
    issue = opened(hub)

    for method, path, body in (
        ("POST", PATH, COLD),
        ("GET", PATH, None),
        ("GET", f"{PATH}/{issue['id']}", None),
        ("PATCH", f"{PATH}/{issue['id']}", {"priority": "low"}),
        ("POST", f"{PATH}/{issue['id']}/comments", {"text": "x"}),
    ):
        assert hub.api(method, path, body, caller=STRANGER).error == (404, "ORDER_NOT_FOUND"), (method, path)
    assert listed(hub, STRANGER) == []
    query = {"store_id": STORE}
    assert hub.api("GET", "/v1/issues", caller=STRANGER, query=query).error == (404, "INVALID_STORE")


@pytest.mark.parametrize("issue_id", ["iss_none", "x" * 3000])
def test_an_issue_that_is_not_there_is_not_found(hub: Hub, issue_id: str) -> None:
    assert hub.api("GET", f"{PATH}/{issue_id}").error == (404, "ISSUE_NOT_FOUND")
    assert hub.api("PATCH", f"{PATH}/{issue_id}", {}).error == (404, "ISSUE_NOT_FOUND")


def test_an_issue_belongs_to_its_order_alone(hub: Hub) -> None:
    issue = opened(hub)
    stored("ord_2", store_id=STORE)

    assert hub.api("GET", f"/v1/orders/ord_2/issues/{issue['id']}").error == (404, "ISSUE_NOT_FOUND")


# --- changing ---------------------------------------------------------------------------------------------------------


def test_an_issue_is_worked_on(hub: Hub, clock: Clock) -> None:
    issue = opened(hub)
    clock.wait(minutes=10)
    told = {
        "type": "wrong_items",
        "description": "It was another's pizza",
        "priority": "critical",
        "status": "in_progress",
        "assigned_to": "emp_7",
        "customer_contacted": True,
        "customer_satisfied": False,
        "resolution_description": "A new one is on its way",
        "follow_up_date": "2026-10-06",
    }

    reply = change(hub, issue, told, caller=MORGAN)

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert reply.json == {
        **issue,
        **told,
        "priority": "urgent",
        "due_at": "2026-10-05T16:00:00Z",
        "updated_at": "2026-10-05T15:10:00Z",
        "updated_by": "Morgan (key_morgan)",
        "version": 2,
        "allowed_statuses": ["closed", "escalated", "investigating", "resolved"],
    }
    assert lines("issue.changed") == [
        (
            "issue.changed",
            Cause(Actor.STAFF, "Morgan (key_morgan)"),
            {
                "issue": issue["id"],
                "changed": sorted(told),
                "from": "open",
                "to": "in_progress",
                "type": "wrong_items",
                "priority": "urgent",
                "assigned_to": "emp_7",
            },
        )
    ]


@pytest.mark.parametrize("body", [{}, {"priority": "medium"}, {"assigned_to": None}])
def test_changing_nothing_is_no_line_and_no_version(hub: Hub, body: Any) -> None:
    issue = opened(hub)

    assert change(hub, issue, body).json == issue
    assert lines("issue.changed") == []


def test_null_takes_the_assignee_away(hub: Hub) -> None:
    issue = opened(hub)
    change(hub, issue, {"assigned_to": "emp_7"})

    assert change(hub, issue, {"assigned_to": None}).json["assigned_to"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"priority": None},
        {"status": None},
        {"status": "gone"},
        {"description": ""},
        {"follow_up_date": "soon"},
        {"updated_by": "somebody else"},
        {"due_at": "2030-01-01T00:00:00Z"},
    ],
)
def test_a_change_that_does_not_fit_is_refused(hub: Hub, body: Any) -> None:
    assert change(hub, opened(hub), body).error == (422, "VALIDATION_ERROR")


def test_an_employee_reopens_what_is_resolved(hub: Hub, clock: Clock) -> None:
    issue = opened(hub, priority="high")
    change(hub, issue, {"status": "resolved"})
    clock.wait(hours=30)

    reopened = change(hub, issue, {"status": "open"}).json

    assert (reopened["status"], reopened["due_at"], reopened["resolved_at"]) == ("open", "2026-10-07T01:00:00Z", None)


def test_a_manager_reopens_what_is_closed(hub: Hub) -> None:
    issue = opened(hub)
    change(hub, issue, {"status": "closed"})

    assert change(hub, issue, {"status": "open"}).error == (403, "PERMISSION_DENIED")
    assert change(hub, issue, {"status": "open"}, caller=MORGAN).json["status"] == "open"


def test_a_move_that_there_is_not_is_refused_with_those_there_are(hub: Hub) -> None:
    issue = opened(hub)
    change(hub, issue, {"status": "resolved"})

    reply = change(hub, issue, {"status": "investigating"})

    assert reply.error == (409, "ISSUE_NOT_MODIFIABLE")
    assert reply.json["details"] == {"status": "resolved", "allowed": ["closed", "open"]}


def test_who_looked_at_an_older_version_is_told_so(hub: Hub) -> None:
    issue = opened(hub)
    change(hub, issue, {"priority": "low"}, if_match='"1"')

    late = change(hub, issue, {"priority": "high"}, if_match='"1"')

    assert late.error == (412, "VERSION_CONFLICT")
    assert late.json["details"] == {"version": 2}
    assert change(hub, issue, {"priority": "high"}, if_match='"2"').json["version"] == 3


def test_a_repeat_of_a_change_is_answered_and_changes_nothing(hub: Hub) -> None:
    issue = opened(hub)
    first = change(hub, issue, {"status": "escalated"}, idempotency_key="k1", if_match='"1"')
    change(hub, issue, {"status": "investigating"})

    again = change(hub, issue, {"status": "escalated"}, idempotency_key="k1", if_match='"1"')

    assert (first.json["status"], again.status, again.json["status"]) == ("escalated", 200, "investigating")
    other = change(hub, issue, {"status": "closed"}, idempotency_key="k1")
    assert other.error == (409, "IDEMPOTENCY_KEY_REUSED")


def test_who_is_overtaken_changes_the_issue_as_it_then_is(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = opened(hub)
    known = issues.get("ord_1", issue["id"])
    change(hub, issue, {"assigned_to": "emp_7"})
    monkeypatch.setattr(issues, "get", lambda *_: known)

    made = change(hub, issue, {"priority": "urgent"}).json

    assert (made["assigned_to"], made["priority"], made["version"]) == ("emp_7", "urgent", 3)


def test_when_two_send_the_same_key_at_once_one_counts(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = opened(hub)
    path = f"{PATH}/{issue['id']}/comments"
    hub.api("POST", path, {"text": "called"}, caller=ROBIN, idempotency_key="k1")
    real, answers = timelines.get_event, iter([True])
    monkeypatch.setattr(timelines, "get_event", lambda *told: None if next(answers, False) else real(*told))

    again = hub.api("POST", path, {"text": "called"}, caller=ROBIN, idempotency_key="k1")

    assert (again.status, [one["text"] for one in again.json["comments"]]) == (201, ["called"])


# --- comments ---------------------------------------------------------------------------------------------------------


def test_comments_are_kept_with_who_made_them(hub: Hub, clock: Clock) -> None:
    issue = opened(hub)
    path = f"{PATH}/{issue['id']}/comments"
    hub.api("POST", path, {"text": "Called her"}, caller=ROBIN)
    clock.wait(minutes=5)

    reply = hub.api("POST", path, {"text": "She is content"}, caller=MORGAN)

    assert (reply.status, reply.headers["etag"]) == (201, '"3"')
    notes = [(one["text"], one["by"], one["at"]) for one in reply.json["comments"]]
    assert notes == [
        ("Called her", "Robin (key_robin)", "2026-10-05T15:00:00Z"),
        ("She is content", "Morgan (key_morgan)", "2026-10-05T15:05:00Z"),
    ]
    kinds = [(kind, told["comment"]) for kind, _, told in lines("issue.commented")]
    assert kinds == [("issue.commented", one["id"]) for one in reply.json["comments"]]


def test_a_closed_issue_takes_comments(hub: Hub) -> None:
    issue = opened(hub)
    change(hub, issue, {"status": "closed"})

    assert hub.api("POST", f"{PATH}/{issue['id']}/comments", {"text": "Thanked us"}).status == 201


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 4001}, {"text": "x", "by": "y"}])
def test_a_comment_that_does_not_fit_is_refused(hub: Hub, body: Any) -> None:
    issue = opened(hub)

    assert hub.api("POST", f"{PATH}/{issue['id']}/comments", body).error == (422, "VALIDATION_ERROR")


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_issues_of_an_order_are_listed_done_or_not(hub: Hub) -> None:
    made = [opened(hub)["id"] for _ in range(3)]
    change(hub, {"order_id": "ord_1", "id": made[1]}, {"status": "closed"})

    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = hub.api("GET", PATH, query={"limit": 2, **cursor}).json
        found += [issue["id"] for issue in page["issues"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert sorted(found) == sorted(made)


def test_what_is_to_be_done_is_listed_with_the_most_urgent_first(hub: Hub) -> None:
    made = {priority: opened(hub, priority=priority)["id"] for priority in ("low", "urgent", "medium", "high")}

    assert listed(hub) == [made["urgent"], made["high"], made["medium"], made["low"]]


def test_what_is_done_is_listed_when_it_is_asked_for_the_last_first(hub: Hub, clock: Clock) -> None:
    made = [opened(hub) for _ in range(3)]
    for issue in made[:2]:
        change(hub, issue, {"status": "resolved"})
        clock.wait(60)

    assert listed(hub) == [made[2]["id"]]
    assert listed(hub, status="resolved") == [made[1]["id"], made[0]["id"]]
    assert listed(hub, status="closed") == []


def test_a_list_is_filtered(hub: Hub, clock: Clock) -> None:
    late = opened(hub, priority="urgent")["id"]
    mine = opened(hub, priority="low")
    change(hub, mine, {"assigned_to": "emp_7", "status": "in_progress"})
    clock.wait(hours=2)

    assert listed(hub, priority="critical") == [late]
    assert listed(hub, assignee="emp_7") == [mine["id"]]
    assert listed(hub, status="in_progress") == [mine["id"]]
    assert listed(hub, overdue="true") == [late]
    assert listed(hub, overdue="false") == [mine["id"]]
    assert listed(hub, overdue="true", status="closed") == []
    (shown,) = hub.api("GET", "/v1/issues", query={"overdue": "true"}).json["issues"]
    assert shown["overdue"] is True


def test_issues_of_all_stores_are_listed_store_after_store_page_after_page(hub: Hub) -> None:
    stored("ord_2", store_id=OTHER)
    made = [opened(hub)["id"] for _ in range(3)]
    made += [hub.api("POST", "/v1/orders/ord_2/issues", COLD).json["id"] for _ in range(2)]
    done = opened(hub)
    change(hub, done, {"status": "resolved"})

    found: list[str] = []
    statuses = "status=open&status=resolved"
    cursor = ""
    for _ in range(10):
        page = asked(hub, f"limit=2&{statuses}{cursor}").json
        assert len(page["issues"]) <= 2
        found += [issue["id"] for issue in page["issues"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert sorted(found) == sorted([*made, done["id"]])
    assert set(found[:4]) == {*made[:3], done["id"]}


def asked(hub: Hub, query: str) -> Reply:
    """A list asked for by a query with one name several times."""
    parts: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        parts[name] = f"{parts[name]},{value}" if name in parts else value
    return hub.api("GET", "/v1/issues", query=parts)


@pytest.mark.parametrize("cursor", ["x", "e30", "eyJ3b3JrX3BrIjoiaXNzdWUjc3RvX3h4I29wZW4ifQ"])
def test_a_cursor_of_another_list_is_refused(hub: Hub, cursor: str) -> None:
    assert hub.api("GET", "/v1/issues", query={"cursor": cursor}).error == (400, "INVALID_CURSOR")


def test_a_cursor_does_not_lead_into_another_store(hub: Hub) -> None:
    for _ in range(2):
        opened(hub)
    cursor = hub.api("GET", "/v1/issues", query={"limit": 1, "store_id": STORE}).json["next_cursor"]

    reply = hub.api("GET", "/v1/issues", caller=STRANGER, query={"cursor": cursor})

    assert reply.error == (400, "INVALID_CURSOR")


def test_a_list_costs_one_query_for_each_store(hub: Hub) -> None:
    opened(hub)
    calls: list[str] = []
    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name), unique_id="count-issues")
    try:
        hub.api("GET", "/v1/issues", query={"store_id": STORE}, caller=ROBIN)
    finally:
        events.unregister("before-call.dynamodb", unique_id="count-issues")

    assert calls == ["Query", "BatchGetItem"]


def test_an_issue_moves_with_its_order_to_another_store(hub: Hub, order: Order) -> None:
    issue = opened(hub)
    store(order.model_copy(update={"store_id": OTHER, "version": 2}))

    hub.api("PATCH", f"{PATH}/{issue['id']}", {"priority": "high"})

    assert listed(hub) == []
    assert listed(hub, STRANGER) == [issue["id"]]


def test_the_due_time_of_a_list_is_that_of_its_issues(hub: Hub) -> None:
    issue = opened(hub)

    stored_issue = issues.get("ord_1", issue["id"])

    assert stored_issue is not None
    assert stored_issue.due_at == NOW + timedelta(hours=24)


# --- attachments ------------------------------------------------------------------------------------------------------

PHOTO = {"name": "pizza äß.png", "content_type": "image/png", "size": 4}
MOST = 10 * 1024 * 1024


def attached(hub: Hub, issue: dict[str, Any], **more: Any) -> Reply:
    body = {**PHOTO, **{name: more.pop(name) for name in list(more) if name in PHOTO}}
    return hub.api("POST", f"{PATH}/{issue['id']}/attachments", body, **{"caller": ROBIN, **more})


def policy(upload: dict[str, Any]) -> dict[str, Any]:
    """What the signature of a form holds its user to."""
    found: dict[str, Any] = json.loads(base64.b64decode(upload["fields"]["policy"]))
    return found


def test_a_file_is_announced_and_uploaded_with_a_signed_form(hub: Hub, clock: Clock) -> None:
    issue = opened(hub)
    clock.wait(60)

    reply = attached(hub, issue)

    assert (reply.status, reply.headers["etag"]) == (201, '"2"')
    shown = reply.json
    file = {**PHOTO, "id": shown["attachment"]["id"], "by": "Robin (key_robin)", "at": "2026-10-05T15:01:00Z"}
    assert shown["attachment"] == file
    assert (shown["method"], shown["expires_at"]) == ("POST", "2026-10-05T15:16:00Z")
    assert hub.api("GET", f"{PATH}/{issue['id']}").json["attachments"] == [file]
    _, cause, told = lines("issue.changed")[0]
    assert (cause.name, told) == (
        "Robin (key_robin)",
        {"issue": issue["id"], "changed": ["attachments"], "attachment": file["id"]},
    )


def test_the_signature_holds_the_upload_to_key_type_size_and_time(hub: Hub) -> None:
    issue = opened(hub)

    upload = attached(hub, issue).json

    key = f"attachments/ord_1/{issue['id']}/{upload['attachment']['id']}"
    assert (upload["fields"]["key"], upload["fields"]["Content-Type"]) == (key, "image/png")
    assert upload["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert settings().blobs_bucket in upload["url"]
    told = policy(upload)
    assert told["expiration"] == "2026-10-05T15:15:00Z"
    assert ["content-length-range", 1, 4] in told["conditions"]
    assert {"Content-Type": "image/png"} in told["conditions"]
    assert {"key": key} in told["conditions"]
    assert {"bucket": settings().blobs_bucket} in told["conditions"]


def test_a_file_is_seen_once_it_was_uploaded(hub: Hub) -> None:
    issue = opened(hub)
    upload = attached(hub, issue).json
    path = f"{PATH}/{issue['id']}/attachments/{upload['attachment']['id']}"
    before = hub.api("GET", path, caller=VIEWER).json
    aws("s3").put_object(Bucket=settings().blobs_bucket, Key=upload["fields"]["key"], Body=b"four")

    after = hub.api("GET", path, caller=VIEWER).json

    assert before == {**upload["attachment"], "url": None, "expires_at": None}
    assert after == {**upload["attachment"], "url": after["url"], "expires_at": "2026-10-05T15:05:00Z"}
    asked = parse_qs(urlsplit(after["url"]).query)
    assert upload["fields"]["key"] in after["url"]
    assert (asked["X-Amz-Algorithm"], asked["X-Amz-Expires"]) == (["AWS4-HMAC-SHA256"], ["300"])
    assert asked["response-content-type"] == ["image/png"]
    assert asked["response-content-disposition"] == ["inline; filename*=UTF-8''pizza%20%C3%A4%C3%9F.png"]


def test_when_storage_has_hiccups_nobody_is_told_that_the_file_is_not_there(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = opened(hub)
    upload = attached(hub, issue).json
    told: Any = {"Error": {"Code": "503", "Message": "slow down"}}

    def busy(**_: Any) -> None:
        raise ClientError(told, "HeadObject")

    monkeypatch.setattr(client("s3"), "head_object", busy)

    reply = hub.api("GET", f"{PATH}/{issue['id']}/attachments/{upload['attachment']['id']}")

    assert reply.error == (503, "TRY_AGAIN")


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png", "image/webp", "application/pdf"])
def test_photos_and_pdfs_are_taken(hub: Hub, content_type: str) -> None:
    assert attached(hub, opened(hub), content_type=content_type, size=MOST).status == 201


@pytest.mark.parametrize(
    ("told", "detail"),
    [
        ({"content_type": "image/svg+xml"}, "allowed"),
        ({"content_type": "text/html"}, "allowed"),
        ({"content_type": ""}, "allowed"),
        ({"size": 0}, "largest"),
        ({"size": -1}, "largest"),
        ({"size": MOST + 1}, "largest"),
    ],
)
def test_other_files_are_not_taken(hub: Hub, told: dict[str, Any], detail: str) -> None:
    issue = opened(hub)

    reply = attached(hub, issue, **told)

    assert reply.error == (422, "INVALID_ATTACHMENT")
    assert detail in reply.json["details"]
    assert hub.api("GET", f"{PATH}/{issue['id']}").json["attachments"] == []


@pytest.mark.parametrize("name", ["", "../x", "a\\b", "a\r\nb", "x" * 201])
def test_a_file_has_a_plain_name(hub: Hub, name: str) -> None:
    assert attached(hub, opened(hub), name=name).error == (422, "VALIDATION_ERROR")


def test_the_same_key_announces_one_file(hub: Hub, clock: Clock) -> None:
    issue = opened(hub)
    first = attached(hub, issue, idempotency_key="k1").json
    clock.wait(60)

    again = attached(hub, issue, idempotency_key="k1").json

    assert again["attachment"] == first["attachment"]
    assert again["fields"]["key"] == first["fields"]["key"]
    assert again["expires_at"] == "2026-10-05T15:16:00Z"
    assert len(hub.api("GET", f"{PATH}/{issue['id']}").json["attachments"]) == 1
    assert attached(hub, issue, idempotency_key="k1", size=3).error == (409, "IDEMPOTENCY_KEY_REUSED")


def test_there_is_an_end_to_attachments(hub: Hub) -> None:
    issue = opened(hub)
    for _ in range(MOST_ATTACHMENTS):
        assert attached(hub, issue).status == 201

    assert attached(hub, issue).error == (422, "INVALID_ATTACHMENT")


def test_files_are_for_those_of_the_store(hub: Hub) -> None:
    issue = opened(hub)
    upload = attached(hub, issue).json
    path = f"{PATH}/{issue['id']}/attachments/{upload['attachment']['id']}"

    assert attached(hub, issue, caller=VIEWER).error == (403, "PERMISSION_DENIED")
    assert attached(hub, issue, caller=STRANGER).error == (404, "ORDER_NOT_FOUND")
    assert hub.api("GET", path, caller=STRANGER).error == (404, "ORDER_NOT_FOUND")
    assert hub.api("GET", f"{path}0").error == (404, "NOT_FOUND")
