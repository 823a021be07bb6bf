"""An end to a call as a whole: each of many small reads of an answer may be in time, and all of them never end."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

_current = threading.local()


class Deadline:
    """Cuts the connection of this thread's call when its time is over. passed: whether it did."""

    def __init__(self) -> None:
        self.passed = False
        self._socket: socket.socket | None = None

    def watch(self, reading: socket.socket | None) -> None:
        """Tells which socket the answer is read from."""
        self._socket = reading

    def end(self) -> None:
        """Cuts it."""
        self.passed = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Ends the reading of answers in this block after so many seconds; what reads then fails, or sees an end."""
    made = Deadline()
    timer = threading.Timer(seconds, made.end)
    timer.daemon = True
    _current.deadline = made
    timer.start()
    try:
        yield made
    finally:
        timer.cancel()
        _current.deadline = None


def reading(connection: socket.socket | None) -> None:
    """Tells the deadline of this thread, if there is one, which socket is read from now on."""
    current: Deadline | None = getattr(_current, "deadline", None)
    if current is not None:
        current.watch(connection)
