"""What we ask of a platform: every operation is shown against a recorded exchange, or is refused for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from typing import Any

import pytest

from orderhub.errors import HubError, Unsupported
from orderhub.platforms.base import Operation
from tests.platforms.exchange import Exchange, described, exchanges_of, play, with_wildcards
from tests.platforms.rules.suite import Suite

PLACED = ("order", "connection", "http", "now")


class Operations(Suite):
    def test_an_exchange_plays_back_as_recorded(self, exchange: Exchange) -> None:
        connection = self.connect(settings=exchange.settings)

        ended, http = play(exchange, self.platform, connection)

        told = described(ended, self.platform, connection)
        wanted = exchange.raises or _whole_result(exchange)
        assert isinstance(ended, HubError) == bool(exchange.raises), told
        assert _only(told, wanted) == with_wildcards(wanted, told)
        assert http.expected == [], "calls that were recorded and not made"

    @pytest.mark.parametrize("operation", list(Operation))
    def test_an_operation_has_an_exchange_or_says_why_there_is_none(self, operation: Operation) -> None:
        recorded = [exchange.name for exchange in exchanges_of(self.slug) if exchange.operation == operation]
        if operation in self.platform.capabilities:
            assert recorded, f"{operation} is claimed and not shown"
            return
        method = getattr(self.platform, operation)

        with pytest.raises(Unsupported) as refused:
            method(**dict.fromkeys(signature(method).parameters))

        assert refused.value.why
        assert recorded == []

    def test_a_call_takes_what_its_operation_takes(self) -> None:
        for operation, place in self.platform.calls.items():
            module, _, function = place.rpartition(".")
            called = getattr(import_module(f"orderhub.platforms.{self.slug}.{module}"), function)

            taken, given = signature(called).parameters, signature(getattr(self.platform, operation)).parameters

            assert len(taken) == len(given), place
            assert [name for name in taken if name in PLACED] == [name for name in given if name in PLACED], place

    def test_the_platform_says_who_it_is_and_what_it_cannot_do(self) -> None:
        platform = self.platform

        assert (platform.slug, bool(platform.name)) == (self.slug, True)
        assert platform.docs_url.startswith("https://")
        assert set(platform.side_effects) <= platform.capabilities
        assert set(platform.why) <= set(Operation) - platform.capabilities


def _whole_result(exchange: Exchange) -> Mapping[str, Any]:
    """An action's result is compared whole; of a read, what the file names."""
    reads = {Operation.FETCH, Operation.POLL}
    return exchange.result if exchange.operation in reads else {"note": None, "ids": {}, **exchange.result}


def _only(told: Any, wanted: Any) -> Any:
    """What was told of the things that were wanted."""
    if isinstance(told, dict) and isinstance(wanted, Mapping):
        return {name: _only(value, wanted[name]) for name, value in told.items() if name in wanted}
    if isinstance(told, list) and isinstance(wanted, list) and len(told) == len(wanted):
        return [_only(one, other) for one, other in zip(told, wanted, strict=True)]
    return told
