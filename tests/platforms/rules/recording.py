"""Once, and never backwards: what messages do to an order."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from orderhub.order.merge import Effect
from orderhub.order.messages import InboundMessage, OrderReference, OrderSnapshot, TableRequest
from orderhub.platforms.base import Reading
from tests.platforms.rules.suite import PlatformMessage, Suite
from tests.platforms.samples import NOW, Sample, request_for


class Recording(Suite):
    def test_a_request_sent_again_says_the_same_under_the_same_delivery_keys(self, sample: Sample) -> None:
        connection = self.connect()

        request = request_for(sample, connection)
        if self.platform.greet(request):
            return  # it says nothing

        first = self.platform.read(request, connection)
        again = self.platform.read(replace(request, received_at=NOW + timedelta(days=1)), connection)

        assert _told(again) == _told(first)

    def test_different_events_have_different_delivery_keys(self) -> None:
        connection = self.connect()

        events = defaultdict(list)
        for sample, message in self.heard(connection, object):
            events[message.delivery_key].append(sample.name)

        assert {key: names for key, names in events.items() if len(names) > 1 or not key} == {}

    def test_a_message_that_comes_twice_makes_one_order_and_then_changes_nothing(self) -> None:
        for name, message in self.about_orders(self.connect()):
            first = self.tell(None, message)
            again = self.tell(first.order, message)

            assert (first.effect, again.effect, again.order) == (Effect.APPLIED, Effect.UNCHANGED, None), name

    def test_an_older_message_that_comes_after_a_newer_one_is_stale(self) -> None:
        effects = {}
        for name, message in self.about_orders(self.connect()):
            known = self.tell(None, message).order
            if known is not None and message.source_version is not None:
                newer = known.model_copy(update={"source_version": f"{message.source_version}~", "checks": []})
                effects[name] = self.tell(newer, message).effect

        assert effects == dict.fromkeys(effects, Effect.STALE)
        assert effects or self.quality["rules"]["out_of_order"] != "done", "no message tells its version"

    def test_the_versions_of_one_order_have_one_form_so_that_they_sort(self) -> None:
        forms = defaultdict(set)
        for _, message in self.heard(self.connect(), OrderReference | PlatformMessage):
            if message.source_version is not None:
                forms[self.identity_of(message)].add(re.sub(r"\d", "0", message.source_version))

        assert {order: sorted(several) for order, several in forms.items() if len(several) > 1} == {}

    def test_an_order_has_one_id_however_it_is_heard_of(self) -> None:
        ids = defaultdict(set)
        for _, message in self.about_orders(self.connect()):
            order = message.order if isinstance(message, OrderSnapshot) else self.tell(None, message).order
            assert order is not None
            ids[self.identity_of(message)].add(order.id)

        assert {order: sorted(several) for order, several in ids.items() if len(several) > 1} == {}


def _told(reading: Reading) -> Reading:
    """A reading without the moment it came at, where that stands in for what the platform does not tell."""
    return replace(reading, messages=[_timeless(message) for message in reading.messages])


def _timeless(message: InboundMessage) -> InboundMessage:
    match message:
        case OrderSnapshot(order=order, guessed=guessed):
            return replace(message, order=order.model_copy(update=dict.fromkeys(guessed)))
        case TableRequest(order=order) if order is not None:
            return replace(message, order=order.model_copy(update={"placed_at": None}))
        case _:
            return message
