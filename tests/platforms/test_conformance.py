"""The suite itself: it passes a sound adapter, and for each fault of one the test that is about it fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from orderhub.errors import NotAuthentic, Quarantine
from orderhub.order.messages import Ignored
from orderhub.order.models import Order
from orderhub.order.status import Status
from orderhub.platforms import registry
from orderhub.platforms.base import Connection, Done, Operation, Reading
from orderhub.platforms.http_types import Answer, Http, Request
from tests.platforms import exchange, samples
from tests.platforms.conformance import Conformance
from tests.platforms.rules.quality import RULES
from tests.platforms.toy import SCHEME, STATUSES, Event, Toy, ToyOrder

PIZZA = {"id": "A1", "version": 3, "status": "new", "lines": [{"name": "Pizza", "price": 900}], "total": 900}
EVENTS: dict[str, Any] = {
    "order__new": {"says": "A new order.", "body": {"event": "e1", "type": "order", "order": PIZZA}},
    "status__gone": {
        "says": "It is off.",
        "body": {"event": "e2", "type": "status", "order": {"id": "A1", "version": 4, "status": "gone"}},
    },
    "unknown__party": {"says": "Never heard of.", "body": {"event": "e3", "type": "party"}},
}
ACCEPT: dict[str, Any] = {
    "says": "It takes it.",
    "operation": "accept",
    "order": {"external_id": "A1"},
    "calls": [
        {
            "request": {"method": "POST", "path": "/accept/A1", "json": {"ready": "<any>"}},
            "reply": {"status": 200},
        }
    ],
    "result": {"note": "Toy knows"},
}


QUALITY: dict[str, Any] = {
    "evidence": "assumed",
    "assumptions": [{"assumption": "There is a toy", "setting": "base_url"}],
    "rules": {rule: {"status": "exempt", "reason": "it is but a toy"} for rule in RULES}
    | {"accept": "done", "setup_guide": "done", "out_of_order": "done"},
}


class Suite(Conformance):
    __test__ = False
    slug = "toy"

    @staticmethod
    def credentials(*secrets: str) -> Mapping[str, Any]:
        return {"secrets": list(secrets)}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that has the toy's samples, an exchange, a guide and what it says of its quality."""
    monkeypatch.setattr(samples, "ROOT", tmp_path)
    monkeypatch.setattr(registry, "SLUGS", ("toy",))
    for name, told in EVENTS.items():
        write(tmp_path / "events" / "toy" / f"{name}.json", told)
    write(tmp_path / "tests" / "platforms" / "exchanges" / "toy" / "accept__plain.json", ACCEPT)
    quality = tmp_path / "layers" / "common" / "orderhub" / "platforms" / "toy" / "quality.yaml"
    quality.parent.mkdir(parents=True)
    quality.write_text(yaml.safe_dump(QUALITY))
    write(tmp_path / "docs" / "platforms" / "toy.md", "# Toy")
    return tmp_path


def write(path: Path, told: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))  # which is YAML too


