"""The stand-in for Jira: who may call, what it refuses, its workflow, its search, and the webhooks it sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from local.standins.jira import API_TOKEN, CLOUD_ID, GATEWAY, WEBHOOK_SECRET, Jira, connection_settings
from local.standins.jira_checks import is_document
from local.standins.journal import Journal
from local.standins.samples import jira as samples
from orderhub.platforms.http_types import Request
from orderhub.platforms.jira import PLATFORM
from tests.platforms.samples import AnyConnection, connection_for
from tests.unit.standins_client import START, Caller, VendorHttp

BASIC = "Basic " + base64.b64encode(f"{samples.BOT.email}:{API_TOKEN}".encode()).decode()
HOOK = "http://hub.test/webhooks/jira/con_test"
DOC = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]}
FIELDS = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": "Refund failed"}
Json = dict[str, Any]


class Desk(Caller):
    """A caller of the stand-in with a good token. sent: the requests it sent to the hub."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Request] = []
        self.app.vendors["jira"] = Jira(lambda: self.now, self._receive)
        self.app.journals["jira"] = Journal()

    def api(self, method: str, path: str, body: Any = None, *, base: str = "", **headers: str) -> TestResponse:
        return self.call(method, f"/jira{base}{path}", body, **{"Authorization": BASIC, **headers})

    def made(self, **fields: Any) -> str:
        """The id of a new issue."""
        reply = self.api("POST", "/rest/api/3/issue", {"fields": {**FIELDS, **fields}})
        assert reply.status_code == 201, reply.get_data(as_text=True)
        return str(reply.get_json()["id"])

    def settle(self, **settings: Any) -> None:
        self.control("PATCH", "jira/settings", settings)

    def change(self, issue: str, **changes: Any) -> Any:
        return self.control("PATCH", f"jira/orders/{issue}", changes)

    def held_issue(self, issue: str) -> Any:
        return self.held("jira", issue)

    def connect(self, **settings: Any) -> AnyConnection:
        """The hub's connection to it."""
        credentials = self.control("GET", "jira/credentials")
        return connection_for("jira", credentials, {**connection_settings("https://site.test/jira"), **settings})

    def http(self, **settings: Any) -> VendorHttp:
        return VendorHttp(self, self.connect(**settings))

    def _receive(self, url: str, headers: dict[str, str], body: bytes) -> None:
        assert url == HOOK
        self.sent.append(Request("POST", "/webhooks/jira/con_test", {}, {}, body, self.now).with_headers(headers))


@pytest.fixture
def desk() -> Iterator[Desk]:
    """The site, on a clock that is everybody's."""
    with time_machine.travel(START, tick=False):
        yield Desk()


def errors(reply: TestResponse) -> tuple[int, list[str]]:
    """Status and the names of the fields that are wrong."""
    return reply.status_code, sorted(reply.get_json()["errors"])


# --- who may call -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", ["", "Bearer x", BASIC[:-4], "Basic " + base64.b64encode(b"bot@example.com:x").decode()]
)
def test_the_token_has_to_be_good(desk: Desk, given: str) -> None:
    assert desk.api("GET", "/rest/api/3/issue/createmeta/OPS/issuetypes", Authorization=given).status_code == 401
    assert desk.api("GET", "/rest/api/3/issue/createmeta/OPS/issuetypes").status_code == 200


def test_a_token_with_scopes_is_good_at_the_gateway_alone(desk: Desk) -> None:
    path = "/rest/api/3/issue/createmeta/OPS/issuetypes"
    assert desk.api("GET", path, base=GATEWAY).status_code == 401

    desk.settle(scoped=True)

    assert desk.api("GET", path, base=GATEWAY).status_code == 200
    assert desk.api("GET", path).status_code == 401


def test_which_cloud_it_is_can_be_asked_without_a_token(desk: Desk) -> None:
    assert desk.call("GET", "/jira/_edge/tenant_info").get_json() == {"cloudId": CLOUD_ID}


def test_there_is_no_other_path_and_the_search_of_old_is_gone(desk: Desk) -> None:
    assert desk.api("GET", "/rest/api/3/nothing").status_code == 404
    assert desk.api("GET", "/rest/api/3/search?jql=project=OPS").status_code == 410
    assert desk.api("POST", "/rest/api/3/search", {"jql": "project = OPS"}).status_code == 410


# --- issues -------------------------------------------------------------------------------------------------------


