"""Jira: every call against recorded exchanges, how calls prove themselves, and what an answer means."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter

from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.order.issues import Priority
from orderhub.platforms.base import Operation
from orderhub.platforms.http_types import Call, Reply
from orderhub.platforms.jira import PLATFORM, content
from orderhub.platforms.jira.config import JiraSettings
from orderhub.platforms.targets import TargetOperation, Ticket, TicketDesk
from tests.platforms.answers import Answers
from tests.platforms.exchange import RecordedHttp, described, with_wildcards
from tests.platforms.samples import NOW, ROOT
from tests.platforms.test_jira import SITE, connect

Json = dict[str, Any]
FOLDER = ROOT / "tests" / "platforms" / "exchanges" / "jira"
EXCHANGES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
READS = {"poll"}


def played(exchange: Json) -> tuple[Any, RecordedHttp]:
    """How the operation of an exchange ends, and the calls that it did not make."""
    connection, http = connect(**exchange.get("settings", {})), RecordedHttp(PLATFORM, exchange["calls"])
    hints = get_type_hints(getattr(TicketDesk, exchange["operation"]))
    told = {name: TypeAdapter(hints[name]).validate_python(value) for name, value in exchange["arguments"].items()}
    given = {"connection": connection, "http": http, "now": NOW, **told}
    operation = getattr(PLATFORM, exchange["operation"])
    try:
        return operation(**{name: given[name] for name in signature(operation).parameters}), http
    except HubError as error:
        return error, http


def ending(ended: Any) -> Json:
    """How it ended, in the words of an exchange."""
    return {"found": False} if ended is None else described(ended, PLATFORM, connect())


def named(told: Any, wanted: Any) -> Any:
    """What was told of the things that are wanted."""
    if isinstance(told, dict) and isinstance(wanted, dict):
        return {name: named(value, wanted[name]) for name, value in told.items() if name in wanted}
    if isinstance(told, list) and isinstance(wanted, list) and len(told) == len(wanted):
        return [named(one, other) for one, other in zip(told, wanted, strict=True)]
    return told


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
def test_an_exchange_plays_back_as_recorded(exchange: Json) -> None:
    ended, http = played({"arguments": {}, **exchange})

    told, refused = ending(ended), "raises" in exchange
    plain: Json = {} if exchange["operation"] in READS or ended is None else {"note": None, "ids": {}}
    wanted = exchange["raises"] if refused else {**plain, **exchange["result"]}
    assert isinstance(ended, HubError) is refused, told
    assert named(told, wanted) == with_wildcards(wanted, told)
    assert http.expected == [], "calls that were recorded and not made"


def test_every_exchange_says_what_it_is_and_is_named_after_its_operation() -> None:
    assert {
        name for name, one in EXCHANGES.items() if not one["says"] or name.split("__")[0] != one["operation"]
    } == set()


def test_every_call_there_is_is_shown_with_its_refusals() -> None:
    shown = {one["operation"] for one in EXCHANGES.values()}
    refused = {one["operation"] for one in EXCHANGES.values() if "raises" in one}

    assert shown == refused == {str(operation) for operation in PLATFORM.calls}


def test_a_desk_has_all_that_is_asked_of_one() -> None:
    asked = {one for one in TargetOperation if one.value.endswith("_ticket")}

    assert set(PLATFORM.calls) == asked | {Operation.POLL, Operation.VERIFY_CONNECTION}


# --- how calls prove themselves -----------------------------------------------------------------------------------


def test_a_call_carries_mail_address_and_token() -> None:
    call = PLATFORM.authorize(Call("GET", f"{SITE}/rest/api/3/issue/1"), connect(), None)

    assert call.headers == {"Authorization": "Basic Ym90QGV4YW1wbGUuY29tOmRlbW8tYXBpLXRva2Vu"}
    assert base64.b64decode("Ym90QGV4YW1wbGUuY29tOmRlbW8tYXBpLXRva2Vu") == b"bot@example.com:demo-api-token"


@pytest.mark.parametrize("missing", ["email", "api_token"])
def test_without_an_account_nobody_is_called(missing: str) -> None:
    known = connect().credentials.model_copy(update={missing: None})

    with pytest.raises(Misconfigured):
        PLATFORM.authorize(Call("GET", SITE), replace(connect(), credentials=known), None)


def test_there_is_no_token_to_get() -> None:
    assert PLATFORM.token_request(connect()) is None


@pytest.mark.parametrize("base", [SITE, f"{SITE}/", "https://api.atlassian.com/ex/jira/11111111-2222"])
def test_the_api_is_where_the_settings_say(base: str) -> None:
    assert PLATFORM.base_url(connect(base_url=base)) == base.rstrip("/")


def test_a_connection_that_names_no_site_calls_nobody() -> None:
    with pytest.raises(Misconfigured, match="base_url"):
        PLATFORM.base_url(connect(base_url=""))


# --- what an answer means -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (301, b"", Misconfigured, None),
        (400, b'{"errorMessages": [], "errors": {"summary": "no"}}', Reject, "INVALID_REQUEST"),
        (401, b"", Misconfigured, None),
        (403, b'{"errorMessages": ["no"], "errors": {}}', Misconfigured, None),
        (404, b'{"errorMessages": ["no"], "errors": {}}', Reject, "NOT_FOUND"),
        (405, b"", Reject, "HTTP_405"),
        (408, b"", Retry, None),
        (409, b"", Retry, None),
        (410, b'{"errorMessages": ["removed"]}', Reject, "HTTP_410"),
        (413, b"", Reject, "HTTP_413"),
        (425, b"", Retry, None),
        (429, b"", Retry, None),
        (500, b"<html>", Retry, None),
        (503, b"", Retry, None),
    ],
)
def test_a_refusal_says_what_to_do_about_it(status: int, body: bytes, error: type[HubError], code: str | None) -> None:
    reply = Reply(status, {}, body)

    refusal = PLATFORM.refusal(reply)

    assert PLATFORM.is_refusal(reply)
    assert (type(refusal), getattr(refusal, "code", None)) == (error, code)
    assert str(status) in str(refusal)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_success_is_one_with_whatever_body(status: int) -> None:
    assert not PLATFORM.is_refusal(Reply(status, {}, b""))


@pytest.mark.parametrize(
    ("body", "said", "fields"),
    [
        (b'{"errorMessages": ["A", "B"], "errors": {"x": "y"}}', "A; B; x: y", ["x"]),
        (b'{"errorMessages": [], "errors": {"b": "1", "a": "2"}}', "b: 1; a: 2", ["a", "b"]),
        (b'{"errorMessage": "The request is not valid."}', "The request is not valid.", []),
        (b'{"errorMessages": "A", "errors": []}', "", []),
        (b'{"errorMessages": [1, null, "A"], "errors": {"x": null}}', "A; x: None", ["x"]),
        (b"[]", "", []),
        (b"<html>", "", []),
        (b"", "", []),
    ],
)
def test_what_jira_says_of_an_error_is_told(body: bytes, said: str, fields: list[str]) -> None:
    refusal = PLATFORM.refusal(Reply(400, {}, body))

    assert isinstance(refusal, Reject)
    assert str(refusal) == f"Jira answered 400{f': {said}' if said else ''}"
    assert refusal.details == {"fields": fields}


def test_why_calls_are_too_many_is_told() -> None:
    refusal = PLATFORM.refusal(Reply(429, {"ratelimit-reason": "jira-quota-global-based"}, b""))

    assert "jira-quota-global-based" in str(refusal)


def test_a_long_error_is_cut() -> None:
    body = json.dumps({"errorMessages": ["x" * 5000]}).encode()

    assert len(str(PLATFORM.refusal(Reply(400, {}, body)))) == 500


# --- what a ticket says -------------------------------------------------------------------------------------------

CHOSEN = JiraSettings(project_key="OPS")


def ticket(**fields: Any) -> Ticket:
    told = {
        "key": "issue-iss_1",
        "title": "Refund failed",
        "text": "The refund failed.",
        "priority": Priority.HIGH,
        "opened_at": datetime(2026, 10, 5, 14, tzinfo=UTC),
    }
    return Ticket(**{**told, **fields})


def test_a_ticket_has_one_label_however_often_it_is_tried_and_no_other_has_it() -> None:
    references = {content.reference(ticket(key=key, title=key), CHOSEN) for key in ("a", "b", "a b", "a/b", "")}

    assert content.reference(ticket(title="Other"), CHOSEN) == content.reference(ticket(text="Other"), CHOSEN)
    assert len(references) == 5
    assert all(one.startswith("orderhub-k-") and one.isascii() and " " not in one for one in references)


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Refund failed", "Refund failed"),
        (" Refund\nfailed\r\n\tagain ", "Refund failed again"),
        ("", "Ticket"),
        ("\n", "Ticket"),
        ("x" * 255, "x" * 255),
        ("x" * 256, "x" * 254 + "…"),
    ],
)
def test_a_summary_is_one_line_that_is_not_too_long(title: str, summary: str) -> None:
    assert content.summary(ticket(title=title)) == summary


@pytest.mark.parametrize(
    ("priority", "name"), [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("urgent", "Highest")]
)
def test_each_priority_has_jira_s_name(priority: str, name: str) -> None:
    made = content.issue(ticket(priority=Priority(priority)), CHOSEN)

    assert made["fields"]["priority"] == {"name": name}


PERSONAL = (
    "Phone",
    "Customer phone",
    "Telephone",
    "mobile number",
    "Address",
    "Delivery address",
    "E-mail",
    "Email",
    "Card",
)


@pytest.mark.parametrize("name", PERSONAL)
def test_how_to_reach_a_customer_is_not_told_unless_the_settings_say_so(name: str) -> None:
    told = ticket(facts={name: "secret", "Store": "Corner Kitchen"})
    desk = JiraSettings(project_key="OPS", service_desk_id="10", request_type_id="25")

    hidden = content.issue(told, CHOSEN), content.request(told, desk)
    shown = content.issue(told, JiraSettings(project_key="OPS", hidden_facts=()))

    assert "secret" not in json.dumps(hidden)
    assert "Corner Kitchen" in json.dumps(hidden)
    assert "secret" in json.dumps(shown)


@pytest.mark.parametrize("name", ["Store", "Addressee", "Discard", "Order", "Time of the mailing"])
def test_a_word_that_only_begins_alike_is_told(name: str) -> None:
    assert content.facts(ticket(facts={name: "told"}), CHOSEN) == {name: "told"}


@pytest.mark.parametrize("name", ["project", "summary", "labels", "description", "priority"])
def test_a_field_of_the_settings_never_replaces_one_of_ours(name: str) -> None:
    desk = {"service_desk_id": "10", "request_type_id": "25", "request_fields": ("labels", "priority")}
    chosen = [{}, {"extra_fields": {name: "theirs", "customfield_1": "x"}}]
    issues = [content.issue(ticket(), CHOSEN.model_copy(update=one))["fields"] for one in chosen]
    requests = [content.request(ticket(), CHOSEN.model_copy(update={**desk, **one})) for one in chosen]

    assert issues[1] == {**issues[0], "customfield_1": "x"}
    if name != "project":
        values = [one["requestFieldValues"] for one in requests]
        assert values[1] == {**values[0], "customfield_1": "x"}


def test_facts_without_a_value_are_left_out_and_long_ones_cut() -> None:
    facts = content.facts(ticket(facts={"Store": "", "Error": "x" * 2000}), CHOSEN)

    assert facts == {"Error": "x" * 999 + "…"}


def test_a_long_text_is_cut() -> None:
    text = ticket(text="x" * 50_000)

    assert len(json.dumps(content.issue(text, CHOSEN))) < 22_000
    assert len(content.text(text, CHOSEN)) < 21_000


def blocks(**fields: Any) -> list[Any]:
    """The description of a ticket, but for its last block, the reference."""
    made: list[Any] = content.issue(ticket(**fields), CHOSEN)["fields"]["description"]["content"]
    return made[:-1]


def paragraph(*inline: Any) -> Json:
    return {"type": "paragraph", "content": list(inline)}


def plain(text: str) -> Json:
    return {"type": "text", "text": text}


def link(url: str) -> Json:
    return {"type": "text", "text": url, "marks": [{"type": "link", "attrs": {"href": url}}]}


BREAK = {"type": "hardBreak"}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", []),
        (" \n \n", []),
        ("One", [paragraph(plain("One"))]),
        ("One\nTwo", [paragraph(plain("One"), BREAK, plain("Two"))]),
        ("One\r\nTwo\r\n\r\nThree", [paragraph(plain("One"), BREAK, plain("Two")), paragraph(plain("Three"))]),
        ("One\n \n\n\nTwo", [paragraph(plain("One")), paragraph(plain("Two"))]),
        ("https://a.example.com/x?y=1", [paragraph(link("https://a.example.com/x?y=1"))]),
        (
            "See (https://a.example.com/x), or http://b.example.com.",
            [
                paragraph(
                    plain("See ("),
                    link("https://a.example.com/x"),
                    plain("), or "),
                    link("http://b.example.com"),
                    plain("."),
                )
            ],
        ),
        ("javascript:alert(1)", [paragraph(plain("javascript:alert(1)"))]),
        ("https://", [paragraph(plain("https://"))]),
    ],
)
def test_text_becomes_paragraphs_with_links(text: str, made: list[Any]) -> None:
    assert blocks(text=text) == made


def test_a_link_that_is_no_web_address_is_shown_and_leads_nowhere() -> None:
    (made,) = blocks(text="", links={"Photo": "javascript:alert(1)"})

    assert made == {
        "type": "bulletList",
        "content": [{"type": "listItem", "content": [paragraph(plain("Photo: javascript:alert(1)"))]}],
    }


def test_no_text_of_a_document_is_empty() -> None:
    odd = ticket(
        title="", text="\x0b\n\x1c a \u2028 b \n\n\x85", facts={"": "x", "y": " "}, links={"": "https://a.example"}
    )

    def texts(node: Any) -> list[str]:
        inner = [text for one in node.get("content", []) for text in texts(one)]
        return inner + ([node["text"]] if node["type"] == "text" else [])

    assert all(texts(content.issue(odd, CHOSEN)["fields"]["description"]))


def test_a_ticket_can_stay_unseen_for_as_long_as_a_search_may_lag() -> None:
    assert PLATFORM.shown_after == timedelta(seconds=90)


# --- the rest of the calls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", [None, "", "/rest/api/3/issue/1", "http://corner.example.com/rest", "x://y"])
def test_where_people_open_a_ticket_is_not_guessed(shown: str | None) -> None:
    connection = connect(base_url="https://api.atlassian.com/ex/jira/c1")
    http = Answers({"id": "1", "key": "OPS-1", "self": shown})

    assert PLATFORM.open_ticket(ticket(), connection, http).ids == {"ticket": "1", "key": "OPS-1"}


@pytest.mark.parametrize("theirs", ["../../myself", "1/../2", "10040?expand=all"])
def test_an_id_never_leads_elsewhere(theirs: str) -> None:
    http = Answers({"id": "1", "fields": {"status": {"statusCategory": {"key": "done"}}}})

    PLATFORM.resolve_ticket(ticket(ids={"ticket": theirs}), connect(), http)

    ((_, path, _),) = http.calls
    assert path.startswith("/rest/api/3/issue/")
    assert path.count("/") == 5
    assert "?" not in path


def test_two_comments_of_different_words_have_different_marks() -> None:
    opened = ticket(ids={"ticket": "10040"})
    bodies = []
    for text in ("One", "Two", "One"):
        http = Answers({}, {})
        PLATFORM.comment_ticket(opened, text, connect(), http)
        bodies.append(json.dumps(http.bodies[1]))

    assert bodies[0] == bodies[2] != bodies[1]


@pytest.mark.parametrize("transitions", [{}, {"transitions": None}, {"transitions": [{"id": "1"}]}])
def test_transitions_that_do_not_say_where_they_lead_resolve_nothing(transitions: Json) -> None:
    http = Answers({"id": "1", "fields": {"status": {"statusCategory": {"key": "new"}}}}, transitions)

    with pytest.raises(Reject) as refused:
        PLATFORM.resolve_ticket(ticket(ids={"ticket": "1"}), connect(), http)

    assert refused.value.code == "NO_TRANSITION"


def test_an_unwanted_row_of_a_search_is_kept_whole() -> None:
    row = {"id": "1", "key": "OPS-1", "fields": {"status": "new"}}

    (message,) = PLATFORM.poll({}, connect(), Answers({"issues": [row]}), NOW).messages

    assert json.loads(message.raw or b"") == row
