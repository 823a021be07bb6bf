"""Every sample of `events/` goes its way through the hub, as its platform would send it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from local.standins.played import played
from orderhub.platforms.http_types import parse_json
from orderhub.platforms.registry import load
from orderhub.storage import orders, quarantine
from tests.functional.cloud import items
from tests.functional.hub import Hub, Reply
from tests.platforms.samples import Sample, samples_of

# What the hub decides depends on what it has decided before: see test_tables.py.
SAMPLES = [(slug, sample) for slug in played() for sample in samples_of(slug) if not sample.decided]
NAMES = [f"{slug}/{sample.name}" for slug, sample in SAMPLES]


def send(hub: Hub, connection_id: str, sample: Sample) -> Reply:
    return hub.send(
        connection_id, sample.body, sample.headers, method=sample.method, below=sample.path, query=sample.query
    )


def _without_ids(body: str) -> str:
    """An answer without our ids: those of an order are made of the connection's."""
    return re.sub("ord_[0-9a-f]{32}", "ord_...", body)


@pytest.mark.parametrize(("slug", "sample"), SAMPLES, ids=NAMES)
def test_a_sample_gets_the_answer_its_platform_wants_and_is_not_put_aside(hub: Hub, slug: str, sample: Sample) -> None:
    reply = send(hub, hub.connect(slug), sample)

    wanted = {"status": 200, "body": "", "headers": {}, **sample.answer}
    answered = {"status": reply.status, "body": _without_ids(reply.body), "headers": dict(reply.headers)}
    assert answered == {**wanted, "body": _without_ids(wanted["body"])}
    assert len(quarantine.page().held) == sample.held


@pytest.mark.parametrize(("slug", "sample"), SAMPLES, ids=NAMES)
def test_a_sample_that_comes_again_changes_nothing(hub: Hub, slug: str, sample: Sample) -> None:
    connection_id = hub.connect(slug)
    first = send(hub, connection_id, sample)
    before = items()

    assert send(hub, connection_id, sample) == first
    assert items() == before


def let_fetch(hub: Hub, slug: str, answer: Any) -> None:
    """The platform gives this to who asks for the order."""
    if slug == "shopify":  # an answer of its GraphQL API, which its stand-in makes itself of the orders it holds
        hub.vendors.fault(slug, match={"path_contains": "graphql"}, status=200, body=answer)
    else:
        hub.vendors.put(slug, answer)


FETCHED = [(slug, sample) for slug, sample in SAMPLES if sample.fetched is not None]


@pytest.mark.parametrize(("slug", "sample"), FETCHED, ids=[f"{slug}/{sample.name}" for slug, sample in FETCHED])
def test_what_a_sample_speaks_of_is_fetched_and_is_the_order_it_should_be(hub: Hub, slug: str, sample: Sample) -> None:
    connection_id = hub.connect(slug)
    connection = hub.connection(connection_id)
    fetched = sample.fetched or b""
    let_fetch(hub, slug, json.loads(fetched))

    send(hub, connection_id, sample)

    assert hub.run() == 0
    assert quarantine.page().held == []
    if sample.unmapped:
        assert [row for row in items() if row["sk"] == "ORDER"] == []
    else:
        expected = load(slug).to_order(parse_json(fetched), connection)
        found = orders.get(expected.id)
        assert found is not None
        assert (found.external_id, found.display_id, found.items) == (
            expected.external_id,
            expected.display_id,
            expected.items,
        )
