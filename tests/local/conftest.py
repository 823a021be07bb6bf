"""These tests speak to the local engine, so they may open sockets: to this machine, and nowhere else."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LOOPBACK = ["127.0.0.1", "::1", "localhost"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
