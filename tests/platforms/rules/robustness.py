"""Whatever comes: no JSON makes an adapter raise anything but its own errors, or say what cannot be recorded."""

from __future__ import annotations

from typing import Any

from hypothesis import Phase, given, settings

from orderhub.errors import Ignore, Quarantine
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import Order
from orderhub.platforms.http_types import parse_json
from tests.platforms import any_json
from tests.platforms.rules.suite import PlatformMessage, Suite
from tests.platforms.samples import Sample, request_for

# Shrinking what breaks a reader takes minutes; the first thing that breaks it says where, and that is enough.
quick_to_fail = settings(phases=[Phase.generate], report_multiple_bugs=False)


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
        try:
            reading = self.platform.read(request_for(sample, connection, body=body), connection)
        except (Quarantine, Ignore):
            return
        except Exception as error:
            raise AssertionError(f"reading ended in {error!r}: {what}") from error
        for message in reading.messages:
            if isinstance(message, PlatformMessage):
                self._record(message, what)

    def _map(self, body: bytes, what: str) -> None:
        try:
            order = self.platform.to_order(parse_json(body), self.connect())
        except (Quarantine, Ignore):
            return
        except Exception as error:
            raise AssertionError(f"mapping ended in {error!r}: {what}") from error
        self._record(OrderSnapshot(delivery_key="any", order=order), what)

    def _record(self, message: PlatformMessage, what: str) -> None:
        try:
            order = self.tell(None, message).order
            stored = Order.model_validate_json(order.model_dump_json()) if order is not None else None
        except Exception as error:
            raise AssertionError(f"recording ended in {error!r}: {what}") from error
        assert order is not None, what
        assert stored == order, what