def test_an_issue_is_held_as_it_was_made(desk: Desk) -> None:
    fields = {**FIELDS, "description": DOC, "labels": ["orderhub"], "priority": {"name": "High"}}
    made = desk.api(
        "POST", "/rest/api/3/issue", {"fields": fields, "properties": [{"key": "orderhub", "value": {"a": 1}}]}
    )

    told = made.get_json()
    assert (made.status_code, set(told)) == (201, {"id", "key", "self"})
    held = desk.held_issue(told["key"])
    assert (held["id"], held["labels"], held["priority"]) == (told["id"], ["orderhub"], "High")
    assert (held["description"], held["properties"]) == (DOC, {"orderhub": {"a": 1}})
    assert (held["status"], held["resolution"]) == ("To Do", None)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"summary": ""}, ["summary"]),
        ({"summary": "a\nb"}, ["summary"]),
        ({"summary": "x" * 256}, ["summary"]),
        ({"project": {"key": "HR"}}, ["project"]),
        ({"issuetype": {"name": "Story"}}, ["issuetype"]),
        ({"description": "text"}, ["description"]),
        ({"description": {"type": "doc", "version": 1, "content": [{"type": "text", "text": "x"}]}}, ["description"]),
        ({"labels": ["two words"]}, ["labels"]),
        ({"labels": "one"}, ["labels"]),
        ({"priority": "High"}, ["priority"]),
        ({"priority": {"name": "P1"}}, ["priority"]),
        ({"components": ["Orders"]}, ["components"]),
        ({"customfield_1": "x"}, ["customfield_1"]),
        ({"summary": "", "labels": ["two words"]}, ["labels", "summary"]),
    ],
    ids=str,
)
def test_all_that_is_wrong_with_an_issue_is_told(desk: Desk, fields: Json, wrong: list[str]) -> None:
    reply = desk.api("POST", "/rest/api/3/issue", {"fields": {**FIELDS, **fields}})

    assert errors(reply) == (400, wrong)
    assert desk.control("GET", "jira/orders") == {"ids": []}


def test_a_field_that_is_missing_is_told(desk: Desk) -> None:
    desk.settle(required_fields=["customfield_7"], screen=[])

    assert errors(desk.api("POST", "/rest/api/3/issue", {"fields": {"labels": ["x"]}})) == (
        400,
        ["customfield_7", "issuetype", "labels", "project", "summary"],
    )


def text(words: str, *marks: Json) -> Json:
    return {"type": "text", "text": words, "marks": list(marks)}


def doc(*content: Json, **more: Any) -> Json:
    return {"type": "doc", "version": 1, "content": list(content), **more}


@pytest.mark.parametrize(
    ("document", "sound"),
    [
        (doc(), True),
        (DOC, True),
        (doc({"type": "paragraph", "content": [text("x", {"type": "strong"}), {"type": "hardBreak"}]}), True),
        (doc({"type": "paragraph", "content": [text("")]}), False),
        (doc({"type": "paragraph", "content": [text("x", {"type": "blink"})]}), False),
        (
            doc({"type": "paragraph", "content": [text("x", {"type": "link", "attrs": {"href": "javascript:1"}})]}),
            False,
        ),
        (doc({"type": "paragraph", "content": [text("x", {"type": "link", "attrs": {"href": "https://a.b"}})]}), True),
        (doc({"type": "bulletList", "content": [{"type": "paragraph", "content": []}]}), False),
        (doc({"type": "listItem", "content": []}), False),
        (doc({"type": "marquee"}), False),
        (doc(version=2), False),
        (doc(type="paragraph"), False),
        ("text", False),
        (None, False),
    ],
)
def test_what_a_document_is(document: Any, *, sound: bool) -> None:
    assert is_document(document) is sound


def test_labels_are_added_once(desk: Desk) -> None:
    issue = desk.made(labels=["a"])
    adds = {"update": {"labels": [{"add": "a"}, {"add": "b"}]}}

    replies = [desk.api("PUT", f"/rest/api/3/issue/{issue}", adds).status_code for _ in range(2)]

    assert replies == [204, 204]
    assert desk.held_issue(issue)["labels"] == ["a", "b"]


def test_labels_that_cannot_be_are_refused(desk: Desk) -> None:
    issue = desk.made()
    spaced, other = ({"update": {"labels": [{"add": label}]}} for label in ("two words", "one"))
    assert errors(desk.api("PUT", f"/rest/api/3/issue/{issue}", spaced)) == (400, ["labels"])

    desk.settle(screen=[])

    assert errors(desk.api("PUT", f"/rest/api/3/issue/{issue}", other)) == (400, ["labels"])


