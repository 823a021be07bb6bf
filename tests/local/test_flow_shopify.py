"""Shopify: what its webhooks never told is found by asking, and what is too large for the table is kept as well."""

from local.standins.samples import shopify
from tests.local.hub import RunningHub
from tests.local.line import connect, demo_line


def test_orders_whose_webhooks_never_came_are_found_once_each(hub: RunningHub) -> None:
    line = connect(hub, "shopify")
    orders = [line.hold(line.new_order()) for _ in range(3)]
    told, never_told = orders[0], orders[1:]
    assert line.tell("orders/create", told).status_code == 200
    line.ask_for_a_poll()
    for made in never_told:
        assert hub.wait_for(line.order_id(made))["status"] == "incoming"

    line.poll_to_the_end()
    expected = {line.order_id(made): 1 for made in orders}
    created = {order_id: sum(kind == "order.created" for _, kind, _ in hub.told(order_id)) for order_id in expected}
    assert created == expected
    listed = [one["id"] for one in hub.open_orders(line.store_id) if one["id"] in expected]
    assert sorted(listed) == sorted(expected)


def test_a_request_too_large_for_the_table_is_kept_and_can_be_read_again(hub: RunningHub) -> None:
    line = connect(hub, "shopify")
    made = line.new_order(landing_site="/search?q=" + "buns+" * 80_000)
    assert len(shopify.wire(made)) > 400_000
    assert line.tell("orders/create", made).status_code == 200
    order_id = line.order_id(made)
    assert hub.wait_for(order_id)["status"] == "incoming"
    key = hub.timeline(order_id)[0]["key"]
    replayed = hub.orderhub("replay", order_id, "--event", key)
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert hub.told(order_id) == [("platform", "order.created", "applied")]


def test_what_staff_do_is_seen_in_the_shop(hub: RunningHub) -> None:
    line = demo_line(hub, "shopify")
    made = line.hold(line.new_order())
    assert line.tell("orders/create", made).status_code == 200
    hub.wait_for(line.order_id(made))
    for action in ("accept", "picked_up", "complete"):
        line.act(made, action)
        assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    held = line.held(made)
    assert held["tags"] == "accepted"
    assert [one["status"] for one in held["fulfillments"]] == ["success"]
