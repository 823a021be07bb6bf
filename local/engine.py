"""Starting and stopping the engine: ministack on loopback, with the IAM policies of each function enforced."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import urllib.request
from pathlib import Path

from local.child import Child
from local.settings import LaunchError, Settings, aws_environment

START_SECONDS = 60.0
DRAIN_SECONDS = 20.0
SAVE_SECONDS = 20.0
HEALTH_TIMEOUT_SECONDS = 1.0
PASSED_ON = ("PATH", "LANG", "LC_ALL", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "SSL_CERT_FILE")


class Engine:
    """The running engine of one ``Settings``."""

    def __init__(self, settings: Settings) -> None:
        """Start it on a state folder that is new, or kept from the run before with ``settings.keep``."""
        self.settings = settings
        self.scratch = settings.folder / "tmp"
        self._clear()
        for folder in (settings.state, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)
        self.child = Child(
            "local AWS engine",
            [sys.executable, "-m", "local.engine_process"],
            engine_environment(settings, self.scratch),
            settings.folder / "ministack.log",
        )

    def wait_until_ready(self) -> None:
        """Wait for its first answer. Raises LaunchError with the end of its log."""
        self.child.wait_until(lambda: answers(f"{self.settings.endpoint}/_ministack/health"), START_SECONDS)

    def stop(self) -> None:
        """With KEEP=1 let running functions finish and the state be saved, else just end; then clean up."""
        self.child.stop(DRAIN_SECONDS + SAVE_SECONDS)
        self._clear()

    def _clear(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        if not self.settings.keep:
            shutil.rmtree(self.settings.state, ignore_errors=True)


def engine_environment(settings: Settings, scratch: Path) -> dict[str, str]:
    """The engine's whole environment. ministack hands its own to every function, so the person's stays outside."""
    keep = "1" if settings.keep else "0"
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        **aws_environment(settings.endpoint),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.port),
        "AUTH": "true",
        "PERSIST_STATE": keep,
        "S3_PERSIST": keep,
        "STATE_DIR": str(settings.state),
        "S3_DATA_DIR": str(settings.state / "s3"),
        "DRAIN_SECONDS": str(DRAIN_SECONDS if settings.keep else 0),
        "TMPDIR": str(scratch),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///dev/null/no-docker",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }


def answers(url: str) -> bool:
    """Whether ``url`` answers with success within a second."""
    try:
        with urllib.request.urlopen(url, timeout=HEALTH_TIMEOUT_SECONDS) as response:  # noqa: S310
            return bool(200 <= response.status < 300)
    except OSError:
        return False


def accepts(port: int) -> bool:
    """Whether something on this machine accepts connections at ``port``."""
    with socket.socket() as probe:
        probe.settimeout(HEALTH_TIMEOUT_SECONDS)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def require_free(port: int) -> None:
    """Raise LaunchError with advice when something else listens at ``port``."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
        taken = accepts(port)
    except OSError:
        taken = True
    if taken:
        raise LaunchError(
            f"Port {port} is already in use by another program. Stop it, or choose a port: make run PORT=14566"
        )
