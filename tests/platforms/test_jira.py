"""Jira: who sent a webhook, and what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from orderhub.errors import Misconfigured, NotAuthentic, Quarantine
from orderhub.order.messages import Ignored, InboundMessage, TicketReport, TicketState
from orderhub.platforms.base import Reading
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.jira import PLATFORM
from tests.platforms import any_json
from tests.platforms.rules.authenticity import Authenticity
from tests.platforms.samples import NOW, AnyConnection, connection_for, load_sample, request_for, samples_of

SITE = "https://corner.atlassian.net"
HUB = "712020:hub"
IDENTIFIER = "X-Atlassian-Webhook-Identifier"
SETTINGS = {"base_url": SITE, "project_key": "OPS", "account_id": HUB}


def credentials(*secrets: str) -> dict[str, object]:
    return {"email": "bot@example.com", "api_token": "demo-api-token", "webhook_secrets": list(secrets)}


def connect(*secrets: str, **settings: object) -> AnyConnection:
    return connection_for("jira", credentials(*(secrets or ("secret",))), {**SETTINGS, **settings})


class TestAuthenticity(Authenticity):
    slug = "jira"
    settings = SETTINGS
    credentials = staticmethod(credentials)


# --- who sent it --------------------------------------------------------------------------------------------------

VENDORS_OWN = (
    "It's a Secret to Everybody",
    b"Hello World!",
    "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
)
VECTORS = [
    pytest.param(*VENDORS_OWN, id="the vendor's own"),
    pytest.param(
        "jira-demo-secret-0001",
        b'{"timestamp":1550286940507,"webhookEvent":"jira:issue_updated","issue":{"id":"10040","key":"TES-41"}}',
        "f932d303cf6eb9779f8eff761d23d6029d7844ed3b2928a2d46990ca3b4849e2",
        id="a webhook",
    ),
]


def request(body: bytes, **headers: str) -> Request:
    return Request("POST", "/webhooks/jira/con_test", {}, {}, body, NOW).with_headers(headers)


@pytest.mark.parametrize(("secret", "body", "signature"), VECTORS)
def test_the_vector_is_what_we_would_sign_and_is_authentic(secret: str, body: bytes, signature: str) -> None:
    signed = request(body, **{"X-Hub-Signature": f"sha256={signature}"})

    PLATFORM.authenticate(signed, connect(secret))

    assert PLATFORM.sign(request(body), connect(secret)) == signed


@pytest.mark.parametrize(
    "header",
    ["{}", "sha1={}", "SHA256={}", "sha512={}", "sha256:{}", "sha256= ", "sha256=", "", "sha256={}00", "sha256=0{}"],
)
@pytest.mark.parametrize(("secret", "body", "signature"), VECTORS)
def test_a_signature_by_another_method_or_of_another_form_proves_nothing(
    secret: str, body: bytes, signature: str, header: str
) -> None:
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request(body, **{"X-Hub-Signature": header.format(signature)}), connect(secret))


def test_hexadecimal_digits_may_be_capital() -> None:
    secret, body, signature = VENDORS_OWN

    PLATFORM.authenticate(request(body, **{"X-Hub-Signature": f"sha256={signature.upper()}"}), connect(secret))


def test_a_body_of_nothing_is_refused_whatever_signs_it() -> None:
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(PLATFORM.sign(request(b""), connect("secret")), connect("secret"))


def test_a_webhook_without_a_secret_proves_nothing() -> None:
    bare = connection_for("jira", credentials(), SETTINGS)

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request(b"{}", **{"X-Hub-Signature": "sha256="}), bare)
    with pytest.raises(Misconfigured):
        PLATFORM.sign(request(b"{}"), bare)


def rule(*secrets: str, header: str = "X-Orderhub-Secret", webhook: str = "") -> AnyConnection:
    """A connection that an Automation rule sends to."""
    known = {**credentials(*filter(None, [webhook])), "header_secrets": list(secrets)}
    return connection_for("jira", known, {**SETTINGS, "secret_header": header})


@pytest.mark.parametrize("given", ["new-shared-secret", "old-shared-secret"])
def test_a_rule_proves_itself_by_the_secret_in_its_header(given: str) -> None:
    sent = request(b"{}", **{"X-Orderhub-Secret": given})

    PLATFORM.authenticate(sent, rule("new-shared-secret", "old-shared-secret"))


@pytest.mark.parametrize("given", [None, "", "guess", "new-shared-secret2", "NEW-SHARED-SECRET", "é", "\ud800"])
def test_a_rule_without_the_secret_is_refused(given: str | None) -> None:
    sent = request(b"{}", **({} if given is None else {"X-Orderhub-Secret": given}))

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(sent, rule("new-shared-secret"))


def test_the_header_counts_only_where_the_settings_name_it_and_there_is_a_secret() -> None:
    sent = request(b"{}", **{"X-Orderhub-Secret": "new-shared-secret"})

    for connection in (rule("new-shared-secret", header=""), rule("new-shared-secret", header="X-Other"), rule()):
        with pytest.raises(NotAuthentic):
            PLATFORM.authenticate(sent, connection)


def test_webhook_and_rule_can_send_to_one_connection_and_a_wrong_signature_is_not_made_good_by_the_header() -> None:
    both = rule("new-shared-secret", webhook="secret")
    signed = PLATFORM.sign(request(b"{}"), both)

    PLATFORM.authenticate(signed, both)
    PLATFORM.authenticate(request(b"{}", **{"X-Orderhub-Secret": "new-shared-secret"}), both)

    wrong = {"X-Hub-Signature": "sha256=00", "X-Orderhub-Secret": "new-shared-secret"}
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request(b"{}", **wrong), both)


def test_the_secret_of_a_webhook_is_not_the_secret_of_a_rule() -> None:
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request(b"{}", **{"X-Orderhub-Secret": "secret"}), rule("other", webhook="secret"))


def test_a_sample_for_a_rule_carries_its_secret() -> None:
    signed = PLATFORM.sign(request(b"{}"), rule("new-shared-secret"))

    assert signed.headers == {"x-orderhub-secret": "new-shared-secret"}


def test_nothing_is_greeted() -> None:
    assert PLATFORM.greet(request(b"{}")) is None


def test_webhooks_load_nothing_that_only_calls_need() -> None:
    loaded = "import sys, orderhub.platforms.jira; print(*sys.modules)"

    seen = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()

    mine = {name.rpartition(".")[2] for name in seen if name.startswith("orderhub.platforms.jira.")}
    assert mine == {"config", "models", "statuses", "webhook"}
    assert "requests" not in seen


# --- what it says -------------------------------------------------------------------------------------------------


def message_in(sample: str) -> InboundMessage:
    connection = connect()
    reading = PLATFORM.read(request_for(load_sample("jira", sample), connection), connection)
    (message,) = reading.messages
    assert reading.answer == Answer(200)
    return message


AGENT = "Noor Hadley"
SAID: dict[str, tuple[TicketState, str, str | None]] = {
    "issue_updated__in_progress": (TicketState.IN_PROGRESS, "Cooking on it", AGENT),
    "issue_updated__resolved": (TicketState.RESOLVED, "Erledigt", AGENT),
    "issue_updated__done_without_resolution": (TicketState.RESOLVED, "Erledigt", AGENT),
    "issue_updated__resolution_without_done": (TicketState.RESOLVED, "Cooking on it", AGENT),
    "issue_updated__reopened": (TicketState.OPEN, "To Do", AGENT),
    "issue_updated__assigned": (TicketState.OPEN, "To Do", AGENT),
    "issue_updated__empty_changelog": (TicketState.OPEN, "Parked", AGENT),
    "issue_updated__moved": (TicketState.IN_PROGRESS, "Cooking on it", AGENT),
    "issue_deleted__by_an_agent": (TicketState.DELETED, "deleted", AGENT),
    "comment_created__by_an_agent": (TicketState.IN_PROGRESS, "Cooking on it", AGENT),
    "automation__issue_data": (TicketState.RESOLVED, "Erledigt", None),
}
NOTHING = {
    "issue_created__by_the_hub": "nothing to do for event 'jira:issue_created'",
    "issue_updated__by_the_hub": "the hub's own account did it",
    "comment_created__by_the_hub": "the hub's own account did it",
    "comment_updated__by_an_agent": "nothing to do for event 'comment_updated'",
    "unknown__worklog_created": "nothing to do for event 'worklog_created'",
}


def test_every_sample_is_here() -> None:
    assert {sample.name for sample in samples_of("jira")} == {*SAID, *NOTHING}


@pytest.mark.parametrize(("sample", "said"), SAID.items(), ids=SAID)
def test_an_event_tells_where_the_ticket_stands(sample: str, said: tuple[TicketState, str, str | None]) -> None:
    message = message_in(sample)

    assert isinstance(message, TicketReport)
    assert (message.state, message.name, message.by) == said
    assert message.external_id == "10040"


@pytest.mark.parametrize(("sample", "reason"), NOTHING.items(), ids=NOTHING)
def test_what_is_no_news_is_ignored_for_a_reason(sample: str, reason: str) -> None:
    message = message_in(sample)

    assert isinstance(message, Ignored)
    assert message.reason == reason


def test_a_resolved_ticket_as_a_whole() -> None:
    message = message_in("issue_updated__resolved")

    assert message == TicketReport(
        delivery_key=message.delivery_key,
        source_version="2026-10-05T15:00:02.000000Z",
        external_id="10040",
        state=TicketState.RESOLVED,
        name="Erledigt",
        at=datetime(2026, 10, 5, 15, 0, 2, tzinfo=UTC),
        by=AGENT,
    )


def test_a_comment_as_a_whole() -> None:
    message = message_in("comment_created__by_an_agent")

    assert message == TicketReport(
        delivery_key=message.delivery_key,
        source_version="2026-10-05T15:00:11.000000Z",
        external_id="10040",
        state=TicketState.IN_PROGRESS,
        name="Cooking on it",
        at=datetime(2026, 10, 5, 15, 0, 11, tzinfo=UTC),
        by=AGENT,
        comment="The bank has refused the card.\nCustomer was called.",
    )


def test_the_bare_issue_of_a_rule_tells_its_time_by_its_last_change() -> None:
    message = message_in("automation__issue_data")

    assert isinstance(message, TicketReport)
    assert message.at == datetime(2026, 10, 5, 15, 0, 15, 662_000, tzinfo=UTC)
    assert message.source_version == "2026-10-05T15:00:15.662000Z"


def test_until_the_settings_name_the_hub_s_account_all_is_news() -> None:
    connection = connect(account_id="")
    sample = load_sample("jira", "issue_updated__by_the_hub")

    (message,) = PLATFORM.read(request_for(sample, connection), connection).messages

    assert isinstance(message, TicketReport)
    assert message.by == "Orderhub"


# --- where a ticket stands ----------------------------------------------------------------------------------------


def told(event: str = "jira:issue_updated", **more: Any) -> dict[str, Any]:
    fields = {"status": {"name": "X", "statusCategory": {"key": "new"}}, "resolution": None}
    return {"timestamp": 1791212400000, "webhookEvent": event, "issue": {"id": "1", "fields": fields}, **more}


def heard(body: Any, identifier: str = "", *, at: datetime = NOW) -> Any:
    """The one message of a body."""
    sent = request(json.dumps(body).encode(), **({IDENTIFIER: identifier} if identifier else {}))
    (message,) = PLATFORM.read(replace(sent, received_at=at), connect()).messages
    return message


def standing(status: Any, resolution: Any = None) -> Any:
    return heard({**told(), "issue": {"id": "1", "fields": {"status": status, "resolution": resolution}}})


@pytest.mark.parametrize(
    ("category", "resolution", "state"),
    [
        ("new", None, TicketState.OPEN),
        ("indeterminate", None, TicketState.IN_PROGRESS),
        ("done", None, TicketState.RESOLVED),
        ("undefined", None, TicketState.OPEN),
        ("DONE", None, TicketState.RESOLVED),
        ("INDETERMINATE", None, TicketState.IN_PROGRESS),
        ("added_since", None, TicketState.OPEN),
        ("new", {"name": "Done"}, TicketState.RESOLVED),
        ("indeterminate", {"id": "1"}, TicketState.RESOLVED),
        ("done", {"name": "Done"}, TicketState.RESOLVED),
        ("undefined", {"name": "Won't Do"}, TicketState.RESOLVED),
    ],
)
def test_the_category_or_a_resolution_says_where_it_stands(category: str, resolution: Any, state: TicketState) -> None:
    message = standing({"name": "Whatever it is called", "statusCategory": {"key": category}}, resolution)

    assert message.state == state
    assert message.name == "Whatever it is called"


@pytest.mark.parametrize("status", [{}, {"name": "X"}, {"name": "X", "statusCategory": None}])
def test_a_status_without_a_category_is_open(status: Any) -> None:
    assert standing(status).state is TicketState.OPEN


def test_a_status_without_a_name_is_told_by_the_resolution() -> None:
    assert [standing({}, {"name": "Duplicate"}).name, standing({}).name] == ["Duplicate", ""]


def test_the_changelog_does_not_count_against_the_issue_as_it_is() -> None:
    items = [{"field": "status", "toString": "Done"}, {"field": "resolution", "toString": "Done"}]

    assert heard({**told(), "changelog": {"items": items}}).state is TicketState.OPEN


@pytest.mark.parametrize(
    ("user", "by"),
    [
        ({"accountId": "a", "displayName": "Sam"}, "Sam"),
        ({"accountId": "a"}, "a"),
        ({}, None),
        (None, None),
    ],
)
def test_who_did_it_is_told_by_name_or_account(user: Any, by: str | None) -> None:
    assert heard({**told(), "user": user}).by == by


def test_a_comment_of_the_hub_is_its_author_s_even_when_another_is_named_as_user() -> None:
    comment = {"id": "7", "body": "Hello", "author": {"accountId": HUB}}

    assert isinstance(heard(told("comment_created", comment=comment, user={"accountId": "a"})), Ignored)


@pytest.mark.parametrize("body", [None, "", "  "])
def test_a_comment_without_words_is_no_news(body: str | None) -> None:
    message = heard(told("comment_created", comment={"id": "7", "body": body}))

    assert isinstance(message, Ignored)


def test_a_deleted_ticket_is_gone_whoever_did_it_and_whatever_is_told_of_it() -> None:
    body = {"webhookEvent": "jira:issue_deleted", "issue": {"id": 10040}, "user": {"accountId": HUB}}

    message = heard(body)

    assert (message.external_id, message.state, message.at) == ("10040", TicketState.DELETED, NOW)


# --- once ---------------------------------------------------------------------------------------------------------


def test_an_event_that_is_sent_again_has_the_key_of_its_identifier() -> None:
    first = heard(told(), "one")
    again = heard({**told(), "matchedWebhookIds": [1]}, "one")
    other = heard(told(), "two")

    assert first.delivery_key == again.delivery_key
    assert first.delivery_key != other.delivery_key


def test_without_an_identifier_the_body_is_the_key() -> None:
    keys = [heard(body).delivery_key for body in (told(), told(), told(timestamp=1791212400001))]

    assert keys[0] == keys[1] != keys[2]


def test_a_comment_counts_once_by_its_own_id_under_whatever_identifier() -> None:
    def key(comment_id: str, identifier: str) -> str:
        comment = {"id": comment_id, "body": "Hello"}
        return str(heard(told("comment_created", comment=comment), identifier).delivery_key)

    assert key("7", "one") == key("7", "two")
    assert key("7", "one") != key("8", "one")


def bare(**fields: Any) -> dict[str, Any]:
    return {"id": 1, "key": "OPS-1", "fields": {"status": {"name": "X"}, **fields}}


def test_a_bare_issue_that_tells_no_time_is_news_each_time_it_comes() -> None:
    later = NOW + timedelta(hours=1)
    first, again = heard(bare()), heard(bare(), at=later)

    assert first.delivery_key != again.delivery_key
    assert (first.at, again.at) == (NOW, later)


def test_a_bare_issue_that_tells_its_time_is_news_once() -> None:
    issue = bare(updated="2026-10-05T10:00:15.662-0500")

    assert heard(issue) == heard(issue, at=NOW + timedelta(hours=1))


def test_no_two_samples_have_one_key_and_each_has_the_same_a_day_later() -> None:
    connection = connect()
    requests = [request_for(sample, connection) for sample in samples_of("jira")]
    late = [replace(one, received_at=NOW + timedelta(days=1)) for one in requests]

    keys, again = (
        [message.delivery_key for one in several for message in PLATFORM.read(one, connection).messages]
        for several in (requests, late)
    )

    assert len(set(keys)) == len(requests)
    assert keys == again


def test_versions_sort_as_the_events_happened() -> None:
    first, second = (heard(told(timestamp=1791212400000 + n)).source_version for n in (7, 11))

    assert first < second


# --- what cannot be read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff", b'"text"', b"[]", b"null", b"{}", b"[" * 100_000),
        b'{"id": "1", "key": "OPS-1"}',
        b'{"webhookEvent": null}',
        b'{"webhookEvent": {}}',
        b'{"webhookEvent": "jira:issue_updated"}',
        b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "10040", "key": "TES-41"}}',
        b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "1", "fields": {"status": null}}}',
        b'{"webhookEvent": "jira:issue_deleted", "issue": {"key": "OPS-1"}}',
        b'{"webhookEvent": "comment_created", "comment": {"id": "1", "body": "x"}}',
        b'{"webhookEvent": "comment_created", "issue": {"id": "1", "fields": {"status": {}}}}',
        b'{"id": "1", "key": "OPS-1", "fields": {"status": {}, "updated": "yesterday"}}',
    ],
    ids=lambda body: repr(body[:60]),
)
def test_what_is_not_of_the_documented_shape_goes_to_quarantine(body: bytes) -> None:
    with pytest.raises(Quarantine):
        PLATFORM.read(request(body), connect())


@pytest.mark.parametrize("timestamp", ["soon", "1791212400000", 10**16, -1, True, 1.5, {}])
def test_a_timestamp_that_is_none_goes_to_quarantine(timestamp: Any) -> None:
    with pytest.raises(Quarantine):
        heard(told(timestamp=timestamp))


def test_quarantine_is_answered_so_that_jira_does_not_send_it_again() -> None:
    assert PLATFORM.quarantine_answer(request(b"")) == Answer(200)


def test_fields_that_an_event_has_since_then_change_nothing_and_are_counted() -> None:
    connection = connect()
    counted = {}
    for sample in samples_of("jira"):
        more = any_json.with_new_fields(any_json.decode(sample.body), "added_since", frozenset())
        before, after = (
            PLATFORM.read(request_for(sample, connection, body=body), connection)
            for body in (sample.body, any_json.encode(more))
        )
        assert _content(after) == _content(before), sample.name
        assert list(before.unknown_fields) == []
        counted[sample.name] = list(after.unknown_fields)

    known = {"issue_updated", "issue_deleted", "comment_created"}  # of the others nothing is read
    assert counted == {name: ["added_since"] if name.partition("__")[0] in known else [] for name in counted}


def _content(reading: Reading) -> list[InboundMessage]:
    """What is said, without what is computed from the bytes it came as."""
    return [replace(message, delivery_key="") for message in reading.messages]


# --- whatever comes -----------------------------------------------------------------------------------------------


def survives(body: bytes, what: str) -> None:
    """Reading ends in a message that can be stored, or in quarantine."""
    connection = connect()
    for headers in ({}, {IDENTIFIER: "one"}):
        try:
            reading = PLATFORM.read(request(body, **headers), connection)
        except Quarantine:
            continue
        for message in reading.messages:
            assert json.dumps(vars_of(message), ensure_ascii=False).encode(), what


def vars_of(message: InboundMessage) -> dict[str, str]:
    names = ("delivery_key", "external_id", "name", "by", "comment", "reason", "source_version")
    return {name: str(getattr(message, name, "")) for name in names}


def test_no_spoiled_place_of_an_event_breaks_reading() -> None:
    seen: set[str] = set()
    for sample in samples_of("jira"):
        event = sample.name.partition("__")[0]
        for what, body in any_json.spoiled(any_json.decode(sample.body), seen, within=event):
            survives(body, what)


def test_no_event_whatever_breaks_reading() -> None:
    bodies = [any_json.decode(sample.body) for sample in samples_of("jira")]

    @settings(phases=[Phase.generate], report_multiple_bugs=False)
    @given(any_json.spoiled_often(bodies) | any_json.anything)
    def attempt(body: Any) -> None:
        survives(any_json.encode(body), "a spoiled event")

    attempt()


# --- what is chosen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_desk_id": "10"},
        {"request_type_id": "25"},
        {"service_desk_id": "ten", "request_type_id": "25"},
        {"project_key": 'OPS" OR project = "HR'},
        {"project_key": "ops"},
        {"label": "two words"},
        {"label": ""},
        {"label": 'x" OR labels = "y'},
        {"issue_type": ""},
        {"priorities": {"extreme": "Highest"}},
        {"secret_header": "two words"},
        {"poll_page_size": 0},
        {"poll_minutes": -1},
        {"request_fields": ["attachment"]},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        connect(**wrong)


@pytest.mark.parametrize(
    ("chosen", "every"),
    [({}, timedelta(minutes=5)), ({"poll_minutes": 1}, timedelta(minutes=1)), ({"poll_minutes": 0}, None)],
)
def test_how_often_is_looked_is_a_setting(chosen: dict[str, object], every: timedelta | None) -> None:
    assert PLATFORM.poll_interval(connect(**chosen).settings) == every


def test_secrets_of_rules_and_the_token_are_never_shown() -> None:
    connection = rule("new-shared-secret")

    shown = f"{connection!r} {connection.credentials.model_dump()}"

    assert "new-shared-secret" not in shown
    assert "demo-api-token" not in shown
