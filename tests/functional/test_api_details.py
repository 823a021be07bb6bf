"""One order with all there is to know of it: its issues and deliveries, and the ETag that names what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.models import Address, Courier, Fulfillment, Tracking
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub
from tests.functional.made import stored

PATH = "/v1/orders/ord_1"


def here(**told: Any) -> None:
    stored("ord_1", store_id=STORE, placed_at=NOW, **told)


def complain(hub: Hub, **told: Any) -> str:
    reply = hub.api("POST", f"{PATH}/issues", {"type": "missing_items", "description": "no fries", **told})
    assert reply.status == 201, reply
    return str(reply.json["id"])


def test_the_issues_of_an_order_are_its_tickets(hub: Hub) -> None:
    here()
    first, second = complain(hub, priority="high"), complain(hub, type="other")
    hub.api("PATCH", f"{PATH}/issues/{second}", {"status": "resolved", "resolution_description": "called"})

    tickets = hub.api("GET", PATH).json["tickets"]

    assert {one["id"]: (one["type"], one["status"], one["priority"]) for one in tickets} == {
        first: ("missing_items", "open", "high"),
        second: ("other", "resolved", "medium"),
    }
    assert {one["due_at"] for one in tickets} == {"2026-10-05T19:00:00Z", "2026-10-06T15:00:00Z"}


def test_the_etag_tells_a_change_of_an_issue_too(hub: Hub, clock: Clock) -> None:
    here()
    seen = [hub.api("GET", PATH).headers["etag"]]
    issue = complain(hub)
    seen.append(hub.api("GET", PATH).headers["etag"])
    clock.wait(60)
    hub.api("PATCH", f"{PATH}/issues/{issue}", {"priority": "low"})
    seen.append(hub.api("GET", PATH).headers["etag"])

    assert seen[0] == '"1"'
    assert all(tag.startswith('"1-') for tag in seen[1:])
    assert len(set(seen)) == 3
    assert [hub.api("GET", PATH, if_none_match=tag).status for tag in seen] == [200, 200, 304]


def test_the_etag_tells_what_became_of_telling_the_platform(hub: Hub) -> None:
    order_id = hub.receive(hub.connect("square"))
    path = f"/v1/orders/{order_id}"
    hub.api("PUT", f"{path}/accept")
    before = hub.api("GET", path)
    hub.run()
    after = hub.api("GET", path, if_none_match=before.headers["etag"])

    assert (before.json["sync"]["state"], after.status, after.json["sync"]["state"]) == ("pending", 200, "confirmed")
    assert hub.api("GET", path, if_none_match=after.headers["etag"]).status == 304


@pytest.mark.parametrize(
    ("tag", "status"), [('"1-1"', 200), ('"1-7"', 200), ('W/"1-1"', 200), ('"2-1"', 412), ('"1-"', 422)]
)
def test_a_change_is_guarded_by_the_version_in_it(hub: Hub, tag: str, status: int) -> None:
    here()
    complain(hub)

    assert hub.api("PUT", f"{PATH}/accept", if_match=tag).status == status


@pytest.mark.parametrize(
    "told",
    [
        {"fulfillment": Fulfillment.DELIVERY, "address": Address(line1="14 Sample Street")},
        {"fulfillment": Fulfillment.SHIPPING, "tracking": [Tracking(code="1Z")]},
        {"courier": Courier(name="Sam")},
    ],
)
def test_an_order_that_is_brought_has_a_delivery(hub: Hub, told: dict[str, Any]) -> None:
    here(**told)

    assert hub.api("GET", PATH).json["deliveries"] == [hub.api("GET", f"{PATH}/delivery").json]


@pytest.mark.parametrize("fulfillment", [Fulfillment.PICKUP, None])
def test_an_order_that_is_fetched_has_none(hub: Hub, fulfillment: Fulfillment | None) -> None:
    here(fulfillment=fulfillment)

    assert hub.api("GET", PATH).json["deliveries"] == []


def test_the_source_comes_with_all_of_it(hub: Hub) -> None:
    here(fulfillment=Fulfillment.DELIVERY)
    issue = complain(hub)

    shown = hub.api("GET", PATH, query={"source": "true"}).json

    assert ([one["id"] for one in shown["tickets"]], len(shown["deliveries"])) == ([issue], 1)
