"""Which hub a command is about: the local engine while `make run` is up, or a deployed stack."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from orderhub.errors import Misconfigured
from orderhub.runtime import settings
from orderhub.storage.stacks import outputs_of

LOCAL_STACK = "orderhub-local"
_HUB_FILE = Path(".local") / "hub.json"

StackName = Annotated[
    str,
    typer.Option(
        "--stack", envvar="ORDERHUB_STACK", help="A deployed stack's name; the running local hub when left out."
    ),
]

# Environment variable of the hub's settings -> output of the stack.
_OUTPUTS = {
    "ORDERS_TABLE": "OrdersTableName",
    "CONFIG_TABLE": "ConfigTableName",
    "BLOBS_BUCKET": "BlobsBucketName",
    "SECRETS_PREFIX": "SecretsPrefix",
    "FETCH_ORDER_QUEUE_URL": "FetchOrderQueueUrl",
    "PUSH_STATUS_QUEUE_URL": "PushStatusQueueUrl",
    "RECORD_LATE_QUEUE_URL": "RecordLateQueueUrl",
    "PUSH_STOCK_QUEUE_URL": "PushStockQueueUrl",
    "TELL_STORE_QUEUE_URL": "TellStoreQueueUrl",
    "SEND_CART_QUEUE_URL": "SendCartQueueUrl",
    "SEND_REFUND_QUEUE_URL": "SendRefundQueueUrl",
    "REPORT_EVENT_QUEUE_URL": "ReportEventQueueUrl",
    "SEND_REPORT_QUEUE_URL": "SendReportQueueUrl",
    "POLL_QUEUE_URL": "PollQueueUrl",
    "PUBLIC_URL": "ApiUrl",
}


def running_hub() -> dict[str, Any]:
    """What `make run` says of the hub it runs. Raises Misconfigured when none runs from this folder."""
    try:
        found: dict[str, Any] = json.loads(_HUB_FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured("no hub runs from this folder: start one with `make run`, or name a --stack") from None
    return found


def use(stack: str) -> dict[str, str]:
    """Points the hub's own code at a stack, by its outputs, which are returned. Raises Misconfigured."""
    if not stack:
        address = urlsplit(running_hub()["api_url"])
        _be_root_of(f"{address.scheme}://{address.netloc}")
        stack = LOCAL_STACK
    outputs = outputs_of(stack)
    os.environ.update({name: outputs[output] for name, output in _OUTPUTS.items() if output in outputs})
    settings.cache_clear()
    return outputs


def _be_root_of(endpoint: str) -> None:
    """The local engine has one account, whose only key everybody knows."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        ALLOW_PRIVATE_ADDRESSES="true",
    )
