from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest

from orderhub.order.messages import InboundMessage, Message, OrderMessage, StaffMessage
from tests.unit.made import a_snapshot


@pytest.mark.parametrize("kind", get_args(InboundMessage) + get_args(OrderMessage))
def test_every_message_says_what_makes_it_count_once_and_how_new_it_is(kind: type[Message]) -> None:
    assert {"delivery_key", "source_version", "raw"} <= {field.name for field in fields(kind)}


def test_what_staff_decide_never_comes_from_a_platform() -> None:
    assert not any(issubclass(kind, StaffMessage) for kind in get_args(InboundMessage))
    assert StaffMessage in get_args(OrderMessage)


def test_messages_are_equal_by_what_they_say() -> None:
    assert a_snapshot("1", notes="hi") == a_snapshot("1", notes="hi")
    assert a_snapshot("1", notes="hi") != a_snapshot("1", notes="ho")


def test_a_message_cannot_be_changed() -> None:
    message = a_snapshot("1")

    with pytest.raises(FrozenInstanceError):
        message.delivery_key = "2"  # type: ignore[misc]
