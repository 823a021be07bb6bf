"""A process the launcher starts and stops, in a process group of its own so that its children go with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.settings import LaunchError

POLL_SECONDS = 0.03
LOG_LINES_SHOWN = 15


class Child:
    """One long-running process; its output goes to ``log``. Its standard input closes when the launcher is gone."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it. ``name`` is what messages call it."""
        self.name = name
        self.log = log
        root = Path(__file__).resolve().parents[1]
        with log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603
                command,
                cwd=root,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def running(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait for ``ready``. Raises LaunchError with the end of the log when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running():
                raise LaunchError(f"The {self.name} ended at its start.\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise LaunchError(f"The {self.name} was not ready after {seconds:.0f} s.\n{self.last_words()}")
            time.sleep(POLL_SECONDS)

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([*lines[-LOG_LINES_SHOWN:], f"(the whole log: {self.log})"])

    def stop(self, seconds: float) -> None:
        """Ask it to end, wait up to ``seconds`` while it saves, then end whatever is left of its group."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
