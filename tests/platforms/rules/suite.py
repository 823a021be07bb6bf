"""What the rules stand on: the platform, its connection, and what its samples hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest
import yaml

from orderhub.errors import Ignore
from orderhub.order.merge import Identity, Outcome, apply
from orderhub.order.messages import (
    CourierReport,
    InboundMessage,
    OrderReference,
    OrderSnapshot,
    Report,
    StatusReport,
    TableRequest,
    TrackingReport,
)
from orderhub.order.models import Order
from orderhub.platforms.base import StoreRef
from orderhub.platforms.http_types import parse_json
from orderhub.platforms.registry import load
from tests.platforms import any_json, samples
from tests.platforms.exchange import Exchange, exchanges_of
from tests.platforms.samples import (
    MAIN_STORE,
    NOW,
    AnyConnection,
    AnyPlatform,
    Sample,
    connection_for,
    request_for,
    samples_of,
)

PlatformMessage = OrderSnapshot | StatusReport | CourierReport | TrackingReport


class Suite:
    """Base of the rules. Attributes are what differs between platforms."""

    slug: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    store: ClassVar[StoreRef] = MAIN_STORE
    stores: ClassVar[Mapping[str, StoreRef]] = {}
    secrets: ClassVar[tuple[str, str]] = ("the-secret-of-today", "the-secret-of-yesterday")
    signs_body: ClassVar[bool] = True
    answers_decide: ClassVar[bool] = False  # what we do not understand is answered with a refusal
    open_objects: ClassVar[frozenset[str]] = frozenset()

    @staticmethod
    def credentials(*secrets: str) -> Mapping[str, Any]:
        """What Credentials is made of when these webhook secrets are valid, the current one first."""
        raise NotImplementedError

    @staticmethod
    def identity(order: Order) -> tuple[str, ...]:
        """What the id of an order is made of."""
        return (order.external_id,)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Tests that take a `sample` or an `exchange` run once for each."""
        for argument, found in (("sample", samples_of), ("exchange", exchanges_of)):
            if argument in metafunc.fixturenames:
                values: Sequence[Sample | Exchange] = found(self.slug)
                metafunc.parametrize(argument, values, ids=[value.name for value in values])

    @property
    def platform(self) -> AnyPlatform:
        return load(self.slug)

    @property
    def samples(self) -> list[Sample]:
        return samples_of(self.slug)

    @property
    def quality_text(self) -> str:
        folder = samples.ROOT / "layers" / "common" / "orderhub" / "platforms" / self.slug
        return (folder / "quality.yaml").read_text(encoding="utf-8")

    @property
    def quality(self) -> dict[str, Any]:
        quality: dict[str, Any] = yaml.safe_load(self.quality_text)
        return quality

    def connect(self, *secrets: str, settings: Mapping[str, Any] | None = None) -> AnyConnection:
        """The merchant's connection with these webhook secrets, today's when none is given."""
        return connection_for(
            self.slug,
            self.credentials(*(secrets or self.secrets[:1])),
            {**self.settings, **(settings or {})},
            store=self.store,
            stores=self.stores,
        )

    def messages(self, sample: Sample, connection: AnyConnection) -> list[InboundMessage]:
        request = request_for(sample, connection)
        return [] if self.platform.greet(request) else list(self.platform.read(request, connection).messages)

    def heard(self, connection: AnyConnection, *kinds: Any) -> Iterator[tuple[Sample, Any]]:
        """Every message of these kinds, with the sample it is in."""
        for sample in self.samples:
            for message in self.messages(sample, connection):
                if isinstance(message, kinds):
                    yield sample, message

    def fetched(self) -> Iterator[tuple[Sample, Any]]:
        """Every order that a sample says the platform would return, as JSON to be spoiled or mapped."""
        for sample in self.samples:
            if sample.fetched is not None:
                yield sample, any_json.decode(sample.fetched)

    def mapped(self, sample: Sample, fetched: Any, connection: AnyConnection) -> Order | None:
        """The order of a sample, None for one that is none of our business."""
        try:
            order = self.platform.to_order(parse_json(any_json.encode(fetched)), connection)
        except Ignore:
            assert sample.unmapped, f"{sample.name} is ignored"
            return None
        assert not sample.unmapped, f"{sample.name} is not ignored"
        return order

    def orders(self, connection: AnyConnection) -> Iterator[tuple[Sample, Order]]:
        """Every order of the samples, sent whole or fetched."""
        for sample, message in self.heard(connection, OrderSnapshot):
            yield sample, message.order
        for sample, message in self.heard(connection, TableRequest):
            if message.order is not None:
                yield sample, self.booked(message, connection)
        for sample, fetched in self.fetched():
            order = self.mapped(sample, fetched, connection)
            if order is not None:
                yield sample, order

    def about_orders(self, connection: AnyConnection) -> list[tuple[str, PlatformMessage]]:
        """Every message about an order, sent or made of what is fetched, with the name of its sample."""
        heard: list[tuple[str, PlatformMessage]] = [
            (sample.name, message)
            for sample, message in self.heard(connection, PlatformMessage)
            if not (isinstance(message, Report) and message.only_if_known)
        ]
        for sample, fetched in self.fetched():
            order = self.mapped(sample, fetched, connection)
            references = [one for one in self.messages(sample, connection) if isinstance(one, OrderReference)]
            if order is not None and references:
                key, version = references[0].delivery_key, references[0].source_version
                heard.append((sample.name, OrderSnapshot(delivery_key=key, source_version=version, order=order)))
        assert heard, "no sample is about an order"
        return heard

    def booked(self, message: TableRequest, connection: AnyConnection) -> Order:
        """The reservation of a request for a table, with a number."""
        assert message.order is not None
        number = str(message.number or 4711)
        order_id = connection.order_id(message.store_external_id, number)
        return message.order.model_copy(update={"id": order_id, "external_id": number, "display_id": number})

    def identity_of(self, message: PlatformMessage | OrderReference) -> tuple[str, ...]:
        """What the id of the order is made of that a message is about."""
        if isinstance(message, OrderSnapshot):
            return self.identity(message.order)
        return message.identity or (message.external_id,)

    def tell(self, current: Order | None, message: PlatformMessage) -> Outcome:
        """What a message does to the order as it is."""
        external_id = external_id_of(message)
        connection = self.connect()
        identity = Identity(
            order_id=connection.order_id(*self.identity_of(message)),
            platform=self.slug,
            connection_id=connection.id,
            external_id=external_id,
            store_id=self.store.id,
            currency=self.store.currency,
        )
        return apply(current, message, NOW, identity)


def external_id_of(message: PlatformMessage) -> str:
    return message.order.external_id if isinstance(message, OrderSnapshot) else message.external_id
