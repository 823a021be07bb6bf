"""AWS clients, one of each per process, and what their failures mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader

from orderhub import __version__
from orderhub.errors import Retry

# Three tries within a webhook's time. Parameters are ours alone, so botocore need not check their types each time.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    # A fixed one; botocore would put its own together anew for each call, which takes a fifth of the call's CPU.
    user_agent=f"orderhub/{__version__}",
)
# botocore signs links to S3 in the old way and for the global address unless it is told; new buckets take neither.
_SIGNS_LINKS = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})


@cache
def client(service: str) -> Any:
    """The client of one AWS service. botocore's own: boto3 would add 30 ms to each cold start and nothing we use."""
    return _session().create_client(service, config=_CONFIG.merge(_SIGNS_LINKS) if service == "s3" else _CONFIG)


class _OurServices(Loader):
    """botocore's loader, told which services there are: else it looks at 2,700 files for each client's sake."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002
        """The services the hub uses."""
        return ["cloudformation", "dynamodb", "dynamodbstreams", "s3", "sqs", "ssm"]


@cache
def _session() -> Any:
    session = botocore.session.get_session()
    session.register_component("data_loader", loader())
    return session


def loader() -> Loader:
    """Reads the cut descriptions beside this file first, where they were made (`make setup`), then botocore's."""
    return _OurServices(extra_search_paths=[str(Path(__file__).parent / "descriptions")])


def error_code(error: ClientError) -> str:
    """AWS's name of the error."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def passing() -> Iterator[None]:
    """Turns what AWS cannot do just now into Retry, which is what every AWS failure is to the work in hand."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        code = error_code(error) if isinstance(error, ClientError) else type(error).__name__
        raise Retry(f"AWS does not answer as it should: {code}") from error
