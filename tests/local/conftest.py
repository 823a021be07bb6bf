"""These tests speak to the local engine, so they may open sockets: to this machine, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.hub import RunningHub, copy_project
from tests.local.shop import free_port

HERE = Path(__file__).parent
LOOPBACK = ["127.0.0.1", "::1", "localhost"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One hub for all tests, started once; each test brings its own orders."""
    running = RunningHub(copy_project(tmp_path_factory.mktemp("hub")), free_port())
    try:
        yield running
        assert running.stop() == 0
        left = {path.name for path in (running.project / ".local").iterdir()}
        assert left == {"ministack.log", "standins.log", "run.lock"}
    finally:
        running.close()
