"""What it says: events known and unknown, fields known and unknown, bodies that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from orderhub.errors import HubError, Quarantine
from orderhub.order.messages import Decision, Ignored, InboundMessage, OrderReference
from orderhub.platforms.http_types import Answer, Request
from tests.platforms import any_json
from tests.platforms.rules.suite import PlatformMessage, Suite
from tests.platforms.samples import AnyConnection, Sample, request_for

NEW_FIELD = "added_since_then"
GRANTED = Decision(granted=True, number=4711, expires_in=timedelta(seconds=180))


class Reading(Suite):
    def test_a_sample_is_answered_as_the_platform_wants(self, sample: Sample) -> None:
        connection = self.connect()
        request = request_for(sample, connection)

        greeting = self.platform.greet(request)
        reading = None if greeting else self.platform.read(request, connection)

        answer = reading.answer if reading else greeting
        assert (reading.decided(GRANTED) if reading and reading.decided else answer) == Answer(**sample.answer)

    def test_a_sample_says_something_unless_it_is_a_handshake(self, sample: Sample) -> None:
        assert self.messages(sample, self.connect()) or sample.answer

    def test_an_event_of_an_unknown_type_is_ignored(self) -> None:
        connection = self.connect()

        heard = {
            sample.name: [type(message) for message in self.messages(sample, connection)]
            for sample in self.samples
            if sample.name.startswith("unknown__")
        }

        assert heard == {name: [Ignored] for name in heard}
        assert heard, "no sample is an event of an unknown type"

    def test_fields_added_since_then_change_nothing_in_a_request(self) -> None:
        connection = self.connect()
        for sample, body in self._bodies():
            more = any_json.encode(any_json.with_new_fields(body, NEW_FIELD, self.open_objects))

            reading = self.platform.read(request_for(sample, connection, body=more), connection)

            before = [_content(message) for message in self.messages(sample, connection)]
            assert [_content(message) for message in reading.messages] == before, sample.name

    def test_fields_added_since_then_are_counted(self) -> None:
        connection = self.connect()
        counted = {}
        for sample, body in self._bodies():
            more = any_json.encode({NEW_FIELD: 1, **body})
            reading = self.platform.read(request_for(sample, connection, body=more), connection)
            if not all(isinstance(message, Ignored) for message in reading.messages):
                counted[sample.name] = NEW_FIELD in reading.unknown_fields

        assert counted == dict.fromkeys(counted, True)
        assert counted

    def test_fields_added_since_then_change_nothing_in_an_order(self) -> None:
        connection = self.connect()
        for sample, fetched in self.fetched():
            more = any_json.with_new_fields(fetched, NEW_FIELD, self.open_objects)

            assert self.mapped(sample, more, connection) == self.mapped(sample, fetched, connection), sample.name

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda body: body[: len(body) // 2], id="cut off in the middle"),
            pytest.param(lambda body: body[:-1], id="cut off at the end"),
            pytest.param(lambda _: b"<html>502 Bad Gateway</html>", id="not JSON"),
            pytest.param(lambda _: b"\xff\xfe\x00", id="not UTF-8"),
            pytest.param(lambda _: b"", id="empty"),
            pytest.param(lambda _: b"[" * 100_000, id="nested without end"),
            pytest.param(lambda _: b'"text"', id="no object"),
            pytest.param(lambda _: b"{}", id="nothing in it"),
        ],
    )
    def test_a_body_that_cannot_be_read_goes_to_quarantine(self, spoil: Callable[[bytes], bytes]) -> None:
        connection = self.connect()
        requests = {
            sample.name: request_for(sample, connection, body=spoil(sample.body))
            for sample, _ in self.heard(connection, OrderReference | PlatformMessage)
        }

        ends = {name: self._end_of_reading(request, connection) for name, request in requests.items()}

        assert ends == dict.fromkeys(requests, Quarantine)
        assert requests

    def test_quarantine_is_answered_so_that_the_webhook_stays_enabled(self) -> None:
        request = request_for(self.samples[0], self.connect())

        status = self.platform.quarantine_answer(request).status

        assert status in (range(400, 500) if self.answers_decide else range(200, 300))

    def _bodies(self) -> list[tuple[Sample, dict[str, object]]]:
        """Every sample whose body is a JSON object."""
        bodies = [(sample, any_json.decode(sample.body)) for sample in self.samples if sample.body.startswith(b"{")]
        assert bodies
        return bodies

    def _end_of_reading(self, request: Request, connection: AnyConnection) -> type[HubError] | None:
        try:
            self.platform.read(request, connection)
        except HubError as error:
            return type(error)
        return None


def _content(message: InboundMessage) -> InboundMessage:
    """A message without what is computed from the bytes it came as."""
    return replace(message, delivery_key="", raw=None)
