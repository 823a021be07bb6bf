"""Whatever comes: no JSON makes an adapter raise anything but its own errors, or say what cannot be recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, given, settings

from orderhub.errors import Ignore, Quarantine
from orderhub.order.messages import Message, OrderSnapshot, Report, TableRequest
from orderhub.order.models import Order
from orderhub.platforms.http_types import parse_json
from tests.platforms import any_json
from tests.platforms.rules.suite import PlatformMessage, Suite
from tests.platforms.samples import Sample, request_for

# Shrinking what breaks a reader takes minutes; the first thing that breaks it says where, and that is enough.
quick_to_fail = settings(phases=[Phase.generate], report_multiple_bugs=False)

T = TypeVar("T")


class Robustness(Suite):
    def test_no_spoiled_place_of_a_request_breaks_reading(self) -> None:
        seen: set[str] = set()
        for sample in self._readable():
            event = sample.name.partition("__")[0]
            for what, body in any_json.spoiled(any_json.decode(sample.body), seen, within=event):
                self._read(sample, body, what)

    def test_no_spoiled_place_of_an_order_breaks_mapping(self) -> None:
        seen: set[str] = set()
        for _, fetched in self.fetched():
            for what, payload in any_json.spoiled(fetched, seen):
                self._map(payload, what)

    def test_no_request_whatever_breaks_reading(self) -> None:
        bodies = [(sample, any_json.decode(sample.body)) for sample in self._readable()]

        @quick_to_fail
        @given(any_json.spoiled_often([body for _, body in bodies]) | any_json.anything)
        def attempt(body: Any) -> None:
            for sample, _ in bodies:
                self._read(sample, any_json.encode(body), sample.name)

        attempt()

    def test_no_payload_whatever_breaks_mapping(self) -> None:
        fetched = [payload for _, payload in self.fetched()]
        sent = [any_json.decode(sample.body) for sample in self._readable()]

        @quick_to_fail
        @given(any_json.spoiled_often(fetched or sent) | any_json.anything)
        def attempt(payload: Any) -> None:
            self._map(any_json.encode(payload), "a spoiled payload")

        attempt()

    def _readable(self) -> list[Sample]:
        """Samples with a JSON body whose headers announce something else than a handshake."""
        samples = [sample for sample in self.samples if sample.body.startswith(b"{")]
        assert samples
        return samples

    def _read(self, sample: Sample, body: bytes, what: str) -> None:
        connection = self.connect()
        reading = _survive(what, lambda: self.platform.read(request_for(sample, connection, body=body), connection))
        for message in reading.messages if reading is not None else ():
            assert _is_text(message), what
            if isinstance(message, PlatformMessage):
                self._record(message, what)
            elif isinstance(message, TableRequest) and message.order is not None:
                self._record(OrderSnapshot(delivery_key="any", order=self.booked(message, connection)), what)

    def _map(self, body: bytes, what: str) -> None:
        order = _survive(what, lambda: self.platform.to_order(parse_json(body), self.connect()))
        if order is not None:
            self._record(OrderSnapshot(delivery_key="any", order=order), what)

    def _record(self, message: PlatformMessage, what: str) -> None:
        order = _survive(what, lambda: self.tell(None, message).order)
        if isinstance(message, Report) and message.only_if_known:
            return
        assert order is not None, what
        assert _survive(what, lambda: Order.model_validate_json(order.model_dump_json())) == order, what


def _survive(what: str, attempt: Callable[[], T]) -> T | None:
    """What is attempted, None when it ends in one of the adapter's own errors. Fails for any other."""
    try:
        return attempt()
    except (Quarantine, Ignore) as refused:
        if not _is_text(str(refused)):
            pytest.fail(f"a refusal that cannot be stored, for {what}")
        return None
    except Exception as error:
        raise AssertionError(f"{error!r} for {what}") from error


def _is_text(told: object) -> bool:
    """Whether all text in it can be stored and sent: JSON can spell some that cannot."""
    match told:
        case str():
            return told.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in told)
        case Mapping():
            return all(map(_is_text, (*told, *told.values())))
        case Message():
            return all(_is_text(getattr(told, one.name)) for one in fields(told))
        case _:
            return True
