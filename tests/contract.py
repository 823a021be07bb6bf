"""The API against its own description: schemathesis makes requests of it and looks whether the answers are as told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis.strategies import randoms
from schemathesis import BaseSchema, Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

SEED = 20261005
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
)
KNOWN_IN = 0.6
"""How often a parameter is an id that there is, of all the times it is made up."""

OWN_THINGS = {"extra-data-sources": {"responses": False}}
"""An id that an answer tells of may be of something that others need: a connection, say, whose secret is changed."""

randoms()  # loads a module that two workers at once fail to load


@dataclass
class Found:
    """What came of a run. asked: requests by operation; statuses: answers by status; wrong: what is not as told."""

    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return self.asked.total()

    def __str__(self) -> str:
        told = ", ".join(f"{status}: {number}" for status, number in sorted(self.statuses.items()))
        return f"{self.requests} requests to {len(self.asked)} operations, seed {SEED}; answers {told}"

    @property
    def report(self) -> str:
        """What is not as told, with a command that shows it."""
        return "\n\n".join(f"### {what}\n{told}" for what, told in sorted(self.wrong.items()))

    def take(self, recorder: ScenarioRecorder) -> None:
        """Adds what one scenario did."""
        for case_id, interaction in recorder.interactions.items():
            node = recorder.cases.get(case_id)
            self.asked[node.value.operation.label if node else recorder.label] += 1
            if interaction.response is not None:
                self.statuses[interaction.response.status_code] += 1
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.status is not Status.SUCCESS and check.failure_info is not None:
                    failure = check.failure_info.failure
                    label = recorder.cases[case_id].value.operation.label
                    told = f"{failure.message}\n{check.failure_info.code_sample}"
                    self.wrong.setdefault(f"{label}: {check.name}: {failure.title}", told[:1500])


def configuration(
    key: str, known: Mapping[str, Iterable[str]], *, examples: int, edges: str = "all", workers: int = 1
) -> SchemathesisConfig:
    """How to test.

    known: values that there are, by parameter; examples: made-up requests of each operation; edges: of each field, what
    is at the edge of its schema and (`all`, not `positive`) beyond it.
    """
    named = {name: list(values) for name, values in known.items()}
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "workers": workers,
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {key}"},
            "request-timeout": 60,
            "cache": {"enabled": False},
            "dictionaries": {name: {"values": values} for name, values in named.items()},
            "parameters": {name: {"dictionary": name, "probability": KNOWN_IN} for name in named},
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "generation": {"mode": "all", "max-examples": examples, "deterministic": True, "database": "none"},
            "phases": {
                "examples": OWN_THINGS,
                "coverage": {"generation": {"mode": edges}, **OWN_THINGS},
                "fuzzing": OWN_THINGS,
                "stateful": {"enabled": False},
            },
        }
    )


def things(ask: Callable[[str, str, Any], Any], connection_ids: Iterable[str]) -> dict[str, list[str]]:
    """Makes something of each kind, and tells the ids by parameter. ask: method, path and body in, JSON out."""
    store = ask("POST", "/v1/stores", {"name": "Contract Kitchen", "time_zone": "America/Chicago"})["id"]
    line = {"name": "Margherita", "sku": "PIZZA-MARGHERITA", "unit_price": 1100, "quantity": 2}
    new = {"store_id": store, "fulfillment": "pickup", "customer": {"phone": "+1 555 0100"}, "items": [line]}
    orders = [ask("POST", "/v1/orders", new) for _ in range(8)]
    issues = [
        ask("POST", f"/v1/orders/{order['id']}/issues", {"type": "missing_items", "description": "one is missing"})
        for order in orders[:3]
    ]
    people = [f"emp_contract{number}" for number in range(4)]
    for person in people:
        ask("PUT", f"/v1/stores/{store}/employees/{person}", {"name": "Sam", "role": "store_employee"})
    ask("PUT", f"/v1/stores/{store}/stock/PIZZA-MARGHERITA", {"on_hand": 20})
    key = ask("POST", "/v1/api-keys", {"name": "to be revoked", "role": "viewer", "stores": [store]})
    return {
        "store_id": [store],
        "order_id": [order["id"] for order in orders],
        "item_id": [order["items"][0]["id"] for order in orders],
        "issue_id": [issue["id"] for issue in issues],
        "employee_id": people,
        "sku": ["PIZZA-MARGHERITA"],
        "key_id": [key["id"]],
        "connection_id": list(connection_ids),
        "If-Match": ["*"],
    }


def _is_wrong(_: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Whether a failure counts: that 0 is taken for false, "5" for 5 and seconds for a time is no more than lenient."""
    if not isinstance(failure, AcceptedNegativeData):
        return True
    violations = [line for line in failure.message.splitlines() if " - " in line or line.startswith("- ")]
    return not all(line.endswith("Incorrect type") for line in violations)


def run(schema: BaseSchema) -> Found:
    """Asks every operation."""
    found = Found()
    schema.hook("filter_failure")(_is_wrong)
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                found.take(event.recorder)
            case events.NonFatalError():
                found.wrong[f"{event.label}: error"] = str(event.value)[:1500]
            case events.FatalError():
                raise event.exception
    return found


def of_url(url: str, config: SchemathesisConfig) -> BaseSchema:
    """The description that a running hub serves. url: where its API begins."""
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json", config=config)
    schema.config.update(base_url=url)
    return schema


def of_app(app: Any, config: SchemathesisConfig) -> BaseSchema:
    """The description that a WSGI application serves, which is then called without a network."""
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=config)
