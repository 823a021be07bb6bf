"""``python -m local.client [FOLDER]``: the typed Python client, generated from what the API says of itself.

The API's function is asked for its description just as over HTTP; nothing has to run. The generator lives in an
environment of its own (`make client` makes it). Ends with 0, else with 1 and what the generator says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from orderhub.api.app import handler

PROJECT = Path(__file__).parents[1]
GENERATOR = PROJECT / ".venv-client" / "bin" / "openapi-python-client"
FOLDER = Path("build/orderhub-client")
_SETTINGS = {
    "project_name_override": "orderhub-client",
    "package_name_override": "orderhub_client",
    "literal_enums": False,
    "post_hooks": [],
}
_ASKED = {
    "version": "2.0",
    "rawPath": "/v1/openapi.json",
    "rawQueryString": "",
    "headers": {},
    "requestContext": {
        "http": {"method": "GET", "path": "/v1/openapi.json"},
        "requestId": "client",
        "stage": "$default",
    },
    "isBase64Encoded": False,
}


class NotGenerated(Exception):
    """There is no client; the message says why."""


def description() -> str:
    """The API's description of itself, as it is served."""
    return str(handler(_ASKED, None)["body"])


def generate(described: str, folder: Path) -> None:
    """Writes the client's project to a folder, in place of what is there. Raises NotGenerated."""
    if not GENERATOR.exists():
        raise NotGenerated(f"there is no {GENERATOR.relative_to(PROJECT)}: `make client` makes it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        document, settings = Path(scratch, "openapi.json"), Path(scratch, "settings.json")
        document.write_text(described)
        settings.write_text(json.dumps(_SETTINGS))
        command: list[str | Path] = [GENERATOR, "generate", "--overwrite", "--fail-on-warning"]
        command += ["--path", document, "--config", settings, "--output-path", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours alone
    if done.returncode:
        raise NotGenerated(f"{done.stdout}{done.stderr}")


def main(arguments: list[str]) -> int:
    """Makes the client; the exit code."""
    folder = Path(arguments[0]) if arguments else PROJECT / FOLDER
    try:
        generate(description(), folder)
    except NotGenerated as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The client is in {folder}: pip install {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
