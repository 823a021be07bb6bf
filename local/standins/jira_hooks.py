"""Sends what the stand-in for Jira tells to the webhook that its settings name."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping

import requests

from local.standins.samples import jira as samples
from local.standins.vendor import Json

Send = Callable[[str, dict[str, str], bytes], None]


def post(url: str, headers: dict[str, str], body: bytes) -> None:
    """POST in a thread of its own, for the hub may ask the stand-in something before it answers."""
    threading.Thread(target=_post, args=(url, headers, body), daemon=True).start()


def _post(url: str, headers: dict[str, str], body: bytes) -> None:
    try:
        requests.post(url, data=body, headers=headers, timeout=30)
    except requests.RequestException as error:
        print(f"the stand-in for Jira could not send its webhook: {type(error).__name__}")


def send_one(event: Json, settings: Mapping[str, str], send: Send) -> None:
    """Send an event, or send it once more; nothing happens without a URL, or when the webhook is not for this event."""
    if not settings["webhook_url"] or event["body"]["webhookEvent"] not in settings["webhook_events"]:
        return
    headers, body = signed(event, settings["webhook_secret"])
    event["sent"] += 1
    send(settings["webhook_url"], headers, body)


def signed(event: Json, secret: str) -> tuple[dict[str, str], bytes]:
    """Headers and bytes of an event; without a secret there is no signature."""
    body = samples.wire(event["body"])
    headers = samples.headers(event["identifier"], retry=event["sent"])
    mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {**headers, **({"X-Hub-Signature": f"sha256={mac}"} if secret else {})}, body