def install(platform: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.load.cache_clear()
    monkeypatch.setitem(sys.modules, "orderhub.platforms.toy", SimpleNamespace(PLATFORM=platform))


def run(test: str) -> None:
    """One test of the suite, for all it is parametrised with."""
    suite = Suite()
    method = getattr(suite, test)
    wanted = method.__code__.co_varnames[1 : method.__code__.co_argcount]
    given: list[dict[str, Any]] = [{}]
    if "sample" in wanted:
        given = [{"sample": sample} for sample in suite.samples]
    elif "exchange" in wanted:
        given = [{"exchange": one} for one in exchange.exchanges_of("toy")]
    elif wanted:
        (mark,) = method.pytestmark
        values = [value.values[0] if hasattr(value, "values") else value for value in mark.args[1]]
        given = [{wanted[0]: value} for value in values]
    for arguments in given:
        method(**arguments)


def rules() -> list[str]:
    return [name for name in dir(Conformance) if name.startswith("test_")]


class ReadsTheClock(Toy):
    def delivery_key(self, event: Event, request: Request) -> str:
        return f"{event.event}-{request.received_at}"


class OneKeyForAll(Toy):
    def delivery_key(self, event: Event, request: Request) -> str:
        return "key"


class Trusting(Toy):
    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        if SCHEME.headers[0] not in request.headers:
            raise NotAuthentic("no signature")


class OnlyTheNewSecret(Toy):
    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        secrets = connection.credentials.secrets
        SCHEME.verify(request, request.body, [secret.get_secret_value() for secret in secrets[:1]])


class Forgetful(Toy):
    def version(self, order: ToyOrder) -> str | None:
        return None


class Unsorted(Toy):
    def version(self, order: ToyOrder) -> str | None:
        return f"v{order.version}-{order.status}" if order.version > 3 else "-"


class Strict(Toy):
    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        if set(request.json()) - {"event", "type", "order"}:
            raise ValueError("who are you?")
        return super().read(request, connection)


class Lossy(Toy):
    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        try:
            return super().read(request, connection)
        except Quarantine:
            return Reading([Ignored(delivery_key="lost", reason="did not get it")])


class Chatty(Toy):
    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        return replace(super().read(request, connection), answer=Answer(200, "OK"))


class NeedsAStatus(Toy):
    def status(self, order: ToyOrder) -> Status:
        return STATUSES[order.status]


class NeedsALine(Toy):
    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        return super().to_order({**payload, "lines": [payload["lines"][0]]}, connection)


class Garbled(Toy):
    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        return Reading([Ignored(delivery_key="key", reason=str(request.json()))])


class DrawsIds(Toy):
    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        return super().to_order(payload, connection).model_copy(update={"id": "ord_1"})


class Miscounts(Toy):
    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        order = super().to_order(payload, connection)
        return order.model_copy(update={"amounts": order.amounts.model_copy(update={"total": 1})})


class OneLineId(Toy):
    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        order = super().to_order(payload, connection)
        return order.model_copy(update={"items": [*order.items, *order.items]})


class Answerless(Toy):
    accept_within = timedelta(minutes=10)


class OtherBody(Toy):
    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        http.request("POST", f"/accept/{order.external_id}", json={"ready": 5, "by": "us"})
        return Done("Toy knows")


class OneCallMore(Toy):
    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        super().accept(order, connection, http)
        return super().accept(order, connection, http)


class NoCall(Toy):
    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        return Done("Toy knows")


class ClaimsMore(Toy):
    capabilities = Toy.capabilities | {Operation.READY}


FAULTS: list[tuple[type[Toy], str]] = [
    (ReadsTheClock, "test_a_request_sent_again_says_the_same_under_the_same_delivery_keys"),
    (OneKeyForAll, "test_different_events_have_different_delivery_keys"),
    (Trusting, "test_a_request_signed_with_another_secret_is_refused"),
    (Trusting, "test_a_request_whose_body_was_changed_is_refused_where_the_body_is_signed"),
    (Trusting, "test_a_request_with_junk_for_proof_is_refused"),
    (Trusting, "test_a_connection_without_a_secret_refuses_everything"),
    (OnlyTheNewSecret, "test_during_a_rotation_the_new_and_the_old_secret_are_both_accepted"),
    (Forgetful, "test_an_older_message_that_comes_after_a_newer_one_is_stale"),
    (Unsorted, "test_the_versions_of_one_order_have_one_form_so_that_they_sort"),
    (Strict, "test_fields_added_since_then_are_counted"),
    (Lossy, "test_a_body_that_cannot_be_read_goes_to_quarantine"),
    (Chatty, "test_a_sample_is_answered_as_the_platform_wants"),
    (NeedsAStatus, "test_no_spoiled_place_of_a_request_breaks_reading"),
    (Strict, "test_no_request_whatever_breaks_reading"),
    (Garbled, "test_no_spoiled_place_of_a_request_breaks_reading"),
    (Strict, "test_fields_added_since_then_change_nothing_in_a_request"),
    (NeedsALine, "test_no_payload_whatever_breaks_mapping"),
    (DrawsIds, "test_an_order_says_whose_it_is"),
    (Miscounts, "test_sums_agree_unless_the_sample_says_that_they_do_not"),
    (OneLineId, "test_no_two_lines_of_an_order_have_one_id"),
    (Answerless, "test_an_order_to_be_answered_says_until_when"),
    (OtherBody, "test_an_exchange_plays_back_as_recorded"),
    (OneCallMore, "test_an_exchange_plays_back_as_recorded"),
    (NoCall, "test_an_exchange_plays_back_as_recorded"),
    (ClaimsMore, "test_an_operation_has_an_exchange_or_says_why_there_is_none"),
    (ClaimsMore, "test_it_claims_what_the_code_can_do"),
]


@pytest.mark.parametrize("rule", rules())
def test_a_sound_adapter_passes(rule: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(Toy(), monkeypatch)

    run(rule)


@pytest.mark.parametrize(("fault", "rule"), FAULTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_fault_fails_the_rule_about_it(
    fault: type[Toy], rule: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(fault(), monkeypatch)

    with pytest.raises((AssertionError, ValueError)):
        run(rule)