def test_a_property_is_new_and_then_replaced(desk: Desk) -> None:
    path = f"/rest/api/3/issue/{desk.made()}/properties/orderhub"

    assert [desk.api("PUT", path, {"a": n}).status_code for n in range(2)] == [201, 200]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", ""), ("GET", "/transitions"), ("POST", "/transitions"), ("POST", "/comment")],
)
def test_an_issue_that_is_not_there_is_not_found(desk: Desk, method: str, path: str) -> None:
    assert desk.api(method, f"/rest/api/3/issue/OPS-9{path}", {}).status_code == 404


def test_an_issue_is_read_with_the_fields_that_are_asked_for(desk: Desk) -> None:
    issue = desk.made()

    some = desk.api("GET", f"/rest/api/3/issue/{issue}?fields=status,resolution,nothing").get_json()
    every = desk.api("GET", f"/rest/api/3/issue/{issue}").get_json()

    assert set(some["fields"]) == {"status", "resolution"}
    assert some["fields"]["status"]["statusCategory"]["key"] == "new"
    assert {"summary", "updated", "comment", "labels"} <= set(every["fields"])


# --- its workflow -------------------------------------------------------------------------------------------------


def ways(desk: Desk, issue: str) -> dict[str, str]:
    rows = desk.api("GET", f"/rest/api/3/issue/{issue}/transitions").get_json()["transitions"]
    return {row["id"]: row["to"]["statusCategory"]["key"] for row in rows}


def take(desk: Desk, issue: str, way: str, **fields: Any) -> TestResponse:
    body = {"transition": {"id": way}, **({"fields": fields} if fields else {})}
    return desk.api("POST", f"/rest/api/3/issue/{issue}/transitions", body)


def test_an_issue_moves_by_the_transitions_that_there_are(desk: Desk) -> None:
    issue = desk.made()

    seen = []
    for way in ("21", "31", "41"):
        seen.append(ways(desk, issue))
        assert take(desk, issue, way).status_code == 204
        seen.append(desk.held_issue(issue)["resolution"])

    assert seen == [
        {"21": "indeterminate", "31": "done"},
        None,
        {"11": "new", "31": "done"},
        "Done",
        {"41": "new"},
        None,
    ]
    assert take(desk, issue, "41").status_code == 400


def test_the_resolution_is_told_only_where_it_is_on_the_screen(desk: Desk) -> None:
    issue = desk.made()
    assert errors(take(desk, issue, "31", resolution={"name": "Won't Do"})) == (400, ["resolution"])

    desk.settle(resolution_on_screen=True, sets_resolution=False, clears_resolution=False)
    take(desk, issue, "31", resolution={"name": "Won't Do"})
    assert desk.held_issue(issue)["resolution"] == "Won't Do"

    take(desk, issue, "41")
    assert desk.held_issue(issue)["resolution"] == "Won't Do"
    take(desk, issue, "31", resolution=None)
    assert desk.held_issue(issue)["resolution"] is None


# --- comments and requests ----------------------------------------------------------------------------------------


def test_a_comment_is_public_unless_it_says_that_it_is_not(desk: Desk) -> None:
    path = f"/rest/api/3/issue/{desk.made()}/comment"
    internal = [{"key": "sd.public.comment", "value": {"internal": True}}]

    shown = [
        desk.api("POST", path, {"body": DOC, **more}).get_json()["jsdPublic"] for more in ({}, {"properties": internal})
    ]

    assert shown == [True, False]
    assert errors(desk.api("POST", path, {"body": "text"})) == (400, ["comment"])


REQUEST = {
    "serviceDeskId": "10",
    "requestTypeId": "25",
    "requestFieldValues": {"summary": "Refund failed", "description": "It failed."},
}


def requested(desk: Desk, **changes: Any) -> TestResponse:
    return desk.api("POST", "/rest/servicedeskapi/request", {**REQUEST, **changes})


def test_a_request_is_an_issue_with_a_page_for_staff(desk: Desk) -> None:
    reply = requested(desk)

    told = reply.get_json()
    assert reply.status_code == 201
    assert told["_links"]["agent"] == f"https://corner-kitchen.atlassian.net/browse/{told['issueKey']}"
    assert desk.held_issue(told["issueId"])["summary"] == "Refund failed"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"serviceDeskId": 10}, 404),
        ({"requestTypeId": "26"}, 404),
        ({"requestFieldValues": {"description": "x"}}, 400),
        ({"requestFieldValues": {"summary": "x", "labels": ["a"]}}, 400),
        ({"requestFieldValues": {"summary": "x", "description": DOC}}, 400),
    ],
    ids=str,
)
def test_a_request_that_its_type_does_not_take_is_refused(desk: Desk, changes: Json, status: int) -> None:
    assert requested(desk, **changes).status_code == status


