"""The stand-ins as a program: starting, a taken port, ending by signal, and state kept over a restart."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orderhub.platforms.registry import SLUGS, TARGETS

PROJECT = Path(__file__).resolve().parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "local.standins", *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=PROJECT, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(start: Start, number: signal.Signals) -> None:
    process = start("--port", "0")
    assert first_line(process).startswith(
        f"Stand-ins for {', '.join(sorted((*SLUGS, *TARGETS)))} listen on http://127.0.0.1:"
    )
    process.send_signal(number)
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_a_taken_port_is_told_in_a_sentence(start: Start) -> None:
    port = first_line(start("--port", "0")).rpartition(":")[2]
    second = start("--port", port)
    output, error = second.communicate(timeout=30)
    assert (second.returncode, output) == (1, "")
    assert error == f"The stand-ins cannot listen on port {port} of 127.0.0.1: Address already in use.\n"


def test_the_state_is_written_at_the_end(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "standins.state"
    for _ in range(2):
        process = start("--port", "0", "--state", str(file))
        first_line(process)
        process.terminate()
        assert process.communicate(timeout=30) == ("", "")
        assert (process.returncode, file.exists()) == (0, True)
