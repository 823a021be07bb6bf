"""What one run of the local engine is: where it lives, its ports, and the AWS environment it pretends to be."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 4566
REGION = "us-east-1"
STACK_NAME = "orderhub-local"


class LaunchError(Exception):
    """The hub cannot start or deploy; the message is a sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Settings:
    """One run: the project folder with ``template.yaml``, the engine's port, and what the person asked for."""

    project: Path
    port: int = DEFAULT_PORT
    keep: bool = False
    demo: bool = True

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], project: Path) -> Settings:
        """Read PORT, KEEP and DEMO; an empty value is the default. Raises LaunchError for a PORT that is none."""
        text = environment.get("PORT") or str(DEFAULT_PORT)
        if not text.isdecimal() or not 1 <= int(text) <= 65534:
            raise LaunchError(f"PORT must be a number from 1 to 65534 (the stand-ins take the next one), not {text!r}.")
        return cls(
            project=project,
            port=int(text),
            keep=(environment.get("KEEP") or "0") == "1",
            demo=(environment.get("DEMO") or "1") != "0",
        )

    @property
    def template(self) -> Path:
        """The SAM template that is deployed."""
        return self.project / "template.yaml"

    @property
    def folder(self) -> Path:
        """Everything a run writes; ignored by git."""
        return self.project / ".local"

    @property
    def state(self) -> Path:
        """The engine's state: kept over restarts with KEEP=1, else a scratch folder that goes with the run."""
        return self.folder / ("state" if self.keep else "scratch")

    @property
    def hub_file(self) -> Path:
        """Where scripts find the running hub."""
        return self.folder / "hub.json"

    @property
    def lock_file(self) -> Path:
        """Held by the running launcher; names its process and port."""
        return self.folder / "run.lock"

    @property
    def endpoint(self) -> str:
        """The engine's AWS endpoint."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def standins_port(self) -> int:
        """The stand-ins listen beside the engine."""
        return self.port + 1

    @property
    def standins_url(self) -> str:
        """Base URL of all stand-ins."""
        return f"http://127.0.0.1:{self.standins_port}"


def aws_environment(endpoint: str) -> dict[str, str]:
    """The variables that point any AWS client at the engine, past any proxy, as the root of its only account."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def point_at_engine(environment: MutableMapping[str, str], endpoint: str) -> None:
    """Replace every AWS variable, so that nothing here can reach a real account by a profile or token left around."""
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
    environment.update(aws_environment(endpoint))