def test_a_comment_on_a_request_is_text_and_says_who_sees_it(desk: Desk) -> None:
    path = f"/rest/servicedeskapi/request/{requested(desk).get_json()['issueId']}/comment"

    assert desk.api("POST", path, {"body": "Hello", "public": False}).status_code == 201
    assert desk.api("POST", path, {"body": DOC, "public": False}).status_code == 400
    assert desk.api("POST", path, {"body": "Hello"}).status_code == 400
    plain = f"/rest/servicedeskapi/request/{desk.made()}/comment"
    assert desk.api("POST", plain, {"body": "Hello", "public": False}).status_code == 404


def test_what_can_be_opened_can_be_read(desk: Desk) -> None:
    fields = desk.api("GET", "/rest/servicedeskapi/servicedesk/10/requesttype/25/field").get_json()["requestTypeFields"]

    assert {one["fieldId"]: one["required"] for one in fields} == {"summary": True, "description": False}
    assert desk.api("GET", "/rest/servicedeskapi/servicedesk/10/requesttype/9/field").status_code == 404
    assert desk.api("GET", "/rest/api/3/issue/createmeta/HR/issuetypes").status_code == 404


# --- its search ---------------------------------------------------------------------------------------------------


def found(desk: Desk, jql: str, **more: Any) -> Any:
    reply = desk.api("POST", "/rest/api/3/search/jql", {"jql": jql, **more})
    assert reply.status_code == 200, reply.get_data(as_text=True)
    return reply.get_json()


def ids(page: Any) -> list[str]:
    return [row["id"] for row in page["issues"]]


def test_issues_are_found_by_what_the_hub_asks_for(desk: Desk) -> None:
    first = desk.made(labels=["orderhub", "k-1"])
    desk.wait(minutes=10)
    second = desk.made(labels=["orderhub"], description=DOC)

    assert ids(found(desk, 'project = "OPS" AND labels = "orderhub" ORDER BY created ASC')) == [first, second]
    assert ids(found(desk, 'project = OPS AND labels = "orderhub" ORDER BY created DESC')) == [second, first]
    assert ids(found(desk, 'project = "OPS" AND (labels = "k-1" OR description ~ "\\"Hello\\"")')) == [first, second]
    assert ids(found(desk, 'project = "OPS" AND updated >= -5m ORDER BY updated ASC')) == [second]
    assert ids(found(desk, 'project = "HR" AND labels = "orderhub"')) == []


def test_a_row_has_the_fields_that_are_asked_for(desk: Desk) -> None:
    desk.made()

    (bare,) = found(desk, "project = OPS")["issues"]
    (row,) = found(desk, "project = OPS", fields=["status", "updated"])["issues"]

    assert set(bare) == {"id", "key", "self"}
    assert set(row["fields"]) == {"status", "updated"}


@pytest.mark.parametrize(
    "jql",
    [
        "",
        " ORDER BY created ASC",
        "summary ~ x",
        "project",
        'project ~ "OPS"',
        'updated >= "2026-10-05"',
        "labels = a b",
    ],
)
def test_a_search_without_bounds_or_sense_is_refused(desk: Desk, jql: str) -> None:
    assert desk.api("POST", "/rest/api/3/search/jql", {"jql": jql}).status_code == 400


def test_pages_follow_each_other_by_the_token_of_the_very_search(desk: Desk) -> None:
    made = [desk.made() for _ in range(5)]
    jql = "project = OPS ORDER BY created ASC"

    pages = [found(desk, jql, maxResults=2)]
    while "nextPageToken" in pages[-1]:
        pages.append(found(desk, jql, maxResults=2, nextPageToken=pages[-1]["nextPageToken"]))

    assert [one for page in pages for one in ids(page)] == made
    assert [page["isLast"] for page in pages] == [False, False, True]
    first = pages[0]["nextPageToken"]
    for other, given in (("project = OPS", first), (jql, "junk"), (jql, "bnVsbA==")):
        assert desk.api("POST", "/rest/api/3/search/jql", {"jql": other, "nextPageToken": given}).status_code == 400


def test_a_search_shows_a_new_issue_only_after_a_while(desk: Desk) -> None:
    desk.settle(search_lag_seconds=60)
    issue = desk.made()

    seen = [ids(found(desk, "project = OPS"))]
    desk.wait(seconds=60)
    seen.append(ids(found(desk, "project = OPS")))

    assert seen == [[], [issue]]


