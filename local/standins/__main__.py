"""Serves the stand-ins: `python -m local.standins --port 4567 [--state FILE]`."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from local.standins.keep import load, save
from local.standins.server import StandIns

HOST = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Answers without a line of log for each call; `/_control/{slug}/calls` has them all."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 1 if the port is taken.

    With `--state`, what the stand-ins hold is read from that file at the start and written to it at the end.
    """
    parser = argparse.ArgumentParser(prog="python -m local.standins", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that keeps orders, tokens and calls over a restart")
    options = parser.parse_args(arguments)
    standins = StandIns()
    if options.state:
        load(standins, options.state)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        with ExitStack() as held:
            for vendor in standins.vendors.values():
                held.enter_context(vendor.lock)
            if options.state:
                save(standins, options.state)
            # Out at once, the locks still held: no call may have an effect that was not saved.
            os._exit(0)

    try:
        listening = socket.create_server((HOST, options.port), backlog=128)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        print(f"The stand-ins cannot listen on port {options.port} of {HOST}: {reason}.", file=sys.stderr)
        return 1
    server = make_server(
        HOST, options.port, standins, threaded=True, request_handler=QuietHandler, fd=listening.fileno()
    )
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    names = ", ".join(sorted(standins.vendors))
    print(f"Stand-ins for {names} listen on http://{HOST}:{listening.getsockname()[1]}", flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
