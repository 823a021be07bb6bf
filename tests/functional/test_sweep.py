"""The acceptance clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.functional.conftest import Clock, Metrics
from tests.functional.hub import Hub, function
from tests.functional.vendors import PLATFORMS


def sweep() -> None:
    function("schedules.sweep")({"source": "aws.scheduler"}, None)


@pytest.mark.parametrize(
    ("minutes", "unaccepted", "overdue"), [(0, 0, 0), (5, 0, 0), (6, 1, 0), (11, 1, 0), (12, 1, 1), (600, 1, 1)]
)
def test_an_order_is_counted_past_half_its_time_and_again_past_all_of_it(
    hub: Hub, uber: str, clock: Clock, metrics: Metrics, minutes: float, unaccepted: int, overdue: int
) -> None:
    hub.receive(uber)  # to be accepted within 11.5 minutes
    metrics()
    clock.wait(minutes=minutes)

    sweep()

    assert metrics() == {"UnacceptedOrders": [unaccepted], "OverdueOrders": [overdue]}


def test_an_order_that_was_accepted_is_not_counted(hub: Hub, uber: str, clock: Clock, metrics: Metrics) -> None:
    order_id = hub.receive(uber)
    hub.api("POST", f"/v1/orders/{order_id}/accept")
    metrics()
    clock.wait(minutes=20)

    sweep()

    assert metrics() == {"UnacceptedOrders": [0], "OverdueOrders": [0]}


def test_a_platform_that_waits_for_nobody_is_not_counted(
    hub: Hub, shopify: str, clock: Clock, metrics: Metrics
) -> None:
    hub.receive(shopify)
    metrics()
    clock.wait(hours=5)

    sweep()

    assert metrics() == {"UnacceptedOrders": [0], "OverdueOrders": [0]}


def test_a_hub_without_orders_measures_zero(hub: Hub, metrics: Metrics) -> None:
    sweep()

    assert metrics() == {"UnacceptedOrders": [0], "OverdueOrders": [0]}


def test_orders_of_all_stores_are_counted(hub: Hub, clock: Clock, metrics: Metrics) -> None:
    hub.add_store("sto_2")
    connections = [hub.connect("uber_eats"), hub.connect("uber_eats", store="sto_2", name="second")]
    for number in range(6):
        hub.receive(connections[number % 2], order=PLATFORMS["uber_eats"].order(number))
    metrics()
    clock.wait(minutes=12)

    sweep()

    assert metrics() == {"UnacceptedOrders": [6], "OverdueOrders": [6]}


def test_orders_that_nobody_answered_in_time_are_logged(
    hub: Hub, uber: str, clock: Clock, logged: Callable[[], str]
) -> None:
    hub.receive(uber)
    clock.wait(minutes=12)

    sweep()

    assert "orders were not answered in time" in logged()