# --- what it tells ------------------------------------------------------------------------------------------------


def test_nothing_is_sent_until_a_webhook_is_set(desk: Desk) -> None:
    desk.change(desk.made(), status="Done")

    assert desk.sent == []


def test_what_happens_is_told_with_a_signature_the_hub_takes(desk: Desk) -> None:
    desk.settle(webhook_url=HOOK)
    issue = desk.made()
    desk.change(issue, status="In Progress")
    desk.change(issue, comment="Looking into it")
    desk.change(issue, status="Done")
    desk.change(issue, status="To Do")
    desk.change(issue, deleted=True)

    connection = desk.connect()
    heard = []
    for request in desk.sent:
        PLATFORM.authenticate(request, connection)
        (message,) = PLATFORM.read(request, connection).messages
        heard.append((type(message).__name__, getattr(message, "state", None), getattr(message, "comment", None)))

    assert heard == [
        ("Ignored", None, None),
        ("TicketReport", "in_progress", None),
        ("TicketReport", "in_progress", "Looking into it"),
        ("TicketReport", "resolved", None),
        ("TicketReport", "open", None),
        ("TicketReport", "deleted", None),
    ]
    assert len({request.headers["x-atlassian-webhook-identifier"] for request in desk.sent}) == 6
    assert desk.control("GET", "jira/orders") == {"ids": []}


def test_the_signature_is_that_of_the_documentation(desk: Desk) -> None:
    desk.settle(webhook_url=HOOK)
    desk.made()

    (request,) = desk.sent
    mac = hmac.new(WEBHOOK_SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-hub-signature"] == f"sha256={mac}"
    desk.settle(webhook_secret="")
    desk.made()
    assert "x-hub-signature" not in desk.sent[-1].headers


def test_an_event_can_be_sent_again_under_its_identifier(desk: Desk) -> None:
    desk.settle(webhook_url=HOOK)
    issue = desk.made()
    desk.change(issue, status="Done")

    desk.change(issue, again=True)

    first, again = desk.sent[-2:]
    assert first.body == again.body
    assert first.headers["x-atlassian-webhook-identifier"] == again.headers["x-atlassian-webhook-identifier"]
    assert "x-atlassian-webhook-retry" not in first.headers
    assert again.headers["x-atlassian-webhook-retry"] == "1"


def test_something_can_happen_of_which_nothing_is_told(desk: Desk) -> None:
    desk.settle(webhook_url=HOOK, webhook_events=["jira:issue_updated"])
    issue = desk.made()

    desk.change(issue, status="Done", silently=True)

    assert desk.sent == []
    assert desk.held_issue(issue)["status"] == "Done"


def test_an_issue_made_or_changed_by_hand_is_told_like_any_other(desk: Desk) -> None:
    desk.settle(webhook_url=HOOK)
    issue = desk.put("jira", {"summary": "By hand", "labels": ["other"]})
    desk.change(issue, summary="Anew", resolution="Won't Do")

    told = [json.loads(request.body) for request in desk.sent]
    assert [one["webhookEvent"] for one in told] == ["jira:issue_created", "jira:issue_updated", "jira:issue_updated"]
    assert told[-1]["issue"]["fields"]["summary"] == "Anew"
    assert told[-1]["issue"]["fields"]["resolution"]["name"] == "Won't Do"
    assert {one["user"]["accountId"] for one in told} == {samples.AGENT.account_id}


def test_calls_about_an_issue_are_listed_by_its_id_and_its_key(desk: Desk) -> None:
    issue = desk.made()
    key = desk.held_issue(issue)["key"]
    desk.api("GET", f"/rest/api/3/issue/{key}")
    desk.api("GET", f"/rest/api/3/issue/{issue}/transitions")

    calls = desk.calls("jira", order_id=issue)

    assert len(calls) == 2
    assert "Authorization" not in calls[0]["headers"]


def test_what_is_held_outlives_a_restart(desk: Desk) -> None:
    issue = desk.made()
    later = Jira(lambda: desk.now)

    later.recall(desk.app.vendors["jira"].memory())

    assert later.view(issue)["summary"] == "Refund failed"
    assert later.order_ids() == [issue]


@pytest.mark.parametrize("issue", ["OPS-9", "7"])
def test_an_issue_that_there_is_not_cannot_be_looked_at(desk: Desk, issue: str) -> None:
    assert desk.client.get(f"/_control/jira/orders/{issue}").status_code == 404
    assert desk.client.patch(f"/_control/jira/orders/{issue}", json={"status": "Done"}).status_code == 404
