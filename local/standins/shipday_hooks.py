"""Sends what the stand-in for Shipday tells to the webhook that its settings name."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from local.standins.samples.kitchen import compact
from local.standins.vendor import Json

Send = Callable[[str, dict[str, str], bytes], None]
_SECONDS = 30

# One after another, and apart from the calls that they are about: the hub may ask something before it answers.
_queue = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shipday-webhooks")


def post(url: str, headers: dict[str, str], body: bytes) -> None:
    """POST when all before it have been sent; nobody waits for it, and nothing is sent twice."""
    _queue.submit(_post, url, headers, body)


def _post(url: str, headers: dict[str, str], body: bytes) -> None:
    try:
        requests.post(url, data=body, headers=headers, timeout=_SECONDS)
    except requests.RequestException as error:
        print(f"the stand-in for Shipday could not send its webhook: {type(error).__name__}")


def send_one(event: Json, url: str, token: str, send: Send) -> None:
    """Send an event, with the token where there is one; nothing happens without a URL."""
    if url:
        send(url, {"Content-Type": "application/json", **({"token": token} if token else {})}, compact(event))
