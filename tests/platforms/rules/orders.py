"""The order: whole, in the hub's own terms, and the same after storage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orderhub.order.messages import OrderReference, OrderSnapshot, Report
from orderhub.order.models import Item, Order, Sync
from orderhub.order.money import exponent
from orderhub.order.pricing import check_sums
from orderhub.order.status import Status
from tests.platforms.rules.suite import Suite


class Orders(Suite):
    def test_the_samples_hold_orders(self) -> None:
        assert list(self.orders(self.connect()))

    def test_an_order_says_whose_it_is(self) -> None:
        connection = self.connect()
        for sample, order in self.orders(connection):
            told = (order.id, order.platform, order.connection_id, order.store_id, bool(order.channel))
            store = connection.store(order.store_external_id)
            expected = (connection.order_id(*self.identity(order)), self.slug, connection.id, store.id, True)

            assert told == expected, sample.name

    def test_no_two_lines_of_an_order_have_one_id(self) -> None:
        for sample, order in self.orders(self.connect()):
            ids = [item.id for item in _all_items(order.items)]

            assert len(ids) == len(set(ids)), sample.name

    def test_money_is_of_a_real_currency_and_discounts_are_positive(self) -> None:
        for sample, order in self.orders(self.connect()):
            discounts = [order.amounts.discount or 0, *(discount.amount or 0 for discount in order.discounts)]

            assert exponent(order.amounts.currency) in {0, 2, 3, 4}, sample.name
            assert min(discounts) >= 0, sample.name

    def test_sums_agree_unless_the_sample_says_that_they_do_not(self) -> None:
        for sample, order in self.orders(self.connect()):
            flags = [*order.checks, *check_sums(order)]

            assert sorted({flag.code for flag in flags}) == sorted(sample.checks), f"{sample.name}: {flags}"

    def test_an_order_to_be_answered_says_until_when(self) -> None:
        waiting = [
            (sample.name, order.accept_by is not None)
            for sample, order in self.orders(self.connect())
            if order.status is Status.INCOMING and self.platform.accept_within is not None
        ]

        assert waiting == [(name, True) for name, _ in waiting]

    def test_an_order_comes_back_from_storage_as_it_was(self) -> None:
        for sample, order in self.orders(self.connect()):
            assert Order.model_validate_json(order.model_dump_json()) == order, sample.name

    def test_an_order_leaves_alone_what_the_hub_keeps_of_it(self) -> None:
        nothing = ("created_at", "updated_at", "promised_at", "source_status", "source_version", "cart")
        expected: dict[str, object] = {**dict.fromkeys(nothing), "version": 0, "times": {}, "sync": Sync()}
        for sample, order in self.orders(self.connect()):
            assert {name: getattr(order, name) for name in expected} == expected, sample.name

    def test_the_fetched_order_is_the_one_that_was_announced(self) -> None:
        connection = self.connect()
        for sample, fetched in self.fetched():
            order = self.mapped(sample, fetched, connection)
            announced = {
                message.order.external_id if isinstance(message, OrderSnapshot) else message.external_id
                for message in self.messages(sample, connection)
                if isinstance(message, OrderReference | Report | OrderSnapshot)
            }

            assert order is None or announced == {order.external_id}, sample.name


def _all_items(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all_items(item.modifiers)
